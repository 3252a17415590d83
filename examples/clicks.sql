-- Clicks and people by minute: the example of the README.
-- Rows may come up to 15 seconds late; one that comes later is counted and left out.
-- A minute's row is printed when no click of it can come any more: nothing is taken back.
-- With 'source.follow' = 'true' the file is read on while it grows, and minutes end as they pass.
-- With 'connector' = 'socket', 'socket.mode' = 'listen' the clicks come from TCP clients instead.
CREATE TABLE clicks (
    at   TIMESTAMP(3),
    who  STRING,
    page STRING,
    WATERMARK FOR at AS at - INTERVAL '15' SECOND
) WITH ('connector' = 'filesystem', 'path' = 'examples/data/clicks.csv', 'format' = 'csv');

SELECT window_start, COUNT(*) AS clicks, COUNT(DISTINCT who) AS people
FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(at), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end;
