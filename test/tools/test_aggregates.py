#!/usr/bin/env python3
"""test_aggregates.py -- every aggregate of the reference under retraction, with DISTINCT and
FILTER, in windows made of slices, in sessions and over sliding frames: always the answer that a
batch over the rows that are left (or in the window, or in the frame) gives.

The list of aggregates and how they are called comes from `weir doc functions`, so none is left out.
SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import random
import re
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")
SEED = int(os.environ.get("WEIR_SEED", "1"))

TYPES = {"int": "INT", "double": "DOUBLE", "decimal": "DECIMAL(10, 2)", "string": "STRING",
         "boolean": "BOOLEAN"}
COLUMNS = ["id", "k", "ts"] + ["%s_%s" % (var, kind) for kind in TYPES for var in "xy"]
# What the answer is depends on which of equal rows came first.
BY_ARRIVAL = {"ARRAY_AGG", "LISTAGG", "STRING_AGG", "FIRST_VALUE", "LAST_VALUE", "JSON_ARRAYAGG",
              "EXP_AVG", "ZSCORE", "ANOMALY_SCORE", "SESSION_NUMBER"}
# More than one row is an error, which test/sql shows.
SINGLE = {"SINGLE_VALUE"}


def weir(sql, *args):
    done = subprocess.run([WEIR, "run", "-q", "-o", "json", *args, "-e", sql], capture_output=True,
                          text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[:3000]
    return [json.loads(line) for line in done.stdout.splitlines()]


def split_rows(text):
    """The rows of "1, 2" or of "(1, 2), (3, 4)", as lists of values."""
    parts, depth, quoted, part = [], 0, False, ""
    for c in text + ",":
        quoted ^= c == "'"
        depth += 0 if quoted else (c in "([") - (c in ")]")
        if c == "," and depth == 0 and not quoted:
            parts.append(part.strip())
            part = ""
        else:
            part += c
    if text.startswith("("):
        return [[value for row in split_rows(part[1:-1]) for value in row] for part in parts]
    return [[part] for part in parts]


def kind_of(value):
    if value.startswith("TIMESTAMP"):
        return "ts"
    if value.startswith("'"):
        return "string"
    if value in ("TRUE", "FALSE"):
        return "boolean"
    if "E" in value:
        return "double"
    return "decimal" if "." in value else "int"


def aggregates():
    """(name, call over the columns of the table) of every example of an aggregate."""
    text = subprocess.run([WEIR, "doc", "functions"], capture_output=True, text=True,
                          check=True).stdout
    text = text[text.index("## aggregate"):]
    calls, names = [], set()
    for line in text.splitlines():
        if not line.startswith("| `"):
            continue
        name = re.match(r"\| `([A-Z0-9_]+)`", line).group(1)
        names.add(name)
        example = line.rstrip(" |").rsplit(" | `", 1)[-1].rstrip("`").replace("\\|", "|")
        if " OVER " not in example:
            continue
        left, right = example.rsplit(" => ", 1)[0].split(" OVER ", 1)
        rows = split_rows(right)
        kinds = {}
        for var, values in zip("xy", zip(*rows)):
            known = [kind_of(value) for value in values if value != "NULL"]
            kinds[var] = known[0]
        left = re.sub(r"^ROUND\((\w+\(.*\))(?:, \d+)?\)$", r"\1", left)
        if name == "JSON_OBJECTAGG":
            left = left.replace("KEY x", "KEY CAST(id AS STRING)")
        for var, kind in kinds.items():
            column = "ts" if kind == "ts" else "%s_%s" % (var, kind)
            left = re.sub(r"\b%s\b" % var, column, left)
        calls.append((name, left))
    assert names == {name for name, _ in calls}, names - {name for name, _ in calls}
    return [call for call in calls if call[0] not in SINGLE]


def random_value(rng, kind):
    if rng.random() < 0.1:
        return None
    if kind == "int":
        return rng.randint(-3, 12)
    if kind == "double":
        return rng.choice([0.1, 0.2, 0.7, -1.5, 3.25, 1e6, 2.5e-3])
    if kind == "decimal":
        return "%.2f" % (rng.randint(-300, 900) / 100)
    if kind == "string":
        return rng.choice(["a", "b", "B", "\u00e4", "ab", ""])
    return rng.random() < 0.6


def random_rows(rng, n):
    rows, second = [], 60  # so that no window begins the day before
    for i in range(n):
        second += rng.choice([0, 1, 1, 2, 3, 9])
        row = {"id": i, "k": rng.randint(1, 2),
               "ts": "2024-01-01 00:%02d:%02d" % (second // 60, second % 60), "second": second}
        for kind in TYPES:
            for var in "xy":
                row["%s_%s" % (var, kind)] = random_value(rng, kind)
        rows.append(row)
    return rows


def bare(row, **more):
    return {**{name: row[name] for name in COLUMNS}, **more}


def table(name, path, fmt, more="", options=""):
    columns = ", ".join("%s_%s %s" % (var, kind, sql) for kind, sql in TYPES.items()
                        for var in "xy")
    return ("CREATE TABLE %s (id INT, k INT, ts TIMESTAMP(3), %s%s) WITH ('connector' = "
            "'filesystem', 'path' = '%s', 'format' = '%s'%s);" % (name, columns, more, path, fmt,
                                                                  options))


def with_distinct(call):
    return call.replace("(", "(DISTINCT ", 1)


def with_filter(call):
    return call + " FILTER (WHERE x_boolean)"


def plain_form(call):
    """F(p) WITHIN GROUP (ORDER BY x) as F(x, p), which OVER takes too."""
    return re.sub(r"^(\w+)\((.*?)\) WITHIN GROUP \(ORDER BY (\w+)\)",
                  lambda m: "%s(%s%s)" % (m[1], m[3], ", " + m[2] if m[2] else ""), call)


class AggregatesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.calls = aggregates()
        cls.rng = random.Random(SEED)
        cls.dir = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.dir.cleanup()

    def write(self, name, lines):
        path = os.path.join(self.dir.name, name)
        with open(path, "w", encoding="utf-8") as out:
            for line in lines:
                out.write(json.dumps(line) + "\n")
        return path

    def forms(self, with_order=True):
        """Every call plain, with FILTER, and with DISTINCT where that is defined."""
        for name, call in self.calls:
            yield name, call
            yield name, with_filter(call)
            if "*" in call or "KEY" in call or "WITHIN" in call or "SYMBOL" in call:
                continue
            if with_order or name not in BY_ARRIVAL:
                yield name, with_distinct(call)

    @staticmethod
    def select(forms):
        return ", ".join("%s AS c%d" % (call, i) for i, (_, call) in enumerate(forms))

    def compare(self, forms, got, want, keys):
        def by_key(rows):
            return {tuple(row[key] for key in keys): row for row in rows}
        got, want = by_key(got), by_key(want)
        self.assertEqual(sorted(got), sorted(want), "seed %d" % SEED)
        for key, row in want.items():
            for i, (_, call) in enumerate(forms):
                a, b = got[key]["c%d" % i], row["c%d" % i]
                what = "%s of group %s, seed %d" % (call, key, SEED)
                if isinstance(a, float) and isinstance(b, float):
                    self.assertAlmostEqual(a, b, delta=1e-12 * max(1, abs(b)), msg=what)
                else:
                    self.assertEqual(a, b, what)

    def batch(self, forms, rows, keys):
        """The oracle: a plain GROUP BY over rows that carry their group in `g`."""
        path = self.write("oracle.json", rows)
        return weir(table("t", path, "json", ", g STRING") + "SELECT %s, %s FROM t GROUP BY %s" % (
            keys, self.select(forms), keys), "-b")

    def retraction(self, forms, victim):
        """Some rows are taken back; victim chooses the next one."""
        rows, changes = [], []
        for row in random_rows(self.rng, 40):
            rows.append(row)
            changes.append({"before": None, "after": bare(row), "op": "c"})
            while rows and self.rng.random() < 0.45:
                gone = rows.pop(victim(rows))
                changes.append({"before": bare(gone), "after": None, "op": "d"})
        path = self.write("changes.json", changes)
        sql = table("t", path, "debezium-json") + "SELECT k, %s FROM t GROUP BY k" % (
            self.select(forms))
        want = self.batch(forms, [bare(row, g="") for row in rows], "k")
        for step in ("1", "7"):
            self.compare(forms, weir(sql, "-s", step), want, ["k"])

    def test_any_row_is_retracted(self):
        forms = [form for form in self.forms() if form[0] not in BY_ARRIVAL]
        for _ in range(3):
            self.retraction(forms, lambda rows: self.rng.randrange(len(rows)))

    def test_oldest_row_is_retracted(self):
        # Of equal values the oldest one is taken away, so the order of the others is known.
        for _ in range(3):
            self.retraction(list(self.forms(with_order=False)), lambda rows: 0)

    def windows(self, call, ends_of):
        """A window table function against the rows of each window by themselves."""
        forms = list(self.forms())
        rows = random_rows(self.rng, 60)
        path = self.write("rows.json", [bare(row) for row in rows])
        # Behind the rows, so that no session ends while rows of its last second come.
        mark = ", WATERMARK FOR ts AS ts - INTERVAL '10' SECOND"
        sql = table("t", path, "json", mark) + (
            "SELECT k, CAST(window_start AS STRING) || CAST(window_end AS STRING) AS g, %s FROM "
            "TABLE(%s) GROUP BY k, window_start, window_end" % (self.select(forms), call))
        spread = [bare(row, g=group) for row in rows for group in ends_of(row, rows)]
        want = self.batch(forms, spread, "k, g")
        for step in ("1", "13"):
            self.compare(forms, weir(sql, "-s", step), want, ["k", "g"])

    @staticmethod
    def group(start, end):
        return "".join("2024-01-01 00:%02d:%02d.000" % (second // 60, second % 60)
                       for second in (start, end))

    def test_hop(self):
        def windows_of(row, _):
            for start in range(row["second"] // 5 * 5, row["second"] - 20, -5):
                yield self.group(start, start + 20)
        self.windows("HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)",
                     windows_of)

    def test_cumulate(self):
        def windows_of(row, _):
            start = row["second"] // 30 * 30
            for end in range(row["second"] // 10 * 10 + 10, start + 31, 10):
                yield self.group(start, end)
        self.windows("CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '30' "
                     "SECOND)", windows_of)

    def test_session(self):
        def windows_of(row, rows):
            seconds = sorted(r["second"] for r in rows if r["k"] == row["k"])
            low = high = row["second"]
            for second in reversed([s for s in seconds if s <= low]):
                low = second if low - second <= 5 else low
            for second in [s for s in seconds if s >= high]:
                high = second if second - high <= 5 else high
            yield self.group(low, high + 5)
        self.windows("SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '5' SECOND)",
                     windows_of)

    def over(self, frame, in_frame):
        forms = []
        for name, call in self.forms():
            forms.append((name, plain_form(call)))
        rows = random_rows(self.rng, 40)
        for i, row in enumerate(rows):  # no peers, so that the order of a frame is one
            row["second"] = 2 * i + self.rng.randint(0, 1)
            row["ts"] = "2024-01-01 00:%02d:%02d" % divmod(row["second"], 60)
        path = self.write("rows.json", [bare(row) for row in rows])
        calls = ", ".join("%s OVER (PARTITION BY k ORDER BY ts %s) AS c%d" % (call, frame, i)
                          for i, (_, call) in enumerate(forms))
        sql = table("t", path, "json", ", WATERMARK FOR ts AS ts") + (
            "SELECT CAST(id AS STRING) AS g, %s FROM t" % calls)
        spread = []
        for row in rows:
            mine = [r for r in rows if r["k"] == row["k"] and r["second"] <= row["second"]]
            spread += [bare(r, g=str(row["id"])) for r in in_frame(mine, row)]
        want = self.batch(forms, spread, "g")
        for step in ("1", "13"):
            self.compare(forms, weir(sql, "-s", step), want, ["g"])

    def test_over_rows(self):
        self.over("ROWS BETWEEN 3 PRECEDING AND CURRENT ROW", lambda rows, _: rows[-4:])

    def test_over_range(self):
        self.over("RANGE BETWEEN INTERVAL '9' SECOND PRECEDING AND CURRENT ROW",
                  lambda rows, row: [r for r in rows if r["second"] >= row["second"] - 9])

    def test_over_unbounded(self):
        self.over("ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", lambda rows, _: rows)


if __name__ == "__main__":
    unittest.main()
