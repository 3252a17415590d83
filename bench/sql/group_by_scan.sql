-- group_by_scan: makes the rows of group_by, and does nothing with them.
CREATE TABLE numbers (k BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '${ROWS}',
    'rows-per-second' = '1000000000',
    'fields.k.kind' = 'random', 'fields.k.min' = '1', 'fields.k.max' = '1000000');
CREATE TABLE sink (k BIGINT) WITH ('connector' = 'blackhole');
SET 'execution.runtime-mode' = 'batch';
INSERT INTO sink SELECT k FROM numbers;
