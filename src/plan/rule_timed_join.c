/* rule_timed_join.c -- joins whose rows have a time to match in forget what is too old.
 *
 * a.ts BETWEEN b.ts - 5 min AND b.ts + 1 min is an interval join: a row waits until the watermark
 * says that no partner can come. Equal window bounds on both sides are a window join: it speaks
 * when the window is over.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

/* left.time between right.time + lower and right.time + upper, as far as found. */
typedef struct TimeBounds {
    uint32_t left, right; /* columns of each side */
    int64_t lower, upper;
    bool has_lower, has_upper;
} TimeBounds;

/* A time attribute, plus or minus a constant. */
typedef struct TimeTerm {
    uint32_t col;
    int64_t offset;
} TimeTerm;

static bool timed_is_op(const Expr *expr, const char *name) {
    return expr->kind == EXPR_CALL && strcmp(expr->fn->name, name) == 0;
}

static bool timed_term(const Expr *expr, TimeTerm *out) {
    int64_t offset;
    bool is_plus = timed_is_op(expr, "+"), is_minus = timed_is_op(expr, "-");
    /* Comparisons bring both sides to one precision. */
    if (expr->kind == EXPR_CAST && expr->type->kind == expr->args[0]->type->kind) {
        return timed_term(expr->args[0], out);
    }
    if (expr->kind == EXPR_COLUMN) {
        *out = (TimeTerm){.col = expr->column};
        return expr->type->attr != TIME_ATTR_NONE;
    }
    if ((!is_plus && !is_minus) || expr->n_args != 2) return false;
    if (is_plus && expr->args[0]->type->kind == TYPE_INTERVAL_DS) {
        if (!expr_const_int(expr->args[0], &offset) || !timed_term(expr->args[1], out)) {
            return false;
        }
    } else if (expr->args[1]->type->kind != TYPE_INTERVAL_DS ||
               !expr_const_int(expr->args[1], &offset) || !timed_term(expr->args[0], out)) {
        return false;
    }
    return !__builtin_add_overflow(out->offset, is_minus ? -offset : offset, &out->offset);
}

/* Takes one condition into the bounds. False: it says nothing about both times. */
static bool timed_take(const Expr *cond, uint32_t n_left, TimeBounds *bounds, bool *has_cols) {
    const char *op = cond->kind == EXPR_CALL ? cond->fn->name : "";
    bool is_ge = op[0] == '>', is_le = op[0] == '<' && op[1] != '>', is_eq = strcmp(op, "=") == 0;
    bool is_strict = op[0] && !op[1] && !is_eq;
    TimeTerm a, b;
    int64_t gap;
    if ((!is_ge && !is_le && !is_eq) || !timed_term(cond->args[0], &a) ||
        !timed_term(cond->args[1], &b)) {
        return false;
    }
    if ((a.col < n_left) == (b.col < n_left)) return false;
    if (a.col >= n_left) {
        TimeTerm swap = a;
        bool was_ge = is_ge;
        a = b;
        b = swap;
        is_ge = is_le;
        is_le = was_ge;
    }
    if (*has_cols && (bounds->left != a.col || bounds->right != b.col - n_left)) return false;
    *has_cols = true;
    bounds->left = a.col;
    bounds->right = b.col - n_left;
    /* left + a >= right + b: left >= right + (b - a) */
    gap = b.offset - a.offset;
    if ((is_ge || is_eq) && (!bounds->has_lower || gap + is_strict > bounds->lower)) {
        bounds->lower = gap + is_strict;
        bounds->has_lower = true;
    }
    if ((is_le || is_eq) && (!bounds->has_upper || gap - is_strict < bounds->upper)) {
        bounds->upper = gap - is_strict;
        bounds->has_upper = true;
    }
    return true;
}

/* a.ts = b.ts has become a key by now. */
static void timed_take_keys(const Node *node, TimeBounds *bounds) {
    for (uint32_t i = 0; i < node->join.n_keys; i++) {
        uint32_t left = node->join.left_keys[i], right = node->join.right_keys[i];
        if (!type_is_rowtime(node->inputs[0]->schema.fields[left].type) ||
            !type_is_rowtime(node->inputs[1]->schema.fields[right].type)) {
            continue;
        }
        *bounds = (TimeBounds){.left = left, .right = right, .has_lower = true, .has_upper = true};
    }
}

static Node *timed_interval(RuleCtx *ctx, Node *node) {
    uint32_t n, n_rest = 0, n_left = node->inputs[0]->schema.n_fields;
    TimeBounds bounds = {0};
    bool has_cols = false;
    Expr **conds, **rest;
    Node *join;
    if (node->join.kind > JOINOP_FULL) return NULL;
    if (!node->inputs[0]->is_append || !node->inputs[1]->is_append) return NULL;
    expr_conjuncts(ctx->arena, node->join.residual, &conds, &n);
    rest = arena_array(ctx->arena, Expr *, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!timed_take(conds[i], n_left, &bounds, &has_cols)) rest[n_rest++] = conds[i];
    }
    if (!bounds.has_lower || !bounds.has_upper) {
        bounds = (TimeBounds){0};
        timed_take_keys(node, &bounds);
        for (n_rest = 0; n_rest < n; n_rest++) rest[n_rest] = conds[n_rest];
    }
    if (!bounds.has_lower || !bounds.has_upper) return NULL;
    if (node->inputs[0]->schema.fields[bounds.left].type->attr !=
        node->inputs[1]->schema.fields[bounds.right].type->attr) {
        return NULL;
    }
    join = node_copy(ctx->arena, node);
    join->kind = NODE_INTERVAL_JOIN;
    join->join.residual = expr_and(ctx->arena, rest, n_rest);
    join->join.left_time = bounds.left;
    join->join.right_time = bounds.right;
    join->join.lower_us = bounds.lower;
    join->join.upper_us = bounds.upper;
    node_properties(ctx->arena, join);
    return join;
}

/* Is left column l matched with right column r? */
static bool timed_has_key(const Node *node, int32_t l, int32_t r) {
    for (uint32_t i = 0; i < node->join.n_keys; i++) {
        if ((int32_t)node->join.left_keys[i] == l && (int32_t)node->join.right_keys[i] == r) {
            return true;
        }
    }
    return false;
}

static Node *timed_window(RuleCtx *ctx, Node *node) {
    const NodeWindow *left = node->inputs[0]->in_window, *right = node->inputs[1]->in_window;
    Node *join;
    if (!left || !right || left->start_col < 0 || left->end_col < 0 || right->start_col < 0 ||
        right->end_col < 0 || left->spec.is_proctime != right->spec.is_proctime) {
        return NULL;
    }
    if (!node->inputs[0]->is_append || !node->inputs[1]->is_append) return NULL;
    if (!timed_has_key(node, left->start_col, right->start_col) ||
        !timed_has_key(node, left->end_col, right->end_col)) {
        return NULL;
    }
    join = node_copy(ctx->arena, node);
    join->kind = NODE_WINDOW_JOIN;
    join->join.window = left->spec;
    join->join.window.is_attached = true;
    join->join.left_time = (uint32_t)left->end_col;
    join->join.right_time = (uint32_t)right->end_col;
    join->join.window.start_col = (uint32_t)left->start_col;
    join->join.window.end_col = (uint32_t)left->end_col;
    node_properties(ctx->arena, join);
    return join;
}

static Node *timed_node(RuleCtx *ctx, Node *node) {
    Node *timed;
    if (node->kind != NODE_JOIN) return node;
    timed = timed_window(ctx, node);
    if (!timed) timed = timed_interval(ctx, node);
    if (!timed || (ctx->env->can_run && !ctx->env->can_run(timed))) return node;
    return timed;
}

void rule_timed_join(RuleCtx *ctx) {
    rule_rewrite(ctx, timed_node);
}
