#!/usr/bin/env python3
"""test_readme.py -- what README.md shows is what happens.
SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")


class ReadmeTest(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            self.blocks = re.findall(r"```(\w*)\n(.*?)```", file.read(), re.S)

    def block(self, start):
        [text] = [text for _, text in self.blocks if text.startswith(start)]
        return text

    def run_weir(self, command, cwd=ROOT):
        words = command.split()
        done = subprocess.run([WEIR, *words[2:]], cwd=cwd, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)
        return done.stdout + done.stderr

    def test_example(self):
        command, shown = self.block("$ build/weir run").split("\n", 1)
        time = re.compile(r"; [^;]* rows/s, ")
        self.assertEqual(time.sub("; ", self.run_weir(command)), time.sub("; ", shown))
        with open(os.path.join(ROOT, "examples/clicks.sql"), encoding="utf-8") as file:
            self.assertIn(self.block("CREATE TABLE clicks"), file.read())

    def test_mistake(self):
        command, shown = self.block("$ build/weir check").split("\n", 1)
        with tempfile.TemporaryDirectory() as root:
            with open(os.path.join(root, "clicks.sql"), "w", encoding="utf-8") as file:
                file.write(self.block("CREATE TABLE clicks").replace("who)", "how)"))
            self.assertEqual(self.run_weir(command, root), shown)


if __name__ == "__main__":
    unittest.main()
