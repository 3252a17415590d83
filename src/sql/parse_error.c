/* parse_error.c -- explains syntax errors: what was found, what could have stood there, and what
 * the user most likely meant.
 *
 * The tables of the parser are asked which tokens they would take; those are grouped into words a
 * person thinks in. Hints are tried out: a comma is said to be missing only when the parser goes on
 * with one. SPDX-License-Identifier: Apache-2.0
 */
#include "sql/build.h"
#include "sql_grammar.h"

enum { N_TOKENS_MAX = 512, N_SHOWN_MAX = 8 };

typedef struct Expected {
    bool takes[N_TOKENS_MAX];
    const char *shown[N_SHOWN_MAX + 1];
    int n_shown;
    bool is_cut;
} Expected;

void build_syntax_error(SqlParse *p, Tok found) {
    if (p->status != ST_OK) return;
    p->status = ST_INVALID;
    if (found->kind == TK_ILLEGAL) p->status = sql_lex_error(p->sql, found, p->err);
}

/* -- naming -- */

typedef struct TokenText {
    int16_t kind;
    const char *text;
} TokenText;

static const TokenText token_texts[] = {
    {TK_COMMA, "\",\""},
    {TK_LP, "\"(\""},
    {TK_RP, "\")\""},
    {TK_EQ, "\"=\""},
    {TK_RB, "\"]\""},
    {TK_LT, "\"<\""},
    {TK_GT, "\">\""},
    {TK_RBRACE, "\"}\""},
    {TK_EXCLUDE_END, "\"-}\""},
    {TK_DOT, "\".\""},
    {TK_SEMI, "\";\""},
    {TK_HINT_END, "\"*/\""},
    {TK_AS, "AS"},
    {TK_FROM, "FROM"},
    {TK_ON, "ON"},
    {TK_USING, "USING"},
    {TK_WHERE, "WHERE"},
    {TK_GROUP, "GROUP BY"},
    {TK_HAVING, "HAVING"},
    {TK_ORDER, "ORDER BY"},
    {TK_LIMIT, "LIMIT"},
    {TK_WITH_ORDINALITY, "WITH ORDINALITY"},
    {TK_ON_CONFLICT, "ON CONFLICT"},
    {TK_ON_LATE, "ON LATE"},
    {TK_PRIMARY, "PRIMARY KEY"},
    {TK_PARTITION, "PARTITION"},
    {TK_WITH_DRAIN, "WITH DRAIN"},
    {TK_SETMINUS, "MINUS"},
};

/* Tokens that say nothing to a person beside the others. */
static const int16_t token_quiet[] = {
    TK_HINT_BEGIN, TK_WITH_ZONE,   TK_WITHOUT_ZONE, TK_VARYING,
    TK_PRECISION,  TK_COLON,       TK_HOOK,         TK_TABLESAMPLE,
    TK_QUALIFY,    TK_NOT_INFIX,   TK_ARROW,        TK_FINAL,
    TK_RUNNING,    TK_JSON_KEY,    TK_JSON_DEFAULT, TK_DEFAULT,
    TK_MODEL,      TK_DESCRIPTOR,  TK_RETURNING,    TK_ABSENT,
    TK_ERROR,      TK_EMPTY,       TK_WITHOUT,      TK_IGNORE,
    TK_RESPECT,    TK_PLACING,     TK_POSITION_IN,  TK_FETCH,
    TK_OFFSET,     TK_EMIT,        TK_WINDOW,       TK_MATCH_RECOGNIZE,
    TK_EXCLUDE,    TK_EXCEPT,      TK_INTERSECT,    TK_UNMATCHED,
    TK_NATURAL,    TK_VALUE,       TK_DOLLAR,       TK_CARET,
    TK_LBRACE,     TK_BOTH,        TK_LEADING,      TK_TRAILING,
    TK_LB,         TK_DISTRIBUTED, TK_FRESHNESS,    TK_REFRESH_MODE,
    TK_SETMINUS,   TK_WITHIN,      TK_FILTER,       TK_DCOLON,
    TK_ALL,        TK_RECURSIVE,   TK_NULL,         TK_TRUE,
    TK_FALSE,      TK_UNKNOWN,     TK_ON_LATE,
};

static const int16_t tokens_expr[] = {
    TK_ID,
    TK_INTEGER,
    TK_DECIMAL,
    TK_DOUBLE,
    TK_STRING,
    TK_BINARY,
    TK_LP,
    TK_CASE,
    TK_CAST,
    TK_NOT,
    TK_EXISTS,
    TK_MINUS,
    TK_PLUS,
    TK_ROW,
    TK_ARRAY,
    TK_MAP,
    TK_MULTISET,
    TK_INTERVAL,
    TK_NULL,
    TK_TRUE,
    TK_FALSE,
    TK_UNKNOWN,
    TK_PARAM,
    TK_HOOK,
    TK_NO_PARENS,
    TK_DATE_LIT,
    TK_TIME_LIT,
    TK_TIMESTAMP_LIT,
    TK_TIMESTAMP_LTZ_LIT,
    TK_STAR,
    TK_DISTINCT,
    TK_TABLE,
    TK_STRUCTURED,
    TK_UNNEST,
};

static const int16_t tokens_operator[] = {
    TK_PLUS,        TK_MINUS,    TK_STAR,     TK_SLASH,  TK_PERCENT,   TK_CONCAT,
    TK_EQ,          TK_NE,       TK_LT,       TK_LE,     TK_GT,        TK_GE,
    TK_AND,         TK_OR,       TK_IS,       TK_IN,     TK_LIKE,      TK_ILIKE,
    TK_RLIKE,       TK_SIMILAR,  TK_BETWEEN,  TK_AT,     TK_MEMBER,    TK_SUBMULTISET,
    TK_MULTISET_OP, TK_OVERLAPS, TK_CONTAINS, TK_EQUALS, TK_PRECEDES,  TK_SUCCEEDS,
    TK_IMMEDIATELY, TK_ESCAPE,   TK_DOT,      TK_OVER,   TK_NOT_INFIX, TK_LP,
};

static const int16_t tokens_join[] = {TK_JOIN, TK_INNER, TK_LEFT,   TK_RIGHT,
                                      TK_FULL, TK_CROSS, TK_NATURAL};
static const int16_t tokens_special_call[] = {TK_TO,      TK_FROM,  TK_FOR,
                                              TK_PLACING, TK_ORDER, TK_WITH};
static const int16_t tokens_query[] = {TK_SELECT, TK_VALUES, TK_WITH, TK_TABLE, TK_LP};
static const int16_t tokens_setop[] = {TK_UNION, TK_EXCEPT, TK_INTERSECT, TK_SETMINUS};

#define EXPECTED_DROP(ex, tokens) expected_drop((ex), (tokens), sizeof(tokens) / sizeof *(tokens))

static void expected_drop(Expected *ex, const int16_t *tokens, size_t n) {
    for (size_t i = 0; i < n; i++) ex->takes[tokens[i]] = false;
}

static void expected_show(Expected *ex, const char *text) {
    if (ex->n_shown < N_SHOWN_MAX) {
        ex->shown[ex->n_shown++] = text;
    } else {
        ex->is_cut = true;
    }
}

/* What a name would be at this place, told by the token before it. */
static const char *expected_name(const SqlParse *p, const bool *takes) {
    const SqlTok *prev = p->at ? &p->toks[p->at - 1] : NULL;
    if (p->at > 1 && prev[-1].kind == TK_INTERVAL) return "a unit of time";
    switch (prev ? prev->kind : 0) {
    case TK_FROM:
    case TK_JOIN:
    case TK_INTO:
    case TK_OVERWRITE:
    case TK_TABLE:
    case TK_UPDATE: return "a table name";
    case TK_VIEW: return "a view name";
    case TK_FUNCTION: return "a function name";
    case TK_DATABASE: return "a database name";
    case TK_CATALOG: return "a catalog name";
    case TK_DOT: return "a name after \".\"";
    default: break;
    }
    if (takes[TK_WATERMARK] && takes[TK_CONSTRAINT]) return "a column";
    return takes[TK_LATERAL] ? "a table name" : "a name";
}

/* Groups of tokens that make up one idea. */
static void expected_group(Expected *ex, const SqlParse *p) {
    bool *takes = ex->takes;
    bool is_expr = takes[TK_CASE] && takes[TK_INTEGER];
    bool is_type = takes[TK_ROW] && takes[TK_STRUCTURED] && takes[TK_ID] && !is_expr;
    bool is_query = takes[TK_SELECT] && takes[TK_VALUES];
    bool is_operator = takes[TK_PLUS] && takes[TK_EQ] && takes[TK_CONCAT];
    if (takes[TK_CREATE] && takes[TK_INSERT] && takes[TK_SHOW]) {
        memset(takes, 0, sizeof ex->takes);
        expected_show(ex, "a statement");
        return;
    }
    if (takes[TK_ON] && takes[TK_USING] && !takes[0]) { /* a join is not complete */
        memset(takes, 0, sizeof ex->takes);
        takes[TK_ON] = takes[TK_USING] = true;
    }
    if (is_expr) {
        expected_show(ex, "an expression");
        EXPECTED_DROP(ex, tokens_expr);
        if (takes[TK_SELECT]) EXPECTED_DROP(ex, tokens_query);
    } else if (is_type) {
        expected_show(ex, "a type");
        EXPECTED_DROP(ex, tokens_expr);
    } else if (is_operator) {
        expected_show(ex, "an operator");
        EXPECTED_DROP(ex, tokens_operator);
    }
    if (is_query && !is_expr) {
        expected_show(ex, "a query");
        EXPECTED_DROP(ex, tokens_query);
    }
    if (takes[TK_ID]) expected_show(ex, expected_name(p, takes));
    if (takes[TK_STRING]) expected_show(ex, "a string");
    if (takes[TK_INTEGER]) expected_show(ex, "a number");
    takes[TK_ID] = takes[TK_STRING] = takes[TK_INTEGER] = false;
    if (takes[TK_RP] && takes[TK_COMMA] && takes[TK_RETURNING])
        EXPECTED_DROP(ex, tokens_special_call);
    if (takes[TK_COMMA] || takes[TK_RP]) takes[TK_LP] = takes[TK_DOT] = false;
    if (takes[TK_JOIN] && takes[TK_LEFT]) {
        EXPECTED_DROP(ex, tokens_join);
        takes[TK_JOIN] = true;
    }
    if (takes[TK_UNION]) {
        EXPECTED_DROP(ex, tokens_setop);
        takes[TK_UNION] = true;
    }
}

static void expected_words(Expected *ex) {
    size_t n_texts = sizeof token_texts / sizeof *token_texts;
    for (size_t i = 0; i < n_texts; i++) {
        if (ex->takes[token_texts[i].kind]) expected_show(ex, token_texts[i].text);
        ex->takes[token_texts[i].kind] = false;
    }
    for (int kind = 1; kind < N_TOKENS_MAX; kind++) {
        const char *word = ex->takes[kind] ? sql_token_word(kind) : NULL;
        if (word) expected_show(ex, word);
    }
}

static void expected_list(Expected *ex) {
    Expected all = *ex;
    bool has_end = ex->takes[0];
    ex->takes[0] = all.takes[0] = false;
    EXPECTED_DROP(ex, token_quiet);
    expected_words(ex);
    if (!ex->n_shown && !has_end) {
        *ex = all; /* nothing but quiet tokens: then they matter */
        expected_words(ex);
    }
    if (has_end && ex->n_shown < N_SHOWN_MAX) expected_show(ex, "the end of the statement");
}

static void expected_text(const Expected *ex, char *out, size_t size) {
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < ex->n_shown && at < size; i++) {
        bool is_last = i == ex->n_shown - 1 && !ex->is_cut;
        const char *before = i == 0 ? "" : is_last ? " or " : ", ";
        int n = snprintf(out + at, size - at, "%s%s", before, ex->shown[i]);
        at += n > 0 ? (size_t)n : 0;
    }
    if (ex->is_cut && at < size) snprintf(out + at, size - at, ", ...");
}

/* The offending token for the message, cut when long. */
static void found_text(const SqlParse *p, const SqlTok *tok, char *out, size_t size) {
    size_t len = (size_t)(tok->end - tok->pos);
    const char *text = p->sql.ptr + tok->pos;
    const char *dots = len > 40 ? ".." : "";
    if (tok->kind == 0) {
        snprintf(out, size, "the end of the text");
        return;
    }
    if (len > 40) len = 40;
    while (len && ((unsigned char)text[len] & 0xc0) == 0x80) len--;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n') {
            len = i;
            dots = "..";
        }
    }
    if (tok->kind == TK_STRING || tok->is_quoted) {
        snprintf(out, size, "%.*s%s", (int)len, text, dots);
    } else {
        snprintf(out, size, "\"%.*s%s\"", (int)len, text, dots);
    }
}

/* -- hints -- */

/* Would the parser get past the offending token if one token were put in, left out or replaced? */
static bool would_help(const SqlParse *p, int start, int insert, bool drop_prev, int replace) {
    SqlParse probe = *p;
    Err err = ERR_INIT;
    SqlTok *toks = arena_alloc(p->arena, sizeof *toks * ((size_t)p->at + 3));
    int32_t n = p->at - (drop_prev ? 1 : 0);
    bool helps;
    if (n < 0) return false;
    if (n) memcpy(toks, p->toks, sizeof *toks * (size_t)n);
    if (insert) toks[n++] = (SqlTok){.kind = insert, .pos = p->toks[p->at].pos, .end = p->prev_end};
    toks[n] = p->toks[p->at];
    if (replace) toks[n].kind = replace;
    toks[n + 1] = (SqlTok){0};
    probe.toks = toks;
    probe.err = &err;
    probe.parser = NULL;
    helps = sql_grammar_would_take(&probe, start, toks[n].kind ? n + 1 : n);
    sql_grammar_free(&probe);
    return helps;
}

static bool begins_statement(int kind) {
    switch (kind) {
    case TK_SELECT:
    case TK_INSERT:
    case TK_CREATE:
    case TK_DROP:
    case TK_ALTER:
    case TK_SET:
    case TK_RESET:
    case TK_SHOW:
    case TK_USE:
    case TK_EXPLAIN:
    case TK_EXECUTE:
    case TK_DESCRIBE:
    case TK_BEGIN: return true;
    default: return false;
    }
}

/* Clause words are hardly ever meant as names. */
static bool is_clause_word(int kind) {
    switch (kind) {
    case TK_SELECT:
    case TK_FROM:
    case TK_WHERE:
    case TK_GROUP:
    case TK_HAVING:
    case TK_UNION:
    case TK_JOIN:
    case TK_WITH:
    case TK_AS: return true;
    default: return false;
    }
}

static void hint_unclosed(SqlParse *p) {
    int32_t depth = 0;
    for (int32_t i = p->at - 1; i >= 0; i--) {
        int kind = p->toks[i].kind;
        if (kind == TK_RP || kind == TK_RB) depth++;
        if ((kind == TK_LP || kind == TK_LB) && depth-- == 0) {
            int line, column;
            sql_line_column(p->sql, p->toks[i].pos, &line, &column);
            build_hint(p, "\"%c\" at line %d, column %d is not closed", kind == TK_LP ? '(' : '[',
                       line, column);
            return;
        }
    }
}

static void hint_nearest(SqlParse *p, const bool *takes, const SqlTok *found) {
    Span words[N_TOKENS_MAX], near;
    size_t n = 0;
    for (int kind = 1; kind < N_TOKENS_MAX; kind++) {
        const char *word = takes[kind] ? sql_token_word(kind) : NULL;
        if (word) words[n++] = span_of(word);
    }
    if (found->kind != TK_ID || found->is_quoted || found->text.len < 4) return;
    near = span_nearest(found->text, words, n);
    if (near.len > 2) build_hint(p, "did you mean " SPAN_FMT "?", SPAN_ARG(near));
}

/* A token left out, or one too many. */
static void hint_edit(SqlParse *p, int start, const bool *takes, const SqlTok *found) {
    int prev_kind = p->at ? found[-1].kind : 0;
    bool is_clause = is_clause_word(found->kind);
    if (prev_kind == TK_COMMA && would_help(p, start, 0, true, 0)) {
        build_hint(p, "remove the comma before it");
    } else if (prev_kind == TK_ID && found->kind == TK_STRING && found[-1].end == found->pos) {
        build_hint(p, "a string has no prefix but x'..', U&'..' and N'..'");
    } else if (takes[TK_EQ] && !takes[TK_PLUS] && found->kind == TK_STRING &&
               would_help(p, start, TK_EQ, false, 0)) {
        build_hint(p, "an option is written 'key' = 'value'");
    } else if (takes[TK_COMMA] && !is_clause && would_help(p, start, TK_COMMA, false, 0)) {
        build_hint(p, "is a comma missing before it?");
    } else if (takes[TK_RP] && would_help(p, start, TK_RP, false, 0)) {
        build_hint(p, "is \")\" missing before it?");
    } else if (takes[TK_LP] && !takes[TK_ID] && !takes[TK_PLUS] &&
               would_help(p, start, TK_LP, false, 0)) {
        build_hint(p, "is \"(\" missing before it?");
    }
}

/* A word where none of its meanings fits. */
static void hint_word(SqlParse *p, int start, const bool *takes, const SqlTok *found) {
    const SqlKeyword *keyword = sql_keyword_find(found->text);
    bool is_string = takes[TK_STRING] && !takes[TK_CASE];
    if (is_string && (found[1].kind == TK_EQ || found[1].kind == TK_DOT)) {
        build_hint(p, "keys are strings: write them in single quotes");
    } else if (keyword && takes[TK_ID] && !takes[TK_CASE] && !is_clause_word(found->kind) &&
               would_help(p, start, 0, false, TK_ID)) {
        build_hint(p, "to use the reserved word as a name, write it in backquotes: `" SPAN_FMT "`",
                   SPAN_ARG(found->text));
    }
}

static void hint_find(SqlParse *p, int start, const bool *takes) {
    const SqlTok *found = &p->toks[p->at];
    int prev_kind = p->at ? found[-1].kind : 0;
    bool is_word = !found->is_quoted && (found->kind == TK_ID || sql_token_word(found->kind));
    if (p->at == 1 && p->toks[0].kind == TK_SET) {
        build_hint(p, "write SET 'key' = 'value'");
    } else if (prev_kind == TK_STRING && p->at > 1 && found[-2].kind == TK_INTERVAL) {
        build_hint(p, "the unit stands behind the string: INTERVAL '1' DAY");
    } else if (prev_kind == TK_EQ && found->kind == TK_EQ) {
        build_hint(p, "equality is written with one =");
    } else if (takes[0] && begins_statement(found->kind)) {
        build_hint(p, "is a semicolon missing before " SPAN_FMT "?", SPAN_ARG(found->text));
    } else if (prev_kind == TK_STRING && found[-1].end == found->pos && is_word) {
        build_hint(p, "is a quote missing in the string before it?");
    } else if (takes[TK_ON] && takes[TK_USING] && !takes[0]) {
        build_hint(p, "a join needs ON condition or USING (columns)");
    } else if (!found->kind || found->kind == TK_SEMI) {
        hint_unclosed(p);
    }
    if (is_word && !p->err->hint[0]) hint_word(p, start, takes, found);
    if (found->kind && !p->err->hint[0]) hint_edit(p, start, takes, found);
    if (is_word && !p->err->hint[0]) hint_nearest(p, takes, found);
}

void sql_explain_error(SqlParse *p, int start) {
    Expected ex = {.n_shown = 0};
    bool takes[N_TOKENS_MAX] = {false};
    char expected[sizeof p->err->message], found[64];
    const SqlTok *tok = &p->toks[p->at];
    SqlParse probe = *p;
    Err err = ERR_INIT;
    if (sql_refuse(p)) return;
    probe.err = &err;
    sql_grammar_expected(&probe, start, p->at, takes, N_TOKENS_MAX);
    memcpy(ex.takes, takes, sizeof takes);
    expected_group(&ex, p);
    expected_list(&ex);
    expected_text(&ex, expected, sizeof expected - sizeof found - 64);
    found_text(p, tok, found, sizeof found);
    if (ex.n_shown) {
        p->status = err_set(p->err, ST_INVALID, "42601", tok->pos, __FILE__, __LINE__,
                            "expected %s, found %s", expected, found);
    } else {
        p->status = err_set(p->err, ST_INVALID, "42601", tok->pos, __FILE__, __LINE__,
                            "unexpected %s", found);
    }
    p->parser = probe.parser;
    hint_find(p, start, takes);
}
