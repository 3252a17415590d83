/* test_plan_nodes.c -- what plans say of their nodes: append-only or not, bounded or not, keys,
 * windows, time attributes, positions; and that every rule can be left out without changing what a
 * plan gives.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan_util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char setup_sql[] =
    "CREATE TABLE orders (id BIGINT, customer STRING, amount INT, ts TIMESTAMP(3), "
    "WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) "
    "WITH ('connector' = 'socket', 'hostname' = 'localhost', 'port' = '9999', 'format' = 'json');"
    "CREATE TABLE file (id BIGINT, r ROW<a INT, b STRING>) "
    "WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'json');"
    "CREATE TABLE changes (id BIGINT, v INT, PRIMARY KEY (id) NOT ENFORCED) "
    "WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'debezium-json');"
    "CREATE TABLE out1 (id BIGINT, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) "
    "WITH ('connector' = 'print');";

static int setup(void **state) {
    static PlanTest t;
    plan_test_init(&t);
    if (plan_test_run(&t, setup_sql) != ST_OK) {
        print_error("%s\n", t.err.message);
        return 1;
    }
    *state = &t;
    return 0;
}

static int teardown(void **state) {
    plan_test_deinit(*state);
    return 0;
}

static void plan_ok(PlanTest *t, const char *sql) {
    if (plan_test_run(t, sql) != ST_OK) fail_msg("%s: %s", sql, t->err.message);
    assert_non_null(t->plan);
}

/* The only node of the kind; NULL when there is none. */
static const Node *find(const PlanTest *t, NodeKind kind) {
    const Node *found = NULL;
    for (uint32_t i = 0; i < t->plan->n_nodes; i++) {
        if (t->plan->nodes[i]->kind != kind) continue;
        assert_null(found);
        found = t->plan->nodes[i];
    }
    return found;
}

static uint32_t count(const PlanTest *t, NodeKind kind) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->plan->n_nodes; i++) n += t->plan->nodes[i]->kind == kind;
    return n;
}

static void test_append_and_bounded(void **state) {
    PlanTest *t = *state;
    plan_ok(t, "SELECT id FROM orders WHERE amount > 1");
    assert_true(t->plan->roots[0]->inputs[0]->is_append);
    assert_false(t->plan->is_bounded);
    plan_ok(t, "SELECT id FROM file");
    assert_true(t->plan->is_bounded);
    plan_ok(t, "SELECT id FROM changes");
    assert_false(t->plan->roots[0]->inputs[0]->is_append);
    plan_ok(t, "SELECT customer, COUNT(*) FROM orders GROUP BY customer");
    assert_false(t->plan->roots[0]->inputs[0]->is_append);
    plan_ok(t, "SELECT DISTINCT customer FROM orders");
    assert_true(t->plan->roots[0]->inputs[0]->is_append);
    plan_ok(t, "SELECT a.id FROM orders a JOIN file b ON a.id = b.id");
    assert_true(t->plan->roots[0]->inputs[0]->is_append);
    plan_ok(t, "SELECT a.id FROM orders a LEFT JOIN file b ON a.id = b.id AND b.r.a > 1");
    assert_false(t->plan->roots[0]->inputs[0]->is_append);
}

static void test_keys(void **state) {
    PlanTest *t = *state;
    const Node *sink;
    plan_ok(t, "SELECT COUNT(*) AS n, customer FROM orders GROUP BY customer");
    sink = t->plan->roots[0];
    assert_int_equal(sink->sink.n_key, 1);
    assert_int_equal(sink->sink.key[0], 1);
    plan_ok(t, "SELECT COUNT(*) AS n FROM orders GROUP BY customer");
    assert_null(t->plan->roots[0]->sink.key);
    plan_ok(t, "SELECT COUNT(*) AS n FROM orders");
    assert_non_null(t->plan->roots[0]->sink.key);
    assert_int_equal(t->plan->roots[0]->sink.n_key, 0);
    plan_ok(t, "INSERT INTO out1 SELECT id, COUNT(*) FROM orders GROUP BY id, customer "
               "ON CONFLICT DO DEDUPLICATE");
    assert_int_equal(t->plan->roots[0]->sink.n_key, 1); /* the declared one */
    plan_ok(t, "SELECT c.v, o.n FROM changes c JOIN (SELECT id, COUNT(*) AS n FROM orders "
               "GROUP BY id) o ON c.id = o.id");
    assert_null(t->plan->roots[0]->sink.key);
    plan_ok(t, "SELECT c.id, o.n FROM changes c JOIN (SELECT id, COUNT(*) AS n FROM orders "
               "GROUP BY id) o ON c.id = o.id");
    assert_int_equal(t->plan->roots[0]->sink.n_key, 1);
}

static void test_windows_and_times(void **state) {
    PlanTest *t = *state;
    const Node *agg;
    plan_ok(t,
            "SELECT window_start, window_end, window_time, COUNT(*) FROM TABLE(HOP(TABLE orders, "
            "DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)) "
            "GROUP BY window_start, window_end, window_time");
    agg = find(t, NODE_WINDOW_AGG);
    assert_non_null(agg);
    assert_true(agg->is_append);
    assert_int_equal(agg->agg.window.slide, 60 * 1000000LL);
    assert_int_equal(agg->agg.window.size, 300 * 1000000LL);
    assert_string_equal(agg->agg.window_cols, "set");
    assert_true(type_is_rowtime(agg->schema.fields[agg->in_window->time_col].type));
    assert_non_null(find(t, NODE_SCAN)->scan.watermark);
    plan_ok(t, "SELECT id, ts FROM orders");
    assert_null(find(t, NODE_SCAN)->scan.watermark); /* nobody waits for it */
    plan_ok(t, "SELECT ts, ts + INTERVAL '1' HOUR AS later FROM orders");
    assert_true(type_is_rowtime(t->plan->roots[0]->schema.fields[0].type));
    assert_false(type_is_rowtime(t->plan->roots[0]->schema.fields[1].type));
}

static void test_sharing_and_pruning(void **state) {
    PlanTest *t = *state;
    const ScanSpec *scan;
    plan_ok(t, "CREATE VIEW big AS SELECT id, customer FROM orders WHERE amount > 9;"
               "SELECT a.id FROM big a JOIN big b ON a.id = b.id JOIN orders c ON c.id = b.id");
    assert_int_equal(count(t, NODE_SCAN), 1);
    plan_ok(t, "SELECT r.b FROM file");
    scan = &find(t, NODE_SCAN)->scan;
    assert_int_equal(scan->decoded.n_fields, 1);
    assert_int_equal(scan->decoded.fields[0].type->row.n_fields, 1);
    plan_ok(t, "STATEMENT SET BEGIN INSERT INTO out1 SELECT id, 1 FROM orders; "
               "INSERT INTO out1 SELECT id, 2 FROM orders WHERE amount > 3; END");
    assert_int_equal(t->plan->n_roots, 2);
    assert_int_equal(count(t, NODE_SCAN), 1);
}

static void test_positions(void **state) {
    static const struct {
        const char *sql, *sqlstate, *at; /* the error stands where this text does */
    } rows[] = {
        {"SELECT id, nope FROM orders", "42703", "nope"},
        {"SELECT id FROM nowhere", "42P01", "nowhere"},
        {"SELECT id + customer FROM orders", "42883", "+"},
        {"SELECT customer, COUNT(*) FROM orders GROUP BY id", "42803", "customer"},
        {"INSERT INTO out1 SELECT 1, TRUE", "42804", "TRUE"},
        {"SELECT 1 FROM orders WHERE amount", "42804", "amount"},
    };
    PlanTest *t = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_not_equal(plan_test_run(t, rows[i].sql), ST_OK);
        assert_string_equal(t->err.sqlstate, rows[i].sqlstate);
        assert_int_equal(t->err.pos, (int32_t)(strstr(rows[i].sql, rows[i].at) - rows[i].sql));
    }
}

/* The plan without a rule gives columns of the same names and types. */
static void test_rules_can_be_left_out(void **state) {
    static const char *const rules[] = {"constant-folding",
                                        "filter-pushdown",
                                        "join-keys",
                                        "merge",
                                        "top-n",
                                        "common-subplans",
                                        "scan-filter",
                                        "column-pruning",
                                        "watermark-pruning"};
    static const char *const queries[] = {
        "SELECT o.id, r.b FROM orders o JOIN file f ON o.id = f.id WHERE o.amount > 1 + 1",
        "SELECT customer, n FROM (SELECT customer, COUNT(*) AS n FROM orders GROUP BY customer) "
        "WHERE customer <> 'x'",
        "SELECT id, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY amount) "
        "AS rn FROM orders) WHERE rn <= 3",
        "SELECT id FROM orders UNION ALL SELECT id FROM file"};
    PlanTest *t = *state;
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        Schema whole;
        plan_ok(t, queries[q]);
        whole = t->plan->roots[0]->schema;
        for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
            char key[80];
            snprintf(key, sizeof key, "table.optimizer.%s.enabled", rules[r]);
            strmap_put(&t->settings, span_of(key), (void *)(uintptr_t) "false");
            plan_ok(t, queries[q]);
            strmap_remove(&t->settings, span_of(key));
            assert_int_equal(t->plan->roots[0]->schema.n_fields, whole.n_fields);
            for (uint32_t i = 0; i < whole.n_fields; i++) {
                const Field *field = &t->plan->roots[0]->schema.fields[i];
                assert_true(span_eq(field->name, whole.fields[i].name));
                assert_true(type_eq(field->type, whole.fields[i].type));
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_append_and_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_windows_and_times, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sharing_and_pruning, setup, teardown),
        cmocka_unit_test_setup_teardown(test_positions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rules_can_be_left_out, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
