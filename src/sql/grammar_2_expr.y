/* grammar_2_expr.y -- the SQL grammar, part 2: expressions. SPDX-License-Identifier: Apache-2.0 */

%type expr {Ast *}
%type primary {Ast *}
expr(A) ::= name(N). [LOWEST] { A = &N->ast; }
expr(A) ::= primary(E). [LOWEST] { A = E; }

%type exprs {AstVec *}
exprs(A) ::= expr(E). { A = vec_add(p, NULL, E); }
exprs(A) ::= exprs(L) COMMA expr(E). { A = vec_add(p, L, E); }

%type exprs_opt {AstVec *}
exprs_opt(A) ::= . { A = NULL; }
exprs_opt(A) ::= exprs(L). { A = L; }

/* -- operators -- */
expr(A) ::= expr(L) OR expr(R). { A = build_logic(p, true, L, R); }
expr(A) ::= expr(L) AND expr(R). { A = build_logic(p, false, L, R); }
expr(A) ::= NOT(T) expr(E). { A = build_unary(p, UNARY_NOT, T, E); }
expr(A) ::= MINUS(T) expr(E). [UMINUS] { A = build_unary(p, UNARY_MINUS, T, E); }
expr(A) ::= PLUS(T) expr(E). [UMINUS] { A = build_unary(p, UNARY_PLUS, T, E); }
expr(A) ::= expr(L) PLUS(T) expr(R). { A = build_binary(p, BINARY_ADD, T, L, R); }
expr(A) ::= expr(L) MINUS(T) expr(R). { A = build_binary(p, BINARY_SUB, T, L, R); }
expr(A) ::= expr(L) STAR(T) expr(R). { A = build_binary(p, BINARY_MUL, T, L, R); }
expr(A) ::= expr(L) SLASH(T) expr(R). { A = build_binary(p, BINARY_DIV, T, L, R); }
expr(A) ::= expr(L) PERCENT(T) expr(R). { A = build_binary(p, BINARY_MOD, T, L, R); }
expr(A) ::= expr(L) CONCAT(T) expr(R). { A = build_binary(p, BINARY_CONCAT, T, L, R); }
expr(A) ::= expr(L) EQ(T) expr(R). { A = build_binary(p, BINARY_EQ, T, L, R); }
expr(A) ::= expr(L) NE(T) expr(R). { A = build_binary(p, BINARY_NE, T, L, R); }
expr(A) ::= expr(L) LT(T) expr(R). { A = build_binary(p, BINARY_LT, T, L, R); }
expr(A) ::= expr(L) LE(T) expr(R). { A = build_binary(p, BINARY_LE, T, L, R); }
expr(A) ::= expr(L) GT(T) expr(R). { A = build_binary(p, BINARY_GT, T, L, R); }
expr(A) ::= expr(L) GE(T) expr(R). { A = build_binary(p, BINARY_GE, T, L, R); }
expr(A) ::= expr(L) AT(T) TIME ZONE expr(R). [AT] {
    A = build_binary(p, BINARY_AT_TIME_ZONE, T, L, R);
}
expr(A) ::= expr(L) MULTISET_OP(T) multiset_op(O) expr(R). [MULTISET_OP] {
    A = build_binary(p, (AstBinaryOp)O, T, L, R);
}
expr(A) ::= expr(L) MEMBER(T) OF expr(R). [MEMBER] {
    A = build_binary(p, BINARY_MEMBER_OF, T, L, R);
}
expr(A) ::= expr(L) NOT_INFIX(N) MEMBER(T) OF expr(R). [MEMBER] {
    A = build_unary(p, UNARY_NOT, N, build_binary(p, BINARY_MEMBER_OF, T, L, R));
}
expr(A) ::= expr(L) SUBMULTISET(T) of_opt expr(R). [MEMBER] {
    A = build_binary(p, BINARY_SUBMULTISET_OF, T, L, R);
}
expr(A) ::= expr(L) NOT_INFIX(N) SUBMULTISET(T) of_opt expr(R). [MEMBER] {
    A = build_unary(p, UNARY_NOT, N, build_binary(p, BINARY_SUBMULTISET_OF, T, L, R));
}
of_opt ::= .
of_opt ::= OF.

expr(A) ::= expr(L) period_op(O) expr(R). [OVERLAPS] {
    A = build_binary(p, (AstBinaryOp)O, p->toks + p->at, L, R);
    ((AstBinary *)A)->op_pos = L->end;
}
%type period_op {int}
period_op(A) ::= OVERLAPS. { A = BINARY_OVERLAPS; }
period_op(A) ::= CONTAINS. { A = BINARY_CONTAINS; }
period_op(A) ::= EQUALS. { A = BINARY_EQUALS; }
period_op(A) ::= PRECEDES. { A = BINARY_PRECEDES; }
period_op(A) ::= SUCCEEDS. { A = BINARY_SUCCEEDS; }
period_op(A) ::= IMMEDIATELY PRECEDES. { A = BINARY_IMMEDIATELY_PRECEDES; }
period_op(A) ::= IMMEDIATELY SUCCEEDS. { A = BINARY_IMMEDIATELY_SUCCEEDS; }

%type multiset_op {int}
multiset_op(A) ::= UNION multiset_quantifier(Q). { A = BINARY_MULTISET_UNION + Q; }
multiset_op(A) ::= INTERSECT multiset_quantifier(Q). { A = BINARY_MULTISET_INTERSECT + Q; }
multiset_op(A) ::= EXCEPT multiset_quantifier(Q). { A = BINARY_MULTISET_EXCEPT + Q; }
%type multiset_quantifier {int}
multiset_quantifier(A) ::= . { A = 0; }
multiset_quantifier(A) ::= ALL. { A = 0; }
multiset_quantifier(A) ::= DISTINCT. { A = 1; }

/* -- predicates -- */
expr(A) ::= expr(E) IS is_what(W). [IS] { A = build_is(p, (AstIsKind)W, false, E); }
expr(A) ::= expr(E) IS NOT is_what(W). [IS] { A = build_is(p, (AstIsKind)W, true, E); }
expr(A) ::= expr(L) IS(T) DISTINCT FROM expr(R). [EQ] {
    A = build_binary(p, BINARY_IS_DISTINCT, T, L, R);
}
expr(A) ::= expr(L) IS(T) NOT DISTINCT FROM expr(R). [EQ] {
    A = build_binary(p, BINARY_IS_NOT_DISTINCT, T, L, R);
}
%type is_what {int}
is_what(A) ::= NULL. { A = IS_NULL; }
is_what(A) ::= TRUE. { A = IS_TRUE; }
is_what(A) ::= FALSE. { A = IS_FALSE; }
is_what(A) ::= UNKNOWN. { A = IS_UNKNOWN; }
is_what(A) ::= EMPTY. { A = IS_EMPTY; }
is_what(A) ::= A SET. { A = IS_A_SET; }
is_what(A) ::= JSON. [SHORTER] { A = IS_JSON; }
is_what(A) ::= JSON VALUE. { A = IS_JSON; }
is_what(A) ::= JSON OBJECT. { A = IS_JSON_OBJECT; }
is_what(A) ::= JSON ARRAY. { A = IS_JSON_ARRAY; }
is_what(A) ::= JSON SCALAR. { A = IS_JSON_SCALAR; }

expr(A) ::= expr(E) between(N) symmetric(S) expr(L) AND expr(H). [BETWEEN] {
    AstBetween *between = NEW(AstBetween, AST_BETWEEN, E->pos);
    between->is_not = N;
    between->is_symmetric = S;
    between->arg = E;
    between->low = L;
    between->high = H;
    A = DONE(between);
}
%type between {int}
between(A) ::= BETWEEN. { A = 0; }
between(A) ::= NOT_INFIX BETWEEN. { A = 1; }
%type symmetric {int}
symmetric(A) ::= . { A = 0; }
symmetric(A) ::= ASYMMETRIC. { A = 0; }
symmetric(A) ::= SYMMETRIC. { A = 1; }

expr(A) ::= expr(E) in(N) LP exprs(L) RP. [IN] { A = build_in(p, N, E, L, NULL); }
expr(A) ::= expr(E) in(N) subquery(Q). [IN] { A = build_in(p, N, E, NULL, Q); }
%type in {int}
in(A) ::= IN. { A = 0; }
in(A) ::= NOT_INFIX IN. { A = 1; }

expr(A) ::= expr(E) like(K) expr(P). [LIKE] { A = build_like(p, K, E, P, NULL); }
expr(A) ::= expr(E) like(K) expr(P) ESCAPE expr(X). [LIKE] { A = build_like(p, K, E, P, X); }
%type like {int}
like(A) ::= like_word(K). { A = K; }
like(A) ::= NOT_INFIX like_word(K). { A = K | 0x100; }
%type like_word {int}
like_word(A) ::= LIKE. { A = LIKE_LIKE; }
like_word(A) ::= ILIKE. { A = LIKE_ILIKE; }
like_word(A) ::= RLIKE. { A = LIKE_RLIKE; }
like_word(A) ::= SIMILAR TO. { A = LIKE_SIMILAR; }

expr(A) ::= expr(E) comparison(O) quantified(Q) LP exprs(L) RP. [EQ] {
    A = build_quantified(p, (AstBinaryOp)O, Q, E, L, NULL);
}
expr(A) ::= expr(E) comparison(O) quantified(Q) subquery(S). [EQ] {
    A = build_quantified(p, (AstBinaryOp)O, Q, E, NULL, S);
}
%type comparison {int}
comparison(A) ::= EQ. { A = BINARY_EQ; }
comparison(A) ::= NE. { A = BINARY_NE; }
comparison(A) ::= LT. { A = BINARY_LT; }
comparison(A) ::= LE. { A = BINARY_LE; }
comparison(A) ::= GT. { A = BINARY_GT; }
comparison(A) ::= GE. { A = BINARY_GE; }
%type quantified {int}
quantified(A) ::= ANY. { A = 0; }
quantified(A) ::= SOME. { A = 0; }
quantified(A) ::= ALL. { A = 1; }

/* -- what binds tightest -- */
primary(A) ::= literal(E). { A = E; }
primary(A) ::= call(C). [SHORTER] { A = build_call_done(p, C) ? &C->ast : NULL; }
primary(A) ::= LP(T) expr(E) RP. { A = build_parens(p, T, E); }
primary(A) ::= LP(T) expr(E) COMMA exprs(L) RP. {
    AstRow *row = NEW(AstRow, AST_ROW, T->pos);
    AstVec *items = vec_add(p, NULL, E);
    for (int32_t i = 0; i < L->n; i++) vec_add(p, items, L->items[i]);
    row->items = vec_list(items);
    A = DONE(row);
}
/* (a - b) DAY TO SECOND; token_fix.c tells this bracket from others. */
primary(A) ::= LP(T) expr(E) RP_UNIT qualifier(Q). { A = build_difference(p, T, E, Q); }
primary(A) ::= ROW(T) LP exprs_opt(L) RP. {
    AstRow *row = NEW(AstRow, AST_ROW, T->pos);
    row->is_explicit = true;
    row->items = vec_list(L);
    A = DONE(row);
}
primary(A) ::= subquery(Q). [SHORTER] {
    AstSubquery *subquery = NEW(AstSubquery, AST_SUBQUERY, Q->pos);
    subquery->query = Q;
    A = DONE(subquery);
}
primary(A) ::= EXISTS(T) subquery(Q). {
    AstExists *exists = NEW(AstExists, AST_EXISTS, T->pos);
    exists->query = Q;
    A = DONE(exists);
}
primary(A) ::= CAST(T) LP expr(E) AS type(Y) RP. {
    AstCast *cast = NEW(AstCast, AST_CAST, T->pos);
    cast->form = T->text.len == 4 ? CAST_PLAIN : CAST_TRY;
    cast->arg = E;
    cast->type = (AstType *)Y;
    A = DONE(cast);
}
primary(A) ::= name(N) DCOLON type_plain(Y). {
    AstCast *cast = NEW(AstCast, AST_CAST, N->ast.pos);
    cast->form = CAST_COLONS;
    cast->arg = &N->ast;
    cast->type = (AstType *)Y;
    A = DONE(cast);
}
primary(A) ::= primary(E) DCOLON type_plain(Y). {
    AstCast *cast = NEW(AstCast, AST_CAST, E->pos);
    cast->form = CAST_COLONS;
    cast->arg = E;
    cast->type = (AstType *)Y;
    A = DONE(cast);
}
primary(A) ::= name(N) LB expr(I) RB. {
    AstIndex *index = NEW(AstIndex, AST_INDEX, N->ast.pos);
    index->base = &N->ast;
    index->index = I;
    A = DONE(index);
}
primary(A) ::= primary(E) LB expr(I) RB. {
    AstIndex *index = NEW(AstIndex, AST_INDEX, E->pos);
    index->base = E;
    index->index = I;
    A = DONE(index);
}
primary(A) ::= primary(E) DOT id(T). {
    AstField *field = NEW(AstField, AST_FIELD, E->pos);
    field->base = E;
    field->field = ident_of(T);
    A = DONE(field);
}
primary(A) ::= primary(E) DOT STAR. {
    AstField *field = NEW(AstField, AST_FIELD, E->pos);
    field->base = E;
    A = DONE(field);
}
primary(A) ::= name(N) DOT STAR. {
    AstStar *star = NEW(AstStar, AST_STAR, N->ast.pos);
    star->of = N;
    A = DONE(star);
}
primary(A) ::= RUNNING(T) call(C). [SHORTER] {
    A = build_unary(p, UNARY_RUNNING, T, build_call_done(p, C) ? &C->ast : NULL);
}
primary(A) ::= FINAL(T) call(C). [SHORTER] {
    A = build_unary(p, UNARY_FINAL, T, build_call_done(p, C) ? &C->ast : NULL);
}
primary(A) ::= RUNNING(T) name(N). [SHORTER] { A = build_unary(p, UNARY_RUNNING, T, &N->ast); }
primary(A) ::= FINAL(T) name(N). [SHORTER] { A = build_unary(p, UNARY_FINAL, T, &N->ast); }
primary(A) ::= PARAM(T). {
    AstParam *param = NEW(AstParam, AST_PARAM, T->pos);
    param->index = build_int(p, T);
    A = DONE(param);
}
primary(A) ::= HOOK(T). {
    AstParam *param = NEW(AstParam, AST_PARAM, T->pos);
    A = DONE(param);
}

/* ARRAY[..], and of a query. token_fix.c makes ARRAY( and MAP( without a query plain calls. */
primary(A) ::= collection(K) LB exprs_opt(L) RB. {
    A = build_collection(p, (AstCollectionKind)K.kind, K.at, L, NULL);
}
primary(A) ::= collection(K) subquery(Q). {
    A = build_collection(p, (AstCollectionKind)K.kind, K.at, NULL, Q);
}
%type collection {struct CollectionWord}
%include {
struct CollectionWord { int kind; Tok at; };
}
collection(A) ::= ARRAY(T). { A = (struct CollectionWord){COLLECTION_ARRAY, T}; }
collection(A) ::= MAP(T). { A = (struct CollectionWord){COLLECTION_MAP, T}; }
collection(A) ::= MULTISET(T). { A = (struct CollectionWord){COLLECTION_MULTISET, T}; }

/* -- CASE -- */
primary(A) ::= CASE(T) case_operand(O) whens(W) else_opt(E) END. {
    AstCase *node = NEW(AstCase, AST_CASE, T->pos);
    node->operand = O;
    node->whens = vec_list(W);
    node->otherwise = E;
    A = DONE(node);
}
%type case_operand {Ast *}
case_operand(A) ::= . { A = NULL; }
case_operand(A) ::= expr(E). { A = E; }
%type else_opt {Ast *}
else_opt(A) ::= . { A = NULL; }
else_opt(A) ::= ELSE expr(E). { A = E; }
%type whens {AstVec *}
whens(A) ::= when(W). { A = vec_add(p, NULL, W); }
whens(A) ::= whens(L) when(W). { A = vec_add(p, L, W); }
%type when {Ast *}
when(A) ::= WHEN(T) exprs(L) THEN expr(E). {
    AstWhen *node = NEW(AstWhen, AST_WHEN, T->pos);
    node->values = vec_list(L);
    node->result = E;
    A = DONE(node);
}

/* -- literals -- */
%type literal {Ast *}
literal(A) ::= INTEGER(T). { A = build_literal(p, LIT_INTEGER, T, T); }
literal(A) ::= DECIMAL(T). { A = build_literal(p, LIT_DECIMAL, T, T); }
literal(A) ::= DOUBLE(T). { A = build_literal(p, LIT_DOUBLE, T, T); }
literal(A) ::= STRING(T). { A = build_literal(p, LIT_STRING, T, T); }
literal(A) ::= BINARY(T). { A = build_literal(p, LIT_BINARY, T, T); }
literal(A) ::= NULL(T). { A = build_literal(p, LIT_NULL, T, NULL); }
literal(A) ::= TRUE(T). { A = build_literal(p, LIT_TRUE, T, NULL); }
literal(A) ::= FALSE(T). { A = build_literal(p, LIT_FALSE, T, NULL); }
literal(A) ::= UNKNOWN(T). { A = build_literal(p, LIT_UNKNOWN, T, NULL); }
literal(A) ::= DATE_LIT(T) STRING(S). { A = build_literal(p, LIT_DATE, T, S); }
literal(A) ::= TIME_LIT(T) STRING(S). { A = build_literal(p, LIT_TIME, T, S); }
literal(A) ::= TIMESTAMP_LIT(T) STRING(S). { A = build_literal(p, LIT_TIMESTAMP, T, S); }
literal(A) ::= TIMESTAMP_LTZ_LIT(T) STRING(S). { A = build_literal(p, LIT_TIMESTAMP_LTZ, T, S); }
literal(A) ::= TIMESTAMP_LTZ_LIT(T) WITH_ZONE LOCAL TIME ZONE STRING(S). {
    A = build_literal(p, LIT_TIMESTAMP_LTZ, T, S);
}
literal(A) ::= INTERVAL(T) STRING(S) qualifier(Q). {
    A = build_interval(p, T, 0, S, NULL, Q);
}
literal(A) ::= INTERVAL(T) MINUS STRING(S) qualifier(Q). {
    A = build_interval(p, T, 1, S, NULL, Q);
}
literal(A) ::= INTERVAL(T) PLUS STRING(S) qualifier(Q). {
    A = build_interval(p, T, 0, S, NULL, Q);
}
literal(A) ::= INTERVAL(T) interval_value(V) qualifier(Q). {
    A = build_interval(p, T, 0, NULL, V, Q);
}
%type interval_value {Ast *}
interval_value(A) ::= INTEGER(T). { A = build_literal(p, LIT_INTEGER, T, T); }
interval_value(A) ::= DECIMAL(T). { A = build_literal(p, LIT_DECIMAL, T, T); }
interval_value(A) ::= LP(T) expr(E) RP. { A = build_parens(p, T, E); }
interval_value(A) ::= name(N). { A = &N->ast; }

/* DAY, DAY(3), DAY(3) TO SECOND(2): made as an AST_INTERVAL that lends its fields. */
%type qualifier {Ast *}
qualifier(A) ::= id(U). [SHORTER] { A = build_qualifier(p, U, NULL, NULL, NULL, NULL); }
qualifier(A) ::= id(U) LP INTEGER(N) RP. [SHORTER] {
    A = build_qualifier(p, U, N, NULL, NULL, NULL);
}
qualifier(A) ::= id(U) LP INTEGER(N) COMMA INTEGER(F) RP. [SHORTER] {
    A = build_qualifier(p, U, N, F, NULL, NULL);
}
qualifier(A) ::= id(U) TO id(V). [SHORTER] { A = build_qualifier(p, U, NULL, NULL, V, NULL); }
qualifier(A) ::= id(U) TO id(V) LP INTEGER(F) RP. {
    A = build_qualifier(p, U, NULL, NULL, V, F);
}
qualifier(A) ::= id(U) LP INTEGER(N) RP TO id(V). [SHORTER] {
    A = build_qualifier(p, U, N, NULL, V, NULL);
}
qualifier(A) ::= id(U) LP INTEGER(N) RP TO id(V) LP INTEGER(F) RP. {
    A = build_qualifier(p, U, N, NULL, V, F);
}
