/* dom.h -- a JSON text as a tree, and SQL/JSON paths into it. For functions on single values; the
 * json format has a decoder of its own. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_DOM_H
#define WEIR_DOM_H

#include "expr/fn.h"

typedef enum DomKind {
    DOM_NULL,
    DOM_FALSE,
    DOM_TRUE,
    DOM_NUMBER,
    DOM_STRING,
    DOM_ARRAY,
    DOM_OBJECT
} DomKind;

typedef struct DomNode DomNode;
struct DomNode {
    DomKind kind;
    Span key;  /* in an object, decoded */
    Span text; /* STRING: decoded; NUMBER: as written */
    DomNode *first, *next;
    uint32_t n; /* children */
};

/* The whole text is one value; NULL when it is not JSON. Lives in the arena and points into the
 * text. */
const DomNode *dom_parse(Arena *arena, Span text);

static inline bool dom_is_scalar(const DomNode *node) {
    return node->kind < DOM_ARRAY;
}

/* Compact JSON text. */
void dom_print(const DomNode *node, Buf *out);
/* A scalar as SQL text: strings bare, fractions as Java writes doubles. */
void dom_print_scalar(const DomNode *node, Buf *out);
void dom_print_string(Span text, Buf *out); /* with quotes and escapes */

/* "[lax|strict] $.a['b'][0][*]..c[1,2][0:2][?(@.x > 1 && @.y)]"; strict when not said. */
typedef struct DomPath DomPath;
/* 2203F (invalid path); 0A000 for functions, and for filters that are more than comparisons. */
Status dom_path_compile(Arena *arena, Span text, const DomPath **out, Err *err) WARN_UNUSED;
/* The value at the path: of a path that can match several (wildcards, slices, ..) an array of all.
 * NULL when there is none. *is_error: and strict mode makes that an error. */
const DomNode *dom_path_find(Arena *arena, const DomPath *path, const DomNode *root,
                             bool *is_error);
bool dom_path_is_lax(const DomPath *path);
/* At most one value. */
bool dom_path_is_definite(const DomPath *path);

#endif
