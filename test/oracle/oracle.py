"""oracle.py -- runs a query with weir and with DuckDB and compares: weir's changelog, folded, must
be the table that the batch engine answers. What the tests of this directory share.
SPDX-License-Identifier: Apache-2.0
"""
import collections
import datetime
import decimal
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")
KINDS = {"+I": 1, "+U": 1, "-U": -1, "-D": -1}


class Refused(Exception):
    """weir does not take the query (SQLSTATE 0A000)."""


class Wrong(Exception):
    """weir's answer, or its failure, is not what it should be."""


def run_weir(sql, *options, timeout=120):
    """The changelog of the last SELECT as a list of (weight, tuple of texts)."""
    done = subprocess.run([WEIR, "run", "-q", "-o", "changelog", *options, "-"], input=sql,
                          capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        if " not supported" in done.stderr and "error" in done.stderr:
            raise Refused(done.stderr.strip())
        raise Wrong("exit code %d\n%s" % (done.returncode, done.stderr.strip()))
    rows = []
    for line in done.stdout.splitlines():
        match = re.fullmatch(r"([+-][IUD])\[(.*)\]", line)
        if not match:
            raise Wrong("not a line of a changelog: %r" % line)
        rows.append((KINDS[match.group(1)], tuple(match.group(2).split(", "))))
    return rows


def fold(changes):
    """The rows that are left; a row is taken back only when it is there."""
    left = collections.Counter()
    for weight, row in changes:
        left[row] += weight
        if left[row] < 0:
            raise Wrong("the changelog takes back a row that is not there: %s" % (row,))
        if not left[row]:
            del left[row]
    return left


def timestamp(text):
    text = text.replace("T", " ")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        text += " 00:00"
    if re.fullmatch(r"\S+ \d\d:\d\d", text):
        text += ":00"
    head, _, fraction = text.partition(".")
    when = datetime.datetime.strptime(head, "%Y-%m-%d %H:%M:%S")
    return when.replace(microsecond=int((fraction + "000000")[:6]))


def value(text, kind):
    """A printed value as a Python value that compares by meaning; kind as in random_sql.py."""
    if text == "null":
        return None
    if kind == "int":
        return int(text)
    if kind == "dec":
        return decimal.Decimal(text).normalize() + 0
    if kind == "dbl":
        return float(text) + 0.0
    if kind == "near":  # a quotient: the engines round it in their own ways
        return float("%.9g" % float(text)) + 0.0
    if kind == "bool":
        return text.lower() == "true"
    return timestamp(text) if kind == "ts" else text


def weir_rows(changes, kinds):
    rows = collections.Counter()
    for row, count in fold(changes).items():
        if len(row) != len(kinds):
            raise Wrong("%d columns instead of %d: %s" % (len(row), len(kinds), (row,)))
        rows[tuple(value(text, kind) for text, kind in zip(row, kinds))] += count
    return rows


def duck_value(given, kind):
    if given is None:
        return None
    if kind == "ts":
        return given if isinstance(given, datetime.datetime) else timestamp(str(given))
    return value(str(given), kind)


def duck_rows(duck, sql, kinds):
    return collections.Counter(tuple(duck_value(v, kind) for v, kind in zip(row, kinds))
                               for row in duck.execute(sql).fetchall())


def compare(got, want):
    """Raises with a few of the rows that only one side has."""
    if got == want:
        return
    text = "%d rows, expected %d" % (sum(got.values()), sum(want.values()))
    for title, rows in (("only weir", got - want), ("only DuckDB", want - got)):
        for row, count in list(rows.items())[:4]:
            text += "\n  %s, %d times: %s" % (title, count, ", ".join(map(str, row)))
    raise Wrong(text)
