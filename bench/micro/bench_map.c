/* bench_map.c -- nanoseconds a row of group-by state: keys encoded from a BIGINT column, upserted,
 * counted; uniform random keys, batches of 2,048 rows. Prints one JSON line a case.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/store.h"

#include <stdio.h>
#include <time.h>

enum { REPEATS = 5 };

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t bench_rng = 88172645463325252u;
static uint64_t bench_next(void) {
    bench_rng ^= bench_rng << 13, bench_rng ^= bench_rng >> 7, bench_rng ^= bench_rng << 17;
    return bench_rng;
}

/* One pass of n_rows random keys; returns nanoseconds a row: key encoding in *encode. */
static double pass(StateMap *map, Arena *scratch, uint64_t n_keys, uint64_t n_rows,
                   double *encode) {
    static int64_t values[BATCH_ROWS];
    static char *entries[BATCH_ROWS];
    double encoding = 0, start = now_ns(), filling = 0;
    for (uint64_t done = 0; done < n_rows; done += BATCH_ROWS) {
        Column col = {.type = &type_bigint, .n_rows = BATCH_ROWS, .i64 = values};
        RowKeys keys;
        double at = now_ns(), at_encode;
        for (uint32_t i = 0; i < BATCH_ROWS; i++) values[i] = (int64_t)(bench_next() % n_keys);
        at_encode = now_ns();
        filling += at_encode - at;
        arena_reset(scratch);
        rowkey_encode(scratch, &col, 1, NULL, BATCH_ROWS, &keys);
        encoding += now_ns() - at_encode;
        map_upsert(map, &keys, NULL, entries, NULL);
        for (uint32_t i = 0; i < BATCH_ROWS; i++) ((int64_t *)(void *)entries[i])[0]++;
    }
    *encode = encoding / (double)n_rows;
    return (now_ns() - start - filling) / (double)n_rows;
}

static void bench(uint64_t n_keys) {
    Mem mem = {0};
    Arena scratch;
    State *state = state_new(&mem);
    StateMap *map = state_map(state, "bench", &(MapSpec){.name = "groups", .entry_size = 16});
    double encode, load, best = 1e9, best_encode = 1e9;
    arena_init(&scratch, NULL);
    load = pass(map, &scratch, n_keys, n_keys * 4, &encode);
    for (int i = 0; i < REPEATS; i++) {
        double ns = pass(map, &scratch, n_keys, n_keys > 500000 ? n_keys * 2 : 1000000, &encode);
        if (ns < best) best = ns;
        if (encode < best_encode) best_encode = encode;
    }
    printf("{\"bench\": \"map\", \"keys\": %llu, \"load_ns\": %.1f, \"row_ns\": %.1f, "
           "\"of_it_encode_ns\": %.1f, \"bytes_a_key\": %.1f}\n",
           (unsigned long long)n_keys, load, best, best_encode,
           (double)mem.used / (double)map_count(map));
    fflush(stdout);
    state_free(state);
    arena_deinit(&scratch);
}

int main(void) {
    bench(100);
    bench(10000);
    bench(1000000);
    bench(10000000);
    return 0;
}
