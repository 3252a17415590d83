/* test_options.c -- the WITH clause: typed options, what is refused and how it is said.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/format.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const OptionSpec conn_specs[] = {
    {"connector", OPT_STRING},
    {"path", OPT_STRING, .is_required = true},
    {"rows", OPT_INT, "10"},
    {"interval", OPT_DURATION, "1 min"},
    {"buffer", OPT_SIZE, "64 kb"},
    {"mode", OPT_ENUM, "read", "read|watch|Follow"},
    {"fields.", OPT_STRING, .is_prefix = true},
    {NULL},
};
static const OptionSpec format_specs[] = {{"ignore-parse-errors", OPT_BOOL, "false"}, {NULL}};
static const OptionSet sets[] = {{"", conn_specs}, {"json.", format_specs}};

static void check(const char *key, const char *value, const char *message, const char *hint) {
    OptionPair pairs[] = {{SPAN("path"), SPAN("x"), 3}, {span_of(key), span_of(value), 42}};
    Err err = ERR_INIT;
    Status status = options_check(pairs, 2, sets, 2, "connector 'test'", &err);
    if (!message) {
        if (status) fail_msg("%s = %s: %s", key, value, err.message);
        return;
    }
    assert_int_equal(status, ST_INVALID);
    assert_string_equal(err.message, message);
    assert_string_equal(err.hint, hint);
    assert_string_equal(err.sqlstate, "22023");
    assert_int_equal(err.pos, 42);
}

static void test_check(void **state) {
    (void)state;
    check("rows", "-5", NULL, NULL);
    check("json.ignore-parse-errors", "TRUE", NULL, NULL);
    check("mode", "WATCH", NULL, NULL);
    check("fields.a.length", "5", NULL, NULL);
    check("rows", "5x", "option 'rows' must be an integer, not '5x'", "");
    check("rows", "", "option 'rows' must be an integer, not ''", "");
    check("json.ignore-parse-errors", "yes",
          "option 'json.ignore-parse-errors' must be true or false, not 'yes'", "");
    check("mode", "write", "option 'mode' cannot be 'write'", "one of: read|watch|Follow");
    check("mode", "rea", "option 'mode' cannot be 'rea'", "one of: read|watch|Follow");
    check("interval", "5 parsecs",
          "option 'interval' must be a duration such as '500 ms' or '10 s', not '5 parsecs'", "");
    check("buffer", "big", "option 'buffer' must be a size such as '64 kb' or '128 mb', not 'big'",
          "");
    check("json.ignore-parse-error", "true",
          "unknown option 'json.ignore-parse-error' for connector 'test'",
          "did you mean 'json.ignore-parse-errors'?");
    check("ignore-parse-errors", "true",
          "unknown option 'ignore-parse-errors' for connector 'test'",
          "did you mean 'json.ignore-parse-errors'?");
    check("pth", "x", "unknown option 'pth' for connector 'test'", "did you mean 'path'?");
    check("fields.", "x", "unknown option 'fields.' for connector 'test'", "");
}

static void test_required(void **state) {
    Err err = ERR_INIT;
    (void)state;
    assert_int_equal(options_check(NULL, 0, sets, 2, "connector 'test'", &err), ST_INVALID);
    assert_string_equal(err.message, "option 'path' is required for connector 'test'");
}

static void test_read(void **state) {
    const OptionPair pairs[] = {{SPAN("rows"), SPAN("7"), 5},
                                {SPAN("json.ignore-parse-errors"), SPAN("True"), 9},
                                {SPAN("rows"), SPAN("8"), 11},
                                {SPAN("fields.a"), SPAN("x"), 12}};
    Options conn = {4, pairs, "", conn_specs}, json = {4, pairs, "json.", format_specs};
    (void)state;
    assert_int_equal(opt_int(&conn, "rows"), 8); /* the last one counts */
    assert_int_equal(opt_pos(&conn, "rows"), 11);
    assert_int_equal(opt_pos(&conn, "mode"), -1);
    assert_true(opt_bool(&json, "ignore-parse-errors"));
    assert_true(opt_has(&json, "ignore-parse-errors"));
    assert_false(opt_has(&conn, "mode"));
    assert_true(opt_is(&conn, "mode", "READ"));
    assert_int_equal(opt_duration_us(&conn, "interval"), 60000000);
    assert_int_equal(opt_size(&conn, "buffer"), 65536);
    assert_null(opt_str(&conn, "path").ptr);
    assert_true(span_is(opt_str(&conn, "fields.a"), "x"));
    assert_null(opt_str(&conn, "fields.b").ptr);
}

static void test_durations(void **state) {
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        {"0", 0},
        {"5", 5000},
        {"500ms", 500000},
        {"500 ms", 500000},
        {"10 s", 10000000},
        {"10sec", 10000000},
        {"1min", 60000000},
        {"2 h", INT64_C(7200000000)},
        {" 3 DAYS ", INT64_C(259200000000)},
        {"2 d", INT64_C(172800000000)},
        {"7 \xc2\xb5s", 7},
        {"7us", 7},
        {"1500 ns", 1},
        {"1 minute", 60000000},
        {"9223372036854775 ms", INT64_C(9223372036854775000)},
        {"", -1},
        {"s", -1},
        {"-1 s", -1},
        {"1.5 s", -1},
        {"1 s 2", -1},
        {"1 month", -1},
        {"9223372036854776 ms", -1},
        {"99999999999999999999 s", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t us = -1;
        Status status = duration_parse(span_of(cases[i].text), &us);
        if ((status == ST_OK) != (cases[i].us >= 0) || us != cases[i].us) {
            fail_msg("'%s' is %lld", cases[i].text, (long long)us);
        }
    }
}

static void test_sizes(void **state) {
    int64_t n;
    (void)state;
    assert_int_equal(size_parse(SPAN("64 mb"), &n), ST_OK);
    assert_int_equal(n, 64 << 20);
    assert_int_equal(size_parse(SPAN("1KB"), &n), ST_OK);
    assert_int_equal(n, 1024);
    assert_int_equal(size_parse(SPAN("12"), &n), ST_OK);
    assert_int_equal(n, 12);
    assert_int_equal(size_parse(SPAN("3 gibibytes"), &n), ST_OK);
    assert_int_equal(n, INT64_C(3) << 30);
    assert_int_equal(size_parse(SPAN("1 x"), &n), ST_INVALID);
    assert_int_equal(size_parse(SPAN("16777216 tb"), &n), ST_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check), cmocka_unit_test(test_required),
        cmocka_unit_test(test_read),  cmocka_unit_test(test_durations),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
