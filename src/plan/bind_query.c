/* bind_query.c -- queries around SELECT: WITH, UNION, VALUES, TABLE t, ORDER BY and LIMIT.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind_cte.h"

static Status query_body(Binder *b, const Ast *body, const AstQuery *tail, const Scope *outer,
                         Node **out, Err *err);

/* ---- VALUES ---- */

static uint32_t values_width(const Ast *row) {
    return row->kind == AST_ROW ? (uint32_t)((const AstRow *)row)->items.n : 1;
}

static const Ast *values_cell(const Ast *row, uint32_t col) {
    return row->kind == AST_ROW ? ((const AstRow *)row)->items.items[col] : row;
}

/* Brings column `col` of all rows to one type. */
static Status values_unify(Binder *b, const AstValues *values, Expr **cells, uint32_t width,
                           uint32_t col, const Type **out, Err *err) {
    uint32_t n = (uint32_t)values->rows.n;
    const Type **types = arena_array(b->arena, const Type *, n);
    for (uint32_t i = 0; i < n; i++) types[i] = cells[i * width + col]->type;
    *out = type_common(b->arena, types, n);
    if (!*out) {
        err_set(err, ST_INVALID, "42804", bind_pos(b, values->ast.pos), __FILE__, __LINE__,
                "column %u of VALUES has values of types that do not go together", col + 1);
        err_detail(err, "%s and %s", type_text(b->arena, types[0]),
                   type_text(b->arena, types[n - 1]));
        return err_hint(err, "cast them to one type");
    }
    for (uint32_t i = 0; i < n; i++) {
        Expr **cell = &cells[i * width + col];
        TRY(expr_coerce(b->arena, *cell, *out, (*cell)->pos, cell, err));
    }
    return ST_OK;
}

/* The constants of one column, or false when some cell is not constant. */
static bool values_column(Binder *b, Expr *const *cells, uint32_t n_rows, uint32_t width,
                          uint32_t col, const Type *type, Column *out) {
    ColBuilder builder;
    colb_init(&builder, b->arena, type, n_rows);
    for (uint32_t i = 0; i < n_rows; i++) {
        const Expr *cell = cells[i * width + col];
        if (cell->kind != EXPR_CONST) return false;
        if (expr_is_null_const(cell)) {
            colb_null(&builder);
        } else {
            colb_append(&builder, cell->value, 0, true);
        }
    }
    colb_finish(&builder, out);
    return true;
}

/* One row whose cells need computing at run time: a projection over the empty row. */
static Node *values_computed_row(Binder *b, Expr **cells, const Span *names, uint32_t width) {
    return node_project(b->arena, node_one_row(b->arena), cells, names, width);
}

static Node *values_node(Binder *b, Expr **cells, uint32_t n_rows, uint32_t width,
                         const Type *const *types, int32_t pos) {
    Node *node = node_new(b->arena, NODE_VALUES, NULL, 0);
    Column *cols = arena_array(b->arena, Column, width);
    Field *fields = arena_array(b->arena, Field, width);
    Span *names = arena_array(b->arena, Span, width);
    Node **rows;
    bool is_constant = true;
    for (uint32_t i = 0; i < width; i++) {
        names[i] = span_of(arena_printf(b->arena, "EXPR$%u", i));
        fields[i] = (Field){names[i], types[i]};
        is_constant = is_constant && values_column(b, cells, n_rows, width, i, types[i], &cols[i]);
    }
    if (is_constant) {
        node->values.cols = cols;
        node->values.n_rows = n_rows;
        node->schema = (Schema){.n_fields = width, .fields = fields};
        node->pos = pos;
        node_properties(b->arena, node);
        return node;
    }
    rows = arena_array(b->arena, Node *, n_rows);
    for (uint32_t i = 0; i < n_rows; i++) {
        rows[i] = values_computed_row(b, cells + i * width, names, width);
    }
    if (n_rows == 1) return rows[0];
    node = node_new(b->arena, NODE_UNION, rows, n_rows);
    node->schema = (Schema){.n_fields = width, .fields = fields};
    node_properties(b->arena, node);
    return node;
}

/* UNION ALL of nodes of the same types. */
static Node *setop_union(Binder *b, Node *const *inputs, uint32_t n_inputs, int32_t pos) {
    uint32_t n = inputs[0]->schema.n_fields;
    Node *node = node_new(b->arena, NODE_UNION, inputs, n_inputs);
    Field *fields = arena_array(b->arena, Field, n);
    for (uint32_t i = 0; i < n; i++) {
        bool is_nullable = false;
        for (uint32_t k = 0; k < n_inputs; k++)
            is_nullable |= inputs[k]->schema.fields[i].type->is_nullable;
        fields[i] = inputs[0]->schema.fields[i];
        fields[i].type = type_with_null(b->arena, fields[i].type, is_nullable);
    }
    node->schema = (Schema){.n_fields = n, .fields = fields};
    node->pos = pos;
    node_properties(b->arena, node);
    return node;
}

/* VALUES whose rows name columns of the query around: each row is computed for each value. */
static Status values_of_domain(Binder *b, const AstValues *values, const Scope *outer, Node **out,
                               Err *err) {
    uint32_t n = (uint32_t)values->rows.n, width = values_width(values->rows.items[0]);
    uint32_t k = b->domain->n;
    Node **rows = arena_array(b->arena, Node *, n);
    Span *names = arena_array(b->arena, Span, width + k);
    Expr **cells = arena_array(b->arena, Expr *, n * width);
    Rel rel = {.node = b->domain->node};
    ExprCtx ctx = {.b = b, .rel = &rel, .clause = "VALUES"};
    const Type *type;
    rel.scope = (Scope){.outer = outer, .domain = b->domain, .owner = &values->ast};
    for (uint32_t i = 0; i < n * width; i++) {
        TRY(bind_expr(&ctx, values_cell(values->rows.items[i / width], i % width), &cells[i], err));
    }
    if (rel.node != b->domain->node) {
        return bind_unsupported(b, values->ast.pos, "a subquery in VALUES of a correlated subquery",
                                "write SELECT ... UNION ALL SELECT ...", err);
    }
    for (uint32_t j = 0; j < width + k; j++) {
        names[j] = span_of(
            arena_printf(b->arena, j < width ? "EXPR$%u" : "$d%u", j < width ? j : j - width));
        if (j < width) TRY(values_unify(b, values, cells, width, j, &type, err));
    }
    for (uint32_t i = 0; i < n; i++) {
        Expr **row = arena_array(b->arena, Expr *, width + k);
        memcpy(row, cells + i * width, width * sizeof *row);
        for (uint32_t j = 0; j < k; j++) row[width + j] = node_column(b->arena, rel.node, j, -1);
        rows[i] = node_project(b->arena, rel.node, row, names, width + k);
    }
    b->has_domain = true;
    *out = rows[0];
    if (n == 1) return ST_OK;
    *out = setop_union(b, rows, n, -1);
    return ST_OK;
}

Status bind_values(Binder *b, const AstValues *values, const Scope *outer, Node **out, Err *err) {
    uint32_t n = (uint32_t)values->rows.n, width = values_width(values->rows.items[0]);
    Expr **cells = arena_array(b->arena, Expr *, n * width);
    const Type **types = arena_array(b->arena, const Type *, width);
    ExprCtx ctx = {.b = b, .clause = "VALUES"};
    for (uint32_t i = 0; i < n; i++) {
        const Ast *row = values->rows.items[i];
        if (values_width(row) != width) {
            FAIL(err, ST_INVALID, "42601", bind_pos(b, row->pos),
                 "this row of VALUES has %u values, the first has %u", values_width(row), width);
        }
    }
    if (domain_wants(b, outer, &values->ast)) return values_of_domain(b, values, outer, out, err);
    b->has_domain = false;
    for (uint32_t i = 0; i < n; i++) {
        const Ast *row = values->rows.items[i];
        for (uint32_t j = 0; j < width; j++) {
            TRY(bind_expr(&ctx, values_cell(row, j), &cells[i * width + j], err));
        }
    }
    for (uint32_t j = 0; j < width; j++) {
        TRY(values_unify(b, values, cells, width, j, &types[j], err));
        for (uint32_t i = 0; i < n; i++) {
            cells[i * width + j] = expr_fold(b->arena, cells[i * width + j], b->env->expr_env);
        }
    }
    *out = values_node(b, cells, n, width, types, bind_pos(b, values->ast.pos));
    return ST_OK;
}

/* ---- set operations ---- */

/* Brings the input's columns to the types of the result. */
static Status setop_coerce(Binder *b, Node **in, const Type *const *types, int32_t pos, Err *err) {
    uint32_t n = (*in)->schema.n_fields;
    Expr **exprs = node_columns(b->arena, *in, 0);
    Span *names = arena_array(b->arena, Span, n);
    bool is_same = true;
    for (uint32_t i = 0; i < n; i++) {
        names[i] = (*in)->schema.fields[i].name;
        if (type_eq(exprs[i]->type, types[i]) && exprs[i]->type->attr == types[i]->attr) continue;
        is_same = false;
        if (type_eq(exprs[i]->type, types[i])) {
            exprs[i] = bind_strip_attr(b->arena, exprs[i]);
        } else {
            TRY(expr_coerce(b->arena, exprs[i], types[i], pos, &exprs[i], err));
        }
    }
    if (!is_same) *in = node_project(b->arena, *in, exprs, names, n);
    return ST_OK;
}

static const char *setop_name(const AstSetOp *setop) {
    static const char *const names[] = {"UNION", "INTERSECT", "EXCEPT"};
    return names[setop->op];
}

static Status setop_types(Binder *b, const AstSetOp *setop, Node *const inputs[2],
                          const Type **types, Err *err) {
    uint32_t n = inputs[0]->schema.n_fields;
    int32_t pos = bind_pos(b, setop->right->pos);
    if (inputs[1]->schema.n_fields != n) {
        err_set(err, ST_INVALID, "42601", pos, __FILE__, __LINE__,
                "the queries of a %s have %u and %u columns", setop_name(setop), n,
                inputs[1]->schema.n_fields);
        return err_hint(err, "select the same number of columns on both sides");
    }
    for (uint32_t i = 0; i < n; i++) {
        const Type *pair[2] = {inputs[0]->schema.fields[i].type, inputs[1]->schema.fields[i].type};
        types[i] = type_common(b->arena, pair, 2);
        if (!types[i]) {
            err_set(err, ST_INVALID, "42804", pos, __FILE__, __LINE__,
                    "column %u of a %s is %s on one side and %s on the other", i + 1,
                    setop_name(setop), type_text(b->arena, pair[0]), type_text(b->arena, pair[1]));
            return err_hint(err, "cast them to one type");
        }
        types[i] = type_with_attr(b->arena, types[i],
                                  pair[0]->attr == pair[1]->attr ? pair[0]->attr : TIME_ATTR_NONE);
    }
    return ST_OK;
}

/* Equal rows numbered from 1 on: with the number they are all different. */
static Node *setop_numbered(Binder *b, Node *in) {
    uint32_t n = in->schema.n_fields;
    uint32_t *partition = arena_array(b->arena, uint32_t, n);
    OverCall *call = arena_new(b->arena, OverCall);
    Field *fields = arena_array(b->arena, Field, n + 1);
    Node *node = node_new(b->arena, NODE_OVER, &in, 1);
    *call = (OverCall){.fn = OVER_ROW_NUMBER,
                       .agg.type = type_with_null(b->arena, &type_bigint, false)};
    memcpy(fields, in->schema.fields, n * sizeof *fields);
    fields[n] = (Field){SPAN("$n"), call->agg.type};
    for (uint32_t i = 0; i < n; i++) partition[i] = i;
    node->schema = (Schema){.n_fields = n + 1, .fields = fields};
    node->over.partition = partition;
    node->over.n_partition = n;
    node->over.frame = (OverFrame){.unit = FRAME_UNIT_ROWS, .start_unbounded = true};
    node->over.calls = call;
    node->over.n_calls = 1;
    node_properties(b->arena, node);
    return node;
}

/* INTERSECT and EXCEPT: the different rows of the left side that have, or have not, an equal row on
 * the right; NULLs are equal here. With ALL, the second of equal rows needs a second on the
 * right. */
static Status setop_match(Binder *b, const AstSetOp *setop, Node *const inputs[2], Node **out,
                          Err *err) {
    uint32_t n = inputs[0]->schema.n_fields, n_all = n + setop->is_all;
    Expr **equal = arena_array(b->arena, Expr *, n_all);
    int32_t pos = bind_pos(b, setop->ast.pos);
    Node *left = setop->is_all ? setop_numbered(b, inputs[0]) : bind_distinct(b, inputs[0]);
    Node *right = setop->is_all ? setop_numbered(b, inputs[1]) : inputs[1];
    for (uint32_t i = 0; i < n_all; i++) {
        TRY(domain_equal(b, node_column(b->arena, left, i, pos),
                         expr_column(b->arena, n_all + i, right->schema.fields[i].type, pos),
                         &equal[i], err));
    }
    *out = bind_join_node(b, setop->op == SETOP_EXCEPT ? JOINOP_ANTI : JOINOP_SEMI, left, right,
                          expr_and(b->arena, equal, n_all), pos);
    *out = node_first(b->arena, *out, n);
    return ST_OK;
}

static Status bind_setop(Binder *b, const AstSetOp *setop, const Scope *outer, Node **out,
                         Err *err) {
    Node *inputs[2];
    bool has_domain[2];
    const Type **types;
    TRY(query_body(b, setop->left, NULL, outer, &inputs[0], err));
    has_domain[0] = outer && b->domain && b->has_domain;
    TRY(query_body(b, setop->right, NULL, outer, &inputs[1], err));
    has_domain[1] = outer && b->domain && b->has_domain;
    for (int i = 0; i < 2; i++) {
        if (!has_domain[i] && has_domain[1 - i]) inputs[i] = domain_append(b, inputs[i]);
    }
    b->has_domain = has_domain[0] || has_domain[1];
    types = arena_array(b->arena, const Type *, inputs[0]->schema.n_fields);
    TRY(setop_types(b, setop, inputs, types, err));
    for (int i = 0; i < 2; i++) {
        TRY(setop_coerce(b, &inputs[i], types, bind_pos(b, setop->right->pos), err));
    }
    if (setop->op != SETOP_UNION) return setop_match(b, setop, inputs, out, err);
    *out = setop_union(b, inputs, 2, bind_pos(b, setop->ast.pos));
    if (!setop->is_all) *out = bind_distinct(b, *out);
    return ST_OK;
}

/* ---- ORDER BY, LIMIT ---- */

static Status query_count(Binder *b, const Ast *ast, const char *clause, int64_t fallback,
                          int64_t *out, Err *err) {
    Expr *expr;
    *out = fallback;
    if (!ast) return ST_OK;
    TRY(bind_constant(b, ast, clause, &expr, err));
    if (!expr_const_int(expr, out) || *out < 0 || !type_is_integer(expr->type)) {
        FAIL(err, ST_INVALID, "2201W", bind_pos(b, ast->pos),
             "%s needs a whole number that is not negative", clause);
    }
    return ST_OK;
}

/* Each value of the domain has its own first rows. */
static void query_partition(Binder *b, Node *top, uint32_t n_domain) {
    uint32_t n = top->schema.n_fields;
    uint32_t *cols = arena_array(b->arena, uint32_t, n_domain);
    for (uint32_t i = 0; i < n_domain; i++) cols[i] = n - n_domain + i;
    top->topn.partition = cols;
    top->topn.n_partition = n_domain;
}

Status bind_order_limit(Binder *b, const AstQuery *query, const SortKey *sort, uint32_t n_sort,
                        uint32_t n_domain, Node **node, Err *err) {
    Node *in = *node, *top;
    int64_t limit, offset;
    bool has_limit = query->limit != NULL;
    TRY(query_count(b, query->limit, "LIMIT", -1, &limit, err));
    TRY(query_count(b, query->offset, "OFFSET", 0, &offset, err));
    if (!n_sort && !has_limit && !offset) return ST_OK;
    if (n_domain && !has_limit && !offset) return ST_OK; /* the rows around have their own order */
    if (n_sort && !has_limit && !in->is_bounded) {
        err_set(err, ST_UNSUPPORTED, "0A000", bind_pos(b, query->order_by.items[0]->pos), __FILE__,
                __LINE__, "ORDER BY over an input that never ends is not supported");
        return err_hint(err, "add LIMIT n to keep the first n rows in that order up to date");
    }
    if (n_domain) {
        top = node_new(b->arena, NODE_TOPN, &in, 1);
        top->topn.order = sort;
        top->topn.n_order = n_sort;
        top->topn.offset = offset;
        top->topn.limit = has_limit ? limit : INT64_MAX - offset;
        query_partition(b, top, n_domain);
    } else if (!n_sort && in->is_append) {
        top = node_new(b->arena, NODE_LIMIT, &in, 1);
        top->sort.limit = limit;
        top->sort.offset = offset;
    } else if (!has_limit || (in->is_bounded && (b->env->is_batch || !n_sort))) {
        /* In streaming mode a Top-N changes with its input, as in Flink, whether that ends or
         * not. */
        top = node_new(b->arena, NODE_SORT, &in, 1);
        top->sort.keys = sort;
        top->sort.n_keys = n_sort;
        top->sort.limit = limit;
        top->sort.offset = offset;
    } else {
        top = node_new(b->arena, NODE_TOPN, &in, 1);
        top->topn.order = sort;
        top->topn.n_order = n_sort;
        top->topn.offset = offset;
        top->topn.limit = limit;
    }
    top->pos = n_sort ? bind_pos(b, query->order_by.items[0]->pos) : bind_pos(b, query->ast.pos);
    node_properties(b->arena, top);
    *node = top;
    return ST_OK;
}

/* ORDER BY behind a set operation or VALUES: by output columns only. */
static Status query_order_outputs(Binder *b, const AstQuery *query, Node **node, Err *err) {
    uint32_t n = (uint32_t)query->order_by.n;
    SortKey *sort = arena_array(b->arena, SortKey, n);
    Rel rel = {.node = *node};
    ExprCtx ctx = {.b = b, .rel = &rel, .clause = "ORDER BY"};
    TRY(scope_of_node(b, *node, (Span){0}, NULL, &rel.scope, err));
    for (uint32_t i = 0; i < n; i++) {
        const AstOrderItem *item = (const AstOrderItem *)query->order_by.items[i];
        Expr *expr;
        int64_t ordinal = 0;
        TRY(bind_expr(&ctx, item->expr, &expr, err));
        if (rel.node != *node) {
            return bind_unsupported(b, item->ast.pos, "a subquery in this ORDER BY",
                                    "order a SELECT from this query", err);
        }
        if (item->expr->kind == AST_LITERAL && expr_const_int(expr, &ordinal) && ordinal >= 1 &&
            ordinal <= (*node)->schema.n_fields) {
            expr = node_column(b->arena, *node, (uint32_t)ordinal - 1, expr->pos);
        }
        if (expr->kind != EXPR_COLUMN) {
            err_set(err, ST_UNSUPPORTED, "0A000", bind_pos(b, item->ast.pos), __FILE__, __LINE__,
                    "ORDER BY an expression behind UNION or VALUES is not supported");
            return err_hint(err, "name a column of the result, or order a subquery");
        }
        sort[i] = (SortKey){expr->column, bind_key_order(item)};
    }
    return bind_order_limit(b, query, sort, n, b->has_domain ? b->domain->n : 0, node, err);
}

/* ---- WITH ---- */

static Status query_with(Binder *b, const AstQuery *query, Err *err) {
    if (query->is_recursive) {
        return bind_unsupported(b, query->ast.pos, "WITH RECURSIVE",
                                "join the table to itself as often as the step may repeat", err);
    }
    for (int32_t i = 0; i < query->with.n; i++) {
        const AstCte *cte = (const AstCte *)query->with.items[i];
        CteScope *scope = arena_new(b->arena, CteScope);
        Node *node;
        TRY(bind_query(b, (const AstQuery *)cte->query, NULL, &node, err));
        if (cte->columns.n) {
            Span *names = arena_array(b->arena, Span, (uint32_t)cte->columns.n);
            if ((uint32_t)cte->columns.n != node->schema.n_fields) {
                FAIL(err, ST_INVALID, "42P10", bind_pos(b, cte->ast.pos),
                     "`" SPAN_FMT "` has %u columns, but the list names %d",
                     SPAN_ARG(cte->name.text), node->schema.n_fields, (int)cte->columns.n);
            }
            for (int32_t j = 0; j < cte->columns.n; j++) names[j] = cte->columns.items[j].text;
            node = node_rename(b->arena, node, names);
        }
        *scope = (CteScope){.name = cte->name.text, .node = node, .next = b->ctes};
        b->ctes = scope;
    }
    return ST_OK;
}

const CteScope *bind_find_cte(const Binder *b, const AstName *name) {
    if (name->parts.n != 1) return NULL;
    for (const CteScope *cte = b->ctes; cte; cte = cte->next) {
        if (span_eq(cte->name, name->parts.items[0].text)) return cte;
    }
    return NULL;
}

/* ---- queries ---- */

static Status query_body(Binder *b, const Ast *body, const AstQuery *tail, const Scope *outer,
                         Node **out, Err *err) {
    const Table *table;
    switch (body->kind) {
    case AST_SELECT: return bind_select(b, (const AstSelect *)body, tail, outer, out, err);
    case AST_QUERY: TRY(bind_query(b, (const AstQuery *)body, outer, out, err)); break;
    case AST_SETOP: TRY(bind_setop(b, (const AstSetOp *)body, outer, out, err)); break;
    case AST_VALUES: TRY(bind_values(b, (const AstValues *)body, outer, out, err)); break;
    case AST_TABLE_QUERY:
        TRY(bind_table(b, ((const AstTableQuery *)body)->table, NULL, out, &table, err));
        b->has_domain = false;
        break;
    default: return bind_unsupported(b, body->pos, "this form of query", NULL, err);
    }
    return tail ? query_order_outputs(b, tail, out, err) : ST_OK;
}

Status bind_query(Binder *b, const AstQuery *query, const Scope *outer, Node **out, Err *err) {
    const CteScope *ctes = b->ctes;
    const AstQuery *tail = query->order_by.n || query->limit || query->offset ? query : NULL;
    Status status;
    TRY(query_with(b, query, err));
    status = query_body(b, query->body, tail, outer, out, err);
    if (status == ST_OK && (query->emit || query->on_late)) status = bind_emit(b, query, out, err);
    b->ctes = ctes;
    return status;
}
