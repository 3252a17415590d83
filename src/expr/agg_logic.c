/* agg_logic.c -- aggregates of booleans and of bits, and the row with the least or greatest value:
 * BOOL_AND, BIT_OR, COUNT_IF, MAX_BY ...
 *
 * Booleans and bits are counted, so that a retracted row is a count less.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"

/* ---- booleans ---- */

typedef struct BoolCounts {
    int64_t n_true, n_false;
} BoolCounts;

static Status boolagg_add(AggCtx *ctx, char *const *states, const Column *args,
                          const int32_t *weights, uint32_t n, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        BoolCounts *s = (BoolCounts *)(void *)states[i];
        if (col_is_null(&args[0], i)) continue;
        *(args[0].i8[col_at(&args[0], i)] ? &s->n_true : &s->n_false) += agg_weight(weights, i);
    }
    return ST_OK;
}

static Status boolagg_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    BoolCounts *a = (BoolCounts *)(void *)into;
    const BoolCounts *b = (const BoolCounts *)(const void *)from;
    (void)ctx, (void)err;
    a->n_true += b->n_true;
    a->n_false += b->n_false;
    return ST_OK;
}

static Status boolagg_and(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                          Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const BoolCounts *s = (const BoolCounts *)(const void *)states[i];
        if (s->n_true + s->n_false <= 0)
            colb_null(out);
        else
            colb_i8(out, s->n_false == 0);
    }
    return ST_OK;
}

static Status boolagg_or(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                         Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const BoolCounts *s = (const BoolCounts *)(const void *)states[i];
        if (s->n_true + s->n_false <= 0)
            colb_null(out);
        else
            colb_i8(out, s->n_true > 0);
    }
    return ST_OK;
}

static Status boolagg_count(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                            Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++)
        colb_i64(out, ((const BoolCounts *)(const void *)states[i])->n_true);
    return ST_OK;
}

/* ---- bits ---- */

typedef struct BitCounts {
    int64_t n, bits[64]; /* values; how many of them have the bit */
} BitCounts;

static Status bits_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *weights,
                       uint32_t n, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        BitCounts *s = (BitCounts *)(void *)states[i];
        int64_t weight = agg_weight(weights, i);
        if (col_is_null(&args[0], i)) continue;
        s->n += weight;
        for (uint64_t left = (uint64_t)fn_int(&args[0], i); left; left &= left - 1)
            s->bits[__builtin_ctzll(left)] += weight;
    }
    return ST_OK;
}

static Status bits_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    BitCounts *a = (BitCounts *)(void *)into;
    const BitCounts *b = (const BitCounts *)(const void *)from;
    (void)ctx, (void)err;
    a->n += b->n;
    for (int k = 0; k < 64; k++) a->bits[k] += b->bits[k];
    return ST_OK;
}

static Status bits_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                          Err *err) {
    char kind = ctx->call->agg->name[4]; /* BIT_AND, BIT_OR, BIT_XOR */
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const BitCounts *s = (const BitCounts *)(const void *)states[i];
        uint64_t value = 0;
        for (int k = 0; k < 64; k++) {
            bool is_set = kind == 'A'   ? s->bits[k] == s->n
                          : kind == 'O' ? s->bits[k] > 0
                                        : (s->bits[k] & 1) != 0;
            value |= (uint64_t)is_set << k;
        }
        if (s->n <= 0) {
            colb_null(out);
            continue;
        }
        switch (type_phys(out->type)) {
        case PHYS_I8: colb_i8(out, (int8_t)value); break;
        case PHYS_I16: colb_i16(out, (int16_t)value); break;
        case PHYS_I32: colb_i32(out, (int32_t)value); break;
        default: colb_i64(out, (int64_t)value); break;
        }
    }
    return ST_OK;
}

/* ---- MIN_BY, MAX_BY ---- */

/* The best order value and its value, as key bytes; of equal order values the least value wins, so
 * that the order of rows does not matter. */
typedef struct BestBy {
    int64_t n;
    StateVar order, value;
} BestBy;
enum { BEST_VARS = 1 << (offsetof(BestBy, order) / 8) | 1 << (offsetof(BestBy, value) / 8) };

static void best_offer(AggCtx *ctx, BestBy *s, Span order, Span value) {
    bool is_max = ctx->call->agg->name[1] == 'A';
    int cmp = s->n ? span_cmp(order, (Span){s->order.ptr, s->order.len}) : 0;
    if (s->n && (is_max ? cmp < 0 : cmp > 0)) return;
    if (s->n && cmp == 0 && span_cmp(value, (Span){s->value.ptr, s->value.len}) >= 0) return;
    statevar_set(ctx->heap, &s->order, order.ptr, (uint32_t)order.len);
    statevar_set(ctx->heap, &s->value, value.ptr, (uint32_t)value.len);
    s->n = 1;
}

static Status best_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *weights,
                       uint32_t n, Err *err) {
    Buf order, value;
    (void)weights, (void)err;
    buf_init(&order, NULL);
    buf_init(&value, NULL);
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i) || col_is_null(&args[1], i)) continue;
        buf_reset(&order);
        buf_reset(&value);
        rowkey_encode_row(&args[1], 1, NULL, i, &order);
        rowkey_encode_row(&args[0], 1, NULL, i, &value);
        best_offer(ctx, (BestBy *)(void *)states[i], buf_as_span(&order), buf_as_span(&value));
    }
    buf_deinit(&order);
    buf_deinit(&value);
    return ST_OK;
}

static Status best_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    const BestBy *b = (const BestBy *)(const void *)from;
    (void)err;
    if (b->n)
        best_offer(ctx, (BestBy *)(void *)into, (Span){b->order.ptr, b->order.len},
                   (Span){b->value.ptr, b->value.len});
    return ST_OK;
}

static Status best_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                          Err *err) {
    (void)ctx;
    for (uint32_t i = 0; i < n; i++) {
        const BestBy *s = (const BestBy *)(const void *)states[i];
        if (!s->n)
            colb_null(out);
        else
            TRY(rowkey_decode((Span){s->value.ptr, s->value.len}, out, 1, NULL, err));
    }
    return ST_OK;
}

#define LOGIC_ROW(NAME, SIG, RESULT, HELP, EXAMPLE)                                   \
    {                                                                                 \
        .name = NAME, .sig = SIG, .traits = AGG_LINEAR | AGG_MERGEABLE,               \
        .state_size = sizeof(BoolCounts), .add = boolagg_add, .merge = boolagg_merge, \
        .result = RESULT, .help = HELP, .example = EXAMPLE                            \
    }
#define BITS_ROW(NAME, HELP, EXAMPLE)                                                  \
    {                                                                                  \
        .name = NAME, .sig = "(INTEGER) -> $1?", .traits = AGG_LINEAR | AGG_MERGEABLE, \
        .state_size = sizeof(BitCounts), .add = bits_add, .merge = bits_merge,         \
        .result = bits_result, .help = HELP, .example = EXAMPLE                        \
    }
#define BEST_ROW(NAME, HELP, EXAMPLE)                                                \
    {                                                                                \
        .name = NAME, .sig = "(ANY, COMPARABLE) -> $1?", .traits = AGG_MERGEABLE,    \
        .state_size = sizeof(BestBy), .var_slots = BEST_VARS, .add = best_add,       \
        .merge = best_merge, .result = best_result, .help = HELP, .example = EXAMPLE \
    }

const Agg aggs_logic[] = {
    LOGIC_ROW("BOOL_AND", "(BOOLEAN) -> BOOLEAN?", boolagg_and,
              "Whether all values that are not NULL are true.",
              "BOOL_AND(x) OVER TRUE, NULL, FALSE => FALSE"),
    LOGIC_ROW("BOOL_OR", "(BOOLEAN) -> BOOLEAN?", boolagg_or, "Whether any value is true.",
              "BOOL_OR(x) OVER FALSE, TRUE => TRUE"),
    LOGIC_ROW("EVERY", "(BOOLEAN) -> BOOLEAN?", boolagg_and, "Same as BOOL_AND.",
              "EVERY(x) OVER TRUE, TRUE => TRUE"),
    LOGIC_ROW("COUNT_IF", "(BOOLEAN) -> BIGINT!", boolagg_count, "How many values are true.",
              "COUNT_IF(x) OVER TRUE, NULL, FALSE, TRUE => 2"),
    BITS_ROW("BIT_AND", "The bits that all values have.", "BIT_AND(x) OVER 7, 13 => 5"),
    BITS_ROW("BIT_OR", "The bits that any value has.", "BIT_OR(x) OVER 1, 4 => 5"),
    BITS_ROW("BIT_XOR", "The bits that an odd number of values has.",
             "BIT_XOR(x) OVER 7, 13, 1 => 11"),
    BEST_ROW("MAX_BY",
             "The first argument of the row whose second is greatest; of several the least.",
             "MAX_BY(x, y) OVER ('a', 1), ('b', 3), ('c', 2) => b"),
    BEST_ROW("MIN_BY", "The first argument of the row whose second is least; of several the least.",
             "MIN_BY(x, y) OVER ('a', 4), ('b', 3) => b"),
    AGG_END};
