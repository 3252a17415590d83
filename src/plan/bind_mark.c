/* bind_mark.c -- subqueries whose value stands in an expression: scalar ones, and EXISTS, IN and
 * comparisons with ANY or ALL anywhere, with TRUE, FALSE and unknown as SQL has them.
 *
 * What the answer depends on is computed for all rows at once (one row a value of the domain: a
 * mark, counts, the least and the greatest value) and joined to them; the expression then decides.
 * In a SELECT with aggregates the joins stand behind the aggregate, whose results they may compare.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

/* ---- joining ---- */

static bool mark_is_pending(const Expr *expr) {
    if (expr->kind == EXPR_COLUMN) return expr->column >= COLUMN_OVER && expr->column < COLUMN_SUB;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (mark_is_pending(expr->args[i])) return true;
    }
    return false;
}

/* The condition as the join sees it. */
static Expr *mark_condition(Arena *arena, const Expr *expr, uint32_t n_left) {
    Expr *copy = arena_new(arena, Expr);
    *copy = *expr;
    if (expr->kind == EXPR_COLUMN) {
        if (expr->column >= COLUMN_RIGHT) copy->column = expr->column - COLUMN_RIGHT + n_left;
        return copy;
    }
    copy->args = arena_array(arena, Expr *, expr->n_args);
    for (uint32_t i = 0; i < expr->n_args; i++) {
        copy->args[i] = mark_condition(arena, expr->args[i], n_left);
    }
    return copy;
}

static Node *mark_join(Binder *b, Node *left, const SubJoin *join) {
    uint32_t n_left = left->schema.n_fields;
    Expr *cond = join->condition ? mark_condition(b->arena, join->condition, n_left) : NULL;
    return bind_join_node(b, JOINOP_LEFT, left, join->right, cond, join->pos);
}

Status bind_sub_join(ExprCtx *ctx, const SubJoin *join, Expr ***cols, Err *err) {
    Binder *b = ctx->b;
    uint32_t n = join->right->schema.n_fields, n_left;
    SubJoin **last;
    *cols = arena_array(b->arena, Expr *, n);
    if (join->condition && mark_is_pending(join->condition)) {
        return bind_unsupported(b, join->pos, "a subquery compared with the result of OVER",
                                "compute the OVER in a subquery of FROM", err);
    }
    if (!ctx->agg || ctx->in_agg) {
        n_left = ctx->rel->node->schema.n_fields;
        ctx->rel->node = mark_join(b, ctx->rel->node, join);
        for (uint32_t i = 0; i < n; i++) {
            (*cols)[i] = node_column(b->arena, ctx->rel->node, n_left + i, join->pos);
        }
        return ST_OK;
    }
    for (last = &ctx->agg->subs; *last; last = &(*last)->next) continue;
    *last = arena_new(b->arena, SubJoin);
    **last = *join;
    for (uint32_t i = 0; i < n; i++) {
        const Type *type = type_with_null(b->arena, join->right->schema.fields[i].type, true);
        (*cols)[i] = expr_column(b->arena, COLUMN_SUB + ctx->agg->n_sub_cols + i, type, join->pos);
    }
    ctx->agg->n_sub_cols += n;
    return ST_OK;
}

Status bind_subs_after_agg(ExprCtx *ctx, Node **node, Err *err) {
    for (const SubJoin *join = ctx->agg->subs; join; join = join->next) {
        SubJoin moved = *join;
        if (join->condition) TRY(bind_after_agg(ctx, join->condition, &moved.condition, err));
        *node = mark_join(ctx->b, *node, &moved);
    }
    return ST_OK;
}

/* ---- the rows of a subquery ---- */

/* Columns of the query first, then those of the domain. */
typedef struct MarkRows {
    Node *node;
    uint32_t n;
    Domain *domain; /* NULL = none */
    int32_t pos;
} MarkRows;

static Status mark_rows(ExprCtx *ctx, const Ast *query, int32_t pos, MarkRows *out, Err *err) {
    Binder *b = ctx->b;
    if (!ctx->rel || !ctx->rel->node || ctx->sub || ctx->match) {
        return bind_unsupported(b, pos, arena_printf(b->arena, "a subquery in %s", ctx->clause),
                                "join the subquery in FROM: CROSS JOIN (SELECT ...)", err);
    }
    out->pos = bind_pos(b, pos);
    TRY(bind_correlated(b, (const AstQuery *)query, ctx->rel, &out->node, &out->domain, err));
    out->n = out->node->schema.n_fields - (out->domain ? out->domain->n : 0);
    return ST_OK;
}

static Expr *mark_right(Binder *b, const Node *right, uint32_t col, int32_t pos) {
    return expr_column(b->arena, COLUMN_RIGHT + col, right->schema.fields[col].type, pos);
}

/* The rows around and the node, whose columns from `first` on are the domain's, speak of one value;
 * conds[0..*n) has more conditions. */
static Status mark_tie(Binder *b, const MarkRows *rows, const Node *right, uint32_t first,
                       Expr **conds, uint32_t *n, Err *err) {
    for (uint32_t i = 0; rows->domain && i < rows->domain->n; i++) {
        TRY(domain_equal(b, rows->domain->around[i], mark_right(b, right, first + i, rows->pos),
                         &conds[(*n)++], err));
    }
    return ST_OK;
}

static uint32_t mark_n_domain(const MarkRows *rows) {
    return rows->domain ? rows->domain->n : 0;
}

/* The different rows, each with a TRUE behind it. */
static Node *mark_distinct(Binder *b, Node *node) {
    Expr *mark = expr_bool(b->arena, true);
    return node_append(b->arena, bind_distinct(b, node), &mark, NULL, 1);
}

/* One row a value of the domain: its columns, then the aggregates of column 0. */
static Status mark_aggregate(Binder *b, const MarkRows *rows, const char *const *names, uint32_t n,
                             Node **out, Err *err) {
    Rel rel = {.node = rows->node};
    uint32_t k = mark_n_domain(rows);
    AggBinding agg = {.keys = node_columns(b->arena, rows->node, 0) + rows->n, .n_keys = k};
    ExprCtx ctx = {.b = b, .rel = &rel, .agg = &agg};
    agg.calls = arena_array(b->arena, AggCall, n);
    agg.n_calls = n;
    for (uint32_t i = 0; i < n; i++) {
        bool has_arg = strcmp(names[i], "*") != 0;
        Expr **arg = arena_array(b->arena, Expr *, 1);
        arg[0] = node_column(b->arena, rows->node, 0, rows->pos);
        TRY(agg_bind(b->arena, has_arg ? span_of(names[i]) : SPAN("COUNT"), arg, has_arg, false,
                     k > 0, rows->pos, &agg.calls[i], err));
    }
    *out = bind_agg_node(&ctx, rows->pos);
    return ST_OK;
}

/* Joins the aggregates; values[i] is that of names[i]. */
static Status mark_join_aggregate(ExprCtx *ctx, const MarkRows *rows, const char *const *names,
                                  uint32_t n, Expr ***values, Err *err) {
    Binder *b = ctx->b;
    uint32_t k = mark_n_domain(rows), n_conds = 0;
    Expr **conds = arena_array(b->arena, Expr *, k);
    SubJoin join = {.pos = rows->pos};
    TRY(mark_aggregate(b, rows, names, n, &join.right, err));
    TRY(mark_tie(b, rows, join.right, 0, conds, &n_conds, err));
    join.condition = expr_and(b->arena, conds, n_conds);
    TRY(bind_sub_join(ctx, &join, values, err));
    *values += k;
    return ST_OK;
}

/* ---- small expressions ---- */

static Status mark_call(Binder *b, const char *name, Expr *x, Expr *y, Expr **out, Err *err) {
    Expr *args[2] = {x, y};
    return expr_call(b->arena, span_of(name), args, y ? 2 : 1, x->pos, out, err);
}

/* CASE WHEN when[0] THEN then[0] ... ELSE FALSE or TRUE. A NULL among the results is unknown. */
typedef struct MarkCase {
    Expr *args[9];
    uint32_t n;
} MarkCase;

static void mark_when(MarkCase *c, Expr *when, Expr *then) {
    c->args[c->n++] = when;
    c->args[c->n++] = then;
}

static Status mark_case(Binder *b, MarkCase *c, bool otherwise, int32_t pos, Expr **out, Err *err) {
    c->args[c->n++] = expr_bool(b->arena, otherwise);
    return expr_call(b->arena, SPAN("CASE"), c->args, c->n, pos, out, err);
}

static Expr *mark_unknown(Binder *b) {
    return expr_null(b->arena, &type_boolean, -1);
}

/* WHEN no rows THEN; WHEN x or one of the values is NULL THEN unknown. counts: rows, values. */
static Status mark_when_empty(Binder *b, MarkCase *c, Expr *const *counts, bool is_all, Err *err) {
    Expr *some;
    Expr *zero = expr_const_i64(b->arena, &type_bigint, 0, -1);
    TRY(mark_call(b, ">", counts[0], zero, &some, err));
    TRY(mark_call(b, "IS NOT TRUE", some, NULL, &some, err));
    mark_when(c, some, expr_bool(b->arena, is_all));
    return ST_OK;
}

static Status mark_when_null(Binder *b, MarkCase *c, Expr *x, Expr *const *counts, Err *err) {
    Expr *null, *less;
    Expr *both[2];
    TRY(mark_call(b, "IS NULL", x, NULL, &null, err));
    TRY(mark_call(b, "<", counts[1], counts[0], &less, err));
    both[0] = null;
    both[1] = less;
    TRY(expr_call(b->arena, SPAN("OR"), both, 2, x->pos, &null, err));
    mark_when(c, null, mark_unknown(b));
    return ST_OK;
}

/* ---- scalar subqueries ---- */

/* At most one row for each value of the domain? */
static bool mark_is_single(const MarkRows *rows) {
    const Node *node = rows->node;
    for (uint32_t i = 0; i < node->n_key && node->key; i++) {
        if (node->key[i] < rows->n) return false;
    }
    if (node->key) return true;
    while (node->kind == NODE_PROJECT) node = node->inputs[0];
    return !rows->domain && node->kind == NODE_VALUES && node->values.n_rows == 1;
}

Status bind_scalar_any(ExprCtx *ctx, const AstSubquery *ast, Expr **out, Err *err) {
    static const char *const single[] = {"SINGLE_VALUE"};
    Binder *b = ctx->b;
    uint32_t n = 0;
    Expr **conds, **cols;
    MarkRows rows;
    SubJoin join;
    TRY(mark_rows(ctx, ast->query, ast->ast.pos, &rows, err));
    if (rows.n != 1) {
        FAIL(err, ST_INVALID, "42601", bind_pos(b, ast->ast.pos),
             "a scalar subquery has one column, this has %u", rows.n);
    }
    if (!mark_is_single(&rows)) {
        TRY(mark_join_aggregate(ctx, &rows, single, 1, &cols, err));
        *out = cols[0];
        return ST_OK;
    }
    conds = arena_array(b->arena, Expr *, mark_n_domain(&rows));
    TRY(mark_tie(b, &rows, rows.node, rows.n, conds, &n, err));
    join =
        (SubJoin){.right = rows.node, .condition = expr_and(b->arena, conds, n), .pos = rows.pos};
    TRY(bind_sub_join(ctx, &join, &cols, err));
    *out = cols[0];
    return ST_OK;
}

/* ---- EXISTS ---- */

Status bind_exists(ExprCtx *ctx, const AstExists *ast, Expr **out, Err *err) {
    static const char *const count[] = {"*"};
    Binder *b = ctx->b;
    uint32_t n = 0, k;
    Expr **conds, **cols, *zero = expr_const_i64(b->arena, &type_bigint, 0, -1);
    uint32_t *keep;
    MarkRows rows;
    SubJoin join;
    TRY(mark_rows(ctx, ast->query, ast->ast.pos, &rows, err));
    k = mark_n_domain(&rows);
    if (!k) {
        TRY(mark_join_aggregate(ctx, &rows, count, 1, &cols, err));
        TRY(mark_call(b, ">", cols[0], zero, out, err));
        return mark_call(b, "IS TRUE", *out, NULL, out, err);
    }
    keep = arena_array(b->arena, uint32_t, k);
    conds = arena_array(b->arena, Expr *, k);
    for (uint32_t i = 0; i < k; i++) keep[i] = rows.n + i;
    join = (SubJoin){.right = mark_distinct(b, node_keep(b->arena, rows.node, keep, k)),
                     .pos = rows.pos};
    TRY(mark_tie(b, &rows, join.right, 0, conds, &n, err));
    join.condition = expr_and(b->arena, conds, n);
    TRY(bind_sub_join(ctx, &join, &cols, err));
    return mark_call(b, "IS NOT NULL", cols[k], NULL, out, err);
}

/* ---- IN ---- */

/* The values on the left, and the columns of the subquery in the same types. */
static Status mark_pairs(ExprCtx *ctx, const Ast *arg, MarkRows *rows, const char *what,
                         Expr ***values, Err *err) {
    Binder *b = ctx->b;
    const AstRow *row = (const AstRow *)arg;
    uint32_t n = arg->kind == AST_ROW ? (uint32_t)row->items.n : 1;
    uint32_t n_all = rows->node->schema.n_fields;
    Expr **exprs = node_columns(b->arena, rows->node, 0);
    Span *names = arena_array(b->arena, Span, n_all);
    bool is_same = true;
    *values = arena_array(b->arena, Expr *, n);
    if (n != rows->n) {
        FAIL(err, ST_INVALID, "42601", rows->pos, "the subquery of %s has %u columns, not %u", what,
             rows->n, n);
    }
    for (uint32_t i = 0; i < n_all; i++) names[i] = rows->node->schema.fields[i].name;
    for (uint32_t i = 0; i < n; i++) {
        const Type *types[2], *common;
        TRY(bind_expr(ctx, arg->kind == AST_ROW ? row->items.items[i] : arg, &(*values)[i], err));
        (*values)[i] = bind_strip_attr(b->arena, (*values)[i]);
        types[0] = (*values)[i]->type;
        types[1] = exprs[i]->type;
        common = type_common(b->arena, types, 2);
        if (!common) {
            FAIL(err, ST_INVALID, "42804", rows->pos, "%s cannot compare %s with %s", what,
                 type_text(b->arena, types[0]), type_text(b->arena, types[1]));
        }
        TRY(expr_coerce(b->arena, (*values)[i],
                        type_with_null(b->arena, common, types[0]->is_nullable), rows->pos,
                        &(*values)[i], err));
        if (type_eq(types[1], common)) continue;
        is_same = false;
        TRY(expr_coerce(b->arena, exprs[i], type_with_null(b->arena, common, types[1]->is_nullable),
                        rows->pos, &exprs[i], err));
    }
    if (!is_same) rows->node = node_project(b->arena, rows->node, exprs, names, n_all);
    return ST_OK;
}

/* Rows of several columns: is there one of which it is unknown whether it is equal? Asked for the
 * different values on the left. */
static Status mark_unknown_rows(ExprCtx *ctx, const MarkRows *rows, Expr *const *values,
                                Expr **is_some, Err *err) {
    Binder *b = ctx->b;
    uint32_t n = rows->n, k = mark_n_domain(rows), n_conds = 0;
    Expr **left = arena_array(b->arena, Expr *, n + k), **conds, **equal, **cols;
    Span *names = arena_array(b->arena, Span, n + k);
    Node *asked, *pairs;
    SubJoin join = {.pos = rows->pos};
    if (ctx->agg && !ctx->in_agg) {
        return bind_unsupported(b, rows->pos,
                                "IN of several columns that may be NULL behind aggregates",
                                "compute the aggregates in a subquery of FROM", err);
    }
    for (uint32_t i = 0; i < n + k; i++) {
        left[i] = i < n ? values[i] : rows->domain->around[i - n];
        names[i] = span_of(arena_printf(b->arena, "$x%u", i));
    }
    asked = bind_distinct(b, node_project(b->arena, ctx->rel->node, left, names, n + k));
    conds = arena_array(b->arena, Expr *, n + k + 1);
    equal = arena_array(b->arena, Expr *, n);
    for (uint32_t i = 0; i < n + k; i++) {
        Expr *x = node_column(b->arena, asked, i, rows->pos);
        Expr *y = expr_column(b->arena, n + k + i, rows->node->schema.fields[i].type, rows->pos);
        if (i < n) {
            TRY(mark_call(b, "=", x, y, &equal[i], err));
        } else {
            TRY(domain_equal(b, x, y, &conds[n_conds++], err));
        }
    }
    TRY(mark_call(b, "IS NULL", expr_and(b->arena, equal, n), NULL, &conds[n_conds++], err));
    pairs = bind_join_node(b, JOINOP_SEMI, asked, rows->node, expr_and(b->arena, conds, n_conds),
                           rows->pos);
    join.right = node_append(b->arena, pairs, (Expr *[1]){expr_bool(b->arena, true)}, NULL, 1);
    n_conds = 0;
    for (uint32_t i = 0; i < n + k; i++) {
        TRY(domain_equal(b, left[i], mark_right(b, join.right, i, rows->pos), &conds[n_conds++],
                         err));
    }
    join.condition = expr_and(b->arena, conds, n_conds);
    TRY(bind_sub_join(ctx, &join, &cols, err));
    return mark_call(b, "IS NOT NULL", cols[n + k], NULL, is_some, err);
}

/* Joins the row that is equal, if there is one. */
static Status mark_equal_row(ExprCtx *ctx, const MarkRows *rows, Expr *const *values,
                             Expr **is_found, Err *err) {
    Binder *b = ctx->b;
    uint32_t n = rows->n, k = mark_n_domain(rows), n_conds = 0;
    Expr **conds = arena_array(b->arena, Expr *, n + k), **cols;
    SubJoin join = {.right = mark_distinct(b, rows->node), .pos = rows->pos};
    for (uint32_t i = 0; i < n; i++) {
        TRY(mark_call(b, "=", values[i], mark_right(b, join.right, i, rows->pos), &conds[n_conds++],
                      err));
    }
    TRY(mark_tie(b, rows, join.right, n, conds, &n_conds, err));
    join.condition = expr_and(b->arena, conds, n_conds);
    TRY(bind_sub_join(ctx, &join, &cols, err));
    return mark_call(b, "IS NOT NULL", cols[n + k], NULL, is_found, err);
}

static Status mark_in(ExprCtx *ctx, const Ast *arg, const Ast *query, int32_t pos, const char *what,
                      Expr **out, Err *err) {
    static const char *const counts[] = {"*", "COUNT"};
    Binder *b = ctx->b;
    Expr **values, **n_rows, *found, *unknown;
    bool may_null = false;
    MarkCase c = {0};
    MarkRows rows;
    TRY(mark_rows(ctx, query, pos, &rows, err));
    TRY(mark_pairs(ctx, arg, &rows, what, &values, err));
    for (uint32_t i = 0; i < rows.n; i++) {
        may_null |= values[i]->type->is_nullable || rows.node->schema.fields[i].type->is_nullable;
    }
    TRY(mark_equal_row(ctx, &rows, values, &found, err));
    *out = found;
    if (!may_null) return ST_OK;
    mark_when(&c, found, expr_bool(b->arena, true));
    if (rows.n > 1) {
        TRY(mark_unknown_rows(ctx, &rows, values, &unknown, err));
        mark_when(&c, unknown, mark_unknown(b));
    } else {
        TRY(mark_join_aggregate(ctx, &rows, counts, 2, &n_rows, err));
        TRY(mark_when_empty(b, &c, n_rows, false, err));
        TRY(mark_when_null(b, &c, values[0], n_rows, err));
    }
    return mark_case(b, &c, false, rows.pos, out, err);
}

Status bind_in_query(ExprCtx *ctx, const AstIn *ast, Expr **out, Err *err) {
    TRY(mark_in(ctx, ast->arg, ast->query, ast->ast.pos, "IN", out, err));
    return ast->is_not ? mark_call(ctx->b, "NOT", *out, NULL, out, err) : ST_OK;
}

/* ---- ANY and ALL ---- */

/* x < ANY is x < the greatest; x < ALL is x < the least; and so on. bounds: least, greatest. */
static Status mark_compare(Binder *b, AstBinaryOp op, bool is_all, Expr *x, Expr *const *bounds,
                           Expr **out, Err *err) {
    static const char *const names[BINARY_N_OPS] = {
        [BINARY_EQ] = "=",  [BINARY_NE] = "<>", [BINARY_LT] = "<",
        [BINARY_LE] = "<=", [BINARY_GT] = ">",  [BINARY_GE] = ">="};
    bool is_less = op == BINARY_LT || op == BINARY_LE;
    Expr *both[2];
    if (op != BINARY_EQ && op != BINARY_NE) {
        return mark_call(b, names[op], x, bounds[is_less != is_all], out, err);
    }
    TRY(mark_call(b, names[op], x, bounds[0], &both[0], err));
    TRY(mark_call(b, names[op], x, bounds[1], &both[1], err));
    return expr_call(b->arena, is_all ? SPAN("AND") : SPAN("OR"), both, 2, x->pos, out, err);
}

Status bind_quantified_query(ExprCtx *ctx, const AstQuantified *ast, Expr **out, Err *err) {
    static const char *const names[] = {"*", "COUNT", "MIN", "MAX"};
    Binder *b = ctx->b;
    bool is_all = ast->is_all;
    const char *what = is_all ? "ALL" : "ANY";
    Expr **values, **aggs, *is_sure;
    MarkCase c = {0};
    MarkRows rows;
    if (ast->op == BINARY_EQ && !is_all) {
        return mark_in(ctx, ast->arg, ast->query, ast->ast.pos, what, out, err);
    }
    if (ast->op == BINARY_NE && is_all) {
        TRY(mark_in(ctx, ast->arg, ast->query, ast->ast.pos, what, out, err));
        return mark_call(b, "NOT", *out, NULL, out, err);
    }
    TRY(mark_rows(ctx, ast->query, ast->ast.pos, &rows, err));
    TRY(mark_pairs(ctx, ast->arg, &rows, what, &values, err));
    if (rows.n > 1) {
        return bind_unsupported(b, ast->ast.pos, "this comparison of rows with ANY or ALL",
                                "compare one column", err);
    }
    TRY(mark_join_aggregate(ctx, &rows, names, 4, &aggs, err));
    TRY(mark_compare(b, ast->op, is_all, values[0], aggs + 2, &is_sure, err));
    TRY(mark_when_empty(b, &c, aggs, is_all, err));
    TRY(mark_call(b, is_all ? "IS FALSE" : "IS TRUE", is_sure, NULL, &is_sure, err));
    mark_when(&c, is_sure, expr_bool(b->arena, !is_all));
    TRY(mark_when_null(b, &c, values[0], aggs, err));
    return mark_case(b, &c, is_all, rows.pos, out, err);
}
