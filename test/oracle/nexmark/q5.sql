-- hot items
SELECT AuctionBids.auction, AuctionBids.num FROM (
    SELECT auction, COUNT(*) AS num, window_start AS starttime, window_end AS endtime
    FROM TABLE(HOP(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
    GROUP BY auction, window_start, window_end) AS AuctionBids
JOIN (
    SELECT MAX(CountBids.num) AS maxn, CountBids.starttime, CountBids.endtime FROM (
        SELECT COUNT(*) AS num, window_start AS starttime, window_end AS endtime
        FROM TABLE(HOP(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
        GROUP BY auction, window_start, window_end) AS CountBids
    GROUP BY CountBids.starttime, CountBids.endtime) AS MaxBids
ON AuctionBids.starttime = MaxBids.starttime AND AuctionBids.endtime = MaxBids.endtime
    AND AuctionBids.num >= MaxBids.maxn
-- DuckDB
WITH counts AS (
    SELECT auction, TIME_BUCKET(INTERVAL '2 seconds', "dateTime", TIMESTAMP '1970-01-01')
        - TO_SECONDS(2 * i) AS starttime, COUNT(*) AS num
    FROM bid, RANGE(5) AS r(i) GROUP BY ALL)
SELECT auction, num FROM counts
JOIN (SELECT starttime, MAX(num) AS maxn FROM counts GROUP BY starttime) AS top USING (starttime)
WHERE num >= maxn
