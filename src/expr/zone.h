/* zone.h -- what functions need of a time zone beyond zone_to_local and zone_to_utc of expr.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_ZONE_H
#define WEIR_ZONE_H

#include "expr/expr.h"

extern const Zone zone_utc;

/* Which part of the zone's history an instant lies in. */
typedef struct ZonePart {
    int32_t offset;     /* seconds east of UTC */
    bool is_dst;        /* summer time */
    const char *abbrev; /* "CEST"; a fixed offset has its own text ("+01:00"), UTC "UTC" */
} ZonePart;
ZonePart zone_part_at(const Zone *zone, int64_t utc_us);
Span zone_name(const Zone *zone);

/* For tests: a zone from the bytes of a TZif file, owned by the caller's arena. */
Status zone_parse(Arena *arena, Span name, Span bytes, const Zone **out, Err *err) WARN_UNUSED;

#endif
