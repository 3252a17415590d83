/* explain_node.c -- one line of EXPLAIN for each kind of node.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/explain.h"

static void explain_names(const Schema *schema, Buf *out) {
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        buf_printf(out, "%s" SPAN_FMT, i ? ", " : "", SPAN_ARG(schema->fields[i].name));
    }
}

static void explain_col(const Schema *schema, uint32_t col, Buf *out) {
    if (col < schema->n_fields) {
        buf_span(out, schema->fields[col].name);
    } else {
        buf_printf(out, "$%u", col);
    }
}

static void explain_cols(const Schema *schema, const uint32_t *cols, uint32_t n, Buf *out) {
    for (uint32_t i = 0; i < n; i++) {
        if (i) buf_puts(out, ", ");
        explain_col(schema, cols[i], out);
    }
}

static void explain_order(const Schema *schema, const SortKey *keys, uint32_t n, Buf *out) {
    for (uint32_t i = 0; i < n; i++) {
        bool is_default = keys[i].order.nulls_first != keys[i].order.is_desc;
        if (i) buf_puts(out, ", ");
        explain_col(schema, keys[i].col, out);
        buf_puts(out, keys[i].order.is_desc ? " DESC" : " ASC");
        if (!is_default) buf_puts(out, keys[i].order.nulls_first ? " NULLS FIRST" : " NULLS LAST");
    }
}

/* "expr AS name", or the name alone where it says it all. */
static void explain_output(const Expr *expr, Span name, const Schema *in, Buf *out) {
    size_t start = out->len;
    expr_print(expr, in, out);
    if (span_eq((Span){out->ptr + start, out->len - start}, name)) return;
    buf_printf(out, " AS " SPAN_FMT, SPAN_ARG(name));
}

static void explain_duration(int64_t us, Buf *out) {
    static const struct {
        int64_t us;
        const char *unit;
    } units[] = {{INT64_C(86400000000), "d"},
                 {INT64_C(3600000000), "h"},
                 {60000000, "min"},
                 {1000000, "s"},
                 {1000, "ms"},
                 {1, "us"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (us % units[i].us && units[i].us != 1) continue;
        buf_printf(out, "%lld %s", (long long)(us / units[i].us), units[i].unit);
        return;
    }
}

static void explain_window(const WindowSpec *window, const Schema *in, Buf *out) {
    static const char *const names[] = {"TUMBLE", "HOP", "CUMULATE", "SESSION"};
    buf_printf(out, "%s(", names[window->kind]);
    if (window->is_attached) {
        explain_col(in, window->start_col, out);
        buf_puts(out, ", ");
        explain_col(in, window->end_col, out);
    } else {
        explain_col(in, window->time_col, out);
    }
    buf_puts(out, ", ");
    if (window->kind == WINDOW_HOP || window->kind == WINDOW_CUMULATE) {
        explain_duration(window->slide, out);
        buf_puts(out, ", ");
    }
    explain_duration(window->size, out);
    if (window->offset) {
        buf_puts(out, ", offset ");
        explain_duration(window->offset, out);
    }
    buf_puts(out, ")");
    if (window->n_partition) {
        buf_puts(out, " partitionBy=[");
        explain_cols(in, window->partition, window->n_partition, out);
        buf_puts(out, "]");
    }
    if (window->is_attached) buf_puts(out, " attached");
    if (window->is_proctime) buf_puts(out, " proctime");
}

static void explain_call(const AggCall *call, const Schema *in, Buf *out) {
    buf_printf(out, "%s(%s", call->agg->name, call->is_distinct ? "DISTINCT " : "");
    if (!call->n_args) buf_puts(out, "*");
    for (uint32_t i = 0; i < call->n_args; i++) {
        if (i) buf_puts(out, ", ");
        expr_print(call->args[i], in, out);
    }
    buf_puts(out, ")");
    if (!call->filter) return;
    buf_puts(out, " FILTER (WHERE ");
    expr_print(call->filter, in, out);
    buf_puts(out, ")");
}

static void explain_calls(const Node *node, const Schema *in, Buf *out) {
    for (uint32_t i = 0; i < node->agg.n_calls; i++) {
        if (i) buf_puts(out, ", ");
        explain_call(&node->agg.calls[i], in, out);
        buf_printf(out, " AS " SPAN_FMT, SPAN_ARG(node->schema.fields[node->agg.n_keys + i].name));
    }
}

/* ---- by kind ---- */

static void explain_scan(const Node *node, Buf *out) {
    const ScanSpec *scan = &node->scan;
    const Schema *decoded = &scan->decoded;
    buf_printf(out, "table=[" SPAN_FMT "], decoded=[", SPAN_ARG(scan->table->name));
    for (uint32_t i = 0; i < decoded->n_fields; i++) {
        const Type *type = decoded->fields[i].type;
        buf_printf(out, "%s" SPAN_FMT, i ? ", " : "", SPAN_ARG(decoded->fields[i].name));
        if (type->kind != TYPE_ROW) continue;
        buf_puts(out, "<");
        explain_names(&type->row, out);
        buf_puts(out, ">");
    }
    buf_puts(out, "], columns=[");
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        if (i) buf_puts(out, ", ");
        explain_output(node->exprs[i], node->schema.fields[i].name, decoded, out);
    }
    buf_puts(out, "]");
    if (scan->predicate) {
        buf_puts(out, ", filter=[");
        expr_print(scan->predicate, decoded, out);
        buf_puts(out, "]");
    }
    if (scan->watermark) {
        buf_puts(out, ", watermark=[");
        expr_print(scan->watermark, &node->schema, out);
        buf_puts(out, "]");
    }
}

static void explain_project(const Node *node, const Schema *in, Buf *out) {
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        if (i) buf_puts(out, ", ");
        explain_output(node->exprs[i], node->schema.fields[i].name, in, out);
    }
}

static void explain_aggregate(const Node *node, const Schema *in, Buf *out) {
    if (node->agg.n_keys) {
        buf_puts(out, "groupBy=[");
        for (uint32_t i = 0; i < node->agg.n_keys; i++) {
            if (i) buf_puts(out, ", ");
            explain_output(node->exprs[i], node->schema.fields[i].name, in, out);
        }
        buf_puts(out, "]");
    }
    for (uint32_t s = 0; s < node->agg.n_grouping_sets; s++) {
        bool is_first = true;
        buf_puts(out, s ? ", (" : ", sets=[(");
        for (uint32_t i = 0; i < node->agg.n_keys; i++) {
            if (!(node->agg.grouping_sets[s] >> i & 1)) continue;
            if (!is_first) buf_puts(out, ", ");
            is_first = false;
            buf_span(out, node->schema.fields[i].name);
        }
        buf_puts(out, s + 1 < node->agg.n_grouping_sets ? ")" : ")]");
    }
    if (node->kind == NODE_WINDOW_AGG) {
        buf_puts(out, node->agg.n_keys ? ", window=[" : "window=[");
        explain_window(&node->agg.window, in, out);
        buf_puts(out, "]");
    }
    if (!node->agg.n_calls) return;
    if (node->agg.n_keys || node->kind == NODE_WINDOW_AGG) buf_puts(out, ", ");
    buf_puts(out, "select=[");
    explain_calls(node, in, out);
    buf_puts(out, "]");
}

static void explain_join_schema(const Node *node, Schema *both, Field *fields, uint32_t max) {
    uint32_t n_left = node->inputs[0]->schema.n_fields;
    uint32_t n = n_left + node->inputs[1]->schema.n_fields;
    for (uint32_t i = 0; i < n && i < max; i++) {
        fields[i] = i < n_left ? node->inputs[0]->schema.fields[i]
                               : node->inputs[1]->schema.fields[i - n_left];
    }
    *both = (Schema){.n_fields = n < max ? n : max, .fields = fields};
}

static void explain_join(const Node *node, Buf *out) {
    static const char *const names[] = {"inner", "left", "right", "full", "semi", "anti"};
    const Schema *left = &node->inputs[0]->schema, *right = &node->inputs[1]->schema;
    uint32_t max = left->n_fields + right->n_fields;
    buf_printf(out, "type=[%s]", names[node->join.kind]);
    if (node->join.n_keys) buf_puts(out, ", on=[");
    for (uint32_t i = 0; i < node->join.n_keys; i++) {
        bool is_safe = node->join.null_safe && node->join.null_safe[i];
        if (i) buf_puts(out, " AND ");
        explain_col(left, node->join.left_keys[i], out);
        buf_puts(out, is_safe ? " IS NOT DISTINCT FROM " : " = ");
        explain_col(right, node->join.right_keys[i], out);
    }
    if (node->join.n_keys) buf_puts(out, "]");
    if (node->kind == NODE_INTERVAL_JOIN) {
        buf_puts(out, ", interval=[");
        explain_duration(node->join.lower_us, out);
        buf_puts(out, " .. ");
        explain_duration(node->join.upper_us, out);
        buf_puts(out, "]");
    }
    if (node->join.residual) {
        Field *fields = mem_zalloc(NULL, (max + 1) * sizeof *fields);
        Schema both;
        explain_join_schema(node, &both, fields, max);
        buf_puts(out, ", where=[");
        expr_print(node->join.residual, &both, out);
        buf_puts(out, "]");
        mem_free(NULL, fields, (max + 1) * sizeof *fields);
    }
    for (uint32_t i = 0; i < 2 && node->kind == NODE_JOIN; i++) {
        if (!node->join.ends[i]) continue;
        buf_puts(out, i ? ", rightUntil=[" : ", leftUntil=[");
        expr_print(node->join.ends[i], i ? right : left, out);
        if (node->join.end_offsets[i]) {
            buf_puts(out, node->join.end_offsets[i] < 0 ? " - " : " + ");
            explain_duration(node->join.end_offsets[i] < 0 ? -node->join.end_offsets[i]
                                                           : node->join.end_offsets[i],
                             out);
        }
        buf_puts(out, "]");
    }
}

static void explain_topn(const Node *node, const Schema *in, Buf *out) {
    static const char *const names[] = {"ROW_NUMBER", "RANK", "DENSE_RANK"};
    buf_printf(out, "rank=[%s %lld..%lld]", names[node->topn.is_rank + node->topn.is_dense],
               (long long)node->topn.offset + 1, (long long)(node->topn.offset + node->topn.limit));
    if (node->topn.n_partition) {
        buf_puts(out, ", partitionBy=[");
        explain_cols(in, node->topn.partition, node->topn.n_partition, out);
        buf_puts(out, "]");
    }
    buf_puts(out, ", orderBy=[");
    explain_order(in, node->topn.order, node->topn.n_order, out);
    buf_puts(out, node->topn.with_rank ? "], rank output" : "]");
}

static void explain_over(const Node *node, const Schema *in, Buf *out) {
    static const char *const names[] = {"",           "ROW_NUMBER",   "RANK",
                                        "DENSE_RANK", "PERCENT_RANK", "CUME_DIST",
                                        "NTILE",      "LAG",          "LEAD"};
    if (node->over.n_partition) {
        buf_puts(out, "partitionBy=[");
        explain_cols(in, node->over.partition, node->over.n_partition, out);
        buf_puts(out, "], ");
    }
    buf_puts(out, "orderBy=[");
    explain_order(in, node->over.order, node->over.n_order, out);
    buf_puts(out, "], select=[");
    for (uint32_t i = 0; i < node->over.n_calls; i++) {
        const OverCall *call = &node->over.calls[i];
        if (i) buf_puts(out, ", ");
        if (call->fn == OVER_AGG) {
            explain_call(&call->agg, in, out);
        } else {
            buf_printf(out, "%s()", names[call->fn]);
        }
    }
    buf_puts(out, "]");
}

static void explain_sort(const Node *node, const Schema *in, Buf *out) {
    if (node->sort.n_keys) {
        buf_puts(out, "orderBy=[");
        explain_order(in, node->sort.keys, node->sort.n_keys, out);
        buf_puts(out, "]");
    }
    if (node->sort.limit >= 0) {
        buf_printf(out, "%slimit=[%lld]", node->sort.n_keys ? ", " : "",
                   (long long)node->sort.limit);
    }
    if (node->sort.offset) buf_printf(out, ", offset=[%lld]", (long long)node->sort.offset);
}

static void explain_sink(const Node *node, Buf *out) {
    if (node->sink.table) {
        buf_printf(out, "table=[" SPAN_FMT "], ", SPAN_ARG(node->sink.table->name));
    }
    buf_puts(out, "fields=[");
    explain_names(&node->schema, out);
    buf_puts(out, "]");
    if (!node->sink.n_key) return;
    buf_puts(out, ", key=[");
    explain_cols(&node->schema, node->sink.key, node->sink.n_key, out);
    buf_puts(out, "]");
}

static const char *const explain_titles[NODE_KIND_COUNT] = {
    [NODE_SCAN] = "Scan",
    [NODE_VALUES] = "Values",
    [NODE_FILTER] = "Filter",
    [NODE_PROJECT] = "Project",
    [NODE_UNION] = "Union",
    [NODE_UNNEST] = "Unnest",
    [NODE_WINDOW] = "WindowTableFunction",
    [NODE_AGGREGATE] = "GroupAggregate",
    [NODE_WINDOW_AGG] = "WindowAggregate",
    [NODE_OVER] = "OverAggregate",
    [NODE_JOIN] = "Join",
    [NODE_INTERVAL_JOIN] = "IntervalJoin",
    [NODE_WINDOW_JOIN] = "WindowJoin",
    [NODE_TEMPORAL_JOIN] = "TemporalJoin",
    [NODE_PROCTIME_JOIN] = "ProcessingTimeJoin",
    [NODE_LOOKUP_JOIN] = "LookupJoin",
    [NODE_TOPN] = "TopN",
    [NODE_DEDUP] = "Deduplicate",
    [NODE_SORT] = "Sort",
    [NODE_LIMIT] = "Limit",
    [NODE_NORMALIZE] = "ChangelogNormalize",
    [NODE_TO_CHANGELOG] = "ToChangelog",
    [NODE_FROM_CHANGELOG] = "FromChangelog",
    [NODE_MATCH] = "Match",
    [NODE_EXCHANGE] = "Exchange",
    [NODE_TEMPORAL_FILTER] = "TemporalFilter",
    [NODE_EMIT] = "Emit",
    [NODE_MATERIALIZE] = "SinkMaterialize",
    [NODE_SINK] = "Sink",
};

const char *explain_kind(const Node *node) {
    bool is_session = (node->kind == NODE_WINDOW && node->window.kind == WINDOW_SESSION) ||
                      (node->kind == NODE_WINDOW_AGG && node->agg.window.kind == WINDOW_SESSION);
    return is_session ? "SESSION" : explain_titles[node->kind];
}

static void explain_dedup(const Node *node, const Schema *in, Buf *out) {
    buf_printf(out, "keep=[%s], key=[", node->dedup.keep_last ? "last" : "first");
    explain_cols(in, node->dedup.partition, node->dedup.n_partition, out);
    buf_puts(out, "], order=[");
    explain_col(in, node->dedup.time_col, out);
    buf_puts(out, node->dedup.is_proctime ? " proctime]" : "]");
}

static void explain_temporal(const Node *node, const Schema *in, Buf *out) {
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        int64_t offset = node->temporal.bounds[i].offset_us;
        bool is_strict = offset % 1000 == 0;
        bool is_end = node->temporal.bounds[i].is_end;
        buf_puts(out, i ? ", " : "");
        buf_puts(out, is_end      ? is_strict ? "until=[" : "through=["
                      : is_strict ? "from=["
                                  : "behind=[");
        expr_print(node->exprs[i], in, out);
        offset -= is_strict ? 0 : 1;
        if (offset) {
            buf_puts(out, offset < 0 ? " - " : " + ");
            explain_duration(offset < 0 ? -offset : offset, out);
        }
        buf_putc(out, ']');
    }
}

static void explain_emit(const Node *node, Buf *out) {
    const AggEmit *emit = &node->emit.agg;
    buf_puts(out, "shown=[");
    if (emit->early_us) {
        buf_puts(out, "every ");
        explain_duration(emit->early_us, out);
        buf_puts(out, ", ");
    }
    buf_puts(out, "when the window is over");
    if (emit->within_us) buf_puts(out, ", corrections");
    if (emit->within_us && emit->within_us != INT64_MAX) {
        buf_puts(out, " for ");
        explain_duration(emit->within_us, out);
    }
    buf_putc(out, ']');
}

static void explain_materialize(const Node *node, Buf *out) {
    static const char *const ways[] = {
        [CONFLICT_NONE] = "DEDUPLICATE",
        [CONFLICT_NOTHING] = "NOTHING",
        [CONFLICT_ERROR] = "ERROR",
        [CONFLICT_DEDUPLICATE] = "DEDUPLICATE",
    };
    buf_puts(out, "key=[");
    explain_cols(&node->schema, node->materialize.key, node->materialize.n_key, out);
    buf_puts(out, "], rows=[");
    explain_cols(&node->schema, node->materialize.ident, node->materialize.n_ident, out);
    buf_printf(out, "], conflict=[%s]", ways[node->materialize.conflict]);
}

static void explain_exchange(const Node *node, const Schema *in, Buf *out) {
    buf_puts(out, node->n_exprs ? "hash=[" : node->exchange.is_broadcast ? "broadcast" : "single");
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        if (i) buf_puts(out, ", ");
        expr_print(node->exprs[i], in, out);
    }
    if (node->n_exprs) buf_puts(out, "]");
}

void explain_node(const Node *node, Buf *out) {
    const Schema *in = node->n_inputs ? &node->inputs[0]->schema : NULL;
    bool is_distinct = node->kind == NODE_AGGREGATE && !node->agg.n_calls;
    buf_printf(out, "%s(", is_distinct ? "Distinct" : explain_titles[node->kind]);
    switch (node->kind) {
    case NODE_SCAN: explain_scan(node, out); break;
    case NODE_VALUES: buf_printf(out, "rows=[%u]", node->values.n_rows); break;
    case NODE_UNNEST:
    case NODE_FILTER: expr_print(node->exprs[0], in, out); break;
    case NODE_PROJECT: explain_project(node, in, out); break;
    case NODE_UNION: explain_names(&node->schema, out); break;
    case NODE_WINDOW: explain_window(&node->window, in, out); break;
    case NODE_AGGREGATE:
    case NODE_WINDOW_AGG: explain_aggregate(node, in, out); break;
    case NODE_OVER: explain_over(node, in, out); break;
    case NODE_JOIN:
    case NODE_INTERVAL_JOIN:
    case NODE_WINDOW_JOIN:
    case NODE_TEMPORAL_JOIN:
    case NODE_PROCTIME_JOIN:
    case NODE_LOOKUP_JOIN: explain_join(node, out); break;
    case NODE_TOPN: explain_topn(node, in, out); break;
    case NODE_DEDUP: explain_dedup(node, in, out); break;
    case NODE_SORT:
    case NODE_LIMIT: explain_sort(node, in, out); break;
    case NODE_MATERIALIZE: explain_materialize(node, out); break;
    case NODE_EMIT: explain_emit(node, out); break;
    case NODE_TEMPORAL_FILTER: explain_temporal(node, in, out); break;
    case NODE_EXCHANGE: explain_exchange(node, in, out); break;
    case NODE_SINK: explain_sink(node, out); break;
    default: break;
    }
    buf_puts(out, ")");
}

/* ---- state and advice ---- */

/* What a node remembers; *bound NULL: nothing limits it but the number of different rows. */
static const char *explain_memory(const Node *node, const char **bound) {
    *bound = node->is_bounded ? "" : NULL;
    switch (node->kind) {
    case NODE_AGGREGATE:
        if (node->agg.emit.is_on && node->agg.emit.within_us != INT64_MAX)
            *bound = "until the window is over";
        return node->agg.n_calls ? "a group a key" : "the distinct rows";
    case NODE_WINDOW_AGG: *bound = "until the window is over"; return "a group a key and slice";
    case NODE_JOIN:
        if (node->join.ends[0] && node->join.ends[1]) *bound = "until their time is over";
        return "the rows of both sides";
    case NODE_INTERVAL_JOIN:
    case NODE_WINDOW_JOIN: *bound = "until the time is over"; return "the rows of both sides";
    case NODE_PROCTIME_JOIN: return "the rows of the right side";
    case NODE_LOOKUP_JOIN: *bound = ""; return "the table";
    case NODE_TOPN: return node->inputs[0]->is_append ? "the first rows a key" : "all rows a key";
    case NODE_DEDUP: return "a row a key";
    case NODE_SORT: *bound = ""; return "all rows until the end";
    case NODE_OVER: return "the rows of the frame a key";
    case NODE_NORMALIZE: return "a row a key";
    case NODE_MATERIALIZE: return "the rows of each key of the sink";
    case NODE_EMIT:
        if (node->emit.agg.within_us != INT64_MAX) *bound = "until the window is over";
        return "two rows a key";
    case NODE_TEMPORAL_FILTER: *bound = "until their time is over"; return "the rows";
    default: return NULL;
    }
}

/* Is state forgotten that was not written for a time? */
static bool explain_has_ttl(const Node *node) {
    if (node->kind == NODE_JOIN) return node->join.left_ttl_us && node->join.right_ttl_us;
    return node->kind == NODE_AGGREGATE ? node->agg.ttl_us > 0 : node->ttl_us > 0;
}

static void explain_ttl(const Node *node, Buf *out) {
    int64_t left = node->ttl_us, right = 0;
    if (node->kind == NODE_AGGREGATE) left = node->agg.ttl_us;
    if (node->kind == NODE_JOIN) left = node->join.left_ttl_us, right = node->join.right_ttl_us;
    if (!left && !right) return;
    buf_puts(out, node->kind == NODE_JOIN ? ", forgotten when not written for left="
                                          : ", forgotten when not written for ");
    explain_duration(left, out);
    if (node->kind != NODE_JOIN) return;
    buf_puts(out, ", right=");
    explain_duration(right, out);
}

void explain_state(const Node *node, Buf *out) {
    const char *bound;
    const char *what = explain_memory(node, &bound);
    if (!what) return;
    buf_printf(out, ", state=[%s%s%s", what, bound && *bound ? " " : "",
               bound                   ? bound
               : explain_has_ttl(node) ? ""
                                       : ", grows with the keys");
    explain_ttl(node, out);
    buf_putc(out, ']');
}

const char *explain_node_advice(const Node *node) {
    const char *bound;
    const char *what = explain_memory(node, &bound);
    if (!what || bound || node->is_bounded || explain_has_ttl(node)) return NULL;
    if (node->kind == NODE_JOIN) {
        return "The state of this join grows without bound. Join on time: a.ts BETWEEN b.ts AND "
               "b.ts + INTERVAL ...";
    }
    if (node->kind == NODE_AGGREGATE && !node->agg.n_keys) return NULL;
    return "The state grows with the number of keys. Group by a window.";
}
