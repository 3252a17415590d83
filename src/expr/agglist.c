/* agglist.c -- see agglist.h. An item is two 4-byte lengths (AGG_LIST_NULL for a NULL), the
 * value's bytes and those of its sort key.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agglist.h"

#define AGG_LIST_NULL UINT32_MAX

Span agglist_kept_bytes(const Column *col, uint32_t row, Buf *buf) {
    Phys phys = type_phys(col->type);
    uint32_t at = col_at(col, row), width = phys_width(phys);
    if (phys == PHYS_STR) return str_span(&col->str[at]);
    if (width) return (Span){(const char *)col->data + (size_t)at * width, width};
    buf_reset(buf);
    rowcodec_encode(col, 1, row, buf);
    return buf_as_span(buf);
}

Status agglist_kept_put(ColBuilder *out, Span bytes, Err *err) {
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

void agglist_put(AggCtx *ctx, char *state, bool is_null, Span bytes, Span order) {
    AggList *s = (AggList *)(void *)state;
    uint32_t lens[2] = {is_null ? AGG_LIST_NULL : (uint32_t)bytes.len, (uint32_t)order.len};
    statevar_append(ctx->heap, &s->items, lens, sizeof lens);
    if (!is_null && bytes.len)
        statevar_append(ctx->heap, &s->items, bytes.ptr, (uint32_t)bytes.len);
    if (order.len) statevar_append(ctx->heap, &s->items, order.ptr, (uint32_t)order.len);
    s->n++;
}

Status agglist_add(AggCtx *ctx, char *const *states, const Column *values, const Column *args,
                   const int32_t *weights, uint32_t n, bool with_nulls, Err *err) {
    const AggCall *call = ctx->call;
    const Column *keys = args + (call->n_args - call->n_order);
    Buf value, order;
    Status status = ST_OK;
    buf_init(&value, NULL);
    buf_init(&order, NULL);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        bool is_null = col_is_null(values, i);
        if (is_null && !with_nulls) continue;
        Span bytes = is_null ? (Span){0} : agglist_kept_bytes(values, i, &value);
        buf_reset(&order);
        if (call->n_order) rowkey_encode_row(keys, call->n_order, call->order, i, &order);
        for (int64_t w = agg_weight(weights, i); w > 0; w--) {
            const AggList *s = (const AggList *)(const void *)states[i];
            if ((size_t)s->items.len + bytes.len + order.len + 8 > UINT32_MAX / 2) {
                status = err_set(err, ST_LIMIT, "54000", call->pos, __FILE__, __LINE__,
                                 "the result of %s is too long", call->agg->name);
                break;
            }
            agglist_put(ctx, states[i], is_null, bytes, buf_as_span(&order));
        }
    }
    buf_deinit(&value);
    buf_deinit(&order);
    return status;
}

Status agglist_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    AggList *a = (AggList *)(void *)into;
    const AggList *b = (const AggList *)(const void *)from;
    if ((size_t)a->items.len + b->items.len > UINT32_MAX / 2) {
        FAIL(err, ST_LIMIT, "54000", ctx->call->pos, "the result of %s is too long",
             ctx->call->agg->name);
    }
    if (b->items.len) statevar_append(ctx->heap, &a->items, b->items.ptr, b->items.len);
    a->n += b->n;
    return ST_OK;
}

static int agglist_item_order(const void *a, const void *b) {
    const AggItem *x = a, *y = b;
    int order = span_cmp(x->order, y->order);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

uint32_t agglist_items(AggCtx *ctx, const char *state, AggItem **out) {
    const AggList *s = (const AggList *)(const void *)state;
    AggItem *items = arena_alloc(ctx->scratch, sizeof *items * (size_t)(s->n + 1));
    uint32_t n = 0;
    for (uint32_t at = 0; at < s->items.len; n++) {
        uint32_t lens[2];
        memcpy(lens, s->items.ptr + at, sizeof lens);
        at += (uint32_t)sizeof lens;
        items[n] = (AggItem){.at = n, .is_null = lens[0] == AGG_LIST_NULL};
        if (!items[n].is_null) {
            items[n].bytes = (Span){s->items.ptr + at, lens[0]};
            at += lens[0];
        }
        items[n].order = (Span){s->items.ptr + at, lens[1]};
        at += lens[1];
    }
    if (ctx->call->n_order) qsort(items, n, sizeof *items, agglist_item_order);
    *out = items;
    return n;
}
