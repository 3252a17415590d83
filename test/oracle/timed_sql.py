"""timed_sql.py -- random streams of events and random queries in event time over them, each as weir
and as DuckDB say it: windows, joins of windows, of intervals and as of a time, OVER, first and last
rows. Rows come out of order, but never behind their watermark.
SPDX-License-Identifier: Apache-2.0
"""
import json

from random_sql import Query, Text, fill, literal

COLUMNS = [("n", "int"), ("k", "int"), ("v", "int"), ("s", "str"), ("ts", "ts")]
WINDOW = [("window_start", "ts"), ("window_end", "ts")]
DELAY = 5  # seconds


def clock(second):
    return "2024-01-01 %02d:%02d:%02d" % (second // 3600, second // 60 % 60, second % 60)


class Stream:
    """Events whose times jump forward; some come up to DELAY seconds late."""

    def __init__(self, rng, name, n_rows):
        self.name, self.rows = name, []
        now = 0
        for n in range(n_rows):
            now += rng.choice([0, 0, 1, 1, 1, 2, 3, 3, 9])
            if rng.random() < 0.02:
                now += rng.randint(20, 90)
            late = rng.choice([0, 0, 0, 1, 2, DELAY - 1])
            self.rows.append({
                "n": n, "k": None if rng.random() < 0.08 else rng.randint(0, 3),
                "v": None if rng.random() < 0.1 else rng.randint(-9, 9),
                "s": rng.choice(["a", "b", "c", None]), "ts": clock(max(0, now - late))})

    def ddl(self, path):
        return ("CREATE TABLE %s (n BIGINT, k BIGINT, v BIGINT, s STRING, ts TIMESTAMP(3), "
                "WATERMARK FOR ts AS ts - INTERVAL '%d' SECOND) WITH ('connector' = 'filesystem', "
                "'path' = '%s', 'format' = 'json');" % (self.name, DELAY, path))

    def text(self):
        return "".join(json.dumps(row) + "\n" for row in self.rows)

    def load(self, duck):
        duck.execute("CREATE OR REPLACE TABLE %s (n BIGINT, k BIGINT, v BIGINT, s VARCHAR, "
                     "ts TIMESTAMP)" % self.name)
        if self.rows:
            duck.execute("INSERT INTO %s VALUES %s" % (self.name, ", ".join(
                "(%s)" % ", ".join(literal(row[c[0]]) for c in COLUMNS) for row in self.rows)))


def seconds(n):
    return "INTERVAL '%d' %s" % ((n // 60, "MINUTE") if n % 60 == 0 else (n, "SECOND"))


class Window:
    """A window of one of four kinds, for any table."""

    def __init__(self, rng, kinds=("TUMBLE", "HOP", "CUMULATE", "SESSION")):
        self.kind = rng.choice(kinds)
        self.step = rng.choice([2, 5, 10, 30])
        self.size = self.step * (1 if self.kind in ("TUMBLE", "SESSION") else rng.choice([2, 3, 6]))
        self.offset = rng.choice([0, 0, 0, 1, 3]) if self.kind != "SESSION" else 0
        self.by_key = rng.random() < 0.7

    def weir(self, table):
        more = "" if not self.offset else ", " + seconds(self.offset)
        if self.kind == "TUMBLE":
            args = seconds(self.size)
        elif self.kind == "SESSION":
            args = seconds(self.size)
            table += " PARTITION BY k" if self.by_key else ""
        else:
            args = "%s, %s" % (seconds(self.step), seconds(self.size))
        return "TABLE(%s(TABLE %s, DESCRIPTOR(ts), %s%s))" % (self.kind, table, args, more)

    def duck(self, table):
        origin = "TIMESTAMP '1970-01-01 00:00:%02d'" % self.offset
        bucket = "TIME_BUCKET(TO_SECONDS(%%d), ts, %s)" % origin
        if self.kind == "SESSION":
            return self.duck_session(table)
        if self.kind == "CUMULATE":
            start = bucket % self.size
            end = "%s + TO_SECONDS(%d * i)" % (start, self.step)
            rows = ("(SELECT *, %s AS window_start, %s AS window_end FROM %s, RANGE(1, %d) AS r(i) "
                    "WHERE %s > ts)" % (start, end, table, self.size // self.step + 1, end))
        else:
            start = "%s - TO_SECONDS(%d * i)" % (bucket % self.step, self.step)
            rows = ("(SELECT *, %s AS window_start, %s + TO_SECONDS(%d) AS window_end FROM %s, "
                    "RANGE(%d) AS r(i))" % (start, start, self.size, table, self.size // self.step))
        return "(SELECT n, k, v, s, ts, window_start, window_end FROM %s)" % rows

    def duck_session(self, table):
        part = "PARTITION BY k " if self.by_key else ""
        over = "OVER (%sORDER BY ts, n)" % part
        marked = ("(SELECT *, CASE WHEN ts > LAG(ts) %s + TO_SECONDS(%d) THEN 1 ELSE 0 END "
                  "AS is_new FROM %s)" % (over, self.size, table))
        numbered = "(SELECT *, SUM(is_new) %s AS i FROM %s)" % (over, marked)
        group = "OVER (PARTITION BY %si)" % ("k, " if self.by_key else "")
        return ("(SELECT n, k, v, s, ts, MIN(ts) %s AS window_start, MAX(ts) %s + TO_SECONDS(%d) "
                "AS window_end FROM %s)" % (group, group, self.size, numbered))

    def text(self, table):
        return Text(self.weir(table), self.duck(table))


class Generator:
    def __init__(self, rng, is_batch):
        self.rng, self.is_batch = rng, is_batch

    def pick(self, *choices):
        return self.rng.choice(choices)

    def query(self):
        return self.pick(self.grouped, self.grouped, self.cascade, self.window_top,
                         self.window_join, self.window_semi, self.interval_join,
                         self.temporal_join, self.over,
                         self.first_or_last, self.legacy)()

    def condition(self, prefix=""):
        text = self.pick("v > 0", "v <> 3", "s = 'a'", "s IS NOT NULL", "k < 2",
                         "v IS NULL OR k = 1")
        for name in ("v ", "s ", "k "):
            text = text.replace(name, prefix + name)
        return text

    def calls(self):
        """Aggregate calls and their kinds."""
        known = [("COUNT(*)", "int"), ("COUNT(v)", "int"), ("CAST(SUM(v) AS BIGINT)", "int"),
                 ("MIN(v)", "int"), ("MAX(s)", "str"), ("COUNT(DISTINCT s)", "int"),
                 ("MAX(ts)", "ts"), ("CAST(SUM(DISTINCT v) AS BIGINT)", "int"),
                 ("COUNT(*) FILTER (WHERE %s)" % self.condition(), "int"),
                 ("AVG(CAST(v AS DOUBLE))", "near")]
        return self.rng.sample(known, self.rng.randint(1, 3))

    def where(self):
        return "" if self.rng.random() < 0.6 else " WHERE " + self.condition()

    # ---- windows ----

    def grouped(self):
        window, calls = Window(self.rng), self.calls()
        where = self.where() if window.kind != "SESSION" else ""
        keys = self.pick([], [("k", "int")], [("s", "str")], [("k", "int"), ("s", "str")])
        if window.kind == "SESSION":
            keys = [("k", "int")] if window.by_key else []
        names = [key[0] for key in keys]
        group = ", ".join(["window_start", "window_end"] + names)
        if len(keys) == 2 and self.rng.random() < 0.4:
            group = "window_start, window_end, " + self.pick(
                "ROLLUP (k, s)", "CUBE (k, s)", "GROUPING SETS ((k), (s))")
        shown = WINDOW + keys + calls
        text = fill("SELECT %s FROM %s%s GROUP BY %s", Text(", ".join(
            "%s AS c%d" % (call[0], i) for i, call in enumerate(shown))),
            window.text(self.pick("e0", "e1")), Text(where), Text(group))
        if self.rng.random() < 0.2:
            text = fill("%s HAVING COUNT(*) > 1", text)
        return Query(text, [call[1] for call in shown])

    def cascade(self):
        """Windows over the time of smaller windows."""
        small = Window(self.rng, ("TUMBLE", "HOP"))
        small.offset = 0
        size = small.size * self.pick(2, 3)
        inner = "SELECT k, COUNT(*) AS c, SUM(v) AS v, window_start, window_end%s FROM %s " \
            "GROUP BY k, window_start, window_end%s"
        weir = inner.replace("window_end%s", "window_end AS small_end%s", 1).replace(
            " window_start,", " window_start AS small_start,", 1) % (
                ", window_time AS t", small.weir("e0"), ", window_time")
        duck = inner % ("", small.duck("e0"), "")
        columns = "CAST(SUM(c) AS BIGINT), CAST(SUM(v) AS BIGINT), MAX(c)"
        return Query(Text(
            "SELECT window_start, window_end, %s "
            "FROM TABLE(TUMBLE(TABLE small, DESCRIPTOR(t), %s)) GROUP BY window_start, window_end"
            % (columns, seconds(size)),
            "SELECT TIME_BUCKET(TO_SECONDS(%d), window_end - TO_MICROSECONDS(1000), "
            "TIMESTAMP '1970-01-01') AS w, w + TO_SECONDS(%d), %s FROM (%s) GROUP BY w"
            % (size, size, columns, duck)), ["ts", "ts", "int", "int", "int"]).with_view(
                "CREATE VIEW small AS %s;" % weir)

    def window_top(self):
        """The first rows of each window; all orders end with n, so nothing ties."""
        window = Window(self.rng, ("TUMBLE", "HOP", "CUMULATE"))
        part = self.pick("", ", k", ", s")
        order = self.pick("v DESC NULLS LAST, n", "s ASC NULLS FIRST, n DESC", "n", "ts, n",
                          "ts DESC, n DESC")
        return Query(fill(
            "SELECT window_start, window_end, n, k, s, p FROM (SELECT *, ROW_NUMBER() OVER "
            "(PARTITION BY window_start, window_end" + part + " ORDER BY " + order + ") AS p "
            "FROM %s) AS x WHERE p <= " + str(self.rng.randint(1, 3)), window.text("e0")),
            ["ts", "ts", "int", "int", "str", "int"])

    def window_join(self):
        window = Window(self.rng, ("TUMBLE", "HOP", "CUMULATE"))
        how = self.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
        more = "" if self.rng.random() < 0.6 else " AND a.v < b.v"
        return Query(fill(
            "SELECT a.n, b.n, a.k, b.v, a.window_start, b.window_end FROM (SELECT * FROM %s) AS a "
            + how + " (SELECT * FROM %s) AS b ON a.k = b.k AND a.window_start = b.window_start "
            "AND a.window_end = b.window_end" + more, window.text("e0"), window.text("e1")),
            ["int", "int", "int", "int", "ts", "ts"])

    def window_semi(self):
        window = Window(self.rng, ("TUMBLE", "HOP", "CUMULATE"))
        how = self.pick("EXISTS", "NOT EXISTS")
        return Query(fill(
            "SELECT a.n, a.v, a.window_end FROM (SELECT * FROM %s) AS a WHERE " + how
            + " (SELECT * FROM (SELECT * FROM %s) AS b WHERE a.k = b.k "
            "AND a.window_start = b.window_start "
            "AND a.window_end = b.window_end)", window.text("e0"), window.text("e1")),
            ["int", "int", "ts"])

    def legacy(self):
        size, slide = self.pick((10, 5), (30, 10), (4, 2))
        kind = self.pick("TUMBLE", "HOP", "SESSION")
        window = Window(self.rng, (kind,))
        window.offset, window.by_key, window.step = 0, True, slide
        window.size = size if kind != "SESSION" else slide
        args = {"TUMBLE": seconds(size), "SESSION": seconds(slide),
                "HOP": "%s, %s" % (seconds(slide), seconds(size))}[kind]
        if kind == "TUMBLE":
            window.step = size
        calls = self.calls()
        weir = ("SELECT k, {0}_START(ts, {1}), {0}_END(ts, {1}), {2} FROM e0 "
                "GROUP BY k, {0}(ts, {1})")
        duck = ("SELECT k, window_start, window_end, {0} FROM {1} "
                "GROUP BY k, window_start, window_end")
        columns = ", ".join(call[0] for call in calls)
        return Query(Text(weir.format(kind, args, columns),
                          duck.format(columns, window.duck("e0"))),
                     ["int", "ts", "ts"] + [call[1] for call in calls])

    # ---- joins in time ----

    def interval_join(self):
        how = self.pick("JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
        low, high = sorted((self.rng.randint(-20, 20), self.rng.randint(-20, 20)))
        on = ("a.k = b.k AND b.ts %s a.ts + INTERVAL '%d' SECOND "
              "AND b.ts %s a.ts + INTERVAL '%d' SECOND") % (
                  self.pick(">=", ">"), low, self.pick("<=", "<"), high)
        on = on.replace("+ INTERVAL '-", "- INTERVAL '")
        if self.rng.random() < 0.3:
            on += " AND " + self.pick("a.v < b.v", "a.s = 'a'", "b.v > 0", "a.s <> b.s")
        where = "" if self.rng.random() < 0.7 else " WHERE a.v > 0"
        return Query(Text("SELECT a.n, b.n, a.ts, b.ts, a.k, b.s FROM e0 AS a %s e1 AS b ON %s%s"
                          % (how, on, where)), ["int", "int", "ts", "ts", "int", "str"])

    def temporal_join(self):
        """With the version of the key that was valid at the time. A version that comes behind a
        later one is none, as in Flink; of equal times the last to come stays."""
        how = self.pick("JOIN", "LEFT JOIN")
        more = "" if self.rng.random() < 0.7 else " AND a.v < b.v"
        view = ("CREATE VIEW versions AS SELECT n, k, v, ts FROM (SELECT *, ROW_NUMBER() OVER "
                "(PARTITION BY k ORDER BY ts DESC) AS p FROM e1) WHERE p = 1;")
        duck = ("SELECT a.n, b.n, b.v FROM e0 AS a {0} (SELECT a2.n AS an, b2.n, b2.v, b2.k FROM "
                "e0 AS a2 JOIN (SELECT * FROM e1 "
                "QUALIFY ts >= MAX(ts) OVER (PARTITION BY k ORDER BY n)) AS b2 "
                "ON a2.k = b2.k AND b2.ts <= a2.ts QUALIFY ROW_NUMBER() OVER "
                "(PARTITION BY a2.n ORDER BY b2.ts DESC, b2.n DESC) = 1) AS b ON a.n = b.an{1}")
        return Query(Text("SELECT a.n, b.n, b.v FROM e0 AS a %s versions "
                          "FOR SYSTEM_TIME AS OF a.ts AS b ON a.k = b.k%s"
                          % (how, more), duck.format(how, more)),
                     ["int", "int", "int"]).with_view(view)

    # ---- rows around, first and last ----

    def over(self):
        part = self.pick("PARTITION BY k ", "PARTITION BY k ", "PARTITION BY s, k ", "")
        frame = self.pick("ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
                          "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
                          "RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW",
                          "RANGE BETWEEN INTERVAL '1' MINUTE PRECEDING AND CURRENT ROW",
                          "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
                          "ROWS BETWEEN CURRENT ROW AND CURRENT ROW")
        calls = [("COUNT(*)", "int"), ("CAST(SUM(v) {} AS BIGINT)", "int"), ("MIN(v)", "int"),
                 ("MAX(s)", "str"), ("COUNT(v)", "int"), ("AVG(CAST(v AS DOUBLE))", "near"),
                 ("COUNT(DISTINCT v)", "int"), ("COUNT(*) FILTER (WHERE v > 0)", "int")]
        calls = self.rng.sample(calls, 2)
        order = "ts, n" if frame.startswith("ROWS") else "ts"

        def select(by):
            over = "OVER (%sORDER BY %s %s)" % (part, by, frame)
            return "SELECT n, k, %s FROM e0%s" % (", ".join(
                call[0].format(over) if "{}" in call[0] else call[0] + " " + over
                for call in calls), where)

        where = self.where()
        return Query(Text(select("ts"), select(order)),
                     ["int", "int"] + [call[1] for call in calls])

    def first_or_last(self):
        """In equal times the first (ASC) or the last (DESC) to come wins."""
        part = self.pick("k", "s", "k, s")
        where = self.where()
        how = self.pick("ASC", "DESC")
        text = ("SELECT n, k, v, s, ts FROM (SELECT *, ROW_NUMBER() OVER "
                "(PARTITION BY %s ORDER BY %s) AS p FROM e0%s) AS x WHERE p = 1")
        return Query(Text(text % (part, "ts " + how, where),
                          text % (part, "ts %s, n %s" % (how, how), where)),
                     ["int", "int", "int", "str", "ts"])
