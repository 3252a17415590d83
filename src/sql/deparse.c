/* deparse.c -- tree to text: names, lists and the choice of the printer. The printers are
 * in deparse_expr.c, deparse_call.c, deparse_query.c, deparse_ddl.c and deparse_stmt.c. The text is
 * one line of canonical Flink SQL; parsing it gives an equal tree.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/deparse.h"
#include "sql/token.h"

static bool deparse_is_plain(Span name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
        if (!is_letter && !(i && c >= '0' && c <= '9')) return false;
    }
    if (name.len == 1 && name.ptr[0] == '$') return false;
    return name.len > 0 &&
           !(name.len > 1 && name.ptr[0] == '$' && name.ptr[1] >= '0' && name.ptr[1] <= '9');
}

static void deparse_quoted(Span text, char quote, Buf *out) {
    buf_putc(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == quote) buf_putc(out, quote);
        buf_putc(out, text.ptr[i]);
    }
    buf_putc(out, quote);
}

void sql_deparse_ident(Span name, Buf *out) {
    const SqlKeyword *keyword = sql_keyword_find(name);
    bool is_bare = deparse_is_plain(name) &&
                   !(keyword && keyword->flags & (KEYWORD_RESERVED | KEYWORD_QUOTED));
    if (is_bare) {
        buf_span(out, name);
    } else {
        deparse_quoted(name, '`', out);
    }
}

void sql_deparse_string(Span text, Buf *out) {
    deparse_quoted(text, '\'', out);
}

void deparse_ident(const AstIdent *ident, Buf *out) {
    sql_deparse_ident(ident->text, out);
}

void deparse_idents(AstIdents idents, Buf *out) {
    buf_putc(out, '(');
    for (int32_t i = 0; i < idents.n; i++) {
        if (i) buf_puts(out, ", ");
        deparse_ident(&idents.items[i], out);
    }
    buf_putc(out, ')');
}

void deparse_name(const AstName *name, Buf *out) {
    for (int32_t i = 0; i < name->parts.n; i++) {
        if (i) buf_putc(out, '.');
        deparse_ident(&name->parts.items[i], out);
    }
}

void deparse_list(AstList list, Buf *out) {
    for (int32_t i = 0; i < list.n; i++) {
        if (i) buf_puts(out, ", ");
        deparse_node(list.items[i], out);
    }
}

void deparse_parens(AstList list, Buf *out) {
    buf_putc(out, '(');
    deparse_list(list, out);
    buf_putc(out, ')');
}

void deparse_clause(const char *word, const Ast *node, Buf *out) {
    if (!node) return;
    buf_printf(out, " %s ", word);
    deparse_node(node, out);
}

void deparse_clauses(const char *word, AstList list, Buf *out) {
    if (!list.n) return;
    buf_printf(out, " %s ", word);
    deparse_list(list, out);
}

void deparse_options(const char *word, AstList options, Buf *out) {
    if (!options.n) return;
    buf_printf(out, " %s ", word);
    deparse_parens(options, out);
}

void deparse_subquery(const Ast *query, Buf *out) {
    buf_putc(out, '(');
    deparse_node(query, out);
    buf_putc(out, ')');
}

void deparse_node(const Ast *node, Buf *out) {
    bool is_done = deparse_expr_node(node, out) || deparse_call_node(node, out) ||
                   deparse_query_node(node, out) || deparse_table_node(node, out) ||
                   deparse_ddl_node(node, out) || deparse_alter_node(node, out) ||
                   deparse_stmt_node(node, out);
    (void)is_done;
    assert(is_done);
}

void sql_deparse(const Ast *node, Buf *out) {
    if (!node) return;
    if (node->kind == AST_STATEMENT_SET) buf_puts(out, "EXECUTE ");
    deparse_node(node, out);
}
