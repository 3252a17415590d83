-- user sessions: rows that are exactly the gap apart are of one session, as in Flink
SELECT bidder, COUNT(*) AS bid_count, SESSION_START(`dateTime`, INTERVAL '10' SECOND) AS starttime,
    SESSION_END(`dateTime`, INTERVAL '10' SECOND) AS endtime
FROM bid GROUP BY bidder, SESSION(`dateTime`, INTERVAL '10' SECOND)
-- DuckDB
WITH marked AS (
    SELECT bidder, "dateTime", n, CASE WHEN "dateTime" > LAG("dateTime") OVER (PARTITION BY bidder
        ORDER BY "dateTime", n) + INTERVAL '10 seconds' THEN 1 ELSE 0 END AS is_new FROM bid),
sessions AS (
    SELECT *, SUM(is_new) OVER (PARTITION BY bidder ORDER BY "dateTime", n) AS session FROM marked)
SELECT bidder, COUNT(*), MIN("dateTime"), MAX("dateTime") + INTERVAL '10 seconds'
FROM sessions GROUP BY bidder, session
