-- m0: prices of one bidder on one auction that fall, and rise again.
CREATE TABLE m0 (auction BIGINT, bidder BIGINT, start_time TIMESTAMP(3), bottom_time TIMESTAMP(3),
    end_time TIMESTAMP(3)) WITH ('connector' = 'blackhole');
INSERT INTO m0
SELECT auction, bidder, start_time, bottom_time, end_time
FROM bid MATCH_RECOGNIZE (
    PARTITION BY auction, bidder
    ORDER BY `dateTime`
    MEASURES first_row.`dateTime` AS start_time, LAST(down.`dateTime`) AS bottom_time,
        LAST(up.`dateTime`) AS end_time
    ONE ROW PER MATCH
    AFTER MATCH SKIP TO LAST up
    PATTERN (first_row down+ up)
    DEFINE
        down AS (LAST(down.price, 1) IS NULL AND down.price < first_row.price)
            OR down.price < LAST(down.price, 1),
        up AS up.price > LAST(down.price, 1)
);
