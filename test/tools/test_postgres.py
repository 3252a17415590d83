#!/usr/bin/env python3
"""test_postgres.py -- tables of a real PostgreSQL, which is started for these tests.
SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pg_server  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")
TYPES = ("b BOOLEAN, i2 SMALLINT, i4 INT, i8 BIGINT, f4 FLOAT, f8 DOUBLE, d DECIMAL(10, 2),"
         " s STRING, v VARCHAR(5), x BYTES, dt DATE, t TIME(6), ts TIMESTAMP(6),"
         " tz TIMESTAMP_LTZ(6), a ARRAY<INT>, id INT NOT NULL")
PG_TYPES = ("b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, d numeric(10, 2), s text,"
            " v varchar(5), x bytea, dt date, t time, ts timestamp, tz timestamptz, a int[],"
            " id int PRIMARY KEY")


class PostgresTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = pg_server.Server()
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def table(self, name, columns, table=None, **more):
        options = {"connector": "jdbc", "url": self.server.url, "username": "weir",
                   "table-name": table or name, **more}
        return "CREATE TABLE %s (%s) WITH (%s);\n" % (
            name, columns, ", ".join("'%s' = '%s'" % pair for pair in options.items()))

    def weir(self, sql, *args, code=0, text=""):
        done = subprocess.run([WEIR, "run", "-q", *args, "-e", sql], input=text,
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr + sql)
        return done.stdout if code == 0 else done.stderr

    def test_all_types_there_and_back(self):
        self.server.sql("CREATE TABLE alltypes (%s)" % PG_TYPES)
        table = self.table("alltypes", TYPES + ", PRIMARY KEY (id) NOT ENFORCED")
        self.weir(table + "INSERT INTO alltypes VALUES"
                  "(TRUE, CAST(1 AS SMALLINT), 2, 9223372036854775807, CAST(1.5 AS FLOAT), 1e300,"
                  " 12345678.91, 'a\"\\\n\u00e9', 'vwxyz',"
                  " x'00ff', DATE '2024-02-29', TIME '12:34:56.789', "
                  " TIMESTAMP '1999-12-31 23:59:59.123456', TO_TIMESTAMP_LTZ(1234, 3),"
                  " ARRAY[1, NULL, 3], 1);"
                  "INSERT INTO alltypes (id) VALUES (2);")
        self.assertEqual(self.server.sql("SELECT * FROM alltypes WHERE id = 1"),
                         "t|1|2|9223372036854775807|1.5|1e+300|12345678.91|a\"\\\n\u00e9|"
                         "vwxyz|\\x00ff|"
                         "2024-02-29|12:34:56.789|1999-12-31 23:59:59.123456|"
                         "1970-01-01 00:00:01.234+00|{1,NULL,3}|1\n")
        out = self.weir(table + "SET 'table.local-time-zone' = 'UTC'; SELECT * FROM alltypes;",
                        "-o", "json")
        rows = sorted((json.loads(line) for line in out.splitlines()), key=lambda row: row["id"])
        self.assertEqual(rows[0], {
            "b": True, "i2": 1, "i4": 2, "i8": 9223372036854775807, "f4": 1.5, "f8": 1e300,
            "d": 12345678.91, "s": "a\"\\\n\u00e9", "v": "vwxyz", "x": "AP8=", "dt": "2024-02-29",
            "t": "12:34:56.789", "ts": "1999-12-31 23:59:59.123456",
            "tz": "1970-01-01 00:00:01.234Z", "a": [1, None, 3], "id": 1})
        self.assertEqual({name for name, value in rows[1].items() if value is not None}, {"id"})

    def test_upserts_and_deletions(self):
        self.server.sql("CREATE TABLE counts"
                        " (name text PRIMARY KEY, n bigint, extra int DEFAULT 7)")
        changes = ('{"before": null, "after": {"id": 1, "name": "a"}, "op": "c"}',
                   '{"before": null, "after": {"id": 2, "name": "b"}, "op": "c"}',
                   '{"before": null, "after": {"id": 3, "name": "a"}, "op": "c"}',
                   '{"before": {"id": 2, "name": "b"}, "after": null, "op": "d"}')
        for step in ("1", "100"):
            self.server.sql("DELETE FROM counts")
            self.weir(self.table("counts",
                                 "name STRING, n BIGINT, PRIMARY KEY (name) NOT ENFORCED") +
                      "CREATE TABLE c (id INT, name STRING) WITH ('connector' = 'stdin', "
                      "'format' = 'debezium-json');"
                      "INSERT INTO counts SELECT name, COUNT(*) FROM c GROUP BY name;",
                      "-s", step, text="\n".join(changes))
            self.assertEqual(self.server.sql("SELECT * FROM counts"), "a|2|7\n")

    def test_rows_without_key_are_appended(self):
        self.server.sql("CREATE TABLE log (n bigint)")
        self.weir(self.table("log", "n BIGINT") +
                  "CREATE TABLE g (n BIGINT) WITH ('connector' = 'datagen', 'fields.n.kind' ="
                  " 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '50000');"
                  "INSERT INTO log SELECT n FROM g;")
        self.assertEqual(self.server.sql("SELECT count(*), sum(n) FROM log"),
                         "50000|1250025000\n")
        self.assertIn("needs a PRIMARY KEY", self.weir(
            self.table("log", "n BIGINT") + "INSERT INTO log SELECT COUNT(*) FROM "
            "(VALUES (1), (2)) AS t(a) GROUP BY a;", code=1))

    def test_lookups(self):
        self.server.sql("CREATE TABLE users (id int PRIMARY KEY, \"Name\" varchar, city text);"
                        "INSERT INTO users VALUES (1, 'ann', 'rome'), (2, 'bob', NULL);")
        orders = ("CREATE TABLE o (user_id INT, item STRING, p AS PROCTIME()) WITH ("
                  "'connector' = 'stdin', 'format' = 'csv', 'csv.null-literal' = '');")
        query = ("SELECT o.item, u.Name, u.city FROM o LEFT JOIN users FOR SYSTEM_TIME AS OF o.p"
                 " AS u ON o.user_id = u.id;")
        for cache in ("NONE", "PARTIAL"):
            users = self.table("users", "id INT, Name STRING, city STRING", **{
                "lookup.cache": cache})
            out = self.weir(orders + users + query, "-s", "1", "-o", "csv",
                            text="1,pen\n2,cup\n3,hat\n1,ink\n,bag\n")
            self.assertEqual(out.splitlines(), ["item,Name,city", "pen,ann,rome", "cup,bob,",
                                                "hat,,", "ink,ann,rome", "bag,,"])

    def test_a_cache_forgets(self):
        self.server.sql("CREATE TABLE prices (id int PRIMARY KEY, price int);"
                        "INSERT INTO prices VALUES (1, 10);")
        sql = ("CREATE TABLE o (id INT, p AS PROCTIME()) WITH ('connector' = 'stdin', 'format' ="
               " 'csv');" +
               self.table("prices", "id INT, price INT", **{
                   "lookup.cache": "PARTIAL",
                   "lookup.partial-cache.expire-after-write": "500 ms"}) +
               "SELECT u.price FROM o JOIN prices FOR SYSTEM_TIME AS OF o.p AS u ON o.id = u.id;")
        with subprocess.Popen([WEIR, "run", "-q", "-o", "csv", "-e", sql], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True, bufsize=1) as child:
            child.stdin.write("1\n")
            self.assertEqual([child.stdout.readline() for _ in range(2)], ["price\n", "10\n"])
            self.server.sql("UPDATE prices SET price = 20")
            child.stdin.write("1\n")
            self.assertEqual(child.stdout.readline(), "10\n")
            time.sleep(0.6)
            child.stdin.write("1\n")
            self.assertEqual(child.stdout.readline(), "20\n")
            child.stdin.close()
            child.wait(10)

    def test_exactly_once(self):
        n = 3000
        with tempfile.TemporaryDirectory() as root:
            numbers = os.path.join(root, "numbers.csv")
            with open(numbers, "w", encoding="utf-8") as file:
                file.writelines("%d\n" % i for i in range(1, n + 1))
            for i, place in enumerate(("commit.durable", "pg.publish", "pg.published",
                                       "commit.published")):
                self.server.sql("CREATE TABLE rows%d (v int);"
                                "CREATE TABLE sums%d (k int PRIMARY KEY, s bigint)" % (i, i))
                sql = ("SET 'execution.checkpointing.interval' = '5 ms';"
                       "CREATE TABLE n (v INT) WITH ('connector' = 'filesystem', 'path' = '%s',"
                       " 'format' = 'csv');" % numbers +
                       self.table("r", "v INT", table="rows%d" % i) +
                       self.table("s", "k INT, s BIGINT, PRIMARY KEY (k) NOT ENFORCED",
                                  table="sums%d" % i) +
                       "EXECUTE STATEMENT SET BEGIN INSERT INTO r SELECT v FROM n;"
                       "INSERT INTO s SELECT MOD(v, 10), SUM(v) FROM n GROUP BY MOD(v, 10); END;")
                for given in ({"WEIR_FAULT": place + ":2"}, {}):
                    done = subprocess.run(
                        [WEIR, "run", "-q", "--state", os.path.join(root, place), "-e", sql],
                        env={**os.environ, **given}, capture_output=True, text=True, timeout=120,
                        check=False)
                    self.assertEqual(done.returncode, -9 if given else 0, place + done.stderr)
                self.assertEqual(self.server.sql(
                    "SELECT count(*), count(DISTINCT v), sum(v) FROM rows%d" % i),
                                 "%d|%d|%d\n" % (n, n, n * (n + 1) // 2), place)
                self.assertEqual(self.server.sql("SELECT count(*), sum(s) FROM sums%d" % i),
                                 "10|%d\n" % (n * (n + 1) // 2), place)

    def test_mistakes_are_named(self):
        self.server.sql("CREATE TABLE small (a int CHECK (a < 10))")
        read = "SELECT * FROM t;"
        for more, table, columns, query, text in (
                ({}, "nowhere", "a INT", read, 'the database has no table "nowhere"'),
                ({}, "small", "b INT", read, 'has no column "b"'),
                ({"url": "jdbc:mysql://h/d"}, "small", "a INT", read, "only PostgreSQL is"),
                ({"url": "jdbc:postgresql://127.0.0.1:1/x"}, "small", "a INT", read,
                 "PostgreSQL does not accept the connection"),
                ({}, "small", "a INT", "INSERT INTO t VALUES (11);", "small_a_check")):
            sql = self.table("t", columns, table=table, **more) + query
            self.assertIn(text, self.weir(sql, code=1))


if __name__ == "__main__":
    unittest.main()
