/* over_frame.c -- what a call of OVER says for each row of an ordered partition.
 *
 * Frames move forward with the rows, so an aggregate takes rows in at one end and, when it is
 * linear, out at the other. One that is not starts again when rows leave.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/over.h"

/* First row in [from, n) whose value is at least (or, strictly, above) bound. */
static uint32_t over_search(const int64_t *values, uint32_t n, int64_t bound, bool is_strict) {
    uint32_t low = 0;
    uint32_t high = n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (values[mid] < bound || (is_strict && values[mid] == bound))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static uint32_t over_peer_start(const OverRows *rows, int64_t peer) {
    uint32_t low = 0;
    uint32_t high = rows->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if ((int64_t)rows->peers[mid] < peer)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static uint32_t over_clamp(int64_t at, uint32_t n) {
    return at < 0 ? 0 : at > (int64_t)n ? n : (uint32_t)at;
}

/* The frame of row i is [*low, *high). */
static void over_bounds(const OverFrame *frame, const OverRows *rows, uint32_t i, uint32_t *low,
                        uint32_t *high) {
    int64_t peer = rows->peers[i];
    bool by_value = frame->unit == FRAME_UNIT_RANGE && rows->order && rows->order[i] != INT64_MAX;
    int64_t groups_start = frame->unit == FRAME_UNIT_GROUPS ? frame->start : 0;
    int64_t groups_stop = frame->unit == FRAME_UNIT_GROUPS ? frame->stop : 0;
    if (frame->start_unbounded)
        *low = 0;
    else if (frame->unit == FRAME_UNIT_ROWS)
        *low = over_clamp((int64_t)i + frame->start, rows->n);
    else if (by_value)
        *low = over_search(rows->order, rows->n, rows->order[i] + frame->start, false);
    else
        *low = over_peer_start(rows, peer + groups_start);
    if (frame->stop_unbounded)
        *high = rows->n;
    else if (frame->unit == FRAME_UNIT_ROWS)
        *high = over_clamp((int64_t)i + frame->stop + 1, rows->n);
    else if (by_value)
        *high = over_search(rows->order, rows->n, rows->order[i] + frame->stop, true);
    else
        *high = over_peer_start(rows, peer + groups_stop + 1);
    if (*high < *low) *high = *low;
}

/* ---- aggregates ---- */

typedef struct OverState {
    const OverSlot *slot;
    const OverRows *rows;
    AggCtx agg;
    char *state;
    uint32_t low, high; /* rows that are in it */
    bool has_past;      /* and rows before row 0 */
    Column *args;       /* views for one add */
} OverState;

static void over_reset(OverState *s) {
    const Agg *agg = s->slot->call->agg.agg;
    for (uint32_t i = 0; i < 32 && agg->var_slots >> i; i++) {
        if (agg->var_slots >> i & 1) statevar_clear(s->agg.heap, (StateVar *)(s->state + 8 * i));
    }
    memset(s->state, 0, agg->state_size);
}

static bool over_passes(const OverState *s, uint32_t row) {
    const Column *filter;
    if (s->slot->filter_col < 0) return true;
    filter = &s->rows->cols[s->slot->filter_col];
    return !col_is_null(filter, row) && filter->i8[col_at(filter, row)];
}

static bool over_same_args(const OverState *s, uint32_t a, uint32_t b) {
    for (uint32_t i = 0; i < s->slot->call->agg.n_args; i++) {
        const Column *col = &s->rows->cols[s->slot->arg_cols[i]];
        if (!col_value_eq(col, a, col, b)) return false;
    }
    return true;
}

/* Is the row counted: FILTER, and for DISTINCT the first of its values in the frame. */
static bool over_counts(const OverState *s, uint32_t low, uint32_t row) {
    if (!over_passes(s, row)) return false;
    for (uint32_t other = low; other < row && s->slot->call->agg.is_distinct; other++) {
        if (over_passes(s, other) && over_same_args(s, other, row)) return false;
    }
    return true;
}

static Status over_add(OverState *s, uint32_t low, uint32_t row, int32_t weight, Err *err) {
    const AggCall *call = &s->slot->call->agg;
    if (!over_counts(s, low, row)) return ST_OK;
    for (uint32_t a = 0; a < call->n_args; a++)
        s->args[a] = col_constant(&s->rows->cols[s->slot->arg_cols[a]], row, 1);
    return call->agg->add(&s->agg, &s->state, s->args, &weight, 1, err);
}

static Status over_slide(OverState *s, uint32_t low, uint32_t high, Err *err) {
    bool is_forward = low >= s->low && high >= s->high && low <= s->high;
    if (s->has_past) low = s->low; /* the frame has no start */
    if (!is_forward || (low != s->low && !s->slot->is_linear)) {
        over_reset(s);
        s->low = s->high = low;
    }
    for (; s->high < high; s->high++) TRY(over_add(s, low, s->high, 1, err));
    for (; s->low < low; s->low++) TRY(over_add(s, s->low, s->low, -1, err));
    return ST_OK;
}

static Status over_agg(const OverSlot *slot, const OverFrame *frame, const OverRows *rows,
                       uint32_t first, uint32_t last, char *acc, OpCtx *ctx, StateHeap *heap,
                       ColBuilder *out, Err *err) {
    const AggCall *call = &slot->call->agg;
    OverState s = {.slot = slot, .rows = rows, .high = acc ? first : 0, .has_past = acc != NULL};
    uint32_t done_low = 1;
    uint32_t done_high = 0; /* the frame of the last result */
    Status status = ST_OK;
    s.agg = (AggCtx){.heap = heap, .env = ctx->env, .scratch = ctx->scratch, .call = call};
    s.state = acc ? acc : arena_zalloc(ctx->scratch, call->agg->state_size);
    s.args = arena_array(ctx->scratch, Column, call->n_args + 1);
    for (uint32_t i = first; i < last && status == ST_OK; i++) {
        uint32_t low;
        uint32_t high;
        const char *state = s.state;
        over_bounds(frame, rows, i, &low, &high);
        if (low == done_low && high == done_high) { /* peers have one answer */
            Column so_far;
            colb_finish(out, &so_far);
            colb_append(out, &so_far, out->n - 1, true);
            continue;
        }
        status = over_slide(&s, low, high, err);
        if (status == ST_OK) status = call->agg->result(&s.agg, &state, 1, out, err);
        done_low = low;
        done_high = high;
    }
    if (!acc) over_reset(&s);
    return status;
}

/* ---- ranks and neighbours ---- */

static void over_put_bigint(ColBuilder *out, int64_t value) {
    if (type_phys(out->type) == PHYS_I32)
        colb_i32(out, (int32_t)value);
    else
        colb_i64(out, value);
}

static int64_t over_tile(uint32_t i, uint32_t n, uint32_t n_tiles) {
    uint32_t size = n / n_tiles;
    uint32_t n_larger = n % n_tiles; /* the first tiles have one more */
    uint32_t in_larger = n_larger * (size + 1);
    if (i < in_larger) return i / (size + 1) + 1;
    return n_larger + (i - in_larger) / (size ? size : 1) + 1;
}

static void over_neighbour(const OverSlot *slot, const OverRows *rows, uint32_t i,
                           ColBuilder *out) {
    int64_t at = (int64_t)i + (slot->call->fn == OVER_LAG ? -slot->lag : slot->lag);
    if (at >= 0 && at < (int64_t)rows->n) {
        colb_append(out, &rows->cols[slot->arg_cols[0]], (uint32_t)at, true);
    } else if (slot->call->agg.n_args > 2) {
        colb_append(out, &rows->cols[slot->arg_cols[2]], i, true);
    } else {
        colb_null(out);
    }
}

static void over_rank(const OverSlot *slot, const OverRows *rows, uint32_t i, ColBuilder *out) {
    uint32_t start = over_peer_start(rows, rows->peers[i]);
    switch (slot->call->fn) {
    case OVER_ROW_NUMBER: over_put_bigint(out, (int64_t)i + 1); return;
    case OVER_RANK: over_put_bigint(out, (int64_t)start + 1); return;
    case OVER_DENSE_RANK: over_put_bigint(out, (int64_t)rows->peers[i] + 1); return;
    case OVER_PERCENT_RANK:
        colb_f64(out, rows->n > 1 ? (double)start / (double)(rows->n - 1) : 0);
        return;
    case OVER_CUME_DIST:
        colb_f64(out, (double)over_peer_start(rows, (int64_t)rows->peers[i] + 1) / (double)rows->n);
        return;
    case OVER_NTILE: over_put_bigint(out, over_tile(i, rows->n, slot->n_tiles)); return;
    default: over_neighbour(slot, rows, i, out); return;
    }
}

Status over_compute(const OverSlot *slot, const OverFrame *frame, const OverRows *rows,
                    uint32_t first, uint32_t last, char *acc, OpCtx *ctx, StateHeap *heap,
                    ColBuilder *out, Err *err) {
    if (slot->call->fn == OVER_AGG)
        return over_agg(slot, frame, rows, first, last, acc, ctx, heap, out, err);
    for (uint32_t i = first; i < last; i++) over_rank(slot, rows, i, out);
    return ST_OK;
}
