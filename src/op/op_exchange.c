/* op_exchange.c -- rows change workers: each goes to the one that the hash of its key says, or
 * all go to the first, or to every one.
 *
 * One exchange a worker. push() copies the rows into outboxes, one for each receiver; flush()
 * emits what lies in the outboxes for this worker. In between all workers meet (flow/worker.c),
 * so nobody reads what is being written, and there is nothing to lock. In steps that one thread
 * does for all workers, push() hands the rows on at once, as if there were no exchange. Rows
 * come out in the order in which they entered the graph, so that an answer does not depend on
 * the number of workers; each sender's own rows stay in their sequence whatever their order
 * says, because a row may be taken back only after it was given.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"

typedef struct ExchangeItem {
    struct ExchangeItem *next;
    uint64_t order;
    Batch *batch;
} ExchangeItem;

typedef struct Outbox {
    ExchangeItem *first, *last;
} Outbox;

typedef struct Exchange {
    Op op;
    Program *keys; /* NULL: everything goes to the first worker, or to all */
    Op *const *peers;
    Out *const *outs;
    uint32_t n_peers, self;
    Arena arena;    /* of what lies in the outboxes */
    uint64_t round; /* that they are of */
    Outbox *out;    /* by receiver */
} Exchange;

static bool exchange_fits(const Node *node) {
    return node->kind == NODE_EXCHANGE;
}

static Status exchange_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    Exchange *self = (Exchange *)op;
    arena_init(&self->arena, ctx->mem);
    self->out = arena_array(ctx->arena, Outbox, WORKERS_MAX);
    if (!node->n_exprs) return ST_OK;
    return program_compile(&self->keys, node->exprs, node->n_exprs, ctx->arena, err);
}

void exchange_set(Op *op, Op *const *peers, Out *const *outs, uint32_t n_peers, uint32_t self) {
    Exchange *exchange = (Exchange *)op;
    assert(n_peers <= WORKERS_MAX);
    exchange->peers = peers;
    exchange->outs = outs;
    exchange->n_peers = n_peers;
    exchange->self = self;
}

/* Physical rows rows[0..n) of the batch for worker `to`. */
static void exchange_keep(Exchange *self, OpCtx *ctx, const Batch *in, uint32_t to,
                          const uint32_t *rows, uint32_t n) {
    Outbox *box = &self->out[to];
    ExchangeItem *item = arena_new(&self->arena, ExchangeItem);
    item->order = *ctx->order;
    if (box->last && box->last->order > item->order) item->order = box->last->order;
    item->batch = batch_copy(&self->arena, in, rows, n);
    item->batch->schema = &self->op.node->schema;
    if (box->last)
        box->last->next = item;
    else
        box->first = item;
    box->last = item;
}

/* Which worker each row is for: rows[] is filled worker by worker, worker w's from starts[w] on. */
static Status exchange_divide(Exchange *self, OpCtx *ctx, const Batch *in, uint32_t *rows,
                              uint32_t *starts, Err *err) {
    Column *cols = arena_array(ctx->scratch, Column, self->op.node->n_exprs);
    uint8_t *to = arena_alloc(ctx->scratch, in->n_rows + 1);
    uint32_t at[WORKERS_MAX];
    RowKeys keys;
    TRY(program_eval(self->keys, in, ctx->env, ctx->scratch, cols, err));
    rowkey_encode(ctx->scratch, cols, self->op.node->n_exprs, NULL, in->n_rows, &keys);
    memset(starts, 0, sizeof *starts * (self->n_peers + 1));
    for (uint32_t i = 0; i < in->n_rows; i++) {
        to[i] = (uint8_t)key_group_worker(key_group(keys.hashes[i]), self->n_peers);
        starts[to[i] + 1]++;
    }
    for (uint32_t w = 0; w < self->n_peers; w++) {
        at[w] = starts[w];
        starts[w + 1] += starts[w];
    }
    for (uint32_t i = 0; i < in->n_rows; i++) rows[at[to[i]]++] = batch_row(in, i);
    return ST_OK;
}

/* The rows for worker `to`, kept or handed on. */
static Status exchange_send(Exchange *self, OpCtx *ctx, const Batch *in, uint32_t to,
                            const uint32_t *rows, uint32_t n, Err *err) {
    Batch part;
    if (!ctx->is_alone) {
        exchange_keep(self, ctx, in, to, rows, n);
        return ST_OK;
    }
    part = n == in->n_rows ? *in : batch_select(in, rows, n);
    part.schema = &self->op.node->schema;
    return emit(self->outs[to], &part, err);
}

static Status exchange_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out,
                            Err *err) {
    Exchange *self = (Exchange *)op;
    uint32_t starts[WORKERS_MAX + 1];
    uint32_t *rows = arena_alloc(ctx->scratch, sizeof *rows * (in->n_rows + 1));
    (void)port, (void)out;
    if (self->round != ctx->round) {
        self->round = ctx->round;
        arena_reset(&self->arena);
        memset(self->out, 0, sizeof *self->out * self->n_peers);
    }
    if (!self->keys) {
        for (uint32_t i = 0; i < in->n_rows; i++) rows[i] = batch_row(in, i);
        for (uint32_t w = 0; w < (op->node->exchange.is_broadcast ? self->n_peers : 1); w++)
            TRY(exchange_send(self, ctx, in, w, rows, in->n_rows, err));
        return ST_OK;
    }
    TRY(exchange_divide(self, ctx, in, rows, starts, err));
    for (uint32_t w = 0; w < self->n_peers; w++)
        if (starts[w + 1] > starts[w])
            TRY(exchange_send(self, ctx, in, w, rows + starts[w], starts[w + 1] - starts[w], err));
    return ST_OK;
}

/* What the workers have for this one: the next of each in *heads; returns how many have any. */
static uint32_t exchange_heads(const Exchange *self, const OpCtx *ctx, const ExchangeItem **heads) {
    uint32_t n = 0;
    for (uint32_t w = 0; w < self->n_peers; w++) {
        const Exchange *peer = (const Exchange *)self->peers[w];
        if (peer->round != ctx->round || !peer->out[self->self].first) continue;
        heads[n++] = peer->out[self->self].first;
    }
    return n;
}

static Status exchange_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    Exchange *self = (Exchange *)op;
    const ExchangeItem *heads[WORKERS_MAX];
    uint32_t n = exchange_heads(self, ctx, heads);
    while (n) {
        uint32_t first = 0;
        const ExchangeItem *item;
        for (uint32_t i = 1; i < n; i++)
            if (heads[i]->order < heads[first]->order) first = i;
        item = heads[first];
        *ctx->order = item->order;
        TRY(emit(out, item->batch, err));
        arena_reset(ctx->scratch);
        if (item->next) {
            heads[first] = item->next;
            continue;
        }
        n--;
        memmove(heads + first, heads + first + 1, sizeof *heads * (n - first));
    }
    *ctx->order = ORDER_LAST;
    return ST_OK;
}

static void exchange_explain(const Op *op, Buf *out) {
    const Node *node = op->node;
    buf_puts(out, node->n_exprs ? "hash=[" : node->exchange.is_broadcast ? "broadcast" : "single");
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        if (i) buf_puts(out, ", ");
        expr_print(node->exprs[i], &node->inputs[0]->schema, out);
    }
    if (node->n_exprs) buf_puts(out, "]");
}

static void exchange_close(Op *op) {
    program_free(((Exchange *)op)->keys);
    arena_deinit(&((Exchange *)op)->arena);
}

const OpType op_exchange = {
    .name = "exchange",
    .size = sizeof(Exchange),
    .traits = OP_LINEAR,
    .fits = exchange_fits,
    .open = exchange_open,
    .push = exchange_push,
    .flush = exchange_flush,
    .explain = exchange_explain,
    .close = exchange_close,
};
