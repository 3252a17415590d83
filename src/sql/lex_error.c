/* lex_error.c -- explains tokens that are none: open strings, double quotes, stray characters.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/token.h"

static Status lex_fail(Err *err, const SqlTok *tok, const char *message, const char *hint) {
    Status status = err_set(err, ST_INVALID, "42601", tok->pos, __FILE__, __LINE__, "%s", message);
    if (hint) (void)err_hint(err, "%s", hint);
    return status;
}

static Status lex_fail_quoted(const SqlTok *tok, Span raw, Err *err) {
    bool is_open = tok->end - tok->pos == 1 || raw.ptr[raw.len - 1] != '\'';
    char first = (char)(raw.ptr[0] | 0x20);
    if (raw.ptr[0] == '`' && raw.len == 2) {
        return lex_fail(err, tok, "a name cannot be empty", NULL);
    }
    if (raw.ptr[0] == '`') {
        return lex_fail(err, tok, "the quoted name that begins here is not closed",
                        "close it with another `");
    }
    if (first == 'x' && !is_open) {
        return lex_fail(err, tok, "a binary string has two hexadecimal digits for each byte",
                        "for example x'00ff'");
    }
    if (first == 'u' && raw.len > 3 && !is_open) {
        return lex_fail(err, tok, "the string holds an invalid Unicode escape",
                        "write \\XXXX or \\+XXXXXX with hexadecimal digits");
    }
    return lex_fail(err, tok, "the string that begins here is not closed",
                    "close it with another '; a quote inside a string is written twice");
}

Status sql_lex_error(Span text, const SqlTok *tok, Err *err) {
    Span raw = {text.ptr + tok->pos, (size_t)(tok->end - tok->pos)};
    unsigned char c = raw.len ? (unsigned char)raw.ptr[0] : 0;
    if (!raw.len) return lex_fail(err, tok, "a value is missing here", NULL);
    if (raw.len > LIMIT_IDENTIFIER_BYTES && (c == '`' || c == '_' || (c | 0x20) >= 'a')) {
        return err_set(err, ST_LIMIT, "42622", tok->pos, __FILE__, __LINE__,
                       "the name is longer than %d bytes", LIMIT_IDENTIFIER_BYTES);
    }
    if (c == '\'' || c == '`' || memchr(raw.ptr, '\'', raw.len < 3 ? raw.len : 3)) {
        return lex_fail_quoted(tok, raw, err);
    }
    if (c == '"' && raw.len > 1) {
        return lex_fail(err, tok, "double quotes are not used in Flink SQL",
                        "write a name in `backquotes` and a string in 'single quotes'");
    }
    if (c == '"') {
        return lex_fail(err, tok, "double quotes are not used in Flink SQL",
                        "a string is written in 'single quotes'");
    }
    if (c == '/' && raw.len > 1) {
        return lex_fail(err, tok, "the comment that begins here is not closed", "close it with */");
    }
    if ((c >= '0' && c <= '9') || c == '.') {
        return lex_fail(err, tok, "letters follow the number directly",
                        "a name that begins with a digit is written in `backquotes`");
    }
    if (c >= 0x80) {
        return lex_fail(err, tok,
                        "the character looks like a blank, a quote or punctuation but is not",
                        "it was probably pasted from a document; type it again");
    }
    if (c < 0x20 || c == 0x7f) {
        Status status = lex_fail(err, tok, "a control character is not allowed here", NULL);
        (void)err_detail(err, "the byte is 0x%02x", c);
        return status;
    }
    (void)err_set(err, ST_INVALID, "42601", tok->pos, __FILE__, __LINE__,
                  "the character \"%c\" is not allowed here", c);
    if (c == '&') (void)err_hint(err, "AND is written as a word");
    if (c == '!') (void)err_hint(err, "negation is NOT, inequality is <>");
    return ST_INVALID;
}
