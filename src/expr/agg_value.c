/* agg_value.c -- aggregates that keep values as they came: FIRST_VALUE, LAST_VALUE, SINGLE_VALUE,
 * LISTAGG, ARRAY_AGG, COLLECT.
 *
 * Their answer depends on the order of rows, so the operator hands over the group's rows in order
 * of arrival (AGG_ARRIVAL_ORDER) and never negative weights.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agglist.h"

/* ---- FIRST_VALUE, LAST_VALUE, SINGLE_VALUE ---- */

typedef struct KeptValue {
    int64_t n;       /* rows seen that count */
    int64_t is_null; /* SINGLE_VALUE may keep a NULL */
    StateVar value;
    StateVar order; /* its sort key, when the call has an ORDER BY */
} KeptValue;
enum { KEPT_VARS = 1 << (offsetof(KeptValue, value) / 8) | 1 << (offsetof(KeptValue, order) / 8) };

/* Whether a row comes before (or, for the last value, not before) the one that is kept. */
static bool kept_is_better(const AggCtx *ctx, const KeptValue *s, Span order, bool is_last) {
    int cmp;
    if (!s->n) return true;
    if (!ctx->call->n_order) return is_last;
    cmp = span_cmp(order, (Span){s->order.ptr, s->order.len});
    return is_last ? cmp >= 0 : cmp < 0;
}

static Status kept_add(AggCtx *ctx, char *const *states, const Column *args, uint32_t n,
                       bool is_last) {
    const AggCall *call = ctx->call;
    Buf buf, order;
    buf_init(&buf, NULL);
    buf_init(&order, NULL);
    for (uint32_t i = 0; i < n; i++) {
        KeptValue *s = (KeptValue *)(void *)states[i];
        if (col_is_null(&args[0], i)) continue;
        if (call->n_order) {
            buf_reset(&order);
            rowkey_encode_row(args + (call->n_args - call->n_order), call->n_order, call->order, i,
                              &order);
        }
        if (!kept_is_better(ctx, s, buf_as_span(&order), is_last)) continue;
        Span bytes = agglist_kept_bytes(&args[0], i, &buf);
        statevar_set(ctx->heap, &s->value, bytes.ptr, (uint32_t)bytes.len);
        if (call->n_order) statevar_set(ctx->heap, &s->order, order.ptr, (uint32_t)order.len);
        s->n = 1;
    }
    buf_deinit(&buf);
    buf_deinit(&order);
    return ST_OK;
}

static Status first_add(AggCtx *ctx, char *const *states, const Column *args,
                        const int32_t *weights, uint32_t n, Err *err) {
    (void)weights, (void)err;
    return kept_add(ctx, states, args, n, false);
}

static Status last_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *weights,
                       uint32_t n, Err *err) {
    (void)weights, (void)err;
    return kept_add(ctx, states, args, n, true);
}

static Status single_add(AggCtx *ctx, char *const *states, const Column *args,
                         const int32_t *weights, uint32_t n, Err *err) {
    Buf buf;
    Status status = ST_OK;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        KeptValue *s = (KeptValue *)(void *)states[i];
        s->n += agg_weight(weights, i);
        s->is_null = col_is_null(&args[0], i);
        if (s->n > 1) {
            status = err_set(err, ST_INVALID, "21000", ctx->call->pos, __FILE__, __LINE__,
                             "a subquery used as a value returned more than one row");
        } else if (!s->is_null) {
            Span bytes = agglist_kept_bytes(&args[0], i, &buf);
            statevar_set(ctx->heap, &s->value, bytes.ptr, (uint32_t)bytes.len);
        }
    }
    buf_deinit(&buf);
    return status;
}

static Status kept_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                          Err *err) {
    (void)ctx;
    for (uint32_t i = 0; i < n; i++) {
        const KeptValue *s = (const KeptValue *)(const void *)states[i];
        if (s->n == 0 || s->is_null) {
            colb_null(out);
        } else {
            TRY(agglist_kept_put(out, (Span){s->value.ptr, s->value.len}, err));
        }
    }
    return ST_OK;
}

/* ---- LISTAGG ---- */

/* The text so far; with ORDER BY the same memory is an AggList. */
typedef struct ListText {
    int64_t n;
    StateVar text;
} ListText;
enum { LIST_VARS = AGG_LIST_VARS };
static_assert(sizeof(ListText) == sizeof(AggList), "one state serves both");

/* Sorted texts are kept one by one: LISTAGG(x, ',') WITHIN GROUP (ORDER BY y). The separator, a
 * constant, is read at the end. */
static Status listagg_sorted(AggCtx *ctx, const char *state, ColBuilder *out) {
    bool has_separator = ctx->call->n_args - ctx->call->n_order > 1;
    Span separator = SPAN(",");
    AggItem *items;
    uint32_t n = agglist_items(ctx, state, &items);
    Buf buf;
    if (has_separator && !col_is_null(ctx->call->args[1]->value, 0))
        separator = fn_span(ctx->call->args[1]->value, 0);
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        if (i) buf_span(&buf, separator);
        buf_span(&buf, items[i].bytes);
    }
    colb_str(out, buf.ptr, buf.len);
    buf_deinit(&buf);
    return ST_OK;
}

static Status listagg_add(AggCtx *ctx, char *const *states, const Column *args,
                          const int32_t *weights, uint32_t n, Err *err) {
    if (ctx->call->n_order) return agglist_add(ctx, states, &args[0], args, weights, n, false, err);
    for (uint32_t i = 0; i < n; i++) {
        ListText *s = (ListText *)(void *)states[i];
        if (col_is_null(&args[0], i)) continue;
        Span value = fn_span(&args[0], i), separator = SPAN(",");
        if (ctx->call->n_args > 1 && !col_is_null(&args[1], i)) separator = fn_span(&args[1], i);
        for (int64_t w = agg_weight(weights, i); w > 0; w--) {
            if ((size_t)s->text.len + separator.len + value.len > FN_TEXT_MAX)
                FAIL(err, ST_LIMIT, "54000", ctx->call->pos, "the result of LISTAGG is too long");
            if (s->n++)
                statevar_append(ctx->heap, &s->text, separator.ptr, (uint32_t)separator.len);
            statevar_append(ctx->heap, &s->text, value.ptr, (uint32_t)value.len);
        }
    }
    return ST_OK;
}

static Status listagg_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                             Err *err) {
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const ListText *s = (const ListText *)(const void *)states[i];
        if (s->n == 0) {
            colb_null(out);
        } else if (ctx->call->n_order) {
            TRY(listagg_sorted(ctx, states[i], out));
        } else {
            colb_str(out, s->text.ptr, s->text.len);
        }
    }
    return ST_OK;
}

/* ---- ARRAY_AGG, COLLECT ---- */

static Status array_agg_add(AggCtx *ctx, char *const *states, const Column *args,
                            const int32_t *weights, uint32_t n, Err *err) {
    return agglist_add(ctx, states, &args[0], args, weights, n, true, err);
}
static Status collect_add(AggCtx *ctx, char *const *states, const Column *args,
                          const int32_t *weights, uint32_t n, Err *err) {
    return agglist_add(ctx, states, &args[0], args, weights, n, false, err);
}

static Status array_agg_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                               Err *err) {
    for (uint32_t i = 0; i < n; i++) {
        AggItem *items;
        uint32_t n_items = agglist_items(ctx, states[i], &items);
        if (n_items == 0) {
            colb_null(out);
            continue;
        }
        for (uint32_t k = 0; k < n_items; k++) {
            if (items[k].is_null)
                colb_null(&out->children[0]);
            else
                TRY(agglist_kept_put(&out->children[0], items[k].bytes, err));
        }
        colb_list_end(out);
    }
    return ST_OK;
}

/* Distinct values of one list, in order of arrival, with their counts. */
typedef struct CollectSet {
    Span *values;
    int32_t *counts;
    uint32_t n, n_slots;
    uint32_t *slots; /* index + 1 */
} CollectSet;

static void collect_set_add(CollectSet *set, Span value) {
    uint32_t slot = (uint32_t)hash_bytes(value.ptr, value.len, 0) & (set->n_slots - 1);
    for (; set->slots[slot]; slot = (slot + 1) & (set->n_slots - 1)) {
        if (!span_eq(set->values[set->slots[slot] - 1], value)) continue;
        set->counts[set->slots[slot] - 1]++;
        return;
    }
    set->values[set->n] = value;
    set->counts[set->n] = 1;
    set->slots[slot] = ++set->n;
}

static Status collect_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                             Err *err) {
    for (uint32_t i = 0; i < n; i++) {
        CollectSet set = {.n_slots = 16};
        AggItem *items;
        uint32_t n_items = agglist_items(ctx, states[i], &items);
        while (set.n_slots < 2 * (uint64_t)n_items) set.n_slots *= 2;
        set.values = arena_array(ctx->scratch, Span, n_items);
        set.counts = arena_array(ctx->scratch, int32_t, n_items);
        set.slots = arena_array(ctx->scratch, uint32_t, set.n_slots);
        for (uint32_t k = 0; k < n_items; k++) collect_set_add(&set, items[k].bytes);
        for (uint32_t k = 0; k < set.n; k++) {
            TRY(agglist_kept_put(&out->children[0], set.values[k], err));
            colb_i32(&out->children[1], set.counts[k]);
        }
        colb_list_end(out);
    }
    return ST_OK;
}

const Agg aggs_value[] = {
    {.name = "FIRST_VALUE",
     .sig = "(ANY) -> $1",
     .traits = AGG_ARRIVAL_ORDER | AGG_TAKES_ORDER,
     .state_size = sizeof(KeptValue),
     .var_slots = KEPT_VARS,
     .add = first_add,
     .result = kept_result,
     .help = "The value that arrived first and is not NULL.",
     .example = "FIRST_VALUE(x) OVER NULL, 1, 2 => 1"},
    {.name = "LAST_VALUE",
     .sig = "(ANY) -> $1",
     .traits = AGG_ARRIVAL_ORDER | AGG_TAKES_ORDER,
     .state_size = sizeof(KeptValue),
     .var_slots = KEPT_VARS,
     .add = last_add,
     .result = kept_result,
     .help = "The value that arrived last and is not NULL.",
     .example = "LAST_VALUE(x) OVER 1, 2, NULL => 2"},
    {.name = "SINGLE_VALUE",
     .sig = "(ANY) -> $1",
     .traits = AGG_ARRIVAL_ORDER,
     .state_size = sizeof(KeptValue),
     .var_slots = KEPT_VARS,
     .add = single_add,
     .result = kept_result,
     .help = "The only value; an error when there are more.",
     .example = "SINGLE_VALUE(x) OVER 5 => 5"},
    {.name = "LISTAGG",
     .sig = "(STRING [, LITERAL STRING]) -> STRING",
     .traits = AGG_ARRIVAL_ORDER | AGG_TAKES_ORDER,
     .state_size = sizeof(ListText),
     .var_slots = LIST_VARS,
     .add = listagg_add,
     .result = listagg_result,
     .help = "The texts joined in order of arrival or of ORDER BY, with ',' or the given separator "
             "between "
             "them: LISTAGG(x, ';') [WITHIN GROUP (ORDER BY y)].",
     .example = "LISTAGG(x) OVER 'a', 'b' => a,b"},
    {.name = "STRING_AGG",
     .sig = "(STRING [, LITERAL STRING]) -> STRING",
     .traits = AGG_ARRIVAL_ORDER | AGG_TAKES_ORDER,
     .state_size = sizeof(ListText),
     .var_slots = LIST_VARS,
     .add = listagg_add,
     .result = listagg_result,
     .help = "Same as LISTAGG; PostgreSQL's name: STRING_AGG(x, ';' ORDER BY y).",
     .example = "STRING_AGG(x) OVER 'a', 'b' => a,b"},
    {.name = "ARRAY_AGG",
     .sig = "(T) -> ARRAY<T>",
     .traits = AGG_ARRIVAL_ORDER | AGG_TAKES_ORDER,
     .state_size = sizeof(ListText),
     .var_slots = LIST_VARS,
     .add = array_agg_add,
     .result = array_agg_result,
     .help = "All values in order of arrival or of ORDER BY, NULLs included unless IGNORE NULLS is "
             "said.",
     .example = "ARRAY_AGG(x) OVER 1, NULL, 2 => [1, NULL, 2]"},
    {.name = "COLLECT",
     .sig = "(T) -> MULTISET<T>!",
     .traits = AGG_ARRIVAL_ORDER,
     .state_size = sizeof(ListText),
     .var_slots = LIST_VARS,
     .add = collect_add,
     .result = collect_result,
     .help = "The multiset of all values that are not NULL.",
     .example = "COLLECT(x) OVER 'a', 'b', 'a' => {a=2, b=1}"},
    AGG_END};
