/* column.h -- one column of a batch.
 *
 * Flat or constant. A constant stores one value (index 0) that stands for all n_rows rows. Validity
 * is a bitmap, bit i set = row i is not NULL; no bitmap = no NULLs. The data under a NULL is zeroed
 * (for a LIST: an empty range), so typed loops may compute on it, but whatever can fail on a value
 * (division, casts) must look at validity first.
 *
 *   LIST: offsets[0..n_rows], children[0] = elements or keys, children[1] = values (MAP) or INT
 *         counts (MULTISET)
 *   ROW:  children[i] = field i, each with n_rows rows; a NULL row has NULL fields
 *
 * Children may be constants themselves: index them with col_at, as any column. A constant ROW or
 * LIST keeps its one value at row 0 (and offsets[0..1]) of children of any length.
 *
 * Columns own nothing: data lives in a scratch arena, in the input bytes, or in the plan's arena.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_COLUMN_H
#define WEIR_COLUMN_H

#include "data/type.h"

typedef __int128 Int128;

/* A string view: up to 12 bytes inline, else a pointer; the first 4 bytes always at the same place,
 * for quick inequality. Unused inline bytes are zero, so two short strings are equal when their 16
 * bytes are. */
enum { STR_INLINE_MAX = 12 };
typedef struct Str {
    uint32_t len; /* bytes */
    char prefix[4];
    union {
        char rest[8];
        const char *ptr;
    };
} Str;
_Static_assert(sizeof(Str) == 16, "a Str is two machine words");

static inline const char *str_bytes(const Str *s) {
    return s->len <= STR_INLINE_MAX ? s->prefix : s->ptr;
}
static inline Span str_span(const Str *s) {
    return (Span){str_bytes(s), s->len};
}
/* Borrows the bytes when longer than 12. */
static inline Str str_make(const char *bytes, uint32_t len) {
    Str s = {.len = len};
    if (len <= STR_INLINE_MAX) {
        if (len) memcpy(s.prefix, bytes, len); /* runs on into rest */
    } else {
        memcpy(s.prefix, bytes, 4);
        s.ptr = bytes;
    }
    return s;
}
static inline bool str_eq(const Str *a, const Str *b) {
    if (memcmp(a, b, 8) != 0) return false; /* length and prefix */
    if (a->len <= STR_INLINE_MAX) return memcmp(a->rest, b->rest, 8) == 0;
    return memcmp(a->ptr, b->ptr, a->len) == 0;
}
int str_cmp(const Str *a, const Str *b); /* byte order */

typedef struct Column Column;
struct Column {
    const Type *type;
    uint32_t n_rows; /* logical rows, also of a constant */
    bool is_const;
    const uint64_t *valid; /* NULL = no NULLs; a constant uses bit 0 */
    union {
        const void *data;
        const int8_t *i8;
        const int16_t *i16;
        const int32_t *i32;
        const int64_t *i64;
        const float *f32;
        const double *f64;
        const Int128 *i128;
        const Str *str;
        const uint32_t *offsets; /* LIST: n_rows + 1 entries */
    };
    const Column *children;
    uint32_t n_children;
};

static inline bool bit_get(const uint64_t *bits, uint32_t i) {
    return (bits[i >> 6] >> (i & 63)) & 1;
}
static inline void bit_set(uint64_t *bits, uint32_t i) {
    bits[i >> 6] |= UINT64_C(1) << (i & 63);
}
static inline void bit_clear(uint64_t *bits, uint32_t i) {
    bits[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}
static inline uint32_t bit_words(uint32_t n) {
    return (n + 63) / 64;
}

/* Where row i of the column is stored. */
static inline uint32_t col_at(const Column *col, uint32_t row) {
    return col->is_const ? 0 : row;
}
static inline bool col_is_null(const Column *col, uint32_t row) {
    return col->valid && !bit_get(col->valid, col_at(col, row));
}

/* A constant column of n_rows rows from row `row` of src; shares src's memory. Of a flat ROW only
 * row 0 can be taken (col_gather takes the others). */
Column col_constant(const Column *src, uint32_t row, uint32_t n_rows);
/* All NULL. */
Column col_null(Arena *arena, const Type *type, uint32_t n_rows);
/* Rows rows[0..n) of src as a flat column; fixed-width values and views are copied, string bytes
 * are shared. */
Column col_gather(Arena *arena, const Column *src, const uint32_t *rows, uint32_t n);
/* As col_gather, with nothing shared: bytes of strings are copied too, and a constant stays one. */
Column col_copy(Arena *arena, const Column *src, const uint32_t *rows, uint32_t n);
/* src itself when flat, else its constant written out n_rows times. */
Column col_flatten(Arena *arena, const Column *src);

/* SQL equality and order of two values of the same type (NULLs equal to each other, and last).
 * Floats as PostgreSQL orders them: NaN equals NaN and is above all; -0 equals 0. */
bool col_value_eq(const Column *a, uint32_t row_a, const Column *b, uint32_t row_b);
int col_value_cmp(const Column *a, uint32_t row_a, const Column *b, uint32_t row_b);
/* The rows from .. from + n of a MAP's or MULTISET's children, sorted by key, into index: two maps
 * are equal when their sorted entries are, whatever the order they were made in. */
void col_sort_entries(const Column *map, uint32_t from, uint32_t n, uint32_t *index);

#endif
