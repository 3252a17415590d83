/* op_join_lookup.c -- JOIN ... FOR SYSTEM_TIME AS OF a processing time, with a table that is looked
 * up by key: each left row is enriched when it comes.
 *
 * A table that can only be read as a whole (files) is read before the first row, kept by key, and
 * read again when its options say so: the new table takes the old one's place once it is complete.
 * A table that can be asked by key is asked with all keys of a batch at once, and nothing is kept.
 * Neither is state: after a restart the table is simply read or asked again.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/probe.h"
#include "op/tableread.h"

typedef struct LookupJoin {
    Op op;
    Probe probe;
    TableRead read;
    /* a table that was read */
    State *state;
    JoinSide table;
    bool is_loaded, is_kept, counts_from_begin;
    int64_t interval_us; /* 0 = never again */
    int64_t next_us;     /* processing time of the next reading */
    uint64_t step;       /* in which it was read */
    /* a table that is asked */
    Lookup *lookup;
    Schema keys;     /* what it is asked by */
    uint32_t *asked; /* the columns of the left side that they are compared with */
    Schema answer;   /* the decoded columns and the number of the key */
    uint32_t *key_cols;
} LookupJoin;

static bool ljoin_fits(const Node *node) {
    return node->kind == NODE_LOOKUP_JOIN;
}

/* ---- asked by key ---- */

/* The decoded column that column `col` of the right side is, or -1 when it is computed. */
static int32_t ljoin_decoded(const Node *node, uint32_t col) {
    for (;;) {
        if (node->kind == NODE_PROJECT || node->kind == NODE_SCAN) {
            const Expr *expr = node->exprs[col];
            if (expr->kind != EXPR_COLUMN) return -1;
            col = expr->column;
        }
        if (node->kind == NODE_SCAN) return (int32_t)col;
        node = node->inputs[0];
    }
}

static Status ljoin_ask_open(LookupJoin *self, const Node *node, OpCtx *ctx, Err *err) {
    const ScanSpec *scan = &self->read.scan->scan;
    const Schema *decoded = &scan->decoded;
    const Table *table = scan->table;
    Field *keys = arena_array(ctx->arena, Field, node->join.n_keys);
    Field *answer = arena_array(ctx->arena, Field, decoded->n_fields + 1);
    LookupSpec spec = {
        .table_name = arena_strndup(ctx->arena, table->name.ptr, table->name.len),
        .schema = decoded,
        .indexes = self->read.cols.indexes,
        .format = table->format,
        .options = scan->options,
        .base_dir = ctx->base_dir,
        .zone = ctx->env->zone,
        .mem = ctx->mem,
        .arena = ctx->arena,
        .feed = table->feed,
    };
    self->key_cols = arena_array(ctx->arena, uint32_t, node->join.n_keys);
    self->asked = arena_array(ctx->arena, uint32_t, node->join.n_keys);
    for (uint32_t i = 0; i < node->join.n_keys; i++) {
        int32_t col = ljoin_decoded(node->inputs[1], node->join.right_keys[i]);
        if (col < 0) continue; /* the pairs are compared anyway */
        self->asked[self->keys.n_fields] = node->join.left_keys[i];
        self->key_cols[self->keys.n_fields] = (uint32_t)col;
        keys[self->keys.n_fields++] = decoded->fields[col];
    }
    if (!self->keys.n_fields) {
        err_set(err, ST_UNSUPPORTED, "0A000", node->pos, __FILE__, __LINE__,
                "a lookup by a computed column is not supported");
        return err_hint(err, "compare a column that the table stores with a value of its own type");
    }
    memcpy(answer, decoded->fields, decoded->n_fields * sizeof *answer);
    answer[decoded->n_fields] = (Field){SPAN("$key"), &type_int};
    self->answer = (Schema){decoded->n_fields + 1, answer};
    self->keys.fields = keys;
    spec.keys = self->key_cols;
    spec.n_keys = self->keys.n_fields;
    return lookup_open(table->conn, &spec, &self->lookup, err);
}

/* The different keys among the rows; a row with a NULL asks nothing. */
static Batch ljoin_keys_of(const LookupJoin *self, Arena *scratch, const Batch *rows) {
    JoinSide side = {.keys = self->asked, .n_keys = self->keys.n_fields};
    uint32_t *sel = arena_array(scratch, uint32_t, rows->n_rows), n = 0;
    Column *cols = arena_array(scratch, Column, self->keys.n_fields);
    const uint8_t *has_null;
    StrMap seen;
    RowKeys keys;
    joinside_keys(&side, scratch, rows, &keys, &has_null);
    strmap_init(&seen, NULL, false);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        Span key = rowkey_get(&keys, i);
        if ((has_null && has_null[i]) || strmap_find(&seen, key)) continue;
        strmap_put(&seen, key, sel);
        sel[n++] = i;
    }
    strmap_deinit(&seen);
    for (uint32_t k = 0; k < self->keys.n_fields; k++)
        cols[k] = col_gather(scratch, &rows->cols[self->asked[k]], sel, n);
    return (Batch){.schema = &self->keys,
                   .n_rows = n,
                   .n_phys = n,
                   .n_cols = self->keys.n_fields,
                   .cols = cols,
                   .split = SPLIT_NONE};
}

/* What the table answers to the keys of the batch, as a table of this batch only. */
static Status ljoin_ask(LookupJoin *self, OpCtx *ctx, const Batch *rows, JoinSide *table,
                        Err *err) {
    Batch keys = ljoin_keys_of(self, ctx->scratch, rows), found;
    BatchBuilder builder;
    Batch answer;
    if (!keys.n_rows) return ST_OK;
    batchb_init(&builder, ctx->scratch, &self->answer, keys.n_rows);
    TRY(self->lookup->type->lookup->find(self->lookup, &keys, &builder, err));
    answer = *batchb_finish(&builder);
    answer.schema = &self->read.scan->scan.decoded;
    answer.n_cols = answer.schema->n_fields;
    if (!answer.n_rows) return ST_OK;
    TRY(tableread_apply(&self->read, ctx->env, ctx->scratch, &answer, &found, err));
    if (found.n_rows) probe_add(table, ctx->scratch, &found);
    return ST_OK;
}

/* ---- read whole ---- */

static void ljoin_new_table(const LookupJoin *self, OpCtx *ctx, State **state, JoinSide *table) {
    OpCtx own = *ctx;
    *state = own.state = state_new(ctx->mem);
    *table = probe_table(self->op.node);
    table->is_append = !self->lookup;
    joinside_open(table, &own, "table");
}

static void ljoin_free_table(State *state, JoinSide *table) {
    if (!state) return;
    joinside_close(table);
    state_free(state);
}

typedef struct Loading {
    JoinSide *table;
    Arena *arena;
} Loading;

static Status ljoin_take(void *ctx, const Batch *rows, Err *err) {
    Loading *loading = ctx;
    (void)err;
    arena_reset(loading->arena);
    probe_add(loading->table, loading->arena, rows);
    return ST_OK;
}

static Status ljoin_load(LookupJoin *self, OpCtx *ctx, Err *err) {
    State *state;
    JoinSide table;
    Arena arena;
    Loading loading = {&table, &arena};
    Status status;
    ljoin_new_table(self, ctx, &state, &table);
    arena_init(&arena, ctx->mem);
    status = tableread_all(&self->read, ctx, ljoin_take, &loading, err);
    arena_deinit(&arena);
    if (status != ST_OK) {
        ljoin_free_table(state, &table);
        return status;
    }
    ljoin_free_table(self->state, &self->table);
    self->state = state;
    self->table = table;
    if (self->counts_from_begin && self->is_loaded)
        self->next_us += self->interval_us;
    else
        self->next_us = ctx->env->now_us + self->interval_us;
    self->is_loaded = true;
    self->step = ctx->step;
    return ST_OK;
}

static bool ljoin_is_stale(const LookupJoin *self, const OpCtx *ctx) {
    if (!self->is_loaded) return true;
    if (self->step == ctx->step) return false;
    return !self->is_kept || (self->interval_us && ctx->env->now_us >= self->next_us);
}

/* ---- the operator ---- */

static Status ljoin_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    LookupJoin *self = (LookupJoin *)op;
    const ScanSpec *scan;
    const Options *options;
    TRY(tableread_open(&self->read, node->inputs[1], ctx, err));
    TRY(probe_open(&self->probe, node, ctx, err));
    scan = &self->read.scan->scan;
    options = scan->options;
    if (conn_has_lookup(scan->table->conn, options)) return ljoin_ask_open(self, node, ctx, err);
    self->is_kept = !opt_is(options, "lookup.cache", "NONE");
    if (opt_has(options, "lookup.full-cache.periodic-reload.interval"))
        self->interval_us = opt_duration_us(options, "lookup.full-cache.periodic-reload.interval");
    self->counts_from_begin =
        opt_is(options, "lookup.full-cache.periodic-reload.schedule-mode", "FIXED_RATE");
    return ST_OK;
}

static Status ljoin_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    LookupJoin *self = (LookupJoin *)op;
    JoinSide table;
    State *state;
    Status status;
    (void)port;
    if (!self->lookup) {
        if (ljoin_is_stale(self, ctx)) TRY(ljoin_load(self, ctx, err));
        return probe_rows(&self->probe, ctx, &self->table, in, out, err);
    }
    in = batch_dense(ctx->scratch, in);
    ljoin_new_table(self, ctx, &state, &table);
    status = ljoin_ask(self, ctx, in, &table, err);
    if (status == ST_OK) status = probe_rows(&self->probe, ctx, &table, in, out, err);
    ljoin_free_table(state, &table);
    return status;
}

static void ljoin_close(Op *op) {
    LookupJoin *self = (LookupJoin *)op;
    ljoin_free_table(self->state, &self->table);
    lookup_close(self->lookup);
    tableread_close(&self->read);
    probe_close(&self->probe);
}

const OpType op_join_lookup = {
    .name = "join-lookup",
    .size = sizeof(LookupJoin),
    .traits = OP_STATELESS,
    .fits = ljoin_fits,
    .open = ljoin_open,
    .push = ljoin_push,
    .close = ljoin_close,
};
