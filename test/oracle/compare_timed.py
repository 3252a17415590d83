#!/usr/bin/env python3
"""compare_timed.py -- random queries in event time (windows, joins of windows and of intervals, as
of a time, OVER, first and last rows) over random streams: the folded changelog must be DuckDB's
answer. Options as of compare_random.py.
SPDX-License-Identifier: Apache-2.0
"""
import sys

import driver
import timed_sql


def make(rng):
    return [timed_sql.Stream(rng, "e%d" % i, rng.choice([3, 40, 100])) for i in range(2)]


def generate(rng, _tables, is_batch):
    return timed_sql.Generator(rng, is_batch).query()


if __name__ == "__main__":
    sys.exit(driver.main(make, generate, 600))
