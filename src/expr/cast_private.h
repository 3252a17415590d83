/* cast_private.h -- what the files of cast_eval share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_CAST_PRIVATE_H
#define WEIR_CAST_PRIVATE_H

#include "expr/cast.h"
#include "expr/fn.h"
#include "expr/value.h"

/* One cast being run. */
typedef struct Cast {
    FnCtx *ctx;
    const Column *in;
    const Type *to;
    bool is_try;
    Column *out;
} Cast;

/* Row `row` cannot be converted: NULL, or the error that names value and types. */
Status cast_bad_row(const Cast *cast, uint32_t row, ParseResult why, Err *err);

Status cast_number(const Cast *cast, Err *err);      /* numbers, booleans, intervals to numbers */
Status cast_to_text(const Cast *cast, Err *err);     /* anything to CHAR and VARCHAR */
Status cast_from_text(const Cast *cast, Err *err);   /* CHAR, VARCHAR to plain types but text */
Status cast_bytes(const Cast *cast, Err *err);       /* to BINARY and VARBINARY */
Status cast_time(const Cast *cast, Err *err);        /* between date and time types */
Status cast_nested_eval(const Cast *cast, Err *err); /* ARRAY, MAP, MULTISET, ROW to the same */

#endif
