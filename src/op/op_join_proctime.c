/* op_join_proctime.c -- JOIN ... FOR SYSTEM_TIME AS OF a processing time: each left row meets the
 * rows of the right side that are there when it comes. What changes on the right later changes no
 * answer, so the left side is not kept.
 *
 * Left rows of a step wait until its end: they see all that came to the right in the same step,
 * whichever was read first. In batch mode they wait for the end, and see the whole right side.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/probe.h"

typedef struct ProctimeJoin {
    Op op;
    Probe probe;
    JoinSide table;
    Buf waiting; /* rows of this step: weight, length, rowcodec bytes */
} ProctimeJoin;

typedef struct WaitingHead {
    int32_t weight;
    uint32_t len;
} WaitingHead;

static bool pjoin_fits(const Node *node) {
    return node->kind == NODE_PROCTIME_JOIN;
}

static Status pjoin_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    ProctimeJoin *self = (ProctimeJoin *)op;
    self->table = probe_table(node);
    self->table.is_append = op_only_inserts(node->inputs[1], ctx);
    joinside_open(&self->table, ctx, "right");
    buf_init(&self->waiting, ctx->mem);
    return probe_open(&self->probe, node, ctx, err);
}

static Status pjoin_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    ProctimeJoin *self = (ProctimeJoin *)op;
    (void)out;
    if (port) {
        probe_add(&self->table, ctx->scratch, in);
        return mem_check(ctx->mem, err);
    }
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        size_t at = self->waiting.len;
        WaitingHead head = {.weight = batch_weight(in, row)};
        buf_put(&self->waiting, &head, sizeof head);
        rowcodec_encode(in->cols, in->n_cols, row, &self->waiting);
        head.len = (uint32_t)(self->waiting.len - at - sizeof head);
        memcpy(self->waiting.ptr + at, &head, sizeof head);
    }
    return mem_check(ctx->mem, err);
}

static Status pjoin_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    ProctimeJoin *self = (ProctimeJoin *)op;
    const Schema *schema = self->probe.left.schema;
    ArenaMark mark = arena_mark(ctx->scratch);
    size_t at = 0;
    if (op_waits_for_end(op->node, ctx) && ctx->watermark != WATERMARK_MAX) return ST_OK;
    while (at < self->waiting.len) {
        BatchBuilder rows;
        batchb_init(&rows, ctx->scratch, schema, BATCH_ROWS);
        while (at < self->waiting.len && rows.n_rows < BATCH_ROWS) {
            WaitingHead head;
            memcpy(&head, self->waiting.ptr + at, sizeof head);
            at += sizeof head;
            TRY(rowcodec_decode((Span){self->waiting.ptr + at, head.len}, rows.cols,
                                schema->n_fields, true, err));
            batchb_row_end(&rows, head.weight);
            at += head.len;
        }
        TRY(probe_rows(&self->probe, ctx, &self->table, batchb_finish(&rows), out, err));
        arena_rewind(ctx->scratch, mark);
    }
    buf_reset(&self->waiting);
    return ST_OK;
}

static void pjoin_close(Op *op) {
    ProctimeJoin *self = (ProctimeJoin *)op;
    probe_close(&self->probe);
    joinside_close(&self->table);
    buf_deinit(&self->waiting);
}

const OpType op_join_proctime = {
    .name = "join-proctime",
    .size = sizeof(ProctimeJoin),
    .traits = OP_KEYED,
    .fits = pjoin_fits,
    .open = pjoin_open,
    .push = pjoin_push,
    .flush = pjoin_flush,
    .close = pjoin_close,
};
