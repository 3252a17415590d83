/* test_sql_error.c -- what a person sees of each kind of syntax error: its place, what was
 * expected, what was found, and the hint.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql_util.h"

typedef struct SqlBad {
    const char *text, *sqlstate, *shown;
} SqlBad;

static const SqlBad bad_texts[] = {
    {"SELEC a FROM t", "42601",
     "1:1: error: expected a statement, found \"SELEC\"\n"
     "  SELEC a FROM t\n"
     "  ^\n"
     "  hint: did you mean SELECT?\n"},
    {"SELECT a, FROM t", "42601",
     "1:11: error: expected an expression, found \"FROM\"\n"
     "  SELECT a, FROM t\n"
     "            ^\n"
     "  hint: remove the comma before it\n"},
    {"SELECT a b c FROM t", "42601",
     "1:12: error: expected \",\", FROM, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT or UNION, found "
     "\"c\"\n"
     "  SELECT a b c FROM t\n"
     "             ^\n"
     "  hint: is a comma missing before it?\n"},
    {"SELECT FROM t", "42601",
     "1:8: error: expected an expression, found \"FROM\"\n"
     "  SELECT FROM t\n"
     "         ^\n"},
    {"SELECT a FROM", "42601",
     "1:14: error: expected a table name, \"(\", TABLE, LATERAL or UNNEST, found the end of the "
     "text\n"
     "  SELECT a FROM\n"
     "               ^\n"},
    {"SELECT * FROM t WHERE", "42601",
     "1:22: error: expected an expression, found the end of the text\n"
     "  SELECT * FROM t WHERE\n"
     "                       ^\n"},
    {"SELECT a FROM t WHERE a == 1", "42601",
     "1:26: error: expected an expression, ANY or SOME, found \"=\"\n"
     "  SELECT a FROM t WHERE a == 1\n"
     "                           ^\n"
     "  hint: equality is written with one =\n"},
    {"SELECT \"a\" FROM t", "42601",
     "1:8: error: double quotes are not used in Flink SQL\n"
     "  SELECT \"a\" FROM t\n"
     "         ^\n"
     "  hint: write a name in `backquotes` and a string in 'single quotes'\n"},
    {"SELECT a FROM t WHERE b = \"x", "42601",
     "1:27: error: double quotes are not used in Flink SQL\n"
     "  SELECT a FROM t WHERE b = \"x\n"
     "                            ^\n"
     "  hint: a string is written in 'single quotes'\n"},
    {"CREATE TABLE t (a INT, b STRING,) WITH ('connector' = 'x')", "42601",
     "1:33: error: expected a column, PRIMARY KEY, CONSTRAINT, UNIQUE or WATERMARK, found \")\"\n"
     "  CREATE TABLE t (a INT, b STRING,) WITH ('connector' = 'x')\n"
     "                                  ^\n"
     "  hint: remove the comma before it\n"},
    {"CREATE TABLE t (a INT b STRING) WITH ('connector' = 'x')", "42601",
     "1:23: error: expected \",\", \")\", PRIMARY KEY, NOT, COMMENT, CONSTRAINT, METADATA, UNIQUE, "
     "..., found \"b\"\n"
     "  CREATE TABLE t (a INT b STRING) WITH ('connector' = 'x')\n"
     "                        ^\n"
     "  hint: is a comma missing before it?\n"},
    {"CREATE TABLE t (a INT, order INT) WITH ('connector' = 'x')", "42601",
     "1:24: error: expected a column, PRIMARY KEY, CONSTRAINT, UNIQUE or WATERMARK, found "
     "\"order\"\n"
     "  CREATE TABLE t (a INT, order INT) WITH ('connector' = 'x')\n"
     "                         ^\n"
     "  hint: to use the reserved word as a name, write it in backquotes: `order`\n"},
    {"CREATE TABLE t (a INT) WITH ('connector' 'x')", "42601",
     "1:42: error: expected \"=\", found 'x'\n"
     "  CREATE TABLE t (a INT) WITH ('connector' 'x')\n"
     "                                           ^\n"
     "  hint: an option is written 'key' = 'value'\n"},
    {"CREATE TABLE t (a INT) WITH ('connector' = 'x' 'format' = 'json')", "42601",
     "1:48: error: expected \",\" or \")\", found 'format'\n"
     "  CREATE TABLE t (a INT) WITH ('connector' = 'x' 'format' = 'json')\n"
     "                                                 ^\n"
     "  hint: is a comma missing before it?\n"},
    {"CREATE TABLE t (a INT) WITH ('connector' = 'x',\n"
     "  'format' = 'json',)",
     "42601",
     "2:21: error: expected a string, found \")\"\n"
     "    'format' = 'json',)\n"
     "                      ^\n"
     "  hint: remove the comma before it\n"},
    {"CREATE TABLE t (a INT) WITH (connector = 'x')", "42601",
     "1:30: error: expected a string or \")\", found \"connector\"\n"
     "  CREATE TABLE t (a INT) WITH (connector = 'x')\n"
     "                               ^\n"
     "  hint: keys are strings: write them in single quotes\n"},
    {"CREATE TABLE t (a INT) WITH ('connector' = 'x, 'format' = 'json')", "42601",
     "1:49: error: expected \",\" or \")\", found \"format\"\n"
     "  CREATE TABLE t (a INT) WITH ('connector' = 'x, 'format' = 'json')\n"
     "                                                  ^\n"
     "  hint: is a quote missing in the string before it?\n"},
    {"CREATE TABLE t (a INT WITH ('connector' = 'x')", "42601",
     "1:23: error: expected \",\", \")\", PRIMARY KEY, NOT, COMMENT, CONSTRAINT, METADATA, UNIQUE, "
     "..., found \"WITH\"\n"
     "  CREATE TABLE t (a INT WITH ('connector' = 'x')\n"
     "                        ^\n"
     "  hint: is \")\" missing before it?\n"},
    {"CREATE TABLE t (a) WITH ('connector' = 'x')", "42601",
     "1:18: error: column \"a\" has no type\n"
     "  CREATE TABLE t (a) WITH ('connector' = 'x')\n"
     "                   ^\n"
     "  hint: write: a STRING\n"},
    {"CREATE TABEL t (a INT)", "42601",
     "1:8: error: expected OR, CATALOG, DATABASE, FUNCTION, MATERIALIZED, TEMPORARY, VIEW or "
     "TABLE, found \"TABEL\"\n"
     "  CREATE TABEL t (a INT)\n"
     "         ^\n"
     "  hint: did you mean TABLE?\n"},
    {"CREATE TABLE t (a DECIMAL(10, 2, 3))", "42601",
     "1:32: error: expected \")\", found \",\"\n"
     "  CREATE TABLE t (a DECIMAL(10, 2, 3))\n"
     "                                 ^\n"
     "  hint: is \")\" missing before it?\n"},
    {"CREATE TABLE t (a STRING(3))", "42601",
     "1:26: error: type STRING takes no arguments\n"
     "  CREATE TABLE t (a STRING(3))\n"
     "                           ^\n"},
    {"CREATE VIEW v (a INT) AS SELECT 1", "42601",
     "1:16: error: the columns of a view are names only\n"
     "  CREATE VIEW v (a INT) AS SELECT 1\n"
     "                 ^\n"},
    {"INSERT INTO t SELECT a FROM s\n"
     "INSERT INTO u SELECT b FROM s",
     "42601",
     "2:1: error: expected a name, \",\", AS, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, ..., found "
     "\"INSERT\"\n"
     "  INSERT INTO u SELECT b FROM s\n"
     "  ^\n"
     "  hint: is a semicolon missing before INSERT?\n"},
    {"INSERT INTO t (a, b SELECT 1, 2", "42601",
     "1:21: error: expected \",\" or \")\", found \"SELECT\"\n"
     "  INSERT INTO t (a, b SELECT 1, 2\n"
     "                      ^\n"
     "  hint: is \")\" missing before it?\n"},
    {"SELECT count(* FROM t", "42601",
     "1:16: error: expected \",\" or \")\", found \"FROM\"\n"
     "  SELECT count(* FROM t\n"
     "                 ^\n"
     "  hint: is \")\" missing before it?\n"},
    {"SELECT f(a b) FROM t", "42601",
     "1:12: error: expected an operator, \",\" or \")\", found \"b\"\n"
     "  SELECT f(a b) FROM t\n"
     "             ^\n"
     "  hint: is a comma missing before it?\n"},
    {"SELECT a FROM t JOIN u", "42601",
     "1:23: error: expected ON or USING, found the end of the text\n"
     "  SELECT a FROM t JOIN u\n"
     "                        ^\n"
     "  hint: a join needs ON condition or USING (columns)\n"},
    {"SELECT a FROM t JOIN u WHERE a", "42601",
     "1:24: error: expected ON or USING, found \"WHERE\"\n"
     "  SELECT a FROM t JOIN u WHERE a\n"
     "                         ^\n"
     "  hint: a join needs ON condition or USING (columns)\n"},
    {"SELECT a FROM t GROUP a", "42601",
     "1:23: error: expected BY, found \"a\"\n"
     "  SELECT a FROM t GROUP a\n"
     "                        ^\n"},
    {"SELECT a FROM t ORDER BY a LIMIT 1 ORDER BY b", "42601",
     "1:36: error: ORDER BY is given twice\n"
     "  SELECT a FROM t ORDER BY a LIMIT 1 ORDER BY b\n"
     "                                     ^\n"},
    {"SELECT CASE WHEN a THEN 1 FROM t", "42601",
     "1:27: error: expected an operator, END, ELSE or WHEN, found \"FROM\"\n"
     "  SELECT CASE WHEN a THEN 1 FROM t\n"
     "                            ^\n"},
    {"SELECT INTERVAL '1' DAZ", "42601",
     "1:21: error: expected a unit of time, found \"DAZ\"\n"
     "  SELECT INTERVAL '1' DAZ\n"
     "                      ^\n"
     "  hint: units are YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE and SECOND\n"},
    {"SELECT INTERVAL '1' SECOND TO DAY", "42601",
     "1:31: error: an interval goes from a larger to a smaller unit\n"
     "  SELECT INTERVAL '1' SECOND TO DAY\n"
     "                                ^\n"},
    {"SELECT CAST(a INT) FROM t", "42601",
     "1:15: error: expected an operator or AS, found \"INT\"\n"
     "  SELECT CAST(a INT) FROM t\n"
     "                ^\n"},
    {"SELECT EXTRACT('x' FROM a)", "42601",
     "1:16: error: expected a unit of time\n"
     "  SELECT EXTRACT('x' FROM a)\n"
     "                 ^\n"
     "  hint: write EXTRACT(YEAR FROM x)\n"},
    {"SELECT LOWER(a FROM b)", "42601",
     "1:21: error: FROM cannot stand between the arguments of LOWER\n"
     "  SELECT LOWER(a FROM b)\n"
     "                      ^\n"
     "  hint: arguments are separated by commas\n"},
    {"SELECT MAP['a', 1, 'b']", "42601",
     "1:8: error: MAP[..] needs as many values as keys\n"
     "  SELECT MAP['a', 1, 'b']\n"
     "         ^\n"
     "  hint: write MAP[key1, value1, key2, value2]\n"},
    {"SELECT a FROM t WHERE a IN 1, 2", "42601",
     "1:28: error: expected \"(\", found \"1\"\n"
     "  SELECT a FROM t WHERE a IN 1, 2\n"
     "                             ^\n"
     "  hint: is \"(\" missing before it?\n"},
    {"SELECT a FROM t1, WHERE b", "42601",
     "1:19: error: expected a table name, \"(\", TABLE, LATERAL or UNNEST, found \"WHERE\"\n"
     "  SELECT a FROM t1, WHERE b\n"
     "                    ^\n"
     "  hint: remove the comma before it\n"},
    {"SELECT 1abc", "42601",
     "1:8: error: letters follow the number directly\n"
     "  SELECT 1abc\n"
     "         ^\n"
     "  hint: a name that begins with a digit is written in `backquotes`\n"},
    {"SELECT a FROM t WHERE a & b", "42601",
     "1:25: error: the character \"&\" is not allowed here\n"
     "  SELECT a FROM t WHERE a & b\n"
     "                          ^\n"
     "  hint: AND is written as a word\n"},
    {"SELECT a FROM t WHERE a !b", "42601",
     "1:25: error: the character \"!\" is not allowed here\n"
     "  SELECT a FROM t WHERE a !b\n"
     "                          ^\n"
     "  hint: negation is NOT, inequality is <>\n"},
    {"SELECT x'0'", "42601",
     "1:8: error: a binary string has two hexadecimal digits for each byte\n"
     "  SELECT x'0'\n"
     "         ^\n"
     "  hint: for example x'00ff'\n"},
    {"SELECT U&'\\00zz'", "42601",
     "1:8: error: the string holds an invalid Unicode escape\n"
     "  SELECT U&'\\00zz'\n"
     "         ^\n"
     "  hint: write \\XXXX or \\+XXXXXX with hexadecimal digits\n"},
    {"SELECT ``", "42601",
     "1:8: error: a name cannot be empty\n"
     "  SELECT ``\n"
     "         ^\n"},
    {"SELECT a FROM t WHERE b = 'abc\n"
     " AND c = 1",
     "42601",
     "1:27: error: the string that begins here is not closed\n"
     "  SELECT a FROM t WHERE b = 'abc\n"
     "                            ^\n"
     "  hint: close it with another '; a quote inside a string is written twice\n"},
    {"SELECT a /* comment", "42601",
     "1:10: error: the comment that begins here is not closed\n"
     "  SELECT a /* comment\n"
     "           ^\n"
     "  hint: close it with */\n"},
    {"SELECT `abc FROM t", "42601",
     "1:8: error: the quoted name that begins here is not closed\n"
     "  SELECT `abc FROM t\n"
     "         ^\n"
     "  hint: close it with another `\n"},
    {"SELECT a\302\240FROM t", "42601",
     "1:9: error: the character looks like a blank, a quote or punctuation but is not\n"
     "  SELECT a\302\240FROM t\n"
     "          ^\n"
     "  hint: it was probably pasted from a document; type it again\n"},
    {"SELECT \342\200\230a\342\200\231", "42601",
     "1:8: error: the character looks like a blank, a quote or punctuation but is not\n"
     "  SELECT \342\200\230a\342\200\231\n"
     "         ^\n"
     "  hint: it was probably pasted from a document; type it again\n"},
    {"SELECT a \001 b", "42601",
     "1:10: error: a control character is not allowed here\n"
     "  SELECT a ? b\n"
     "           ^\n"
     "  detail: the byte is 0x01\n"},
    {"UPDATE t a = 1", "42601",
     "1:12: error: expected SET, found \"=\"\n"
     "  UPDATE t a = 1\n"
     "             ^\n"},
    {"DROP TABLE", "42601",
     "1:11: error: expected a table name or IF, found the end of the text\n"
     "  DROP TABLE\n"
     "            ^\n"},
    {"WITH x AS SELECT 1 SELECT * FROM x", "42601",
     "1:11: error: expected \"(\", found \"SELECT\"\n"
     "  WITH x AS SELECT 1 SELECT * FROM x\n"
     "            ^\n"
     "  hint: is \"(\" missing before it?\n"},
    {"SELECT a FROM (SELECT 1", "42601",
     "1:24: error: expected an operator, a name, \",\", \")\", AS, FROM, WHERE, GROUP BY, ..., "
     "found the end of the text\n"
     "  SELECT a FROM (SELECT 1\n"
     "                         ^\n"
     "  hint: \"(\" at line 1, column 15 is not closed\n"},
    {"SHOW TABELS", "42601",
     "1:6: error: expected FULL, CATALOGS, COLUMNS, CURRENT, DATABASES, FUNCTIONS, JARS, JOB, ..., "
     "found \"TABELS\"\n"
     "  SHOW TABELS\n"
     "       ^\n"
     "  hint: did you mean TABLES?\n"},
    {"SET 'a' 'b'", "42601",
     "1:9: error: expected \"=\", found 'b'\n"
     "  SET 'a' 'b'\n"
     "          ^\n"
     "  hint: an option is written 'key' = 'value'\n"},
    {"SET a", "42601",
     "1:5: error: expected a string or the end of the statement, found \"a\"\n"
     "  SET a\n"
     "      ^\n"
     "  hint: write SET 'key' = 'value'\n"},
    {"EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; SELECT 3; END", "42601",
     "1:53: error: expected UPSERT, END or INSERT, found \"SELECT\"\n"
     "  EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; SELECT 3; END\n"
     "                                                      ^\n"},
    {"EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;", "42601",
     "1:52: error: expected UPSERT, END or INSERT, found the end of the text\n"
     "  EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;\n"
     "                                                     ^\n"},
    {"SELECT a FROM t FOR SYSTEM_TIME OF x", "42601",
     "1:33: error: expected AS, found \"OF\"\n"
     "  SELECT a FROM t FOR SYSTEM_TIME OF x\n"
     "                                  ^\n"},
    {"ALTER TABLE t ADD", "42601",
     "1:18: error: expected a column, \"(\", PRIMARY KEY, PARTITION, CONSTRAINT, DISTRIBUTION, IF, "
     "UNIQUE, ..., found the end of the text\n"
     "  ALTER TABLE t ADD\n"
     "                   ^\n"},
    {"ALTER VIEW v SUSPEND", "42601",
     "1:14: error: ALTER VIEW has no such action\n"
     "  ALTER VIEW v SUSPEND\n"
     "               ^\n"},
    {"SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR)", "42601",
     "1:71: error: expected \")\", found the end of the text\n"
     "  ..ROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR)\n"
     "                                                                ^\n"
     "  hint: \"(\" at line 1, column 20 is not closed\n"},
    {"SELECT a FROM t EMIT ON CLOSE LIMIT 3", "42601",
     "1:31: error: LIMIT must stand before EMIT and ON LATE\n"
     "  SELECT a FROM t EMIT ON CLOSE LIMIT 3\n"
     "                                ^\n"},
    {"SELECT a FROM t MATCH_RECOGNIZE (PATTERN (A{3,1}) DEFINE A AS TRUE)", "42601",
     "1:45: error: the quantifier's minimum is above its maximum\n"
     "  SELECT a FROM t MATCH_RECOGNIZE (PATTERN (A{3,1}) DEFINE A AS TRUE)\n"
     "                                              ^\n"},
    {"SELECT\ta,\t\tb c d", "42601",
     "1:16: error: expected \",\", FROM, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT or UNION, found "
     "\"d\"\n"
     "  SELECT    a,        b c d\n"
     "                          ^\n"
     "  hint: is a comma missing before it?\n"},
    {"SELECT \344\275\240\345\245\275, 'x' y z", "42601",
     "1:18: error: expected \",\", FROM, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT or UNION, found "
     "\"z\"\n"
     "  SELECT \344\275\240\345\245\275, 'x' y z\n"
     "                     ^\n"
     "  hint: is a comma missing before it?\n"},
    {"SELECT aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, "
     "ccccccccccccccccccc d e, ffffffffffffffffffffffffffffffffffffff, "
     "gggggggggggggggggggggggggggggg FROM t",
     "42601",
     "1:109: error: expected \",\", FROM, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT or UNION, found "
     "\"e\"\n"
     "  ..bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, ccccccccccccccccccc d e, "
     "fffffffffffffffffffffffffffffffffffff..\n"
     "                                                                ^\n"
     "  hint: is a comma missing before it?\n"},
    {"SELECT a\377b", "22021",
     "1:9: error: the SQL text is not valid UTF-8\n"
     "  SELECT a\357\277\275b\n"
     "          ^\n"
     "  detail: the byte here is 0xff\n"},
    {"CREATE TABLE t (a INT) WITH ('a' = 'b') WITH ('c' = 'd')", "42601",
     "1:41: error: WITH is given twice\n"
     "  CREATE TABLE t (a INT) WITH ('a' = 'b') WITH ('c' = 'd')\n"
     "                                          ^\n"},
    {"EXPLAIN PLAN_ADVICE, PLAN_ADVICE SELECT 1", "42601",
     "1:22: error: PLAN_ADVICE is given twice\n"
     "  EXPLAIN PLAN_ADVICE, PLAN_ADVICE SELECT 1\n"
     "                       ^\n"},
    {"CREATE TEMPORARY DATABASE d", "42601",
     "1:1: error: TEMPORARY cannot be used here\n"
     "  CREATE TEMPORARY DATABASE d\n"
     "  ^\n"},
    {"SELECT a FROM t;; SELECT b FROM WHERE x", "42601",
     "1:33: error: expected a table name, \"(\", TABLE, LATERAL or UNNEST, found \"WHERE\"\n"
     "  SELECT a FROM t;; SELECT b FROM WHERE x\n"
     "                                  ^\n"},
};

static void errors_read_well(void **state) {
    Arena arena;
    Buf out;
    (void)state;
    arena_init(&arena, NULL);
    buf_init(&out, NULL);
    for (size_t i = 0; i < N_OF(bad_texts); i++) {
        const SqlBad *bad = &bad_texts[i];
        Span text = span_of(bad->text);
        AstList list;
        Err err = ERR_INIT;
        assert_int_not_equal(sql_parse_script(&arena, text, &list, &err), ST_OK);
        buf_reset(&out);
        err_render(&err, text, NULL, &out);
        assert_string_equal(buf_cstr(&out), bad->shown);
        assert_string_equal(err.sqlstate, bad->sqlstate);
        assert_in_range(err.pos, 0, text.len);
        arena_reset(&arena);
    }
    buf_deinit(&out);
    arena_deinit(&arena);
}

static void too_long_is_refused(void **state) {
    Arena arena;
    AstList list;
    Err err = ERR_INIT;
    Buf text;
    (void)state;
    arena_init(&arena, NULL);
    buf_init(&text, NULL);
    buf_puts(&text, "SELECT ");
    for (int i = 0; i < 600; i++) buf_putc(&text, 'a');
    assert_int_equal(sql_parse_script(&arena, buf_as_span(&text), &list, &err), ST_LIMIT);
    assert_string_equal(err.sqlstate, "42622");
    assert_int_equal(err.pos, 7);
    while (text.len <= LIMIT_SQL_BYTES) buf_puts(&text, " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_int_equal(sql_parse_script(&arena, buf_as_span(&text), &list, &err), ST_LIMIT);
    assert_string_equal(err.sqlstate, "54000");
    buf_deinit(&text);
    arena_deinit(&arena);
}

static void lines_and_columns_count_characters(void **state) {
    static const char text[] = "a\n\xc3\xa4\xe2\x82\xac b\r\nc";
    int line, column;
    (void)state;
    sql_line_column(SPAN(text), 0, &line, &column);
    assert_true(line == 1 && column == 1);
    sql_line_column(SPAN(text), 8, &line, &column); /* b */
    assert_true(line == 2 && column == 4);
    sql_line_column(SPAN(text), 11, &line, &column); /* c */
    assert_true(line == 3 && column == 1);
    sql_line_column(SPAN(text), 1000, &line, &column); /* behind the end */
    assert_true(line == 3 && column == 2);
}

static void a_file_name_leads_the_line(void **state) {
    Err err = ERR_INIT;
    Buf out;
    (void)state;
    buf_init(&out, NULL);
    (void)err_set(&err, ST_INVALID, "42601", 7, "f", 1, "no good");
    (void)err_detail(&err, "because");
    err_render(&err, SPAN("SELECT x"), "a.sql", &out);
    assert_string_equal(buf_cstr(&out), "a.sql:1:8: error: no good\n"
                                        "  SELECT x\n"
                                        "         ^\n"
                                        "  detail: because\n");
    buf_reset(&out);
    err.pos = -1;
    err.detail[0] = '\0';
    err_render(&err, SPAN("SELECT x"), NULL, &out);
    assert_string_equal(buf_cstr(&out), "error: no good\n");
    buf_deinit(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors_read_well),
                                       cmocka_unit_test(too_long_is_refused),
                                       cmocka_unit_test(lines_and_columns_count_characters),
                                       cmocka_unit_test(a_file_name_leads_the_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
