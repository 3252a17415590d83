#!/usr/bin/env python3
"""test_tidy.py -- tools/tidy finds each thing it is there for, and nothing in a clean tree.
SPDX-License-Identifier: Apache-2.0
"""
import os
import subprocess
import sys
import tempfile
import unittest

TIDY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "tidy")
TOP = ("/* %s -- one sentence that says what this file is about.\n"
       " * SPDX-License-Identifier: Apache-2.0\n */\n")
CLEAN = {
    "LAYERS": "base\ndata\ncli\n",
    "src/base/README.md": "- `base.h` - all\n- `a.c` - a\n",
    "src/base/base.h": TOP % "base.h" + "#ifndef WEIR_BASE_H\n#define WEIR_BASE_H\n#endif\n",
    "src/base/a.c": TOP % "a.c" + '#include "base/base.h"\n\n'
                    "static int a_one(int x) {\n    return x; /* exit(1) */\n}\n",
    "src/data/README.md": "- `data.h`\n- `b.c`\n",
    "src/data/data.h": TOP % "data.h" + "#ifndef WEIR_DATA_H\n#define WEIR_DATA_H\n#endif\n",
    "src/data/b.c": TOP % "b.c" + '#include "base/base.h"\n#include "data/data.h"\n',
    "src/cli/README.md": "- `main.c`\n",
    "src/cli/main.c": TOP % "main.c" + "#include <weir.h>\n",
    "test/sql/x.slt": "# a filter keeps rows\n",
}


def tidy(changes):
    """Runs tidy on the clean tree with some files changed (None removes); returns its lines."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**CLEAN, **changes}.items():
            if text is None:
                continue
            os.makedirs(os.path.dirname(os.path.join(root, path)) or root, exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        run = subprocess.run([sys.executable, TIDY, "--root", root], capture_output=True, text=True)
        lines = run.stdout.splitlines()[:-1]
        assert run.returncode == (1 if lines else 0), run
        return lines


def append(path, text):
    return {path: CLEAN[path] + text}


class TidyTest(unittest.TestCase):
    def one(self, changes, expected):
        lines = tidy(changes)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(expected, lines[0])

    def test_clean(self):
        self.assertEqual(tidy({}), [])

    def test_layer_above(self):
        self.one(append("src/base/a.c", '#include "data/data.h"\n'), "above base in LAYERS")

    def test_one_header(self):
        self.one(append("src/data/b.c", '#include "base/a.h"\n'), "only through base/base.h")

    def test_cli_sees_only_weir_h(self):
        self.one(append("src/cli/main.c", '#include "base/base.h"\n'), "includes only weir.h")

    def test_directory_without_layer(self):
        lines = tidy({"src/extra/c.c": TOP % "c.c", "src/extra/README.md": "c.c\n"})
        self.assertEqual(lines, ["src/extra/c.c:1: directory src/extra is not in LAYERS"])

    def test_file_length(self):
        self.one(append("src/base/a.c", "int x;\n" * 800), "file of 80")

    def test_function_length(self):
        self.one(append("src/base/a.c", "int a_two(int x,\n          int y) {\n"
                        + "    x++;\n" * 68 + "}\n"), "src/base/a.c:9: function a_two of 71 lines")
        self.assertEqual(tidy(append("src/base/a.c", "int a_two(void) {\n" + "    x++;\n" * 68
                                     + "}\n")), [])

    def test_line_length(self):
        self.one(append("src/base/a.c", "/* " + "x" * 100 + " */\n"), "src/base/a.c:9: line of 106")

    def test_unique_file_names(self):
        self.one({"src/data/a.c": CLEAN["src/base/a.c"].replace("a_one", "b_one"),
                  "src/data/README.md": "data.h b.c a.c\n"}, "used already by src/base/a.c")

    def test_unique_statics(self):
        self.one(append("src/data/b.c", "static void *a_one(void) {\n}\n"),
                 "the name of a_one is used in src/base/a.c:6")

    def test_banned(self):
        self.one(append("src/data/b.c", "int b(char *s) {\n    return atoi(s);\n}\n"),
                 "src/data/b.c:7: atoi() is banned: hides errors")
        self.assertEqual(tidy(append("src/cli/main.c", "int m(void) {\n    exit(1);\n}\n")), [])
        self.assertEqual(tidy(append("src/data/b.c", "int b(S *s) {\n    s->exit(1);\n}\n")), [])

    def test_top_comment(self):
        self.one({"src/base/a.c": "int x;\n"}, "starts with a comment")
        self.one({"src/base/a.c": "/* a.c -- says what this is, but not under which license. */\n"},
                 "no SPDX")
        self.one({"tools/x.sh": "#!/bin/sh\n"}, "no SPDX")
        self.one({"test/sql/x.slt": "statement ok\n"}, "names the behaviour")

    def test_blanks_and_marks(self):
        self.one(append("src/base/a.c", "int x; \n"), "blanks at the end")
        self.one(append("src/base/a.c", "\tint x;\n"), "tab")
        self.one(append("src/base/a.c", "int x;"), "no newline")
        self.one(append("src/base/a.c", "/* TO" + "DO: later */\n"), "finish it")

    def test_readme(self):
        self.one({"src/cli/README.md": None}, "no README.md")
        self.one({"src/cli/README.md": "nothing\n"}, "does not list main.c")
        self.one({"src/cli/README.md": "- `main.c`\n- `gone.c`\n"}, "which does not exist")
        self.one({"src/cli/README.md": "main.c\n" * 41}, "more than 40 lines")

    def test_private(self):
        self.one({"README.md": "see /wo" + "rk/main\n"}, "tells about the workplace")

    def test_guard(self):
        self.one({"src/base/base.h": TOP % "base.h"}, "the include guard is WEIR_BASE_H")


if __name__ == "__main__":
    unittest.main()
