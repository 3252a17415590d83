/* prune_nodes.c -- rebuilds nodes with the columns that are needed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/prune.h"

/* The expression over an input whose columns have moved and whose ROWs may have lost fields. */
static Expr *prune_expr(Arena *arena, const Expr *expr, const int32_t *map, const Schema *now) {
    Expr *copy = arena_new(arena, Expr);
    *copy = *expr;
    if (expr->kind == EXPR_COLUMN) {
        assert(map[expr->column] >= 0);
        copy->column = (uint32_t)map[expr->column];
        copy->type = now->fields[copy->column].type;
        return copy;
    }
    copy->args = arena_array(arena, Expr *, expr->n_args);
    for (uint32_t i = 0; i < expr->n_args; i++)
        copy->args[i] = prune_expr(arena, expr->args[i], map, now);
    if (expr->kind == EXPR_FIELD && copy->args[0]->type != expr->args[0]->type) {
        Span name = expr->args[0]->type->row.fields[expr->column].name;
        int32_t field = schema_find(&copy->args[0]->type->row, name);
        assert(field >= 0);
        copy->column = (uint32_t)field;
        if (expr->type->kind == TYPE_ROW) {
            const Type *inner = copy->args[0]->type->row.fields[field].type;
            copy->type = type_with_null(arena, inner, expr->type->is_nullable);
        }
    }
    return copy;
}

/* The type without the fields that are not needed. */
static const Type *prune_type(Arena *arena, const Type *type, const Need *need) {
    Field *fields;
    Type *pruned;
    uint32_t n = 0;
    if (type->kind != TYPE_ROW || need->is_whole || !need->fields) return type;
    fields = arena_array(arena, Field, type->row.n_fields);
    for (uint32_t i = 0; i < type->row.n_fields; i++) {
        if (!need->fields[i].is_any) continue;
        fields[n++] = (Field){type->row.fields[i].name,
                              prune_type(arena, type->row.fields[i].type, &need->fields[i])};
    }
    pruned = arena_new(arena, Type);
    *pruned = *type;
    pruned->row = (Schema){n, fields};
    return pruned;
}

static int32_t *prune_map(Prune *p, const Node *node) {
    p->maps[node->id] = arena_array(p->arena, int32_t, node->schema.n_fields);
    for (uint32_t i = 0; i < node->schema.n_fields; i++) p->maps[node->id][i] = -1;
    return p->maps[node->id];
}

static Node *prune_copy(Prune *p, const Node *node) {
    Node *copy = node_copy(p->arena, node);
    for (uint32_t i = 0; i < node->n_inputs; i++) copy->inputs[i] = p->made[node->inputs[i]->id];
    return copy;
}

static uint32_t *prune_cols(Arena *arena, const uint32_t *cols, uint32_t n, const int32_t *map) {
    uint32_t *moved = arena_array(arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) {
        assert(map[cols[i]] >= 0);
        moved[i] = (uint32_t)map[cols[i]];
    }
    return moved;
}

static SortKey *prune_order(Arena *arena, const SortKey *keys, uint32_t n, const int32_t *map) {
    SortKey *moved = arena_array(arena, SortKey, n);
    for (uint32_t i = 0; i < n; i++)
        moved[i] = (SortKey){(uint32_t)map[keys[i].col], keys[i].order};
    return moved;
}

/* ---- sources ---- */

static void prune_decoded(Prune *p, Node *copy, const Need *needs) {
    const ScanSpec *old = &copy->scan;
    const Table *table = old->table;
    bool may_prune_fields = table->format || (table->conn->traits & CONN_PRUNES);
    uint32_t n = old->decoded.n_fields;
    Field *fields = arena_array(p->arena, Field, n);
    int32_t *cols = arena_array(p->arena, int32_t, n);
    int32_t *map = arena_array(p->arena, int32_t, n);
    uint32_t n_kept = 0;
    Schema decoded;
    for (uint32_t i = 0; i < n; i++) {
        const Type *type = old->decoded.fields[i].type;
        map[i] = -1;
        if (!needs[i].is_any) continue;
        if (may_prune_fields) type = prune_type(p->arena, type, &needs[i]);
        fields[n_kept] = (Field){old->decoded.fields[i].name, type};
        cols[n_kept] = old->decoded_cols[i];
        map[i] = (int32_t)n_kept++;
    }
    decoded = (Schema){n_kept, fields};
    for (uint32_t i = 0; i < copy->n_exprs; i++)
        copy->exprs[i] = prune_expr(p->arena, copy->exprs[i], map, &decoded);
    if (old->predicate) copy->scan.predicate = prune_expr(p->arena, old->predicate, map, &decoded);
    copy->scan.decoded = decoded;
    copy->scan.decoded_cols = cols;
}

static Node *prune_scan(Prune *p, const Node *node) {
    Node *copy = prune_copy(p, node);
    int32_t *map = prune_map(p, node);
    Need *outs = p->needs[node->id];
    Need *decoded = arena_array(p->arena, Need, node->scan.decoded.n_fields);
    Field *fields = arena_array(p->arena, Field, node->n_exprs);
    uint32_t n = 0;
    if (node->scan.rowtime >= 0)
        outs[node->scan.rowtime].is_any = outs[node->scan.rowtime].is_whole = true;
    need_expr(p->arena, outs, &node->schema, node->scan.watermark);
    need_expr(p->arena, decoded, &node->scan.decoded, node->scan.predicate);
    copy->exprs = arena_array(p->arena, Expr *, node->n_exprs);
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        const Expr *expr = node->exprs[i];
        if (!outs[i].is_any) continue;
        if (expr->kind == EXPR_COLUMN && outs[i].fields && !outs[i].is_whole) {
            Need *need = &decoded[expr->column]; /* a ROW that is needed in part */
            for (uint32_t f = 0; f < expr->type->row.n_fields; f++) {
                if (outs[i].fields[f].is_any) need_add(p->arena, need, expr->type, &f, 1);
            }
        } else {
            need_expr(p->arena, decoded, &node->scan.decoded, expr);
        }
        map[i] = (int32_t)n;
        copy->exprs[n] = node->exprs[i];
        fields[n++] = node->schema.fields[i];
    }
    copy->n_exprs = n;
    prune_decoded(p, copy, decoded);
    for (uint32_t i = 0; i < n; i++) {
        if (copy->exprs[i]->kind == EXPR_COLUMN && fields[i].type->kind == TYPE_ROW)
            fields[i].type = copy->exprs[i]->type;
    }
    node_set_schema(p->arena, copy, fields, n);
    if (node->scan.rowtime >= 0) copy->scan.rowtime = map[node->scan.rowtime];
    if (node->scan.watermark)
        copy->scan.watermark = prune_expr(p->arena, node->scan.watermark, map, &copy->schema);
    return copy;
}

static Node *prune_values(Prune *p, const Node *node) {
    Node *copy = prune_copy(p, node);
    int32_t *map = prune_map(p, node);
    Field *fields = arena_array(p->arena, Field, node->schema.n_fields);
    Column *cols = arena_array(p->arena, Column, node->schema.n_fields);
    uint32_t n = 0;
    for (uint32_t i = 0; i < node->schema.n_fields; i++) {
        if (!p->needs[node->id][i].is_any) continue;
        cols[n] = node->values.cols[i];
        fields[n] = node->schema.fields[i];
        map[i] = (int32_t)n++;
    }
    copy->values.cols = cols;
    node_set_schema(p->arena, copy, fields, n);
    return copy;
}

/* ---- nodes that pass columns on ---- */

/* The output is the input's columns and then the node's own, all of which stay. */
static void prune_pass(Prune *p, const Node *node, Node *copy) {
    const Node *in = node->inputs[0];
    const Schema *now = &copy->inputs[0]->schema;
    const int32_t *in_map = p->maps[in->id];
    int32_t *map = prune_map(p, node);
    uint32_t n_in = in->schema.n_fields;
    uint32_t n_own = node->schema.n_fields - n_in;
    Field *fields = arena_array(p->arena, Field, now->n_fields + n_own);
    memcpy(fields, now->fields, now->n_fields * sizeof *fields);
    for (uint32_t i = 0; i < n_in; i++) {
        uint8_t attr =
            node->schema.fields[i].type->attr; /* windows take it from their time column */
        map[i] = in_map[i];
        if (map[i] < 0 || fields[map[i]].type->attr == attr) continue;
        fields[map[i]].type = type_with_attr(p->arena, fields[map[i]].type, (TimeAttr)attr);
    }
    for (uint32_t i = 0; i < n_own; i++) {
        fields[now->n_fields + i] = node->schema.fields[n_in + i];
        map[n_in + i] = (int32_t)(now->n_fields + i);
    }
    node_set_schema(p->arena, copy, fields, now->n_fields + n_own);
}

static Node *prune_filter(Prune *p, const Node *node) {
    Node *copy = prune_copy(p, node);
    prune_pass(p, node, copy);
    copy->exprs = arena_array(p->arena, Expr *, 1);
    copy->exprs[0] = prune_expr(p->arena, node->exprs[0], p->maps[node->inputs[0]->id],
                                &copy->inputs[0]->schema);
    return copy;
}

static void prune_window_spec(Arena *arena, WindowSpec *window, const int32_t *map, uint32_t n_in) {
    window->partition = prune_cols(arena, window->partition, window->n_partition, map);
    if (window->time_col < n_in && map[window->time_col] >= 0)
        window->time_col = (uint32_t)map[window->time_col];
    if (!window->is_attached) return;
    window->start_col = (uint32_t)map[window->start_col];
    window->end_col = (uint32_t)map[window->end_col];
}

static Node *prune_project(Prune *p, const Node *node) {
    Node *copy = prune_copy(p, node);
    int32_t *map = prune_map(p, node);
    Field *fields = arena_array(p->arena, Field, node->n_exprs);
    uint32_t n = 0;
    copy->exprs = arena_array(p->arena, Expr *, node->n_exprs);
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        if (!p->needs[node->id][i].is_any) continue;
        copy->exprs[n] = prune_expr(p->arena, node->exprs[i], p->maps[node->inputs[0]->id],
                                    &copy->inputs[0]->schema);
        fields[n] = node->schema.fields[i];
        if (fields[n].type->kind == TYPE_ROW) fields[n].type = copy->exprs[n]->type;
        map[i] = (int32_t)n++;
    }
    copy->n_exprs = n;
    node_set_schema(p->arena, copy, fields, n);
    return copy;
}

static void prune_call(Prune *p, AggCall *call, const int32_t *map, const Schema *now) {
    Expr **args = arena_array(p->arena, Expr *, call->n_args);
    for (uint32_t i = 0; i < call->n_args; i++)
        args[i] = prune_expr(p->arena, call->args[i], map, now);
    call->args = args;
    if (call->filter) call->filter = prune_expr(p->arena, call->filter, map, now);
}

static Node *prune_aggregate(Prune *p, const Node *node) {
    Node *copy = prune_copy(p, node);
    const int32_t *in_map = p->maps[node->inputs[0]->id];
    const Schema *now = &copy->inputs[0]->schema;
    int32_t *map = prune_map(p, node);
    uint32_t n_keys = node->agg.n_keys;
    uint32_t n_calls = 0;
    uint32_t n = 0;
    Field *fields = arena_array(p->arena, Field, node->schema.n_fields);
    AggCall *calls = arena_array(p->arena, AggCall, node->agg.n_calls);
    copy->exprs = arena_array(p->arena, Expr *, node->n_exprs);
    for (uint32_t i = 0; i < node->n_exprs; i++)
        copy->exprs[i] = prune_expr(p->arena, node->exprs[i], in_map, now);
    for (uint32_t i = 0; i < node->schema.n_fields; i++) {
        bool is_call = i >= n_keys && i < n_keys + node->agg.n_calls;
        if (is_call && !prune_keeps_call(p, node, i - n_keys)) continue;
        if (is_call) {
            calls[n_calls] = node->agg.calls[i - n_keys];
            prune_call(p, &calls[n_calls++], in_map, now);
        }
        fields[n] = node->schema.fields[i];
        map[i] = (int32_t)n++;
    }
    copy->agg.calls = calls;
    copy->agg.n_calls = n_calls;
    if (node->kind == NODE_WINDOW_AGG)
        prune_window_spec(p->arena, &copy->agg.window, in_map, node->inputs[0]->schema.n_fields);
    node_set_schema(p->arena, copy, fields, n);
    return copy;
}

static Node *prune_join(Prune *p, const Node *node) {
    Node *copy = prune_copy(p, node);
    const Schema *left = &copy->inputs[0]->schema;
    const Schema *right = &copy->inputs[1]->schema;
    uint32_t n_left = node->inputs[0]->schema.n_fields;
    uint32_t n_right = node->inputs[1]->schema.n_fields;
    int32_t *both = arena_array(p->arena, int32_t, n_left + n_right);
    int32_t *map = prune_map(p, node);
    Field *fields = arena_array(p->arena, Field, left->n_fields + right->n_fields);
    Schema schema = {left->n_fields + right->n_fields, fields};
    bool is_left_only = node->schema.n_fields == n_left;
    for (uint32_t i = 0; i < n_left + n_right; i++) {
        int32_t at =
            i < n_left ? p->maps[node->inputs[0]->id][i] : p->maps[node->inputs[1]->id][i - n_left];
        both[i] = at < 0 ? -1 : i < n_left ? at : at + (int32_t)left->n_fields;
        if (i < node->schema.n_fields) map[i] = both[i];
        if (at < 0) continue;
        fields[both[i]] = i < n_left ? left->fields[at] : right->fields[at];
        if (i < node->schema.n_fields) fields[both[i]].name = node->schema.fields[i].name;
        /* Outer joins make the padded side nullable. */
        if (i < node->schema.n_fields && fields[both[i]].type->kind != TYPE_ROW)
            fields[both[i]].type = node->schema.fields[i].type;
        else if (i < node->schema.n_fields) {
            fields[both[i]].type = type_with_null(p->arena, fields[both[i]].type,
                                                  node->schema.fields[i].type->is_nullable);
        }
    }
    if (node->join.residual)
        copy->join.residual = prune_expr(p->arena, node->join.residual, both, &schema);
    for (uint32_t i = 0; i < 2 && node->kind == NODE_JOIN; i++) {
        if (!node->join.ends[i]) continue;
        copy->join.ends[i] = prune_expr(p->arena, node->join.ends[i], p->maps[node->inputs[i]->id],
                                        &copy->inputs[i]->schema);
    }
    copy->join.left_keys =
        prune_cols(p->arena, node->join.left_keys, node->join.n_keys, p->maps[node->inputs[0]->id]);
    copy->join.right_keys = prune_cols(p->arena, node->join.right_keys, node->join.n_keys,
                                       p->maps[node->inputs[1]->id]);
    if (node->kind == NODE_INTERVAL_JOIN || node->kind == NODE_WINDOW_JOIN ||
        node->kind == NODE_TEMPORAL_JOIN) {
        copy->join.left_time = (uint32_t)p->maps[node->inputs[0]->id][node->join.left_time];
        copy->join.right_time = (uint32_t)p->maps[node->inputs[1]->id][node->join.right_time];
    }
    node_set_schema(p->arena, copy, fields, is_left_only ? left->n_fields : schema.n_fields);
    return copy;
}

static Node *prune_topn(Prune *p, const Node *node) {
    const int32_t *in_map = p->maps[node->inputs[0]->id];
    uint32_t n_in = node->inputs[0]->schema.n_fields;
    Node *copy = prune_copy(p, node);
    prune_pass(p, node, copy);
    copy->topn.partition =
        prune_cols(p->arena, node->topn.partition, node->topn.n_partition, in_map);
    copy->topn.order = prune_order(p->arena, node->topn.order, node->topn.n_order, in_map);
    if (node->topn.with_rank && !p->needs[node->id][n_in].is_any) {
        copy->topn.with_rank = false;
        p->maps[node->id][n_in] = -1;
        copy->schema.n_fields--;
    }
    return copy;
}

static Node *prune_over(Prune *p, const Node *node) {
    const Node *in = node->inputs[0];
    const int32_t *in_map = p->maps[in->id];
    Node *copy = prune_copy(p, node);
    OverCall *calls = arena_array(p->arena, OverCall, node->over.n_calls);
    prune_pass(p, node, copy);
    for (uint32_t i = 0; i < node->over.n_calls; i++) {
        calls[i] = node->over.calls[i];
        prune_call(p, &calls[i].agg, in_map, &copy->inputs[0]->schema);
    }
    copy->over.calls = calls;
    copy->over.partition =
        prune_cols(p->arena, node->over.partition, node->over.n_partition, in_map);
    copy->over.order = prune_order(p->arena, node->over.order, node->over.n_order, in_map);
    return copy;
}

/* Every input is brought to the columns that are needed, in one order. */
static Node *prune_union(Prune *p, const Node *node) {
    Node *copy = prune_copy(p, node);
    int32_t *map = prune_map(p, node);
    uint32_t n = 0;
    Field *fields = arena_array(p->arena, Field, node->schema.n_fields);
    uint32_t *cols = arena_array(p->arena, uint32_t, node->schema.n_fields);
    for (uint32_t i = 0; i < node->schema.n_fields; i++) {
        if (!p->needs[node->id][i].is_any) continue;
        fields[n] = node->schema.fields[i];
        map[i] = (int32_t)n++;
    }
    for (uint32_t k = 0; k < node->n_inputs; k++) {
        const int32_t *in_map = p->maps[node->inputs[k]->id];
        for (uint32_t i = 0; i < node->schema.n_fields; i++) {
            if (map[i] >= 0) cols[map[i]] = (uint32_t)in_map[i];
        }
        copy->inputs[k] = node_keep(p->arena, copy->inputs[k], cols, n);
        copy->inputs[k]->id = NODE_NEW;
    }
    node_set_schema(p->arena, copy, fields, n);
    return copy;
}

static Node *prune_unnest(Prune *p, const Node *node) {
    Node *copy = prune_copy(p, node);
    prune_pass(p, node, copy);
    copy->exprs = arena_array(p->arena, Expr *, 1);
    copy->exprs[0] = prune_expr(p->arena, node->exprs[0], p->maps[node->inputs[0]->id],
                                &copy->inputs[0]->schema);
    return copy;
}

/* The columns of any other kind are all needed, so they have not moved. */
static Node *prune_other(Prune *p, const Node *node) {
    Node *copy = prune_copy(p, node);
    int32_t *map = prune_map(p, node);
    const Schema *schema = &node->schema;
    for (uint32_t i = 0; i < schema->n_fields; i++) map[i] = (int32_t)i;
    return copy;
}

static Node *prune_any(Prune *p, const Node *node) {
    const int32_t *in_map = node->n_inputs ? p->maps[node->inputs[0]->id] : NULL;
    Node *copy;
    switch (node->kind) {
    case NODE_SCAN: return prune_scan(p, node);
    case NODE_VALUES: return prune_values(p, node);
    case NODE_FILTER: return prune_filter(p, node);
    case NODE_PROJECT: return prune_project(p, node);
    case NODE_AGGREGATE:
    case NODE_WINDOW_AGG: return prune_aggregate(p, node);
    case NODE_JOIN:
    case NODE_INTERVAL_JOIN:
    case NODE_WINDOW_JOIN:
    case NODE_TEMPORAL_JOIN:
    case NODE_PROCTIME_JOIN:
    case NODE_LOOKUP_JOIN: return prune_join(p, node);
    case NODE_TOPN: return prune_topn(p, node);
    case NODE_OVER: return prune_over(p, node);
    case NODE_UNION: return prune_union(p, node);
    case NODE_UNNEST: return prune_unnest(p, node);
    case NODE_WINDOW:
        copy = prune_copy(p, node);
        prune_pass(p, node, copy);
        prune_window_spec(p->arena, &copy->window, in_map, node->inputs[0]->schema.n_fields);
        return copy;
    case NODE_DEDUP:
        copy = prune_copy(p, node);
        prune_pass(p, node, copy);
        copy->dedup.partition =
            prune_cols(p->arena, node->dedup.partition, node->dedup.n_partition, in_map);
        copy->dedup.time_col = (uint32_t)in_map[node->dedup.time_col];
        return copy;
    case NODE_NORMALIZE:
        copy = prune_copy(p, node);
        prune_pass(p, node, copy);
        return copy;
    case NODE_SORT:
    case NODE_LIMIT:
        copy = prune_copy(p, node);
        prune_pass(p, node, copy);
        copy->sort.keys = prune_order(p->arena, node->sort.keys, node->sort.n_keys, in_map);
        return copy;
    default: return prune_other(p, node);
    }
}

/* A user that wants every column of an input in its old place finds them there only if none was
 * dropped; nodes that pass on more than was asked for (a filter's own columns) do no harm. */
Node *prune_node(Prune *p, const Node *node) {
    Node *made = prune_any(p, node);
    made->id = node->id;
    node_properties(p->arena, made);
    return made;
}
