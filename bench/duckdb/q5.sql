-- q5, its inner part: counts by slices of two seconds, five slices a window.
WITH slices AS (
    SELECT auction, time_bucket(INTERVAL 2 SECOND, dateTime) AS slice, count(*) AS n
    FROM bid GROUP BY ALL)
SELECT auction, slice - INTERVAL (2 * k) SECOND AS starttime, sum(n)::BIGINT AS num
FROM slices CROSS JOIN range(5) r(k) GROUP BY ALL
