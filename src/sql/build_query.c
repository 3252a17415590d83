/* build_query.c -- nodes of queries. SPDX-License-Identifier: Apache-2.0 */
#include "sql/build.h"

static const char *tail_word(uint32_t what) {
    switch (what) {
    case TAIL_ORDER: return "ORDER BY";
    case TAIL_LIMIT: return "LIMIT";
    case TAIL_OFFSET: return "OFFSET";
    case TAIL_FETCH: return "FETCH";
    case TAIL_EMIT: return "EMIT";
    default: return "ON LATE";
    }
}

/* ORDER BY, then LIMIT and OFFSET in either order, then EMIT and ON LATE. */
static void tail_check(SqlParse *p, const QueryTail *tail, uint32_t what, Tok at) {
    uint32_t counts = TAIL_LIMIT | TAIL_FETCH;
    uint32_t behind = TAIL_EMIT | TAIL_LATE;
    if (tail->seen & what || (what & counts && tail->seen & counts)) {
        build_fail(p, at->pos, "%s is given twice", tail_word(what));
    } else if (what == TAIL_ORDER && tail->seen) {
        build_fail(p, at->pos, "ORDER BY must stand before %s",
                   tail_word(tail->seen & (0u - tail->seen)));
    } else if (!(what & behind) && tail->seen & behind) {
        build_fail(p, at->pos, "%s must stand before EMIT and ON LATE", tail_word(what));
    }
}

QueryTail *build_tail(SqlParse *p, QueryTail *tail, uint32_t what, Tok at, void *a, void *b) {
    if (!tail) {
        tail = arena_zalloc(p->arena, sizeof *tail);
        tail->pos = at->pos;
    }
    tail_check(p, tail, what, at);
    tail->seen |= what;
    switch (what) {
    case TAIL_ORDER: tail->order_by = a; break;
    case TAIL_LIMIT:
    case TAIL_FETCH: tail->limit = a; break;
    case TAIL_OFFSET: tail->offset = a; break;
    case TAIL_EMIT: tail->emit = a; break;
    default: tail->on_late = a; break;
    }
    if (b) { /* LIMIT offset, count */
        if (tail->seen & TAIL_OFFSET) build_fail(p, at->pos, "OFFSET is given twice");
        tail->seen |= TAIL_OFFSET;
        tail->offset = b;
    }
    return tail;
}

Ast *build_query(SqlParse *p, AstVec *with, bool is_recursive, int32_t pos, Ast *body,
                 QueryTail *tail) {
    AstQuery *query = NEW(AstQuery, AST_QUERY, pos);
    query->is_recursive = is_recursive;
    query->with = vec_list(with);
    query->body = body;
    if (tail) {
        query->order_by = vec_list(tail->order_by);
        query->limit = tail->limit;
        query->offset = tail->offset;
        query->emit = (AstEmit *)tail->emit;
        query->on_late = (AstOnLate *)tail->on_late;
    }
    return DONE(query);
}

/* A query that is nothing but its body needs no AST_QUERY inside another query. */
Ast *build_query_body(Ast *node) {
    const AstQuery *query = (const AstQuery *)node;
    bool is_bare = !query->with.n && !query->order_by.n && !query->limit && !query->offset &&
                   !query->emit && !query->on_late;
    if (!is_bare) return node;
    query->body->pos = node->pos; /* with its parentheses */
    query->body->end = node->end;
    return query->body;
}

Ast *build_setop(SqlParse *p, AstSetOpKind op, bool is_all, Ast *left, Ast *right) {
    AstSetOp *setop = NEW(AstSetOp, AST_SETOP, left->pos);
    setop->op = op;
    setop->is_all = is_all;
    setop->left = left;
    setop->right = right;
    return DONE(setop);
}

Ast *build_join(SqlParse *p, int kind, bool is_natural, Ast *left, Ast *right, Ast *on,
                const IdentVec *columns) {
    AstJoin *join = NEW(AstJoin, AST_JOIN, left->pos);
    join->join = (AstJoinKind)kind;
    join->is_natural = is_natural;
    join->left = left;
    join->right = right;
    join->on = on;
    join->using_columns = idents_list(columns);
    return DONE(join);
}

Ast *build_alias_of(SqlParse *p, Tok name, const IdentVec *columns) {
    AstAlias *alias = NEW(AstAlias, AST_ALIAS, name->pos);
    alias->name = ident_of(name);
    alias->columns = idents_list(columns);
    return DONE(alias);
}

Ast *build_alias(SqlParse *p, Ast *table, Ast *alias) {
    switch (table->kind) {
    case AST_TABLE_REF: ((AstTableRef *)table)->alias = (AstAlias *)alias; break;
    case AST_TABLE_FN: ((AstTableFn *)table)->alias = (AstAlias *)alias; break;
    case AST_DERIVED: ((AstDerived *)table)->alias = (AstAlias *)alias; break;
    default:
        assert(table->kind == AST_UNNEST);
        ((AstUnnest *)table)->alias = (AstAlias *)alias;
        break;
    }
    return build_done(p, table);
}

Ast *build_table_fn(SqlParse *p, int32_t pos, bool is_lateral, AstCall *call) {
    AstTableFn *table = NEW(AstTableFn, AST_TABLE_FN, pos);
    build_call_done(p, call);
    table->is_lateral = is_lateral;
    table->call = call;
    return DONE(table);
}

/* (a, b) in GROUP BY is a set of columns, not a row. */
Ast *build_group_item(SqlParse *p, Ast *item) {
    const AstRow *row = (const AstRow *)item;
    AstGrouping *group;
    if (item->kind != AST_ROW || row->is_explicit) return item;
    group = NEW(AstGrouping, AST_GROUPING, item->pos);
    group->items = row->items;
    return DONE(group);
}

static void pattern_add(SqlParse *p, AstVec *vec, AstPatternKind kind, Ast *node) {
    const AstPattern *pattern = (const AstPattern *)node;
    if (pattern->pattern != kind) {
        vec_add(p, vec, node);
        return;
    }
    for (int32_t i = 0; i < pattern->items.n; i++) vec_add(p, vec, pattern->items.items[i]);
}

/* Sequences and alternations are flat. */
Ast *build_pattern(SqlParse *p, AstPatternKind kind, int32_t pos, Ast *left, Ast *right) {
    AstVec vec = {0};
    if (right->pos - left->pos > LIMIT_PATTERN_BYTES) {
        build_fail(p, right->pos, "the pattern is too long");
    }
    pattern_add(p, &vec, kind, left);
    pattern_add(p, &vec, kind, right);
    return build_pattern_items(p, kind, pos, &vec);
}

Ast *build_pattern_items(SqlParse *p, AstPatternKind kind, int32_t pos, const AstVec *items) {
    AstPattern *pattern = NEW(AstPattern, AST_PATTERN, pos);
    pattern->pattern = kind;
    pattern->items = vec_list(items);
    return DONE(pattern);
}

Ast *build_pattern_times(SqlParse *p, Ast *item, int32_t min, int32_t max, bool is_reluctant) {
    AstPattern *pattern = NEW(AstPattern, AST_PATTERN, item->pos);
    pattern->pattern = PATTERN_QUANTIFIED;
    pattern->items = vec_list(vec_add(p, NULL, item));
    pattern->min = min;
    pattern->max = max;
    pattern->is_reluctant = is_reluctant;
    return DONE(pattern);
}
