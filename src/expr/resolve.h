/* resolve.h -- what the files that resolve calls share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_RESOLVE_H
#define WEIR_RESOLVE_H

#include "expr/expr.h"

/* One call being resolved. */
typedef struct CallSite {
    Arena *arena;
    Span name;
    Expr **args;
    uint32_t n_args;
    int32_t pos;
} CallSite;

/* A form that is not a function of the tables, or that is made of others: CASE, BETWEEN, IF ...
 * *out stays NULL when the name is none of these. resolve_special.c */
Status resolve_special(const CallSite *call, Expr **out, Err *err) WARN_UNUSED;

/* Brings the arguments of a comparison together where that takes more than widening: text next to
 * a date or time is read as one. */
Status resolve_compare(const CallSite *call, Err *err) WARN_UNUSED;

/* An argument cast without asking whether that is implicit; itself when the type is the same. */
Expr *resolve_cast(Arena *arena, Expr *arg, const Type *to, bool is_try, int32_t pos);
/* Appends "; NAME(INT, STRING)": how an error shows a form of a function. */
void resolve_form_text(const char *name, const char *sig, Buf *out);
/* A call by C string. */
Status resolve_call(const CallSite *site, const char *name, Expr **args, uint32_t n_args,
                    Expr **out, Err *err) WARN_UNUSED;
Expr *resolve_form(const CallSite *site, ExprKind kind, const Type *type, Expr **args,
                   uint32_t n_args);

#endif
