/* step.c -- the loop: a step takes what the sources have, pushes it through the graph, flushes
 * every operator once in topological order, and seals the sinks.
 *
 * Load decides the size of a step. Idle sources give steps of a few rows, which are answered within
 * microseconds; full ones fill the budget of rows, bytes and time. Between two steps nothing is in
 * flight, so a step is also where a query may be stopped, cancelled or committed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

enum { STEP_ROWS = 16384, STEP_BYTES = 8 << 20, STEP_US = 20000, SLOW_STEPS = 256 };

/* Rows that each source may give. The first steps take one row each, as Flink does without mini-
 * batches: first answers come at once, and the changelog of a small input shows every change.
 * Then steps double to their full size. */
static uint32_t step_rows(const Flow *flow) {
    uint64_t n_doubled = flow->step > SLOW_STEPS ? flow->step - SLOW_STEPS : 0;
    if (flow->spec.step_rows) return flow->spec.step_rows;
    if (flow->spec.is_mini_batch && flow->spec.mini_batch_rows &&
        flow->spec.mini_batch_rows < STEP_ROWS)
        return flow->spec.mini_batch_rows;
    if (flow->spec.is_mini_batch || n_doubled >= 14) return STEP_ROWS;
    return UINT32_C(1) << n_doubled;
}

static bool step_has_ended(const Flow *flow) {
    for (uint32_t i = 0; i < flow->n_feeds; i++)
        if (!flow->feeds[i].has_ended && !flow->feeds[i].stage->is_done) return false;
    return true;
}

/* What the sources have given, in bytes or thereabouts. */
static uint64_t step_bytes(const Flow *flow) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < flow->n_feeds; i++)
        n += flow->feeds[i].bytes_in + (flow->feeds[i].bytes_in ? 0 : 64 * flow->feeds[i].rows_in);
    return n;
}

static Status step_seal(Flow *flow, Err *err) {
    Status result = ST_OK;
    for (uint32_t i = 0; i < flow->n_drains; i++) {
        Status status = drain_seal(&flow->drains[i], err);
        if (status == ST_AGAIN)
            result = ST_AGAIN;
        else if (status != ST_OK)
            return status;
    }
    for (uint32_t i = 0; i < flow->n_dead; i++) {
        Status status = dead_letters_seal(flow->dead[i], false, err);
        if (status == ST_AGAIN)
            result = ST_AGAIN;
        else if (status != ST_OK)
            return status;
    }
    flow->is_sealing = result == ST_AGAIN;
    return result;
}

/* Everything that the sinks hold is published; ST_AGAIN while a peer is slow. */
static Status step_finish(Flow *flow, Err *err) {
    Status result = ST_OK;
    for (uint32_t i = 0; i < flow->n_drains; i++) {
        Status status = drain_finish(&flow->drains[i], err);
        if (status == ST_AGAIN)
            result = ST_AGAIN;
        else if (status != ST_OK)
            return status;
    }
    for (uint32_t i = 0; i < flow->n_dead; i++) {
        Status status = dead_letters_seal(flow->dead[i], true, err);
        if (status == ST_AGAIN)
            result = ST_AGAIN;
        else if (status != ST_OK)
            return status;
    }
    flow->is_finished = result == ST_OK;
    return result;
}

/* Takes from every source in turn; *did tells whether anything came. */
static Status step_take(Flow *flow, uint32_t rows, bool *did, Err *err) {
    int64_t until_us = clock_mono_us() + STEP_US;
    for (uint32_t k = 0; k < flow->n_feeds; k++) {
        Feed *feed = &flow->feeds[(flow->i_first + k) % flow->n_feeds];
        Budget budget = {rows, STEP_BYTES, until_us};
        flow->workers[0].order = (uint64_t)k << ORDER_FEED_SHIFT;
        if (!feed->has_ended && !feed->stage->is_done) TRY(feed_take(feed, &budget, did, err));
        if (feed_idle(feed, flow->now_us)) *did = true;
    }
    return ST_OK;
}

/* A step by the calling thread alone, whatever the number of workers. */
static Status step_alone(Flow *flow, uint32_t rows, bool *did, Err *err) {
    TRY(step_take(flow, rows, did, err));
    if (!*did && !step_has_ended(flow)) return ST_OK;
    graph_read_clocks(flow);
    return graph_flush_all(flow, err);
}

static Status step_run(Flow *flow, Err *err) {
    uint32_t rows = step_rows(flow);
    uint64_t bytes_before = step_bytes(flow);
    bool did;
    flow->now_us = flow->spec.now_us(flow->spec.ctx);
    did = !flow->step || graph_timer_us(flow) <= flow->now_us ||
          drains_wake_us(flow) <= clock_mono_us();
    flow->is_each = rows == 1 && !flow->spec.env.is_batch;
    flow->is_alone = flow->is_each || !crew_is_wanted(flow, rows);
    graph_begin_step(flow);
    TRY(flow->is_alone ? step_alone(flow, rows, &did, err) : crew_step(flow, rows, &did, err));
    /* Of changes that are seen one by one, the first source's come first, as Flink reads files. */
    if (flow->n_feeds && !flow->is_each) flow->i_first = (flow->i_first + 1) % flow->n_feeds;
    flow->bytes_step = step_bytes(flow) - bytes_before;
    flow->has_ended = step_has_ended(flow);
    if (!did && !flow->has_ended) return ST_AGAIN;
    graph_mark_done(flow);
    flow->step++;
    return flow_mem_check(flow, err);
}

Status flow_step(Flow *flow, Err *err) {
    int64_t begin = clock_mono_us();
    Status status = flow->is_sealing ? step_seal(flow, err) : ST_OK;
    if (status == ST_OK && flow->is_finished) return ST_END;
    if (status == ST_OK && !flow->has_ended) {
        status = step_run(flow, err);
        if (status == ST_OK) status = step_seal(flow, err);
        if (status == ST_AGAIN && flow->is_sealing) status = ST_OK; /* the rows were taken */
        if (status == ST_OK || status == ST_AGAIN) {
            Status commit = commits_step(flow, err);
            if (commit != ST_OK) status = commit;
        }
    } else if (status == ST_OK) {
        status = step_finish(flow, err);
        if (status == ST_OK) status = commits_finish(flow, err);
        if (status == ST_OK) status = ST_END;
    }
    flow->busy_us += (uint64_t)(clock_mono_us() - begin);
    return status;
}

Status flow_stop(Flow *flow, Err *err) {
    if (flow->is_sealing) TRY(step_seal(flow, err));
    if (flow->commits && (flow->is_finished || flow->spec.env.is_batch)) return ST_OK;
    if (flow->commits) return flow_commit(flow, err);
    flow->has_ended = true;
    return flow->is_finished ? ST_OK : step_finish(flow, err);
}
