/* ast.c -- what can be done with any tree: compare, walk, dump. Driven by the table of fields.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/ast_fields.h"

static const char *const binary_texts[BINARY_N_OPS] = {
    [BINARY_ADD] = "+",
    [BINARY_SUB] = "-",
    [BINARY_MUL] = "*",
    [BINARY_DIV] = "/",
    [BINARY_MOD] = "%",
    [BINARY_CONCAT] = "||",
    [BINARY_EQ] = "=",
    [BINARY_NE] = "<>",
    [BINARY_LT] = "<",
    [BINARY_LE] = "<=",
    [BINARY_GT] = ">",
    [BINARY_GE] = ">=",
    [BINARY_IS_DISTINCT] = "IS DISTINCT FROM",
    [BINARY_IS_NOT_DISTINCT] = "IS NOT DISTINCT FROM",
    [BINARY_AT_TIME_ZONE] = "AT TIME ZONE",
    [BINARY_OVERLAPS] = "OVERLAPS",
    [BINARY_CONTAINS] = "CONTAINS",
    [BINARY_EQUALS] = "EQUALS",
    [BINARY_PRECEDES] = "PRECEDES",
    [BINARY_SUCCEEDS] = "SUCCEEDS",
    [BINARY_IMMEDIATELY_PRECEDES] = "IMMEDIATELY PRECEDES",
    [BINARY_IMMEDIATELY_SUCCEEDS] = "IMMEDIATELY SUCCEEDS",
    [BINARY_MEMBER_OF] = "MEMBER OF",
    [BINARY_SUBMULTISET_OF] = "SUBMULTISET OF",
    [BINARY_MULTISET_UNION] = "MULTISET UNION ALL",
    [BINARY_MULTISET_UNION_DISTINCT] = "MULTISET UNION DISTINCT",
    [BINARY_MULTISET_INTERSECT] = "MULTISET INTERSECT ALL",
    [BINARY_MULTISET_INTERSECT_DISTINCT] = "MULTISET INTERSECT DISTINCT",
    [BINARY_MULTISET_EXCEPT] = "MULTISET EXCEPT ALL",
    [BINARY_MULTISET_EXCEPT_DISTINCT] = "MULTISET EXCEPT DISTINCT",
};

const char *ast_binary_op_text(AstBinaryOp op) {
    assert((unsigned)op < BINARY_N_OPS);
    return binary_texts[op];
}

static const void *field_at(const Ast *node, const AstFieldInfo *field) {
    return (const char *)node + field->offset;
}

static Ast *field_node(const Ast *node, const AstFieldInfo *field) {
    Ast *child;
    memcpy(&child, field_at(node, field), sizeof child);
    return child;
}

static int32_t field_int(const Ast *node, const AstFieldInfo *field) {
    int32_t value;
    if (field->kind == FIELD_BOOL) return *(const bool *)field_at(node, field);
    memcpy(&value, field_at(node, field), sizeof value);
    return value;
}

static bool list_equal(const AstList *a, const AstList *b) {
    if (a->n != b->n) return false;
    for (int32_t i = 0; i < a->n; i++) {
        if (!ast_equal(a->items[i], b->items[i])) return false;
    }
    return true;
}

static bool ident_equal(const AstIdent *a, const AstIdent *b) {
    return !a->text.ptr == !b->text.ptr && span_eq(a->text, b->text);
}

static bool idents_equal(const AstIdents *a, const AstIdents *b) {
    if (a->n != b->n) return false;
    for (int32_t i = 0; i < a->n; i++) {
        if (!ident_equal(&a->items[i], &b->items[i])) return false;
    }
    return true;
}

static bool field_equal(const Ast *a, const Ast *b, const AstFieldInfo *field) {
    const void *left = field_at(a, field), *right = field_at(b, field);
    switch (field->kind) {
    case FIELD_NODE: return ast_equal(field_node(a, field), field_node(b, field));
    case FIELD_LIST: return list_equal(left, right);
    case FIELD_IDENT: return ident_equal(left, right);
    case FIELD_IDENTS: return idents_equal(left, right);
    case FIELD_SPAN: return span_eq(*(const Span *)left, *(const Span *)right);
    case FIELD_BOOL:
    case FIELD_INT: return field_int(a, field) == field_int(b, field);
    case FIELD_INT_PAIR: return memcmp(left, right, 2 * sizeof(int32_t)) == 0;
    }
    return false;
}

bool ast_equal(const Ast *a, const Ast *b) {
    if (!a || !b) return a == b;
    if (a->kind != b->kind) return false;
    for (const AstFieldInfo *field = ast_fields(a->kind); field->name; field++) {
        if (!field->is_position && !field_equal(a, b, field)) return false;
    }
    return true;
}

void ast_each_child(const Ast *node, void (*visit)(const Ast *child, void *arg), void *arg) {
    for (const AstFieldInfo *field = ast_fields(node->kind); field->name; field++) {
        if (field->kind == FIELD_NODE) {
            const Ast *child = field_node(node, field);
            if (child) visit(child, arg);
        } else if (field->kind == FIELD_LIST) {
            const AstList *list = field_at(node, field);
            for (int32_t i = 0; i < list->n; i++) visit(list->items[i], arg);
        }
    }
}

static void dump_ident(const AstIdent *ident, Buf *out) {
    if (ident->is_quoted) buf_putc(out, '`');
    buf_span(out, ident->text);
    if (ident->is_quoted) buf_putc(out, '`');
}

static void dump_idents(const AstIdents *idents, Buf *out) {
    buf_putc(out, '[');
    for (int32_t i = 0; i < idents->n; i++) {
        if (i) buf_putc(out, ' ');
        dump_ident(&idents->items[i], out);
    }
    buf_putc(out, ']');
}

static void dump_list(const AstList *list, Buf *out) {
    buf_putc(out, '[');
    for (int32_t i = 0; i < list->n; i++) {
        if (i) buf_putc(out, ' ');
        ast_dump(list->items[i], out);
    }
    buf_putc(out, ']');
}

static bool field_is_absent(const Ast *node, const AstFieldInfo *field) {
    static const char zeros[sizeof(AstIdent)];
    const void *at = field_at(node, field);
    if (field->kind == FIELD_IDENT) return !((const AstIdent *)at)->text.ptr;
    if (field->kind == FIELD_SPAN) return !((const Span *)at)->ptr;
    return field->is_position || memcmp(at, zeros, field->size) == 0;
}

static void dump_field(const Ast *node, const AstFieldInfo *field, Buf *out) {
    const void *at = field_at(node, field);
    buf_printf(out, " %s", field->name);
    if (field->kind == FIELD_BOOL) return;
    buf_putc(out, '=');
    switch (field->kind) {
    case FIELD_NODE: ast_dump(field_node(node, field), out); break;
    case FIELD_LIST: dump_list(at, out); break;
    case FIELD_IDENT: dump_ident(at, out); break;
    case FIELD_IDENTS: dump_idents(at, out); break;
    case FIELD_SPAN: sql_deparse_string(*(const Span *)at, out); break;
    case FIELD_INT_PAIR:
        buf_printf(out, "%d,%d", ((const int32_t *)at)[0], ((const int32_t *)at)[1]);
        break;
    default: buf_printf(out, "%d", field_int(node, field)); break;
    }
}

void ast_dump(const Ast *node, Buf *out) {
    if (!node) {
        buf_puts(out, "NULL");
        return;
    }
    if (node->kind == AST_NAME) { /* the most frequent node, made short */
        const AstIdents *parts = &((const AstName *)node)->parts;
        for (int32_t i = 0; i < parts->n; i++) {
            if (i) buf_putc(out, '.');
            dump_ident(&parts->items[i], out);
        }
        return;
    }
    buf_printf(out, "(%s", ast_kind_name(node->kind) + sizeof "AST_" - 1);
    for (const AstFieldInfo *field = ast_fields(node->kind); field->name; field++) {
        if (!field_is_absent(node, field)) dump_field(node, field, out);
    }
    buf_putc(out, ')');
}
