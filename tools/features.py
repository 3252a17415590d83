#!/usr/bin/env python3
"""features.py -- docs/flink-features.md: what Flink documents, and the tests that show it.

The list of features is docs/flink-features.txt. Each has a pattern of SQL text; a feature counts as
supported when a record of an .slt file that must succeed matches it, as refused when only one does
that must fail with 0A000 (not supported, by name). A feature without either is an error: the table
cannot claim what no test shows, and the tests run in every mode.

  features.py            writes the page; rows keep tests that still show their feature
  features.py --check    says which rows are wrong or missing, and which features have no test
SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIST = os.path.join(ROOT, "docs/flink-features.txt")
PAGE = os.path.join(ROOT, "docs/flink-features.md")
TESTS = os.path.join(ROOT, "test/sql")
SHOWN = 3  # tests a row


def records(path):
    """(what must happen, SQL on one line) of each record of a file."""
    with open(path, encoding="utf-8") as text:
        lines = text.read().split("\n")
    want, sql = None, []
    for line in lines + [""]:
        head = re.match(r"(query|statement ok|statement error (\w+))\b", line)
        if want is None:
            if head:
                want, sql = head.group(2) or "ok", []
        elif line in ("", "----"):
            yield want, re.sub(r"\s+", " ", " ".join(sql))
            want = None
        else:
            sql.append(line)


def split_line(line):
    """The pattern follows the first " | " that is outside of brackets."""
    depth, cut = 0, -1
    for i, c in enumerate(line):
        depth += (c in "([") - (c in ")]")
        if depth == 0 and line.startswith(" | ", i):
            cut = i
            break
    return (line, "") if cut < 0 else (line[:cut], line[cut + 3:])


def read_features():
    chapters = []
    with open(LIST, encoding="utf-8") as text:
        for line in text.read().splitlines():
            if line.startswith("== "):
                chapters.append((line[3:], []))
            elif line and not line.startswith("#"):
                feature, pattern = split_line(line)
                pattern = pattern or r"\b%s\(" % re.match(r"\w+", feature).group(0)
                chapters[-1][1].append((feature, re.compile(pattern, re.IGNORECASE)))
    return chapters


def tests_of(pattern, files):
    """The files in which the feature works, and those in which it is refused."""
    works, refused = [], []
    for name, found in files:
        if any(want == "ok" and pattern.search(sql) for want, sql in found):
            works.append(name)
        elif any(want == "0A000" and pattern.search(sql) for want, sql in found):
            refused.append(name)
    return works, refused


def rank(feature, name):
    """Tests that are named after the feature come first, then short names."""
    words = set(re.findall(r"[a-z]+", feature.lower())) - {"string", "value", "numeric", "the"}
    own = set(re.findall(r"[a-z]+", os.path.basename(name)[:-len(".slt")]))
    return (-len(words & own), len(name), name)


def written():
    """feature -> (is refused, names of tests), as the page has it."""
    rows = {}
    if not os.path.exists(PAGE):
        return rows
    with open(PAGE, encoding="utf-8") as text:
        for line in text:
            cells = re.match(r"\| `(.*)` \| (refused)? ?\| (.*) \|$", line)
            if cells:
                names = [name + ".slt" for name in re.findall(r"`([^`]+)`", cells[3])]
                rows[cells[1].replace("\\|", "|")] = (bool(cells[2]), names)
    return rows


def all_records():
    paths = sorted(glob.glob(os.path.join(TESTS, "**/*.slt"), recursive=True))
    return [(os.path.relpath(path, TESTS), list(records(path))) for path in paths]


def page():
    """The page's text, and the features that no test shows or refuses."""
    files, old = all_records(), written()
    out = ["# Flink's features and their tests", "",
           "What Flink 2.x documents for SQL, and test files of `test/sql` in which it is used and "
           "works; or in", "which it is refused by name. Written by `tools/features.py`, which "
           "takes a row only with a test.", ""]
    missing, n, n_refused = [], 0, 0
    for chapter, rows in read_features():
        out += ["## " + chapter, "", "| feature | | tests |", "|---|---|---|"]
        for feature, pattern in rows:
            works, refused = tests_of(pattern, files)
            n += 1
            n_refused += not works
            if not works and not refused:
                missing.append(feature)
            names = [name for name in old.get(feature, (0, []))[1] if name in (works or refused)]
            names += sorted(set(works or refused) - set(names),
                            key=lambda name, feature=feature: rank(feature, name))
            out.append("| `%s` | %s | %s |" % (
                feature.replace("|", "\\|"), "" if works else "refused",
                ", ".join("`%s`" % name[:-len(".slt")] for name in names[:SHOWN])))
        out.append("")
    out.insert(5, "%d features, %d of them refused." % (n, n_refused))
    out.insert(6, "")
    return "\n".join(out), missing


def wrong_rows():
    """What the page says and the tests do not, one sentence each."""
    files, old, wrong, known = all_records(), written(), [], set()
    for _, rows in read_features():
        for feature, pattern in rows:
            known.add(feature)
            works, refused = tests_of(pattern, files)
            if feature not in old:
                wrong.append("no row for " + feature)
                continue
            is_refused, names = old[feature]
            if is_refused != (not works):
                wrong.append("%s is %s" % (feature, "refused" if is_refused else "supported"))
            if not names:
                wrong.append("no test for " + feature)
            wrong += ["%s does not use %s" % (name, feature) for name in names
                      if name not in (works or refused)]
    return wrong + ["not in the list: " + feature for feature in old if feature not in known]


def main():
    if "--check" in sys.argv[1:]:
        wrong = wrong_rows()
        for what in wrong:
            print("docs/flink-features.md: %s: run tools/features.py" % what)
        return 1 if wrong else 0
    text, missing = page()
    for feature in missing:
        print("features.py: no test in test/sql shows or refuses: " + feature)
    with open(PAGE, "w", encoding="utf-8") as new:
        new.write(text)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
