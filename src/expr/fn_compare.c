/* fn_compare.c -- comparisons, tests for NULL and truth, NOT, and IN with a list of constants.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/compare.h"
#include "expr/expr.h"

static int8_t *compare_data(Column *out) {
    return (int8_t *)(uintptr_t)out->i8;
}

#define COMPARE_KERNEL(name, op)                                                                 \
    static Status name(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                       Err *err) {                                                               \
        (void)ctx;                                                                               \
        (void)n_args;                                                                            \
        (void)err;                                                                               \
        compare_rows(op, &args[0], &args[1], n, compare_data(out));                              \
        return ST_OK;                                                                            \
    }
COMPARE_KERNEL(compare_eq, CMP_EQ)
COMPARE_KERNEL(compare_ne, CMP_NE)
COMPARE_KERNEL(compare_lt, CMP_LT)
COMPARE_KERNEL(compare_le, CMP_LE)
COMPARE_KERNEL(compare_gt, CMP_GT)
COMPARE_KERNEL(compare_ge, CMP_GE)

/* ---- NULL-safe equality ---- */

static void compare_distinct(const Column *args, uint32_t n, bool distinct_is, int8_t *to) {
    compare_rows(CMP_EQ, &args[0], &args[1], n, to);
    for (uint32_t i = 0; i < n; i++) {
        bool a = col_is_null(&args[0], i), b = col_is_null(&args[1], i);
        bool is_same = a || b ? a && b : to[i] != 0;
        to[i] = is_same != distinct_is;
    }
}

static Status is_distinct(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                          Err *err) {
    (void)ctx;
    (void)n_args;
    (void)err;
    compare_distinct(args, n, true, compare_data(out));
    return ST_OK;
}

static Status is_not_distinct(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n,
                              Column *out, Err *err) {
    (void)ctx;
    (void)n_args;
    (void)err;
    compare_distinct(args, n, false, compare_data(out));
    return ST_OK;
}

/* ---- NULL and truth ---- */

static void test_null(const Column *col, uint32_t n, int8_t null_is, int8_t *to) {
    if (!col->valid) {
        memset(to, !null_is, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) to[i] = (int8_t)(bit_get(col->valid, i) ^ null_is);
}

static Status is_null(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                      Err *err) {
    (void)ctx;
    (void)n_args;
    (void)err;
    test_null(&args[0], n, 1, compare_data(out));
    return ST_OK;
}

static Status is_not_null(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                          Err *err) {
    (void)ctx;
    (void)n_args;
    (void)err;
    test_null(&args[0], n, 0, compare_data(out));
    return ST_OK;
}

/* The value is `truth` (and known), or the contrary when is_not. */
static void test_truth(const Column *col, uint32_t n, bool truth, bool is_not, int8_t *to) {
    for (uint32_t i = 0; i < n; i++) {
        bool is = !col_is_null(col, i) && (col->i8[i] != 0) == truth;
        to[i] = is != is_not;
    }
}

#define TRUTH_KERNEL(name, truth, is_not)                                                        \
    static Status name(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                       Err *err) {                                                               \
        (void)ctx;                                                                               \
        (void)n_args;                                                                            \
        (void)err;                                                                               \
        test_truth(&args[0], n, truth, is_not, compare_data(out));                               \
        return ST_OK;                                                                            \
    }
TRUTH_KERNEL(is_true, true, false)
TRUTH_KERNEL(is_not_true, true, true)
TRUTH_KERNEL(is_false, false, false)
TRUTH_KERNEL(is_not_false, false, true)

static Status logic_not(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                        Err *err) {
    int8_t *to = compare_data(out);
    (void)ctx;
    (void)n_args;
    (void)err;
    for (uint32_t i = 0; i < n; i++) to[i] = !args[0].i8[i];
    return ST_OK;
}

/* ---- IN ---- */

enum { IN_LOOPS_MAX = 8 };

/* The constants of a longer list: a set of key bytes. */
typedef struct InSet {
    RowKeys *keys; /* one batch of keys a constant */
    uint32_t *slots;
    uint32_t mask, n;
} InSet;

static Span in_key(const InSet *set, uint32_t i) {
    return rowkey_get(&set->keys[i], 0);
}

static bool in_find(const InSet *set, Span key, uint64_t hash, uint32_t *slot) {
    for (uint32_t at = (uint32_t)hash & set->mask;; at = (at + 1) & set->mask) {
        *slot = at;
        if (set->slots[at] == 0) return false;
        if (span_eq(in_key(set, set->slots[at] - 1), key)) return true;
    }
}

static Status in_prepare(Arena *arena, const Expr *call, void **out, Err *err) {
    InSet *set;
    uint32_t n_slots = 16, slot;
    (void)err;
    *out = NULL;
    if (call->n_args - 1 <= IN_LOOPS_MAX) return ST_OK;
    for (uint32_t i = 1; i < call->n_args; i++) {
        if (call->args[i]->kind != EXPR_CONST) return ST_OK;
    }
    set = arena_new(arena, InSet);
    set->keys = arena_array(arena, RowKeys, call->n_args - 1);
    while (n_slots < call->n_args * 2) n_slots *= 2;
    set->slots = arena_array(arena, uint32_t, n_slots);
    set->mask = n_slots - 1;
    for (uint32_t i = 1; i < call->n_args; i++) {
        if (col_is_null(call->args[i]->value, 0)) continue;
        rowkey_encode(arena, call->args[i]->value, 1, NULL, 1, &set->keys[set->n]);
        if (!in_find(set, in_key(set, set->n), set->keys[set->n].hashes[0], &slot)) {
            set->slots[slot] = ++set->n;
        }
    }
    *out = set;
    return ST_OK;
}

static void in_lookup(FnCtx *ctx, const Column *col, uint32_t n, int8_t *to) {
    const InSet *set = ctx->prepared;
    RowKeys keys;
    uint32_t slot;
    rowkey_encode(ctx->scratch, col, 1, NULL, n, &keys);
    for (uint32_t i = 0; i < n; i++)
        to[i] = in_find(set, rowkey_get(&keys, i), keys.hashes[i], &slot);
}

/* x IN (a, b, NULL) is unknown when x is NULL, or is none of the others and the list has a NULL. */
static Status in_list(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                      Err *err) {
    int8_t *to = compare_data(out), *one = arena_alloc(ctx->scratch, n);
    bool has_null = false;
    (void)err;
    for (uint32_t k = 1; k < n_args; k++) {
        if (args[k].is_const && col_is_null(&args[k], 0)) {
            has_null = true;
            continue;
        }
        if (ctx->prepared) continue;
        compare_rows(CMP_EQ, &args[0], &args[k], n, one);
        for (uint32_t i = 0; i < n; i++) to[i] |= one[i];
    }
    if (ctx->prepared) in_lookup(ctx, &args[0], n, to);
    out->valid = args[0].valid;
    if (!out->valid && !has_null) return ST_OK;
    for (uint32_t i = 0; i < n; i++) {
        bool is_null = col_is_null(&args[0], i);
        if (is_null) to[i] = 0;
        if (!is_null && has_null && !to[i]) fn_make_null(ctx, out, i);
    }
    return ST_OK;
}

#define COMPARE_ROWS(op, kernel, help, example)                                                   \
    {op,                                                                                          \
     "comparison",                                                                                \
     "(DECIMAL, DECIMAL) -> BOOLEAN",                                                             \
     kernel,                                                                                      \
     FN_STRICT | FN_OPERATOR,                                                                     \
     NULL,                                                                                        \
     NULL,                                                                                        \
     NULL,                                                                                        \
     help,                                                                                        \
     example},                                                                                    \
    {                                                                                             \
        op, "comparison", "(T, T) -> BOOLEAN", kernel, FN_STRICT | FN_OPERATOR, NULL, NULL, NULL, \
            help, example                                                                         \
    }
#define TEST_ROW(op, sig, kernel, help, example) \
    { op, "comparison", sig, kernel, FN_OPERATOR, NULL, NULL, NULL, help, example }

const Fn fns_compare[] = {
    COMPARE_ROWS("=", compare_eq, "Whether both are equal; NaN equals NaN.", "1 = 1.0 => TRUE"),
    COMPARE_ROWS("<>", compare_ne, "Whether both differ; also written !=.", "'a' <> 'b' => TRUE"),
    COMPARE_ROWS("<", compare_lt, "Whether the first comes before the second; text by its bytes.",
                 "'a' < 'b' => TRUE"),
    COMPARE_ROWS("<=", compare_le, "Whether the first does not come after the second.",
                 "2 <= 1 => FALSE"),
    COMPARE_ROWS(">", compare_gt, "Whether the first comes after the second.", "2 > 1 => TRUE"),
    COMPARE_ROWS(">=", compare_ge, "Whether the first does not come before the second.",
                 "DATE '2024-01-02' >= '2024-01-01' => TRUE"),
    TEST_ROW("IS DISTINCT FROM", "(T, T) -> BOOLEAN!", is_distinct,
             "Whether both differ, where NULL is a value like others.",
             "NULL IS DISTINCT FROM 1 => TRUE"),
    TEST_ROW("IS NOT DISTINCT FROM", "(T, T) -> BOOLEAN!", is_not_distinct,
             "Whether both are the same, where NULL equals NULL.",
             "NULL IS NOT DISTINCT FROM 1 => FALSE"),
    TEST_ROW("IS NULL", "(ANY) -> BOOLEAN!", is_null, "Whether the value is NULL.",
             "1 IS NULL => FALSE"),
    TEST_ROW("IS NOT NULL", "(ANY) -> BOOLEAN!", is_not_null, "Whether the value is not NULL.",
             "1 IS NOT NULL => TRUE"),
    TEST_ROW("IS TRUE", "(BOOLEAN) -> BOOLEAN!", is_true, "Whether the condition is true.",
             "(1 < 2) IS TRUE => TRUE"),
    TEST_ROW("IS NOT TRUE", "(BOOLEAN) -> BOOLEAN!", is_not_true,
             "Whether the condition is false or unknown.", "(1 < NULL) IS NOT TRUE => TRUE"),
    TEST_ROW("IS FALSE", "(BOOLEAN) -> BOOLEAN!", is_false, "Whether the condition is false.",
             "(1 < NULL) IS FALSE => FALSE"),
    TEST_ROW("IS NOT FALSE", "(BOOLEAN) -> BOOLEAN!", is_not_false,
             "Whether the condition is true or unknown.", "(1 < NULL) IS NOT FALSE => TRUE"),
    {"NOT", "logic", "(BOOLEAN) -> BOOLEAN", logic_not, FN_STRICT | FN_OPERATOR, NULL, NULL, NULL,
     "The contrary; unknown stays unknown.", "NOT (1 < 2) => FALSE"},
    {"IN", "comparison", "(T:COMPARABLE, T...) -> BOOLEAN", in_list, FN_OPERATOR | FN_CAN_NULL,
     NULL, in_prepare, NULL,
     "Whether the value is one of the list; unknown when it is not and the list has a NULL.",
     "2 IN (1, 2, 3, 4) => TRUE"},
    {.name = NULL},
};
