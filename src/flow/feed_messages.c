/* feed_messages.c -- the rows that a chunk of records with bounds of their own gives.
 *
 * Records whose keys and metadata nobody wants, in a format of lines, are decoded as one text; else
 * one by one, with the number of its record beside each row.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

/* The rows of a step's share of a chunk, before they are put together. */
typedef struct MessageRows {
    Feed *feed;
    BatchBuilder keys;
    uint32_t *from; /* record of each row, counted in the chunk */
    uint32_t cap;
} MessageRows;

static void message_from(MessageRows *rows, uint32_t record) {
    BatchBuilder *values = &rows->feed->builder;
    if (values->n_rows > rows->cap) { /* a record may give several rows */
        uint32_t cap = values->n_rows * 2;
        uint32_t *from = arena_array(&rows->feed->arena, uint32_t, cap);
        memcpy(from, rows->from, sizeof *from * rows->cap);
        rows->from = from;
        rows->cap = cap;
    }
    for (uint32_t i = rows->keys.n_rows; i < values->n_rows; i++) rows->from[i] = record;
}

/* NULL, or zero where NULL is not allowed: of a row that only says which key is deleted. */
static void message_absent(ColBuilder *col) {
    Phys phys = type_phys(col->type);
    if (col->type->is_nullable || phys == PHYS_LIST || phys == PHYS_ROW) {
        colb_null(col);
        return;
    }
    colb_room(col);
    memset((char *)col->data + (size_t)col->n * col->width, 0, col->width);
    colb_done(col);
}

static Status message_decode(Decoder *decoder, Span bytes, BatchBuilder *out, Err *err) {
    Span record = {bytes.ptr, bytes.len + 1}; /* with the newline behind it */
    size_t used = 0;
    return decoder->type->decode(decoder, record, true, UINT32_MAX, out, &used, err);
}

/* The key of a record beside each of its rows. */
static Status message_put_key(MessageRows *rows, const Message *message, uint32_t record,
                              Err *err) {
    Feed *feed = rows->feed;
    BatchBuilder *keys = &rows->keys;
    uint32_t before = keys->n_rows, n = feed->builder.n_rows;
    message_from(rows, record);
    if (n > before && message->has_key && feed->key_decoder)
        TRY(message_decode(feed->key_decoder, message->key, keys, err));
    while (keys->n_rows > n) { /* the value was bad, or the key has several rows: as many as it */
        keys->n_rows--;
        for (uint32_t c = 0; c < keys->n_cols; c++) colb_truncate(&keys->cols[c], keys->n_rows);
    }
    while (keys->n_rows < n) {
        for (uint32_t c = 0; c < keys->n_cols; c++) message_absent(&keys->cols[c]);
        batchb_row_end(keys, 1);
    }
    return ST_OK;
}

static Status message_put(MessageRows *rows, const Message *message, uint32_t record, Err *err) {
    Feed *feed = rows->feed;
    BatchBuilder *values = &feed->builder;
    feed->bad.message = message;
    if (message->has_value) {
        TRY(message_decode(feed_split(feed, feed->chunk.split)->decoder, message->value, values,
                           err));
    } else if (feed->message.is_upsert) {
        for (uint32_t c = 0; c < values->n_cols; c++) message_absent(&values->cols[c]);
        batchb_row_end(values, -1);
    }
    return message_put_key(rows, message, record, err);
}

/* Many records as one text; *n = how many of them were used. */
static Status message_decode_run(Feed *feed, uint32_t max_rows, Err *err) {
    const Message *first = &feed->chunk.messages[feed->used];
    const Message *last = &feed->chunk.messages[feed->chunk.n_messages - 1];
    Decoder *decoder = feed_split(feed, feed->chunk.split)->decoder;
    Span text = {first->value.ptr, (size_t)(last->value.ptr - first->value.ptr) +
                                       (last->has_value ? last->value.len + 1 : 0)};
    size_t used = 0;
    if (text.len)
        TRY(decoder->type->decode(decoder, text, true, max_rows, &feed->builder, &used, err));
    while (feed->used < feed->chunk.n_messages) {
        const Message *message = &feed->chunk.messages[feed->used];
        if (message->has_value && message->value.ptr + message->value.len >= text.ptr + used) break;
        feed->used++;
    }
    return ST_OK;
}

static bool message_is_run(const Feed *feed) {
    if (feed->message.is_upsert || !(feed->table->format->traits & FORMAT_ONE_LINE)) return false;
    for (uint32_t i = 0; i < feed->scan->decoded.n_fields; i++)
        if (feed->from_chunk[i] >= 0 || feed->from_key[i] >= 0) return false;
    return true;
}

/* The decoded columns from value, key and metadata. */
static Status message_push(MessageRows *rows, Err *err) {
    Feed *feed = rows->feed;
    const Schema *decoded = &feed->scan->decoded;
    const Batch *values = batchb_finish(&feed->builder), *keys = NULL;
    Column *cols = arena_array(&feed->arena, Column, decoded->n_fields + 1);
    if (!values->n_rows) return ST_OK;
    if (rows->from) keys = batchb_finish(&rows->keys);
    for (uint32_t i = 0; i < decoded->n_fields; i++) {
        if (feed->from_chunk[i] >= 0)
            cols[i] = col_gather(&feed->arena, &feed->chunk.meta[feed->from_chunk[i]], rows->from,
                                 values->n_rows);
        else if (feed->from_key[i] >= 0)
            cols[i] = keys->cols[feed->from_key[i]];
        else
            cols[i] = values->cols[feed->from_decoder[i]];
    }
    return feed_push_columns(feed, feed->chunk.split, values, cols, err);
}

Status message_take(Feed *feed, Budget *budget, Err *err) {
    uint32_t max_rows = budget->rows < BATCH_ROWS ? budget->rows : BATCH_ROWS;
    uint32_t n_rows;
    size_t before = feed->used;
    MessageRows rows = {.feed = feed, .cap = max_rows};
    feed->bad.message = NULL;
    if (message_is_run(feed)) {
        TRY(message_decode_run(feed, max_rows, err));
    } else {
        rows.from = arena_array(&feed->arena, uint32_t, max_rows);
        batchb_init(&rows.keys, &feed->arena, &feed->key_out, max_rows);
        while (feed->used < feed->chunk.n_messages && feed->builder.n_rows < max_rows) {
            const Message *message = &feed->chunk.messages[feed->used];
            TRY(message_put(&rows, message, (uint32_t)feed->used, err));
            feed->used++;
        }
    }
    for (size_t i = before; i < feed->used; i++) {
        uint64_t bytes = feed->chunk.messages[i].value.len;
        feed->bytes_in += bytes;
        budget->bytes -= bytes < budget->bytes ? bytes : budget->bytes;
    }
    n_rows = feed->builder.n_rows;
    budget->rows -= n_rows < budget->rows ? n_rows : budget->rows;
    return message_push(&rows, err);
}
