/* build_expr.c -- nodes of expressions. SPDX-License-Identifier: Apache-2.0 */
#include "sql/build.h"

AstName *build_name(SqlParse *p, Tok part) {
    AstName *name = NEW(AstName, AST_NAME, part->pos);
    name->parts.items = arena_alloc(p->arena, sizeof(AstIdent));
    name->parts.items[0] = ident_of(part);
    name->parts.n = 1;
    return (AstName *)DONE(name);
}

AstName *build_name_add(SqlParse *p, AstName *name, Tok part) {
    int32_t n = name->parts.n;
    AstIdent *items = arena_alloc(p->arena, sizeof *items * (size_t)(n + 1));
    if (n >= LIMIT_NAME_PARTS) build_fail(p, part->pos, "the name has more than %d parts", n);
    memcpy(items, name->parts.items, sizeof *items * (size_t)n);
    items[n] = ident_of(part);
    name->parts = (AstIdents){items, n + 1};
    return (AstName *)DONE(name);
}

Ast *build_literal(SqlParse *p, AstLiteralKind lit, Tok first, Tok text) {
    AstLiteral *literal = NEW(AstLiteral, AST_LITERAL, first->pos);
    literal->lit = lit;
    if (text) literal->text = text->text;
    return DONE(literal);
}

Ast *build_string(SqlParse *p, Tok text) {
    return build_literal(p, LIT_STRING, text, text);
}

Ast *build_unary(SqlParse *p, AstUnaryOp op, Tok at, Ast *arg) {
    AstUnary *unary = NEW(AstUnary, AST_UNARY, at->pos);
    unary->op = op;
    unary->arg = arg;
    return DONE(unary);
}

Ast *build_binary(SqlParse *p, AstBinaryOp op, Tok at, Ast *left, Ast *right) {
    AstBinary *binary = NEW(AstBinary, AST_BINARY, left->pos);
    binary->op = op;
    binary->op_pos = at->pos;
    binary->left = left;
    binary->right = right;
    return DONE(binary);
}

/* Appends arg, or its items when it is of the same operator. Left chains grow in place: the list of
 * the left operand is used up by this node. */
static void logic_add(SqlParse *p, AstVec *vec, bool is_or, Ast *arg) {
    const AstLogic *logic = (const AstLogic *)arg;
    if (arg->kind != AST_LOGIC || logic->is_or != is_or) {
        vec_add(p, vec, arg);
        return;
    }
    for (int32_t i = 0; i < logic->args.n; i++) vec_add(p, vec, logic->args.items[i]);
}

/* A list made by vec_add holds 4, 8, 16 .. items: its capacity follows from its length. */
static int32_t logic_cap(int32_t n) {
    int32_t cap = 4;
    while (cap < n) cap *= 2;
    return cap;
}

Ast *build_logic(SqlParse *p, bool is_or, Ast *left, Ast *right) {
    AstLogic *chain = (AstLogic *)left;
    AstVec vec = {0};
    if (left->kind == AST_LOGIC && chain->is_or == is_or) {
        vec = (AstVec){chain->args.items, chain->args.n, logic_cap(chain->args.n)};
        logic_add(p, &vec, is_or, right);
        chain->args = vec_list(&vec);
        if (right->depth >= chain->ast.depth) chain->ast.depth = right->depth + 1;
        chain->ast.end = p->prev_end;
        return left;
    }
    chain = NEW(AstLogic, AST_LOGIC, left->pos);
    chain->is_or = is_or;
    logic_add(p, &vec, is_or, left);
    logic_add(p, &vec, is_or, right);
    chain->args = vec_list(&vec);
    return DONE(chain);
}

Ast *build_is(SqlParse *p, AstIsKind is, bool is_not, Ast *arg) {
    AstIs *node = NEW(AstIs, AST_IS, arg->pos);
    node->is = is;
    node->is_not = is_not;
    node->arg = arg;
    return DONE(node);
}

Ast *build_in(SqlParse *p, bool is_not, Ast *arg, const AstVec *items, Ast *query) {
    AstIn *in = NEW(AstIn, AST_IN, arg->pos);
    in->is_not = is_not;
    in->arg = arg;
    in->items = vec_list(items);
    in->query = query;
    return DONE(in);
}

Ast *build_like(SqlParse *p, int op, Ast *arg, Ast *pattern, Ast *escape) {
    AstLike *like = NEW(AstLike, AST_LIKE, arg->pos);
    like->like = (AstLikeKind)(op & 0xff);
    like->is_not = (op & 0x100) != 0;
    like->arg = arg;
    like->pattern = pattern;
    like->escape = escape;
    return DONE(like);
}

Ast *build_quantified(SqlParse *p, AstBinaryOp op, bool is_all, Ast *arg, const AstVec *items,
                      Ast *query) {
    AstQuantified *node = NEW(AstQuantified, AST_QUANTIFIED, arg->pos);
    node->op = op;
    node->is_all = is_all;
    node->arg = arg;
    node->items = vec_list(items);
    node->query = query;
    return DONE(node);
}

Ast *build_collection(SqlParse *p, AstCollectionKind kind, Tok at, const AstVec *items,
                      Ast *query) {
    AstCollection *node = NEW(AstCollection, AST_COLLECTION, at->pos);
    node->collection = kind;
    node->items = vec_list(items);
    node->query = query;
    if (kind == COLLECTION_MAP && node->items.n % 2) {
        build_fail(p, at->pos, "MAP[..] needs as many values as keys");
        build_hint(p, "write MAP[key1, value1, key2, value2]");
    }
    return DONE(node);
}

Ast *build_parens(SqlParse *p, Tok open, Ast *inner) {
    inner->pos = open->pos;
    inner->end = p->prev_end;
    return inner;
}

static const char *const unit_names[] = {
    [UNIT_YEAR] = "YEAR",     [UNIT_QUARTER] = "QUARTER", [UNIT_MONTH] = "MONTH",
    [UNIT_WEEK] = "WEEK",     [UNIT_DAY] = "DAY",         [UNIT_HOUR] = "HOUR",
    [UNIT_MINUTE] = "MINUTE", [UNIT_SECOND] = "SECOND",
};

const char *ast_unit_text(AstUnit unit) {
    assert(unit > UNIT_NONE && unit <= UNIT_SECOND);
    return unit_names[unit];
}

/* Plural forms are Calcite's: INTERVAL '5' DAYS. */
AstUnit build_unit(SqlParse *p, Tok word) {
    Span text = word->text;
    if (text.len > 1 && (text.ptr[text.len - 1] | 0x20) == 's') text.len--;
    for (int i = UNIT_YEAR; i <= UNIT_SECOND; i++) {
        if (!word->is_quoted && span_is_nocase(text, unit_names[i])) return (AstUnit)i;
    }
    build_fail(p, word->pos, "expected a unit of time, found \"" SPAN_FMT "\"",
               SPAN_ARG(word->text));
    build_hint(p, "units are YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE and SECOND");
    return UNIT_NONE;
}

int32_t build_int(SqlParse *p, Tok number) {
    int64_t value = 0;
    for (size_t i = 0; i < number->text.len && value <= INT32_MAX; i++) {
        value = value * 10 + (number->text.ptr[i] - '0');
    }
    if (value > INT32_MAX) {
        build_fail(p, number->pos, "the number is too large");
        return 0;
    }
    return (int32_t)value;
}

Ast *build_qualifier(SqlParse *p, Tok from, Tok precision, Tok fraction, Tok to, Tok to_precision) {
    AstInterval *node = NEW(AstInterval, AST_INTERVAL, from->pos);
    node->from = build_unit(p, from);
    node->to = to ? build_unit(p, to) : UNIT_NONE;
    node->precision = precision ? build_int(p, precision) : -1;
    node->fraction = to_precision ? build_int(p, to_precision) : -1;
    if (fraction) node->fraction = build_int(p, fraction);
    if (to && node->to != UNIT_NONE && node->to <= node->from) {
        build_fail(p, to->pos, "an interval goes from a larger to a smaller unit");
    } else if (to &&
               (node->from == UNIT_QUARTER || node->from == UNIT_WEEK || node->to == UNIT_QUARTER ||
                node->to == UNIT_WEEK || (node->from == UNIT_YEAR && node->to != UNIT_MONTH) ||
                node->from == UNIT_MONTH)) {
        build_fail(p, to->pos, "there is no such interval");
        build_hint(p, "ranges are YEAR TO MONTH and from DAY, HOUR, MINUTE to a smaller unit");
    }
    return DONE(node);
}

Ast *build_interval(SqlParse *p, Tok first, int sign, Tok text, Ast *value, Ast *qualifier) {
    AstInterval *node = (AstInterval *)qualifier;
    node->ast.pos = first->pos;
    node->is_negative = sign;
    if (text) node->text = text->text;
    node->value = value;
    return DONE(node);
}

/* The word in upper case. */
Ast *build_symbol(SqlParse *p, Tok word) {
    AstSymbol *symbol = NEW(AstSymbol, AST_SYMBOL, word->pos);
    char *text = arena_strndup(p->arena, word->text.ptr, word->text.len);
    for (char *at = text; *at; at++) {
        if (*at >= 'a' && *at <= 'z') *at = (char)(*at - 'a' + 'A');
    }
    symbol->text = (Span){text, word->text.len};
    symbol->ast.end = word->end;
    return &symbol->ast;
}
