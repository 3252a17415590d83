/* pg_sink.c -- writes rows into a table of PostgreSQL. The changes of a step, the last of each key,
 * are one statement and so one transaction: readers of the table see whole steps. The next step
 * waits for its commit, which makes steps as large as the database is slow.
 *
 * In a durable run the changes between two commits are an outbox instead, which the commit holds.
 * Once it is durable the statement runs, together with one that notes the outbox's number, so that
 * after a crash the database says whether it did.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/pg.h"

#if WEIR_HAVE_LIBPQ

/* A change that waits for the end of the step: JSON in the buffer. */
typedef struct PgChange {
    size_t from, to;
    bool is_deletion;
    bool is_old; /* the key has a later one */
} PgChange;

typedef struct PgSink {
    Sink sink;
    PgClient client;
    Encoder *rows, *keys; /* keys: NULL without PRIMARY KEY */
    Schema key_schema;
    const char *statement;
    Buf texts; /* JSON of the changes */
    Buf params[2];
    PgChange *changes;
    uint32_t n_changes, cap;
    StrMap last; /* of each key: change + 1, as a pointer's value */
    Arena arena; /* of one write */
    bool is_sent;
    bool is_exact;  /* a durable run */
    int64_t number; /* of the outbox that the last commit holds */
} PgSink;

static Status pgsink_encoder(PgSink *self, const Schema *schema, Encoder **out, Err *err) {
    const SinkSpec *spec = &self->sink.spec;
    EncodeSpec encode = {.schema = schema,
                         .options = pg_json_options(spec->arena),
                         .zone = spec->zone,
                         .mem = spec->mem};
    return encoder_open(format_find(SPAN("json")), &encode, spec->arena, out, err);
}

/* ---- durable runs ---- */

/* Runs the statement for the outbox in params, unless the database has its number already. */
static Status pgsink_publish(PgSink *self, Err *err) {
    const PgLib *lib = self->client.lib;
    char number[24];
    const char *params[4];
    int n = 0;
    PGresult *result;
    if (self->keys) params[n++] = buf_cstr(&self->params[0]);
    params[n++] = buf_cstr(&self->params[1]);
    snprintf(number, sizeof number, "%lld", (long long)self->number);
    params[n++] = self->sink.spec.durable_id;
    params[n++] = number;
    FAULT("pg.publish");
    TRY(pg_exec(&self->client, self->statement, params, n, &result, err));
    FAULT("pg.published");
    lib->clear(result);
    return ST_OK;
}

/* What the last commit holds is published now, unless it was before the end of the last run. */
static Status pgsink_open_exact(PgSink *self, Err *err) {
    const SinkSpec *spec = &self->sink.spec;
    PGresult *result;
    TRY(pg_exec(&self->client, PG_SQL_OUTBOXES, NULL, 0, &result, err));
    self->client.lib->clear(result);
    TRY(pg_exec(&self->client, "SELECT number FROM weir_outbox WHERE sink = $1", &spec->durable_id,
                1, &result, err));
    if (self->client.lib->ntuples(result))
        self->number = atoll(self->client.lib->getvalue(result, 0, 0));
    self->client.lib->clear(result);
    if (spec->resume) {
        Record in = {.rest = *spec->resume};
        int64_t number = record_i64(&in);
        buf_span(&self->params[0], record_span(&in));
        buf_span(&self->params[1], record_span(&in));
        if (in.is_bad) FAIL(err, ST_CORRUPT, "XX001", -1, "the outbox of a sink is damaged");
        if (self->number > number) {
            err_set(err, ST_CORRUPT, "XX001", -1, __FILE__, __LINE__,
                    "table \"%s\" has more of this query's output than the state directory knows",
                    spec->table_name);
            return err_hint(err, "the directory is an old copy: going on would write rows twice");
        }
        if (self->number < number) {
            self->number = number;
            return pgsink_publish(self, err);
        }
    }
    return ST_OK;
}

static Status pgsink_open(Sink *sink, Err *err) {
    PgSink *self = (PgSink *)sink;
    const SinkSpec *spec = &sink->spec;
    Field *fields = arena_array(spec->arena, Field, spec->n_key_cols + 1);
    Buf sql;
    buf_init(&self->texts, spec->mem);
    buf_init(&self->params[0], spec->mem);
    buf_init(&self->params[1], spec->mem);
    arena_init(&self->arena, spec->mem);
    strmap_init(&self->last, spec->mem, false);
    for (uint32_t i = 0; i < spec->n_key_cols; i++)
        fields[i] = spec->schema->fields[spec->key_cols[i]];
    self->key_schema = (Schema){spec->n_key_cols, fields};
    if (!spec->n_key_cols && !spec->is_append_only) {
        err_set(err, ST_INVALID, "42P16", -1, __FILE__, __LINE__,
                "table \"%s\" takes updates and deletions, so it needs a PRIMARY KEY",
                spec->table_name);
        return err_hint(err, "please declare primary key for sink table when query contains "
                             "update/delete record: PRIMARY KEY (column) NOT ENFORCED");
    }
    TRY(pgsink_encoder(self, spec->schema, &self->rows, err));
    if (spec->n_key_cols) TRY(pgsink_encoder(self, &self->key_schema, &self->keys, err));
    TRY(pg_open(&self->client, spec->options, spec->schema, spec->arena, err));
    self->is_exact = spec->durable_id != NULL;
    buf_init(&sql, spec->mem);
    pg_sql_write(&self->client, spec->schema, spec->key_cols, spec->n_key_cols, self->is_exact,
                 &sql);
    self->statement = arena_strndup(spec->arena, sql.ptr, sql.len);
    buf_deinit(&sql);
    if (self->is_exact) return pgsink_open_exact(self, err);
    if (self->client.lib->setnonblocking(self->client.conn, 1) == 0) return ST_OK;
    return pg_fail(&self->client, NULL, "the connection to PostgreSQL is lost", err);
}

/* ---- gathering ---- */

static void pgsink_add(PgSink *self, size_t from, size_t to, bool is_deletion, const Span *key) {
    Mem *mem = self->sink.spec.mem;
    if (self->n_changes == self->cap) {
        uint32_t cap = self->cap ? self->cap * 2 : 256;
        self->changes = mem_realloc(mem, self->changes, self->cap * sizeof *self->changes,
                                    cap * sizeof *self->changes);
        self->cap = cap;
    }
    self->changes[self->n_changes++] = (PgChange){from, to, is_deletion, false};
    if (key) {
        void *before = strmap_put(&self->last, *key, (void *)(uintptr_t)self->n_changes);
        if (before) self->changes[(uintptr_t)before - 1].is_old = true;
    }
}

static Status pgsink_encode(PgSink *self, Encoder *encoder, const Batch *batch, size_t **ends,
                            Err *err) {
    *ends = arena_array(&self->arena, size_t, batch->n_rows + 1);
    return encoder->type->encode(encoder, batch, NULL, 0, batch->n_rows, SPAN(","), &self->texts,
                                 *ends, err);
}

static Status pgsink_write_keyed(PgSink *self, const Batch *batch, const uint8_t *kinds, Err *err) {
    const SinkSpec *spec = &self->sink.spec;
    Column *cols = arena_array(&self->arena, Column, spec->n_key_cols);
    Batch keys = *batch;
    RowKeys encoded;
    size_t *row_ends, *key_ends, row_from = self->texts.len, key_from;
    for (uint32_t i = 0; i < spec->n_key_cols; i++) cols[i] = batch->cols[spec->key_cols[i]];
    keys.schema = &self->key_schema;
    keys.cols = cols;
    keys.n_cols = spec->n_key_cols;
    rowkey_encode(&self->arena, cols, spec->n_key_cols, NULL, batch->n_rows, &encoded);
    TRY(pgsink_encode(self, self->rows, batch, &row_ends, err));
    key_from = self->texts.len;
    TRY(pgsink_encode(self, self->keys, &keys, &key_ends, err));
    for (uint32_t i = 0; i < batch->n_rows; i++) {
        RowKind kind = kinds ? kinds[i] : ROW_INSERT;
        Span key = rowkey_get(&encoded, i);
        /* A -U is a deletion until its +U comes, which may be of another key, or never. */
        if (kind == ROW_DELETE || kind == ROW_UPDATE_BEFORE)
            pgsink_add(self, key_from, key_ends[i], true, &key);
        else
            pgsink_add(self, row_from, row_ends[i], false, &key);
        row_from = row_ends[i] + 1;
        key_from = key_ends[i] + 1;
    }
    return ST_OK;
}

static Status pgsink_write(Sink *sink, const Batch *batch, const uint8_t *kinds, Err *err) {
    PgSink *self = (PgSink *)sink;
    size_t *ends, from = self->texts.len;
    arena_reset(&self->arena);
    if (self->keys) return pgsink_write_keyed(self, batch, kinds, err);
    TRY(pgsink_encode(self, self->rows, batch, &ends, err));
    for (uint32_t i = 0; i < batch->n_rows; i++) {
        pgsink_add(self, from, ends[i], false, NULL);
        from = ends[i] + 1;
    }
    return ST_OK;
}

/* ---- sending ---- */

static const char *pgsink_param(PgSink *self, Buf *param, bool is_deletion) {
    buf_reset(param);
    for (uint32_t i = 0; i < self->n_changes; i++) {
        const PgChange *change = &self->changes[i];
        if (change->is_old || change->is_deletion != is_deletion) continue;
        buf_putc(param, param->len ? ',' : '[');
        buf_put(param, self->texts.ptr + change->from, change->to - change->from);
    }
    buf_puts(param, param->len ? "]" : "[]");
    return buf_cstr(param);
}

static void pgsink_forget(PgSink *self) {
    self->n_changes = 0;
    buf_reset(&self->texts);
    strmap_deinit(&self->last);
    strmap_init(&self->last, self->sink.spec.mem, false);
}

static Status pgsink_send(PgSink *self, Err *err) {
    const char *params[2];
    int n = self->keys ? 2 : 1;
    if (self->keys) params[0] = pgsink_param(self, &self->params[0], true);
    params[n - 1] = pgsink_param(self, &self->params[1], false);
    pgsink_forget(self);
    self->is_sent = true;
    if (self->client.lib->sendQueryParams(self->client.conn, self->statement, n, NULL, params, NULL,
                                          NULL, 0))
        return ST_OK;
    return pg_fail(&self->client, NULL, "rows cannot be sent to PostgreSQL", err);
}

static Status pgsink_seal(Sink *sink, Err *err) {
    PgSink *self = (PgSink *)sink;
    const PgLib *lib = self->client.lib;
    PGresult *result;
    if (self->is_exact || (!self->is_sent && !self->n_changes)) return ST_OK;
    if (!self->is_sent) TRY(pgsink_send(self, err));
    if (lib->flush(self->client.conn) < 0 || !lib->consumeInput(self->client.conn))
        return pg_fail(&self->client, NULL, "the connection to PostgreSQL is lost", err);
    while (!lib->isBusy(self->client.conn)) {
        result = lib->getResult(self->client.conn);
        if (!result) {
            self->is_sent = false;
            return ST_OK;
        }
        if (lib->resultStatus(result) != PGRES_COMMAND_OK) {
            char what[200];
            snprintf(what, sizeof what, "rows cannot be written to table \"%s\"",
                     sink->spec.table_name);
            pg_fail(&self->client, result, what, err);
            lib->clear(result);
            return err->status;
        }
        lib->clear(result);
    }
    return ST_AGAIN;
}

static Status pgsink_save(Sink *sink, Buf *out, Err *err) {
    PgSink *self = (PgSink *)sink;
    (void)err;
    buf_reset(&self->params[0]);
    buf_reset(&self->params[1]);
    if (self->n_changes) {
        self->number++;
        pgsink_param(self, &self->params[0], true);
        pgsink_param(self, &self->params[1], false);
        pgsink_forget(self);
    }
    record_put_i64(out, self->number);
    record_put_span(out, buf_as_span(&self->params[0]));
    record_put_span(out, buf_as_span(&self->params[1]));
    return ST_OK;
}

static Status pgsink_saved(Sink *sink, Err *err) {
    PgSink *self = (PgSink *)sink;
    return self->params[1].len ? pgsink_publish(self, err) : ST_OK;
}

static int pgsink_wake_fd(const Sink *sink) {
    const PgSink *self = (const PgSink *)sink;
    return self->client.lib->socket(self->client.conn);
}

static void pgsink_close(Sink *sink) {
    PgSink *self = (PgSink *)sink;
    pg_close(&self->client);
    if (self->rows) encoder_close(self->rows);
    if (self->keys) encoder_close(self->keys);
    buf_deinit(&self->texts);
    buf_deinit(&self->params[0]);
    buf_deinit(&self->params[1]);
    mem_free(sink->spec.mem, self->changes, self->cap * sizeof *self->changes);
    strmap_deinit(&self->last);
    arena_deinit(&self->arena);
}

const SinkType pg_sink = {
    .size = sizeof(PgSink),
    .open = pgsink_open,
    .write = pgsink_write,
    .seal = pgsink_seal,
    .finish = pgsink_seal,
    .save = pgsink_save,
    .saved = pgsink_saved,
    .wake_fd = pgsink_wake_fd,
    .wakes_by_reading = true,
    .close = pgsink_close,
};
#endif
