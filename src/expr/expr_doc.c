/* expr_doc.c -- the reference of functions, printed from their tables.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/expr.h"

/* Text inside a table cell of Markdown. */
static void expr_doc_cell(Buf *out, const char *text) {
    for (; text && *text; text++) {
        if (*text == '|') buf_putc(out, '\\');
        buf_putc(out, *text == '\n' ? ' ' : *text);
    }
}

static void expr_doc_code(Buf *out, const char *text) {
    if (!text || !*text) return;
    buf_putc(out, '`');
    expr_doc_cell(out, text);
    buf_putc(out, '`');
}

static void expr_doc_row(Buf *out, const char *name, const char *sig, const char *help,
                         const char *example) {
    buf_puts(out, "| ");
    expr_doc_code(out, name);
    buf_puts(out, " | ");
    expr_doc_code(out, sig);
    buf_puts(out, " | ");
    expr_doc_cell(out, help);
    buf_puts(out, " | ");
    expr_doc_code(out, example);
    buf_puts(out, " |\n");
}

static void expr_doc_chapter(Buf *out, const char *title) {
    buf_printf(out,
               "\n## %s\n\n| name | arguments and result | what it does | example |\n"
               "|---|---|---|---|\n",
               title);
}

void expr_doc_functions(Buf *out) {
    uint32_t n_fns, n_aggs;
    const Fn *const *fns = fn_all(&n_fns);
    const Agg *const *aggs = agg_all(&n_aggs);
    buf_puts(out, "# Functions\n\nEvery example is run by the tests.\n");
    for (uint32_t i = 0; i < n_fns; i++) {
        bool is_seen = false;
        for (uint32_t k = 0; k < i && !is_seen; k++)
            is_seen = strcmp(fns[k]->group, fns[i]->group) == 0;
        if (is_seen) continue;
        expr_doc_chapter(out, fns[i]->group);
        for (uint32_t k = i; k < n_fns; k++)
            if (strcmp(fns[k]->group, fns[i]->group) == 0)
                expr_doc_row(out, fns[k]->name, fns[k]->sig, fns[k]->help, fns[k]->example);
    }
    expr_doc_chapter(out, "aggregates");
    for (uint32_t i = 0; i < n_aggs; i++)
        expr_doc_row(out, aggs[i]->name, aggs[i]->sig, aggs[i]->help, aggs[i]->example);
}
