-- average of the last winning prices of a seller (ties in time are told apart by the auction)
SELECT w.seller, AVG(w.price) OVER (
    PARTITION BY w.seller ORDER BY w.`dateTime`, w.id ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS av
FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY id, seller ORDER BY price DESC) AS place FROM (
        SELECT A.id, A.seller, B.price, B.`dateTime` FROM auction AS A, bid AS B
        WHERE A.id = B.auction AND B.`dateTime` BETWEEN A.`dateTime` AND A.expires)) AS w
WHERE w.place <= 1
-- DuckDB
SELECT seller, CAST(TRUNC((SUM(price) OVER o) / (COUNT(*) OVER o)) AS BIGINT) FROM (
    SELECT A.id, A.seller, B.price, B."dateTime", ROW_NUMBER() OVER (
        PARTITION BY A.id, A.seller ORDER BY B.price DESC, B.n) AS place
    FROM auction AS A, bid AS B
    WHERE A.id = B.auction AND B."dateTime" BETWEEN A."dateTime" AND A.expires)
WHERE place <= 1
WINDOW o AS (PARTITION BY seller ORDER BY "dateTime", id ROWS BETWEEN 10 PRECEDING AND CURRENT ROW)
