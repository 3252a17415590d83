#!/usr/bin/env python3
"""compare_nexmark.py -- the Nexmark queries over the same 200,000 events: weir's folded changelog
and DuckDB's answer must be the same rows.

    compare_nexmark.py [--events N] [QUERY...]
nexmark/q*.sql hold the queries, with DuckDB's way to say them behind a line `-- DuckDB` where the
dialects differ; there the columns by position are what counts.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import glob
import os
import re
import sys
import tempfile
import time

import duckdb

import oracle

HERE = os.path.dirname(os.path.abspath(__file__))
EVENT = """event_type INT,
    person ROW<id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING,
        state STRING, `dateTime` TIMESTAMP(3), extra STRING>,
    auction ROW<id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT,
        `dateTime` TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT,
        extra STRING>,
    bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING,
        `dateTime` TIMESTAMP(3), extra STRING>"""
GENERATE = """CREATE TABLE generator (%s) WITH ('connector' = 'nexmark', 'events.num' = '%d',
    'seed' = '42', 'base-time' = '2024-01-01 23:59:00',
    'first-event.rate' = '1000', 'next-event.rate' = '1000');
CREATE TABLE file (%s) WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'json');
INSERT INTO file SELECT * FROM generator;"""
TABLES = """CREATE TABLE nexmark (%s,
    `dateTime` AS CASE WHEN event_type = 0 THEN person.`dateTime`
        WHEN event_type = 1 THEN auction.`dateTime` ELSE bid.`dateTime` END,
    WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND
) WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'json');
CREATE VIEW person AS SELECT person.id, person.name, person.emailAddress, person.creditCard,
    person.city, person.state, `dateTime`, person.extra FROM nexmark WHERE event_type = 0;
CREATE VIEW auction AS SELECT auction.id, auction.itemName, auction.description,
    auction.initialBid, auction.reserve, `dateTime`, auction.expires, auction.seller,
    auction.category, auction.extra FROM nexmark WHERE event_type = 1;
CREATE VIEW bid AS SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, `dateTime`,
    bid.extra FROM nexmark WHERE event_type = 2;
CREATE TABLE side_input (key BIGINT, `value` STRING) WITH ('connector' = 'filesystem',
    'path' = '%s', 'format' = 'csv');
CREATE FUNCTION count_char AS 'com.github.nexmark.flink.udf.CountChar';
"""
DUCK = """CREATE TABLE event AS SELECT *, ROW_NUMBER() OVER () AS n FROM read_json('%s/*',
    format = 'newline_delimited', columns = {'event_type': 'INT', 'person': 'STRUCT(id BIGINT,
        name VARCHAR, "emailAddress" VARCHAR, "creditCard" VARCHAR, city VARCHAR, state VARCHAR,
        "dateTime" TIMESTAMP, extra VARCHAR)', 'auction': 'STRUCT(id BIGINT, "itemName" VARCHAR,
        description VARCHAR, "initialBid" BIGINT, reserve BIGINT, "dateTime" TIMESTAMP,
        expires TIMESTAMP, seller BIGINT, category BIGINT, extra VARCHAR)', 'bid': 'STRUCT(
        auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR,
        "dateTime" TIMESTAMP, extra VARCHAR)'});
CREATE TABLE person AS SELECT person.*, n FROM event WHERE event_type = 0;
CREATE TABLE auction AS SELECT auction.*, n FROM event WHERE event_type = 1;
CREATE TABLE bid AS SELECT bid.*, n FROM event WHERE event_type = 2;
CREATE TABLE side_input AS SELECT * FROM read_csv('%s', header = false,
    columns = {'key': 'BIGINT', 'value': 'VARCHAR'});
CREATE MACRO DATE_FORMAT(t, f) AS
    STRFTIME(t, CASE f WHEN 'HH:mm' THEN '%%H:%%M' ELSE '%%Y-%%m-%%d' END);
"""


def kind(duck_type):
    name = str(duck_type)
    if name.startswith("DECIMAL"):
        return "dec"
    return {"BIGINT": "int", "HUGEINT": "int", "INTEGER": "int", "TIMESTAMP": "ts"}.get(name, "str")


def one(duck, tables, path):
    """The number of rows of a query that were compared; raises oracle.Wrong or oracle.Refused."""
    with open(path, encoding="utf-8") as file:
        weir, _, other = file.read().partition("-- DuckDB\n")
    other = other or weir.replace("`", '"')
    answer = duck.sql(other)
    kinds = [kind(duck_type) for duck_type in answer.types]
    want = oracle.duck_rows(duck, other, kinds)
    got = oracle.weir_rows(oracle.run_weir(tables + weir + ";", timeout=600), kinds)
    oracle.compare(got, want)
    return sum(want.values())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=200000)
    parser.add_argument("queries", nargs="*")
    args = parser.parse_args()
    names = args.queries or sorted((os.path.basename(path)[:-4] for path in glob.glob(
        os.path.join(HERE, "nexmark", "*.sql"))), key=lambda name: int(re.sub(r"\D", "", name)))
    good = bad = left = 0
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as duck:
        events, side = os.path.join(folder, "events"), os.path.join(folder, "side.csv")
        with open(side, "w", encoding="utf-8") as file:
            file.write("".join("%d,%d\n" % (i, i) for i in range(10000)))
        oracle.run_weir(GENERATE % (EVENT, args.events, EVENT, events))
        for statement in (DUCK % (events, side)).split(";\n"):
            duck.execute(statement)
        for name in names:
            start = time.monotonic()
            try:
                rows = one(duck, TABLES % (EVENT, events, side),
                           os.path.join(HERE, "nexmark", name + ".sql"))
                good += 1
                print("%-4s %8d rows equal, %.1f s" % (name, rows, time.monotonic() - start),
                      flush=True)
            except oracle.Refused as error:
                left += 1
                print("%-4s left out: %s" % (name, error), flush=True)
            except oracle.Wrong as error:
                bad += 1
                print("%-4s WRONG: %s" % (name, error), flush=True)
    print("%d compared, %d wrong, %d left out" % (good + bad, bad, left))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
