/* temporal.h -- units of time by name, and columns of any time type as wall clock.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TEMPORAL_H
#define WEIR_TEMPORAL_H

#include "expr/fn.h"

typedef enum TimeUnit {
    TU_NONE,
    TU_MICROSECOND,
    TU_MILLISECOND,
    TU_SECOND,
    TU_MINUTE,
    TU_HOUR,
    TU_DAY,
    TU_WEEK,
    TU_MONTH,
    TU_QUARTER,
    TU_YEAR,
    TU_DECADE,
    TU_CENTURY,
    TU_MILLENNIUM,
    /* only in EXTRACT */
    TU_NANOSECOND,
    TU_EPOCH,
    TU_DOW,
    TU_ISODOW,
    TU_DOY,
    TU_ISOYEAR
} TimeUnit;

/* By name in any case, also SQL_TSI_DAY and plurals; TU_NONE when unknown. */
TimeUnit temporal_unit(Span name);
/* The unit in argument i of the call, which the binder passes as a constant; raises when it is not
 * one of [TU_MICROSECOND, max]. */
Status temporal_unit_arg(const Expr *call, uint32_t i, TimeUnit max, TimeUnit *out, Err *err);
/* Microseconds of units up to WEEK. */
int64_t temporal_unit_us(TimeUnit unit);

/* Row of a DATE, TIME, TIMESTAMP or TIMESTAMP_LTZ as wall clock microseconds. */
static inline int64_t temporal_local(const Column *col, uint32_t row, const Zone *zone) {
    uint32_t at = col_at(col, row);
    if (col->type->kind == TYPE_DATE) return col->i32[at] * US_PER_DAY;
    if (col->type->kind == TYPE_TIMESTAMP_LTZ) return zone_to_local(zone, col->i64[at]);
    return col->i64[at];
}
/* Writes wall clock microseconds as a value of the result's type. */
void temporal_store(Column *out, uint32_t row, int64_t local_us, const Zone *zone);

/* A field of a wall clock time. */
int64_t temporal_field(TimeUnit unit, int64_t local_us);
/* Cut downwards to the unit; upwards. */
int64_t temporal_floor(TimeUnit unit, int64_t local_us);
int64_t temporal_ceil(TimeUnit unit, int64_t local_us);

#endif
