/* conn_kafka.c -- topics of Apache Kafka as tables: the options and metadata of Flink's connector.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/kafka.h"

const OptionSpec kafka_options[] = {
    /* KAFKA_OWN_OPTIONS rows that upsert-kafka has not */
    {"topic-pattern", OPT_STRING, NULL, NULL, false, false,
     "Read all topics whose whole name matches, instead of 'topic'."},
    {"key.fields", OPT_STRING, NULL, NULL, false, false,
     "The columns that stand in the key: 'a;b'."},
    {"scan.startup.mode", OPT_ENUM, "group-offsets",
     "earliest-offset|latest-offset|group-offsets|timestamp|specific-offsets", false, false,
     "Where reading begins."},
    {"scan.startup.specific-offsets", OPT_STRING, NULL, NULL, false, false,
     "'partition:0,offset:42;partition:1,offset:300'; others begin at the earliest."},
    {"scan.startup.timestamp-millis", OPT_INT, NULL, NULL, false, false,
     "Records from this time on are read."},
    {"sink.partitioner", OPT_ENUM, "default", "default|fixed|round-robin", false, false,
     "default: by the key's hash, as Kafka's Java client; fixed: one partition."},
    /* what both have */
    {"topic", OPT_STRING, NULL, NULL, false, false, "The topic; a source may read several: 'a;b'."},
    {"properties.", OPT_STRING, NULL, NULL, false, true,
     "The client's configuration, in the names of Kafka's Java client or of librdkafka; "
     "'properties.bootstrap.servers' is needed."},
    {"key.format", OPT_STRING, NULL, NULL, false, false, "How a record's key is written."},
    {"key.fields-prefix", OPT_STRING, "", NULL, false, false,
     "What the names of key columns have in front that the key's fields have not."},
    {"value.fields-include", OPT_ENUM, "ALL", "ALL|EXCEPT_KEY", false, false,
     "Whether the value has the key columns too."},
    {"scan.bounded.mode", OPT_ENUM, "unbounded",
     "unbounded|latest-offset|group-offsets|timestamp|specific-offsets", false, false,
     "Where reading ends."},
    {"scan.bounded.specific-offsets", OPT_STRING, NULL, NULL, false, false,
     "'partition:0,offset:42;partition:1,offset:300': the first offsets that are not read."},
    {"scan.bounded.timestamp-millis", OPT_INT, NULL, NULL, false, false,
     "Records from this time on are not read."},
    {"scan.topic-partition-discovery.interval", OPT_DURATION, "5 min", NULL, false, false,
     "How often new partitions are looked for; 0 = never."},
    {"sink.delivery-guarantee", OPT_ENUM, "at-least-once", "none|at-least-once|exactly-once", false,
     false, "What a failure may do to the records written."},
    {"sink.transactional-id-prefix", OPT_STRING, NULL, NULL, false, false,
     "Names the transactions of 'exactly-once'."},
    {"sink.buffer-flush.max-rows", OPT_INT, "0", NULL, false, false,
     "Accepted; a step writes only the last change of a key."},
    {"sink.buffer-flush.interval", OPT_DURATION, "0 s", NULL, false, false,
     "Accepted; a step writes only the last change of a key."},
    {"sink.parallelism", OPT_INT, NULL, NULL, false, false, "Accepted; one writer is enough."},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};

static const Type kafka_string = {.kind = TYPE_VARCHAR, .precision = TYPE_LEN_MAX};
static const Type kafka_int = {.kind = TYPE_INT};
static const Type kafka_bigint = {.kind = TYPE_BIGINT};
static const Type kafka_time = {.kind = TYPE_TIMESTAMP_LTZ, .precision = 3};
static const Type kafka_header_value = {
    .kind = TYPE_VARBINARY, .is_nullable = true, .precision = TYPE_LEN_MAX};
static const Type kafka_headers = {
    .kind = TYPE_MAP, .key = &kafka_string, .elem = &kafka_header_value};

const ConnMeta kafka_metadata[] = {
    [KAFKA_TOPIC] = {"topic", &kafka_string, false, "The record's topic."},
    [KAFKA_PARTITION] = {"partition", &kafka_int, false, "Its partition."},
    [KAFKA_HEADERS] = {"headers", &kafka_headers, true, "Its headers."},
    [KAFKA_LEADER_EPOCH] = {"leader-epoch", &type_int, false,
                            "NULL: the client library does not tell."},
    [KAFKA_OFFSET] = {"offset", &kafka_bigint, false, "Its offset in the partition."},
    [KAFKA_TIMESTAMP] = {"timestamp", &kafka_time, true, "Its timestamp."},
    [KAFKA_TIMESTAMP_TYPE] = {"timestamp-type", &kafka_string, false,
                              "NoTimestampType, CreateTime or LogAppendTime."},
    [KAFKA_METAS] = {NULL, NULL, false, NULL},
};

KafkaMeta kafka_meta_find(Span key) {
    int i = 0;
    while (i < KAFKA_METAS && !span_is(key, kafka_metadata[i].key)) i++;
    return (KafkaMeta)i;
}

#if !WEIR_HAVE_RDKAFKA
static Status kafka_absent(Err *err) {
    FAIL(err, ST_UNSUPPORTED, "0A000", -1, "this build of weir has no Kafka connector");
}
static Status kafka_no_source(Source *source, Err *err) {
    (void)source;
    return kafka_absent(err);
}
static Status kafka_no_sink(Sink *sink, Err *err) {
    (void)sink;
    return kafka_absent(err);
}
const SourceType kafka_source = {.size = sizeof(Source), .open = kafka_no_source};
const SinkType kafka_sink = {.size = sizeof(Sink), .open = kafka_no_sink};
#endif

const ConnType conn_kafka = {
    .name = "kafka",
    .traits = CONN_SOURCE | CONN_SINK | CONN_NEEDS_FORMAT | CONN_MESSAGES,
    .options = kafka_options,
    .metadata = kafka_metadata,
    .source = &kafka_source,
    .sink = &kafka_sink,
    .is_bounded = kafka_is_bounded,
    .help = "Reads and writes topics of Apache Kafka.",
    .guarantee =
        "exactly once in durable runs, as a sink with sink.delivery-guarantee = exactly-once; "
        "else at least once",
};
