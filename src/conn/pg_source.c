/* pg_source.c -- reads a table of PostgreSQL once, as a query sees it, row by row as they arrive.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/pg.h"

#if WEIR_HAVE_LIBPQ

typedef struct PgSource {
    Source source;
    PgClient client;
    Decoder *decoder;
    Buf rows;        /* JSON lines of one poll */
    uint64_t n_read; /* rows */
    bool has_ended;
} PgSource;

/* A scan that was cut short cannot be gone on with: the table may be another one by now. */
static Status pgsource_resume(PgSource *self, Err *err) {
    Record in = {.rest = *self->source.spec.resume};
    uint64_t n_read = record_u64(&in);
    self->has_ended = record_u64(&in) != 0;
    if (self->has_ended || !n_read) return ST_OK;
    err_set(err, ST_UNSUPPORTED, "0A000", -1, __FILE__, __LINE__,
            "reading table \"%s\" was interrupted, and cannot go on where it was",
            self->source.spec.table_name);
    return err_hint(err, "start with a new state directory, or SET 'execution.runtime-mode' = "
                         "'batch', which begins anew");
}

static void pgsource_position(const Source *source, Buf *out) {
    const PgSource *self = (const PgSource *)source;
    record_put_u64(out, self->n_read);
    record_put_u64(out, self->has_ended);
}

static Status pgsource_open(Source *source, Err *err) {
    PgSource *self = (PgSource *)source;
    const SourceSpec *spec = &source->spec;
    int32_t *indexes = arena_array(spec->arena, int32_t, spec->schema->n_fields + 1);
    DecodeSpec decode = {.table = spec->schema,
                         .out = spec->schema,
                         .indexes = indexes,
                         .options = pg_json_options(spec->arena),
                         .zone = spec->zone,
                         .mem = spec->mem};
    Buf sql;
    bool is_sent;
    buf_init(&self->rows, spec->mem);
    if (spec->resume) TRY(pgsource_resume(self, err));
    if (self->has_ended) return ST_OK;
    for (uint32_t i = 0; i < spec->schema->n_fields; i++) indexes[i] = (int32_t)i;
    TRY(decoder_open(format_find(SPAN("json")), &decode, spec->arena, &self->decoder, err));
    TRY(pg_open(&self->client, spec->options, spec->schema, spec->arena, err));
    buf_init(&sql, spec->mem);
    pg_sql_select(&self->client, spec->schema, &sql);
    is_sent = self->client.lib->sendQueryParams(self->client.conn, buf_cstr(&sql), 0, NULL, NULL,
                                                NULL, NULL, 0);
    buf_deinit(&sql);
    if (!is_sent) return pg_fail(&self->client, NULL, "the table cannot be read", err);
    self->client.lib->setSingleRowMode(self->client.conn);
    return ST_OK;
}

/* Up to max_rows of those that have arrived. */
static Status pgsource_gather(PgSource *self, uint32_t max_rows, uint32_t *n, Err *err) {
    const PgLib *lib = self->client.lib;
    if (!lib->consumeInput(self->client.conn))
        return pg_fail(&self->client, NULL, "the connection to PostgreSQL is lost", err);
    while (*n < max_rows && !self->has_ended && !lib->isBusy(self->client.conn)) {
        PGresult *result = lib->getResult(self->client.conn);
        ExecStatusType status = result ? lib->resultStatus(result) : PGRES_TUPLES_OK;
        if (status == PGRES_SINGLE_TUPLE) {
            buf_put(&self->rows, lib->getvalue(result, 0, 0), (size_t)lib->getlength(result, 0, 0));
            buf_putc(&self->rows, '\n');
            ++*n;
        } else if (status != PGRES_TUPLES_OK) {
            pg_fail(&self->client, result, "the table cannot be read", err);
            lib->clear(result);
            return err->status;
        }
        self->has_ended = !result;
        lib->clear(result);
    }
    return ST_OK;
}

static Status pgsource_poll_rows(Source *source, uint32_t max_rows, BatchBuilder *out,
                                 int32_t *split, Err *err) {
    PgSource *self = (PgSource *)source;
    uint32_t n = 0;
    size_t used;
    *split = 0;
    if (self->has_ended) return ST_END;
    buf_reset(&self->rows);
    TRY(pgsource_gather(self, max_rows, &n, err));
    memset(buf_reserve(&self->rows, CHUNK_PADDING), 0, CHUNK_PADDING);
    if (n)
        TRY(self->decoder->type->decode(self->decoder, buf_as_span(&self->rows), true, max_rows,
                                        out, &used, err));
    self->n_read += n;
    if (self->has_ended) return ST_END;
    return n ? ST_OK : ST_AGAIN;
}

static int pgsource_wake_fd(const Source *source) {
    const PgSource *self = (const PgSource *)source;
    return self->client.conn ? self->client.lib->socket(self->client.conn) : -1;
}

static void pgsource_close(Source *source) {
    PgSource *self = (PgSource *)source;
    pg_close(&self->client);
    if (self->decoder) decoder_close(self->decoder);
    buf_deinit(&self->rows);
}

const SourceType pg_source = {
    .size = sizeof(PgSource),
    .open = pgsource_open,
    .poll_rows = pgsource_poll_rows,
    .wake_fd = pgsource_wake_fd,
    .position = pgsource_position,
    .close = pgsource_close,
};
#endif
