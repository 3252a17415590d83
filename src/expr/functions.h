/* functions.h -- look-ups in the tables of functions, for the files of this directory.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_FUNCTIONS_H
#define WEIR_FUNCTIONS_H

#include "expr/expr.h"

/* The function or aggregate that was most likely meant, or NULL. */
const char *functions_nearest(Arena *arena, Span name);

#endif
