-- bids, auctions and persons (sellers with few auctions: all of them would be millions of rows)
SELECT B.auction, B.price, B.`dateTime`, P.name, P.email, A.itemName
FROM (SELECT * FROM bid WHERE MOD(bidder, 7) = 3) B
JOIN (SELECT id, name, emailAddress AS email FROM person) P ON B.bidder = P.id
JOIN auction A ON A.seller = B.bidder
