/* scope.c -- which column a name means. A name's first parts may be a table's alias or path, then
 * comes a column, then ROW fields. A table wins over a column of the same name, unless it has no
 * such column.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

Status scope_of_node(Binder *b, const Node *node, Span alias, const AstAlias *columns, Scope *out,
                     Err *err) {
    uint32_t n = node->schema.n_fields;
    uint32_t n_names = columns ? (uint32_t)columns->columns.n : 0;
    if (n_names && n_names != n) {
        FAIL(err, ST_INVALID, "42P10", bind_pos(b, columns->ast.pos),
             "`" SPAN_FMT "` has %u columns, but the list names %u", SPAN_ARG(alias), n, n_names);
    }
    *out = (Scope){.n_rels = 1, .n_cols = n};
    out->rels = arena_new(b->arena, ScopeRel);
    out->rels[0].alias = alias;
    out->cols = arena_array(b->arena, ScopeCol, n);
    for (uint32_t i = 0; i < n; i++) {
        out->cols[i] = (ScopeCol){.name = n_names ? columns->columns.items[i].text
                                                  : node->schema.fields[i].name,
                                  .index = i,
                                  .type = node->schema.fields[i].type};
    }
    return ST_OK;
}

Scope scope_join(Arena *arena, const Scope *left, const Scope *right, uint32_t n_left_cols) {
    Scope out = {.n_rels = left->n_rels + right->n_rels,
                 .n_cols = left->n_cols + right->n_cols,
                 .outer = left->outer,
                 .domain = left->domain,
                 .domain_at = left->domain_at,
                 .owner = left->owner};
    out.rels = arena_array(arena, ScopeRel, out.n_rels);
    out.cols = arena_array(arena, ScopeCol, out.n_cols);
    if (left->n_rels) memcpy(out.rels, left->rels, left->n_rels * sizeof *out.rels);
    if (right->n_rels) {
        memcpy(out.rels + left->n_rels, right->rels, right->n_rels * sizeof *out.rels);
    }
    if (left->n_cols) memcpy(out.cols, left->cols, left->n_cols * sizeof *out.cols);
    for (uint32_t i = 0; i < right->n_cols; i++) {
        ScopeCol *col = &out.cols[left->n_cols + i];
        *col = right->cols[i];
        col->index += n_left_cols;
        if (col->rel != REL_NONE) col->rel += (int32_t)left->n_rels;
    }
    return out;
}

void scope_retype(Arena *arena, Scope *scope, const Schema *schema) {
    ScopeCol *cols = arena_array(arena, ScopeCol, scope->n_cols);
    for (uint32_t i = 0; i < scope->n_cols; i++) {
        cols[i] = scope->cols[i];
        cols[i].type = schema->fields[cols[i].index].type;
    }
    scope->cols = cols;
}

static bool scope_rel_is(const ScopeRel *rel, const AstIdents *parts, int32_t n) {
    if (!span_eq(rel->alias, parts->items[n - 1].text)) return false;
    if (n > 1 && !(rel->database.len && span_eq(rel->database, parts->items[n - 2].text))) {
        return false;
    }
    return n < 3 || (rel->catalog.len && span_eq(rel->catalog, parts->items[n - 3].text));
}

int32_t scope_find_rel(const Scope *scope, const AstIdents *parts, int32_t n_parts) {
    if (n_parts < 1 || n_parts > 3) return REL_NONE;
    for (uint32_t i = 0; i < scope->n_rels; i++) {
        if (scope_rel_is(&scope->rels[i], parts, n_parts)) return (int32_t)i;
    }
    return REL_NONE;
}

typedef struct ScopeHit {
    const ScopeCol *col;
    uint32_t n; /* how many fit */
} ScopeHit;

/* rel REL_NONE: a bare name, of any table. */
static ScopeHit scope_find(const Scope *scope, int32_t rel, Span name) {
    ScopeHit hit = {0};
    for (uint32_t i = 0; i < scope->n_cols; i++) {
        const ScopeCol *col = &scope->cols[i];
        if (rel == REL_NONE ? col->is_hidden : col->rel != rel) continue;
        if (!span_eq(col->name, name)) continue;
        if (!hit.n) hit.col = col;
        hit.n++;
    }
    return hit;
}

/* How many parts of a name lead to a field of the type; 0 when one does not exist. */
static bool scope_path_exists(const Type *type, const AstIdents *parts, int32_t from) {
    for (int32_t i = from; i < parts->n; i++) {
        int32_t field = type->kind == TYPE_ROW ? schema_find(&type->row, parts->items[i].text) : -1;
        if (field < 0) return false;
        type = type->row.fields[field].type;
    }
    return true;
}

static Status scope_ambiguous(const Binder *b, const Scope *scope, const AstIdent *ident,
                              Err *err) {
    Span tables[2] = {{0}, {0}};
    uint32_t n = 0;
    err_set(err, ST_INVALID, "42702", bind_pos(b, ident->pos), __FILE__, __LINE__,
            "column `" SPAN_FMT "` is ambiguous", SPAN_ARG(ident->text));
    for (uint32_t i = 0; i < scope->n_cols && n < 2; i++) {
        const ScopeCol *col = &scope->cols[i];
        if (col->is_hidden || col->rel == REL_NONE || !span_eq(col->name, ident->text)) continue;
        tables[n++] = scope->rels[col->rel].alias;
    }
    if (n == 2 && tables[0].len && tables[1].len && !span_eq(tables[0], tables[1])) {
        return err_hint(err, "write `" SPAN_FMT "`.`" SPAN_FMT "` or `" SPAN_FMT "`.`" SPAN_FMT "`",
                        SPAN_ARG(tables[0]), SPAN_ARG(ident->text), SPAN_ARG(tables[1]),
                        SPAN_ARG(ident->text));
    }
    return err_hint(err, "give the columns different names with AS");
}

static Status scope_no_column(const Binder *b, const Scope *scope, int32_t rel,
                              const AstIdent *ident, Err *err) {
    Span *names = arena_array(b->arena, Span, scope->n_cols);
    Span best;
    uint32_t n = 0;
    for (uint32_t i = 0; i < scope->n_cols; i++) {
        if (rel != REL_NONE && scope->cols[i].rel != rel) continue;
        names[n++] = scope->cols[i].name;
    }
    best = span_nearest(ident->text, names, n);
    err_set(err, ST_INVALID, "42703", bind_pos(b, ident->pos), __FILE__, __LINE__,
            "column `" SPAN_FMT "` does not exist", SPAN_ARG(ident->text));
    if (best.len) return err_hint(err, "did you mean `" SPAN_FMT "`?", SPAN_ARG(best));
    if (!n) return err_hint(err, "there is no FROM clause that could provide columns");
    if (n <= 8) {
        Buf list;
        buf_init(&list, NULL);
        for (uint32_t i = 0; i < n; i++) {
            buf_printf(&list, "%s" SPAN_FMT, i ? ", " : "", SPAN_ARG(names[i]));
        }
        err_hint(err, "the columns are: %s", buf_cstr(&list));
        buf_deinit(&list);
    }
    return ST_INVALID;
}

/* t.a where a subquery without a name, SELECT t.a FROM t, stands: the one such column, or NULL. */
static const ScopeCol *scope_find_origin(const Scope *scope, const AstIdents *parts) {
    const ScopeCol *found = NULL;
    for (uint32_t i = 0; i < scope->n_cols; i++) {
        const ScopeCol *col = &scope->cols[i];
        if (!col->origin.len || !span_eq(col->origin, parts->items[0].text) ||
            !span_eq(col->name, parts->items[1].text)) {
            continue;
        }
        if (found) return NULL;
        found = col;
    }
    return found;
}

/* Looks in one scope. *out->col stays NULL when the name leads nowhere there. */
static Status scope_try(const Binder *b, const Scope *scope, const AstName *name, NameMatch *out,
                        Err *err) {
    const AstIdents *parts = &name->parts;
    const NameMatch none = {0};
    NameMatch by_table = none;
    ScopeHit hit;
    for (int32_t n = parts->n - 1; n >= 1 && !by_table.col; n--) {
        int32_t rel = scope_find_rel(scope, parts, n);
        if (rel == REL_NONE) continue;
        hit = scope_find(scope, rel, parts->items[n].text);
        if (hit.n > 1) return scope_ambiguous(b, scope, &parts->items[n], err);
        if (hit.n) by_table = (NameMatch){.col = hit.col, .n_used = n + 1};
    }
    if (by_table.col && scope_path_exists(by_table.col->type, parts, by_table.n_used)) {
        *out = by_table;
        return ST_OK;
    }
    if (!by_table.col && parts->n > 1) {
        by_table = (NameMatch){.col = scope_find_origin(scope, parts), .n_used = 2};
    }
    hit = scope_find(scope, REL_NONE, parts->items[0].text);
    /* person.id where the table person has a column person, but no column id that fits. */
    if (hit.n && (!by_table.col || scope_path_exists(hit.col->type, parts, 1))) {
        if (hit.n > 1) return scope_ambiguous(b, scope, &parts->items[0], err);
        *out = (NameMatch){.col = hit.col, .n_used = 1};
        return ST_OK;
    }
    *out = by_table;
    return ST_OK;
}

/* The name in the scope, or in one around it whose columns the scope can be given. */
static Status scope_search(Binder *b, const Scope *scope, const AstName *name, NameMatch *out,
                           Err *err) {
    NameMatch match = {0};
    ScopeCol *col;
    *out = match;
    TRY(scope_try(b, scope, name, out, err));
    if (out->col || !scope->outer) return ST_OK;
    TRY(scope_search(b, scope->outer, name, &match, err));
    if (!match.col) return ST_OK;
    if (!scope->domain) {
        return bind_unsupported(b, name->ast.pos, "a subquery that refers to the query around it",
                                "write it as a join", err);
    }
    col = arena_new(b->arena, ScopeCol);
    *col = *match.col;
    col->index = domain_column(b, scope, match.col->index);
    *out = match;
    out->col = col;
    return ST_OK;
}

Status scope_resolve(Binder *b, const Scope *scope, const AstName *name, bool may_outer,
                     NameMatch *out, Err *err) {
    const AstIdents *parts = &name->parts;
    *out = (NameMatch){0};
    TRY(scope_try(b, scope, name, out, err));
    if (out->col) return ST_OK;
    if (may_outer && scope->outer && !scope->domain) {
        TRY(scope_search(b, scope->outer, name, out, err));
        out->is_outer = out->col != NULL;
    } else if (scope->outer) {
        TRY(scope_search(b, scope, name, out, err));
    }
    if (out->col) return ST_OK;
    for (int32_t n = parts->n - 1; n >= 1; n--) {
        int32_t rel = scope_find_rel(scope, parts, n);
        if (rel != REL_NONE) return scope_no_column(b, scope, rel, &parts->items[n], err);
    }
    if (parts->n > 1) {
        Span *names = arena_array(b->arena, Span, scope->n_rels + scope->n_cols);
        Span best;
        uint32_t n = 0;
        for (uint32_t i = 0; i < scope->n_rels; i++) names[n++] = scope->rels[i].alias;
        for (uint32_t i = 0; i < scope->n_cols; i++) names[n++] = scope->cols[i].name;
        best = span_nearest(parts->items[0].text, names, n);
        err_set(err, ST_INVALID, "42P01", bind_pos(b, parts->items[0].pos), __FILE__, __LINE__,
                "there is no table or column `" SPAN_FMT "` here", SPAN_ARG(parts->items[0].text));
        for (uint32_t i = 0; i < scope->n_rels; i++) {
            const ScopeRel *rel = &scope->rels[i];
            if (!span_eq(rel->table, parts->items[0].text)) continue;
            return err_hint(err, "the table is called `" SPAN_FMT "` in this query",
                            SPAN_ARG(rel->alias));
        }
        if (best.len) return err_hint(err, "did you mean `" SPAN_FMT "`?", SPAN_ARG(best));
        return err_hint(err, "only the tables of the FROM clause can be named");
    }
    return scope_no_column(b, scope, REL_NONE, &parts->items[0], err);
}
