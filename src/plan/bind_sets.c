/* bind_sets.c -- GROUPING SETS, ROLLUP and CUBE: which keys each grouping keeps, as bit masks. A
 * key that a grouping leaves out is NULL in its rows; GROUPING(k) tells such a NULL from one of the
 * data by a constant key that comes and goes with k.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

enum { SETS_MAX = 1024, SETS_KEYS_MAX = 32 };

/* The groupings that one item of GROUP BY stands for. */
typedef struct SetList {
    uint32_t *masks;
    uint32_t n;
} SetList;

static Status sets_too_many(const Binder *b, int32_t pos, Err *err) {
    FAIL(err, ST_LIMIT, "54001", bind_pos(b, pos), "GROUP BY makes more than %d groupings",
         SETS_MAX);
}

/* The bits of one element: a key, or several in parentheses. */
static Status sets_element(ExprCtx *ctx, const Ast *item, uint32_t *mask, Err *err) {
    const AstGrouping *grouping = (const AstGrouping *)item;
    const AstRow *row = (const AstRow *)item;
    const AstList *list = NULL;
    uint32_t index;
    if (item->kind == AST_GROUPING && grouping->grouping == GROUPING_SET) list = &grouping->items;
    if (item->kind == AST_ROW && !row->is_explicit) list = &row->items;
    *mask = 0;
    for (int32_t i = 0; list && i < list->n; i++) {
        uint32_t part;
        TRY(sets_element(ctx, list->items[i], &part, err));
        *mask |= part;
    }
    if (list) return ST_OK;
    if (item->kind == AST_GROUPING || bind_is_group_window(item)) {
        return bind_unsupported(ctx->b, item->pos, "this element of a grouping",
                                "give it an item of its own in GROUP BY", err);
    }
    TRY(bind_group_key(ctx, item, &index, err));
    if (index >= SETS_KEYS_MAX) {
        FAIL(err, ST_LIMIT, "54011", bind_pos(ctx->b, item->pos),
             "grouping sets are made of at most %d columns", SETS_KEYS_MAX);
    }
    *mask = UINT32_C(1) << index;
    return ST_OK;
}

static Status sets_elements(ExprCtx *ctx, const AstList *items, uint32_t **masks, Err *err) {
    *masks = arena_array(ctx->b->arena, uint32_t, (uint32_t)items->n);
    for (int32_t i = 0; i < items->n; i++) {
        TRY(sets_element(ctx, items->items[i], &(*masks)[i], err));
    }
    return ST_OK;
}

/* ROLLUP (a, b): (a, b), (a), (). */
static Status sets_rollup(ExprCtx *ctx, const AstGrouping *grouping, SetList *out, Err *err) {
    uint32_t n = (uint32_t)grouping->items.n, *masks;
    TRY(sets_elements(ctx, &grouping->items, &masks, err));
    out->n = n + 1;
    out->masks = arena_array(ctx->b->arena, uint32_t, out->n);
    for (uint32_t i = 0; i <= n; i++) {
        for (uint32_t j = 0; j < n - i; j++) out->masks[i] |= masks[j];
    }
    return ST_OK;
}

/* CUBE (a, b): (a, b), (a), (b), (). */
static Status sets_cube(ExprCtx *ctx, const AstGrouping *grouping, SetList *out, Err *err) {
    uint32_t n = (uint32_t)grouping->items.n, *masks;
    if (n > 10) return sets_too_many(ctx->b, grouping->ast.pos, err);
    TRY(sets_elements(ctx, &grouping->items, &masks, err));
    out->n = UINT32_C(1) << n;
    out->masks = arena_array(ctx->b->arena, uint32_t, out->n);
    for (uint32_t i = 0; i < out->n; i++) {
        for (uint32_t j = 0; j < n; j++) {
            if (!(i >> (n - 1 - j) & 1)) out->masks[i] |= masks[j];
        }
    }
    return ST_OK;
}

static Status sets_item(ExprCtx *ctx, const Ast *item, SetList *out, Err *err);

static Status sets_list(ExprCtx *ctx, const AstGrouping *grouping, SetList *out, Err *err) {
    SetList *lists = arena_array(ctx->b->arena, SetList, (uint32_t)grouping->items.n);
    uint32_t n = 0;
    for (int32_t i = 0; i < grouping->items.n; i++) {
        TRY(sets_item(ctx, grouping->items.items[i], &lists[i], err));
        n += lists[i].n;
        if (n > SETS_MAX) return sets_too_many(ctx->b, grouping->ast.pos, err);
    }
    *out = (SetList){.masks = arena_array(ctx->b->arena, uint32_t, n)};
    for (int32_t i = 0; i < grouping->items.n; i++) {
        memcpy(out->masks + out->n, lists[i].masks, lists[i].n * sizeof *out->masks);
        out->n += lists[i].n;
    }
    return ST_OK;
}

static Status sets_item(ExprCtx *ctx, const Ast *item, SetList *out, Err *err) {
    const AstGrouping *grouping = (const AstGrouping *)item;
    if (item->kind == AST_GROUPING) {
        switch (grouping->grouping) {
        case GROUPING_ROLLUP: return sets_rollup(ctx, grouping, out, err);
        case GROUPING_CUBE: return sets_cube(ctx, grouping, out, err);
        case GROUPING_SETS: return sets_list(ctx, grouping, out, err);
        case GROUPING_SET: break;
        }
    }
    *out = (SetList){.masks = arena_array(ctx->b->arena, uint32_t, 1), .n = 1};
    if (bind_is_group_window(item)) {
        uint32_t first = ctx->agg->n_keys;
        TRY(bind_group_window_item(ctx, (const AstCall *)item, err));
        for (uint32_t i = first; i < ctx->agg->n_keys; i++) out->masks[0] |= UINT32_C(1) << i;
        return ST_OK;
    }
    return sets_element(ctx, item, &out->masks[0], err);
}

/* Several items: every grouping of one with every grouping of the other. */
static Status sets_cross(ExprCtx *ctx, SetList *into, const SetList *with, int32_t pos, Err *err) {
    SetList out = {.n = into->n * with->n};
    if (out.n > SETS_MAX) return sets_too_many(ctx->b, pos, err);
    out.masks = arena_array(ctx->b->arena, uint32_t, out.n);
    for (uint32_t i = 0; i < into->n; i++) {
        for (uint32_t j = 0; j < with->n; j++) {
            out.masks[i * with->n + j] = into->masks[i] | with->masks[j];
        }
    }
    *into = out;
    return ST_OK;
}

/* GROUP BY DISTINCT: each grouping once. */
static void sets_distinct(SetList *sets) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < sets->n; i++) {
        bool is_new = true;
        for (uint32_t j = 0; j < n && is_new; j++) is_new = sets->masks[j] != sets->masks[i];
        if (is_new) sets->masks[n++] = sets->masks[i];
    }
    sets->n = n;
}

bool bind_has_sets(const AstSelect *select) {
    for (int32_t i = 0; i < select->group_by.n; i++) {
        const AstGrouping *grouping = (const AstGrouping *)select->group_by.items[i];
        if (grouping->ast.kind == AST_GROUPING && grouping->grouping != GROUPING_SET) return true;
    }
    return false;
}

Status bind_group_sets(ExprCtx *ctx, const AstSelect *select, Err *err) {
    AggBinding *agg = ctx->agg;
    SetList sets = {.masks = arena_array(ctx->b->arena, uint32_t, 1), .n = 1};
    for (int32_t i = 0; i < select->group_by.n; i++) {
        const Ast *item = select->group_by.items[i];
        SetList list;
        TRY(sets_item(ctx, item, &list, err));
        TRY(sets_cross(ctx, &sets, &list, item->pos, err));
    }
    if (select->group_quantifier == QUANTIFIER_DISTINCT) sets_distinct(&sets);
    agg->sets = sets.masks;
    agg->n_sets = sets.n;
    return ST_OK;
}

bool bind_key_is_in_all_sets(const AggBinding *agg, uint32_t key) {
    for (uint32_t i = 0; i < agg->n_sets; i++) {
        if (!(agg->sets[i] >> key & 1)) return false;
    }
    return true;
}

/* ---- GROUPING(a, b) ---- */

/* The constant key that is NULL exactly where key `index` is left out. */
static Status sets_marker(ExprCtx *ctx, uint32_t index, int32_t pos, Expr **out, Err *err) {
    AggBinding *agg = ctx->agg;
    Expr *marker = expr_column(ctx->b->arena, COLUMN_MARK + index,
                               type_with_null(ctx->b->arena, &type_int, true), pos);
    uint32_t n = agg->n_keys;
    *out = marker;
    bind_agg_add_key(ctx->b, agg, marker);
    if (agg->n_keys == n) return ST_OK;
    if (n >= SETS_KEYS_MAX) {
        FAIL(err, ST_LIMIT, "54011", pos, "grouping sets are made of at most %d columns",
             SETS_KEYS_MAX);
    }
    for (uint32_t i = 0; i < agg->n_sets; i++) {
        if (agg->sets[i] >> index & 1) agg->sets[i] |= UINT32_C(1) << n;
    }
    return ST_OK;
}

/* 1 where the key is left out, else 0. */
static Status sets_grouping_bit(ExprCtx *ctx, const Ast *arg, Expr **out, Err *err) {
    Binder *b = ctx->b;
    AggBinding *agg = ctx->agg;
    int32_t pos = bind_pos(b, arg->pos);
    Expr *key, *marker, *args[3];
    TRY(bind_expr(ctx, arg, &key, err));
    for (uint32_t i = 0; i < agg->n_keys; i++) {
        if (!expr_eq(agg->keys[i], key)) continue;
        if (!agg->n_sets) {
            *out = expr_const_i64(b->arena, type_with_null(b->arena, &type_bigint, false), 0, pos);
            return ST_OK;
        }
        TRY(sets_marker(ctx, i, pos, &marker, err));
        TRY(expr_call(b->arena, SPAN("IS NULL"), &marker, 1, pos, &args[0], err));
        args[1] = expr_const_i64(b->arena, type_with_null(b->arena, &type_bigint, false), 1, pos);
        args[2] = expr_const_i64(b->arena, type_with_null(b->arena, &type_bigint, false), 0, pos);
        return expr_call(b->arena, SPAN("CASE"), args, 3, pos, out, err);
    }
    FAIL(err, ST_INVALID, "42803", pos, "GROUPING takes expressions of GROUP BY");
}

/* GROUP_ID() tells equal grouping sets apart: where all are different it is 0. */
Status bind_group_id(ExprCtx *ctx, const AstCall *call, Expr **out, Err *err) {
    int32_t pos = bind_pos(ctx->b, call->ast.pos);
    const AggBinding *agg = ctx->agg;
    if (!agg || ctx->in_agg || call->args.n) {
        FAIL(err, ST_INVALID, "42803", pos,
             "GROUP_ID() goes with GROUP BY, in the select list, HAVING or ORDER BY");
    }
    for (uint32_t i = 0; i < agg->n_sets; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (agg->sets[i] != agg->sets[j]) continue;
            return bind_unsupported(ctx->b, call->ast.pos, "GROUP_ID() of equal grouping sets",
                                    "write GROUP BY DISTINCT", err);
        }
    }
    *out =
        expr_const_i64(ctx->b->arena, type_with_null(ctx->b->arena, &type_bigint, false), 0, pos);
    return ST_OK;
}

Status bind_grouping_call(ExprCtx *ctx, const AstCall *call, Expr **out, Err *err) {
    Binder *b = ctx->b;
    int32_t pos = bind_pos(b, call->ast.pos);
    if (!ctx->agg || ctx->in_agg) {
        FAIL(err, ST_INVALID, "42803", pos,
             "GROUPING goes with GROUP BY, in the select list, "
             "HAVING or ORDER BY");
    }
    if (call->args.n < 1) FAIL(err, ST_INVALID, "42883", pos, "GROUPING needs an argument");
    for (int32_t i = 0; i < call->args.n; i++) {
        Expr *bit, *sum[2];
        TRY(sets_grouping_bit(ctx, call->args.items[i], &bit, err));
        if (i == 0) {
            *out = bit;
            continue;
        }
        sum[0] = *out;
        sum[1] = expr_const_i64(b->arena, type_with_null(b->arena, &type_bigint, false), 2, pos);
        TRY(expr_call(b->arena, SPAN("*"), sum, 2, pos, &sum[0], err));
        sum[1] = bit;
        TRY(expr_call(b->arena, SPAN("+"), sum, 2, pos, out, err));
    }
    return ST_OK;
}
