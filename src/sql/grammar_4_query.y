/* grammar_4_query.y -- the SQL grammar, part 4: queries, FROM and MATCH_RECOGNIZE.
 *
 * `subquery` is a query in parentheses, `query` one without; a bare body may be either as the
 * operand of a set operation, and that is where the parentheses stay unambiguous.
 * SPDX-License-Identifier: Apache-2.0
 */

%type any_query {Ast *}
any_query(A) ::= query(Q). { A = Q; }
any_query(A) ::= subquery(Q). [SHORTER] { A = Q; }

%type subquery {Ast *}
subquery(A) ::= LP(T) query(Q) RP. { A = build_parens(p, T, Q); }
subquery(A) ::= LP(T) subquery(Q) RP. { A = build_parens(p, T, Q); }

%type query {Ast *}
query(A) ::= body(B). { A = build_query(p, NULL, false, B->pos, B, NULL); }
query(A) ::= operand(B) tail(T). { A = build_query(p, NULL, false, B->pos, B, T); }
query(A) ::= WITH(T) recursive(R) ctes(W) operand(B). {
    A = build_query(p, W, R, T->pos, B, NULL);
}
query(A) ::= WITH(T) recursive(R) ctes(W) operand(B) tail(X). {
    A = build_query(p, W, R, T->pos, B, X);
}
%type recursive {int}
recursive(A) ::= . { A = 0; }
recursive(A) ::= RECURSIVE. { A = 1; }
%type ctes {AstVec *}
ctes(A) ::= cte(C). { A = vec_add(p, NULL, C); }
ctes(A) ::= ctes(L) COMMA cte(C). { A = vec_add(p, L, C); }
%type cte {Ast *}
cte(A) ::= id(N) ids_opt(C) AS subquery(Q). {
    AstCte *cte = NEW(AstCte, AST_CTE, N->pos);
    cte->name = ident_of(N);
    cte->columns = idents_list(C);
    cte->query = Q;
    A = DONE(cte);
}

%type operand {Ast *}
operand(A) ::= body(B). { A = B; }
operand(A) ::= subquery(Q). [SHORTER] { A = build_query_body(Q); }

%type body {Ast *}
body(A) ::= operand(L) UNION setop_all(Q) operand(R). {
    A = build_setop(p, SETOP_UNION, Q, L, R);
}
body(A) ::= operand(L) INTERSECT setop_all(Q) operand(R). {
    A = build_setop(p, SETOP_INTERSECT, Q, L, R);
}
body(A) ::= operand(L) EXCEPT setop_all(Q) operand(R). {
    A = build_setop(p, SETOP_EXCEPT, Q, L, R);
}
body(A) ::= operand(L) SETMINUS setop_all(Q) operand(R). {
    A = build_setop(p, SETOP_EXCEPT, Q, L, R);
}
%type setop_all {int}
setop_all(A) ::= . { A = 0; }
setop_all(A) ::= DISTINCT. { A = 0; }
setop_all(A) ::= ALL. { A = 1; }
body(A) ::= VALUES(T) value_rows(L). {
    AstValues *values = NEW(AstValues, AST_VALUES, T->pos);
    values->rows = vec_list(L);
    A = DONE(values);
}
%type value_rows {AstVec *}
value_rows(A) ::= value_row(E). { A = vec_add(p, NULL, E); }
value_rows(A) ::= value_rows(L) COMMA value_row(E). [COMMA] { A = vec_add(p, L, E); }
%type value_row {Ast *}
value_row(A) ::= expr(E). { A = E; }
body(A) ::= TABLE(T) name(N). {
    AstTableQuery *table = NEW(AstTableQuery, AST_TABLE_QUERY, T->pos);
    table->table = N;
    A = DONE(table);
}

body(A) ::= SELECT(T) hints_opt(H) quantifier(Q) select_items(L) from_opt(F) where_opt(W)
            group_opt(G) having_opt(X) windows_opt(D) qualify_opt(Y). {
    AstSelect *select = G;
    select->ast.pos = T->pos;
    select->hints = vec_list(H);
    select->quantifier = (AstQuantifier)Q;
    select->items = vec_list(L);
    select->from = F;
    select->where = W;
    select->having = X;
    select->windows = vec_list(D);
    select->qualify = Y;
    A = DONE(select);
}
%type quantifier {int}
quantifier(A) ::= . { A = QUANTIFIER_NONE; }
quantifier(A) ::= ALL. { A = QUANTIFIER_ALL; }
quantifier(A) ::= DISTINCT. { A = QUANTIFIER_DISTINCT; }
%type select_items {AstVec *}
select_items(A) ::= select_item(I). { A = vec_add(p, NULL, I); }
select_items(A) ::= select_items(L) COMMA select_item(I). { A = vec_add(p, L, I); }
%type select_item {Ast *}
select_item(A) ::= expr(E). {
    AstSelectItem *item = NEW(AstSelectItem, AST_SELECT_ITEM, E->pos);
    item->expr = E;
    A = DONE(item);
}
select_item(A) ::= expr(E) as_opt id(N). {
    AstSelectItem *item = NEW(AstSelectItem, AST_SELECT_ITEM, E->pos);
    item->expr = E;
    item->alias = ident_of(N);
    A = DONE(item);
}
select_item(A) ::= STAR(T). {
    AstStar *star = NEW(AstStar, AST_STAR, T->pos);
    AstSelectItem *item = NEW(AstSelectItem, AST_SELECT_ITEM, T->pos);
    item->expr = DONE(star);
    A = DONE(item);
}
as_opt ::= .
as_opt ::= AS.

%type from_opt {Ast *}
from_opt(A) ::= . { A = NULL; }
from_opt(A) ::= FROM from_list(F). { A = F; }
%type where_opt {Ast *}
where_opt(A) ::= . { A = NULL; }
where_opt(A) ::= WHERE expr(E). { A = E; }
%type having_opt {Ast *}
having_opt(A) ::= . { A = NULL; }
having_opt(A) ::= HAVING expr(E). { A = E; }
%type qualify_opt {Ast *}
qualify_opt(A) ::= . { A = NULL; }
qualify_opt(A) ::= QUALIFY expr(E). { A = E; }
%type windows_opt {AstVec *}
windows_opt(A) ::= . { A = NULL; }
windows_opt(A) ::= WINDOW window_defs(L). { A = L; }
%type window_defs {AstVec *}
window_defs(A) ::= window_def(D). { A = vec_add(p, NULL, D); }
window_defs(A) ::= window_defs(L) COMMA window_def(D). { A = vec_add(p, L, D); }
%type window_def {Ast *}
window_def(A) ::= id(N) AS window_spec(S). {
    AstWindowDef *def = NEW(AstWindowDef, AST_WINDOW_DEF, N->pos);
    def->name = ident_of(N);
    def->spec = (AstWindowSpec *)S;
    A = DONE(def);
}

%type group_opt {AstSelect *}
group_opt(A) ::= . { A = NEW(AstSelect, AST_SELECT, 0); }
group_opt(A) ::= GROUP BY quantifier(Q) group_items(L). {
    A = NEW(AstSelect, AST_SELECT, 0);
    A->has_group_by = true;
    A->group_quantifier = (AstQuantifier)Q;
    A->group_by = vec_list(L);
}
%type group_items {AstVec *}
group_items(A) ::= group_item(I). { A = vec_add(p, NULL, I); }
group_items(A) ::= group_items(L) COMMA group_item(I). { A = vec_add(p, L, I); }
%type group_item {Ast *}
group_item(A) ::= expr(E). { A = build_group_item(p, E); }
group_item(A) ::= LP(T) RP. {
    AstGrouping *group = NEW(AstGrouping, AST_GROUPING, T->pos);
    A = DONE(group);
}
group_item(A) ::= grouping(K) LP group_items(L) RP. {
    AstGrouping *group = NEW(AstGrouping, AST_GROUPING, K.at->pos);
    group->grouping = (AstGroupingKind)K.kind;
    group->items = vec_list(L);
    A = DONE(group);
}
%type grouping {struct CollectionWord}
grouping(A) ::= GROUPING(T) SETS. { A = (struct CollectionWord){GROUPING_SETS, T}; }
grouping(A) ::= CUBE(T). { A = (struct CollectionWord){GROUPING_CUBE, T}; }
grouping(A) ::= ROLLUP(T). { A = (struct CollectionWord){GROUPING_ROLLUP, T}; }

/* -- ORDER BY .. LIMIT .. EMIT .. ON LATE -- */
%type tail {QueryTail *}
tail(A) ::= tail_item(I). { A = build_tail(p, NULL, I.what, I.at, I.a, I.b); }
tail(A) ::= tail(T) tail_item(I). { A = build_tail(p, T, I.what, I.at, I.a, I.b); }
%type tail_item {struct TailItem}
%include {
struct TailItem { uint32_t what; Tok at; void *a, *b; };
}
tail_item(A) ::= ORDER(T) BY order_items(L). {
    A = (struct TailItem){TAIL_ORDER, T, L, NULL};
}
tail_item(A) ::= LIMIT(T) expr(E). { A = (struct TailItem){TAIL_LIMIT, T, E, NULL}; }
tail_item(A) ::= LIMIT(T) ALL. { A = (struct TailItem){TAIL_LIMIT, T, NULL, NULL}; }
tail_item(A) ::= LIMIT(T) expr(O) COMMA expr(E). { A = (struct TailItem){TAIL_LIMIT, T, E, O}; }
tail_item(A) ::= OFFSET(T) expr(E). { A = (struct TailItem){TAIL_OFFSET, T, E, NULL}; }
tail_item(A) ::= OFFSET(T) expr(E) row_word. { A = (struct TailItem){TAIL_OFFSET, T, E, NULL}; }
tail_item(A) ::= FETCH(T) first_word fetch_count(E) ROWS ONLY. {
    A = (struct TailItem){TAIL_FETCH, T, E, NULL};
}
tail_item(A) ::= EMIT(T) emit_items(E). { A = (struct TailItem){TAIL_EMIT, T, E, NULL}; }
tail_item(A) ::= ON_LATE(T) LATE late_action(L). { A = (struct TailItem){TAIL_LATE, T, L, NULL}; }
row_word ::= ROW.
row_word ::= ROWS.
first_word ::= FIRST.
first_word ::= NEXT.
%type fetch_count {Ast *}
fetch_count(A) ::= . {
    A = build_node(p, AST_LITERAL, p->prev_end);
    ((AstLiteral *)A)->lit = LIT_INTEGER;
    ((AstLiteral *)A)->text = SPAN("1");
    A = build_done(p, A);
}
fetch_count(A) ::= expr(E). { A = E; }

%type emit_items {AstEmit *}
emit_items(A) ::= emit_item(E). { A = E; }
emit_items(A) ::= emit_items(L) COMMA emit_item(E). {
    if (E->early_every && L->early_every) build_fail(p, E->ast.pos, "EARLY is given twice");
    if (E->early_every) L->early_every = E->early_every;
    L->on_close |= E->on_close;
    L->on_update |= E->on_update;
    A = (AstEmit *)DONE(L);
}
%type emit_item {AstEmit *}
emit_item(A) ::= EARLY(T) EVERY expr(E). {
    A = NEW(AstEmit, AST_EMIT, T->pos);
    A->early_every = E;
    DONE(A);
}
emit_item(A) ::= ON(T) CLOSE. {
    A = NEW(AstEmit, AST_EMIT, T->pos);
    A->on_close = true;
    DONE(A);
}
emit_item(A) ::= ON(T) UPDATE. {
    A = NEW(AstEmit, AST_EMIT, T->pos);
    A->on_update = true;
    DONE(A);
}
%type late_action {AstOnLate *}
late_action(A) ::= DROP(T). {
    A = NEW(AstOnLate, AST_ON_LATE, T->pos);
    A->action = LATE_DROP;
    DONE(A);
}
late_action(A) ::= FAIL(T). {
    A = NEW(AstOnLate, AST_ON_LATE, T->pos);
    A->action = LATE_FAIL;
    DONE(A);
}
late_action(A) ::= INTO(T) name(N). {
    A = NEW(AstOnLate, AST_ON_LATE, T->pos);
    A->action = LATE_INTO;
    A->table = N;
    DONE(A);
}
late_action(A) ::= REVISE(T). {
    A = NEW(AstOnLate, AST_ON_LATE, T->pos);
    A->action = LATE_REVISE;
    DONE(A);
}
late_action(A) ::= REVISE(T) WITHIN expr(E). {
    A = NEW(AstOnLate, AST_ON_LATE, T->pos);
    A->action = LATE_REVISE;
    A->within = E;
    DONE(A);
}

/* -- FROM -- */
%type from_list {Ast *}
from_list(A) ::= from_item(F). { A = F; }
from_list(A) ::= from_list(L) COMMA from_item(R). {
    A = build_join(p, JOIN_COMMA, false, L, R, NULL, NULL);
}
%type from_item {Ast *}
from_item(A) ::= from_primary(F). { A = F; }
from_item(A) ::= from_item(L) join_kind(K) JOIN from_item(R) ON expr(E). [JOIN] {
    A = build_join(p, K, false, L, R, E, NULL);
}
from_item(A) ::= from_item(L) join_kind(K) JOIN from_item(R) USING LP ids(C) RP. [JOIN] {
    A = build_join(p, K, false, L, R, NULL, C);
}
from_item(A) ::= from_item(L) JOIN from_item(R) ON expr(E). [JOIN] {
    A = build_join(p, JOIN_INNER, false, L, R, E, NULL);
}
from_item(A) ::= from_item(L) JOIN from_item(R) USING LP ids(C) RP. [JOIN] {
    A = build_join(p, JOIN_INNER, false, L, R, NULL, C);
}
from_item(A) ::= from_item(L) NATURAL join_kind(K) JOIN from_item(R). [JOIN] {
    A = build_join(p, K, true, L, R, NULL, NULL);
}
from_item(A) ::= from_item(L) NATURAL JOIN from_item(R). [JOIN] {
    A = build_join(p, JOIN_INNER, true, L, R, NULL, NULL);
}
from_item(A) ::= from_item(L) CROSS JOIN from_item(R). [JOIN] {
    A = build_join(p, JOIN_CROSS, false, L, R, NULL, NULL);
}
%type join_kind {int}
join_kind(A) ::= INNER. { A = JOIN_INNER; }
join_kind(A) ::= LEFT outer_opt. { A = JOIN_LEFT; }
join_kind(A) ::= RIGHT outer_opt. { A = JOIN_RIGHT; }
join_kind(A) ::= FULL outer_opt. { A = JOIN_FULL; }
outer_opt ::= .
outer_opt ::= OUTER.

%type from_primary {Ast *}
from_primary(A) ::= LP(T) from_join(F) RP. { A = build_parens(p, T, F); }
/* In parentheses: anything but a bare subquery, which is a derived table already. */
%type from_join {Ast *}
from_join(A) ::= from_item(F). [SHORTER] { A = F; }
from_primary(A) ::= table_base(F) alias_opt(X). {
    A = build_alias(p, F, X);
}
from_primary(A) ::= table_base(F) alias_opt(X) match(M) alias_opt(Y). {
    M->input = build_alias(p, F, X);
    M->ast.pos = F->pos;
    M->alias = (AstAlias *)Y;
    A = DONE(M);
}
%type alias_opt {Ast *}
alias_opt(A) ::= . [SHORTER] { A = NULL; }
alias_opt(A) ::= AS id(N) ids_opt(C). { A = build_alias_of(p, N, C); }
alias_opt(A) ::= id(N) ids_opt(C). { A = build_alias_of(p, N, C); }

%type table_base {Ast *}
table_base(A) ::= name(N) hints_opt(H) as_of_opt(O) sample_opt(S). {
    AstTableRef *table = NEW(AstTableRef, AST_TABLE_REF, N->ast.pos);
    table->name = N;
    table->hints = vec_list(H);
    table->as_of = O;
    table->sample = (AstSample *)S;
    A = DONE(table);
}
table_base(A) ::= subquery(Q) sample_opt(S). {
    AstDerived *derived = NEW(AstDerived, AST_DERIVED, Q->pos);
    derived->query = Q;
    derived->sample = (AstSample *)S;
    A = DONE(derived);
}
table_base(A) ::= LATERAL(T) subquery(Q) sample_opt(S). {
    AstDerived *derived = NEW(AstDerived, AST_DERIVED, T->pos);
    derived->is_lateral = true;
    derived->query = Q;
    derived->sample = (AstSample *)S;
    A = DONE(derived);
}
table_base(A) ::= plain_call(C). { A = build_table_fn(p, C->ast.pos, false, C); }
table_base(A) ::= LATERAL(T) plain_call(C). { A = build_table_fn(p, T->pos, true, C); }
table_base(A) ::= TABLE(T) LP plain_call(C) RP. { A = build_table_fn(p, T->pos, false, C); }
table_base(A) ::= LATERAL(T) TABLE LP plain_call(C) RP. {
    A = build_table_fn(p, T->pos, true, C);
}
table_base(A) ::= lateral_opt(L) UNNEST(T) LP exprs(E) RP ordinality(O). {
    AstUnnest *unnest = NEW(AstUnnest, AST_UNNEST, L ? L->pos : T->pos);
    unnest->is_lateral = L != NULL;
    unnest->args = vec_list(E);
    unnest->with_ordinality = O;
    A = DONE(unnest);
}
%type lateral_opt {Tok}
lateral_opt(A) ::= . { A = NULL; }
lateral_opt(A) ::= LATERAL(T). { A = T; }
%type ordinality {int}
ordinality(A) ::= . { A = 0; }
ordinality(A) ::= WITH_ORDINALITY ORDINALITY. { A = 1; }
%type as_of_opt {Ast *}
as_of_opt(A) ::= . { A = NULL; }
as_of_opt(A) ::= FOR SYSTEM_TIME AS OF expr(E). { A = E; }
%type sample_opt {Ast *}
sample_opt(A) ::= . [SHORTER] { A = NULL; }
sample_opt(A) ::= TABLESAMPLE(T) sample_kind(K) LP expr(E) RP repeatable_opt(R). {
    AstSample *sample = NEW(AstSample, AST_SAMPLE, T->pos);
    sample->is_system = K;
    sample->percent = E;
    sample->seed = R;
    A = DONE(sample);
}
%type sample_kind {int}
sample_kind(A) ::= BERNOULLI. { A = 0; }
sample_kind(A) ::= SYSTEM. { A = 1; }
%type repeatable_opt {Ast *}
repeatable_opt(A) ::= . { A = NULL; }
repeatable_opt(A) ::= REPEATABLE LP expr(E) RP. { A = E; }

/* -- hints -- */
%type hints_opt {AstVec *}
hints_opt(A) ::= . { A = NULL; }
hints_opt(A) ::= HINT_BEGIN hints(L) HINT_END. { A = L; }
%type hints {AstVec *}
hints(A) ::= hint(H). { A = vec_add(p, NULL, H); }
hints(A) ::= hints(L) COMMA hint(H). { A = vec_add(p, L, H); }
%type hint {Ast *}
hint(A) ::= id(N). {
    AstHint *hint = NEW(AstHint, AST_HINT, N->pos);
    hint->name = ident_of(N);
    A = DONE(hint);
}
hint(A) ::= id(N) LP hint_args_opt(L) RP. {
    AstHint *hint = NEW(AstHint, AST_HINT, N->pos);
    hint->name = ident_of(N);
    hint->args = vec_list(L);
    A = DONE(hint);
}
%type hint_args_opt {AstVec *}
hint_args_opt(A) ::= . { A = NULL; }
hint_args_opt(A) ::= hint_args(L). { A = L; }
%type hint_args {AstVec *}
hint_args(A) ::= hint_arg(H). { A = vec_add(p, NULL, H); }
hint_args(A) ::= hint_args(L) COMMA hint_arg(H). { A = vec_add(p, L, H); }
%type hint_arg {Ast *}
hint_arg(A) ::= name(N). { A = &N->ast; }
hint_arg(A) ::= STRING(T). { A = build_string(p, T); }
hint_arg(A) ::= INTEGER(T). { A = build_literal(p, LIT_INTEGER, T, T); }
hint_arg(A) ::= STRING(K) EQ STRING(V). { A = build_option(p, K, V); }
hint_arg(A) ::= id(K) EQ STRING(V). { A = build_option(p, K, V); }

/* -- MATCH_RECOGNIZE -- */
%type match {AstMatch *}
match(A) ::= MATCH_RECOGNIZE(T) LP partition_opt(P) order_opt(O) measures_opt(M) match_rows(R)
             match_skip(S) PATTERN LP pattern(X) RP within_opt(W) subsets_opt(U) DEFINE defines(D)
             RP. {
    A = NEW(AstMatch, AST_MATCH, T->pos);
    A->partition_by = vec_list(P);
    A->order_by = vec_list(O);
    A->measures = vec_list(M);
    A->rows = (AstMatchRows)R;
    A->skip = (AstMatchSkip)S.kind;
    A->skip_to = ident_of(S.at);
    A->pattern = (AstPattern *)X;
    A->within = W;
    A->subsets = vec_list(U);
    A->defines = vec_list(D);
}
%type measures_opt {AstVec *}
measures_opt(A) ::= . { A = NULL; }
measures_opt(A) ::= MEASURES measures(L). { A = L; }
%type measures {AstVec *}
measures(A) ::= measure(M). { A = vec_add(p, NULL, M); }
measures(A) ::= measures(L) COMMA measure(M). { A = vec_add(p, L, M); }
%type measure {Ast *}
measure(A) ::= expr(E) AS id(N). {
    AstMeasure *measure = NEW(AstMeasure, AST_MEASURE, E->pos);
    measure->expr = E;
    measure->name = ident_of(N);
    A = DONE(measure);
}
%type match_rows {int}
match_rows(A) ::= . { A = MATCH_ROWS_DEFAULT; }
match_rows(A) ::= ONE ROW PER MATCH. { A = MATCH_ONE_ROW; }
match_rows(A) ::= ALL ROWS PER MATCH. { A = MATCH_ALL_ROWS; }
match_rows(A) ::= ALL ROWS PER MATCH SHOW EMPTY id. { A = MATCH_ALL_ROWS_SHOW_EMPTY; }
match_rows(A) ::= ALL ROWS PER MATCH OMIT EMPTY id. { A = MATCH_ALL_ROWS_OMIT_EMPTY; }
match_rows(A) ::= ALL ROWS PER MATCH WITH UNMATCHED ROWS. { A = MATCH_ALL_ROWS_WITH_UNMATCHED; }
%type match_skip {struct CollectionWord}
match_skip(A) ::= . { A = (struct CollectionWord){SKIP_DEFAULT, NULL}; }
match_skip(A) ::= AFTER MATCH SKIP PAST LAST ROW. {
    A = (struct CollectionWord){SKIP_PAST_LAST_ROW, NULL};
}
match_skip(A) ::= AFTER MATCH SKIP TO NEXT ROW. {
    A = (struct CollectionWord){SKIP_TO_NEXT_ROW, NULL};
}
match_skip(A) ::= AFTER MATCH SKIP TO FIRST id(N). {
    A = (struct CollectionWord){SKIP_TO_FIRST, N};
}
match_skip(A) ::= AFTER MATCH SKIP TO LAST id(N). {
    A = (struct CollectionWord){SKIP_TO_LAST, N};
}
match_skip(A) ::= AFTER MATCH SKIP TO id(N). { A = (struct CollectionWord){SKIP_TO_LAST, N}; }
%type within_opt {Ast *}
within_opt(A) ::= . { A = NULL; }
within_opt(A) ::= WITHIN expr(E). { A = E; }
%type subsets_opt {AstVec *}
subsets_opt(A) ::= . { A = NULL; }
subsets_opt(A) ::= SUBSET subsets(L). { A = L; }
%type subsets {AstVec *}
subsets(A) ::= subset(S). { A = vec_add(p, NULL, S); }
subsets(A) ::= subsets(L) COMMA subset(S). { A = vec_add(p, L, S); }
%type subset {Ast *}
subset(A) ::= id(N) EQ LP ids(L) RP. {
    AstSubset *subset = NEW(AstSubset, AST_SUBSET, N->pos);
    subset->name = ident_of(N);
    subset->variables = idents_list(L);
    A = DONE(subset);
}
%type defines {AstVec *}
defines(A) ::= define(D). { A = vec_add(p, NULL, D); }
defines(A) ::= defines(L) COMMA define(D). { A = vec_add(p, L, D); }
%type define {Ast *}
define(A) ::= id(N) AS expr(E). {
    AstDefine *define = NEW(AstDefine, AST_DEFINE, N->pos);
    define->name = ident_of(N);
    define->condition = E;
    A = DONE(define);
}

%type pattern {Ast *}
pattern(A) ::= pattern_terms(T). { A = T; }
pattern(A) ::= pattern(L) BAR pattern_terms(T). {
    A = build_pattern(p, PATTERN_ALTERNATION, L->pos, L, T);
}
%type pattern_terms {Ast *}
pattern_terms(A) ::= pattern_term(T). { A = T; }
pattern_terms(A) ::= pattern_terms(L) pattern_term(T). {
    A = build_pattern(p, PATTERN_SEQUENCE, L->pos, L, T);
}
%type pattern_term {Ast *}
pattern_term(A) ::= pattern_factor(F). { A = F; }
pattern_term(A) ::= pattern_factor(F) pattern_times(Q). {
    A = build_pattern_times(p, F, Q.min, Q.max, false);
}
pattern_term(A) ::= pattern_factor(F) pattern_times(Q) HOOK. {
    A = build_pattern_times(p, F, Q.min, Q.max, true);
}
%type pattern_times {struct PatternTimes}
%include {
struct PatternTimes { int32_t min, max; };
}
pattern_times(A) ::= STAR. { A = (struct PatternTimes){0, -1}; }
pattern_times(A) ::= PLUS. { A = (struct PatternTimes){1, -1}; }
pattern_times(A) ::= HOOK. { A = (struct PatternTimes){0, 1}; }
pattern_times(A) ::= LBRACE INTEGER(N) RBRACE. {
    A = (struct PatternTimes){build_int(p, N), build_int(p, N)};
}
pattern_times(A) ::= LBRACE INTEGER(N) COMMA RBRACE. {
    A = (struct PatternTimes){build_int(p, N), -1};
}
pattern_times(A) ::= LBRACE INTEGER(N) COMMA INTEGER(M) RBRACE. {
    A = (struct PatternTimes){build_int(p, N), build_int(p, M)};
    if (A.min > A.max) build_fail(p, N->pos, "the quantifier's minimum is above its maximum");
}
pattern_times(A) ::= LBRACE COMMA INTEGER(M) RBRACE. {
    A = (struct PatternTimes){0, build_int(p, M)};
}
%type pattern_factor {Ast *}
pattern_factor(A) ::= id(N). {
    AstPattern *variable = NEW(AstPattern, AST_PATTERN, N->pos);
    variable->variable = ident_of(N);
    A = DONE(variable);
}
pattern_factor(A) ::= LP(T) pattern(P) RP. { A = build_parens(p, T, P); }
pattern_factor(A) ::= LP(T) RP. {
    A = build_pattern_items(p, PATTERN_EMPTY, T->pos, NULL);
}
pattern_factor(A) ::= EXCLUDE_BEGIN(T) pattern(P) EXCLUDE_END. {
    A = build_pattern_items(p, PATTERN_EXCLUDE, T->pos, vec_add(p, NULL, P));
}
pattern_factor(A) ::= PERMUTE(T) LP pattern_list(L) RP. {
    A = build_pattern_items(p, PATTERN_PERMUTE, T->pos, L);
}
pattern_factor(A) ::= CARET(T). { A = build_pattern_items(p, PATTERN_START, T->pos, NULL); }
pattern_factor(A) ::= DOLLAR(T). { A = build_pattern_items(p, PATTERN_END, T->pos, NULL); }
%type pattern_list {AstVec *}
pattern_list(A) ::= pattern(P). { A = vec_add(p, NULL, P); }
pattern_list(A) ::= pattern_list(L) COMMA pattern(P). { A = vec_add(p, L, P); }
