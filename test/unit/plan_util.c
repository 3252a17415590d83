/* plan_util.c -- see plan_util.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan_util.h"

void plan_test_init(PlanTest *t) {
    Err err = ERR_INIT;
    memset(t, 0, sizeof *t);
    arena_init(&t->arena, &t->mem);
    t->catalog = catalog_new(&t->mem);
    strmap_init(&t->settings, &t->mem, false);
    buf_init(&t->out, &t->mem);
    if (zone_find(SPAN("UTC"), &t->expr_env.zone, &err) != ST_OK) abort();
    t->expr_env.watermark = WATERMARK_NONE;
}

void plan_test_deinit(PlanTest *t) {
    buf_deinit(&t->out);
    strmap_deinit(&t->settings);
    catalog_free(t->catalog);
    arena_deinit(&t->arena);
}

static Status plan_test_one(PlanTest *t, const PlanEnv *env, const Ast *ast) {
    const AstList *set = &((const AstStatementSet *)ast)->statements;
    AstList one = {.items = (Ast **)&ast, .n = 1};
    const AstSet *setting = (const AstSet *)ast;
    switch (ast->kind) {
    case AST_QUERY: return plan_query(env, ast, &t->plan, &t->err);
    case AST_INSERT: return plan_inserts(env, &one, &t->plan, &t->err);
    case AST_STATEMENT_SET: return plan_inserts(env, set, &t->plan, &t->err);
    case AST_SET:
        strmap_put(&t->settings, setting->key,
                   arena_strndup(&t->arena, setting->value.ptr, setting->value.len));
        return ST_OK;
    default: return plan_ddl(env, ast, &t->err);
    }
}

Status plan_test_run(PlanTest *t, const char *sql) {
    PlanEnv env = {.catalog = t->catalog,
                   .sql = span_of(sql),
                   .expr_env = &t->expr_env,
                   .settings = &t->settings,
                   .arena = &t->arena,
                   .is_batch = t->is_batch};
    AstList list;
    t->plan = NULL;
    t->err = (Err)ERR_INIT;
    TRY(sql_parse_script(&t->arena, span_of(sql), &list, &t->err));
    for (int32_t i = 0; i < list.n; i++) TRY(plan_test_one(t, &env, list.items[i]));
    return ST_OK;
}

const char *plan_test_explain(PlanTest *t, const char *sql, uint32_t flags) {
    buf_reset(&t->out);
    if (plan_test_run(t, sql) != ST_OK) {
        buf_printf(&t->out, "[%s] ", t->err.sqlstate);
        err_render(&t->err, span_of(sql), NULL, &t->out);
    } else if (t->plan) {
        plan_explain(t->plan, flags, &t->out);
    }
    return buf_cstr(&t->out);
}
