/* bind_from.c -- what stands in FROM: tables, views, subqueries, table functions. A view is bound
 * once in a statement, however often it is used, so that it is computed once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind_cte.h"

struct ViewUse {
    const Table *view;
    Node *node;
    ViewUse *next;
};

/* Short names in a view mean what they meant when it was made. */
static ObjectName from_qualify(const Binder *b, const AstName *name) {
    const AstIdents *parts = &name->parts;
    return (ObjectName){.catalog = parts->n > 2 ? parts->items[0].text : b->use_catalog,
                        .database =
                            parts->n > 1 ? parts->items[parts->n - 2].text : b->use_database,
                        .name = ast_name_last(name)};
}

/* ---- views ---- */

static Status view_failed(const Table *view, Status status, Err *err) {
    if (!err) return status;
    err_wrap(err, "in view `" SPAN_FMT "`", SPAN_ARG(view->name));
    return status;
}

Status bind_view(Binder *b, const Table *view, int32_t pos, Node **out, Err *err) {
    Binder saved = *b;
    Span *names = arena_array(b->arena, Span, view->n_columns);
    Status status;
    ViewUse *use;
    for (use = b->views; use; use = use->next) {
        if (use->view == view) {
            *out = use->node;
            return ST_OK;
        }
    }
    if (b->view_depth >= BIND_VIEW_DEPTH_MAX) {
        FAIL(err, ST_LIMIT, "54001", pos, "views are nested more than %d deep",
             BIND_VIEW_DEPTH_MAX);
    }
    if (b->pos_override < 0) b->pos_override = pos;
    b->pos_base = 0;
    b->view_depth++;
    b->ctes = NULL;
    b->use_catalog = view->use_catalog;
    b->use_database = view->use_database;
    status = bind_query(b, (const AstQuery *)view->query, NULL, out, err);
    b->pos_override = saved.pos_override;
    b->pos_base = saved.pos_base;
    b->view_depth = saved.view_depth;
    b->ctes = saved.ctes;
    b->use_catalog = saved.use_catalog;
    b->use_database = saved.use_database;
    if (status != ST_OK) return view_failed(view, status, err);
    if ((*out)->schema.n_fields != view->n_columns) {
        err_set(err, ST_CONFLICT, "42P16", pos, __FILE__, __LINE__,
                "view `" SPAN_FMT "` has %u columns, but its query now gives %u",
                SPAN_ARG(view->name), view->n_columns, (*out)->schema.n_fields);
        return err_hint(err, "a table that it reads was changed: create the view again");
    }
    for (uint32_t i = 0; i < view->n_columns; i++) names[i] = view->columns[i].name;
    *out = node_rename(b->arena, *out, names);
    use = arena_new(b->arena, ViewUse);
    *use = (ViewUse){view, *out, b->views};
    b->views = use;
    return ST_OK;
}

Status bind_find_table(const Binder *b, const AstName *name, const Table **out, Err *err) {
    int32_t pos = bind_pos(b, name->ast.pos);
    if (name->parts.n <= 3) {
        *out = catalog_find(b->env->catalog, from_qualify(b, name), false, false);
        if (*out) return ST_OK;
    }
    return catalog_table_get(b->env->catalog, name, pos, out, err);
}

Status bind_table(Binder *b, const AstName *name, const AstList *hints, Node **out,
                  const Table **table, Err *err) {
    const CteScope *cte = bind_find_cte(b, name);
    int32_t pos = bind_pos(b, name->ast.pos);
    *table = NULL;
    if (cte) {
        *out = cte->node;
        return bind_hints_check(b, hints, err);
    }
    TRY(bind_find_table(b, name, table, err));
    if (!(*table)->is_view) return bind_scan(b, *table, hints, pos, out, err);
    TRY(bind_hints_check(b, hints, err));
    return bind_view(b, *table, pos, out, err);
}

/* ---- items of FROM ---- */

Status bind_aliased(Binder *b, Node *node, const AstAlias *alias, Span name, Rel *out, Err *err) {
    out->node = node;
    return scope_of_node(b, node, alias ? alias->name.text : name, alias, &out->scope, err);
}

/* TABLESAMPLE BERNOULLI|SYSTEM (percent) [REPEATABLE (seed)]: each row by itself. */
static Status from_sample(Binder *b, const AstSample *sample, Rel *rel, Err *err) {
    Expr *args[2], *percent, *seed, *zero;
    int64_t dummy;
    uint32_t n_seed = 0;
    if (!rel->node->is_append) {
        return bind_unsupported(b, sample->ast.pos, "TABLESAMPLE of rows that change",
                                "sample what the changes come from", err);
    }
    TRY(bind_constant(b, sample->percent, "TABLESAMPLE", &percent, err));
    if (sample->seed) {
        TRY(bind_constant(b, sample->seed, "REPEATABLE", &seed, err));
        if (!expr_const_int(seed, &dummy)) {
            FAIL(err, ST_INVALID, "42804", bind_pos(b, sample->seed->pos),
                 "REPEATABLE needs a whole number");
        }
        n_seed = 1;
    }
    TRY(expr_cast(b->arena, percent, &type_double, false, percent->pos, &percent, err));
    percent = expr_fold(b->arena, percent, b->env->expr_env);
    if (percent->kind != EXPR_CONST || expr_is_null_const(percent) ||
        !(percent->value->f64[0] >= 0 && percent->value->f64[0] <= 100)) {
        FAIL(err, ST_INVALID, "2202H", bind_pos(b, sample->percent->pos),
             "TABLESAMPLE needs a percentage from 0 to 100");
    }
    TRY(expr_call(b->arena, SPAN("RAND"), &seed, n_seed, sample->ast.pos, &args[0], err));
    zero = expr_const_i64(b->arena, &type_int, 100, -1);
    TRY(expr_call(b->arena, SPAN("*"), (Expr *[2]){args[0], zero}, 2, -1, &args[0], err));
    args[1] = percent;
    TRY(expr_call(b->arena, SPAN("<"), args, 2, sample->ast.pos, &args[0], err));
    rel->node = node_filter(b->arena, rel->node, args[0]);
    return ST_OK;
}

static Status from_table(Binder *b, const AstTableRef *ref, bool is_versioned, Rel *out, Err *err) {
    const Table *table;
    if (ref->as_of && !is_versioned) {
        return bind_unsupported(b, ref->as_of->pos, "FOR SYSTEM_TIME AS OF",
                                "it stands behind the right table of a join", err);
    }
    TRY(bind_table(b, ref->name, &ref->hints, &out->node, &table, err));
    TRY(bind_aliased(b, out->node, ref->alias, ast_name_last(ref->name), out, err));
    out->scope.rels[0].table = ast_name_last(ref->name);
    if (table && !ref->alias) {
        out->scope.rels[0].database = table->database;
        out->scope.rels[0].catalog = table->catalog;
    }
    return ref->sample ? from_sample(b, ref->sample, out, err) : ST_OK;
}

/* Columns of a subquery without a name can be reached by the names that they have inside: the
 * published Nexmark q6 is written so. */
static void from_origins(const Ast *query, Scope *scope) {
    const AstSelect *select = (const AstSelect *)((const AstQuery *)query)->body;
    if (select->ast.kind != AST_SELECT) return;
    for (int32_t i = 0; i < select->items.n; i++) {
        const AstSelectItem *item = (const AstSelectItem *)select->items.items[i];
        if (item->expr->kind == AST_STAR) return;
    }
    for (int32_t i = 0; i < select->items.n && (uint32_t)i < scope->n_cols; i++) {
        const AstSelectItem *item = (const AstSelectItem *)select->items.items[i];
        const AstName *name = (const AstName *)item->expr;
        if (item->expr->kind != AST_NAME || item->alias.text.ptr || name->parts.n != 2) continue;
        scope->cols[i].origin = name->parts.items[0].text;
    }
}

/* Not LATERAL: it may name columns of the query around its SELECT. */
static Status from_derived(Binder *b, const AstDerived *derived, const Scope *outer, Rel *out,
                           Err *err) {
    Node *node, shown;
    TRY(bind_query(b, (const AstQuery *)derived->query, outer, &node, err));
    shown = *node;
    if (outer && b->domain && b->has_domain) {
        shown.schema.n_fields -= b->domain->n;
    }
    TRY(bind_aliased(b, &shown, derived->alias, (Span){0}, out, err));
    if (!derived->alias) from_origins(derived->query, &out->scope);
    out->node = node;
    if (derived->sample) TRY(from_sample(b, derived->sample, out, err));
    if (shown.schema.n_fields == node->schema.n_fields) return ST_OK;
    out->scope.domain = b->domain;
    out->scope.domain_at = shown.schema.n_fields;
    out->scope.outer = outer;
    out->scope.owner = derived->query;
    return ST_OK;
}

Status bind_versioned(Binder *b, const AstTableRef *ref, Rel *out, Err *err) {
    return from_table(b, ref, true, out, err);
}

Status bind_from(Binder *b, const Ast *from, const Scope *outer, Rel *out, Err *err) {
    switch (from->kind) {
    case AST_TABLE_REF: return from_table(b, (const AstTableRef *)from, false, out, err);
    case AST_DERIVED: return from_derived(b, (const AstDerived *)from, outer, out, err);
    case AST_TABLE_FN:
        if (bind_is_changelog_fn(ast_name_last(((const AstTableFn *)from)->call->name)))
            return bind_changelog_fn(b, (const AstTableFn *)from, out, err);
        if (bind_is_elements(from)) return bind_elements(b, NULL, from, outer, out, err);
        return bind_window_fn(b, (const AstTableFn *)from, out, err);
    case AST_JOIN: return bind_join(b, (const AstJoin *)from, outer, out, err);
    case AST_UNNEST: return bind_elements(b, NULL, from, outer, out, err);
    case AST_MATCH: return bind_match(b, (const AstMatch *)from, NULL, out, err);
    default: return bind_unsupported(b, from->pos, "this form of FROM", NULL, err);
    }
}
