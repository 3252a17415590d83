#!/usr/bin/env python3
"""test_library.py -- the installed library from outside: static and shared, through pkg-config.
SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"))
EXPECTED = "one: +1 1\ntwo: +1 10\none: -1 1 +1 3\ntwo: -1 10 +1 30\n"


def run(*command, **env):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, **env})
    if done.returncode:
        raise AssertionError("%s: %s" % (command, (done.stdout + done.stderr)[-2000:]))
    return done.stdout


class LibraryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp()
        run("ninja", "-C", BUILD, "weir", "libs", "completions")
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", cls.dir)
        [cls.pc_dir] = glob.glob(cls.dir + "/**/pkgconfig", recursive=True)
        cls.lib_dir = os.path.dirname(cls.pc_dir)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir)

    def pkg_config(self, *options):
        return run("pkg-config", "--define-variable=prefix=" + self.prefix(), *options, "weir",
                   PKG_CONFIG_PATH=self.pc_dir, PKG_CONFIG_SYSROOT_DIR="").split()

    def prefix(self):
        return os.path.dirname(glob.glob(self.dir + "/**/bin", recursive=True)[0])

    def host(self, name, *libs):
        program = os.path.join(self.dir, name)
        run("cc", "-O1", "-Wall", "-Werror", os.path.join(ROOT, "test/tools/host.c"), "-o", program,
            *self.pkg_config("--cflags"), *libs)
        return run(program, LD_LIBRARY_PATH=self.lib_dir)

    def test_shared(self):
        self.assertEqual(self.host("shared", "-L" + self.lib_dir, "-lweir"), EXPECTED)

    def test_static(self):
        archive = os.path.join(self.lib_dir, "libweir.a")
        others = [flag for flag in self.pkg_config("--static", "--libs") if flag != "-lweir"]
        self.assertEqual(self.host("static", archive, *others), EXPECTED)

    def test_installed_files(self):
        names = {os.path.relpath(path, self.prefix()) for path in
                 glob.glob(self.prefix() + "/**", recursive=True)}
        for name in ("bin/weir", "include/weir.h", "share/man/man1/weir.1",
                     "share/bash-completion/completions/weir",
                     "share/zsh/site-functions/_weir"):
            self.assertIn(name, names)

    def test_header_is_c_and_cxx(self):
        for compiler, language in (("cc", "c"), ("c++", "c++")):
            if shutil.which(compiler):
                run(compiler, "-x", language, "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
                    os.path.join(ROOT, "include/weir.h"))


if __name__ == "__main__":
    unittest.main()
