/* upsert_key.c -- which columns tell the rows of a changing result apart, and what follows when
 * those are not the key of the sink: the query is refused unless it says ON CONFLICT, and a node in
 * front of the sink decides which row of a key is shown. All by Flink's rules.
 *
 * An upsert key is a unique key along which the changes of a row also stay in order: where rows are
 * brought together by other columns (a join, a partition), only keys that contain those are kept.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

enum { KEY_WORDS = 8, KEY_COLS_MAX = KEY_WORDS * 64, KEYS_MAX = 16 };

typedef struct ColSet {
    uint64_t words[KEY_WORDS];
} ColSet;

typedef struct KeySet {
    ColSet keys[KEYS_MAX];
    uint32_t n;
} KeySet;

static void colset_add(ColSet *set, uint32_t col) {
    if (col < KEY_COLS_MAX) set->words[col / 64] |= UINT64_C(1) << (col % 64);
}

static bool colset_has(const ColSet *set, uint32_t col) {
    return col < KEY_COLS_MAX && (set->words[col / 64] >> (col % 64) & 1);
}

static ColSet colset_of(const uint32_t *cols, uint32_t n, uint32_t shift) {
    ColSet set = {0};
    for (uint32_t i = 0; i < n; i++) colset_add(&set, cols[i] + shift);
    return set;
}

static bool colset_contains(const ColSet *all, const ColSet *part) {
    for (uint32_t i = 0; i < KEY_WORDS; i++)
        if (part->words[i] & ~all->words[i]) return false;
    return true;
}

static ColSet colset_union(const ColSet *a, const ColSet *b) {
    ColSet both;
    for (uint32_t i = 0; i < KEY_WORDS; i++) both.words[i] = a->words[i] | b->words[i];
    return both;
}

static void keyset_add(KeySet *set, const ColSet *key) {
    for (uint32_t i = 0; i < set->n; i++)
        if (colset_contains(key, &set->keys[i])) return; /* a smaller one is there */
    if (set->n < KEYS_MAX) set->keys[set->n++] = *key;
}

/* Keys that contain the columns by which rows are brought together. */
static void keyset_filter(KeySet *set, const ColSet *by) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < set->n; i++)
        if (colset_contains(&set->keys[i], by)) set->keys[n++] = set->keys[i];
    set->n = n;
}

static KeySet upsert_keys(const Node *node);

/* ---- by kind ---- */

static KeySet upsert_keys_scan(const Node *node) {
    const Table *table = node->scan.table;
    KeySet out = {0};
    ColSet key = {0};
    for (uint32_t i = 0; i < table->n_key_cols; i++) {
        int32_t col = schema_find(&node->schema, table->columns[table->key_cols[i]].name);
        if (col < 0) return out;
        colset_add(&key, (uint32_t)col);
    }
    if (table->n_key_cols) keyset_add(&out, &key);
    return out;
}

/* A column, maybe in a wider type: equal where the column is. */
static int32_t upsert_key_column(const Expr *expr) {
    while (expr->kind == EXPR_CAST && type_is_integer(expr->type) &&
           type_is_integer(expr->args[0]->type) &&
           phys_width(type_phys(expr->type)) >= phys_width(type_phys(expr->args[0]->type)))
        expr = expr->args[0];
    return expr->kind == EXPR_COLUMN ? (int32_t)expr->column : COLUMN_NONE;
}

static KeySet upsert_keys_project(const Node *node) {
    KeySet in = upsert_keys(node->inputs[0]), out = {0};
    for (uint32_t k = 0; k < in.n; k++) {
        ColSet key = {0};
        bool has_all = true;
        for (uint32_t c = 0; c < node->inputs[0]->schema.n_fields && has_all; c++) {
            if (!colset_has(&in.keys[k], c)) continue;
            has_all = false;
            for (uint32_t i = 0; i < node->n_exprs && !has_all; i++) {
                has_all = upsert_key_column(node->exprs[i]) == (int32_t)c;
                if (has_all) colset_add(&key, i);
            }
        }
        if (has_all) keyset_add(&out, &key);
    }
    return out;
}

static KeySet upsert_keys_aggregate(const Node *node) {
    KeySet out = {0};
    ColSet key = {0};
    const char *cols = node->agg.window_cols ? node->agg.window_cols : "";
    uint32_t first = node->agg.n_keys + node->agg.n_calls;
    if (node->agg.n_grouping_sets) return out;
    for (uint32_t i = 0; i < node->agg.n_keys; i++) colset_add(&key, i);
    if (node->kind == NODE_AGGREGATE) {
        keyset_add(&out, &key);
        return out;
    }
    for (uint32_t i = 0; cols[i]; i++) {
        ColSet with_window = key;
        if (cols[i] != 's' && cols[i] != 'e') continue;
        colset_add(&with_window, first + i);
        keyset_add(&out, &with_window);
    }
    return out;
}

static KeySet upsert_keys_join(const Node *node) {
    KeySet left = upsert_keys(node->inputs[0]), right, out = {0};
    const uint32_t *lk = node->join.left_keys, *rk = node->join.right_keys;
    uint32_t n = node->join.n_keys, n_left = node->inputs[0]->schema.n_fields;
    ColSet left_by = colset_of(lk, n, 0), right_by = colset_of(rk, n, 0);
    JoinOp kind = node->join.kind;
    bool left_one = false, right_one = false;
    if (kind == JOINOP_SEMI || kind == JOINOP_ANTI) {
        keyset_filter(&left, &left_by);
        return left;
    }
    right = upsert_keys(node->inputs[1]);
    for (uint32_t i = 0; i < left.n; i++) left_one |= colset_contains(&left_by, &left.keys[i]);
    for (uint32_t i = 0; i < right.n; i++) right_one |= colset_contains(&right_by, &right.keys[i]);
    keyset_filter(&left, &left_by);
    keyset_filter(&right, &right_by);
    for (uint32_t k = 0; k < right.n; k++) {
        ColSet shifted = {0};
        for (uint32_t c = 0; c < node->inputs[1]->schema.n_fields; c++)
            if (colset_has(&right.keys[k], c)) colset_add(&shifted, n_left + c);
        right.keys[k] = shifted;
    }
    if (right_one && (kind == JOINOP_INNER || kind == JOINOP_LEFT))
        for (uint32_t i = 0; i < left.n; i++) keyset_add(&out, &left.keys[i]);
    if (left_one && (kind == JOINOP_INNER || kind == JOINOP_RIGHT))
        for (uint32_t i = 0; i < right.n; i++) keyset_add(&out, &right.keys[i]);
    for (uint32_t i = 0; i < left.n; i++) {
        for (uint32_t k = 0; k < right.n; k++) {
            ColSet both = colset_union(&left.keys[i], &right.keys[k]);
            keyset_add(&out, &both);
        }
    }
    return out;
}

static KeySet upsert_keys_topn(const Node *node) {
    KeySet out = upsert_keys(node->inputs[0]);
    ColSet by = colset_of(node->topn.partition, node->topn.n_partition, 0);
    keyset_filter(&out, &by);
    if (node->topn.limit == 1 && !node->topn.is_rank) keyset_add(&out, &by);
    if (!node->topn.with_rank || node->topn.is_rank) return out;
    colset_add(&by, node->inputs[0]->schema.n_fields);
    keyset_add(&out, &by);
    return out;
}

static KeySet upsert_keys(const Node *node) {
    KeySet out = {0};
    ColSet by;
    if (node->schema.n_fields > KEY_COLS_MAX) return out;
    switch (node->kind) {
    case NODE_SCAN: return upsert_keys_scan(node);
    case NODE_PROJECT: return upsert_keys_project(node);
    case NODE_FILTER:
    case NODE_SORT:
    case NODE_LIMIT:
    case NODE_NORMALIZE: return upsert_keys(node->inputs[0]);
    case NODE_AGGREGATE:
    case NODE_WINDOW_AGG: return upsert_keys_aggregate(node);
    case NODE_JOIN: return upsert_keys_join(node);
    case NODE_TEMPORAL_JOIN:
    case NODE_PROCTIME_JOIN:
    case NODE_LOOKUP_JOIN:
        out = upsert_keys(node->inputs[0]);
        by = colset_of(node->join.left_keys, node->join.n_keys, 0);
        keyset_filter(&out, &by);
        return out;
    case NODE_OVER:
        out = upsert_keys(node->inputs[0]);
        by = colset_of(node->over.partition, node->over.n_partition, 0);
        keyset_filter(&out, &by);
        return out;
    case NODE_TOPN: return upsert_keys_topn(node);
    case NODE_DEDUP:
        by = colset_of(node->dedup.partition, node->dedup.n_partition, 0);
        keyset_add(&out, &by);
        return out;
    default: return out;
    }
}

/* ---- the sink ---- */

static const char *conflict_setting(const PlanEnv *env, const char *name, const char *otherwise) {
    const char *text = env->settings ? strmap_find(env->settings, span_of(name)) : NULL;
    return text ? text : otherwise;
}

static void conflict_names(const Node *sink, const ColSet *key, Buf *out) {
    bool is_first = true;
    buf_putc(out, '[');
    for (uint32_t i = 0; i < sink->schema.n_fields; i++) {
        if (!colset_has(key, i)) continue;
        buf_printf(out, "%s" SPAN_FMT, is_first ? "" : ", ", SPAN_ARG(sink->schema.fields[i].name));
        is_first = false;
    }
    buf_putc(out, ']');
}

static Status conflict_not_said(const Node *sink, const KeySet *keys, const ColSet *primary,
                                Err *err) {
    const Table *table = sink->sink.table;
    Buf text;
    buf_init(&text, NULL);
    buf_printf(&text,
               "The query has an upsert key that differs from the primary key of the sink table "
               "'" SPAN_FMT "." SPAN_FMT "." SPAN_FMT "'. Primary key: ",
               SPAN_ARG(table->catalog), SPAN_ARG(table->database), SPAN_ARG(table->name));
    conflict_names(sink, primary, &text);
    buf_puts(&text, ", upsert key: ");
    if (keys->n)
        conflict_names(sink, &keys->keys[0], &text);
    else
        buf_puts(&text, "none");
    buf_putc(&text, '.');
    err_set(err, ST_INVALID, "42P10", sink->pos, __FILE__, __LINE__, "%s", buf_cstr(&text));
    buf_deinit(&text);
    return err_hint(err, "several rows may claim one key: say ON CONFLICT DO DEDUPLICATE (show the "
                         "last of them), DO NOTHING (the first) or DO ERROR behind the query, or "
                         "SET 'table.exec.sink.require-on-conflict' = 'false'");
}

static Status conflict_not_upsert(const Node *sink, const char *reason, Err *err) {
    const Table *table = sink->sink.table;
    FAIL(err, ST_INVALID, "42809", sink->pos,
         "ON CONFLICT clause is only allowed for upsert sinks. The sink '" SPAN_FMT "." SPAN_FMT
         "." SPAN_FMT "' is not an upsert sink because %s.",
         SPAN_ARG(table->catalog), SPAN_ARG(table->database), SPAN_ARG(table->name), reason);
}

/* ERROR and NOTHING decide when the watermark has moved: every source has to have one. */
static Status conflict_watermarks(const Node *node, const Node *sink, Err *err) {
    if (node->kind == NODE_SCAN && node->scan.table->rowtime_col < 0) {
        const Table *table = node->scan.table;
        err_set(err, ST_INVALID, "42809", sink->pos, __FILE__, __LINE__,
                "ON CONFLICT DO %s requires all source tables to define watermarks, but the "
                "following source(s) do not: " SPAN_FMT "." SPAN_FMT "." SPAN_FMT,
                sink->sink.on_conflict == CONFLICT_ERROR ? "ERROR" : "NOTHING",
                SPAN_ARG(table->catalog), SPAN_ARG(table->database), SPAN_ARG(table->name));
        return err_hint(err, "add WATERMARK FOR ... to the table");
    }
    for (uint32_t i = 0; i < node->n_inputs; i++)
        TRY(conflict_watermarks(node->inputs[i], sink, err));
    return ST_OK;
}

static void conflict_node(Arena *arena, Node *sink, const KeySet *keys) {
    Node *node = node_new(arena, NODE_MATERIALIZE, sink->inputs, 1);
    uint32_t *ident = arena_array(arena, uint32_t, node->schema.n_fields), n = 0;
    node->schema = sink->schema;
    node->pos = sink->pos;
    node->materialize.key = sink->sink.key;
    node->materialize.n_key = sink->sink.n_key;
    node->materialize.conflict = sink->sink.on_conflict;
    for (uint32_t i = 0; keys->n && i < node->schema.n_fields; i++)
        if (colset_has(&keys->keys[0], i)) ident[n++] = i;
    if (keys->n) {
        node->materialize.ident = ident;
        node->materialize.n_ident = n;
    }
    node_properties(arena, node);
    sink->inputs[0] = node;
    sink->sink.is_upsert = (sink->sink.table->conn->traits & (CONN_BY_KEY | CONN_UPSERT)) != 0;
}

static Status conflict_sink(const PlanEnv *env, Node *sink, bool *did, Err *err) {
    const Table *table = sink->sink.table;
    /* Such a sink writes over the row of a key also where the query only inserts. */
    bool is_upsert = (table->conn->traits & CONN_UPSERT) != 0;
    bool is_append = sink->inputs[0]->is_append && !is_upsert, differs = true;
    bool is_retract = !is_upsert && table->format && (table->format->traits & FORMAT_CHANGELOG);
    const char *mode = conflict_setting(env, "table.exec.sink.upsert-materialize", "AUTO");
    ColSet primary = colset_of(sink->sink.key, table->n_key_cols ? sink->sink.n_key : 0, 0);
    KeySet keys;
    sink->sink.is_upsert = is_upsert;
    if (sink->sink.on_conflict != CONFLICT_NONE) {
        bool takes_inserts = table->format && !is_retract && !is_upsert;
        if ((is_append && !env->is_batch) || !table->n_key_cols || takes_inserts)
            return conflict_not_upsert(sink,
                                       table->n_key_cols
                                           ? "it only accepts INSERT (append-only) changes"
                                           : "it has no PRIMARY KEY",
                                       err);
        if (is_retract)
            return conflict_not_upsert(sink, "it requires UPDATE_BEFORE (retract mode)", err);
        if (sink->sink.on_conflict != CONFLICT_DEDUPLICATE && !env->is_batch)
            TRY(conflict_watermarks(sink->inputs[0], sink, err));
    }
    if (!table->n_key_cols || (is_append && !env->is_batch) || is_retract) return ST_OK;
    if (span_is_nocase(span_of(mode), "NONE")) return ST_OK;
    if (sink->inputs[0]->is_append && sink->sink.on_conflict == CONFLICT_DEDUPLICATE &&
        !env->is_batch)
        return ST_OK; /* every row simply takes the place of the one before */
    keys = upsert_keys(sink->inputs[0]);
    for (uint32_t i = 0; i < keys.n; i++) differs &= !colset_contains(&primary, &keys.keys[i]);
    if (!differs && !span_is_nocase(span_of(mode), "FORCE")) return ST_OK;
    if (env->is_batch && sink->sink.on_conflict == CONFLICT_NONE) return ST_OK;
    if (differs && sink->sink.on_conflict == CONFLICT_NONE &&
        span_is_nocase(span_of(mode), "AUTO") &&
        !span_is_nocase(
            span_of(conflict_setting(env, "table.exec.sink.require-on-conflict", "true")), "false"))
        return conflict_not_said(sink, &keys, &primary, err);
    conflict_node(env->arena, sink, &keys);
    *did = true;
    return ST_OK;
}

Status plan_conflicts(const PlanEnv *env, Plan *plan, Err *err) {
    bool did = false;
    for (uint32_t i = 0; i < plan->n_roots; i++)
        if (plan->roots[i]->kind == NODE_SINK && plan->roots[i]->sink.table)
            TRY(conflict_sink(env, plan->roots[i], &did, err));
    if (did) plan_collect(env, plan);
    return ST_OK;
}
