/* table_print.c -- definitions as SQL: SHOW CREATE TABLE and SHOW CREATE VIEW.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

void table_print_expr(const Ast *expr, Buf *out) {
    sql_deparse(expr, out);
}

static void print_path(const Table *table, Buf *out) {
    buf_printf(out, "`" SPAN_FMT "`.`" SPAN_FMT "`.`" SPAN_FMT "`", SPAN_ARG(table->catalog),
               SPAN_ARG(table->database), SPAN_ARG(table->name));
}

static void print_comment(Span comment, const char *before, Buf *out) {
    if (!comment.len) return;
    buf_printf(out, "%sCOMMENT ", before);
    sql_deparse_string(comment, out);
}

static void print_column(const TableColumn *column, Buf *out) {
    buf_printf(out, "  `" SPAN_FMT "` ", SPAN_ARG(column->name));
    if (column->kind == TABCOL_COMPUTED) {
        buf_puts(out, "AS ");
        sql_deparse(column->computed, out);
    } else {
        Type type = *column->type; /* that it is a time attribute shows in the WATERMARK */
        type.attr = TIME_ATTR_NONE;
        type_print(&type, true, out);
    }
    if (column->kind == TABCOL_METADATA) {
        buf_puts(out, " METADATA");
        if (!span_eq(column->metadata_key, column->name)) {
            buf_puts(out, " FROM ");
            sql_deparse_string(column->metadata_key, out);
        }
        if (column->is_virtual) buf_puts(out, " VIRTUAL");
    }
    print_comment(column->comment, " ", out);
}

static void print_names(const Table *table, const uint32_t *cols, uint32_t n, Buf *out) {
    for (uint32_t i = 0; i < n; i++) {
        buf_printf(out, "%s`" SPAN_FMT "`", i ? ", " : "", SPAN_ARG(table->columns[cols[i]].name));
    }
}

static void print_table(const Table *table, Buf *out) {
    buf_printf(out, "CREATE %sTABLE ", table->is_temporary ? "TEMPORARY " : "");
    print_path(table, out);
    buf_puts(out, " (\n");
    for (uint32_t i = 0; i < table->n_columns; i++) {
        if (i) buf_puts(out, ",\n");
        print_column(&table->columns[i], out);
    }
    if (table->watermark) {
        buf_printf(out, ",\n  WATERMARK FOR `" SPAN_FMT "` AS ",
                   SPAN_ARG(table->columns[table->rowtime_col].name));
        sql_deparse(table->watermark, out);
    }
    if (table->n_key_cols) {
        buf_puts(out, ",\n  PRIMARY KEY (");
        print_names(table, table->key_cols, table->n_key_cols, out);
        buf_puts(out, ") NOT ENFORCED");
    }
    buf_puts(out, "\n)");
    print_comment(table->comment, " ", out);
    if (table->n_partition_cols) {
        buf_puts(out, "\nPARTITIONED BY (");
        print_names(table, table->partition_cols, table->n_partition_cols, out);
        buf_puts(out, ")");
    }
    if (!table->n_options) return;
    buf_puts(out, "\nWITH (\n");
    for (uint32_t i = 0; i < table->n_options; i++) {
        buf_puts(out, "  ");
        sql_deparse_string(table->options[i].key, out);
        buf_puts(out, " = ");
        sql_deparse_string(table->options[i].value, out);
        buf_puts(out, i + 1 < table->n_options ? ",\n" : "\n");
    }
    buf_puts(out, ")");
}

void table_print_create(const Table *table, Buf *out) {
    if (!table->is_view) {
        print_table(table, out);
    } else {
        buf_printf(out, "CREATE %sVIEW ", table->is_temporary ? "TEMPORARY " : "");
        print_path(table, out);
        buf_puts(out, " (\n");
        for (uint32_t i = 0; i < table->n_columns; i++) {
            buf_printf(out, "  `" SPAN_FMT "`", SPAN_ARG(table->columns[i].name));
            print_comment(table->columns[i].comment, " ", out);
            buf_puts(out, i + 1 < table->n_columns ? ",\n" : "\n");
        }
        buf_puts(out, ")");
        print_comment(table->comment, "\n", out);
        buf_puts(out, "\nAS ");
        sql_deparse(table->query, out);
    }
    buf_putc(out, '\n');
}
