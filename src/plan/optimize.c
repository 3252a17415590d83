/* optimize.c -- the list of rules, and what rules have in common.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

#define RULE(name) name, "table.optimizer." name ".enabled"

const Rule plan_rules[] = {
    {RULE("constant-folding"), rule_fold,
     "Computes constant parts of expressions once; drops filters that are always true."},
    {RULE("filter-pushdown"), rule_pushdown,
     "Moves conditions towards the sources, through projections, unions, joins, windows."},
    {RULE("join-keys"), rule_join,
     "Finds the columns that join inputs are matched by, and filters for each side."},
    {RULE("filter-pushdown"), rule_pushdown, "Again, for what the joins have set free."},
    {RULE("merge"), rule_merge,
     "Makes one of filters over filters and projections over projections; drops those that do "
     "nothing."},
    {RULE("top-n"), rule_topn,
     "Keeps the rows of a ROW_NUMBER filter as a Top-N or a deduplication."},
    {RULE("window-aggregate"), rule_window_agg,
     "Aggregates by window: each window is shown once, when it is over."},
    {RULE("merge"), rule_merge, "Again, for what the rules above have left."},
    {RULE("timed-join"), rule_timed_join,
     "Makes joins within a time interval or a window forget what is too old."},
    {RULE("state-pruning"), rule_state_pruning,
     "Lets joins forget rows that can meet nothing more, by their times and the watermark."},
    {RULE("common-subplans"), rule_share, "Computes equal parts of the plan once."},
    {RULE("watermark-pruning"), rule_watermark,
     "Does not compute a watermark that nothing waits for."},
    {RULE("scan-filter"), rule_scan_filter, "Lets scans drop rows that nobody wants."},
    {RULE("column-pruning"), rule_prune,
     "Leaves out columns, fields of rows and aggregates that nobody reads."},
    {RULE("merge"), rule_merge, "Drops projections that pruning has made idle."},
    {NULL, NULL, NULL, NULL},
};

static void collect_node(Plan *plan, Node *node, StrMap *seen) {
    Span key = {(const char *)&node, sizeof node};
    if (strmap_find(seen, key)) return;
    for (uint32_t i = 0; i < node->n_inputs; i++) collect_node(plan, node->inputs[i], seen);
    strmap_put(seen, key, node);
    plan->n_nodes++;
}

void plan_collect(const PlanEnv *env, Plan *plan) {
    StrMap seen; /* keyed by address; keeps the order in which nodes were finished */
    strmap_init(&seen, NULL, false);
    plan->n_nodes = 0;
    for (uint32_t i = 0; i < plan->n_roots; i++) collect_node(plan, plan->roots[i], &seen);
    plan->nodes = arena_array(env->arena, Node *, plan->n_nodes);
    plan->is_bounded = true;
    for (uint32_t i = 0; i < seen.n; i++) {
        plan->nodes[i] = seen.entries[i].value;
        plan->nodes[i]->id = i;
        if (!plan->nodes[i]->is_bounded) plan->is_bounded = false;
    }
    strmap_deinit(&seen);
}

static uint32_t *count_users(Arena *arena, const Plan *plan) {
    uint32_t *n_users = arena_array(arena, uint32_t, plan->n_nodes + 1);
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        for (uint32_t k = 0; k < plan->nodes[i]->n_inputs; k++)
            n_users[plan->nodes[i]->inputs[k]->id]++;
    }
    return n_users;
}

static bool rule_is_off(const PlanEnv *env, const Rule *rule) {
    const char *value;
    if (env->disabled_rules && strmap_find(env->disabled_rules, span_of(rule->name))) return true;
    value = env->settings ? strmap_find(env->settings, span_of(rule->setting)) : NULL;
    return value && span_is_nocase(span_of(value), "false");
}

bool plan_rule_setting(uint32_t i, const char **setting, const char **help) {
    for (const Rule *rule = plan_rules; rule->name; rule++) {
        const Rule *first = plan_rules;
        while (strcmp(first->name, rule->name) != 0) first++;
        if (first != rule || i-- > 0) continue;
        *setting = rule->setting;
        *help = rule->help;
        return true;
    }
    return false;
}

/* The nodes that would net changes, below the versioned side of a join as of event time. */
static void keep_versions(Node *node, bool is_versioned) {
    node->keeps_versions |= is_versioned;
    for (uint32_t i = 0; i < node->n_inputs; i++)
        keep_versions(node->inputs[i],
                      node->keeps_versions || (node->kind == NODE_TEMPORAL_JOIN && i == 1));
}

Status plan_optimize(const PlanEnv *env, Plan *plan, Err *err) {
    (void)err;
    for (const Rule *rule = plan_rules; rule->name; rule++) {
        RuleCtx ctx = {.env = env, .arena = env->arena, .plan = plan};
        if (rule_is_off(env, rule)) continue;
        plan_collect(env, plan);
        ctx.n_users = count_users(env->arena, plan);
        rule->apply(&ctx);
    }
    for (uint32_t i = 0; i < plan->n_roots; i++) keep_versions(plan->roots[i], false);
    plan_collect(env, plan);
    return ST_OK;
}

bool rule_is_shared(const RuleCtx *ctx, const Node *node) {
    return node->id != NODE_NEW && ctx->n_users[node->id] > 1;
}

Node *node_copy(Arena *arena, const Node *node) {
    Node *copy = arena_new(arena, Node);
    *copy = *node;
    copy->inputs = arena_array(arena, Node *, node->n_inputs);
    for (uint32_t i = 0; i < node->n_inputs; i++) copy->inputs[i] = node->inputs[i];
    return copy;
}

/* What a rule made anew stands in the place of the node, and is shared as the node was; when the
 * node fell away, its input has its users now. */
static void rewrite_count(RuleCtx *ctx, const Node *node, Node *made) {
    if (made == node) return;
    for (uint32_t k = 0; k < node->n_inputs; k++) {
        if (made != node->inputs[k]) continue;
        ctx->n_users[made->id] += ctx->n_users[node->id] - 1;
        return;
    }
    made->id = node->id;
}

void rule_rewrite(RuleCtx *ctx, RewriteFn *fn) {
    Plan *plan = ctx->plan;
    Node **made = arena_array(ctx->arena, Node *, plan->n_nodes);
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        Node *node = plan->nodes[i];
        bool is_same = true;
        for (uint32_t k = 0; k < node->n_inputs; k++)
            is_same &= made[node->inputs[k]->id] == node->inputs[k];
        if (!is_same) {
            node = node_copy(ctx->arena, node);
            for (uint32_t k = 0; k < node->n_inputs; k++)
                node->inputs[k] = made[node->inputs[k]->id];
            node_properties(ctx->arena, node);
        }
        made[i] = fn(ctx, node);
        rewrite_count(ctx, node, made[i]);
    }
    for (uint32_t i = 0; i < plan->n_roots; i++) plan->roots[i] = made[plan->roots[i]->id];
}

Expr *expr_substitute(Arena *arena, const Expr *expr, Expr *const *exprs) {
    Expr *copy;
    if (expr->kind == EXPR_COLUMN) return exprs[expr->column];
    copy = arena_new(arena, Expr);
    *copy = *expr;
    copy->args = arena_array(arena, Expr *, expr->n_args);
    for (uint32_t i = 0; i < expr->n_args; i++)
        copy->args[i] = expr_substitute(arena, expr->args[i], exprs);
    return copy;
}

bool expr_uses_only(const Expr *expr, uint32_t first, uint32_t n) {
    if (expr->kind == EXPR_COLUMN) return expr->column >= first && expr->column - first < n;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (!expr_uses_only(expr->args[i], first, n)) return false;
    }
    return true;
}

static Expr **change_list(Arena *arena, Expr *const *exprs, uint32_t n,
                          Expr *(*change)(void *ctx, Expr *expr), void *ctx) {
    Expr **changed = arena_array(arena, Expr *, n);
    for (uint32_t i = 0; i < n; i++) changed[i] = change(ctx, exprs[i]);
    return changed;
}

static void change_call(Arena *arena, AggCall *call, Expr *(*change)(void *ctx, Expr *expr),
                        void *ctx) {
    call->args = change_list(arena, call->args, call->n_args, change, ctx);
    if (call->filter) call->filter = change(ctx, call->filter);
}

void node_each_expr(Arena *arena, Node *node, Expr *(*change)(void *ctx, Expr *expr), void *ctx) {
    node->exprs = change_list(arena, node->exprs, node->n_exprs, change, ctx);
    if (node->kind == NODE_AGGREGATE || node->kind == NODE_WINDOW_AGG) {
        AggCall *calls = arena_array(arena, AggCall, node->agg.n_calls);
        for (uint32_t i = 0; i < node->agg.n_calls; i++) {
            calls[i] = node->agg.calls[i];
            change_call(arena, &calls[i], change, ctx);
        }
        node->agg.calls = calls;
    } else if (node->kind == NODE_OVER) {
        OverCall *calls = arena_array(arena, OverCall, node->over.n_calls);
        for (uint32_t i = 0; i < node->over.n_calls; i++) {
            calls[i] = node->over.calls[i];
            change_call(arena, &calls[i].agg, change, ctx);
        }
        node->over.calls = calls;
    } else if (node->kind >= NODE_JOIN && node->kind <= NODE_LOOKUP_JOIN && node->join.residual) {
        node->join.residual = change(ctx, node->join.residual);
        for (uint32_t i = 0; i < 2 && node->kind == NODE_JOIN; i++) {
            if (node->join.ends[i]) node->join.ends[i] = change(ctx, node->join.ends[i]);
        }
    }
}
