/* scan_columns.c -- divides the decoded columns of a scan among the decoder and the connector.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/op.h"

static bool scan_is_conn_meta(const ConnType *conn, Span key) {
    for (const ConnMeta *meta = conn->metadata; meta && meta->key; meta++)
        if (span_is(key, meta->key)) return true;
    return false;
}

static bool scan_is_partition(const Table *table, uint32_t column) {
    if (!(table->conn->traits & CONN_PARTITIONS)) return false;
    for (uint32_t i = 0; i < table->n_partition_cols; i++)
        if (table->partition_cols[i] == column) return true;
    return false;
}

/* Is the column in the bytes (of the value, where records have keys), if it is anywhere? */
static bool scan_is_physical(const Table *table, const MessageLayout *message, uint32_t column) {
    return table->columns[column].kind == TABCOL_PHYSICAL && !scan_is_partition(table, column) &&
           !(message->is_apart && message_in_key(message, column));
}

static int32_t scan_physical_index(const Table *table, const MessageLayout *message,
                                   int32_t column) {
    int32_t index = 0;
    for (int32_t i = 0; i < column; i++) index += scan_is_physical(table, message, (uint32_t)i);
    return index;
}

static Schema scan_physical(Arena *arena, const Table *table, const MessageLayout *message) {
    Field *fields = arena_array(arena, Field, table->n_columns);
    uint32_t n = 0;
    for (uint32_t i = 0; i < table->n_columns; i++) {
        const TableColumn *column = &table->columns[i];
        if (scan_is_physical(table, message, i)) fields[n++] = (Field){column->name, column->type};
    }
    return (Schema){n, fields};
}

/* A deletion by key has no value, so upserts take key columns from the key in any case. */
static bool scan_is_from_key(const MessageLayout *message, uint32_t column) {
    return (message->is_apart || message->is_upsert) && message_in_key(message, column);
}

/* Decoded column i is table column `column`, a field of the key. */
static void scan_key_column(ScanColumns *out, const Type *type, uint32_t i, uint32_t column) {
    Field *fields = (Field *)(uintptr_t)out->key_out.fields;
    const MessageLayout *message = &out->message;
    for (uint32_t k = 0; k < message->n_key_cols; k++) {
        if (message->key_cols[k] != column) continue;
        out->key_indexes[out->key_out.n_fields] = (int32_t)k;
        out->from_key[i] = (int32_t)out->key_out.n_fields;
        fields[out->key_out.n_fields++] = (Field){message->key_schema.fields[k].name, type};
    }
}

Status scan_columns(Arena *arena, const ScanSpec *scan, ScanColumns *out, Err *err) {
    const Schema *decoded = &scan->decoded;
    const Table *table = scan->table;
    uint32_t n = decoded->n_fields, n_out = 0;
    Field *fields = arena_array(arena, Field, n);
    *out = (ScanColumns){.indexes = arena_array(arena, int32_t, n),
                         .format_keys = arena_array(arena, Span, n),
                         .from_chunk = arena_array(arena, int32_t, n),
                         .from_key = arena_array(arena, int32_t, n),
                         .from_decoder = arena_array(arena, int32_t, n),
                         .key_out.fields = arena_array(arena, Field, n),
                         .key_indexes = arena_array(arena, int32_t, n),
                         .meta_keys = arena_array(arena, Span, n),
                         .meta_types = arena_array(arena, const Type *, n)};
    TRY(message_layout(arena, table, scan->options, &out->message, err));
    out->physical = scan_physical(arena, table, &out->message);
    for (uint32_t i = 0; i < n; i++) {
        int32_t at = scan->decoded_cols[i];
        const TableColumn *column = &table->columns[at];
        bool is_meta = column->kind == TABCOL_METADATA;
        out->from_chunk[i] = out->from_decoder[i] = out->from_key[i] = -1;
        if (is_meta && scan_is_conn_meta(table->conn, column->metadata_key)) {
            out->from_chunk[i] = (int32_t)out->n_meta;
            out->meta_keys[out->n_meta++] = column->metadata_key;
        } else if (scan_is_partition(table, (uint32_t)at)) {
            out->from_chunk[i] = (int32_t)out->n_meta;
            out->meta_types[out->n_meta] = decoded->fields[i].type;
            out->meta_keys[out->n_meta++] = column->name;
        } else if (scan_is_from_key(&out->message, (uint32_t)at)) {
            scan_key_column(out, decoded->fields[i].type, i, (uint32_t)at);
        } else {
            fields[n_out] = decoded->fields[i];
            out->indexes[n_out] = is_meta ? -1 : scan_physical_index(table, &out->message, at);
            out->format_keys[n_out] = is_meta ? column->metadata_key : (Span){0};
            out->from_decoder[i] = (int32_t)n_out++;
        }
    }
    out->decoder_out = (Schema){n_out, fields};
    return ST_OK;
}
