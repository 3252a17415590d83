-- q13: a value for each auction, looked up in a file of 10000 lines. Options in their old names.
CREATE TABLE side_input (key BIGINT, `value` STRING)
WITH ('connector.type' = 'filesystem', 'connector.path' = 'file://${SIDE_INPUT}',
    'format.type' = 'csv');
CREATE TABLE q13 (auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` TIMESTAMP(3),
    `value` STRING) WITH ('connector' = 'blackhole');
INSERT INTO q13
SELECT b.auction, b.bidder, b.price, b.`dateTime`, s.`value`
FROM (SELECT *, PROCTIME() AS p_time FROM bid) b
JOIN side_input FOR SYSTEM_TIME AS OF b.p_time AS s ON MOD(b.auction, 10000) = s.key;
