/* deparse.h -- the parts of sql_deparse that call each other.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_DEPARSE_H
#define WEIR_DEPARSE_H

#include "sql/sql.h"

/* How tightly an expression binds, in the order of the grammar's precedence. */
enum {
    LEVEL_ANY,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_IS,
    LEVEL_COMPARE,
    LEVEL_PREDICATE, /* BETWEEN, IN, LIKE, OVERLAPS */
    LEVEL_MULTISET,
    LEVEL_ADD,
    LEVEL_MUL,
    LEVEL_SIGN,
    LEVEL_ZONE, /* AT TIME ZONE */
    LEVEL_PRIMARY,
    LEVEL_POSTFIX, /* what [..], . and :: may follow without parentheses */
};

void deparse_node(const Ast *node, Buf *out);
void deparse_expr(const Ast *node, int level, Buf *out); /* in parentheses when it binds weaker */
void deparse_list(AstList list, Buf *out);               /* a, b */
void deparse_parens(AstList list, Buf *out);             /* (a, b) */
void deparse_ident(const AstIdent *ident, Buf *out);
void deparse_idents(AstIdents idents, Buf *out); /* (a, b) */
void deparse_name(const AstName *name, Buf *out);
void deparse_clause(const char *word, const Ast *node, Buf *out);  /* " WORD node", or nothing */
void deparse_clauses(const char *word, AstList list, Buf *out);    /* " WORD a, b", or nothing */
void deparse_subquery(const Ast *query, Buf *out);                 /* (query) */
void deparse_options(const char *word, AstList options, Buf *out); /* " WORD ('k' = 'v')" */
void deparse_unit_range(AstUnit from, AstUnit to, int32_t precision, int32_t fraction, Buf *out);

/* Each returns false when the node is not of its part. */
bool deparse_expr_node(const Ast *node, Buf *out);
bool deparse_call_node(const Ast *node, Buf *out);
bool deparse_query_node(const Ast *node, Buf *out);
bool deparse_table_node(const Ast *node, Buf *out);
bool deparse_ddl_node(const Ast *node, Buf *out);
bool deparse_alter_node(const Ast *node, Buf *out);
bool deparse_stmt_node(const Ast *node, Buf *out);

#endif
