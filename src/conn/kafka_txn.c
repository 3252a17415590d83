/* kafka_txn.c -- publishes outboxes exactly once. An outbox is part of a commit, so it is there
 * again after a crash; a transaction carries its records and its number, so the cluster knows
 * whether it was published, and a second time does nothing.
 *
 * After an error that leaves open whether a transaction was committed, the producer is thrown
 * away: a new one with the same id ends the transaction either way, and then the cluster is
 * asked. The same shuts out a process that was taken for dead and wakes up again.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/kafka.h"

#if WEIR_HAVE_RDKAFKA

enum { KAFKA_TXN_WAIT_MS = 60000, KAFKA_TXN_TRIES = 5 };

/* The number that was committed with the last transaction; 0 = there was none. */
static Status kafkatxn_ask(KafkaTxn *txn, Err *err) {
    const char *defaults[] = {NULL};
    const char *fixed[] = {
        "group.id", txn->id, "isolation.level", "read_committed", "enable.auto.commit",
        "false",    NULL};
    KafkaClient asker = {0};
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_resp_err_t code;
    Status status =
        kafka_client_open(&asker, RD_KAFKA_CONSUMER, txn->options, defaults, fixed, err);
    if (status != ST_OK) return status;
    list = asker.lib->topic_partition_list_new(1);
    asker.lib->topic_partition_list_add(list, txn->topic, 0);
    code = asker.lib->committed(asker.handle, list, KAFKA_TXN_WAIT_MS);
    if (!code) code = list->elems[0].err;
    if (code)
        status = kafka_fail(&asker, code, "the cluster does not tell what was published", err);
    else
        txn->published = list->elems[0].offset < 0 ? 0 : list->elems[0].offset;
    asker.lib->topic_partition_list_destroy(list);
    kafka_client_close(&asker);
    return status;
}

/* ST_OK for no error, which is freed. ST_CONFLICT: another process has taken over. */
static Status kafkatxn_check(KafkaTxn *txn, rd_kafka_error_t *failed, const char *what, Err *err) {
    const KafkaLib *lib = txn->client.lib;
    rd_kafka_resp_err_t code;
    char text[256];
    if (!failed) return ST_OK;
    code = lib->error_code(failed);
    snprintf(text, sizeof text, "%s", lib->error_string(failed));
    lib->error_destroy(failed);
    if (code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH ||
        code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED) {
        FAIL(err, ST_CONFLICT, "55006", -1,
             "topic \"%s\": another process writes with the transactional id \"%s\" now",
             txn->topic, txn->id);
    }
    FAIL(err, ST_IO, "58030", -1, "topic \"%s\": %s: %s", txn->topic, what, text);
}

static Status kafkatxn_connect(KafkaTxn *txn, Err *err) {
    static const char *const defaults[] = {"partitioner", "murmur2_random", "linger.ms", "5", NULL};
    const char *fixed[] = {"transactional.id", txn->id, "enable.idempotence", "true", NULL};
    kafka_client_close(&txn->client);
    txn->client = (KafkaClient){0};
    TRY(kafka_client_open(&txn->client, RD_KAFKA_PRODUCER, txn->options, defaults, fixed, err));
    TRY(kafkatxn_check(txn,
                       txn->client.lib->init_transactions(txn->client.handle, KAFKA_TXN_WAIT_MS),
                       "transactions cannot be used", err));
    FAULT("kafka.fenced");
    return kafkatxn_ask(txn, err);
}

Status kafka_txn_open(KafkaTxn *txn, Err *err) {
    return kafkatxn_connect(txn, err);
}

static Status kafkatxn_number(KafkaTxn *txn, int64_t number, Err *err) {
    const KafkaLib *lib = txn->client.lib;
    rd_kafka_topic_partition_list_t *list = lib->topic_partition_list_new(1);
    rd_kafka_consumer_group_metadata_t *group = lib->consumer_group_metadata_new(txn->id);
    rd_kafka_error_t *failed;
    lib->topic_partition_list_add(list, txn->topic, 0)->offset = number;
    failed = lib->send_offsets_to_transaction(txn->client.handle, list, group, KAFKA_TXN_WAIT_MS);
    lib->consumer_group_metadata_destroy(group);
    lib->topic_partition_list_destroy(list);
    return kafkatxn_check(txn, failed, "a transaction takes no number", err);
}

static Status kafkatxn_try(KafkaTxn *txn, int64_t number, Span outbox, Err *err) {
    const KafkaLib *lib = txn->client.lib;
    rd_kafka_t *handle = txn->client.handle;
    KafkaRecord record;
    TRY(kafkatxn_check(txn, lib->begin_transaction(handle), "no transaction begins", err));
    while (kafka_record_get(&outbox, &record))
        TRY(kafka_produce(&txn->client, txn->topic, &record, err));
    FAULT("kafka.produced");
    lib->flush(handle, KAFKA_TXN_WAIT_MS);
    if (txn->client.status != ST_OK) {
        FAIL(err, ST_IO, "58030", -1, "a record could not be written to topic \"%s\": %s",
             txn->topic, txn->client.last_error);
    }
    TRY(kafkatxn_number(txn, number, err));
    FAULT("kafka.numbered");
    TRY(kafkatxn_check(txn, lib->commit_transaction(handle, KAFKA_TXN_WAIT_MS),
                       "a transaction cannot be committed", err));
    FAULT("kafka.committed");
    txn->published = number;
    return ST_OK;
}

Status kafka_txn_publish(KafkaTxn *txn, int64_t number, Span outbox, Err *err) {
    Status status = ST_OK;
    for (int i = 0; i < KAFKA_TXN_TRIES && txn->published < number; i++) {
        if (i) status = kafkatxn_connect(txn, err);
        if (i && status != ST_OK) continue;
        if (txn->published >= number) break; /* it was committed after all */
        status = kafkatxn_try(txn, number, outbox, err);
        if (status == ST_CONFLICT) return status;
    }
    return txn->published >= number ? ST_OK : status;
}

void kafka_txn_close(KafkaTxn *txn) {
    kafka_client_close(&txn->client);
}
#endif
