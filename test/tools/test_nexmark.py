#!/usr/bin/env python3
"""test_nexmark.py -- the Nexmark queries that are built in run, all of them.
SPDX-License-Identifier: Apache-2.0
"""
import os
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")


class NexmarkTest(unittest.TestCase):
    def test_nexmark(self):
        done = subprocess.run([WEIR, "bench", "nexmark", "-D", "COUNT=3000"], capture_output=True,
                              text=True, timeout=120, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = [line.split() for line in done.stdout.splitlines()[1:]]
        self.assertEqual([line[0] for line in lines],
                         [f"q{i}" for i in range(24)] + [f"m{i}" for i in range(4)])
        self.assertEqual({line[1] for line in lines}, {"3000"})
        # A window of the clock, windows and joins of few events.
        silent = {"q5", "q7", "q12", "q23"}
        self.assertEqual([line[0] for line in lines if line[2] == "0" and line[0] not in silent],
                         [])


if __name__ == "__main__":
    unittest.main()
