/* signature.h -- the signature language of Fn.sig and Agg.sig: parsing it, and matching arguments
 * against it. The language is described at the top of signature.c.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_SIGNATURE_H
#define WEIR_SIGNATURE_H

#include "expr/expr.h"

typedef enum SigClass {
    SIG_ANY,
    SIG_COMPARABLE,
    SIG_NUMERIC,
    SIG_INTEGER,
    SIG_EXACT,
    SIG_APPROX,
    SIG_DECIMAL,
    SIG_STRING,
    SIG_BINARY,
    SIG_TEXT,
    SIG_TEMPORAL,
    SIG_DATETIME,
    SIG_TIMESTAMPS,
    SIG_INTERVAL,
    SIG_ROW,
    SIG_SYMBOL,
    SIG_TYPE,     /* exactly `type` */
    SIG_ARRAY,    /* of sub[0]; any when there is none; the next two likewise */
    SIG_MAP,      /* sub[0] to sub[1] */
    SIG_MULTISET, /* of sub[0] */
    SIG_VAR,      /* one type for all uses of the letter `var`, in class sub[0] if given */
    SIG_ARG,      /* result only: the type of argument `arg` */
    SIG_DERIVED   /* result only: Fn.derive knows */
} SigClass;

typedef struct SigParam SigParam;
struct SigParam {
    SigClass class;
    const Type *type;
    uint32_t arg;
    char var;
    bool is_literal;
    bool has_precision;
    bool is_varying; /* SIG_ARG: a CHAR becomes a VARCHAR */
    const SigParam *sub[2];
};

enum { SIG_PARAMS_MAX = 16, SIG_VARS = 26 };
typedef enum SigNull { SIG_NULL_BY_ARGS, SIG_NULL_ALWAYS, SIG_NULL_NEVER } SigNull;

typedef struct Sig {
    SigParam params[SIG_PARAMS_MAX];
    uint32_t n_params, n_required;
    bool is_variadic; /* the last parameter repeats */
    SigParam result;
    SigNull null;
} Sig;

/* Refuses a malformed text with ST_INTERNAL: a unit test parses the signatures of all tables. */
Status sig_parse(Arena *arena, const char *text, Sig *out, Err *err) WARN_UNUSED;

typedef struct SigMatch {
    int cost;                   /* less is better; 0 = no conversion */
    const Type **targets;       /* what each argument is to be cast to (with its own nullability) */
    const Type *vars[SIG_VARS]; /* 'A' is 0; NULL = not bound */
} SigMatch;

/* Whether the arguments fit. On false, *bad_arg is the argument that does not, or n_args when their
 * number is wrong. */
bool sig_match(Arena *arena, const Sig *sig, Expr *const *args, uint32_t n_args, SigMatch *out,
               uint32_t *bad_arg);
/* The result type of a match, nullability included; NULL when the signature says "-> *". can_null:
 * the function may return NULL for arguments that are not. is_strict: NULL in, NULL out. */
const Type *sig_result(Arena *arena, const Sig *sig, const SigMatch *match, Expr *const *args,
                       uint32_t n_args, bool is_strict, bool can_null);

#endif
