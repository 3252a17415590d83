-- m2: how long the average of one bidder's prices on one auction stays low; the next match begins
-- with the row behind the first of one.
CREATE TABLE m2 (auction BIGINT, bidder BIGINT, start_time TIMESTAMP(3), end_time TIMESTAMP(3),
    avg_price BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO m2
SELECT auction, bidder, start_time, end_time, avg_price
FROM bid MATCH_RECOGNIZE (
    PARTITION BY auction, bidder
    ORDER BY `dateTime`
    MEASURES FIRST(low.`dateTime`) AS start_time, LAST(low.`dateTime`) AS end_time,
        AVG(low.price) AS avg_price
    ONE ROW PER MATCH
    AFTER MATCH SKIP TO NEXT ROW
    PATTERN (low+ other)
    DEFINE low AS AVG(low.price) < 10000
);
