/* test_store_map.c -- random upserts, finds, removals and slice drops against a plain array that
 * does the same slowly; addresses stay, memory is given back.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { KEY_SPACE = 3000, BATCH = 200, SLICES = 6 };

typedef struct Shadow {
    char *entry; /* NULL = absent */
    uint64_t sum;
    uint32_t dirty; /* order of first touch, 0 = clean */
} Shadow;

typedef struct Fixture {
    Mem mem;
    Arena arena;
    State *state;
    StateMap *map;
    Shadow shadow[SLICES][KEY_SPACE];
    uint64_t rng;
    uint32_t n_touched;
    bool is_sliced;
} Fixture;

static uint64_t next(Fixture *f) {
    f->rng ^= f->rng << 13, f->rng ^= f->rng >> 7, f->rng ^= f->rng << 17;
    return f->rng;
}

/* Key number -> bytes: numbers below half are 9-byte keys, the rest are of many lengths. */
static size_t key_text(uint32_t number, char *out) {
    if (number < KEY_SPACE / 2) {
        out[0] = 1;
        memset(out + 1, (int)(number % 3), 8);
        memcpy(out + 5, &number, 4);
        return 9;
    }
    if (number == KEY_SPACE - 1) return 0; /* the empty key */
    size_t len = 1 + number % 90;
    memset(out, 'k', 100);
    return (size_t)snprintf(out, 100, "%u", number) > len ? strlen(out) : len;
}

static void keys_of(Fixture *f, const uint32_t *numbers, uint32_t n, RowKeys *keys) {
    uint32_t *starts = arena_array(&f->arena, uint32_t, n + 1);
    uint64_t *hashes = arena_array(&f->arena, uint64_t, n);
    char *bytes = arena_alloc(&f->arena, 100 * (size_t)n);
    for (uint32_t i = 0; i < n; i++) {
        size_t len = key_text(numbers[i], bytes + starts[i]);
        starts[i + 1] = starts[i] + (uint32_t)len;
        hashes[i] = hash_bytes(bytes + starts[i], len, 0);
        if (numbers[i] % 17 == 0) hashes[i] = 5; /* collisions of the whole hash */
    }
    *keys = (RowKeys){.n = n, .starts = starts, .bytes = bytes, .hashes = hashes};
}

static void upsert(Fixture *f) {
    uint32_t n = 1 + (uint32_t)(next(f) % BATCH), range = 1 + (uint32_t)(next(f) % KEY_SPACE);
    uint32_t *numbers = arena_array(&f->arena, uint32_t, n);
    int64_t *slices = arena_array(&f->arena, int64_t, n);
    char **entries = arena_array(&f->arena, char *, n);
    uint8_t *is_new = arena_array(&f->arena, uint8_t, n);
    RowKeys keys;
    for (uint32_t i = 0; i < n; i++) {
        numbers[i] = (uint32_t)(next(f) % range);
        slices[i] = f->is_sliced ? (int64_t)(next(f) % SLICES) : 0;
    }
    keys_of(f, numbers, n, &keys);
    map_upsert(f->map, &keys, f->is_sliced ? slices : NULL, entries, is_new);
    for (uint32_t i = 0; i < n; i++) {
        Shadow *s = &f->shadow[slices[i]][numbers[i]];
        uint64_t add = next(f) % 1000;
        assert_int_equal(is_new[i], s->entry == NULL);
        if (s->entry) assert_ptr_equal(s->entry, entries[i]);
        s->entry = entries[i];
        if (is_new[i]) {
            uint64_t zero[3] = {0};
            assert_memory_equal(entries[i], zero, sizeof zero);
            assert_int_equal((uintptr_t)entries[i] % 8, 0); /* 24 is no multiple of 16 */
        }
        s->sum += add;
        *(uint64_t *)(void *)entries[i] += add;
        assert_int_equal(map_mark_dirty(f->map, entries[i]), s->dirty == 0);
        if (!s->dirty) s->dirty = ++f->n_touched;
        assert_true(span_eq(map_key(f->map, entries[i]), rowkey_get(&keys, i)));
    }
}

static void drop(Fixture *f, uint32_t slice, uint32_t number) {
    Shadow *s = &f->shadow[slice][number];
    if (!s->entry) return;
    map_remove(f->map, s->entry);
    *s = (Shadow){0};
}

static void check_dirty(Fixture *f) {
    uint32_t n, n_expected = 0;
    char *const *dirty = map_dirty(f->map, &n);
    uint32_t last = 0;
    for (uint32_t s = 0; s < SLICES; s++)
        for (uint32_t k = 0; k < KEY_SPACE; k++) n_expected += f->shadow[s][k].dirty != 0;
    assert_int_equal(n, n_expected);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t order = 0;
        for (uint32_t s = 0; s < SLICES && !order; s++)
            for (uint32_t k = 0; k < KEY_SPACE && !order; k++)
                if (f->shadow[s][k].entry == dirty[i]) order = f->shadow[s][k].dirty;
        assert_true(order > last);
        last = order;
        if (i > 20) break; /* the search above is slow */
    }
}

static void count_visit(void *ctx, char *entry) {
    uint64_t *sums = ctx;
    sums[0]++;
    sums[1] += *(uint64_t *)(void *)entry;
}

static void check_all(Fixture *f) {
    uint64_t sums[2] = {0}, n = 0, total = 0;
    uint32_t *numbers = arena_array(&f->arena, uint32_t, KEY_SPACE);
    int64_t *slices = arena_array(&f->arena, int64_t, KEY_SPACE);
    char **entries = arena_array(&f->arena, char *, KEY_SPACE);
    RowKeys keys;
    for (uint32_t s = 0; s < SLICES; s++) {
        uint64_t slice_sums[2] = {0}, slice_n = 0;
        for (uint32_t k = 0; k < KEY_SPACE; k++) {
            numbers[k] = k;
            slices[k] = s;
            n += f->shadow[s][k].entry != NULL;
            slice_n += f->shadow[s][k].entry != NULL;
            total += f->shadow[s][k].sum;
        }
        if (!f->is_sliced && s) continue;
        keys_of(f, numbers, KEY_SPACE, &keys);
        map_find(f->map, &keys, f->is_sliced ? slices : NULL, entries);
        for (uint32_t k = 0; k < KEY_SPACE; k++)
            assert_ptr_equal(entries[k], f->shadow[s][k].entry);
        if (f->is_sliced) map_slice_each(f->map, s, count_visit, slice_sums);
        if (f->is_sliced) assert_int_equal(slice_sums[0], slice_n);
    }
    map_each(f->map, count_visit, sums);
    assert_int_equal(sums[0], n);
    assert_int_equal(map_count(f->map), n);
    assert_int_equal(sums[1], total);
}

static void run(bool is_sliced, uint64_t seed) {
    static Fixture fixture;
    Fixture *f = &fixture;
    uint32_t var_offset = 8;
    MapSpec spec = {.name = "groups",
                    .entry_size = 24,
                    .n_var_slots = 1,
                    .var_offsets = &var_offset,
                    .is_sliced = is_sliced};
    memset(f, 0, sizeof *f);
    f->rng = seed;
    f->is_sliced = is_sliced;
    arena_init(&f->arena, NULL);
    f->state = state_new(&f->mem);
    f->map = state_map(f->state, "agg", &spec);
    for (uint32_t round = 0; round < 150; round++) {
        arena_reset(&f->arena);
        upsert(f);
        if (next(f) % 3 == 0) {
            uint32_t n = (uint32_t)(next(f) % 2000);
            for (uint32_t i = 0; i < n; i++)
                drop(f, is_sliced ? (uint32_t)(next(f) % SLICES) : 0,
                     (uint32_t)(next(f) % KEY_SPACE));
        }
        if (is_sliced && next(f) % 20 == 0) {
            uint32_t slice = (uint32_t)(next(f) % SLICES);
            map_slice_drop(f->map, slice);
            memset(f->shadow[slice], 0, sizeof f->shadow[slice]);
        }
        if (next(f) % 4 == 0) check_dirty(f);
        if (next(f) % 4 == 0) {
            map_clear_dirty(f->map);
            for (uint32_t s = 0; s < SLICES; s++)
                for (uint32_t k = 0; k < KEY_SPACE; k++) f->shadow[s][k].dirty = 0;
        }
        if (round % 10 == 0) check_all(f);
    }
    check_all(f);
    state_free(f->state);
    arena_deinit(&f->arena);
    assert_int_equal(f->mem.used, 0);
}

static void test_plain(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) run(false, seed * 77);
}

static void test_sliced(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) run(true, seed * 99);
}

/* Many keys: segments split; and many entries with one hash do not blow up the directory. */
static void test_large(void **state) {
    enum { N = 300000, SAME = 3000 };
    Mem mem = {0};
    Arena arena;
    State *s = state_new(&mem);
    StateMap *map = state_map(s, "agg", &(MapSpec){.name = "groups", .entry_size = 8});
    uint32_t *starts, sum = 0;
    uint64_t *hashes;
    char *bytes, **entries, **again;
    RowKeys keys;
    (void)state;
    arena_init(&arena, NULL);
    starts = arena_array(&arena, uint32_t, N + 1);
    hashes = arena_array(&arena, uint64_t, N);
    bytes = arena_array(&arena, char, N * 9);
    entries = arena_array(&arena, char *, N);
    again = arena_array(&arena, char *, N);
    for (uint32_t i = 0; i < N; i++) {
        bytes[9 * i] = 1;
        memcpy(bytes + 9 * i + 1, &i, 4);
        starts[i + 1] = 9 * (i + 1);
        hashes[i] = i < SAME ? 42 : hash_bytes(bytes + 9 * i, 9, 0);
    }
    keys = (RowKeys){.n = N, .starts = starts, .bytes = bytes, .hashes = hashes};
    map_upsert(map, &keys, NULL, entries, NULL);
    map_upsert(map, &keys, NULL, again, NULL);
    assert_memory_equal(entries, again, sizeof *entries * N);
    assert_int_equal(map_count(map), N);
    assert_true(mem.used < N * (uint64_t)110);
    for (uint32_t i = 0; i < N; i++) map_remove(map, entries[i]);
    map_find(map, &keys, NULL, again);
    for (uint32_t i = 0; i < N; i++) sum += again[i] != NULL;
    assert_int_equal(sum, 0);
    state_free(s);
    arena_deinit(&arena);
    assert_int_equal(mem.used, 0);
}

/* A window query's life: slices come and go, and after warm-up nothing is allocated. */
static void test_no_allocations(void **state) {
    Mem mem = {0};
    State *s = state_new(&mem);
    StateMap *map =
        state_map(s, "agg", &(MapSpec){.name = "slices", .entry_size = 16, .is_sliced = true});
    uint64_t n_allocs = 0;
    (void)state;
    for (int64_t slice = 0; slice < 100; slice++) {
        char bytes[9 * 500] = {0}, *entries[500];
        uint32_t starts[501] = {0};
        uint64_t hashes[500];
        int64_t slices[500];
        for (uint32_t i = 0; i < 500; i++) {
            memcpy(bytes + 9 * i, &i, 4);
            starts[i + 1] = 9 * (i + 1);
            hashes[i] = hash_bytes(bytes + 9 * i, 9, 0);
            slices[i] = slice;
        }
        map_upsert(map, &(RowKeys){500, starts, bytes, hashes}, slices, entries, NULL);
        for (uint32_t i = 0; i < 500; i++) map_mark_dirty(map, entries[i]);
        map_clear_dirty(map);
        if (slice >= 3) map_slice_drop(map, slice - 3);
        if (slice == 10) n_allocs = mem.n_allocs;
    }
    assert_int_equal(mem.n_allocs, n_allocs);
    state_free(s);
    assert_int_equal(mem.used, 0);
}

/* Keys of 16 MB and more keep their length apart; entries of a multiple of 16 bytes are aligned so.
 */
static void test_long_keys(void **state) {
    enum { N = 4, LIMIT = 0xffffff };
    Mem mem = {0};
    State *s = state_new(&mem);
    (void)state;
    for (uint32_t is_sliced = 0; is_sliced < 2; is_sliced++) {
        MapSpec spec = {.name = is_sliced ? "slices" : "groups", .entry_size = 16};
        StateMap *map;
        uint32_t starts[N + 1] = {0};
        uint64_t hashes[N];
        const int64_t slices[N] = {0};
        char *bytes = test_calloc(N, LIMIT + 2), *entries[N], *again[N];
        uint8_t is_new[N];
        RowKeys keys = {.n = N, .starts = starts, .bytes = bytes, .hashes = hashes};
        spec.is_sliced = is_sliced;
        map = state_map(s, "op", &spec);
        for (uint32_t i = 0; i < N; i++) {
            starts[i + 1] = starts[i] + LIMIT - 2 + i;
            bytes[starts[i]] = (char)i;
            hashes[i] = hash_bytes(bytes + starts[i], starts[i + 1] - starts[i], 0);
        }
        map_upsert(map, &keys, is_sliced ? slices : NULL, entries, is_new);
        map_find(map, &keys, is_sliced ? slices : NULL, again);
        assert_memory_equal(entries, again, sizeof entries);
        for (uint32_t i = 0; i < N; i++) {
            assert_true(is_new[i]);
            assert_int_equal((uintptr_t)entries[i] % 16, 0);
            assert_true(span_eq(map_key(map, entries[i]), rowkey_get(&keys, i)));
        }
        for (uint32_t i = 0; i < N; i++) map_remove(map, entries[i]);
        assert_int_equal(map_count(map), 0);
        test_free(bytes);
    }
    state_free(s);
    assert_int_equal(mem.used, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),     cmocka_unit_test(test_sliced),
        cmocka_unit_test(test_large),     cmocka_unit_test(test_no_allocations),
        cmocka_unit_test(test_long_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
