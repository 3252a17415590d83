/* zone_private.h -- the representation of a time zone, shared by the reader and the lookups.
 *
 * Part i holds from starts[i - 1] (part 0 from the beginning of time) to starts[i]. Files end with
 * a rule for the future; it is written out for 400 years, after which the calendar repeats, so that
 * lookups need no rule. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_ZONE_PRIVATE_H
#define WEIR_ZONE_PRIVATE_H

#include "expr/zone.h"

#define ZONE_CYCLE INT64_C(12622780800) /* seconds in 400 years */

struct Zone {
    Span name;
    uint32_t n;                  /* transitions */
    const int64_t *starts;       /* n UTC seconds, ascending */
    const int64_t *local_starts; /* n wall clock seconds: from here on the new part is taken */
    const ZonePart *parts;       /* n + 1 */
    bool is_cyclic;              /* the last 400 years repeat for ever */
};

/* Appends the transitions of a POSIX rule ("CET-1CEST,M3.5.0,M10.5.0/3") for the years
 * first..last, those after `after` only. false when the rule is malformed. */
typedef struct ZoneList {
    Arena *arena;
    int64_t *starts;
    ZonePart *parts; /* parts[i + 1] begins at starts[i] */
    uint32_t n, cap;
} ZoneList;
void zone_list_add(ZoneList *list, int64_t start, ZonePart part);
bool zone_rule_expand(ZoneList *list, Span rule, int64_t after, bool *is_cyclic);

#endif
