/* build.c -- makes nodes and lists for the grammar's actions.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/build.h"
#include "sql/ast_fields.h"

#include <stdarg.h>

Ast *build_node(SqlParse *p, AstKind kind, int32_t pos) {
    Ast *node = arena_zalloc(p->arena, ast_size(kind));
    node->kind = kind;
    node->pos = pos;
    node->end = p->prev_end;
    node->depth = 1;
    return node;
}

static void build_see_child(const Ast *child, void *arg) {
    int32_t *depth = arg;
    if (child->depth > *depth) *depth = child->depth;
}

Ast *build_done(SqlParse *p, Ast *node) {
    int32_t depth = 0;
    ast_each_child(node, build_see_child, &depth);
    node->depth = depth + 1;
    node->end = p->prev_end;
    if (node->depth > LIMIT_AST_DEPTH) build_fail_deep(p, node->pos);
    return node;
}

AstVec *vec_add(SqlParse *p, AstVec *vec, void *node) {
    if (!vec) vec = arena_zalloc(p->arena, sizeof *vec);
    if (!node) return vec;
    if (vec->n == vec->cap) {
        int32_t cap = vec->cap ? vec->cap * 2 : 4;
        Ast **items = arena_alloc(p->arena, sizeof *items * (size_t)cap);
        if (vec->n) memcpy(items, vec->items, sizeof *items * (size_t)vec->n);
        vec->items = items;
        vec->cap = cap;
    }
    vec->items[vec->n++] = node;
    return vec;
}

AstList vec_list(const AstVec *vec) {
    return vec ? (AstList){vec->items, vec->n} : (AstList){0};
}

AstIdent ident_of(Tok tok) {
    if (!tok) return (AstIdent){0};
    return (AstIdent){tok->text, tok->pos, tok->end, tok->is_quoted};
}

IdentVec *idents_add(SqlParse *p, IdentVec *vec, Tok name) {
    if (!vec) vec = arena_zalloc(p->arena, sizeof *vec);
    if (vec->n == vec->cap) {
        int32_t cap = vec->cap ? vec->cap * 2 : 4;
        AstIdent *items = arena_alloc(p->arena, sizeof *items * (size_t)cap);
        if (vec->n) memcpy(items, vec->items, sizeof *items * (size_t)vec->n);
        vec->items = items;
        vec->cap = cap;
    }
    vec->items[vec->n++] = ident_of(name);
    return vec;
}

AstIdents idents_list(const IdentVec *vec) {
    return vec ? (AstIdents){vec->items, vec->n} : (AstIdents){0};
}

void build_fail(SqlParse *p, int32_t pos, const char *fmt, ...) {
    char message[sizeof p->err->message];
    va_list args;
    if (p->status != ST_OK) return;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    p->status = err_set(p->err, ST_INVALID, "42601", pos, __FILE__, __LINE__, "%s", message);
}

void build_fail_deep(SqlParse *p, int32_t pos) {
    if (p->status != ST_OK) return;
    p->status = err_set(p->err, ST_LIMIT, "54001", pos, __FILE__, __LINE__,
                        "the statement is nested too deeply");
    build_hint(p, "at most %d levels are allowed", LIMIT_AST_DEPTH);
}

void build_hint(SqlParse *p, const char *fmt, ...) {
    va_list args;
    if (!p->err || p->err->hint[0]) return;
    va_start(args, fmt);
    vsnprintf(p->err->hint, sizeof p->err->hint, fmt, args);
    va_end(args);
}
