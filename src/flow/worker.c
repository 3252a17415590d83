/* worker.c -- steps of several workers: one thread each, in lock step.
 *
 * Worker 0 is the thread that calls flow_step. A step is: all take from the sources and push, all
 * meet, all flush level 0, all meet, all flush level 1 ... What a worker made for another one is
 * read only behind the next meeting, so nothing else needs a lock. Between steps all threads wait.
 *
 * Threads pay where a step has much to do. Small steps are done by the calling thread alone, for
 * all workers in turn: an idle stream is answered without waking anybody (flow/step.c).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

enum { CREW_BYTES_MIN = 64 << 10, CREW_ROWS_MIN = 2048, CREW_US = 20000 };

typedef struct Crew {
    Barrier barrier;
    uint32_t rows; /* of the step */
    int64_t until_us;
    bool is_over;
    bool has_failed; /* written in meetings only */
} Crew;

/* ---- errors ---- */

static void worker_fail(Worker *worker, Status status, const Err *err) {
    worker->status = status;
    worker->err = *err;
    worker->err_order = worker->order;
}

/* The worker whose error comes first in the order of the rows; NULL: all is well. */
static const Worker *crew_failure(const Flow *flow) {
    const Worker *first = NULL;
    for (uint32_t w = 0; w < flow->n_workers; w++) {
        const Worker *worker = &flow->workers[w];
        if (worker->status == ST_OK) continue;
        if (!first || worker->err_order < first->err_order) first = worker;
    }
    return first;
}

Status flow_mem_check(const Flow *flow, Err *err) {
    Mem all = flow->mem;
    TRY(mem_check(&flow->mem, err));
    for (uint32_t w = 1; w < flow->n_workers; w++) all.used += flow->workers[w].mem->used;
    for (uint32_t i = 0; i < flow->n_feeds; i++) all.used += flow->feeds[i].own_mem.used;
    all.is_exceeded = all.limit && all.used > all.limit;
    return mem_check(&all, err);
}

/* ---- a step ---- */

static Status crew_take(Worker *worker, Err *err) {
    Flow *flow = worker->flow;
    const Crew *crew = flow->crew;
    for (uint32_t k = 0; k < flow->n_feeds; k++) {
        Feed *feed = &flow->feeds[(flow->i_first + k) % flow->n_feeds];
        Budget budget = {crew->rows, SIZE_MAX, crew->until_us};
        worker->order = (uint64_t)k << ORDER_FEED_SHIFT;
        if ((!feed->share && worker->id) || feed->has_ended || feed->stage->is_done) continue;
        if (feed->share)
            TRY(feed_share_take(feed, worker, err));
        else
            TRY(feed_take(feed, &budget, &worker->did, err));
    }
    return ST_OK;
}

/* In the meeting behind the sources. */
static void crew_taken(void *ctx) {
    Flow *flow = ctx;
    for (uint32_t i = 0; i < flow->n_feeds; i++)
        if (flow->feeds[i].share) feed_share_end(&flow->feeds[i]);
    for (uint32_t i = 0; i < flow->n_feeds; i++)
        if (feed_idle(&flow->feeds[i], flow->now_us)) flow->workers[0].did = true;
    graph_read_clocks(flow);
    flow->crew->has_failed = crew_failure(flow) != NULL;
}

static void crew_flushed(void *ctx) {
    Flow *flow = ctx;
    flow->crew->has_failed = crew_failure(flow) != NULL;
}

static void crew_work(Worker *worker) {
    Flow *flow = worker->flow;
    Crew *crew = flow->crew;
    Err err = ERR_INIT;
    Status status = crew_take(worker, &err);
    if (status != ST_OK) worker_fail(worker, status, &err);
    barrier_meet(&crew->barrier, crew_taken, flow);
    for (uint32_t level = 0; level < flow->n_levels && !crew->has_failed; level++) {
        status = graph_flush(worker, level, &err);
        if (status != ST_OK) worker_fail(worker, status, &err);
        barrier_meet(&crew->barrier, crew_flushed, flow);
    }
}

static void crew_main(void *ctx) {
    Worker *worker = ctx;
    Crew *crew = worker->flow->crew;
    for (;;) {
        barrier_meet(&crew->barrier, NULL, NULL);
        if (crew->is_over) return;
        crew_work(worker);
    }
}

static Status crew_open(Flow *flow, Err *err) {
    flow->crew = arena_new(&flow->arena, Crew);
    barrier_init(&flow->crew->barrier, flow->n_workers);
    for (uint32_t w = 1; w < flow->n_workers; w++) {
        Worker *worker = &flow->workers[w];
        Status status = thread_start(crew_main, worker, &worker->thread, err);
        if (status == ST_OK) continue;
        /* Those that run wait for all others. */
        flow->crew->is_over = true;
        for (uint32_t k = w; k < flow->n_workers; k++) barrier_leave(&flow->crew->barrier);
        return status; /* crew_close lets them go */
    }
    return ST_OK;
}

void crew_close(Flow *flow) {
    if (!flow->crew) return;
    flow->crew->is_over = true;
    barrier_meet(&flow->crew->barrier, NULL, NULL);
    for (uint32_t w = 1; w < flow->n_workers; w++)
        if (flow->workers[w].thread) thread_join(flow->workers[w].thread);
    flow->crew = NULL;
}

bool crew_is_wanted(const Flow *flow, uint32_t rows) {
    if (flow->n_workers == 1) return false;
    if (flow->spec.always_threads) return true;
    return rows >= CREW_ROWS_MIN && flow->bytes_step >= CREW_BYTES_MIN;
}

Status crew_step(Flow *flow, uint32_t rows, bool *did, Err *err) {
    const Worker *failed;
    if (!flow->crew) TRY(crew_open(flow, err));
    flow->crew->rows = rows;
    flow->crew->until_us = clock_mono_us() + CREW_US;
    flow->crew->has_failed = false;
    for (uint32_t w = 0; w < flow->n_workers; w++) flow->workers[w].did = false;
    for (uint32_t i = 0; i < flow->n_feeds; i++)
        if (flow->feeds[i].share) feed_share_begin(&flow->feeds[i], rows, flow->crew->until_us);
    barrier_meet(&flow->crew->barrier, NULL, NULL);
    crew_work(&flow->workers[0]);
    for (uint32_t w = 0; w < flow->n_workers; w++) *did = *did || flow->workers[w].did;
    failed = crew_failure(flow);
    if (!failed) return ST_OK;
    *err = failed->err;
    return failed->status;
}
