/* expr_util.h -- small words for tests of expressions: columns from text, calls, evaluation.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TEST_EXPR_UTIL_H
#define WEIR_TEST_EXPR_UTIL_H

#include "expr/expr.h"

/* What a test works in; make one with bench_open, give it back with bench_close. */
typedef struct Bench {
    Arena plan, scratch;
    ExprEnv env;
    Column cols[8];
    Field fields[8];
    Schema schema;
    uint32_t n_rows;
    Err err;
} Bench;

void bench_open(Bench *b);
void bench_close(Bench *b);

/* Adds a column of numbers (any integer, float or decimal type, by its unscaled value), or of text;
 * NONE is NULL, as is a NULL text. The first column fixes the number of rows. */
#define NONE (INT64_MIN + 7)
void bench_ints(Bench *b, const Type *type, const int64_t *values, uint32_t n);
void bench_doubles(Bench *b, const double *values, uint32_t n);
void bench_texts(Bench *b, const char *const *values, uint32_t n);

Expr *bench_col(Bench *b, uint32_t i);
Expr *bench_int(Bench *b, int64_t v); /* INT, or BIGINT when it must be */
Expr *bench_big(Bench *b, int64_t v); /* BIGINT */
Expr *bench_dec(Bench *b, int64_t unscaled, int precision, int scale);
Expr *bench_double(Bench *b, double v);
Expr *bench_text(Bench *b, const char *v); /* CHAR(n), as a literal is */

/* A call that must resolve; the last argument is NULL. */
Expr *bench_call(Bench *b, const char *name, ...);
Status bench_try_call(Bench *b, Expr **out, const char *name, ...);

/* Evaluates over the columns, optionally under a selection. bench_eval demands success. */
Column bench_eval(Bench *b, Expr *expr);
Status bench_try_eval(Bench *b, Expr *expr, const uint32_t *sel, uint32_t n_sel, Column *out);
/* Integer-like results of a column, NONE for NULL. */
int64_t bench_at(const Column *col, uint32_t row);
const char *bench_type(Bench *b, const Expr *expr); /* with NOT NULL */
const char *bench_sql(Bench *b, const Expr *expr);

#endif
