/* graph.c -- makes stages from the nodes of a plan and moves batches and watermarks along their
 * edges.
 *
 * Plan.nodes lists every node once, inputs before users, so a node with several users becomes one
 * stage with several edges, and the order of the stages is the order of flushing. In checked runs a
 * wrapper stands between every operator and its consumers.
 *
 * While a step is small (Flow.is_each) a batch is cut into single changes: consumers are flushed
 * behind each of them, so that one change has gone all the way to the sinks before the next one
 * begins. Then the changelog shows every intermediate answer, as Flink's does without mini-batches.
 * Operators below the versioned side of a join as of event time get every change so in all steps.
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

static Status stage_open(Flow *flow, const OpType *type, const Node *node, const char *name,
                         Stage **out, Err *err) {
    Stage *stage = arena_new(&flow->arena, Stage);
    stage->flow = flow;
    stage->out.deliver = stage_deliver;
    stage->watermark = WATERMARK_NONE;
    stage->env = flow->spec.env;
    stage->env.watermark = WATERMARK_NONE;
    stage->ctx = (OpCtx){.arena = &flow->arena,
                         .scratch = &flow->scratch,
                         .state = flow->state,
                         .name = name,
                         .mem = &flow->mem,
                         .env = &stage->env,
                         .base_dir = flow->spec.base_dir,
                         .watermark = WATERMARK_NONE,
                         .out_watermark = WATERMARK_NONE,
                         .wake_us = INT64_MAX};
    stage->op = arena_zalloc(&flow->arena, type->size);
    stage->op->type = type;
    stage->op->node = node;
    stage->op->id = flow->n_stages;
    flow->stages[flow->n_stages++] = stage; /* before open: what open began must be closed */
    *out = stage;
    return type->open(stage->op, node, &stage->ctx, err);
}

static void stage_connect(Stage *from, Stage *to, uint32_t port) {
    Arena *arena = &to->flow->arena;
    Edge *edges = arena_array(arena, Edge, from->n_edges + 1);
    if (from->n_edges) memcpy(edges, from->edges, sizeof *edges * from->n_edges);
    edges[from->n_edges++] = (Edge){to, port};
    from->edges = edges;
    to->inputs[port] = from;
}

/* Puts a wrapper behind the stage; returns the new end of the chain. */
static Status stage_wrap(Flow *flow, const OpType *type, Stage **end, Err *err) {
    Stage *stage = *end;
    TRY(stage_open(flow, type, stage->op->node, stage->ctx.name, &stage, err));
    stage->is_wrapper = true;
    stage->n_inputs = 1;
    stage->inputs = arena_array(&flow->arena, Stage *, 1);
    stage_connect(*end, stage, 0);
    *end = stage;
    return ST_OK;
}

/* A durable run's operators are called by what they compute, so that the next run, perhaps of an
 * edited query, finds their state. */
static const char *graph_name(Flow *flow, const OpType *type, const Node *node) {
    uint32_t n_same = 0;
    uint64_t meaning;
    if (!flow->spec.kv) return arena_printf(&flow->arena, "%s-%u", type->name, node->id);
    meaning = flow->meanings[node->id];
    for (uint32_t i = 0; i < node->id; i++) n_same += flow->meanings[i] == meaning;
    return n_same
               ? arena_printf(&flow->arena, "%s-%016llx-%u", type->name,
                              (unsigned long long)meaning, n_same)
               : arena_printf(&flow->arena, "%s-%016llx", type->name, (unsigned long long)meaning);
}

/* The stage of a node and its wrappers; ends[node->id] is where its consumers attach. */
static Status graph_add(Flow *flow, const Node *node, Stage **ends, Err *err) {
    const OpType *type = op_for(node);
    Stage *stage;
    const char *name;
    if (!type) {
        FAIL(err, ST_UNSUPPORTED, "0A000", node->pos, "%s is not supported yet",
             node_kind_name(node->kind));
    }
    name = graph_name(flow, type, node);
    TRY(stage_open(flow, type, node, name, &stage, err));
    stage->takes_each = node->keeps_versions && type->flush;
    stage->n_inputs = node_n_streams(node);
    stage->inputs = arena_array(&flow->arena, Stage *, node->n_inputs);
    for (uint32_t port = 0; port < stage->n_inputs; port++)
        stage_connect(ends[node->inputs[port]->id], stage, port);
    ends[node->id] = stage;
    if (node->kind == NODE_SINK) return ST_OK;
    if (flow->spec.shake_seed) {
        TRY(stage_wrap(flow, &op_shake, &ends[node->id], err));
        shake_seed(ends[node->id]->op, flow->spec.shake_seed + node->id);
    }
    if (flow->spec.is_checked) TRY(stage_wrap(flow, &op_check, &ends[node->id], err));
    return ST_OK;
}

/* Who passes rows on leaves the halves of an update together for those who want them so. */
static void graph_join_updates(Flow *flow) {
    for (uint32_t i = flow->n_stages; i-- > 0;) {
        Stage *stage = flow->stages[i];
        if (!(stage->op->type->traits & OP_LINEAR)) continue;
        for (uint32_t k = 0; k < stage->n_edges; k++)
            stage->ctx.takes_updates |= stage->edges[k].to->ctx.takes_updates;
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

Status graph_build(Flow *flow, Err *err) {
    const Plan *plan = flow->spec.plan;
    const bool *is_stream = graph_find_streams(flow);
    Stage **ends = arena_array(&flow->arena, Stage *, plan->n_nodes);
    flow->stages = arena_array(&flow->arena, Stage *, plan->n_nodes * 3);
    flow->feeds = arena_array(&flow->arena, Feed, plan->n_nodes);
    flow->drains = arena_array(&flow->arena, Drain, plan->n_roots);
    if (flow->spec.kv) {
        flow->meanings = arena_array(&flow->arena, uint64_t, plan->n_nodes);
        plan_meanings(plan, flow->meanings);
    }
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        const Node *node = plan->nodes[i];
        if (!is_stream[i]) continue;
        TRY(graph_add(flow, node, ends, err));
        if (node->kind == NODE_SCAN) {
            Feed *feed = &flow->feeds[flow->n_feeds++];
            feed->flow = flow;
            feed->stage = flow->stages[ends[i]->op->id];
            while (feed->stage->is_wrapper) feed->stage = feed->stage->inputs[0];
            feed->stage->feed = feed;
            feed->scan = &node->scan;
        }
        if (node->kind == NODE_SINK) {
            Drain *drain = &flow->drains[flow->n_drains++];
            drain->flow = flow;
            drain->stage = ends[i];
            drain->table = node->sink.table;
        }
    }
    graph_join_updates(flow);
    return ST_OK;
}

void graph_close(Flow *flow) {
    for (uint32_t i = flow->n_stages; i-- > 0;) {
        Op *op = flow->stages[i]->op;
        if (op->type->close) op->type->close(op);
    }
    flow->n_stages = 0;
}

Status graph_feed(Stage *stage, const Batch *decoded, Err *err) {
    Status status;
    int64_t begin = stage->flow->spec.is_profiled ? clock_mono_ns() : 0;
    stage->rows_in += decoded->n_rows;
    status = input_push(stage->op, &stage->ctx, decoded, &stage->out, err);
    if (begin) stage->ns += (uint64_t)(clock_mono_ns() - begin);
    arena_reset(&stage->flow->scratch);
    return status;
}

/* The watermark of a stage's inputs: the minimum over those that are not idle. When all are idle
 * the stage is idle too and its watermark stays. */
static int64_t stage_watermark(Stage *stage) {
    int64_t min = WATERMARK_MAX;
    bool is_held = false;
    if (stage->feed) {
        stage->is_idle = !stage->feed->has_ended && feed_is_idle(stage->feed);
        return input_watermark(stage->op);
    }
    if (!stage->n_inputs) return stage->ctx.watermark;
    for (uint32_t i = 0; i < stage->n_inputs; i++) {
        const Stage *input = stage->inputs[i];
        if (input->is_idle) continue;
        is_held = true;
        if (input->watermark < min) min = input->watermark;
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

Status graph_flush(Flow *flow, Err *err) {
    for (uint32_t i = 0; i < flow->n_stages; i++) {
        TRY(stage_flush(flow->stages[i], err));
        arena_reset(&flow->scratch);
    }
    return ST_OK;
}

void graph_mark_done(Flow *flow) {
    for (uint32_t i = flow->n_stages; i-- > 0;) {
        Stage *stage = flow->stages[i];
        bool is_done = stage->n_edges > 0;
        for (uint32_t k = 0; k < stage->n_edges && is_done; k++)
            is_done = stage->edges[k].to->is_done;
        stage->is_done = stage->ctx.is_done || is_done;
    }
}

int64_t graph_timer_us(const Flow *flow) {
    int64_t first = INT64_MAX;
    for (uint32_t i = 0; i < flow->n_stages; i++)
        if (flow->stages[i]->ctx.wake_us < first) first = flow->stages[i]->ctx.wake_us;
    return first;
}

void graph_begin_step(Flow *flow) {
    for (uint32_t i = 0; i < flow->n_stages; i++) {
        OpCtx *ctx = &flow->stages[i]->ctx;
        ctx->step = flow->step > ctx->step ? flow->step : ctx->step + 1;
        flow->stages[i]->env.now_us = flow->now_us;
        flow->stages[i]->ctx.is_each = flow->is_each;
    }
}
