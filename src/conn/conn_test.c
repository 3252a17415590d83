/* conn_test.c -- tables whose rows the host program feeds: the library's row input, and the `feed` verb of the tests.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/conn.h"

struct RowFeed {
    Mem *mem;
    const Schema *schema;
    Buf rows;       /* records: weight, length, rowcodec bytes */
    size_t read;    /* offset of the next record */
    uint32_t limit; /* rows a poll, 0 = any number */
    bool is_ended;
    uint64_t n_waiting;
};

typedef struct FeedHead {
    int32_t weight;
    uint32_t len;
} FeedHead;

RowFeed *rowfeed_new(Mem *mem, const Schema *schema) {
    RowFeed *feed = mem_zalloc(mem, sizeof *feed);
    feed->mem = mem;
    feed->schema = schema;
    buf_init(&feed->rows, mem);
    return feed;
}

void rowfeed_free(RowFeed *feed) {
    if (!feed) return;
    buf_deinit(&feed->rows);
    mem_free(feed->mem, feed, sizeof *feed);
}

void rowfeed_push(RowFeed *feed, const Batch *rows) {
    assert(rows->n_cols == feed->schema->n_fields);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        uint32_t row = batch_row(rows, i);
        size_t head_at = feed->rows.len;
        FeedHead head = {.weight = batch_weight(rows, row)};
        buf_put(&feed->rows, &head, sizeof head);
        rowcodec_encode(rows->cols, rows->n_cols, row, &feed->rows);
        head.len = (uint32_t)(feed->rows.len - head_at - sizeof head);
        memcpy(feed->rows.ptr + head_at, &head, sizeof head);
        feed->n_waiting++;
    }
}

void rowfeed_end(RowFeed *feed) {
    feed->is_ended = true;
}

void rowfeed_limit(RowFeed *feed, uint32_t rows_a_poll) {
    feed->limit = rows_a_poll;
}

typedef struct TestSource {
    Source source;
    ColBuilder
        *cols; /* one a table column: rows are decoded whole, then the wanted columns are copied */
} TestSource;

static Status test_open(Source *source, Err *err) {
    TestSource *self = (TestSource *)source;
    if (!source->spec.feed)
        FAIL(err, ST_INVALID, "55000", -1, "table \"%s\" has no rows to read",
             source->spec.table_name);
    self->cols = arena_array(source->spec.arena, ColBuilder, source->spec.table->n_fields);
    return ST_OK;
}

static Status test_row(TestSource *self, Span bytes, int32_t weight, BatchBuilder *out, Err *err) {
    const SourceSpec *spec = &self->source.spec;
    uint32_t n = spec->table->n_fields;
    for (uint32_t i = 0; i < n; i++)
        colb_init(&self->cols[i], out->arena, spec->table->fields[i].type, 1);
    TRY(rowcodec_decode(bytes, self->cols, n, false, err));
    for (uint32_t i = 0; i < out->n_cols; i++) {
        Column value;
        colb_finish(&self->cols[spec->indexes[i]], &value);
        colb_append(&out->cols[i], &value, 0, false);
    }
    batchb_row_end(out, weight);
    return ST_OK;
}

static Status test_poll_rows(Source *source, uint32_t max_rows, BatchBuilder *out, int32_t *split,
                             Err *err) {
    TestSource *self = (TestSource *)source;
    RowFeed *feed = source->spec.feed;
    uint32_t want = feed->limit && feed->limit < max_rows ? feed->limit : max_rows;
    *split = 0;
    if (!feed->n_waiting) return feed->is_ended ? ST_END : ST_AGAIN;
    for (; want && feed->n_waiting; want--, feed->n_waiting--) {
        FeedHead head;
        memcpy(&head, feed->rows.ptr + feed->read, sizeof head);
        feed->read += sizeof head;
        TRY(test_row(self, (Span){feed->rows.ptr + feed->read, head.len}, head.weight, out, err));
        feed->read += head.len;
    }
    if (!feed->n_waiting) {
        buf_reset(&feed->rows);
        feed->read = 0;
    }
    return ST_OK;
}

static int test_wake_fd(const Source *source) {
    (void)source;
    return -1;
}

static const OptionSpec test_options[] = {
    {"changelog", OPT_BOOL, "true", NULL, false, false,
     "Rows with negative weights (deletions) may be fed."},
    {NULL, OPT_STRING, NULL, NULL, false, false, NULL},
};
static const SourceType test_source = {
    .size = sizeof(TestSource),
    .open = test_open,
    .poll_rows = test_poll_rows,
    .wake_fd = test_wake_fd,
};

const ConnType conn_test = {
    .name = "test",
    .traits = CONN_SOURCE | CONN_ROWS,
    .options = test_options,
    .source = &test_source,
    .help = "Rows that the host program feeds through the library.",
    .guarantee = "what the host program makes of it",
};
