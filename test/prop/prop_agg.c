/* prop_agg.c -- laws of aggregates on random rows: parts merged equal the whole, retracted rows
 * leave no trace, weights equal repetitions, and the order of rows does not matter where no
 * aggregate says that it does.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/expr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROWS = 60, ROUNDS = 40 };

typedef struct Lab {
    Arena arena;
    StateHeap *heap;
    ExprEnv env;
    AggCall call;
    Column col;
} Lab;

static Column random_rows(Lab *lab, Rng *rng, const Type *type) {
    static const char *const words[] = {"", "a", "b", "a long text of more than twelve bytes", "ä"};
    ColBuilder b;
    Column col;
    colb_init(&b, &lab->arena, type, ROWS);
    for (int i = 0; i < ROWS; i++) {
        int64_t x = rng_between(rng, -1000, 1000);
        if (rng_below(rng, 5) == 0) {
            colb_null(&b);
            continue;
        }
        switch (type_phys(type)) {
        case PHYS_I32: colb_i32(&b, (int32_t)x); break;
        case PHYS_I64: colb_i64(&b, x * (1 << 30)); break;
        case PHYS_F64: colb_f64(&b, (double)x / 7); break;
        case PHYS_I128: colb_i128(&b, x); break;
        default: colb_str(&b, words[x & 3], strlen(words[x & 3])); break;
        }
    }
    colb_finish(&b, &col);
    return col;
}

static AggCtx lab_ctx(Lab *lab) {
    return (AggCtx){
        .heap = lab->heap, .env = &lab->env, .scratch = &lab->arena, .call = &lab->call};
}

static char *lab_state(Lab *lab) {
    return arena_zalloc(&lab->arena, lab->call.agg->state_size);
}

/* Adds the rows of an index, each with its weight. */
static void lab_add(Lab *lab, char *state, const uint32_t *rows, const int32_t *weights,
                    uint32_t n) {
    AggCtx ctx = lab_ctx(lab);
    Err err = ERR_INIT;
    char **states = arena_array(&lab->arena, char *, n);
    Column part = col_gather(&lab->arena, &lab->col, rows, n);
    for (uint32_t i = 0; i < n; i++) states[i] = state;
    if (lab->call.agg->add(&ctx, states, &part, weights, n, &err) != ST_OK)
        fail_msg("%s", err.message);
}

static const char *lab_result(Lab *lab, const char *state) {
    AggCtx ctx = lab_ctx(lab);
    Err err = ERR_INIT;
    ColBuilder b;
    Column out;
    Buf text;
    colb_init(&b, &lab->arena, lab->call.type, 1);
    if (lab->call.agg->result(&ctx, &state, 1, &b, &err) != ST_OK) return "error";
    colb_finish(&b, &out);
    buf_init(&text, NULL);
    value_print(&out, 0, TEXT_CAST, NULL, &text);
    const char *copy = arena_strndup(&lab->arena, text.ptr, text.len);
    buf_deinit(&text);
    return copy;
}

static void shuffle(Rng *rng, uint32_t *rows, uint32_t n) {
    for (uint32_t i = n; i > 1; i--) {
        uint32_t k = (uint32_t)rng_below(rng, i), swap = rows[i - 1];
        rows[i - 1] = rows[k];
        rows[k] = swap;
    }
}

static void check_merge(Lab *lab, const uint32_t *rows, uint32_t n, uint32_t cut,
                        const char *whole) {
    AggCtx ctx = lab_ctx(lab);
    Err err = ERR_INIT;
    char *left = lab_state(lab), *right = lab_state(lab);
    lab_add(lab, left, rows, NULL, cut);
    lab_add(lab, right, rows + cut, NULL, n - cut);
    assert_int_equal(lab->call.agg->merge(&ctx, left, right, &err), ST_OK);
    if (strcmp(lab_result(lab, left), whole) != 0)
        fail_msg("%s merged: %s, whole: %s", lab->call.agg->name, lab_result(lab, left), whole);
}

/* All rows in, then those behind `n` out again, one by one and in another order. */
static void check_retract(Lab *lab, Rng *rng, const uint32_t *rows, uint32_t n, const char *whole) {
    uint32_t gone[ROWS];
    int32_t minus[ROWS];
    char *state = lab_state(lab);
    memcpy(gone, rows + n, sizeof(uint32_t) * (ROWS - n));
    for (int i = 0; i < ROWS; i++) minus[i] = -1;
    lab_add(lab, state, rows, NULL, ROWS);
    shuffle(rng, gone, ROWS - n);
    lab_add(lab, state, gone, minus, ROWS - n);
    if (strcmp(lab_result(lab, state), whole) != 0)
        fail_msg("%s retracted: %s, whole: %s", lab->call.agg->name, lab_result(lab, state), whole);
}

/* A row of weight 3 is three rows. */
static void check_weights(Lab *lab, const uint32_t *rows, uint32_t n) {
    uint32_t tripled[3 * ROWS];
    int32_t three[ROWS];
    char *a = lab_state(lab), *b = lab_state(lab);
    for (uint32_t i = 0; i < n; i++) {
        three[i] = 3;
        tripled[3 * i] = tripled[3 * i + 1] = tripled[3 * i + 2] = rows[i];
    }
    lab_add(lab, a, rows, three, n);
    lab_add(lab, b, tripled, NULL, 3 * n);
    if (strcmp(lab_result(lab, a), lab_result(lab, b)) != 0)
        fail_msg("%s of weight 3: %s, three times: %s", lab->call.agg->name, lab_result(lab, a),
                 lab_result(lab, b));
}

static void check_agg(Lab *lab, Rng *rng) {
    uint32_t rows[ROWS], n = 1 + (uint32_t)rng_below(rng, ROWS - 1), traits = lab->call.agg->traits;
    for (uint32_t i = 0; i < ROWS; i++) rows[i] = i;
    shuffle(rng, rows, ROWS);
    char *state = lab_state(lab);
    lab_add(lab, state, rows, NULL, n);
    const char *whole = lab_result(lab, state);
    if (traits & AGG_MERGEABLE) check_merge(lab, rows, n, (uint32_t)rng_below(rng, n + 1), whole);
    if (traits & AGG_LINEAR) check_retract(lab, rng, rows, n, whole);
    check_weights(lab, rows, n);
    if (traits & AGG_ARRIVAL_ORDER) return;
    char *other = lab_state(lab);
    shuffle(rng, rows, n);
    lab_add(lab, other, rows, NULL, n);
    if (strcmp(lab_result(lab, other), whole) != 0)
        fail_msg("%s in another order: %s, before: %s", lab->call.agg->name, lab_result(lab, other),
                 whole);
}

static void prop_agg_laws(void **state) {
    uint32_t n_aggs, n_checked = 0;
    const Agg *const *aggs = agg_all(&n_aggs);
    struct timespec now;
    (void)state;
    clock_gettime(CLOCK_REALTIME, &now);
    Rng rng = {(uint64_t)now.tv_nsec};
    print_message("seed %ld\n", now.tv_nsec);
    for (int round = 0; round < ROUNDS; round++) {
        Lab lab = {0};
        arena_init(&lab.arena, NULL);
        lab.heap = stateheap_new(NULL);
        const Type *types[] = {&type_int,    &type_bigint, &type_double,
                               &type_string, &type_date,   type_decimal(&lab.arena, 10, 2)};
        for (uint32_t a = 0; a < n_aggs * 6; a++) {
            Err err = ERR_INIT;
            Expr *arg = expr_column(&lab.arena, 0, types[a % 6], -1);
            if (!strcmp(aggs[a / 6]->name, "SINGLE_VALUE")) continue; /* an error by nature */
            if (agg_bind(&lab.arena, span_of(aggs[a / 6]->name), &arg, 1, false, false, -1,
                         &lab.call, &err) != ST_OK ||
                lab.call.args[0]->kind != EXPR_COLUMN)
                continue;
            lab.col = random_rows(&lab, &rng, types[a % 6]);
            check_agg(&lab, &rng);
            n_checked++;
        }
        stateheap_free(lab.heap);
        arena_deinit(&lab.arena);
    }
    assert_true(n_checked > ROUNDS * 40);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(prop_agg_laws)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
