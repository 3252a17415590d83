/* datagen.h -- generators of random and sequential values, one a column or nested field. Private to
 * src/conn.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_DATAGEN_H
#define WEIR_DATAGEN_H

#include "conn/conn.h"

typedef struct ValueGen ValueGen;
struct ValueGen {
    const Type *type;
    bool is_sequence, is_var_len;
    int64_t min, max;    /* integers, scaled decimals, intervals; sequence: start and end */
    double f_min, f_max; /* floating point */
    int64_t length;      /* characters, bytes or entries */
    int64_t max_past_us;
    double null_rate;
    uint64_t n_made;    /* sequence */
    ValueGen *children; /* ROW fields; elements; keys and values */
    uint32_t n_children;
};

/* Reads 'fields.<path>.*' for one column; checks that the options fit its type. */
Status valuegen_init(ValueGen *gen, Arena *arena, const Type *type, Span path,
                     const Options *options, Err *err) WARN_UNUSED;
/* How many rows the sequences inside allow; UINT64_MAX when there are none. */
uint64_t valuegen_rows(const ValueGen *gen);
/* Appends one value. now_us is UTC, local_us the same in the session's zone. */
void valuegen_append(ValueGen *gen, Rng *rng, int64_t now_us, ColBuilder *out);

#endif
