/* vectors.h -- test vectors made at test time by Python, an independent implementation.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TEST_VECTORS_H
#define WEIR_TEST_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

enum { VECTOR_FIELDS_MAX = 8 };

/* Runs `python3 test/unit/vectors.py TOPIC SEED COUNT` and calls check for every line it writes,
 * with the line's fields (separated by tabs). Skips the test when there is no python3. The seed is
 * new in every run and printed; WEIR_TEST_SEED repeats one. */
typedef void VectorCheck(const char *const *fields, int n_fields);
void vectors_run(const char *topic, unsigned count, VectorCheck *check);

#endif
