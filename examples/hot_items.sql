-- The auctions with the most bids of the last ten seconds, every two seconds: the heart of
-- Nexmark's query 5. Two million events are made from a seed at full speed, so each run prints the
-- same rows; the summary at the end tells the rate. A bid is counted once, in a slice of two
-- seconds; each window adds up five of them. The view reads only the bids' fields that are used.
-- Larger: sed s/2000000/20000000/ examples/hot_items.sql | build/weir run -
CREATE TABLE nexmark (
    event_type INT,
    person ROW<id BIGINT, name VARCHAR, emailAddress VARCHAR, creditCard VARCHAR, city VARCHAR,
               state VARCHAR, `dateTime` TIMESTAMP(3), extra VARCHAR>,
    auction ROW<id BIGINT, itemName VARCHAR, description VARCHAR, initialBid BIGINT,
                reserve BIGINT, `dateTime` TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT,
                category BIGINT, extra VARCHAR>,
    bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR,
            `dateTime` TIMESTAMP(3), extra VARCHAR>,
    `dateTime` AS CASE event_type
                      WHEN 0 THEN person.`dateTime`
                      WHEN 1 THEN auction.`dateTime`
                      ELSE bid.`dateTime`
                  END,
    WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND
) WITH (
    'connector' = 'nexmark',
    'events.num' = '2000000',
    'next-event.rate' = '50000',
    'base-time' = '2024-01-01 00:00:00'
);

CREATE VIEW bids AS
SELECT bid.auction AS auction, `dateTime` FROM nexmark WHERE event_type = 2;

SELECT window_end, auction, bids
FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY window_end ORDER BY bids DESC, auction) AS place
    FROM (
        SELECT window_end, auction, COUNT(*) AS bids
        FROM TABLE(HOP(TABLE bids, DESCRIPTOR(`dateTime`), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
        GROUP BY window_start, window_end, auction
    )
)
WHERE place = 1;
