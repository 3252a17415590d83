/* aggpairs.h -- sums of pairs of numbers, carried to about 159 bits: what regressions are made of.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_AGGPAIRS_H
#define WEIR_AGGPAIRS_H

#include "expr/agg.h"

typedef struct PairSums {
    int64_t n;
    RealSum x, y, xx, yy, xy;
} PairSums;

/* Averages, and sums of squared distances from them. */
typedef struct PairMoments {
    long double avg_x, avg_y, sxx, syy, sxy;
} PairMoments;

static inline void pairs_add_product(RealSum *sum, double a, double b, int64_t weight) {
    double product = a * b;
    real_sum_add(sum, product, weight);
    if (isfinite(product)) real_sum_add_rest(sum, fma(a, b, -product) * (double)weight);
}

static inline void pairs_add(PairSums *s, double x, double y, int64_t weight) {
    s->n += weight;
    real_sum_add(&s->x, x, weight);
    real_sum_add(&s->y, y, weight);
    pairs_add_product(&s->xx, x, x, weight);
    pairs_add_product(&s->yy, y, y, weight);
    pairs_add_product(&s->xy, x, y, weight);
}

static inline void pairs_merge(PairSums *into, const PairSums *from) {
    into->n += from->n;
    real_sum_merge(&into->x, &from->x);
    real_sum_merge(&into->y, &from->y);
    real_sum_merge(&into->xx, &from->xx);
    real_sum_merge(&into->yy, &from->yy);
    real_sum_merge(&into->xy, &from->xy);
}

static inline long double pairs_long(const RealSum *s) {
    if (s->n_nan || s->n_plus || s->n_minus) return (long double)real_sum_get(s);
    return real_sum_long(s);
}

static inline PairMoments pairs_moments(const PairSums *s) {
    long double n = (long double)s->n, x = pairs_long(&s->x), y = pairs_long(&s->y);
    PairMoments m = {.avg_x = x / n, .avg_y = y / n};
    m.sxx = real_sum_spread(pairs_long(&s->xx) - x * x / n, pairs_long(&s->xx));
    m.syy = real_sum_spread(pairs_long(&s->yy) - y * y / n, pairs_long(&s->yy));
    m.sxy = pairs_long(&s->xy) - x * y / n;
    return m;
}

#endif
