-- q12_decode: reads the fields that q12 uses, and does nothing with them.
CREATE TABLE sink (bidder BIGINT, `dateTime` TIMESTAMP(3)) WITH ('connector' = 'blackhole');
INSERT INTO sink SELECT bidder, `dateTime` FROM bid;
