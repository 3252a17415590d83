/* fuzz_plan.c -- any bytes as statements over a small catalog: planning never crashes, and every
 * error names its SQLSTATE and stands inside the text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fuzz_setup[] =
    "CREATE TABLE t (id INT, name STRING, n BIGINT NOT NULL, r ROW<a INT, b ROW<c STRING>>, "
    "ts TIMESTAMP(3), arr ARRAY<INT>, m MAP<STRING, INT>, "
    "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'test');"
    "CREATE TABLE u (id BIGINT, y STRING, d DECIMAL(10, 2)) WITH ('connector' = 'test');"
    "CREATE TABLE s (a BIGINT, b STRING) WITH ('connector' = 'print');"
    "CREATE VIEW v AS SELECT id, name, COUNT(*) AS c FROM t GROUP BY id, name;";

static Status fuzz_one(const PlanEnv *env, const Ast *ast, Buf *out, Err *err) {
    AstList one = {.items = (Ast **)(uintptr_t)&ast, .n = 1};
    Plan *plan;
    if (ast->kind == AST_QUERY) {
        TRY(plan_query(env, ast, &plan, err));
    } else if (ast->kind == AST_INSERT) {
        TRY(plan_inserts(env, &one, &plan, err));
    } else {
        return plan_ddl(env, ast, err);
    }
    plan_explain(plan, EXPLAIN_LOGICAL | EXPLAIN_PHYSICAL | EXPLAIN_STATE | EXPLAIN_ADVICE, out);
    return ST_OK;
}

static Status fuzz_script(PlanEnv *env, Span text, Buf *out, Err *err) {
    AstList list;
    env->sql = text;
    TRY(sql_parse_script(env->arena, text, &list, err));
    for (int32_t i = 0; i < list.n; i++) TRY(fuzz_one(env, list.items[i], out, err));
    return ST_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena arena;
    Buf out;
    Err err = ERR_INIT;
    ExprEnv expr_env = {.watermark = WATERMARK_NONE};
    PlanEnv env = {.expr_env = &expr_env, .arena = &arena};
    arena_init(&arena, NULL);
    buf_init(&out, NULL);
    env.catalog = catalog_new(NULL);
    if (zone_find(SPAN("UTC"), &expr_env.zone, &err) != ST_OK) __builtin_trap();
    if (fuzz_script(&env, span_of(fuzz_setup), &out, &err) != ST_OK) __builtin_trap();
    err = (Err)ERR_INIT;
    if (fuzz_script(&env, (Span){(const char *)data, size}, &out, &err) != ST_OK) {
        if (!err.sqlstate[0] || err.pos < -1 || err.pos > (int32_t)size) __builtin_trap();
    }
    catalog_free(env.catalog);
    buf_deinit(&out);
    arena_deinit(&arena);
    return 0;
}
