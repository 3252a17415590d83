/* span.c -- comparing and copying borrowed bytes; "did you mean".
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

enum {
    NEAREST_MAX = 64
}; /* longer names get no suggestion: the distance table lives on the stack */

static unsigned char ascii_lower(char c) {
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

bool span_eq_nocase(Span a, Span b) {
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++) {
        if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i])) return false;
    }
    return true;
}

bool span_is_nocase(Span a, const char *text) {
    return span_eq_nocase(a, span_of(text));
}

int span_cmp(Span a, Span b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
    if (order) return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool span_starts_with(Span a, const char *prefix) {
    size_t n = strlen(prefix);
    return a.len >= n && memcmp(a.ptr, prefix, n) == 0;
}

bool span_ends_with(Span a, const char *suffix) {
    size_t n = strlen(suffix);
    return a.len >= n && memcmp(a.ptr + a.len - n, suffix, n) == 0;
}

static bool ascii_is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

Span span_trim(Span a) {
    while (a.len && ascii_is_space(a.ptr[0])) a.ptr++, a.len--;
    while (a.len && ascii_is_space(a.ptr[a.len - 1])) a.len--;
    return a;
}

Span span_copy(Arena *arena, Span a) {
    return (Span){arena_strndup(arena, a.ptr, a.len), a.len};
}

/* Levenshtein distance without regard to case; both at most NEAREST_MAX long. */
static unsigned edit_distance(Span a, Span b) {
    unsigned row[NEAREST_MAX + 1];
    for (unsigned j = 0; j <= b.len; j++) row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned keep = diagonal + (ascii_lower(a.ptr[i - 1]) != ascii_lower(b.ptr[j - 1]));
            unsigned change = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = keep < change ? keep : change;
        }
    }
    return row[b.len];
}

Span span_nearest(Span name, const Span *candidates, size_t n) {
    Span best = {NULL, 0};
    unsigned best_distance = (unsigned)(name.len / 3) + 1;
    if (name.len > NEAREST_MAX) return best;
    for (size_t i = 0; i < n; i++) {
        unsigned distance;
        if (candidates[i].len > NEAREST_MAX) continue;
        distance = edit_distance(name, candidates[i]);
        if (distance < best_distance || (distance == best_distance && !best.ptr)) {
            best = candidates[i];
            best_distance = distance;
        }
    }
    return best;
}
