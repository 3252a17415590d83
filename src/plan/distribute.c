/* distribute.c -- a plan for several workers: who runs what, and where rows change workers.
 *
 * Every worker has a copy of the graph, and rows of one key meet in one worker. A node's output is
 * spread in one of three ways: all of it at the first worker, anyhow, or by the hash of some of its
 * columns. An operator with keys works where rows are spread by (some of) these keys already, else
 * an exchange stands in front of it; what has no keys gets everything at the first worker.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

enum { SPREAD_COLS = 16, SPREAD_SAME = 4 };

typedef enum SpreadKind {
    SPREAD_SINGLE, /* the first worker has all rows */
    SPREAD_ANY,
    SPREAD_HASH
} SpreadKind;

typedef struct SpreadCol {
    uint32_t same[SPREAD_SAME]; /* output columns that are equal, each the one that was hashed */
    uint32_t n;
} SpreadCol;

typedef struct Spread {
    SpreadKind kind;
    bool is_small; /* SINGLE: few rows, as far as one can tell, so they may stay there */
    SpreadCol cols[SPREAD_COLS];
    uint32_t n_cols;
} Spread;

typedef struct Distribute {
    Arena *arena;
    Node **made;     /* by id of the old node */
    Spread *spreads; /* of the new one */
    /* exchanges by input and expressions: those of equal ones are shared */
    Node **exchanges;
    uint32_t n_exchanges;
    bool is_two_phase; /* table.optimizer.agg-phase-strategy */
} Distribute;

static const Spread spread_small = {.kind = SPREAD_SINGLE, .is_small = true};

static bool spread_has(const SpreadCol *col, uint32_t output) {
    for (uint32_t i = 0; i < col->n; i++)
        if (col->same[i] == output) return true;
    return false;
}

static void spread_add(SpreadCol *col, uint32_t output) {
    if (col->n < SPREAD_SAME && !spread_has(col, output)) col->same[col->n++] = output;
}

/* Rows that are equal in these columns lie together: spread by the hash of them all. */
static Spread spread_by(const uint32_t *cols, uint32_t n) {
    Spread out = {.kind = n && n <= SPREAD_COLS ? SPREAD_HASH : SPREAD_ANY};
    for (uint32_t i = 0; i < n && out.kind == SPREAD_HASH; i++)
        spread_add(&out.cols[out.n_cols++], cols[i]);
    return out;
}

static Spread spread_range(uint32_t n) {
    uint32_t cols[SPREAD_COLS];
    for (uint32_t i = 0; i < n && i < SPREAD_COLS; i++) cols[i] = i;
    return spread_by(cols, n);
}

/* Do rows that are equal in cols[0..n) lie together? */
static bool spread_meets(const Spread *spread, const uint32_t *cols, uint32_t n) {
    if (spread->kind == SPREAD_SINGLE) return true;
    if (spread->kind == SPREAD_ANY) return false;
    for (uint32_t k = 0; k < spread->n_cols; k++) {
        bool is_in = false;
        for (uint32_t i = 0; i < n && !is_in; i++) is_in = spread_has(&spread->cols[k], cols[i]);
        if (!is_in) return false;
    }
    return true;
}

/* ---- exchanges ---- */

static bool exchange_is(const Node *exchange, const Node *in, Expr *const *exprs, uint32_t n) {
    if (exchange->inputs[0] != in || exchange->n_exprs != n || exchange->exchange.is_broadcast)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!expr_eq(exchange->exprs[i], exprs[i])) return false;
    return true;
}

static Node *exchange_new(Distribute *d, Node *in, Expr **exprs, uint32_t n) {
    Node *node;
    for (uint32_t i = 0; i < d->n_exchanges; i++)
        if (exchange_is(d->exchanges[i], in, exprs, n)) return d->exchanges[i];
    node = node_new(d->arena, NODE_EXCHANGE, &in, 1);
    node->schema = in->schema;
    node->exprs = exprs;
    node->n_exprs = n;
    node->pos = in->pos;
    node_properties(d->arena, node);
    return d->exchanges[d->n_exchanges++] = node;
}

/* All rows of an input to every worker. */
static void spread_broadcast(Distribute *d, Node *node, uint32_t i) {
    Node *made = node_new(d->arena, NODE_EXCHANGE, &node->inputs[i], 1);
    made->pos = node->inputs[i]->pos;
    made->exchange.is_broadcast = true;
    node_properties(d->arena, made);
    node->inputs[i] = made;
}

/* All rows of the input to the first worker. */
static void spread_gather(Distribute *d, Node *node, uint32_t i, const Spread *in) {
    if (in->kind != SPREAD_SINGLE) node->inputs[i] = exchange_new(d, node->inputs[i], NULL, 0);
}

static void spread_exchange(Distribute *d, Node *node, uint32_t i, const uint32_t *cols,
                            uint32_t n) {
    Expr **exprs = arena_array(d->arena, Expr *, n);
    for (uint32_t k = 0; k < n; k++) exprs[k] = node_column(d->arena, node->inputs[i], cols[k], -1);
    node->inputs[i] = exchange_new(d, node->inputs[i], exprs, n);
}

/* Everything at the first worker. */
static Spread spread_alone(Distribute *d, Node *node, const Spread *const *in) {
    bool is_small = true;
    for (uint32_t i = 0; i < node_n_streams(node); i++) {
        spread_gather(d, node, i, in[i]);
        if (in[i]->kind == SPREAD_SINGLE && !in[i]->is_small) is_small = false;
    }
    return (Spread){.kind = SPREAD_SINGLE, .is_small = is_small};
}

/* Makes the rows of the first input that are equal in these columns meet; returns how they are
 * spread then. */
static Spread spread_meet(Distribute *d, Node *node, const Spread *in, const uint32_t *cols,
                          uint32_t n) {
    if (!n || n > SPREAD_COLS) return spread_alone(d, node, &in);
    if (in->kind == SPREAD_SINGLE ? in->is_small : spread_meets(in, cols, n)) return *in;
    spread_exchange(d, node, 0, cols, n);
    return spread_by(cols, n);
}

/* ---- by kind of node ---- */

static Spread spread_scan(const Node *node) {
    const Table *table = node->scan.table;
    bool is_any = table->format && (table->format->traits & FORMAT_ANY_LINE) && table->conn &&
                  !(table->conn->traits & (CONN_ROWS | CONN_MESSAGES));
    return (Spread){.kind = is_any ? SPREAD_ANY : SPREAD_SINGLE};
}

static Spread spread_project(const Node *node, const Spread *in) {
    Spread out = *in;
    for (uint32_t k = 0; k < in->n_cols; k++) {
        out.cols[k].n = 0;
        for (uint32_t i = 0; i < node->n_exprs; i++)
            if (node->exprs[i]->kind == EXPR_COLUMN &&
                spread_has(&in->cols[k], node->exprs[i]->column))
                spread_add(&out.cols[k], i);
        if (!out.cols[k].n) return (Spread){.kind = SPREAD_ANY};
    }
    return out;
}

static Spread spread_union(const Node *node, const Spread *const *in) {
    Spread out = *in[0];
    for (uint32_t i = 1; i < node->n_inputs; i++) {
        bool is_same = in[i]->kind == out.kind && in[i]->n_cols == out.n_cols;
        out.is_small = out.is_small && in[i]->is_small;
        for (uint32_t k = 0; k < out.n_cols && is_same; k++) {
            SpreadCol both = {.n = 0};
            for (uint32_t j = 0; j < out.cols[k].n; j++)
                if (spread_has(&in[i]->cols[k], out.cols[k].same[j]))
                    spread_add(&both, out.cols[k].same[j]);
            out.cols[k] = both;
            is_same = both.n > 0;
        }
        if (!is_same) return (Spread){.kind = SPREAD_ANY};
    }
    return out;
}

/* The output begins with the keys. */
static Spread spread_grouped(Distribute *d, Node *node, const Spread *const *in) {
    const Spread *from = in[0];
    uint32_t n = node->agg.n_keys;
    Spread out = {.kind = SPREAD_HASH};
    bool is_met = from->kind == SPREAD_HASH;
    if (from->kind == SPREAD_SINGLE && from->is_small) return *from;
    for (uint32_t k = 0; k < from->n_cols && is_met; k++) {
        for (uint32_t i = 0; i < n; i++)
            if (node->exprs[i]->kind == EXPR_COLUMN &&
                spread_has(&from->cols[k], node->exprs[i]->column))
                spread_add(&out.cols[k], i);
        is_met = out.cols[k].n > 0;
    }
    out.n_cols = from->n_cols;
    if (is_met) return out;
    node->inputs[0] = exchange_new(d, node->inputs[0], node->exprs, n);
    return spread_range(n);
}

/* Each worker aggregates what it has, and the results are added up; false: not this node. */
static bool spread_two_phase(Distribute *d, Node *node, Spread *out) {
    Node *local, *in;
    if (!two_phase_fits(node)) return false;
    local = two_phase_local(d->arena, node);
    in = node->agg.n_keys
             ? exchange_new(d, local, node_columns(d->arena, local, 0), node->agg.n_keys)
             : exchange_new(d, local, NULL, 0);
    if (!two_phase_global(d->arena, node, in)) return false;
    *out = node->agg.n_keys ? spread_range(node->agg.n_keys) : spread_small;
    return true;
}

static Spread spread_aggregate(Distribute *d, Node *node, const Spread *const *in) {
    const WindowSpec *window = &node->agg.window;
    Spread out;
    bool is_met = in[0]->kind == SPREAD_SINGLE && in[0]->is_small;
    if (!is_met && (d->is_two_phase || !node->agg.n_keys) && spread_two_phase(d, node, &out))
        return out;
    if (node->agg.n_grouping_sets || node->agg.n_keys > SPREAD_COLS)
        return spread_alone(d, node, in);
    if (node->agg.n_keys) return spread_grouped(d, node, in);
    if (node->kind == NODE_WINDOW_AGG && window->is_attached) {
        Spread met = spread_meet(d, node, in[0], &window->end_col, 1);
        const char *cols = node->agg.window_cols ? node->agg.window_cols : "";
        const char *end = strchr(cols, 'e');
        uint32_t at = node->agg.n_calls + (uint32_t)(end ? end - cols : 0);
        if (met.kind == SPREAD_SINGLE) return met;
        return end && met.n_cols == 1 ? spread_by(&at, 1) : (Spread){.kind = SPREAD_ANY};
    }
    return spread_alone(d, node, in);
}

/* Output columns of a join where rows of equal keys lie together, of the sides whose columns are
 * not made NULL. */
static Spread spread_joined(const Node *node, const uint32_t *order, uint32_t n) {
    JoinOp kind = node->join.kind;
    uint32_t n_left = node->inputs[0]->schema.n_fields;
    Spread out = {.kind = SPREAD_HASH, .n_cols = n};
    if (kind == JOINOP_FULL) return (Spread){.kind = SPREAD_ANY};
    for (uint32_t k = 0; k < n; k++) {
        if (kind != JOINOP_RIGHT) spread_add(&out.cols[k], node->join.left_keys[order[k]]);
        if (kind == JOINOP_RIGHT || kind == JOINOP_INNER)
            spread_add(&out.cols[k], node->join.right_keys[order[k]] + n_left);
    }
    return out;
}

/* The positions of the keys that the side is spread by already, in the order of the hash; false
 * when it is not spread by keys of the join only. */
static bool join_keys_of(const Spread *side, const uint32_t *keys, uint32_t n, uint32_t *order) {
    if (side->kind != SPREAD_HASH) return false;
    for (uint32_t k = 0; k < side->n_cols; k++) {
        uint32_t i = 0;
        while (i < n && !spread_has(&side->cols[k], keys[i])) i++;
        if (i == n) return false;
        order[k] = i;
    }
    return true;
}

static bool join_is_small(const Spread *side) {
    return side->kind == SPREAD_SINGLE && side->is_small;
}

/* Few rows at the first worker can be told to all of them; then the other side stays where it is.
 * Not when the few are shown without a partner: nobody knows alone that there is none. */
static bool join_broadcasts(const Node *node, const Spread *const *in, uint32_t small) {
    JoinOp kind = node->join.kind;
    if (!join_is_small(in[small]) || in[!small]->kind == SPREAD_SINGLE) return false;
    /* A row must be taken back where it was given. */
    if (in[!small]->kind == SPREAD_ANY && !node->inputs[!small]->is_append) return false;
    if (node->kind != NODE_JOIN && node->kind != NODE_WINDOW_JOIN &&
        node->kind != NODE_INTERVAL_JOIN)
        return false;
    if (small == 0) return kind == JOINOP_INNER || kind == JOINOP_RIGHT;
    return kind != JOINOP_RIGHT && kind != JOINOP_FULL;
}

static Spread join_shifted(const Spread *side, uint32_t by) {
    Spread out = *side;
    for (uint32_t k = 0; k < out.n_cols; k++)
        for (uint32_t i = 0; i < out.cols[k].n; i++) out.cols[k].same[i] += by;
    return out;
}

static Spread spread_join(Distribute *d, Node *node, const Spread *const *in) {
    const uint32_t *keys[2] = {node->join.left_keys, node->join.right_keys};
    uint32_t n = node->join.n_keys, order[SPREAD_COLS], n_order = n, kept = 2;
    uint32_t other[SPREAD_COLS], cols[SPREAD_COLS];
    if (join_is_small(in[0]) && join_is_small(in[1])) return spread_small;
    if (join_broadcasts(node, in, 1)) {
        spread_broadcast(d, node, 1);
        return *in[0];
    }
    if (join_broadcasts(node, in, 0)) {
        spread_broadcast(d, node, 0);
        return join_shifted(in[1], node->inputs[0]->schema.n_fields);
    }
    if (!n || n > SPREAD_COLS) return spread_alone(d, node, in);
    for (uint32_t i = 0; i < n; i++) order[i] = i;
    for (uint32_t side = 0; side < 2 && kept == 2; side++)
        if (join_keys_of(in[side], keys[side], n, order)) kept = side, n_order = in[side]->n_cols;
    if (kept == 2)
        for (uint32_t i = 0; i < n; i++) order[i] = i;
    for (uint32_t side = 0; side < 2; side++) {
        bool is_there = side == kept;
        if (!is_there && kept < 2 && join_keys_of(in[side], keys[side], n, other))
            is_there =
                in[side]->n_cols == n_order && memcmp(other, order, n_order * sizeof *order) == 0;
        if (is_there) continue;
        for (uint32_t k = 0; k < n_order; k++) cols[k] = keys[side][order[k]];
        spread_exchange(d, node, side, cols, n_order);
    }
    return spread_joined(node, order, n_order);
}

static Spread spread_match(Distribute *d, Node *node, const Spread *in) {
    const MatchSpec *spec = node->match;
    Spread met = spread_meet(d, node, in, spec->partition, spec->n_partition);
    Spread out = met; /* the output begins with the partition's columns */
    for (uint32_t k = 0; k < met.n_cols; k++) {
        out.cols[k].n = 0;
        for (uint32_t i = 0; i < spec->n_partition; i++)
            if (spread_has(&met.cols[k], spec->partition[i])) spread_add(&out.cols[k], i);
    }
    return out;
}

static Spread spread_node(Distribute *d, Node *node, const Spread *const *in) {
    switch (node->kind) {
    case NODE_SCAN: return spread_scan(node);
    case NODE_VALUES: return spread_small;
    case NODE_FILTER:
    case NODE_UNNEST: return *in[0];
    case NODE_PROJECT: return spread_project(node, in[0]);
    case NODE_UNION: return spread_union(node, in);
    case NODE_WINDOW:
        if (node->window.kind != WINDOW_SESSION) return *in[0];
        return spread_meet(d, node, in[0], node->window.partition, node->window.n_partition);
    case NODE_AGGREGATE:
    case NODE_WINDOW_AGG: return spread_aggregate(d, node, in);
    case NODE_OVER:
        return spread_meet(d, node, in[0], node->over.partition, node->over.n_partition);
    case NODE_TOPN:
        return spread_meet(d, node, in[0], node->topn.partition, node->topn.n_partition);
    case NODE_DEDUP:
        return spread_meet(d, node, in[0], node->dedup.partition, node->dedup.n_partition);
    case NODE_NORMALIZE: return spread_meet(d, node, in[0], node->key, node->n_key);
    case NODE_MATERIALIZE:
        return spread_meet(d, node, in[0], node->materialize.key, node->materialize.n_key);
    case NODE_MATCH: return spread_match(d, node, in[0]);
    case NODE_JOIN:
    case NODE_INTERVAL_JOIN:
    case NODE_WINDOW_JOIN:
    case NODE_PROCTIME_JOIN:
    case NODE_TEMPORAL_JOIN: return spread_join(d, node, in);
    case NODE_LOOKUP_JOIN: /* its table is there for every worker */
        return node->inputs[0]->is_append ? *in[0] : spread_alone(d, node, in);
    default: return spread_alone(d, node, in); /* sort, limit, sinks and what has no keys */
    }
}

void plan_distribute(const PlanEnv *env, Plan *plan) {
    uint32_t n_edges = 0;
    const char *phases =
        env->settings ? strmap_find(env->settings, SPAN("table.optimizer.agg-phase-strategy"))
                      : NULL;
    Distribute d = {.arena = env->arena,
                    .is_two_phase = phases && span_is_nocase(span_of(phases), "TWO_PHASE"),
                    .made = arena_array(env->arena, Node *, plan->n_nodes),
                    .spreads = arena_array(env->arena, Spread, plan->n_nodes)};
    for (uint32_t i = 0; i < plan->n_nodes; i++) n_edges += plan->nodes[i]->n_inputs;
    d.exchanges = arena_array(env->arena, Node *, n_edges);
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        const Node *node = plan->nodes[i];
        const Spread **in = arena_array(env->arena, const Spread *, node->n_inputs);
        d.made[i] = node_copy(env->arena, node);
        for (uint32_t k = 0; k < node->n_inputs; k++) {
            in[k] = &d.spreads[node->inputs[k]->id];
            d.made[i]->inputs[k] = d.made[node->inputs[k]->id];
        }
        d.spreads[i] = spread_node(&d, d.made[i], in);
        d.made[i]->is_single = d.spreads[i].kind == SPREAD_SINGLE;
    }
    for (uint32_t i = 0; i < plan->n_roots; i++) plan->roots[i] = d.made[plan->roots[i]->id];
    plan_collect(env, plan);
}
