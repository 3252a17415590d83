/* rule_prune.c -- leaves out what nobody reads: columns, fields of ROW columns, results of
 * aggregates, ranks.
 *
 * First every node learns, users before inputs, which of its columns are needed and, for ROWs,
 * which fields (a Need tree). Then the nodes are rebuilt, inputs before users, with fewer columns;
 * each remembers where its old columns went. A scan that is shared decodes the union of what its
 * users need. What a kind of node here does not know is needed whole.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/prune.h"

/* ---- what is needed ---- */

void need_add(Arena *arena, Need *need, const Type *type, const uint32_t *path, uint32_t n_path) {
    need->is_any = true;
    if (need->is_whole) return;
    if (!n_path || type->kind != TYPE_ROW) {
        need->is_whole = true;
        return;
    }
    if (!need->fields) need->fields = arena_array(arena, Need, type->row.n_fields);
    need_add(arena, &need->fields[path[0]], type->row.fields[path[0]].type, path + 1, n_path - 1);
}

static void need_merge(Arena *arena, Need *into, const Need *from, const Type *type) {
    if (!from->is_any) return;
    into->is_any = true;
    into->is_whole |= from->is_whole;
    if (into->is_whole) return;
    if (!into->fields) into->fields = arena_array(arena, Need, type->row.n_fields);
    for (uint32_t i = 0; i < type->row.n_fields; i++) {
        need_merge(arena, &into->fields[i], &from->fields[i], type->row.fields[i].type);
    }
}

typedef struct NeedVisit {
    Arena *arena;
    Need *needs;
    const Schema *schema;
} NeedVisit;

static void need_visit(void *ctx, uint32_t column, const uint32_t *path, uint32_t n_path) {
    NeedVisit *visit = ctx;
    need_add(visit->arena, &visit->needs[column], visit->schema->fields[column].type, path, n_path);
}

void need_expr(Arena *arena, Need *needs, const Schema *schema, const Expr *expr) {
    NeedVisit visit = {arena, needs, schema};
    if (expr) expr_visit_columns(expr, need_visit, &visit);
}

static void need_col(const Prune *p, const Node *in, uint32_t col) {
    p->needs[in->id][col].is_any = p->needs[in->id][col].is_whole = true;
}

static void need_cols(const Prune *p, const Node *in, const uint32_t *cols, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) need_col(p, in, cols[i]);
}

/* The first n output columns are the input's. */
static void need_same(const Prune *p, const Node *node, const Node *in, uint32_t first) {
    for (uint32_t i = 0; i < in->schema.n_fields; i++) {
        need_merge(p->arena, &p->needs[in->id][i], &p->needs[node->id][first + i],
                   in->schema.fields[i].type);
    }
}

static void need_all(const Prune *p, const Node *in) {
    for (uint32_t i = 0; i < in->schema.n_fields; i++) need_col(p, in, i);
}

static void need_project(const Prune *p, const Node *node) {
    const Node *in = node->inputs[0];
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        const Expr *expr = node->exprs[i];
        const Need *need = &p->needs[node->id][i];
        if (!need->is_any) continue;
        if (expr->kind == EXPR_COLUMN) {
            need_merge(p->arena, &p->needs[in->id][expr->column], need, expr->type);
        } else {
            need_expr(p->arena, p->needs[in->id], &in->schema, expr);
        }
    }
}

static void need_agg_call(const Prune *p, const Node *in, const AggCall *call) {
    for (uint32_t i = 0; i < call->n_args; i++)
        need_expr(p->arena, p->needs[in->id], &in->schema, call->args[i]);
    need_expr(p->arena, p->needs[in->id], &in->schema, call->filter);
}

static void need_window(const Prune *p, const Node *in, const WindowSpec *window) {
    if (window->is_attached) {
        need_col(p, in, window->start_col);
        need_col(p, in, window->end_col);
    }
    if (window->time_col < in->schema.n_fields) need_col(p, in, window->time_col);
    need_cols(p, in, window->partition, window->n_partition);
}

/* Call k of an aggregate stays when its result is read; a global aggregate keeps one, to have a row
 * at all. */
bool prune_keeps_call(const Prune *p, const Node *node, uint32_t k) {
    if (p->needs[node->id][node->agg.n_keys + k].is_any) return true;
    if (k || node->agg.n_keys || node->kind == NODE_WINDOW_AGG) return false;
    for (uint32_t i = 0; i < node->agg.n_calls; i++) {
        if (p->needs[node->id][i].is_any) return false;
    }
    return true;
}

static void need_aggregate(const Prune *p, const Node *node) {
    const Node *in = node->inputs[0];
    for (uint32_t i = 0; i < node->n_exprs; i++)
        need_expr(p->arena, p->needs[in->id], &in->schema, node->exprs[i]);
    for (uint32_t k = 0; k < node->agg.n_calls; k++) {
        if (prune_keeps_call(p, node, k)) need_agg_call(p, in, &node->agg.calls[k]);
    }
    if (node->kind == NODE_WINDOW_AGG) need_window(p, in, &node->agg.window);
}

static void need_join(const Prune *p, const Node *node) {
    const Node *left = node->inputs[0];
    const Node *right = node->inputs[1];
    uint32_t n_left = left->schema.n_fields;
    uint32_t n = n_left + right->schema.n_fields;
    Need *both = arena_array(p->arena, Need, n);
    Field *fields = arena_array(p->arena, Field, n);
    Schema schema = {n, fields};
    for (uint32_t i = 0; i < n; i++) {
        fields[i] = i < n_left ? left->schema.fields[i] : right->schema.fields[i - n_left];
        if (i < node->schema.n_fields) both[i] = p->needs[node->id][i];
    }
    need_expr(p->arena, both, &schema, node->join.residual);
    for (uint32_t i = 0; i < n; i++) {
        const Node *side = i < n_left ? left : right;
        need_merge(p->arena, &p->needs[side->id][i < n_left ? i : i - n_left], &both[i],
                   fields[i].type);
    }
    for (uint32_t i = 0; i < 2 && node->kind == NODE_JOIN; i++) {
        const Node *side = node->inputs[i];
        need_expr(p->arena, p->needs[side->id], &side->schema, node->join.ends[i]);
    }
    need_cols(p, left, node->join.left_keys, node->join.n_keys);
    need_cols(p, right, node->join.right_keys, node->join.n_keys);
    if (node->kind == NODE_INTERVAL_JOIN || node->kind == NODE_WINDOW_JOIN ||
        node->kind == NODE_TEMPORAL_JOIN) {
        need_col(p, left, node->join.left_time);
        need_col(p, right, node->join.right_time);
    }
}

static void need_order(const Prune *p, const Node *in, const SortKey *keys, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) need_col(p, in, keys[i].col);
}

static void need_over(const Prune *p, const Node *node) {
    const Node *in = node->inputs[0];
    need_same(p, node, in, 0);
    need_cols(p, in, node->over.partition, node->over.n_partition);
    need_order(p, in, node->over.order, node->over.n_order);
    for (uint32_t i = 0; i < node->over.n_calls; i++) {
        need_agg_call(p, in, &node->over.calls[i].agg);
    }
}

/* Whole columns: the ROWs of all inputs keep the same fields. */
static void need_union(const Prune *p, const Node *node) {
    for (uint32_t k = 0; k < node->n_inputs; k++) {
        for (uint32_t i = 0; i < node->schema.n_fields; i++) {
            if (p->needs[node->id][i].is_any) need_col(p, node->inputs[k], i);
        }
    }
}

/* Hands the needs of a node on to its inputs. False: its kind is not known here. */
static void need_inputs(const Prune *p, const Node *node) {
    const Node *in = node->n_inputs ? node->inputs[0] : NULL;
    switch (node->kind) {
    case NODE_SCAN:
    case NODE_VALUES: return;
    case NODE_PROJECT: need_project(p, node); return;
    case NODE_FILTER:
        need_same(p, node, in, 0);
        need_expr(p->arena, p->needs[in->id], &in->schema, node->exprs[0]);
        return;
    case NODE_UNION: need_union(p, node); return;
    case NODE_UNNEST:
        need_same(p, node, in, 0);
        need_expr(p->arena, p->needs[in->id], &in->schema, node->exprs[0]);
        return;
    case NODE_OVER: need_over(p, node); return;
    case NODE_WINDOW:
        need_same(p, node, in, 0);
        need_window(p, in, &node->window);
        return;
    case NODE_AGGREGATE:
    case NODE_WINDOW_AGG: need_aggregate(p, node); return;
    case NODE_JOIN:
    case NODE_INTERVAL_JOIN:
    case NODE_WINDOW_JOIN:
    case NODE_TEMPORAL_JOIN:
    case NODE_PROCTIME_JOIN:
    case NODE_LOOKUP_JOIN: need_join(p, node); return;
    case NODE_TOPN:
        need_same(p, node, in, 0);
        need_cols(p, in, node->topn.partition, node->topn.n_partition);
        need_order(p, in, node->topn.order, node->topn.n_order);
        return;
    case NODE_DEDUP:
        need_same(p, node, in, 0);
        need_cols(p, in, node->dedup.partition, node->dedup.n_partition);
        need_col(p, in, node->dedup.time_col);
        return;
    case NODE_NORMALIZE:
        need_same(p, node, in, 0);
        need_cols(p, in, node->key, node->n_key);
        return;
    case NODE_SORT:
    case NODE_LIMIT:
        need_same(p, node, in, 0);
        need_order(p, in, node->sort.keys, node->sort.n_keys);
        return;
    default:
        for (uint32_t i = 0; i < node->n_inputs; i++) need_all(p, node->inputs[i]);
        return;
    }
}

void rule_prune(RuleCtx *ctx) {
    const Plan *plan = ctx->plan;
    Prune p = {.ctx = ctx, .arena = ctx->arena};
    Node **made = arena_array(ctx->arena, Node *, plan->n_nodes);
    p.needs = arena_array(ctx->arena, Need *, plan->n_nodes);
    p.maps = arena_array(ctx->arena, int32_t *, plan->n_nodes);
    p.made = made;
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        p.needs[i] = arena_array(ctx->arena, Need, plan->nodes[i]->schema.n_fields);
    }
    for (uint32_t i = 0; i < plan->n_roots; i++) need_all(&p, plan->roots[i]);
    for (uint32_t i = plan->n_nodes; i-- > 0;) need_inputs(&p, plan->nodes[i]);
    for (uint32_t i = 0; i < plan->n_nodes; i++) made[i] = prune_node(&p, plan->nodes[i]);
    for (uint32_t i = 0; i < plan->n_roots; i++) ctx->plan->roots[i] = made[plan->roots[i]->id];
}
