-- group_by: a million distinct keys in memory; group_by_scan is the same without the aggregate.
CREATE TABLE numbers (k BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '${ROWS}',
    'rows-per-second' = '1000000000',
    'fields.k.kind' = 'random', 'fields.k.min' = '1', 'fields.k.max' = '1000000');
CREATE TABLE sink (k BIGINT, n BIGINT) WITH ('connector' = 'blackhole');
SET 'execution.runtime-mode' = 'batch';
INSERT INTO sink SELECT k, COUNT(*) FROM numbers GROUP BY k;
