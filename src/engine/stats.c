/* stats.c -- what a query did: totals, bad records by reason, operators.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

void weir_query_stats(const weir_query *query, weir_stats *stats) {
    FlowStats flow;
    int64_t end = query->state == WEIR_QUERY_RUNNING ? clock_mono_us() : query->ended_us;
    flow_stats(query->flow, &flow);
    *stats = (weir_stats){.rows_in = flow.rows_in,
                          .rows_out = flow.rows_out,
                          .rows_late = flow.rows_late,
                          .rows_bad = flow.rows_bad,
                          .rows_dead = flow.rows_dead,
                          .rows_dropped = flow.rows_dropped,
                          .bytes_in = flow.bytes_in,
                          .steps = flow.steps,
                          .busy_us = flow.busy_us,
                          .elapsed_us = (uint64_t)(end - query->started_us),
                          .memory = flow.memory + query->mem.used,
                          .memory_peak = flow.memory_peak + query->mem.peak,
                          .allocations = flow.allocations,
                          .progress_done = flow.progress_done,
                          .progress_total = flow.progress_total};
}

bool weir_query_bad(const weir_query *query, size_t index, const char **reason, uint64_t *count) {
    return index < UINT32_MAX && flow_bad(query->flow, (uint32_t)index, reason, count);
}

bool weir_query_op(const weir_query *query, size_t index, weir_op_stats *stats) {
    FlowOpStats flow;
    Buf *detail = &((Query *)query)->detail; /* scratch: the answer lives until the next call */
    if (index >= UINT32_MAX || !flow_op(query->flow, (uint32_t)index, detail, &flow)) return false;
    *stats = (weir_op_stats){.id = flow.node_id,
                             .name = flow.name,
                             .detail = flow.detail,
                             .rows_in = flow.rows_in,
                             .rows_out = flow.rows_out,
                             .ns = flow.ns,
                             .watermark = flow.watermark};
    return true;
}
