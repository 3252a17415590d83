/* lex.re -- cuts SQL text into tokens. re2c turns it into C.
 *
 * Words are looked up in the table of keywords; strings and quoted names are decoded; comments and
 * white space vanish; a hint comment becomes HINT_BEGIN .. HINT_END with ordinary tokens between.
 * What is wrong becomes a TK_ILLEGAL token, explained later by sql_lex_error, so that one bad byte
 * does not hide the errors behind it. SPDX-License-Identifier: Apache-2.0
 */
#include "sql/token.h"
#include "sql_grammar.h"

typedef struct Lexer {
    Arena *arena;
    SqlTokens *tokens;
    const char *start, *end; /* of the text; *end is NUL */
    bool in_hint;
} Lexer;

static SqlTok *lex_add(Lexer *lexer, int kind, const char *from, const char *to) {
    SqlTokens *tokens = lexer->tokens;
    SqlTok *tok;
    if (tokens->n == tokens->cap) {
        int32_t cap = tokens->cap ? tokens->cap * 2 : 64;
        SqlTok *items = arena_alloc(lexer->arena, sizeof *items * (size_t)cap);
        if (tokens->n) memcpy(items, tokens->items, sizeof *items * (size_t)tokens->n);
        tokens->items = items;
        tokens->cap = cap;
    }
    tok = &tokens->items[tokens->n++];
    *tok = (SqlTok){.kind = kind,
                    .pos = (int32_t)(from - lexer->start),
                    .end = (int32_t)(to - lexer->start),
                    .text = {from, (size_t)(to - from)}};
    return tok;
}

/* The bytes between quotes, doubled quotes made single. */
static Span lex_unquote(Lexer *lexer, const char *from, const char *to, char quote) {
    Span raw = {from, (size_t)(to - from)};
    char *out, *at;
    if (!memchr(from, quote, raw.len)) return raw;
    at = out = arena_alloc(lexer->arena, raw.len);
    for (; from < to; from++) {
        *at++ = *from;
        if (*from == quote) from++;
    }
    return (Span){out, (size_t)(at - out)};
}

static int lex_nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return (c | 0x20) - 'a' + 10;
}

/* x'0aff': an odd number of digits is an error. */
static void lex_binary(Lexer *lexer, const char *from, const char *to) {
    const char *digit = from + 2;
    size_t n = (size_t)(to - 1 - digit);
    char *bytes;
    if (n % 2) {
        lex_add(lexer, TK_ILLEGAL, from, to);
        return;
    }
    bytes = arena_alloc(lexer->arena, n / 2);
    for (size_t i = 0; i < n / 2; i++) {
        bytes[i] = (char)(lex_nibble(digit[2 * i]) << 4 | lex_nibble(digit[2 * i + 1]));
    }
    lex_add(lexer, TK_BINARY, from, to)->text = (Span){bytes, n / 2};
}

/* The length of a character that looks like a blank, a quote or punctuation but is none: no-break
 * spaces, curly quotes, full-width commas. 0 for anything else. */
static int lex_lookalike(const char *at, const char *end) {
    const unsigned char *c = (const unsigned char *)at;
    if (end - at >= 2 && c[0] == 0xc2 && c[1] == 0xa0) return 2;
    if (end - at < 3) return 0;
    if (c[0] == 0xe2 && c[1] == 0x80 && (c[2] <= 0x9f || c[2] >= 0xa8)) return 3;
    if (c[0] == 0xe3 && c[1] == 0x80 && c[2] <= 0x82) return 3;
    if (c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf) return 3;
    if (c[0] == 0xef && c[1] == 0xbc && (c[2] <= 0x8f || (c[2] >= 0x9a && c[2] <= 0x9f))) return 3;
    return 0;
}

/* A word, cut before a character that does not belong in it. Returns where it ends. */
static const char *lex_word(Lexer *lexer, const char *from, const char *to) {
    const SqlKeyword *keyword;
    for (const char *at = from; at < to; at++) {
        int len = (unsigned char)*at < 0x80 ? 0 : lex_lookalike(at, to);
        if (len && at == from) {
            lex_add(lexer, TK_ILLEGAL, from, from + len);
            return from + len;
        }
        if (len) to = at;
    }
    keyword = sql_keyword_find((Span){from, (size_t)(to - from)});
    if (to - from > LIMIT_IDENTIFIER_BYTES) {
        lex_add(lexer, TK_ILLEGAL, from, to);
    } else {
        lex_add(lexer, keyword && keyword->token ? keyword->token : TK_ID, from, to);
    }
    return to;
}

static const char *lex_skip_blanks(const char *at) {
    while (*at == ' ' || *at == '\t') at++;
    return at;
}

static bool lex_is_key_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.' || c == '-';
}

/* SET key = value and RESET key without quotes, as Flink's client allows: key and value become
 * strings; the value ends at the semicolon, the end of the line or a comment. Returns where to go
 * on; NULL when this is not that form. */
static const char *lex_raw_setting(Lexer *lexer, const char *at, bool has_value) {
    const char *key = lex_skip_blanks(at), *end = key, *equals, *value;
    while (lex_is_key_byte(*end)) end++;
    equals = lex_skip_blanks(end);
    if (end == key || *key == '-' || (has_value && *equals != '=')) return NULL;
    lex_add(lexer, TK_STRING, key, end);
    if (!has_value) return end;
    lex_add(lexer, TK_EQ, equals, equals + 1);
    value = lex_skip_blanks(equals + 1);
    if (*value == '\'') return value;
    for (end = value; *end && *end != ';' && *end != '\n'; end++) {
        bool is_comment = end[0] == '-' && end[1] == '-';
        if (is_comment && (end == value || end[-1] == ' ' || end[-1] == '\t')) break;
    }
    while (end > value && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) end--;
    lex_add(lexer, end > value ? TK_STRING : TK_ILLEGAL, value, end);
    return end;
}

/*!re2c
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = "at";
    re2c:define:YYMARKER = "marker";
    re2c:define:YYLIMIT = "limit";
    re2c:yyfill:enable = 0;
    re2c:eof = 0;

    letter  = [A-Za-z_$\x80-\xff];
    word    = letter [A-Za-z0-9_$\x80-\xff]*;
    digits  = [0-9]+;
    decimal = digits "." [0-9]* | "." digits;
    quoted  = ['] ([^'] | "''")* ['];
    hex     = [xX] ['] [0-9A-Fa-f]* ['];
    comment = ([^*+] | "*"+ [^*\x2f]) ([^*] | "*"+ [^*\x2f])*; // with + it is a hint
*/

#define TOKEN(kind)                                                                                \
    do {                                                                                           \
        lex_add(lexer, (kind), cursor, (const char *)at);                                          \
        return (const char *)at;                                                                   \
    } while (0)
#define OPEN_ENDED()                                                                               \
    do { /* everything to the end of the text */                                                   \
        lex_add(lexer, TK_ILLEGAL, cursor, lexer->end);                                            \
        return lexer->end;                                                                         \
    } while (0)

/* Numbers and punctuation. */
static const char *lex_symbol(Lexer *lexer, const char *cursor) {
    const unsigned char *at = (const unsigned char *)cursor, *marker = at;
    const unsigned char *limit = (const unsigned char *)lexer->end;
    /*!re2c
    digits { TOKEN(TK_INTEGER); }
    decimal { TOKEN(TK_DECIMAL); }
    (digits | decimal) [eE] [+-]? digits { TOKEN(TK_DOUBLE); }
    (digits | decimal) letter [A-Za-z0-9_$\x80-\xff]* { TOKEN(TK_ILLEGAL); }

    "(" { TOKEN(TK_LP); }
    ")" { TOKEN(TK_RP); }
    "[" { TOKEN(TK_LB); }
    "]" { TOKEN(TK_RB); }
    "{" [ \t\r\n]* "-" { TOKEN(TK_EXCLUDE_BEGIN); }
    "-" [ \t\r\n]* "}" { TOKEN(TK_EXCLUDE_END); }
    "{" { TOKEN(TK_LBRACE); }
    "}" { TOKEN(TK_RBRACE); }
    "," { TOKEN(TK_COMMA); }
    ";" { TOKEN(TK_SEMI); }
    "." { TOKEN(TK_DOT); }
    "*" { TOKEN(TK_STAR); }
    "+" { TOKEN(TK_PLUS); }
    "-" { TOKEN(TK_MINUS); }
    "/" { TOKEN(TK_SLASH); }
    "%" { TOKEN(TK_PERCENT); }
    "||" { TOKEN(TK_CONCAT); }
    "|" { TOKEN(TK_BAR); }
    "^" { TOKEN(TK_CARET); }
    "=" { TOKEN(TK_EQ); }
    "<>" | "!=" { TOKEN(TK_NE); }
    "<" { TOKEN(TK_LT); }
    "<=" { TOKEN(TK_LE); }
    ">" { TOKEN(TK_GT); }
    ">=" { TOKEN(TK_GE); }
    "=>" { TOKEN(TK_ARROW); }
    "?" { TOKEN(TK_HOOK); }
    ":" { TOKEN(TK_COLON); }
    "::" { TOKEN(TK_DCOLON); }

    $ { return NULL; }
    * { TOKEN(TK_ILLEGAL); }
    */
}

/* Takes one token, or a run of blanks or a comment, and returns where it ends; NULL at the end of
 * the text. */
static const char *lex_one(Lexer *lexer, const char *cursor) {
    const unsigned char *at = (const unsigned char *)cursor, *marker = at;
    const unsigned char *limit = (const unsigned char *)lexer->end;
    /*!re2c
    [ \t\r\n\f\v]+ { return (const char *)at; }
    ("--" | "//") [^\n]* { return (const char *)at; }
    "/*+" {
        lexer->in_hint = true;
        TOKEN(TK_HINT_BEGIN);
    }
    "/*" comment? "*"+ "/" { return (const char *)at; }
    "/*" { OPEN_ENDED(); }
    "*" "/" {
        if (!lexer->in_hint) return lex_symbol(lexer, cursor);
        lexer->in_hint = false;
        TOKEN(TK_HINT_END);
    }

    "$" digits {
        SqlTok *tok = lex_add(lexer, TK_PARAM, cursor, (const char *)at);
        tok->text = (Span){cursor + 1, (size_t)((const char *)at - cursor - 1)};
        return (const char *)at;
    }
    "$" { TOKEN(TK_DOLLAR); }
    word { return lex_word(lexer, cursor, (const char *)at); }
    "`" ([^`] | "``")* "`" {
        SqlTok *tok = lex_add(lexer, TK_ID, cursor, (const char *)at);
        tok->is_quoted = true;
        tok->text = lex_unquote(lexer, cursor + 1, (const char *)at - 1, '`');
        if (!tok->text.len || tok->text.len > LIMIT_IDENTIFIER_BYTES) tok->kind = TK_ILLEGAL;
        return (const char *)at;
    }
    [nN]? quoted {
        const char *open = memchr(cursor, '\'', 2);
        SqlTok *tok = lex_add(lexer, TK_STRING, cursor, (const char *)at);
        tok->text = lex_unquote(lexer, open + 1, (const char *)at - 1, '\'');
        return (const char *)at;
    }
    [uU] "&" quoted {
        SqlTok *tok = lex_add(lexer, TK_USTRING, cursor, (const char *)at);
        tok->text = lex_unquote(lexer, cursor + 3, (const char *)at - 1, '\'');
        return (const char *)at;
    }
    hex {
        lex_binary(lexer, cursor, (const char *)at);
        return (const char *)at;
    }
    [xX] quoted { TOKEN(TK_ILLEGAL); }
    ([nNxX] | [uU] "&")? ['] { OPEN_ENDED(); }
    "`" { OPEN_ENDED(); }
    ["] ([^"\n] | "\"\"")* ["] { TOKEN(TK_ILLEGAL); }

    $ { return NULL; }
    * { return lex_symbol(lexer, cursor); }
    */
}
#undef TOKEN
#undef OPEN_ENDED

/* True when the last token begins a statement: the first one, or behind a semicolon. */
static bool lex_begins_statement(const SqlTokens *tokens) {
    return tokens->n == 1 || tokens->items[tokens->n - 2].kind == TK_SEMI;
}

void sql_lex(Arena *arena, Span text, SqlTokens *tokens) {
    Lexer lexer = {.arena = arena, .tokens = tokens, .start = text.ptr, .end = text.ptr + text.len};
    const char *at = text.ptr, *next;
    assert(text.ptr[text.len] == '\0');
    *tokens = (SqlTokens){0};
    if (text.len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) at += 3; /* a byte order mark */
    while ((next = lex_one(&lexer, at)) != NULL) {
        const SqlTok *tok = tokens->n ? &tokens->items[tokens->n - 1] : NULL;
        at = next;
        if (!tok || tok->end != (int32_t)(at - text.ptr)) continue; /* blanks */
        if ((tok->kind == TK_SET || tok->kind == TK_RESET) && lex_begins_statement(tokens)) {
            next = lex_raw_setting(&lexer, at, tok->kind == TK_SET);
            if (next) at = next;
        }
    }
    lex_add(&lexer, 0, lexer.end, lexer.end);
    tokens->n--;
}
