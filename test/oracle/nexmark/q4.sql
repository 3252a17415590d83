-- average price of a category
SELECT Q.category, AVG(Q.final) AS av FROM (
    SELECT MAX(B.price) AS final, A.category FROM auction A, bid B
    WHERE A.id = B.auction AND B.`dateTime` BETWEEN A.`dateTime` AND A.expires
    GROUP BY A.id, A.category) Q
GROUP BY Q.category
-- DuckDB
SELECT category, CAST(TRUNC(SUM(final) / COUNT(final)) AS BIGINT) FROM (
    SELECT MAX(B.price) AS final, A.category FROM auction A, bid B
    WHERE A.id = B.auction AND B."dateTime" BETWEEN A."dateTime" AND A.expires
    GROUP BY A.id, A.category) Q
GROUP BY category
