#!/usr/bin/env python3
"""test_slt.py -- the .slt runner finds wrong results, crashes and bad files, and updates files.
SPDX-License-Identifier: Apache-2.0
"""
import os
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"))
GOOD = """# rows pass through
statement ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'test')

statement ok
CREATE VIEW v AS SELECT a + 1 AS a, b FROM t

feed t
1 'x y'
2 NULL
+2 3 'it''s'
step
delta v
+1 2 'x y'
+1 3 NULL
+2 4 'it''s'

feed t
-1 1 'x y'
step
delta v
-1 2 'x y'

query
SELECT a, b FROM t WHERE a > 1
----
3 'it''s'
2 NULL
3 'it''s'

statement error 42703
SELECT nope FROM t
"""


class SltTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run(["ninja", "--quiet", "-C", BUILD, "test/weir-slt"], check=True)

    def run_slt(self, text, *options):
        """Runs the runner on one file; returns (exit code, output, the file afterwards)."""
        with tempfile.TemporaryDirectory() as root:
            path = os.path.join(root, "x.slt")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            done = subprocess.run([os.path.join(BUILD, "test", "weir-slt"), *options, path],
                                  capture_output=True, text=True, check=False)
            with open(path, encoding="utf-8") as file:
                return done.returncode, done.stdout, file.read()

    def fails(self, text, expected):
        code, output, _ = self.run_slt(text)
        self.assertEqual(code, 1, output)
        self.assertIn(expected, output)

    def test_good(self):
        code, output, _ = self.run_slt(GOOD)
        self.assertEqual((code, output), (0, "1 files: 11 passed, 0 failed, 0 skipped\n"))

    def test_wrong_value(self):
        self.fails(GOOD.replace("+1 3 NULL", "+1 3 'NULL'"), "x.slt:13: delta")

    def test_wrong_weight(self):
        self.fails(GOOD.replace("+2 4", "+1 4"), "+ +2 4 'it''s'")

    def test_missing_row(self):
        self.fails(GOOD.replace("2 NULL\n3", "3"), "x.slt:24: query")

    def test_wrong_sqlstate(self):
        self.fails(GOOD.replace("42703", "42P01"), "expected SQLSTATE 42P01, got 42703")

    def test_unexpected_success(self):
        self.fails(GOOD.replace("SELECT nope", "SELECT a"), "expected an error, but it succeeded")

    def test_unexpected_error(self):
        self.fails(GOOD.replace("error 42703", "ok"), "unexpected error")

    def test_batch_is_compared(self):
        more = GOOD + "\nskipif batch\nfeed t\n7 'more'\n"
        self.fails(more, "x.slt [batch-once]\n")
        self.fails(more, "the same in: batch")
        self.fails(more, "- +1 8 'more'")
        self.fails(more, "query at the end")

    def test_bad_file(self):
        self.fails("# x\nfoo bar\n", "x.slt:2: not a verb: foo bar")

    def test_update(self):
        wrong = GOOD.replace("+1 3 NULL", "+1 3 'NULL'")
        code, _, text = self.run_slt(wrong, "--update")
        self.assertEqual(code, 0)
        self.assertTrue(text.startswith(GOOD + "----\n"), text)
        self.assertEqual(self.run_slt(text, "--update")[2], text)


if __name__ == "__main__":
    unittest.main()
