#!/usr/bin/env python3
"""test_crash.py -- a short run of test/crash/crash.py: every pipeline, every fault point.
`make crash N=20000` runs it for longer.
SPDX-License-Identifier: Apache-2.0
"""
import os
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")
KILLS = os.environ.get("WEIR_KILLS", "250")


class CrashTest(unittest.TestCase):
    def test_kills_lose_and_repeat_nothing(self):
        done = subprocess.run([sys.executable, os.path.join(ROOT, "test/crash/crash.py"), "--weir",
                               WEIR, "--kills", KILLS], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        print(done.stdout.splitlines()[-2])


if __name__ == "__main__":
    unittest.main()
