/* node.c -- making nodes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

const char *node_kind_name(NodeKind kind) {
    static const char *const names[NODE_KIND_COUNT] = {
        [NODE_SCAN] = "scan",
        [NODE_VALUES] = "values",
        [NODE_FILTER] = "filter",
        [NODE_PROJECT] = "project",
        [NODE_UNION] = "union",
        [NODE_UNNEST] = "unnest",
        [NODE_WINDOW] = "window",
        [NODE_AGGREGATE] = "aggregate",
        [NODE_WINDOW_AGG] = "window-agg",
        [NODE_OVER] = "over",
        [NODE_JOIN] = "join",
        [NODE_INTERVAL_JOIN] = "interval-join",
        [NODE_WINDOW_JOIN] = "window-join",
        [NODE_TEMPORAL_JOIN] = "temporal-join",
        [NODE_PROCTIME_JOIN] = "proctime-join",
        [NODE_LOOKUP_JOIN] = "lookup-join",
        [NODE_TOPN] = "topn",
        [NODE_DEDUP] = "dedup",
        [NODE_SORT] = "sort",
        [NODE_LIMIT] = "limit",
        [NODE_NORMALIZE] = "normalize",
        [NODE_TO_CHANGELOG] = "to-changelog",
        [NODE_FROM_CHANGELOG] = "from-changelog",
        [NODE_MATCH] = "match",
        [NODE_EXCHANGE] = "exchange",
        [NODE_TEMPORAL_FILTER] = "temporal-filter",
        [NODE_EMIT] = "emit",
        [NODE_MATERIALIZE] = "materialize",
        [NODE_SINK] = "sink",
    };
    return names[kind];
}

Node *node_new(Arena *arena, NodeKind kind, Node *const *inputs, uint32_t n_inputs) {
    Node *node = arena_new(arena, Node);
    node->kind = kind;
    node->pos = -1;
    node->rowtime_col = COLUMN_NONE;
    node->n_inputs = n_inputs;
    node->inputs = arena_array(arena, Node *, n_inputs);
    for (uint32_t i = 0; i < n_inputs; i++) node->inputs[i] = inputs[i];
    if (n_inputs) node->schema = inputs[0]->schema;
    return node;
}

void node_set_schema(Arena *arena, Node *node, const Field *fields, uint32_t n) {
    Field *copy = arena_array(arena, Field, n);
    if (n) memcpy(copy, fields, n * sizeof *copy);
    node->schema = (Schema){.n_fields = n, .fields = copy};
}

Node *node_filter(Arena *arena, Node *in, Expr *condition) {
    Node *node = node_new(arena, NODE_FILTER, &in, 1);
    node->exprs = arena_new(arena, Expr *);
    node->exprs[0] = condition;
    node->n_exprs = 1;
    node->pos = condition->pos;
    node_properties(arena, node);
    return node;
}

Node *node_project(Arena *arena, Node *in, Expr **exprs, const Span *names, uint32_t n) {
    Node *node = node_new(arena, NODE_PROJECT, &in, 1);
    Field *fields = arena_array(arena, Field, n);
    for (uint32_t i = 0; i < n; i++) fields[i] = (Field){names[i], exprs[i]->type};
    node->schema = (Schema){.n_fields = n, .fields = fields};
    node->exprs = exprs;
    node->n_exprs = n;
    node_properties(arena, node);
    return node;
}

Expr *node_column(Arena *arena, const Node *node, uint32_t i, int32_t pos) {
    assert(i < node->schema.n_fields);
    return expr_column(arena, i, node->schema.fields[i].type, pos);
}

Expr **node_columns(Arena *arena, const Node *node, uint32_t more) {
    Expr **exprs = arena_array(arena, Expr *, node->schema.n_fields + more);
    for (uint32_t i = 0; i < node->schema.n_fields; i++) {
        exprs[i] = node_column(arena, node, i, -1);
    }
    return exprs;
}

Node *node_append(Arena *arena, Node *in, Expr *const *exprs, const Span *names, uint32_t n) {
    uint32_t n_in = in->schema.n_fields;
    Expr **all = node_columns(arena, in, n);
    Span *all_names = arena_array(arena, Span, n_in + n);
    for (uint32_t i = 0; i < n_in; i++) all_names[i] = in->schema.fields[i].name;
    for (uint32_t i = 0; i < n; i++) {
        all[n_in + i] = exprs[i];
        all_names[n_in + i] = names ? names[i] : span_of(arena_printf(arena, "$f%u", n_in + i));
    }
    return node_project(arena, in, all, all_names, n_in + n);
}

Node *node_keep(Arena *arena, Node *in, const uint32_t *cols, uint32_t n) {
    Expr **exprs = arena_array(arena, Expr *, n);
    Span *names = arena_array(arena, Span, n);
    for (uint32_t i = 0; i < n; i++) {
        exprs[i] = node_column(arena, in, cols[i], -1);
        names[i] = in->schema.fields[cols[i]].name;
    }
    return node_project(arena, in, exprs, names, n);
}

Node *node_one_row(Arena *arena) {
    Node *node = node_new(arena, NODE_VALUES, NULL, 0);
    node->values.n_rows = 1;
    node->values.cols = arena_array(arena, Column, 1);
    node_properties(arena, node);
    return node;
}

Node *node_first(Arena *arena, Node *in, uint32_t n) {
    uint32_t *cols = arena_array(arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) cols[i] = i;
    return n == in->schema.n_fields ? in : node_keep(arena, in, cols, n);
}

Node *node_rename(Arena *arena, Node *in, const Span *names) {
    bool is_same = true;
    for (uint32_t i = 0; i < in->schema.n_fields && is_same; i++) {
        is_same = span_eq(in->schema.fields[i].name, names[i]);
    }
    if (is_same) return in;
    return node_project(arena, in, node_columns(arena, in, 0), names, in->schema.n_fields);
}
