-- the last bid of each user on each auction
SELECT auction, bidder, price, channel, url, `dateTime`, extra FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY `dateTime` DESC) AS rank_number
    FROM bid)
WHERE rank_number <= 1
-- DuckDB
SELECT auction, bidder, price, channel, url, "dateTime", extra FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY "dateTime" DESC, n DESC) AS r
    FROM bid)
WHERE r <= 1
