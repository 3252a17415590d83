/* agg_ordered.c -- aggregates of sorted values: PERCENTILE_CONT, PERCENTILE_DISC, MEDIAN, MODE. All
 * values are kept, and sorted when the result is taken.
 *
 * PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x DESC) comes here as PERCENTILE_CONT(x, 0.5, TRUE).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agglist.h"

/* The values as key bytes: their order is the SQL order. */
static Status ordered_add(AggCtx *ctx, char *const *states, const Column *args,
                          const int32_t *weights, uint32_t n, Err *err) {
    Buf key;
    (void)err;
    buf_init(&key, NULL);
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i)) continue;
        buf_reset(&key);
        rowkey_encode_row(&args[0], 1, NULL, i, &key);
        for (int64_t w = agg_weight(weights, i); w > 0; w--)
            agglist_put(ctx, states[i], false, buf_as_span(&key), (Span){0});
    }
    buf_deinit(&key);
    return ST_OK;
}

static int ordered_cmp(const void *a, const void *b) {
    return span_cmp(((const AggItem *)a)->bytes, ((const AggItem *)b)->bytes);
}

static uint32_t ordered_items(AggCtx *ctx, const char *state, AggItem **items) {
    uint32_t n = agglist_items(ctx, state, items);
    if (n > 1) qsort(*items, n, sizeof **items, ordered_cmp);
    return n;
}

/* The constant fraction, and whether the order is descending. */
static Status ordered_fraction(const AggCtx *ctx, double *fraction, bool *is_desc, Err *err) {
    const AggCall *call = ctx->call;
    *fraction = 0.5;
    *is_desc = false;
    if (call->n_args > 1) {
        const Column *value = call->args[1]->value;
        *fraction = col_is_null(value, 0) ? (double)NAN : agg_real(value, 0);
    }
    if (call->n_args > 2) *is_desc = call->args[2]->value->i8[0] != 0;
    if (*fraction >= 0 && *fraction <= 1) return ST_OK;
    FAIL(err, ST_INVALID, "22003", call->pos, "the fraction of %s is a number from 0 to 1",
         call->agg->name);
}

static Status ordered_disc(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                           Err *err) {
    double fraction;
    bool is_desc;
    TRY(ordered_fraction(ctx, &fraction, &is_desc, err));
    for (uint32_t i = 0; i < n; i++) {
        AggItem *items;
        uint32_t n_items = ordered_items(ctx, states[i], &items), at;
        if (!n_items) {
            colb_null(out);
            continue;
        }
        at = (uint32_t)ceil(fraction * n_items);
        if (at > 0) at--;
        if (at >= n_items) at = n_items - 1;
        TRY(rowkey_decode(items[is_desc ? n_items - 1 - at : at].bytes, out, 1, NULL, err));
    }
    return ST_OK;
}

static Status ordered_cont(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                           Err *err) {
    double fraction;
    bool is_desc;
    TRY(ordered_fraction(ctx, &fraction, &is_desc, err));
    if (is_desc) fraction = 1 - fraction;
    for (uint32_t i = 0; i < n; i++) {
        AggItem *items;
        uint32_t n_items = ordered_items(ctx, states[i], &items), low;
        double place, part, ends[2];
        ColBuilder pair;
        Column col;
        if (!n_items) {
            colb_null(out);
            continue;
        }
        place = fraction * (double)(n_items - 1);
        low = (uint32_t)floor(place);
        if (low >= n_items - 1) low = n_items - 1;
        part = place - (double)low;
        colb_init(&pair, ctx->scratch, ctx->call->args[0]->type, 2);
        TRY(rowkey_decode(items[low].bytes, &pair, 1, NULL, err));
        TRY(rowkey_decode(items[part > 0 ? low + 1 : low].bytes, &pair, 1, NULL, err));
        colb_finish(&pair, &col);
        ends[0] = agg_real(&col, 0);
        ends[1] = agg_real(&col, 1);
        colb_f64(out, part > 0 ? ends[0] + part * (ends[1] - ends[0]) : ends[0]);
    }
    return ST_OK;
}

static Status ordered_mode(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                           Err *err) {
    for (uint32_t i = 0; i < n; i++) {
        AggItem *items;
        uint32_t n_items = ordered_items(ctx, states[i], &items), best = 0, best_n = 0;
        for (uint32_t from = 0, to; from < n_items; from = to) {
            for (to = from + 1; to < n_items && span_eq(items[from].bytes, items[to].bytes);) to++;
            if (to - from <= best_n) continue;
            best_n = to - from;
            best = from;
        }
        if (!n_items)
            colb_null(out);
        else
            TRY(rowkey_decode(items[best].bytes, out, 1, NULL, err));
    }
    return ST_OK;
}

#define ORDERED_ROW(NAME, SIG, TRAITS, RESULT, HELP, EXAMPLE)                          \
    {                                                                                  \
        .name = NAME, .sig = SIG, .traits = AGG_MERGEABLE | (TRAITS),                  \
        .state_size = sizeof(AggList), .var_slots = AGG_LIST_VARS, .add = ordered_add, \
        .merge = agglist_merge, .result = RESULT, .help = HELP, .example = EXAMPLE     \
    }

const Agg aggs_ordered[] = {
    ORDERED_ROW("PERCENTILE_CONT", "(NUMERIC, LITERAL NUMERIC [, LITERAL BOOLEAN]) -> DOUBLE?",
                AGG_WITHIN_GROUP, ordered_cont,
                "The value below which a fraction of all values lies, between two values in "
                "proportion: PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x).",
                "PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY x) OVER 1, 2, 3, 10 => 1.75"),
    ORDERED_ROW("PERCENTILE_DISC", "(COMPARABLE, LITERAL NUMERIC [, LITERAL BOOLEAN]) -> $1?",
                AGG_WITHIN_GROUP, ordered_disc,
                "The first value that at least a fraction of all values is not above: "
                "PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY x).",
                "PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY x) OVER 'a', 'c', 'b' => b"),
    ORDERED_ROW("MEDIAN", "(NUMERIC) -> DOUBLE?", 0, ordered_cont,
                "The value in the middle, or between the two in the middle.",
                "MEDIAN(x) OVER 1, 2, 4, 9 => 3.0"),
    ORDERED_ROW("MODE", "(COMPARABLE) -> $1?", AGG_WITHIN_GROUP, ordered_mode,
                "The most frequent value, of several the least; also MODE() WITHIN GROUP (ORDER BY "
                "x).",
                "MODE(x) OVER 3, 1, 2, 1, 3 => 1"),
    AGG_END};
