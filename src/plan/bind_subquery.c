/* bind_subquery.c -- subqueries as joins: IN and EXISTS in WHERE become semi- and anti-joins, a
 * scalar subquery a column joined on.
 *
 * A simple SELECT may name columns of the query around it in its WHERE: those conditions are lifted
 * out and become conditions of the join. While lifted, such a column is COLUMN_OUTER and its index.
 * What is not that simple is bound by bind_domain.c; other places than WHERE by bind_mark.c.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

/* FROM and WHERE of a subquery, and the conditions that look outside. */
struct SubSelect {
    Rel rel;
    Expr **lifted; /* over the subquery's columns and COLUMN_OUTER */
    uint32_t n, cap;
};

static bool sub_has_outer(const Expr *expr) {
    if (expr->kind == EXPR_COLUMN) {
        return expr->column >= COLUMN_OUTER && expr->column < COLUMN_AGG;
    }
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (sub_has_outer(expr->args[i])) return true;
    }
    return false;
}

static bool sub_has_inner(const Expr *expr) {
    if (expr->kind == EXPR_COLUMN) return expr->column < COLUMN_OUTER;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (sub_has_inner(expr->args[i])) return true;
    }
    return false;
}

static void sub_lift(Binder *b, SubSelect *sub, Expr *cond) {
    if (sub->n == sub->cap) {
        uint32_t cap = sub->cap ? sub->cap * 2 : 8;
        Expr **lifted = arena_array(b->arena, Expr *, cap);
        if (sub->n) memcpy(lifted, sub->lifted, sub->n * sizeof *lifted);
        sub->lifted = lifted;
        sub->cap = cap;
    }
    sub->lifted[sub->n++] = cond;
}

/* From the subquery's view to a join's: outer columns first, then the subquery's. */
static Expr *sub_join_expr(Arena *arena, const Expr *expr, uint32_t n_left) {
    Expr *copy = arena_new(arena, Expr);
    *copy = *expr;
    if (expr->kind == EXPR_COLUMN) {
        copy->column =
            expr->column >= COLUMN_OUTER ? expr->column - COLUMN_OUTER : expr->column + n_left;
        return copy;
    }
    copy->args = arena_array(arena, Expr *, expr->n_args);
    for (uint32_t i = 0; i < expr->n_args; i++) {
        copy->args[i] = sub_join_expr(arena, expr->args[i], n_left);
    }
    return copy;
}

/* SELECT ... FROM ... WHERE and nothing more: conditions can be lifted out of it. */
static const AstSelect *sub_simple_select(const AstQuery *query) {
    const AstSelect *select = (const AstSelect *)query->body;
    if (query->with.n || query->order_by.n || query->limit || query->offset) return NULL;
    if (select->ast.kind != AST_SELECT || select->quantifier == QUANTIFIER_DISTINCT ||
        select->has_group_by || select->having || select->qualify || !select->from) {
        return NULL;
    }
    return select;
}

static bool sub_selects_agg(const Binder *b, const AstSelect *select) {
    for (int32_t i = 0; i < select->items.n; i++) {
        if (bind_has_agg(b, select->items.items[i])) return true;
    }
    return false;
}

/* FROM and WHERE of a simple select; the context is ready for its select list. */
static Status sub_open(ExprCtx *outer, const AstSelect *select, SubSelect *sub, ExprCtx *ctx,
                       Err *err) {
    *sub = (SubSelect){0};
    *ctx = (ExprCtx){.b = outer->b, .rel = &sub->rel, .clause = "WHERE", .sub = sub};
    TRY(bind_from(outer->b, select->from, NULL, &sub->rel, err));
    sub->rel.scope.outer = &outer->rel->scope;
    if (select->where) TRY(bind_where(ctx, select->where, err));
    ctx->sub = NULL;
    return ST_OK;
}

/* ---- scalar subqueries ---- */

static Status sub_refuse_many_rows(const Binder *b, int32_t pos, Err *err) {
    return bind_unsupported(b, pos, "a scalar subquery that may have several rows", NULL, err);
}

/* inner = outer among the lifted conditions: the inner side groups the aggregate. */
static Status sub_group_keys(ExprCtx *ctx, const SubSelect *sub, AggBinding *agg, int32_t pos,
                             Err *err) {
    for (uint32_t i = 0; i < sub->n; i++) {
        const Expr *cond = sub->lifted[i];
        bool is_equal = cond->kind == EXPR_CALL && strcmp(cond->fn->name, "=") == 0;
        bool first_inner = is_equal && !sub_has_outer(cond->args[0]);
        Expr *inner = is_equal ? cond->args[first_inner ? 0 : 1] : NULL;
        if (!is_equal || sub_has_outer(inner) || sub_has_inner(cond->args[first_inner ? 1 : 0])) {
            return bind_unsupported(ctx->b, pos,
                                    "a scalar subquery tied to the query around it by more than "
                                    "equalities",
                                    "write it as a join with GROUP BY", err);
        }
        agg->keys[agg->n_keys++] = inner;
    }
    return ST_OK;
}

/* (SELECT MAX(x) FROM t WHERE t.k = outer.k): grouped by k and joined; COUNT of no rows is 0. */
static Status sub_scalar_agg(ExprCtx *outer, const AstSelect *select, SubSelect *sub, ExprCtx *ctx,
                             int32_t pos, Expr **out, Err *err) {
    Binder *b = outer->b;
    AggBinding agg = {.keys = arena_array(b->arena, Expr *, sub->n), .cap_keys = sub->n};
    const AstSelectItem *item = (const AstSelectItem *)select->items.items[0];
    uint32_t n_left, n_keys;
    Expr **equal = arena_array(b->arena, Expr *, sub->n), **columns, *value;
    Node *node;
    TRY(sub_group_keys(ctx, sub, &agg, pos, err));
    ctx->agg = &agg;
    ctx->clause = "a scalar subquery";
    TRY(bind_expr(ctx, item->expr, &value, err));
    TRY(bind_after_agg(ctx, value, &value, err));
    node = bind_agg_node(ctx, bind_pos(b, pos));
    n_left = outer->rel->node->schema.n_fields;
    n_keys = agg.n_keys;
    for (uint32_t i = 0; i < n_keys; i++) {
        const Expr *cond = sub->lifted[i];
        const Expr *side = sub_has_outer(cond->args[0]) ? cond->args[0] : cond->args[1];
        Expr *args[2] = {sub_join_expr(b->arena, side, n_left),
                         expr_column(b->arena, n_left + i, agg.keys[i]->type, cond->pos)};
        TRY(expr_call(b->arena, SPAN("="), args, 2, cond->pos, &equal[i], err));
    }
    outer->rel->node = bind_join_node(b, JOINOP_LEFT, outer->rel->node, node,
                                      expr_and(b->arena, equal, n_keys), bind_pos(b, pos));
    columns = arena_array(b->arena, Expr *, node->schema.n_fields);
    for (uint32_t i = 0; i < node->schema.n_fields; i++) {
        columns[i] = node_column(b->arena, outer->rel->node, n_left + i, bind_pos(b, pos));
        if (i < n_keys || strcmp(agg.calls[i - n_keys].agg->name, "COUNT") != 0) continue;
        Expr *args[2] = {columns[i], expr_const_i64(b->arena, agg.calls[i - n_keys].type, 0, -1)};
        TRY(expr_call(b->arena, SPAN("COALESCE"), args, 2, -1, &columns[i], err));
    }
    *out = expr_substitute(b->arena, value, columns);
    return ST_OK;
}

/* A row picked by its key. */
static Status sub_scalar_row(ExprCtx *outer, const AstSelect *select, SubSelect *sub, ExprCtx *ctx,
                             int32_t pos, Expr **out, Err *err) {
    Binder *b = outer->b;
    const Node *in = sub->rel.node;
    const AstSelectItem *item = (const AstSelectItem *)select->items.items[0];
    uint32_t n_left = outer->rel->node->schema.n_fields, n_found = 0;
    Expr **conds = arena_array(b->arena, Expr *, sub->n);
    Expr *value;
    for (uint32_t k = 0; k < in->n_key && in->key; k++) {
        bool is_found = false;
        for (uint32_t i = 0; i < sub->n && !is_found; i++) {
            const Expr *cond = sub->lifted[i];
            if (cond->kind != EXPR_CALL || strcmp(cond->fn->name, "=") != 0) continue;
            for (int side = 0; side < 2; side++) {
                is_found |= cond->args[side]->kind == EXPR_COLUMN &&
                            cond->args[side]->column == in->key[k] &&
                            !sub_has_inner(cond->args[1 - side]);
            }
        }
        n_found += is_found;
    }
    if (!in->key || n_found < in->n_key) return sub_refuse_many_rows(b, pos, err);
    ctx->clause = "a scalar subquery";
    TRY(bind_expr(ctx, item->expr, &value, err));
    for (uint32_t i = 0; i < sub->n; i++) {
        conds[i] = sub_join_expr(b->arena, sub->lifted[i], n_left);
    }
    outer->rel->node = bind_join_node(b, JOINOP_LEFT, outer->rel->node, sub->rel.node,
                                      expr_and(b->arena, conds, sub->n), bind_pos(b, pos));
    *out = expr_substitute(b->arena, value, node_columns(b->arena, outer->rel->node, 0) + n_left);
    return ST_OK;
}

/* The simple forms: an aggregate tied by equalities, a row picked by its key. */
static Status sub_scalar_simple(ExprCtx *ctx, const AstSubquery *ast, Expr **out, Err *err) {
    Binder *b = ctx->b;
    const AstSelect *select = sub_simple_select((const AstQuery *)ast->query);
    ExprCtx inner;
    SubSelect sub;
    if (!select || select->items.n != 1 || (ctx->agg && !ctx->in_agg)) return ST_UNSUPPORTED;
    TRY(sub_open(ctx, select, &sub, &inner, err));
    if (!sub.n) return ST_UNSUPPORTED;
    if (sub_selects_agg(b, select)) {
        return sub_scalar_agg(ctx, select, &sub, &inner, ast->ast.pos, out, err);
    }
    return sub_scalar_row(ctx, select, &sub, &inner, ast->ast.pos, out, err);
}

Status bind_scalar_subquery(ExprCtx *ctx, const AstSubquery *ast, Expr **out, Err *err) {
    Err first = {0};
    if (ctx->rel && ctx->rel->node && !ctx->sub && !ctx->match &&
        sub_scalar_simple(ctx, ast, out, &first) == ST_OK) {
        return ST_OK;
    }
    return bind_scalar_any(ctx, ast, out, err);
}

/* ---- IN and EXISTS ---- */

/* The condition of one column: x = y, or, for NOT IN, not certainly different. */
static Status sub_in_equal(Binder *b, const AstIn *in, Expr *x, Expr *y, Expr **out, Err *err) {
    Expr *args[2] = {x, y};
    int32_t pos = bind_pos(b, in->ast.pos);
    TRY(expr_call(b->arena, SPAN("="), args, 2, pos, out, err));
    if (!in->is_not || !(*out)->type->is_nullable) return ST_OK;
    args[0] = *out;
    return expr_call(b->arena, SPAN("IS NOT FALSE"), args, 1, pos, out, err);
}

static Status sub_in_values(ExprCtx *ctx, const AstIn *in, uint32_t *n, Expr ***out, Err *err) {
    const AstRow *row = (const AstRow *)in->arg;
    if (in->arg->kind == AST_ROW) {
        *n = (uint32_t)row->items.n;
        return bind_exprs(ctx, &row->items, out, err);
    }
    *n = 1;
    *out = arena_array(ctx->b->arena, Expr *, 1);
    return bind_expr(ctx, in->arg, &(*out)[0], err);
}

/* The subquery's rows, its columns, and what ties them to the rows around: lifted conditions, or
 * the columns of a domain. */
typedef struct SubRows {
    Node *node;
    Expr **columns; /* over the node; NULL when nobody asks */
    uint32_t n;
    Expr **ties; /* over both, as a join sees them */
    uint32_t n_ties;
} SubRows;

/* A simple SELECT: its conditions that look outside become conditions of the join. */
static Status sub_rows_simple(ExprCtx *ctx, const AstQuery *query, bool is_exists, SubRows *out,
                              Err *err) {
    Binder *b = ctx->b;
    const AstSelect *select = sub_simple_select(query);
    uint32_t n_left = ctx->rel->node->schema.n_fields;
    ExprCtx inner;
    SubSelect sub;
    if (!select || sub_selects_agg(b, select)) return ST_UNSUPPORTED;
    TRY(sub_open(ctx, select, &sub, &inner, err));
    if (!sub.n) return ST_UNSUPPORTED;
    *out = (SubRows){.node = sub.rel.node, .n_ties = sub.n};
    out->ties = arena_array(b->arena, Expr *, sub.n);
    for (uint32_t i = 0; i < sub.n; i++) {
        out->ties[i] = sub_join_expr(b->arena, sub.lifted[i], n_left);
    }
    if (is_exists) return ST_OK;
    out->n = (uint32_t)select->items.n;
    out->columns = arena_array(b->arena, Expr *, out->n);
    inner.clause = "the select list";
    for (uint32_t i = 0; i < out->n; i++) {
        const AstSelectItem *item = (const AstSelectItem *)select->items.items[i];
        TRY(bind_expr(&inner, item->expr, &out->columns[i], err));
    }
    return sub.rel.node == out->node ? ST_OK : ST_UNSUPPORTED;
}

static Status sub_rows(ExprCtx *ctx, const AstQuery *query, bool is_exists, SubRows *out,
                       Err *err) {
    Binder *b = ctx->b;
    uint32_t n_left = ctx->rel->node->schema.n_fields;
    const CteScope *ctes = b->ctes;
    Domain *domain;
    Err first = {0};
    if (sub_rows_simple(ctx, query, is_exists, out, &first) == ST_OK) return ST_OK;
    b->ctes = ctes;
    *out = (SubRows){0};
    TRY(bind_correlated(b, query, ctx->rel, &out->node, &domain, err));
    out->n_ties = domain ? domain->n : 0;
    out->n = out->node->schema.n_fields - out->n_ties;
    out->columns = node_columns(b->arena, out->node, 0);
    out->ties = arena_array(b->arena, Expr *, out->n_ties);
    for (uint32_t i = 0; i < out->n_ties; i++) {
        Expr *col = expr_column(b->arena, n_left + out->n + i,
                                out->node->schema.fields[out->n + i].type, -1);
        TRY(domain_equal(b, domain->around[i], col, &out->ties[i], err));
    }
    return ST_OK;
}

static Status where_in(ExprCtx *ctx, const AstIn *in, Err *err) {
    Binder *b = ctx->b;
    uint32_t n, n_left;
    Expr **values, **conds;
    SubRows sub;
    TRY(sub_in_values(ctx, in, &n, &values, err));
    n_left = ctx->rel->node->schema.n_fields;
    TRY(sub_rows(ctx, (const AstQuery *)in->query, false, &sub, err));
    if (sub.n != n) {
        FAIL(err, ST_INVALID, "42601", bind_pos(b, in->query->pos),
             "the subquery of IN has %u columns, not %u", sub.n, n);
    }
    conds = arena_array(b->arena, Expr *, n + sub.n_ties);
    for (uint32_t i = 0; i < n; i++) {
        TRY(sub_in_equal(b, in, values[i], sub_join_expr(b->arena, sub.columns[i], n_left),
                         &conds[i], err));
    }
    if (sub.n_ties) memcpy(conds + n, sub.ties, sub.n_ties * sizeof *conds);
    ctx->rel->node =
        bind_join_node(b, in->is_not ? JOINOP_ANTI : JOINOP_SEMI, ctx->rel->node, sub.node,
                       expr_and(b->arena, conds, n + sub.n_ties), bind_pos(b, in->ast.pos));
    return ST_OK;
}

static Status where_exists(ExprCtx *ctx, const AstExists *exists, bool is_not, Err *err) {
    Binder *b = ctx->b;
    SubRows sub;
    TRY(sub_rows(ctx, (const AstQuery *)exists->query, true, &sub, err));
    ctx->rel->node =
        bind_join_node(b, is_not ? JOINOP_ANTI : JOINOP_SEMI, ctx->rel->node, sub.node,
                       expr_and(b->arena, sub.ties, sub.n_ties), bind_pos(b, exists->ast.pos));
    return ST_OK;
}

/* ---- WHERE ---- */

static const Ast *where_strip_not(const Ast *ast, bool *is_not) {
    while (ast->kind == AST_UNARY && ((const AstUnary *)ast)->op == UNARY_NOT) {
        *is_not = !*is_not;
        ast = ((const AstUnary *)ast)->arg;
    }
    return ast;
}

static bool where_is_in_query(const Ast *ast) {
    return ast->kind == AST_IN && ((const AstIn *)ast)->query;
}

static Status where_subquery(ExprCtx *ctx, const Ast *ast, Err *err) {
    bool is_not = false;
    ast = where_strip_not(ast, &is_not);
    if (ast->kind == AST_EXISTS) return where_exists(ctx, (const AstExists *)ast, is_not, err);
    if (!is_not) return where_in(ctx, (const AstIn *)ast, err);
    AstIn *in = arena_new(ctx->b->arena, AstIn);
    *in = *(const AstIn *)ast;
    in->is_not = !in->is_not;
    return where_in(ctx, in, err);
}

/* Conditions first, so that the joins of subqueries see fewer rows. */
Status bind_where(ExprCtx *ctx, const Ast *where, Err *err) {
    Arena *arena = ctx->b->arena;
    const AstLogic *logic = (const AstLogic *)where;
    bool is_and = where->kind == AST_LOGIC && !logic->is_or;
    uint32_t n = is_and ? (uint32_t)logic->args.n : 1, n_plain = 0, n_sub = 0;
    const Ast **subqueries = arena_array(arena, const Ast *, n);
    Expr **conds = arena_array(arena, Expr *, n);
    for (uint32_t i = 0; i < n; i++) {
        const Ast *part = is_and ? logic->args.items[i] : where;
        bool is_not = false;
        const Ast *bare = where_strip_not(part, &is_not);
        if (bare->kind == AST_EXISTS || where_is_in_query(bare)) {
            subqueries[n_sub++] = part;
            continue;
        }
        TRY(bind_condition(ctx, part, &conds[n_plain], err));
        if (ctx->sub && sub_has_outer(conds[n_plain])) {
            sub_lift(ctx->b, ctx->sub, conds[n_plain]);
        } else {
            n_plain++;
        }
    }
    if (n_plain) {
        ctx->rel->node = node_filter(arena, ctx->rel->node, expr_and(arena, conds, n_plain));
    }
    if (n_sub) ctx->sub = NULL; /* deeper subqueries see the one around them only */
    for (uint32_t i = 0; i < n_sub; i++) TRY(where_subquery(ctx, subqueries[i], err));
    return ST_OK;
}
