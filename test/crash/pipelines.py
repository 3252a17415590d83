"""pipelines.py -- the queries that crash.py kills: one of every kind of operator, source and sink,
over data made from a seed.

A pipeline is SQL with ${IN} and ${OUT}, the directories of its input and output.
SPDX-License-Identifier: Apache-2.0
"""
import gzip
import json
import os
import random

ROWS = 12000

EVENTS = """CREATE TABLE e (id INT, k INT, v INT, s STRING, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '3' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${IN}/events.csv', 'format' = 'csv');
"""
OTHERS = """CREATE TABLE o (id INT, k INT, w INT, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '3' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${IN}/others.json', 'format' = 'json');
"""
CDC = """CREATE TABLE c (id INT, grp INT, amount BIGINT, PRIMARY KEY (id) NOT ENFORCED)
  WITH ('connector' = 'filesystem', 'path' = '${IN}/cdc.json', 'format' = 'debezium-json');
"""


def sink(columns, form="csv", name="r", more=""):
    return (f"CREATE TABLE {name} ({columns}) WITH ('connector' = 'filesystem', "
            f"'path' = '${{OUT}}/{name}', 'format' = '{form}'{more});\n")


def changes(columns, name="r"):
    return sink(columns, "debezium-json", name)


def insert(query, name="r"):
    return f"INSERT INTO {name} {query};\n"


WINDOW = "k INT, window_start TIMESTAMP(3), window_end TIMESTAMP(3), n BIGINT, total BIGINT"


def window_agg(tvf):
    return (EVENTS + sink(WINDOW) + insert(
        f"SELECT k, window_start, window_end, COUNT(*), SUM(v) FROM TABLE({tvf}) "
        "GROUP BY k, window_start, window_end"))


PIPELINES = {
    "filter": EVENTS + sink("id INT, s STRING, v INT", "json") + insert(
        "SELECT id, UPPER(s), v * 2 FROM e WHERE v > 30"),
    "json_to_csv": OTHERS + sink("id INT, w INT, ts TIMESTAMP(3)") + insert(
        "SELECT id, w, ts FROM o"),
    "union": EVENTS + OTHERS + sink("id INT, n INT") + insert(
        "SELECT id, v FROM e UNION ALL SELECT id, w FROM o"),
    "group": EVENTS + changes("k INT, n BIGINT, total BIGINT") + insert(
        "SELECT k, COUNT(*), SUM(v) FROM e GROUP BY k"),
    "group_many": EVENTS + changes(
        "k INT, lo INT, hi INT, mean DOUBLE, d BIGINT, f STRING, l INT, texts STRING") + insert(
        "SELECT k, MIN(v), MAX(v), AVG(CAST(v AS DOUBLE)), COUNT(DISTINCT s), FIRST_VALUE(s), "
        "LAST_VALUE(v), LISTAGG(DISTINCT s) FROM e GROUP BY k"),
    "group_all": EVENTS + changes("n BIGINT, d BIGINT") + insert(
        "SELECT COUNT(*), COUNT(DISTINCT k) FROM e"),
    "distinct": EVENTS + sink("k INT, s STRING") + insert("SELECT DISTINCT k, s FROM e"),
    "tumble": window_agg("TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)"),
    "hop": window_agg("HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND)"),
    "cumulate": window_agg(
        "CUMULATE(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)"),
    "session": window_agg(
        "SESSION(TABLE e PARTITION BY k, DESCRIPTOR(ts), INTERVAL '2' SECOND)"),
    "tumble_distinct": EVENTS + sink("window_end TIMESTAMP(3), d BIGINT, big BIGINT") + insert(
        "SELECT window_end, COUNT(DISTINCT k), COUNT(DISTINCT s) FILTER (WHERE v > 50) FROM "
        "TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '7' SECOND)) "
        "GROUP BY window_start, window_end"),
    "window_sets": EVENTS + sink("k INT, s STRING, window_end TIMESTAMP(3), n BIGINT") + insert(
        "SELECT k, s, window_end, COUNT(*) FROM "
        "TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '30' SECOND)) "
        "GROUP BY window_start, window_end, GROUPING SETS ((k), (s), ())"),
    "window_top": EVENTS + sink("window_end TIMESTAMP(3), id INT, v INT, nr BIGINT") + insert(
        "SELECT window_end, id, v, nr FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY "
        "window_start, window_end ORDER BY v DESC, id) AS nr FROM "
        "TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND))) WHERE nr <= 3"),
    "window_join": EVENTS + OTHERS + sink("k INT, a INT, b INT, window_end TIMESTAMP(3)") + insert(
        "SELECT l.k, l.id, r.id, l.window_end FROM "
        "(SELECT * FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '2' SECOND))) l JOIN "
        "(SELECT * FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '2' SECOND))) r "
        "ON l.k = r.k AND l.window_start = r.window_start AND l.window_end = r.window_end"),
    "join": EVENTS + OTHERS + sink("a INT, b INT, v INT, w INT") + insert(
        "SELECT e.id, o.id, v, w FROM e JOIN o ON e.id = o.id"),
    "left_join": EVENTS + OTHERS + changes("a INT, b INT, w INT") + insert(
        "SELECT e.id, o.id, w FROM e LEFT JOIN o ON e.id = o.id"),
    "semi_join": EVENTS + OTHERS + sink("id INT, v INT") + insert(
        "SELECT id, v FROM e WHERE id IN (SELECT id FROM o)"),
    "interval_join": EVENTS + OTHERS + sink("a INT, b INT, ts TIMESTAMP(3)") + insert(
        "SELECT e.id, o.id, e.ts FROM e JOIN o ON e.k = o.k AND "
        "o.ts BETWEEN e.ts - INTERVAL '1' SECOND AND e.ts + INTERVAL '1' SECOND"),
    "interval_left_join": EVENTS + OTHERS + sink("a INT, b INT") + insert(
        "SELECT e.id, o.id FROM e LEFT JOIN o ON e.k = o.k AND "
        "o.ts BETWEEN e.ts AND e.ts + INTERVAL '1' SECOND"),
    "temporal_join": EVENTS + OTHERS + """CREATE VIEW versions AS SELECT k, w, ts FROM
  (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS nr FROM o) WHERE nr = 1;
""" + sink("id INT, v INT, w INT") + insert(
        "SELECT e.id, e.v, versions.w FROM e LEFT JOIN versions FOR SYSTEM_TIME AS OF e.ts "
        "ON e.k = versions.k"),
    "top": EVENTS + changes("k INT, id INT, v INT, nr BIGINT") + insert(
        "SELECT k, id, v, nr FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC, "
        "id) AS nr FROM e) WHERE nr <= 3"),
    "first_of_key": EVENTS + changes("k INT, s STRING, id INT") + insert(
        "SELECT k, s, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k, s ORDER BY ts) AS nr "
        "FROM e) WHERE nr = 1"),
    "last_of_key": EVENTS + changes("k INT, s STRING, id INT") + insert(
        "SELECT k, s, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k, s ORDER BY ts DESC) "
        "AS nr FROM e) WHERE nr = 1"),
    "over_rows": EVENTS + sink("id INT, k INT, total BIGINT, n BIGINT") + insert(
        "SELECT id, k, SUM(v) OVER w, COUNT(*) OVER w FROM e WINDOW w AS (PARTITION BY k "
        "ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)"),
    "over_time": EVENTS + sink("id INT, total BIGINT, hi INT") + insert(
        "SELECT id, SUM(v) OVER w, MAX(v) OVER w FROM e WINDOW w AS (PARTITION BY k ORDER BY ts "
        "RANGE BETWEEN INTERVAL '5' SECOND PRECEDING AND CURRENT ROW)"),
    "match": EVENTS + sink("k INT, top INT, bottom INT, next_v INT") + insert(
        "SELECT k, top, bottom, next_v FROM e MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES "
        "FIRST(D.v) AS top, LAST(D.v) AS bottom, U.v AS next_v ONE ROW PER MATCH AFTER MATCH SKIP "
        "PAST LAST ROW PATTERN (D D+ U) DEFINE D AS PREV(D.v) IS NULL OR D.v < PREV(D.v), "
        "U AS U.v > PREV(U.v))"),
    "cdc_group": CDC + changes("grp INT, n BIGINT, total BIGINT, hi BIGINT") + insert(
        "SELECT grp, COUNT(*), SUM(amount), MAX(amount) FROM c GROUP BY grp"),
    "cdc_top": CDC + changes("id INT, amount BIGINT") + insert(
        "SELECT id, amount FROM c ORDER BY amount DESC, id LIMIT 10"),
    "cdc_join": CDC + EVENTS + changes("id INT, amount BIGINT, v INT") + insert(
        "SELECT c.id, amount, v FROM c JOIN e ON c.id = e.id"),
    "limit": EVENTS + sink("id INT") + insert("SELECT id FROM e LIMIT 5000"),
    "sorted": EVENTS + sink("v INT, id INT") + insert("SELECT v, id FROM e ORDER BY v, id DESC"),
    "collect": EVENTS + changes("k INT, texts STRING") + insert(
        "SELECT k, CAST(COLLECT(s) AS STRING) FROM e WHERE v < 5 GROUP BY k"),
    "partitions": EVENTS + "CREATE TABLE r (id INT, v INT, k INT) PARTITIONED BY (k) WITH ("
    "'connector' = 'filesystem', 'path' = '${OUT}/r', 'format' = 'csv', "
    "'sink.partition-commit.policy.kind' = 'success-file', "
    "'sink.partition-commit.delay' = '1 h');\n" + insert(
        "SELECT id, v, MOD(k, 5) FROM e"),
    "small_files": EVENTS + sink("id INT, s STRING", "csv", "r",
                                 ", 'sink.rolling-policy.file-size' = '20kb'") + insert(
        "SELECT id, s FROM e"),
    "with_header": """CREATE TABLE h (id INT, v INT, s STRING) WITH ('connector' = 'filesystem',
  'path' = '${IN}/header.csv', 'format' = 'csv', 'csv.header' = 'true');
""" + sink("id INT, v INT", "csv", "r", ", 'csv.header' = 'true'") + insert(
        "SELECT id, v FROM h WHERE v > 10"),
    "packed": """CREATE TABLE z (id INT, v INT) WITH ('connector' = 'filesystem',
  'path' = '${IN}/packed.csv.gz', 'format' = 'csv');
""" + sink("id INT, v INT") + insert("SELECT id, v + 1 FROM z"),
    "many_files": """CREATE TABLE m (id INT, v INT, f STRING METADATA FROM 'file.name' VIRTUAL)
  WITH ('connector' = 'filesystem', 'path' = '${IN}/parts', 'format' = 'csv');
""" + changes("f STRING, n BIGINT, total BIGINT") + insert(
        "SELECT f, COUNT(*), SUM(v) FROM m GROUP BY f"),
    "bad_records": """CREATE TABLE b (id INT, v INT) WITH ('connector' = 'filesystem',
  'path' = '${IN}/bad.json', 'format' = 'json', 'dead-letter' = '${OUT}/dead.jsonl');
""" + sink("id INT, v INT") + insert("SELECT id, v FROM b"),
    "two_sinks": EVENTS + sink("id INT, v INT", name="r") + changes("k INT, n BIGINT", "q")
    + "EXECUTE STATEMENT SET BEGIN\n" + insert("SELECT id, v FROM e WHERE v > 80")
    + insert("SELECT k, COUNT(*) FROM e WHERE v > 80 GROUP BY k", "q") + "END;\n",
    "two_jobs": EVENTS + OTHERS + sink("id INT, v INT", name="r") + changes(
        "k INT, n BIGINT", "q") + insert("SELECT id, v FROM e") + insert(
        "SELECT k, COUNT(*) FROM o GROUP BY k", "q"),
    "generated": """CREATE TABLE g (a INT, b STRING, n INT) WITH ('connector' = 'datagen',
  'rows-per-second' = '1000000', 'number-of-rows' = '12000', 'seed' = '5',
  'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '12000');
""" + sink("a INT, b STRING, n INT") + insert("SELECT a, b, n FROM g"),
}

ORDERED = {"sorted", "limit", "filter", "json_to_csv", "small_files", "with_header", "packed",
           "bad_records", "generated"}
# Output of these is a stream of changes, whose steps may fall differently.
CHANGES = {name for name, sql in PIPELINES.items() if "debezium-json'" in sql.split("INSERT")[0]
           and "'path' = '${OUT}" in sql}


def time_text(ms):
    seconds = ms // 1000
    return "2024-01-01 %02d:%02d:%02d.%03d" % (seconds // 3600, seconds // 60 % 60, seconds % 60,
                                               ms % 1000)


def cdc_lines(rng, count):
    rows = {}
    for i in range(count):
        key = rng.randrange(400)
        before = rows.get(key)
        if before and rng.random() < 0.2:
            del rows[key]
            yield json.dumps({"before": before, "after": None, "op": "d"})
            continue
        rows[key] = {"id": key, "grp": rng.randrange(20), "amount": rng.randrange(10000)}
        yield json.dumps({"before": before, "after": rows[key], "op": "u" if before else "c"})


def make_input(directory, seed):
    rng = random.Random(seed)
    os.makedirs(os.path.join(directory, "parts"), exist_ok=True)

    def text(name, lines, opener=open):
        with opener(os.path.join(directory, name), "wt") as out:
            out.writelines(line + "\n" for line in lines)

    text("events.csv", ("%d,%d,%d,%s,%s" % (
        i, rng.randrange(50), rng.randrange(100), "s%d" % rng.randrange(30),
        time_text(max(0, i * 20 - rng.choice((0, 0, 0, 500, 2500, 9000))))) for i in range(ROWS)))
    text("others.json", (json.dumps({
        "id": rng.randrange(ROWS), "k": rng.randrange(50), "w": rng.randrange(100),
        "ts": time_text(max(0, i * 40 - rng.choice((0, 0, 700))))}) for i in range(ROWS // 2)))
    text("cdc.json", cdc_lines(rng, ROWS // 2))
    text("header.csv", ["s,id,v,unused"] + [
        "\"a, %d\",%d,%d,x" % (i, i, rng.randrange(100)) for i in range(ROWS)])
    text("packed.csv.gz", ("%d,%d" % (i, rng.randrange(100)) for i in range(ROWS)), gzip.open)
    for part in range(6):
        text("parts/%d.csv" % part, ("%d,%d" % (i, rng.randrange(100))
                                     for i in range(ROWS // 6)))
    text("bad.json", ("{\"id\": %d, \"v\": %s}" % (i, "nothing" if i % 97 == 5 else i % 7)
                      for i in range(ROWS)))
