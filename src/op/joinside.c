/* joinside.c -- state of one side of a join, and output rows made of both. See joinside.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/joinside.h"

void joinside_open(JoinSide *side, OpCtx *ctx, const char *name) {
    MultiSpec spec = {.name = name, .extra_size = sizeof(JoinGroup)};
    side->map = state_multimap(ctx->state, ctx->name, &spec);
    side->arrivals = state_value(ctx->state, ctx->name,
                                 arena_printf(ctx->arena, "%s-arrivals", name), sizeof(uint64_t));
    buf_init(&side->row, ctx->mem);
    buf_init(&side->name, ctx->mem);
    ttl_open(&side->ttl, ctx, arena_printf(ctx->arena, "%s-ttl", name), side->ttl_us);
}

void joinside_close(JoinSide *side) {
    buf_deinit(&side->row);
    buf_deinit(&side->name);
    ttl_close(&side->ttl);
}

void joinside_keys(const JoinSide *side, Arena *scratch, const Batch *in, RowKeys *keys,
                   const uint8_t **has_null) {
    Column *cols = arena_array(scratch, Column, side->n_keys);
    uint8_t *nulls = NULL;
    for (uint32_t k = 0; k < side->n_keys; k++) {
        const Column *col = &in->cols[side->keys[k]];
        cols[k] = in->sel ? col_gather(scratch, col, in->sel, in->n_rows) : *col;
        if (!cols[k].valid || (side->null_safe && side->null_safe[k])) continue;
        for (uint32_t i = 0; i < in->n_rows; i++) {
            if (!col_is_null(&cols[k], i)) continue;
            if (!nulls) nulls = arena_zalloc(scratch, in->n_rows);
            nulls[i] = 1;
        }
    }
    *has_null = nulls;
    rowkey_encode(scratch, cols, side->n_keys, NULL, in->n_rows, keys);
}

/* Places of the parts: append-only: sort = number, value = [matches] [written] [end] [wm] row; else
 * sort = row, value = [matches] [written]. */
static uint32_t joinside_skip(const JoinSide *side) {
    return (side->has_matches ? 8u : 0u) + (side->ttl.us ? 8u : 0u) + (side->has_end ? 8u : 0u) +
           (side->has_wm ? 8u : 0u);
}

void joinside_at(const JoinSide *side, const MultiGroup *group, uint64_t index, JoinRow *out) {
    MultiRow row;
    uint32_t skip = joinside_skip(side);
    bool found = multi_at(group, index, &row);
    assert(found);
    (void)found;
    *out = (JoinRow){.sort = row.sort, .count = row.count};
    if (side->has_matches) memcpy(&out->matches, row.value.ptr, sizeof out->matches);
    if (side->has_wm) memcpy(&out->wm, row.value.ptr + skip - 8, sizeof out->wm);
    if (side->has_end)
        memcpy(&out->end, row.value.ptr + skip - (side->has_wm ? 16 : 8), sizeof out->end);
    out->bytes = side->is_append ? (Span){row.value.ptr + skip, row.value.len - skip} : row.sort;
}

/* What stands before the row in its value; the row goes into the queue when it is new. */
static void joinside_head(JoinSide *side, OpCtx *ctx, int64_t matches, const JoinTimes *times,
                          Buf *out) {
    if (side->has_matches) buf_put(out, &matches, sizeof matches);
    if (side->ttl.us) buf_put(out, &ctx->env->now_us, sizeof ctx->env->now_us);
    if (side->has_end) buf_put(out, &times->end, sizeof times->end);
    if (side->has_wm) buf_put(out, &times->wm, sizeof times->wm);
}

static void joinside_queue(JoinSide *side, OpCtx *ctx, const MultiGroup *group, Span sort) {
    Span key = multi_key(side->map, group);
    uint32_t len = (uint32_t)key.len;
    int64_t written;
    buf_reset(&side->name);
    buf_put(&side->name, &len, sizeof len);
    buf_span(&side->name, key);
    buf_span(&side->name, sort);
    ttl_write(&side->ttl, ctx, &written, true, buf_as_span(&side->name));
}

void joinside_add(JoinSide *side, OpCtx *ctx, MultiGroup *group, const Batch *in, uint32_t row,
                  int64_t weight, int64_t matches, const JoinTimes *times) {
    Buf *buf = &side->row;
    uint32_t skip;
    MultiRow old;
    ((JoinGroup *)multi_extra(group))->total += weight;
    if (!side->keeps_rows) return;
    buf_reset(buf);
    side->n_rows++;
    if (!side->is_append && side->ttl.us && side->has_matches) {
        /* The row may be there, with the matches that it has. */
        rowcodec_encode(in->cols, in->n_cols, row, buf);
        if (multi_get(group, buf_as_span(buf), &old))
            memcpy(&matches, old.value.ptr, sizeof matches);
        buf_reset(buf);
    }
    joinside_head(side, ctx, matches, times, buf);
    skip = (uint32_t)buf->len;
    rowcodec_encode(in->cols, in->n_cols, row, buf);
    if (side->is_append) {
        uint64_t number = __builtin_bswap64(++*side->arrivals);
        Span sort = {(const char *)&number, sizeof number};
        multi_add(side->map, group, sort, buf_as_span(buf), weight, false, NULL);
        if (side->ttl.us) joinside_queue(side, ctx, group, sort);
        return;
    }
    /* Of a row that is forgotten nothing can be taken back. */
    if (side->ttl.us && weight < 0 &&
        !multi_get(group, (Span){buf->ptr + skip, buf->len - skip}, &old)) {
        ((JoinGroup *)multi_extra(group))->total -= weight;
        return;
    }
    multi_add(side->map, group, (Span){buf->ptr + skip, buf->len - skip}, (Span){buf->ptr, skip},
              weight, side->ttl.us > 0, NULL);
    if (side->ttl.us && weight > 0)
        joinside_queue(side, ctx, group, (Span){buf->ptr + skip, buf->len - skip});
}

void joinside_set_matches(JoinSide *side, OpCtx *ctx, MultiGroup *group, const JoinRow *row,
                          int64_t matches) {
    assert(side->has_matches);
    buf_reset(&side->row);
    joinside_head(side, ctx, matches, &(JoinTimes){row->end, row->wm}, &side->row);
    if (side->is_append) buf_span(&side->row, row->bytes);
    multi_add(side->map, group, row->sort, buf_as_span(&side->row), 0, true, NULL);
}

void joinside_expire(JoinSide *side, OpCtx *ctx) {
    Span name;
    while (ttl_next(&side->ttl, ctx, &name)) {
        RowKeys keys;
        MultiGroup *group;
        MultiRow row;
        uint32_t len;
        int64_t written;
        Span key, sort;
        memcpy(&len, name.ptr, sizeof len);
        key = (Span){name.ptr + sizeof len, len};
        sort = (Span){key.ptr + len, name.len - sizeof len - len};
        op_keys_of(ctx->scratch, &key, 1, &keys);
        multi_find(side->map, &keys, &group);
        if (!group || !multi_get(group, sort, &row)) continue;
        memcpy(&written, row.value.ptr + (side->has_matches ? 8 : 0), sizeof written);
        if (!ttl_is_over(&side->ttl, ctx, written, name)) continue;
        ((JoinGroup *)multi_extra(group))->total -= row.count;
        multi_add(side->map, group, sort, (Span){NULL, 0}, -row.count, false, NULL);
        joinside_tidy(side, &group, 1);
    }
}

void joinside_tidy(JoinSide *side, MultiGroup **groups, uint32_t n) {
    uint32_t n_leaving = 0;
    for (uint32_t i = 0; i < n; i++) {
        JoinGroup *group = multi_extra(groups[i]);
        if (multi_rows(groups[i]) || group->total || group->is_leaving) continue;
        group->is_leaving = true;
        groups[n_leaving++] = groups[i];
    }
    for (uint32_t i = 0; i < n_leaving; i++) multi_remove(side->map, groups[i]);
}

typedef struct JoinSweep {
    JoinSide *side;
    int64_t watermark;
    bool is_full;
} JoinSweep;

static bool joinside_is_over(const JoinSweep *sweep, MultiGroup *group, uint64_t at) {
    JoinRow row;
    joinside_at(sweep->side, group, at, &row);
    if (row.end >= sweep->watermark) return false;
    ((JoinGroup *)multi_extra(group))->total -= row.count;
    return true;
}

/* Rows mostly end in the order in which they came: the front is enough, most of the time. */
static void joinside_sweep_group(void *ctx, MultiGroup *group) {
    JoinSweep *sweep = ctx;
    JoinSide *side = sweep->side;
    uint64_t n = multi_rows(group), front = 0;
    while (front < n && joinside_is_over(sweep, group, front)) front++;
    for (uint64_t i = n; sweep->is_full && i-- > front + 1;)
        if (joinside_is_over(sweep, group, i)) multi_erase(side->map, group, i, i + 1);
    if (front) multi_erase(side->map, group, 0, front);
    side->n_rows += multi_rows(group);
    if (!multi_rows(group)) multi_remove(side->map, group);
}

void joinside_sweep(JoinSide *side, int64_t watermark) {
    enum { FULL_EVERY = 8 };
    JoinSweep sweep = {side, watermark, ++side->n_sweeps % FULL_EVERY == 0};
    side->n_rows = 0;
    multi_each(side->map, joinside_sweep_group, &sweep);
}

/* ---- output ---- */

void joinout_init(JoinOut *out, uint32_t cap) {
    out->cap = cap;
    out->n = 0;
    out->has_weights = out->has_updates = false;
    out->delta_at = arena_alloc(out->scratch, sizeof *out->delta_at * cap);
    out->other_at = arena_alloc(out->scratch, sizeof *out->other_at * cap);
    out->weights = arena_alloc(out->scratch, sizeof *out->weights * cap);
    out->updates = arena_alloc(out->scratch, cap);
}

static void joinout_grow(JoinOut *out) {
    JoinOut old = *out;
    joinout_init(out, old.cap * 2);
    memcpy(out->delta_at, old.delta_at, sizeof *out->delta_at * old.n);
    memcpy(out->other_at, old.other_at, sizeof *out->other_at * old.n);
    memcpy(out->weights, old.weights, sizeof *out->weights * old.n);
    memcpy(out->updates, old.updates, old.n);
    out->n = old.n;
    out->has_weights = old.has_weights;
    out->has_updates = old.has_updates;
}

void joinout_row(JoinOut *out, uint32_t delta, uint32_t other, int64_t weight) {
    while (weight) {
        int32_t part = weight > INT32_MAX    ? INT32_MAX
                       : weight < -INT32_MAX ? -INT32_MAX
                                             : (int32_t)weight;
        if (out->n == out->cap) joinout_grow(out);
        out->delta_at[out->n] = delta;
        out->other_at[out->n] = other;
        out->updates[out->n] = out->is_update;
        out->has_updates = out->has_updates || out->is_update;
        out->weights[out->n++] = part;
        out->has_weights = out->has_weights || part != 1;
        weight -= part;
    }
}

/* Rows at[0..n) of the column, NULL for JOIN_NONE. */
static Column joinout_column(Arena *scratch, const Column *src, const uint32_t *at, uint32_t n,
                             bool has_none) {
    uint32_t *picks;
    Column null;
    if (!has_none) return col_gather(scratch, src, at, n);
    null = col_null(scratch, src->type, 1);
    picks = arena_alloc(scratch, sizeof *picks * (n + 1));
    for (uint32_t i = 0; i < n; i++) picks[i] = at[i] == JOIN_NONE ? 1 : at[i] << 1;
    return op_merge_cols(scratch, src, &null, picks, n);
}

static void joinout_side(JoinOut *out, bool is_delta, Column *to, uint32_t n_cols) {
    const uint32_t *at = is_delta ? out->delta_at : out->other_at;
    const Column *cols = is_delta ? out->delta->cols : out->others;
    const Schema *schema = is_delta ? out->delta->schema : out->other_schema;
    bool has_none = false, has_row = false;
    for (uint32_t i = 0; i < out->n; i++) {
        has_none = has_none || at[i] == JOIN_NONE;
        has_row = has_row || at[i] != JOIN_NONE;
    }
    for (uint32_t c = 0; c < n_cols; c++)
        to[c] = has_row ? joinout_column(out->scratch, &cols[c], at, out->n, has_none)
                        : col_null(out->scratch, schema->fields[c].type, out->n);
}

Status joinout_send(JoinOut *out) {
    uint32_t n_delta = out->delta->n_cols, n_other = out->other_schema->n_fields;
    uint32_t n_left = out->delta_is_left ? n_delta : n_other;
    uint32_t n_cols = out->node->schema.n_fields;
    Column *cols;
    Batch batch;
    if (!out->n) return ST_OK;
    cols = arena_array(out->scratch, Column, n_cols);
    joinout_side(out, out->delta_is_left, cols, n_left);
    if (!out->only_left)
        joinout_side(out, !out->delta_is_left, cols + n_left, n_delta + n_other - n_left);
    batch = (Batch){.schema = &out->node->schema,
                    .n_rows = out->n,
                    .n_phys = out->n,
                    .n_cols = n_cols,
                    .split = SPLIT_NONE,
                    .cols = cols,
                    .weights = out->has_weights ? out->weights : NULL,
                    .updates = out->has_updates ? out->updates : NULL};
    TRY(emit(out->out, &batch, out->err));
    joinout_init(out, out->cap);
    return ST_OK;
}

Schema joinpairs_schema(Arena *arena, const Node *node) {
    const Schema *left = &node->inputs[0]->schema, *right = &node->inputs[1]->schema;
    Field *fields = arena_array(arena, Field, left->n_fields + right->n_fields);
    memcpy(fields, left->fields, sizeof *fields * left->n_fields);
    memcpy(fields + left->n_fields, right->fields, sizeof *fields * right->n_fields);
    return (Schema){left->n_fields + right->n_fields, fields};
}

Status joinpairs_select(const JoinPairs *pairs, OpCtx *ctx, const uint32_t **sel, uint32_t *n_sel,
                        Err *err) {
    Column *cols;
    Batch batch = {.schema = pairs->both,
                   .n_rows = pairs->n,
                   .n_phys = pairs->n,
                   .n_cols = pairs->both->n_fields,
                   .split = SPLIT_NONE};
    *sel = NULL;
    *n_sel = pairs->n;
    if (!pairs->residual || !pairs->n) return ST_OK;
    batch.cols = cols = arena_array(ctx->scratch, Column, batch.n_cols);
    for (uint32_t c = 0; c < batch.n_cols; c++) {
        bool is_left = c < pairs->n_left;
        const Column *src = is_left ? &pairs->left[c] : &pairs->right[c - pairs->n_left];
        cols[c] =
            col_gather(ctx->scratch, src, is_left ? pairs->left_at : pairs->right_at, pairs->n);
    }
    return program_select(pairs->residual, &batch, ctx->env, ctx->scratch, sel, n_sel, err);
}
