/* two_phase.c -- window aggregates in two phases: each worker aggregates the rows that it has, one
 * row a window (and key) changes workers, and a second aggregate adds those up.
 *
 * So a window without keys, or a key that half of all rows have, does not wait for one worker. The
 * second phase is an aggregate over windows that were assigned before; both close them at the same
 * watermark, so the answer comes when it would come in one phase, and is the same: sums of floats,
 * whose order matters, and DISTINCT are left in one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

/* The aggregate that adds up what this one gives; NULL: there is none. */
static const char *two_phase_final(const AggCall *call) {
    static const char *const pairs[][2] = {
        {"COUNT", "SUM0"}, {"SUM0", "SUM0"}, {"SUM", "SUM"}, {"MIN", "MIN"}, {"MAX", "MAX"}};
    Phys phys = type_phys(call->type);
    if (call->is_distinct) return NULL;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (strcmp(call->agg->name, pairs[i][0]) != 0) continue;
        if (pairs[i][1][0] == 'S' && (phys == PHYS_F32 || phys == PHYS_F64)) return NULL;
        return pairs[i][1];
    }
    return NULL;
}

bool two_phase_fits(const Node *node) {
    const WindowSpec *window = &node->agg.window;
    if (node->kind != NODE_WINDOW_AGG || node->agg.n_grouping_sets || window->is_proctime ||
        (window->kind == WINDOW_SESSION && !window->is_attached) || !node->inputs[0]->is_append ||
        !node->agg.n_calls)
        return false;
    for (uint32_t i = 0; i < node->agg.n_calls; i++)
        if (!two_phase_final(&node->agg.calls[i])) return false;
    return true;
}

static const Type *two_phase_bound(const Node *node, char which) {
    const WindowSpec *window = &node->agg.window;
    const char *cols = node->agg.window_cols ? node->agg.window_cols : "";
    const char *at = strchr(cols, which);
    uint32_t first = node->agg.n_keys + node->agg.n_calls;
    if (at) return node->schema.fields[first + (uint32_t)(at - cols)].type;
    if (!window->is_attached) return &type_timestamp3;
    return node->inputs[0]->schema.fields[which == 's' ? window->start_col : window->end_col].type;
}

Node *two_phase_local(Arena *arena, const Node *node) {
    Node *local = node_copy(arena, node);
    uint32_t n = node->agg.n_keys + node->agg.n_calls;
    Field *fields = arena_array(arena, Field, n + 2);
    memcpy(fields, node->schema.fields, sizeof *fields * n);
    fields[n] = (Field){SPAN("window_start"), two_phase_bound(node, 's')};
    fields[n + 1] = (Field){SPAN("window_end"), two_phase_bound(node, 'e')};
    local->schema = (Schema){n + 2, fields};
    local->agg.window_cols = "se";
    node_properties(arena, local);
    return local;
}

bool two_phase_global(Arena *arena, Node *node, Node *in) {
    uint32_t n_keys = node->agg.n_keys, n = node->agg.n_keys + node->agg.n_calls;
    Expr **keys = arena_array(arena, Expr *, n_keys);
    AggCall *calls = arena_array(arena, AggCall, node->agg.n_calls);
    Err err = ERR_INIT;
    for (uint32_t i = 0; i < n_keys; i++) keys[i] = node_column(arena, in, i, -1);
    for (uint32_t i = 0; i < node->agg.n_calls; i++) {
        const AggCall *call = &node->agg.calls[i];
        Expr **args = arena_array(arena, Expr *, 1);
        args[0] = node_column(arena, in, n_keys + i, call->pos);
        if (agg_bind(arena, span_of(two_phase_final(call)), args, 1, false, true, call->pos,
                     &calls[i], &err) != ST_OK ||
            !type_eq(calls[i].type, call->type))
            return false;
        calls[i].type = call->type;
    }
    node->inputs[0] = in;
    node->exprs = keys;
    node->n_exprs = n_keys;
    node->agg.calls = calls;
    node->agg.window.is_attached = true;
    node->agg.window.start_col = n;
    node->agg.window.end_col = node->agg.window.time_col = n + 1;
    return true;
}
