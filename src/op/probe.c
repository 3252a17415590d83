/* probe.c -- rows of a batch meet the rows of a table by key. See probe.h.
 *
 * Pairs are made a chunk at a time: the table's rows are decoded, the condition is asked of the
 * whole chunk, and a row that has met nothing once its pairs are through comes out with NULLs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/probe.h"

enum { PROBE_PAIRS = BATCH_ROWS };

JoinSide probe_table(const Node *node) {
    return (JoinSide){.schema = &node->inputs[1]->schema,
                      .keys = node->join.right_keys,
                      .null_safe = node->join.null_safe,
                      .n_keys = node->join.n_keys,
                      .keeps_rows = true};
}

Status probe_open(Probe *probe, const Node *node, OpCtx *ctx, Err *err) {
    *probe = (Probe){.node = node,
                     .left = {.schema = &node->inputs[0]->schema,
                              .keys = node->join.left_keys,
                              .null_safe = node->join.null_safe,
                              .n_keys = node->join.n_keys},
                     .both = joinpairs_schema(ctx->arena, node),
                     .is_outer = node->join.kind == JOINOP_LEFT};
    if (!node->join.n_keys) {
        err_set(err, ST_UNSUPPORTED, "0A000", node->pos, __FILE__, __LINE__,
                "a join as of processing time without an equality is not supported");
        return err_hint(err, "add ON left.column = right.column");
    }
    if (!node->join.residual) return ST_OK;
    return program_compile(&probe->residual, (Expr *const *)&node->join.residual, 1, ctx->arena,
                           err);
}

void probe_close(Probe *probe) {
    if (probe->residual) program_free(probe->residual);
}

void probe_add(JoinSide *table, Arena *scratch, const Batch *in) {
    const Batch *rows = batch_dense(scratch, in);
    MultiGroup **groups = arena_array(scratch, MultiGroup *, rows->n_rows);
    const uint8_t *has_null;
    RowKeys keys;
    joinside_keys(table, scratch, rows, &keys, &has_null);
    multi_upsert(table->map, &keys, groups);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        if (has_null && has_null[i]) continue; /* nothing will ever ask for it */
        joinside_add(table, NULL, groups[i], rows, i, batch_weight(rows, i), 0, NULL);
    }
    joinside_tidy(table, groups, rows->n_rows);
}

/* One batch on its way. */
typedef struct Probing {
    const Probe *probe;
    OpCtx *ctx;
    const JoinSide *table;
    const Batch *rows;
    MultiGroup **groups;
    bool *is_met;
    ArenaMark mark;
    ColBuilder *builders;
    int64_t *counts; /* of each pair: how often the row is in the table */
    JoinPairs pairs;
    uint32_t n_padded; /* rows before it have come out if they met nothing */
    JoinOut out;
    Err *err;
} Probing;

static void probe_begin(Probing *p) {
    Arena *scratch = p->ctx->scratch;
    const Schema *schema = p->table->schema;
    arena_rewind(scratch, p->mark);
    p->builders = arena_array(scratch, ColBuilder, schema->n_fields + 1);
    for (uint32_t c = 0; c < schema->n_fields; c++)
        colb_init(&p->builders[c], scratch, schema->fields[c].type, 64);
    p->counts = arena_alloc(scratch, sizeof *p->counts * PROBE_PAIRS);
    p->pairs.left_at = arena_alloc(scratch, sizeof *p->pairs.left_at * PROBE_PAIRS);
    p->pairs.right_at = arena_alloc(scratch, sizeof *p->pairs.right_at * PROBE_PAIRS);
    p->pairs.n = 0;
    joinout_init(&p->out, PROBE_PAIRS);
}

/* Rows before `end` have no more pairs to come. */
static void probe_pad(Probing *p, uint32_t end) {
    for (; p->n_padded < end; p->n_padded++) {
        if (!p->probe->is_outer || p->is_met[p->n_padded]) continue;
        joinout_row(&p->out, p->n_padded, JOIN_NONE, batch_weight(p->rows, p->n_padded));
    }
}

/* Emits the waiting pairs in order of their rows, and rows without any among them. */
static Status probe_send(Probing *p, uint32_t end) {
    const Schema *schema = p->table->schema;
    Column *others = arena_array(p->ctx->scratch, Column, schema->n_fields + 1);
    const uint32_t *sel;
    uint32_t n;
    for (uint32_t c = 0; c < schema->n_fields; c++) colb_finish(&p->builders[c], &others[c]);
    p->pairs.left = p->rows->cols;
    p->pairs.right = p->out.others = others;
    TRY(joinpairs_select(&p->pairs, p->ctx, &sel, &n, p->err));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t pair = sel ? sel[i] : i, row = p->pairs.left_at[pair];
        probe_pad(p, row);
        p->is_met[row] = true;
        joinout_row(&p->out, row, pair, p->counts[pair] * batch_weight(p->rows, row));
    }
    probe_pad(p, end);
    TRY(joinout_send(&p->out));
    probe_begin(p);
    return ST_OK;
}

static Status probe_row(Probing *p, uint32_t row) {
    const MultiGroup *group = p->groups[row];
    uint64_t n = group ? multi_rows(group) : 0;
    for (uint64_t i = 0; i < n; i++) {
        JoinRow at;
        if (p->pairs.n == PROBE_PAIRS) TRY(probe_send(p, row));
        joinside_at(p->table, group, i, &at);
        TRY(rowcodec_decode(at.bytes, p->builders, p->table->schema->n_fields, true, p->err));
        p->counts[p->pairs.n] = at.count;
        p->pairs.left_at[p->pairs.n] = row;
        p->pairs.right_at[p->pairs.n] = p->pairs.n;
        p->pairs.n++;
    }
    return ST_OK;
}

Status probe_rows(const Probe *probe, OpCtx *ctx, const JoinSide *table, const Batch *in, Out *out,
                  Err *err) {
    const Batch *rows = batch_dense(ctx->scratch, in);
    const uint8_t *has_null;
    RowKeys keys;
    Probing p = {.probe = probe, .ctx = ctx, .table = table, .rows = rows, .err = err};
    p.pairs = (JoinPairs){
        .both = &probe->both, .residual = probe->residual, .n_left = probe->left.schema->n_fields};
    p.groups = arena_array(ctx->scratch, MultiGroup *, rows->n_rows);
    p.is_met = arena_array(ctx->scratch, bool, rows->n_rows);
    p.out = (JoinOut){.node = probe->node,
                      .scratch = ctx->scratch,
                      .out = out,
                      .err = err,
                      .delta = rows,
                      .other_schema = table->schema,
                      .delta_is_left = true};
    joinside_keys(&probe->left, ctx->scratch, rows, &keys, &has_null);
    multi_find(table->map, &keys, p.groups);
    p.mark = arena_mark(ctx->scratch);
    probe_begin(&p);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        if (has_null && has_null[i]) continue;
        TRY(probe_row(&p, i));
    }
    return probe_send(&p, rows->n_rows);
}
