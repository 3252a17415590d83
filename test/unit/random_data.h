/* random_data.h -- random types, values and columns from a seed, for property tests.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TEST_RANDOM_DATA_H
#define WEIR_TEST_RANDOM_DATA_H

#include "data/data.h"

typedef struct Rand {
    uint64_t state;
} Rand;

uint64_t rand_next(Rand *r);
uint32_t rand_below(Rand *r, uint32_t n);

/* Any type, nested at most `depth` deep. */
const Type *random_type(Rand *r, Arena *arena, int depth);
/* Appends one value, often an edge of the type's range, sometimes NULL. Drawn from few values, so
 * that equal ones are common. */
void random_value(Rand *r, ColBuilder *b);
Column random_column(Rand *r, Arena *arena, const Type *type, uint32_t n);

#endif
