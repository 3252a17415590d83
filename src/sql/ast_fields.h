/* ast_fields.h -- what each struct of the tree consists of, as data, so that comparing, walking and
 * dumping are each written once. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_AST_FIELDS_H
#define WEIR_AST_FIELDS_H

#include "sql/ast_stmt.h"

typedef enum AstFieldKind {
    FIELD_NODE,   /* a pointer to any node, or NULL */
    FIELD_LIST,   /* AstList */
    FIELD_IDENT,  /* AstIdent */
    FIELD_IDENTS, /* AstIdents */
    FIELD_SPAN,
    FIELD_BOOL,
    FIELD_INT,     /* int32_t or an enumeration */
    FIELD_INT_PAIR /* int32_t[2] */
} AstFieldKind;

typedef struct AstFieldInfo {
    const char *name;
    AstFieldKind kind;
    uint16_t offset, size;
    bool is_position; /* says where, not what: ignored by ast_equal */
} AstFieldInfo;

/* The fields of a kind behind its Ast header; ends with a NULL name. */
const AstFieldInfo *ast_fields(AstKind kind);
size_t ast_size(AstKind kind);

/* One line, for tests and for people: (SELECT items=[(SELECT_ITEM expr=(NAME parts=[a]))]). Fields
 * that are absent, false or 0 are left out. */
void ast_dump(const Ast *node, Buf *out);

#endif
