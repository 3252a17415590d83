/* subst.c -- ${name} in SQL texts: replaced by the variable's value before parsing, in names and
 * strings too, but not in comments. What was replaced is remembered, so that errors point into the
 * text that the user wrote.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

/* The end of the comment that starts at i, or i when none does. */
static size_t subst_comment(Span text, size_t i) {
    if (text.len - i < 2) return i;
    if (text.ptr[i] == '-' && text.ptr[i + 1] == '-') {
        const char *end = memchr(text.ptr + i, '\n', text.len - i);
        return end ? (size_t)(end - text.ptr) : text.len;
    }
    if (text.ptr[i] == '/' && text.ptr[i + 1] == '*') {
        for (i += 2; i + 1 < text.len; i++)
            if (text.ptr[i] == '*' && text.ptr[i + 1] == '/') return i + 2;
        return text.len;
    }
    return i;
}

static Status subst_unknown(const Engine *engine, Span name, size_t pos, Err *err) {
    Span names[64], near;
    uint32_t n = engine->variables.n < 64 ? engine->variables.n : 64;
    for (uint32_t i = 0; i < n; i++) names[i] = engine->variables.entries[i].key;
    near = span_nearest(name, names, n);
    err_set(err, ST_NOT_FOUND, "42P02", (int32_t)pos, __FILE__, __LINE__,
            "variable \"" SPAN_FMT "\" is not defined", SPAN_ARG(name));
    if (near.len) return err_hint(err, "did you mean \"" SPAN_FMT "\"?", SPAN_ARG(near));
    return err_hint(err, "define it with -D " SPAN_FMT "=value", SPAN_ARG(name));
}

/* ---- pieces ---- */

typedef struct SqlPiece {
    int32_t pos, len;               /* of the value, in the text */
    int32_t source_pos, source_len; /* of "${name}", in the source */
} SqlPiece;

int32_t sqltext_source_pos(const SqlText *sql, int32_t pos) {
    const SqlPiece *piece = NULL;
    for (uint32_t i = 0; i < sql->n_pieces && sql->pieces[i].pos <= pos; i++)
        piece = &sql->pieces[i];
    if (!piece) return pos;
    if (pos < piece->pos + piece->len) return piece->source_pos;
    return pos - piece->pos - piece->len + piece->source_pos + piece->source_len;
}

SqlText sqltext_copy(Arena *arena, const SqlText *sql) {
    SqlText copy = {.n_pieces = sql->n_pieces};
    SqlPiece *pieces = arena_array(arena, SqlPiece, sql->n_pieces);
    copy.text = copy.source = span_copy(arena, sql->text);
    if (sql->source.ptr != sql->text.ptr) copy.source = span_copy(arena, sql->source);
    for (uint32_t i = 0; i < sql->n_pieces; i++) pieces[i] = sql->pieces[i];
    copy.pieces = pieces;
    return copy;
}

/* ---- replacing ---- */

typedef struct Subst {
    const Engine *engine;
    Span source;
    Buf made;   /* the text so far */
    Buf pieces; /* of SqlPiece */
} Subst;

static Status subst_variable(Subst *subst, size_t at, size_t end, Err *err) {
    Span name = {subst->source.ptr + at + 2, end - at - 3};
    const char *value = strmap_find(&subst->engine->variables, name);
    SqlPiece piece = {.pos = (int32_t)subst->made.len,
                      .source_pos = (int32_t)at,
                      .source_len = (int32_t)(end - at)};
    if (!value) return subst_unknown(subst->engine, name, at, err);
    if (strlen(value) > LIMIT_SQL_BYTES - subst->made.len)
        FAIL(err, ST_LIMIT, "54000", (int32_t)at, "the text with its variables is too long");
    piece.len = (int32_t)strlen(value);
    buf_puts(&subst->made, value);
    buf_put(&subst->pieces, &piece, sizeof piece);
    return ST_OK;
}

static Status subst_run(Subst *subst, Err *err) {
    Span text = subst->source;
    char quote = 0;
    for (size_t i = 0; i < text.len;) {
        char c = text.ptr[i];
        size_t end = quote ? i : subst_comment(text, i);
        const char *close;
        if (end > i) {
            buf_put(&subst->made, text.ptr + i, end - i);
            i = end;
            continue;
        }
        if (quote ? c == quote : c == '\'' || c == '"' || c == '`') quote = quote ? 0 : c;
        close = c == '$' && i + 1 < text.len && text.ptr[i + 1] == '{'
                    ? memchr(text.ptr + i, '}', text.len - i)
                    : NULL;
        if (!close) {
            buf_putc(&subst->made, c);
            i++;
            continue;
        }
        TRY(subst_variable(subst, i, (size_t)(close - text.ptr) + 1, err));
        i = (size_t)(close - text.ptr) + 1;
    }
    return ST_OK;
}

Status engine_substitute(const Engine *engine, Arena *arena, Span text, SqlText *out, Err *err) {
    Subst subst = {.engine = engine, .source = text};
    Status status;
    *out = (SqlText){.text = text, .source = text};
    if (!memmem(text.ptr, text.len, "${", 2)) return ST_OK;
    buf_init(&subst.made, NULL);
    buf_init(&subst.pieces, NULL);
    status = subst_run(&subst, err);
    if (status == ST_OK) {
        out->text = span_copy(arena, buf_as_span(&subst.made));
        out->n_pieces = (uint32_t)(subst.pieces.len / sizeof(SqlPiece));
        SqlPiece *pieces = arena_array(arena, SqlPiece, out->n_pieces);
        if (out->n_pieces) memcpy(pieces, subst.pieces.ptr, subst.pieces.len);
        out->pieces = pieces;
    }
    buf_deinit(&subst.made);
    buf_deinit(&subst.pieces);
    return status;
}
