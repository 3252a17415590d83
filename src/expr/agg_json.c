/* agg_json.c -- JSON_OBJECTAGG and JSON_ARRAYAGG. Their values come as JSON texts already (see
 * fn_json_make.c), so a state is a list of texts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"
#include "expr/agglist.h"
#include "expr/dom.h"

static bool json_agg_keeps_nulls(const AggCtx *ctx) {
    const Expr *word = ctx->call->args[0];
    return word->kind == EXPR_CONST && span_is(fn_span(word->value, 0), "NULL");
}

/* ---- JSON_ARRAYAGG ---- */

static Status json_array_add(AggCtx *ctx, char *const *states, const Column *args,
                             const int32_t *weights, uint32_t n, Err *err) {
    bool keeps_nulls = json_agg_keeps_nulls(ctx);
    return agglist_add(ctx, states, &args[1], args, weights, n, keeps_nulls, err);
}

static Status json_array_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                                Err *err) {
    Buf buf;
    (void)err;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        AggItem *items;
        uint32_t n_items = agglist_items(ctx, states[i], &items);
        buf_reset(&buf);
        buf_putc(&buf, '[');
        for (uint32_t k = 0; k < n_items; k++) {
            if (k) buf_putc(&buf, ',');
            buf_span(&buf, items[k].is_null ? SPAN("null") : items[k].bytes);
        }
        buf_putc(&buf, ']');
        colb_str(out, buf.ptr, buf.len);
    }
    buf_deinit(&buf);
    return ST_OK;
}

/* ---- JSON_OBJECTAGG ---- */

/* An item is "key":json, so that sorting and printing need nothing else; the key ends where its
 * quoted text does. */
static Status json_object_add(AggCtx *ctx, char *const *states, const Column *args,
                              const int32_t *weights, uint32_t n, Err *err) {
    bool keeps_nulls = json_agg_keeps_nulls(ctx);
    Buf buf;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        bool is_null = col_is_null(&args[2], i);
        uint32_t key_len = 0;
        if (col_is_null(&args[1], i)) {
            buf_deinit(&buf);
            FAIL(err, ST_INVALID, "22030", ctx->call->pos, "a key of JSON_OBJECTAGG is NULL");
        }
        if (is_null && !keeps_nulls) continue;
        buf_reset(&buf);
        buf_put(&buf, &key_len, sizeof key_len);
        dom_print_string(fn_span(&args[1], i), &buf);
        key_len = (uint32_t)(buf.len - sizeof key_len);
        memcpy(buf.ptr, &key_len, sizeof key_len);
        buf_putc(&buf, ':');
        buf_span(&buf, is_null ? SPAN("null") : fn_span(&args[2], i));
        for (int64_t w = agg_weight(weights, i); w > 0; w--)
            agglist_put(ctx, states[i], false, buf_as_span(&buf), (Span){0});
    }
    buf_deinit(&buf);
    return ST_OK;
}

static Span json_object_key(Span item) {
    uint32_t len;
    memcpy(&len, item.ptr, sizeof len);
    return (Span){item.ptr + sizeof len, len};
}

static int json_object_order(const void *a, const void *b) {
    return span_cmp(json_object_key(((const AggItem *)a)->bytes),
                    json_object_key(((const AggItem *)b)->bytes));
}

static Status json_object_result(AggCtx *ctx, const char *const *states, uint32_t n,
                                 ColBuilder *out, Err *err) {
    Buf buf;
    Status status = ST_OK;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        AggItem *items;
        uint32_t n_items = agglist_items(ctx, states[i], &items);
        if (n_items) qsort(items, n_items, sizeof *items, json_object_order);
        buf_reset(&buf);
        buf_putc(&buf, '{');
        for (uint32_t k = 0; k < n_items; k++) {
            Span item = items[k].bytes, key = json_object_key(item);
            if (k && span_eq(key, json_object_key(items[k - 1].bytes))) {
                status = err_set(err, ST_INVALID, "22030", ctx->call->pos, __FILE__, __LINE__,
                                 "JSON_OBJECTAGG: the key " SPAN_FMT " comes twice", SPAN_ARG(key));
                break;
            }
            if (k) buf_putc(&buf, ',');
            buf_put(&buf, key.ptr, item.len - sizeof(uint32_t));
        }
        buf_putc(&buf, '}');
        colb_str(out, buf.ptr, buf.len);
    }
    buf_deinit(&buf);
    return status;
}

const Agg aggs_json[] = {
    {.name = "JSON_OBJECTAGG",
     .sig = "(SYMBOL, STRING, STRING) -> STRING!",
     .state_size = sizeof(AggList),
     .var_slots = AGG_LIST_VARS,
     .traits = AGG_MERGEABLE,
     .add = json_object_add,
     .merge = agglist_merge,
     .result = json_object_result,
     .help = "A JSON object of all keys and values, sorted by key: JSON_OBJECTAGG(KEY k VALUE v "
             "[NULL | ABSENT ON NULL]). A key that comes twice is an error.",
     .example = "JSON_OBJECTAGG(KEY x VALUE 1) OVER 'b', 'a' => {\"a\":1,\"b\":1}"},
    {.name = "JSON_ARRAYAGG",
     .sig = "(SYMBOL, STRING) -> STRING!",
     .traits = AGG_ARRIVAL_ORDER | AGG_TAKES_ORDER,
     .state_size = sizeof(AggList),
     .var_slots = AGG_LIST_VARS,
     .add = json_array_add,
     .result = json_array_result,
     .help = "A JSON array of all values, in order of arrival or of ORDER BY: JSON_ARRAYAGG(v "
             "[NULL | ABSENT ON NULL] [ORDER BY k]); NULLs are left out unless NULL ON NULL is "
             "said.",
     .example = "JSON_ARRAYAGG(x) OVER 1, NULL, 2 => [1,2]"},
    AGG_END};
