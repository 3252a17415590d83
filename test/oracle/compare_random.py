#!/usr/bin/env python3
"""compare_random.py -- random queries over random tables with random retractions: the folded
changelog must be what DuckDB answers over the rows that are left.

    compare_random.py [--count N] [--seed S] [--forever] [--keep-going]
Each query has a seed of its own; a failure prints it with the whole program, and
`--seed S --count 1` runs it again.
SPDX-License-Identifier: Apache-2.0
"""
import sys

import driver
import random_sql


def make(rng):
    return [random_sql.Table(rng, "t%d" % i, rng.choice([0, 20, 60, 60, 60, 90])) for i in range(3)]


def generate(rng, tables, is_batch):
    return random_sql.Generator(rng, tables, is_batch).query()


if __name__ == "__main__":
    sys.exit(driver.main(make, generate, 2000))
