/* test_store_multimap.c -- random changes to sorted groups against a plain sorted array.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { GROUPS = 4, ROWS_MAX = 6000 };

typedef struct NaiveRow {
    char sort[24], value[24];
    int64_t count;
} NaiveRow;

typedef struct Naive {
    NaiveRow rows[ROWS_MAX];
    uint32_t n;
    MultiGroup *group;
} Naive;

static uint64_t rng;
static uint64_t next(void) {
    rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
    return rng;
}

static uint32_t naive_bound(const Naive *naive, const char *sort) {
    uint32_t at = 0;
    while (at < naive->n && strcmp(naive->rows[at].sort, sort) < 0) at++;
    return at;
}

static int64_t naive_add(Naive *naive, const char sort[24], const char value[24], int64_t weight,
                         bool replace, uint32_t *at) {
    NaiveRow *row;
    *at = naive_bound(naive, sort);
    row = &naive->rows[*at];
    if (*at < naive->n && strcmp(row->sort, sort) == 0) {
        row->count += weight;
        if (replace) memcpy(row->value, value, sizeof row->value);
        if (row->count) return row->count;
        memmove(row, row + 1, sizeof *row * (naive->n - *at - 1));
        naive->n--;
        return 0;
    }
    if (!weight) return 0;
    memmove(row + 1, row, sizeof *row * (naive->n - *at));
    memcpy(row->sort, sort, sizeof row->sort);
    memcpy(row->value, value, sizeof row->value);
    row->count = weight;
    naive->n++;
    return weight;
}

static void check_row(const NaiveRow *naive, const MultiRow *row) {
    assert_true(span_is(row->sort, naive->sort));
    assert_true(span_is(row->value, naive->value));
    assert_int_equal(row->count, naive->count);
}

static void check_group(const Naive *naive) {
    MultiRow row;
    assert_int_equal(multi_rows(naive->group), naive->n);
    for (uint32_t i = 0; i < naive->n; i++) {
        assert_true(multi_at(naive->group, i, &row));
        check_row(&naive->rows[i], &row);
    }
    assert_false(multi_at(naive->group, naive->n, &row));
}

static void one_change(MultiMap *multi, Naive *naive, uint32_t space, bool in_order) {
    char sort[24], value[24];
    static uint64_t clock;
    int64_t weight = (int64_t)(next() % 4) - (in_order ? 0 : 1);
    bool replace = next() % 4 == 0;
    uint64_t position;
    uint32_t at;
    int64_t count, expected;
    MultiRow row;
    bool found;
    snprintf(sort, sizeof sort, in_order ? "%010u" : "%u",
             (unsigned)(in_order ? clock++ : next() % space));
    snprintf(value, sizeof value, "v%u", (unsigned)(next() % 1000000) >> (next() % 16));
    if (naive->n >= ROWS_MAX - 1) return;
    expected = naive_add(naive, sort, value, weight, replace, &at);
    count =
        multi_add(multi, naive->group, span_of(sort), span_of(value), weight, replace, &position);
    assert_int_equal(count, expected);
    if (count) assert_int_equal(position, at);
    found = multi_get(naive->group, span_of(sort), &row);
    assert_int_equal(found, count != 0);
    if (found) check_row(&naive->rows[at], &row);
    snprintf(sort, sizeof sort, "%u", (unsigned)(next() % space));
    assert_int_equal(multi_lower_bound(naive->group, span_of(sort)), naive_bound(naive, sort));
}

static void one_erase(MultiMap *multi, Naive *naive) {
    uint32_t from = (uint32_t)(next() % (naive->n + 1));
    uint32_t to = from + (uint32_t)(next() % (naive->n - from + 1));
    if (next() % 2) from = 0;
    multi_erase(multi, naive->group, from, to);
    memmove(naive->rows + from, naive->rows + to, sizeof naive->rows[0] * (naive->n - to));
    naive->n -= to - from;
}

static void run(uint64_t seed, uint32_t space, uint32_t n_changes, bool in_order) {
    Mem mem = {0};
    State *state = state_new(&mem);
    MultiMap *multi = state_multimap(state, "op", &(MultiSpec){.name = "rows", .extra_size = 12});
    Naive *naive = calloc(GROUPS, sizeof *naive);
    uint32_t starts[GROUPS + 1];
    uint64_t hashes[GROUPS];
    RowKeys keys = {.n = GROUPS, .starts = starts, .bytes = "aabbccdd", .hashes = hashes};
    MultiGroup *groups[GROUPS], *found[GROUPS];
    rng = seed;
    for (uint32_t i = 0; i <= GROUPS; i++) starts[i] = 2 * i;
    for (uint32_t i = 0; i < GROUPS; i++) hashes[i] = hash_bytes(keys.bytes + 2 * i, 2, 0);
    multi_upsert(multi, &keys, groups);
    for (uint32_t i = 0; i < GROUPS; i++) {
        naive[i].group = groups[i];
        memset(multi_extra(groups[i]), (int)i, 12);
    }
    for (uint32_t i = 0; i < n_changes; i++) {
        Naive *group = &naive[next() % (1 + next() % GROUPS)];
        one_change(multi, group, space, in_order);
        if (next() % 1500 == 0 && group->n) one_erase(multi, group);
        if (i % 2048 == 0)
            for (uint32_t g = 0; g < GROUPS; g++) check_group(&naive[g]);
    }
    for (uint32_t g = 0; g < GROUPS; g++) {
        check_group(&naive[g]);
        assert_int_equal(*((char *)multi_extra(groups[g]) + 11), g);
    }
    multi_remove(multi, groups[1]);
    multi_find(multi, &keys, found);
    assert_null(found[1]);
    assert_ptr_equal(found[2], groups[2]);
    assert_int_equal(multi_count(multi), GROUPS - 1);
    while (naive[0].n) one_erase(multi, &naive[0]);
    check_group(&naive[0]);
    state_free(state);
    free(naive);
    assert_int_equal(mem.used, 0);
}

static void test_random(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        run(seed * 31, 10, 2000, false);
        run(seed * 37, 300, 20000, false);
        run(seed * 41, 100000, 40000, false);
    }
}

static void test_in_order(void **state) {
    (void)state;
    run(4242, 100000, 20000, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
