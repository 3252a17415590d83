/* signature.c -- the signature language, in which the tables of functions say what they take.
 *
 *   "(STRING, INT [, INT]) -> STRING"       "(T, T...) -> T"        "(ARRAY<T>, T) -> BOOLEAN"
 *
 * Parameters
 *   BOOLEAN TINYINT SMALLINT INT BIGINT FLOAT DOUBLE DATE TIME TIMESTAMP TIMESTAMP_LTZ BYTES
 *   INTERVAL_YM INTERVAL_DS       exactly this kind; arguments that widen to it are cast.
 *                                 TIMESTAMP(3), TIME(0) and DECIMAL(10,2) also fix the precision,
 *                                 without it every precision is taken as it is
 *   STRING                        CHAR and VARCHAR of any length, not cast
 *   BINARY                        BINARY and VARBINARY of any length, not cast
 *   TEXT                          STRING or BINARY
 *   INTEGER                       TINYINT .. BIGINT
 *   DECIMAL                       any precision; integers are cast to DECIMAL(3|5|10|19, 0)
 *   EXACT                         INTEGER or DECIMAL, not cast
 *   APPROX                        FLOAT, DOUBLE; exact numbers are cast to DOUBLE
 *   NUMERIC                       EXACT, FLOAT or DOUBLE, not cast
 *   TIMESTAMPS                    TIMESTAMP or TIMESTAMP_LTZ
 *   DATETIME                      DATE or TIMESTAMPS
 *   TEMPORAL                      DATETIME or TIME
 *   INTERVAL                      both kinds
 *   COMPARABLE                    everything that has an order: not ARRAY, MAP, MULTISET, ROW
 *   ANY                           everything
 *   ROW ARRAY MAP MULTISET        of anything
 *   ARRAY<P> MAP<P,P> MULTISET<P> with P as above
 *   T, or T:CLASS                 a capital letter: all arguments under one letter are brought to
 *                                 their least common type, which must be in the class
 *   SYMBOL                        a keyword (YEAR, BOTH, NULL ON ERROR): the binder passes it as an
 *                                 upper-case STRING literal
 *   LITERAL P                     P, and the argument must be constant; it arrives as EXPR_CONST
 * `[, P]` is optional, and so is all that follows it; `P...` repeats once or more (inside brackets:
 * any number of times). A literal NULL fits everywhere and takes the parameter's type.
 *
 * Result
 *   a type as above with its parameters (STRING, BIGINT, DECIMAL(38,6), ARRAY<T>, MAP<STRING,T>),
 *   a letter, $1 (the type of the first argument; $1~ with a CHAR made VARCHAR), CHAR(32),
 *   VARCHAR(128), or * (the row's derive function knows).
 *   It may be NULL when an argument may, or when the function has FN_CAN_NULL; a function without
 *   FN_STRICT may always return NULL. A suffix decides otherwise: `?` always nullable, `!` never.
 *   The nullability of *'s type is what derive gives it, and the same rule can only add NULL.
 *
 * Several rows of one name are overloads: the one that needs the fewest and shortest conversions
 * wins, among equals the first.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/signature.h"

#include "expr/cast.h"
#include "expr/typing.h"

typedef struct SigReader {
    Arena *arena;
    const char *text, *at;
} SigReader;

static Status sig_bad(const SigReader *r, const char *what, Err *err) {
    FAIL(err, ST_INTERNAL, "XX000", -1, "signature \"%s\": %s at \"%s\"", r->text, what, r->at);
}

static void sig_skip(SigReader *r) {
    while (*r->at == ' ') r->at++;
}

static bool sig_accept(SigReader *r, const char *token) {
    size_t len = strlen(token);
    sig_skip(r);
    if (strncmp(r->at, token, len) != 0) return false;
    r->at += len;
    return true;
}

static Span sig_word(SigReader *r) {
    const char *from;
    sig_skip(r);
    from = r->at;
    while ((*r->at >= 'A' && *r->at <= 'Z') || *r->at == '_') r->at++;
    return (Span){from, (size_t)(r->at - from)};
}

static bool sig_number(SigReader *r, int32_t *out) {
    sig_skip(r);
    if (*r->at < '0' || *r->at > '9') return false;
    for (*out = 0; *r->at >= '0' && *r->at <= '9'; r->at++) *out = *out * 10 + (*r->at - '0');
    return true;
}

static const Type sig_char = {.kind = TYPE_CHAR, .is_nullable = true, .precision = 1};

static const struct SigName {
    const char *name;
    SigClass class;
    const Type *type;
} sig_names[] = {
    {"ANY", SIG_ANY, NULL},
    {"COMPARABLE", SIG_COMPARABLE, NULL},
    {"NUMERIC", SIG_NUMERIC, NULL},
    {"INTEGER", SIG_INTEGER, NULL},
    {"EXACT", SIG_EXACT, NULL},
    {"APPROX", SIG_APPROX, NULL},
    {"DECIMAL", SIG_DECIMAL, NULL},
    {"STRING", SIG_STRING, &type_string},
    {"BINARY", SIG_BINARY, &type_bytes},
    {"TEXT", SIG_TEXT, NULL},
    {"TEMPORAL", SIG_TEMPORAL, NULL},
    {"DATETIME", SIG_DATETIME, NULL},
    {"TIMESTAMPS", SIG_TIMESTAMPS, NULL},
    {"INTERVAL", SIG_INTERVAL, NULL},
    {"ROW", SIG_ROW, NULL},
    {"SYMBOL", SIG_SYMBOL, &type_string},
    {"ARRAY", SIG_ARRAY, NULL},
    {"MAP", SIG_MAP, NULL},
    {"MULTISET", SIG_MULTISET, NULL},
    {"BOOLEAN", SIG_TYPE, &type_boolean},
    {"TINYINT", SIG_TYPE, &type_tinyint},
    {"SMALLINT", SIG_TYPE, &type_smallint},
    {"INT", SIG_TYPE, &type_int},
    {"BIGINT", SIG_TYPE, &type_bigint},
    {"FLOAT", SIG_TYPE, &type_float},
    {"DOUBLE", SIG_TYPE, &type_double},
    {"BYTES", SIG_TYPE, &type_bytes},
    {"CHAR", SIG_TYPE, &sig_char},
    {"VARCHAR", SIG_TYPE, &type_string},
    {"DATE", SIG_TYPE, &type_date},
    {"TIME", SIG_TYPE, &type_time},
    {"TIMESTAMP", SIG_TYPE, &type_timestamp3},
    {"TIMESTAMP_LTZ", SIG_TYPE, &type_timestamp_ltz3},
    {"INTERVAL_YM", SIG_TYPE, &type_interval_ym},
    {"INTERVAL_DS", SIG_TYPE, &type_interval_ds},
};

static Status sig_param(SigReader *r, SigParam *out, Err *err);

/* <P> or <P, P> behind a nested class; without it anything may be inside. */
static Status sig_nested(SigReader *r, SigParam *out, Err *err) {
    uint32_t n = out->class == SIG_MAP ? 2 : 1;
    if (!sig_accept(r, "<")) return ST_OK;
    for (uint32_t i = 0; i < n; i++) {
        SigParam *sub = arena_new(r->arena, SigParam);
        if (i && !sig_accept(r, ",")) return sig_bad(r, "\",\" expected", err);
        TRY(sig_param(r, sub, err));
        out->sub[i] = sub;
    }
    if (!sig_accept(r, ">")) return sig_bad(r, "\">\" expected", err);
    return ST_OK;
}

static Status sig_precision(SigReader *r, SigParam *out, Err *err) {
    int32_t precision, scale = 0;
    if (!sig_accept(r, "(")) return ST_OK;
    if (!sig_number(r, &precision)) return sig_bad(r, "a number expected", err);
    if (sig_accept(r, ",") && !sig_number(r, &scale)) return sig_bad(r, "a number expected", err);
    if (!sig_accept(r, ")")) return sig_bad(r, "\")\" expected", err);
    out->has_precision = true;
    if (out->class == SIG_DECIMAL) {
        out->class = SIG_TYPE;
        out->type = type_decimal(r->arena, precision, scale);
    } else if (out->class == SIG_TYPE &&
               (type_is_string(out->type) ||
                (out->type->kind >= TYPE_TIME && out->type->kind <= TYPE_TIMESTAMP_LTZ))) {
        out->type = type_with_len(r->arena, (TypeKind)out->type->kind, precision);
    } else {
        return sig_bad(r, "no precision here", err);
    }
    return ST_OK;
}

static Status sig_param(SigReader *r, SigParam *out, Err *err) {
    Span word = sig_word(r);
    *out = (SigParam){.class = SIG_ANY};
    if (span_is(word, "LITERAL")) {
        TRY(sig_param(r, out, err));
        out->is_literal = true;
        return ST_OK;
    }
    if (word.len == 1) {
        out->class = SIG_VAR;
        out->var = word.ptr[0];
        if (sig_accept(r, ":")) {
            SigParam *sub = arena_new(r->arena, SigParam);
            TRY(sig_param(r, sub, err));
            out->sub[0] = sub;
        }
        return ST_OK;
    }
    for (size_t i = 0; i < sizeof sig_names / sizeof sig_names[0]; i++) {
        if (!span_is(word, sig_names[i].name)) continue;
        out->class = sig_names[i].class;
        out->type = sig_names[i].type;
        out->is_literal = out->class == SIG_SYMBOL;
        if (out->class >= SIG_ARRAY && out->class <= SIG_MULTISET) return sig_nested(r, out, err);
        return sig_precision(r, out, err);
    }
    return sig_bad(r, "unknown class", err);
}

static Status sig_result_parse(SigReader *r, Sig *sig, Err *err) {
    int32_t arg;
    if (sig_accept(r, "*")) {
        sig->result.class = SIG_DERIVED;
    } else if (sig_accept(r, "$")) {
        if (!sig_number(r, &arg) || arg < 1) return sig_bad(r, "a number expected", err);
        sig->result.class = SIG_ARG;
        sig->result.arg = (uint32_t)arg - 1;
        sig->result.is_varying = sig_accept(r, "~");
    } else {
        TRY(sig_param(r, &sig->result, err));
    }
    if (sig_accept(r, "?")) sig->null = SIG_NULL_ALWAYS;
    if (sig_accept(r, "!")) sig->null = SIG_NULL_NEVER;
    return ST_OK;
}

Status sig_parse(Arena *arena, const char *text, Sig *out, Err *err) {
    SigReader r = {.arena = arena, .text = text, .at = text};
    bool is_optional = false;
    *out = (Sig){.n_params = 0};
    if (!sig_accept(&r, "(")) return sig_bad(&r, "\"(\" expected", err);
    while (!sig_accept(&r, ")")) {
        if (out->is_variadic) return sig_bad(&r, "nothing may follow \"...\"", err);
        if (out->n_params == SIG_PARAMS_MAX) return sig_bad(&r, "too many parameters", err);
        if (sig_accept(&r, "[")) is_optional = true;
        if (out->n_params && !sig_accept(&r, ",")) return sig_bad(&r, "\",\" expected", err);
        TRY(sig_param(&r, &out->params[out->n_params++], err));
        if (sig_accept(&r, "...")) out->is_variadic = true;
        while (sig_accept(&r, "]")) {
        }
        if (!is_optional) out->n_required = out->n_params;
    }
    if (!sig_accept(&r, "->")) return sig_bad(&r, "\"->\" expected", err);
    TRY(sig_result_parse(&r, out, err));
    sig_skip(&r);
    if (*r.at) return sig_bad(&r, "end expected", err);
    return ST_OK;
}

/* ---- matching ---- */

enum {
    COST_NULL = 1,
    COST_BROAD = 1,
    COST_CAST = 4,
    COST_EXACT = 5, /* dearer than widening an integer, cheaper than making it a DOUBLE */
    COST_ANY = 8,
    COST_NO_FIT = -1
};

static bool sig_in_class(SigClass class, const Type *t) {
    bool is_timestamp = t->kind == TYPE_TIMESTAMP || t->kind == TYPE_TIMESTAMP_LTZ;
    switch (class) {
    case SIG_ANY: return true;
    case SIG_COMPARABLE: return t->kind < TYPE_ARRAY;
    case SIG_NUMERIC: return type_is_numeric(t);
    case SIG_INTEGER: return type_is_integer(t);
    case SIG_EXACT: return type_is_integer(t) || t->kind == TYPE_DECIMAL;
    case SIG_APPROX: return t->kind == TYPE_FLOAT || t->kind == TYPE_DOUBLE;
    case SIG_DECIMAL: return t->kind == TYPE_DECIMAL;
    case SIG_SYMBOL:
    case SIG_STRING: return type_is_string(t);
    case SIG_BINARY: return type_is_binary(t);
    case SIG_TEXT: return type_is_string(t) || type_is_binary(t);
    case SIG_TEMPORAL: return type_is_datetime(t);
    case SIG_DATETIME: return t->kind == TYPE_DATE || is_timestamp;
    case SIG_TIMESTAMPS: return is_timestamp;
    case SIG_INTERVAL: return t->kind == TYPE_INTERVAL_YM || t->kind == TYPE_INTERVAL_DS;
    case SIG_ROW: return t->kind == TYPE_ROW;
    case SIG_ARRAY: return t->kind == TYPE_ARRAY;
    case SIG_MAP: return t->kind == TYPE_MAP;
    case SIG_MULTISET: return t->kind == TYPE_MULTISET;
    default: return false;
    }
}

/* What a literal NULL becomes, and a letter that nothing else binds. */
static const Type *sig_class_type(Arena *arena, const SigParam *p) {
    switch (p->class) {
    case SIG_COMPARABLE:
    case SIG_NUMERIC:
    case SIG_INTEGER:
    case SIG_EXACT: return &type_int;
    case SIG_APPROX: return &type_double;
    case SIG_DECIMAL: return type_decimal(arena, 10, 0);
    case SIG_STRING:
    case SIG_SYMBOL:
    case SIG_TEXT: return &type_string;
    case SIG_BINARY: return &type_bytes;
    case SIG_DATETIME:
    case SIG_TIMESTAMPS:
    case SIG_TEMPORAL: return &type_timestamp3;
    case SIG_INTERVAL: return &type_interval_ds;
    case SIG_TYPE: return p->type;
    case SIG_ARRAY:
        return type_array(arena, p->sub[0] ? sig_class_type(arena, p->sub[0]) : &type_null);
    case SIG_MAP:
        return type_map(arena, p->sub[0] ? sig_class_type(arena, p->sub[0]) : &type_null,
                        p->sub[1] ? sig_class_type(arena, p->sub[1]) : &type_null);
    case SIG_MULTISET:
        return type_multiset(arena, p->sub[0] ? sig_class_type(arena, p->sub[0]) : &type_null);
    case SIG_VAR: return p->sub[0] ? sig_class_type(arena, p->sub[0]) : &type_null;
    default: return &type_null;
    }
}

/* Of two casts the shorter one is preferred: kinds are declared from narrow to wide. */
static int sig_distance(const Type *from, const Type *to) {
    int steps = (int)to->kind - (int)from->kind;
    return COST_CAST + (steps < 0 ? -steps : steps);
}

typedef struct SigMatcher {
    Arena *arena;
    SigMatch *match;
} SigMatcher;

/* First pass: binds letters to the common type of their arguments. Returns false when there is
 * none, or when a nested type is not there. */
static bool sig_bind(SigMatcher *m, const SigParam *p, const Type *type) {
    if (type->kind == TYPE_NULL) return true;
    if (p->class == SIG_VAR) {
        const Type **bound = &m->match->vars[p->var - 'A'];
        *bound = *bound ? typing_common(m->arena, *bound, type) : type;
        return *bound != NULL;
    }
    if (p->class < SIG_ARRAY || p->class > SIG_MULTISET) return true;
    if (!sig_in_class(p->class, type)) return false;
    for (uint32_t i = 0; i < 2 && p->sub[i]; i++) {
        if (!sig_bind(m, p->sub[i], type_child(type, i))) return false;
    }
    return true;
}

static int sig_target(SigMatcher *m, const SigParam *p, const Type *type, const Type **target);

static int sig_target_nested(SigMatcher *m, const SigParam *p, const Type *type,
                             const Type **target) {
    const Type *sub[2] = {NULL, NULL};
    int cost = 0;
    if (!p->sub[0]) return COST_BROAD;
    for (uint32_t i = 0; i < 2 && p->sub[i]; i++) {
        int one = sig_target(m, p->sub[i], type_child(type, i), &sub[i]);
        if (one == COST_NO_FIT) return COST_NO_FIT;
        cost += one;
    }
    if (p->class == SIG_ARRAY) *target = type_array(m->arena, sub[0]);
    if (p->class == SIG_MULTISET) *target = type_multiset(m->arena, sub[0]);
    if (p->class == SIG_MAP) *target = type_map(m->arena, sub[0], sub[1]);
    return cost;
}

static int sig_target_class(SigMatcher *m, const SigParam *p, const Type *type,
                            const Type **target) {
    if (p->class == SIG_TYPE) {
        bool is_kind = type->kind == p->type->kind;
        if (is_kind && (!p->has_precision || type_eq(type, p->type))) return 0;
        if (p->type->kind == TYPE_VARBINARY && type->kind == TYPE_BINARY) return 0;
        *target = p->type;
        if (!p->has_precision && type_is_datetime(p->type) && type_is_datetime(type) &&
            p->type->kind != TYPE_DATE) {
            *target = type_with_len(m->arena, (TypeKind)p->type->kind, type->precision);
        }
        if (cast_kind(type, *target) < CAST_IMPLICIT) return COST_NO_FIT;
        return is_kind ? COST_BROAD : sig_distance(type, p->type);
    }
    if (sig_in_class(p->class, type)) {
        if (p->class == SIG_ANY) return COST_ANY;
        if (p->class == SIG_EXACT) return COST_EXACT;
        return p->class == SIG_COMPARABLE                        ? COST_BROAD + 1
               : p->class == SIG_NUMERIC || p->class == SIG_TEXT ? COST_BROAD
                                                                 : 0;
    }
    if (p->class == SIG_APPROX && type_is_numeric(type)) {
        *target = &type_double;
        return sig_distance(type, &type_double);
    }
    if (p->class == SIG_DECIMAL && type_is_integer(type)) {
        DecimalType d = typing_as_decimal(type);
        *target = type_decimal(m->arena, d.precision, d.scale);
        return COST_CAST;
    }
    return COST_NO_FIT;
}

/* Second pass: the type an argument is cast to, and what that costs. */
static int sig_target(SigMatcher *m, const SigParam *p, const Type *type, const Type **target) {
    *target = type;
    if (p->class == SIG_VAR) {
        *target = m->match->vars[p->var - 'A'];
        return type_eq(type, *target) ? 0 : type->kind == TYPE_NULL ? COST_NULL : COST_CAST;
    }
    if (type->kind == TYPE_NULL) {
        *target = sig_class_type(m->arena, p);
        return p->class == SIG_ANY ? COST_ANY : COST_NULL;
    }
    if (p->class >= SIG_ARRAY && p->class <= SIG_MULTISET) {
        if (!sig_in_class(p->class, type)) return COST_NO_FIT;
        return sig_target_nested(m, p, type, target);
    }
    return sig_target_class(m, p, type, target);
}

static const SigParam *sig_param_of(const Sig *sig, uint32_t arg) {
    return &sig->params[arg < sig->n_params ? arg : sig->n_params - 1];
}

/* Gives every letter of p a type, checks its class. */
static bool sig_settle(SigMatcher *m, const SigParam *p) {
    if (p->class == SIG_VAR) {
        const Type **bound = &m->match->vars[p->var - 'A'];
        if (!*bound) *bound = sig_class_type(m->arena, p);
        if (!p->sub[0] || (*bound)->kind == TYPE_NULL) return true;
        if (p->sub[0]->class == SIG_TYPE) return type_eq(*bound, p->sub[0]->type);
        return sig_in_class(p->sub[0]->class, *bound);
    }
    for (uint32_t i = 0; i < 2 && p->sub[i]; i++) {
        if (!sig_settle(m, p->sub[i])) return false;
    }
    return true;
}

bool sig_match(Arena *arena, const Sig *sig, Expr *const *args, uint32_t n_args, SigMatch *out,
               uint32_t *bad_arg) {
    SigMatcher m = {arena, out};
    *out = (SigMatch){.targets = arena_array(arena, const Type *, n_args)};
    *bad_arg = n_args;
    if (n_args < sig->n_required || (n_args > sig->n_params && !sig->is_variadic)) return false;
    for (uint32_t i = 0; i < n_args; i++) {
        *bad_arg = i;
        if (!sig_bind(&m, sig_param_of(sig, i), args[i]->type)) return false;
    }
    for (uint32_t i = 0; i < sig->n_params; i++) {
        *bad_arg = i < n_args ? i : n_args;
        if (!sig_settle(&m, &sig->params[i])) return false;
    }
    for (uint32_t i = 0; i < n_args; i++) { /* ARRAY[1, NULL] has elements that may be NULL */
        const SigParam *p = sig_param_of(sig, i);
        if (p->class != SIG_VAR || args[i]->type->kind != TYPE_NULL) continue;
        out->vars[p->var - 'A'] = type_with_null(arena, out->vars[p->var - 'A'], true);
    }
    for (uint32_t i = 0; i < n_args; i++) {
        int cost = sig_target(&m, sig_param_of(sig, i), args[i]->type, &out->targets[i]);
        *bad_arg = i;
        if (cost == COST_NO_FIT) return false;
        out->cost += cost;
        out->targets[i] = type_with_null(arena, out->targets[i], args[i]->type->is_nullable);
    }
    return true;
}

static const Type *sig_build(Arena *arena, const SigParam *p, const SigMatch *match) {
    switch (p->class) {
    case SIG_VAR: {
        const Type *bound = match->vars[p->var - 'A'];
        return bound ? bound : &type_null;
    }
    case SIG_ARRAY:
        return type_array(arena, p->sub[0] ? sig_build(arena, p->sub[0], match) : &type_null);
    case SIG_MAP:
        return type_map(arena, p->sub[0] ? sig_build(arena, p->sub[0], match) : &type_null,
                        p->sub[1] ? sig_build(arena, p->sub[1], match) : &type_null);
    case SIG_MULTISET:
        return type_multiset(arena, p->sub[0] ? sig_build(arena, p->sub[0], match) : &type_null);
    default: return sig_class_type(arena, p);
    }
}

const Type *sig_result(Arena *arena, const Sig *sig, const SigMatch *match, Expr *const *args,
                       uint32_t n_args, bool is_strict, bool can_null) {
    const Type *type;
    bool is_nullable = !is_strict || can_null || typing_any_nullable(args, n_args);
    if (sig->result.class == SIG_DERIVED) return NULL;
    if (sig->result.class == SIG_ARG)
        type = sig->result.arg < n_args ? match->targets[sig->result.arg] : &type_null;
    else
        type = sig_build(arena, &sig->result, match);
    if (sig->result.is_varying && type->kind == TYPE_CHAR)
        type = type_with_len(arena, TYPE_VARCHAR, type->precision);
    if (sig->null == SIG_NULL_ALWAYS) is_nullable = true;
    if (sig->null == SIG_NULL_NEVER) is_nullable = false;
    return type_with_attr(arena, type_with_null(arena, type, is_nullable), TIME_ATTR_NONE);
}
