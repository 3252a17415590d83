/* column.c -- making columns from columns, and equality and order of values.
 *
 * col_value_cmp is the reference order of the system: rowkey bytes compare the same way.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "data/data.h"

enum { SORT_ON_STACK = 64 };

int str_cmp(const Str *a, const Str *b) {
    uint32_t pa, pb, len = a->len < b->len ? a->len : b->len;
    int order;
    memcpy(&pa, a->prefix, 4);
    memcpy(&pb, b->prefix, 4);
    if (pa != pb && len >= 4) return __builtin_bswap32(pa) < __builtin_bswap32(pb) ? -1 : 1;
    order = len ? memcmp(str_bytes(a), str_bytes(b), len) : 0;
    if (order != 0) return order < 0 ? -1 : 1;
    return a->len < b->len ? -1 : a->len > b->len;
}

Column col_constant(const Column *src, uint32_t row, uint32_t n_rows) {
    Column col = *src;
    uint32_t at = col_at(src, row);
    col.is_const = true;
    col.n_rows = n_rows;
    col.valid = NULL;
    if (src->valid && !bit_get(src->valid, at)) {
        static const uint64_t no_bits = 0;
        col.valid = &no_bits;
    }
    if (at == 0) return col;
    switch (type_phys(src->type)) {
    case PHYS_NULL: break;
    case PHYS_LIST: col.offsets = src->offsets + at; break;
    case PHYS_ROW:
        /* A field of a constant is read at row 0, so each child must begin there. The children
         * array itself cannot be changed; col_gather is the way to a ROW's later rows. */
        assert(!"col_constant of a ROW takes row 0");
        break;
    default: col.data = (const char *)src->data + (size_t)at * phys_width(type_phys(src->type));
    }
    return col;
}

Column col_null(Arena *arena, const Type *type, uint32_t n_rows) {
    static const uint64_t no_bits = 0;
    static const uint64_t zeros[2] = {0,
                                      0}; /* any fixed-width value, and an empty LIST's offsets */
    Column col = {.type = type, .n_rows = n_rows, .is_const = true, .valid = &no_bits};
    uint32_t n = type_n_children(type);
    col.data = zeros;
    if (n) {
        Column *children = arena_array(arena, Column, n);
        for (uint32_t i = 0; i < n; i++) children[i] = col_null(arena, type_child(type, i), n_rows);
        col.children = children;
        col.n_children = n;
    }
    return col;
}

#define GATHER(T)                                                   \
    do {                                                            \
        T *to = data;                                               \
        const T *from = src->data;                                  \
        if (src->is_const) {                                        \
            for (uint32_t i = 0; i < n; i++) to[i] = from[0];       \
        } else {                                                    \
            for (uint32_t i = 0; i < n; i++) to[i] = from[rows[i]]; \
        }                                                           \
    } while (0)

static void *gather_fixed(Arena *arena, const Column *src, const uint32_t *rows, uint32_t n) {
    uint32_t width = phys_width(type_phys(src->type));
    void *data = arena_alloc(arena, (size_t)n * width);
    switch (width) {
    case 1: GATHER(uint8_t); break;
    case 2: GATHER(uint16_t); break;
    case 4: GATHER(uint32_t); break;
    case 8: GATHER(uint64_t); break;
    case 16: GATHER(Str); break;
    default: break;
    }
    return data;
}

static void gather_list(Arena *arena, const Column *src, const uint32_t *rows, uint32_t n,
                        Column *out) {
    uint32_t *offsets = arena_alloc(arena, sizeof *offsets * ((size_t)n + 1)), *elems;
    Column *children = arena_array(arena, Column, src->n_children);
    uint32_t n_elems = 0;
    offsets[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = col_at(src, rows[i]);
        n_elems += src->offsets[at + 1] - src->offsets[at];
        offsets[i + 1] = n_elems;
    }
    elems = arena_alloc(arena, sizeof *elems * (size_t)n_elems);
    for (uint32_t i = 0, k = 0; i < n; i++) {
        uint32_t at = col_at(src, rows[i]);
        for (uint32_t e = src->offsets[at]; e < src->offsets[at + 1]; e++) elems[k++] = e;
    }
    for (uint32_t c = 0; c < src->n_children; c++) {
        children[c] = col_gather(arena, &src->children[c], elems, n_elems);
    }
    out->offsets = offsets;
    out->children = children;
}

static const uint64_t *gather_valid(Arena *arena, const Column *src, const uint32_t *rows,
                                    uint32_t n) {
    uint64_t *valid;
    if (!src->valid) return NULL;
    if (src->is_const && bit_get(src->valid, 0)) return NULL;
    valid = arena_array(arena, uint64_t, bit_words(n) + 1);
    if (src->is_const) return valid;
    for (uint32_t i = 0; i < n; i++) {
        valid[i >> 6] |= (uint64_t)bit_get(src->valid, rows[i]) << (i & 63);
    }
    return valid;
}

Column col_gather(Arena *arena, const Column *src, const uint32_t *rows, uint32_t n) {
    Column out = {.type = src->type, .n_rows = n, .n_children = src->n_children};
    out.valid = gather_valid(arena, src, rows, n);
    switch (type_phys(src->type)) {
    case PHYS_NULL: break;
    case PHYS_LIST: gather_list(arena, src, rows, n, &out); break;
    case PHYS_ROW: {
        Column *children = arena_array(arena, Column, src->n_children);
        const uint32_t *at = rows;
        if (src->is_const) at = arena_array(arena, uint32_t, n);
        for (uint32_t c = 0; c < src->n_children; c++) {
            children[c] = col_gather(arena, &src->children[c], at, n);
        }
        out.children = children;
        break;
    }
    default: out.data = gather_fixed(arena, src, rows, n);
    }
    return out;
}

/* Gives a gathered column its own bytes of long strings. */
static void col_own(Arena *arena, Column *col) {
    Str *strs = (Str *)col->data;
    size_t len = 0;
    char *bytes;
    for (uint32_t c = 0; c < col->n_children; c++) col_own(arena, (Column *)&col->children[c]);
    if (type_phys(col->type) != PHYS_STR) return;
    for (uint32_t i = 0; i < col->n_rows; i++)
        if (strs[i].len > STR_INLINE_MAX) len += strs[i].len;
    if (!len) return;
    bytes = arena_alloc(arena, len);
    for (uint32_t i = 0; i < col->n_rows; i++) {
        if (strs[i].len <= STR_INLINE_MAX) continue;
        memcpy(bytes, strs[i].ptr, strs[i].len);
        strs[i].ptr = bytes;
        bytes += strs[i].len;
    }
}

Column col_copy(Arena *arena, const Column *src, const uint32_t *rows, uint32_t n) {
    static const uint32_t first = 0;
    Column copy = col_gather(arena, src, src->is_const ? &first : rows, src->is_const ? n > 0 : n);
    col_own(arena, &copy);
    copy.is_const = src->is_const;
    copy.n_rows = n;
    return copy;
}

Column col_flatten(Arena *arena, const Column *src) {
    uint32_t *rows;
    if (!src->is_const) return *src;
    rows = arena_array(arena, uint32_t, src->n_rows);
    return col_gather(arena, src, rows, src->n_rows);
}

/* ---- equality and order ---- */

#define ORDER(x, y) ((x) < (y) ? -1 : (x) > (y))

static int cmp_floats(double a, double b) {
    bool a_nan = a != a, b_nan = b != b;
    if (a_nan || b_nan) return (int)a_nan - (int)b_nan;
    return ORDER(a, b);
}

typedef struct EntrySort {
    const Column *keys;
} EntrySort;

static int cmp_entries(const void *a, const void *b, void *ctx) {
    const Column *keys = ((const EntrySort *)ctx)->keys;
    return col_value_cmp(keys, *(const uint32_t *)a, keys, *(const uint32_t *)b);
}

void col_sort_entries(const Column *map, uint32_t from, uint32_t n, uint32_t *index) {
    EntrySort sort = {.keys = &map->children[0]};
    for (uint32_t i = 0; i < n; i++) index[i] = from + i;
    if (n > 1) qsort_r(index, n, sizeof *index, cmp_entries, &sort);
}

static int cmp_elems(const Column *a, const uint32_t *index_a, uint32_t n_a, const Column *b,
                     const uint32_t *index_b, uint32_t n_b) {
    for (uint32_t i = 0; i < n_a && i < n_b; i++) {
        for (uint32_t c = 0; c < a->n_children; c++) {
            int order = col_value_cmp(&a->children[c], index_a[i], &b->children[c], index_b[i]);
            if (order != 0) return order;
        }
    }
    return ORDER(n_a, n_b);
}

static int cmp_maps(const Column *a, uint32_t at_a, const Column *b, uint32_t at_b) {
    uint32_t n_a = a->offsets[at_a + 1] - a->offsets[at_a];
    uint32_t n_b = b->offsets[at_b + 1] - b->offsets[at_b];
    uint32_t on_stack[SORT_ON_STACK], *index = on_stack;
    size_t size = sizeof *index * ((size_t)n_a + n_b);
    int order;
    if ((size_t)n_a + n_b > SORT_ON_STACK) index = mem_alloc(NULL, size);
    col_sort_entries(a, a->offsets[at_a], n_a, index);
    col_sort_entries(b, b->offsets[at_b], n_b, index + n_a);
    order = cmp_elems(a, index, n_a, b, index + n_a, n_b);
    if (index != on_stack) mem_free(NULL, index, size);
    return order;
}

static int cmp_arrays(const Column *a, uint32_t at_a, const Column *b, uint32_t at_b) {
    uint32_t n_a = a->offsets[at_a + 1] - a->offsets[at_a];
    uint32_t n_b = b->offsets[at_b + 1] - b->offsets[at_b];
    for (uint32_t i = 0; i < n_a && i < n_b; i++) {
        int order = col_value_cmp(&a->children[0], a->offsets[at_a] + i, &b->children[0],
                                  b->offsets[at_b] + i);
        if (order != 0) return order;
    }
    return ORDER(n_a, n_b);
}

int col_value_cmp(const Column *a, uint32_t row_a, const Column *b, uint32_t row_b) {
    uint32_t i = col_at(a, row_a), j = col_at(b, row_b);
    bool a_null = col_is_null(a, row_a), b_null = col_is_null(b, row_b);
    assert(type_phys(a->type) == type_phys(b->type));
    if (a_null || b_null) return (int)a_null - (int)b_null;
    switch (type_phys(a->type)) {
    case PHYS_NULL: return 0;
    case PHYS_I8: return ORDER(a->i8[i], b->i8[j]);
    case PHYS_I16: return ORDER(a->i16[i], b->i16[j]);
    case PHYS_I32: return ORDER(a->i32[i], b->i32[j]);
    case PHYS_I64: return ORDER(a->i64[i], b->i64[j]);
    case PHYS_F32: return cmp_floats((double)a->f32[i], (double)b->f32[j]);
    case PHYS_F64: return cmp_floats(a->f64[i], b->f64[j]);
    case PHYS_I128: return ORDER(a->i128[i], b->i128[j]);
    case PHYS_STR: return str_cmp(&a->str[i], &b->str[j]);
    case PHYS_LIST: return a->n_children == 1 ? cmp_arrays(a, i, b, j) : cmp_maps(a, i, b, j);
    case PHYS_ROW:
        for (uint32_t c = 0; c < a->n_children; c++) {
            int order = col_value_cmp(&a->children[c], i, &b->children[c], j);
            if (order != 0) return order;
        }
        return 0;
    }
    return 0;
}

bool col_value_eq(const Column *a, uint32_t row_a, const Column *b, uint32_t row_b) {
    if (type_phys(a->type) == PHYS_STR && !a->valid && !b->valid) {
        return str_eq(&a->str[col_at(a, row_a)], &b->str[col_at(b, row_b)]);
    }
    return col_value_cmp(a, row_a, b, row_b) == 0;
}
