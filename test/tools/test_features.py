#!/usr/bin/env python3
"""test_features.py -- the tests that docs/flink-features.md names show what it says they show, and
no feature is without one.
SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))
import features


class FeaturesTest(unittest.TestCase):
    def test_page_is_right(self):
        self.assertEqual(features.wrong_rows(), [], "run tools/features.py")

    def test_feature_without_a_test_is_noticed(self):
        pattern = re.compile(r"\bF\(")
        for want, result in (("42883", ([], [])), ("0A000", ([], ["a.slt"])),
                             ("ok", (["a.slt"], []))):
            files = [("a.slt", [(want, "SELECT F()")])]
            self.assertEqual(features.tests_of(pattern, files), result)

    def test_records_are_read(self):
        path = os.path.join(features.TESTS, "functions/refused_by_name.slt")
        wants = {want for want, sql in features.records(path) if "PARSE_JSON(" in sql}
        self.assertEqual(wants, {"0A000"})

    def test_wrong_rows_are_noticed(self):
        rows = features.written()
        self.assertGreater(len(rows), 250)
        feature = "ABS(numeric)"
        self.assertIn(feature, rows)
        old, features.written = features.written, lambda: {**rows, feature: (True, ["no.slt"])}
        try:
            self.assertEqual(len(features.wrong_rows()), 2)
        finally:
            features.written = old


if __name__ == "__main__":
    unittest.main()
