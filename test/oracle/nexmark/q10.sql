-- log to a file system: its columns and partitions
SELECT auction, bidder, price, `dateTime`, extra, DATE_FORMAT(`dateTime`, 'yyyy-MM-dd') AS dt,
    DATE_FORMAT(`dateTime`, 'HH:mm') AS hm FROM bid
-- DuckDB
SELECT auction, bidder, price, "dateTime", extra, STRFTIME("dateTime", '%Y-%m-%d'),
    STRFTIME("dateTime", '%H:%M') FROM bid
