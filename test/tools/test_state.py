#!/usr/bin/env python3
"""test_state.py -- `weir run --state DIR`: what goes on, and what is refused by name.
SPDX-License-Identifier: Apache-2.0
"""
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")
TABLES = """CREATE TABLE t (k INT, v INT) WITH ('connector' = 'filesystem', 'path' = 'in.csv',
  'format' = 'csv', 'source.follow' = 'true');
CREATE TABLE o (k INT, n BIGINT, PRIMARY KEY (k) NOT ENFORCED)
  WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'debezium-json');
"""
COUNT = TABLES + "INSERT INTO o SELECT k, COUNT(*) FROM t GROUP BY k;\n"


class StateTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="weir-state-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.write("in.csv", "1,1\n2,1\n1,1\n")

    def write(self, name, text, mode="w"):
        with open(os.path.join(self.dir, name), mode) as file:
            file.write(text)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def start(self, sql=COUNT, state="state", fault=None, *more):
        self.write("q.sql", sql)
        env = dict(os.environ, WEIR_FAULT=fault) if fault else None
        return subprocess.Popen(
            [WEIR, "run", "-q", "-C", self.dir, "--state", self.path(state), "-D",
             "execution.checkpointing.interval=5ms", *more, self.path("q.sql")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)

    def run_until(self, lines, sql=COUNT, state="state"):
        """Until the sink has so many lines; then it is asked to stop."""
        process = self.start(sql, state)
        until = time.monotonic() + 30
        while len(self.rows()) < lines and time.monotonic() < until and process.poll() is None:
            time.sleep(0.02)
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        out, text = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 143, text)
        self.assertEqual(len(self.rows()), lines)
        return out

    def refused(self, *words, sql=COUNT, state="state", fault=None):
        process = self.start(sql, state, fault)
        try:
            _, text = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.fail("it was not refused")
        self.assertEqual(process.returncode, 1 if "fault" in (fault or "") else process.returncode)
        self.assertNotEqual(process.returncode, 0, text)
        for word in words:
            self.assertIn(word, text)
        return text

    def rows(self):
        """Lines of all files of the sink, hidden ones too."""
        lines = []
        if not os.path.isdir(self.path("out")):
            return lines
        for name in sorted(os.listdir(self.path("out"))):
            with open(self.path("out", name)) as file:
                lines += file.read().splitlines()
        return lines

    def test_goes_on_at_the_byte(self):
        self.run_until(4)
        self.write("in.csv", "1,1\n", "a")
        self.run_until(6)
        self.assertIn('"n":3', self.rows()[-1])

    def test_stops_in_the_middle_of_a_record(self):
        self.write("in.csv", "1,1\n1", "w")
        self.run_until(1)
        self.write("in.csv", "7,1\n17,2\n", "a")
        self.run_until(4)
        self.assertIn('"k":17,"n":2', self.rows()[-1])

    def test_one_process_at_a_time(self):
        first = self.start()
        while len(self.rows()) < 4:
            time.sleep(0.02)
        self.refused("in use by process %d" % first.pid)
        first.kill()
        first.communicate()

    def test_foreign_directory(self):
        os.makedirs(self.path("other"))
        self.write("other/notes.txt", "mine")
        self.refused("is not a state directory", state="other")
        self.assertEqual(os.listdir(self.path("other")).count("notes.txt"), 1)

    def test_newer_format(self):
        self.run_until(4)
        self.write("state/WEIR", "weir state, format 99\n")
        self.refused("format 99", "newer weir")

    def test_damaged_marker(self):
        self.run_until(4)
        self.write("state/WEIR", "nonsense\n")
        self.refused("is damaged")

    def test_older_copy(self):
        self.run_until(4)
        shutil.copytree(self.path("state", "db"), self.path("old"))
        self.write("in.csv", "5,5\n", "a")
        self.run_until(5)
        shutil.rmtree(self.path("state", "db"))
        shutil.move(self.path("old"), self.path("state", "db"))
        self.refused("was published", "older copy")

    def test_lost_database(self):
        self.run_until(4)
        shutil.rmtree(self.path("state", "db"))
        self.refused("was published")

    def test_flipped_bits_are_noticed(self):
        lines = "".join("%d,1\n" % i for i in range(3000))
        self.write("in.csv", lines)
        self.run_until(3000)
        logs = [n for n in os.listdir(self.path("state/db")) if n.endswith((".log", ".sst"))
                and os.path.getsize(self.path("state/db", n))]
        for name in logs:
            path = self.path("state/db", name)
            with open(path, "rb") as file:
                good = file.read()
            for at in range(len(good) // 7, len(good), max(1, len(good) // 5)):
                bad = bytearray(good)
                bad[at] ^= 0x10
                shutil.copytree(self.path("state"), self.path("bad"))
                with open(self.path("bad/db", name), "wb") as file:
                    file.write(bad)
                self.refused("damaged", state="bad")
                shutil.rmtree(self.path("bad"))

    def test_state_command(self):
        self.run_until(4)
        for what, word in (("list", "insert-into_o: commit"), ("show", "aggregate"),
                           ("verify", "nothing is damaged")):
            done = subprocess.run([WEIR, "state", what, self.path("state")], capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(word, done.stdout)
        done = subprocess.run([WEIR, "state", "verify", self.path("nowhere")], check=False,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertFalse(os.path.exists(self.path("nowhere")))

    def test_replaced_input(self):
        self.run_until(4)
        os.remove(self.path("in.csv"))
        self.write("in.csv", "9,9\n9,9\n9,9\n9,9\n")
        self.refused("is not the file that was being read")

    def test_renamed_input_is_read_to_its_end(self):
        self.run_until(4)
        self.write("in.csv", "1,1\n", "a")
        os.rename(self.path("in.csv"), self.path("in.csv.1"))
        self.write("in.csv", "8,8\n")
        self.run_until(7)
        self.assertIn('"k":1,"n":3', self.rows()[-2])
        self.assertIn('"k":8,"n":1', self.rows()[-1])

    def test_a_failing_write_stops_the_process(self):
        text = self.refused("fault", fault="store.write:3:error")
        self.assertIn("input/output error", text)
        self.write("in.csv", "1,1\n", "a")
        self.run_until(6)

    def test_output_that_was_cut_is_noticed(self):
        self.run_until(4)
        name = os.listdir(self.path("out"))[0]
        with open(self.path("out", name), "r+") as file:
            file.truncate(10)
        self.refused("is not as long as")

    def test_changed_query(self):
        self.run_until(4)
        self.refused("another query", sql=COUNT.replace("COUNT(*)", "SUM(v)"))

    def test_another_query_beside_it(self):
        self.run_until(4)
        self.write("in.csv", "1,1\n", "a")
        more = ("CREATE TABLE p (k INT) WITH ('connector' = 'filesystem', 'path' = 'out2', "
                "'format' = 'csv');\nINSERT INTO p SELECT k FROM t;\n")
        self.run_until(6, sql=COUNT + more)

    def test_a_larger_statement_set_may_not_write_again(self):
        self.run_until(4)
        more = TABLES + ("CREATE TABLE p (k INT) WITH ('connector' = 'filesystem', "
                         "'path' = 'out2', 'format' = 'csv');\n")
        count, copy = COUNT[len(TABLES):], "INSERT INTO p SELECT k FROM t;\n"
        self.refused("insert-into_o, p", "is new", "o from the beginning",
                     sql=more + "BEGIN STATEMENT SET;\n" + count + copy + "END;\n")
        self.assertEqual(len(self.rows()), 4)
        self.run_until(4, sql=more + count + copy)

    def test_two_queries_of_a_run_may_write_one_table(self):
        plain = TABLES.replace(", PRIMARY KEY (k) NOT ENFORCED", "")
        copy = "INSERT INTO o SELECT k, v FROM t;\n"
        both = plain + copy + "BEGIN STATEMENT SET;\n" + copy + copy + "END;\n"
        self.run_until(9, sql=both)
        self.run_until(9, sql=both)

    def test_a_filter_behind_the_state_may_change(self):
        self.run_until(4)
        self.write("in.csv", "1,1\n2,1\n", "a")
        self.run_until(5, sql=COUNT.replace("GROUP BY k", "GROUP BY k HAVING COUNT(*) > 2"))
        self.assertIn('"k":1,"n":3', self.rows()[-1])

    def test_a_filter_in_front_of_the_state_may_not(self):
        self.run_until(4)
        self.refused("another query", "aggregate", sql=COUNT.replace("GROUP", "WHERE v > 0 GROUP"))

    def test_a_column_of_a_query_without_state_may_change(self):
        copy = TABLES.replace("k INT, n BIGINT, PRIMARY KEY (k) NOT ENFORCED", "a INT") + (
            "INSERT INTO o SELECT %s FROM t;\n")
        self.run_until(3, sql=copy % "k")
        self.write("in.csv", "5,6\n", "a")
        self.run_until(4, sql=copy % "v")
        self.assertIn('"a":6', self.rows()[-1])


if __name__ == "__main__":
    unittest.main()
