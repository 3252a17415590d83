/* agg.h -- what the aggregates share: states, reading arguments, sums of doubles that do not depend
 * on the order of rows. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_AGG_H
#define WEIR_AGG_H

#include "expr/fn.h"

#include <math.h>

#define AGG_END \
    { .name = NULL }

/* States are aligned to 8 bytes. */
typedef Int128 AggInt128 __attribute__((aligned(8)));

static inline int64_t agg_weight(const int32_t *weights, uint32_t i) {
    return weights ? weights[i] : 1;
}

/* A sum of doubles kept as sum + rest + tail, each what does not fit into the one before: exact to
 * about 159 bits. Rows can be retracted and parts merged in any order without a trace. NaN and
 * infinities are counted beside, so that they can go again. */
typedef struct RealSum {
    double sum, rest, tail;
    int64_t n_nan, n_plus, n_minus; /* of NaN, Infinity and -Infinity */
} RealSum;

static inline void real_sum_add_rest(RealSum *s, double x) {
    double sum = s->rest + x, moved = sum - s->rest;
    s->tail += (s->rest - (sum - moved)) + (x - moved);
    s->rest = sum;
}
static inline void real_sum_add_part(RealSum *s, double x) {
    double sum = s->sum + x, moved = sum - s->sum;
    real_sum_add_rest(s, (s->sum - (sum - moved)) + (x - moved));
    s->sum = sum;
}
static inline long double real_sum_long(const RealSum *s) {
    return (long double)s->sum + ((long double)s->rest + s->tail);
}
void real_sum_add(RealSum *s, double x, int64_t weight);
void real_sum_merge(RealSum *into, const RealSum *from);
double real_sum_get(const RealSum *s);

/* A sum of squared distances, made as the difference of two sums of about `scale`: what is less
 * than their last bits is nothing. */
static inline long double real_sum_spread(long double difference, long double scale) {
    return difference <= scale * 0x1p-58L ? 0 : difference;
}

/* Any number as a double. */
double agg_real(const Column *col, uint32_t row);

Status agg_fail_range(const AggCtx *ctx, Err *err); /* 22003: the result does not fit its type */

#endif
