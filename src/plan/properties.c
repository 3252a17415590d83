/* properties.c -- what is known of a node's output: does it retract, does it end, which column
 * carries the watermark, which columns are a key, which are the bounds of windows. Each from the
 * inputs' own.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

static int32_t prop_find_rowtime(const Schema *schema) {
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (type_is_rowtime(schema->fields[i].type)) return (int32_t)i;
    }
    return COLUMN_NONE;
}

static void prop_key(Arena *arena, Node *node, const uint32_t *key, uint32_t n) {
    uint32_t *copy = arena_array(arena, uint32_t, n);
    if (n) memcpy(copy, key, n * sizeof *copy);
    node->key = copy;
    node->n_key = n;
}

static void prop_key_range(Arena *arena, Node *node, uint32_t n) {
    uint32_t *key = arena_array(arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) key[i] = i;
    node->key = key;
    node->n_key = n;
}

/* Properties that pass through: the output begins with the input's columns. */
static void prop_inherit(Node *node, const Node *in) {
    node->is_append = in->is_append;
    node->is_bounded = in->is_bounded;
    node->key = in->key;
    node->n_key = in->n_key;
    node->in_window = in->in_window;
}

/* ---- by kind ---- */

/* Connectors whose rows may be deletions have an option that says so. */
static bool prop_scan_is_append(const ScanSpec *scan) {
    const Table *table = scan->table;
    if (table->format && (table->format->traits & FORMAT_CHANGELOG)) return false;
    if (table->conn && (table->conn->traits & CONN_UPSERT)) return false;
    for (const OptionSpec *spec = table->conn ? table->conn->options : NULL; spec && spec->name;
         spec++) {
        if (strcmp(spec->name, "changelog") == 0) return !opt_bool(scan->options, "changelog");
    }
    return true;
}

static void prop_scan(Arena *arena, Node *node) {
    const ScanSpec *scan = &node->scan;
    const ConnType *conn = scan->table->conn;
    node->is_append = prop_scan_is_append(scan);
    node->is_bounded = conn && conn->is_bounded && conn->is_bounded(scan->options);
    /* A declared key is a promise of the source; it holds for the folded result of a changelog
     * only. */
    if (!node->is_append && scan->table->n_key_cols) {
        uint32_t *key = arena_array(arena, uint32_t, scan->table->n_key_cols);
        uint32_t n = 0;
        for (uint32_t i = 0; i < scan->table->n_key_cols; i++) {
            Span name = scan->table->columns[scan->table->key_cols[i]].name;
            int32_t col = schema_find(&node->schema, name);
            if (col >= 0) key[n++] = (uint32_t)col;
        }
        if (n == scan->table->n_key_cols) prop_key(arena, node, key, n);
    }
}

/* Where a plain reference to the input's column `col` stands in the projection, or -1. */
static int32_t prop_projected(const Node *node, int32_t col) {
    for (uint32_t i = 0; i < node->n_exprs && col >= 0; i++) {
        if (node->exprs[i]->kind == EXPR_COLUMN && node->exprs[i]->column == (uint32_t)col) {
            return (int32_t)i;
        }
    }
    return COLUMN_NONE;
}

static void prop_project(Arena *arena, Node *node) {
    const Node *in = node->inputs[0];
    uint32_t *key = arena_array(arena, uint32_t, in->n_key);
    bool has_key = in->key != NULL;
    prop_inherit(node, in);
    node->key = NULL;
    node->n_key = 0;
    node->in_window = NULL;
    for (uint32_t i = 0; i < in->n_key && has_key; i++) {
        int32_t col = prop_projected(node, (int32_t)in->key[i]);
        has_key = col >= 0;
        if (has_key) key[i] = (uint32_t)col;
    }
    if (has_key) prop_key(arena, node, key, in->n_key);
    if (in->in_window) {
        NodeWindow *window = arena_new(arena, NodeWindow);
        *window = *in->in_window;
        window->start_col = prop_projected(node, in->in_window->start_col);
        window->end_col = prop_projected(node, in->in_window->end_col);
        window->time_col = prop_projected(node, in->in_window->time_col);
        node->in_window = window;
    }
}

static void prop_union(Node *node) {
    node->is_append = node->is_bounded = true;
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        node->is_append &= node->inputs[i]->is_append;
        node->is_bounded &= node->inputs[i]->is_bounded;
    }
}

static void prop_window(Arena *arena, Node *node) {
    NodeWindow *window = arena_new(arena, NodeWindow);
    uint32_t n = node->inputs[0]->schema.n_fields;
    prop_inherit(node, node->inputs[0]);
    node->key = NULL; /* HOP and CUMULATE repeat rows */
    node->n_key = 0;
    *window = (NodeWindow){.spec = node->window,
                           .start_col = (int32_t)n,
                           .end_col = (int32_t)n + 1,
                           .time_col = (int32_t)n + 2};
    node->in_window = window;
}

static void prop_window_agg(Arena *arena, Node *node) {
    const char *cols = node->agg.window_cols ? node->agg.window_cols : "";
    uint32_t first = node->agg.n_keys + node->agg.n_calls;
    NodeWindow *window = arena_new(arena, NodeWindow);
    uint32_t *key = arena_array(arena, uint32_t, node->agg.n_keys + 1);
    *window = (NodeWindow){.spec = node->agg.window,
                           .start_col = -1,
                           .end_col = -1,
                           .time_col = -1,
                           .is_closed = true};
    for (uint32_t i = 0; cols[i]; i++) {
        int32_t col = (int32_t)(first + i);
        if (cols[i] == 's') window->start_col = col;
        if (cols[i] == 'e') window->end_col = col;
        if (cols[i] == 't' || cols[i] == 'p') window->time_col = col;
    }
    for (uint32_t i = 0; i < node->agg.n_keys; i++) key[i] = i;
    if (window->end_col >= 0 && !node->agg.n_grouping_sets) {
        key[node->agg.n_keys] = (uint32_t)window->end_col;
        prop_key(arena, node, key, node->agg.n_keys + 1);
    }
    node->in_window = window;
    node->is_append = true; /* a window is shown once, when it is over */
    node->is_bounded = node->inputs[0]->is_bounded;
}

static void prop_aggregate(Arena *arena, Node *node) {
    node->is_append = node->agg.n_calls == 0 && node->inputs[0]->is_append; /* DISTINCT */
    node->is_bounded = node->inputs[0]->is_bounded;
    /* A NULL of the data and one of a grouping set look the same. */
    if (!node->agg.n_grouping_sets) prop_key_range(arena, node, node->agg.n_keys);
}

static bool prop_all_in(const uint32_t *key, uint32_t n, const uint32_t *cols, uint32_t n_cols) {
    for (uint32_t i = 0; i < n; i++) {
        bool is_in = false;
        for (uint32_t j = 0; j < n_cols && !is_in; j++) is_in = cols[j] == key[i];
        if (!is_in) return false;
    }
    return true;
}

static void prop_join_key(Arena *arena, Node *node) {
    const Node *left = node->inputs[0], *right = node->inputs[1];
    JoinOp kind = node->join.kind;
    uint32_t n_left = left->schema.n_fields;
    bool left_one =
        left->key && prop_all_in(left->key, left->n_key, node->join.left_keys, node->join.n_keys);
    bool right_one = right->key && prop_all_in(right->key, right->n_key, node->join.right_keys,
                                               node->join.n_keys);
    uint32_t *both;
    if (kind == JOINOP_SEMI || kind == JOINOP_ANTI) {
        node->key = left->key;
        node->n_key = left->n_key;
        return;
    }
    if (right_one && left->key && (kind == JOINOP_INNER || kind == JOINOP_LEFT)) {
        prop_key(arena, node, left->key, left->n_key); /* at most one partner */
        return;
    }
    if (!left->key || !right->key) return;
    both = arena_array(arena, uint32_t, left->n_key + right->n_key);
    for (uint32_t i = 0; i < right->n_key; i++) both[left->n_key + i] = right->key[i] + n_left;
    if (left_one && (kind == JOINOP_INNER || kind == JOINOP_RIGHT)) {
        prop_key(arena, node, both + left->n_key, right->n_key);
        return;
    }
    if (left->n_key) memcpy(both, left->key, left->n_key * sizeof *both);
    prop_key(arena, node, both, left->n_key + right->n_key);
}

static void prop_join(Arena *arena, Node *node) {
    const Node *left = node->inputs[0], *right = node->inputs[1];
    bool is_timed = node->kind == NODE_INTERVAL_JOIN || node->kind == NODE_WINDOW_JOIN;
    /* An inner join of inserts only inserts; an outer one takes its NULL rows back. Joins that wait
     * for the watermark know the answer before they speak. */
    node->is_append =
        left->is_append && right->is_append &&
        (node->join.kind == JOINOP_INNER || is_timed || node->join.kind == JOINOP_SEMI);
    node->is_bounded = left->is_bounded && right->is_bounded;
    if (node->kind == NODE_TEMPORAL_JOIN || node->kind == NODE_PROCTIME_JOIN ||
        node->kind == NODE_LOOKUP_JOIN) {
        node->is_append = left->is_append;
        node->is_bounded = left->is_bounded;
    }
    prop_join_key(arena, node);
    if (node->kind == NODE_WINDOW_JOIN) node->in_window = left->in_window;
}

/* A Top-N of rows that change, without ranks, deletes one row and inserts another, also where both
 * have one key: so Flink says, and so do the row kinds. */
static bool prop_replaces_by_delete(const Node *node) {
    while (node->kind == NODE_PROJECT || node->kind == NODE_FILTER) node = node->inputs[0];
    return node->kind == NODE_TOPN && !node->topn.with_rank && !node->inputs[0]->is_append;
}

bool node_topn_in_window(const Node *node) {
    const NodeWindow *window = node->inputs[0]->in_window;
    bool has_start = false, has_end = false;
    if (!window || !node->inputs[0]->is_append || window->spec.is_proctime) return false;
    for (uint32_t i = 0; i < node->topn.n_partition; i++) {
        has_start = has_start || (int32_t)node->topn.partition[i] == window->start_col;
        has_end = has_end || (int32_t)node->topn.partition[i] == window->end_col;
    }
    return has_start && has_end;
}

enum { MONOTONICITY_UNKNOWN = 2 };

/* +1: the column's values only grow as rows are updated; -1: they only shrink; 0: they do not
 * change; MONOTONICITY_UNKNOWN: nothing is known. */
static int prop_monotonicity(const Node *node, uint32_t col) {
    const AggCall *call;
    Span name;
    switch (node->kind) {
    case NODE_PROJECT:
        if (node->exprs[col]->kind != EXPR_COLUMN) return MONOTONICITY_UNKNOWN;
        return prop_monotonicity(node->inputs[0], node->exprs[col]->column);
    case NODE_EXCHANGE: return prop_monotonicity(node->inputs[0], col);
    case NODE_AGGREGATE: break;
    default: return MONOTONICITY_UNKNOWN;
    }
    if (!node->inputs[0]->is_append || node->agg.n_grouping_sets) return MONOTONICITY_UNKNOWN;
    if (col < node->agg.n_keys) return 0;
    call = &node->agg.calls[col - node->agg.n_keys];
    name = span_of(call->agg->name);
    if (span_eq(name, SPAN("COUNT")) || span_eq(name, SPAN("MAX"))) return 1;
    if (span_eq(name, SPAN("MIN"))) return -1;
    return MONOTONICITY_UNKNOWN;
}

bool node_topn_updates(const Node *node) {
    const Node *in = node->inputs[0];
    if (in->is_append || !in->key || !node->topn.n_order) return false;
    for (uint32_t i = 0; i < node->topn.n_partition; i++)
        if (!prop_all_in(&node->topn.partition[i], 1, in->key, in->n_key)) return false;
    for (uint32_t i = 0; i < node->topn.n_order; i++) {
        int way = prop_monotonicity(in, node->topn.order[i].col);
        if (way != 0 && way != (node->topn.order[i].order.is_desc ? 1 : -1)) return false;
    }
    return true;
}

static void prop_topn(Arena *arena, Node *node) {
    const Node *in = node->inputs[0];
    uint32_t n = node->topn.n_partition;
    uint32_t *key;
    prop_inherit(node, in);
    node->is_append = node_topn_in_window(node);
    if (node->topn.limit == 1 && !node->topn.is_rank) {
        prop_key(arena, node, node->topn.partition, n);
        return;
    }
    if (!node->topn.with_rank || node->topn.is_rank) return; /* the input's key, if any, holds on */
    key = arena_array(arena, uint32_t, n + 1);
    if (n) memcpy(key, node->topn.partition, n * sizeof *key);
    key[n] = in->schema.n_fields;
    prop_key(arena, node, key, n + 1);
}

static void prop_dedup(Arena *arena, Node *node) {
    prop_inherit(node, node->inputs[0]);
    prop_key(arena, node, node->dedup.partition, node->dedup.n_partition);
    /* The first row by arrival stays the first; by event time an earlier one may still come. */
    node->is_append =
        node->inputs[0]->is_append && !node->dedup.keep_last && node->dedup.is_proctime;
}

bool node_over_in_time(const Node *node) {
    const Node *in = node->inputs[0];
    const Type *type;
    const OverFrame *frame = &node->over.frame;
    if (!in->is_append || node->over.n_order != 1 || node->over.order[0].order.is_desc)
        return false;
    type = in->schema.fields[node->over.order[0].col].type;
    if (type->attr == TIME_ATTR_NONE || frame->unit == FRAME_UNIT_GROUPS) return false;
    for (uint32_t i = 0; i < node->over.n_calls; i++) {
        const OverCall *call = &node->over.calls[i];
        if (call->fn != OVER_AGG && call->fn != OVER_LAG) return false;
        if (call->agg.is_distinct && frame->start_unbounded) return false;
        if (call->fn == OVER_AGG && (frame->stop_unbounded || frame->stop > 0)) return false;
    }
    return true;
}

/* Nodes that make changes of rows, or rows of changes. */
static void prop_changes(Node *node) {
    bool is_filter = node->kind == NODE_TEMPORAL_FILTER;
    if (is_filter) prop_inherit(node, node->inputs[0]);
    node->is_bounded = node->inputs[0]->is_bounded;
    if (!is_filter) node->is_append = true;
    for (uint32_t i = 0; is_filter && i < node->n_exprs; i++)
        node->is_append &= !node->temporal.bounds[i].is_end;
    for (uint32_t i = 0; node->kind == NODE_FROM_CHANGELOG && i < node->changelog.n_codes; i++)
        node->is_append &= node->changelog.codes[i].kind == ROW_INSERT;
}

void node_properties(Arena *arena, Node *node) {
    node->is_append = node->is_bounded = false;
    node->key = NULL;
    node->n_key = 0;
    node->in_window = NULL;
    node->rowtime_col = prop_find_rowtime(&node->schema);
    switch (node->kind) {
    case NODE_SCAN: prop_scan(arena, node); break;
    case NODE_VALUES: node->is_append = node->is_bounded = true; break;
    case NODE_PROJECT: prop_project(arena, node); break;
    case NODE_UNION: prop_union(node); break;
    case NODE_WINDOW: prop_window(arena, node); break;
    case NODE_AGGREGATE: prop_aggregate(arena, node); break;
    case NODE_WINDOW_AGG: prop_window_agg(arena, node); break;
    case NODE_JOIN:
    case NODE_INTERVAL_JOIN:
    case NODE_WINDOW_JOIN:
    case NODE_TEMPORAL_JOIN:
    case NODE_PROCTIME_JOIN:
    case NODE_LOOKUP_JOIN: prop_join(arena, node); break;
    case NODE_TOPN: prop_topn(arena, node); break;
    case NODE_DEDUP: prop_dedup(arena, node); break;
    case NODE_UNNEST:
        prop_inherit(node, node->inputs[0]);
        node->key = NULL;
        node->n_key = 0;
        break;
    case NODE_OVER:
        prop_inherit(node, node->inputs[0]);
        node->is_append = node_over_in_time(node);
        break;
    case NODE_MATCH:
        node->is_append = true;
        node->is_bounded = node->inputs[0]->is_bounded;
        break;
    case NODE_EMIT:
        prop_inherit(node, node->inputs[0]);
        node->is_append = false;
        break;
    case NODE_MATERIALIZE:
        node->is_bounded = node->inputs[0]->is_bounded;
        prop_key(arena, node, node->materialize.key, node->materialize.n_key);
        break;
    case NODE_TEMPORAL_FILTER:
    case NODE_TO_CHANGELOG:
    case NODE_FROM_CHANGELOG: prop_changes(node); break;
    case NODE_NORMALIZE:
        prop_inherit(node, node->inputs[0]);
        node->is_append = false;
        break;
    case NODE_SINK:
        prop_inherit(node, node->inputs[0]);
        if (node->is_append || (node->sink.table && node->sink.table->n_key_cols)) break;
        if (prop_replaces_by_delete(node->inputs[0])) {
            node->sink.key = NULL;
            node->sink.n_key = 0;
            break;
        }
        node->sink.key = node->inputs[0]->key; /* rules may know it better than the binder did */
        node->sink.n_key = node->inputs[0]->n_key;
        break;
    default: prop_inherit(node, node->inputs[0]); break; /* filter, sort, limit */
    }
}
