-- latency.sql: socket -> filter -> count by window -> socket; each row closes the window before it.
CREATE TABLE numbers (k BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
WITH ('connector' = 'socket', 'hostname' = '127.0.0.1', 'port' = '${IN}', 'format' = 'csv');
CREATE TABLE sink (n BIGINT, starttime TIMESTAMP(3))
WITH ('connector' = 'socket', 'hostname' = '127.0.0.1', 'port' = '${OUT}', 'format' = 'csv');
INSERT INTO sink SELECT COUNT(*), window_start
FROM TABLE(TUMBLE(TABLE numbers, DESCRIPTOR(ts), INTERVAL '1' SECOND))
WHERE k >= 0 GROUP BY window_start, window_end;
