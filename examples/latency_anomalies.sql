-- Anomalies in a real sensor: the request latency of a server (NAB, realKnownCause).
-- Each hour's mean is compared with the 24 hours before it; more than three standard deviations
-- away is an anomaly. One source is scanned once for both windows; the join meets the hour with the
-- day that ends where the hour begins. The series is labelled: the two hours found lie in its
-- second and third window of true failures, and nothing else is reported.
CREATE TABLE latency (
    `timestamp` TIMESTAMP(3),
    `value` DOUBLE,
    WATERMARK FOR `timestamp` AS `timestamp`
) WITH (
    'connector' = 'filesystem',
    'path' = 'examples/data/request_latency.csv',
    'format' = 'csv',
    'csv.header' = 'true'
);

CREATE VIEW hours AS
SELECT window_start AS hour_start, AVG(`value`) AS mean
FROM TABLE(TUMBLE(TABLE latency, DESCRIPTOR(`timestamp`), INTERVAL '1' HOUR))
GROUP BY window_start, window_end;

CREATE VIEW days AS
SELECT window_end AS day_end, AVG(`value`) AS mean, STDDEV_SAMP(`value`) AS deviation
FROM TABLE(HOP(TABLE latency, DESCRIPTOR(`timestamp`), INTERVAL '1' HOUR, INTERVAL '24' HOUR))
GROUP BY window_start, window_end;

SELECT h.hour_start,
       CAST(h.mean AS DECIMAL(6, 2)) AS latency,
       CAST(d.mean AS DECIMAL(6, 2)) AS day_before,
       CAST((h.mean - d.mean) / d.deviation AS DECIMAL(6, 1)) AS deviations
FROM hours AS h
JOIN days AS d ON h.hour_start = d.day_end
WHERE ABS(h.mean - d.mean) > 3 * d.deviation;
