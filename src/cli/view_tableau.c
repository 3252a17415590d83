/* view_tableau.c -- tables in the text of Flink's SQL client: column widths from the types, texts
 * aligned to the right, the row kind in front of streaming results.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

enum { NULL_WIDTH = 6 /* <NULL> */, WIDTH_MAX = 30 };

static const char *const tableau_kinds[] = {"+I", "-U", "+U", "-D"};

/* "DECIMAL(10, 2)" -> 10, "TIMESTAMP(3)" -> 3, or the fallback. */
static size_t tableau_precision(const char *type, size_t fallback) {
    const char *open = strchr(type, '(');
    return open ? (size_t)strtoul(open + 1, NULL, 10) : fallback;
}

static size_t tableau_type_width(const weir_rows *rows, size_t column, size_t width_max) {
    const char *type = weir_column_type_text(rows, column);
    size_t precision;
    switch (weir_column_type(rows, column)) {
    case WEIR_TYPE_BOOLEAN: return 5;
    case WEIR_TYPE_TINYINT: return 4;
    case WEIR_TYPE_SMALLINT: return 6;
    case WEIR_TYPE_INT: return 11;
    case WEIR_TYPE_BIGINT: return 20;
    case WEIR_TYPE_DECIMAL: return tableau_precision(type, 10) + 3;
    case WEIR_TYPE_DATE: return 10;
    case WEIR_TYPE_TIME:
        precision = tableau_precision(type, 0);
        return precision ? precision + 9 : 8;
    case WEIR_TYPE_TIMESTAMP:
    case WEIR_TYPE_TIMESTAMP_LTZ:
        precision = tableau_precision(type, 6);
        return precision ? precision + 20 : 19;
    default: return width_max;
    }
}

static bool tableau_may_be_null(const weir_rows *rows, size_t column) {
    const char *type = weir_column_type_text(rows, column);
    size_t n = strlen(type);
    return n < 8 || strcmp(type + n - 8, "NOT NULL") != 0;
}

static void tableau_rule(const View *view, Text *out) {
    if (view->with_op) str_adds(out, "+----");
    for (size_t i = 0; i < view->n_columns; i++) {
        str_adds(out, "+");
        str_pad(out, view->widths[i] + 2, "-");
    }
    str_adds(out, "+\n");
}

static void tableau_header(View *view, weir_rows *rows) {
    Text out = {0};
    tableau_rule(view, &out);
    if (view->with_op) str_adds(&out, "| op ");
    for (size_t i = 0; i < view->n_columns; i++) {
        const char *name = weir_column_name(rows, i);
        str_adds(&out, "| ");
        text_cell(&out, name, strlen(name), view->widths[i], true);
        str_adds(&out, " ");
    }
    str_adds(&out, "|\n");
    tableau_rule(view, &out);
    out_write(out.ptr, out.len);
    str_free(&out);
}

static size_t tableau_width_max(weir_engine *engine) {
    static const char *const names[] = {"sql-client.display.max-column-width",
                                        "table.display.max-column-width"};
    size_t width = WIDTH_MAX;
    for (int i = 0; i < 2 && width == WIDTH_MAX; i++) {
        const char *text = weir_get(engine, names[i]);
        if (text && strtoul(text, NULL, 10) > 0) width = (size_t)strtoul(text, NULL, 10);
    }
    return width;
}

static void tableau_begin(View *view, weir_rows *rows) {
    size_t width_max = tableau_width_max(view->engine);
    view->n_columns = weir_rows_columns(rows);
    view->widths = calloc(view->n_columns + 1, sizeof *view->widths);
    for (size_t i = 0; i < view->n_columns; i++) {
        const char *name = weir_column_name(rows, i);
        size_t width = tableau_type_width(rows, i, width_max);
        size_t name_width = text_width(name, strlen(name));
        if (width < NULL_WIDTH && tableau_may_be_null(rows, i)) width = NULL_WIDTH;
        view->widths[i] = width > name_width ? width : name_width;
    }
    if (!view->is_batch) tableau_header(view, rows);
}

static void tableau_row(const View *view, Text *out, weir_rows *rows, size_t row) {
    if (view->with_op) str_addf(out, "| %s ", tableau_kinds[weir_row_kind_of(rows, row)]);
    for (size_t i = 0; i < view->n_columns; i++) {
        size_t len;
        const char *text = weir_value_text(rows, row, i, &len);
        str_adds(out, "| ");
        text_cell(out, text ? text : "<NULL>", text ? len : NULL_WIDTH, view->widths[i], true);
        str_adds(out, " ");
    }
    str_adds(out, "|\n");
}

static void tableau_rows(View *view, weir_rows *rows) {
    Text out = {0};
    if (view->is_batch) return;
    for (size_t row = 0; row < weir_rows_count(rows); row++) tableau_row(view, &out, rows, row);
    view->n_rows += weir_rows_count(rows);
    if (out.len) out_write(out.ptr, out.len);
    str_free(&out);
}

/* Widths from the values: batch answers are printed as a whole. */
static void tableau_fit(View *view, weir_rows *rows, size_t width_max) {
    for (size_t i = 0; i < view->n_columns; i++) {
        const char *name = weir_column_name(rows, i);
        view->widths[i] = text_width(name, strlen(name));
        for (size_t row = 0; row < weir_rows_count(rows); row++) {
            size_t len;
            const char *text = weir_value_text(rows, row, i, &len);
            size_t width = text ? text_width(text, len) : NULL_WIDTH;
            if (width > width_max) width = width_max;
            if (width > view->widths[i]) view->widths[i] = width;
        }
    }
}

static void tableau_whole(View *view, weir_rows *rows, size_t width_max) {
    Text out = {0};
    view->n_rows = weir_rows_count(rows);
    if (!view->n_rows) {
        out_write("Empty set\n", 10);
        return;
    }
    tableau_fit(view, rows, width_max);
    tableau_header(view, rows);
    for (size_t row = 0; row < view->n_rows; row++) tableau_row(view, &out, rows, row);
    tableau_rule(view, &out);
    str_addf(&out, "%llu row%s in set\n", (unsigned long long)view->n_rows,
             view->n_rows == 1 ? "" : "s");
    out_write(out.ptr, out.len);
    str_free(&out);
}

static void tableau_end(View *view, weir_rows *rows) {
    Text out = {0};
    if (view->is_batch) {
        tableau_whole(view, rows, tableau_width_max(view->engine));
        return;
    }
    if (view->n_rows) tableau_rule(view, &out);
    str_addf(&out, "Received a total of %llu row%s\n", (unsigned long long)view->n_rows,
             view->n_rows == 1 ? "" : "s");
    out_write(out.ptr, out.len);
    str_free(&out);
}

const ViewType view_tableau = {.begin = tableau_begin, .rows = tableau_rows, .end = tableau_end};

/* EXPLAIN and SHOW CREATE give one text: shown bare. */
static bool answer_text(weir_rows *rows) {
    size_t len;
    const char *text;
    if (weir_rows_count(rows) != 1 || weir_rows_columns(rows) != 1) return false;
    if (strcmp(weir_column_name(rows, 0), "result") != 0) return false;
    text = weir_value_text(rows, 0, 0, &len);
    if (!text) return false;
    out_write(text, len);
    if (!len || text[len - 1] != '\n') out_write("\n", 1);
    return true;
}

void view_answer(OutputMode mode, weir_rows *rows) {
    View view = {.mode = mode, .is_batch = true, .type = &view_lines};
    if (mode == OUTPUT_AUTO) {
        if (answer_text(rows)) return;
        view.mode = mode = OUTPUT_CSV;
    }
    if (mode == OUTPUT_CSV || mode == OUTPUT_JSON) {
        view_lines.begin(&view, rows);
        view_lines.rows(&view, rows);
        return;
    }
    if (answer_text(rows)) return;
    view.n_columns = weir_rows_columns(rows);
    view.widths = calloc(view.n_columns + 1, sizeof *view.widths);
    tableau_whole(&view, rows, 60);
    view_free(&view);
}
