#!/usr/bin/env python3
"""test_workers.py -- the number of workers changes no answer: random events (late ones, records
that cannot be read, a key that half of all rows have), with any number of workers and step sizes.
SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import random
import re
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")
SEED = int(os.environ.get("WEIR_SEED", random.randrange(1 << 30)))
ROWS = 30000
EVENTS = """
CREATE TABLE %s (k INT, g STRING, v BIGINT, d DOUBLE, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH ('connector' = 'filesystem', 'path' = '%s',
  'format' = 'json', 'dead-letter' = './dead.jsonl');
"""
TABLES = EVENTS % ("e", "e") + EVENTS % ("punctual", "punctual") + """
CREATE TABLE names (k INT, name STRING) WITH ('connector' = 'filesystem', 'path' = 'names.csv',
  'format' = 'csv');
"""
WINDOW = "FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY "
QUERIES = {
    "pass": "SELECT k, g, v FROM e WHERE v % 3 = 0",
    "group": "SELECT k, COUNT(*), SUM(v), MIN(g), MAX(d), COUNT(DISTINCT g) FROM e GROUP BY k",
    "global": "SELECT COUNT(*), SUM(v), COUNT(DISTINCT k) FROM e",
    "window": "SELECT k, window_start, COUNT(*), SUM(v) " + WINDOW + "k, window_start, window_end",
    "window without keys": "SELECT window_end, COUNT(*), MAX(v) " + WINDOW +
                           "window_start, window_end",
    "session": "SELECT k, window_start, window_end, COUNT(*) FROM TABLE(SESSION(TABLE e PARTITION "
               "BY k, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY k, window_start, window_end",
    "join": "SELECT name, SUM(v) FROM e JOIN names ON e.k = names.k GROUP BY name",
    "outer join": "SELECT name, n FROM names LEFT JOIN (SELECT k, COUNT(*) AS n FROM e GROUP BY k)"
                  " AS c ON c.k = names.k",
    "interval join": "SELECT a.v, b.v FROM punctual AS a JOIN punctual AS b ON a.k = b.k AND "
                     "a.ts BETWEEN b.ts AND b.ts + INTERVAL '0.002' SECOND WHERE a.k > 20",
    "first rows": "SELECT k, v, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY g ORDER BY v "
                  "DESC) AS n FROM e) WHERE n <= 3",
    "last row": "SELECT k, g, v FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC)"
                " AS n FROM e) WHERE n = 1",
    "over": "SELECT k, SUM(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1' SECOND "
            "PRECEDING AND CURRENT ROW) FROM e",
    "arrival": "SELECT k, FIRST_VALUE(v), LAST_VALUE(v) FROM e GROUP BY k",
    "small side": "SELECT k, v FROM e JOIN (SELECT MAX(v) AS m FROM e) AS x ON e.v = x.m",
}


def make_events(path, rng, late):
    """Two files of lines; half of the rows have one key, and a share of them comes late."""
    os.mkdir(path)
    now = 0
    for name in ("a.json", "b.json"):
        with open(os.path.join(path, name), "w", encoding="utf-8") as file:
            for _ in range(ROWS // 2):
                now += rng.randrange(0, 5)
                at = max(0, now - (rng.randrange(0, 6000) if rng.random() < late else 0))
                key = 7 if rng.random() < 0.5 else rng.randrange(50)
                row = {"k": key, "g": rng.choice(["x", "a longer text than fits", "y\u00e9", None]),
                       "v": rng.randrange(10000000), "d": rng.random(),
                       "ts": "2024-01-01 00:%02d:%02d.%03d" % (at // 60000, at // 1000 % 60,
                                                               at % 1000)}
                bad = rng.random() < 0.001
                file.write(json.dumps(row)[:20] + "\n" if bad else json.dumps(row) + "\n")


class WorkersTest(unittest.TestCase):
    def setUp(self):
        rng = random.Random(SEED)
        self.dir = tempfile.TemporaryDirectory()
        make_events(os.path.join(self.dir.name, "e"), rng, 0.05)
        make_events(os.path.join(self.dir.name, "punctual"), rng, 0)
        with open(os.path.join(self.dir.name, "names.csv"), "w", encoding="utf-8") as file:
            file.write("".join("%d,name %d\n" % (k, k % 9) for k in range(60)))

    def tearDown(self):
        self.dir.cleanup()

    def run_query(self, query, *options):
        """The rows, the summary's counts, and the dead letters, whose order counts."""
        dead = os.path.join(self.dir.name, "dead.jsonl")
        if os.path.exists(dead):
            os.remove(dead)
        done = subprocess.run([WEIR, "run", "-C", self.dir.name, "-o", "csv", *options, "-e",
                               TABLES + query], capture_output=True, text=True, timeout=120,
                              check=False)
        self.assertEqual(done.returncode, 0, (options, query, done.stderr))
        counts = re.search(r"([\d,]+) rows in.*?([\d,]+) late, ([\d,]+) bad", done.stderr).groups()
        with open(dead, encoding="utf-8") as file:
            letters = [re.sub('"time_us":[0-9]+', "", line) for line in file]
        return sorted(done.stdout.splitlines()), counts, letters

    def test_any_number_of_workers(self):
        rng = random.Random(SEED + 1)
        for name, query in QUERIES.items():
            want = self.run_query(query, "--batch", "--workers", "1")
            for workers in (2, rng.randrange(3, 9)):
                steps = rng.choice([[], ["-s", "5000"], ["-s", str(rng.randrange(2100, 9000))]])
                settings = rng.choice([[], ["-D", "table.optimizer.agg-phase-strategy=TWO_PHASE"]])
                with self.subTest(name, workers=workers, steps=steps, seed=SEED):
                    got = self.run_query(query, "--batch", "--workers", str(workers), *steps,
                                         *settings)
                    self.assertEqual(got, want)

    def test_the_first_error_is_told(self):
        """Of several records that cannot be read, the one that comes first in the file."""
        with open(os.path.join(self.dir.name, "bad.json"), "w", encoding="utf-8") as file:
            for i in range(60000):
                file.write('{"a": "x%d"}\n' % i if i in (33333, 33334, 50000)
                           else '{"a": %d}\n' % i)
        sql = ("CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'bad.json', "
               "'format' = 'json'); SELECT a, COUNT(*) FROM t GROUP BY a;")
        for workers in ("1", "2", "5"):
            done = subprocess.run([WEIR, "run", "-C", self.dir.name, "-q", "--batch", "-o", "csv",
                                   "--workers", workers, "-e", sql], capture_output=True, text=True,
                                  timeout=60, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("line 33334,", done.stderr)
            self.assertIn("x33333", done.stderr)

    def test_memory_is_counted_over_all(self):
        done = subprocess.run([WEIR, "run", "-C", self.dir.name, "-q", "--batch", "-o", "csv",
                               "--workers", "3", "--memory", "3mb", "-e", TABLES +
                               "SELECT a.v FROM e AS a JOIN e AS b ON a.v = b.v;"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("memory", done.stderr)


if __name__ == "__main__":
    unittest.main()
