-- q12
SELECT bidder, count(*) AS bid_count, time_bucket(INTERVAL 10 SECOND, dateTime) AS starttime
FROM bid GROUP BY ALL
