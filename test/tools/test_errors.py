#!/usr/bin/env python3
"""test_errors.py -- the table of error codes has every code that the sources raise, and no other.
SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
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
        raised.discard("00000")
        self.assertEqual(sorted(raised - set(table)), [], "missing in " + TABLE)
        self.assertEqual(sorted(set(table) - raised - other), [], "in the table, but never raised")


if __name__ == "__main__":
    unittest.main()
