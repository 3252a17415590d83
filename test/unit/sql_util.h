/* sql_util.h -- helpers of the SQL tests.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_SQL_UTIL_H
#define WEIR_SQL_UTIL_H

#include "sql/sql.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What a text is parsed as. */
typedef enum SqlTextKind { TEXT_STATEMENT, TEXT_EXPR, TEXT_TYPE } SqlTextKind;

typedef struct SqlPair {
    const char *text, *other;
} SqlPair;

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* Parses or fails the test, showing the error. */
Ast *sql_must_parse(Arena *arena, SqlTextKind kind, const char *text);

/* Each text deparses to the other one, which parses to an equal tree. */
void sql_check_canonical(SqlTextKind kind, const SqlPair *pairs, size_t n);

#endif
