/* oputil.c -- what several operators do to batches: see oputil.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"

const int32_t *op_weights(Arena *scratch, const Batch *batch) {
    int32_t *dense;
    if (!batch->weights || !batch->sel) return batch->weights;
    dense = arena_alloc(scratch, sizeof *dense * batch->n_rows);
    for (uint32_t i = 0; i < batch->n_rows; i++) dense[i] = batch->weights[batch->sel[i]];
    return dense;
}

static const uint8_t *op_updates(Arena *scratch, const Batch *batch) {
    uint8_t *dense;
    if (!batch->updates || !batch->sel) return batch->updates;
    dense = arena_alloc(scratch, batch->n_rows + 1);
    for (uint32_t i = 0; i < batch->n_rows; i++) dense[i] = batch->updates[batch->sel[i]];
    return dense;
}

const int64_t *op_row_wm(Arena *scratch, const Batch *batch) {
    int64_t *dense;
    if (!batch->row_wm || !batch->sel) return batch->row_wm;
    dense = arena_alloc(scratch, sizeof *dense * batch->n_rows);
    for (uint32_t i = 0; i < batch->n_rows; i++) dense[i] = batch->row_wm[batch->sel[i]];
    return dense;
}

bool op_only_inserts(const Node *node, const OpCtx *ctx) {
    bool only = true;
    if (node->is_append) return true;
    if (!op_waits_for_end(node, ctx)) return false;
    switch (node->kind) {
    case NODE_AGGREGATE:
    case NODE_TOPN:
    case NODE_DEDUP:
    case NODE_NORMALIZE:
    case NODE_MATERIALIZE:
    case NODE_SORT: return true;
    case NODE_JOIN: only = node->join.kind == JOINOP_INNER; break;
    case NODE_FILTER:
    case NODE_PROJECT:
    case NODE_UNION:
    case NODE_UNNEST:
    case NODE_WINDOW:
    case NODE_EXCHANGE:
    case NODE_LIMIT: break;
    default: return false;
    }
    for (uint32_t i = 0; i < node->n_inputs; i++)
        only = only && op_only_inserts(node->inputs[i], ctx);
    return only;
}

Batch op_batch_like(Arena *scratch, const Batch *in, const Schema *schema, const Column *cols) {
    return (Batch){.schema = schema,
                   .n_rows = in->n_rows,
                   .n_phys = in->n_rows,
                   .n_cols = schema->n_fields,
                   .split = in->split,
                   .cols = cols,
                   .weights = op_weights(scratch, in),
                   .updates = op_updates(scratch, in),
                   .row_wm = op_row_wm(scratch, in)};
}

Status op_compute(Program *program, const Batch *in, OpCtx *ctx, const Schema *schema, Column *cols,
                  Batch *out, Err *err) {
    Batch all = *in;
    bool is_most = in->n_rows >= in->n_phys - in->n_phys / 4;
    if (!in->sel || !(program_only_picks(program) || (is_most && program_is_light(program)))) {
        TRY(program_eval(program, in, ctx->env, ctx->scratch, cols, err));
        *out = op_batch_like(ctx->scratch, in, schema, cols);
        return ST_OK;
    }
    all.sel = NULL;
    all.n_rows = in->n_phys;
    TRY(program_eval(program, &all, ctx->env, ctx->scratch, cols, err));
    *out = *in;
    out->schema = schema;
    out->cols = cols;
    out->n_cols = schema->n_fields;
    return ST_OK;
}

#define MERGE(T, field)                                       \
    do {                                                      \
        T *to = arena_alloc(scratch, sizeof *to * (n + 1));   \
        for (uint32_t i = 0; i < n; i++) {                    \
            const Column *from = picks[i] & 1 ? b : a;        \
            to[i] = from->field[col_at(from, picks[i] >> 1)]; \
        }                                                     \
        out.data = to;                                        \
    } while (0)

static const uint64_t *op_merge_valid(Arena *scratch, const Column *a, const Column *b,
                                      const uint32_t *picks, uint32_t n) {
    uint64_t *valid;
    if (!a->valid && !b->valid) return NULL;
    valid = arena_zalloc(scratch, sizeof *valid * (bit_words(n) + 1));
    for (uint32_t i = 0; i < n; i++)
        if (!col_is_null(picks[i] & 1 ? b : a, picks[i] >> 1)) bit_set(valid, i);
    return valid;
}

Column op_merge_cols(Arena *scratch, const Column *a, const Column *b, const uint32_t *picks,
                     uint32_t n) {
    Phys phys = type_phys(a->type);
    Column out = {.type = a->type, .n_rows = n};
    if (phys == PHYS_LIST || phys == PHYS_ROW || phys == PHYS_NULL) {
        ColBuilder builder;
        colb_init(&builder, scratch, a->type, n + 1);
        for (uint32_t i = 0; i < n; i++)
            colb_append(&builder, picks[i] & 1 ? b : a, picks[i] >> 1, false);
        colb_finish(&builder, &out);
        return out;
    }
    out.valid = op_merge_valid(scratch, a, b, picks, n);
    switch (phys_width(phys)) {
    case 1: MERGE(int8_t, i8); break;
    case 2: MERGE(int16_t, i16); break;
    case 4: MERGE(int32_t, i32); break;
    case 8: MERGE(int64_t, i64); break;
    default: MERGE(Str, str); break; /* strings and decimals: 16 bytes */
    }
    return out;
}

void op_keys_of(Arena *scratch, const Span *keys, uint32_t n, RowKeys *out) {
    uint32_t *starts = arena_alloc(scratch, sizeof *starts * (n + 1));
    uint64_t *hashes = arena_alloc(scratch, sizeof *hashes * (n + 1));
    size_t len = 0;
    char *bytes;
    for (uint32_t i = 0; i < n; i++) {
        starts[i] = (uint32_t)len;
        len += keys[i].len;
        hashes[i] = rowkey_hash(keys[i]);
    }
    starts[n] = (uint32_t)len;
    bytes = arena_alloc(scratch, len);
    for (uint32_t i = 0; i < n; i++)
        if (keys[i].len) memcpy(bytes + starts[i], keys[i].ptr, keys[i].len);
    *out = (RowKeys){.n = n, .starts = starts, .bytes = bytes, .hashes = hashes};
}

Column *op_row_cols(Arena *scratch, const Batch *batch, const uint32_t *cols, uint32_t n) {
    Column *out = arena_array(scratch, Column, n);
    for (uint32_t i = 0; i < n; i++) {
        const Column *col = &batch->cols[cols[i]];
        out[i] = batch->sel ? col_gather(scratch, col, batch->sel, batch->n_rows) : *col;
    }
    return out;
}

void sender_init(RowSender *sender, OpCtx *ctx, const Schema *schema, uint32_t n_stored, Out *out,
                 Err *err) {
    *sender =
        (RowSender){.schema = schema, .ctx = ctx, .out = out, .err = err, .n_stored = n_stored};
    sender->mark = arena_mark(ctx->scratch);
    batchb_init(&sender->rows, ctx->scratch, schema, 64);
}

Status sender_row(RowSender *sender, Span row) {
    return rowcodec_decode(row, sender->rows.cols, sender->n_stored, true, sender->err);
}

Status sender_end(RowSender *sender, int64_t weight, bool is_update) {
    assert(weight && weight <= INT32_MAX && weight >= -INT32_MAX);
    if (is_update)
        batchb_update_end(&sender->rows, (int32_t)weight);
    else
        batchb_row_end(&sender->rows, (int32_t)weight);
    return sender->rows.n_rows < BATCH_ROWS ? ST_OK : sender_flush(sender);
}

Status sender_flush(RowSender *sender) {
    if (!sender->rows.n_rows) return ST_OK;
    TRY(emit(sender->out, batchb_finish(&sender->rows), sender->err));
    arena_rewind(sender->ctx->scratch, sender->mark);
    batchb_init(&sender->rows, sender->ctx->scratch, sender->schema, 64);
    return ST_OK;
}
