/* kafka.h -- the parts of the Kafka connectors: the client library, its configuration, source,
 * sink. Private to src/conn.
 *
 * librdkafka is loaded when the first Kafka table is opened, not when weir starts: it and what it
 * needs would cost every start milliseconds and megabytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_KAFKA_H
#define WEIR_KAFKA_H

#include "conn/conn.h"
#include "os/os.h"
#include "weir_config.h"

extern const OptionSpec kafka_options[];
enum { KAFKA_OWN_OPTIONS = 6 }; /* the first rows, which upsert-kafka does not have */
extern const ConnMeta kafka_metadata[];

/* The metadata columns, in the order of kafka_metadata. */
typedef enum KafkaMeta {
    KAFKA_TOPIC,
    KAFKA_PARTITION,
    KAFKA_HEADERS,
    KAFKA_LEADER_EPOCH,
    KAFKA_OFFSET,
    KAFKA_TIMESTAMP,
    KAFKA_TIMESTAMP_TYPE,
    KAFKA_METAS
} KafkaMeta;
KafkaMeta kafka_meta_find(Span key); /* KAFKA_METAS when there is none */

bool kafka_is_bounded(const Options *options);

#if WEIR_HAVE_RDKAFKA
#include <librdkafka/rdkafka.h>

/* What is called of librdkafka, each as KafkaLib's member without "rd_kafka_". */
#define KAFKA_CALLS(X)                 \
    X(assign)                          \
    X(committed)                       \
    X(conf_destroy)                    \
    X(conf_new)                        \
    X(conf_set)                        \
    X(conf_set_dr_msg_cb)              \
    X(conf_set_error_cb)               \
    X(conf_set_log_cb)                 \
    X(conf_set_opaque)                 \
    X(consume_batch_queue)             \
    X(consumer_close)                  \
    X(consumer_poll)                   \
    X(destroy)                         \
    X(err2str)                         \
    X(flush)                           \
    X(header_get_all)                  \
    X(headers_new)                     \
    X(header_add)                      \
    X(headers_destroy)                 \
    X(message_destroy)                 \
    X(message_headers)                 \
    X(message_timestamp)               \
    X(metadata)                        \
    X(metadata_destroy)                \
    X(new)                             \
    X(offsets_for_times)               \
    X(offsets_store)                   \
    X(outq_len)                        \
    X(poll)                            \
    X(poll_set_consumer)               \
    X(produceva)                       \
    X(error_code)                      \
    X(error_string)                    \
    X(error_destroy)                   \
    X(begin_transaction)               \
    X(commit_transaction)              \
    X(consumer_group_metadata_destroy) \
    X(consumer_group_metadata_new)     \
    X(init_transactions)               \
    X(send_offsets_to_transaction)     \
    X(query_watermark_offsets)         \
    X(queue_destroy)                   \
    X(queue_forward)                   \
    X(queue_get_partition)             \
    X(queue_io_event_enable)           \
    X(topic_destroy)                   \
    X(topic_new)                       \
    X(topic_partition_list_add)        \
    X(topic_partition_list_destroy)    \
    X(topic_partition_list_new)

typedef struct KafkaLib {
#define KAFKA_MEMBER(name) __typeof__(rd_kafka_##name) *name;
    KAFKA_CALLS(KAFKA_MEMBER)
#undef KAFKA_MEMBER
} KafkaLib;

/* Loads the library once; 0A000 when it is not installed. */
Status kafka_lib(const KafkaLib **out, Err *err) WARN_UNUSED;

/* ---- kafka_conf.c ---- */

/* One connection to a cluster. */
typedef struct KafkaClient {
    const KafkaLib *lib;
    rd_kafka_t *handle;
    const char *servers;  /* for messages */
    char last_error[256]; /* the latest that the client reported; "" = none */
    Status status;        /* of the first failed delivery (producers) */
} KafkaClient;

/* Connects in the background: the "properties." options as the configuration, over the defaults and
 * under what is fixed, each given as name, value, ..., NULL. The client must not move while it is
 * open. */
Status kafka_client_open(KafkaClient *client, rd_kafka_type_t type, const Options *options,
                         const char *const *defaults, const char *const *fixed,
                         Err *err) WARN_UNUSED;
void kafka_client_close(KafkaClient *client); /* one that was never opened is allowed */
/* The value of a "properties." option; an empty span when it is absent. */
Span kafka_property(const Options *options, const char *name);
/* An error of the client as ours: `what` was tried. */
Status kafka_fail(const KafkaClient *client, rd_kafka_resp_err_t code, const char *what, Err *err);

/* ---- kafka_record.c: a record on its way, in memory or in an outbox ---- */

typedef struct KafkaRecord {
    Span key, value, headers; /* headers: as kafka_headers_put wrote them, empty = none */
    bool has_key, has_value;
    int64_t time_ms;   /* -1 = now */
    int32_t partition; /* -1: the client chooses */
} KafkaRecord;

void kafka_headers_put(const Column *col, uint32_t row, Buf *out);
void kafka_record_put(const KafkaRecord *record, Buf *out);
/* The next record of an outbox; false behind the last. */
bool kafka_record_get(Span *outbox, KafkaRecord *out);
/* Hands a record to the producer, which copies it; waits while its queue is full. */
Status kafka_produce(KafkaClient *client, const char *topic, const KafkaRecord *record,
                     Err *err) WARN_UNUSED;

/* ---- kafka_txn.c: outboxes published exactly once ---- */

/* A producer whose transactions carry the number of the outbox as the offset of a group of its own:
 * what is committed there says whether an outbox was published. */
typedef struct KafkaTxn {
    KafkaClient client;
    const Options *options;
    Mem *mem;
    const char *topic, *id; /* id: of the transactions and of the group */
    int64_t published;      /* number of the last outbox that was */
} KafkaTxn;
/* Ends what an earlier process with the id left open, and shuts it out. */
Status kafka_txn_open(KafkaTxn *txn, Err *err) WARN_UNUSED;
/* Publishes outbox `number`, if it was not. Waits for the cluster. */
Status kafka_txn_publish(KafkaTxn *txn, int64_t number, Span outbox, Err *err) WARN_UNUSED;
void kafka_txn_close(KafkaTxn *txn);

/* ---- kafka_start.c: which partitions, from where to where ---- */

typedef struct KafkaPart {
    const char *topic;
    int32_t partition, split;
    int64_t next; /* offset of the next record to give */
    int64_t used; /* records below it were used by the decoder */
    int64_t end;  /* the first offset that is not wanted; INT64_MAX without bound */
    rd_kafka_queue_t *queue;
    bool is_over;
} KafkaPart;

enum { KAFKA_WAIT_MS = 15000 }; /* for answers while a table is opened */

/* All partitions of the topics in `topic` or of `topic-pattern`, in the arena; `skip` of them are
 * known. */
Status kafka_find_parts(KafkaClient *client, const Options *options, Arena *arena, KafkaPart **out,
                        uint32_t *n, Err *err) WARN_UNUSED;
/* Sets next of each, as scan.startup.mode says. */
Status kafka_start_offsets(KafkaClient *client, const Options *options, KafkaPart *parts,
                           uint32_t n, Err *err) WARN_UNUSED;
/* Sets end of each, as scan.bounded.mode says. */
Status kafka_end_offsets(KafkaClient *client, const Options *options, KafkaPart *parts, uint32_t n,
                         Err *err) WARN_UNUSED;
/* First and last + 1 offset of a partition. */
Status kafka_watermarks(KafkaClient *client, const KafkaPart *part, int64_t *low, int64_t *high,
                        Err *err) WARN_UNUSED;

/* ---- kafka_discover.c ---- */

/* Looks for partitions every scan.topic-partition-discovery.interval and sets wake_fd when it knows
 * them. *out stays NULL when the table is bounded or the interval is 0. */
typedef struct KafkaDiscovery KafkaDiscovery;
Status kafka_discovery_open(KafkaClient *client, const SourceSpec *spec, int wake_fd,
                            KafkaDiscovery **out, Err *err) WARN_UNUSED;
/* The partitions that came up and are not among the known ones; false when there are none. */
bool kafka_discovery_take(KafkaDiscovery *discovery, Arena *arena, KafkaPart *known,
                          uint32_t n_known, KafkaPart **out, uint32_t *n);
void kafka_discovery_close(KafkaDiscovery *discovery); /* NULL is allowed */
#endif

extern const SourceType kafka_source;
extern const SinkType kafka_sink;

#endif
