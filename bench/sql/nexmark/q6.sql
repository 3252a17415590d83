-- q6: the average of the last winning prices of each seller.
CREATE TABLE q6 (seller STRING, avg_price BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO q6
SELECT w.seller, AVG(w.price) OVER (
    PARTITION BY w.seller ORDER BY w.`dateTime` ROWS BETWEEN 10 PRECEDING AND CURRENT ROW)
FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY id, seller ORDER BY price DESC) AS place
    FROM (
        SELECT a.id, a.seller, b.price, b.`dateTime`
        FROM auction AS a, bid AS b
        WHERE a.id = b.auction AND b.`dateTime` BETWEEN a.`dateTime` AND a.expires
    )
) AS w
WHERE w.place <= 1;
