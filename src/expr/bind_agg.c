/* bind_agg.c -- resolves a call of an aggregate: the row that fits, casts, type of the result.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/functions.h"
#include "expr/resolve.h"
#include "expr/signature.h"
#include "expr/typing.h"

typedef struct AggCandidate {
    const Agg *agg;
    Sig sig;
    SigMatch match;
} AggCandidate;

static Status agg_best(const CallSite *call, AggCandidate *best, uint32_t *n_forms, Err *err) {
    uint32_t n, bad_arg;
    const Agg *const *all = agg_all(&n);
    *n_forms = 0;
    best->agg = NULL;
    for (uint32_t i = 0; i < n; i++) {
        AggCandidate c = {.agg = all[i]};
        if (!span_is_nocase(call->name, c.agg->name)) continue;
        (*n_forms)++;
        TRY(sig_parse(call->arena, c.agg->sig, &c.sig, err));
        if (!sig_match(call->arena, &c.sig, call->args, call->n_args, &c.match, &bad_arg)) continue;
        if (!best->agg || c.match.cost < best->match.cost) *best = c;
    }
    return ST_OK;
}

static Status agg_no_fit(const CallSite *call, uint32_t n_forms, Err *err) {
    uint32_t n;
    const Agg *const *all = agg_all(&n);
    const char *nearest;
    Buf types, forms;
    if (n_forms == 0) {
        nearest = functions_nearest(call->arena, call->name);
        err_set(err, ST_NOT_FOUND, "42883", call->pos, __FILE__, __LINE__,
                "aggregate " SPAN_FMT " does not exist", SPAN_ARG(call->name));
        return nearest ? err_hint(err, "did you mean %s?", nearest) : ST_NOT_FOUND;
    }
    buf_init(&types, NULL);
    buf_init(&forms, NULL);
    for (uint32_t i = 0; i < call->n_args; i++) {
        if (i) buf_puts(&types, ", ");
        type_print(call->args[i]->type, false, &types);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (span_is_nocase(call->name, all[i]->name)) {
            resolve_form_text(all[i]->name, all[i]->sig, &forms);
        }
    }
    err_set(err, ST_INVALID, "42883", call->pos, __FILE__, __LINE__, SPAN_FMT " does not take (%s)",
            SPAN_ARG(call->name), buf_cstr(&types));
    (void)err_detail(err, "it takes %s", buf_cstr(&forms));
    buf_deinit(&types);
    buf_deinit(&forms);
    return ST_INVALID;
}

static Status agg_arguments(const CallSite *call, const AggCandidate *c, Err *err) {
    for (uint32_t i = 0; i < call->n_args; i++) {
        uint32_t p = i < c->sig.n_params ? i : c->sig.n_params - 1;
        Expr *arg = call->args[i];
        if (!type_eq(arg->type, c->match.targets[i])) {
            call->args[i] = resolve_cast(call->arena, arg, c->match.targets[i], false, arg->pos);
        }
        if (!c->sig.params[p].is_literal) continue;
        call->args[i] = expr_fold(call->arena, call->args[i], NULL);
        if (call->args[i]->kind != EXPR_CONST) {
            FAIL(err, ST_INVALID, "42883", arg->pos,
                 "argument %u of " SPAN_FMT " must be a literal", i + 1, SPAN_ARG(call->name));
        }
    }
    return ST_OK;
}

/* A group has rows, so an aggregate of NOT NULL values has a result; without GROUP BY there may be
 * no row at all. */
static Status agg_type(const CallSite *call, const AggCandidate *c, bool is_grouped,
                       const Type **out, Err *err) {
    bool is_nullable = !is_grouped || typing_any_nullable(call->args, call->n_args);
    const Type *type =
        sig_result(call->arena, &c->sig, &c->match, call->args, call->n_args, true, false);
    if (!type) {
        Status status;
        assert(c->agg->derive);
        status = c->agg->derive(call->arena, call->args, call->n_args, &type, err);
        if (status != ST_OK && err && err->pos < 0) err->pos = call->pos;
        TRY(status);
    }
    if (c->sig.null == SIG_NULL_ALWAYS) is_nullable = true;
    if (c->sig.null == SIG_NULL_NEVER) is_nullable = false;
    *out =
        type_with_attr(call->arena, type_with_null(call->arena, type, is_nullable), TIME_ATTR_NONE);
    return ST_OK;
}

Status agg_bind(Arena *arena, Span name, Expr **args, uint32_t n_args, bool is_distinct,
                bool is_grouped, int32_t pos, AggCall *out, Err *err) {
    CallSite call = {arena, name, arena_array(arena, Expr *, n_args), n_args, pos};
    AggCandidate best;
    uint32_t n_forms;
    if (n_args) memcpy(call.args, args, sizeof *args * n_args);
    TRY(agg_best(&call, &best, &n_forms, err));
    if (!best.agg) return agg_no_fit(&call, n_forms, err);
    if (is_distinct && n_args == 0) {
        FAIL(err, ST_INVALID, "42601", pos, "DISTINCT needs a value: " SPAN_FMT "(DISTINCT x)",
             SPAN_ARG(name));
    }
    TRY(agg_arguments(&call, &best, err));
    *out = (AggCall){.agg = best.agg, .args = call.args, .n_args = n_args, .pos = pos};
    out->is_distinct = is_distinct && !(best.agg->traits & AGG_DUP_FREE);
    return agg_type(&call, &best, is_grouped, &out->type, err);
}

void agg_add_order(Arena *arena, AggCall *call, Expr *const *keys, const KeyOrder *order,
                   uint32_t n) {
    Expr **args;
    if (!n || !(call->agg->traits & AGG_TAKES_ORDER)) return;
    args = arena_array(arena, Expr *, call->n_args + n);
    if (call->n_args) memcpy(args, call->args, sizeof *args * call->n_args);
    memcpy(args + call->n_args, keys, sizeof *args * n);
    call->args = args;
    call->n_args += n;
    call->n_order = n;
    call->order = order;
}
