/* err_render.c -- prints an error under the line of SQL it is about.
 *
 * The caret stands under the right character whatever the line holds: a tab becomes four blanks, a
 * wide character counts as two columns, and of a long line only the part around the error is shown.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/parse.h"

enum { TAB_COLUMNS = 4, LINE_COLUMNS = 100, LEAD_COLUMNS = 60 };

/* Columns of a terminal: East Asian wide characters and most pictographs take two, combining marks
 * none. */
static int render_columns(Span text, size_t at) {
    size_t len;
    uint32_t code = utf8_decode((Span){text.ptr + at, text.len - at}, &len);
    bool is_wide;
    if (code == '\t') return TAB_COLUMNS;
    if (code < 0x300) return 1;
    if (code < 0x370 || code == 0x200b || code == 0x200d || code == 0xfeff) return 0;
    is_wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
              (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
              (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
              code >= 0x10000;
    return is_wide ? 2 : 1;
}

static Span render_line_at(Span sql, size_t pos) {
    size_t from = pos, to = pos;
    while (from > 0 && sql.ptr[from - 1] != '\n') from--;
    while (to < sql.len && sql.ptr[to] != '\n') to++;
    if (to > from && sql.ptr[to - 1] == '\r') to--;
    return (Span){sql.ptr + from, to - from};
}

static size_t render_char_len(Span text, size_t at) {
    return utf8_char_len((Span){text.ptr + at, text.len - at});
}

static int render_columns_between(Span line, size_t from, size_t to) {
    int columns = 0;
    for (size_t at = from; at < to && at < line.len; at += render_char_len(line, at)) {
        columns += render_columns(line, at);
    }
    return columns;
}

void sql_line_column(Span sql, int32_t pos, int *line, int *column) {
    size_t end = pos < 0 ? 0 : (size_t)pos > sql.len ? sql.len : (size_t)pos;
    *line = *column = 1;
    for (size_t at = 0; at < end; at += render_char_len(sql, at)) {
        bool is_newline = sql.ptr[at] == '\n';
        *line += is_newline;
        *column = is_newline ? 1 : *column + 1;
    }
}

static void render_put_line(Span line, size_t from, Buf *out) {
    int columns = 0;
    buf_puts(out, "  ");
    if (from) buf_puts(out, "..");
    for (size_t at = from, len; at < line.len; at += len) {
        len = render_char_len(line, at);
        columns += render_columns(line, at);
        if (columns > LINE_COLUMNS) {
            buf_puts(out, "..");
            break;
        }
        if (line.ptr[at] == '\t') {
            buf_puts(out, "    ");
        } else if ((unsigned char)line.ptr[at] < 0x20 || line.ptr[at] == 0x7f) {
            buf_putc(out, '?');
        } else if (!utf8_is_valid((Span){line.ptr + at, len})) {
            buf_puts(out, "\xef\xbf\xbd"); /* the replacement character */
        } else {
            buf_put(out, line.ptr + at, len);
        }
    }
    buf_putc(out, '\n');
}

static void render_put_source(const Err *err, Span sql, Buf *out) {
    size_t pos = (size_t)err->pos > sql.len ? sql.len : (size_t)err->pos;
    Span line = render_line_at(sql, pos);
    size_t offset = (size_t)(sql.ptr + pos - line.ptr), from = 0;
    int columns, skipped = 0;
    if (offset > line.len) offset = line.len;
    columns = render_columns_between(line, 0, offset);
    while (columns - skipped > LEAD_COLUMNS) {
        skipped += render_columns(line, from);
        from += render_char_len(line, from);
    }
    render_put_line(line, from, out);
    for (int i = columns - skipped + 2 + (from ? 2 : 0); i > 0; i--) buf_putc(out, ' ');
    buf_puts(out, "^\n");
}

void err_render(const Err *err, Span sql, const char *file_name, Buf *out) {
    if (file_name) buf_printf(out, "%s:", file_name);
    if (err->pos >= 0) {
        int line, column;
        sql_line_column(sql, err->pos, &line, &column);
        buf_printf(out, "%d:%d:", line, column);
    }
    if (file_name || err->pos >= 0) buf_putc(out, ' ');
    buf_printf(out, "error: %s\n", err->message);
    if (err->pos >= 0 && sql.ptr) render_put_source(err, sql, out);
    if (err->detail[0]) buf_printf(out, "  detail: %s\n", err->detail);
    if (err->hint[0]) buf_printf(out, "  hint: %s\n", err->hint);
}
