-- Totals that follow what plain TCP clients send to 127.0.0.1:8888, one csv line an event.
-- Start this, then in another terminal: echo 'apples,3' | nc -q0 127.0.0.1 8888
-- Any number of clients may send at once; a slow query slows them down instead of dropping lines.
-- On a terminal the table changes in place; into a pipe every change is a line.
-- Ctrl-C finishes the step, prints the totals so far and says what was done.
CREATE TABLE sales (
    item STRING,
    quantity INT
) WITH (
    'connector' = 'socket',
    'socket.mode' = 'listen',
    'hostname' = '127.0.0.1',
    'port' = '8888',
    'format' = 'csv'
);

SELECT item, COUNT(*) AS sales, SUM(quantity) AS total
FROM sales
GROUP BY item;
