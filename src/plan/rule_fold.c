/* rule_fold.c -- computes constant parts of expressions while planning.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

static Expr *fold_expr(void *ctx, Expr *expr) {
    RuleCtx *rule = ctx;
    return expr_fold(rule->arena, expr, rule->env->expr_env);
}

static bool fold_is_true(const Expr *expr) {
    return expr->kind == EXPR_CONST && expr->type->kind == TYPE_BOOLEAN &&
           !col_is_null(expr->value, 0) && expr->value->i8[0];
}

static Node *fold_node(RuleCtx *ctx, Node *node) {
    Node *folded = node_copy(ctx->arena, node);
    node_each_expr(ctx->arena, folded, fold_expr, ctx);
    if (folded->kind == NODE_SCAN && folded->scan.watermark)
        folded->scan.watermark = fold_expr(ctx, folded->scan.watermark);
    if (folded->kind == NODE_FILTER && fold_is_true(folded->exprs[0])) return folded->inputs[0];
    return folded;
}

void rule_fold(RuleCtx *ctx) {
    rule_rewrite(ctx, fold_node);
}
