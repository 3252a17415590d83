/* simdjson_oracle.h -- what simdjson thinks of a text, for tests that compare with it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_SIMDJSON_ORACLE_H
#define WEIR_SIMDJSON_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether the text is one JSON object; 64 bytes behind it are readable. When it is, what simdjson
 * makes of it is written to out in a form of our own (see simdjson_oracle.cc), at most cap bytes;
 * *n bytes. */
bool oracle_json(const char *text, size_t len, char *out, size_t cap, size_t *n);

#ifdef __cplusplus
}
#endif
#endif
