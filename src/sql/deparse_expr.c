/* deparse_expr.c -- expressions and types as text. SPDX-License-Identifier: Apache-2.0 */
#include "sql/deparse.h"

static int deparse_binary_level(AstBinaryOp op) {
    switch (op) {
    case BINARY_ADD:
    case BINARY_SUB: return LEVEL_ADD;
    case BINARY_MUL:
    case BINARY_DIV:
    case BINARY_MOD:
    case BINARY_CONCAT: return LEVEL_MUL;
    case BINARY_AT_TIME_ZONE: return LEVEL_ZONE;
    default: break;
    }
    if (op >= BINARY_MULTISET_UNION) return LEVEL_MULTISET;
    return op >= BINARY_OVERLAPS ? LEVEL_PREDICATE : LEVEL_COMPARE;
}

static int deparse_expr_level(const Ast *node) {
    switch (node->kind) {
    case AST_LOGIC: return ((const AstLogic *)node)->is_or ? LEVEL_OR : LEVEL_AND;
    case AST_BINARY: return deparse_binary_level(((const AstBinary *)node)->op);
    case AST_UNARY: {
        AstUnaryOp op = ((const AstUnary *)node)->op;
        if (op == UNARY_NOT) return LEVEL_NOT;
        return op == UNARY_MINUS || op == UNARY_PLUS ? LEVEL_SIGN : LEVEL_PRIMARY;
    }
    case AST_IS: return LEVEL_IS;
    case AST_QUANTIFIED: return LEVEL_COMPARE;
    case AST_BETWEEN:
    case AST_IN:
    case AST_LIKE: return LEVEL_PREDICATE;
    case AST_NAME:
    case AST_INDEX:
    case AST_FIELD:
    case AST_SUBQUERY:
    case AST_COLLECTION: return LEVEL_POSTFIX;
    case AST_CALL: {
        const AstCall *call = (const AstCall *)node;
        bool is_plain = call->form != CALL_NO_PARENS && !call->over && !call->nulls;
        return is_plain ? LEVEL_POSTFIX : LEVEL_PRIMARY;
    }
    default: return LEVEL_PRIMARY;
    }
}

void deparse_expr(const Ast *node, int level, Buf *out) {
    bool needs_parens = deparse_expr_level(node) < level;
    if (needs_parens) buf_putc(out, '(');
    deparse_node(node, out);
    if (needs_parens) buf_putc(out, ')');
}

static void deparse_put_hex(Span bytes, Buf *out) {
    buf_puts(out, "x'");
    for (size_t i = 0; i < bytes.len; i++) buf_printf(out, "%02x", (unsigned char)bytes.ptr[i]);
    buf_putc(out, '\'');
}

static void deparse_put_literal(const AstLiteral *literal, Buf *out) {
    const char *word = "";
    switch (literal->lit) {
    case LIT_NULL: buf_puts(out, "NULL"); return;
    case LIT_TRUE: buf_puts(out, "TRUE"); return;
    case LIT_FALSE: buf_puts(out, "FALSE"); return;
    case LIT_UNKNOWN: buf_puts(out, "UNKNOWN"); return;
    case LIT_INTEGER:
    case LIT_DECIMAL:
    case LIT_DOUBLE: buf_span(out, literal->text); return;
    case LIT_BINARY: deparse_put_hex(literal->text, out); return;
    case LIT_STRING: break;
    case LIT_DATE: word = "DATE "; break;
    case LIT_TIME: word = "TIME "; break;
    case LIT_TIMESTAMP: word = "TIMESTAMP "; break;
    case LIT_TIMESTAMP_LTZ: word = "TIMESTAMP WITH LOCAL TIME ZONE "; break;
    }
    buf_puts(out, word);
    sql_deparse_string(literal->text, out);
}

/* DAY, DAY(3), SECOND(3, 2), DAY(3) TO SECOND(2). */
void deparse_unit_range(AstUnit from, AstUnit to, int32_t precision, int32_t fraction, Buf *out) {
    buf_puts(out, ast_unit_text(from));
    if (precision >= 0 && fraction >= 0 && to == UNIT_NONE) {
        buf_printf(out, "(%d, %d)", precision, fraction);
        return;
    }
    if (precision >= 0) buf_printf(out, "(%d)", precision);
    if (to != UNIT_NONE) buf_printf(out, " TO %s", ast_unit_text(to));
    if (to != UNIT_NONE && fraction >= 0) buf_printf(out, "(%d)", fraction);
}

/* INTERVAL 5 DAY and INTERVAL n DAY; any other value needs parentheses. */
static bool deparse_is_bare_value(const Ast *value) {
    AstLiteralKind lit = ((const AstLiteral *)value)->lit;
    if (value->kind == AST_NAME) return true;
    return value->kind == AST_LITERAL && (lit == LIT_INTEGER || lit == LIT_DECIMAL);
}

static void deparse_put_interval(const AstInterval *interval, Buf *out) {
    buf_puts(out, interval->is_negative ? "INTERVAL -" : "INTERVAL ");
    if (!interval->value) {
        sql_deparse_string(interval->text, out);
    } else if (deparse_is_bare_value(interval->value)) {
        deparse_node(interval->value, out);
    } else {
        deparse_subquery(interval->value, out);
    }
    buf_putc(out, ' ');
    deparse_unit_range(interval->from, interval->to, interval->precision, interval->fraction, out);
}

static void deparse_put_unary(const AstUnary *unary, Buf *out) {
    const AstUnary *inner = (const AstUnary *)unary->arg;
    switch (unary->op) {
    case UNARY_NOT:
        buf_puts(out, "NOT ");
        deparse_expr(unary->arg, LEVEL_NOT, out);
        return;
    case UNARY_RUNNING: buf_puts(out, "RUNNING "); break;
    case UNARY_FINAL: buf_puts(out, "FINAL "); break;
    case UNARY_MINUS: buf_puts(out, "-"); break;
    case UNARY_PLUS: buf_puts(out, "+"); break;
    }
    /* Two minus signs would begin a comment. */
    if (inner->ast.kind == AST_UNARY && unary->op <= UNARY_PLUS) buf_putc(out, ' ');
    deparse_expr(unary->arg, unary->op <= UNARY_PLUS ? LEVEL_SIGN : LEVEL_PRIMARY, out);
}

static void deparse_put_binary(const AstBinary *binary, Buf *out) {
    int level = deparse_binary_level(binary->op);
    bool is_chain = level != LEVEL_PREDICATE;
    deparse_expr(binary->left, is_chain ? level : level + 1, out);
    buf_printf(out, " %s ", ast_binary_op_text(binary->op));
    deparse_expr(binary->right, level + 1, out);
}

static void deparse_put_logic(const AstLogic *logic, Buf *out) {
    for (int32_t i = 0; i < logic->args.n; i++) {
        if (i) buf_puts(out, logic->is_or ? " OR " : " AND ");
        deparse_expr(logic->args.items[i], logic->is_or ? LEVEL_AND : LEVEL_NOT, out);
    }
}

static void deparse_put_is(const AstIs *is, Buf *out) {
    static const char *const words[] = {
        [IS_NULL] = "NULL",
        [IS_TRUE] = "TRUE",
        [IS_FALSE] = "FALSE",
        [IS_UNKNOWN] = "UNKNOWN",
        [IS_JSON] = "JSON VALUE",
        [IS_JSON_OBJECT] = "JSON OBJECT",
        [IS_JSON_ARRAY] = "JSON ARRAY",
        [IS_JSON_SCALAR] = "JSON SCALAR",
        [IS_A_SET] = "A SET",
        [IS_EMPTY] = "EMPTY",
    };
    deparse_expr(is->arg, LEVEL_IS, out);
    buf_printf(out, " IS %s%s", is->is_not ? "NOT " : "", words[is->is]);
}

static void deparse_put_between(const AstBetween *between, Buf *out) {
    deparse_expr(between->arg, LEVEL_PREDICATE + 1, out);
    buf_puts(out, between->is_not ? " NOT BETWEEN " : " BETWEEN ");
    if (between->is_symmetric) buf_puts(out, "SYMMETRIC ");
    deparse_expr(between->low, LEVEL_PREDICATE + 1, out);
    buf_puts(out, " AND ");
    deparse_expr(between->high, LEVEL_PREDICATE + 1, out);
}

static void deparse_put_set(AstList items, const Ast *query, Buf *out) {
    if (query) {
        deparse_subquery(query, out);
    } else {
        deparse_parens(items, out);
    }
}

static void deparse_put_like(const AstLike *like, Buf *out) {
    static const char *const words[] = {
        [LIKE_LIKE] = "LIKE",
        [LIKE_SIMILAR] = "SIMILAR TO",
        [LIKE_ILIKE] = "ILIKE",
        [LIKE_RLIKE] = "RLIKE",
    };
    deparse_expr(like->arg, LEVEL_PREDICATE + 1, out);
    buf_printf(out, " %s%s ", like->is_not ? "NOT " : "", words[like->like]);
    deparse_expr(like->pattern, LEVEL_PREDICATE + 1, out);
    if (!like->escape) return;
    buf_puts(out, " ESCAPE ");
    deparse_expr(like->escape, LEVEL_PREDICATE + 1, out);
}

static void deparse_put_quantified(const AstQuantified *node, Buf *out) {
    deparse_expr(node->arg, LEVEL_COMPARE, out);
    buf_printf(out, " %s %s ", ast_binary_op_text(node->op), node->is_all ? "ALL" : "ANY");
    deparse_put_set(node->items, node->query, out);
}

static void deparse_put_case(const AstCase *node, Buf *out) {
    buf_puts(out, "CASE");
    if (node->operand) {
        buf_putc(out, ' ');
        deparse_node(node->operand, out);
    }
    for (int32_t i = 0; i < node->whens.n; i++) {
        buf_putc(out, ' ');
        deparse_node(node->whens.items[i], out);
    }
    deparse_clause("ELSE", node->otherwise, out);
    buf_puts(out, " END");
}

static void deparse_put_cast(const AstCast *cast, Buf *out) {
    if (cast->form == CAST_COLONS) {
        const AstCast *inner = (const AstCast *)cast->arg;
        bool is_bare = inner->ast.kind == AST_LITERAL ||
                       (inner->ast.kind == AST_CAST && inner->form == CAST_COLONS);
        deparse_expr(cast->arg, is_bare ? LEVEL_PRIMARY : LEVEL_POSTFIX, out);
        buf_puts(out, "::");
        deparse_node(&cast->type->ast, out);
        return;
    }
    if (cast->form == CAST_DIFFERENCE) {
        buf_putc(out, '(');
        deparse_node(cast->arg, out);
        buf_puts(out, ") ");
        deparse_unit_range(cast->type->from, cast->type->to, cast->type->args[0],
                           cast->type->args[1], out);
        return;
    }
    buf_puts(out, cast->form == CAST_TRY ? "TRY_CAST(" : "CAST(");
    deparse_node(cast->arg, out);
    buf_puts(out, " AS ");
    deparse_node(&cast->type->ast, out);
    buf_putc(out, ')');
}

static void deparse_put_collection(const AstCollection *node, Buf *out) {
    static const char *const words[] = {"ARRAY", "MAP", "MULTISET"};
    buf_puts(out, words[node->collection]);
    if (node->query) {
        deparse_subquery(node->query, out);
        return;
    }
    buf_putc(out, '[');
    deparse_list(node->items, out);
    buf_putc(out, ']');
}

static void deparse_put_field(const AstField *field, Buf *out) {
    bool is_name = field->base->kind == AST_NAME;
    if (is_name) buf_putc(out, '(');
    deparse_expr(field->base, LEVEL_POSTFIX, out);
    if (is_name) buf_putc(out, ')');
    buf_putc(out, '.');
    if (field->field.text.ptr) {
        deparse_ident(&field->field, out);
    } else {
        buf_putc(out, '*');
    }
}

static void deparse_put_type(const AstType *type, Buf *out) {
    bool is_row = span_is(type->name, "ROW"), is_zoned = span_is(type->name, "TIMESTAMP_TZ");
    if (type->user) {
        deparse_name(type->user, out);
    } else if (is_zoned) {
        buf_puts(out, "TIMESTAMP");
    } else {
        buf_span(out, type->name);
    }
    if (type->from != UNIT_NONE) {
        buf_putc(out, ' ');
        deparse_unit_range(type->from, type->to, type->args[0], type->args[1], out);
    } else if (type->args[0] >= 0) {
        buf_printf(out, type->args[1] >= 0 ? "(%d, %d)" : "(%d)", type->args[0], type->args[1]);
    }
    if (is_zoned) buf_puts(out, " WITH TIME ZONE");
    if (type->of.n || is_row || (type->strings.n && !span_is(type->name, "RAW"))) {
        buf_putc(out, '<');
        deparse_list(type->of, out);
        deparse_list(type->strings, out);
        if (type->strings.n && type->fields.n) buf_puts(out, ", ");
        deparse_list(type->fields, out);
        buf_putc(out, '>');
    } else if (type->strings.n) {
        deparse_parens(type->strings, out);
    }
    if (type->nullability == NULLABILITY_NULL) buf_puts(out, " NULL");
    if (type->nullability == NULLABILITY_NOT_NULL) buf_puts(out, " NOT NULL");
}

static void deparse_put_type_field(const AstTypeField *field, Buf *out) {
    deparse_ident(&field->name, out);
    buf_putc(out, ' ');
    deparse_node(&field->type->ast, out);
    if (!field->comment) return;
    buf_putc(out, ' ');
    deparse_node(field->comment, out);
}

static void deparse_put_row(const AstRow *row, Buf *out) {
    if (row->is_explicit) buf_puts(out, "ROW");
    deparse_parens(row->items, out);
}

static void deparse_put_when(const AstWhen *when, Buf *out) {
    buf_puts(out, "WHEN ");
    deparse_list(when->values, out);
    buf_puts(out, " THEN ");
    deparse_node(when->result, out);
}

static void deparse_put_param(const AstParam *param, Buf *out) {
    if (param->index) {
        buf_printf(out, "$%d", param->index);
    } else {
        buf_putc(out, '?');
    }
}

bool deparse_expr_node(const Ast *node, Buf *out) {
    switch (node->kind) {
    case AST_LITERAL: deparse_put_literal((const AstLiteral *)node, out); break;
    case AST_INTERVAL: deparse_put_interval((const AstInterval *)node, out); break;
    case AST_NAME: deparse_name((const AstName *)node, out); break;
    case AST_PARAM: deparse_put_param((const AstParam *)node, out); break;
    case AST_SYMBOL: buf_span(out, ((const AstSymbol *)node)->text); break;
    case AST_DEFAULT: buf_puts(out, "DEFAULT"); break;
    case AST_STAR:
        if (((const AstStar *)node)->of) {
            deparse_name(((const AstStar *)node)->of, out);
            buf_putc(out, '.');
        }
        buf_putc(out, '*');
        break;
    case AST_UNARY: deparse_put_unary((const AstUnary *)node, out); break;
    case AST_BINARY: deparse_put_binary((const AstBinary *)node, out); break;
    case AST_LOGIC: deparse_put_logic((const AstLogic *)node, out); break;
    case AST_IS: deparse_put_is((const AstIs *)node, out); break;
    case AST_BETWEEN: deparse_put_between((const AstBetween *)node, out); break;
    case AST_IN: {
        const AstIn *in = (const AstIn *)node;
        deparse_expr(in->arg, LEVEL_PREDICATE + 1, out);
        buf_puts(out, in->is_not ? " NOT IN " : " IN ");
        deparse_put_set(in->items, in->query, out);
        break;
    }
    case AST_LIKE: deparse_put_like((const AstLike *)node, out); break;
    case AST_QUANTIFIED: deparse_put_quantified((const AstQuantified *)node, out); break;
    case AST_EXISTS:
        buf_puts(out, "EXISTS ");
        deparse_subquery(((const AstExists *)node)->query, out);
        break;
    case AST_SUBQUERY: deparse_subquery(((const AstSubquery *)node)->query, out); break;
    case AST_CASE: deparse_put_case((const AstCase *)node, out); break;
    case AST_WHEN: deparse_put_when((const AstWhen *)node, out); break;
    case AST_CAST: deparse_put_cast((const AstCast *)node, out); break;
    case AST_COLLECTION: deparse_put_collection((const AstCollection *)node, out); break;
    case AST_ROW: deparse_put_row((const AstRow *)node, out); break;
    case AST_INDEX:
        deparse_expr(((const AstIndex *)node)->base, LEVEL_POSTFIX, out);
        buf_putc(out, '[');
        deparse_node(((const AstIndex *)node)->index, out);
        buf_putc(out, ']');
        break;
    case AST_FIELD: deparse_put_field((const AstField *)node, out); break;
    case AST_TYPE: deparse_put_type((const AstType *)node, out); break;
    case AST_TYPE_FIELD: deparse_put_type_field((const AstTypeField *)node, out); break;
    default: return false;
    }
    return true;
}
