/* token.h -- tokens: what lex.re makes, token_fix.c corrects and the grammar consumes.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TOKEN_H
#define WEIR_TOKEN_H

#include "base/base.h"

typedef struct SqlTok {
    int32_t kind;     /* TK_* of the generated sql_grammar.h; 0 at the end of the text */
    int32_t pos, end; /* bytes of the text */
    bool is_quoted;   /* a name in backquotes */
    Span text;        /* names and strings decoded, everything else as written */
} SqlTok;

typedef struct SqlTokens {
    SqlTok *items; /* ends with a token of kind 0 */
    int32_t n;     /* without that one */
    int32_t cap;
} SqlTokens;

typedef enum SqlKeywordFlag {
    KEYWORD_RESERVED = 1, /* by Flink: needs backquotes as a name */
    KEYWORD_QUOTED = 2,   /* not by Flink, but printed in backquotes: means something to weir */
    KEYWORD_CALLABLE = 4, /* a function's name all the same, printed bare in a call */
} SqlKeywordFlag;

typedef struct SqlKeyword {
    const char *word; /* upper case */
    int16_t token;    /* TK_*; 0 when the grammar has no use for the word */
    uint8_t flags;    /* SqlKeywordFlag */
} SqlKeyword;

const SqlKeyword *sql_keyword_find(Span word); /* NULL when it is no such word */

/* The word that stands for a token, or NULL when it is punctuation. */
const char *sql_token_word(int kind);

/* True when the grammar takes the token as a name where it means nothing else. */
bool sql_grammar_is_name(int kind);

/* Cuts the whole text into tokens. text.ptr[text.len] must be NUL. A lexical error becomes a
 * TK_ILLEGAL token, behind which lexing goes on; sql_lex_error() explains such a token. */
void sql_lex(Arena *arena, Span text, SqlTokens *tokens);
Status sql_lex_error(Span text, const SqlTok *tok, Err *err);

/* Gives words that mean something only beside others their kind: see token_fix.c. */
void sql_tokens_fix(Arena *arena, Span text, SqlTokens *tokens);

/* Decodes the body of U&'..' in place of `tok`; false when an escape is wrong. */
bool sql_decode_unicode(Arena *arena, Span body, char escape, Span *out);

#endif
