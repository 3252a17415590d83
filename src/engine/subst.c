/* subst.c -- ${name} in SQL texts: replaced by the variable's value before parsing, in names and
 * strings too, but not in comments.
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

Status engine_substitute(const Engine *engine, Arena *arena, Span text, Span *out, Err *err) {
    Buf made;
    char quote = 0;
    Status status = ST_OK;
    if (!memmem(text.ptr, text.len, "${", 2)) {
        *out = text;
        return ST_OK;
    }
    buf_init(&made, NULL);
    for (size_t i = 0; i < text.len && status == ST_OK;) {
        char c = text.ptr[i];
        size_t end = quote ? i : subst_comment(text, i);
        const char *close;
        if (end > i) {
            buf_put(&made, text.ptr + i, end - i);
            i = end;
            continue;
        }
        if (quote ? c == quote : c == '\'' || c == '"' || c == '`') quote = quote ? 0 : c;
        close = c == '$' && i + 1 < text.len && text.ptr[i + 1] == '{'
                    ? memchr(text.ptr + i, '}', text.len - i)
                    : NULL;
        if (!close) {
            buf_putc(&made, c);
            i++;
            continue;
        }
        Span name = {text.ptr + i + 2, (size_t)(close - text.ptr) - i - 2};
        const char *value = strmap_find(&engine->variables, name);
        if (value)
            buf_puts(&made, value);
        else
            status = subst_unknown(engine, name, i, err);
        i = (size_t)(close - text.ptr) + 1;
    }
    if (status == ST_OK) *out = span_copy(arena, buf_as_span(&made));
    buf_deinit(&made);
    return status;
}
