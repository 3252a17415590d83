/* grammar_3_call.y -- the SQL grammar, part 3: calls, their clauses, windows, types.
 * SPDX-License-Identifier: Apache-2.0
 */

%type call {AstCall *}
%type plain_call {AstCall *}
call(A) ::= plain_call(C). { A = C; }
call(A) ::= NO_PARENS(T). { A = build_call_word(p, T); }
call(A) ::= call(C) FILTER(T) LP WHERE expr(E) RP. {
    if (C->filter) build_fail(p, T->pos, "FILTER is given twice");
    C->filter = E;
    A = C;
}
call(A) ::= call(C) WITHIN(T) GROUP LP ORDER BY order_items(L) RP. {
    if (C->within_group.n) build_fail(p, T->pos, "WITHIN GROUP is given twice");
    C->within_group = vec_list(L);
    A = C;
}
call(A) ::= call(C) null_treatment(N). {
    C->nulls = (AstNullTreatment)N;
    A = C;
}
call(A) ::= call(C) OVER(T) id(N). {
    AstWindowSpec *spec = NEW(AstWindowSpec, AST_WINDOW_SPEC, N->pos);
    if (C->over) build_fail(p, T->pos, "OVER is given twice");
    spec->base = ident_of(N);
    spec->is_reference = true;
    C->over = (AstWindowSpec *)DONE(spec);
    A = C;
}
call(A) ::= call(C) OVER(T) window_spec(W). {
    if (C->over) build_fail(p, T->pos, "OVER is given twice");
    C->over = (AstWindowSpec *)W;
    A = C;
}
%type null_treatment {int}
null_treatment(A) ::= IGNORE NULLS. { A = NULLS_IGNORE; }
null_treatment(A) ::= RESPECT NULLS. { A = NULLS_RESPECT; }

plain_call(A) ::= name(N) LP RP. { A = build_call(p, N, NULL); }
plain_call(A) ::= name(N) LP args(L) RP. { A = build_call(p, N, L); }
plain_call(A) ::= name(N) LP ALL args(L) order_opt(O) RP. {
    A = build_call(p, N, L);
    A->quantifier = QUANTIFIER_ALL;
    A->order_by = vec_list(O);
}
plain_call(A) ::= name(N) LP DISTINCT args(L) order_opt(O) RP. {
    A = build_call(p, N, L);
    A->quantifier = QUANTIFIER_DISTINCT;
    A->order_by = vec_list(O);
}
plain_call(A) ::= name(N) LP args(L) ORDER BY order_items(O) RP. {
    A = build_call(p, N, L);
    A->order_by = vec_list(O);
}
plain_call(A) ::= name(N) LP args(L) null_treatment(T) order_opt(O) RP. {
    A = build_call(p, N, L);
    A->nulls = (AstNullTreatment)T;
    A->order_by = vec_list(O);
}
plain_call(A) ::= name(N) LP args(L) json_clauses(J) order_opt(O) RP. {
    A = build_call(p, N, L);
    A->json = J;
    A->order_by = vec_list(O);
}
plain_call(A) ::= name(N) LP json_clauses(J) RP. {
    A = build_call(p, N, NULL);
    A->json = J;
}

/* Functions with words between their arguments. Which function may use which is checked by the
 * builders, so that the words and the names stay ordinary. */
plain_call(A) ::= name(N) LP expr(E) FROM expr(F) RP. { A = build_call_from(p, N, E, F, NULL); }
plain_call(A) ::= name(N) LP expr(E) FROM expr(F) FOR expr(G) RP. {
    A = build_call_from(p, N, E, F, G);
}
plain_call(A) ::= name(N) LP expr(E) FOR expr(G) RP. { A = build_call_from(p, N, E, NULL, G); }
plain_call(A) ::= name(N) LP trim_side(S) FROM expr(F) RP. {
    A = build_call_trim(p, N, S, NULL, F);
}
plain_call(A) ::= name(N) LP trim_side(S) expr(E) FROM expr(F) RP. {
    A = build_call_trim(p, N, S, E, F);
}
%type trim_side {Tok}
trim_side(A) ::= BOTH(T). { A = T; }
trim_side(A) ::= LEADING(T). { A = T; }
trim_side(A) ::= TRAILING(T). { A = T; }
plain_call(A) ::= name(N) LP expr(E) PLACING expr(X) FROM expr(F) RP. {
    A = build_call_overlay(p, N, E, X, F, NULL);
}
plain_call(A) ::= name(N) LP expr(E) PLACING expr(X) FROM expr(F) FOR expr(G) RP. {
    A = build_call_overlay(p, N, E, X, F, G);
}
plain_call(A) ::= name(N) LP expr(E) POSITION_IN expr(X) RP. {
    A = build_call_position(p, N, E, X, NULL);
}
plain_call(A) ::= name(N) LP expr(E) POSITION_IN expr(X) FROM expr(F) RP. {
    A = build_call_position(p, N, E, X, F);
}
plain_call(A) ::= name(N) LP expr(E) TO id(U) RP. { A = build_call_to(p, N, E, U); }

/* -- arguments -- */
%type args {AstVec *}
args(A) ::= arg(E). { A = vec_add(p, NULL, E); }
args(A) ::= args(L) COMMA arg(E). { A = vec_add(p, L, E); }
%type arg {Ast *}
arg(A) ::= value_arg(E). { A = E; }
arg(A) ::= STAR(T). {
    AstStar *star = NEW(AstStar, AST_STAR, T->pos);
    A = DONE(star);
}
arg(A) ::= id(N) ARROW value_arg(E). {
    AstNamedArg *named = NEW(AstNamedArg, AST_NAMED_ARG, N->pos);
    named->name = ident_of(N);
    named->value = E;
    A = DONE(named);
}
arg(A) ::= JSON_KEY(T) expr(K) VALUE expr(V). {
    AstJsonPair *pair = NEW(AstJsonPair, AST_JSON_PAIR, T->pos);
    pair->key = K;
    pair->value = V;
    A = DONE(pair);
}
arg(A) ::= expr(K) VALUE expr(V). {
    AstJsonPair *pair = NEW(AstJsonPair, AST_JSON_PAIR, K->pos);
    pair->key = K;
    pair->value = V;
    A = DONE(pair);
}
arg(A) ::= expr(K) COLON expr(V). {
    AstJsonPair *pair = NEW(AstJsonPair, AST_JSON_PAIR, K->pos);
    pair->key = K;
    pair->value = V;
    A = DONE(pair);
}
%type value_arg {Ast *}
value_arg(A) ::= expr(E). { A = E; }
value_arg(A) ::= DEFAULT(T). {
    AstDefault *node = NEW(AstDefault, AST_DEFAULT, T->pos);
    A = DONE(node);
}
value_arg(A) ::= MODEL(T) name(N). {
    AstModelArg *node = NEW(AstModelArg, AST_MODEL_ARG, T->pos);
    node->model = N;
    A = DONE(node);
}
value_arg(A) ::= DESCRIPTOR(T) LP names(L) RP. {
    AstDescriptor *node = NEW(AstDescriptor, AST_DESCRIPTOR, T->pos);
    node->columns = vec_list(L);
    A = DONE(node);
}
value_arg(A) ::= TABLE(T) name(N) arg_partition_opt(P) arg_order_opt(O). {
    AstTableArg *node = NEW(AstTableArg, AST_TABLE_ARG, T->pos);
    node->table = N;
    node->partition_by = vec_list(P);
    node->order_by = vec_list(O);
    A = DONE(node);
}
value_arg(A) ::= TABLE subquery(Q). { /* as without TABLE */
    AstSubquery *node = NEW(AstSubquery, AST_SUBQUERY, Q->pos);
    node->query = Q;
    A = DONE(node);
}
value_arg(A) ::= TABLE subquery(Q) arg_partition(P) arg_order_opt(O). {
    AstTableArg *node = NEW(AstTableArg, AST_TABLE_ARG, Q->pos);
    node->query = Q;
    node->partition_by = vec_list(P);
    node->order_by = vec_list(O);
    A = DONE(node);
}
value_arg(A) ::= subquery(Q) arg_partition(P) arg_order_opt(O). {
    AstTableArg *node = NEW(AstTableArg, AST_TABLE_ARG, Q->pos);
    node->query = Q;
    node->partition_by = vec_list(P);
    node->order_by = vec_list(O);
    A = DONE(node);
}
%type arg_partition_opt {AstVec *}
arg_partition_opt(A) ::= . [SHORTER] { A = NULL; }
arg_partition_opt(A) ::= arg_partition(L). { A = L; }
%type arg_partition {AstVec *}
arg_partition(A) ::= PARTITION BY name(N). { A = vec_add(p, NULL, N); }
arg_partition(A) ::= PARTITION BY LP exprs(L) RP. { A = L; }
%type arg_order_opt {AstVec *}
arg_order_opt(A) ::= . [SHORTER] { A = NULL; }
arg_order_opt(A) ::= ORDER BY order_name(I). { A = vec_add(p, NULL, I); }
arg_order_opt(A) ::= ORDER BY LP order_items(L) RP. { A = L; }
%type order_name {Ast *}
order_name(A) ::= name(N) direction(D) nulls_order(O). {
    AstOrderItem *item = NEW(AstOrderItem, AST_ORDER_ITEM, N->ast.pos);
    item->expr = &N->ast;
    item->is_desc = D;
    item->nulls = (AstNulls)O;
    A = DONE(item);
}

/* -- JSON_VALUE and its kin -- */
%type json_clauses {AstJsonClauses *}
json_clauses(A) ::= json_clause(I). {
    A = build_json(p, NULL, I.pos, I.what, I.behavior, I.on, I.value);
}
json_clauses(A) ::= json_clauses(L) json_clause(I). {
    A = build_json(p, L, I.pos, I.what, I.behavior, I.on, I.value);
}
%type json_clause {JsonItem}
json_clause(A) ::= RETURNING(T) type_plain(Y). {
    A = (JsonItem){JSON_ITEM_RETURNING, 0, 0, Y, T->pos};
}
json_clause(A) ::= WITHOUT(T) array_opt WRAPPER. {
    A = (JsonItem){JSON_ITEM_WRAPPER, JSON_WRAPPER_WITHOUT, 0, NULL, T->pos};
}
json_clause(A) ::= WITH(T) array_opt WRAPPER. {
    A = (JsonItem){JSON_ITEM_WRAPPER, JSON_WRAPPER_UNCONDITIONAL, 0, NULL, T->pos};
}
json_clause(A) ::= WITH(T) CONDITIONAL array_opt WRAPPER. {
    A = (JsonItem){JSON_ITEM_WRAPPER, JSON_WRAPPER_CONDITIONAL, 0, NULL, T->pos};
}
json_clause(A) ::= WITH(T) UNCONDITIONAL array_opt WRAPPER. {
    A = (JsonItem){JSON_ITEM_WRAPPER, JSON_WRAPPER_UNCONDITIONAL, 0, NULL, T->pos};
}
array_opt ::= .
array_opt ::= ARRAY.
json_clause(A) ::= NULL(T) ON NULL. {
    A = (JsonItem){JSON_ITEM_NULLS, JSON_NULL_ON_NULL, 0, NULL, T->pos};
}
json_clause(A) ::= ABSENT(T) ON NULL. {
    A = (JsonItem){JSON_ITEM_NULLS, JSON_ABSENT_ON_NULL, 0, NULL, T->pos};
}
json_clause(A) ::= NULL(T) ON json_case(C). {
    A = (JsonItem){JSON_ITEM_BEHAVIOR, JSON_ON_NULL, C, NULL, T->pos};
}
json_clause(A) ::= ERROR(T) ON json_case(C). {
    A = (JsonItem){JSON_ITEM_BEHAVIOR, JSON_ON_ERROR, C, NULL, T->pos};
}
json_clause(A) ::= TRUE(T) ON json_case(C). {
    A = (JsonItem){JSON_ITEM_BEHAVIOR, JSON_ON_TRUE, C, NULL, T->pos};
}
json_clause(A) ::= FALSE(T) ON json_case(C). {
    A = (JsonItem){JSON_ITEM_BEHAVIOR, JSON_ON_FALSE, C, NULL, T->pos};
}
json_clause(A) ::= UNKNOWN(T) ON json_case(C). {
    A = (JsonItem){JSON_ITEM_BEHAVIOR, JSON_ON_UNKNOWN, C, NULL, T->pos};
}
json_clause(A) ::= EMPTY(T) ON json_case(C). {
    A = (JsonItem){JSON_ITEM_BEHAVIOR, JSON_ON_EMPTY_ARRAY, C, NULL, T->pos};
}
json_clause(A) ::= EMPTY(T) ARRAY ON json_case(C). {
    A = (JsonItem){JSON_ITEM_BEHAVIOR, JSON_ON_EMPTY_ARRAY, C, NULL, T->pos};
}
json_clause(A) ::= EMPTY(T) OBJECT ON json_case(C). {
    A = (JsonItem){JSON_ITEM_BEHAVIOR, JSON_ON_EMPTY_OBJECT, C, NULL, T->pos};
}
json_clause(A) ::= JSON_DEFAULT(T) expr(E) ON json_case(C). {
    A = (JsonItem){JSON_ITEM_BEHAVIOR, JSON_ON_DEFAULT, C, E, T->pos};
}
%type json_case {int}
json_case(A) ::= EMPTY. { A = JSON_ON_EMPTY_CASE; }
json_case(A) ::= ERROR. { A = JSON_ON_ERROR_CASE; }

/* -- windows and orders -- */
%type window_spec {Ast *}
window_spec(A) ::= LP(T) window_base(B) partition_opt(P) order_opt(O) frame_opt(F) RP. {
    AstWindowSpec *spec = F ? F : NEW(AstWindowSpec, AST_WINDOW_SPEC, T->pos);
    spec->ast.pos = T->pos;
    spec->base = ident_of(B);
    spec->partition_by = vec_list(P);
    spec->order_by = vec_list(O);
    A = DONE(spec);
}
%type window_base {Tok}
window_base(A) ::= . { A = NULL; }
window_base(A) ::= id(T). { A = T; }
%type partition_opt {AstVec *}
partition_opt(A) ::= . { A = NULL; }
partition_opt(A) ::= PARTITION BY exprs(L). { A = L; }
%type order_opt {AstVec *}
order_opt(A) ::= . { A = NULL; }
order_opt(A) ::= ORDER BY order_items(L). { A = L; }
%type order_items {AstVec *}
order_items(A) ::= order_item(I). { A = vec_add(p, NULL, I); }
order_items(A) ::= order_items(L) COMMA order_item(I). { A = vec_add(p, L, I); }
%type order_item {Ast *}
order_item(A) ::= expr(E) direction(D) nulls_order(N). {
    AstOrderItem *item = NEW(AstOrderItem, AST_ORDER_ITEM, E->pos);
    item->expr = E;
    item->is_desc = D;
    item->nulls = (AstNulls)N;
    A = DONE(item);
}
%type direction {int}
direction(A) ::= . { A = 0; }
direction(A) ::= ASC. { A = 0; }
direction(A) ::= DESC. { A = 1; }
%type nulls_order {int}
nulls_order(A) ::= . { A = NULLS_DEFAULT; }
nulls_order(A) ::= NULLS FIRST. { A = NULLS_FIRST; }
nulls_order(A) ::= NULLS LAST. { A = NULLS_LAST; }

%type frame_opt {AstWindowSpec *}
frame_opt(A) ::= . { A = NULL; }
frame_opt(A) ::= frame_unit(U) frame_bound(B) frame_exclude(X). {
    AstWindowSpec *spec = NEW(AstWindowSpec, AST_WINDOW_SPEC, B->pos);
    spec->unit = (AstFrameUnit)U;
    spec->start = (AstFrameBound *)B;
    spec->exclude = (AstFrameExclude)X;
    A = spec;
}
frame_opt(A) ::= frame_unit(U) BETWEEN frame_bound(B) AND frame_bound(C) frame_exclude(X). {
    AstWindowSpec *spec = NEW(AstWindowSpec, AST_WINDOW_SPEC, B->pos);
    spec->unit = (AstFrameUnit)U;
    spec->start = (AstFrameBound *)B;
    spec->stop = (AstFrameBound *)C;
    spec->exclude = (AstFrameExclude)X;
    A = spec;
}
%type frame_unit {int}
frame_unit(A) ::= ROWS. { A = FRAME_ROWS; }
frame_unit(A) ::= RANGE. { A = FRAME_RANGE; }
frame_unit(A) ::= GROUPS. { A = FRAME_GROUPS; }
%type frame_bound {Ast *}
frame_bound(A) ::= UNBOUNDED(T) frame_side(S). {
    AstFrameBound *bound = NEW(AstFrameBound, AST_FRAME_BOUND, T->pos);
    bound->bound = S ? BOUND_UNBOUNDED_FOLLOWING : BOUND_UNBOUNDED_PRECEDING;
    A = DONE(bound);
}
frame_bound(A) ::= CURRENT(T) ROW. {
    AstFrameBound *bound = NEW(AstFrameBound, AST_FRAME_BOUND, T->pos);
    bound->bound = BOUND_CURRENT_ROW;
    A = DONE(bound);
}
frame_bound(A) ::= expr(E) frame_side(S). {
    AstFrameBound *bound = NEW(AstFrameBound, AST_FRAME_BOUND, E->pos);
    bound->bound = S ? BOUND_FOLLOWING : BOUND_PRECEDING;
    bound->offset = E;
    A = DONE(bound);
}
%type frame_side {int}
frame_side(A) ::= PRECEDING. { A = 0; }
frame_side(A) ::= FOLLOWING. { A = 1; }
%type frame_exclude {int}
frame_exclude(A) ::= . { A = EXCLUDE_NONE; }
frame_exclude(A) ::= EXCLUDE NO OTHERS. { A = EXCLUDE_NONE; }
frame_exclude(A) ::= EXCLUDE CURRENT ROW. { A = EXCLUDE_CURRENT_ROW; }
frame_exclude(A) ::= EXCLUDE GROUP. { A = EXCLUDE_GROUP; }
frame_exclude(A) ::= EXCLUDE TIES. { A = EXCLUDE_TIES; }

/* -- types -- */
/* type_plain has no NOT NULL of its own, because NULL and NOT may follow it: x::INT NOT IN (..). */
%type type {Ast *}
%type type_plain {Ast *}
%type type_null {Ast *}
%type type_more {Ast *}
type(A) ::= type_plain(Y). { A = Y; }
type(A) ::= type_null(Y). { A = Y; }
type(A) ::= type_more(Y). { A = Y; }
type_null(A) ::= type_plain(Y) nullability(N). {
    A = build_type_null(p, Y, (AstNullability)N);
}
type_null(A) ::= type_more(Y) nullability(N). { A = build_type_null(p, Y, (AstNullability)N); }
type_more(A) ::= type_null(Y) suffix(S). { A = build_type_of(p, S, Y->pos, Y, NULL); }
type_more(A) ::= type_more(Y) suffix(S). { A = build_type_of(p, S, Y->pos, Y, NULL); }
type_plain(A) ::= type_plain(Y) suffix(S). { A = build_type_of(p, S, Y->pos, Y, NULL); }
%type nullability {int}
nullability(A) ::= NULL. { A = NULLABILITY_NULL; }
nullability(A) ::= NOT NULL. { A = NULLABILITY_NOT_NULL; }
%type suffix {const char *}
suffix(A) ::= ARRAY. { A = "ARRAY"; }
suffix(A) ::= MULTISET. { A = "MULTISET"; }

type_plain(A) ::= name(N). [SHORTER] { A = build_type(p, N, NULL, NULL); }
type_plain(A) ::= name(N) LP INTEGER(I) RP. { A = build_type(p, N, I, NULL); }
type_plain(A) ::= name(N) LP INTEGER(I) COMMA INTEGER(J) RP. { A = build_type(p, N, I, J); }
type_plain(A) ::= name(N) zone(Z). { A = build_type_zone(p, build_type(p, N, NULL, NULL), Z); }
type_plain(A) ::= name(N) LP INTEGER(I) RP zone(Z). {
    A = build_type_zone(p, build_type(p, N, I, NULL), Z);
}
type_plain(A) ::= name(N) VARYING(T). [SHORTER] { A = build_type_words(p, N, T, NULL); }
type_plain(A) ::= name(N) VARYING(T) LP INTEGER(I) RP. { A = build_type_words(p, N, T, I); }
type_plain(A) ::= name(N) PRECISION(T). { A = build_type_words(p, N, T, NULL); }
type_plain(A) ::= name(N) LP string(S) COMMA string(T) RP. { A = build_type_raw(p, N, S, T); }
type_plain(A) ::= NULL(T). { A = build_type(p, build_name(p, T), NULL, NULL); }
type_plain(A) ::= INTERVAL(T) qualifier(Q). { A = build_type_interval(p, T, Q); }
type_plain(A) ::= ARRAY(T) LT type(Y) GT. { A = build_type_of(p, "ARRAY", T->pos, Y, NULL); }
type_plain(A) ::= MULTISET(T) LT type(Y) GT. {
    A = build_type_of(p, "MULTISET", T->pos, Y, NULL);
}
type_plain(A) ::= MAP(T) LT type(K) COMMA type(V) GT. {
    A = build_type_of(p, "MAP", T->pos, K, V);
}
type_plain(A) ::= ROW(T) NE. { A = build_type_row(p, "ROW", T, NULL, NULL); }
type_plain(A) ::= ROW(T) LT type_fields_opt(L) GT. { A = build_type_row(p, "ROW", T, NULL, L); }
type_plain(A) ::= ROW(T) LP type_fields_opt(L) RP. { A = build_type_row(p, "ROW", T, NULL, L); }
type_plain(A) ::= STRUCTURED(T) LT string(S) GT. {
    A = build_type_row(p, "STRUCTURED", T, S, NULL);
}
type_plain(A) ::= STRUCTURED(T) LT string(S) COMMA type_fields(L) GT. {
    A = build_type_row(p, "STRUCTURED", T, S, L);
}
%type zone {int}
zone(A) ::= WITH_ZONE TIME ZONE. { A = 2; }
zone(A) ::= WITH_ZONE LOCAL TIME ZONE. { A = 1; }
zone(A) ::= WITHOUT_ZONE TIME ZONE. { A = 0; }
%type type_fields_opt {AstVec *}
type_fields_opt(A) ::= . { A = NULL; }
type_fields_opt(A) ::= type_fields(L). { A = L; }
%type type_fields {AstVec *}
type_fields(A) ::= type_field(F). { A = vec_add(p, NULL, F); }
type_fields(A) ::= type_fields(L) COMMA type_field(F). { A = vec_add(p, L, F); }
%type type_field {Ast *}
type_field(A) ::= id(N) type(Y) string_opt(C). {
    AstTypeField *field = NEW(AstTypeField, AST_TYPE_FIELD, N->pos);
    field->name = ident_of(N);
    field->type = (AstType *)Y;
    field->comment = C;
    A = DONE(field);
}
%type string_opt {Ast *}
string_opt(A) ::= . { A = NULL; }
string_opt(A) ::= string(S). { A = S; }
