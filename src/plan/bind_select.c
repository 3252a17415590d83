/* bind_select.c -- one SELECT, in the order in which SQL computes it: FROM, WHERE, GROUP BY,
 * HAVING, OVER, select list, DISTINCT, ORDER BY, LIMIT.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

/* The select list as it grows; columns behind n_visible are only there to sort by. */
typedef struct SelectList {
    Expr **exprs;
    Span *names;
    uint32_t n, n_visible, cap;
    uint32_t n_domain; /* the last ones are the columns of a domain */
    SortKey *sort;
    uint32_t n_sort;
} SelectList;

static void select_add(Binder *b, SelectList *list, Expr *expr, Span name) {
    if (list->n == list->cap) {
        uint32_t cap = list->cap ? list->cap * 2 : 16;
        Expr **exprs = arena_array(b->arena, Expr *, cap);
        Span *names = arena_array(b->arena, Span, cap);
        if (list->n) {
            memcpy(exprs, list->exprs, list->n * sizeof *exprs);
            memcpy(names, list->names, list->n * sizeof *names);
        }
        list->exprs = exprs;
        list->names = names;
        list->cap = cap;
    }
    list->exprs[list->n] = expr;
    list->names[list->n++] = name;
}

/* `name`, or `name0`, `name1` ... when there is one already. */
static Span select_unique_name(Binder *b, const SelectList *list, Span name) {
    Span unique = name;
    for (uint32_t i = 0;; i++) {
        bool is_taken = false;
        for (uint32_t j = 0; j < list->n && !is_taken; j++) {
            is_taken = span_eq(list->names[j], unique);
        }
        if (!is_taken) return unique;
        unique = span_of(arena_printf(b->arena, SPAN_FMT "%u", SPAN_ARG(name), i));
    }
}

/* ---- the select list ---- */

/* r.*: all fields of a ROW column. */
static Status select_row_star(ExprCtx *ctx, const AstStar *star, SelectList *list, Err *err) {
    Binder *b = ctx->b;
    Expr *row;
    TRY(bind_expr(ctx, &star->of->ast, &row, err));
    if (row->type->kind != TYPE_ROW) {
        err_set(err, ST_INVALID, "42809", bind_pos(b, star->ast.pos), __FILE__, __LINE__,
                ".* needs a table or a ROW, not a value of type %s",
                type_text(b->arena, row->type));
        return err_hint(err, "only tables of the FROM clause and ROW columns have a star");
    }
    for (uint32_t i = 0; i < row->type->row.n_fields; i++) {
        select_add(b, list, bind_field(b->arena, row, i, bind_pos(b, star->ast.pos)),
                   select_unique_name(b, list, row->type->row.fields[i].name));
    }
    return ST_OK;
}

static Status select_star(ExprCtx *ctx, const AstStar *star, SelectList *list, Err *err) {
    Binder *b = ctx->b;
    const Scope *scope = &ctx->rel->scope;
    int32_t rel = REL_NONE;
    uint32_t n_before = list->n;
    if (star->of) {
        rel = scope_find_rel(scope, &star->of->parts, star->of->parts.n);
        if (rel == REL_NONE) return select_row_star(ctx, star, list, err);
    }
    for (uint32_t i = 0; i < scope->n_cols; i++) {
        const ScopeCol *col = &scope->cols[i];
        if (star->of ? col->rel != rel : col->is_hidden) continue;
        select_add(b, list,
                   expr_column(b->arena, col->index, col->type, bind_pos(b, star->ast.pos)),
                   select_unique_name(b, list, col->name));
    }
    if (list->n == n_before) {
        err_set(err, ST_INVALID, "42601", bind_pos(b, star->ast.pos), __FILE__, __LINE__,
                "* needs a FROM clause with columns");
        return err_hint(err, "name a table: SELECT * FROM t");
    }
    return ST_OK;
}

/* EXPR$0 counts the columns, those of stars included. */
static Span select_item_name(Binder *b, const SelectList *list, const AstSelectItem *item) {
    Span name;
    if (item->alias.text.ptr) {
        name = item->alias.text;
    } else if (item->expr->kind == AST_NAME) {
        name = ast_name_last((const AstName *)item->expr);
    } else if (item->expr->kind == AST_FIELD && ((const AstField *)item->expr)->field.text.ptr) {
        name = ((const AstField *)item->expr)->field.text;
    } else {
        name = span_of(arena_printf(b->arena, "EXPR$%u", list->n));
    }
    return select_unique_name(b, list, name);
}

static Status select_items(ExprCtx *ctx, const AstSelect *select, SelectList *list, Err *err) {
    for (int32_t i = 0; i < select->items.n; i++) {
        const AstSelectItem *item = (const AstSelectItem *)select->items.items[i];
        Expr *expr;
        if (item->expr->kind == AST_STAR) {
            TRY(select_star(ctx, (const AstStar *)item->expr, list, err));
            continue;
        }
        TRY(bind_expr(ctx, item->expr, &expr, err));
        select_add(ctx->b, list, expr, select_item_name(ctx->b, list, item));
    }
    list->n_visible = list->n;
    return ST_OK;
}

/* ---- ORDER BY ---- */

KeyOrder bind_key_order(const AstOrderItem *item) {
    return (KeyOrder){.is_desc = item->is_desc,
                      .nulls_first = item->nulls == NULLS_FIRST ||
                                     (item->nulls == NULLS_DEFAULT && !item->is_desc)};
}

/* An ordinal or an output name; *col stays -1 for any other expression. */
static Status select_order_output(Binder *b, const Ast *ast, const SelectList *list, int32_t *col,
                                  Err *err) {
    *col = -1;
    if (ast->kind == AST_LITERAL && ((const AstLiteral *)ast)->lit == LIT_INTEGER) {
        Expr *expr;
        int64_t ordinal = 0;
        TRY(bind_literal(b, (const AstLiteral *)ast, &expr, err));
        if (!expr_const_int(expr, &ordinal) || ordinal < 1 || ordinal > list->n_visible) {
            FAIL(err, ST_INVALID, "42P10", bind_pos(b, ast->pos),
                 "ORDER BY %lld: the select list has %u columns", (long long)ordinal,
                 list->n_visible);
        }
        *col = (int32_t)ordinal - 1;
        return ST_OK;
    }
    if (ast->kind != AST_NAME || ((const AstName *)ast)->parts.n != 1) return ST_OK;
    for (uint32_t i = 0; i < list->n_visible && *col < 0; i++) {
        if (span_eq(list->names[i], ast_name_last((const AstName *)ast))) *col = (int32_t)i;
    }
    return ST_OK;
}

static Status select_order_by(ExprCtx *ctx, const AstSelect *select, const AstQuery *tail,
                              SelectList *list, Err *err) {
    Binder *b = ctx->b;
    list->n_sort = tail ? (uint32_t)tail->order_by.n : 0;
    list->sort = arena_array(b->arena, SortKey, list->n_sort);
    ctx->clause = "ORDER BY";
    for (uint32_t i = 0; i < list->n_sort; i++) {
        const AstOrderItem *item = (const AstOrderItem *)tail->order_by.items[i];
        Expr *expr;
        int32_t col;
        TRY(select_order_output(b, item->expr, list, &col, err));
        if (col < 0) {
            TRY(bind_expr(ctx, item->expr, &expr, err));
            for (uint32_t j = 0; j < list->n && col < 0; j++) {
                if (expr_eq(list->exprs[j], expr)) col = (int32_t)j;
            }
            if (col < 0) {
                if (select->quantifier == QUANTIFIER_DISTINCT) {
                    err_set(err, ST_INVALID, "42P10", bind_pos(b, item->ast.pos), __FILE__,
                            __LINE__, "with SELECT DISTINCT, ORDER BY needs selected columns");
                    return err_hint(err, "add the expression to the select list");
                }
                col = (int32_t)list->n;
                select_add(b, list, expr, SPAN("$sort"));
            }
        }
        list->sort[i] = (SortKey){(uint32_t)col, bind_key_order(item)};
    }
    return ST_OK;
}

/* ---- conditions on OVER in WHERE ---- */

/* WHERE place <= 1 beside SELECT ROW_NUMBER() OVER (...) AS place: such conditions belong to
 * QUALIFY, and are taken as if they stood there (the published Nexmark q6 is written so). */
typedef struct OverNames {
    ExprCtx *ctx;
    const AstSelect *select;
    bool is_found;
} OverNames;

static void select_find_over(const Ast *ast, void *found) {
    if (!ast || ast->kind == AST_QUERY) return;
    if (ast->kind == AST_CALL && ((const AstCall *)ast)->over) *(bool *)found = true;
    ast_each_child(ast, select_find_over, found);
}

static void select_find_over_name(const Ast *ast, void *arg) {
    OverNames *names = arg;
    const AstName *name = (const AstName *)ast;
    NameMatch match;
    Err err = {0};
    if (!ast || names->is_found || ast->kind == AST_QUERY) return;
    if (ast->kind != AST_NAME || name->parts.n != 1) {
        ast_each_child(ast, select_find_over_name, arg);
        return;
    }
    for (int32_t i = 0; i < names->select->items.n; i++) {
        const AstSelectItem *item = (const AstSelectItem *)names->select->items.items[i];
        bool has_over = false;
        if (!item->alias.text.ptr || !span_eq(item->alias.text, name->parts.items[0].text))
            continue;
        select_find_over(item->expr, &has_over);
        names->is_found = has_over && scope_resolve(names->ctx->b, &names->ctx->rel->scope, name,
                                                    false, &match, &err) != ST_OK;
    }
}

/* AND of some of the conditions, NULL for none. */
static const Ast *select_conjunction(Binder *b, const Ast *where, const Ast *const *parts,
                                     int32_t n) {
    AstLogic *logic = arena_new(b->arena, AstLogic);
    if (n < 2) return n ? parts[0] : NULL;
    *logic = *(const AstLogic *)where;
    logic->args.items = arena_array(b->arena, Ast *, (uint32_t)n);
    memcpy(logic->args.items, parts, (size_t)n * sizeof *parts);
    logic->args.n = n;
    return &logic->ast;
}

static void select_split_where(ExprCtx *ctx, const AstSelect *select, const Ast **where,
                               const Ast **on_over) {
    const AstLogic *logic = (const AstLogic *)select->where;
    bool is_and = select->where->kind == AST_LOGIC && !logic->is_or;
    int32_t n = is_and ? logic->args.n : 1, n_where = 0, n_over = 0;
    const Ast **parts = arena_array(ctx->b->arena, const Ast *, (uint32_t)n * 2);
    for (int32_t i = 0; i < n; i++) {
        const Ast *part = is_and ? logic->args.items[i] : select->where;
        OverNames names = {.ctx = ctx, .select = select};
        select_find_over_name(part, &names);
        parts[names.is_found ? n + n_over++ : n_where++] = part;
    }
    *where = select_conjunction(ctx->b, select->where, parts, n_where);
    *on_over = select_conjunction(ctx->b, select->where, parts + n, n_over);
}

/* QUALIFY, and what WHERE says of OVER: over the input, OVER and the names of the select list. */
static Status select_qualify(ExprCtx *ctx, const AstSelect *select, const Ast *on_over,
                             const SelectList *list, Expr **out, Err *err) {
    NamedExprs named = {list->names, list->exprs, list->n_visible};
    Expr *conds[2];
    uint32_t n = 0;
    ctx->clause = "QUALIFY";
    ctx->named = &named;
    if (on_over) TRY(bind_condition(ctx, on_over, &conds[n++], err));
    if (select->qualify) TRY(bind_condition(ctx, select->qualify, &conds[n++], err));
    ctx->named = NULL;
    *out = expr_and(ctx->b->arena, conds, n);
    return ST_OK;
}

/* ---- the whole ---- */

static bool select_is_aggregate(const Binder *b, const AstSelect *select, const AstQuery *tail) {
    if (select->has_group_by || select->having) return true;
    for (int32_t i = 0; i < select->items.n; i++) {
        if (bind_has_agg(b, select->items.items[i])) return true;
    }
    for (int32_t i = 0; tail && i < tail->order_by.n; i++) {
        if (bind_has_agg(b, tail->order_by.items[i])) return true;
    }
    return false;
}

/* The columns of the domain that the rows carry are selected, grouped and partitioned by. */
static Status select_domain(ExprCtx *ctx, const AstSelect *select, SelectList *list, Err *err) {
    Binder *b = ctx->b;
    const Domain *domain = ctx->rel->scope.domain;
    if (!domain) return ST_OK;
    if (ctx->agg && ctx->agg->n_sets) {
        return bind_unsupported(b, select->ast.pos,
                                "GROUPING SETS in a subquery that refers to the query around it",
                                "write it as a join", err);
    }
    list->n_domain = domain->n;
    for (uint32_t i = 0; i < domain->n; i++) {
        Expr *col = node_column(b->arena, ctx->rel->node, ctx->rel->scope.domain_at + i, -1);
        select_add(b, list, bind_strip_attr(b->arena, col),
                   span_of(arena_printf(b->arena, "$d%u", i)));
        if (ctx->agg) bind_agg_add_key(b, ctx->agg, list->exprs[list->n - 1]);
    }
    bind_over_partition_by(b, ctx->over, list->exprs + list->n - domain->n, domain->n);
    return ST_OK;
}

/* Puts the aggregate in the place of the input and moves all expressions behind it. */
static Status select_aggregate(ExprCtx *ctx, const AstSelect *select, SelectList *list,
                               bool is_global, Expr **having, Err *err) {
    Node *node;
    for (uint32_t i = 0; i < list->n; i++) {
        TRY(bind_after_agg(ctx, list->exprs[i], &list->exprs[i], err));
    }
    if (*having) TRY(bind_after_agg(ctx, *having, having, err));
    TRY(bind_over_after_agg(ctx, err));
    node = bind_agg_node(ctx, bind_pos(ctx->b, select->ast.pos));
    if (is_global && list->n_domain) {
        TRY(domain_every(ctx->b, ctx->rel->scope.domain, &node, err));
    }
    TRY(bind_subs_after_agg(ctx, &node, err));
    if (*having) node = node_filter(ctx->b->arena, node, *having);
    ctx->rel->node = node;
    return ST_OK;
}

Node *bind_distinct(Binder *b, Node *in) {
    Rel rel = {.node = in};
    AggBinding agg = {.keys = node_columns(b->arena, in, 0), .n_keys = in->schema.n_fields};
    ExprCtx ctx = {.b = b, .rel = &rel, .agg = &agg};
    Node *node = bind_agg_node(&ctx, in->pos);
    return node;
}

/* From the input (or the aggregate) to the rows of the result. */
static Status select_project(ExprCtx *ctx, const AstSelect *select, const AstQuery *tail,
                             SelectList *list, Expr *qualify, Node **out, Err *err) {
    Binder *b = ctx->b;
    Node *node = ctx->rel->node;
    uint32_t *visible, n;
    if (bind_over_is_used(ctx->over)) {
        TRY(bind_over_nodes(ctx, &node, err));
        for (uint32_t i = 0; i < list->n; i++) {
            list->exprs[i] = bind_after_over(b, ctx->over, list->exprs[i]);
        }
        if (qualify) qualify = bind_after_over(b, ctx->over, qualify);
    }
    if (qualify) node = node_filter(b->arena, node, qualify);
    node = node_project(b->arena, node, list->exprs, list->names, list->n);
    node->pos = bind_pos(b, select->ast.pos);
    if (select->quantifier == QUANTIFIER_DISTINCT) node = bind_distinct(b, node);
    if (tail) {
        TRY(bind_order_limit(b, tail, list->sort, list->n_sort, list->n_domain, &node, err));
    }
    n = list->n_visible + list->n_domain;
    if (list->n > n) {
        visible = arena_array(b->arena, uint32_t, n);
        for (uint32_t i = 0; i < n; i++) {
            visible[i] = i < list->n_visible ? i : list->n - n + i;
        }
        node = node_keep(b->arena, node, visible, n);
    }
    b->has_domain = list->n_domain > 0;
    *out = node;
    return ST_OK;
}

static Status select_bind(Binder *b, const AstSelect *select, const AstQuery *tail,
                          const Scope *outer, Node **out, Err *err) {
    Rel rel = {0};
    AggBinding agg = {0};
    GroupWindow window = {0};
    SelectList list = {0};
    ExprCtx ctx = {.b = b, .rel = &rel, .clause = "WHERE"};
    bool is_aggregate = select_is_aggregate(b, select, tail), is_global;
    Expr *having = NULL, *qualify = NULL;
    const Ast *where = NULL, *on_over = NULL;
    TRY(bind_hints_check(b, &select->hints, err));
    b->hints = &select->hints;
    if (select->from) {
        TRY(bind_from(b, select->from, outer, &rel, err));
        TRY(bind_state_ttl_check(b, &rel.scope, err));
    } else {
        rel.node = node_one_row(b->arena);
    }
    rel.scope.outer = outer;
    if (domain_wants(b, outer, &select->ast)) domain_carry(b, &rel, outer, &select->ast);
    if (select->where) select_split_where(&ctx, select, &where, &on_over);
    if (where) TRY(bind_where(&ctx, where, err));
    if (is_aggregate) {
        ctx.agg = &agg;
        ctx.window = &window;
        ctx.clause = "GROUP BY";
        TRY(bind_group_by(&ctx, select, err));
    }
    ctx.over = bind_over_new(b, &select->windows);
    ctx.clause = "the select list";
    TRY(select_items(&ctx, select, &list, err));
    TRY(select_order_by(&ctx, select, tail, &list, err));
    TRY(select_qualify(&ctx, select, on_over, &list, &qualify, err));
    is_global = !agg.n_keys && !agg.n_sets;
    if (is_aggregate) {
        ExprCtx before = ctx;
        before.over = NULL;
        before.clause = "HAVING";
        if (select->having) TRY(bind_condition(&before, select->having, &having, err));
        TRY(select_domain(&ctx, select, &list, err));
        if (qualify) TRY(bind_after_agg(&ctx, qualify, &qualify, err));
        TRY(select_aggregate(&ctx, select, &list, is_global, &having, err));
    } else {
        TRY(select_domain(&ctx, select, &list, err));
    }
    TRY(select_project(&ctx, select, tail, &list, qualify, out, err));
    if (window.call) bind_emit_settings(b, out);
    return ST_OK;
}

Status bind_select(Binder *b, const AstSelect *select, const AstQuery *tail, const Scope *outer,
                   Node **out, Err *err) {
    const AstList *hints = b->hints;
    Status status = select_bind(b, select, tail, outer, out, err);
    b->hints = hints;
    return status;
}
