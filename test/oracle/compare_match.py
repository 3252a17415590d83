#!/usr/bin/env python3
"""compare_match.py -- random patterns of MATCH_RECOGNIZE over random rows: a search that goes on
with rows as they come, in steps of any size, must find what the search of all rows at once finds.

    compare_match.py [--count N] [--seed S]
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import random
import sys
import tempfile

import oracle

MODES = [("--batch",), (), ("-s", "1"), ("-s", "7"), ("--workers", "2")]
CONDITIONS = {
    "A": ["A.v > 3", "A.v >= 0", "A.v > PREV(A.v)", "A.v < 8"],
    "B": ["B.v < 6", "B.v < PREV(B.v)", "SUM(B.v) < 20", "B.v <> FIRST(B.v) OR COUNT(B.v) < 4"],
    "C": ["C.v > 8", "C.v < 0", "C.v = 5", "C.v > LAST(C.v, 1) OR C.v > 2"]}


def pattern(rng, depth):
    how = rng.randrange(8)
    if depth == 0 or how < 3:
        return rng.choice("ABC")
    if how == 3:
        return "(%s | %s)" % (pattern(rng, depth - 1), pattern(rng, depth - 1))
    if how < 6:
        many = rng.choice(["*", "+", "?", "{1,3}", "{2,}", "+?", "*?", "{0,2}"])
        return "(%s)%s" % (pattern(rng, depth - 1), many)
    return "(%s %s)" % (pattern(rng, depth - 1), pattern(rng, depth - 1))


def rows(rng):
    text, second = "", 0
    for i in range(rng.choice([30, 80, 200, 400])):
        second += rng.choice([0, 1, 1, 2, 5])
        value = rng.randint(0, 9) if rng.random() < 0.9 else rng.randint(-3, 12)
        text += "%s,%d,%d,2024-01-01 %02d:%02d:%02d\n" % (
            rng.choice("aab"), i, value, second // 3600, second // 60 % 60, second % 60)
    return text


def query(rng, path):
    """A whole program, or None where the pattern has no condition."""
    text = " ".join(pattern(rng, 2) for _ in range(rng.randint(1, 3)))
    text += rng.choice(["", " C", " A"])
    used = [name for name in "ABC" if name in text]
    defines = ["%s AS %s" % (name, rng.choice(CONDITIONS[name])) for name in used
               if rng.random() < 0.9]
    within = rng.choice(["", "", "", " WITHIN INTERVAL '%d' SECOND" % rng.choice([5, 30, 200])])
    if not defines:
        return None
    return ("CREATE TABLE t (k STRING, id INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - "
            "INTERVAL '%d' SECOND) WITH ('connector' = 'filesystem', 'path' = '%s', "
            "'format' = 'csv');\n"
            "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts, id MEASURES "
            "FIRST(%s.id) AS f, COUNT(%s.id) AS n, LAST(%s.v) AS l, CLASSIFIER() AS c %s "
            "AFTER MATCH SKIP %s PATTERN (%s)%s DEFINE %s);" % (
                rng.choice([0, 3]), path, used[0], used[-1], used[-1],
                rng.choice(["ONE ROW PER MATCH", "ONE ROW PER MATCH", "ALL ROWS PER MATCH",
                            "ALL ROWS PER MATCH WITH UNMATCHED ROWS"]),
                rng.choice(["PAST LAST ROW", "PAST LAST ROW", "TO NEXT ROW"]), text, within,
                ", ".join(defines)))


def one(rng, path):
    """1 when all ways were compared, 0 when the query is left out; raises oracle.Wrong."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(rows(rng))
    sql = query(rng, path)
    want = None
    for mode in MODES if sql else ():
        try:
            got = oracle.fold(oracle.run_weir(sql, *mode))
        except oracle.Wrong as error:
            if "54001" in str(error):  # it backtracks without end, and says so
                return 0
            raise oracle.Wrong("%s\n%s\n%s" % (mode, sql, error)) from None
        if want is not None and got != want:
            raise oracle.Wrong("%s\n%s\nonly here %s\nonly in batch mode %s" % (
                mode, sql, list((got - want).items())[:4], list((want - got).items())[:4]))
        want = got
    return 1 if sql else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    args = parser.parse_args()
    good = bad = left = 0
    print("first seed %d" % args.seed, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(args.seed, args.seed + args.count):
            try:
                compared = one(random.Random(seed), os.path.join(folder, "rows.csv"))
                good, left = good + compared, left + 1 - compared
            except oracle.Wrong as error:
                bad += 1
                print("WRONG seed %d %s" % (seed, error), flush=True)
    print("%d compared, %d wrong, %d left out" % (good + bad, bad, left))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
