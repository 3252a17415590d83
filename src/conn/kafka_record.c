/* kafka_record.c -- records between a batch and the producer, and their form in an outbox.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/kafka.h"

#if WEIR_HAVE_RDKAFKA

/* One after another: name, whether there is a value, value. */
void kafka_headers_put(const Column *col, uint32_t row, Buf *out) {
    const Column *names = &col->children[0], *values = &col->children[1];
    uint32_t at = col_at(col, row);
    if (col_is_null(col, row)) return;
    for (uint32_t i = col->offsets[at]; i < col->offsets[at + 1]; i++) {
        bool has_value = !col_is_null(values, i);
        record_put_span(out, str_span(&names->str[col_at(names, i)]));
        record_put_u64(out, has_value);
        record_put_span(out, has_value ? str_span(&values->str[col_at(values, i)]) : (Span){"", 0});
    }
}

void kafka_record_put(const KafkaRecord *record, Buf *out) {
    record_put_u64(out, (uint64_t)record->has_key << 1 | record->has_value);
    record_put_i64(out, record->partition);
    record_put_i64(out, record->time_ms);
    record_put_span(out, record->key);
    record_put_span(out, record->value);
    record_put_span(out, record->headers);
}

bool kafka_record_get(Span *outbox, KafkaRecord *out) {
    Record in = {.rest = *outbox};
    uint64_t flags;
    if (!outbox->len) return false;
    flags = record_u64(&in);
    out->has_key = flags >> 1 & 1;
    out->has_value = flags & 1;
    out->partition = (int32_t)record_i64(&in);
    out->time_ms = record_i64(&in);
    out->key = record_span(&in);
    out->value = record_span(&in);
    out->headers = record_span(&in);
    *outbox = in.rest;
    return !in.is_bad;
}

static rd_kafka_headers_t *kafkarecord_headers(const KafkaLib *lib, Span bytes) {
    Record in = {.rest = bytes};
    rd_kafka_headers_t *headers = NULL;
    while (in.rest.len) {
        Span name = record_span(&in), value;
        bool has_value = record_u64(&in) != 0;
        value = record_span(&in);
        if (!headers) headers = lib->headers_new(4);
        lib->header_add(headers, name.ptr, (ssize_t)name.len, has_value ? value.ptr : NULL,
                        (ssize_t)value.len);
    }
    return headers;
}

static rd_kafka_vu_t kafkarecord_bytes(rd_kafka_vtype_t type, Span bytes) {
    return (rd_kafka_vu_t){.vtype = type, .u.mem = {(void *)(uintptr_t)bytes.ptr, bytes.len}};
}

Status kafka_produce(KafkaClient *client, const char *topic, const KafkaRecord *record, Err *err) {
    const KafkaLib *lib = client->lib;
    for (;;) {
        rd_kafka_headers_t *headers = kafkarecord_headers(lib, record->headers);
        rd_kafka_vu_t parts[7];
        rd_kafka_error_t *failed;
        rd_kafka_resp_err_t code;
        size_t n = 0;
        parts[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic};
        parts[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY};
        parts[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = record->partition};
        if (record->has_key) parts[n++] = kafkarecord_bytes(RD_KAFKA_VTYPE_KEY, record->key);
        if (record->has_value) parts[n++] = kafkarecord_bytes(RD_KAFKA_VTYPE_VALUE, record->value);
        if (record->time_ms >= 0)
            parts[n++] =
                (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = record->time_ms};
        if (headers)
            parts[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers};
        failed = lib->produceva(client->handle, parts, n);
        if (!failed) return ST_OK;
        code = lib->error_code(failed);
        lib->error_destroy(failed);
        if (headers) lib->headers_destroy(headers); /* it was not taken over */
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            return kafka_fail(client, code, "the Kafka client takes no record", err);
        lib->poll(client->handle, 10); /* its threads make room */
    }
}
#endif
