/* resolve_special.c -- the forms that decide by themselves which arguments are computed, and those
 * that are written in terms of others (BETWEEN, IN, NULLIF, IS UNKNOWN ...).
 *
 * One row a name. A rewrite may use an argument twice: the compiler computes equal parts once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/resolve.h"

#include "expr/cast.h"
#include "expr/typing.h"

typedef Status SpecialFn(const CallSite *call, Expr **out, Err *err);

static Status special_arity(const CallSite *call, uint32_t min, uint32_t max, Err *err) {
    if (call->n_args >= min && call->n_args <= max) return ST_OK;
    if (min == max) {
        FAIL(err, ST_INVALID, "42883", call->pos, SPAN_FMT " takes %u argument%s, not %u",
             SPAN_ARG(call->name), min, min == 1 ? "" : "s", call->n_args);
    }
    FAIL(err, ST_INVALID, "42883", call->pos, SPAN_FMT " takes at least %u arguments, not %u",
         SPAN_ARG(call->name), min, call->n_args);
}

static Status special_boolean(const CallSite *call, Expr **arg, Err *err) {
    if ((*arg)->type->kind == TYPE_NULL) {
        *arg = expr_null(call->arena, &type_boolean, (*arg)->pos);
        return ST_OK;
    }
    if ((*arg)->type->kind == TYPE_BOOLEAN) return ST_OK;
    FAIL(err, ST_INVALID, "42804", (*arg)->pos, SPAN_FMT " needs a BOOLEAN, not %s",
         SPAN_ARG(call->name), type_text(call->arena, (*arg)->type));
}

static const Type *special_bool_type(const CallSite *call, bool is_nullable) {
    return type_with_null(call->arena, &type_boolean, is_nullable);
}

/* AND and OR: nested ones of the same kind are flattened, so that a chain is narrowed step by
 * step. */
static Status special_logic(const CallSite *call, ExprKind kind, Expr **out, Err *err) {
    uint32_t n = 0, k = 0;
    Expr **flat;
    TRY(special_arity(call, 1, UINT32_MAX, err));
    for (uint32_t i = 0; i < call->n_args; i++) {
        TRY(special_boolean(call, &call->args[i], err));
        n += call->args[i]->kind == kind ? call->args[i]->n_args : 1;
    }
    flat = arena_array(call->arena, Expr *, n);
    for (uint32_t i = 0; i < call->n_args; i++) {
        Expr *arg = call->args[i];
        if (arg->kind != kind) flat[k++] = arg;
        for (uint32_t j = 0; arg->kind == kind && j < arg->n_args; j++) flat[k++] = arg->args[j];
    }
    if (n == 1) {
        *out = flat[0];
        return ST_OK;
    }
    *out = resolve_form(call, kind, special_bool_type(call, typing_any_nullable(flat, n)), flat, n);
    return ST_OK;
}

static Status special_and(const CallSite *call, Expr **out, Err *err) {
    return special_logic(call, EXPR_AND, out, err);
}

static Status special_or(const CallSite *call, Expr **out, Err *err) {
    return special_logic(call, EXPR_OR, out, err);
}

/* The negation of a comparison is another comparison, also for NULLs and, because NaN has its place
 * in the order, for NaN. */
static Status special_not(const CallSite *call, Expr **out, Err *err) {
    static const char *const opposite[][2] = {
        {"=", "<>"},
        {"<>", "="},
        {"<", ">="},
        {">=", "<"},
        {">", "<="},
        {"<=", ">"},
        {"IS NULL", "IS NOT NULL"},
        {"IS NOT NULL", "IS NULL"},
    };
    Expr *arg;
    TRY(special_arity(call, 1, 1, err));
    TRY(special_boolean(call, &call->args[0], err));
    arg = call->args[0];
    if (arg->kind != EXPR_CALL) return ST_OK;
    for (size_t i = 0; i < sizeof opposite / sizeof opposite[0]; i++) {
        if (strcmp(arg->fn->name, opposite[i][0]) != 0) continue;
        return resolve_call(call, opposite[i][1], arg->args, arg->n_args, out, err);
    }
    return ST_OK; /* the function NOT */
}

/* The common type of args[from], args[from + step], ..., and args[last]. */
static Status special_common(const CallSite *call, uint32_t from, uint32_t step, Err *err) {
    const Type *common = call->args[from]->type;
    for (uint32_t i = from + step; i < call->n_args; i += step) {
        const Type *next = typing_common(call->arena, common, call->args[i]->type);
        if (!next) {
            FAIL(err, ST_INVALID, "42804", call->args[i]->pos,
                 "the results of " SPAN_FMT " have no common type: %s and %s", SPAN_ARG(call->name),
                 type_text(call->arena, common), type_text(call->arena, call->args[i]->type));
        }
        common = next;
    }
    for (uint32_t i = from; i < call->n_args; i += step) {
        Expr *arg = call->args[i];
        if (type_eq(arg->type, common)) continue;
        call->args[i] = resolve_cast(call->arena, arg, common, false, arg->pos);
    }
    return ST_OK;
}

static Status special_case(const CallSite *call, Expr **out, Err *err) {
    uint32_t n = call->n_args, n_results = (n + 1) / 2;
    bool has_else = n % 2 == 1;
    CallSite results = *call;
    const Type *type;
    bool is_nullable = !has_else;
    TRY(special_arity(call, 2, UINT32_MAX, err));
    for (uint32_t i = 0; i + 1 < n; i += 2) TRY(special_boolean(call, &call->args[i], err));
    results.args = arena_array(call->arena, Expr *, n_results);
    results.n_args = 0;
    for (uint32_t i = 1; i < n; i += 2) results.args[results.n_args++] = call->args[i];
    if (has_else) results.args[results.n_args++] = call->args[n - 1];
    TRY(special_common(&results, 0, 1, err));
    for (uint32_t i = 0, k = 1; i < results.n_args; i++, k += 2) {
        call->args[k < n ? k : n - 1] = results.args[i];
    }
    is_nullable |= typing_any_nullable(results.args, results.n_args);
    type = type_with_attr(call->arena, results.args[0]->type, TIME_ATTR_NONE);
    *out = resolve_form(call, EXPR_CASE, type_with_null(call->arena, type, is_nullable), call->args,
                        n);
    return ST_OK;
}

static Status special_coalesce(const CallSite *call, Expr **out, Err *err) {
    bool is_nullable = true;
    const Type *type;
    TRY(special_arity(call, 1, UINT32_MAX, err));
    TRY(special_common(call, 0, 1, err));
    for (uint32_t i = 0; i < call->n_args; i++) is_nullable &= call->args[i]->type->is_nullable;
    type = type_with_attr(call->arena, call->args[0]->type, TIME_ATTR_NONE);
    if (call->n_args == 1) {
        *out = call->args[0];
        return ST_OK;
    }
    *out = resolve_form(call, EXPR_COALESCE, type_with_null(call->arena, type, is_nullable),
                        call->args, call->n_args);
    return ST_OK;
}

static Status special_ifnull(const CallSite *call, Expr **out, Err *err) {
    TRY(special_arity(call, 2, 2, err));
    return special_coalesce(call, out, err);
}

static Status special_if(const CallSite *call, Expr **out, Err *err) {
    TRY(special_arity(call, 3, 3, err));
    return special_case(call, out, err);
}

static Status special_nullif(const CallSite *call, Expr **out, Err *err) {
    Expr *args[3];
    TRY(special_arity(call, 2, 2, err));
    TRY(resolve_call(call, "=", call->args, 2, &args[0], err));
    args[1] = expr_null(call->arena, call->args[0]->type, call->pos);
    args[2] = call->args[0];
    return resolve_call(call, "CASE", args, 3, out, err);
}

static Status special_between(const CallSite *call, Expr **out, Err *err) {
    Expr *low[2] = {call->args[0], call->args[1]}, *high[2] = {call->args[0], call->args[2]};
    Expr *both[2];
    TRY(resolve_call(call, ">=", low, 2, &both[0], err));
    TRY(resolve_call(call, "<=", high, 2, &both[1], err));
    return resolve_call(call, "AND", both, 2, out, err);
}

static Status special_between_symmetric(const CallSite *call, Expr **out, Err *err) {
    CallSite swapped = *call;
    Expr *args[3] = {call->args[0], call->args[2], call->args[1]}, *either[2];
    swapped.args = args;
    TRY(special_between(call, &either[0], err));
    TRY(special_between(&swapped, &either[1], err));
    return resolve_call(call, "OR", either, 2, out, err);
}

static Status special_any_between(const CallSite *call, Expr **out, Err *err) {
    bool is_not = span_starts_with(call->name, "NOT") || span_starts_with(call->name, "not");
    TRY(special_arity(call, 3, 3, err));
    if (span_ends_with(call->name, "SYMMETRIC") && !span_ends_with(call->name, "ASYMMETRIC"))
        TRY(special_between_symmetric(call, out, err));
    else
        TRY(special_between(call, out, err));
    if (!is_not) return ST_OK;
    /* By De Morgan, so that the comparisons stay simple. */
    for (uint32_t i = 0; i < (*out)->n_args; i++) {
        TRY(resolve_call(call, "NOT", &(*out)->args[i], 1, &(*out)->args[i], err));
    }
    return resolve_call(call, (*out)->kind == EXPR_AND ? "OR" : "AND", (*out)->args, (*out)->n_args,
                        out, err);
}

/* A list of constants is one look-up, the function IN; anything else is a chain of comparisons. */
static Status special_in(const CallSite *call, Expr **out, Err *err) {
    Expr **equal;
    bool is_list = true;
    TRY(special_arity(call, 2, UINT32_MAX, err));
    for (uint32_t i = 1; i < call->n_args; i++) is_list &= expr_is_const(call->args[i]);
    is_list &= call->args[0]->type->kind < TYPE_ARRAY && call->n_args > 3;
    if (is_list && call->args[0]->type->kind != TYPE_NULL) return ST_OK;
    equal = arena_array(call->arena, Expr *, call->n_args - 1);
    for (uint32_t i = 1; i < call->n_args; i++) {
        Expr *pair[2] = {call->args[0], call->args[i]};
        TRY(resolve_call(call, "=", pair, 2, &equal[i - 1], err));
    }
    return resolve_call(call, "OR", equal, call->n_args - 1, out, err);
}

/* NOT X for a name that begins with NOT. */
static Status special_negated(const CallSite *call, Expr **out, Err *err) {
    CallSite site = *call;
    Expr *inner;
    site.name = (Span){call->name.ptr + 4, call->name.len - 4};
    TRY(expr_call(call->arena, site.name, call->args, call->n_args, call->pos, &inner, err));
    return resolve_call(call, "NOT", &inner, 1, out, err);
}

static Status special_unknown(const CallSite *call, Expr **out, Err *err) {
    bool is_not = call->name.len > strlen("IS UNKNOWN");
    TRY(special_arity(call, 1, 1, err));
    TRY(special_boolean(call, &call->args[0], err));
    return resolve_call(call, is_not ? "IS NOT NULL" : "IS NULL", call->args, 1, out, err);
}

static Status special_not_equal(const CallSite *call, Expr **out, Err *err) {
    return resolve_call(call, "<>", call->args, call->n_args, out, err);
}

static Status special_row(const CallSite *call, Expr **out, Err *err) {
    Field *fields = arena_array(call->arena, Field, call->n_args);
    const Type *type;
    for (uint32_t i = 0; i < call->n_args; i++) {
        fields[i].name = span_of(arena_printf(call->arena, "EXPR$%u", i));
        fields[i].type = type_with_attr(call->arena, call->args[i]->type, TIME_ATTR_NONE);
    }
    (void)err;
    type = type_row(call->arena, (Schema){call->n_args, fields});
    *out = resolve_form(call, EXPR_ROW, type_with_null(call->arena, type, false), call->args,
                        call->n_args);
    return ST_OK;
}

/* Keys among themselves and values among themselves get one type; the constructor is a function. */
static Status special_map(const CallSite *call, Expr **out, Err *err) {
    uint32_t n = call->n_args / 2;
    const Type **types = arena_array(call->arena, const Type *, n + 1);
    (void)out;
    for (uint32_t side = 0; side < 2 && call->n_args % 2 == 0 && n; side++) {
        for (uint32_t i = 0; i < n; i++) types[i] = call->args[2 * i + side]->type;
        const Type *common = type_common(call->arena, types, n);
        if (!common) {
            FAIL(err, ST_INVALID, "42804", call->pos, "the %s of a MAP have no common type",
                 side ? "values" : "keys");
        }
        for (uint32_t i = 0; i < n; i++) {
            Expr **arg = &call->args[2 * i + side];
            TRY(expr_coerce(call->arena, *arg, common, (*arg)->pos, arg, err));
        }
    }
    return ST_OK;
}

/* row[2] is the second field; arrays and maps are left to the functions. */
static Status special_index(const CallSite *call, Expr **out, Err *err) {
    const Type *row;
    int64_t at;
    TRY(special_arity(call, 2, 2, err));
    row = call->args[0]->type;
    if (row->kind != TYPE_ROW) return ST_OK;
    call->args[1] = expr_fold(call->arena, call->args[1], NULL);
    if (call->args[1]->kind != EXPR_CONST || call->args[1]->type->kind != TYPE_INT) {
        FAIL(err, ST_INVALID, "42804", call->args[1]->pos,
             "the number of a ROW's field must be an integer literal");
    }
    at = call->args[1]->value->i32[0];
    if (at < 1 || at > row->row.n_fields) {
        FAIL(err, ST_INVALID, "42703", call->args[1]->pos, "a ROW of %u fields has no field %lld",
             row->row.n_fields, (long long)at);
    }
    *out = expr_field(call->arena, call->args[0], (uint32_t)at - 1, call->pos);
    return ST_OK;
}

static Status special_mod(const CallSite *call, Expr **out, Err *err) {
    return resolve_call(call, "%", call->args, call->n_args, out, err);
}

static const struct SpecialName {
    const char *name;
    SpecialFn *resolve;
} special_names[] = {
    {"AND", special_and},
    {"OR", special_or},
    {"NOT", special_not},
    {"CASE", special_case},
    {"COALESCE", special_coalesce},
    {"IFNULL", special_ifnull},
    {"IF", special_if},
    {"NULLIF", special_nullif},
    {"BETWEEN", special_any_between},
    {"NOT BETWEEN", special_any_between},
    {"BETWEEN SYMMETRIC", special_any_between},
    {"NOT BETWEEN SYMMETRIC", special_any_between},
    {"BETWEEN ASYMMETRIC", special_any_between},
    {"NOT BETWEEN ASYMMETRIC", special_any_between},
    {"IN", special_in},
    {"NOT IN", special_negated},
    {"NOT LIKE", special_negated},
    {"NOT SIMILAR TO", special_negated},
    {"IS UNKNOWN", special_unknown},
    {"IS NOT UNKNOWN", special_unknown},
    {"!=", special_not_equal},
    {"ROW", special_row},
    {"MAP", special_map},
    {"[]", special_index},
    {"MOD", special_mod},
};

Status resolve_special(const CallSite *call, Expr **out, Err *err) {
    for (size_t i = 0; i < sizeof special_names / sizeof special_names[0]; i++) {
        if (span_is_nocase(call->name, special_names[i].name)) {
            return special_names[i].resolve(call, out, err);
        }
    }
    return ST_OK;
}

/* ---- comparisons ---- */

static bool resolve_is_compare(Span name) {
    static const char *const names[] = {
        "=", "<>", "<", "<=", ">", ">=", "IN", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (span_is_nocase(name, names[i])) return true;
    }
    return false;
}

/* Text next to a date or time is read as one: a literal must be right, a column's wrong text is
 * NULL. */
Status resolve_compare(const CallSite *call, Err *err) {
    const Type *time = NULL;
    (void)err;
    if (!resolve_is_compare(call->name)) return ST_OK;
    for (uint32_t i = 0; i < call->n_args; i++) {
        const Type *type = call->args[i]->type;
        if (type_is_datetime(type)) time = time ? typing_common(call->arena, time, type) : type;
    }
    if (!time) return ST_OK;
    for (uint32_t i = 0; i < call->n_args; i++) {
        Expr *arg = call->args[i];
        if (!type_is_string(arg->type)) continue;
        call->args[i] = resolve_cast(call->arena, arg, time, !expr_is_const(arg), arg->pos);
    }
    return ST_OK;
}
