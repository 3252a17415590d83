/* aggset.c -- adding rows to the states of aggregate calls and asking for their results. See
 * aggset.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/aggset.h"

/* ---- opening ---- */

/* The column that computes the expression: an old one from `first` on when an equal one is there.
 */
static uint32_t aggset_column(Expr **exprs, uint32_t first, uint32_t *n, Expr *expr) {
    for (uint32_t i = first; i < *n; i++)
        if (expr_eq(exprs[i], expr) && expr_is_deterministic(expr)) return i;
    exprs[*n] = expr;
    return (*n)++;
}

static AggMode aggset_mode(const AggSet *set, const Agg *agg) {
    if (set->is_append || (agg->traits & AGG_LINEAR)) return AGGMODE_ADD;
    if (agg->traits & AGG_ARRIVAL_ORDER) return AGGMODE_BY_ARRIVAL;
    if (agg->traits & AGG_ORDERED) return AGGMODE_FIRST;
    return AGGMODE_BY_VALUE;
}

static bool aggset_same_args(const AggDistinct *distinct, const AggSlot *slot) {
    if (distinct->n_args != slot->call->n_args) return false;
    for (uint32_t i = 0; i < distinct->n_args; i++)
        if (distinct->args[i] != slot->args[i]) return false;
    return true;
}

static void aggset_open_distinct(AggSet *set, OpCtx *ctx, AggSlot *slot) {
    AggDistinct *distinct = set->distincts;
    while (distinct < set->distincts + set->n_distincts && !aggset_same_args(distinct, slot))
        distinct++;
    slot->distinct = (int32_t)(distinct - set->distincts);
    if (slot->distinct == (int32_t)set->n_distincts) {
        set->n_distincts++;
        distinct->args = slot->args;
        distinct->n_args = slot->call->n_args;
        distinct->filters = arena_array(ctx->arena, int32_t, set->n_slots);
    }
    while (slot->variant < distinct->n_variants && distinct->filters[slot->variant] != slot->filter)
        slot->variant++;
    if (slot->variant == distinct->n_variants)
        distinct->filters[distinct->n_variants++] = slot->filter;
}

static void aggset_open_values(AggSet *set, OpCtx *ctx, AggSlot *slot) {
    uint32_t index = (uint32_t)(slot - set->slots);
    MultiSpec values = {.name = arena_printf(ctx->arena, "values%u", index)};
    MultiSpec places = {.name = arena_printf(ctx->arena, "places%u", index)};
    set->has_values = true;
    slot->values = state_multimap(ctx->state, ctx->name, &values);
    if (slot->mode == AGGMODE_BY_ARRIVAL)
        slot->places = state_multimap(ctx->state, ctx->name, &places);
}

/* Places for the states in the entry and for the StateVars in them. */
static void aggset_layout(AggSet *set, OpCtx *ctx, uint32_t head_size) {
    uint32_t at = head_size;
    bool has_wide = false; /* then entries are aligned to 16 bytes, because their size is */
    set->vars = arena_array(ctx->arena, uint32_t, set->n_slots * 32);
    for (uint32_t i = 0; i < set->n_slots; i++) {
        AggSlot *slot = &set->slots[i];
        const Agg *agg = slot->call->agg;
        if (slot->mode != AGGMODE_ADD) continue;
        if (agg->state_size % 16 == 0) { /* 128-bit numbers inside */
            at = (at + 15) & ~15u;
            has_wide = true;
        }
        slot->offset = at;
        at += agg->state_size;
        for (uint32_t bit = 0; bit < 32; bit++)
            if (agg->var_slots >> bit & 1) set->vars[set->n_vars++] = slot->offset + 8 * bit;
    }
    set->entry_size = has_wide ? (at + 15) & ~15u : (at + 7) & ~7u;
}

static Status aggset_compile(AggSet *set, OpCtx *ctx, const Node *node, Err *err) {
    uint32_t n_max = set->n_keys + node->agg.n_calls, n = set->n_keys;
    uint32_t first = set->n_set_cols ? n : 0; /* grouping sets blank keys, not arguments */
    Expr **exprs;
    for (uint32_t i = 0; i < node->agg.n_calls; i++) n_max += node->agg.calls[i].n_args;
    exprs = arena_array(ctx->arena, Expr *, n_max + 1);
    if (set->n_set_cols) exprs[0] = expr_const_i64(ctx->arena, &type_int, 0, -1);
    for (uint32_t i = set->n_set_cols; i < set->n_keys; i++)
        exprs[i] = node->exprs[i - set->n_set_cols];
    for (uint32_t i = 0; i < set->n_slots; i++) {
        AggSlot *slot = &set->slots[i];
        slot->args = arena_array(ctx->arena, uint32_t, slot->call->n_args);
        for (uint32_t a = 0; a < slot->call->n_args; a++)
            slot->args[a] = aggset_column(exprs, first, &n, slot->call->args[a]);
        slot->filter = -1;
        if (slot->call->filter)
            slot->filter = (int32_t)aggset_column(exprs, first, &n, slot->call->filter);
    }
    set->n_cols = n;
    set->exprs = exprs;
    if (!n) return ST_OK;
    return program_compile(&set->program, exprs, n, ctx->arena, err);
}

Status aggset_open(AggSet *set, OpCtx *ctx, const Node *node, uint32_t head_size, bool is_append,
                   bool is_sliced, Err *err) {
    *set = (AggSet){.node = node,
                    .n_slots = node->agg.n_calls,
                    .n_set_cols = node->agg.n_grouping_sets > 0,
                    .n_keys = node->agg.n_keys + (node->agg.n_grouping_sets > 0),
                    .is_append = is_append,
                    .is_sliced = is_sliced,
                    .heap = state_heap(ctx->state)};
    buf_init(&set->sort, ctx->mem);
    set->slots = arena_array(ctx->arena, AggSlot, set->n_slots);
    set->distincts = arena_array(ctx->arena, AggDistinct, set->n_slots);
    set->arrivals = state_value(ctx->state, ctx->name, "arrivals", sizeof *set->arrivals);
    for (uint32_t i = 0; i < set->n_slots; i++) {
        set->slots[i].call = &node->agg.calls[i];
        set->slots[i].mode = aggset_mode(set, set->slots[i].call->agg);
        set->slots[i].distinct = -1;
    }
    TRY(aggset_compile(set, ctx, node, err));
    aggset_layout(set, ctx, head_size);
    for (uint32_t i = 0; i < set->n_slots; i++) {
        if (set->slots[i].call->is_distinct) aggset_open_distinct(set, ctx, &set->slots[i]);
        if (set->slots[i].mode != AGGMODE_ADD) aggset_open_values(set, ctx, &set->slots[i]);
    }
    for (uint32_t i = 0; i < set->n_distincts; i++) {
        AggDistinct *distinct = &set->distincts[i];
        MapSpec spec = {.name = arena_printf(ctx->arena, "distinct%u", i),
                        .entry_size = (uint32_t)sizeof(int64_t) * distinct->n_variants,
                        .is_sliced = is_sliced};
        distinct->map = state_map(ctx->state, ctx->name, &spec);
    }
    return ST_OK;
}

void aggset_close(AggSet *set) {
    program_free(set->program);
    set->program = NULL;
    buf_deinit(&set->sort);
}

/* ---- rows ---- */

Status aggset_eval(AggSet *set, OpCtx *ctx, const Batch *in, AggRows *out, Err *err) {
    *out = (AggRows){.n = in->n_rows, .weights = op_weights(ctx->scratch, in)};
    out->cols = arena_alloc(ctx->scratch, sizeof *out->cols * (set->n_cols + 1));
    if (!set->program) return ST_OK;
    return program_eval(set->program, in, ctx->env, ctx->scratch, out->cols, err);
}

const Type *aggset_col_type(const AggSet *set, uint32_t col) {
    return set->exprs[col]->type;
}

AggRows aggrows_gather(Arena *scratch, const AggSet *set, const AggRows *in, const uint32_t *rows,
                       uint32_t n) {
    AggRows out = {.n = n};
    out.cols = arena_alloc(scratch, sizeof *out.cols * (set->n_cols + 1));
    for (uint32_t i = 0; i < set->n_cols; i++)
        out.cols[i] = col_gather(scratch, &in->cols[i], rows, n);
    if (in->weights) {
        int32_t *weights = arena_alloc(scratch, sizeof *weights * (n + 1));
        for (uint32_t i = 0; i < n; i++) weights[i] = in->weights[rows[i]];
        out.weights = weights;
    }
    return out;
}

AggRows aggset_rows_of_set(const AggSet *set, Arena *scratch, const AggRows *rows, uint32_t s) {
    AggRows out = *rows;
    int32_t *number;
    if (!set->n_set_cols) return out;
    number = arena_alloc(scratch, sizeof *number);
    *number = (int32_t)s;
    out.cols = arena_alloc(scratch, sizeof *out.cols * set->n_cols);
    memcpy(out.cols, rows->cols, sizeof *out.cols * set->n_cols);
    out.cols[0] = (Column){.type = &type_int, .n_rows = rows->n, .is_const = true, .i32 = number};
    for (uint32_t i = 1; i < set->n_keys; i++)
        if (!(set->node->agg.grouping_sets[s] >> (i - 1) & 1))
            out.cols[i] = col_null(scratch, rows->cols[i].type, rows->n);
    return out;
}

Status aggset_keys(const AggSet *set, Arena *scratch, const Span *keys, uint32_t n, Column *out,
                   Err *err) {
    ColBuilder *builders = arena_array(scratch, ColBuilder, set->n_keys);
    if (set->n_set_cols) colb_init(&builders[0], scratch, &type_int, n);
    for (uint32_t i = set->n_set_cols; i < set->n_keys; i++)
        colb_init(&builders[i], scratch, set->node->schema.fields[i - set->n_set_cols].type, n);
    for (uint32_t i = 0; i < n; i++) TRY(rowkey_decode(keys[i], builders, set->n_keys, NULL, err));
    for (uint32_t i = set->n_set_cols; i < set->n_keys; i++)
        colb_finish(&builders[i], &out[i - set->n_set_cols]);
    return ST_OK;
}

/* ---- adding ---- */

/* The rows that one call takes: all, or a list; with their weights. */
typedef struct AggTake {
    const uint32_t *rows; /* NULL = all, in order */
    const int32_t *weights;
    uint32_t n;
} AggTake;

static bool aggset_passes(const Column *filter, uint32_t row) {
    return !col_is_null(filter, row) && filter->i8[col_at(filter, row)] != 0;
}

static AggTake aggset_filter(Arena *scratch, const AggRows *in, const Column *filter) {
    uint32_t *rows = arena_alloc(scratch, sizeof *rows * (in->n + 1)), n = 0;
    int32_t *weights = NULL;
    for (uint32_t i = 0; i < in->n; i++) {
        rows[n] = i;
        n += aggset_passes(filter, i);
    }
    if (n == in->n) return (AggTake){.weights = in->weights, .n = n};
    if (in->weights) {
        weights = arena_alloc(scratch, sizeof *weights * (n + 1));
        for (uint32_t i = 0; i < n; i++) weights[i] = in->weights[rows[i]];
    }
    return (AggTake){rows, weights, n};
}

/* The rows at which a value enters (+1) or leaves (-1) the set of its group, for every variant. */
static AggTake *aggset_distinct(AggSet *set, const AggDistinct *distinct, Arena *scratch,
                                const AggRows *in, const int64_t *slices) {
    AggTake *takes = arena_array(scratch, AggTake, distinct->n_variants);
    Column *cols = arena_array(scratch, Column, set->n_keys + distinct->n_args);
    char **entries = arena_alloc(scratch, sizeof *entries * (in->n + 1));
    uint8_t *is_new = arena_alloc(scratch, in->n + 1);
    RowKeys keys;
    memcpy(cols, in->cols, sizeof *cols * set->n_keys);
    for (uint32_t i = 0; i < distinct->n_args; i++)
        cols[set->n_keys + i] = in->cols[distinct->args[i]];
    rowkey_encode(scratch, cols, set->n_keys + distinct->n_args, NULL, in->n, &keys);
    map_upsert(distinct->map, &keys, slices, entries, is_new);
    for (uint32_t i = 0; i < in->n; i++) /* swept when no filter lets it pass */
        if (is_new[i] && distinct->filters[0] >= 0) map_mark_dirty(distinct->map, entries[i]);
    for (uint32_t v = 0; v < distinct->n_variants; v++) {
        uint32_t *rows = arena_alloc(scratch, sizeof *rows * (in->n + 1)), n = 0;
        int32_t *weights = arena_alloc(scratch, sizeof *weights * (in->n + 1));
        const Column *filter = distinct->filters[v] < 0 ? NULL : &in->cols[distinct->filters[v]];
        bool has_minus = false;
        for (uint32_t i = 0; i < in->n; i++) {
            int64_t *count = (int64_t *)(void *)entries[i] + v, before = *count;
            if (filter && !aggset_passes(filter, i)) continue;
            *count += in->weights ? in->weights[i] : 1;
            if (*count == 0) map_mark_dirty(distinct->map, entries[i]);
            if ((before > 0) == (*count > 0)) continue;
            rows[n] = i;
            weights[n++] = *count > 0 ? 1 : -1;
            has_minus = has_minus || *count <= 0;
        }
        takes[v] = (AggTake){rows, has_minus ? weights : NULL, n};
    }
    return takes;
}

/* The argument columns and group pointers of the rows that a call takes. */
static const Column *aggset_args(Arena *scratch, const AggSlot *slot, const AggRows *in,
                                 const AggTake *take) {
    Column *args = arena_alloc(scratch, sizeof *args * (slot->call->n_args + 1));
    for (uint32_t i = 0; i < slot->call->n_args; i++) {
        const Column *col = &in->cols[slot->args[i]];
        args[i] = take->rows ? col_gather(scratch, col, take->rows, take->n) : *col;
    }
    return args;
}

static Status aggset_add_states(AggSet *set, OpCtx *ctx, const AggSlot *slot, const AggRows *in,
                                const AggTake *take, char *const *entries, Err *err) {
    AggCtx agg = {set->heap, ctx->env, ctx->scratch, slot->call};
    char **states = arena_alloc(ctx->scratch, sizeof *states * (take->n + 1));
    if (take->rows)
        for (uint32_t i = 0; i < take->n; i++) states[i] = entries[take->rows[i]] + slot->offset;
    else
        for (uint32_t i = 0; i < take->n; i++) states[i] = entries[i] + slot->offset;
    return slot->call->agg->add(&agg, states, aggset_args(ctx->scratch, slot, in, take),
                                take->weights, take->n, err);
}

/* Adds (weight > 0) or takes away (< 0) copies of a value of a group kept by arrival. A retraction
 * takes the oldest equal value. */
static void aggset_arrival(AggSet *set, const AggSlot *slot, MultiGroup *values, MultiGroup *places,
                           Span value, int32_t weight) {
    Buf *sort = &set->sort;
    char order[8];
    for (; weight > 0; weight--) {
        uint64_t number = __builtin_bswap64(++*set->arrivals);
        memcpy(order, &number, 8);
        buf_reset(sort);
        buf_span(sort, value);
        buf_put(sort, order, 8);
        multi_add(slot->values, values, (Span){order, 8}, value, 1, false, NULL);
        multi_add(slot->places, places, buf_as_span(sort), (Span){NULL, 0}, 1, false, NULL);
    }
    for (; weight < 0; weight++) {
        MultiRow row;
        if (!multi_at(places, multi_lower_bound(places, value), &row)) return;
        if (row.sort.len != value.len + 8 || memcmp(row.sort.ptr, value.ptr, value.len) != 0)
            return;
        memcpy(order, row.sort.ptr + value.len, 8);
        buf_reset(sort);
        buf_span(sort, row.sort);
        multi_add(slot->values, values, (Span){order, 8}, (Span){NULL, 0}, -1, false, NULL);
        multi_add(slot->places, places, buf_as_span(sort), (Span){NULL, 0}, -1, false, NULL);
    }
}

static void aggset_add_values(AggSet *set, OpCtx *ctx, const AggSlot *slot, const AggRows *in,
                              const AggTake *take, const RowKeys *keys) {
    Arena *scratch = ctx->scratch;
    const Column *args = aggset_args(scratch, slot, in, take);
    MultiGroup **groups = arena_alloc(scratch, sizeof *groups * (keys->n + 1)), **places = NULL;
    bool is_arrival = slot->mode == AGGMODE_BY_ARRIVAL;
    bool is_ordered = (slot->call->agg->traits & AGG_ORDERED) != 0;
    RowKeys values;
    rowkey_encode(scratch, args, slot->call->n_args, NULL, take->n, &values);
    multi_upsert(slot->values, keys, groups);
    if (is_arrival) {
        places = arena_alloc(scratch, sizeof *places * (keys->n + 1));
        multi_upsert(slot->places, keys, places);
    }
    for (uint32_t i = 0; i < take->n; i++) {
        uint32_t row = take->rows ? take->rows[i] : i;
        int32_t weight = take->weights ? take->weights[i] : 1;
        Span value = rowkey_get(&values, i);
        if (is_ordered && col_is_null(&args[0], i)) continue;
        if (is_arrival)
            aggset_arrival(set, slot, groups[row], places[row], value, weight);
        else
            multi_add(slot->values, groups[row], value, (Span){NULL, 0}, weight, false, NULL);
    }
}

Status aggset_add(AggSet *set, OpCtx *ctx, const AggRows *rows, char *const *entries,
                  const RowKeys *keys, const int64_t *slices, Err *err) {
    AggTake **takes = arena_array(ctx->scratch, AggTake *, set->n_distincts);
    for (uint32_t i = 0; i < set->n_distincts; i++)
        takes[i] = aggset_distinct(set, &set->distincts[i], ctx->scratch, rows, slices);
    for (uint32_t i = 0; i < set->n_slots; i++) {
        const AggSlot *slot = &set->slots[i];
        AggTake take = {.weights = rows->weights, .n = rows->n};
        if (slot->distinct >= 0)
            take = takes[slot->distinct][slot->variant];
        else if (slot->filter >= 0)
            take = aggset_filter(ctx->scratch, rows, &rows->cols[slot->filter]);
        if (!take.n) continue;
        if (slot->mode == AGGMODE_ADD)
            TRY(aggset_add_states(set, ctx, slot, rows, &take, entries, err));
        else
            aggset_add_values(set, ctx, slot, rows, &take, keys);
    }
    return ST_OK;
}

bool aggset_can_merge(const AggSet *set) {
    if (set->n_distincts) return false;
    for (uint32_t i = 0; i < set->n_slots; i++)
        if (set->slots[i].mode != AGGMODE_ADD || !(set->slots[i].call->agg->traits & AGG_MERGEABLE))
            return false;
    return true;
}

Status aggset_merge(AggSet *set, OpCtx *ctx, char *into, const char *from, Err *err) {
    for (uint32_t i = 0; i < set->n_slots; i++) {
        const AggSlot *slot = &set->slots[i];
        AggCtx agg = {set->heap, ctx->env, ctx->scratch, slot->call};
        TRY(slot->call->agg->merge(&agg, into + slot->offset, from + slot->offset, err));
    }
    return ST_OK;
}

/* ---- results ---- */

static Status aggset_first(const AggSlot *slot, MultiGroup *const *groups, uint32_t n,
                           ColBuilder *out, Err *err) {
    bool is_last = (slot->call->agg->traits & AGG_LAST) != 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t n_rows = groups[i] ? multi_rows(groups[i]) : 0;
        MultiRow row;
        if (!n_rows) {
            colb_null(out);
            continue;
        }
        multi_at(groups[i], is_last ? n_rows - 1 : 0, &row);
        TRY(rowkey_decode(slot->mode == AGGMODE_BY_ARRIVAL ? row.value : row.sort, out, 1, NULL,
                          err));
    }
    return ST_OK;
}

/* Builds a state from the values of one group and appends its result. */
static Status aggset_rebuild(AggSet *set, OpCtx *ctx, const AggSlot *slot, const MultiGroup *group,
                             ColBuilder *out, Err *err) {
    const Agg *agg = slot->call->agg;
    AggCtx agg_ctx = {set->heap, ctx->env, ctx->scratch, slot->call};
    uint32_t n_args = slot->call->n_args, n = group ? (uint32_t)multi_rows(group) : 0;
    ColBuilder *builders = arena_array(ctx->scratch, ColBuilder, n_args);
    Column *args = arena_array(ctx->scratch, Column, n_args);
    char *state = arena_zalloc(ctx->scratch, agg->state_size);
    char **states = arena_array(ctx->scratch, char *, n);
    int32_t *weights = arena_array(ctx->scratch, int32_t, n);
    for (uint32_t a = 0; a < n_args; a++)
        colb_init(&builders[a], ctx->scratch, slot->call->args[a]->type, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        MultiRow row;
        multi_at(group, i, &row);
        states[i] = state;
        weights[i] = (int32_t)row.count;
        TRY(rowkey_decode(slot->mode == AGGMODE_BY_ARRIVAL ? row.value : row.sort, builders, n_args,
                          NULL, err));
    }
    for (uint32_t a = 0; a < n_args; a++) colb_finish(&builders[a], &args[a]);
    if (n) TRY(agg->add(&agg_ctx, states, args, weights, n, err));
    TRY(agg->result(&agg_ctx, (const char *const *)&state, 1, out, err));
    for (uint32_t bit = 0; bit < 32; bit++)
        if (agg->var_slots >> bit & 1)
            statevar_clear(set->heap, (StateVar *)(void *)(state + (size_t)8 * bit));
    return ST_OK;
}

Status aggset_results(AggSet *set, OpCtx *ctx, char *const *entries, uint32_t n,
                      const RowKeys *keys, ColBuilder *out, Err *err) {
    const char **states = arena_alloc(ctx->scratch, sizeof *states * (n + 1));
    MultiGroup **groups = NULL;
    if (set->has_values) groups = arena_alloc(ctx->scratch, sizeof *groups * (n + 1));
    for (uint32_t s = 0; s < set->n_slots; s++) {
        const AggSlot *slot = &set->slots[s];
        AggCtx agg = {set->heap, ctx->env, ctx->scratch, slot->call};
        if (slot->mode == AGGMODE_ADD) {
            for (uint32_t i = 0; i < n; i++) states[i] = entries[i] + slot->offset;
            TRY(slot->call->agg->result(&agg, states, n, &out[s], err));
            continue;
        }
        multi_find(slot->values, keys, groups);
        if (slot->call->agg->traits & AGG_ORDERED) {
            TRY(aggset_first(slot, groups, n, &out[s], err));
            continue;
        }
        for (uint32_t i = 0; i < n; i++)
            TRY(aggset_rebuild(set, ctx, slot, groups[i], &out[s], err));
    }
    return ST_OK;
}

void aggset_forget(AggSet *set, const RowKeys *keys, Arena *scratch) {
    MultiGroup **groups;
    if (!set->has_values || !keys->n) return;
    groups = arena_alloc(scratch, sizeof *groups * keys->n);
    for (uint32_t s = 0; s < set->n_slots; s++) {
        MultiMap *const tables[2] = {set->slots[s].values, set->slots[s].places};
        for (uint32_t t = 0; t < 2; t++) {
            if (!tables[t]) continue;
            multi_find(tables[t], keys, groups);
            for (uint32_t i = 0; i < keys->n; i++)
                if (groups[i]) multi_remove(tables[t], groups[i]);
        }
    }
}

void aggset_sweep(AggSet *set) {
    for (uint32_t d = 0; d < set->n_distincts; d++) {
        const AggDistinct *distinct = &set->distincts[d];
        uint32_t n;
        char *const *dirty = map_dirty(distinct->map, &n);
        for (uint32_t i = 0; i < n; i++) {
            const int64_t *counts = (const int64_t *)(const void *)dirty[i];
            bool is_empty = true;
            for (uint32_t v = 0; v < distinct->n_variants; v++)
                is_empty = is_empty && counts[v] == 0;
            if (is_empty) map_remove(distinct->map, dirty[i]);
        }
        map_clear_dirty(distinct->map);
    }
}

void aggset_explain(const Node *node, Buf *out) {
    const Schema *in = &node->inputs[0]->schema;
    buf_puts(out, "keys=[");
    for (uint32_t i = 0; i < node->agg.n_keys; i++) {
        if (i) buf_puts(out, ", ");
        expr_print(node->exprs[i], in, out);
    }
    buf_puts(out, "], calls=[");
    for (uint32_t i = 0; i < node->agg.n_calls; i++) {
        const AggCall *call = &node->agg.calls[i];
        buf_printf(out, "%s%s(%s", i ? ", " : "", call->agg->name,
                   call->is_distinct ? "DISTINCT " : "");
        for (uint32_t a = 0; a < call->n_args; a++) {
            if (a) buf_puts(out, ", ");
            expr_print(call->args[a], in, out);
        }
        if (!call->n_args) buf_puts(out, "*");
        buf_puts(out, ")");
        if (!call->filter) continue;
        buf_puts(out, " FILTER (WHERE ");
        expr_print(call->filter, in, out);
        buf_puts(out, ")");
    }
    buf_puts(out, "]");
}
