/* cast.h -- the two halves of CAST: which casts exist (cast_rules.c) and what they compute
 * (cast_eval.c and the files beside it).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_CAST_H
#define WEIR_CAST_H

#include "expr/expr.h"

typedef enum CastKind {
    CAST_NONE,     /* does not exist */
    CAST_EXPLICIT, /* only with CAST(...) */
    CAST_IMPLICIT, /* widens: inserted by the binder as well */
    CAST_NOOP      /* widens, and the stored values are the same: the column is used as it is */
} CastKind;

/* Nullability is ignored. */
CastKind cast_kind(const Type *from, const Type *to);
/* Whether some value of `from` makes the cast fail (or, with TRY_CAST, give NULL). */
bool cast_can_fail(const Type *from, const Type *to);

/* Converts all n_rows values of `in` to the type `to`; casts that cast_kind calls CAST_NONE or
 * CAST_NOOP never come here. `in` is flat, or a constant of one row.
 *   out comes with type `to`, n_rows, validity = in's, and (for fixed-width types and Str) zeroed
 *   data of n_rows values, as a strict function's result does. Nested results replace *out.
 *   A value that cannot be converted raises (22003 out of range, 22007 date or time text, 22P02
 *   other text, 22001 never: CHAR and VARCHAR casts cut) or, when is_try, becomes NULL by
 *   fn_make_null. Rows that are NULL are skipped. ctx->env->zone is the session's zone.
 *   Integers out of range are errors, never wraps. */
Status cast_eval(FnCtx *ctx, const Column *in, const Type *to, bool is_try, Column *out,
                 Err *err) WARN_UNUSED;

#endif
