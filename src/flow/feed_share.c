/* feed_share.c -- one source decoded by all workers, with the answer that one worker would give.
 *
 *     claim     under the lock: the next whole lines of the source, and their number
 *     decode    into batches, and their event times; nobody else is needed for that
 *     turn      in order of the numbers: the clock of the split goes over the rows, so that each
 *               row's lateness is decided against the rows before it, whoever decoded them
 *     push      into the worker's own graph, with the claim's number as the rows' order
 *
 * Formats whose lines do not depend on each other are decoded so. Records that cannot be decoded
 * are kept until all have met, then told in order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

enum {
    CLAIM_BYTES = 256 << 10,
    SHARE_STEP_BYTES = 8 << 20, /* for each worker */
    SHARE_EXACT_ROWS = 16384,   /* smaller steps take exactly what they may */
    CLAIM_BATCHES_LOG = 18      /* batches of a claim are numbered below its order */
};

/* A bad record and where it was. */
typedef struct BadItem {
    struct BadItem *next;
    BadRecord bad;
    Chunk chunk; /* its name and offset */
    size_t base;
    uint32_t claim;
    uint64_t order;
} BadItem;

typedef struct FeedPart { /* of one worker */
    BadPolicy bad;        /* first: what the decoder knows */
    Worker *worker;
    Decoder *decoder;
    Arena arena; /* of one claim */
    char *bytes; /* its lines */
    size_t cap;
    Chunk chunk; /* bytes are the claim's own */
    uint32_t claim;
    uint64_t order;
    bool is_empty; /* nothing but the end of a split */
    Arena bad_arena;
    BadItem *first_bad, *last_bad;
} FeedPart;

typedef struct FeedShare {
    Lock lock;
    FeedPart *parts;
    Turn turn;
    /* under the lock */
    uint32_t next, first; /* claim; of the step */
    uint64_t lines_left, bytes_left;
    int64_t until_us;
    bool is_over; /* the source has no more for this step */
    bool has_ended;
    /* by whoever has the turn */
    uint64_t rows_done, rows_max;
    _Atomic bool has_enough, has_failed;
} FeedShare;

typedef struct ClaimBatch {
    struct ClaimBatch *next;
    Batch batch;
    InputClock clock;
} ClaimBatch;

/* ---- bad records ---- */

static Span share_keep(Arena *arena, Span bytes) {
    return bytes.ptr ? (Span){arena_strndup(arena, bytes.ptr, bytes.len), bytes.len} : bytes;
}

static Status share_bad(void *ctx, const BadRecord *bad, Err *err) {
    FeedPart *part = ctx;
    Arena *arena = &part->bad_arena;
    BadItem *item = arena_new(arena, BadItem);
    item->bad = *bad;
    item->bad.bytes = share_keep(arena, bad->bytes);
    item->bad.column = share_keep(arena, bad->column);
    item->bad.value = share_keep(arena, bad->value);
    if (bad->reason) item->bad.reason = arena_strdup(arena, bad->reason);
    if (bad->hint) item->bad.hint = arena_strdup(arena, bad->hint);
    item->chunk = part->chunk;
    item->base = part->bad.base;
    item->claim = part->claim;
    item->order = part->order;
    if (part->last_bad)
        part->last_bad->next = item;
    else
        part->first_bad = item;
    part->last_bad = item;
    if (part->bad.is_ignored || part->bad.dead) return ST_OK;
    FAIL(err, ST_INVALID, "22P02", -1, "a record cannot be read");
}

/* The first of the records that are left, over all workers. */
static BadItem *share_next_bad(FeedShare *share, uint32_t n_workers) {
    FeedPart *first = NULL;
    BadItem *item;
    for (uint32_t w = 0; w < n_workers; w++) {
        FeedPart *part = &share->parts[w];
        if (!part->first_bad) continue;
        if (!first ||
            part->first_bad->claim - share->first < first->first_bad->claim - share->first)
            first = part;
    }
    if (!first) return NULL;
    item = first->first_bad;
    first->first_bad = item->next;
    if (!item->next) first->last_bad = NULL;
    return item;
}

static void share_tell_bad(Feed *feed) {
    FeedShare *share = feed->share;
    Worker *workers = feed->flow->workers;
    BadItem *item;
    while ((item = share_next_bad(share, feed->flow->n_workers))) {
        Err err = ERR_INIT;
        const Chunk *chunk = feed->bad.chunk;
        Status status;
        feed->bad.chunk = &item->chunk;
        feed->bad.base = item->base;
        status = bad_record(&feed->bad, &item->bad, &err);
        feed->bad.chunk = chunk;
        if (status == ST_OK) continue;
        for (uint32_t w = 0; w < feed->flow->n_workers; w++) {
            if (workers[w].status == ST_OK || workers[w].err_order != item->order) continue;
            workers[w].status = status;
            workers[w].err = err;
        }
        break;
    }
    for (uint32_t w = 0; w < feed->flow->n_workers; w++) {
        share->parts[w].first_bad = share->parts[w].last_bad = NULL;
        arena_reset(&share->parts[w].bad_arena);
    }
}

/* ---- opening and closing ---- */

Status feed_share_open(Feed *feed, Err *err) {
    Flow *flow = feed->flow;
    FeedShare *share = feed->share = arena_new(&flow->arena, FeedShare);
    lock_init(&share->lock);
    share->parts = arena_array(&flow->arena, FeedPart, flow->n_workers);
    for (uint32_t w = 0; w < flow->n_workers; w++) {
        FeedPart *part = &share->parts[w];
        Worker *worker = part->worker = &flow->workers[w];
        arena_init(&part->arena, worker->mem);
        arena_init(&part->bad_arena, worker->mem);
        part->bad = feed->bad;
        part->bad.on_bad = share_bad;
        TRY(feed_new_decoder(feed, worker->mem, worker->arena, &part->bad, &part->decoder, err));
    }
    return ST_OK;
}

void feed_share_close(Feed *feed) {
    FeedShare *share = feed->share;
    for (uint32_t w = 0; w < feed->flow->n_workers; w++) {
        FeedPart *part = &share->parts[w];
        if (!part->worker) continue;
        if (part->decoder) decoder_close(part->decoder);
        arena_deinit(&part->arena);
        arena_deinit(&part->bad_arena);
        mem_free(part->worker->mem, part->bytes, part->cap);
    }
    lock_deinit(&share->lock);
}

/* ---- claims ---- */

/* How many of the bytes are whole lines, up to about CLAIM_BYTES and at most *n_lines lines (0: any
 * number of them); a longer line comes alone. */
static size_t claim_cut(Span rest, uint64_t max_lines, uint64_t *n_lines) {
    size_t len = rest.len < CLAIM_BYTES ? rest.len : CLAIM_BYTES;
    const char *at = rest.ptr, *end;
    *n_lines = 0;
    if (max_lines) {
        while (*n_lines < max_lines && (end = memchr(at, '\n', len - (size_t)(at - rest.ptr)))) {
            at = end + 1;
            ++*n_lines;
        }
        if (at > rest.ptr) return (size_t)(at - rest.ptr);
    } else if (len && (end = memrchr(rest.ptr, '\n', len))) {
        return (size_t)(end + 1 - rest.ptr);
    }
    end = rest.len > len ? memchr(rest.ptr + len, '\n', rest.len - len) : NULL;
    *n_lines = end != NULL;
    return end ? (size_t)(end + 1 - rest.ptr) : 0;
}

static void claim_copy(Feed *feed, FeedPart *part, size_t n) {
    const Chunk *chunk = &feed->chunk;
    uint32_t n_meta = feed->source->spec.n_meta;
    if (n + CHUNK_PADDING > part->cap) {
        size_t cap = n + CHUNK_PADDING > CLAIM_BYTES * 2 ? n + CHUNK_PADDING : CLAIM_BYTES * 2;
        mem_free(part->worker->mem, part->bytes, part->cap);
        part->bytes = mem_alloc(part->worker->mem, cap);
        part->cap = cap;
    }
    memcpy(part->bytes, chunk->bytes.ptr + feed->used, n);
    memset(part->bytes + n, 0, CHUNK_PADDING);
    part->chunk = *chunk;
    part->chunk.bytes = (Span){part->bytes, n};
    part->chunk.offset += feed->used;
    /* The file may be closed before the claim is decoded. */
    if (chunk->meta && n_meta) {
        static const uint32_t first = 0;
        Column *meta = arena_array(&part->arena, Column, n_meta);
        for (uint32_t i = 0; i < n_meta; i++)
            meta[i] = col_copy(&part->arena, &chunk->meta[i], &first, 1);
        part->chunk.meta = meta;
    }
}

/* Takes the next lines of the chunk, or what is left at its end; false: there is nothing in it. */
static bool claim_take(Feed *feed, FeedPart *part) {
    FeedShare *share = feed->share;
    Chunk *chunk = &feed->chunk;
    Span rest = {chunk->bytes.ptr + feed->used, chunk->bytes.len - feed->used};
    uint64_t n_lines;
    size_t n = claim_cut(rest, share->lines_left, &n_lines);
    if (!n && chunk->at_end) n = rest.len, n_lines = 1;
    if (n) claim_copy(feed, part, n);
    part->chunk.at_end = chunk->at_end && n == rest.len;
    part->is_empty = !n;
    part->chunk.split = chunk->split;
    feed->used += n;
    feed->bytes_in += n;
    share->bytes_left -= n < share->bytes_left ? n : share->bytes_left;
    if (share->lines_left && n) {
        share->lines_left -= n_lines < share->lines_left ? n_lines : share->lines_left;
        if (!share->lines_left) share->is_over = true;
    }
    part->chunk.is_split_end = false;
    if (n && feed->used < chunk->bytes.len) return true;
    feed->has_chunk = false;
    part->chunk.is_split_end = chunk->is_split_end;
    feed->source->type->source->consumed(feed->source, chunk, feed->used);
    return n || chunk->is_split_end;
}

/* Under the lock. ST_AGAIN: the step has enough, or the source has no more for it. */
static Status claim_next(Feed *feed, FeedPart *part, Err *err) {
    FeedShare *share = feed->share;
    while (!share->is_over && share->bytes_left && !atomic_load(&share->has_enough) &&
           !atomic_load(&share->has_failed)) {
        if (!feed->has_chunk) {
            Status status = feed->source->type->source->poll(feed->source, &feed->chunk, err);
            if (status == ST_END) share->has_ended = true;
            if (status != ST_OK) share->is_over = true;
            if (status == ST_AGAIN || status == ST_END) return ST_AGAIN;
            TRY(status);
            feed->has_chunk = true;
            feed->used = 0;
        }
        if (!claim_take(feed, part)) continue;
        part->claim = share->next++;
        part->worker->did = true;
        if (clock_mono_us() >= share->until_us) share->is_over = true;
        return ST_OK;
    }
    return ST_AGAIN;
}

/* ---- what becomes of a claim ---- */

static Status claim_decode(Feed *feed, FeedPart *part, ClaimBatch **out, Err *err) {
    Stage *stage = feed->stages[part->worker->id];
    Decoder *decoder = part->decoder;
    Span rest = part->chunk.bytes;
    part->bad.chunk = &part->chunk;
    decoder->n_lines = 0;
    *out = NULL;
    while (!part->is_empty && rest.len) {
        ClaimBatch *made = arena_new(&part->arena, ClaimBatch);
        BatchBuilder rows;
        size_t consumed = 0;
        part->bad.base = (size_t)(rest.ptr - part->chunk.bytes.ptr);
        batchb_init(&rows, &part->arena, &feed->decoder_out, BATCH_ROWS);
        TRY(decoder->type->decode(decoder, rest, part->chunk.at_end, BATCH_ROWS, &rows, &consumed,
                                  err));
        if (rows.n_rows) {
            Batch batch = feed_batch(feed, &part->arena, batchb_finish(&rows), part->chunk.split,
                                     part->chunk.meta);
            made->batch = *batch_dense(&part->arena, &batch);
            *out = made;
            out = &made->next;
            TRY(input_times(stage->op, &stage->ctx, &made->batch, &part->arena, &made->clock, err));
        }
        if (!consumed) break;
        rest = (Span){rest.ptr + consumed, rest.len - consumed};
    }
    return ST_OK;
}

/* All that depends on what came before; claims pass here one by one, in order. */
static void claim_turn(Feed *feed, FeedPart *part, ClaimBatch *batches, Status status) {
    FeedShare *share = feed->share;
    FeedSplit *split = feed_split(feed, part->chunk.split);
    for (BadItem *item = part->first_bad; item; item = item->next)
        if (item->claim == part->claim) item->bad.line += split->n_lines;
    split->n_lines += part->decoder->n_lines;
    for (ClaimBatch *at = batches; at; at = at->next) {
        feed_active(feed, part->chunk.split);
        feed->rows_in += at->batch.n_rows;
        share->rows_done += at->batch.n_rows;
        at->clock.before = input_turn(feed->stage->op, part->chunk.split, at->clock.latest);
    }
    if (part->chunk.is_split_end && status == ST_OK) feed_split_ended(feed, part->chunk.split);
    if (share->rows_done >= share->rows_max) atomic_store(&share->has_enough, true);
    if (status != ST_OK) atomic_store(&share->has_failed, true);
}

static Status claim_work(Feed *feed, FeedPart *part, Err *err) {
    FeedShare *share = feed->share;
    ClaimBatch *batches = NULL;
    Status status = claim_decode(feed, part, &batches, err);
    bool is_behind_failure;
    turn_wait(&share->turn, part->claim);
    is_behind_failure = atomic_load(&share->has_failed);
    if (!is_behind_failure) claim_turn(feed, part, batches, status);
    turn_pass(&share->turn);
    TRY(status);
    for (ClaimBatch *at = batches; at && !is_behind_failure; at = at->next) {
        part->worker->order = part->order++;
        TRY(graph_feed(feed->stages[part->worker->id], &at->batch, &at->clock, err));
    }
    return ST_OK;
}

Status feed_share_take(Feed *feed, Worker *worker, Err *err) {
    FeedShare *share = feed->share;
    FeedPart *part = &share->parts[worker->id];
    uint64_t base = worker->order;
    for (;;) {
        Status status;
        arena_reset(&part->arena);
        lock_take(&share->lock);
        status = claim_next(feed, part, err);
        lock_give(&share->lock);
        if (status == ST_AGAIN) return ST_OK;
        worker->order = part->order =
            base + ((uint64_t)(part->claim - share->first) << CLAIM_BATCHES_LOG);
        TRY(status);
        status = claim_work(feed, part, err);
        if (status != ST_OK) atomic_store(&share->has_failed, true);
        TRY(status);
    }
}

void feed_share_begin(Feed *feed, uint32_t rows, int64_t until_us) {
    FeedShare *share = feed->share;
    uint32_t n = feed->flow->n_workers;
    bool is_exact = rows < SHARE_EXACT_ROWS || feed->flow->spec.step_rows;
    share->first = share->next;
    share->lines_left = is_exact ? rows : 0;
    share->bytes_left = (uint64_t)SHARE_STEP_BYTES * n;
    share->rows_done = 0;
    share->rows_max = (uint64_t)rows * n;
    share->until_us = until_us;
    share->is_over = share->has_ended = false;
    atomic_store(&share->has_enough, false);
    atomic_store(&share->has_failed, false);
}

void feed_share_end(Feed *feed) {
    share_tell_bad(feed);
    if (!feed->share->has_ended || feed->has_ended) return;
    feed->has_ended = true;
    feed->flow->workers[0].did = true;
    input_end(feed->stage->op);
}
