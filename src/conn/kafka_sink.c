/* kafka_sink.c -- writes records to a topic. The client's threads send them; a step waits only when
 * too many are on their way, and the end of the query until all are acknowledged.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/kafka.h"

#if WEIR_HAVE_RDKAFKA

enum { KAFKA_WAITING_MAX = 50000 }; /* records on their way, of 100,000 that the client takes */

typedef struct KafkaSink {
    Sink sink;
    KafkaClient client;
    const char *topic;
    bool is_upsert;
    bool is_round_robin;
    int32_t partition; /* for all records; -1: the client chooses */
    int32_t n_partitions;
    uint64_t n_sent;
    int32_t time_col, headers_col; /* columns of the metadata, or -1 */
    Buf values, keys;
    Arena arena; /* of one batch */
} KafkaSink;

static Status kafkasink_partitions(KafkaSink *self, Err *err) {
    const KafkaLib *lib = self->client.lib;
    const struct rd_kafka_metadata *all;
    rd_kafka_resp_err_t code = lib->metadata(self->client.handle, 1, NULL, &all, KAFKA_WAIT_MS);
    if (code) return kafka_fail(&self->client, code, "the Kafka cluster does not answer", err);
    for (int i = 0; i < all->topic_cnt; i++)
        if (!all->topics[i].err && strcmp(all->topics[i].topic, self->topic) == 0)
            self->n_partitions = all->topics[i].partition_cnt;
    lib->metadata_destroy(all);
    return ST_OK;
}

static Status kafkasink_options(KafkaSink *self, Err *err) {
    const Options *options = self->sink.spec.options;
    Span topic = opt_str(options, "topic");
    if (!topic.len || memchr(topic.ptr, ';', topic.len)) {
        FAIL(err, ST_INVALID, "22023", opt_pos(options, "topic"), "a Kafka sink needs one 'topic'");
    }
    self->topic = arena_strndup(self->sink.spec.arena, topic.ptr, topic.len);
    if (opt_is(options, "sink.delivery-guarantee", "exactly-once")) {
        err_set(err, ST_UNSUPPORTED, "0A000", opt_pos(options, "sink.delivery-guarantee"), __FILE__,
                __LINE__, "'sink.delivery-guarantee' = 'exactly-once' is not supported");
        return err_hint(err, "use 'at-least-once'");
    }
    self->is_round_robin = opt_is(options, "sink.partitioner", "round-robin");
    self->partition = opt_is(options, "sink.partitioner", "fixed") ? 0 : -1;
    return ST_OK;
}

static void kafkasink_metadata(KafkaSink *self) {
    const SinkSpec *spec = &self->sink.spec;
    self->time_col = self->headers_col = -1;
    for (uint32_t i = 0; i < spec->n_meta; i++) {
        KafkaMeta meta = kafka_meta_find(spec->meta_keys[i]);
        if (meta == KAFKA_TIMESTAMP) self->time_col = (int32_t)spec->meta_cols[i];
        if (meta == KAFKA_HEADERS) self->headers_col = (int32_t)spec->meta_cols[i];
    }
}

static Status kafkasink_open(Sink *sink, Err *err) {
    KafkaSink *self = (KafkaSink *)sink;
    static const char *const defaults[] = {"partitioner",        "murmur2_random", "linger.ms", "5",
                                           "enable.idempotence", "true",           NULL};
    buf_init(&self->values, sink->spec.mem);
    buf_init(&self->keys, sink->spec.mem);
    arena_init(&self->arena, sink->spec.mem);
    self->is_upsert = (sink->type->traits & CONN_UPSERT) != 0;
    TRY(kafkasink_options(self, err));
    kafkasink_metadata(self);
    TRY(kafka_client_open(&self->client, RD_KAFKA_PRODUCER, sink->spec.options, defaults, err));
    return kafkasink_partitions(self, err);
}

/* ---- records ---- */

static rd_kafka_headers_t *kafkasink_headers(const KafkaSink *self, const Batch *batch,
                                             uint32_t row) {
    const KafkaLib *lib = self->client.lib;
    const Column *col = &batch->cols[self->headers_col];
    const Column *names = &col->children[0], *values = &col->children[1];
    rd_kafka_headers_t *headers;
    uint32_t at = col_at(col, row);
    if (col_is_null(col, row)) return NULL;
    headers = lib->headers_new(col->offsets[at + 1] - col->offsets[at]);
    for (uint32_t i = col->offsets[at]; i < col->offsets[at + 1]; i++) {
        Span name = str_span(&names->str[col_at(names, i)]);
        bool is_null = col_is_null(values, i);
        Span value = is_null ? (Span){NULL, 0} : str_span(&values->str[col_at(values, i)]);
        lib->header_add(headers, name.ptr, (ssize_t)name.len, value.ptr, (ssize_t)value.len);
    }
    return headers;
}

/* The client's queue may be full; its threads make room. */
static Status kafkasink_produce(KafkaSink *self, const Batch *batch, uint32_t row, Span key,
                                bool has_key, Span value, bool has_value, Err *err) {
    const KafkaLib *lib = self->client.lib;
    for (;;) {
        rd_kafka_vu_t parts[7];
        rd_kafka_error_t *failed;
        rd_kafka_resp_err_t code;
        rd_kafka_headers_t *headers =
            self->headers_col < 0 ? NULL : kafkasink_headers(self, batch, row);
        size_t n = 0;
        parts[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = self->topic};
        parts[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY};
        parts[n++] =
            (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_PARTITION,
                            .u.i32 = self->is_round_robin && self->n_partitions
                                         ? (int32_t)(self->n_sent % (uint32_t)self->n_partitions)
                                         : self->partition};
        if (has_key)
            parts[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_KEY,
                                         .u.mem = {(void *)(uintptr_t)key.ptr, key.len}};
        if (has_value)
            parts[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_VALUE,
                                         .u.mem = {(void *)(uintptr_t)value.ptr, value.len}};
        if (self->time_col >= 0 && !col_is_null(&batch->cols[self->time_col], row)) {
            const Column *time = &batch->cols[self->time_col];
            parts[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_TIMESTAMP,
                                         .u.i64 = time->i64[col_at(time, row)] / 1000};
        }
        if (headers)
            parts[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers};
        failed = lib->produceva(self->client.handle, parts, n);
        self->n_sent += failed == NULL;
        if (!failed) return ST_OK;
        code = lib->error_code(failed);
        lib->error_destroy(failed);
        if (headers) lib->headers_destroy(headers); /* it was not taken over */
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            return kafka_fail(&self->client, code, "the Kafka client takes no record", err);
        lib->poll(self->client.handle, 10);
    }
}

/* The rows' records of an encoder, from some of the columns; ends as of FormatType.encode. */
static Status kafkasink_encode(KafkaSink *self, Encoder *encoder, const uint32_t *cols,
                               uint32_t n_cols, const Batch *batch, const uint8_t *kinds, Buf *out,
                               size_t **ends, Err *err) {
    Batch part = *batch;
    Column *picked = arena_array(&self->arena, Column, n_cols + 1);
    for (uint32_t i = 0; i < n_cols; i++) picked[i] = batch->cols[cols[i]];
    part.cols = picked;
    part.n_cols = n_cols;
    part.schema = encoder->spec.schema;
    *ends = arena_array(&self->arena, size_t, batch->n_rows + 1);
    buf_reset(out);
    return encoder->type->encode(encoder, &part, kinds, 0, batch->n_rows, SPAN(""), out, *ends,
                                 err);
}

static Status kafkasink_write(Sink *sink, const Batch *batch, const uint8_t *kinds, Err *err) {
    KafkaSink *self = (KafkaSink *)sink;
    const SinkSpec *spec = &sink->spec;
    size_t *ends, *key_ends = NULL, from = 0, key_from = 0;
    arena_reset(&self->arena);
    TRY(kafkasink_encode(self, spec->encoder, spec->value_cols, spec->n_value_cols, batch,
                         self->is_upsert ? NULL : kinds, &self->values, &ends, err));
    if (spec->key_encoder)
        TRY(kafkasink_encode(self, spec->key_encoder, spec->message_key_cols,
                             spec->n_message_key_cols, batch, NULL, &self->keys, &key_ends, err));
    for (uint32_t i = 0; i < batch->n_rows; i++) {
        Span value = {self->values.ptr + from, ends[i] - from};
        Span key = {self->keys.ptr + key_from, key_ends ? key_ends[i] - key_from : 0};
        RowKind kind = self->is_upsert && kinds ? kinds[i] : ROW_INSERT;
        /* The row after a -U has its key and replaces it. */
        if (kind != ROW_UPDATE_BEFORE)
            TRY(kafkasink_produce(self, batch, i, key, key_ends != NULL, value, kind != ROW_DELETE,
                                  err));
        from = ends[i];
        if (key_ends) key_from = key_ends[i];
    }
    return ST_OK;
}

/* ---- steps ---- */

static Status kafkasink_check(KafkaSink *self, Err *err) {
    self->client.lib->poll(self->client.handle, 0);
    if (self->client.status == ST_OK) return ST_OK;
    FAIL(err, ST_IO, "58030", -1, "a record could not be written to topic \"%s\": %s", self->topic,
         self->client.last_error);
}

static Status kafkasink_seal(Sink *sink, Err *err) {
    KafkaSink *self = (KafkaSink *)sink;
    TRY(kafkasink_check(self, err));
    return self->client.lib->outq_len(self->client.handle) > KAFKA_WAITING_MAX ? ST_AGAIN : ST_OK;
}

static Status kafkasink_finish(Sink *sink, Err *err) {
    KafkaSink *self = (KafkaSink *)sink;
    self->client.lib->flush(self->client.handle, 0);
    TRY(kafkasink_check(self, err));
    return self->client.lib->outq_len(self->client.handle) ? ST_AGAIN : ST_OK;
}

static void kafkasink_close(Sink *sink) {
    KafkaSink *self = (KafkaSink *)sink;
    kafka_client_close(&self->client);
    buf_deinit(&self->values);
    buf_deinit(&self->keys);
    arena_deinit(&self->arena);
}

const SinkType kafka_sink = {
    .size = sizeof(KafkaSink),
    .open = kafkasink_open,
    .write = kafkasink_write,
    .seal = kafkasink_seal,
    .finish = kafkasink_finish,
    .close = kafkasink_close,
};
#endif
