/* regex.h -- regular expressions with Java's syntax, through PCRE2. They cannot be made to hang: a
 * match that takes too many steps is an error. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_REGEX_H
#define WEIR_REGEX_H

#include "base/base.h"

typedef struct Regex Regex;

bool regex_is_available(void); /* whether weir was built with PCRE2 */

/* Compiles; not shared between threads. ST_INVALID (2201B) when the pattern is wrong, with PCRE2's
 * reason; ST_UNSUPPORTED for Java syntax that PCRE2 would take for something else. is_whole: the
 * whole text has to match. with_jit: worth it for a pattern that is used often. */
Status regex_new(Regex **out, Span pattern, bool is_whole, bool with_jit, Err *err) WARN_UNUSED;
void regex_free(Regex *regex);

/* Groups, the whole match not counted. */
uint32_t regex_n_groups(const Regex *regex);

/* The first match at or behind byte `from`: *is_match. ST_LIMIT (54001) when it takes too long. */
Status regex_match(Regex *regex, Span text, size_t from, bool *is_match, Err *err) WARN_UNUSED;
/* A group of the last match (0 = all of it); ptr is NULL when the group took no part. */
Span regex_group(const Regex *regex, Span text, uint32_t group);

/* SQL's SIMILAR TO pattern as a regular expression; false when it is malformed. escape -1: none. */
bool regex_from_similar(Span pattern, int escape, Buf *out);

#endif
