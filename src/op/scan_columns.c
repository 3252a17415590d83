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

/* Is the column in the bytes, if it is anywhere? */
static bool scan_is_physical(const Table *table, uint32_t column) {
    return table->columns[column].kind == TABCOL_PHYSICAL && !scan_is_partition(table, column);
}

static int32_t scan_physical_index(const Table *table, int32_t column) {
    int32_t index = 0;
    for (int32_t i = 0; i < column; i++) index += scan_is_physical(table, (uint32_t)i);
    return index;
}

static Schema scan_physical(Arena *arena, const Table *table) {
    Field *fields = arena_array(arena, Field, table->n_columns);
    uint32_t n = 0;
    for (uint32_t i = 0; i < table->n_columns; i++) {
        const TableColumn *column = &table->columns[i];
        if (scan_is_physical(table, i)) fields[n++] = (Field){column->name, column->type};
    }
    return (Schema){n, fields};
}

void scan_columns(Arena *arena, const ScanSpec *scan, ScanColumns *out) {
    const Schema *decoded = &scan->decoded;
    const Table *table = scan->table;
    uint32_t n = decoded->n_fields, n_out = 0;
    Field *fields = arena_array(arena, Field, n);
    *out = (ScanColumns){.physical = scan_physical(arena, table),
                         .indexes = arena_array(arena, int32_t, n),
                         .format_keys = arena_array(arena, Span, n),
                         .from_chunk = arena_array(arena, int32_t, n),
                         .from_decoder = arena_array(arena, int32_t, n),
                         .meta_keys = arena_array(arena, Span, n),
                         .meta_types = arena_array(arena, const Type *, n)};
    for (uint32_t i = 0; i < n; i++) {
        int32_t at = scan->decoded_cols[i];
        const TableColumn *column = &table->columns[at];
        bool is_meta = column->kind == TABCOL_METADATA;
        out->from_chunk[i] = out->from_decoder[i] = -1;
        if (is_meta && scan_is_conn_meta(table->conn, column->metadata_key)) {
            out->from_chunk[i] = (int32_t)out->n_meta;
            out->meta_keys[out->n_meta++] = column->metadata_key;
        } else if (scan_is_partition(table, (uint32_t)at)) {
            out->from_chunk[i] = (int32_t)out->n_meta;
            out->meta_types[out->n_meta] = decoded->fields[i].type;
            out->meta_keys[out->n_meta++] = column->name;
        } else {
            fields[n_out] = decoded->fields[i];
            out->indexes[n_out] = is_meta ? -1 : scan_physical_index(table, at);
            out->format_keys[n_out] = is_meta ? column->metadata_key : (Span){0};
            out->from_decoder[i] = (int32_t)n_out++;
        }
    }
    out->decoder_out = (Schema){n_out, fields};
}
