/* agg_minmax.c -- MIN and MAX of everything that has an order.
 *
 * The state is one value. A retraction of it needs the group's other values: the operator keeps
 * them sorted (AGG_ORDERED) and never hands over negative weights.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"

/* Values of up to 8 bytes are kept in order-preserving form in `word`, DECIMALs in `wide`. */
typedef struct ExtremeState {
    int64_t has;
    union {
        int64_t word;
        double real;
        AggInt128 wide;
    };
} ExtremeState;

typedef struct ExtremeText {
    int64_t has;
    StateVar text;
} ExtremeText;

/* sign 1: MAX, -1: MIN. */
#define EXTREME_EACH(T, field, member, BETTER)               \
    for (uint32_t i = 0; i < n; i++) {                       \
        ExtremeState *s = (ExtremeState *)(void *)states[i]; \
        if (valid && !bit_get(valid, i * step)) continue;    \
        T x = args[0].field[i * step];                       \
        if (!s->has || (BETTER)) {                           \
            s->member = x;                                   \
            s->has = 1;                                      \
        }                                                    \
    }

/* Floats as PostgreSQL orders them: NaN above all. */
static bool extreme_real_less(double a, double b) {
    if (isnan(b)) return !isnan(a);
    return a < b;
}

static Status extreme_add(char *const *states, const Column *args, uint32_t n, bool is_max) {
    const uint64_t *valid = args[0].valid;
    uint32_t step = fn_step(&args[0]);
    switch (type_phys(args[0].type)) {
    case PHYS_I8: EXTREME_EACH(int64_t, i8, word, is_max ? x > s->word : x < s->word) break;
    case PHYS_I16: EXTREME_EACH(int64_t, i16, word, is_max ? x > s->word : x < s->word) break;
    case PHYS_I32: EXTREME_EACH(int64_t, i32, word, is_max ? x > s->word : x < s->word) break;
    case PHYS_I64: EXTREME_EACH(int64_t, i64, word, is_max ? x > s->word : x < s->word) break;
    case PHYS_F32:
        EXTREME_EACH(double, f32, real,
                     is_max ? extreme_real_less(s->real, x) : extreme_real_less(x, s->real))
        break;
    case PHYS_F64:
        EXTREME_EACH(double, f64, real,
                     is_max ? extreme_real_less(s->real, x) : extreme_real_less(x, s->real))
        break;
    default: EXTREME_EACH(Int128, i128, wide, is_max ? x > s->wide : x < s->wide) break;
    }
    return ST_OK;
}

static Status max_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *weights,
                      uint32_t n, Err *err) {
    (void)ctx, (void)weights, (void)err;
    return extreme_add(states, args, n, true);
}
static Status min_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *weights,
                      uint32_t n, Err *err) {
    (void)ctx, (void)weights, (void)err;
    return extreme_add(states, args, n, false);
}

static int extreme_cmp(Phys phys, const ExtremeState *a, const ExtremeState *b) {
    if (phys == PHYS_I128) return (a->wide > b->wide) - (a->wide < b->wide);
    if (phys == PHYS_F32 || phys == PHYS_F64)
        return extreme_real_less(b->real, a->real) - extreme_real_less(a->real, b->real);
    return (a->word > b->word) - (a->word < b->word);
}

static Status extreme_merge(AggCtx *ctx, char *into, const char *from, int sign) {
    ExtremeState *a = (ExtremeState *)(void *)into;
    const ExtremeState *b = (const ExtremeState *)(const void *)from;
    Phys phys = type_phys(ctx->call->args[0]->type);
    if (b->has && (!a->has || sign * extreme_cmp(phys, b, a) > 0)) *a = *b;
    return ST_OK;
}
static Status max_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    (void)err;
    return extreme_merge(ctx, into, from, 1);
}
static Status min_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    (void)err;
    return extreme_merge(ctx, into, from, -1);
}

static Status extreme_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                             Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const ExtremeState *s = (const ExtremeState *)(const void *)states[i];
        if (!s->has) {
            colb_null(out);
            continue;
        }
        switch (type_phys(out->type)) {
        case PHYS_I8: colb_i8(out, (int8_t)s->word); break;
        case PHYS_I16: colb_i16(out, (int16_t)s->word); break;
        case PHYS_I32: colb_i32(out, (int32_t)s->word); break;
        case PHYS_I64: colb_i64(out, s->word); break;
        case PHYS_F32: colb_f32(out, (float)s->real); break;
        case PHYS_F64: colb_f64(out, s->real); break;
        default: colb_i128(out, s->wide); break;
        }
    }
    return ST_OK;
}

/* ---- strings and bytes ---- */

static void extreme_text_take(StateHeap *heap, ExtremeText *s, const Str *x, int sign) {
    Str have = str_make(s->text.ptr, s->text.len);
    if (s->has && sign * str_cmp(x, &have) <= 0) return;
    statevar_set(heap, &s->text, str_bytes(x), x->len);
    s->has = 1;
}

static Status extreme_text_add(AggCtx *ctx, char *const *states, const Column *args, uint32_t n,
                               int sign) {
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i)) continue;
        extreme_text_take(ctx->heap, (ExtremeText *)(void *)states[i],
                          &args[0].str[col_at(&args[0], i)], sign);
    }
    return ST_OK;
}
static Status max_text_add(AggCtx *ctx, char *const *states, const Column *args,
                           const int32_t *weights, uint32_t n, Err *err) {
    (void)weights, (void)err;
    return extreme_text_add(ctx, states, args, n, 1);
}
static Status min_text_add(AggCtx *ctx, char *const *states, const Column *args,
                           const int32_t *weights, uint32_t n, Err *err) {
    (void)weights, (void)err;
    return extreme_text_add(ctx, states, args, n, -1);
}

static Status extreme_text_merge(AggCtx *ctx, char *into, const char *from, int sign) {
    const ExtremeText *b = (const ExtremeText *)(const void *)from;
    if (!b->has) return ST_OK;
    Str x = str_make(b->text.ptr, b->text.len);
    extreme_text_take(ctx->heap, (ExtremeText *)(void *)into, &x, sign);
    return ST_OK;
}
static Status max_text_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    (void)err;
    return extreme_text_merge(ctx, into, from, 1);
}
static Status min_text_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    (void)err;
    return extreme_text_merge(ctx, into, from, -1);
}

static Status extreme_text_result(AggCtx *ctx, const char *const *states, uint32_t n,
                                  ColBuilder *out, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const ExtremeText *s = (const ExtremeText *)(const void *)states[i];
        if (s->has) {
            colb_str(out, s->text.ptr, s->text.len);
        } else {
            colb_null(out);
        }
    }
    return ST_OK;
}

enum {
    EXTREME_TRAITS = AGG_ORDERED | AGG_MERGEABLE | AGG_DUP_FREE,
    EXTREME_TEXT_VARS = 1 << (offsetof(ExtremeText, text) / 8)
};

const Agg aggs_minmax[] = {{.name = "MAX",
                            .sig = "(TEXT) -> $1",
                            .traits = EXTREME_TRAITS | AGG_LAST,
                            .state_size = sizeof(ExtremeText),
                            .var_slots = EXTREME_TEXT_VARS,
                            .add = max_text_add,
                            .merge = max_text_merge,
                            .result = extreme_text_result,
                            .help = "Greatest text, by bytes.",
                            .example = "MAX(x) OVER 'a', 'b' => b"},
                           {.name = "MAX",
                            .sig = "(COMPARABLE) -> $1",
                            .traits = EXTREME_TRAITS | AGG_LAST,
                            .state_size = sizeof(ExtremeState),
                            .add = max_add,
                            .merge = max_merge,
                            .result = extreme_result,
                            .help = "Greatest value; NaN is above all numbers.",
                            .example = "MAX(x) OVER 1, 3, 2 => 3"},
                           {.name = "MIN",
                            .sig = "(TEXT) -> $1",
                            .traits = EXTREME_TRAITS,
                            .state_size = sizeof(ExtremeText),
                            .var_slots = EXTREME_TEXT_VARS,
                            .add = min_text_add,
                            .merge = min_text_merge,
                            .result = extreme_text_result,
                            .help = "Least text, by bytes.",
                            .example = "MIN(x) OVER 'a', 'b' => a"},
                           {.name = "MIN",
                            .sig = "(COMPARABLE) -> $1",
                            .traits = EXTREME_TRAITS,
                            .state_size = sizeof(ExtremeState),
                            .add = min_add,
                            .merge = min_merge,
                            .result = extreme_result,
                            .help = "Least value.",
                            .example = "MIN(x) OVER 1, 3, 2 => 1"},
                           AGG_END};
