/* plan.c -- the way of a statement through the planner: bind, optimize, check.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

static Plan *plan_new(const PlanEnv *env, uint32_t n_roots) {
    Plan *plan = arena_new(env->arena, Plan);
    plan->roots = arena_array(env->arena, Node *, n_roots);
    plan->n_roots = n_roots;
    return plan;
}

/* The rows of a query go to the caller. */
static Node *plan_result_sink(const PlanEnv *env, Node *in) {
    Node *sink = node_new(env->arena, NODE_SINK, &in, 1);
    sink->sink.key = in->key;
    sink->sink.n_key = in->n_key;
    sink->sink.is_final = env->is_batch;
    node_properties(env->arena, sink);
    return sink;
}

/* The rules have found out more about joins, so more results have a key by which updates can be
 * told. */
static void plan_sink_keys(Plan *plan) {
    for (uint32_t i = 0; i < plan->n_roots; i++) {
        Node *sink = plan->roots[i];
        if (sink->kind != NODE_SINK || (sink->sink.table && sink->sink.table->n_key_cols)) continue;
        sink->sink.key = sink->inputs[0]->key;
        sink->sink.n_key = sink->inputs[0]->n_key;
    }
}

/* How long operators keep what was not written; aggregates and joins know since they were bound. */
static void plan_ttl(const PlanEnv *env, Plan *plan) {
    const char *text =
        env->settings ? strmap_find(env->settings, SPAN("table.exec.state.ttl")) : NULL;
    int64_t us;
    if (!text || duration_parse(span_of(text), &us) != ST_OK) return;
    for (uint32_t i = 0; i < plan->n_nodes; i++) plan->nodes[i]->ttl_us = us;
}

static Status plan_finish(const PlanEnv *env, Plan *plan, Plan **out, Err *err) {
    plan->logical_roots = arena_array(env->arena, Node *, plan->n_roots);
    for (uint32_t i = 0; i < plan->n_roots; i++) plan->logical_roots[i] = plan->roots[i];
    TRY(plan_optimize(env, plan, err));
    plan_temporal_filters(env, plan);
    plan_sink_keys(plan);
    TRY(plan_conflicts(env, plan, err));
    plan_ttl(env, plan);
    TRY(plan_check(env, plan, err));
    plan->n_workers = env->n_workers > 1 ? env->n_workers : 1;
    if (plan->n_workers > 1) plan_distribute(env, plan);
    *out = plan;
    return ST_OK;
}

Status plan_query(const PlanEnv *env, const Ast *query, Plan **out, Err *err) {
    Plan *plan = plan_new(env, 1);
    Binder b;
    Node *node;
    binder_init(&b, env);
    if (query->kind != AST_QUERY) return bind_unsupported(&b, query->pos, "this query", NULL, err);
    TRY(bind_query(&b, (const AstQuery *)query, NULL, &node, err));
    plan->roots[0] = plan_result_sink(env, node);
    return plan_finish(env, plan, out, err);
}

Status plan_inserts(const PlanEnv *env, const AstList *inserts, Plan **out, Err *err) {
    Plan *plan = plan_new(env, (uint32_t)inserts->n);
    Binder b;
    binder_init(&b, env); /* one for all: they share views and scans */
    for (int32_t i = 0; i < inserts->n; i++) {
        if (inserts->items[i]->kind != AST_INSERT) {
            return bind_unsupported(&b, inserts->items[i]->pos, "this statement in a set", NULL,
                                    err);
        }
        TRY(bind_insert(&b, (const AstInsert *)inserts->items[i], &plan->roots[i], err));
    }
    return plan_finish(env, plan, out, err);
}

Status plan_schema(const PlanEnv *env, const Ast *query, Schema *out, Err *err) {
    Binder b;
    Node *node;
    binder_init(&b, env);
    if (query->kind != AST_QUERY) return bind_unsupported(&b, query->pos, "this query", NULL, err);
    TRY(bind_query(&b, (const AstQuery *)query, NULL, &node, err));
    *out = node->schema;
    return ST_OK;
}

Status plan_constant(const PlanEnv *env, const Ast *ast, Expr **out, Err *err) {
    Binder b;
    binder_init(&b, env);
    return bind_constant(&b, ast, "a value", out, err);
}
