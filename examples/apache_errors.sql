-- Error rates of a real Apache web server's log (loghub), hour by hour.
-- The format 'regex' makes columns of the lines and reads their times; the watermark closes an hour
-- once the log has moved past it. Hours of at least thirty lines are shown, with the share of
-- errors and a bar to look at: one aggregate counts all lines, one only those that FILTER lets by.
-- The same over many packed files: 'path' = 'logs/*.log.gz'.
CREATE TABLE apache (
    at TIMESTAMP(3),
    severity STRING,
    message STRING,
    WATERMARK FOR at AS at
) WITH (
    'connector' = 'filesystem',
    'path' = 'examples/data/Apache.log',
    'format' = 'regex',
    'regex.pattern' = '^\[(?<at>[^\]]+)\] \[(?<severity>\w+)\] (?<message>.*)$',
    'regex.timestamp-format' = 'EEE MMM dd HH:mm:ss yyyy'
);

SELECT `hour`, lines, errors,
       CAST(100.0 * errors / lines AS DECIMAL(5, 1)) AS pct,
       REPEAT('#', CAST(errors / 4 AS INT)) AS bar
FROM (
    SELECT window_start AS `hour`,
           COUNT(*) AS lines,
           COUNT(*) FILTER (WHERE severity = 'error') AS errors
    FROM TABLE(TUMBLE(TABLE apache, DESCRIPTOR(at), INTERVAL '1' HOUR))
    GROUP BY window_start, window_end
)
WHERE lines >= 30;
