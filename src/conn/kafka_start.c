/* kafka_start.c -- which partitions a Kafka table has, where reading begins in each, and where it
 * ends when the table is bounded. Asks the cluster, and waits for its answers: only while a table
 * is opened.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/kafka.h"

bool kafka_is_bounded(const Options *options) {
    return opt_has(options, "scan.bounded.mode") &&
           !opt_is(options, "scan.bounded.mode", "unbounded");
}

#if WEIR_HAVE_RDKAFKA
#if WEIR_HAVE_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif

/* ---- topics and partitions ---- */

typedef struct KafkaTopics {
    Span names;  /* "a;b", or empty */
    void *regex; /* pcre2_code, else */
} KafkaTopics;

static bool kafkatopics_lists(Span names, Span name) {
    while (names.len) {
        const char *semicolon = memchr(names.ptr, ';', names.len);
        size_t len = semicolon ? (size_t)(semicolon - names.ptr) : names.len;
        if (span_eq(span_trim((Span){names.ptr, len}), name)) return true;
        if (!semicolon) return false;
        names = (Span){semicolon + 1, names.len - len - 1};
    }
    return false;
}

static bool kafkatopics_match(const KafkaTopics *topics, const char *name) {
    if (!topics->regex) return kafkatopics_lists(topics->names, span_of(name));
#if WEIR_HAVE_PCRE2
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int rc = pcre2_match(topics->regex, (PCRE2_SPTR)name, strlen(name), 0,
                         PCRE2_ANCHORED | PCRE2_ENDANCHORED, data, NULL);
    pcre2_match_data_free(data);
    return rc >= 0;
#else
    return false;
#endif
}

static Status kafkatopics_open(KafkaTopics *topics, const Options *options, Err *err) {
    Span pattern = opt_str(options, "topic-pattern");
    topics->names = opt_str(options, "topic");
    topics->regex = NULL;
    if ((topics->names.len > 0) == (pattern.len > 0)) {
        err_set(err, ST_INVALID, "22023", -1, __FILE__, __LINE__,
                "a Kafka source needs either 'topic' or 'topic-pattern'");
        return err_hint(err, "'topic' = 'a;b' names several");
    }
    if (topics->names.len) return ST_OK;
#if WEIR_HAVE_PCRE2
    int code;
    size_t at;
    topics->regex = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, 0, &code, &at, NULL);
    if (topics->regex) return ST_OK;
    FAIL(err, ST_INVALID, "2201B", opt_pos(options, "topic-pattern"),
         "'topic-pattern' is wrong at character %zu", at + 1);
#else
    FAIL(err, ST_UNSUPPORTED, "0A000", opt_pos(options, "topic-pattern"),
         "'topic-pattern' needs a build with PCRE2");
#endif
}

static void kafkatopics_close(KafkaTopics *topics) {
#if WEIR_HAVE_PCRE2
    pcre2_code_free(topics->regex);
#endif
    topics->regex = NULL;
}

static Status kafkaparts_missing(const KafkaTopics *topics, const struct rd_kafka_metadata *all,
                                 const KafkaClient *client, Err *err) {
    Span names[256], best;
    uint32_t n = 0;
    for (int i = 0; i < all->topic_cnt && n < 256; i++)
        if (!all->topics[i].err) names[n++] = span_of(all->topics[i].topic);
    (void)client;
    if (topics->regex)
        return err_set(err, ST_NOT_FOUND, "42704", -1, __FILE__, __LINE__,
                       "no topic matches 'topic-pattern'");
    err_set(err, ST_NOT_FOUND, "42704", -1, __FILE__, __LINE__,
            "there is no topic \"" SPAN_FMT "\"", SPAN_ARG(topics->names));
    best = span_nearest(topics->names, names, n);
    if (best.len) return err_hint(err, "did you mean \"" SPAN_FMT "\"?", SPAN_ARG(best));
    return err_hint(err, "make it first: kafka-topics.sh --create --topic " SPAN_FMT,
                    SPAN_ARG(topics->names));
}

/* Every topic that is listed has to be there. */
static Status kafkaparts_complete(const KafkaTopics *topics, const struct rd_kafka_metadata *all,
                                  const KafkaClient *client, Err *err) {
    Span names = topics->names;
    while (names.len) {
        const char *semicolon = memchr(names.ptr, ';', names.len);
        size_t len = semicolon ? (size_t)(semicolon - names.ptr) : names.len;
        KafkaTopics one = {.names = span_trim((Span){names.ptr, len})};
        bool is_there = false;
        for (int i = 0; i < all->topic_cnt; i++)
            is_there |= !all->topics[i].err && all->topics[i].partition_cnt > 0 &&
                        span_is(one.names, all->topics[i].topic);
        if (!is_there) return kafkaparts_missing(&one, all, client, err);
        if (!semicolon) break;
        names = (Span){semicolon + 1, names.len - len - 1};
    }
    return ST_OK;
}

Status kafka_find_parts(KafkaClient *client, const Options *options, Arena *arena, KafkaPart **out,
                        uint32_t *n, Err *err) {
    const struct rd_kafka_metadata *all;
    rd_kafka_resp_err_t code;
    KafkaTopics topics;
    uint32_t cap = 0;
    Status status;
    TRY(kafkatopics_open(&topics, options, err));
    code = client->lib->metadata(client->handle, 1, NULL, &all, KAFKA_WAIT_MS);
    if (code) {
        kafkatopics_close(&topics);
        return kafka_fail(client, code, "the Kafka cluster does not tell its topics", err);
    }
    for (int i = 0; i < all->topic_cnt; i++) cap += (uint32_t)all->topics[i].partition_cnt;
    *out = arena_array(arena, KafkaPart, cap + 1);
    *n = 0;
    for (int i = 0; i < all->topic_cnt; i++) {
        const rd_kafka_metadata_topic_t *topic = &all->topics[i];
        const char *name;
        if (topic->err || !kafkatopics_match(&topics, topic->topic)) continue;
        name = arena_strdup(arena, topic->topic);
        for (int p = 0; p < topic->partition_cnt; p++) {
            (*out)[*n] =
                (KafkaPart){.topic = name, .partition = topic->partitions[p].id, .end = INT64_MAX};
            ++*n;
        }
    }
    status = *n ? kafkaparts_complete(&topics, all, client, err)
                : kafkaparts_missing(&topics, all, client, err);
    client->lib->metadata_destroy(all);
    kafkatopics_close(&topics);
    return status;
}

/* ---- offsets ---- */

Status kafka_watermarks(KafkaClient *client, const KafkaPart *part, int64_t *low, int64_t *high,
                        Err *err) {
    rd_kafka_resp_err_t code = client->lib->query_watermark_offsets(
        client->handle, part->topic, part->partition, low, high, KAFKA_WAIT_MS);
    return code ? kafka_fail(client, code, "the Kafka cluster does not tell its offsets", err)
                : ST_OK;
}

/* "partition:0,offset:42;partition:1,offset:300"; -1 when the partition is not in it. */
static Status kafka_listed_offset(const Options *options, const char *name, int32_t partition,
                                  int64_t *offset, Err *err) {
    Span rest = opt_str(options, name);
    char text[1024], *at = text;
    *offset = -1;
    if (!rest.len || rest.len >= sizeof text) {
        FAIL(err, ST_INVALID, "22023", opt_pos(options, name),
             "this mode needs '%s' = 'partition:0,offset:42;…'", name);
    }
    memcpy(text, rest.ptr, rest.len);
    text[rest.len] = '\0';
    for (char *save, *part = strtok_r(at, ";", &save); part; part = strtok_r(NULL, ";", &save)) {
        int p, n = 0;
        long long o;
        if (sscanf(part, " partition:%d,offset:%lld %n", &p, &o, &n) != 2 || part[n]) {
            err_set(err, ST_INVALID, "22023", opt_pos(options, name), __FILE__, __LINE__,
                    "'%s' is malformed: \"%s\"", name, part);
            return err_hint(err, "write 'partition:0,offset:42;partition:1,offset:300'");
        }
        if (p == partition) *offset = o;
    }
    return ST_OK;
}

static rd_kafka_topic_partition_list_t *kafka_list(const KafkaClient *client,
                                                   const KafkaPart *parts, uint32_t n,
                                                   int64_t offset) {
    rd_kafka_topic_partition_list_t *list = client->lib->topic_partition_list_new((int)n);
    for (uint32_t i = 0; i < n; i++)
        client->lib->topic_partition_list_add(list, parts[i].topic, parts[i].partition)->offset =
            offset;
    return list;
}

/* The offsets that a group has committed; -1 for partitions without. */
static Status kafka_group_offsets(KafkaClient *client, const Options *options, KafkaPart *parts,
                                  uint32_t n, int64_t *offsets, Err *err) {
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_resp_err_t code;
    if (!kafka_property(options, "group.id").len) {
        err_set(err, ST_INVALID, "22023", -1, __FILE__, __LINE__,
                "the mode 'group-offsets' needs 'properties.group.id'");
        return err_hint(err, "or say where to begin: 'scan.startup.mode' = 'earliest-offset'");
    }
    list = kafka_list(client, parts, n, RD_KAFKA_OFFSET_INVALID);
    code = client->lib->committed(client->handle, list, KAFKA_WAIT_MS);
    for (uint32_t i = 0; i < n && !code; i++)
        offsets[i] = list->elems[i].offset < 0 ? -1 : list->elems[i].offset;
    client->lib->topic_partition_list_destroy(list);
    return code ? kafka_fail(client, code, "the group's committed offsets are not known", err)
                : ST_OK;
}

/* The first record at or after a time; the end where there is none. */
static Status kafka_time_offsets(KafkaClient *client, const Options *options, const char *name,
                                 KafkaPart *parts, uint32_t n, int64_t *offsets, Err *err) {
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_resp_err_t code;
    Status status = ST_OK;
    if (!opt_has(options, name))
        FAIL(err, ST_INVALID, "22023", -1, "this mode needs '%s', in milliseconds", name);
    list = kafka_list(client, parts, n, opt_int(options, name));
    code = client->lib->offsets_for_times(client->handle, list, KAFKA_WAIT_MS);
    if (code) status = kafka_fail(client, code, "the cluster finds no offsets by time", err);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        int64_t low;
        offsets[i] = list->elems[i].offset;
        if (offsets[i] < 0) status = kafka_watermarks(client, &parts[i], &low, &offsets[i], err);
    }
    client->lib->topic_partition_list_destroy(list);
    return status;
}

/* Where a group without committed offsets begins. */
static Status kafka_reset_offset(KafkaClient *client, const Options *options, KafkaPart *part,
                                 Err *err) {
    Span reset = kafka_property(options, "auto.offset.reset");
    int64_t low, high;
    TRY(kafka_watermarks(client, part, &low, &high, err));
    part->next = span_is(reset, "earliest") ? low : high;
    if (span_is(reset, "earliest") || span_is(reset, "latest")) return ST_OK;
    err_set(err, ST_NOT_FOUND, "42704", -1, __FILE__, __LINE__,
            "the group has no committed offset for partition %d of topic \"%s\"", part->partition,
            part->topic);
    return err_hint(err, "set 'properties.auto.offset.reset' to 'earliest' or 'latest', or "
                         "'scan.startup.mode' = 'earliest-offset'");
}

Status kafka_start_offsets(KafkaClient *client, const Options *options, KafkaPart *parts,
                           uint32_t n, Err *err) {
    int64_t *offsets = mem_alloc(NULL, sizeof *offsets * (n + 1));
    Span mode = opt_str(options, "scan.startup.mode");
    bool is_group = span_is_nocase(mode, "group-offsets");
    Status status = ST_OK;
    for (uint32_t i = 0; i < n; i++) offsets[i] = -1;
    if (is_group)
        status = kafka_group_offsets(client, options, parts, n, offsets, err);
    else if (span_is_nocase(mode, "timestamp"))
        status = kafka_time_offsets(client, options, "scan.startup.timestamp-millis", parts, n,
                                    offsets, err);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        int64_t low, high;
        if (offsets[i] < 0) status = kafka_watermarks(client, &parts[i], &low, &high, err);
        if (status != ST_OK) break;
        if (offsets[i] >= 0)
            parts[i].next = offsets[i];
        else if (is_group)
            status = kafka_reset_offset(client, options, &parts[i], err);
        else if (span_is_nocase(mode, "latest-offset"))
            parts[i].next = high;
        else if (!mode.len || span_is_nocase(mode, "earliest-offset")) /* upserts need all */
            parts[i].next = low;
        else {
            status = kafka_listed_offset(options, "scan.startup.specific-offsets",
                                         parts[i].partition, &parts[i].next, err);
            if (parts[i].next < 0) parts[i].next = low;
        }
    }
    mem_free(NULL, offsets, sizeof *offsets * (n + 1));
    return status;
}

Status kafka_end_offsets(KafkaClient *client, const Options *options, KafkaPart *parts, uint32_t n,
                         Err *err) {
    int64_t *offsets;
    Status status = ST_OK;
    if (!kafka_is_bounded(options)) return ST_OK;
    offsets = mem_alloc(NULL, sizeof *offsets * (n + 1));
    for (uint32_t i = 0; i < n; i++) offsets[i] = -1;
    if (opt_is(options, "scan.bounded.mode", "group-offsets"))
        status = kafka_group_offsets(client, options, parts, n, offsets, err);
    else if (opt_is(options, "scan.bounded.mode", "timestamp"))
        status = kafka_time_offsets(client, options, "scan.bounded.timestamp-millis", parts, n,
                                    offsets, err);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        int64_t low;
        if (opt_is(options, "scan.bounded.mode", "latest-offset"))
            status = kafka_watermarks(client, &parts[i], &low, &offsets[i], err);
        else if (opt_is(options, "scan.bounded.mode", "specific-offsets"))
            status = kafka_listed_offset(options, "scan.bounded.specific-offsets",
                                         parts[i].partition, &offsets[i], err);
        parts[i].end = offsets[i] < 0 ? 0 : offsets[i];
    }
    mem_free(NULL, offsets, sizeof *offsets * (n + 1));
    return status;
}
#endif
