#!/usr/bin/env python3
"""test_streams.py -- input that comes in pieces, and more of it than a step takes.
SPDX-License-Identifier: Apache-2.0
"""
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")
NUMBERS = "CREATE TABLE t (a INT) WITH ('connector' = 'stdin', 'format' = 'csv');"


def weir(*args, text="", code=0):
    """Runs the program; checks its exit code; returns what it printed."""
    done = subprocess.run([WEIR, *args], input=text, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stdout


class StreamsTest(unittest.TestCase):
    def test_small_steps_lose_nothing(self):
        numbers = "".join("%d\n" % i for i in range(100))
        for last in ("100\n", "100"):
            out = weir("run", "-q", "-s", "1", "-e", NUMBERS + "SELECT COUNT(*), MAX(a) FROM t",
                       text=numbers + last)
            self.assertEqual(out.splitlines()[-1], "101,100")

    def test_rows_sent_at_once_arrive_at_once(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            sql = ("CREATE TABLE t (a INT) WITH ('connector' = 'socket', 'hostname' = '127.0.0.1',"
                   " 'port' = '%d', 'format' = 'csv'); SELECT a FROM t;" % server.getsockname()[1])
            with subprocess.Popen([WEIR, "run", "-q", "-s", "1", "-o", "csv", "-e", sql],
                                  stdout=subprocess.PIPE, text=True) as child:
                server.settimeout(10)
                peer, _ = server.accept()
                peer.sendall(b"".join(b"%d\n" % i for i in range(50)))
                lines = [child.stdout.readline() for _ in range(51)]
                self.assertEqual(lines[-1], "49\n")
                child.send_signal(signal.SIGINT)
                child.wait(10)
                peer.close()
            self.assertEqual(child.returncode, 130)

    def test_files_roll_and_partitions_commit_while_nothing_comes(self):
        with tempfile.TemporaryDirectory() as root:
            sql = NUMBERS + (
                "CREATE TABLE o (a INT, p INT) PARTITIONED BY (p) WITH ("
                "'connector' = 'filesystem', 'path' = '%s', 'format' = 'csv',"
                "'sink.rolling-policy.inactivity-interval' = '200 ms',"
                "'sink.rolling-policy.check-interval' = '50 ms',"
                "'sink.partition-commit.delay' = '400 ms',"
                "'sink.partition-commit.policy.kind' = 'success-file');"
                "INSERT INTO o SELECT a, a FROM t;" % root)
            with subprocess.Popen([WEIR, "run", "-q", "-e", sql], stdin=subprocess.PIPE) as child:
                child.stdin.write(b"1\n")
                child.stdin.flush()
                folder = os.path.join(root, "p=1")
                for name in ("part-", "_SUCCESS"):
                    until = time.monotonic() + 20
                    while not (os.path.isdir(folder) and any(
                            file.startswith(name) for file in os.listdir(folder))):
                        self.assertLess(time.monotonic(), until, name)
                        time.sleep(0.02)
                child.kill()

    def test_a_growing_file_is_followed(self):
        with tempfile.TemporaryDirectory() as root:
            path = os.path.join(root, "log.csv")
            with open(path, "w", encoding="utf-8") as file:
                file.write("".join("%d\n" % i for i in range(20)))
            sql = ("CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = '%s',"
                   " 'format' = 'csv', 'source.follow' = 'true'); SELECT a FROM t;" % path)
            with subprocess.Popen([WEIR, "run", "-q", "-s", "3", "-o", "csv", "-e", sql],
                                  stdout=subprocess.PIPE, text=True) as child:
                self.assertEqual([child.stdout.readline() for _ in range(21)][-1], "19\n")
                with open(path, "a", encoding="utf-8") as file:
                    file.write("20\n21\n")
                self.assertEqual([child.stdout.readline() for _ in range(2)][-1], "21\n")
                child.terminate()
                child.wait(10)
            self.assertEqual(child.returncode, 143)

    def test_start_is_quick(self):
        best = 1.0
        for _ in range(5):
            start = time.monotonic()
            weir("run", "-q", "-e", "SELECT 1")
            best = min(best, time.monotonic() - start)
        self.assertLess(best, 0.25)  # 10 ms is the aim of make bench; this catches a mistake


if __name__ == "__main__":
    unittest.main()
