/* graph.c -- makes stages from the nodes of a plan and moves batches and watermarks along their
 * edges.
 *
 * Plan.nodes lists every node once, inputs before users, so a node with several users becomes
 * one stage with several edges, and the order of the stages is the order of flushing. In checked
 * runs a wrapper stands between every operator and its consumers.
 *
 * Every worker has a graph of its own, and exchanges lead from one to another. They cut the
 * graph into levels: when the workers are threads, what is pushed into an exchange comes out in
 * its flush, one level up, when all of them have flushed the level below. When one thread does
 * the work of all, it comes out at once.
 *
 * While a step is small (Flow.is_each) a batch is cut into single changes: consumers are flushed
 * behind each of them, so that one change has gone all the way to the sinks before the next one
 * begins. Then the changelog shows every intermediate answer, as Flink's does without mini-
 * batches. Operators below the versioned side of a join as of event time get every change so in
 * all steps.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

static Status stage_push(Stage *stage, uint32_t port, const Batch *batch, Err *err) {
    Status status;
    int64_t begin, took;
    stage->rows_in += batch->n_rows;
    if (!stage->flow->spec.is_profiled)
        return stage->op->type->push(stage->op, &stage->ctx, port, batch, &stage->out, err);
    begin = clock_mono_ns();
    status = stage->op->type->push(stage->op, &stage->ctx, port, batch, &stage->out, err);
    took = clock_mono_ns() - begin;
    stage->ns += (uint64_t)took;
    return status;
}

/* Cutting up larger batches, such as all groups of a closed window, would take too long. */
enum { EACH_ROWS = 256 };

/* The changes of a batch one by one, each followed by a flush. The flush sees the watermark of the
 * step before: what waits for time is sent when the graph is flushed. */
static Status stage_push_each(Stage *stage, uint32_t port, const Batch *batch, Err *err) {
    const OpType *type = stage->op->type;
    for (uint32_t i = 0, n; i < batch->n_rows; i += n) {
        uint32_t rows[2] = {batch_row(batch, i), 0};
        Batch one;
        n = 1;
        if (stage->ctx.takes_updates && i + 1 < batch->n_rows) {
            rows[1] = batch_row(batch, i + 1);
            n += batch_weight(batch, rows[0]) < 0 && batch_is_update(batch, rows[0]) &&
                 batch_weight(batch, rows[1]) > 0 && batch_is_update(batch, rows[1]);
        }
        one = n == batch->n_rows ? *batch : batch_select(batch, rows, n);
        TRY(stage_push(stage, port, &one, err));
        if (type->flush) TRY(type->flush(stage->op, &stage->ctx, &stage->out, err));
        stage->ctx.step++;
    }
    return ST_OK;
}

static Status stage_deliver(Out *out, const Batch *batch, Err *err) {
    Stage *stage = (Stage *)out;
    int64_t begin = stage->flow->spec.is_profiled ? clock_mono_ns() : 0;
    bool is_each = stage->flow->is_each && batch->n_rows <= EACH_ROWS;
    stage->rows_out += batch->n_rows;
    for (uint32_t i = 0; i < stage->n_edges; i++) {
        const Edge *edge = &stage->edges[i];
        TRY(is_each || edge->to->takes_each ? stage_push_each(edge->to, edge->port, batch, err)
                                            : stage_push(edge->to, edge->port, batch, err));
    }
    if (begin) stage->child_ns += (uint64_t)(clock_mono_ns() - begin);
    return ST_OK;
}

static Status stage_open(Worker *worker, const OpType *type, const Node *node, const char *name,
                         Mem *mem, Stage **out, Err *err) {
    Flow *flow = worker->flow;
    Stage *stage = arena_new(worker->arena, Stage);
    stage->flow = flow;
    stage->worker = worker;
    stage->out.deliver = stage_deliver;
    stage->watermark = WATERMARK_NONE;
    stage->env = flow->spec.env;
    stage->env.watermark = WATERMARK_NONE;
    stage->env.rand_state += worker->id;
    stage->ctx = (OpCtx){.arena = worker->arena,
                         .scratch = worker->scratch,
                         .state = worker->state,
                         .name = name,
                         .mem = mem,
                         .order = &worker->order,
                         .env = &stage->env,
                         .base_dir = flow->spec.base_dir,
                         .watermark = WATERMARK_NONE,
                         .out_watermark = WATERMARK_NONE,
                         .wake_us = INT64_MAX};
    stage->op = arena_zalloc(worker->arena, type->size);
    stage->op->type = type;
    stage->op->node = node;
    stage->op->id = worker->n_stages;
    worker->stages[worker->n_stages++] = stage; /* before open: what open began must be closed */
    *out = stage;
    return type->open(stage->op, node, &stage->ctx, err);
}

static void stage_connect(Stage *from, Stage *to, uint32_t port) {
    Arena *arena = to->worker->arena;
    Edge *edges = arena_array(arena, Edge, from->n_edges + 1);
    if (from->n_edges) memcpy(edges, from->edges, sizeof *edges * from->n_edges);
    edges[from->n_edges++] = (Edge){to, port};
    from->edges = edges;
    to->inputs[port] = from;
}

/* Puts a wrapper behind the stage; returns the new end of the chain. */
static Status stage_wrap(Worker *worker, const OpType *type, Stage **end, Err *err) {
    Stage *stage = *end;
    TRY(stage_open(worker, type, stage->op->node, stage->ctx.name, worker->mem, &stage, err));
    stage->is_wrapper = true;
    stage->level = (*end)->level;
    stage->n_inputs = 1;
    stage->inputs = arena_array(worker->arena, Stage *, 1);
    stage_connect(*end, stage, 0);
    *end = stage;
    return ST_OK;
}

/* A durable run's operators are called by what they compute, so that the next run, perhaps of an
 * edited query, finds their state. */
static const char *graph_name(Worker *worker, const OpType *type, const Node *node) {
    const Flow *flow = worker->flow;
    Arena *arena = worker->arena;
    uint32_t n_same = 0;
    uint64_t meaning;
    if (!flow->spec.kv) return arena_printf(arena, "%s-%u", type->name, node->id);
    /* A scan's place in the input does not depend on what is read of it. */
    if (node->kind == NODE_SCAN) {
        Span table = node->scan.table->name;
        for (uint32_t i = 0; i < node->id; i++)
            n_same += flow->spec.plan->nodes[i]->kind == NODE_SCAN &&
                      span_eq(flow->spec.plan->nodes[i]->scan.table->name, table);
        return arena_printf(arena, "%s-" SPAN_FMT "-%u", type->name, SPAN_ARG(table), n_same);
    }
    meaning = flow->meanings[node->id];
    for (uint32_t i = 0; i < node->id; i++) n_same += flow->meanings[i] == meaning;
    return n_same ? arena_printf(arena, "%s-%016llx-%u", type->name, (unsigned long long)meaning,
                                 n_same)
                  : arena_printf(arena, "%s-%016llx", type->name, (unsigned long long)meaning);
}

static uint32_t graph_n_wrappers(const FlowSpec *spec, const Node *node) {
    return node->kind == NODE_SINK ? 0u : (uint32_t)(spec->shake_seed != 0) + spec->is_checked;
}

static uint32_t graph_level(const Node *node, const uint32_t *levels) {
    uint32_t level = 0;
    for (uint32_t i = 0; i < node->n_inputs; i++)
        if (levels[node->inputs[i]->id] > level) level = levels[node->inputs[i]->id];
    return level + (node->kind == NODE_EXCHANGE);
}

/* The stage of a node and its wrappers; ends[node->id] is where its consumers attach. */
static Status graph_add(Worker *worker, const Node *node, Stage **ends, uint32_t level, Err *err) {
    const FlowSpec *spec = &worker->flow->spec;
    const OpType *type = op_for(node);
    Mem *mem = worker->mem;
    Stage *stage;
    const char *name;
    if (!type) {
        FAIL(err, ST_UNSUPPORTED, "0A000", node->pos, "%s is not supported yet",
             node_kind_name(node->kind));
    }
    if (node->is_single && worker->id) {
        worker->n_stages += 1 + graph_n_wrappers(spec, node);
        return ST_OK;
    }
    /* Whoever has the turn moves the clocks of splits. */
    if (node->kind == NODE_SCAN && worker->flow->n_workers > 1) mem = arena_new(worker->arena, Mem);
    name = graph_name(worker, type, node);
    TRY(stage_open(worker, type, node, name, mem, &stage, err));
    stage->level = level;
    /* What an exchange has been pushed waits for all workers. */
    stage->takes_each = node->keeps_versions && type->flush && node->kind != NODE_EXCHANGE;
    stage->n_inputs = node_n_streams(node);
    stage->inputs = arena_array(worker->arena, Stage *, node->n_inputs);
    for (uint32_t port = 0; port < stage->n_inputs; port++)
        if (ends[node->inputs[port]->id]) stage_connect(ends[node->inputs[port]->id], stage, port);
    ends[node->id] = stage;
    if (node->kind == NODE_SINK) return ST_OK;
    if (spec->shake_seed) {
        TRY(stage_wrap(worker, &op_shake, &ends[node->id], err));
        shake_seed(ends[node->id]->op, spec->shake_seed + node->id + 1000 * worker->id);
    }
    if (spec->is_checked) TRY(stage_wrap(worker, &op_check, &ends[node->id], err));
    return ST_OK;
}

/* Who passes rows on leaves the halves of an update together for those who want them so. */
static void graph_join_updates(Flow *flow) {
    for (uint32_t i = flow->workers[0].n_stages; i-- > 0;) {
        bool takes = false;
        for (uint32_t w = 0; w < flow->n_workers; w++) {
            const Stage *stage = flow->workers[w].stages[i];
            if (!stage || !(stage->op->type->traits & OP_LINEAR)) continue;
            for (uint32_t k = 0; k < stage->n_edges; k++)
                takes |= stage->edges[k].to->ctx.takes_updates;
        }
        for (uint32_t w = 0; w < flow->n_workers; w++)
            if (flow->workers[w].stages[i]) flow->workers[w].stages[i]->ctx.takes_updates |= takes;
    }
}

/* Which nodes give a stream; a table that is only looked up is the join's own business. */
static bool *graph_find_streams(Flow *flow) {
    const Plan *plan = flow->spec.plan;
    bool *is_stream = arena_array(&flow->arena, bool, plan->n_nodes);
    for (uint32_t i = plan->n_nodes; i-- > 0;) {
        const Node *node = plan->nodes[i];
        if (node->kind == NODE_SINK) is_stream[i] = true;
        for (uint32_t k = 0; k < node_n_streams(node) && is_stream[i]; k++)
            is_stream[node->inputs[k]->id] = true;
    }
    return is_stream;
}

static void graph_add_feed(Flow *flow, const Node *node, uint32_t at) {
    Feed *feed = &flow->feeds[flow->n_feeds++];
    feed->flow = flow;
    feed->scan = &node->scan;
    feed->stages = arena_array(&flow->arena, Stage *, flow->n_workers);
    for (uint32_t w = 0; w < flow->n_workers; w++) {
        feed->stages[w] = flow->workers[w].stages[at];
        if (feed->stages[w]) feed->stages[w]->feed = feed;
    }
    feed->stage = feed->stages[0];
}

/* The exchanges of a node learn of each other. */
static void graph_link(Flow *flow, uint32_t at) {
    Op **peers = arena_array(&flow->arena, Op *, flow->n_workers);
    Out **outs = arena_array(&flow->arena, Out *, flow->n_workers);
    for (uint32_t w = 0; w < flow->n_workers; w++) {
        peers[w] = flow->workers[w].stages[at]->op;
        outs[w] = &flow->workers[w].stages[at]->out;
    }
    for (uint32_t w = 0; w < flow->n_workers; w++)
        exchange_set(peers[w], peers, outs, flow->n_workers, w);
}

Status graph_build(Flow *flow, Err *err) {
    const Plan *plan = flow->spec.plan;
    const bool *is_stream = graph_find_streams(flow);
    uint32_t *levels = arena_array(&flow->arena, uint32_t, plan->n_nodes);
    uint32_t *at = arena_array(&flow->arena, uint32_t, plan->n_nodes);
    flow->feeds = arena_array(&flow->arena, Feed, plan->n_nodes);
    flow->drains = arena_array(&flow->arena, Drain, plan->n_roots);
    flow->n_levels = 1;
    if (flow->spec.kv) {
        flow->meanings = arena_array(&flow->arena, uint64_t, plan->n_nodes);
        plan_meanings(plan, flow->meanings);
    }
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        levels[i] = graph_level(plan->nodes[i], levels);
        if (levels[i] >= flow->n_levels) flow->n_levels = levels[i] + 1;
    }
    for (uint32_t w = 0; w < flow->n_workers; w++) {
        Worker *worker = &flow->workers[w];
        Stage **ends = arena_array(worker->arena, Stage *, plan->n_nodes);
        worker->stages = arena_array(worker->arena, Stage *, plan->n_nodes * 3);
        for (uint32_t i = 0; i < plan->n_nodes; i++) {
            at[i] = worker->n_stages;
            if (is_stream[i]) TRY(graph_add(worker, plan->nodes[i], ends, levels[i], err));
        }
    }
    graph_join_updates(flow);
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        const Node *node = plan->nodes[i];
        if (!is_stream[i]) continue;
        if (node->kind == NODE_SCAN) graph_add_feed(flow, node, at[i]);
        if (node->kind == NODE_EXCHANGE) graph_link(flow, at[i]);
        if (node->kind == NODE_SINK) {
            Drain *drain = &flow->drains[flow->n_drains++];
            drain->flow = flow;
            drain->stage = flow->workers[0].stages[at[i]];
            drain->table = node->sink.table;
        }
    }
    return ST_OK;
}

void graph_close(Flow *flow) {
    for (uint32_t w = flow->n_workers; w-- > 0;) {
        Worker *worker = &flow->workers[w];
        for (uint32_t i = worker->n_stages; i-- > 0;) {
            Op *op = worker->stages[i] ? worker->stages[i]->op : NULL;
            if (op && op->type->close) op->type->close(op);
        }
        worker->n_stages = 0;
    }
}

/* The outermost push or flush has returned. */
static void graph_reset_scratch(Worker *worker) {
    Flow *flow = worker->flow;
    if (!flow->is_alone)
        arena_reset(worker->scratch);
    else
        for (uint32_t w = 0; w < flow->n_workers; w++) arena_reset(flow->workers[w].scratch);
}

Status graph_feed(Stage *stage, Batch *decoded, const InputClock *clock, Err *err) {
    Status status;
    int64_t begin = stage->flow->spec.is_profiled ? clock_mono_ns() : 0;
    stage->rows_in += decoded->n_rows;
    status = clock ? input_rows(stage->op, &stage->ctx, decoded, clock, &stage->out, err)
                   : input_push(stage->op, &stage->ctx, decoded, &stage->out, err);
    if (begin) stage->ns += (uint64_t)(clock_mono_ns() - begin);
    graph_reset_scratch(stage->worker);
    return status;
}

/* An input (NULL: not here) that is not idle holds the watermark back. */
static void stage_lower(const Stage *input, int64_t *min, bool *is_held) {
    if (!input || input->is_idle) return;
    *is_held = true;
    if (input->watermark < *min) *min = input->watermark;
}

/* The watermark of a stage's inputs, of an exchange's in all workers: the minimum over those
 * that are not idle. When all are idle the stage is idle too and its watermark stays. */
static int64_t stage_watermark(Stage *stage) {
    int64_t min = WATERMARK_MAX;
    bool is_held = false;
    if (stage->feed) {
        stage->is_idle = stage->feed->is_idle;
        return stage->feed->watermark;
    }
    if (!stage->n_inputs) return stage->ctx.watermark;
    if (stage->op->node->kind == NODE_EXCHANGE && !stage->is_wrapper) {
        const Worker *workers = stage->flow->workers;
        for (uint32_t w = 0; w < stage->flow->n_workers; w++)
            stage_lower(workers[w].stages[stage->op->id]->inputs[0], &min, &is_held);
    } else {
        for (uint32_t i = 0; i < stage->n_inputs; i++)
            stage_lower(stage->inputs[i], &min, &is_held);
    }
    stage->is_idle = !is_held;
    return is_held && min > stage->ctx.watermark ? min : stage->ctx.watermark;
}

static Status stage_flush(Stage *stage, Err *err) {
    const OpType *type = stage->op->type;
    int64_t begin = stage->flow->spec.is_profiled ? clock_mono_ns() : 0;
    stage->ctx.watermark = stage_watermark(stage);
    stage->ctx.out_watermark = stage->ctx.watermark;
    stage->env.watermark = stage->ctx.watermark;
    if (stage->ctx.wake_us <= stage->flow->now_us) stage->ctx.wake_us = INT64_MAX;
    if (type->flush) TRY(type->flush(stage->op, &stage->ctx, &stage->out, err));
    if (stage->ctx.out_watermark > stage->watermark) stage->watermark = stage->ctx.out_watermark;
    if (begin) stage->ns += (uint64_t)(clock_mono_ns() - begin);
    return ST_OK;
}

Status graph_flush(Worker *worker, uint32_t level, Err *err) {
    worker->order = ORDER_LAST;
    for (uint32_t i = 0; i < worker->n_stages; i++) {
        Stage *stage = worker->stages[i];
        if (!stage || stage->level != level) continue;
        TRY(stage_flush(stage, err));
        arena_reset(worker->scratch);
    }
    return ST_OK;
}

Status graph_flush_all(Flow *flow, Err *err) {
    for (uint32_t i = 0; i < flow->workers[0].n_stages; i++) {
        for (uint32_t w = 0; w < flow->n_workers; w++) {
            Stage *stage = flow->workers[w].stages[i];
            if (!stage) continue;
            TRY(stage_flush(stage, err));
            graph_reset_scratch(&flow->workers[w]);
        }
    }
    return ST_OK;
}

void graph_read_clocks(Flow *flow) {
    for (uint32_t i = 0; i < flow->n_feeds; i++) {
        Feed *feed = &flow->feeds[i];
        feed->is_idle = !feed->has_ended && feed_is_idle(feed);
        feed->watermark = input_watermark(feed->stage->op);
    }
}

/* Needs nobody behind the stage more, in any worker? */
static bool graph_is_done(const Flow *flow, uint32_t at) {
    bool is_done = false;
    for (uint32_t w = 0; w < flow->n_workers; w++) {
        const Stage *stage = flow->workers[w].stages[at];
        if (!stage || (!stage->n_edges && !stage->ctx.is_done)) continue;
        is_done = true;
        for (uint32_t k = 0; k < stage->n_edges && !stage->ctx.is_done; k++)
            if (!stage->edges[k].to->is_done) return false;
    }
    return is_done;
}

void graph_mark_done(Flow *flow) {
    for (uint32_t i = flow->workers[0].n_stages; i-- > 0;) {
        bool is_done = graph_is_done(flow, i);
        for (uint32_t w = 0; w < flow->n_workers; w++) {
            Stage *stage = flow->workers[w].stages[i];
            if (stage) stage->is_done = is_done;
        }
    }
}

int64_t graph_timer_us(const Flow *flow) {
    int64_t first = INT64_MAX;
    for (uint32_t w = 0; w < flow->n_workers; w++) {
        const Worker *worker = &flow->workers[w];
        for (uint32_t i = 0; i < worker->n_stages; i++)
            if (worker->stages[i] && worker->stages[i]->ctx.wake_us < first)
                first = worker->stages[i]->ctx.wake_us;
    }
    return first;
}

void graph_begin_step(Flow *flow) {
    flow->round++;
    for (uint32_t w = 0; w < flow->n_workers; w++) {
        Worker *worker = &flow->workers[w];
        for (uint32_t i = 0; i < worker->n_stages; i++) {
            Stage *stage = worker->stages[i];
            if (!stage) continue;
            stage->ctx.step = flow->step > stage->ctx.step ? flow->step : stage->ctx.step + 1;
            stage->ctx.round = flow->round;
            stage->ctx.is_each = flow->is_each;
            stage->ctx.is_alone = flow->is_alone;
            stage->env.now_us = flow->now_us;
        }
    }
}
