/* drain.c -- carries the rows of a sink node to its connector, or to the caller, and keeps a slow
 * peer from being flooded: as long as a seal answers ST_AGAIN, no step begins.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

static Status drain_write(void *ctx, const Batch *batch, const uint8_t *kinds, Err *err) {
    Drain *drain = ctx;
    Batch ruled;
    if (drain->is_ruled) {
        ruled = *batch;
        batch = &ruled;
        TRY(enforce_batch(drain, &ruled, &kinds, err));
        if (!ruled.n_rows) return ST_OK;
    }
    drain->rows_out += batch->n_rows;
    if (!drain->sink) return drain->flow->spec.on_rows(drain->flow->spec.ctx, batch, kinds, err);
    return drain->sink->type->sink->write(drain->sink, batch, kinds, err);
}

static int64_t drain_watermark(void *ctx) {
    const Drain *drain = ctx;
    return drain->stage->ctx.watermark;
}

/* Is the column in the encoded record? Partition values stand in the path, metadata and, if the
 * table says so, keys beside the record. */
static bool drain_is_encoded(const Table *table, const MessageLayout *message, int32_t column) {
    for (uint32_t k = 0; k < table->n_partition_cols; k++)
        if ((uint32_t)column == table->partition_cols[k]) return false;
    if (column < 0) return true;
    if (table->columns[column].kind == TABCOL_METADATA) return false;
    return !message->is_apart || !message_in_key(message, (uint32_t)column);
}

/* The columns of the schema that the encoder sees, in *cols, and their schema. */
static Schema drain_encoded(Arena *arena, const Table *table, const Schema *schema,
                            const MessageLayout *message, uint32_t *cols) {
    Field *fields = arena_array(arena, Field, schema->n_fields);
    Schema out = {0, fields};
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        int32_t column = schema_find(&table->schema, schema->fields[i].name);
        if (!drain_is_encoded(table, message, column)) continue;
        cols[out.n_fields] = i;
        fields[out.n_fields++] = schema->fields[i];
    }
    return out;
}

/* Metadata columns among those that are written. */
static void drain_metadata(Arena *arena, const Table *table, SinkSpec *spec) {
    Span *keys = arena_array(arena, Span, spec->schema->n_fields + 1);
    uint32_t *cols = arena_array(arena, uint32_t, spec->schema->n_fields + 1);
    for (uint32_t i = 0; i < spec->schema->n_fields; i++) {
        int32_t column = schema_find(&table->schema, spec->schema->fields[i].name);
        if (column < 0 || table->columns[column].kind != TABCOL_METADATA) continue;
        keys[spec->n_meta] = table->columns[column].metadata_key;
        cols[spec->n_meta++] = i;
    }
    spec->meta_keys = keys;
    spec->meta_cols = cols;
}

/* The encoder of a record's key, whose fields may have shorter names than the columns. */
static Status drain_key_encoder(Flow *flow, const Table *table, const MessageLayout *message,
                                SinkSpec *spec, Err *err) {
    uint32_t *cols = arena_array(&flow->arena, uint32_t, message->n_key_cols + 1);
    EncodeSpec encode = {.schema = &message->key_schema,
                         .options = &message->key_options,
                         .zone = flow->spec.env.zone,
                         .mem = &flow->mem};
    if (!message->key_format) return ST_OK;
    for (uint32_t i = 0; i < message->n_key_cols; i++)
        cols[i] =
            (uint32_t)schema_find(spec->schema, table->schema.fields[message->key_cols[i]].name);
    spec->message_key_cols = cols;
    spec->n_message_key_cols = message->n_key_cols;
    return encoder_open(message->key_format, &encode, &flow->arena, &spec->key_encoder, err);
}

/* Table columns as columns of what the sink is given; computed columns are not. */
static uint32_t *drain_columns(Arena *arena, const Table *table, const Schema *schema,
                               const uint32_t *cols, uint32_t n_cols, uint32_t *n_out) {
    uint32_t *out = arena_array(arena, uint32_t, n_cols);
    *n_out = 0;
    for (uint32_t k = 0; k < n_cols; k++) {
        int32_t at = schema_find(schema, table->schema.fields[cols[k]].name);
        if (at >= 0) out[(*n_out)++] = (uint32_t)at;
    }
    return out;
}

Status drain_open_sink(Flow *flow, const Table *table, const Schema *schema, const Options *options,
                       Drain *drain, Sink **sink, Encoder **encoder, Err *err) {
    Arena *arena = &flow->arena;
    Options own = {.n = table->n_options,
                   .pairs = table->options,
                   .prefix = "",
                   .specs = table->conn ? table->conn->options : NULL};
    SinkSpec spec = {.table_name = arena_strndup(arena, table->name.ptr, table->name.len),
                     .schema = schema,
                     .is_append_only = !drain || drain->stage->op->node->inputs[0]->is_append,
                     .base_dir = flow->spec.base_dir,
                     .feed = table->feed,
                     .zone = flow->spec.env.zone,
                     .mem = &flow->mem,
                     .arena = arena};
    Options *kept = arena_new(arena, Options);
    MessageLayout *message = arena_new(arena, MessageLayout);
    *kept = options ? *options : own;
    spec.options = kept;
    TRY(message_layout(arena, table, kept, message, err));
    if (!table->conn || !table->conn->sink) {
        FAIL(err, ST_UNSUPPORTED, "0A000", drain ? drain->stage->op->node->pos : -1,
             "table \"" SPAN_FMT "\" cannot be written: its connector is a source only",
             SPAN_ARG(table->name));
    }
    spec.partition_cols = drain_columns(arena, table, schema, table->partition_cols,
                                        table->n_partition_cols, &spec.n_partition_cols);
    spec.key_cols =
        drain_columns(arena, table, schema, table->key_cols, table->n_key_cols, &spec.n_key_cols);
    if (drain) spec.watermark = drain_watermark, spec.watermark_ctx = drain;
    if (flow->spec.kv) {
        spec.durable_id = commits_sink_id(flow, drain ? (uint32_t)(drain - flow->drains)
                                                      : flow->n_drains + flow->n_dead);
        spec.resume = drain ? drain->saved.ptr ? &drain->saved : NULL : commits_dead(flow);
    }
    if (table->format) {
        Schema *encoded = arena_new(arena, Schema);
        Options *format = arena_new(arena, Options);
        EncodeSpec encode = {
            .schema = encoded, .options = format, .zone = flow->spec.env.zone, .mem = &flow->mem};
        uint32_t *cols = arena_array(arena, uint32_t, schema->n_fields + 1);
        *encoded = drain_encoded(arena, table, schema, message, cols);
        spec.value_cols = cols;
        spec.n_value_cols = encoded->n_fields;
        *format = *kept;
        format->prefix = table_format_prefix(table, arena);
        format->specs = table->format->options;
        TRY(encoder_open(table->format, &encode, arena, encoder, err));
        spec.encoder = *encoder;
        drain_metadata(arena, table, &spec);
        TRY(drain_key_encoder(flow, table, message, &spec, err));
        if (drain) drain->key_encoder = spec.key_encoder;
    }
    return sink_open(table->conn, &spec, sink, err);
}

Status drain_open(Drain *drain, Err *err) {
    const Node *node = drain->stage->op->node;
    arena_init(&drain->rules_arena, &drain->flow->mem);
    if (drain->table) {
        TRY(enforce_open(drain->flow, &node->schema, &drain->is_ruled, err));
        TRY(drain_open_sink(drain->flow, drain->table, &node->schema, node->sink.options, drain,
                            &drain->sink, &drain->encoder, err));
    }
    output_set(drain->stage->op, drain_write, drain);
    return ST_OK;
}

Status drain_seal(Drain *drain, Err *err) {
    Status status;
    if (!drain->sink || !drain->sink->type->sink->seal) return ST_OK;
    status = drain->sink->type->sink->seal(drain->sink, err);
    drain->is_pending = status == ST_AGAIN;
    return status;
}

int64_t drains_wake_us(const Flow *flow) {
    int64_t first = INT64_MAX;
    for (uint32_t i = 0; i < flow->n_drains; i++) {
        const Sink *sink = flow->drains[i].sink;
        int64_t at =
            sink && sink->type->sink->wake_us ? sink->type->sink->wake_us(sink) : INT64_MAX;
        if (at < first) first = at;
    }
    return first;
}

Status drain_finish(Drain *drain, Err *err) {
    Status status;
    if (drain->is_finished || !drain->sink || !drain->sink->type->sink->finish) return ST_OK;
    status = drain->sink->type->sink->finish(drain->sink, err);
    drain->is_finished = status == ST_OK;
    drain->is_pending = status == ST_AGAIN;
    return status;
}

void drain_close(Drain *drain) {
    if (drain->sink) sink_close(drain->sink);
    if (drain->encoder) encoder_close(drain->encoder);
    if (drain->key_encoder) encoder_close(drain->key_encoder);
    arena_deinit(&drain->rules_arena);
    drain->sink = NULL;
    drain->encoder = NULL;
}
