/* bad.c -- what becomes of a record that cannot be decoded: it stops the query with its place and
 * reason, or it is counted, or it goes to the table's dead letters, a table or a file of JSON
 * lines.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

enum { BAD_SHOWN_MAX = 200 }; /* bytes of a record shown in an error */

/* The columns that a dead-letter table may have, in any order; a file has all of them. */
typedef enum DeadColumn {
    DEAD_RECORD,
    DEAD_TABLE,
    DEAD_SPLIT,
    DEAD_LINE,
    DEAD_BYTE,
    DEAD_COLUMN,
    DEAD_VALUE,
    DEAD_REASON,
    DEAD_SQLSTATE,
    DEAD_TIME,
    DEAD_N
} DeadColumn;
static const char *const dead_names[DEAD_N] = {"record",   "table_name",  "split", "line",
                                               "byte",     "column_name", "value", "reason",
                                               "sqlstate", "time"};

typedef struct DeadLetters DeadLetters;
struct DeadLetters {
    Flow *flow;
    Span target;
    /* a file */
    int fd;
    const char *path;
    Buf lines;
    /* a table */
    Schema schema;
    int8_t *columns; /* DeadColumn of each, or -1 */
    Sink *sink;
    Encoder *encoder;
    Arena arena; /* of the rows gathered in the step */
    BatchBuilder rows;
    bool is_begun;
};

/* ---- counting and stopping ---- */

static void bad_count(Flow *flow, const char *reason) {
    BadReason *at = NULL;
    flow->rows_bad++;
    for (uint32_t i = 0; i < flow->n_bad_reasons && !at; i++)
        if (strncmp(flow->bad[i].text, reason, sizeof at->text - 1) == 0) at = &flow->bad[i];
    if (!at && flow->n_bad_reasons < BAD_REASONS_MAX) {
        at = &flow->bad[flow->n_bad_reasons++];
        snprintf(at->text, sizeof at->text, "%s",
                 flow->n_bad_reasons < BAD_REASONS_MAX ? reason : "other reasons");
    }
    if (!at) at = &flow->bad[BAD_REASONS_MAX - 1];
    at->n++;
}

/* Printable ASCII and UTF-8 as they are, other bytes as a dot. */
static void bad_shown(Span bytes, char *out, size_t cap) {
    size_t n = 0;
    for (size_t i = 0; i < bytes.len && n + 4 < cap; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        out[n++] = (char)(c < 32 || c == 127 ? '.' : c);
    }
    if (n + 4 >= cap) {
        memcpy(out + n, "...", 3);
        n += 3;
    }
    out[n] = '\0';
}

/* The record of a chunk of messages that bad bytes belong to. */
static const Message *bad_message(const BadPolicy *policy, const BadRecord *bad) {
    const Chunk *chunk = policy->chunk;
    if (policy->message || !chunk->n_messages) return policy->message;
    for (uint32_t i = 0; i < chunk->n_messages; i++) {
        const Message *message = &chunk->messages[i];
        if (message->has_value && bad->bytes.ptr >= message->value.ptr &&
            bad->bytes.ptr <= message->value.ptr + message->value.len)
            return message;
    }
    return NULL;
}

/* "logs/a.json, line 3, byte 120", or "orders, partition 0, offset 42, byte 7". */
static const char *bad_place(const BadPolicy *policy, const BadRecord *bad, char *out, size_t cap) {
    const Chunk *chunk = policy->chunk;
    const Message *message = bad_message(policy, bad);
    const char *name = chunk->name ? chunk->name : "input";
    uint64_t byte = chunk->offset + policy->base + bad->offset + bad->at;
    if (message)
        snprintf(out, cap, "%s, partition %d, offset %llu, byte %u", name, chunk->part,
                 (unsigned long long)message->offset, bad->at);
    else
        snprintf(out, cap, "%s, line %llu, byte %llu", name, (unsigned long long)bad->line,
                 (unsigned long long)byte);
    return out;
}

static bool bad_can_be_ignored(const FormatType *format) {
    for (const OptionSpec *option = format->options; option && option->name; option++)
        if (strcmp(option->name, "ignore-parse-errors") == 0) return true;
    return false;
}

static Status bad_stop(const BadPolicy *policy, const BadRecord *bad, Err *err) {
    char record[BAD_SHOWN_MAX], value[BAD_SHOWN_MAX];
    char column[160] = "", place[300];
    bad_shown(bad->bytes, record, sizeof record);
    bad_shown(bad->value, value, sizeof value);
    if (bad->column.len)
        snprintf(column, sizeof column, "column \"" SPAN_FMT "\": ", SPAN_ARG(bad->column));
    err_set(err, ST_INVALID, bad->sqlstate ? bad->sqlstate : "22P02", -1, __FILE__, __LINE__,
            "table \"" SPAN_FMT "\": %s: %s%s%s%s%s", SPAN_ARG(policy->table->name),
            bad_place(policy, bad, place, sizeof place), column, bad->reason,
            bad->value.len ? ", got \"" : "", bad->value.len ? value : "",
            bad->value.len ? "\"" : "");
    err_detail(err, "the record is: %s", record);
    if (bad->hint) return err_hint(err, "%s", bad->hint);
    if (!bad_can_be_ignored(policy->table->format))
        return err_hint(err, "'dead-letter' = 'a table or file' keeps such records");
    return err_hint(err,
                    "'%s.ignore-parse-errors' = 'true' skips and counts such records; "
                    "'dead-letter' = 'a table or file' keeps them",
                    policy->table->format->name);
}

/* ---- dead letters in a file ---- */

static bool bad_is_utf8(Span bytes) {
    for (size_t i = 0; i < bytes.len;) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        size_t more = c < 0x80 ? 0 : c >> 5 == 6 ? 1 : c >> 4 == 14 ? 2 : c >> 3 == 30 ? 3 : 9;
        if (more == 9 || bytes.len - i <= more || c == 0xc0 || c == 0xc1) return false;
        for (size_t k = 1; k <= more; k++)
            if (((unsigned char)bytes.ptr[i + k] & 0xc0) != 0x80) return false;
        i += more + 1;
    }
    return true;
}

static void dead_json_string(Buf *out, const char *name, Span bytes) {
    bool is_text = bad_is_utf8(bytes);
    buf_printf(out, "\"%s%s\":\"", name, is_text ? "" : "_hex");
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        if (!is_text)
            buf_printf(out, "%02x", c);
        else if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c == '\n')
            buf_puts(out, "\\n");
        else if (c == '\t')
            buf_puts(out, "\\t");
        else if (c < 32)
            buf_printf(out, "\\u%04x", c);
        else
            buf_putc(out, (char)c);
    }
    buf_puts(out, "\"");
}

static void dead_to_file(DeadLetters *dead, const BadPolicy *policy, const BadRecord *bad) {
    const Chunk *chunk = policy->chunk;
    Buf *out = &dead->lines;
    buf_putc(out, '{');
    dead_json_string(out, "table_name", policy->table->name);
    buf_putc(out, ',');
    dead_json_string(out, "split", span_of(chunk->name ? chunk->name : ""));
    buf_printf(out, ",\"line\":%llu,\"byte\":%llu,", (unsigned long long)bad->line,
               (unsigned long long)(chunk->offset + policy->base + bad->offset));
    dead_json_string(out, "column_name", bad->column);
    buf_putc(out, ',');
    dead_json_string(out, "value", bad->value);
    buf_putc(out, ',');
    dead_json_string(out, "reason", span_of(bad->reason));
    buf_printf(out, ",\"sqlstate\":\"%s\",\"time_us\":%lld,", bad->sqlstate ? bad->sqlstate : "",
               (long long)dead->flow->now_us);
    dead_json_string(out, "record", bad->bytes);
    buf_puts(out, "}\n");
}

/* ---- dead letters in a table ---- */

static void dead_text(ColBuilder *col, Span text) {
    if (type_phys(col->type) == PHYS_STR)
        colb_str(col, text.ptr, text.len);
    else
        colb_null(col);
}

static void dead_number(ColBuilder *col, int64_t value) {
    char text[24];
    switch (type_phys(col->type)) {
    case PHYS_I64: colb_i64(col, value); break;
    case PHYS_I32:
        if (col->type->kind == TYPE_INT && value <= INT32_MAX)
            colb_i32(col, (int32_t)value);
        else
            colb_null(col);
        break;
    case PHYS_STR:
        snprintf(text, sizeof text, "%lld", (long long)value);
        colb_str(col, text, strlen(text));
        break;
    default: colb_null(col);
    }
}

static void dead_to_table(DeadLetters *dead, const BadPolicy *policy, const BadRecord *bad) {
    const Chunk *chunk = policy->chunk;
    if (!dead->is_begun) {
        batchb_init(&dead->rows, &dead->arena, &dead->schema, 64);
        dead->is_begun = true;
    }
    for (uint32_t i = 0; i < dead->schema.n_fields; i++) {
        ColBuilder *col = &dead->rows.cols[i];
        switch (dead->columns[i]) {
        case DEAD_RECORD: dead_text(col, bad->bytes); break;
        case DEAD_TABLE: dead_text(col, policy->table->name); break;
        case DEAD_SPLIT: dead_text(col, span_of(chunk->name ? chunk->name : "")); break;
        case DEAD_LINE: dead_number(col, (int64_t)bad->line); break;
        case DEAD_BYTE:
            dead_number(col, (int64_t)(chunk->offset + policy->base + bad->offset));
            break;
        case DEAD_COLUMN: dead_text(col, bad->column); break;
        case DEAD_VALUE: dead_text(col, bad->value); break;
        case DEAD_REASON: dead_text(col, span_of(bad->reason)); break;
        case DEAD_SQLSTATE: dead_text(col, span_of(bad->sqlstate ? bad->sqlstate : "")); break;
        case DEAD_TIME: dead_number(col, dead->flow->now_us); break;
        default: colb_null(col);
        }
    }
    batchb_row_end(&dead->rows, 1);
}

Status bad_record(void *ctx, const BadRecord *bad, Err *err) {
    BadPolicy *policy = ctx;
    if (!policy->is_ignored && !policy->dead) return bad_stop(policy, bad, err);
    bad_count(policy->flow, bad->reason);
    if (!policy->dead) return ST_OK;
    policy->flow->rows_dead++;
    if (policy->dead->sink)
        dead_to_table(policy->dead, policy, bad);
    else
        dead_to_file(policy->dead, policy, bad);
    return ST_OK;
}

/* ---- opening, sealing, closing ---- */

static Status dead_open_file(DeadLetters *dead, Err *err) {
    const char *base = dead->flow->spec.base_dir;
    bool is_relative = base && dead->target.ptr[0] != '/';
    dead->path = arena_printf(&dead->flow->arena, "%s%s" SPAN_FMT, is_relative ? base : "",
                              is_relative ? "/" : "", SPAN_ARG(dead->target));
    TRY(file_create(dead->path, true, &dead->fd, err));
    if (dead->flow->spec.kv && commits_dead(dead->flow)) {
        Record in = {.rest = *commits_dead(dead->flow)};
        return file_truncate(dead->fd, dead->path, record_u64(&in), err);
    }
    return ST_OK;
}

static Status dead_columns(DeadLetters *dead, const Table *table, Err *err) {
    Arena *arena = &dead->flow->arena;
    Field *fields = arena_array(arena, Field, table->n_columns);
    uint32_t n = 0, n_known = 0;
    dead->columns = arena_array(arena, int8_t, table->n_columns);
    for (uint32_t i = 0; i < table->n_columns; i++) {
        const TableColumn *column = &table->columns[i];
        if (column->kind != TABCOL_PHYSICAL) continue;
        fields[n] = (Field){column->name, column->type};
        dead->columns[n] = -1;
        for (int8_t k = 0; k < DEAD_N; k++)
            if (span_is(column->name, dead_names[k])) dead->columns[n] = k;
        n_known += dead->columns[n] >= 0;
        n++;
    }
    dead->schema = (Schema){n, fields};
    if (n_known) return ST_OK;
    err_set(err, ST_INVALID, "42703", -1, __FILE__, __LINE__,
            "dead-letter table \"" SPAN_FMT "\" has none of the columns that it could be given",
            SPAN_ARG(table->name));
    return err_hint(err, "columns are matched by name: record, table_name, split, line, byte, "
                         "column_name, value, reason, sqlstate, time");
}

static Status dead_open_table(DeadLetters *dead, const Table *table, Err *err) {
    TRY(dead_columns(dead, table, err));
    return drain_open_sink(dead->flow, table, &dead->schema, NULL, NULL, &dead->sink,
                           &dead->encoder, err);
}

Status dead_letters_find(Flow *flow, Span target, const Table *source, DeadLetters **out,
                         Err *err) {
    const Table *table = catalog_table(flow->spec.catalog, &target, 1);
    DeadLetters *dead;
    for (uint32_t i = 0; i < flow->n_dead; i++) {
        if (!span_eq(flow->dead[i]->target, target)) continue;
        *out = flow->dead[i];
        return ST_OK;
    }
    if (!table && !memchr(target.ptr, '/', target.len) && !memchr(target.ptr, '.', target.len)) {
        err_set(err, ST_NOT_FOUND, "42P01", -1, __FILE__, __LINE__,
                "dead-letter table \"" SPAN_FMT "\" of table \"" SPAN_FMT "\" does not exist",
                SPAN_ARG(target), SPAN_ARG(source->name));
        return err_hint(err,
                        "create it first, or give a file: 'dead-letter' = './" SPAN_FMT ".jsonl'",
                        SPAN_ARG(target));
    }
    dead = arena_new(&flow->arena, DeadLetters);
    *dead = (DeadLetters){.flow = flow, .target = target, .fd = -1};
    buf_init(&dead->lines, &flow->mem);
    arena_init(&dead->arena, &flow->mem);
    *out = dead;
    flow->dead[flow->n_dead] = dead;
    flow->n_dead++;
    return table ? dead_open_table(dead, table, err) : dead_open_file(dead, err);
}

Status dead_letters_seal(DeadLetters *dead, bool is_end, Err *err) {
    Status status;
    if (!dead->sink) {
        if (dead->lines.len)
            TRY(file_write(dead->fd, dead->path, dead->lines.ptr, dead->lines.len, err));
        buf_reset(&dead->lines);
        return ST_OK;
    }
    if (dead->is_begun) {
        dead->is_begun = false;
        TRY(dead->sink->type->sink->write(dead->sink, batchb_finish(&dead->rows), NULL, err));
        arena_reset(&dead->arena);
    }
    status = dead->sink->type->sink->seal ? dead->sink->type->sink->seal(dead->sink, err) : ST_OK;
    if (status == ST_OK && is_end && dead->sink->type->sink->finish)
        status = dead->sink->type->sink->finish(dead->sink, err);
    return status;
}

/* Lines of a file that came behind the commit are cut off by the next run. */
Status dead_letters_save(DeadLetters *dead, Buf *out, Err *err) {
    FileInfo info;
    if (dead->sink)
        return dead->sink->type->sink->save ? dead->sink->type->sink->save(dead->sink, out, err)
                                            : ST_OK;
    TRY(file_sync(dead->fd, dead->path, err));
    TRY(file_fstat(dead->fd, dead->path, &info, err));
    record_put_u64(out, info.size);
    return ST_OK;
}

Status dead_letters_saved(DeadLetters *dead, Err *err) {
    if (!dead->sink || !dead->sink->type->sink->saved) return ST_OK;
    return dead->sink->type->sink->saved(dead->sink, err);
}

void dead_letters_close(DeadLetters *dead) {
    if (dead->fd >= 0) file_close(dead->fd);
    if (dead->sink) sink_close(dead->sink);
    if (dead->encoder) encoder_close(dead->encoder);
    buf_deinit(&dead->lines);
    arena_deinit(&dead->arena);
}
