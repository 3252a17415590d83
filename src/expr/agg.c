/* agg.c -- helpers of aggregates.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"

void real_sum_add(RealSum *s, double x, int64_t weight) {
    if (!isfinite(x)) {
        *(isnan(x) ? &s->n_nan : x > 0 ? &s->n_plus : &s->n_minus) += weight;
        return;
    }
    double product = x * (double)weight;
    real_sum_add_part(s, product);
    if (weight != 1 && weight != -1 && isfinite(product))
        real_sum_add_rest(s, fma(x, (double)weight, -product));
}

void real_sum_merge(RealSum *into, const RealSum *from) {
    real_sum_add_part(into, from->sum);
    real_sum_add_rest(into, from->rest);
    into->tail += from->tail;
    into->n_nan += from->n_nan;
    into->n_plus += from->n_plus;
    into->n_minus += from->n_minus;
}

double real_sum_get(const RealSum *s) {
    if (s->n_nan != 0 || (s->n_plus != 0 && s->n_minus != 0)) return (double)NAN;
    if (s->n_plus != 0) return (double)INFINITY;
    if (s->n_minus != 0) return -(double)INFINITY;
    return isfinite(s->sum) ? s->sum + (s->rest + s->tail) : s->sum;
}

double agg_real(const Column *col, uint32_t row) {
    uint32_t at = col_at(col, row);
    switch (type_phys(col->type)) {
    case PHYS_F32: return (double)col->f32[at];
    case PHYS_F64: return col->f64[at];
    case PHYS_I128: return decimal_to_f64(col->i128[at], col->type->scale);
    default: return (double)fn_int(col, row);
    }
}

Status agg_fail_range(const AggCtx *ctx, Err *err) {
    Arena arena;
    arena_init(&arena, NULL);
    err_set(err, ST_INVALID, "22003", ctx->call->pos, __FILE__, __LINE__, "%s out of range for %s",
            ctx->call->agg->name, type_text(&arena, ctx->call->type));
    err_hint(err, "cast the argument to a wider type");
    arena_deinit(&arena);
    return ST_INVALID;
}
