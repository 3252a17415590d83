/* fn_array.c -- the ARRAY_ functions. NULL is an element like any other and equals itself.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/list.h"

#define ARRAY_KERNEL(kernel)                                                                       \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* ---- searching: only a NULL array gives NULL ---- */

/* The first place (from 1) of the value, or 0. */
static uint32_t array_find(const Column *list, uint32_t row, const Column *value) {
    ListRange range = list_range(list, row);
    for (uint32_t k = 0; k < range.n; k++) {
        if (col_value_eq(&list->children[0], range.from + k, value, row)) return k + 1;
    }
    return 0;
}

ARRAY_KERNEL(array_contains) {
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i)) {
            fn_make_null(ctx, out, i);
        } else {
            fn_out_i8(out)[i] = array_find(&args[0], i, &args[1]) != 0;
        }
    }
    return ST_OK;
}

ARRAY_KERNEL(array_position) {
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (fn_is_valid(out, i)) fn_out_i32(out)[i] = (int32_t)array_find(&args[0], i, &args[1]);
    }
    return ST_OK;
}

/* ---- building ---- */

/* Elements range of the list for which keep says so. */
typedef bool ArrayKeep(const Column *args, uint32_t row, uint32_t element);

static void array_copy(ColBuilder *b, const Column *list, ListRange range) {
    for (uint32_t k = range.from; k < range.from + range.n; k++)
        colb_append(&b->children[0], &list->children[0], k, false);
}

ARRAY_KERNEL(array_append) {
    ColBuilder b;
    (void)n_args, (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i)) {
            colb_null(&b);
            continue;
        }
        array_copy(&b, &args[0], list_range(&args[0], i));
        colb_append(&b.children[0], &args[1], i, false);
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

ARRAY_KERNEL(array_prepend) {
    ColBuilder b;
    (void)n_args, (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i)) {
            colb_null(&b);
            continue;
        }
        colb_append(&b.children[0], &args[1], i, false);
        array_copy(&b, &args[0], list_range(&args[0], i));
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

ARRAY_KERNEL(array_remove) {
    ColBuilder b;
    (void)n_args, (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i)) {
            colb_null(&b);
            continue;
        }
        ListRange range = list_range(&args[0], i);
        for (uint32_t k = range.from; k < range.from + range.n; k++) {
            if (!col_value_eq(&args[0].children[0], k, &args[1], i))
                colb_append(&b.children[0], &args[0].children[0], k, false);
        }
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

ARRAY_KERNEL(array_concat) {
    ColBuilder b;
    (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        for (uint32_t k = 0; k < n_args; k++) array_copy(&b, &args[k], list_range(&args[k], i));
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

ARRAY_KERNEL(array_reverse) {
    ColBuilder b;
    (void)n_args, (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        ListRange range = list_range(&args[0], i);
        for (uint32_t k = range.n; k-- > 0;)
            colb_append(&b.children[0], &args[0].children[0], range.from + k, false);
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

/* From start to end (both from 1, negative ones from the back), cut to what there is. */
ARRAY_KERNEL(array_slice) {
    ColBuilder b;
    (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        ListRange range = list_range(&args[0], i);
        int64_t count = range.n, start = fn_int(&args[1], i);
        int64_t end = n_args > 2 ? fn_int(&args[2], i) : count;
        if (start < 0) start += count + 1;
        if (end < 0) end += count + 1;
        if (start < 1) start = 1;
        if (end > count) end = count;
        if (start <= end)
            array_copy(&b, &args[0],
                       (ListRange){range.from + (uint32_t)start - 1, (uint32_t)(end - start + 1)});
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

/* ---- sets: results without duplicates, in order of first occurrence ---- */

typedef enum ArraySetOp { ARRAY_DISTINCT, ARRAY_UNION, ARRAY_EXCEPT, ARRAY_INTERSECT } ArraySetOp;

static void array_add_new(ColBuilder *b, ListSet *seen, const Column *list, const RowKeys *keys,
                          ListRange range) {
    for (uint32_t k = range.from; k < range.from + range.n; k++) {
        if (list_set_add(seen, keys, k)) colb_append(&b->children[0], &list->children[0], k, false);
    }
}

/* One row of EXCEPT or INTERSECT: elements of the first list by whether the second has them. EXCEPT
 * and INTERSECT drop duplicates like Flink. */
static void array_filter(FnCtx *ctx, ColBuilder *b, const Column *list, const RowKeys *keys,
                         ListRange range, const RowKeys *other_keys, ListRange other,
                         bool is_kept_in) {
    ListSet have, seen;
    list_set_init(&have, ctx->scratch, other.n);
    list_set_init(&seen, ctx->scratch, range.n);
    for (uint32_t k = other.from; k < other.from + other.n; k++) list_set_add(&have, other_keys, k);
    for (uint32_t k = range.from; k < range.from + range.n; k++) {
        if (list_set_has(&have, keys, k) == is_kept_in && list_set_add(&seen, keys, k))
            colb_append(&b->children[0], &list->children[0], k, false);
    }
}

static Status array_set_op(FnCtx *ctx, const Column *args, uint32_t n, Column *out, ArraySetOp op) {
    ColBuilder b;
    RowKeys keys, others = {0};
    colb_init(&b, ctx->scratch, out->type, n);
    list_keys(ctx->scratch, &args[0], n, &keys);
    if (op != ARRAY_DISTINCT) list_keys(ctx->scratch, &args[1], n, &others);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        ListRange range = list_range(&args[0], i), other = {0, 0};
        if (op != ARRAY_DISTINCT) other = list_range(&args[1], i);
        if (op == ARRAY_DISTINCT || op == ARRAY_UNION) {
            ListSet seen;
            list_set_init(&seen, ctx->scratch, range.n + other.n);
            array_add_new(&b, &seen, &args[0], &keys, range);
            if (op == ARRAY_UNION) array_add_new(&b, &seen, &args[1], &others, other);
        } else {
            array_filter(ctx, &b, &args[0], &keys, range, &others, other, op == ARRAY_INTERSECT);
        }
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}
ARRAY_KERNEL(array_distinct) {
    (void)n_args, (void)err;
    return array_set_op(ctx, args, n, out, ARRAY_DISTINCT);
}
ARRAY_KERNEL(array_union) {
    (void)n_args, (void)err;
    return array_set_op(ctx, args, n, out, ARRAY_UNION);
}
ARRAY_KERNEL(array_except) {
    (void)n_args, (void)err;
    return array_set_op(ctx, args, n, out, ARRAY_EXCEPT);
}
ARRAY_KERNEL(array_intersect) {
    (void)n_args, (void)err;
    return array_set_op(ctx, args, n, out, ARRAY_INTERSECT);
}

/* ---- order ---- */

static Status array_extreme(FnCtx *ctx, const Column *args, uint32_t n, Column *out, int sign) {
    ColBuilder b;
    const Column *elems = &args[0].children[0];
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t best = UINT32_MAX;
        ListRange range = fn_is_valid(out, i) ? list_range(&args[0], i) : (ListRange){0, 0};
        for (uint32_t k = range.from; k < range.from + range.n; k++) {
            if (col_is_null(elems, k)) continue;
            if (best == UINT32_MAX || sign * col_value_cmp(elems, k, elems, best) > 0) best = k;
        }
        if (best == UINT32_MAX) {
            colb_null(&b);
        } else {
            colb_append(&b, elems, best, false);
        }
    }
    colb_finish(&b, out);
    return ST_OK;
}
ARRAY_KERNEL(array_max) {
    (void)n_args, (void)err;
    return array_extreme(ctx, args, n, out, 1);
}
ARRAY_KERNEL(array_min) {
    (void)n_args, (void)err;
    return array_extreme(ctx, args, n, out, -1);
}

typedef struct ArrayOrder {
    const Column *elems;
    bool is_desc, nulls_first;
} ArrayOrder;

static int array_order(const void *a, const void *b, void *arg) {
    const ArrayOrder *order = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    bool x_null = col_is_null(order->elems, x), y_null = col_is_null(order->elems, y);
    if (x_null || y_null) {
        if (x_null && y_null) return 0;
        return x_null == order->nulls_first ? -1 : 1;
    }
    int cmp = col_value_cmp(order->elems, x, order->elems, y);
    return order->is_desc ? -cmp : cmp;
}

ARRAY_KERNEL(array_sort) {
    ColBuilder b;
    (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        ListRange range = list_range(&args[0], i);
        ArrayOrder order = {.elems = &args[0].children[0]};
        order.is_desc = n_args > 1 && !args[1].i8[col_at(&args[1], i)];
        order.nulls_first = n_args > 2 ? args[2].i8[col_at(&args[2], i)] : !order.is_desc;
        uint32_t *index = arena_array(ctx->scratch, uint32_t, range.n);
        for (uint32_t k = 0; k < range.n; k++) index[k] = range.from + k;
        if (range.n > 1) qsort_r(index, range.n, sizeof *index, array_order, &order);
        for (uint32_t k = 0; k < range.n; k++)
            colb_append(&b.children[0], &args[0].children[0], index[k], false);
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

/* ---- ARRAY_JOIN ---- */

ARRAY_KERNEL(array_join) {
    FnText text = {ctx->scratch, NULL, NULL};
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        const Column *elems = &args[0].children[0];
        ListRange range = list_range(&args[0], i);
        Span separator = fn_span(&args[1], i), null_text = {NULL, 0};
        if (n_args > 2) null_text = fn_span(&args[2], i);
        size_t total = 0, put = 0;
        for (uint32_t k = range.from; k < range.from + range.n; k++)
            total +=
                separator.len + (col_is_null(elems, k) ? null_text.len : fn_span(elems, k).len);
        if (total > FN_TEXT_MAX) return fn_fail_too_long(ctx, err);
        char *to = fn_text_room(&text, total);
        bool is_first = true;
        for (uint32_t k = range.from; k < range.from + range.n; k++) {
            bool is_null = col_is_null(elems, k);
            if (is_null && n_args < 3) continue;
            Span part = is_null ? null_text : fn_span(elems, k);
            if (!is_first && separator.len) memcpy(to + put, separator.ptr, separator.len);
            if (!is_first) put += separator.len;
            if (part.len) memcpy(to + put, part.ptr, part.len);
            put += part.len;
            is_first = false;
        }
        fn_out_str(out)[i] = fn_text_take(&text, put);
    }
    return ST_OK;
}

#define ARRAY_ROW(name, sig, kernel, traits, help, example) \
    { name, "collection", sig, kernel, traits, NULL, NULL, NULL, help, example }
#define S FN_STRICT

const Fn fns_array[] = {
    ARRAY_ROW("ARRAY_CONTAINS", "(ARRAY<T>, T) -> BOOLEAN", array_contains, 0,
              "Whether a value is in the array; NULL is found too.",
              "ARRAY_CONTAINS(ARRAY[1, 2], 2) => TRUE"),
    ARRAY_ROW("ARRAY_POSITION", "(ARRAY<T>, T) -> INT", array_position, S,
              "Where a value is first, 0 when it is not there.",
              "ARRAY_POSITION(ARRAY[5, 6], 6) => 2"),
    ARRAY_ROW("ARRAY_APPEND", "(ARRAY<T>, T) -> ARRAY<T>", array_append, 0,
              "A value added at the end.", "ARRAY_APPEND(ARRAY[1, 2], 3) => [1, 2, 3]"),
    ARRAY_ROW("ARRAY_PREPEND", "(ARRAY<T>, T) -> ARRAY<T>", array_prepend, 0,
              "A value added at the beginning.", "ARRAY_PREPEND(ARRAY[1, 2], 3) => [3, 1, 2]"),
    ARRAY_ROW("ARRAY_REMOVE", "(ARRAY<T>, T) -> ARRAY<T>", array_remove, 0,
              "The array without the elements that equal a value.",
              "ARRAY_REMOVE(ARRAY[1, 2, 1], 1) => [2]"),
    ARRAY_ROW("ARRAY_CONCAT", "(T:ARRAY...) -> T", array_concat, S, "Arrays one behind the other.",
              "ARRAY_CONCAT(ARRAY[1], ARRAY[2, 3]) => [1, 2, 3]"),
    ARRAY_ROW("ARRAY_REVERSE", "(ARRAY) -> $1", array_reverse, S, "The elements in reverse order.",
              "ARRAY_REVERSE(ARRAY[1, 2, 3]) => [3, 2, 1]"),
    ARRAY_ROW(
        "ARRAY_SLICE", "(ARRAY, INTEGER [, INTEGER]) -> $1", array_slice, S,
        "The elements from an index to another, both included; negative ones count from the end.",
        "ARRAY_SLICE(ARRAY[1, 2, 3, 4], 2, 3) => [2, 3]"),
    ARRAY_ROW("ARRAY_DISTINCT", "(ARRAY) -> $1", array_distinct, S,
              "Each element once, in order of first occurrence.",
              "ARRAY_DISTINCT(ARRAY[1, 2, 1]) => [1, 2]"),
    ARRAY_ROW("ARRAY_UNION", "(T:ARRAY, T) -> T", array_union, S,
              "The elements of both arrays, each once.",
              "ARRAY_UNION(ARRAY[1, 1, 2], ARRAY[3, 2]) => [1, 2, 3]"),
    ARRAY_ROW("ARRAY_EXCEPT", "(T:ARRAY, T) -> T", array_except, S,
              "The elements of the first array that the second does not have, each once.",
              "ARRAY_EXCEPT(ARRAY[1, 2, 2, 3], ARRAY[3]) => [1, 2]"),
    ARRAY_ROW("ARRAY_INTERSECT", "(T:ARRAY, T) -> T", array_intersect, S,
              "The elements that both arrays have, each once.",
              "ARRAY_INTERSECT(ARRAY[1, 1, 2], ARRAY[1, 3]) => [1]"),
    ARRAY_ROW("ARRAY_MAX", "(ARRAY<T:COMPARABLE>) -> T?", array_max, S | FN_CAN_NULL,
              "The greatest element that is not NULL.", "ARRAY_MAX(ARRAY[1, 3, 2]) => 3"),
    ARRAY_ROW("ARRAY_MIN", "(ARRAY<T:COMPARABLE>) -> T?", array_min, S | FN_CAN_NULL,
              "The least element that is not NULL.", "ARRAY_MIN(ARRAY[2, 1, 3]) => 1"),
    ARRAY_ROW(
        "ARRAY_SORT", "(ARRAY [, BOOLEAN [, BOOLEAN]]) -> $1", array_sort, S,
        "Sorted, ascending unless the second argument is FALSE; NULLs come first when ascending "
        "or when the third argument is TRUE.",
        "ARRAY_SORT(ARRAY[3, 1, 2]) => [1, 2, 3]"),
    ARRAY_ROW(
        "ARRAY_JOIN", "(ARRAY<STRING>, STRING [, STRING]) -> STRING", array_join, S | FN_CAN_FAIL,
        "The elements as one text with a separator; NULLs are left out or replaced by the third "
        "argument.",
        "ARRAY_JOIN(ARRAY['a', 'b'], '-') => a-b"),
    ARRAY_ROW("ARRAY_TO_STRING", "(ARRAY<STRING>, STRING [, STRING]) -> STRING", array_join,
              S | FN_CAN_FAIL, "Same as ARRAY_JOIN; PostgreSQL's name.",
              "ARRAY_TO_STRING(ARRAY['a', CAST(NULL AS STRING), 'b'], ',', '*') => a,*,b"),
    ARRAY_ROW("ARRAY_CAT", "(T:ARRAY...) -> T", array_concat, S,
              "Same as ARRAY_CONCAT; PostgreSQL's name.",
              "ARRAY_CAT(ARRAY[1], ARRAY[2, 3]) => [1, 2, 3]"),
    FN_END};
