"""driver.py -- the loop of the random comparisons: tables, a query from a seed, weir, DuckDB.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import collections
import os
import random
import re
import tempfile
import time

import duckdb

import oracle

# How weir runs each query: all must agree.
MODES = [(), ("-s", "3"), ("--batch",), ("--workers", "2")]
QUERIES = 20  # over the same tables


class Tables:
    """Random tables, in files for weir and in DuckDB."""

    def __init__(self, make, seed, folder):
        self.tables = make(random.Random(seed))
        self.duck = duckdb.connect(config={"threads": 1})
        self.ddl = ""
        for table in self.tables:
            path = os.path.join(folder, table.name + ".json")
            with open(path, "w", encoding="utf-8") as file:
                file.write(table.text())
            self.ddl += table.ddl(path) + "\n"
            table.load(self.duck)


def one(seed, tables, generate, refused):
    """Runs the query of a seed: 1 when it was compared and has rows; raises oracle.Wrong."""
    mode = MODES[seed % len(MODES)]
    query = generate(random.Random(seed), tables.tables, "--batch" in mode)
    text = tables.ddl + query.view + query.text.weir + ";"
    try:
        want = oracle.duck_rows(tables.duck, query.text.duck, query.kinds)
    except duckdb.Error as error:
        refused["DuckDB: " + str(error).splitlines()[0][:90]] += 1
        return 0
    try:
        oracle.compare(oracle.weir_rows(oracle.run_weir(text, *mode), query.kinds), want)
        return 1 if want else 0
    except oracle.Refused as error:
        refused["weir: " + re.sub(r".*?error: ", "", str(error).splitlines()[0])[:90]] += 1
        return 0
    except oracle.Wrong as error:
        raise oracle.Wrong("seed %d, options %s:\n%s\n-- DuckDB\n%s\n%s" % (
            seed, mode, text, query.text.duck, error)) from None


def main(make, generate, count):
    """make(rng) gives tables, generate(rng, tables, is_batch) a query. The exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--forever", action="store_true")
    parser.add_argument("--keep-going", action="store_true")
    parser.add_argument("--folder", help="keep the tables' files here")
    args = parser.parse_args()
    print("first seed %d" % args.seed, flush=True)
    refused, wrong, full, n, start = collections.Counter(), 0, 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        while args.forever or n < args.count:
            seed = args.seed + n
            if n == 0 or seed % QUERIES == 0:
                tables = Tables(make, seed // QUERIES, args.folder or folder)
            try:
                full += one(seed, tables, generate, refused)
            except oracle.Wrong as error:
                wrong += 1
                print("WRONG", error, flush=True)
                if not args.keep_going:
                    break
            n += 1
    print("%d have rows, %.1f s" % (full, time.monotonic() - start))
    for text, times in refused.most_common():
        print("%6d left out: %s" % (times, text))
    n_refused = sum(refused.values())
    print("%d compared, %d wrong, %d left out" % (n - n_refused, wrong, n_refused))
    return 1 if wrong else 0
