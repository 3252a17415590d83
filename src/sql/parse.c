/* parse.c -- the driver: text to tokens, tokens to statements, one run of the grammar for each.
 *
 * A statement ends at a semicolon, except that a STATEMENT SET holds semicolons up to its END. So
 * an error in one statement does not touch the next one. SPDX-License-Identifier: Apache-2.0
 */
#include "sql/build.h"
#include "sql_grammar.h"

typedef struct Script {
    SqlParse parse;
    SqlTokens tokens;
} Script;

static Status script_open(Script *script, Arena *arena, Span text, Err *err) {
    char *copy;
    size_t valid = utf8_valid_len(text);
    if (text.len > LIMIT_SQL_BYTES) {
        FAIL(err, ST_LIMIT, "54000", 0, "the SQL text is longer than %d bytes", LIMIT_SQL_BYTES);
    }
    if (valid < text.len) {
        (void)err_set(err, ST_INVALID, "22021", (int32_t)valid, __FILE__, __LINE__,
                      "the SQL text is not valid UTF-8");
        return err_detail(err, "the byte here is 0x%02x", (unsigned char)text.ptr[valid]);
    }
    copy = arena_strndup(arena, text.ptr ? text.ptr : "", text.len);
    text = (Span){copy, text.len};
    *script = (Script){.parse = {.arena = arena, .sql = text, .err = err}};
    sql_lex(arena, text, &script->tokens);
    sql_tokens_fix(arena, text, &script->tokens);
    return ST_OK;
}

static void script_close(Script *script) {
    if (script->parse.parser) sql_grammar_free(&script->parse);
}

static bool begins_set(const SqlTok *tok) {
    return tok[0].kind == TK_STATEMENT && tok[1].kind == TK_SET && tok[2].kind == TK_BEGIN;
}

/* The index of the semicolon (or end) behind the statement that begins at `from`. */
static int32_t statement_end(const SqlTokens *tokens, int32_t from) {
    const SqlTok *toks = tokens->items;
    int32_t at = from;
    bool is_set = from + 3 <= tokens->n && toks[from].kind == TK_BEGIN &&
                  toks[from + 1].kind == TK_STATEMENT && toks[from + 2].kind == TK_SET;
    for (; at < tokens->n; at++) {
        if (at + 2 < tokens->n && begins_set(&toks[at])) is_set = true;
        if (is_set && toks[at].kind == TK_END && toks[at - 1].kind == TK_SEMI) is_set = false;
        if (toks[at].kind == TK_SEMI && !is_set) break;
    }
    return at;
}

/* Parses tokens [from, to) into p->result. */
static Status script_parse(Script *script, int start, int32_t from, int32_t to) {
    SqlParse *p = &script->parse;
    p->toks = script->tokens.items + from;
    p->n_toks = to - from;
    p->result = NULL;
    sql_grammar_run(p, start);
    if (p->status == ST_INVALID && !p->err->message[0]) sql_explain_error(p, start);
    return p->status;
}

Status sql_parse_all(Arena *arena, Span text, AstList *statements, Err *errs, int max_errs,
                     int *n_errs) {
    Script script;
    AstVec *vec = NULL;
    Status first = ST_OK;
    Err scratch;
    *statements = (AstList){0};
    *n_errs = 0;
    first = script_open(&script, arena, text, max_errs ? &errs[0] : &scratch);
    if (first != ST_OK) {
        *n_errs = max_errs ? 1 : 0;
        return first;
    }
    for (int32_t from = 0, to; from < script.tokens.n; from = to + 1) {
        Status status;
        to = statement_end(&script.tokens, from);
        if (to == from) continue;
        script.parse.err = *n_errs < max_errs ? &errs[*n_errs] : &scratch;
        *script.parse.err = (Err)ERR_INIT;
        status = script_parse(&script, TK_START_STATEMENT, from, to);
        if (status == ST_OK) {
            vec = vec_add(&script.parse, vec, script.parse.result);
            continue;
        }
        if (first == ST_OK) first = status;
        if (*n_errs < max_errs) (*n_errs)++;
    }
    script_close(&script);
    *statements = vec_list(vec);
    return first;
}

Status sql_parse_script(Arena *arena, Span text, AstList *statements, Err *err) {
    Script script;
    AstVec *vec = NULL;
    Status status = ST_OK;
    Err own;
    *statements = (AstList){0};
    if (!err) err = &own;
    TRY(script_open(&script, arena, text, err));
    *err = (Err)ERR_INIT;
    for (int32_t from = 0, to; from < script.tokens.n && status == ST_OK; from = to + 1) {
        to = statement_end(&script.tokens, from);
        if (to == from) continue;
        status = script_parse(&script, TK_START_STATEMENT, from, to);
        if (status == ST_OK) vec = vec_add(&script.parse, vec, script.parse.result);
    }
    script_close(&script);
    *statements = vec_list(vec);
    return status;
}

static Status parse_one(Arena *arena, Span text, int start, Script *script, Err *err) {
    Status status;
    TRY(script_open(script, arena, text, err));
    *err = (Err)ERR_INIT;
    status = script_parse(script, start, 0, script->tokens.n);
    script_close(script);
    return status;
}

Status sql_parse_expr(Arena *arena, Span text, Ast **expr, Err *err) {
    Script script;
    Err own;
    *expr = NULL;
    TRY(parse_one(arena, text, TK_START_EXPR, &script, err ? err : &own));
    *expr = script.parse.result;
    return ST_OK;
}

Status sql_parse_type(Arena *arena, Span text, Ast **type, Err *err) {
    Script script;
    Err own;
    *type = NULL;
    TRY(parse_one(arena, text, TK_START_TYPE, &script, err ? err : &own));
    *type = script.parse.result;
    return ST_OK;
}

Status sql_parse_columns(Arena *arena, Span text, AstList *columns, Err *err) {
    Script script;
    Err own;
    *columns = (AstList){0};
    TRY(parse_one(arena, text, TK_START_COLUMNS, &script, err ? err : &own));
    *columns = script.parse.results;
    return ST_OK;
}

bool sql_is_incomplete(Span text) {
    Arena arena;
    Script script;
    bool is_incomplete = false;
    arena_init(&arena, NULL);
    if (script_open(&script, &arena, text, NULL) == ST_OK) {
        int32_t from = 0, to = 0;
        const SqlTok *last = &script.tokens.items[script.tokens.n ? script.tokens.n - 1 : 0];
        for (; from < script.tokens.n; from = to + 1) to = statement_end(&script.tokens, from);
        is_incomplete = script.tokens.n && to == script.tokens.n;
        if (last->kind == TK_ILLEGAL && last->end == (int32_t)text.len) is_incomplete = true;
        script_close(&script);
    }
    arena_deinit(&arena);
    return is_incomplete;
}
