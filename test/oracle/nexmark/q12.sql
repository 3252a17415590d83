-- windows of bids by user (in event time: windows of processing time differ from run to run)
SELECT bidder, COUNT(*) AS bid_count, window_start AS starttime, window_end AS endtime
FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
GROUP BY bidder, window_start, window_end
-- DuckDB
SELECT bidder, COUNT(*), TIME_BUCKET(INTERVAL '10 seconds', "dateTime", TIMESTAMP '1970-01-01') AS w,
    w + INTERVAL '10 seconds' FROM bid GROUP BY bidder, w
