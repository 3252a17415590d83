/* feed.c -- brings a source's rows into the graph: chunks of bytes through a decoder for each
 * split, or rows that the connector makes itself, in batches of at most BATCH_ROWS.
 *
 * Columns that the connector knows about a whole chunk (the file's name, the values of its
 * partition) never meet the decoder: they are constants put between the decoded columns.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

/* ---- opening ---- */

static Status feed_bad_policy(Feed *feed, Err *err) {
    const Table *table = feed->table;
    Span target = opt_str(feed->scan->options, "dead-letter");
    feed->bad = (BadPolicy){.flow = feed->flow, .table = table, .on_bad = bad_record};
    if (table->format)
        feed->bad.is_ignored = opt_has(&feed->format_options, "ignore-parse-errors") &&
                               opt_bool(&feed->format_options, "ignore-parse-errors");
    if (!target.len) return ST_OK;
    return dead_letters_find(feed->flow, target, table, &feed->bad.dead, err);
}

Status feed_new_decoder(Feed *feed, Mem *mem, Arena *arena, BadPolicy *bad, Decoder **out,
                        Err *err) {
    DecodeSpec spec = {.table = &feed->physical,
                       .out = &feed->decoder_out,
                       .indexes = feed->indexes,
                       .metadata_keys = feed->format_keys,
                       .options = &feed->format_options,
                       .zone = feed->flow->spec.env.zone,
                       .mem = mem,
                       .on_bad = bad->on_bad,
                       .on_bad_ctx = bad,
                       .is_message = (feed->table->conn->traits & CONN_MESSAGES) != 0};
    return decoder_open(feed->table->format, &spec, arena, out, err);
}

static Status feed_new_key_decoder(Feed *feed, Err *err) {
    DecodeSpec spec = {.table = &feed->message.key_schema,
                       .out = &feed->key_out,
                       .indexes = feed->key_indexes,
                       .options = &feed->message.key_options,
                       .zone = feed->flow->spec.env.zone,
                       .mem = &feed->flow->mem,
                       .on_bad = bad_record,
                       .on_bad_ctx = &feed->bad,
                       .is_message = true};
    if (!feed->key_out.n_fields) return ST_OK;
    return decoder_open(feed->message.key_format, &spec, &feed->flow->arena, &feed->key_decoder,
                        err);
}

Status feed_open(Feed *feed, Err *err) {
    Flow *flow = feed->flow;
    Arena *arena = &flow->arena;
    bool is_shared = flow->n_workers > 1 && !feed->stage->op->node->is_single;
    const Table *table = feed->table = feed->scan->table;
    ScanColumns cols;
    Span position;
    SourceSpec spec = {.options = feed->scan->options,
                       .base_dir = flow->spec.base_dir,
                       .zone = flow->spec.env.zone,
                       .mem = is_shared ? &feed->own_mem : &flow->mem,
                       .arena = is_shared ? &feed->source_arena : arena,
                       .is_bounded_run = flow->spec.env.is_batch,
                       .feed = table->feed};
    arena_init(&feed->arena, &flow->mem);
    arena_init(&feed->source_arena, &feed->own_mem);
    feed->turn_mem = feed->stage->ctx.mem;
    if (!table->conn || !table->conn->source) {
        FAIL(err, ST_UNSUPPORTED, "0A000", feed->stage->op->node->pos,
             "table \"" SPAN_FMT "\" cannot be read: its connector is a sink only",
             SPAN_ARG(table->name));
    }
    TRY(scan_columns(arena, feed->scan, &cols, err));
    feed->physical = cols.physical;
    feed->decoder_out = cols.decoder_out;
    feed->indexes = cols.indexes;
    feed->format_keys = cols.format_keys;
    feed->from_chunk = cols.from_chunk;
    feed->from_decoder = cols.from_decoder;
    feed->from_key = cols.from_key;
    feed->message = cols.message;
    feed->key_out = cols.key_out;
    feed->key_indexes = cols.key_indexes;
    spec.n_meta = cols.n_meta;
    spec.meta_keys = cols.meta_keys;
    spec.meta_types = cols.meta_types;
    spec.table_name = arena_strndup(arena, table->name.ptr, table->name.len);
    spec.table = &feed->physical;
    spec.schema = &feed->decoder_out;
    spec.indexes = feed->indexes;
    if (table->format) {
        feed->format_options = *feed->scan->options;
        feed->format_options.prefix = table_format_prefix(table, arena);
        spec.is_one_line = (table->format->traits & FORMAT_ONE_LINE) != 0;
        feed->format_options.specs = table->format->options;
    }
    TRY(feed_bad_policy(feed, err));
    /* What the format cannot do is said before the source is touched. */
    if (table->format)
        TRY(feed_new_decoder(feed, &flow->mem, arena, &feed->bad, &feed->spare, err));
    TRY(feed_new_key_decoder(feed, err));
    if (feed->saved.ptr) {
        Record in = {.rest = feed->saved};
        position = record_span(&in);
        if (position.len) spec.resume = &position;
    }
    TRY(source_open(table->conn, &spec, &feed->source, err));
    TRY(feed_load(feed, err));
    return is_shared ? feed_share_open(feed, err) : ST_OK;
}

void feed_close(Feed *feed) {
    for (uint32_t i = 0; i < feed->n_splits; i++)
        if (feed->splits[i].decoder) decoder_close(feed->splits[i].decoder);
    if (feed->spare) decoder_close(feed->spare);
    if (feed->key_decoder) decoder_close(feed->key_decoder);
    mem_free(feed->turn_mem, feed->splits, sizeof *feed->splits * feed->n_splits);
    if (feed->source) source_close(feed->source);
    feed->source = NULL;
    if (feed->share) feed_share_close(feed);
    arena_deinit(&feed->source_arena);
    arena_deinit(&feed->arena);
}

/* ---- splits ---- */

FeedSplit *feed_split(Feed *feed, int32_t split) {
    uint32_t index = split < 0 ? 0 : (uint32_t)split;
    if (index >= feed->n_splits) {
        uint32_t n = index + 8;
        feed->splits = mem_realloc(feed->turn_mem, feed->splits,
                                   sizeof *feed->splits * feed->n_splits, sizeof *feed->splits * n);
        memset(feed->splits + feed->n_splits, 0, sizeof *feed->splits * (n - feed->n_splits));
        feed->n_splits = n;
    }
    return &feed->splits[index];
}

void feed_active(Feed *feed, int32_t split) {
    FeedSplit *at = feed_split(feed, split);
    at->active_us = feed->flow->now_us;
    if (at->is_seen && !at->is_idle) return;
    at->is_seen = true;
    at->is_idle = false;
    input_split(feed->stage->op, &feed->stage->ctx, split, SPLIT_ACTIVE);
}

void feed_split_ended(Feed *feed, int32_t split) {
    FeedSplit *at = feed_split(feed, split);
    if (at->has_ended) return;
    at->is_seen = at->has_ended = true;
    if (at->decoder && feed->spare)
        decoder_close(at->decoder);
    else if (at->decoder)
        feed->spare = at->decoder; /* thousands of files need one */
    at->decoder = NULL;
    input_split(feed->stage->op, &feed->stage->ctx, split, SPLIT_ENDED);
}

static Status feed_decoder(Feed *feed, const Chunk *chunk, Err *err) {
    FeedSplit *split = feed_split(feed, chunk->split);
    bool is_new = chunk->is_new_file;
    if (!split->decoder && feed->spare) {
        split->decoder = feed->spare;
        feed->spare = NULL;
        is_new = true;
    }
    if (!split->decoder) {
        TRY(feed_new_decoder(feed, &feed->flow->mem, &feed->flow->arena, &feed->bad,
                             &split->decoder, err));
    } else if (is_new && split->decoder->type->reset) {
        split->decoder->type->reset(split->decoder);
    }
    return ST_OK;
}

bool feed_is_idle(const Feed *feed) {
    bool is_any = false;
    if (!feed->scan->idle_timeout_us) return false;
    for (uint32_t i = 0; i < feed->n_splits; i++) {
        const FeedSplit *split = &feed->splits[i];
        if (!split->is_seen || split->has_ended) continue;
        if (!split->is_idle) return false;
        is_any = true;
    }
    return is_any || feed->flow->now_us - feed->begun_us >= feed->scan->idle_timeout_us;
}

bool feed_idle(Feed *feed, int64_t now_us) {
    bool did = false;
    if (!feed->scan->idle_timeout_us || feed->has_ended) return false;
    for (uint32_t i = 0; i < feed->n_splits; i++) {
        FeedSplit *split = &feed->splits[i];
        if (!split->is_seen || split->is_idle || split->has_ended) continue;
        if (now_us - split->active_us < feed->scan->idle_timeout_us) continue;
        split->is_idle = did = true;
        input_split(feed->stage->op, &feed->stage->ctx, (int32_t)i, SPLIT_IDLE);
    }
    if (!feed->stage->is_idle && feed_is_idle(feed)) did = true;
    return did;
}

int64_t feed_idle_at(const Feed *feed) {
    int64_t first = INT64_MAX;
    bool is_any = false;
    if (!feed->scan->idle_timeout_us || feed->has_ended) return first;
    for (uint32_t i = 0; i < feed->n_splits; i++) {
        const FeedSplit *split = &feed->splits[i];
        is_any = is_any || split->is_seen;
        if (!split->is_seen || split->is_idle || split->has_ended) continue;
        if (split->active_us + feed->scan->idle_timeout_us < first)
            first = split->active_us + feed->scan->idle_timeout_us;
    }
    if (!is_any && !feed->stage->is_idle) first = feed->begun_us + feed->scan->idle_timeout_us;
    return first;
}

/* ---- rows ---- */

/* The rows as they go into the graph. */
static Batch feed_rows(const Feed *feed, const Batch *made, int32_t split, const Column *cols) {
    Batch batch = *made;
    batch.schema = &feed->scan->decoded;
    batch.cols = cols;
    batch.n_cols = feed->scan->decoded.n_fields;
    batch.split = split;
    return batch;
}

Batch feed_batch(const Feed *feed, Arena *arena, const Batch *made, int32_t split,
                 const Column *meta) {
    const Schema *decoded = &feed->scan->decoded;
    Column *cols = arena_array(arena, Column, decoded->n_fields);
    for (uint32_t i = 0; i < decoded->n_fields; i++) {
        cols[i] = feed->from_chunk[i] < 0
                      ? made->cols[feed->from_decoder[i]]
                      : col_constant(&meta[feed->from_chunk[i]], 0, made->n_rows);
    }
    return feed_rows(feed, made, split, cols);
}

Status feed_push_columns(Feed *feed, int32_t split, const Batch *made, Column *cols, Err *err) {
    Batch batch = feed_rows(feed, made, split, cols);
    feed_active(feed, split);
    feed->rows_in += made->n_rows;
    feed->stage->worker->order++;
    return graph_feed(feed->stage, &batch, NULL, err);
}

/* Hands the rows that the builder holds to the graph. meta: the chunk's constants, or NULL. */
static Status feed_push(Feed *feed, int32_t split, const Column *meta, Err *err) {
    const Batch *made = batchb_finish(&feed->builder);
    Batch batch;
    if (!made->n_rows) return ST_OK;
    batch = feed_batch(feed, &feed->arena, made, split, meta);
    return feed_push_columns(feed, split, made, (Column *)batch.cols, err);
}

static void feed_begin_batch(Feed *feed) {
    arena_reset(&feed->arena);
    batchb_init(&feed->builder, &feed->arena, &feed->decoder_out, BATCH_ROWS);
}

static uint32_t feed_max_rows(const Budget *budget) {
    return budget->rows < BATCH_ROWS ? budget->rows : BATCH_ROWS;
}

/* Decodes what is left of the chunk, up to the budget; *is_done when nothing more comes of it. */
static Status feed_chunk(Feed *feed, Budget *budget, bool *is_done, Err *err) {
    const Chunk *chunk = &feed->chunk;
    FeedSplit *split = feed_split(feed, chunk->split);
    Decoder *decoder = split->decoder;
    size_t before = feed->used;
    *is_done = false;
    decoder->n_lines = split->n_lines;
    while (budget->rows && !*is_done) {
        Span rest = {chunk->bytes.ptr + feed->used, chunk->bytes.len - feed->used};
        size_t consumed = 0;
        feed->bad.base = feed->used;
        feed_begin_batch(feed);
        TRY(decoder->type->decode(decoder, rest, chunk->at_end, feed_max_rows(budget),
                                  &feed->builder, &consumed, err));
        feed->used += consumed;
        split->n_lines = decoder->n_lines;
        /* A record of several rows may go over the limit. */
        budget->rows -= feed->builder.n_rows < budget->rows ? feed->builder.n_rows : budget->rows;
        TRY(feed_push(feed, chunk->split, chunk->meta, err));
        *is_done = !consumed || feed->used == chunk->bytes.len;
    }
    feed->bytes_in += feed->used - before;
    budget->bytes -= feed->used - before < budget->bytes ? feed->used - before : budget->bytes;
    return ST_OK;
}

/* A chunk that a step's budget cannot hold is kept for the next: the source is not asked for more
 * before all whole records in it are used. */
static Status feed_take_bytes(Feed *feed, Budget *budget, bool *did, Err *err) {
    const SourceType *type = feed->source->type->source;
    size_t before;
    bool is_done;
    if (!feed->has_chunk) {
        Status status = type->poll(feed->source, &feed->chunk, err);
        if (status != ST_OK) return status;
        feed->has_chunk = true;
        feed->used = 0;
        TRY(feed_decoder(feed, &feed->chunk, err));
    } else if (!feed_split(feed, feed->chunk.split)->decoder) {
        TRY(feed_decoder(feed, &feed->chunk, err)); /* other workers had the lines before */
    }
    feed->bad.chunk = &feed->chunk;
    before = feed->used;
    TRY(feed_chunk(feed, budget, &is_done, err));
    *did = *did || feed->used > before;
    if (!is_done) return ST_OK;
    feed->has_chunk = false;
    type->consumed(feed->source, &feed->chunk, feed->used);
    if (!feed->chunk.is_split_end) return ST_OK;
    *did = true;
    feed_split_ended(feed, feed->chunk.split);
    return ST_OK;
}

/* The same for records with bounds of their own. */
static Status feed_take_messages(Feed *feed, Budget *budget, bool *did, Err *err) {
    const SourceType *type = feed->source->type->source;
    if (!feed->has_chunk) {
        Status status = type->poll(feed->source, &feed->chunk, err);
        if (status != ST_OK) return status;
        TRY(feed_decoder(feed, &feed->chunk, err));
        feed->bad.chunk = &feed->chunk;
        feed->has_chunk = true;
        feed->used = 0;
    }
    while (budget->rows && feed->used < feed->chunk.n_messages) {
        *did = true;
        feed_begin_batch(feed);
        TRY(message_take(feed, budget, err));
        type->consumed(feed->source, &feed->chunk, feed->used);
    }
    if (feed->used < feed->chunk.n_messages) return ST_OK;
    feed->has_chunk = false;
    if (!feed->chunk.is_split_end) return ST_OK;
    *did = true;
    feed_split_ended(feed, feed->chunk.split);
    return ST_OK;
}

static Status feed_take_rows(Feed *feed, Budget *budget, bool *did, Err *err) {
    const SourceType *type = feed->source->type->source;
    int32_t split = 0;
    int64_t watermark;
    Status status;
    feed_begin_batch(feed);
    status = type->poll_rows(feed->source, feed_max_rows(budget), &feed->builder, &split, err);
    if (status != ST_OK && status != ST_END) return status;
    if (feed->builder.n_rows) {
        *did = true;
        budget->rows -= feed->builder.n_rows;
        TRY(feed_push(feed, split, NULL, err));
    }
    if (type->take_watermark && type->take_watermark(feed->source, &watermark)) {
        *did = true;
        input_set_watermark(feed->stage->op, watermark);
    }
    return status;
}

Status feed_take(Feed *feed, Budget *budget, bool *did, Err *err) {
    bool is_rows = feed->source->type->source->poll_rows != NULL;
    bool is_messages = (feed->table->conn->traits & CONN_MESSAGES) != 0;
    while (!feed->has_ended) {
        Status status = is_rows       ? feed_take_rows(feed, budget, did, err)
                        : is_messages ? feed_take_messages(feed, budget, did, err)
                                      : feed_take_bytes(feed, budget, did, err);
        if (status == ST_AGAIN) return ST_OK;
        if (status == ST_END) {
            feed->has_ended = *did = true;
            input_end(feed->stage->op);
            return ST_OK;
        }
        if (status != ST_OK) return status;
        if (!budget->rows || !budget->bytes || clock_mono_us() >= budget->until_us) return ST_OK;
    }
    return ST_OK;
}

/* ---- commits ---- */

void feed_release(Feed *feed) {
    if (!feed->has_chunk) return;
    /* Messages are not given again: the source only learns how many were used so far. */
    feed->has_chunk = feed->chunk.n_messages > 0;
    feed->source->type->source->consumed(feed->source, &feed->chunk, feed->used);
}

/* First the source's position, which its opening needs, then the rest. */
void feed_save(const Feed *feed, Buf *out) {
    const SourceType *type = feed->source->type->source;
    size_t at = record_begin(out);
    if (type->position && !feed->has_ended) type->position(feed->source, out);
    record_end(out, at);
    record_put_u64(out, feed->rows_in);
    record_put_u64(out, feed->bytes_in);
    record_put_i64(out, feed->begun_us);
    record_put_u64(out, feed->has_ended);
    record_put_u64(out, feed->n_splits);
    for (uint32_t i = 0; i < feed->n_splits; i++) {
        const FeedSplit *split = &feed->splits[i];
        const Decoder *decoder = split->decoder;
        record_put_i64(out, split->active_us);
        record_put_u64(out, (uint64_t)(decoder != NULL) << 3 | (uint64_t)split->is_seen << 2 |
                                (uint64_t)split->is_idle << 1 | split->has_ended);
        record_put_u64(out, split->n_lines);
        if (!decoder) continue;
        at = record_begin(out);
        if (decoder->type->save) decoder->type->save(decoder, out);
        record_end(out, at);
    }
}

static Status feed_load_split(Feed *feed, int32_t index, Record *in, Err *err) {
    FeedSplit *split = feed_split(feed, index);
    uint64_t flags;
    Record own;
    split->active_us = record_i64(in);
    flags = record_u64(in);
    split->is_seen = flags >> 2 & 1;
    split->is_idle = flags >> 1 & 1;
    split->has_ended = flags & 1;
    split->n_lines = record_u64(in);
    if (!(flags >> 3 & 1)) return ST_OK;
    TRY(feed_new_decoder(feed, &feed->flow->mem, &feed->flow->arena, &feed->bad, &split->decoder,
                         err));
    own = (Record){.rest = record_span(in)};
    if (split->decoder->type->load) split->decoder->type->load(split->decoder, &own);
    in->is_bad = in->is_bad || own.is_bad;
    return ST_OK;
}

Status feed_load(Feed *feed, Err *err) {
    Record in = {.rest = feed->saved};
    uint64_t n;
    if (!feed->saved.ptr) return ST_OK;
    record_span(&in);
    feed->rows_in = record_u64(&in);
    feed->bytes_in = record_u64(&in);
    feed->begun_us = record_i64(&in);
    feed->has_ended = record_u64(&in) != 0;
    n = record_count(&in, 16);
    for (uint64_t i = 0; i < n && !in.is_bad; i++) TRY(feed_load_split(feed, (int32_t)i, &in, err));
    if (!in.is_bad) return ST_OK;
    FAIL(err, ST_CORRUPT, "XX001", -1,
         "the last commit cannot be read: what it says of table \"" SPAN_FMT "\" is cut off",
         SPAN_ARG(feed->table->name));
}
