/* resolve.c -- from a name and typed arguments to one function: overloads, implicit casts, result
 * types, and the errors when nothing fits.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/resolve.h"

#include "expr/cast.h"
#include "expr/functions.h"
#include "expr/signature.h"
#include "expr/typing.h"

Expr *resolve_form(const CallSite *site, ExprKind kind, const Type *type, Expr **args,
                   uint32_t n_args) {
    Expr *expr = arena_new(site->arena, Expr);
    expr->kind = kind;
    expr->type = type;
    expr->pos = site->pos;
    expr->args = arena_array(site->arena, Expr *, n_args);
    if (n_args) memcpy(expr->args, args, sizeof *args * n_args);
    expr->n_args = n_args;
    return expr;
}

Status resolve_call(const CallSite *site, const char *name, Expr **args, uint32_t n_args,
                    Expr **out, Err *err) {
    return expr_call(site->arena, span_of(name), args, n_args, site->pos, out, err);
}

/* ---- casts ---- */

Expr *resolve_cast(Arena *arena, Expr *arg, const Type *to, bool is_try, int32_t pos) {
    CallSite site = {.arena = arena, .pos = pos};
    bool is_nullable = arg->type->is_nullable || arg->type->kind == TYPE_NULL ||
                       (is_try && cast_can_fail(arg->type, to));
    Expr *cast;
    to = type_with_null(arena, type_with_attr(arena, to, TIME_ATTR_NONE), is_nullable);
    if (type_eq_exact(arg->type, to)) return arg;
    if (arg->kind == EXPR_CONST && col_is_null(arg->value, 0))
        return expr_null(arena, to, arg->pos);
    cast = resolve_form(&site, EXPR_CAST, to, &arg, 1);
    cast->is_try = is_try;
    return cast;
}

Status expr_cast(Arena *arena, Expr *arg, const Type *to, bool is_try, int32_t pos, Expr **out,
                 Err *err) {
    if (cast_kind(arg->type, to) == CAST_NONE) {
        err_set(err, ST_INVALID, "42846", pos, __FILE__, __LINE__, "cannot cast %s to %s",
                type_text(arena, arg->type), type_text(arena, to));
        if (type_is_numeric(arg->type) && type_is_datetime(to)) {
            return err_hint(err, "TO_TIMESTAMP_LTZ(number, 0 or 3) makes a time from seconds or "
                                 "milliseconds");
        }
        if (type_is_datetime(arg->type) && type_is_numeric(to)) {
            return err_hint(err, "UNIX_TIMESTAMP or EXTRACT make numbers from a time");
        }
        return ST_INVALID;
    }
    *out = resolve_cast(arena, arg, to, is_try, pos);
    return ST_OK;
}

Status expr_coerce(Arena *arena, Expr *arg, const Type *to, int32_t pos, Expr **out, Err *err) {
    if (type_eq(arg->type, to)) {
        *out = arg;
        return ST_OK;
    }
    if (cast_kind(arg->type, to) < CAST_IMPLICIT) {
        err_set(err, ST_INVALID, "42804", pos, __FILE__, __LINE__,
                "a value of type %s is not a %s by itself", type_text(arena, arg->type),
                type_text(arena, to));
        if (cast_kind(arg->type, to) == CAST_EXPLICIT) {
            return err_hint(err, "write CAST(... AS %s)", type_text(arena, to));
        }
        return ST_INVALID;
    }
    *out = resolve_cast(arena, arg, to, false, pos);
    return ST_OK;
}

/* ---- errors ---- */

static void resolve_types(const CallSite *call, Buf *out) {
    for (uint32_t i = 0; i < call->n_args; i++) {
        if (i) buf_puts(out, ", ");
        type_print(type_with_attr(call->arena, call->args[i]->type, TIME_ATTR_NONE), false, out);
    }
}

static bool resolve_is_word(Span name) {
    return name.len && ((name.ptr[0] | 0x20) >= 'a' && (name.ptr[0] | 0x20) <= 'z');
}

/* What Flink has and weir does not, with what to do instead. */
static const struct {
    const char *prefix, *hint;
} resolve_refused[] = {
    {"PARSE_JSON", "weir has no VARIANT: JSON_VALUE and JSON_QUERY read JSON texts"},
    {"TRY_PARSE_JSON", "weir has no VARIANT: JSON_VALUE and JSON_QUERY read JSON texts"},
    {"BITMAP_",
     "weir has no BITMAP: COUNT(DISTINCT x), APPROX_COUNT_DISTINCT and ARRAY_AGG may do"},
    {"OBJECT_OF", "weir has no structured types: ROW(...) makes a row"},
    {"OBJECT_UPDATE", "weir has no structured types: ROW(...) makes a row"},
    {"AGE", "subtract the times, or count units with TIMESTAMPDIFF"},
    {"ML_PREDICT", "weir runs no models"},
    {"ML_EVALUATE", "weir runs no models"},
    {"VECTOR_SEARCH", "weir searches no vectors"},
};

static Status resolve_unknown(const CallSite *call, Err *err) {
    const char *nearest;
    for (size_t i = 0; i < sizeof resolve_refused / sizeof resolve_refused[0]; i++) {
        size_t len = strlen(resolve_refused[i].prefix);
        Span head = {call->name.ptr, call->name.len < len ? call->name.len : len};
        if (!span_is_nocase(head, resolve_refused[i].prefix)) continue;
        if (call->name.len > len && resolve_refused[i].prefix[len - 1] != '_') continue;
        err_set(err, ST_UNSUPPORTED, "0A000", call->pos, __FILE__, __LINE__,
                "the function " SPAN_FMT " is not supported", SPAN_ARG(call->name));
        return err_hint(err, "%s", resolve_refused[i].hint);
    }
    nearest = functions_nearest(call->arena, call->name);
    err_set(err, ST_NOT_FOUND, "42883", call->pos, __FILE__, __LINE__,
            "function " SPAN_FMT " does not exist", SPAN_ARG(call->name));
    if (nearest) return err_hint(err, "did you mean %s?", nearest);
    return ST_NOT_FOUND;
}

/* The forms of a function, as the reference prints them; no letters for types, no results. */
void resolve_form_text(const char *name, const char *sig, Buf *out) {
    const char *arrow = strstr(sig, " ->");
    buf_printf(out, "%s%s", out->len ? "; " : "", name);
    for (const char *p = sig; p < (arrow ? arrow : sig); p++) {
        bool is_letter = *p >= 'A' && *p <= 'Z' && !(p[1] >= 'A' && p[1] <= 'Z') &&
                         !(p[-1] >= 'A' && p[-1] <= 'Z') && p[-1] != '_' && p[1] != '_';
        if (!is_letter)
            buf_putc(out, *p);
        else if (p[1] == ':')
            p++; /* the class follows */
        else
            buf_puts(out, "ANY");
    }
}

static void resolve_forms(const CallSite *call, Buf *out) {
    uint32_t n;
    const Fn *const *all = fn_all(&n);
    for (uint32_t i = 0; i < n; i++) {
        if (span_is_nocase(call->name, all[i]->name)) {
            resolve_form_text(all[i]->name, all[i]->sig, out);
        }
    }
}

/* Operators have many forms; what usually is wrong says more than their list. */
static void resolve_operator_hint(const CallSite *call, Err *err) {
    uint32_t n_text = 0, n_numeric = 0, n_intervals = 0;
    for (uint32_t i = 0; i < call->n_args; i++) {
        const Type *type = call->args[i]->type;
        n_text += type_is_string(type);
        n_numeric += type_is_numeric(type);
        n_intervals += type->kind == TYPE_INTERVAL_YM || type->kind == TYPE_INTERVAL_DS;
    }
    if (n_text && n_numeric)
        (void)err_hint(err, "text and numbers do not mix by themselves: CAST one of them");
    else if (n_text && span_is(call->name, "+"))
        (void)err_hint(err, "text is joined with ||");
    else if (n_text && !span_is(call->name, "||"))
        (void)err_hint(err, "CAST the text to the type of the other side");
    else if (n_intervals == 2)
        (void)err_hint(err, "months and days do not mix: months have different lengths");
    else if (span_is(call->name, "||"))
        (void)err_hint(err, "CAST(... AS STRING) makes text of anything");
}

static Status resolve_no_fit(const CallSite *call, uint32_t n_forms, uint32_t bad_arg, Err *err) {
    Buf types, forms;
    bool is_word = resolve_is_word(call->name);
    int32_t pos = call->pos;
    if (n_forms == 1 && bad_arg < call->n_args) pos = call->args[bad_arg]->pos;
    buf_init(&types, NULL);
    buf_init(&forms, NULL);
    resolve_types(call, &types);
    resolve_forms(call, &forms);
    err_set(err, ST_INVALID, "42883", pos < 0 ? call->pos : pos, __FILE__, __LINE__,
            "%s" SPAN_FMT " does not take (%s)", is_word ? "" : "operator ", SPAN_ARG(call->name),
            buf_cstr(&types));
    if (is_word)
        (void)err_detail(err, "it takes %s", buf_cstr(&forms));
    else
        resolve_operator_hint(call, err);
    buf_deinit(&types);
    buf_deinit(&forms);
    return ST_INVALID;
}

/* ---- functions ---- */

typedef struct Candidate {
    const Fn *fn;
    Sig sig;
    SigMatch match;
} Candidate;

/* Fills *best with the cheapest row that fits; best->fn stays NULL when none does. */
static Status resolve_best(const CallSite *call, Candidate *best, uint32_t *n_forms,
                           uint32_t *bad_arg, Err *err) {
    uint32_t n;
    const Fn *const *all = fn_all(&n);
    *n_forms = 0;
    best->fn = NULL;
    for (uint32_t i = 0; i < n; i++) {
        Candidate c = {.fn = all[i]};
        if (!span_is_nocase(call->name, c.fn->name)) continue;
        (*n_forms)++;
        TRY(sig_parse(call->arena, c.fn->sig, &c.sig, err));
        if (!sig_match(call->arena, &c.sig, call->args, call->n_args, &c.match, bad_arg)) continue;
        if (!best->fn || c.match.cost < best->match.cost) *best = c;
    }
    return ST_OK;
}

static Status resolve_literals(const CallSite *call, const Candidate *c, Err *err) {
    for (uint32_t i = 0; i < call->n_args; i++) {
        uint32_t p = i < c->sig.n_params ? i : c->sig.n_params - 1;
        if (!c->sig.params[p].is_literal) continue;
        call->args[i] = expr_fold(call->arena, call->args[i], NULL);
        if (call->args[i]->kind == EXPR_CONST) continue;
        FAIL(err, ST_INVALID, "42883", call->args[i]->pos,
             "argument %u of " SPAN_FMT " must be a literal", i + 1, SPAN_ARG(call->name));
    }
    return ST_OK;
}

static Status resolve_function(const CallSite *call, Expr **out, Err *err) {
    Candidate best;
    uint32_t n_forms, bad_arg = 0;
    bool is_strict, can_null;
    const Type *type;
    TRY(resolve_best(call, &best, &n_forms, &bad_arg, err));
    if (n_forms == 0) return resolve_unknown(call, err);
    if (!best.fn) return resolve_no_fit(call, n_forms, bad_arg, err);
    for (uint32_t i = 0; i < call->n_args; i++) {
        Expr *arg = call->args[i];
        if (type_eq(arg->type, best.match.targets[i])) continue;
        call->args[i] = resolve_cast(call->arena, arg, best.match.targets[i], false, arg->pos);
    }
    TRY(resolve_literals(call, &best, err));
    is_strict = (best.fn->traits & FN_STRICT) != 0;
    can_null = (best.fn->traits & FN_CAN_NULL) != 0;
    type = sig_result(call->arena, &best.sig, &best.match, call->args, call->n_args, is_strict,
                      can_null);
    if (!type) {
        assert(best.fn->derive);
        Status status = best.fn->derive(call->arena, call->args, call->n_args, &type, err);
        if (status != ST_OK && err && err->pos < 0) err->pos = call->pos;
        TRY(status);
        if (is_strict && (can_null || typing_any_nullable(call->args, call->n_args))) {
            type = type_with_null(call->arena, type, true);
        }
        if (best.sig.null != SIG_NULL_BY_ARGS) {
            type = type_with_null(call->arena, type, best.sig.null == SIG_NULL_ALWAYS);
        }
    }
    *out = resolve_form(call, EXPR_CALL, type, call->args, call->n_args);
    (*out)->fn = best.fn;
    return ST_OK;
}

Status expr_call(Arena *arena, Span name, Expr **args, uint32_t n_args, int32_t pos, Expr **out,
                 Err *err) {
    CallSite call = {arena, name, arena_array(arena, Expr *, n_args), n_args, pos};
    if (n_args) memcpy(call.args, args, sizeof *args * n_args);
    *out = NULL;
    TRY(resolve_special(&call, out, err));
    if (*out) return ST_OK;
    TRY(resolve_compare(&call, err));
    return resolve_function(&call, out, err);
}
