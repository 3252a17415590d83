-- new users who sell
SELECT P.id, P.name, P.starttime FROM (
    SELECT id, name, window_start AS starttime, window_end AS endtime
    FROM TABLE(TUMBLE(TABLE person, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
    GROUP BY id, name, window_start, window_end) P
JOIN (
    SELECT seller, window_start AS starttime, window_end AS endtime
    FROM TABLE(TUMBLE(TABLE auction, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
    GROUP BY seller, window_start, window_end) A
ON P.id = A.seller AND P.starttime = A.starttime AND P.endtime = A.endtime
-- DuckDB
SELECT DISTINCT P.id, P.name, P.w FROM (
    SELECT *, TIME_BUCKET(INTERVAL '10 seconds', "dateTime", TIMESTAMP '1970-01-01') AS w FROM person) P
JOIN (
    SELECT *, TIME_BUCKET(INTERVAL '10 seconds', "dateTime", TIMESTAMP '1970-01-01') AS w FROM auction) A
ON P.id = A.seller AND P.w = A.w
