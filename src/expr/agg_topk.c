/* agg_topk.c -- APPROX_TOP_K: the most frequent values, with a bounded number of counters.
 *
 * A value without a counter takes over the one that counts least (and its count, so that counts
 * are never too low): "space saving". With 8 counters and more for every value wanted the answer
 * is exact unless values are spread evenly. SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"

enum { TOPK_MAX = 1000, TOPK_COUNTERS_MIN = 100, TOPK_COUNTERS_PER_VALUE = 8 };

typedef struct TopkItem {
    uint64_t hash;
    int64_t count;
    uint32_t off, len; /* of the key bytes */
} TopkItem;

typedef struct Topk {
    int64_t floor;     /* no count is less once all counters are taken */
    int64_t cursor;    /* where to look for the next one that is not more */
    int64_t n_garbage; /* bytes of values that were replaced */
    StateVar items, bytes;
    StateVar slots; /* hash table of uint32: index of the item + 1 */
} Topk;
enum {
    TOPK_VARS = 1 << (offsetof(Topk, items) / 8) | 1 << (offsetof(Topk, bytes) / 8) |
                1 << (offsetof(Topk, slots) / 8)
};

static uint32_t topk_n(const Topk *s) {
    return s->items.len / (uint32_t)sizeof(TopkItem);
}
static TopkItem *topk_items(const Topk *s) {
    return (TopkItem *)(void *)s->items.ptr;
}
static Span topk_key(const Topk *s, const TopkItem *item) {
    return (Span){s->bytes.ptr + item->off, item->len};
}

static Status topk_wanted(const AggCtx *ctx, uint32_t *out, Err *err) {
    const Column *value = ctx->call->args[1]->value;
    int64_t k = col_is_null(value, 0) ? 0 : fn_int(value, 0);
    *out = (uint32_t)k;
    if (k > 0 && k <= TOPK_MAX) return ST_OK;
    FAIL(err, ST_INVALID, "22023", ctx->call->pos, "APPROX_TOP_K gives 1 to %d values", TOPK_MAX);
}

static uint32_t topk_capacity(uint32_t k) {
    uint32_t n = TOPK_COUNTERS_PER_VALUE * k;
    return n < TOPK_COUNTERS_MIN ? TOPK_COUNTERS_MIN : n;
}

/* The slot of the key, or the free one where it belongs. */
static uint32_t *topk_slot(const Topk *s, uint64_t hash, Span key) {
    uint32_t *slots = (uint32_t *)(void *)s->slots.ptr;
    uint32_t mask = s->slots.len / (uint32_t)sizeof *slots - 1, at = (uint32_t)hash & mask;
    for (; slots[at]; at = (at + 1) & mask) {
        const TopkItem *item = &topk_items(s)[slots[at] - 1];
        if (item->hash == hash && span_eq(topk_key(s, item), key)) break;
    }
    return &slots[at];
}

/* Makes the hash table anew, and the bytes without garbage. */
static void topk_rebuild(AggCtx *ctx, Topk *s, uint32_t capacity) {
    uint32_t n_slots = 16, n = topk_n(s), *zeros;
    char *kept = arena_alloc(ctx->scratch, s->bytes.len + 1);
    uint32_t len = 0;
    while (n_slots < 3 * capacity) n_slots *= 2;
    zeros = arena_array(ctx->scratch, uint32_t, n_slots);
    for (uint32_t i = 0; i < n; i++) {
        TopkItem *item = &topk_items(s)[i];
        memcpy(kept + len, s->bytes.ptr + item->off, item->len);
        item->off = len;
        len += item->len;
    }
    if (s->n_garbage) statevar_set(ctx->heap, &s->bytes, kept, len);
    s->n_garbage = 0;
    statevar_set(ctx->heap, &s->slots, zeros, n_slots * (uint32_t)sizeof *zeros);
    for (uint32_t i = 0; i < n; i++) {
        const TopkItem *item = &topk_items(s)[i];
        *topk_slot(s, item->hash, topk_key(s, item)) = i + 1;
    }
}

/* Empties a slot and closes the gap, so that what stands behind it is still found. */
static void topk_free_slot(const Topk *s, uint32_t *slot) {
    uint32_t *slots = (uint32_t *)(void *)s->slots.ptr;
    uint32_t mask = s->slots.len / (uint32_t)sizeof *slots - 1;
    uint32_t gap = (uint32_t)(slot - slots), at = gap;
    for (;;) {
        at = (at + 1) & mask;
        if (!slots[at]) break;
        uint32_t home = (uint32_t)topk_items(s)[slots[at] - 1].hash & mask;
        if (((at - home) & mask) < ((at - gap) & mask)) continue;
        slots[gap] = slots[at];
        gap = at;
    }
    slots[gap] = 0;
}

/* The item that counts least. */
static uint32_t topk_least(Topk *s) {
    TopkItem *items = topk_items(s);
    uint32_t n = topk_n(s);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t seen = 0; seen < n; seen++) {
            uint32_t at = (uint32_t)s->cursor;
            s->cursor = (s->cursor + 1) % n;
            if (items[at].count <= s->floor) return at;
        }
        s->floor = INT64_MAX;
        for (uint32_t i = 0; i < n; i++)
            if (items[i].count < s->floor) s->floor = items[i].count;
    }
    return 0;
}

static void topk_count(AggCtx *ctx, Topk *s, Span key, int64_t count, uint32_t capacity) {
    uint64_t hash = hash_bytes(key.ptr, key.len, 0);
    TopkItem item = {.hash = hash, .count = count, .len = (uint32_t)key.len};
    uint32_t *slot;
    if (!s->slots.len) topk_rebuild(ctx, s, capacity);
    slot = topk_slot(s, hash, key);
    if (*slot) {
        topk_items(s)[*slot - 1].count += count;
        return;
    }
    item.off = s->bytes.len;
    statevar_append(ctx->heap, &s->bytes, key.ptr, item.len);
    if (topk_n(s) < capacity) {
        statevar_append(ctx->heap, &s->items, &item, sizeof item);
        *slot = topk_n(s);
        return;
    }
    uint32_t least = topk_least(s);
    TopkItem *old = &topk_items(s)[least];
    topk_free_slot(s, topk_slot(s, old->hash, topk_key(s, old)));
    item.count += old->count;
    s->n_garbage += old->len;
    *old = item;
    *topk_slot(s, hash, key) = least + 1;
    if (s->n_garbage > 4096 && s->n_garbage > s->bytes.len / 2) topk_rebuild(ctx, s, capacity);
}

static Status topk_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *weights,
                       uint32_t n, Err *err) {
    uint32_t k;
    Buf key;
    TRY(topk_wanted(ctx, &k, err));
    buf_init(&key, NULL);
    for (uint32_t i = 0; i < n; i++) {
        ArenaMark mark = arena_mark(ctx->scratch);
        if (col_is_null(&args[0], i)) continue;
        buf_reset(&key);
        rowkey_encode_row(&args[0], 1, NULL, i, &key);
        topk_count(ctx, (Topk *)(void *)states[i], buf_as_span(&key), agg_weight(weights, i),
                   topk_capacity(k));
        arena_rewind(ctx->scratch, mark);
    }
    buf_deinit(&key);
    return ST_OK;
}

static Status topk_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    const Topk *b = (const Topk *)(const void *)from;
    uint32_t k;
    TRY(topk_wanted(ctx, &k, err));
    for (uint32_t i = 0; i < topk_n(b); i++) {
        const TopkItem *item = &topk_items(b)[i];
        topk_count(ctx, (Topk *)(void *)into, topk_key(b, item), item->count, topk_capacity(k));
    }
    return ST_OK;
}

typedef struct TopkRank {
    Span key;
    int64_t count;
} TopkRank;

static int topk_order(const void *a, const void *b) {
    const TopkRank *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return span_cmp(x->key, y->key);
}

static Status topk_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                          Err *err) {
    uint32_t k;
    TRY(topk_wanted(ctx, &k, err));
    for (uint32_t i = 0; i < n; i++) {
        const Topk *s = (const Topk *)(const void *)states[i];
        uint32_t n_items = topk_n(s);
        TopkRank *ranks = arena_array(ctx->scratch, TopkRank, n_items + 1);
        ColBuilder *row = &out->children[0];
        for (uint32_t j = 0; j < n_items; j++)
            ranks[j] = (TopkRank){topk_key(s, &topk_items(s)[j]), topk_items(s)[j].count};
        qsort(ranks, n_items, sizeof *ranks, topk_order);
        for (uint32_t j = 0; j < n_items && j < k; j++) {
            TRY(rowkey_decode(ranks[j].key, &row->children[0], 1, NULL, err));
            colb_i64(&row->children[1], ranks[j].count);
            colb_row_end(row);
        }
        colb_list_end(out);
    }
    return ST_OK;
}

static Status topk_type(Arena *arena, Expr *const *args, uint32_t n_args, const Type **out,
                        Err *err) {
    Field *fields = arena_array(arena, Field, 2);
    (void)n_args, (void)err;
    fields[0] = (Field){SPAN("value"), type_with_attr(arena, args[0]->type, TIME_ATTR_NONE)};
    fields[1] = (Field){SPAN("count"), type_with_null(arena, &type_bigint, false)};
    *out = type_array(arena, type_with_null(arena, type_row(arena, (Schema){2, fields}), false));
    return ST_OK;
}

const Agg aggs_topk[] = {
    {.name = "APPROX_TOP_K",
     .sig = "(COMPARABLE, LITERAL INTEGER) -> *!",
     .traits = AGG_MERGEABLE,
     .state_size = sizeof(Topk),
     .var_slots = TOPK_VARS,
     .derive = topk_type,
     .add = topk_add,
     .merge = topk_merge,
     .result = topk_result,
     .help =
         "APPROX_TOP_K(x, k): the k most frequent values with their counts, which are never too "
         "low; with at least 8 k (and 100) counters.",
     .example = "APPROX_TOP_K(x, 2) OVER 'a', 'b', 'a', 'c', 'a', 'b' => [(a, 3), (b, 2)]"},
    AGG_END};
