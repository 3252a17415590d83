/* parse.h -- from SQL text to trees.
 *
 * Errors are SQLSTATE 42601 (syntax) or 54001 (too deep, too long), ST_INVALID or ST_LIMIT, with
 * the byte position of the offending token. Trees live in the arena, with a copy of the text.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_PARSE_H
#define WEIR_PARSE_H

#include "sql/ast.h"

/* Parses statements separated by semicolons; the last semicolon is optional, empty statements are
 * skipped. Stops at the first error. */
Status sql_parse_script(Arena *arena, Span text, AstList *statements, Err *err) WARN_UNUSED;

/* Parses everything: after a syntax error goes on behind the next semicolon. errs[0 .. *n_errs) are
 * the errors in the order of the text, at most max_errs; *statements has the sound statements.
 * Returns ST_OK when there is no error, else the status of the first. */
Status sql_parse_all(Arena *arena, Span text, AstList *statements, Err *errs, int max_errs,
                     int *n_errs) WARN_UNUSED;

/* Parse one expression, one type ("ROW<a INT NOT NULL>") or a table's column list without its
 * parentheses ("a INT, WATERMARK FOR ts AS ts"); nothing may follow. */
Status sql_parse_expr(Arena *arena, Span text, Ast **expr, Err *err) WARN_UNUSED;
Status sql_parse_type(Arena *arena, Span text, Ast **type, Err *err) WARN_UNUSED;
Status sql_parse_columns(Arena *arena, Span text, AstList *columns, Err *err) WARN_UNUSED;

/* True when the text, as typed so far, ends inside a statement (no semicolon yet, an open string or
 * comment, or a STATEMENT SET without END): an interactive shell then asks for more. */
bool sql_is_incomplete(Span text);

/* True for words that Flink reserves: they need backquotes as names. */
bool sql_is_reserved(Span word);

/* Prints an error for people:
 *   file.sql:3:15: error: message
 *     SELECT a FROM
 *                  ^
 *     detail: ...
 *     hint: ...
 * `sql` is the whole text that err->pos counts in. file_name may be NULL. */
void err_render(const Err *err, Span sql, const char *file_name, Buf *out);

/* The line and column (both from 1, the column in characters) of a byte position. */
void sql_line_column(Span sql, int32_t pos, int *line, int *column);

#endif
