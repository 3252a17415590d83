/* rule_state_pruning.c -- a join forgets the rows that can meet nothing more.
 *
 * b.ts <= a.expires: once the watermark has passed a.expires, no b can come for this a any more.
 * The time on the smaller side must be one that the watermark speaks of, plus or minus a
 * constant; the larger side may be any expression over the other input. Both inputs only insert,
 * so nothing that was forgotten will be taken back.
 *
 * A late row (behind the watermark of its own split) meets no row whose time was over when it
 * came: so the answer does not depend on when rows are really dropped. Switch the rule off to
 * have late rows meet everything, and keep everything.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

/* A time that later rows do not fall below the watermark of, and what is added to it. */
typedef struct PruningTerm {
    uint32_t col;
    int64_t offset;
} PruningTerm;

static bool pruning_is_op(const Expr *expr, const char *name) {
    return expr->kind == EXPR_CALL && strcmp(expr->fn->name, name) == 0;
}

static bool pruning_term(const Expr *expr, PruningTerm *out) {
    bool is_plus = pruning_is_op(expr, "+"), is_minus = pruning_is_op(expr, "-");
    int64_t offset;
    if (expr->kind == EXPR_CAST && expr->type->kind == expr->args[0]->type->kind) {
        return pruning_term(expr->args[0], out);
    }
    if (expr->kind == EXPR_COLUMN) {
        *out = (PruningTerm){.col = expr->column};
        return expr->type->kind == TYPE_TIMESTAMP || expr->type->kind == TYPE_TIMESTAMP_LTZ;
    }
    if ((!is_plus && !is_minus) || expr->n_args != 2 ||
        expr->args[1]->type->kind != TYPE_INTERVAL_DS || !expr_const_int(expr->args[1], &offset) ||
        !pruning_term(expr->args[0], out)) {
        return false;
    }
    return !__builtin_add_overflow(out->offset, is_minus ? -offset : offset, &out->offset);
}

/* Does the watermark speak of the column? Rowtimes, and ends of windows, which are above it when
 * their rows come. */
static bool pruning_has_watermark(const Node *node, uint32_t col) {
    const NodeWindow *window = node->in_window;
    const Type *type = node->schema.fields[col].type;
    if (type_is_rowtime(type)) return !plan_lost_time(node, col);
    return window && window->end_col == (int32_t)col && !window->spec.is_proctime;
}

static bool pruning_has_column(const Expr *expr) {
    if (expr->kind == EXPR_COLUMN) return true;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (pruning_has_column(expr->args[i])) return true;
    }
    return false;
}

/* small <= large, a condition of the join. */
static void pruning_take(RuleCtx *ctx, Node *join, const Expr *small, Expr *large) {
    uint32_t n_left = join->inputs[0]->schema.n_fields, side, first, n;
    int32_t *map;
    PruningTerm term;
    if (!pruning_term(small, &term) || !expr_is_deterministic(large)) return;
    side = term.col < n_left ? 1 : 0; /* the other one, whose rows end */
    first = side ? n_left : 0;
    n = join->inputs[side]->schema.n_fields;
    if (join->join.ends[side] || large->type->kind != small->type->kind) return;
    if (!pruning_has_watermark(join->inputs[1 - side], term.col - (side ? 0 : n_left))) return;
    if (!expr_uses_only(large, first, n) || !pruning_has_column(large)) return;
    map = arena_array(ctx->arena, int32_t, first + n);
    for (uint32_t i = 0; i < n; i++) map[first + i] = (int32_t)i;
    join->join.ends[side] = expr_remap(ctx->arena, large, map);
    join->join.end_offsets[side] = -term.offset;
}

static Node *pruning_node(RuleCtx *ctx, Node *node) {
    Expr **conds;
    Node *join;
    uint32_t n;
    if (node->kind != NODE_JOIN || !node->join.residual) return node;
    if (!node->inputs[0]->is_append || !node->inputs[1]->is_append) return node;
    join = node_copy(ctx->arena, node);
    expr_conjuncts(ctx->arena, join->join.residual, &conds, &n);
    for (uint32_t i = 0; i < n; i++) {
        const char *op = conds[i]->kind == EXPR_CALL ? conds[i]->fn->name : "";
        bool is_le = op[0] == '<' && op[1] != '>', is_ge = op[0] == '>';
        if (!is_le && !is_ge) continue;
        pruning_take(ctx, join, conds[i]->args[is_ge], conds[i]->args[is_le]);
    }
    return join->join.ends[0] || join->join.ends[1] ? join : node;
}

void rule_state_pruning(RuleCtx *ctx) {
    rule_rewrite(ctx, pruning_node);
}
