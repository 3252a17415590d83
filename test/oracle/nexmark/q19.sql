-- the ten highest bids of each auction
SELECT * FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) AS rank_number FROM bid)
WHERE rank_number <= 10
-- DuckDB
SELECT * EXCLUDE (n) FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC, n) AS r FROM bid)
WHERE r <= 10
