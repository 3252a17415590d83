/* test_json_grammar.c -- what is JSON and what is not, for both copies of the scan: values that are
 * skipped, and the same values where they are used.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format_util.h"

#include "format/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *const good[] = {
    "0",
    "-0",
    "1",
    "-1",
    "10",
    "123456789012345678901234567890",
    "0.0",
    "-0.5",
    "1.25",
    "1e5",
    "1E5",
    "1e+5",
    "1e-5",
    "0e0",
    "-1.5E-10",
    "1.0000000000000000000000000000001",
    "true",
    "false",
    "null",
    "\"\"",
    "\"a\"",
    "\"\\\"\"",
    "\"\\\\\"",
    "\"\\/\\b\\f\\n\\r\\t\"",
    "\"\\u0000\"",
    "\"\\uFFFF\"",
    "\"\\ud83d\\ude00\"",
    "\"\\uD800\\uDC00\"",
    "\"\\uDBFF\\uDFFF\"",
    "\"\xc2\x80\"",
    "\"\xdf\xbf\"",
    "\"\xe0\xa0\x80\"",
    "\"\xed\x9f\xbf\"",
    "\"\xee\x80\x80\"",
    "\"\xef\xbf\xbf\"",
    "\"\xf0\x90\x80\x80\"",
    "\"\xf4\x8f\xbf\xbf\"",
    "\"\x7f\"",
    "\"\t\"",
    "\"\x01\"",
    "[]",
    "[ ]",
    "[1]",
    "[1,2]",
    "[ 1 , 2 ]",
    "[[],[[]]]",
    "[null,true,\"\",{}]",
    "{}",
    "{ }",
    "{\"\":0}",
    "{\"a\":1}",
    "{ \"a\" : 1 }",
    "{\"a\":1,\"a\":2}",
    "{\"a\":{\"b\":[{\"c\":null}]}}",
    "{\"\\u0061\":1}",
    "\"0123456789012345678901234567890\"",
    "\"01234567890123456789012345678901\"",
    "\"0123456789012345678901234567890\\\"\"",
    "\"012345678901234567890123456789\xc3\xa9\"",
    "[\"\xe2\x82\xac\", 1e0,\t{\"x\":\r[]}]",
};

static const char *const bad[] = {
    "",
    " ",
    "-",
    "+1",
    "01",
    "-01",
    "00",
    "1.",
    ".5",
    "1.e5",
    "1e",
    "1e+",
    "1e-",
    "1E",
    "0x10",
    "1_000",
    "NaN",
    "Infinity",
    "-Infinity",
    "- 1",
    "1.5.5",
    "1ee5",
    "True",
    "TRUE",
    "nul",
    "nulll",
    "tru",
    "fals",
    "undefined",
    "'a'",
    "a",
    "\"",
    "\"a",
    "\"\\\"",
    "\"\\x41\"",
    "\"\\u12\"",
    "\"\\u123g\"",
    "\"\\U0041\"",
    "\"\\\"",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800\\ud800\"",
    "\"\\ud800x\"",
    "\"\\ud800\\n\"",
    "\"\\ude00\\ud83d\"",
    "\"\x80\"",
    "\"\xc0\x80\"",
    "\"\xc1\xbf\"",
    "\"\xc3\"",
    "\"\xc3(\"",
    "\"\xe0\x80\x80\"",
    "\"\xe2\x82\"",
    "\"\xed\xa0\x80\"",
    "\"\xed\xbf\xbf\"",
    "\"\xf0\x80\x80\x80\"",
    "\"\xf0\x9f\x98\"",
    "\"\xf4\x90\x80\x80\"",
    "\"\xf5\x80\x80\x80\"",
    "\"\xff\"",
    "\"\xfe\"",
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1;2]",
    "[1}",
    "{",
    "}",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{,}",
    "{\"a\" 1}",
    "{\"a\",1}",
    "{a:1}",
    "{1:1}",
    "{\"a\":}",
    "{\"a\"::1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1]",
    "{\"a\":1,,\"b\":2}",
    "{null:1}",
    "[\"a\":1]",
    "1 2",
    "[] []",
    "{} 1",
    "// x",
    "#",
    "\"012345678901234567890123456789\xc3\"",
    "\f1",
    "\v[]",
    "[\f1]",
    "\xef\xbb\xbf"
    "1",
};

/* Whether `value` is taken as the value of a column, in a record of its own. */
static bool taken(const char *table, const char *out, const char *value) {
    UtilDecode how = {.format = "json", .table = table, .out = out};
    Buf in, rows;
    Err err = ERR_INIT;
    bool is_good;
    buf_init(&in, NULL);
    buf_init(&rows, NULL);
    buf_printf(&in, "{\"x\":%s}", value);
    assert_int_equal(util_decode(&how, buf_as_span(&in), &rows, &err), ST_OK);
    is_good = rows.len == 0 || rows.ptr[0] != '!';
    buf_deinit(&in);
    buf_deinit(&rows);
    return is_good;
}

/* Whether a copy of the scan passes the value. */
static bool passed(const JsonOps *ops, const char *value) {
    size_t len = strlen(value);
    char *copy = malloc(len + 1 + CHUNK_PADDING);
    JsonScan s = {.ops = ops};
    const char *p = copy, *end;
    bool is_good;
    memcpy(copy, value, len);
    memset(copy + len, '\n', 1 + CHUNK_PADDING);
    while (*p == ' ') p++;
    s.record = copy;
    end = (ops->skip)(&s, p); /* cmocka has a macro of that name */
    while (end && *end == ' ') end++;
    is_good = end == copy + len;
    if (!end) assert_non_null(s.reason);
    if (!end) assert_in_range(s.at - copy, 0, len);
    free(copy);
    return is_good;
}

static void test_values(void **state) {
    const JsonOps *copies[] = {&json_ops_base, json_ops()};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        for (int c = 0; c < 2; c++) {
            if (!passed(copies[c], good[i])) fail_msg("copy %d refuses %s", c, good[i]);
        }
        if (!taken("x STRING", NULL, good[i])) fail_msg("STRING refuses %s", good[i]);
        if (!taken("x STRING, y INT", "y INT", good[i])) fail_msg("skip refuses %s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (int c = 0; c < 2; c++) {
            if (passed(copies[c], bad[i])) fail_msg("copy %d passes %s", c, bad[i]);
        }
        if (taken("x STRING", NULL, bad[i])) fail_msg("STRING takes %s", bad[i]);
        if (taken("x BIGINT", NULL, bad[i])) fail_msg("BIGINT takes %s", bad[i]);
        if (taken("x DOUBLE", NULL, bad[i])) fail_msg("DOUBLE takes %s", bad[i]);
        if (taken("x ROW<a INT>", NULL, bad[i])) fail_msg("ROW takes %s", bad[i]);
        if (taken("x ARRAY<INT>", NULL, bad[i])) fail_msg("ARRAY takes %s", bad[i]);
        if (taken("x MAP<STRING, INT>", NULL, bad[i])) fail_msg("MAP takes %s", bad[i]);
        if (taken("x STRING, y INT", "y INT", bad[i])) fail_msg("skip takes %s", bad[i]);
    }
}

static void put_nested(Buf *out, int depth, const char *open, const char *close) {
    buf_reset(out);
    for (int i = 0; i < depth; i++) buf_puts(out, open);
    buf_puts(out, "0");
    for (int i = 0; i < depth; i++) buf_puts(out, close);
}

static void test_depth(void **state) {
    const JsonOps *copies[] = {&json_ops_base, json_ops()};
    Buf text;
    (void)state;
    buf_init(&text, NULL);
    for (int c = 0; c < 2; c++) {
        put_nested(&text, JSON_DEPTH_MAX, "[", "]");
        assert_true(passed(copies[c], buf_cstr(&text)));
        put_nested(&text, JSON_DEPTH_MAX + 1, "[", "]");
        assert_false(passed(copies[c], buf_cstr(&text)));
        put_nested(&text, JSON_DEPTH_MAX, "{\"a\":", "}");
        assert_true(passed(copies[c], buf_cstr(&text)));
        put_nested(&text, 100000, "{\"a\":[", "]}");
        assert_false(passed(copies[c], buf_cstr(&text)));
    }
    buf_deinit(&text);
}

/* Every byte cut off a good record makes it bad, and costs one line. */
static void test_truncated(void **state) {
    static const char record[] = "{\"a\":[1,{\"b\":\"\\u00e9\xc3\xa9\"},-1.5e+3,null],\"c\":\"x\"}";
    UtilDecode how = {.format = "json", .table = "a STRING, c STRING"};
    (void)state;
    for (size_t n = 1; n < sizeof record - 1; n++) {
        Buf in, rows;
        Err err = ERR_INIT;
        buf_init(&in, NULL);
        buf_init(&rows, NULL);
        buf_put(&in, record, n);
        buf_puts(&in, "\n{\"c\":\"good\"}\n");
        assert_int_equal(util_decode(&how, buf_as_span(&in), &rows, &err), ST_OK);
        assert_int_equal(rows.ptr[0], '!');
        assert_non_null(strstr(buf_cstr(&rows), "\nnull|good\n"));
        buf_deinit(&in);
        buf_deinit(&rows);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
