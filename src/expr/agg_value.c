/* agg_value.c -- aggregates that keep values as they came: FIRST_VALUE, LAST_VALUE, SINGLE_VALUE,
 * LISTAGG, ARRAY_AGG, COLLECT.
 *
 * Their answer depends on the order of rows, so the operator hands over the group's rows in order
 * of arrival (AGG_ARRIVAL_ORDER) and never negative weights.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"

/* ---- one value as bytes ---- */

/* The value's own bytes for fixed-width types and strings, rowcodec's for nested ones. */
static Span kept_bytes(const Column *col, uint32_t row, Buf *buf) {
    Phys phys = type_phys(col->type);
    uint32_t at = col_at(col, row), width = phys_width(phys);
    if (phys == PHYS_STR) return str_span(&col->str[at]);
    if (width) return (Span){(const char *)col->data + (size_t)at * width, width};
    buf_reset(buf);
    rowcodec_encode(col, 1, row, buf);
    return buf_as_span(buf);
}

static Status kept_put(ColBuilder *out, Span bytes, Err *err) {
    Phys phys = type_phys(out->type);
    uint32_t width = phys_width(phys);
    if (phys == PHYS_STR) {
        colb_str(out, bytes.ptr, bytes.len);
    } else if (width) {
        assert(bytes.len == width);
        colb_room(out);
        memcpy((char *)out->data + (size_t)out->n * width, bytes.ptr, width);
        colb_done(out);
    } else {
        return rowcodec_decode(bytes, out, 1, false, err);
    }
    return ST_OK;
}

/* ---- FIRST_VALUE, LAST_VALUE, SINGLE_VALUE ---- */

typedef struct KeptValue {
    int64_t n;       /* rows seen that count */
    int64_t is_null; /* SINGLE_VALUE may keep a NULL */
    StateVar value;
} KeptValue;
enum { KEPT_VARS = 1 << (offsetof(KeptValue, value) / 8) };

static Status first_add(AggCtx *ctx, char *const *states, const Column *args,
                        const int32_t *weights, uint32_t n, Err *err) {
    Buf buf;
    (void)weights, (void)err;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        KeptValue *s = (KeptValue *)(void *)states[i];
        if (s->n || col_is_null(&args[0], i)) continue;
        Span bytes = kept_bytes(&args[0], i, &buf);
        statevar_set(ctx->heap, &s->value, bytes.ptr, (uint32_t)bytes.len);
        s->n = 1;
    }
    buf_deinit(&buf);
    return ST_OK;
}

static Status last_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *weights,
                       uint32_t n, Err *err) {
    Buf buf;
    (void)weights, (void)err;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        KeptValue *s = (KeptValue *)(void *)states[i];
        if (col_is_null(&args[0], i)) continue;
        Span bytes = kept_bytes(&args[0], i, &buf);
        statevar_set(ctx->heap, &s->value, bytes.ptr, (uint32_t)bytes.len);
        s->n = 1;
    }
    buf_deinit(&buf);
    return ST_OK;
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
            Span bytes = kept_bytes(&args[0], i, &buf);
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
            TRY(kept_put(out, (Span){s->value.ptr, s->value.len}, err));
        }
    }
    return ST_OK;
}

/* ---- LISTAGG ---- */

typedef struct ListText {
    int64_t n;
    StateVar text;
} ListText;
enum { LIST_VARS = 1 << (offsetof(ListText, text) / 8) };

static Status listagg_add(AggCtx *ctx, char *const *states, const Column *args,
                          const int32_t *weights, uint32_t n, Err *err) {
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
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const ListText *s = (const ListText *)(const void *)states[i];
        if (s->n == 0) {
            colb_null(out);
        } else {
            colb_str(out, s->text.ptr, s->text.len);
        }
    }
    return ST_OK;
}

/* ---- ARRAY_AGG, COLLECT ---- */

/* The values one behind the other: a 4-byte length and the bytes; LIST_NULL for a NULL. */
#define LIST_NULL UINT32_MAX

static void list_append(AggCtx *ctx, ListText *s, bool is_null, Span bytes) {
    uint32_t len = is_null ? LIST_NULL : (uint32_t)bytes.len;
    statevar_append(ctx->heap, &s->text, &len, sizeof len);
    if (!is_null) statevar_append(ctx->heap, &s->text, bytes.ptr, len);
    s->n++;
}

static Status list_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *weights,
                       uint32_t n, bool with_nulls) {
    Buf buf;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        bool is_null = col_is_null(&args[0], i);
        if (is_null && !with_nulls) continue;
        Span bytes = is_null ? (Span){0} : kept_bytes(&args[0], i, &buf);
        for (int64_t w = agg_weight(weights, i); w > 0; w--)
            list_append(ctx, (ListText *)(void *)states[i], is_null, bytes);
    }
    buf_deinit(&buf);
    return ST_OK;
}
static Status array_agg_add(AggCtx *ctx, char *const *states, const Column *args,
                            const int32_t *weights, uint32_t n, Err *err) {
    (void)err;
    return list_add(ctx, states, args, weights, n, true);
}
static Status collect_add(AggCtx *ctx, char *const *states, const Column *args,
                          const int32_t *weights, uint32_t n, Err *err) {
    (void)err;
    return list_add(ctx, states, args, weights, n, false);
}

/* The value at *at; moves on. */
static bool list_next(const ListText *s, uint32_t *at, bool *is_null, Span *bytes) {
    uint32_t len;
    if (*at >= s->text.len) return false;
    memcpy(&len, s->text.ptr + *at, sizeof len);
    *at += (uint32_t)sizeof len;
    *is_null = len == LIST_NULL;
    *bytes = (Span){s->text.ptr + *at, *is_null ? 0 : len};
    *at += (uint32_t)bytes->len;
    return true;
}

static Status array_agg_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                               Err *err) {
    (void)ctx;
    for (uint32_t i = 0; i < n; i++) {
        const ListText *s = (const ListText *)(const void *)states[i];
        bool is_null;
        Span bytes;
        if (s->n == 0) {
            colb_null(out);
            continue;
        }
        for (uint32_t at = 0; list_next(s, &at, &is_null, &bytes);) {
            if (is_null) {
                colb_null(&out->children[0]);
            } else {
                TRY(kept_put(&out->children[0], bytes, err));
            }
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
        const ListText *s = (const ListText *)(const void *)states[i];
        CollectSet set = {.n_slots = 16};
        bool is_null;
        Span bytes;
        while (set.n_slots < 2 * (uint64_t)s->n) set.n_slots *= 2;
        set.values = arena_array(ctx->scratch, Span, s->n);
        set.counts = arena_array(ctx->scratch, int32_t, s->n);
        set.slots = arena_array(ctx->scratch, uint32_t, set.n_slots);
        for (uint32_t at = 0; list_next(s, &at, &is_null, &bytes);) collect_set_add(&set, bytes);
        for (uint32_t k = 0; k < set.n; k++) {
            TRY(kept_put(&out->children[0], set.values[k], err));
            colb_i32(&out->children[1], set.counts[k]);
        }
        colb_list_end(out);
    }
    return ST_OK;
}

const Agg aggs_value[] = {
    {.name = "FIRST_VALUE",
     .sig = "(ANY) -> $1",
     .traits = AGG_ARRIVAL_ORDER,
     .state_size = sizeof(KeptValue),
     .var_slots = KEPT_VARS,
     .add = first_add,
     .result = kept_result,
     .help = "The value that arrived first and is not NULL.",
     .example = "FIRST_VALUE(x) OVER NULL, 1, 2 => 1"},
    {.name = "LAST_VALUE",
     .sig = "(ANY) -> $1",
     .traits = AGG_ARRIVAL_ORDER,
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
     .traits = AGG_ARRIVAL_ORDER,
     .state_size = sizeof(ListText),
     .var_slots = LIST_VARS,
     .add = listagg_add,
     .result = listagg_result,
     .help = "The texts joined in order of arrival, with ',' or the given separator between them.",
     .example = "LISTAGG(x) OVER 'a', 'b' => a,b"},
    {.name = "ARRAY_AGG",
     .sig = "(T) -> ARRAY<T>",
     .traits = AGG_ARRIVAL_ORDER,
     .state_size = sizeof(ListText),
     .var_slots = LIST_VARS,
     .add = array_agg_add,
     .result = array_agg_result,
     .help = "All values in order of arrival, NULLs included.",
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
