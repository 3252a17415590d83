-- tables.sql: the same file for DuckDB, parsed in each query.
CREATE VIEW events AS SELECT * FROM read_json('${EVENTS}', format = 'newline_delimited', columns = {
    event_type: 'INTEGER',
    bid: 'STRUCT(auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR,
        dateTime TIMESTAMP, extra VARCHAR)'});
CREATE VIEW bid AS
SELECT bid.auction AS auction, bid.bidder AS bidder, bid.price AS price, bid.channel AS channel,
    bid.url AS url, bid.dateTime AS dateTime, bid.extra AS extra
FROM events WHERE event_type = 2;
