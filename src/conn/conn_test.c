/* conn_test.c -- tables whose rows the host program feeds: the library's row input, and the `feed`
 * verb of the tests. A feed is a log; each source has its own place in it, so any number of queries
 * see all rows in the same order, whenever they were started. A query that inserts into such a
 * table appends to the log too.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/conn.h"

enum { FEED_READERS_MAX = 64, FEED_TRIM = 1 << 16 };

typedef struct TestSource TestSource;

struct RowFeed {
    Mem *mem;
    const Schema *schema; /* physical columns */
    Buf log;              /* records: FeedHead, rowcodec bytes */
    uint64_t base;        /* bytes dropped before the log's first */
    bool is_ended;
    bool is_dropping; /* 'keep-rows' = 'false': what all readers have taken is forgotten */
    TestSource *readers[FEED_READERS_MAX];
    uint32_t n_readers;
};

typedef struct FeedHead {
    int64_t watermark; /* of a watermark record */
    int32_t weight;    /* 0: a watermark record */
    int32_t split;
    uint32_t len; /* of the row's bytes behind it */
    uint32_t spare;
} FeedHead;

struct TestSource {
    Source source;
    ColBuilder *cols; /* rows are decoded whole, then the wanted columns are copied */
    uint64_t at;      /* place in the log */
    int64_t watermark;
    bool has_watermark;
};

RowFeed *rowfeed_new(Mem *mem, const Schema *physical) {
    RowFeed *feed = mem_zalloc(mem, sizeof *feed);
    feed->mem = mem;
    feed->schema = physical;
    buf_init(&feed->log, mem);
    return feed;
}

void rowfeed_free(RowFeed *feed) {
    if (!feed) return;
    buf_deinit(&feed->log);
    mem_free(feed->mem, feed, sizeof *feed);
}

const Schema *rowfeed_schema(const RowFeed *feed) {
    return feed->schema;
}

void rowfeed_push(RowFeed *feed, const Batch *rows) {
    assert(rows->n_cols == feed->schema->n_fields);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        uint32_t row = batch_row(rows, i);
        size_t head_at = feed->log.len;
        FeedHead head = {.weight = batch_weight(rows, row),
                         .split = rows->split == SPLIT_NONE ? 0 : rows->split};
        assert(head.weight != 0);
        buf_put(&feed->log, &head, sizeof head);
        rowcodec_encode(rows->cols, rows->n_cols, row, &feed->log);
        head.len = (uint32_t)(feed->log.len - head_at - sizeof head);
        memcpy(feed->log.ptr + head_at, &head, sizeof head);
    }
}

void rowfeed_watermark(RowFeed *feed, int64_t watermark) {
    FeedHead head = {.watermark = watermark};
    buf_put(&feed->log, &head, sizeof head);
}

void rowfeed_end(RowFeed *feed) {
    feed->is_ended = true;
}

/* Drops what every reader has taken, once that is worth moving the rest. */
static void rowfeed_trim(RowFeed *feed) {
    uint64_t min = feed->base + feed->log.len;
    if (!feed->is_dropping) return;
    for (uint32_t i = 0; i < feed->n_readers; i++)
        if (feed->readers[i]->at < min) min = feed->readers[i]->at;
    if (min - feed->base < FEED_TRIM && min != feed->base + feed->log.len) return;
    buf_consume(&feed->log, (size_t)(min - feed->base));
    feed->base = min;
}

static Status test_open(Source *source, Err *err) {
    TestSource *self = (TestSource *)source;
    RowFeed *feed = source->spec.feed;
    if (!feed) {
        FAIL(err, ST_INVALID, "55000", -1, "table \"%s\" has no rows to read",
             source->spec.table_name);
    }
    if (feed->n_readers == FEED_READERS_MAX) {
        FAIL(err, ST_LIMIT, "54000", -1, "table \"%s\" is read by %d queries already",
             source->spec.table_name, FEED_READERS_MAX);
    }
    feed->is_dropping = !opt_bool(source->spec.options, "keep-rows");
    feed->readers[feed->n_readers++] = self;
    self->at = feed->base;
    if (source->spec.resume) {
        Record in = {.rest = *source->spec.resume};
        self->at = record_u64(&in);
        self->watermark = record_i64(&in);
        self->has_watermark = record_u64(&in) != 0;
        if (in.is_bad || self->at < feed->base || self->at > feed->base + feed->log.len) {
            FAIL(err, ST_CORRUPT, "55000", -1, "table \"%s\" has not the rows to go on from",
                 source->spec.table_name);
        }
    }
    self->cols = arena_array(source->spec.arena, ColBuilder, feed->schema->n_fields);
    return ST_OK;
}

static void test_close(Source *source) {
    RowFeed *feed = source->spec.feed;
    for (uint32_t i = 0; feed && i < feed->n_readers; i++) {
        if (feed->readers[i] != (TestSource *)source) continue;
        feed->readers[i] = feed->readers[--feed->n_readers];
        return;
    }
}

static Status test_row(TestSource *self, Span bytes, int32_t weight, BatchBuilder *out, Err *err) {
    const SourceSpec *spec = &self->source.spec;
    const Schema *schema = spec->feed->schema;
    for (uint32_t i = 0; i < schema->n_fields; i++)
        colb_init(&self->cols[i], out->arena, schema->fields[i].type, 1);
    TRY(rowcodec_decode(bytes, self->cols, schema->n_fields, false, err));
    for (uint32_t i = 0; i < out->n_cols; i++) {
        Column value;
        colb_finish(&self->cols[spec->indexes[i]], &value);
        colb_append(&out->cols[i], &value, 0, false);
    }
    batchb_row_end(out, weight);
    return ST_OK;
}

/* Rows of one split, up to the next watermark. */
static Status test_poll_rows(Source *source, uint32_t max_rows, BatchBuilder *out, int32_t *split,
                             Err *err) {
    TestSource *self = (TestSource *)source;
    RowFeed *feed = source->spec.feed;
    uint64_t end = feed->base + feed->log.len;
    bool is_first = true;
    if (self->at == end) return feed->is_ended || source->spec.is_bounded_run ? ST_END : ST_AGAIN;
    while (self->at < end && max_rows) {
        const char *record = feed->log.ptr + (self->at - feed->base);
        FeedHead head;
        memcpy(&head, record, sizeof head);
        if (!head.weight) {
            self->watermark = head.watermark;
            self->has_watermark = true;
            self->at += sizeof head;
            break;
        }
        if (!is_first && head.split != *split) break;
        *split = head.split;
        is_first = false;
        TRY(test_row(self, (Span){record + sizeof head, head.len}, head.weight, out, err));
        self->at += sizeof head + head.len;
        max_rows--;
    }
    rowfeed_trim(feed);
    return ST_OK;
}

static bool test_take_watermark(Source *source, int64_t *watermark) {
    TestSource *self = (TestSource *)source;
    if (!self->has_watermark) return false;
    *watermark = self->watermark;
    self->has_watermark = false;
    return true;
}

static void test_position(const Source *source, Buf *out) {
    const TestSource *self = (const TestSource *)source;
    record_put_u64(out, self->at);
    record_put_i64(out, self->watermark);
    record_put_u64(out, self->has_watermark);
}

static bool test_is_bounded(const Options *options) {
    (void)options;
    return true; /* the host program ends it; a batch run ends with the rows fed so far */
}

/* ---- as a sink ---- */

typedef struct TestSink {
    Sink sink;
    Arena arena; /* of one write */
} TestSink;

static Status test_sink_open(Sink *sink, Err *err) {
    const RowFeed *feed = sink->spec.feed;
    arena_init(&((TestSink *)sink)->arena, sink->spec.mem);
    if (!feed || sink->spec.schema->n_fields != feed->schema->n_fields) {
        FAIL(err, ST_INVALID, "55000", -1, "table \"%s\" takes no rows from queries",
             sink->spec.table_name);
    }
    return ST_OK;
}

static Status test_sink_write(Sink *sink, const Batch *batch, const uint8_t *kinds, Err *err) {
    TestSink *self = (TestSink *)sink;
    int32_t *weights = arena_alloc(&self->arena, sizeof *weights * (batch->n_rows + 1));
    Batch rows = *batch;
    (void)err;
    for (uint32_t i = 0; i < batch->n_rows; i++)
        weights[i] = kinds && (kinds[i] == ROW_UPDATE_BEFORE || kinds[i] == ROW_DELETE) ? -1 : 1;
    rows.weights = weights;
    rows.split = 0;
    rowfeed_push(sink->spec.feed, &rows);
    arena_reset(&self->arena);
    return ST_OK;
}

static void test_sink_close(Sink *sink) {
    arena_deinit(&((TestSink *)sink)->arena);
}

/* ---- asked by key ---- */

/* Does the row have the key, in the column that it is asked by? */
static bool test_has_key(const LookupSpec *spec, const Column *row, const Batch *keys, uint32_t k) {
    for (uint32_t i = 0; i < spec->n_keys; i++) {
        Arena arena;
        Column pair[2];
        RowKeys encoded[2];
        bool is_equal;
        arena_init(&arena, NULL);
        pair[0] = col_gather(&arena, &row[spec->indexes[spec->keys[i]]], &(uint32_t){0}, 1);
        pair[1] = col_gather(&arena, &keys->cols[i], &k, 1);
        for (uint32_t s = 0; s < 2; s++) rowkey_encode(&arena, &pair[s], 1, NULL, 1, &encoded[s]);
        is_equal = !col_is_null(&pair[0], 0) &&
                   span_eq(rowkey_get(&encoded[0], 0), rowkey_get(&encoded[1], 0));
        arena_deinit(&arena);
        if (!is_equal) return false;
    }
    return true;
}

/* All rows fed so far, retractions as negative weights: the join adds them up. */
static Status test_find(Lookup *lookup, const Batch *keys, BatchBuilder *out, Err *err) {
    const LookupSpec *spec = &lookup->spec;
    const RowFeed *feed = spec->feed;
    const Schema *schema = feed->schema;
    ColBuilder *cols = arena_array(out->arena, ColBuilder, schema->n_fields);
    Column *row = arena_array(out->arena, Column, schema->n_fields);
    for (size_t at = 0; at < feed->log.len;) {
        FeedHead head;
        memcpy(&head, feed->log.ptr + at, sizeof head);
        at += sizeof head;
        if (!head.weight) continue;
        for (uint32_t i = 0; i < schema->n_fields; i++)
            colb_init(&cols[i], out->arena, schema->fields[i].type, 1);
        TRY(rowcodec_decode((Span){feed->log.ptr + at, head.len}, cols, schema->n_fields, false,
                            err));
        at += head.len;
        for (uint32_t i = 0; i < schema->n_fields; i++) colb_finish(&cols[i], &row[i]);
        for (uint32_t k = 0; k < keys->n_rows; k++) {
            if (!test_has_key(spec, row, keys, k)) continue;
            for (uint32_t i = 0; i < spec->schema->n_fields; i++)
                colb_append(&out->cols[i], &row[spec->indexes[i]], 0, false);
            colb_i32(&out->cols[spec->schema->n_fields], (int32_t)k);
            batchb_row_end(out, head.weight);
        }
    }
    return ST_OK;
}

static bool test_has_lookup(const Options *options) {
    return opt_bool(options, "lookup");
}

static const OptionSpec test_options[] = {
    {"lookup", OPT_BOOL, "false", NULL, false, false,
     "As of processing time the table is asked by key, as one of a remote system would be."},
    {"changelog", OPT_BOOL, "true", NULL, false, false,
     "Rows with negative weights (deletions) may be fed."},
    {"keep-rows", OPT_BOOL, "true", NULL, false, false,
     "Keep all rows for queries that are started later; false forgets what all queries have read."},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};
static const SourceType test_source = {
    .size = sizeof(TestSource),
    .open = test_open,
    .poll_rows = test_poll_rows,
    .take_watermark = test_take_watermark,
    .position = test_position,
    .close = test_close,
};

static const LookupType test_lookup = {.size = sizeof(Lookup), .find = test_find};

static const SinkType test_sink = {
    .size = sizeof(TestSink),
    .open = test_sink_open,
    .write = test_sink_write,
    .close = test_sink_close,
};

const ConnType conn_test = {
    .name = "test",
    .traits = CONN_SOURCE | CONN_SINK | CONN_ROWS,
    .options = test_options,
    .source = &test_source,
    .sink = &test_sink,
    .lookup = &test_lookup,
    .has_lookup = test_has_lookup,
    .is_bounded = test_is_bounded,
    .help = "Rows that the host program feeds through the library, or that queries insert.",
    .guarantee = "what the host program makes of it",
};
