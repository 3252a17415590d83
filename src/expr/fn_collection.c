/* fn_collection.c -- making and reading ARRAYs and MAPs: constructors, access by index or key,
 * CARDINALITY, ELEMENT, the MAP_ functions, STR_TO_MAP. SPDX-License-Identifier: Apache-2.0
 */
#include "expr/list.h"

#define COLLECTION_KERNEL(kernel)                                                                  \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* ---- constructors ---- */

COLLECTION_KERNEL(collection_array) {
    ColBuilder b;
    (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < n_args; k++) colb_append(&b.children[0], &args[k], i, false);
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

/* Of equal keys the last one counts. */
COLLECTION_KERNEL(collection_map) {
    ColBuilder b;
    (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < n_args; k += 2) {
            bool is_last = true;
            for (uint32_t j = k + 2; j < n_args && is_last; j += 2)
                is_last = !col_value_eq(&args[k], i, &args[j], i);
            if (!is_last) continue;
            colb_append(&b.children[0], &args[k], i, false);
            colb_append(&b.children[1], &args[k + 1], i, false);
        }
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

static Status collection_derive_map(Arena *arena, Expr *const *args, uint32_t n_args,
                                    const Type **out, Err *err) {
    if (n_args == 0 || n_args % 2)
        FAIL(err, ST_INVALID, "42883", -1, "MAP takes pairs of a key and a value");
    const Type *key = args[0]->type, *value = args[1]->type;
    for (uint32_t i = 2; i < n_args; i += 2) {
        key = type_with_null(arena, key, key->is_nullable || args[i]->type->is_nullable);
        value = type_with_null(arena, value, value->is_nullable || args[i + 1]->type->is_nullable);
    }
    key = type_with_attr(arena, key, TIME_ATTR_NONE);
    value = type_with_attr(arena, value, TIME_ATTR_NONE);
    *out = type_with_null(arena, type_map(arena, key, value), false);
    return ST_OK;
}

/* ---- access ---- */

/* Builds the column of elements at[i] of the children; SIZE_MAX is NULL. */
static void collection_pick(FnCtx *ctx, const Column *elems, const uint32_t *at, uint32_t n,
                            Column *out) {
    ColBuilder b;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (at[i] == UINT32_MAX) {
            colb_null(&b);
        } else {
            colb_append(&b, elems, at[i], false);
        }
    }
    colb_finish(&b, out);
}

/* From 1; beyond the end is NULL. */
COLLECTION_KERNEL(collection_item) {
    uint32_t *at = arena_array(ctx->scratch, uint32_t, n);
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        at[i] = UINT32_MAX;
        if (!fn_is_valid(out, i)) continue;
        int64_t index = fn_int(&args[1], i);
        ListRange range = list_range(&args[0], i);
        if (index < 1)
            FN_FAIL(ctx, err, "2202E", "an array index starts at 1, not %ld", (long)index);
        if (index <= range.n) at[i] = range.from + (uint32_t)index - 1;
    }
    collection_pick(ctx, &args[0].children[0], at, n, out);
    return ST_OK;
}

COLLECTION_KERNEL(collection_lookup) {
    uint32_t *at = arena_array(ctx->scratch, uint32_t, n);
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        at[i] = UINT32_MAX;
        if (!fn_is_valid(out, i)) continue;
        ListRange range = list_range(&args[0], i);
        for (uint32_t k = range.from; k < range.from + range.n; k++) {
            if (!col_value_eq(&args[0].children[0], k, &args[1], i)) continue;
            at[i] = k;
            break;
        }
    }
    collection_pick(ctx, &args[0].children[1], at, n, out);
    return ST_OK;
}

COLLECTION_KERNEL(collection_element) {
    uint32_t *at = arena_array(ctx->scratch, uint32_t, n);
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        at[i] = UINT32_MAX;
        if (!fn_is_valid(out, i)) continue;
        ListRange range = list_range(&args[0], i);
        if (range.n > 1)
            FN_FAIL(ctx, err, "21000", "ELEMENT needs one element, this array has %u", range.n);
        if (range.n == 1) at[i] = range.from;
    }
    collection_pick(ctx, &args[0].children[0], at, n, out);
    return ST_OK;
}

COLLECTION_KERNEL(collection_cardinality) {
    bool is_multiset = args[0].type->kind == TYPE_MULTISET;
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        ListRange range = list_range(&args[0], i);
        int32_t total = (int32_t)range.n;
        if (is_multiset) {
            total = 0;
            for (uint32_t k = range.from; k < range.from + range.n; k++)
                total += args[0].children[1].i32[col_at(&args[0].children[1], k)];
        }
        fn_out_i32(out)[i] = total;
    }
    return ST_OK;
}

/* ---- MAP_KEYS, MAP_VALUES, MAP_ENTRIES ---- */

static Status collection_child(FnCtx *ctx, const Column *args, uint32_t n, Column *out,
                               uint32_t child) {
    ColBuilder b;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        ListRange range = list_range(&args[0], i);
        for (uint32_t k = range.from; k < range.from + range.n; k++)
            colb_append(&b.children[0], &args[0].children[child], k, false);
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}
COLLECTION_KERNEL(collection_map_keys) {
    (void)n_args, (void)err;
    return collection_child(ctx, args, n, out, 0);
}
COLLECTION_KERNEL(collection_map_values) {
    (void)n_args, (void)err;
    return collection_child(ctx, args, n, out, 1);
}

static Status collection_derive_entries(Arena *arena, Expr *const *args, uint32_t n_args,
                                        const Type **out, Err *err) {
    Field *fields = arena_array(arena, Field, 2);
    const Type *map = args[0]->type;
    (void)n_args, (void)err;
    fields[0] = (Field){SPAN("key"), map->key};
    fields[1] = (Field){SPAN("value"), map->elem};
    const Type *row = type_row(arena, (Schema){2, fields});
    *out = type_with_null(arena, type_array(arena, row), map->is_nullable);
    return ST_OK;
}

COLLECTION_KERNEL(collection_map_entries) {
    ColBuilder b;
    (void)n_args, (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        ListRange range = list_range(&args[0], i);
        ColBuilder *row = &b.children[0];
        for (uint32_t k = range.from; k < range.from + range.n; k++) {
            colb_append(&row->children[0], &args[0].children[0], k, false);
            colb_append(&row->children[1], &args[0].children[1], k, false);
            colb_row_end(row);
        }
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

/* ---- MAP_FROM_ARRAYS, MAP_UNION ---- */

COLLECTION_KERNEL(collection_map_from_arrays) {
    ColBuilder b;
    (void)n_args;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        ListRange keys = list_range(&args[0], i), values = list_range(&args[1], i);
        if (keys.n != values.n)
            FN_FAIL(ctx, err, "2202E", "MAP_FROM_ARRAYS got %u keys and %u values", keys.n,
                    values.n);
        for (uint32_t k = 0; k < keys.n; k++) {
            colb_append(&b.children[0], &args[0].children[0], keys.from + k, false);
            colb_append(&b.children[1], &args[1].children[0], values.from + k, false);
        }
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

/* Whether a later map has the key. */
static bool collection_is_overridden(const Column *args, uint32_t n_args, uint32_t row,
                                     uint32_t map, uint32_t at) {
    for (uint32_t j = map + 1; j < n_args; j++) {
        ListRange range = list_range(&args[j], row);
        for (uint32_t k = range.from; k < range.from + range.n; k++) {
            if (col_value_eq(&args[map].children[0], at, &args[j].children[0], k)) return true;
        }
    }
    return false;
}

COLLECTION_KERNEL(collection_map_union) {
    ColBuilder b;
    (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        for (uint32_t m = 0; m < n_args; m++) {
            ListRange range = list_range(&args[m], i);
            for (uint32_t k = range.from; k < range.from + range.n; k++) {
                if (collection_is_overridden(args, n_args, i, m, k)) continue;
                colb_append(&b.children[0], &args[m].children[0], k, false);
                colb_append(&b.children[1], &args[m].children[1], k, false);
            }
        }
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

/* ---- STR_TO_MAP ---- */

/* Cuts at the next separator; the separators are plain text unless they look like Java's escaped
 * ones, of which the backslashes are dropped. */
static Span collection_unescape(Arena *arena, Span text) {
    char *plain = arena_alloc(arena, text.len);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\' && i + 1 < text.len) i++;
        plain[n++] = text.ptr[i];
    }
    return (Span){plain, n};
}

static Span collection_cut(Span *rest, Span separator) {
    const char *hit =
        separator.len ? memmem(rest->ptr, rest->len, separator.ptr, separator.len) : NULL;
    size_t len = hit ? (size_t)(hit - rest->ptr) : rest->len;
    Span piece = {rest->ptr, len};
    size_t skip = hit ? len + separator.len : len;
    *rest = (Span){rest->ptr + skip, rest->len - skip};
    return piece;
}

static void collection_put_pairs(ColBuilder *b, Span text, Span between, Span inside) {
    uint32_t first = b->children[0].n;
    while (text.len) {
        Span value = collection_cut(&text, between);
        bool has_value = inside.len && memmem(value.ptr, value.len, inside.ptr, inside.len);
        Span key = collection_cut(&value, inside);
        /* Of equal keys the last one counts: take the values of the earlier ones over. */
        for (uint32_t k = first; k < b->children[0].n; k++) {
            if (!span_eq(str_span(&b->children[0].str[k]), key)) continue;
            b->children[0].str[k] = b->children[0].str[b->children[0].n - 1];
            b->children[1].str[k] = b->children[1].str[b->children[1].n - 1];
            colb_truncate(&b->children[0], b->children[0].n - 1);
            colb_truncate(&b->children[1], b->children[1].n - 1);
            break;
        }
        colb_str_ref(&b->children[0], key.ptr, key.len);
        if (has_value) {
            colb_str_ref(&b->children[1], value.ptr, value.len);
        } else {
            colb_null(&b->children[1]);
        }
    }
    colb_list_end(b);
}

COLLECTION_KERNEL(collection_str_to_map) {
    ColBuilder b;
    (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        Span between =
            n_args > 1 ? collection_unescape(ctx->scratch, fn_span(&args[1], i)) : SPAN(",");
        Span inside =
            n_args > 2 ? collection_unescape(ctx->scratch, fn_span(&args[2], i)) : SPAN("=");
        collection_put_pairs(&b, fn_span(&args[0], i), between, inside);
    }
    colb_finish(&b, out);
    return ST_OK;
}

#define S FN_STRICT
#define SF (FN_STRICT | FN_CAN_FAIL)
#define COLLECTION_ROW(name, sig, kernel, traits, derive, help, example) \
    { name, "collection", sig, kernel, traits, derive, NULL, NULL, help, example }

const Fn fns_collection[] = {
    COLLECTION_ROW("ARRAY", "(T...) -> ARRAY<T>!", collection_array, 0, NULL,
                   "An array of the values.", "ARRAY[1, 2] => [1, 2]"),
    COLLECTION_ROW("MAP", "(ANY...) -> *", collection_map, 0, collection_derive_map,
                   "A map of keys and values; of equal keys the last one counts.",
                   "MAP['a', 1, 'b', 2] => {a=1, b=2}"),
    COLLECTION_ROW(
        "[]", "(ARRAY<T>, INTEGER) -> T?", collection_item, SF | FN_CAN_NULL | FN_OPERATOR, NULL,
        "The element of an array at an index from 1, NULL beyond its end.", "ARRAY[5, 6][2] => 6"),
    COLLECTION_ROW("[]", "(MAP<K, V>, K) -> V?", collection_lookup, S | FN_CAN_NULL | FN_OPERATOR,
                   NULL, "The value of a key in a map, NULL when it is not there.",
                   "MAP['a', 1]['a'] => 1"),
    COLLECTION_ROW("ELEMENT", "(ARRAY<T>) -> T?", collection_element, SF | FN_CAN_NULL, NULL,
                   "The only element of an array; an error when there are more.",
                   "ELEMENT(ARRAY[5]) => 5"),
    COLLECTION_ROW("CARDINALITY", "(ARRAY) -> INT", collection_cardinality, S, NULL,
                   "Number of elements.", "CARDINALITY(ARRAY[1, 2, 3]) => 3"),
    COLLECTION_ROW("CARDINALITY", "(MAP) -> INT", collection_cardinality, S, NULL,
                   "Number of entries.", "CARDINALITY(MAP['a', 1]) => 1"),
    COLLECTION_ROW("CARDINALITY", "(MULTISET) -> INT", collection_cardinality, S, NULL,
                   "Number of elements, each as often as it occurs.", NULL),
    COLLECTION_ROW("MAP_KEYS", "(MAP<K, V>) -> ARRAY<K>", collection_map_keys, S, NULL,
                   "The keys of a map.", "MAP_KEYS(MAP['a', 1, 'b', 2]) => [a, b]"),
    COLLECTION_ROW("MAP_VALUES", "(MAP<K, V>) -> ARRAY<V>", collection_map_values, S, NULL,
                   "The values of a map.", "MAP_VALUES(MAP['a', 1, 'b', 2]) => [1, 2]"),
    COLLECTION_ROW("MAP_ENTRIES", "(MAP) -> *", collection_map_entries, S,
                   collection_derive_entries,
                   "The entries of a map as an array of ROW(key, value).",
                   "MAP_ENTRIES(MAP['a', 1]) => [(a, 1)]"),
    COLLECTION_ROW("MAP_FROM_ARRAYS", "(ARRAY<K>, ARRAY<V>) -> MAP<K, V>",
                   collection_map_from_arrays, SF, NULL,
                   "A map of keys and values of equal number.",
                   "MAP_FROM_ARRAYS(ARRAY['a', 'b'], ARRAY[1, 2]) => {a=1, b=2}"),
    COLLECTION_ROW("MAP_UNION", "(T:MAP...) -> T", collection_map_union, S, NULL,
                   "The entries of all maps; of equal keys the last one counts.",
                   "MAP_UNION(MAP['a', 1], MAP['a', 2]) => {a=2}"),
    COLLECTION_ROW("STR_TO_MAP", "(STRING [, STRING [, STRING]]) -> MAP<STRING, STRING>",
                   collection_str_to_map, S, NULL,
                   "Pairs in a text as a map, separated by ',' and '=' or the given texts.",
                   "STR_TO_MAP('k1=v1,k2=v2') => {k1=v1, k2=v2}"),
    FN_END};
