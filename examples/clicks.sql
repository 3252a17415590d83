-- Clicks and people by minute: the example of the README.
-- Rows may come up to 15 seconds late; one that comes later is counted and left out.
CREATE TABLE clicks (
    at   TIMESTAMP(3),
    who  STRING,
    page STRING,
    WATERMARK FOR at AS at - INTERVAL '15' SECOND
) WITH ('connector' = 'filesystem', 'path' = 'examples/data/clicks.csv', 'format' = 'csv');

SELECT window_start, COUNT(*) AS clicks, COUNT(DISTINCT who) AS people
FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(at), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end;
