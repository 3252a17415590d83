-- bids with the auction's details
SELECT auction, bidder, price, channel, url, B.`dateTime` AS bid_time, B.extra AS bid_extra, itemName,
    description, initialBid, reserve, A.`dateTime`, expires, seller, category, A.extra
FROM bid AS B INNER JOIN auction AS A ON B.auction = A.id WHERE A.category = 10
