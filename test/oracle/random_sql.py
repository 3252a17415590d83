"""random_sql.py -- random tables with random retractions, and random queries over them, each as
weir and as DuckDB say it. Values are small, so that NULLs, ties and equal keys are common.
SPDX-License-Identifier: Apache-2.0
"""
import json

# The columns of every table: name, kind, weir's type, DuckDB's type.
COLUMNS = [("id", "int", "BIGINT", "BIGINT"), ("k", "int", "BIGINT", "BIGINT"),
           ("v", "int", "BIGINT", "BIGINT"), ("d", "dec", "DECIMAL(8, 2)", "DECIMAL(8, 2)"),
           ("f", "dbl", "DOUBLE", "DOUBLE"), ("s", "str", "STRING", "VARCHAR"),
           ("b", "bool", "BOOLEAN", "BOOLEAN"), ("t", "ts", "TIMESTAMP(3)", "TIMESTAMP")]
COMPARED = ["int", "dec", "dbl", "str", "ts"]


class Text:
    """The same text for both, where they differ in nothing."""

    def __init__(self, weir, duck=None):
        self.weir = weir
        self.duck = weir if duck is None else duck


def fill(pattern, *parts, duck=None):
    """pattern % parts, in both dialects."""
    return Text(pattern % tuple(p.weir for p in parts),
                (duck or pattern) % tuple(p.duck for p in parts))


def join(separator, parts):
    return Text(separator.join(p.weir for p in parts), separator.join(p.duck for p in parts))


class Col:
    """A column in scope: how to write it, and its kind."""

    def __init__(self, text, kind):
        self.text = Text(text)
        self.kind = kind


def literal(given):
    return "NULL" if given is None else "'%s'" % given


class Table:
    """Random changes and the rows that they leave."""

    def __init__(self, rng, name, n_changes):
        self.rng, self.name = rng, name
        self.is_append_only = rng.random() < 0.25
        self.has_key = not self.is_append_only and rng.random() < 0.4
        self.rows, self.lines, self.next_id = [], [], 0
        for _ in range(n_changes):
            self.change()

    def row(self):
        rng = self.rng

        def maybe(given):
            return None if rng.random() < 0.12 else given

        self.next_id += 1
        return {"id": self.next_id, "k": maybe(rng.randint(0, 4)), "v": maybe(rng.randint(-9, 9)),
                "d": maybe(rng.randint(-500, 500) / 100), "f": maybe(rng.randint(-16, 16) / 4),
                "s": maybe(rng.choice(["a", "b", "ab", "Abc", "", "zz"])),
                "b": maybe(rng.random() < 0.5),
                "t": maybe("2024-0%d-%02d 0%d:%02d:00" % (rng.randint(1, 3), rng.randint(1, 28),
                                                          rng.randint(0, 9), rng.randint(0, 59)))}

    def change(self):
        kind = "c" if self.is_append_only or not self.rows else self.rng.choice("cccud")
        if kind == "c":
            after = self.row()
            self.rows.append(after)
            change = {"before": None, "after": after, "op": "c"}
        else:
            at = self.rng.randrange(len(self.rows))
            before = self.rows.pop(at)
            after = None
            if kind == "u":
                after = {**self.row(), "id": before["id"]}
                for name in self.rng.sample(list(before), 4):
                    after[name] = before[name]
                self.rows.insert(at, after)
            change = {"before": before, "after": after, "op": kind}
        self.lines.append(json.dumps(after if self.is_append_only else change))

    def text(self):
        return "".join(line + "\n" for line in self.lines)

    def ddl(self, path):
        columns = ", ".join("%s %s" % (c[0], c[2]) for c in COLUMNS)
        return ("CREATE TABLE %s (%s%s) WITH ('connector' = 'filesystem', 'path' = '%s', "
                "'format' = '%s');" % (self.name, columns,
                                       ", PRIMARY KEY (id) NOT ENFORCED" if self.has_key else "",
                                       path, "json" if self.is_append_only else "debezium-json"))

    def load(self, duck):
        duck.execute("CREATE OR REPLACE TABLE %s (%s)" % (
            self.name, ", ".join("%s %s" % (c[0], c[3]) for c in COLUMNS)))
        if self.rows:
            duck.execute("INSERT INTO %s VALUES %s" % (self.name, ", ".join(
                "(%s)" % ", ".join(literal(row[c[0]]) for c in COLUMNS) for row in self.rows)))


class Query:
    def __init__(self, text, kinds, view=""):
        self.text, self.kinds, self.view = text, kinds, view

    def with_view(self, view):
        """The same, with a view that weir's text needs."""
        return Query(self.text, self.kinds, view)


class Generator:
    """Random queries; every relation is a Query whose columns are c0, c1, ... when aliased."""

    def __init__(self, rng, tables, is_batch):
        self.rng, self.tables, self.n_alias, self.is_batch = rng, tables, 0, is_batch

    def alias(self):
        self.n_alias += 1
        return "r%d" % self.n_alias

    def pick(self, *choices):
        return self.rng.choice(choices)

    # ---- scalar expressions ----

    def literal(self, kind):
        rng = self.rng
        return {"int": lambda: Text("CAST(%d AS BIGINT)" % rng.randint(-5, 9)),
                "dec": lambda: Text("CAST(%d.%02d AS DECIMAL(8, 2))"
                                    % (rng.randint(-4, 4), rng.randint(0, 99))),
                "dbl": lambda: Text("CAST(%s AS DOUBLE)" % (rng.randint(-8, 8) / 4)),
                "str": lambda: Text("'%s'" % self.pick("a", "b", "ab", "x", "")),
                "bool": lambda: Text(self.pick("TRUE", "FALSE")),
                "ts": lambda: Text("TIMESTAMP '2024-02-%02d 00:00:00'"
                                   % rng.randint(1, 28))}[kind]()

    def column(self, kind, cols):
        fitting = [c for c in cols if c.kind == kind]
        return self.rng.choice(fitting).text if fitting else self.literal(kind)

    def expr(self, kind, cols, depth=2):
        if depth == 0 or self.rng.random() < 0.4:
            return self.column(kind, cols) if self.rng.random() < 0.85 else self.literal(kind)
        if self.rng.random() < 0.15:
            return self.choice(kind, cols, depth - 1)
        return getattr(self, "expr_" + kind)(cols, depth - 1)

    def choice(self, kind, cols, depth):
        a, b = self.expr(kind, cols, depth), self.expr(kind, cols, depth)
        how = self.rng.randrange(3)
        if how == 0:
            return fill("CASE WHEN %s THEN %s ELSE %s END", self.condition(cols, depth), a, b)
        if how == 1:
            return fill("COALESCE(%s, %s)", a, b)
        # DuckDB 2.0 takes NULLIF('', s) IN ('') for s = ''.
        return Text("NULLIF(%s, %s)" % (a.weir, b.weir),
                    "CASE WHEN %s = %s THEN NULL ELSE %s END" % (a.duck, b.duck, a.duck))

    def expr_int(self, cols, depth):
        a, b = self.expr("int", cols, depth), self.expr("int", cols, depth)
        how = self.rng.randrange(6)
        if how == 0:
            return fill("CAST(CHAR_LENGTH(%s) AS BIGINT)", self.expr("str", cols, depth))
        if how == 1:
            return fill("MOD(%s, " + str(self.rng.randint(2, 5)) + ")", a)
        if how == 2:
            return fill("ABS(%s)", a)
        if how == 3:
            return fill("EXTRACT(" + self.pick("DAY", "HOUR", "MONTH") + " FROM %s)",
                        self.expr("ts", cols, depth))
        return fill("(%s + %s)" if how == 4 else "(%s - %s)", a, b)

    def expr_dec(self, cols, depth):
        a = self.column("dec", cols)
        b = self.column("dec", cols)
        return fill(self.pick("CAST(%s + %s AS DECIMAL(8, 2))", "CAST(%s - %s AS DECIMAL(8, 2))"),
                    a, b) if depth else fill("ABS(%s)", a)

    def expr_dbl(self, cols, depth):
        a, b = self.expr("dbl", cols, depth), self.expr("dbl", cols, depth)
        how = self.rng.randrange(4)
        if how == 0:
            return fill("CAST(%s AS DOUBLE)", self.expr("int", cols, depth))
        return fill(["(%s + %s)", "(%s - %s)", "(%s * %s)"][how - 1], a, b)

    def expr_str(self, cols, depth):
        a = self.expr("str", cols, depth)
        how = self.rng.randrange(5)
        if how == 0:
            return fill("UPPER(%s)", a)
        if how == 1:
            return fill("SUBSTRING(%s FROM 1 FOR 2)", a)
        if how == 2:
            return fill("TRIM(%s)", a)
        if how == 3:
            return fill("CAST(%s AS STRING)", self.expr("int", cols, depth),
                        duck="CAST(%s AS VARCHAR)")
        return fill("(%s || %s)", a, self.expr("str", cols, depth))

    def expr_bool(self, cols, depth):
        return self.condition(cols, depth)

    def expr_ts(self, cols, depth):
        a = self.expr("ts", cols, depth)
        if self.rng.random() < 0.5:
            return fill("FLOOR(%s TO DAY)", a, duck="DATE_TRUNC('day', %s)")
        return fill("(%s + INTERVAL '3' HOUR)", a)

    # ---- conditions ----

    def condition(self, cols, depth=2):
        how = self.rng.randrange(9 if depth else 5)
        kind = self.pick(*COMPARED)
        a = self.expr(kind, cols, min(depth, 1))
        if how < 3:
            operator = self.pick("=", "<>", "<", "<=", ">", ">=", "=", "IS NOT DISTINCT FROM")
            return fill("(%s " + operator + " %s)", a, self.expr(kind, cols, min(depth, 1)))
        if how == 3:
            return fill(self.pick("(%s IS NULL)", "(%s IS NOT NULL)"), a)
        if how == 4:
            return fill("(%s" + self.pick(" IN ", " NOT IN ", " IN ") + "(%s, %s, %s))", a,
                        *(self.literal(kind) for _ in range(3)))
        if how == 5:
            return fill("(%s BETWEEN %s AND %s)", a, self.literal(kind), self.literal(kind))
        if how == 6:
            return fill("(%s LIKE '" + self.pick("a%%", "%%b%%", "_b", "%%") + "')",
                        self.expr("str", cols, depth - 1))
        if how == 7:
            return fill("(NOT %s)", self.condition(cols, depth - 1))
        return fill(self.pick("(%s AND %s)", "(%s OR %s)"), self.condition(cols, depth - 1),
                    self.condition(cols, depth - 1))

    # ---- relations ----

    def source(self, depth):
        """A FROM item and its columns: a table or a subquery."""
        name = self.alias()
        if depth <= 0 or self.rng.random() < 0.6:
            table = self.rng.choice(self.tables)
            return (Text("%s AS %s" % (table.name, name)),
                    [Col("%s.%s" % (name, c[0]), c[1]) for c in COLUMNS])
        query = self.query(depth - 1)
        return (fill("(%s) AS " + name, query.text),
                [Col("%s.c%d" % (name, i), kind) for i, kind in enumerate(query.kinds)])

    def joined(self, depth):
        left, cols = self.source(depth - 1)
        for _ in range(self.pick(1, 1, 2)):
            right, more = self.source(depth - 1)
            kind = self.pick("int", "int", "str", "dec", "ts")
            how = self.pick("JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
            on = fill("(%s = %s)", self.column(kind, cols), self.column(kind, more))
            if not any(c.kind == kind for c in cols) or not any(c.kind == kind for c in more):
                how, on = "JOIN", fill("(%s)", self.condition(cols + more, 1))
            elif self.rng.random() < 0.3:
                on = fill("%s AND %s", on, self.condition(cols + more, 1))
            left, cols = fill("%s " + how + " %s ON %s", left, right, on), cols + more
        return left, cols

    def subquery_condition(self, cols, depth):
        inner, more = self.source(depth - 1)
        kind = self.pick("int", "str", "dec")
        outer_col, inner_col = self.expr(kind, cols, 1), self.column(kind, more)
        how = self.rng.randrange(5)
        if how == 0:
            return fill("EXISTS (SELECT 1 FROM %s WHERE %s = %s)", inner, inner_col, outer_col)
        if how == 1:
            return fill("NOT EXISTS (SELECT 1 FROM %s WHERE %s = %s AND %s)", inner, inner_col,
                        outer_col, self.condition(more, 1))
        if how == 2:
            return fill("%s IN (SELECT %s FROM %s)", outer_col, inner_col, inner)
        if how == 3:
            return fill("%s NOT IN (SELECT %s FROM %s WHERE %s IS NOT NULL)", outer_col, inner_col,
                        inner, inner_col)
        return fill("%s " + self.pick("<", "=", ">=") + " (SELECT MAX(%s) FROM %s)", outer_col,
                    inner_col, inner)

    def body(self, depth):
        """FROM and WHERE, and the columns in scope."""
        text, cols = self.joined(depth) if depth > 0 and self.rng.random() < 0.45 else \
            self.source(depth)
        if self.rng.random() < 0.5:
            text = fill("%s WHERE %s", text, self.condition(cols))
            if depth > 0 and self.rng.random() < 0.4:
                text = fill("%s AND %s", text, self.subquery_condition(cols, depth))
        return text, cols

    # ---- queries ----

    def query(self, depth=2):
        how = self.rng.random()
        if how < 0.25:
            return self.plain(depth)
        if how < 0.60:
            return self.grouped(depth)
        if how < 0.75 and depth > 0:
            return self.set_operation(depth)
        if how < 0.86:
            return self.top(depth)
        if how < 0.95:
            return self.over(depth)
        return self.plain(depth, "DISTINCT ")

    def select(self, items, kinds, rest, distinct=""):
        named = [fill("%s AS c" + str(i), item) for i, item in enumerate(items)]
        return Query(fill("SELECT " + distinct + "%s FROM %s", join(", ", named), rest), kinds)

    def plain(self, depth, distinct=""):
        text, cols = self.body(depth)
        kinds = [self.pick("int", "dec", "dbl", "str", "bool", "ts", "int")
                 for _ in range(self.rng.randint(1, 4))]
        return self.select([self.expr(kind, cols) for kind in kinds], kinds, text, distinct)

    def aggregate(self, cols):
        """An aggregate call and the kind of its result."""
        how = self.rng.randrange(7)
        kind = self.pick("int", "dec", "dbl")
        if how == 0:
            call = Text("COUNT(*)"), "int"
        elif how == 1:
            call = fill("COUNT(%s)", self.expr(self.pick(*COMPARED, "bool"), cols, 1)), "int"
        elif how == 2:
            call = fill("COUNT(DISTINCT %s)", self.expr(self.pick(*COMPARED), cols, 1)), "int"
        elif how == 3:
            kind = self.pick(*COMPARED)
            call = fill(self.pick("MIN(%s)", "MAX(%s)"), self.expr(kind, cols, 1)), kind
        elif how == 4:
            call = fill("SUM(DISTINCT %s)", self.column(kind, cols)), kind
        elif how == 5:
            a = self.expr("dbl", cols, 1)
            call = fill("AVG(%s)", a), "near"
        else:
            call = fill("SUM(%s)", self.column(kind, cols)), kind
        if how != 5 and self.rng.random() < 0.2:
            call = fill("%s FILTER (WHERE %s)", call[0], self.condition(cols, 1)), call[1]
        if call[1] == "dec":
            call = fill("CAST(%s AS DECIMAL(8, 2))", call[0]), "dec"
        elif call[1] == "int":
            call = fill("CAST(%s AS BIGINT)", call[0]), "int"
        elif call[1] == "near":
            call = call[0], "near"
        return call

    def grouped(self, depth):
        text, cols = self.body(depth)
        calls = [self.aggregate(cols) for _ in range(self.rng.randint(1, 3))]
        kinds = [self.pick("int", "str", "bool", "int", "dec", "ts")
                 for _ in range(self.pick(0, 1, 1, 2))]
        keys = []
        for kind in kinds:
            fitting = [c.text for c in cols if c.kind == kind]
            keys.append(self.rng.choice(fitting) if fitting else None)
        kinds = [kind for kind, key in zip(kinds, keys) if key]
        keys = [key for key in keys if key]
        # The same column twice as a key says nothing more.
        if len(keys) == 2 and keys[0].weir == keys[1].weir:
            keys, kinds = keys[:1], kinds[:1]
        if keys:
            how = self.pick("%s", "%s", "%s", "ROLLUP (%s)", "CUBE (%s)",
                            "GROUPING SETS ((%s), ())")
            text = fill("%s GROUP BY " + how, text, join(", ", keys))
        having = self.pick("COUNT(*) > 1", "COUNT(*) < 4", "TRUE", "TRUE") if keys else "TRUE"
        # Of nothing, Flink makes no groups and no totals, and a stream has no aggregate either.
        text = fill("%s HAVING " + having, text, duck="%s HAVING " + having + (
            " AND COUNT(*) > 0" if keys or not self.is_batch else ""))
        return self.select(keys + [call[0] for call in calls],
                           kinds + [call[1] for call in calls], text)

    def set_operation(self, depth):
        left = self.plain(depth - 1)
        inner, cols = self.body(depth - 1)
        right = self.select([self.expr(kind, cols, 1) for kind in left.kinds], left.kinds, inner)
        how = self.pick("UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL")
        text = fill("%s " + how + " %s", left.text, right.text)
        return Query(fill("SELECT * FROM (%s)", text) if self.rng.random() < 0.3 else text,
                     left.kinds)

    def top(self, depth):
        """The first rows of each partition. All columns order, so that only equal rows tie."""
        inner = self.plain(depth - 1) if self.rng.random() < 0.7 else self.grouped(depth - 1)
        name = self.alias()
        n = len(inner.kinds)
        order = ["c%d %s" % (i, self.pick("ASC NULLS FIRST", "DESC NULLS LAST"))
                 for i in self.rng.sample(range(n), n)]
        if "near" in inner.kinds:
            return inner
        columns = ", ".join("c%d" % i for i in range(n))
        if self.rng.random() < 0.25:
            text = fill("SELECT " + columns + " FROM (%s) AS " + name + " ORDER BY "
                        + ", ".join(order) + " LIMIT " + str(self.rng.randint(1, 5)), inner.text)
            return Query(text, inner.kinds)
        part = "" if self.rng.random() < 0.3 else "PARTITION BY c%d " % self.rng.randrange(n)
        rank = self.pick("ROW_NUMBER", "ROW_NUMBER", "RANK", "DENSE_RANK")
        if rank != "ROW_NUMBER":
            order = order[:max(1, n - 1)]
        bound = self.pick("<= 1", "<= 2", "<= 3", "< 3", "= 1", "BETWEEN 2 AND 3")
        shown = self.rng.random() < 0.5
        text = fill("SELECT " + columns + (", p AS c%d" % n if shown else "") + " FROM (SELECT *, "
                    "CAST(" + rank + "() OVER (" + part + "ORDER BY " + ", ".join(order)
                    + ") AS BIGINT) AS p FROM (%s) AS " + name + ") AS " + name + "x WHERE p "
                    + bound, inner.text)
        return Query(text, inner.kinds + (["int"] if shown else []))

    # ---- OVER ----

    def frame(self):
        """A frame whose start is not behind its end."""
        unit = self.pick("ROWS", "ROWS", "RANGE")
        bounds = ["UNBOUNDED PRECEDING", "2 PRECEDING", "1 PRECEDING", "CURRENT ROW",
                  "1 FOLLOWING", "2 FOLLOWING", "UNBOUNDED FOLLOWING"]
        if unit == "RANGE":
            bounds = [bounds[0], bounds[3], bounds[6]]
        start = self.rng.randrange(len(bounds) - 1)
        end = self.rng.randrange(max(start, 1), len(bounds))
        return " %s BETWEEN %s AND %s" % (unit, bounds[start], bounds[end])

    def window_call(self, cols):
        """A window function call without its OVER, its kind, and whether it takes a frame."""
        kind = self.pick(*COMPARED)
        a = self.column(kind, cols)
        how = self.rng.randrange(8)
        if how == 0:
            name = self.pick("ROW_NUMBER()", "RANK()", "DENSE_RANK()", "NTILE(3)")
            return Text("CAST(%s OVER w AS BIGINT)" % name), "int", 0
        if how == 1:
            return Text(self.pick("PERCENT_RANK() OVER w", "CUME_DIST() OVER w")), "near", 0
        if how == 2:
            return fill(self.pick("LAG", "LEAD") + "(%s" + self.pick("", ", 1", ", 2") + ") OVER w",
                        a), kind, 0
        if how == 3:
            name = self.pick("FIRST_VALUE", "LAST_VALUE")  # Flink's pass over NULLs
            return fill(name + "(%s) OVER w", a, duck=name + "(%s IGNORE NULLS) OVER w"), kind, 1
        if how == 4:
            return fill(self.pick("MIN", "MAX") + "(%s) OVER w", a), kind, 1
        if how == 5:
            return fill("CAST(COUNT(%s) OVER w AS BIGINT)", self.pick(a, Text("*"))), "int", 1
        kind = self.pick("int", "dbl")
        return fill("SUM(%s) OVER w", self.column(kind, cols)), kind, 1

    def over(self, depth):
        """Calls over one window. All columns order it, so that only equal rows tie."""
        text, cols = self.source(depth)
        shared = None if text.weir.startswith("t") else self.frame()  # equal rows, in one order
        if self.rng.random() < 0.3:
            text = fill("%s WHERE %s", text, self.condition(cols, 1))
        order = [c.text.weir + self.pick(" ASC NULLS FIRST", " DESC NULLS LAST")
                 for c in self.rng.sample(cols, len(cols))]
        part = self.rng.choice(cols).text.weir
        window = "(%sORDER BY %s)" % ("PARTITION BY %s " % part if self.rng.random() < 0.75 else "",
                                     ", ".join(order))
        calls = [self.window_call(cols) for _ in range(self.rng.randint(1, 3))]
        items, kinds = [], []
        for call, kind, takes_frame in calls:
            frame = shared or (self.frame() if self.rng.random() < 0.7 else "")
            if shared and not takes_frame:
                continue
            over = " OVER " + window[:-1] + (frame if takes_frame else "") + ")"
            items.append(Text(call.weir.replace(" OVER w", over),
                              call.duck.replace(" OVER w", over)))
            kinds.append(kind)
        kept = [c for c in cols if c.kind != "near"][:2]
        return self.select([c.text for c in kept] + items, [c.kind for c in kept] + kinds, text)
