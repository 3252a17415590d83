/* view_table.c -- tables on a terminal: rows that only come are appended below a header; a table
 * whose rows change is drawn again in its place, ten times a second at most, cut to the window.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

enum { DRAW_US = 100000, CELL_MAX = 60, CELL_MIN = 3, TEXT_MIN = 15 };

typedef struct Strokes {
    const char *bar, *line, *cross;
} Strokes;

static Strokes table_strokes(void) {
    if (term_has_utf8()) return (Strokes){" \u2502 ", "\u2500", "\u2500\u253c\u2500"};
    return (Strokes){" | ", "-", "-+-"};
}

static bool table_is_number(weir_type type) {
    return type >= WEIR_TYPE_TINYINT && type <= WEIR_TYPE_DECIMAL;
}

/* Widens the columns to what these rows need; true when one grew that has others behind it. */
static bool table_widen(View *view, weir_rows *rows, size_t n_rows) {
    bool grew = false;
    for (size_t i = 0; i < view->n_columns; i++) {
        for (size_t row = 0; row < n_rows; row++) {
            size_t len;
            const char *text = weir_value_text(rows, row, i, &len);
            size_t width = text ? text_width(text, len) : 4;
            if (width > CELL_MAX) width = CELL_MAX;
            if (width <= view->widths[i]) continue;
            view->widths[i] = width;
            grew |= i + 1 < view->n_columns;
        }
    }
    return grew;
}

static void table_columns(View *view, weir_rows *rows) {
    view->n_columns = weir_rows_columns(rows);
    view->widths = calloc(view->n_columns + 1, sizeof *view->widths);
    view->is_right = calloc(view->n_columns + 1, sizeof *view->is_right);
    for (size_t i = 0; i < view->n_columns; i++) {
        const char *name = weir_column_name(rows, i);
        view->widths[i] = text_width(name, strlen(name));
        view->is_right[i] = table_is_number(weir_column_type(rows, i));
    }
}

/* The widths that fit the window: the widest columns give way first. */
static void table_squeeze(const View *view, size_t *widths, size_t columns) {
    size_t total = 0, bars = view->n_columns ? (view->n_columns - 1) * 3 : 0;
    for (size_t i = 0; i < view->n_columns; i++) total += widths[i] = view->widths[i];
    while (total + bars > columns) {
        size_t widest = 0;
        for (size_t i = 1; i < view->n_columns; i++)
            if (widths[i] > widths[widest]) widest = i;
        if (widths[widest] <= CELL_MIN) break;
        widths[widest]--;
        total--;
    }
}

/* Adds a line, cut to the window: a wrapped line would spoil the redrawing. */
static void table_line(Text *out, const char *text, size_t len, size_t columns) {
    size_t used, n = text_fit(text, len, columns, &used);
    str_add(out, text, n);
    str_adds(out, "\n");
}

static void table_head(const View *view, Text *out, weir_rows *rows, const size_t *widths,
                       size_t columns) {
    Strokes strokes = table_strokes();
    Text line = {0};
    bool has_color = term_has_color();
    for (size_t i = 0; i < view->n_columns; i++) {
        const char *name = weir_column_name(rows, i);
        if (i) str_adds(&line, strokes.bar);
        text_cell(&line, name, strlen(name), widths[i], view->is_right[i]);
    }
    if (has_color) str_adds(out, "\033[1m");
    table_line(out, line.ptr ? line.ptr : "", line.len, columns);
    if (has_color) str_adds(out, "\033[0m");
    line.len = 0;
    for (size_t i = 0; i < view->n_columns; i++) {
        if (i) str_adds(&line, strokes.cross);
        str_pad(&line, widths[i], strokes.line);
    }
    table_line(out, line.ptr ? line.ptr : "", line.len, columns);
    str_free(&line);
}

static void table_row(const View *view, Text *out, weir_rows *rows, size_t row,
                      const size_t *widths, size_t columns) {
    Strokes strokes = table_strokes();
    Text line = {0};
    for (size_t i = 0; i < view->n_columns; i++) {
        size_t len;
        const char *text = weir_value_text(rows, row, i, &len);
        if (i) str_adds(&line, strokes.bar);
        text_cell(&line, text ? text : "NULL", text ? len : 4, widths[i], view->is_right[i]);
    }
    table_line(out, line.ptr ? line.ptr : "", line.len, columns);
    str_free(&line);
}

/* ---- rows that only come ---- */

/* Texts to come will differ in length: room for them saves printing the header again. */
static void append_begin(View *view, weir_rows *rows) {
    table_columns(view, rows);
    for (size_t i = 0; i + 1 < view->n_columns; i++) {
        weir_type type = weir_column_type(rows, i);
        bool is_text = type == WEIR_TYPE_CHAR || type == WEIR_TYPE_VARCHAR;
        if (is_text && view->widths[i] < TEXT_MIN) view->widths[i] = TEXT_MIN;
    }
}

static void append_rows(View *view, weir_rows *rows) {
    Text out = {0};
    size_t n = weir_rows_count(rows);
    size_t columns = term_is_out() ? (size_t)term_size().columns : SIZE_MAX;
    size_t *widths;
    bool grew;
    if (!n) return;
    grew = table_widen(view, rows, n);
    widths = calloc(view->n_columns + 1, sizeof *widths);
    table_squeeze(view, widths, columns);
    /* The header is printed again when columns had to grow, so that it stays above its values. */
    if (grew || !view->n_rows) table_head(view, &out, rows, widths, columns);
    for (size_t row = 0; row < n; row++) table_row(view, &out, rows, row, widths, columns);
    view->n_rows += n;
    out_write(out.ptr, out.len);
    str_free(&out);
    free(widths);
}

static void append_end(View *view, weir_rows *rows) {
    Text out = {0};
    if (!view->n_rows) /* then the head has not been printed yet */
        table_head(view, &out, rows, view->widths,
                   term_is_out() ? (size_t)term_size().columns : SIZE_MAX);
    str_adds(&out, "(");
    text_count(&out, view->n_rows);
    str_addf(&out, " row%s)\n", view->n_rows == 1 ? "" : "s");
    out_write(out.ptr, out.len);
    str_free(&out);
}

const ViewType view_append = {.begin = append_begin, .rows = append_rows, .end = append_end};

/* ---- rows that change ---- */

static void live_erase(View *view, Text *out) {
    if (view->lines_drawn) str_addf(out, "\033[%dA\r\033[J", view->lines_drawn);
    view->lines_drawn = 0;
}

static void live_status(const View *view, Text *out, size_t n_rows, size_t n_shown,
                        size_t columns) {
    Text line = {0};
    weir_stats stats;
    weir_query_stats(view->query, &stats);
    str_adds(&line, "(");
    if (n_shown < n_rows) {
        str_addf(&line, "first %zu of ", n_shown);
    }
    text_count(&line, n_rows);
    str_addf(&line, " row%s", n_rows == 1 ? "" : "s");
    if (weir_query_state(view->query) == WEIR_QUERY_RUNNING) {
        str_adds(&line, "; ");
        text_count(&line, stats.rows_in);
        str_adds(&line, " in, ");
        text_duration(&line, stats.elapsed_us);
        str_adds(&line, "; Ctrl-C stops");
    }
    str_adds(&line, ")");
    table_line(out, line.ptr, line.len, columns);
    str_free(&line);
}

static void live_draw(View *view, weir_rows *rows, size_t n_max, size_t columns) {
    Text out = {0};
    size_t n = weir_rows_count(rows), shown = n < n_max ? n : n_max;
    size_t *widths = calloc(view->n_columns + 1, sizeof *widths);
    table_widen(view, rows, shown);
    table_squeeze(view, widths, columns);
    live_erase(view, &out);
    table_head(view, &out, rows, widths, columns);
    for (size_t row = 0; row < shown; row++) table_row(view, &out, rows, row, widths, columns);
    live_status(view, &out, n, shown, columns);
    out_write(out.ptr, out.len);
    view->lines_drawn = (int)shown + 3;
    view->n_rows = n;
    str_free(&out);
    free(widths);
}

static void live_rows(View *view, weir_rows *rows) {
    int64_t now = cli_now_us();
    TermSize size = term_size();
    if (!term_is_out()) return;
    if (now - view->drawn_us < DRAW_US && !cli_resized) return;
    cli_resized = 0;
    view->drawn_us = now;
    live_draw(view, rows, size.rows > 6 ? (size_t)size.rows - 5 : 1, (size_t)size.columns);
}

static void live_end(View *view, weir_rows *rows) {
    const char *text = weir_get(view->engine, "sql-client.execution.max-table-result.rows");
    size_t n_max = text ? (size_t)strtoul(text, NULL, 10) : 0;
    live_draw(view, rows, n_max ? n_max : SIZE_MAX,
              term_is_out() ? (size_t)term_size().columns : SIZE_MAX);
    view->lines_drawn = 0;
}

const ViewType view_live = {
    .is_kept = true, .begin = table_columns, .rows = live_rows, .end = live_end};
