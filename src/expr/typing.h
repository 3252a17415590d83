/* typing.h -- rules on types that several files of this directory share: precision of decimal
 * results, common types.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TYPING_H
#define WEIR_TYPING_H

#include "expr/expr.h"

/* An exact numeric type as a decimal: TINYINT (3, 0), SMALLINT (5, 0), INT (10, 0), BIGINT (19, 0),
 * DECIMAL itself. */
typedef struct DecimalType {
    int precision, scale;
} DecimalType;
DecimalType typing_as_decimal(const Type *type);

/* Results of decimal arithmetic, as Flink documents them: when more than 38 digits would be needed,
 * fractional digits are given up, but not below 6 (or what there is). */
DecimalType typing_decimal_add(DecimalType a, DecimalType b); /* also - */
DecimalType typing_decimal_mul(DecimalType a, DecimalType b);
DecimalType typing_decimal_div(DecimalType a, DecimalType b);
DecimalType typing_decimal_mod(DecimalType a, DecimalType b);
DecimalType typing_decimal_round(DecimalType a, int digits);
DecimalType typing_decimal_sum(DecimalType a);
DecimalType typing_decimal_avg(DecimalType a);

/* The common type of two types, or NULL. */
const Type *typing_common(Arena *arena, const Type *a, const Type *b);

/* Digits of fractional seconds that hold both; lengths of two strings joined, capped. */
int32_t typing_concat_len(const Type *a, const Type *b);

bool typing_any_nullable(Expr *const *args, uint32_t n_args);

#endif
