/* test_fn_examples.c -- runs the example of every function and aggregate through SQL and compares
 * with what the reference promises. Forms: "EXPRESSION => TEXT" and "CALL(x) OVER v, v => TEXT".
 * TEXT is the result cast to STRING.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/expr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <weir.h>

static weir_status keep_last(void *ctx, const weir_result *result) {
    Buf *out = ctx;
    weir_rows *rows;
    weir_error error;
    if (result->kind != WEIR_RESULT_QUERY) return WEIR_OK;
    if (weir_query_fetch(result->query, WEIR_FETCH_CHANGES, &rows, &error) != WEIR_OK) {
        fail_msg("%s", error.text);
    }
    for (size_t i = 0; i < weir_rows_count(rows); i++) {
        size_t len;
        const char *text = weir_value_text(rows, i, 0, &len);
        buf_reset(out);
        if (weir_value_is_null(rows, i, 0))
            buf_puts(out, "NULL");
        else
            buf_put(out, text, len);
    }
    return WEIR_OK;
}

/* How many values the first of "(1, 2), (3, 4)" has. */
static uint32_t count_columns(const char *p, const char *end) {
    uint32_t n = 1;
    int depth = 0;
    for (; p < end; p++) {
        depth += (*p == '(' || *p == '[') - (*p == ')' || *p == ']');
        if (depth == 0) break;
        if (*p == ',' && depth == 1) n++;
    }
    return n;
}

/* The statement for the left side of an example. An aggregate's is written F(x) OVER 1, 2, 3 or
 * F(x, y) OVER (1, 2), (3, 4): what is behind OVER are rows. */
static void write_query(Span left, Buf *sql) {
    const char *over = memmem(left.ptr, left.len, " OVER ", 6), *end = left.ptr + left.len;
    int depth = 0;
    bool is_quoted = false, is_row;
    if (!over) {
        buf_printf(sql, "SELECT CAST((" SPAN_FMT ") AS STRING)", SPAN_ARG(left));
        return;
    }
    is_row = over[6] == '(';
    buf_printf(sql, "SELECT CAST(%.*s AS STRING) FROM (VALUES ", (int)(over - left.ptr), left.ptr);
    if (!is_row) buf_putc(sql, '(');
    for (const char *p = over + 6; p < end; p++) {
        if (*p == '\'') is_quoted = !is_quoted;
        if (!is_quoted) depth += (*p == '(' || *p == '[') - (*p == ')' || *p == ']');
        if (*p == ',' && depth == 0 && !is_quoted && !is_row)
            buf_puts(sql, "), (");
        else
            buf_putc(sql, *p);
    }
    buf_printf(sql, "%s) AS t(%.*s)", is_row ? "" : ")",
               is_row ? (int)(3 * count_columns(over + 6, end)) - 2 : 1, "x, y, z, u, v");
}

/* 1 when the example does not hold; says why. */
static int check_example(const char *name, const char *example) {
    const char *arrow = NULL;
    weir_options options = {.time_zone = "UTC", .check_batches = true};
    weir_engine *engine;
    weir_error error;
    Buf sql, got;
    int failed = 0;
    /* No expression of constants: a multiset, a watermark, an aggregate of two arguments. */
    if (!example && (!strcmp(name, "CARDINALITY") || !strcmp(name, "CURRENT_WATERMARK") ||
                     !strcmp(name, "PERCENTILE")))
        return 0;
    for (const char *p = example; p && (p = strstr(p, " => ")) != NULL; p++) arrow = p;
    if (!arrow) {
        fprintf(stderr, "%s: no result: %s\n", name, example ? example : "no example");
        return 1;
    }
    buf_init(&sql, NULL);
    buf_init(&got, NULL);
    write_query((Span){example, (size_t)(arrow - example)}, &sql);
    if (weir_open(&options, &engine, &error) != WEIR_OK) fail_msg("%s", error.text);
    if (weir_set(engine, "execution.runtime-mode", "batch", &error) != WEIR_OK) {
        fail_msg("%s", error.text);
    }
    if (weir_execute(engine, sql.ptr, sql.len, keep_last, &got, &error) != WEIR_OK) {
        fprintf(stderr, "%s\n%s\n", example, error.text);
        failed = 1;
    } else if (strcmp(buf_cstr(&got), arrow + 4) != 0 && strcmp(arrow + 4, "...") != 0) {
        fprintf(stderr, "%s\n    gives %s\n", example, buf_cstr(&got));
        failed = 1;
    }
    weir_close(engine);
    buf_deinit(&sql);
    buf_deinit(&got);
    return failed;
}

static void test_functions(void **state) {
    uint32_t n;
    const Fn *const *fns = fn_all(&n);
    int failed = 0;
    (void)state;
    for (uint32_t i = 0; i < n; i++) {
        if (fns[i]->example) failed += check_example(fns[i]->name, fns[i]->example);
    }
    assert_int_equal(failed, 0);
}

static void test_aggregates(void **state) {
    uint32_t n;
    const Agg *const *aggs = agg_all(&n);
    int failed = 0;
    (void)state;
    for (uint32_t i = 0; i < n; i++) failed += check_example(aggs[i]->name, aggs[i]->example);
    assert_int_equal(failed, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_aggregates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
