/* test_csv.c -- the csv format read: RFC 4180, Flink's options, header lines, what is refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format_util.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void csv(const char *table, const char *options, const char *input, const char *want) {
    util_expect(&(UtilDecode){.format = "csv", .table = table, .options = options}, input, want);
}

static void test_rfc4180(void **state) {
    (void)state;
    csv("a STRING, b STRING", NULL, "aaa,bbb\r\n\"a,1\",\"b\"\"1\"\r\n\"x\ny\",\n,\"\"",
        "aaa|bbb\na,1|b\"1\nx\ny|\n|\n");
    csv("a STRING", NULL, "\"a\" \n b\"c\" \n", "a\n b\"c\" \n");
    csv("a STRING, b INT", NULL,
        "\xef\xbb\xbf"
        "x,1\n",
        "x|1\n");
    csv("a INT, b INT", NULL, "1,2,\n3,4", "1|2\n3|4\n");
    csv("a INT", NULL, "", "");
}

static void test_types(void **state) {
    (void)state;
    csv("a TINYINT, b SMALLINT, c INT, d BIGINT, e BOOLEAN", NULL,
        "-128,32767, -2147483648,9223372036854775807,TRUE\n+1,0,00012,-9223372036854775808,false\n",
        "-128|32767|-2147483648|9223372036854775807|true\n1|0|12|-9223372036854775808|false\n");
    csv("a DOUBLE, b FLOAT, c DECIMAL(10, 2), d BYTES", NULL,
        "1.5,-2e3,12345678.905,aGk=\n74.93588199999998,NaN,-.5,\n1e-320,.1,1e2,\"AA==\"\n",
        "1.5|-2000.0|12345678.91|x6869\n74.93588199999998|NaN|-0.50|x\n1.0E-320|0.1|100.00|x00\n");
    csv("a DATE, b TIME, c TIMESTAMP(3), d TIMESTAMP_LTZ(3)", NULL,
        "2024-01-05,10:20:30,2024-01-05 10:20:30.1239,2024-01-05 10:20:30Z\n"
        "2024-1-5,10:20,2024-1-5 1:02:03,2024-01-05 10:20:30.5+01:00\n",
        "2024-01-05|10:20:30|2024-01-05 10:20:30.123|2024-01-05 10:20:30\n"
        "2024-01-05|10:20:00|2024-01-05 01:02:03|2024-01-05 09:20:30.5\n");
    csv("a ARRAY<INT>, b ROW<x INT, y STRING>", NULL, "1;2;3,7;z\n,8;\n",
        "[1,2,3]|(7,z)\n[]|(8,)\n");
}

static void test_options(void **state) {
    (void)state;
    csv("a STRING, b INT", "field-delimiter=\\t", "x,y\t1\n", "x,y|1\n");
    csv("a STRING, b STRING", "quote-character='|field-delimiter=;", "'a;b';\"c\"\n",
        "a;b|\"c\"\n");
    csv("a STRING, b STRING", "disable-quote-character=true", "\"a,b\"\n", "\"a|b\"\n");
    csv("a STRING, b STRING", "escape-character=\\", "a\\,b,\"c\\\"d\"\\\n",
        "!1::11:expected a delimiter or the end of the line behind the quote []\n");
    csv("a STRING, b STRING", "escape-character=\\", "a\\,b,\"c\\\"d\"\n\\\\,x\n",
        "a,b|c\"d\n\\|x\n");
    csv("a STRING, b INT", "null-literal=n/a", "n/a,n/a\n", "null|null\n");
    csv("a STRING, b INT", "null-literal=", ",\n", "null|null\n");
    csv("a STRING, b INT", "empty-string-as-null=true", ",\n", "null|null\n");
    csv("a INT", "allow-comments=true", "# hi\n1\n#2\n", "1\n");
    csv("a STRING, b INT", "trim-spaces=true", " x , 1 \n", "x|1\n");
    csv("a INT", "ignore-trailing-unmappable=true", "1,2,3\n", "1\n");
    csv("a INT", "ignore-first-line=true", "a\n1\n", "1\n");
    csv("a ARRAY<STRING>", "array-element-delimiter=--", "x--y-z\n", "[x,y-z]\n");
}

static void test_header(void **state) {
    (void)state;
    csv("`timestamp` TIMESTAMP(3), value DOUBLE", "header=true",
        "value,other,timestamp\n1.5,x,2014-07-01 00:00:00\n2,,2014-07-01 00:30:00\n",
        "2014-07-01 00:00:00|1.5\n2014-07-01 00:30:00|2.0\n");
    csv("a INT, b INT", "header=true", "a,c\n1,2\n", "error: csv header: there is no column 'b'\n");
}

static void test_bad(void **state) {
    (void)state;
    csv("a INT, b INT", NULL, "1,2\n1\n1,2,3\n3,4\n",
        "!2::0:row length mismatch: 2 fields expected but was 1 []\n"
        "!3::4:row length mismatch: 2 fields expected but was 3 []\n1|2\n3|4\n");
    csv("a INT, b INT", "ignore-parse-errors=true", "1\n1,x\n1,2,3\n,4\n",
        "~1::0:row length mismatch: 2 fields expected but was 1 []\n"
        "~2:b:2:expected an integer [x]\n"
        "~3::4:row length mismatch: 2 fields expected but was 3 []\n"
        "~4:a:0:expected a value, not an empty text []\n1|null\n1|null\n1|2\nnull|4\n");
    csv("a STRING, b INT", NULL, "\"x\ny\",z\nok,2\n", "!1:b:6:expected an integer [z]\nok|2\n");
    csv("a STRING, b INT", NULL, "\"x,1\nok,2\n", "!1::0:a quote is never closed []\nok|2\n");
    csv("a STRING, b INT", NULL, "x,1\n\xff,2\nz,3", "!2:a:0:expected UTF-8 [\xff]\nx|1\nz|3\n");
    csv("a TINYINT", NULL, "128\n", "!1:a:0:out of the column's range [128]\n");
    csv("a INT NOT NULL", "null-literal=-", "-\n", "!1:a:0:NULL in a NOT NULL column [-]\n");
    csv("a MAP<STRING, INT>", NULL, "",
        "error: column 'a': csv has no form for maps and multisets\n");
    csv("a INT", "field-delimiter=ab", "",
        "error: option 'field-delimiter' must be one ASCII character and no line break\n");
}

static void test_projection(void **state) {
    (void)state;
    util_expect(&(UtilDecode){.format = "csv", .table = "a INT, b STRING, c INT", .out = "c INT"},
                "x,y,1\nx,\"a,b\",2\n", "1\n2\n");
}

/* However the input is cut, the rows are the same. */
static void test_pieces(void **state) {
    static const char input[] =
        "h1,h2\n\"a\n\"\"b\"\"\",1\r\nc,x\n\"d\n,\n\",2\nlong text without quotes "
        "of more than sixteen bytes,3\ne,4,5\n\n\"f\",6";
    UtilDecode how = {
        .format = "csv", .table = "a STRING, b INT", .options = "ignore-first-line=true"};
    Buf want, got;
    Err err = ERR_INIT;
    (void)state;
    for (int ignores = 0; ignores < 2; ignores++) {
        buf_init(&want, NULL);
        if (ignores) how.options = "ignore-first-line=true|ignore-parse-errors=true";
        how.piece = 0;
        assert_int_equal(util_decode(&how, SPAN(input), &want, &err), ST_OK);
        for (how.piece = 1; how.piece < sizeof input; how.piece++) {
            for (how.max_rows = 1; how.max_rows < 4; how.max_rows++) {
                buf_init(&got, NULL);
                assert_int_equal(util_decode(&how, SPAN(input), &got, &err), ST_OK);
                util_same_lines(buf_as_span(&want), buf_as_span(&got));
                buf_deinit(&got);
            }
        }
        buf_deinit(&want);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc4180), cmocka_unit_test(test_types),
        cmocka_unit_test(test_options), cmocka_unit_test(test_header),
        cmocka_unit_test(test_bad),     cmocka_unit_test(test_projection),
        cmocka_unit_test(test_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
