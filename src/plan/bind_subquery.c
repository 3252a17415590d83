/* bind_subquery.c -- subqueries in expressions as joins: IN and EXISTS in WHERE become semi- and
 * anti-joins, a scalar subquery a column joined on.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

/* One row at most: an aggregate without GROUP BY, or a single VALUES row. */
static bool subquery_is_one_row(const Node *node) {
    if (node->key && node->n_key == 0) return true;
    return node->kind == NODE_VALUES && node->values.n_rows == 1;
}

Status bind_scalar_subquery(ExprCtx *ctx, const AstSubquery *ast, Expr **out, Err *err) {
    Binder *b = ctx->b;
    int32_t pos = bind_pos(b, ast->ast.pos);
    Node *node;
    uint32_t n;
    if (!ctx->rel || ctx->agg || ctx->over) {
        return bind_unsupported(b, ast->ast.pos,
                                arena_printf(b->arena, "a scalar subquery in %s", ctx->clause),
                                "join the subquery in FROM: CROSS JOIN (SELECT ...)", err);
    }
    TRY(bind_query(b, (const AstQuery *)ast->query, &ctx->rel->scope, &node, err));
    if (node->schema.n_fields != 1) {
        FAIL(err, ST_INVALID, "42601", pos, "a scalar subquery has one column, this has %u",
             node->schema.n_fields);
    }
    if (!subquery_is_one_row(node)) {
        return bind_unsupported(b, ast->ast.pos, "a scalar subquery that may have several rows",
                                "use an aggregate without GROUP BY: SELECT MAX(x) FROM t", err);
    }
    n = ctx->rel->node->schema.n_fields;
    ctx->rel->node = bind_join_node(b, JOINOP_LEFT, ctx->rel->node, node, NULL, pos);
    *out = node_column(b->arena, ctx->rel->node, n, pos);
    return ST_OK;
}

/* arg IN (query): the semi-join's condition arg = column. */
static Status where_in(ExprCtx *ctx, const AstIn *in, Err *err) {
    Binder *b = ctx->b;
    int32_t pos = bind_pos(b, in->ast.pos);
    bool is_row = in->arg->kind == AST_ROW;
    uint32_t n = is_row ? (uint32_t)((const AstRow *)in->arg)->items.n : 1;
    uint32_t n_left;
    Expr **equal = arena_array(b->arena, Expr *, n);
    Node *node;
    TRY(bind_query(b, (const AstQuery *)in->query, &ctx->rel->scope, &node, err));
    if (node->schema.n_fields != n) {
        FAIL(err, ST_INVALID, "42601", pos, "the subquery of IN has %u columns, not %u",
             node->schema.n_fields, n);
    }
    n_left = ctx->rel->node->schema.n_fields;
    for (uint32_t i = 0; i < n; i++) {
        const Ast *arg = is_row ? ((const AstRow *)in->arg)->items.items[i] : in->arg;
        Expr *args[2];
        TRY(bind_expr(ctx, arg, &args[0], err));
        args[1] = expr_column(b->arena, n_left + i, node->schema.fields[i].type, pos);
        if (in->is_not && (args[0]->type->is_nullable || args[1]->type->is_nullable)) {
            return bind_unsupported(b, in->ast.pos, "NOT IN over a column that may be NULL",
                                    "declare the columns NOT NULL, or use NOT EXISTS with a join",
                                    err);
        }
        TRY(expr_call(b->arena, SPAN("="), args, 2, pos, &equal[i], err));
    }
    if (ctx->rel->node->schema.n_fields != n_left) {
        return bind_unsupported(b, in->ast.pos, "a subquery to the left of IN", NULL, err);
    }
    ctx->rel->node = bind_join_node(b, in->is_not ? JOINOP_ANTI : JOINOP_SEMI, ctx->rel->node, node,
                                    expr_and(b->arena, equal, n), pos);
    return ST_OK;
}

/* Uncorrelated EXISTS: a semi-join without a condition. */
static Status where_exists(ExprCtx *ctx, const AstExists *exists, bool is_not, Err *err) {
    Binder *b = ctx->b;
    Node *node;
    TRY(bind_query(b, (const AstQuery *)exists->query, &ctx->rel->scope, &node, err));
    ctx->rel->node = bind_join_node(b, is_not ? JOINOP_ANTI : JOINOP_SEMI, ctx->rel->node, node,
                                    NULL, bind_pos(b, exists->ast.pos));
    return ST_OK;
}

static const Ast *where_strip_not(const Ast *ast, bool *is_not) {
    while (ast->kind == AST_UNARY && ((const AstUnary *)ast)->op == UNARY_NOT) {
        *is_not = !*is_not;
        ast = ((const AstUnary *)ast)->arg;
    }
    return ast;
}

/* Conditions first, so that the joins of subqueries see fewer rows. */
Status bind_where(ExprCtx *ctx, const Ast *where, Err *err) {
    Arena *arena = ctx->b->arena;
    const AstLogic *logic = (const AstLogic *)where;
    bool is_and = where->kind == AST_LOGIC && !logic->is_or;
    uint32_t n = is_and ? (uint32_t)logic->args.n : 1, n_plain = 0;
    const Ast **parts = arena_array(arena, const Ast *, n);
    Expr **conds = arena_array(arena, Expr *, n);
    bool *is_not = arena_array(arena, bool, n);
    for (uint32_t i = 0; i < n; i++) {
        parts[i] = where_strip_not(is_and ? logic->args.items[i] : where, &is_not[i]);
        if (parts[i]->kind == AST_EXISTS) continue;
        if (parts[i]->kind == AST_IN && ((const AstIn *)parts[i])->query && !is_not[i]) continue;
        TRY(bind_condition(ctx, is_and ? logic->args.items[i] : where, &conds[n_plain++], err));
    }
    if (n_plain) {
        ctx->rel->node = node_filter(arena, ctx->rel->node, expr_and(arena, conds, n_plain));
    }
    for (uint32_t i = 0; i < n; i++) {
        if (parts[i]->kind == AST_EXISTS) {
            TRY(where_exists(ctx, (const AstExists *)parts[i], is_not[i], err));
        } else if (parts[i]->kind == AST_IN && ((const AstIn *)parts[i])->query && !is_not[i]) {
            TRY(where_in(ctx, (const AstIn *)parts[i], err));
        }
    }
    return ST_OK;
}
