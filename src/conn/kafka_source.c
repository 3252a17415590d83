/* kafka_source.c -- reads topics. A partition is a split with a queue of its own, filled by the
 * client's threads; a poll copies what one queue holds into a chunk of messages.
 *
 * The payloads are copied once: decoders may read a little behind a record, which the client's
 * buffers do not allow, and the client's memory is free again at once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/kafka.h"

#if WEIR_HAVE_RDKAFKA

enum { KAFKA_BATCH = 2048, KAFKA_CHUNK_BYTES = 1 << 20 };

typedef struct KafkaSource {
    Source source;
    KafkaClient client;
    KafkaPart *parts;
    uint32_t n_parts, turn;
    int wake_fd;
    bool commits;  /* the group's offsets follow what is used */
    Span position; /* where to begin */
    Buf bytes;     /* of the chunk: values and keys, each with a newline behind */
    Message *messages;
    Arena meta_arena;
    Column *meta;
    /* Taken from a queue: those from held_at on are not in a chunk yet. */
    rd_kafka_message_t **held;
    uint32_t n_held, held_at;
    KafkaPart *held_part;
    KafkaDiscovery *discovery; /* NULL: partitions stay as they are */
} KafkaSource;

/* ---- positions ---- */

/* One line a partition: topic, partition, offset of the next record. */
static void kafkasource_position(const Source *source, Buf *out) {
    const KafkaSource *self = (const KafkaSource *)source;
    for (uint32_t i = 0; i < self->n_parts; i++)
        buf_printf(out, "%s\t%d\t%lld\n", self->parts[i].topic, self->parts[i].partition,
                   (long long)self->parts[i].used);
}

/* A partition that the position does not know is new since: it is read from its beginning. */
static Status kafkasource_restore(KafkaSource *self, Err *err) {
    Span rest = self->position;
    for (uint32_t i = 0; i < self->n_parts; i++) {
        int64_t high;
        TRY(kafka_watermarks(&self->client, &self->parts[i], &self->parts[i].next, &high, err));
    }
    while (rest.len) {
        const char *newline = memchr(rest.ptr, '\n', rest.len);
        char line[400];
        char *tab;
        size_t len = newline ? (size_t)(newline - rest.ptr) : rest.len;
        int partition, n;
        long long offset;
        if (len >= sizeof line) FAIL(err, ST_CORRUPT, "XX001", -1, "a Kafka position is too long");
        memcpy(line, rest.ptr, len);
        line[len] = '\0';
        tab = strchr(line, '\t');
        if (!tab || sscanf(tab, "\t%d\t%lld%n", &partition, &offset, &n) != 2 || tab[n])
            FAIL(err, ST_CORRUPT, "XX001", -1, "a Kafka position is malformed: \"%s\"", line);
        *tab = '\0';
        for (uint32_t i = 0; i < self->n_parts; i++) {
            KafkaPart *part = &self->parts[i];
            if (part->partition != partition || strcmp(part->topic, line) != 0) continue;
            if (offset < part->next) {
                FAIL(err, ST_IO, "58030", -1,
                     "partition %d of topic \"%s\" begins at offset %lld now: records from %lld "
                     "on are lost",
                     partition, line, (long long)part->next, offset);
            }
            part->next = offset;
        }
        rest = newline ? (Span){newline + 1, rest.len - len - 1} : (Span){NULL, 0};
    }
    return ST_OK;
}

/* ---- opening ---- */

static Status kafkasource_assign(KafkaSource *self, Err *err) {
    const KafkaLib *lib = self->client.lib;
    rd_kafka_topic_partition_list_t *list = lib->topic_partition_list_new((int)self->n_parts);
    rd_kafka_resp_err_t code;
    for (uint32_t i = 0; i < self->n_parts; i++) {
        KafkaPart *part = &self->parts[i];
        uint64_t one = 1;
        part->split = (int32_t)i;
        /* Before the assignment, so that no message goes to the common queue. */
        if (!part->queue) {
            part->queue =
                lib->queue_get_partition(self->client.handle, part->topic, part->partition);
            lib->queue_forward(part->queue, NULL);
            lib->queue_io_event_enable(part->queue, self->wake_fd, &one, sizeof one);
        }
        if (part->next < part->end)
            lib->topic_partition_list_add(list, part->topic, part->partition)->offset = part->next;
    }
    code = lib->assign(self->client.handle, list);
    lib->topic_partition_list_destroy(list);
    return code ? kafka_fail(&self->client, code, "the Kafka client takes no partitions", err)
                : ST_OK;
}

static Status kafkasource_open(Source *source, Err *err) {
    KafkaSource *self = (KafkaSource *)source;
    const Options *options = source->spec.options;
    Arena *arena = source->spec.arena;
    char group[64];
    const char *defaults[] = {"group.id",
                              group,
                              "enable.auto.commit",
                              "false",
                              "enable.auto.offset.store",
                              "false",
                              "auto.offset.reset",
                              "error",
                              "enable.partition.eof",
                              "true",
                              "isolation.level",
                              "read_uncommitted",
                              "allow.auto.create.topics",
                              "false",
                              "fetch.wait.max.ms",
                              "100",
                              NULL};
    Span commit = kafka_property(options, "enable.auto.commit");
    snprintf(group, sizeof group, "weir-%lld", (long long)clock_wall_us());
    buf_init(&self->bytes, source->spec.mem);
    arena_init(&self->meta_arena, source->spec.mem);
    self->wake_fd = wake_open();
    self->commits = span_is(commit, "true") && kafka_property(options, "group.id").len > 0;
    TRY(kafka_client_open(&self->client, RD_KAFKA_CONSUMER, options, defaults, NULL, err));
    self->client.lib->poll_set_consumer(self->client.handle);
    TRY(kafka_find_parts(&self->client, options, arena, &self->parts, &self->n_parts, err));
    if (source->spec.resume) self->position = *source->spec.resume;
    if (self->position.ptr)
        TRY(kafkasource_restore(self, err));
    else
        TRY(kafka_start_offsets(&self->client, options, self->parts, self->n_parts, err));
    TRY(kafka_end_offsets(&self->client, options, self->parts, self->n_parts, err));
    for (uint32_t i = 0; i < self->n_parts; i++) self->parts[i].used = self->parts[i].next;
    self->messages = arena_array(arena, Message, KAFKA_BATCH);
    self->held = arena_array(arena, rd_kafka_message_t *, KAFKA_BATCH);
    TRY(kafkasource_assign(self, err));
    return kafka_discovery_open(&self->client, &source->spec, self->wake_fd, &self->discovery, err);
}

/* New partitions are read from their beginning. The others go on where they are: what their queues
 * hold is fetched again. */
static Status kafkasource_discover(KafkaSource *self, Err *err) {
    Arena *arena = self->source.spec.arena;
    KafkaPart *more, *all;
    uint32_t n;
    if (!kafka_discovery_take(self->discovery, arena, self->parts, self->n_parts, &more, &n))
        return ST_OK;
    all = arena_array(arena, KafkaPart, self->n_parts + n);
    memcpy(all, self->parts, sizeof *all * self->n_parts);
    memcpy(all + self->n_parts, more, sizeof *all * n);
    for (uint32_t i = 0; i < n; i++) {
        KafkaPart *part = &all[self->n_parts + i];
        int64_t high;
        TRY(kafka_watermarks(&self->client, part, &part->next, &high, err));
        part->used = part->next;
    }
    self->parts = all;
    self->n_parts += n;
    return kafkasource_assign(self, err);
}

/* ---- chunks ---- */

static void kafkasource_copy(KafkaSource *self, Span bytes, bool is_one_line) {
    size_t at = self->bytes.len;
    buf_put(&self->bytes, bytes.ptr, bytes.len);
    if (is_one_line) {
        char *p = self->bytes.ptr + at, *end = p + bytes.len;
        while ((p = memchr(p, '\n', (size_t)(end - p)))) *p++ = ' ';
    }
    buf_putc(&self->bytes, '\n');
}

static void kafkasource_headers(const KafkaLib *lib, const rd_kafka_message_t *from,
                                ColBuilder *out) {
    rd_kafka_headers_t *headers;
    const char *name;
    const void *value;
    size_t size;
    if (!lib->message_headers(from, &headers)) {
        for (size_t i = 0; !lib->header_get_all(headers, i, &name, &value, &size); i++) {
            colb_str(&out->children[0], name, strlen(name));
            if (value)
                colb_str(&out->children[1], value, size);
            else
                colb_null(&out->children[1]);
        }
    }
    colb_list_end(out);
}

static void kafkasource_meta_value(const KafkaSource *self, KafkaMeta meta,
                                   const rd_kafka_message_t *from, ColBuilder *out) {
    static const char *const types[] = {"NoTimestampType", "CreateTime", "LogAppendTime"};
    const KafkaLib *lib = self->client.lib;
    rd_kafka_timestamp_type_t type;
    int64_t time = lib->message_timestamp(from, &type);
    switch (meta) {
    case KAFKA_TOPIC: colb_str(out, self->held_part->topic, strlen(self->held_part->topic)); break;
    case KAFKA_PARTITION: colb_i32(out, self->held_part->partition); break;
    case KAFKA_HEADERS: kafkasource_headers(lib, from, out); break;
    case KAFKA_LEADER_EPOCH: colb_null(out); break;
    case KAFKA_OFFSET: colb_i64(out, from->offset); break;
    case KAFKA_TIMESTAMP: colb_i64(out, time * 1000); break;
    default: colb_str(out, types[type], strlen(types[type])); break;
    }
}

/* The metadata columns of the chunk's messages, which are held[first ...]. */
static void kafkasource_meta(KafkaSource *self, uint32_t first, uint32_t n) {
    const SourceSpec *spec = &self->source.spec;
    arena_reset(&self->meta_arena);
    self->meta = arena_array(&self->meta_arena, Column, spec->n_meta + 1);
    for (uint32_t c = 0; c < spec->n_meta; c++) {
        KafkaMeta meta = kafka_meta_find(spec->meta_keys[c]);
        ColBuilder out;
        colb_init(&out, &self->meta_arena, kafka_metadata[meta].type, n);
        for (uint32_t i = 0; i < n; i++)
            kafkasource_meta_value(self, meta, self->held[first + i], &out);
        colb_finish(&out, &self->meta[c]);
    }
}

/* Addresses of the messages, once the buffer no longer moves. */
static void kafkasource_place(KafkaSource *self, uint32_t n) {
    const char *at;
    memset(buf_reserve(&self->bytes, CHUNK_PADDING), '\n', CHUNK_PADDING);
    at = self->bytes.ptr;
    for (uint32_t i = 0; i < n; i++) {
        Message *message = &self->messages[i];
        message->value.ptr = at;
        if (message->has_value) at += message->value.len + 1;
    }
    for (uint32_t i = 0; i < n; i++) {
        Message *message = &self->messages[i];
        message->key.ptr = at;
        if (message->has_key) at += message->key.len + 1;
    }
}

/* Records of the held messages up to a size, the end of the partition or an error. */
static void kafkasource_fill(KafkaSource *self, Chunk *chunk) {
    bool is_one_line = self->source.spec.is_one_line;
    KafkaPart *part = self->held_part;
    uint32_t first, n = 0;
    /* A fetch may begin before the offset that was asked for. */
    while (self->held_at < self->n_held && !self->held[self->held_at]->err &&
           self->held[self->held_at]->offset < part->next)
        self->held_at++;
    first = self->held_at;
    buf_reset(&self->bytes);
    while (self->held_at < self->n_held && self->bytes.len < KAFKA_CHUNK_BYTES) {
        const rd_kafka_message_t *from = self->held[self->held_at];
        if (from->err || from->offset >= part->end || from->offset < part->next) break;
        self->messages[n++] = (Message){.offset = (uint64_t)from->offset,
                                        .has_key = from->key != NULL,
                                        .has_value = from->payload != NULL,
                                        .key.len = from->key ? from->key_len : 0,
                                        .value.len = from->payload ? from->len : 0};
        if (from->payload) kafkasource_copy(self, (Span){from->payload, from->len}, is_one_line);
        part->next = from->offset + 1;
        self->held_at++;
    }
    for (uint32_t i = 0; i < n; i++) {
        const rd_kafka_message_t *from = self->held[first + i];
        if (from->key) kafkasource_copy(self, (Span){from->key, from->key_len}, is_one_line);
    }
    kafkasource_place(self, n);
    if (self->source.spec.n_meta) kafkasource_meta(self, first, n);
    *chunk = (Chunk){.split = part->split,
                     .at_end = true,
                     .messages = self->messages,
                     .n_messages = n,
                     .name = part->topic,
                     .part = part->partition,
                     .meta = self->meta};
}

static void kafkasource_drop_held(KafkaSource *self) {
    for (uint32_t i = 0; i < self->n_held; i++) self->client.lib->message_destroy(self->held[i]);
    self->n_held = self->held_at = 0;
}

/* What stands behind the records that were given: nothing, the end of the partition, an error. */
static Status kafkasource_after(KafkaSource *self, Err *err) {
    KafkaPart *part = self->held_part;
    if (self->held_at < self->n_held) {
        const rd_kafka_message_t *from = self->held[self->held_at];
        if (from->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            /* Records that were aborted, and marks of transactions, leave no message. */
            if (from->offset > part->next) part->next = from->offset;
            self->held_at++;
        } else if (from->err) {
            char what[300];
            snprintf(what, sizeof what, "reading partition %d of topic \"%s\" at offset %lld",
                     part->partition, part->topic, (long long)part->next);
            return kafka_fail(&self->client, from->err, what, err);
        } else if (from->offset >= part->end) {
            part->next = from->offset;
            self->held_at = self->n_held;
        }
    }
    part->is_over = part->next >= part->end;
    return ST_OK;
}

/* A chunk of what is held; ST_AGAIN when that was no record. */
static Status kafkasource_give(KafkaSource *self, Chunk *chunk, Err *err) {
    KafkaPart *part = self->held_part;
    kafkasource_fill(self, chunk);
    TRY(kafkasource_after(self, err));
    if (self->held_at == self->n_held) kafkasource_drop_held(self);
    chunk->is_split_end = part->is_over;
    if (!chunk->n_messages) part->used = part->next;
    return chunk->n_messages || part->is_over ? ST_OK : ST_AGAIN;
}

static Status kafkasource_poll(Source *source, Chunk *chunk, Err *err) {
    KafkaSource *self = (KafkaSource *)source;
    const KafkaLib *lib = self->client.lib;
    uint32_t n_over = 0;
    rd_kafka_message_t *event = lib->consumer_poll(self->client.handle, 0); /* runs callbacks */
    if (event) lib->message_destroy(event);
    wake_clear(self->wake_fd); /* before the queues are looked at: what comes later sets it again */
    while (self->n_held) {
        Status status = kafkasource_give(self, chunk, err);
        if (status != ST_AGAIN) return status;
    }
    TRY(kafkasource_discover(self, err));
    for (uint32_t i = 0; i < self->n_parts; i++) {
        KafkaPart *part = &self->parts[self->turn++ % self->n_parts];
        ssize_t n = 0;
        Status status;
        if (part->is_over) {
            n_over++;
            continue;
        }
        if (part->next < part->end)
            n = lib->consume_batch_queue(part->queue, 0, self->held, KAFKA_BATCH);
        self->n_held = n > 0 ? (uint32_t)n : 0;
        self->held_part = part;
        if (!n && part->next < part->end) continue;
        do {
            status = kafkasource_give(self, chunk, err);
        } while (status == ST_AGAIN && self->n_held);
        if (status != ST_AGAIN) return status;
    }
    return n_over == self->n_parts ? ST_END : ST_AGAIN;
}

static void kafkasource_consumed(Source *source, const Chunk *chunk, size_t n) {
    KafkaSource *self = (KafkaSource *)source;
    KafkaPart *part = &self->parts[chunk->split];
    const KafkaLib *lib = self->client.lib;
    if (!n) return;
    part->used = n == chunk->n_messages && self->held_part == part && !self->n_held
                     ? part->next
                     : (int64_t)chunk->messages[n - 1].offset + 1;
    if (self->commits) {
        rd_kafka_topic_partition_list_t *list = lib->topic_partition_list_new(1);
        lib->topic_partition_list_add(list, part->topic, part->partition)->offset = part->used;
        lib->offsets_store(self->client.handle, list);
        lib->topic_partition_list_destroy(list);
    }
}

static int kafkasource_wake_fd(const Source *source) {
    return ((const KafkaSource *)source)->wake_fd;
}

static void kafkasource_close(Source *source) {
    KafkaSource *self = (KafkaSource *)source;
    kafka_discovery_close(self->discovery);
    if (self->client.handle) {
        kafkasource_drop_held(self);
        for (uint32_t i = 0; i < self->n_parts; i++)
            if (self->parts[i].queue) self->client.lib->queue_destroy(self->parts[i].queue);
        self->client.lib->consumer_close(self->client.handle); /* with the last group offsets */
    }
    kafka_client_close(&self->client);
    file_close(self->wake_fd);
    buf_deinit(&self->bytes);
    arena_deinit(&self->meta_arena);
}

const SourceType kafka_source = {
    .size = sizeof(KafkaSource),
    .open = kafkasource_open,
    .poll = kafkasource_poll,
    .consumed = kafkasource_consumed,
    .wake_fd = kafkasource_wake_fd,
    .position = kafkasource_position,
    .close = kafkasource_close,
};
#endif
