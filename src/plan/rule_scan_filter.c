/* rule_scan_filter.c -- the scan itself drops the rows that a filter above it would drop, before
 * their computed columns are made. When every user of a shared scan filters, rows that none of them
 * wants are dropped.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

typedef struct ScanUsers {
    Expr **conds; /* of the filters on this scan, over its decoded columns */
    uint32_t n, n_other;
} ScanUsers;

static Expr *scan_filter_or(Arena *arena, Expr **conds, uint32_t n) {
    Expr *out = arena_new(arena, Expr);
    bool is_nullable = false;
    if (n == 1) return conds[0];
    for (uint32_t i = 0; i < n; i++) is_nullable |= conds[i]->type->is_nullable;
    *out = (Expr){.kind = EXPR_OR,
                  .type = type_with_null(arena, &type_boolean, is_nullable),
                  .pos = conds[0]->pos,
                  .n_args = n,
                  .args = arena_array(arena, Expr *, n)};
    memcpy(out->args, conds, n * sizeof(Expr *));
    return out;
}

static void scan_filter_collect(RuleCtx *ctx, ScanUsers *users) {
    for (uint32_t i = 0; i < ctx->plan->n_nodes; i++) {
        const Node *node = ctx->plan->nodes[i];
        for (uint32_t k = 0; k < node->n_inputs; k++) {
            const Node *in = node->inputs[k];
            ScanUsers *user = &users[in->id];
            if (in->kind != NODE_SCAN) continue;
            if (node->kind != NODE_FILTER || !expr_is_deterministic(node->exprs[0])) {
                user->n_other++;
                continue;
            }
            if (!user->conds) {
                user->conds = arena_array(ctx->arena, Expr *, ctx->n_users[in->id] + 1);
            }
            user->conds[user->n++] = expr_substitute(ctx->arena, node->exprs[0], in->exprs);
        }
    }
}

void rule_scan_filter(RuleCtx *ctx) {
    Plan *plan = ctx->plan;
    ScanUsers *users = arena_array(ctx->arena, ScanUsers, plan->n_nodes + 1);
    Node **made = arena_array(ctx->arena, Node *, plan->n_nodes + 1);
    scan_filter_collect(ctx, users);
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        Node *node = node_copy(ctx->arena, plan->nodes[i]);
        const Node *in = plan->nodes[i]->n_inputs ? plan->nodes[i]->inputs[0] : NULL;
        for (uint32_t k = 0; k < node->n_inputs; k++) node->inputs[k] = made[node->inputs[k]->id];
        if (node->kind == NODE_SCAN && users[i].n && !users[i].n_other) {
            node->scan.predicate = scan_filter_or(ctx->arena, users[i].conds, users[i].n);
        }
        made[i] = node;
        /* The only user's filter has nothing left to do. */
        if (node->kind == NODE_FILTER && in->kind == NODE_SCAN && users[in->id].n == 1 &&
            !users[in->id].n_other && expr_is_deterministic(node->exprs[0])) {
            made[i] = node->inputs[0];
        }
    }
    for (uint32_t i = 0; i < plan->n_roots; i++) plan->roots[i] = made[plan->roots[i]->id];
}
