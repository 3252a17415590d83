#!/usr/bin/env python3
"""compare_subqueries.py -- the queries of subqueries.txt (correlated and other subqueries, LATERAL,
set operations, many joins) over random tables with random retractions, against DuckDB.

    compare_subqueries.py [--count N] [--seed S] [--forever] [--keep-going]
SPDX-License-Identifier: Apache-2.0
"""
import os
import sys

import driver
import random_sql

KINDS = {"i": "int", "s": "str", "b": "bool"}
TABLES = """WITH t AS (SELECT k AS a, v AS b, s FROM t0), u AS (SELECT k AS c, v AS d FROM t1),
v AS (SELECT k AS e, v AS f, s AS g FROM t2)
"""


def templates():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "subqueries.txt")
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file if not line.startswith("--")]
    return [line.split(" ", 1) for line in lines if line]


QUERIES = templates()


def make(rng):
    return [random_sql.Table(rng, "t%d" % i, rng.choice([0, 8, 16, 30])) for i in range(3)]


def generate(rng, _tables, _is_batch):
    kinds, text = rng.choice(QUERIES)
    return random_sql.Query(random_sql.Text(TABLES + text), [KINDS[kind] for kind in kinds])


if __name__ == "__main__":
    sys.exit(driver.main(make, generate, 300))
