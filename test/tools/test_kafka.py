#!/usr/bin/env python3
"""test_kafka.py -- topics as tables, on a real broker that is started for these tests.
SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kafka_broker  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"))
WEIR = os.path.join(BUILD, "weir")
ALL = {"scan.startup.mode": "earliest-offset", "scan.bounded.mode": "latest-offset"}


class KafkaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = kafka_broker.Broker(BUILD)
        cls.broker.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.broker.__exit__()

    def table(self, name, columns, connector="kafka", **options):
        given = {"connector": connector, "properties.bootstrap.servers": self.broker.servers}
        given.update(options.pop("more", {}))
        given.update(options)
        if "value.format" not in given:
            given.setdefault("format", "json")
        return "CREATE TABLE %s (%s) WITH (%s);\n" % (
            name, columns, ", ".join("'%s' = '%s'" % pair for pair in given.items()))

    def weir(self, sql, *args, code=0):
        done = subprocess.run([WEIR, "run", "-q", *args, "-"], input=sql, capture_output=True,
                              text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr + sql)
        return done.stdout if code == 0 else done.stderr

    def rows(self, sql, *args):
        """The result of a query as JSON values, sorted: partitions are read in no order."""
        out = self.weir(sql, "-o", "json", *args)
        return sorted((json.loads(line) for line in out.splitlines()), key=json.dumps)

    def write(self, topic, columns, values, **options):
        self.weir(self.table("t", columns, topic=topic, **options) +
                  "INSERT INTO t VALUES %s;" % values)

    def test_rows_go_in_and_come_out(self):
        n = 20000
        self.weir(self.table("t", "a BIGINT, b STRING", topic="many") +
                  "CREATE TABLE g (a BIGINT) WITH ('connector' = 'datagen',"
                  " 'fields.a.kind' = 'sequence', 'fields.a.start' = '1', 'fields.a.end' = '%d');"
                  "INSERT INTO t SELECT a, 'row ' || CAST(a AS STRING) FROM g;" % n)
        out = self.rows(self.table("t", "a BIGINT, b STRING", topic="many", more=ALL) +
                        "SET 'execution.runtime-mode' = 'batch';"
                        "SELECT COUNT(*) AS n, COUNT(DISTINCT a) AS d, SUM(a) AS s, MAX(b) AS m "
                        "FROM t;")
        self.assertEqual(out, [{"n": n, "d": n, "s": n * (n + 1) // 2, "m": "row 9999"}])

    def test_only_the_columns_in_use_are_decoded(self):
        self.write("wide", "a INT, b STRING, c ARRAY<INT>", "(1, 'x', ARRAY[1, 2]), (2, 'y', NULL)")
        sql = self.table("t", "a INT, b STRING, c ARRAY<INT>", topic="wide", more=ALL)
        self.assertEqual(self.rows(sql + "SELECT c FROM t;"), [{"c": [1, 2]}, {"c": None}])
        self.assertEqual(self.rows(sql + "SELECT a FROM t WHERE b = 'y';"), [{"a": 2}])

    def test_key_and_value(self):
        options = {"key.format": "json", "key.fields": "k_id;k_part", "key.fields-prefix": "k_",
                   "value.format": "csv", "value.fields-include": "EXCEPT_KEY"}
        columns = "k_id BIGINT, v STRING, k_part INT"
        self.write("keyed", columns, "(1, 'a', 10), (2, 'b', 20)", more=options)
        self.assertEqual(
            self.rows(self.table("t", columns, topic="keyed", more={**options, **ALL}) +
                      "SELECT * FROM t;"),
            [{"k_id": 1, "v": "a", "k_part": 10}, {"k_id": 2, "v": "b", "k_part": 20}])
        raw = self.table("t", "v STRING", topic="keyed", format="raw", more=ALL)
        self.assertEqual(self.rows(raw + "SELECT * FROM t;"), [{"v": "a"}, {"v": "b"}])

    def test_key_in_the_value_too(self):
        options = {"key.format": "raw", "key.fields": "id", "value.format": "json"}
        self.write("both", "id STRING, v INT", "('x', 1), ('y', 2)", more=options)
        sql = self.table("t", "id STRING, v INT", topic="both", more={**options, **ALL})
        self.assertEqual(self.rows(sql + "SELECT * FROM t;"),
                         [{"id": "x", "v": 1}, {"id": "y", "v": 2}])

    def test_metadata(self):
        columns = ("v INT, h MAP<STRING, BYTES> METADATA FROM 'headers',"
                   " ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'")
        read = (columns + ", p INT METADATA FROM 'partition' VIRTUAL,"
                " o BIGINT METADATA FROM 'offset' VIRTUAL, topic STRING METADATA VIRTUAL,"
                " kind STRING METADATA FROM 'timestamp-type' VIRTUAL")
        self.write("meta", columns, "(1, MAP['x', CAST('hi' AS BYTES)], TO_TIMESTAMP_LTZ(1000, 3)),"
                   "(2, MAP['y', CAST('yo' AS BYTES)], TO_TIMESTAMP_LTZ(2000, 3))",
                   more={"sink.partitioner": "fixed"})
        out = self.rows(self.table("t", read, topic="meta", more=ALL) +
                        "SET 'table.local-time-zone' = 'UTC';"
                        "SELECT v, CAST(h['x'] AS STRING) AS x, CAST(ts AS STRING) AS ts, p, o,"
                        " topic, kind FROM t;")
        self.assertEqual(out, [
            {"v": 1, "x": "hi", "ts": "1970-01-01 00:00:01.000", "p": 0, "o": 0, "topic": "meta",
             "kind": "CreateTime"},
            {"v": 2, "x": None, "ts": "1970-01-01 00:00:02.000", "p": 0, "o": 1, "topic": "meta",
             "kind": "CreateTime"}])

    def test_records_may_be_of_any_bytes(self):
        self.write("bytes", "v BIGINT", "(10), (2570), (-1)", format="raw")
        sql = self.table("t", "v BIGINT", topic="bytes", format="raw", more=ALL)
        self.assertEqual(self.rows(sql + "SELECT v FROM t;"), [{"v": -1}, {"v": 10}, {"v": 2570}])
        self.write("pretty", "v STRING", "('{\n  \"a\":\n 1\n}'), ('{\"a\": 2}')", format="raw")
        sql = self.table("t", "a INT", topic="pretty", more=ALL)
        self.assertEqual(self.rows(sql + "SELECT a FROM t;"), [{"a": 1}, {"a": 2}])

    def test_upserts(self):
        columns = "id INT, n BIGINT, name STRING NOT NULL, PRIMARY KEY (id) NOT ENFORCED"
        options = {"connector": "upsert-kafka", "key.format": "json", "value.format": "json"}
        table = self.table("t", columns, topic="users", **options)
        changes = ("CREATE TABLE c (id INT, name STRING) WITH ('connector' = 'stdin', "
                   "'format' = 'debezium-json');")
        image = '{"id": %d, "name": "%s"}'
        lines = ['{"before": null, "after": %s, "op": "c"}' % (image % row)
                 for row in ((1, "a"), (2, "b"), (1, "c"))]
        lines.append('{"before": %s, "after": null, "op": "d"}' % (image % (2, "b")))
        done = subprocess.run(
            [WEIR, "run", "-q", "-s", "1", "-e", changes + table +
             "INSERT INTO t SELECT id, COUNT(*), MAX(name) FROM c GROUP BY id;"],
            input="\n".join(lines), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        read = self.table("t", columns, topic="users", more={"scan.bounded.mode": "latest-offset"},
                          **options)
        changes = self.weir(read + "SELECT id, n, name FROM t;", "-o", "changelog", "-s", "1")
        for change in ("+U[1, 2, c]", "-D[2, 1, b]"):
            self.assertIn(change, changes.splitlines())
        self.assertEqual(self.rows("SET 'execution.runtime-mode' = 'batch';" + read +
                                   "SELECT * FROM t;"), [{"id": 1, "n": 2, "name": "c"}])
        raw = self.table("t", "v STRING, p INT METADATA FROM 'partition'", topic="users",
                         format="raw", more=ALL)
        self.assertEqual(len(self.rows(raw + "SELECT v FROM t;")), 3)  # the deletion has no value

    def test_bad_records(self):
        self.write("bad", "v STRING", "('{\"a\": 1}'), ('oops'), ('{\"a\": 3}')", format="raw",
                   more={"sink.partitioner": "fixed"})
        text = self.weir(self.table("t", "a INT", topic="bad", more=ALL) + "SELECT * FROM t;",
                         code=1)
        self.assertIn('table "t": bad, partition 0, offset 1, byte 0:', text)
        ignore = {"json.ignore-parse-errors": "true"}
        out = self.rows(self.table("t", "a INT, o BIGINT METADATA FROM 'offset'", topic="bad",
                                   more={**ALL, **ignore}) + "SELECT * FROM t;")
        self.assertEqual(out, [{"a": 1, "o": 0}, {"a": 3, "o": 2}])
        with tempfile.TemporaryDirectory() as root:
            letters = os.path.join(root, "letters")
            out = self.rows(self.table("t", "a INT", topic="bad",
                                       more={**ALL, "dead-letter": letters}) + "SELECT * FROM t;")
            self.assertEqual(out, [{"a": 1}, {"a": 3}])
            with open(letters, encoding="utf-8") as file:
                self.assertIn('"record":"oops"', file.read())

    def test_where_reading_begins_and_ends(self):
        columns = "v INT, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'"
        values = ", ".join("(%d, TO_TIMESTAMP_LTZ(%d, 3))" % (i, (i + 1) * 1000) for i in range(5))
        self.write("five", columns, values, more={"sink.partitioner": "fixed"})

        def read(**options):
            given = {key.replace("__", "-").replace("_", "."): value
                     for key, value in options.items()}
            return [row["v"] for row in self.rows(
                self.table("t", "v INT", topic="five", more={**ALL, **given}) + "SELECT v FROM t;")]
        self.assertEqual(read(), [0, 1, 2, 3, 4])
        self.assertEqual(read(scan_startup_mode="latest-offset"), [])
        self.assertEqual(read(scan_startup_mode="timestamp",
                              scan_startup_timestamp__millis="3001"), [3, 4])
        self.assertEqual(read(scan_startup_mode="specific-offsets",
                              scan_startup_specific__offsets="partition:0,offset:2"), [2, 3, 4])
        self.assertEqual(read(scan_bounded_mode="specific-offsets",
                              scan_bounded_specific__offsets="partition:0,offset:2"), [0, 1])
        self.assertEqual(read(scan_bounded_mode="timestamp",
                              scan_bounded_timestamp__millis="3000"), [0, 1])

    def test_a_group_goes_on_where_it_stopped(self):
        group = {"properties.group.id": "g", "scan.startup.mode": "group-offsets",
                 "scan.bounded.mode": "latest-offset"}
        self.write("grouped", "v INT", "(1), (2)")
        sql = self.table("t", "v INT", topic="grouped", more=group) + "SELECT v FROM t;"
        self.assertIn("the group has no committed offset", self.weir(sql, code=1))
        group.update({"properties.auto.offset.reset": "earliest",
                      "properties.enable.auto.commit": "true"})
        sql = self.table("t", "v INT", topic="grouped", more=group) + "SELECT v FROM t;"
        self.assertEqual(self.rows(sql), [{"v": 1}, {"v": 2}])
        self.write("grouped", "v INT", "(3)")
        self.assertEqual(self.rows(sql), [{"v": 3}])

    def test_several_topics(self):
        self.write("part-1", "v INT", "(1)")
        self.write("part-2", "v INT", "(2)")
        sql = self.table("t", "v INT", topic="part-1; part-2", more=ALL) + "SELECT v FROM t;"
        self.assertEqual(self.rows(sql), [{"v": 1}, {"v": 2}])
        sql = self.table("t", "v INT", more={**ALL, "topic-pattern": "part-[0-9]"})
        self.assertEqual(self.rows(sql + "SELECT v FROM t;"), [{"v": 1}, {"v": 2}])
        sql = self.table("t", "v INT", topic="part-1;part-3", more=ALL) + "SELECT v FROM t;"
        self.assertIn('there is no topic "part-3"', self.weir(sql, code=1))

    def test_mistakes_are_named(self):
        for code, options, text in (
                (1, {"properties.fetch.min.byte": "1"}, "No such configuration property"),
                (1, {"topic": "x", "topic-pattern": "x"}, "either 'topic' or 'topic-pattern'"),
                (1, {"key.format": "json"}, "requires the declaration of one or more of"),
                (3, {"key.format": "jsn"}, "there is no format 'jsn'"),
                (3, {"scan.startup.mode": "earliest"}, "earliest-offset"),
                (3, {"sink.delivery-guarantee": "twice"}, "exactly-once"),
                (1, {"properties.ssl.truststore.location": "x"}, "ssl.ca.location")):
            more = {"topic": "x", **options}
            sql = self.table("t", "v INT", more=more) + "SELECT v FROM t;"
            self.assertIn(text, self.weir(sql, code=code))
        upsert = self.table("t", "v INT", connector="upsert-kafka", topic="x",
                            more={"key.format": "json", "value.format": "json"})
        self.assertIn("PRIMARY KEY", self.weir(upsert + "SELECT v FROM t;", code=3))

    def test_records_arrive_while_it_runs(self):
        self.write("live", "v INT", "(1)")
        sql = self.table("t", "v INT", topic="live", more={
            "scan.startup.mode": "earliest-offset"}) + "SELECT v FROM t;"
        with subprocess.Popen([WEIR, "run", "-q", "-o", "csv", "-e", sql], stdout=subprocess.PIPE,
                              text=True) as child:
            self.assertEqual([child.stdout.readline() for _ in range(2)], ["v\n", "1\n"])
            self.write("live", "v INT", "(2)")
            self.assertEqual(child.stdout.readline(), "2\n")
            child.send_signal(signal.SIGINT)
            child.wait(20)

    def crash(self, state, sql, fault):
        """Runs a durable query that is killed at a named place, then to its end."""
        for given in ({"WEIR_FAULT": fault}, {}):
            done = subprocess.run([WEIR, "run", "-q", "--state", state, "-e", sql],
                                  env={**os.environ, **given}, capture_output=True, text=True,
                                  timeout=120, check=False)
            self.assertEqual(done.returncode, -9 if given else 0, fault + done.stderr)

    def test_exactly_once(self):
        n = 3000
        with tempfile.TemporaryDirectory() as root:
            numbers = os.path.join(root, "numbers.csv")
            with open(numbers, "w", encoding="utf-8") as file:
                file.writelines("%d\n" % i for i in range(1, n + 1))
            for place in ("commit.durable", "kafka.fenced", "kafka.produced", "kafka.numbered",
                          "kafka.committed", "commit.published"):
                topic = "exact-" + place
                sql = ("SET 'execution.checkpointing.interval' = '5 ms';"
                       "CREATE TABLE n (v INT) WITH ('connector' = 'filesystem', 'path' = '%s',"
                       " 'format' = 'csv');" % numbers +
                       self.table("t", "v INT", topic=topic,
                                  more={"sink.delivery-guarantee": "exactly-once"}) +
                       "INSERT INTO t SELECT v FROM n;")
                count = 1 if place.startswith("kafka") else 2
                self.crash(os.path.join(root, place), sql, "%s:%d" % (place, count))
                for _ in range(40):  # a committed transaction is seen a little later
                    out = self.rows(self.table("t", "v INT", topic=topic, more={
                        **ALL, "properties.isolation.level": "read_committed"}) +
                        "SET 'execution.runtime-mode' = 'batch';"
                        "SELECT COUNT(*) AS n, COUNT(DISTINCT v) AS d, SUM(v) AS s FROM t;")
                    if out[0]["n"] >= n:
                        break
                    time.sleep(0.25)
                self.assertEqual(out, [{"n": n, "d": n, "s": n * (n + 1) // 2}], place)

    def test_a_topic_is_read_exactly_once(self):
        n = 3000
        self.write("from", "v INT", ", ".join("(%d)" % i for i in range(1, n + 1)))
        with tempfile.TemporaryDirectory() as root:
            sql = ("SET 'execution.checkpointing.interval' = '5 ms';" +
                   self.table("f", "v INT", topic="from", more=ALL) +
                   self.table("t", "v INT, n BIGINT, PRIMARY KEY (v) NOT ENFORCED", topic="to",
                              connector="upsert-kafka",
                              more={"key.format": "json", "value.format": "json",
                                    "sink.delivery-guarantee": "exactly-once"}) +
                   "INSERT INTO t SELECT MOD(v, 10), COUNT(*) FROM f GROUP BY MOD(v, 10);")
            self.crash(os.path.join(root, "state"), sql, "kafka.committed:1")
            read = ("SET 'execution.runtime-mode' = 'batch';" +
                    self.table("t", "v INT, n BIGINT, PRIMARY KEY (v) NOT ENFORCED", topic="to",
                               connector="upsert-kafka",
                               more={"key.format": "json", "value.format": "json",
                                     "scan.bounded.mode": "latest-offset"}) +
                    "SELECT * FROM t;")
            expected = [{"v": i, "n": n // 10} for i in range(10)]
            for _ in range(40):
                out = self.rows(read)
                if out == expected:
                    break
                time.sleep(0.25)
            self.assertEqual(out, expected)

    def test_new_partitions_are_found(self):
        self.write("grows", "v INT", "(1)")
        sql = self.table("t", "v INT", topic="grows", more={
            "scan.startup.mode": "earliest-offset",
            "scan.topic-partition-discovery.interval": "200 ms"}) + "SELECT v FROM t;"
        with subprocess.Popen([WEIR, "run", "-q", "-o", "csv", "-e", sql], stdout=subprocess.PIPE,
                              text=True) as child:
            self.assertEqual([child.stdout.readline() for _ in range(2)], ["v\n", "1\n"])
            self.broker.tool("--alter", "--topic", "grows", "--partitions", "5")
            values = ", ".join("(%d)" % i for i in range(10, 30))
            self.write("grows", "v INT", values, more={"sink.partitioner": "round-robin"})
            got = sorted(int(child.stdout.readline()) for _ in range(20))
            self.assertEqual(got, list(range(10, 30)))
            child.send_signal(signal.SIGINT)
            child.wait(20)

    def test_zz_a_broker_that_comes_back(self):
        self.write("back", "v INT", "(1)")
        sql = self.table("t", "v INT", topic="back", more={
            "scan.startup.mode": "earliest-offset",
            "properties.reconnect.backoff.max.ms": "200"}) + "SELECT v FROM t;"
        with subprocess.Popen([WEIR, "run", "-q", "-o", "csv", "-e", sql], stdout=subprocess.PIPE,
                              text=True) as child:
            self.assertEqual([child.stdout.readline() for _ in range(2)], ["v\n", "1\n"])
            self.broker.stop()
            time.sleep(0.5)
            self.broker.start()
            self.write("back", "v INT", "(2)")
            self.assertEqual(child.stdout.readline(), "2\n")
            child.send_signal(signal.SIGINT)
            child.wait(20)


if __name__ == "__main__":
    unittest.main()
