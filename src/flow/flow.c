/* flow.c -- opening and closing a flow, what it waits for, and its statistics.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

static Status flow_open_ends(Flow *flow, Err *err) {
    for (uint32_t i = 0; i < flow->n_drains; i++) TRY(drain_open(&flow->drains[i], err));
    for (uint32_t i = 0; i < flow->n_feeds; i++) {
        flow->feeds[i].begun_us = flow->now_us;
        TRY(feed_open(&flow->feeds[i], err));
    }
    return commits_opened(flow, err);
}

/* The first worker shares the flow's memory. */
static void flow_add_workers(Flow *flow) {
    const FlowSpec *spec = &flow->spec;
    uint32_t n = flow->spec.plan->n_workers;
    flow->n_workers = n ? n : 1;
    flow->workers = arena_array(&flow->arena, Worker, flow->n_workers);
    for (uint32_t w = 0; w < flow->n_workers; w++) {
        Worker *worker = &flow->workers[w];
        worker->flow = flow;
        worker->id = w;
        worker->own_mem.limit = flow->spec.memory_limit;
        worker->mem = w ? &worker->own_mem : &flow->mem;
        worker->arena = w ? &worker->own_arena : &flow->arena;
        worker->scratch = w ? &worker->own_scratch : &flow->scratch;
        arena_init(&worker->own_arena, worker->mem);
        arena_init(&worker->own_scratch, worker->mem);
        worker->state = state_new(worker->mem);
        if (spec->kv)
            state_make_durable(worker->state, hash_bytes(spec->job, strlen(spec->job), w));
    }
}

Status flow_open(const FlowSpec *spec, Flow **out, Err *err) {
    Flow *flow = mem_zalloc(NULL, sizeof *flow);
    Status status;
    flow->spec = *spec;
    flow->mem.limit = spec->memory_limit;
    flow->now_us = spec->now_us(spec->ctx);
    arena_init(&flow->arena, &flow->mem);
    arena_init(&flow->scratch, &flow->mem);
    flow_add_workers(flow);
    flow->dead = arena_array(&flow->arena, struct DeadLetters *, spec->plan->n_nodes);
    status = graph_build(flow, err);
    if (status == ST_OK) status = commits_open(flow, err);
    if (status == ST_OK) status = flow_open_ends(flow, err);
    if (status != ST_OK) {
        flow_close(flow);
        return status;
    }
    *out = flow;
    return ST_OK;
}

/* ---- closing ---- */

static void flow_close_parts(Flow *flow) {
    crew_close(flow);
    commits_close(flow);
    for (uint32_t i = 0; i < flow->n_feeds; i++)
        if (flow->feeds[i].table) feed_close(&flow->feeds[i]);
    graph_close(flow);
    for (uint32_t i = 0; i < flow->n_drains; i++) drain_close(&flow->drains[i]);
    for (uint32_t i = 0; i < flow->n_dead; i++) dead_letters_close(flow->dead[i]);
    for (uint32_t w = 0; w < flow->n_workers; w++) {
        state_free(flow->workers[w].state);
        arena_deinit(&flow->workers[w].own_scratch);
        arena_deinit(&flow->workers[w].own_arena);
    }
    arena_deinit(&flow->scratch);
    arena_deinit(&flow->arena);
    flow->n_feeds = flow->n_workers = flow->n_drains = flow->n_dead = 0;
}

void flow_release(Flow *flow) {
    FlowOpStats op;
    Buf detail;
    if (flow->is_released) return;
    flow_stats(flow, &flow->last);
    buf_init(&detail, NULL);
    arena_init(&flow->kept, &flow->mem);
    flow->kept_ops = arena_array(&flow->kept, FlowOpStats, flow->workers[0].n_stages);
    for (uint32_t i = 0; flow_op(flow, i, &detail, &op); i++) {
        op.detail = arena_strdup(&flow->kept, op.detail);
        flow->kept_ops[flow->n_kept_ops++] = op;
    }
    buf_deinit(&detail);
    flow_close_parts(flow);
    flow->is_released = true;
}

void flow_close(Flow *flow) {
    if (!flow) return;
    if (flow->is_released)
        arena_deinit(&flow->kept);
    else
        flow_close_parts(flow);
    mem_free(NULL, flow, sizeof *flow);
}

/* ---- waiting ---- */

static void flow_wants_timer(const Flow *flow, int64_t at_us, int64_t *until_us) {
    int64_t now = flow->spec.now_us(flow->spec.ctx);
    int64_t due;
    if (at_us == INT64_MAX) return;
    due = clock_mono_us() + (at_us > now ? at_us - now : 0);
    if (due < *until_us) *until_us = due;
}

uint32_t flow_wants(Flow *flow, WaitFd *fds, uint32_t cap, int64_t *until_us) {
    uint32_t n = 0;
    if (commits_due_us(flow) < *until_us) *until_us = commits_due_us(flow);
    for (uint32_t i = 0; i < flow->n_drains && n < cap; i++) {
        const Sink *sink = flow->drains[i].sink;
        int fd = flow->drains[i].is_pending && sink->type->sink->wake_fd
                     ? sink->type->sink->wake_fd(sink)
                     : -1;
        if (fd >= 0)
            fds[n++] = (WaitFd){.fd = fd, .want_write = !sink->type->sink->wakes_by_reading};
    }
    if (flow->is_sealing || flow->has_ended) {
        /* Without a descriptor: again soon. now_us is the last step's, which may be long ago. */
        if (!n) flow_wants_timer(flow, flow->spec.now_us(flow->spec.ctx) + 10000, until_us);
        return n;
    }
    for (uint32_t i = 0; i < flow->n_feeds && n < cap; i++) {
        const Feed *feed = &flow->feeds[i];
        const SourceType *type = feed->source->type->source;
        int fd = !feed->has_ended && type->wake_fd ? type->wake_fd(feed->source) : -1;
        int64_t at = !feed->has_ended && type->wake_us ? type->wake_us(feed->source) : INT64_MAX;
        if (fd >= 0) fds[n++] = (WaitFd){.fd = fd};
        if (at < *until_us) *until_us = at;
        flow_wants_timer(flow, feed_idle_at(feed), until_us);
    }
    flow_wants_timer(flow, graph_timer_us(flow), until_us);
    if (drains_wake_us(flow) < *until_us) *until_us = drains_wake_us(flow);
    return n;
}

/* ---- statistics ---- */

static void flow_add_mem(const Mem *mem, FlowStats *out) {
    out->memory += mem->used;
    out->memory_peak += mem->peak;
    out->allocations += mem->n_allocs;
}

static void flow_add_worker(const Worker *worker, FlowStats *out) {
    if (worker->id) flow_add_mem(worker->mem, out);
    for (uint32_t i = 0; i < worker->n_stages; i++)
        if (worker->stages[i]) out->rows_late += worker->stages[i]->ctx.n_late;
}

void flow_stats(const Flow *flow, FlowStats *out) {
    if (flow->is_released) {
        *out = flow->last;
        out->memory = flow->mem.used;
        return;
    }
    *out = (FlowStats){.rows_bad = flow->rows_bad,
                       .rows_dead = flow->rows_dead,
                       .rows_dropped = flow->rows_dropped,
                       .steps = flow->step,
                       .busy_us = flow->busy_us,
                       .memory = flow->mem.used,
                       .memory_peak = flow->mem.peak,
                       .allocations = flow->mem.n_allocs};
    for (uint32_t i = 0; i < flow->n_feeds; i++) {
        const Feed *feed = &flow->feeds[i];
        uint64_t done = 0, total = 0;
        out->rows_in += feed->rows_in;
        out->bytes_in += feed->bytes_in;
        flow_add_mem(&feed->own_mem, out);
        if (!feed->source || !feed->source->type->source->progress) continue;
        if (!feed->source->type->source->progress(feed->source, &done, &total)) continue;
        out->progress_done += done;
        out->progress_total += total;
    }
    for (uint32_t i = 0; i < flow->n_drains; i++) out->rows_out += flow->drains[i].rows_out;
    for (uint32_t w = 0; w < flow->n_workers; w++) flow_add_worker(&flow->workers[w], out);
}

bool flow_bad(const Flow *flow, uint32_t index, const char **reason, uint64_t *count) {
    if (index >= flow->n_bad_reasons) return false;
    *reason = flow->bad[index].text;
    *count = flow->bad[index].n;
    return true;
}

bool flow_op(const Flow *flow, uint32_t index, Buf *detail, FlowOpStats *out) {
    const Worker *first = flow->workers;
    if (flow->is_released) {
        if (index < flow->n_kept_ops) *out = flow->kept_ops[index];
        return index < flow->n_kept_ops;
    }
    for (uint32_t i = 0; i < first->n_stages; i++) {
        const Stage *stage = first->stages[i];
        if (!stage || stage->is_wrapper || index--) continue;
        buf_reset(detail);
        if (stage->op->type->explain) stage->op->type->explain(stage->op, detail);
        *out = (FlowOpStats){.name = stage->op->type->name,
                             .node_id = stage->op->node->id,
                             .detail = buf_cstr(detail),
                             .watermark = stage->watermark};
        for (uint32_t w = 0; w < flow->n_workers; w++) {
            stage = flow->workers[w].stages[i];
            if (!stage) continue;
            out->rows_in += stage->rows_in;
            out->rows_out += stage->rows_out;
            out->ns += stage->ns > stage->child_ns ? stage->ns - stage->child_ns : 0;
        }
        return true;
    }
    return false;
}
