#!/usr/bin/env python3
"""test_cli.py -- the program from outside: output modes, exit codes, signals, terminals, sockets.
SPDX-License-Identifier: Apache-2.0
"""
import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")
ENV = {**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8", "TERM": "xterm"}
CLICKS = """CREATE TABLE clicks (name STRING, n INT, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'json');
"""


def weir(*args, stdin="", **env):
    done = subprocess.run([WEIR, *args], input=stdin, capture_output=True, text=True, timeout=60,
                          env={**ENV, **env})
    return done.returncode, done.stdout, done.stderr


def wait_for(check, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if check():
            return True
        time.sleep(0.01)
    return False


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, *args, rows=24, columns=80):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            self.fd = 0
            self.resize(rows, columns)  # before the program looks
            os.execve(WEIR, [WEIR, *args], ENV)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, until=None, seconds=10):
        """Reads until the text is there, or (None) until the program ends."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not (until and until in self.text):
            if not select.select([self.fd], [], [], 0.1)[0]:
                continue
            try:
                self.text += os.read(self.fd, 65536).decode()
            except OSError:
                break
        return self.text

    def wait(self):
        self.read()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def screen(self):
        """What stands on the screen: cursor movements and erasing are obeyed."""
        lines, row = [""], 0
        i, text = 0, self.text
        while i < len(text):
            c = text[i]
            i += 1
            if c == "\033" and text[i] == "[":
                end = i + 1
                while not text[end].isalpha():
                    end += 1
                count = int(text[i + 1:end] or 0)
                if text[end] == "A":
                    row = max(0, row - count)
                elif text[end] == "J":
                    del lines[row:]
                    lines.append("")
                elif text[end] == "K":
                    lines[row] = ""
                i = end + 1
            elif c == "\n":
                row += 1
                if row == len(lines):
                    lines.append("")
            elif c == "\r":
                if text[i:i + 1] != "\n" and text[i:i + 2] != "\033[":
                    lines[row] = ""
            else:
                lines[row] += c
        return [line for line in lines if line]


class OutputTest(unittest.TestCase):
    SQL = "SELECT a, b FROM (VALUES (1, 'x, \"y\"'), (2, CAST(NULL AS STRING))) AS t (a, b)"

    def test_csv_is_the_default_of_a_pipe(self):
        code, out, err = weir("run", "-e", self.SQL)
        self.assertEqual((code, out), (0, 'a,b\n1,"x, ""y"""\n2,\n'))
        self.assertRegex(err, r"^weir: 0 rows in, 2 out, 0 late, 0 bad; [0-9.]+ ")

    def test_csv_has_maps_and_lists_of_lists_as_text(self):
        code, out, err = weir("run", "-q", "-e", "SELECT MAP['a', 1] AS m, ARRAY[ARRAY[1, 2]] AS l,"
                              " ARRAY[1, 2] AS a, CAST(NULL AS MAP<STRING, INT>) AS n")
        self.assertEqual((code, out, err), (0, 'm,l,a,n\n{a=1},"[[1, 2]]",1;2,\n', ""))
        code, out, _ = weir("run", "-q", "-e", "SELECT a, MAP['n', COUNT(*)] AS m FROM "
                            "(VALUES (1), (1), (2)) AS t(a) GROUP BY a")
        self.assertEqual((code, out), (0, "a,m\n1,{n=2}\n2,{n=1}\n"))

    def test_json(self):
        code, out, _ = weir("run", "-o", "json", "-e", self.SQL)
        self.assertEqual((code, out), (0, '{"a":1,"b":"x, \\"y\\""}\n{"a":2,"b":null}\n'))

    def test_changelog(self):
        code, out, _ = weir("run", "--output=changelog", "-e", self.SQL)
        self.assertEqual((code, out), (0, '+I[1, x, "y"]\n+I[2, null]\n'))

    def test_tableau_is_what_flink_prints(self):
        code, out, _ = weir("run", "-o", "tableau", "-e", self.SQL)
        self.assertEqual((code, out), (0, (
            "+----+-------------+--------------------------------+\n"
            "| op |           a |                              b |\n"
            "+----+-------------+--------------------------------+\n"
            '| +I |           1 |                         x, "y" |\n'
            "| +I |           2 |                         <NULL> |\n"
            "+----+-------------+--------------------------------+\n"
            "Received a total of 2 rows\n")))

    def test_batch_tableau(self):
        code, out, _ = weir("run", "-o", "tableau", "--batch", "-e", self.SQL)
        self.assertEqual((code, out), (0, (
            "+---+--------+\n| a |      b |\n+---+--------+\n| 1 | x, \"y\" |\n| 2 | <NULL> |\n"
            "+---+--------+\n2 rows in set\n")))

    def test_table(self):
        code, out, _ = weir("run", "-o", "table", "-e",
                            "SELECT a, b FROM (VALUES (1, '日本'), (22, 'e\u0301')) AS t (a, b)")
        self.assertEqual((code, out), (0, (
            " a │ b   \n───┼─────\n 1 │ 日本\n22 │ e\u0301   \n(2 rows)\n")))

    def test_updating_answer_of_a_bounded_query_is_final(self):
        code, out, _ = weir("run", "-e", "SELECT a, COUNT(*) AS n FROM "
                            "(VALUES ('x'), ('y'), ('x')) AS t (a) GROUP BY a")
        self.assertEqual((code, sorted(out.split())), (0, ["a,n", "x,2", "y,1"]))

    def test_result_mode_setting(self):
        code, out, _ = weir("run", "-e", "SET 'sql-client.execution.result-mode' = 'changelog'; "
                            "SELECT 1")
        self.assertEqual((code, out), (0, "+I[1]\n"))

    def test_quiet(self):
        self.assertEqual(weir("run", "-q", "-e", "SELECT 1")[2], "")

    def test_script_from_standard_input(self):
        code, out, _ = weir("run", "-", stdin="SELECT 1 AS a;\nSELECT 2 AS b;\n")
        self.assertEqual((code, out), (0, "a\n1\nb\n2\n"))

    def test_reader_that_leaves_early(self):
        done = subprocess.run("%s run -q -e \"SELECT f FROM g\" 2>&1 | head -1" % WEIR, shell=True,
                              capture_output=True, text=True, timeout=20, env=ENV)
        self.assertIn("error", done.stdout)


class ErrorTest(unittest.TestCase):
    def test_sql_error_shows_place_and_exits_with_3(self):
        code, out, err = weir("run", "-e", "SELECT 1;\nSELECT nope")
        self.assertEqual((code, out), (3, "EXPR$0\n1\n"))
        self.assertIn("-e:2:8: error:", err)
        self.assertIn("  SELECT nope\n         ^\n", err)

    def test_syntax_error_runs_nothing(self):
        code, out, err = weir("run", "-e", "SELECT 1; SELEC 2")
        self.assertEqual((code, out), (3, ""))
        self.assertIn("did you mean SELECT?", err)

    def test_run_time_error_exits_with_1(self):
        code, _, err = weir("run", "-e", "SELECT 1 / (a - a) FROM (VALUES (1)) AS t (a)")
        self.assertEqual(code, 1, err)
        self.assertIn("division by zero", err)

    def test_usage_errors_exit_with_2(self):
        for args in ([], ["walk"], ["run"], ["run", "--nope", "x"], ["run", "-o", "xml", "x"],
                     ["run", "-e"], ["run", "-e", "SELECT 1", "file"], ["run", "/no/such/file"],
                     ["run", "-D", "novalue", "x"], ["run", "-m", "lots", "-e", "SELECT 1"],
                     ["run", "-z", "Nowhere", "-e", "SELECT 1"], ["doc", "nothing"]):
            code, out, err = weir(*args)
            self.assertEqual((args, code, out), (args, 2, ""))
            self.assertTrue(err)

    def test_near_misses_are_named(self):
        for args, meant in ((["rum", "x"], "run"), (["run", "--ouput", "csv", "x"], "--output"),
                            (["check", "--quit", "x"], "--quiet")):
            code, _, err = weir(*args)
            self.assertEqual(code, 2)
            self.assertIn("did you mean %s?" % meant, err)
        self.assertEqual(weir("completion", "fish")[0], 2)

    def test_check_reports_all_errors(self):
        code, out, err = weir("check", "-e", "SELECT a;\nSELEC 1;\nSELECT 1;\nSELECT b")
        self.assertEqual((code, out), (3, ""))
        for place in ("-e:1:8", "-e:2:1", "-e:4:8", "3 errors"):
            self.assertIn(place, err)
        self.assertEqual(weir("check", "-e", "SELECT 1")[0], 0)

    def test_memory_limit(self):
        code, _, err = weir("run", "-m", "2mb", "-e", """
            CREATE TABLE g (a BIGINT, b STRING) WITH ('connector' = 'datagen',
              'number-of-rows' = '300000', 'fields.a.kind' = 'sequence', 'fields.a.start' = '1',
              'fields.a.end' = '300000');
            SELECT a, COUNT(b) FROM g GROUP BY a""")
        self.assertEqual(code, 1)
        self.assertIn("limit of 2097152 bytes", err)
        self.assertIn("raise --memory", err)


class CommandTest(unittest.TestCase):
    def test_help_and_version(self):
        code, out, _ = weir("--help")
        self.assertEqual(code, 0)
        for word in ("run", "check", "explain", "bench", "doc", "exit codes", "examples"):
            self.assertIn(word, out)
        for command in ("run", "check", "explain", "bench", "doc"):
            code, out, _ = weir(command, "--help")
            self.assertEqual((code, out.split()[:2]), (0, ["weir", command]))
        with open(os.path.join(ROOT, "VERSION"), encoding="utf-8") as file:
            self.assertEqual(weir("--version")[1], "weir %s\n" % file.read().strip())

    def test_doc_chapters(self):
        code, out, _ = weir("doc")
        self.assertEqual(code, 0)
        for line in out.splitlines():
            topic = line.split()[2]
            code, text, _ = weir("doc", topic)
            self.assertEqual((topic, code, text[:2]), (topic, 0, "# "))

    def test_explain(self):
        code, out, _ = weir("explain", "-e", "CREATE TABLE o (a INT) WITH ('connector' = "
                            "'blackhole'); INSERT INTO o SELECT 1; SELECT 2")
        self.assertEqual(code, 0)
        self.assertIn("o", out)

    def test_explain_analyze_runs_the_query(self):
        code, out, err = weir("run", "-e", SignalTest.SQL.replace("1000'", "10000000'", 1)
                              .replace("1000000'", "5000'") + "EXPLAIN ANALYZE SELECT MOD(a, 7) "
                              "AS m, COUNT(*) AS n FROM g WHERE a > 10 GROUP BY MOD(a, 7)")
        self.assertEqual(code, 0, err)
        self.assertRegex(out, r"(?s)== Physical Plan ==.*GroupAggregate\(.*\(in=4990 out=\d+ time=")
        self.assertRegex(out, r"Scan\(.*\)  \(out=4990 time=\d+\.\d ms\)")
        self.assertRegex(out, r"rows: 5000 in, \d+ out, 0 late, 0 bad\ntime: .* ms in \d+ steps")
        self.assertRegex(out, r"memory: \d+ kB at most, \d+ allocations\n$")

    def test_explain_analyze_until_interrupted(self):
        process = subprocess.Popen([WEIR, "run", "-e", SignalTest.SQL +
                                    "SELECT 1; EXPLAIN ANALYZE SELECT a FROM g"],
                                   text=True, env=ENV, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        self.assertIn("stopped before the end", out, err)
        self.assertEqual(process.returncode, 130)

    def test_bench(self):
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write("CREATE TABLE o (a INT) WITH ('connector' = 'blackhole'); "
                       "INSERT INTO o VALUES (1), (2)")
            file.flush()
            code, out, _ = weir("bench", file.name)
        self.assertEqual(code, 0)
        self.assertEqual(out.splitlines()[1].split()[1:3], ["0", "2"])

    def test_variables_and_settings(self):
        code, out, _ = weir("run", "-D", "WHAT=its", "-D", "table.local-time-zone=Asia/Tokyo",
                            "-o", "changelog", "-DN=5", "-e", "SELECT '${WHAT}', ${N} AS x, "
                            "CAST(TO_TIMESTAMP_LTZ(0, 3) AS STRING)")
        self.assertEqual((code, out), (0, "+I[its, 5, 1970-01-01 09:00:00.000]\n"))

    def test_completion_is_valid_shell(self):
        for shell in ("bash", "zsh"):
            code, out, _ = weir("completion", shell)
            self.assertEqual(code, 0)
            self.assertIn("--output", out)
        self.assertEqual(subprocess.run(["bash", "-n"], input=weir("completion", "bash")[1],
                                        text=True).returncode, 0)


class JobTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.dir.name, "in.json")
        with open(self.path, "w", encoding="utf-8") as file:
            for i in range(10):
                file.write('{"name":"n%d","n":%d,"ts":"2024-01-01 00:00:%02d"}\n' % (i % 2, i, i))

    def tearDown(self):
        self.dir.cleanup()

    def test_insert_into_print(self):
        code, out, err = weir("run", "-e", CLICKS % self.path +
                              "CREATE TABLE p (name STRING, n INT) WITH ('connector' = 'print');"
                              "INSERT INTO p SELECT name, n FROM clicks WHERE n > 7")
        self.assertEqual((code, out), (0, "+I[n0, 8]\n+I[n1, 9]\n"))
        self.assertRegex(err, r"^weir: 10 rows in, 2 out, 0 late, 0 bad; .* rows/s, \d+ B")

    def test_dml_sync_orders_inserts(self):
        out_dir = os.path.join(self.dir.name, "copy")
        code, out, err = weir("run", "-e", "SET 'table.dml-sync' = 'true';" + CLICKS % self.path +
                              "CREATE TABLE c (name STRING, n INT) WITH ('connector' = "
                              "'filesystem', 'path' = '%s', 'format' = 'json');"
                              "INSERT INTO c SELECT name, n FROM clicks;"
                              "SELECT COUNT(*) AS n FROM c" % out_dir)
        self.assertEqual((code, out), (0, "n\n10\n"), err)

    def test_failing_job_is_told_at_once_and_ends_alone(self):
        process = subprocess.Popen(
            [WEIR, "run", "-e", SignalTest.SQL + CLICKS % self.path +
             "CREATE TABLE p (a BIGINT) WITH ('connector' = 'print');"
             "INSERT INTO p SELECT a FROM g; INSERT INTO p SELECT n / (n - 5) FROM clicks"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENV)
        self.assertIn("division by zero", process.stderr.readline())
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 1, err)
        self.assertIn("stopped", err)

    def test_failing_statement_leaves_the_jobs_before_it_alone(self):
        sql = ("CREATE TABLE g (a BIGINT) WITH ('connector' = 'datagen', "
               "'rows-per-second' = '100', 'fields.a.kind' = 'sequence', "
               "'fields.a.start' = '1', 'fields.a.end' = '30');"
               "CREATE TABLE p (a BIGINT) WITH ('connector' = 'print');"
               "INSERT INTO p SELECT a FROM g; SELECT nope FROM g; INSERT INTO p SELECT -a FROM g")
        code, out, err = weir("run", "-e", sql)
        self.assertEqual(code, 3, err)
        self.assertEqual(out.splitlines(), ["+I[%d]" % (i + 1) for i in range(30)])
        self.assertIn("the job started before goes on (Ctrl-C stops it)", err)

    def bad(self, options):
        with open(self.path, "a", encoding="utf-8") as file:
            file.write('{"name":"bad","n":"x","ts":"2024-01-01 00:00:11"}\nnot json\n')
        return weir("run", "-e", "CREATE TABLE d (record STRING, line BIGINT, column_name STRING, "
                    "reason STRING) WITH ('connector' = 'print', 'print-identifier' = 'dead');" +
                    (CLICKS % self.path).replace("'json')", "'json'%s)" % options) +
                    "SELECT COUNT(n) AS c FROM clicks")

    def test_bad_record_stops_and_names_the_place(self):
        code, _, err = self.bad("")
        self.assertEqual(code, 1)
        for word in ("in.json", "line 11", "byte", 'column "n"', '"x"', "ignore-parse-errors"):
            self.assertIn(word, err)

    def test_bad_records_are_counted(self):
        code, out, err = self.bad(", 'json.ignore-parse-errors' = 'true'")
        self.assertEqual((code, out), (0, "c\n10\n"), err)
        self.assertRegex(err, r"11 rows in, \d+ out, 0 late, 2 bad \(1 x .*; 1 x .*\);")

    def test_bad_records_are_kept_in_a_table(self):
        code, out, err = self.bad(", 'dead-letter' = 'd'")
        self.assertEqual(code, 0, err)
        self.assertIn("dead> +I[not json, 12, , ", out)
        self.assertIn(", 11, n, ", out)
        self.assertIn("2 bad", err)
        self.assertIn("2 kept as dead letters", err)

    def test_bad_records_are_kept_in_a_file(self):
        path = os.path.join(self.dir.name, "dead.jsonl")
        code, _, err = self.bad(", 'dead-letter' = '%s'" % path)
        self.assertEqual(code, 0, err)
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn('"record":"not json"', lines[1])
        self.assertIn('"line":12', lines[1])

    def test_pipe_as_a_table(self):
        with open(self.path, encoding="utf-8") as file:
            code, out, err = weir("run", "-e", "CREATE TABLE s (n INT) WITH ('connector' = "
                                  "'stdin', 'format' = 'json'); SELECT n * n AS q FROM s "
                                  "WHERE n < 3", stdin=file.read())
        self.assertEqual((code, out), (0, "q\n0\n1\n4\n"), err)


class SignalTest(unittest.TestCase):
    SQL = ("CREATE TABLE g (a BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '1000', "
           "'fields.a.kind' = 'sequence', 'fields.a.start' = '1', 'fields.a.end' = '1000000');")

    def run_and_signal(self, number, sql):
        process = subprocess.Popen([WEIR, "run", "-e", self.SQL + sql], text=True, env=ENV,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        first = process.stdout.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        return process.returncode, first + out, err

    def test_interrupt_stops_in_good_order(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            got, out, err = self.run_and_signal(
                number, "CREATE TABLE p (a BIGINT) WITH ('connector' = 'print');"
                        "INSERT INTO p SELECT a FROM g")
            self.assertEqual(got, code, err)
            rows = out.splitlines()
            self.assertEqual(rows, ["+I[%d]" % (i + 1) for i in range(len(rows))])
            self.assertRegex(err, r"weir: stopped: [\d,]+ rows? in, [\d,]+ out")

    def test_interrupt_of_a_select(self):
        code, out, err = self.run_and_signal(signal.SIGINT, "SELECT a FROM g")
        self.assertEqual(code, 130)
        self.assertEqual(out.splitlines()[0], "a")
        self.assertIn("stopped", err)


class SocketTest(unittest.TestCase):
    def test_rows_of_a_tcp_client_are_answered_at_once(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [WEIR, "run", "-o", "changelog", "-e",
             "CREATE TABLE s (a INT) WITH ('connector' = 'socket', 'socket.mode' = 'listen', "
             "'hostname' = '127.0.0.1', 'port' = '%d', 'format' = 'csv');"
             "SELECT a * 2 FROM s WHERE a > 1" % port],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENV)
        try:
            client = None
            for _ in range(500):
                try:
                    client = socket.create_connection(("127.0.0.1", port))
                    break
                except OSError:
                    time.sleep(0.01)
            self.assertIsNotNone(client, "nobody listens")
            client.sendall(b"1\n2\n")
            self.assertEqual(process.stdout.readline(), "+I[4]\n")
            begin = time.monotonic()
            client.sendall(b"3\n")
            self.assertEqual(process.stdout.readline(), "+I[6]\n")
            self.assertLess(time.monotonic() - begin, 0.5)
            client.close()
        finally:
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, err)


class TerminalTest(unittest.TestCase):
    def test_rows_that_only_come_are_appended(self):
        terminal = Terminal("run", "-e", "SELECT * FROM (VALUES (1, 'x'), (2, 'y')) AS t (a, b)")
        self.assertEqual(terminal.wait(), 0)
        screen = [line.replace("\033[1m", "") for line in terminal.screen()]
        self.assertEqual(screen[:5], ["a │ b", "──┼──", "1 │ x", "2 │ y", "(2 rows)"])

    def test_wide_values_leave_room_for_the_others(self):
        terminal = Terminal("run", "-e", "SELECT 1 AS a, REPEAT('x', 90) AS wide, "
                            "CAST(NULL AS INT) AS b, '\u65e5\u672c' AS c", columns=40)
        self.assertEqual(terminal.wait(), 0)
        row = terminal.screen()[2]
        self.assertRegex(row, "^1 \u2502 x+\\.\\.\\. \u2502 NULL \u2502 \u65e5\u672c$")
        self.assertEqual(len(row), 38, row)  # two of the characters are wide

    def test_no_rows_show_the_columns(self):
        terminal = Terminal("run", "-e", "SELECT a, 'x' AS b FROM (VALUES 1) AS t(a) WHERE a > 1")
        self.assertEqual(terminal.wait(), 0)
        screen = [line.replace("\033[1m", "").rstrip() for line in terminal.screen()]
        self.assertEqual((screen[0], screen[2]), ("a \u2502 b", "(0 rows)"), screen)

    def test_rows_that_change_are_drawn_in_place(self):
        terminal = Terminal("run", "-e", SignalTest.SQL +
                            "SELECT MOD(a, 3) AS m, COUNT(*) AS n FROM g GROUP BY MOD(a, 3)")
        terminal.read(until="Ctrl-C stops")
        time.sleep(0.5)
        terminal.resize(30, 40)
        os.kill(terminal.pid, signal.SIGWINCH)
        time.sleep(0.3)
        os.kill(terminal.pid, signal.SIGINT)
        self.assertEqual(terminal.wait(), 130)
        self.assertGreater(terminal.text.count("\033[J"), 2)
        screen = terminal.screen()
        heads = [line for line in screen if line.startswith("m │")]
        self.assertEqual(len(heads), 1, screen)
        self.assertIn("(3 rows)", screen)

    def test_progress_of_a_long_bounded_run(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            for i in range(200):
                file.write('{"name":"n","n":%d,"ts":"2024-01-01 00:00:00"}\n' % i)
            file.flush()
            terminal = Terminal("run", "--step-rows", "1", "-e", CLICKS % file.name +
                                "CREATE TABLE g (a BIGINT) WITH ('connector' = 'datagen', "
                                "'rows-per-second' = '20', 'number-of-rows' = '20');"
                                "CREATE TABLE o (a BIGINT) WITH ('connector' = 'blackhole');"
                                "INSERT INTO o SELECT n FROM clicks UNION ALL SELECT a FROM g",
                                columns=120)
            self.assertEqual(terminal.wait(), 0)
        self.assertIn("rows/s", terminal.text)
        self.assertIn("% ", terminal.text)
        self.assertRegex(terminal.screen()[-1], "^weir: 220 rows in, 220 out")


if __name__ == "__main__":
    if not os.path.exists(WEIR):
        sys.exit("test_cli: %s is not built" % WEIR)
    unittest.main()
