/* kafka_sink.c -- writes records to a topic. The client's threads send them; a step waits only when
 * too many are on their way, and a commit or the end of the query until all are acknowledged.
 * Exactly once, the records between two commits are gathered in an outbox instead, which the commit
 * holds and kafka_txn.c publishes once it is durable.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/kafka.h"

#if WEIR_HAVE_RDKAFKA

enum { KAFKA_WAITING_MAX = 50000 }; /* records on their way, of 100,000 that the client takes */

typedef struct KafkaSink {
    Sink sink;
    KafkaClient client;
    const char *topic;
    bool is_upsert, is_exact;
    bool is_round_robin;
    int32_t partition; /* for all records; -1: the client chooses */
    int32_t n_partitions;
    uint64_t n_sent;
    int32_t time_col, headers_col; /* columns of the metadata, or -1 */
    Buf values, keys, headers;
    Arena arena; /* of one batch */
    /* exactly once */
    KafkaTxn txn;
    int64_t number;     /* of the outbox that the last commit holds */
    Buf outbox, sealed; /* being filled; in the commit under way */
} KafkaSink;

/* The number of partitions once all have a leader; 0 = the topic is not there (yet). */
static Status kafkasink_count(KafkaSink *self, KafkaClient *client, rd_kafka_topic_t *topic,
                              Err *err) {
    const KafkaLib *lib = client->lib;
    const struct rd_kafka_metadata *all;
    rd_kafka_resp_err_t code = lib->metadata(client->handle, 0, topic, &all, KAFKA_WAIT_MS);
    if (code) return kafka_fail(client, code, "the Kafka cluster does not answer", err);
    self->n_partitions = 0;
    for (int i = 0; i < all->topic_cnt; i++) {
        const rd_kafka_metadata_topic_t *found = &all->topics[i];
        bool is_led = !found->err;
        for (int p = 0; p < found->partition_cnt; p++)
            is_led = is_led && !found->partitions[p].err && found->partitions[p].leader >= 0;
        if (is_led) self->n_partitions = found->partition_cnt;
    }
    lib->metadata_destroy(all);
    return ST_OK;
}

/* Asking for a topic makes it, where the cluster does so; then it takes a moment until it can be
 * written. */
static Status kafkasink_partitions(KafkaSink *self, KafkaClient *client, Err *err) {
    int64_t until_us = clock_mono_us() + KAFKA_WAIT_MS * INT64_C(1000);
    rd_kafka_topic_t *topic = client->lib->topic_new(client->handle, self->topic, NULL);
    Status status = ST_OK;
    while (status == ST_OK && !self->n_partitions && clock_mono_us() < until_us) {
        status = kafkasink_count(self, client, topic, err);
        if (status == ST_OK && !self->n_partitions) wait_fds(NULL, 0, 50000);
    }
    client->lib->topic_destroy(topic);
    if (status != ST_OK || self->n_partitions) return status;
    err_set(err, ST_NOT_FOUND, "42704", -1, __FILE__, __LINE__, "there is no topic \"%s\"",
            self->topic);
    return err_hint(err, "make it first, or let the cluster: auto.create.topics.enable");
}

static Status kafkasink_options(KafkaSink *self, Err *err) {
    const Options *options = self->sink.spec.options;
    Span topic = opt_str(options, "topic");
    if (!topic.len || memchr(topic.ptr, ';', topic.len)) {
        FAIL(err, ST_INVALID, "22023", opt_pos(options, "topic"), "a Kafka sink needs one 'topic'");
    }
    self->topic = arena_strndup(self->sink.spec.arena, topic.ptr, topic.len);
    self->is_round_robin = opt_is(options, "sink.partitioner", "round-robin");
    self->partition = opt_is(options, "sink.partitioner", "fixed") ? 0 : -1;
    self->is_exact = opt_is(options, "sink.delivery-guarantee", "exactly-once");
    if (!self->is_exact || self->sink.spec.durable_id) return ST_OK;
    err_set(err, ST_INVALID, "22023", opt_pos(options, "sink.delivery-guarantee"), __FILE__,
            __LINE__, "'sink.delivery-guarantee' = 'exactly-once' needs a durable run");
    return err_hint(err, "start it with `weir run --state DIR`");
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

/* What the last commit holds is published now, unless it was before the end of the last run. */
static Status kafkasink_open_exact(KafkaSink *self, Err *err) {
    const SinkSpec *spec = &self->sink.spec;
    Span prefix = opt_str(spec->options, "sink.transactional-id-prefix");
    if (!prefix.len) prefix = SPAN("weir");
    self->txn = (KafkaTxn){
        .options = spec->options,
        .mem = spec->mem,
        .topic = self->topic,
        .id = arena_printf(spec->arena, SPAN_FMT "-%s", SPAN_ARG(prefix), spec->durable_id)};
    TRY(kafka_txn_open(&self->txn, err));
    self->number = self->txn.published;
    if (spec->resume) {
        Record in = {.rest = *spec->resume};
        int64_t number = record_i64(&in);
        Span outbox = record_span(&in);
        if (in.is_bad) FAIL(err, ST_CORRUPT, "XX001", -1, "the outbox of a Kafka sink is damaged");
        if (self->txn.published > number) {
            err_set(err, ST_CORRUPT, "XX001", -1, __FILE__, __LINE__,
                    "topic \"%s\" has more of this query's output than the state directory knows",
                    self->topic);
            return err_hint(err, "the directory is an old copy: going on would write rows twice");
        }
        self->number = number;
        TRY(kafka_txn_publish(&self->txn, number, outbox, err));
    }
    return kafkasink_partitions(self, &self->txn.client, err);
}

static Status kafkasink_open(Sink *sink, Err *err) {
    KafkaSink *self = (KafkaSink *)sink;
    static const char *const defaults[] = {"partitioner",        "murmur2_random", "linger.ms", "5",
                                           "enable.idempotence", "true",           NULL};
    buf_init(&self->values, sink->spec.mem);
    buf_init(&self->keys, sink->spec.mem);
    buf_init(&self->headers, sink->spec.mem);
    buf_init(&self->outbox, sink->spec.mem);
    buf_init(&self->sealed, sink->spec.mem);
    arena_init(&self->arena, sink->spec.mem);
    self->is_upsert = (sink->type->traits & CONN_UPSERT) != 0;
    TRY(kafkasink_options(self, err));
    kafkasink_metadata(self);
    if (self->is_exact) return kafkasink_open_exact(self, err);
    TRY(kafka_client_open(&self->client, RD_KAFKA_PRODUCER, sink->spec.options, defaults, NULL,
                          err));
    return kafkasink_partitions(self, &self->client, err);
}

/* ---- records ---- */

static Status kafkasink_put(KafkaSink *self, const Batch *batch, uint32_t row, KafkaRecord *record,
                            Err *err) {
    record->time_ms = -1;
    record->partition = self->is_round_robin && self->n_partitions
                            ? (int32_t)(self->n_sent % (uint32_t)self->n_partitions)
                            : self->partition;
    if (self->time_col >= 0 && !col_is_null(&batch->cols[self->time_col], row)) {
        const Column *time = &batch->cols[self->time_col];
        record->time_ms = time->i64[col_at(time, row)] / 1000;
    }
    if (self->headers_col >= 0) {
        buf_reset(&self->headers);
        kafka_headers_put(&batch->cols[self->headers_col], row, &self->headers);
        record->headers = buf_as_span(&self->headers);
    }
    self->n_sent++;
    if (!self->is_exact) return kafka_produce(&self->client, self->topic, record, err);
    kafka_record_put(record, &self->outbox);
    return ST_OK;
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
        KafkaRecord record = {.key = key, .value = value, .has_key = key_ends != NULL};
        RowKind kind = self->is_upsert && kinds ? kinds[i] : ROW_INSERT;
        record.has_value = kind != ROW_DELETE;
        /* The row after a -U has its key and replaces it. */
        if (kind != ROW_UPDATE_BEFORE) TRY(kafkasink_put(self, batch, i, &record, err));
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
    if (self->is_exact) return ST_OK;
    TRY(kafkasink_check(self, err));
    return self->client.lib->outq_len(self->client.handle) > KAFKA_WAITING_MAX ? ST_AGAIN : ST_OK;
}

static Status kafkasink_finish(Sink *sink, Err *err) {
    KafkaSink *self = (KafkaSink *)sink;
    if (self->is_exact) return ST_OK;
    self->client.lib->flush(self->client.handle, 0);
    TRY(kafkasink_check(self, err));
    return self->client.lib->outq_len(self->client.handle) ? ST_AGAIN : ST_OK;
}

/* ---- commits ---- */

static Status kafkasink_save(Sink *sink, Buf *out, Err *err) {
    KafkaSink *self = (KafkaSink *)sink;
    Buf empty = self->sealed;
    if (!self->is_exact) {
        while (self->client.lib->outq_len(self->client.handle)) {
            self->client.lib->flush(self->client.handle, 1000);
            TRY(kafkasink_check(self, err));
        }
        return ST_OK;
    }
    self->number += self->outbox.len > 0;
    self->sealed = self->outbox;
    self->outbox = empty;
    buf_reset(&self->outbox);
    record_put_i64(out, self->number);
    record_put_span(out, buf_as_span(&self->sealed));
    return ST_OK;
}

static Status kafkasink_saved(Sink *sink, Err *err) {
    KafkaSink *self = (KafkaSink *)sink;
    if (!self->sealed.len) return ST_OK;
    TRY(kafka_txn_publish(&self->txn, self->number, buf_as_span(&self->sealed), err));
    buf_reset(&self->sealed);
    return ST_OK;
}

static void kafkasink_close(Sink *sink) {
    KafkaSink *self = (KafkaSink *)sink;
    kafka_client_close(&self->client);
    kafka_txn_close(&self->txn);
    buf_deinit(&self->values);
    buf_deinit(&self->keys);
    buf_deinit(&self->headers);
    buf_deinit(&self->outbox);
    buf_deinit(&self->sealed);
    arena_deinit(&self->arena);
}

const SinkType kafka_sink = {
    .size = sizeof(KafkaSink),
    .open = kafkasink_open,
    .write = kafkasink_write,
    .seal = kafkasink_seal,
    .finish = kafkasink_finish,
    .save = kafkasink_save,
    .saved = kafkasink_saved,
    .close = kafkasink_close,
};
#endif
