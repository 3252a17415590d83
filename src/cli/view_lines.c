/* view_lines.c -- rows as lines for other programs: csv, json, and the changelog text of Flink's
 * print connector.
 *
 * Rows that are never taken back go out as they come. An updating answer of a bounded query goes
 * out once, when it is final; of an endless one every change goes out with its row kind in front.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static const char *const row_kinds[] = {"+I", "-U", "+U", "-D"};

static void lines_add_text(void *ctx, const char *text, size_t len) {
    str_add(ctx, text, len);
}

/* A name as a field of csv. */
static void lines_csv_name(Text *out, const char *name) {
    if (!strpbrk(name, ",\"\r\n")) {
        str_adds(out, name);
        return;
    }
    str_adds(out, "\"");
    for (; *name; name++) str_adds(out, *name == '"' ? "\"\"" : (char[]){*name, '\0'});
    str_adds(out, "\"");
}

static void lines_begin(View *view, weir_rows *rows) {
    Text out = {0};
    if (view->mode != OUTPUT_CSV) return;
    if (view->with_op) str_adds(&out, "op,");
    for (size_t i = 0; i < weir_rows_columns(rows); i++) {
        if (i) str_adds(&out, ",");
        lines_csv_name(&out, weir_column_name(rows, i));
    }
    str_adds(&out, "\n");
    out_write(out.ptr, out.len);
    str_free(&out);
}

static void lines_changelog(Text *out, weir_rows *rows) {
    for (size_t row = 0; row < weir_rows_count(rows); row++) {
        size_t len;
        const char *text = weir_row_print(rows, row, &len);
        str_add(out, text, len);
        str_adds(out, "\n");
    }
}

/* Puts the row kind into the record. */
static void lines_with_op(const View *view, Text *out, weir_rows *rows, size_t row,
                          weir_error *error) {
    Text line = {0};
    const char *op = row_kinds[weir_row_kind_of(rows, row)];
    bool is_json = view->mode == OUTPUT_JSON;
    if (weir_rows_write(rows, is_json ? "json" : "csv", row, 1, lines_add_text, &line, error) !=
        WEIR_OK) {
        cli_error(error);
    } else if (is_json) {
        str_addf(out, "{\"op\":\"%s\"%s%s", op, line.len > 3 ? "," : "", line.ptr + 1);
    } else {
        str_addf(out, "%s,%s", op, line.ptr);
    }
    str_free(&line);
}

static void lines_rows(View *view, weir_rows *rows) {
    Text out = {0};
    weir_error error;
    size_t n = weir_rows_count(rows);
    view->n_rows += n;
    if (view->mode == OUTPUT_CHANGELOG) {
        lines_changelog(&out, rows);
    } else if (view->with_op) {
        for (size_t row = 0; row < n; row++) lines_with_op(view, &out, rows, row, &error);
    } else if (weir_rows_write(rows, view->mode == OUTPUT_JSON ? "json" : "csv", 0, n,
                               lines_add_text, &out, &error) != WEIR_OK) {
        cli_error(&error);
    }
    if (out.len) out_write(out.ptr, out.len);
    str_free(&out);
}

static void lines_end(View *view, weir_rows *rows) {
    (void)view, (void)rows;
}

const ViewType view_lines = {.begin = lines_begin, .rows = lines_rows, .end = lines_end};

/* ---- only the final answer ---- */

static void final_rows(View *view, weir_rows *rows) {
    (void)view, (void)rows;
}

/* The rows from `row` on that are there once, or one row that is there more often. */
static size_t final_run(weir_rows *rows, size_t row, size_t n, int64_t *times) {
    enum { RUN_MAX = 4096 };
    size_t end = row + 1;
    *times = weir_row_weight(rows, row);
    while (*times == 1 && end < n && end - row < RUN_MAX && weir_row_weight(rows, end) == 1) end++;
    return end - row;
}

static void final_end(View *view, weir_rows *rows) {
    size_t n = weir_rows_count(rows), row = 0;
    Text out = {0};
    weir_error error;
    while (row < n) {
        int64_t times;
        size_t n_run = final_run(rows, row, n, &times);
        for (; times > 0; times--) {
            if (weir_rows_write(rows, view->mode == OUTPUT_JSON ? "json" : "csv", row, n_run,
                                lines_add_text, &out, &error) != WEIR_OK)
                cli_error(&error);
            view->n_rows += n_run;
            if (out.len < 65536) continue;
            out_write(out.ptr, out.len);
            out.len = 0;
        }
        row += n_run;
    }
    if (out.len) out_write(out.ptr, out.len);
    str_free(&out);
}

const ViewType view_final = {
    .is_kept = true, .begin = lines_begin, .rows = final_rows, .end = final_end};

/* ---- choosing ---- */

const ViewType *view_choose(OutputMode mode, weir_query *query, bool is_batch) {
    bool is_append = weir_query_is_append_only(query);
    switch (mode) {
    case OUTPUT_TABLE: return is_append ? &view_append : &view_live;
    case OUTPUT_TABLEAU: return &view_tableau;
    case OUTPUT_CHANGELOG: return &view_lines;
    default:
        return !is_append && (is_batch || weir_query_is_bounded(query)) ? &view_final : &view_lines;
    }
}

void view_free(View *view) {
    free(view->widths);
    free(view->is_right);
    view->widths = NULL;
    view->is_right = NULL;
}
