/* rule_join.c -- finds out by which columns the sides of a join are matched.
 *
 * Conditions above an inner join belong to it. Of a join's conditions, those on one side become a
 * filter there, equalities between the sides become keys, and the rest stays as residual. A key
 * that is no column yet is computed by a projection below.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

typedef struct JoinKeys {
    uint32_t *left, *right;
    bool *null_safe;
    uint32_t n;
    bool has_null_safe;
    Expr **more[2]; /* keys to be computed behind the columns of each side */
    uint32_t n_more[2];
} JoinKeys;

static bool join_is_call(const Expr *expr, const char *name) {
    return expr->kind == EXPR_CALL && strcmp(expr->fn->name, name) == 0;
}

/* The key column of a side; computed keys count from the side's last column on. */
static uint32_t join_key_column(RuleCtx *ctx, JoinKeys *keys, const Node *in, int side, Expr *expr,
                                uint32_t first) {
    uint32_t n = in->schema.n_fields;
    int32_t *map;
    if (expr->kind == EXPR_COLUMN) return expr->column - first;
    map = arena_array(ctx->arena, int32_t, first + n);
    for (uint32_t i = 0; i < n; i++) map[first + i] = (int32_t)i;
    expr = expr_remap(ctx->arena, expr, map);
    for (uint32_t i = 0; i < keys->n_more[side]; i++) {
        if (expr_eq(keys->more[side][i], expr)) return n + i;
    }
    keys->more[side][keys->n_more[side]] = expr;
    return n + keys->n_more[side]++;
}

/* a = b with a from one side and b from the other. */
static bool join_take_key(RuleCtx *ctx, const Node *node, JoinKeys *keys, Expr *cond) {
    const Node *left = node->inputs[0], *right = node->inputs[1];
    uint32_t n_left = left->schema.n_fields, n_right = right->schema.n_fields;
    bool null_safe = join_is_call(cond, "IS NOT DISTINCT FROM");
    Expr *a, *b;
    if (!null_safe && !join_is_call(cond, "=")) return false;
    a = cond->args[0];
    b = cond->args[1];
    if (expr_uses_only(a, n_left, n_right) && expr_uses_only(b, 0, n_left)) {
        Expr *swap = a;
        a = b;
        b = swap;
    }
    if (!expr_uses_only(a, 0, n_left) || !expr_uses_only(b, n_left, n_right)) return false;
    if (expr_is_const(a) || expr_is_const(b) || !type_eq(a->type, b->type)) return false;
    if (!expr_is_deterministic(a) || !expr_is_deterministic(b)) return false;
    keys->left[keys->n] = join_key_column(ctx, keys, left, 0, a, 0);
    keys->right[keys->n] = join_key_column(ctx, keys, right, 1, b, n_left);
    keys->null_safe[keys->n++] = null_safe;
    keys->has_null_safe |= null_safe;
    return true;
}

static bool join_is_true(const Expr *expr) {
    int64_t value;
    return expr->type->kind == TYPE_BOOLEAN && expr_const_int(expr, &value) && value;
}

static Node *join_side_filter(RuleCtx *ctx, Node *in, Expr **conds, uint32_t n, uint32_t first) {
    int32_t *map;
    Node *filter;
    Expr **moved = arena_array(ctx->arena, Expr *, n);
    if (!n) return in;
    map = arena_array(ctx->arena, int32_t, first + in->schema.n_fields);
    for (uint32_t i = 0; i < in->schema.n_fields; i++) map[first + i] = (int32_t)i;
    for (uint32_t i = 0; i < n; i++) moved[i] = expr_remap(ctx->arena, conds[i], map);
    filter = node_filter(ctx->arena, in, expr_and(ctx->arena, moved, n));
    filter->id = NODE_NEW;
    return filter;
}

static Node *join_side_keys(RuleCtx *ctx, Node *in, const JoinKeys *keys, int side) {
    Node *node;
    if (!keys->n_more[side]) return in;
    node = node_append(ctx->arena, in, keys->more[side], NULL, keys->n_more[side]);
    node->id = NODE_NEW;
    return node;
}

/* May a condition on one side alone go below the join? Not where its rows come out anyway. */
static bool join_may_filter(const Node *node, int side) {
    JoinOp kind = node->join.kind;
    /* A temporal join looks up the version first and asks conditions then. */
    if (node->kind == NODE_TEMPORAL_JOIN && side == 1) return false;
    if (kind == JOINOP_FULL) return false;
    if (side == 0) return kind != JOINOP_LEFT && kind != JOINOP_ANTI;
    return kind != JOINOP_RIGHT;
}

/* The join over inputs that have more columns, and above it the columns it had before. */
static Node *join_rebuild(RuleCtx *ctx, const Node *node, Node *left, Node *right, JoinKeys *keys,
                          Expr **rest, uint32_t n_rest) {
    uint32_t n_left = node->inputs[0]->schema.n_fields, n_right = node->inputs[1]->schema.n_fields;
    uint32_t shift = left->schema.n_fields - n_left;
    bool only_left = node->schema.n_fields == n_left;
    int32_t *map = arena_array(ctx->arena, int32_t, n_left + n_right);
    uint32_t *keep = arena_array(ctx->arena, uint32_t, n_left + n_right);
    Field *fields = arena_array(ctx->arena, Field, left->schema.n_fields + right->schema.n_fields);
    Node *join = node_copy(ctx->arena, node);
    Expr *residual = expr_and(ctx->arena, rest, n_rest);
    for (uint32_t i = 0; i < n_left + n_right; i++) {
        keep[i] = i < n_left ? i : i + shift;
        map[i] = (int32_t)keep[i];
    }
    for (uint32_t i = 0; i < left->schema.n_fields; i++) fields[i] = left->schema.fields[i];
    for (uint32_t i = 0; i < right->schema.n_fields; i++) {
        fields[left->schema.n_fields + i] = right->schema.fields[i];
    }
    for (uint32_t i = 0; i < node->schema.n_fields; i++) fields[keep[i]] = node->schema.fields[i];
    join->inputs[0] = left;
    join->inputs[1] = right;
    join->join.left_keys = keys->left;
    join->join.right_keys = keys->right;
    join->join.null_safe = keys->has_null_safe ? keys->null_safe : NULL;
    join->join.n_keys = keys->n;
    join->join.residual = residual ? expr_remap(ctx->arena, residual, map) : NULL;
    join->schema =
        (Schema){.n_fields = left->schema.n_fields + (only_left ? 0 : right->schema.n_fields),
                 .fields = fields};
    join->id = NODE_NEW;
    node_properties(ctx->arena, join);
    if (join->schema.n_fields == node->schema.n_fields) return join;
    return node_keep(ctx->arena, join, keep, node->schema.n_fields);
}

static Node *join_split(RuleCtx *ctx, Node *node) {
    uint32_t n_left = node->inputs[0]->schema.n_fields, n_right = node->inputs[1]->schema.n_fields;
    uint32_t n, n_rest = 0, n_side[2] = {0, 0};
    Expr **conds, **rest, **side[2];
    Node *inputs[2];
    JoinKeys keys = {0};
    expr_conjuncts(ctx->arena, node->join.residual, &conds, &n);
    if (!n) return node;
    keys.left = arena_array(ctx->arena, uint32_t, n + node->join.n_keys);
    keys.right = arena_array(ctx->arena, uint32_t, n + node->join.n_keys);
    keys.null_safe = arena_array(ctx->arena, bool, n + node->join.n_keys);
    for (; keys.n < node->join.n_keys; keys.n++) {
        keys.left[keys.n] = node->join.left_keys[keys.n];
        keys.right[keys.n] = node->join.right_keys[keys.n];
        keys.null_safe[keys.n] = node->join.null_safe && node->join.null_safe[keys.n];
        keys.has_null_safe |= keys.null_safe[keys.n];
    }
    rest = arena_array(ctx->arena, Expr *, n);
    for (int i = 0; i < 2; i++) {
        keys.more[i] = arena_array(ctx->arena, Expr *, n);
        side[i] = arena_array(ctx->arena, Expr *, n);
    }
    for (uint32_t i = 0; i < n; i++) {
        bool may_move = expr_is_deterministic(conds[i]);
        if (join_is_true(conds[i])) continue;
        if (may_move && join_may_filter(node, 0) && expr_uses_only(conds[i], 0, n_left)) {
            side[0][n_side[0]++] = conds[i];
        } else if (may_move && join_may_filter(node, 1) &&
                   expr_uses_only(conds[i], n_left, n_right)) {
            side[1][n_side[1]++] = conds[i];
        } else if (!join_take_key(ctx, node, &keys, conds[i])) {
            rest[n_rest++] = conds[i];
        }
    }
    if (n_rest == n) return node;
    for (int i = 0; i < 2; i++) {
        inputs[i] = join_side_filter(ctx, node->inputs[i], side[i], n_side[i], i ? n_left : 0);
        inputs[i] = join_side_keys(ctx, inputs[i], &keys, i);
    }
    return join_rebuild(ctx, node, inputs[0], inputs[1], &keys, rest, n_rest);
}

/* ---- outer joins whose padded rows a filter drops ---- */

/* Is the expression NULL whenever the columns [first, first + n) are? */
static bool join_is_null_with(const Expr *expr, uint32_t first, uint32_t n) {
    bool is_strict = expr->kind == EXPR_CAST || expr->kind == EXPR_FIELD ||
                     (expr->kind == EXPR_CALL && (expr->fn->traits & FN_STRICT));
    if (expr->kind == EXPR_COLUMN) return expr->column >= first && expr->column - first < n;
    for (uint32_t i = 0; i < expr->n_args && is_strict; i++) {
        if (join_is_null_with(expr->args[i], first, n)) return true;
    }
    return false;
}

/* Does the condition drop every row in which the columns are NULL? */
static bool join_rejects_null(const Expr *cond, uint32_t first, uint32_t n) {
    if (cond->kind == EXPR_AND) {
        for (uint32_t i = 0; i < cond->n_args; i++) {
            if (join_rejects_null(cond->args[i], first, n)) return true;
        }
        return false;
    }
    if (cond->kind == EXPR_OR) {
        for (uint32_t i = 0; i < cond->n_args; i++) {
            if (!join_rejects_null(cond->args[i], first, n)) return false;
        }
        return true;
    }
    if (join_is_call(cond, "IS NOT NULL")) return join_is_null_with(cond->args[0], first, n);
    return join_is_null_with(cond, first, n);
}

/* A LEFT JOIN under such a filter is an inner one; a FULL one keeps the other side's padding. */
static Node *join_narrow(RuleCtx *ctx, const Expr *cond, Node *join) {
    uint32_t n_left = join->inputs[0]->schema.n_fields, n_right = join->inputs[1]->schema.n_fields;
    JoinOp kind = join->join.kind;
    bool drops_left_pad =
        (kind == JOINOP_RIGHT || kind == JOINOP_FULL) && join_rejects_null(cond, 0, n_left);
    bool drops_right_pad =
        (kind == JOINOP_LEFT || kind == JOINOP_FULL) && join_rejects_null(cond, n_left, n_right);
    Node *copy;
    if (!drops_left_pad && !drops_right_pad) return join;
    copy = node_copy(ctx->arena, join);
    if (kind == JOINOP_FULL && !(drops_left_pad && drops_right_pad)) {
        copy->join.kind = drops_left_pad ? JOINOP_LEFT : JOINOP_RIGHT;
    } else {
        copy->join.kind = JOINOP_INNER;
    }
    copy->id = NODE_NEW;
    node_properties(ctx->arena, copy);
    return copy;
}

/* WHERE over a comma join is the join's condition. */
static Node *join_absorb_filter(RuleCtx *ctx, Node *filter) {
    Node *in = filter->inputs[0], *join;
    Expr **both = arena_array(ctx->arena, Expr *, 2);
    uint32_t n = 0;
    if (in->kind != NODE_JOIN || rule_is_shared(ctx, in)) return filter;
    in = join_narrow(ctx, filter->exprs[0], in);
    if (in->join.kind != JOINOP_INNER) {
        if (in == filter->inputs[0]) return filter;
        filter = node_copy(ctx->arena, filter);
        filter->inputs[0] = in;
        node_properties(ctx->arena, filter);
        return filter;
    }
    join = node_copy(ctx->arena, in);
    if (in->join.residual) both[n++] = in->join.residual;
    both[n++] = filter->exprs[0];
    join->join.residual = expr_and(ctx->arena, both, n);
    join->id = NODE_NEW;
    return join_split(ctx, join);
}

static Node *join_node(RuleCtx *ctx, Node *node) {
    if (node->kind == NODE_FILTER) return join_absorb_filter(ctx, node);
    if (node->kind != NODE_JOIN && node->kind != NODE_TEMPORAL_JOIN &&
        node->kind != NODE_PROCTIME_JOIN && node->kind != NODE_LOOKUP_JOIN) {
        return node;
    }
    return join_split(ctx, node);
}

void rule_join(RuleCtx *ctx) {
    rule_rewrite(ctx, join_node);
}
