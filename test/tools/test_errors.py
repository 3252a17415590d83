#!/usr/bin/env python3
"""test_errors.py -- the table of error codes has every code that the sources raise, and no other;
each code has a golden test, or one here.
SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import re
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")
# Codes that no text of SQL can provoke alone, and the test of each.
ELSEWHERE = {
    "08006": "test/unit/test_conn_socket.c",
    "42602": "test/unit/test_engine_api.c",
    "55000": "test/unit/test_engine_api.c",
    "57014": "test/unit/test_engine_api.c",
}
# The system gives no thread; weir is broken.
UNPROVOKED = {"53000", "XX000"}
TABLE = "src/engine/doc_errors.c"
CODE = re.compile(r'"([0-9A-Z]{5})"')


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


class ErrorCodeTest(unittest.TestCase):
    def test_table_and_sources_agree(self):
        table = re.findall(r'^    \{"([0-9A-Z]{5})",', read(TABLE), re.M)
        self.assertEqual(table, sorted(table))
        self.assertEqual(len(table), len(set(table)))
        raised, other = set(), set()
        for path in glob.glob("src/*/*", root_dir=ROOT):
            if path == TABLE or not path.endswith((".c", ".h", ".y", ".re")):
                continue
            text = read(path)
            raised.update(re.findall(r'\bST_[A-Z]+,\s*"([0-9A-Z]{5})"', text))
            other.update(code for code in CODE.findall(text) if re.search(r"\d", code))
            raised.update(re.findall(r'\bFN_FAIL\(\w+, \w+, "([0-9A-Z]{5})"', text))
        raised.discard("00000")
        self.assertEqual(sorted(raised - set(table)), [], "missing in " + TABLE)
        self.assertEqual(sorted(set(table) - raised - other), [], "in the table, but never raised")

    def test_each_code_has_a_test(self):
        table = re.findall(r'^    \{"([0-9A-Z]{5})",', read(TABLE), re.M)
        golden = set()
        for path in glob.glob("test/**/*.slt", root_dir=ROOT, recursive=True):
            golden.update(re.findall(r"^(?:statement|step|query) error ([0-9A-Z]{5})", read(path),
                                     re.M))
        here = set(re.findall(r'self\.fails\("([0-9A-Z]{5})"', read("test/tools/test_errors.py")))
        untested = set(table) - golden - here - set(ELSEWHERE) - UNPROVOKED
        self.assertEqual(sorted(untested), [], "without a test")
        for code, path in ELSEWHERE.items():
            self.assertTrue(code in read(path), code + " is not in " + path)


class ProgramErrorTest(unittest.TestCase):
    """Errors that need a command line or the system."""

    def fails(self, code, sql, position, stdout=subprocess.PIPE):
        with tempfile.TemporaryDirectory() as where:
            with open(os.path.join(where, "file"), "w", encoding="utf-8"):
                pass
            done = subprocess.run([WEIR, "run", "-C", where, "-e", sql], stdout=stdout,
                                  stderr=subprocess.PIPE, timeout=60, check=False)
        first = done.stderr.decode(errors="replace").splitlines()[0]
        self.assertTrue(first.startswith(position), first)
        self.assertTrue(first.endswith("[%s]" % code), first)

    def test_undefined_variable(self):
        self.fails("42P02", "SELECT\n ${X}", "-e:2:2: error: variable")

    def test_text_is_not_utf8(self):
        self.fails("22021", b"SELECT '\xff'", "-e:1:9: error:")

    def test_directory_is_a_file(self):
        self.fails("58030", "CREATE TABLE w (a INT) WITH ('connector' = 'filesystem', "
                   "'path' = 'file/below', 'format' = 'csv'); INSERT INTO w SELECT 1",
                   "error: cannot create directory")

    def test_disk_is_full(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.fails("53100", "CREATE TABLE w (a INT) WITH ('connector' = 'print');"
                       "INSERT INTO w SELECT 1", "error: cannot write", full)


if __name__ == "__main__":
    unittest.main()
