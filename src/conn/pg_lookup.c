/* pg_lookup.c -- a table of PostgreSQL that is asked by key: all keys of a batch in one statement,
 * and answers kept for a while when the table says so.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/pg.h"

#if WEIR_HAVE_LIBPQ

/* A kept answer: the rows of a key as JSON lines behind it. */
typedef struct PgAnswer {
    int64_t expires_us; /* monotonic */
    size_t len;
} PgAnswer;

typedef struct PgLookup {
    Lookup lookup;
    PgClient client;
    Decoder *decoder;
    Encoder *encoder; /* of keys */
    Schema key_schema;
    const char *statement;
    bool is_cached, keeps_missing;
    int64_t write_us, access_us; /* how long an answer is kept since; 0 = for ever */
    int64_t max_rows, retries;
    StrMap kept;
    uint64_t n_kept_rows;
    Buf text; /* of one key's rows, or of the keys asked for */
} PgLookup;

/* ---- opening ---- */

/* SELECT n, row FROM keys WITH ORDINALITY JOIN table: n counts from 1. */
static void pglookup_sql(PgLookup *self, Buf *out) {
    const LookupSpec *spec = &self->lookup.spec;
    buf_puts(out, "SELECT k.n, row_to_json(r) FROM (SELECT row_number() OVER () AS n, * FROM ");
    pg_sql_recordset(&self->client, spec->schema, spec->keys, spec->n_keys, 1, "j", out);
    buf_printf(out, ") k JOIN %s t ON ", self->client.table);
    for (uint32_t i = 0; i < spec->n_keys; i++) {
        Span name = spec->schema->fields[spec->keys[i]].name;
        buf_printf(out, "%st.%s = k.\"" SPAN_FMT "\"", i ? " AND " : "",
                   self->client.columns[spec->keys[i]].name, SPAN_ARG(name));
    }
    buf_puts(out, " CROSS JOIN LATERAL (SELECT ");
    for (uint32_t i = 0; i < spec->schema->n_fields; i++) {
        const Field *field = &spec->schema->fields[i];
        if (i) buf_puts(out, ", ");
        pg_sql_value(&self->client.columns[i], field->type, "t", out);
        buf_printf(out, " AS \"" SPAN_FMT "\"", SPAN_ARG(field->name));
    }
    buf_puts(out, ") r ORDER BY k.n");
}

static Status pglookup_codecs(PgLookup *self, Err *err) {
    const LookupSpec *spec = &self->lookup.spec;
    const FormatType *json = format_find(SPAN("json"));
    Field *fields = arena_array(spec->arena, Field, spec->n_keys + 1);
    int32_t *indexes = arena_array(spec->arena, int32_t, spec->schema->n_fields + 1);
    DecodeSpec decode = {.table = spec->schema,
                         .out = spec->schema,
                         .indexes = indexes,
                         .options = pg_json_options(spec->arena),
                         .zone = spec->zone,
                         .mem = spec->mem};
    EncodeSpec encode = {.schema = &self->key_schema,
                         .options = decode.options,
                         .zone = spec->zone,
                         .mem = spec->mem};
    for (uint32_t i = 0; i < spec->schema->n_fields; i++) indexes[i] = (int32_t)i;
    for (uint32_t i = 0; i < spec->n_keys; i++) {
        fields[i] = spec->schema->fields[spec->keys[i]];
        if (fields[i].type->kind != TYPE_BINARY && fields[i].type->kind != TYPE_VARBINARY) continue;
        FAIL(err, ST_UNSUPPORTED, "0A000", -1,
             "a lookup by column `" SPAN_FMT "`, which holds bytes, is not supported",
             SPAN_ARG(fields[i].name));
    }
    self->key_schema = (Schema){spec->n_keys, fields};
    TRY(decoder_open(json, &decode, spec->arena, &self->decoder, err));
    return encoder_open(json, &encode, spec->arena, &self->encoder, err);
}

static Status pglookup_open(Lookup *lookup, Err *err) {
    PgLookup *self = (PgLookup *)lookup;
    const LookupSpec *spec = &lookup->spec;
    const Options *options = spec->options;
    Buf sql;
    buf_init(&self->text, spec->mem);
    strmap_init(&self->kept, spec->mem, false);
    self->is_cached = opt_is(options, "lookup.cache", "PARTIAL");
    self->keeps_missing = opt_bool(options, "lookup.partial-cache.cache-missing-key");
    self->max_rows = opt_has(options, "lookup.partial-cache.max-rows")
                         ? opt_int(options, "lookup.partial-cache.max-rows")
                         : INT64_MAX;
    self->retries = opt_int(options, "lookup.max-retries");
    if (opt_has(options, "lookup.partial-cache.expire-after-write"))
        self->write_us = opt_duration_us(options, "lookup.partial-cache.expire-after-write");
    if (opt_has(options, "lookup.partial-cache.expire-after-access"))
        self->access_us = opt_duration_us(options, "lookup.partial-cache.expire-after-access");
    TRY(pglookup_codecs(self, err));
    TRY(pg_open(&self->client, options, spec->schema, spec->arena, err));
    buf_init(&sql, spec->mem);
    pglookup_sql(self, &sql);
    self->statement = arena_strndup(spec->arena, sql.ptr, sql.len);
    buf_deinit(&sql);
    return ST_OK;
}

/* ---- the cache ---- */

static void pglookup_forget(PgLookup *self) {
    for (uint32_t i = 0; i < self->kept.n; i++) {
        PgAnswer *answer = self->kept.entries[i].value;
        mem_free(self->lookup.spec.mem, answer, sizeof *answer + answer->len);
    }
    strmap_deinit(&self->kept);
    strmap_init(&self->kept, self->lookup.spec.mem, false);
    self->n_kept_rows = 0;
}

static int64_t pglookup_expiry(const PgLookup *self, int64_t keep_us) {
    (void)self;
    return keep_us ? clock_mono_us() + keep_us : INT64_MAX;
}

static const PgAnswer *pglookup_kept(PgLookup *self, Span key) {
    PgAnswer *answer = self->is_cached ? strmap_find(&self->kept, key) : NULL;
    if (!answer || answer->expires_us < clock_mono_us()) return NULL;
    if (self->access_us && !self->write_us)
        answer->expires_us = pglookup_expiry(self, self->access_us);
    return answer;
}

/* When the cache is full, everything is forgotten: what is asked for often comes back soon. */
static void pglookup_keep(PgLookup *self, Span key, Span rows, uint32_t n_rows) {
    Mem *mem = self->lookup.spec.mem;
    PgAnswer *answer, *before;
    if (!self->is_cached || (!n_rows && !self->keeps_missing)) return;
    if ((int64_t)(self->n_kept_rows + n_rows) > self->max_rows) pglookup_forget(self);
    answer = mem_alloc(mem, sizeof *answer + rows.len);
    *answer = (PgAnswer){
        .expires_us = pglookup_expiry(self, self->write_us ? self->write_us : self->access_us),
        .len = rows.len};
    if (rows.len) memcpy(answer + 1, rows.ptr, rows.len);
    before = strmap_put(&self->kept, key, answer);
    if (before) mem_free(mem, before, sizeof *before + before->len);
    self->n_kept_rows += n_rows;
}

/* ---- asking ---- */

/* JSON lines, CHUNK_PADDING bytes behind them readable, as rows that answer key k. */
static Status pglookup_give(PgLookup *self, Span lines, uint32_t k, BatchBuilder *out, Err *err) {
    uint32_t n_fields = self->lookup.spec.schema->n_fields, before = out->n_rows;
    char *copy = arena_alloc(out->arena, lines.len + CHUNK_PADDING);
    size_t used;
    if (!lines.len) return ST_OK;
    memcpy(copy, lines.ptr, lines.len);
    memset(copy + lines.len, 0, CHUNK_PADDING);
    TRY(self->decoder->type->decode(self->decoder, (Span){copy, lines.len}, true, UINT32_MAX, out,
                                    &used, err));
    for (uint32_t i = before; i < out->n_rows; i++) colb_i32(&out->cols[n_fields], (int32_t)k);
    return ST_OK;
}

/* Asks; connects anew when the connection was lost, as often as the table says. */
static Status pglookup_ask(PgLookup *self, const char *keys, PGresult **result, Err *err) {
    const LookupSpec *spec = &self->lookup.spec;
    for (int64_t i = 0;; i++) {
        Status status = pg_exec(&self->client, self->statement, &keys, 1, result, err);
        if (status == ST_OK || i >= self->retries ||
            self->client.lib->status(self->client.conn) == CONNECTION_OK)
            return status;
        pg_close(&self->client);
        self->client.table = NULL;
        status = pg_open(&self->client, spec->options, spec->schema, spec->arena, err);
        if (status != ST_OK && i + 1 >= self->retries) return status;
        if (status != ST_OK) wait_fds(NULL, 0, 200000);
    }
}

/* The answers to the keys sel[0 .. n) of the batch. */
static Status pglookup_fetch(PgLookup *self, const Batch *keys, const RowKeys *encoded,
                             const uint32_t *sel, uint32_t n, BatchBuilder *out, Err *err) {
    const PgLib *lib = self->client.lib;
    Batch asked = batch_select(keys, sel, n);
    const Batch *dense = batch_dense(out->arena, &asked);
    Batch named = *dense;
    PGresult *result;
    Status status = ST_OK;
    int row = 0, n_rows;
    named.schema = &self->key_schema;
    buf_reset(&self->text);
    buf_putc(&self->text, '[');
    TRY(self->encoder->type->encode(self->encoder, &named, NULL, 0, n, SPAN(","), &self->text, NULL,
                                    err));
    self->text.ptr[self->text.len - 1] = ']'; /* instead of the last comma */
    TRY(pglookup_ask(self, buf_cstr(&self->text), &result, err));
    n_rows = lib->ntuples(result);
    for (uint32_t k = 0; k < n && status == ST_OK; k++) {
        uint32_t found = 0;
        buf_reset(&self->text);
        for (; row < n_rows && atoll(lib->getvalue(result, row, 0)) == (long long)k + 1; row++) {
            buf_put(&self->text, lib->getvalue(result, row, 1),
                    (size_t)lib->getlength(result, row, 1));
            buf_putc(&self->text, '\n');
            found++;
        }
        pglookup_keep(self, rowkey_get(encoded, sel[k]), buf_as_span(&self->text), found);
        status = pglookup_give(self, buf_as_span(&self->text), sel[k], out, err);
    }
    lib->clear(result);
    return status;
}

static Status pglookup_find(Lookup *lookup, const Batch *keys, BatchBuilder *out, Err *err) {
    PgLookup *self = (PgLookup *)lookup;
    uint32_t *sel = arena_array(out->arena, uint32_t, keys->n_rows + 1), n = 0;
    RowKeys encoded;
    rowkey_encode(out->arena, keys->cols, lookup->spec.n_keys, NULL, keys->n_rows, &encoded);
    for (uint32_t k = 0; k < keys->n_rows; k++) {
        const PgAnswer *answer = pglookup_kept(self, rowkey_get(&encoded, k));
        if (answer)
            TRY(pglookup_give(self, (Span){(const char *)(answer + 1), answer->len}, k, out, err));
        else
            sel[n++] = k;
    }
    return n ? pglookup_fetch(self, keys, &encoded, sel, n, out, err) : ST_OK;
}

static void pglookup_close(Lookup *lookup) {
    PgLookup *self = (PgLookup *)lookup;
    pg_close(&self->client);
    if (self->decoder) decoder_close(self->decoder);
    if (self->encoder) encoder_close(self->encoder);
    pglookup_forget(self);
    strmap_deinit(&self->kept);
    buf_deinit(&self->text);
}

const LookupType pg_lookup = {
    .size = sizeof(PgLookup),
    .open = pglookup_open,
    .find = pglookup_find,
    .close = pglookup_close,
};
#endif
