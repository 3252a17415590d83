-- directories of a URL
SELECT auction, bidder, price, channel, SPLIT_INDEX(url, '/', 3) AS dir1,
    SPLIT_INDEX(url, '/', 4) AS dir2, SPLIT_INDEX(url, '/', 5) AS dir3 FROM bid
-- DuckDB
SELECT auction, bidder, price, channel, STRING_SPLIT(url, '/')[4], STRING_SPLIT(url, '/')[5],
    STRING_SPLIT(url, '/')[6] FROM bid
