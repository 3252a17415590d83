/* sql_random.h -- random SQL text from a table of rules, for property tests and fuzzers.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_SQL_RANDOM_H
#define WEIR_SQL_RANDOM_H

#include "base/base.h"

/* Appends one random expansion of a rule ("statement", "query", "expr", "type", "column"): text
 * that the parser must take. */
void sql_random(Rng *rng, const char *rule, Buf *out);

#endif
