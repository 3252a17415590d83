/* conn_upsert_kafka.c -- a topic of Apache Kafka as a table of the last value of each key: a record
 * without a value deletes its key.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/kafka.h"

const ConnType conn_upsert_kafka = {
    .name = "upsert-kafka",
    .traits = CONN_SOURCE | CONN_SINK | CONN_NEEDS_FORMAT | CONN_MESSAGES | CONN_UPSERT,
    .options = kafka_options + KAFKA_OWN_OPTIONS,
    .metadata = kafka_metadata,
    .source = &kafka_source,
    .sink = &kafka_sink,
    .is_bounded = kafka_is_bounded,
    .help = "Reads a topic as changes by key from its beginning, and writes changes by key.",
    .guarantee = "as kafka; writing a row again changes nothing",
};
