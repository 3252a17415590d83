#!/usr/bin/env python3
"""compare_random.py -- random queries over random tables with random retractions: the folded
changelog must be what DuckDB answers over the rows that are left.

    compare_random.py [--count N] [--seed S] [--forever] [--keep-going]
Each query has a seed of its own; a failure prints it with the whole program, and
`--seed S --count 1` runs it again.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import collections
import os
import random
import re
import sys
import tempfile
import time

import duckdb

import oracle
import random_sql

# How weir runs each query: all must agree.
MODES = [(), ("-s", "3"), ("--batch",)]
QUERIES = 20  # over the same tables


class Tables:
    """Three random tables, in files for weir and in DuckDB."""

    def __init__(self, seed, folder):
        rng = random.Random(seed)
        self.tables = [random_sql.Table(rng, "t%d" % i, rng.choice([0, 20, 60, 60, 60, 90]))
                       for i in range(3)]
        self.duck = duckdb.connect(config={"threads": 1})
        self.ddl = ""
        for table in self.tables:
            path = os.path.join(folder, table.name + ".json")
            with open(path, "w", encoding="utf-8") as file:
                file.write("".join(line + "\n" for line in table.lines))
            self.ddl += table.ddl(path) + "\n"
            table.load(self.duck)


def one(seed, tables, refused):
    """Runs the query of a seed: 1 when it was compared and has rows; raises oracle.Wrong."""
    mode = MODES[seed % len(MODES)]
    query = random_sql.Generator(random.Random(seed), tables.tables, "--batch" in mode).query()
    try:
        want = oracle.duck_rows(tables.duck, query.text.duck, query.kinds)
    except duckdb.Error as error:
        refused["DuckDB: " + str(error).splitlines()[0][:90]] += 1
        return 0
    try:
        changes = oracle.run_weir(tables.ddl + query.text.weir + ";", *mode)
        oracle.compare(oracle.weir_rows(changes, query.kinds), want)
        return 1 if want else 0
    except oracle.Refused as error:
        refused["weir: " + re.sub(r".*?error: ", "", str(error).splitlines()[0])[:90]] += 1
        return 0
    except oracle.Wrong as error:
        raise oracle.Wrong("seed %d, options %s:\n%s\n-- DuckDB\n%s\n%s" % (
            seed, mode, tables.ddl + query.text.weir, query.text.duck, error)) from None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--forever", action="store_true")
    parser.add_argument("--keep-going", action="store_true")
    parser.add_argument("--folder")
    args = parser.parse_args()
    print("first seed %d" % args.seed, flush=True)
    refused, wrong, full, n, start = collections.Counter(), 0, 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        while args.forever or n < args.count:
            if n == 0 or (args.seed + n) % QUERIES == 0:
                tables = Tables((args.seed + n) // QUERIES, args.folder or folder)
            try:
                full += one(args.seed + n, tables, refused)
            except oracle.Wrong as error:
                wrong += 1
                print("WRONG", error, flush=True)
                if not args.keep_going:
                    break
            n += 1
    print("%d have rows, %.1f s" % (full, time.monotonic() - start))
    for text, count in refused.most_common():
        print("%6d left out: %s" % (count, text))
    n_refused = sum(refused.values())
    print("%d compared, %d wrong, %d left out" % (n - n_refused, wrong, n_refused))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
