/* span.h -- a borrowed run of bytes: pointer and length, not NUL-terminated. Lives as long as what
 * it points into.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_SPAN_H
#define WEIR_SPAN_H

#include "base/mem.h"

#include <string.h>

typedef struct Span {
    const char *ptr;
    size_t len; /* bytes */
} Span;

#define SPAN(literal) ((Span){(literal), sizeof(literal) - 1})
#define SPAN_FMT "%.*s"
#define SPAN_ARG(s) (int)(s).len, (s).ptr

static inline Span span_of(const char *text) {
    return (Span){text, text ? strlen(text) : 0};
}
static inline bool span_eq(Span a, Span b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool span_is(Span a, const char *text) {
    return span_eq(a, span_of(text));
}

/* ASCII letters only, as SQL keywords and option names are. */
bool span_eq_nocase(Span a, Span b);
bool span_is_nocase(Span a, const char *text);
int span_cmp(Span a, Span b); /* byte order; a prefix sorts first */
bool span_starts_with(Span a, const char *prefix);
bool span_ends_with(Span a, const char *suffix);
Span span_trim(Span a); /* ASCII white space at both ends */
Span span_copy(Arena *arena, Span a);

/* The candidate that the user most likely meant by `name`, by edit distance; an empty span when
 * none is near. */
Span span_nearest(Span name, const Span *candidates, size_t n);

#endif
