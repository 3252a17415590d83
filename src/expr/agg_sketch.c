/* agg_sketch.c -- APPROX_COUNT_DISTINCT: HyperLogLog with 2^14 registers, about 0.8 % off.
 *
 * Up to 1,024 different values the hashes themselves are kept, so that small counts are exact and
 * small groups are small. The estimate is Ertl's improved one (2017), which needs no table of
 * corrections. SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"

enum { SKETCH_BITS = 14, SKETCH_REGISTERS = 1 << SKETCH_BITS, SKETCH_SPARSE_MAX = 1024 };
enum { SKETCH_Q = 64 - SKETCH_BITS };

typedef struct Sketch {
    int64_t n_sparse; /* hashes kept; -1: registers, one byte each */
    StateVar bytes;   /* sparse: an open-addressing table of hashes, 0 = free */
} Sketch;

static uint64_t sketch_hash(const Column *col, uint32_t row) {
    uint32_t at = col_at(col, row);
    uint64_t hash;
    switch (type_phys(col->type)) {
    case PHYS_STR: {
        Span text = str_span(&col->str[at]);
        hash = hash_bytes(text.ptr, text.len, 0);
        break;
    }
    case PHYS_I128: hash = hash_bytes(&col->i128[at], sizeof(Int128), 0); break;
    case PHYS_F32:
    case PHYS_F64: {
        double x = agg_real(col, row) + 0.0; /* -0 becomes 0 */
        if (isnan(x)) x = (double)NAN;
        hash = hash_bytes(&x, sizeof x, 0);
        break;
    }
    default: {
        int64_t x = fn_int(col, row);
        hash = hash_bytes(&x, sizeof x, 0);
        break;
    }
    }
    return hash ? hash : 1;
}

static void sketch_register(Sketch *s, uint64_t hash) {
    uint64_t rest = hash << SKETCH_BITS;
    int rank = rest ? __builtin_clzll(rest) + 1 : SKETCH_Q + 1;
    char *reg = &s->bytes.ptr[hash >> SKETCH_Q];
    if (*reg < rank) *reg = (char)rank;
}

/* Whether the hash went in; false when it was there. */
static bool sketch_table_add(uint64_t *table, uint32_t n_slots, uint64_t hash) {
    uint32_t slot = (uint32_t)hash & (n_slots - 1);
    for (; table[slot]; slot = (slot + 1) & (n_slots - 1)) {
        if (table[slot] == hash) return false;
    }
    table[slot] = hash;
    return true;
}

/* Twice the slots, or the registers. */
static void sketch_grow(StateHeap *heap, Arena *scratch, Sketch *s) {
    uint32_t n_old = s->bytes.len / 8;
    uint64_t *old = arena_array(scratch, uint64_t, n_old + 1);
    if (n_old) memcpy(old, s->bytes.ptr, s->bytes.len);
    bool is_full = s->n_sparse >= SKETCH_SPARSE_MAX;
    uint32_t n_new = n_old ? 2 * n_old : 8;
    uint32_t len = is_full ? SKETCH_REGISTERS : 8 * n_new;
    statevar_set(heap, &s->bytes, arena_zalloc(scratch, len), len);
    if (is_full) s->n_sparse = -1;
    for (uint32_t i = 0; i < n_old; i++) {
        if (!old[i]) continue;
        if (is_full) {
            sketch_register(s, old[i]);
        } else {
            sketch_table_add((uint64_t *)(void *)s->bytes.ptr, n_new, old[i]);
        }
    }
}

static void sketch_add_hash(StateHeap *heap, Arena *scratch, Sketch *s, uint64_t hash) {
    if (s->n_sparse >= 0 && (uint64_t)s->n_sparse * 16 >= s->bytes.len) /* half full */
        sketch_grow(heap, scratch, s);
    if (s->n_sparse < 0) {
        sketch_register(s, hash);
        return;
    }
    uint64_t *table = (uint64_t *)(void *)s->bytes.ptr;
    s->n_sparse += sketch_table_add(table, s->bytes.len / 8, hash);
}

static Status sketch_add(AggCtx *ctx, char *const *states, const Column *args,
                         const int32_t *weights, uint32_t n, Err *err) {
    (void)weights, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i)) continue;
        sketch_add_hash(ctx->heap, ctx->scratch, (Sketch *)(void *)states[i],
                        sketch_hash(&args[0], i));
    }
    return ST_OK;
}

static Status sketch_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    Sketch *a = (Sketch *)(void *)into;
    const Sketch *b = (const Sketch *)(const void *)from;
    (void)err;
    if (b->n_sparse >= 0) {
        const uint64_t *table = (const uint64_t *)(const void *)b->bytes.ptr;
        for (uint32_t i = 0; i < b->bytes.len / 8; i++) {
            if (table[i]) sketch_add_hash(ctx->heap, ctx->scratch, a, table[i]);
        }
        return ST_OK;
    }
    if (a->n_sparse >= 0) {
        a->n_sparse = SKETCH_SPARSE_MAX;
        sketch_grow(ctx->heap, ctx->scratch, a);
    }
    for (uint32_t i = 0; i < SKETCH_REGISTERS; i++) {
        if (a->bytes.ptr[i] < b->bytes.ptr[i]) a->bytes.ptr[i] = b->bytes.ptr[i];
    }
    return ST_OK;
}

/* ---- Ertl's estimate ---- */

static double sketch_sigma(double x) {
    if (x == 1) return (double)INFINITY;
    double y = 1, z = x, before;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z != before);
    return z;
}

static double sketch_tau(double x) {
    if (x == 0 || x == 1) return 0;
    double y = 1, z = 1 - x, before;
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z != before);
    return z / 3;
}

static int64_t sketch_estimate(const Sketch *s) {
    if (s->n_sparse >= 0) return s->n_sparse;
    uint32_t counts[SKETCH_Q + 2] = {0};
    double m = SKETCH_REGISTERS;
    for (uint32_t i = 0; i < SKETCH_REGISTERS; i++) counts[(unsigned char)s->bytes.ptr[i]]++;
    double z = m * sketch_tau(1 - counts[SKETCH_Q + 1] / m);
    for (int k = SKETCH_Q; k >= 1; k--) z = 0.5 * (z + counts[k]);
    z += m * sketch_sigma(counts[0] / m);
    return (int64_t)llround(m * m / (2 * M_LN2 * z));
}

static Status sketch_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                            Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++)
        colb_i64(out, sketch_estimate((const Sketch *)(const void *)states[i]));
    return ST_OK;
}

const Agg aggs_sketch[] = {
    {.name = "APPROX_COUNT_DISTINCT",
     .sig = "(COMPARABLE) -> BIGINT!",
     .traits = AGG_MERGEABLE | AGG_DUP_FREE,
     .state_size = sizeof(Sketch),
     .var_slots = 1 << (offsetof(Sketch, bytes) / 8),
     .add = sketch_add,
     .merge = sketch_merge,
     .result = sketch_result,
     .help = "About how many different values, exact up to 1,024, then 0.8 % off on average.",
     .example = "APPROX_COUNT_DISTINCT(x) OVER 1, 2, 2 => 2"},
    AGG_END};
