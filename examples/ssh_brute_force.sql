-- Brute-force logins in a real OpenSSH server log (loghub): who failed how often within 5 minutes.
-- The format 'regex' turns each line into columns by the names of the pattern's groups; in lines of
-- other kinds the optional groups are NULL. Syslog times have no year: 'default-year' gives it.
-- An address that fails ten times or more in a window is reported, with how many users it tried.
-- A log that still grows: add 'source.follow' = 'true', and the windows report as they close.
CREATE TABLE sshd (
    at TIMESTAMP(3),
    tried STRING,
    address STRING,
    WATERMARK FOR at AS at - INTERVAL '10' SECOND
) WITH (
    'connector' = 'filesystem',
    'path' = 'examples/data/OpenSSH.log',
    'format' = 'regex',
    'regex.pattern' = '^(?<at>\w{3} +\d+ [\d:]{8}) \S+ sshd\[\d+\]: (?:Failed password for (?:invalid user )?(?<tried>\S*) from (?<address>[\d.]+) port)?',
    'regex.timestamp-format' = 'MMM d HH:mm:ss',
    'regex.default-year' = '2024'
);

SELECT window_start,
       address,
       COUNT(*) AS failures,
       COUNT(DISTINCT tried) AS users,
       MIN(tried) AS one_of_them
FROM TABLE(TUMBLE(TABLE sshd, DESCRIPTOR(at), INTERVAL '5' MINUTE))
WHERE address IS NOT NULL
GROUP BY window_start, window_end, address
HAVING COUNT(*) >= 10;
