-- q5_decode: reads the fields that q5 uses, and does nothing with them.
CREATE TABLE sink (auction BIGINT, `dateTime` TIMESTAMP(3)) WITH ('connector' = 'blackhole');
INSERT INTO sink SELECT auction, `dateTime` FROM bid;
