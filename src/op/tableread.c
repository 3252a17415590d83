/* tableread.c -- a whole table, read at once. See tableread.h.
 *
 * The same parts as in a graph do the work: the connector's source gives chunks, one decoder a
 * split makes rows. A record that cannot be decoded stops the query, unless the format was told to
 * pass over such records.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/tableread.h"

Status tableread_open(TableRead *read, const Node *node, OpCtx *ctx, Err *err) {
    const Node *above[TABLE_READ_DEPTH];
    uint32_t n = 0;
    *read = (TableRead){0};
    for (; node->kind == NODE_FILTER || node->kind == NODE_PROJECT; node = node->inputs[0]) {
        assert(n < TABLE_READ_DEPTH);
        above[n++] = node;
    }
    assert(node->kind == NODE_SCAN);
    read->scan = node;
    if (opt_str(node->scan.options, "dead-letter").len) {
        FAIL(err, ST_UNSUPPORTED, "0A000", opt_pos(node->scan.options, "dead-letter"),
             "'dead-letter' of a table that is looked up is not supported");
    }
    TRY(scan_columns(ctx->arena, &node->scan, &read->cols, err));
    TRY(program_compile(&read->outputs, node->exprs, node->n_exprs, ctx->arena, err));
    if (node->scan.predicate) {
        Expr *predicate = node->scan.predicate;
        TRY(program_compile(&read->predicate, &predicate, 1, ctx->arena, err));
    }
    while (n-- > 0) {
        TableStage *stage = &read->stages[read->n_stages++];
        stage->node = above[n];
        TRY(program_compile(&stage->program, above[n]->exprs, above[n]->n_exprs, ctx->arena, err));
    }
    return ST_OK;
}

void tableread_close(TableRead *read) {
    if (read->outputs) program_free(read->outputs);
    if (read->predicate) program_free(read->predicate);
    for (uint32_t i = 0; i < read->n_stages; i++)
        if (read->stages[i].program) program_free(read->stages[i].program);
}

/* ---- decoded rows to rows of the node ---- */

static Status tableread_select(Program *program, ExprEnv *env, Arena *arena, Batch *rows,
                               Err *err) {
    const uint32_t *sel;
    uint32_t n;
    TRY(program_select(program, rows, env, arena, &sel, &n, err));
    if (sel) *rows = batch_select(rows, sel, n);
    return ST_OK;
}

static Status tableread_project(Program *program, const Schema *schema, ExprEnv *env, Arena *arena,
                                Batch *rows, Err *err) {
    Column *cols = arena_array(arena, Column, schema->n_fields + 1);
    TRY(program_eval(program, rows, env, arena, cols, err));
    *rows = op_batch_like(arena, rows, schema, cols);
    return ST_OK;
}

Status tableread_apply(const TableRead *read, ExprEnv *env, Arena *arena, const Batch *decoded,
                       Batch *out, Err *err) {
    *out = *decoded;
    if (read->predicate) TRY(tableread_select(read->predicate, env, arena, out, err));
    if (!out->n_rows) return ST_OK;
    TRY(tableread_project(read->outputs, &read->scan->schema, env, arena, out, err));
    for (uint32_t i = 0; i < read->n_stages && out->n_rows; i++) {
        const TableStage *stage = &read->stages[i];
        TRY(stage->node->kind == NODE_FILTER
                ? tableread_select(stage->program, env, arena, out, err)
                : tableread_project(stage->program, &stage->node->schema, env, arena, out, err));
    }
    return ST_OK;
}

/* ---- reading ---- */

typedef struct Reading {
    const TableRead *read;
    OpCtx *ctx;
    Options format_options;
    Source *source;
    Decoder **decoders; /* by split */
    uint32_t n_decoders;
    Arena arena; /* of the source and its decoders */
    Arena rows;  /* of one batch */
    const Chunk *chunk;
    TableRowsFn *fn;
    void *fn_ctx;
} Reading;

static Status reading_bad(void *ctx, const BadRecord *bad, Err *err) {
    const Reading *r = ctx;
    const char *name = r->chunk && r->chunk->name ? r->chunk->name : NULL;
    return bad->is_ignored ? ST_OK : bad_record_raise(bad, name, err);
}

static Status reading_open(Reading *r, Err *err) {
    const ScanSpec *scan = &r->read->scan->scan;
    const Table *table = scan->table;
    const ScanColumns *cols = &r->read->cols;
    SourceSpec spec = {.table_name = arena_strndup(&r->arena, table->name.ptr, table->name.len),
                       .schema = &cols->decoder_out,
                       .table = &cols->physical,
                       .indexes = cols->indexes,
                       .meta_keys = cols->meta_keys,
                       .meta_types = cols->meta_types,
                       .n_meta = cols->n_meta,
                       .options = scan->options,
                       .base_dir = r->ctx->base_dir,
                       .zone = r->ctx->env->zone,
                       .mem = r->ctx->mem,
                       .arena = &r->arena,
                       .is_bounded_run = true,
                       .feed = table->feed};
    if (table->format) {
        r->format_options = *scan->options;
        r->format_options.prefix = arena_printf(&r->arena, "%s.", table->format->name);
        r->format_options.specs = table->format->options;
    }
    return source_open(table->conn, &spec, &r->source, err);
}

static Status reading_decoder(Reading *r, const Chunk *chunk, Decoder **out, Err *err) {
    const ScanColumns *cols = &r->read->cols;
    uint32_t split = chunk->split < 0 ? 0 : (uint32_t)chunk->split;
    DecodeSpec spec = {.table = &cols->physical,
                       .out = &cols->decoder_out,
                       .indexes = cols->indexes,
                       .metadata_keys = cols->format_keys,
                       .options = &r->format_options,
                       .zone = r->ctx->env->zone,
                       .mem = r->ctx->mem,
                       .on_bad = reading_bad,
                       .on_bad_ctx = r};
    if (split >= r->n_decoders) {
        uint32_t n = split + 8;
        Decoder **more = arena_array(&r->arena, Decoder *, n);
        if (r->n_decoders) memcpy(more, r->decoders, r->n_decoders * sizeof *more);
        r->decoders = more;
        r->n_decoders = n;
    }
    *out = r->decoders[split];
    if (*out) {
        if (chunk->is_new_file && (*out)->type->reset) (*out)->type->reset(*out);
        return ST_OK;
    }
    TRY(decoder_open(r->read->scan->scan.table->format, &spec, &r->arena, &r->decoders[split],
                     err));
    *out = r->decoders[split];
    return ST_OK;
}

/* Hands on the rows that the builder has. */
static Status reading_give(Reading *r, BatchBuilder *builder, const Column *meta, Err *err) {
    const ScanColumns *from = &r->read->cols;
    const Schema *decoded = &r->read->scan->scan.decoded;
    const Batch *made = batchb_finish(builder);
    Batch batch = *made, rows;
    Column *cols;
    if (!made->n_rows) return ST_OK;
    cols = arena_array(&r->rows, Column, decoded->n_fields + 1);
    for (uint32_t i = 0; i < decoded->n_fields; i++) {
        cols[i] = from->from_chunk[i] < 0
                      ? made->cols[from->from_decoder[i]]
                      : col_constant(&meta[from->from_chunk[i]], 0, made->n_rows);
    }
    batch.schema = decoded;
    batch.cols = cols;
    batch.n_cols = decoded->n_fields;
    TRY(tableread_apply(r->read, r->ctx->env, &r->rows, &batch, &rows, err));
    if (rows.n_rows) TRY(r->fn(r->fn_ctx, &rows, err));
    return mem_check(r->ctx->mem, err);
}

static Status reading_chunk(Reading *r, const Chunk *chunk, Err *err) {
    size_t used = 0, consumed = 1;
    Decoder *decoder;
    r->chunk = chunk;
    TRY(reading_decoder(r, chunk, &decoder, err));
    while (consumed && used < chunk->bytes.len) {
        Span rest = {chunk->bytes.ptr + used, chunk->bytes.len - used};
        BatchBuilder builder;
        consumed = 0;
        arena_reset(&r->rows);
        batchb_init(&builder, &r->rows, &r->read->cols.decoder_out, BATCH_ROWS);
        TRY(decoder->type->decode(decoder, rest, chunk->at_end, BATCH_ROWS, &builder, &consumed,
                                  err));
        used += consumed;
        TRY(reading_give(r, &builder, chunk->meta, err));
    }
    r->source->type->source->consumed(r->source, chunk, used);
    return ST_OK;
}

/* A bounded source has an end; one that has nothing now would be waited for. */
static Status reading_run(Reading *r, Err *err) {
    const SourceType *type = r->source->type->source;
    Chunk chunk;
    for (;;) {
        Status status;
        if (type->poll_rows) {
            BatchBuilder builder;
            int32_t split;
            arena_reset(&r->rows);
            batchb_init(&builder, &r->rows, &r->read->cols.decoder_out, BATCH_ROWS);
            status = type->poll_rows(r->source, BATCH_ROWS, &builder, &split, err);
            if (status == ST_OK || status == ST_END) TRY(reading_give(r, &builder, NULL, err));
        } else {
            status = type->poll(r->source, &chunk, err);
            if (status == ST_OK) TRY(reading_chunk(r, &chunk, err));
        }
        if (status == ST_END) return ST_OK;
        if (status != ST_OK && status != ST_AGAIN) return status;
    }
}

Status tableread_all(const TableRead *read, OpCtx *ctx, TableRowsFn *fn, void *fn_ctx, Err *err) {
    Reading r = {.read = read, .ctx = ctx, .fn = fn, .fn_ctx = fn_ctx};
    Status status;
    arena_init(&r.arena, ctx->mem);
    arena_init(&r.rows, ctx->mem);
    status = reading_open(&r, err);
    if (status == ST_OK) status = reading_run(&r, err);
    for (uint32_t i = 0; i < r.n_decoders; i++)
        if (r.decoders[i]) decoder_close(r.decoders[i]);
    if (r.source) source_close(r.source);
    arena_deinit(&r.rows);
    arena_deinit(&r.arena);
    return status;
}
