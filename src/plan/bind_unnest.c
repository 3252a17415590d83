/* bind_unnest.c -- rows made of the elements of a list: UNNEST(list) [WITH ORDINALITY], and
 * TABLE(f(...)) where f is any function that makes an ARRAY, a MAP or a MULTISET.
 *
 * The list may name columns of what stands before it in FROM (each row meets its own elements), or
 * of the query around.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

/* What is unnested, from either form. */
typedef struct Elements {
    const Ast *list;
    bool with_ordinality, is_call;
    const AstAlias *alias;
    int32_t pos;
} Elements;

bool bind_is_elements(const Ast *from) {
    const AstTableFn *fn = (const AstTableFn *)from;
    if (from->kind == AST_UNNEST) return true;
    if (from->kind != AST_TABLE_FN || bind_is_window_fn(fn->call) ||
        bind_is_changelog_fn(ast_name_last(fn->call->name))) {
        return false;
    }
    for (int32_t i = 0; i < fn->call->args.n; i++) {
        const Ast *arg = fn->call->args.items[i];
        if (arg->kind == AST_NAMED_ARG) arg = ((const AstNamedArg *)arg)->value;
        if (arg->kind == AST_TABLE_ARG) return false;
    }
    return true;
}

static Status elements_of(const Binder *b, const Ast *ast, Elements *out, Err *err) {
    const AstUnnest *unnest = (const AstUnnest *)ast;
    const AstTableFn *fn = (const AstTableFn *)ast;
    *out = (Elements){.pos = ast->pos};
    if (ast->kind == AST_TABLE_FN) {
        out->list = &fn->call->ast;
        out->is_call = true;
        out->alias = fn->alias;
        return ST_OK;
    }
    if (unnest->args.n != 1) {
        return bind_unsupported(b, ast->pos, "UNNEST of several collections",
                                "join one UNNEST after the other", err);
    }
    out->list = unnest->args.items[0];
    out->with_ordinality = unnest->with_ordinality;
    out->alias = unnest->alias;
    return ST_OK;
}

static bool elements_is_list(const Type *type) {
    return type->kind == TYPE_ARRAY || type->kind == TYPE_MAP || type->kind == TYPE_MULTISET;
}

static Status elements_list(ExprCtx *ctx, const Elements *elements, Expr **out, Err *err) {
    Binder *b = ctx->b;
    TRY(bind_expr(ctx, elements->list, out, err));
    if (elements_is_list((*out)->type)) return ST_OK;
    if (!elements->is_call) {
        FAIL(err, ST_INVALID, "42804", bind_pos(b, elements->list->pos),
             "UNNEST needs an ARRAY, a MAP or a MULTISET, not %s",
             type_text(b->arena, (*out)->type));
    }
    err_set(err, ST_INVALID, "42809", bind_pos(b, elements->list->pos), __FILE__, __LINE__,
            "a function in FROM must make an ARRAY, a MAP or a MULTISET, not %s",
            type_text(b->arena, (*out)->type));
    return err_hint(err, "functions of one value stand in the select list");
}

static const Type *elements_field(const Type *type, uint32_t i) {
    if (type->kind == TYPE_MAP) return i == 0 ? type->key : type->elem;
    return type->elem->kind == TYPE_ROW ? type->elem->row.fields[i].type : type->elem;
}

/* The node's rows, each with the elements of its list. */
static Node *elements_node(Binder *b, Node *in, Expr *list, const Elements *elements,
                           bool is_outer) {
    const Type *type = list->type;
    uint32_t n_in = in->schema.n_fields;
    uint32_t n_elem = type->kind == TYPE_MAP         ? 2
                      : type->elem->kind == TYPE_ROW ? type->elem->row.n_fields
                                                     : 1;
    uint32_t n = n_elem + (elements->with_ordinality ? 1 : 0);
    Node *node = node_new(b->arena, NODE_UNNEST, &in, 1);
    Field *fields = arena_array(b->arena, Field, n_in + n);
    if (n_in) memcpy(fields, in->schema.fields, n_in * sizeof *fields);
    for (uint32_t i = 0; i < n_elem; i++) {
        const Type *elem = elements_field(type, i);
        Span name = type->kind == TYPE_MAP         ? (i ? SPAN("VALUE") : SPAN("KEY"))
                    : type->elem->kind == TYPE_ROW ? type->elem->row.fields[i].name
                                                   : SPAN("EXPR$0");
        bool is_nullable =
            is_outer || elem->is_nullable || (type->kind != TYPE_MAP && type->elem->is_nullable);
        fields[n_in + i] = (Field){name, type_with_null(b->arena, elem, is_nullable)};
    }
    if (elements->with_ordinality) {
        fields[n_in + n_elem] =
            (Field){SPAN("ORDINALITY"), type_with_null(b->arena, &type_int, is_outer)};
    }
    node->schema = (Schema){.n_fields = n_in + n, .fields = fields};
    node->exprs = arena_new(b->arena, Expr *);
    node->exprs[0] = list;
    node->n_exprs = 1;
    node->unnest.is_outer = is_outer;
    node->unnest.with_ordinality = elements->with_ordinality;
    node->pos = bind_pos(b, elements->pos);
    node_properties(b->arena, node);
    return node;
}

/* The scope of the node's columns from `first` on, behind that of the rel. */
static Status elements_scope(Binder *b, const Elements *elements, const Node *node, uint32_t first,
                             const Scope *left, Scope *out, Err *err) {
    Node view = {0};
    Scope right;
    view.schema =
        (Schema){.n_fields = node->schema.n_fields - first, .fields = node->schema.fields + first};
    TRY(scope_of_node(b, &view, elements->alias ? elements->alias->name.text : (Span){0},
                      elements->alias, &right, err));
    *out = scope_join(b->arena, left, &right, first);
    return ST_OK;
}

static bool elements_is_true(const Ast *on) {
    return on->kind == AST_LITERAL && ((const AstLiteral *)on)->lit == LIT_TRUE;
}

/* LEFT JOIN UNNEST(list) ON condition: the elements of the different lists, joined by list. */
static Status elements_left_join(Binder *b, const AstJoin *join, const Elements *elements,
                                 Expr *list, Rel *rel, Err *err) {
    uint32_t n_left = rel->node->schema.n_fields;
    Span name = SPAN("$list");
    Expr **only = arena_array(b->arena, Expr *, 1);
    Node *lists, *node;
    Expr *conds[2], *column;
    Rel both = {0};
    ExprCtx ctx = {.b = b, .rel = &both, .clause = "ON"};
    only[0] = list;
    lists = bind_distinct(b, node_project(b->arena, rel->node, only, &name, 1));
    node = elements_node(b, lists, node_column(b->arena, lists, 0, list->pos), elements, false);
    both.node = bind_join_node(b, JOINOP_INNER, rel->node, node, NULL, node->pos);
    TRY(elements_scope(b, elements, both.node, n_left + 1, &rel->scope, &both.scope, err));
    TRY(bind_condition(&ctx, join->on, &conds[1], err));
    if (both.node->kind != NODE_JOIN || both.node->inputs[1] != node) {
        return bind_unsupported(b, join->on->pos, "a subquery in the condition of this join",
                                "join the subquery first, and compare its columns", err);
    }
    column = expr_column(b->arena, n_left, lists->schema.fields[0].type, list->pos);
    TRY(domain_equal(b, list, column, &conds[0], err));
    rel->node =
        bind_join_node(b, JOINOP_LEFT, rel->node, node, expr_and(b->arena, conds, 2), node->pos);
    rel->scope = both.scope;
    scope_retype(b->arena, &rel->scope, &rel->node->schema);
    return ST_OK;
}

static Status elements_kind(const Binder *b, const AstJoin *join, Err *err) {
    if (!join || join->join == JOIN_CROSS || join->join == JOIN_COMMA || join->join == JOIN_INNER ||
        join->join == JOIN_LEFT) {
        return ST_OK;
    }
    return bind_unsupported(b, join->ast.pos, "this join with UNNEST",
                            "use CROSS JOIN or LEFT JOIN ... ON TRUE", err);
}

Status bind_elements(Binder *b, const AstJoin *join, const Ast *ast, const Scope *outer, Rel *rel,
                     Err *err) {
    ExprCtx ctx = {.b = b, .rel = rel, .clause = "UNNEST"};
    bool is_left = join && join->join == JOIN_LEFT;
    bool has_condition;
    Elements elements;
    Expr *list;
    uint32_t n_in;
    TRY(elements_kind(b, join, err));
    TRY(elements_of(b, ast, &elements, err));
    if (!join) *rel = (Rel){.node = node_one_row(b->arena)};
    rel->scope.outer = outer;
    if (domain_wants(b, outer, ast)) domain_carry(b, rel, outer, ast);
    TRY(elements_list(&ctx, &elements, &list, err));
    has_condition = join && join->on && !elements_is_true(join->on);
    if (is_left && has_condition) return elements_left_join(b, join, &elements, list, rel, err);
    n_in = rel->node->schema.n_fields;
    rel->node = elements_node(b, rel->node, list, &elements, is_left);
    TRY(elements_scope(b, &elements, rel->node, n_in, &rel->scope, &rel->scope, err));
    if (!has_condition) return ST_OK;
    ctx.clause = "ON";
    TRY(bind_condition(&ctx, join->on, &list, err));
    rel->node = node_filter(b->arena, rel->node, list);
    return ST_OK;
}
