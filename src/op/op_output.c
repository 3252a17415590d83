/* op_output.c -- where rows leave the graph: the one place where weights become row kinds.
 *
 * In a step that sends every change by itself, each goes out as it comes, and the operators' hints
 * tell updates (-U, +U) from insertions and deletions. Otherwise what goes out is the net change:
 *
 * Rows of an append-only query go out at once, and so do the changes of an operator that itself
 * sends one change a key and step, next to what it replaces. Otherwise the step's net change is
 * gathered by the sink's key: -1 and +1 of one key are -U and +U, a lone +1 is +I, a lone -1 is -D,
 * keys in order of first touch; without a key each row is its own key, so there are only -D and +I.
 * In batch mode (is_final) the net of the whole run goes out at the end.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/netchange.h"
#include "op/oputil.h"

typedef struct Output {
    Op op;
    Net net;
    Arena scratch; /* of the batch being handed out */
    OutputFn *fn;
    void *fn_ctx;
    uint64_t n_rows;
    bool is_direct; /* only inserts come */
    bool is_paired; /* at most one -old and one +new of a key come in a step, and side by side */
    Arena held;     /* the last row of a batch when its partner may follow in the next */
    const Batch *held_row;
    bool is_done; /* the final rows are out */
} Output;

/* A batch under way to the sink. */
typedef struct OutputBatch {
    Output *self;
    BatchBuilder rows;
    uint8_t kinds[BATCH_ROWS];
    Err *err;
} OutputBatch;

static bool output_fits(const Node *node) {
    return node->kind == NODE_SINK;
}

/* Does the node send the net change by its key, and are these (positions of) key columns all of
 * that key? Looks through filters and projections. */
static bool output_is_paired(const Node *node, const uint32_t *key, uint32_t n_key) {
    uint32_t below[64], n_found = 0, n_want = 0;
    if (n_key == 0 || n_key > 64) return false;
    switch (node->kind) {
    case NODE_EXCHANGE: /* what one worker sends side by side stays so */
    case NODE_FILTER: return output_is_paired(node->inputs[0], key, n_key);
    case NODE_PROJECT:
        for (uint32_t i = 0; i < n_key; i++)
            if (node->exprs[key[i]]->kind == EXPR_COLUMN)
                below[n_found++] = node->exprs[key[i]]->column;
        return output_is_paired(node->inputs[0], below, n_found);
    case NODE_AGGREGATE:
        if (node->agg.n_grouping_sets) return false;
        n_want = node->agg.n_keys;
        for (uint32_t want = 0; want < n_want; want++)
            for (uint32_t i = 0; i < n_key; i++)
                if (key[i] == want) {
                    n_found++;
                    break;
                }
        return n_found == n_want;
    case NODE_DEDUP:
    case NODE_NORMALIZE: n_want = node->n_key; break;
    default: return false;
    }
    for (uint32_t w = 0; w < n_want; w++)
        for (uint32_t i = 0; i < n_key; i++)
            if (key[i] == node->key[w]) {
                n_found++;
                break;
            }
    return n_found == n_want;
}

static Status output_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    Output *self = (Output *)op;
    (void)err;
    net_init(&self->net, ctx->mem);
    arena_init(&self->scratch, ctx->mem);
    arena_init(&self->held, ctx->mem);
    ctx->takes_updates = node->sink.is_upsert; /* its -U is not sent, and is no deletion */
    self->is_direct = op_only_inserts(node->inputs[0], ctx);
    self->is_paired = !self->is_direct && !node->sink.is_final &&
                      output_is_paired(node->inputs[0], node->sink.key, node->sink.n_key);
    return ST_OK;
}

void output_set(Op *op, OutputFn *fn, void *ctx) {
    Output *self = (Output *)op;
    self->fn = fn;
    self->fn_ctx = ctx;
}

uint64_t output_rows(const Op *op) {
    return ((const Output *)op)->n_rows;
}

/* Rows as they are, each as often as its weight says. */
static Status output_direct(Output *self, Arena *scratch, const Batch *in, Err *err) {
    const Batch *dense;
    if (in->weights) {
        uint64_t n = 0;
        uint32_t *rows;
        Batch expanded = *in;
        for (uint32_t i = 0; i < in->n_rows; i++) {
            int32_t weight = batch_weight(in, batch_row(in, i));
            assert(weight >= 0 && "a retraction in append-only input");
            n += (uint32_t)weight;
        }
        rows = arena_alloc(scratch, sizeof *rows * (n + 1));
        n = 0;
        for (uint32_t i = 0; i < in->n_rows; i++)
            for (int32_t w = batch_weight(in, batch_row(in, i)); w > 0; w--)
                rows[n++] = batch_row(in, i);
        expanded.weights = NULL;
        expanded.sel = rows;
        expanded.n_rows = (uint32_t)n;
        dense = batch_dense(scratch, &expanded);
    } else {
        dense = batch_dense(scratch, in);
    }
    self->n_rows += dense->n_rows;
    return dense->n_rows ? self->fn(self->fn_ctx, dense, NULL, err) : ST_OK;
}

/* ---- changes that come side by side ---- */

static bool output_same(const Batch *a, uint32_t row_a, const Batch *b, uint32_t row_b,
                        const uint32_t *cols, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t c = cols ? cols[i] : i;
        if (!col_value_eq(&a->cols[c], row_a, &b->cols[c], row_b)) return false;
    }
    return true;
}

/* Sends the row that was held back, by itself or as what `next` (its row 0) replaces. */
static Status output_release(Output *self, const Batch *next, bool *used, Err *err) {
    const Node *node = self->op.node;
    const Batch *held = self->held_row;
    uint8_t kind = ROW_DELETE;
    *used = false;
    if (!held) return ST_OK;
    self->held_row = NULL;
    if (next && batch_weight(next, 0) > 0 &&
        output_same(held, 0, next, 0, node->sink.key, node->sink.n_key)) {
        *used = true;
        kind = ROW_UPDATE_BEFORE;
        if (output_same(held, 0, next, 0, NULL, held->n_cols)) kind = UINT8_MAX;
    }
    if (kind != UINT8_MAX && !(kind == ROW_UPDATE_BEFORE && node->sink.is_upsert)) {
        self->n_rows++;
        TRY(self->fn(self->fn_ctx, held, &kind, err));
    }
    if (*used && kind != UINT8_MAX) {
        static const uint32_t first = 0;
        Batch row = batch_select(next, &first, 1);
        kind = ROW_UPDATE_AFTER;
        row.weights = NULL;
        self->n_rows++;
        TRY(self->fn(self->fn_ctx, batch_dense(&self->held, &row), &kind, err));
    }
    return ST_OK;
}

static void output_hold(Output *self, const Batch *in, uint32_t row) {
    BatchBuilder copy;
    arena_reset(&self->held);
    batchb_init(&copy, &self->held, &self->op.node->schema, 1);
    for (uint32_t c = 0; c < in->n_cols; c++) colb_append(&copy.cols[c], &in->cols[c], row, true);
    batchb_row_end(&copy, 1);
    self->held_row = batchb_finish(&copy);
}

/* A dense batch of changes: kinds from the weights of neighbours. */
static Status output_pairs(Output *self, Arena *scratch, const Batch *in, Err *err) {
    const Node *node = self->op.node;
    uint32_t *sel = arena_alloc(scratch, sizeof *sel * (in->n_rows + 1)), n = 0, i = 0;
    uint8_t *kinds = arena_alloc(scratch, in->n_rows + 1);
    Batch kept;
    bool used;
    TRY(output_release(self, in, &used, err));
    for (i = used; i < in->n_rows; i++) {
        if (batch_weight(in, i) > 0) {
            kinds[n] = ROW_INSERT;
            sel[n++] = i;
        } else if (i + 1 == in->n_rows) {
            output_hold(self, in, i);
        } else if (batch_weight(in, i + 1) < 0 ||
                   !output_same(in, i, in, i + 1, node->sink.key, node->sink.n_key)) {
            kinds[n] = ROW_DELETE;
            sel[n++] = i;
        } else {
            if (!output_same(in, i, in, i + 1, NULL, in->n_cols)) {
                kinds[n] = ROW_UPDATE_BEFORE;
                sel[n] = i;
                n += !node->sink.is_upsert;
                kinds[n] = ROW_UPDATE_AFTER;
                sel[n++] = i + 1;
            }
            i++;
        }
    }
    if (!n) return ST_OK;
    kept = batch_select(in, sel, n);
    kept.weights = NULL;
    kept.schema = &node->schema;
    self->n_rows += n;
    return self->fn(self->fn_ctx,
                    n == in->n_rows ? (kept.sel = NULL, &kept) : batch_dense(scratch, &kept), kinds,
                    err);
}

/* ---- the net of the step ---- */

/* Every change as it is, each as often as its weight says. */
static Status output_each(Output *self, Arena *scratch, const Batch *in, Err *err) {
    const Node *node = self->op.node;
    uint64_t n = 0;
    uint32_t *rows;
    uint8_t *kinds;
    Batch all = *in;
    for (uint32_t i = 0; i < in->n_rows; i++)
        n += (uint64_t)llabs((long long)batch_weight(in, batch_row(in, i)));
    rows = arena_alloc(scratch, sizeof *rows * (n + 1));
    kinds = arena_alloc(scratch, n + 1);
    n = 0;
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        int32_t weight = batch_weight(in, row);
        bool is_update = batch_is_update(in, row);
        for (int32_t k = weight < 0 ? -weight : weight; k > 0; k--) {
            rows[n] = row;
            kinds[n++] = (uint8_t)(weight < 0  ? is_update ? ROW_UPDATE_BEFORE : ROW_DELETE
                                   : is_update ? ROW_UPDATE_AFTER
                                               : ROW_INSERT);
        }
    }
    if (!n) return ST_OK;
    all.sel = rows;
    all.n_rows = (uint32_t)n;
    all.weights = NULL;
    all.updates = NULL;
    all.schema = &node->schema;
    self->n_rows += n;
    return self->fn(self->fn_ctx, batch_dense(scratch, &all), kinds, err);
}

static Status output_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    Output *self = (Output *)op;
    const Node *node = op->node;
    RowKeys keys;
    Column *cols;
    uint32_t n_key = node->sink.key ? node->sink.n_key : in->n_cols;
    (void)port, (void)out;
    if (self->is_direct) {
        Batch renamed = *in;
        renamed.schema = &node->schema;
        return output_direct(self, ctx->scratch, &renamed, err);
    }
    if (ctx->is_each && in->n_rows <= 2 && !node->sink.is_upsert && !node->sink.is_final)
        return output_each(self, ctx->scratch, in, err);
    in = batch_dense(ctx->scratch, in);
    if (self->is_paired) return output_pairs(self, ctx->scratch, in, err);
    cols = arena_alloc(ctx->scratch, sizeof *cols * (n_key + 1));
    for (uint32_t i = 0; i < n_key; i++) cols[i] = in->cols[node->sink.key ? node->sink.key[i] : i];
    rowkey_encode(ctx->scratch, cols, n_key, NULL, in->n_rows, &keys);
    net_add(&self->net, &keys, in);
    return ST_OK;
}

static Status output_send(OutputBatch *to) {
    Output *self = to->self;
    if (!to->rows.n_rows) return ST_OK;
    self->n_rows += to->rows.n_rows;
    TRY(self->fn(self->fn_ctx, batchb_finish(&to->rows),
                 self->op.node->sink.is_final ? NULL : to->kinds, to->err));
    arena_reset(&self->scratch);
    batchb_init(&to->rows, &self->scratch, &self->op.node->schema, BATCH_ROWS);
    return ST_OK;
}

static Status output_row(OutputBatch *to, const NetRow *row, RowKind kind) {
    if (to->rows.n_rows == BATCH_ROWS) TRY(output_send(to));
    TRY(rowcodec_decode((Span){row->bytes, row->len}, to->rows.cols, to->rows.n_cols, true,
                        to->err));
    to->kinds[to->rows.n_rows] = (uint8_t)kind;
    batchb_row_end(&to->rows, 1);
    return ST_OK;
}

/* One key's change: rows with negative weights are paired with those with positive ones. */
static Status output_key(OutputBatch *to, const NetKey *key) {
    const NetRow *minus = key->first, *plus = key->first;
    int64_t n_minus = 0, n_plus = 0; /* copies of *minus and *plus already used */
    bool has_key = to->self->op.node->sink.key && !to->self->op.node->sink.is_final;
    for (;;) {
        while (minus && n_minus >= -minus->weight) minus = minus->next, n_minus = 0;
        while (plus && n_plus >= plus->weight) plus = plus->next, n_plus = 0;
        if (!minus && !plus) return ST_OK;
        if (minus && plus && has_key) {
            if (!to->self->op.node->sink.is_upsert) TRY(output_row(to, minus, ROW_UPDATE_BEFORE));
            TRY(output_row(to, plus, ROW_UPDATE_AFTER));
            n_minus++, n_plus++;
        } else if (minus) {
            /* At the end of a batch run, a deletion of what was never there has nothing to say. */
            if (!to->self->op.node->sink.is_final) TRY(output_row(to, minus, ROW_DELETE));
            n_minus++;
        } else {
            TRY(output_row(to, plus, ROW_INSERT));
            n_plus++;
        }
    }
}

static Status output_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    Output *self = (Output *)op;
    bool is_final = op->node->sink.is_final;
    OutputBatch *to;
    bool used;
    (void)out;
    TRY(output_release(self, NULL, &used, err));
    if (self->is_direct || self->is_done || !self->net.n_keys) return ST_OK;
    if (is_final && ctx->watermark != WATERMARK_MAX) {
        net_compact(&self->net);
        return ST_OK;
    }
    to = arena_alloc(ctx->scratch, sizeof *to);
    to->self = self;
    to->err = err;
    arena_reset(&self->scratch);
    batchb_init(&to->rows, &self->scratch, &op->node->schema, BATCH_ROWS);
    for (uint32_t i = 0; i < self->net.n_keys; i++) TRY(output_key(to, &self->net.keys[i]));
    TRY(output_send(to));
    net_reset(&self->net);
    self->is_done = is_final;
    return ST_OK;
}

static void output_explain(const Op *op, Buf *out) {
    const Node *node = op->node;
    const Schema *schema = &node->schema;
    if (node->sink.table) buf_printf(out, "table=" SPAN_FMT ", ", SPAN_ARG(node->sink.table->name));
    buf_printf(out, "mode=%s",
               node->inputs[0]->is_append ? "append"
               : node->sink.is_final      ? "final"
               : node->sink.is_upsert     ? "upsert"
                                          : "retract");
    for (uint32_t i = 0; i < node->sink.n_key; i++)
        buf_printf(out, "%s" SPAN_FMT "%s", i ? ", " : ", key=[",
                   SPAN_ARG(schema->fields[node->sink.key[i]].name),
                   i + 1 == node->sink.n_key ? "]" : "");
}

static void output_close(Op *op) {
    net_deinit(&((Output *)op)->net);
    arena_deinit(&((Output *)op)->scratch);
    arena_deinit(&((Output *)op)->held);
}

const OpType op_output = {
    .name = "output",
    .size = sizeof(Output),
    .traits = OP_SINK,
    .fits = output_fits,
    .open = output_open,
    .push = output_push,
    .flush = output_flush,
    .explain = output_explain,
    .close = output_close,
};
