/* build_call.c -- calls. Functions with words between their arguments (EXTRACT, TRIM, ..) become
 * plain calls with a form; which words fit which function is decided here.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/build.h"

static bool call_is(const AstName *name, const char *word) {
    return name->parts.n == 1 && !name->parts.items[0].is_quoted &&
           span_is_nocase(name->parts.items[0].text, word);
}

static AstCall *call_new(SqlParse *p, AstName *name, AstCallForm form, AstVec *args) {
    AstCall *call = NEW(AstCall, AST_CALL, name->ast.pos);
    call->name = name;
    call->form = form;
    call->args = vec_list(args);
    return (AstCall *)DONE(call);
}

static AstVec *call_args(SqlParse *p, Ast *a, Ast *b, Ast *c, Ast *d) {
    return vec_add(p, vec_add(p, vec_add(p, vec_add(p, NULL, a), b), c), d);
}

/* An unquoted one-word name as the symbol it stands for in EXTRACT and its kin. */
static Ast *call_symbol(SqlParse *p, Ast *arg) {
    const AstName *name = (const AstName *)arg;
    SqlTok word = {.pos = arg->pos, .end = arg->end};
    if (arg->kind != AST_NAME || name->parts.n != 1 || name->parts.items[0].is_quoted) return NULL;
    word.text = name->parts.items[0].text;
    return build_symbol(p, &word);
}

static bool is_unit_word(Span text) {
    static const char *const words[] = {
        "NANOSECOND", "MICROSECOND", "MILLISECOND", "FRAC_SECOND", "SECOND",  "MINUTE",
        "HOUR",       "DAY",         "WEEK",        "MONTH",       "QUARTER", "YEAR",
    };
    Span rest = text;
    if (rest.len > 8 && span_eq_nocase((Span){rest.ptr, 8}, SPAN("SQL_TSI_"))) {
        rest = (Span){rest.ptr + 8, rest.len - 8};
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (span_is_nocase(rest, words[i])) return true;
    }
    return false;
}

AstCall *build_call(SqlParse *p, AstName *name, const AstVec *args) {
    AstCall *call = NEW(AstCall, AST_CALL, name->ast.pos);
    call->name = name;
    call->args = vec_list(args);
    if ((call_is(name, "TIMESTAMPADD") || call_is(name, "TIMESTAMPDIFF")) && args && args->n) {
        Ast *symbol = call_symbol(p, args->items[0]);
        if (symbol && is_unit_word(((AstSymbol *)symbol)->text)) args->items[0] = symbol;
    }
    return (AstCall *)DONE(call);
}

AstCall *build_call_word(SqlParse *p, Tok word) {
    return call_new(p, build_name(p, word), CALL_NO_PARENS, NULL);
}

static void call_misused(SqlParse *p, const AstName *name, const char *word, int32_t pos) {
    build_fail(p, pos, "%s cannot stand between the arguments of " SPAN_FMT, word,
               SPAN_ARG(ast_name_last(name)));
    build_hint(p, "arguments are separated by commas");
}

AstCall *build_call_from(SqlParse *p, AstName *name, Ast *arg, Ast *from, Ast *for_) {
    if (call_is(name, "EXTRACT") && from && !for_) {
        Ast *unit = call_symbol(p, arg);
        if (!unit) {
            build_fail(p, arg->pos, "expected a unit of time");
            build_hint(p, "write EXTRACT(YEAR FROM x)");
            unit = arg;
        }
        return call_new(p, name, CALL_EXTRACT, call_args(p, unit, from, NULL, NULL));
    }
    if (call_is(name, "TRIM") && from && !for_) {
        return build_call_trim(p, name, NULL, arg, from);
    }
    if (call_is(name, "SUBSTRING") || call_is(name, "SUBSTR")) {
        if (!from) { /* SUBSTRING(a FOR n) starts at the first character */
            AstLiteral *one = NEW(AstLiteral, AST_LITERAL, for_->pos);
            one->lit = LIT_INTEGER;
            one->text = SPAN("1");
            from = DONE(one);
        }
        return call_new(p, name, CALL_SUBSTRING, call_args(p, arg, from, for_, NULL));
    }
    call_misused(p, name, from ? "FROM" : "FOR", from ? from->pos : for_->pos);
    return call_new(p, name, CALL_PLAIN, NULL);
}

AstCall *build_call_trim(SqlParse *p, AstName *name, Tok side, Ast *chars, Ast *from) {
    static const SqlTok both = {.text = {"BOTH", 4}};
    Ast *symbol = build_symbol(p, side ? side : &both);
    if (!side) symbol->pos = symbol->end = name->ast.end;
    if (!call_is(name, "TRIM")) call_misused(p, name, "FROM", from->pos);
    return call_new(p, name, CALL_TRIM, call_args(p, symbol, chars, from, NULL));
}

AstCall *build_call_overlay(SqlParse *p, AstName *name, Ast *arg, Ast *placing, Ast *from,
                            Ast *for_) {
    if (!call_is(name, "OVERLAY")) call_misused(p, name, "PLACING", placing->pos);
    return call_new(p, name, CALL_OVERLAY, call_args(p, arg, placing, from, for_));
}

AstCall *build_call_position(SqlParse *p, AstName *name, Ast *needle, Ast *in, Ast *from) {
    return call_new(p, name, CALL_POSITION, call_args(p, needle, in, from, NULL));
}

AstCall *build_call_to(SqlParse *p, AstName *name, Ast *arg, Tok unit) {
    bool fits = call_is(name, "CEIL") || call_is(name, "CEILING") || call_is(name, "FLOOR");
    if (!fits) call_misused(p, name, "TO", unit->pos);
    return call_new(p, name, CALL_ROUND_TO, call_args(p, arg, build_symbol(p, unit), NULL, NULL));
}

AstCall *build_call_done(SqlParse *p, AstCall *call) {
    return (AstCall *)DONE(call);
}

AstJsonClauses *build_json(SqlParse *p, AstJsonClauses *json, int32_t pos, int what, int value,
                           int on, Ast *node) {
    bool is_twice = false;
    if (!json) json = NEW(AstJsonClauses, AST_JSON_CLAUSES, pos);
    if (what == JSON_ITEM_RETURNING) {
        is_twice = json->returning;
        json->returning = (AstType *)node;
    } else if (what == JSON_ITEM_WRAPPER) {
        is_twice = json->wrapper;
        json->wrapper = (AstJsonWrapper)value;
    } else if (what == JSON_ITEM_NULLS) {
        is_twice = json->on_null;
        json->on_null = (AstJsonNulls)value;
    } else if (on == JSON_ON_EMPTY_CASE) {
        is_twice = json->on_empty;
        json->on_empty = (AstJsonBehavior)value;
        json->empty_default = node;
    } else {
        is_twice = json->on_error;
        json->on_error = (AstJsonBehavior)value;
        json->error_default = node;
    }
    if (is_twice) build_fail(p, pos, "the clause is given twice");
    return (AstJsonClauses *)DONE(json);
}
