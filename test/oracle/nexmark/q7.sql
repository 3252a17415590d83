-- highest bid
SELECT B.auction, B.price, B.bidder, B.`dateTime`, B.extra FROM bid B JOIN (
    SELECT MAX(price) AS maxprice, window_end AS `dateTime`
    FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
    GROUP BY window_start, window_end) B1
ON B.price = B1.maxprice
WHERE B.`dateTime` BETWEEN B1.`dateTime` - INTERVAL '10' SECOND AND B1.`dateTime`
-- DuckDB
SELECT B.auction, B.price, B.bidder, B."dateTime", B.extra FROM bid B JOIN (
    SELECT MAX(price) AS maxprice, TIME_BUCKET(INTERVAL '10 seconds', "dateTime",
        TIMESTAMP '1970-01-01') + INTERVAL '10 seconds' AS "dateTime" FROM bid GROUP BY 2) B1
ON B.price = B1.maxprice
WHERE B."dateTime" BETWEEN B1."dateTime" - INTERVAL '10 seconds' AND B1."dateTime"
