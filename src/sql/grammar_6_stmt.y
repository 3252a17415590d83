/* grammar_6_stmt.y -- the SQL grammar, part 6: all statements that define nothing.
 * SPDX-License-Identifier: Apache-2.0
 */

statement(A) ::= any_query(Q). { A = Q; }
statement(A) ::= modification(M). { A = M; }
statement(A) ::= statement_set(S). { A = S; }

/* -- INSERT, UPDATE, DELETE -- */
%type modification {Ast *}
modification(A) ::= insert(I). { A = I; }
%type insert {Ast *}
insert(A) ::= insert_into(I) any_query(Q) on_conflict(C). {
    AstInsert *insert = I;
    insert->query = Q;
    insert->on_conflict = (AstOnConflict)C;
    A = DONE(insert);
}
insert(A) ::= insert_into(I) LP names(L) RP any_query(Q) on_conflict(C). {
    AstInsert *insert = I;
    insert->columns = vec_list(L);
    insert->query = Q;
    insert->on_conflict = (AstOnConflict)C;
    A = DONE(insert);
}
%type insert_into {AstInsert *}
insert_into(A) ::= insert_word(K) name(N) hints_opt(H) insert_partition(P). {
    A = NEW(AstInsert, AST_INSERT, K.at->pos);
    A->is_overwrite = K.kind == 1;
    A->is_upsert = K.kind == 2;
    A->table = N;
    A->hints = vec_list(H);
    A->partition = vec_list(P);
}
%type insert_word {struct CollectionWord}
insert_word(A) ::= INSERT(T) INTO. { A = (struct CollectionWord){0, T}; }
insert_word(A) ::= INSERT(T) OVERWRITE. { A = (struct CollectionWord){1, T}; }
insert_word(A) ::= UPSERT(T) INTO. { A = (struct CollectionWord){2, T}; }
%type insert_partition {AstVec *}
insert_partition(A) ::= . { A = NULL; }
insert_partition(A) ::= PARTITION LP partition_items(L) RP. { A = L; }
%type on_conflict {int}
on_conflict(A) ::= . { A = CONFLICT_NONE; }
on_conflict(A) ::= ON_CONFLICT CONFLICT DO NOTHING. { A = CONFLICT_NOTHING; }
on_conflict(A) ::= ON_CONFLICT CONFLICT DO ERROR. { A = CONFLICT_ERROR; }
on_conflict(A) ::= ON_CONFLICT CONFLICT DO DEDUPLICATE. { A = CONFLICT_DEDUPLICATE; }

modification(A) ::= UPDATE(T) name(N) update_alias(X) SET assigns(L) where_opt(W). {
    AstUpdate *update = NEW(AstUpdate, AST_UPDATE, T->pos);
    update->table = N;
    update->alias = ident_of(X);
    update->assigns = vec_list(L);
    update->where = W;
    A = DONE(update);
}
%type update_alias {Tok}
update_alias(A) ::= . { A = NULL; }
update_alias(A) ::= id(N). { A = N; }
update_alias(A) ::= AS id(N). { A = N; }
%type assigns {AstVec *}
assigns(A) ::= assign(E). { A = vec_add(p, NULL, E); }
assigns(A) ::= assigns(L) COMMA assign(E). { A = vec_add(p, L, E); }
%type assign {Ast *}
assign(A) ::= name(N) EQ expr(E). {
    AstAssign *assign = NEW(AstAssign, AST_ASSIGN, N->ast.pos);
    assign->column = N;
    assign->value = E;
    A = DONE(assign);
}
modification(A) ::= DELETE(T) FROM name(N) update_alias(X) where_opt(W). {
    AstDelete *node = NEW(AstDelete, AST_DELETE, T->pos);
    node->table = N;
    node->alias = ident_of(X);
    node->where = W;
    A = DONE(node);
}
statement(A) ::= TRUNCATE(T) TABLE name(N). {
    AstTruncate *node = NEW(AstTruncate, AST_TRUNCATE, T->pos);
    node->table = N;
    A = DONE(node);
}

/* -- statement sets, EXECUTE, plans, EXPLAIN -- */
%type statement_set {Ast *}
statement_set(A) ::= STATEMENT(T) SET BEGIN inserts(L) END. {
    AstStatementSet *set = NEW(AstStatementSet, AST_STATEMENT_SET, T->pos);
    set->statements = vec_list(L);
    A = DONE(set);
}
statement(A) ::= BEGIN(T) STATEMENT SET SEMI inserts(L) END. {
    AstStatementSet *set = NEW(AstStatementSet, AST_STATEMENT_SET, T->pos);
    set->statements = vec_list(L);
    A = DONE(set);
}
%type inserts {AstVec *}
inserts(A) ::= insert(I) SEMI. { A = vec_add(p, NULL, I); }
inserts(A) ::= inserts(L) insert(I) SEMI. { A = vec_add(p, L, I); }

statement(A) ::= EXECUTE(T) executable(S). {
    AstExecute *execute = NEW(AstExecute, AST_EXECUTE, T->pos);
    execute->statement = S;
    A = DONE(execute);
    if (S && S->kind == AST_STATEMENT_SET) {
        A = S;
        A->pos = T->pos;
    }
}
%type executable {Ast *}
executable(A) ::= statement_set(S). { A = S; }
executable(A) ::= insert(I). { A = I; }
executable(A) ::= any_query(Q). { A = Q; }

statement(A) ::= EXECUTE(T) PLAN string(S). {
    A = build_plan(p, T, PLAN_EXECUTE, S, false, NULL);
}
statement(A) ::= COMPILE(T) PLAN string(S) if_not_exists(I) FOR planned(X). {
    A = build_plan(p, T, PLAN_COMPILE, S, I, X);
}
statement(A) ::= COMPILE(T) AND EXECUTE PLAN string(S) FOR planned(X). {
    A = build_plan(p, T, PLAN_COMPILE_AND_EXECUTE, S, false, X);
}
%type planned {Ast *}
planned(A) ::= statement_set(S). { A = S; }
planned(A) ::= insert(I). { A = I; }

statement(A) ::= EXPLAIN(T) explain(X) explained(S). {
    AstExplain *explain = X;
    explain->ast.pos = T->pos;
    explain->statement = S;
    A = DONE(explain);
}
%type explained {Ast *}
explained(A) ::= any_query(Q). { A = Q; }
explained(A) ::= modification(M). { A = M; }
explained(A) ::= statement_set(S). { A = S; }
explained(A) ::= definition(D). { A = D; }
%type explain {AstExplain *}
explain(A) ::= . { A = NEW(AstExplain, AST_EXPLAIN, 0); }
explain(A) ::= PLAN FOR. { A = NEW(AstExplain, AST_EXPLAIN, 0); }
explain(A) ::= ANALYZE. {
    A = NEW(AstExplain, AST_EXPLAIN, 0);
    A->is_analyze = true;
}
explain(A) ::= UPGRADE. {
    A = NEW(AstExplain, AST_EXPLAIN, 0);
    A->is_upgrade = true;
}
explain(A) ::= explain_details(D). { A = D; }
%type explain_details {AstExplain *}
explain_details(A) ::= explain_detail(D). {
    A = NEW(AstExplain, AST_EXPLAIN, 0);
    build_detail(p, A, D);
}
explain_details(A) ::= explain_details(L) COMMA explain_detail(D). {
    A = L;
    build_detail(p, A, D);
}
%type explain_detail {Tok}
explain_detail(A) ::= ESTIMATED_COST(T). { A = T; }
explain_detail(A) ::= CHANGELOG_MODE(T). { A = T; }
explain_detail(A) ::= JSON_EXECUTION_PLAN(T). { A = T; }
explain_detail(A) ::= PLAN_ADVICE(T). { A = T; }

/* -- SHOW, DESCRIBE, USE -- */
statement(A) ::= SHOW(T) show(S) show_like(L). {
    AstShow *show = S;
    show->ast.pos = T->pos;
    if (L) {
        show->is_not = L->is_not;
        show->is_ilike = L->is_ilike;
        show->like = L->like;
    }
    A = DONE(show);
}
%type show_like {AstShow *}
show_like(A) ::= . { A = NULL; }
show_like(A) ::= like(K) string(S). {
    A = NEW(AstShow, AST_SHOW, S->pos);
    A->is_not = (K & 0x100) != 0;
    A->is_ilike = (K & 0xff) == LIKE_ILIKE;
    A->like = S;
    if ((K & 0xff) != LIKE_LIKE && !A->is_ilike) {
        build_fail(p, S->pos, "only LIKE and ILIKE can follow SHOW");
    }
}
%type show {AstShow *}
show(A) ::= show_list(K) show_from(F). {
    A = F;
    A->show = (AstShowKind)K;
}
show(A) ::= CURRENT CATALOG. { A = build_show(p, SHOW_CURRENT_CATALOG, NULL); }
show(A) ::= CURRENT DATABASE. { A = build_show(p, SHOW_CURRENT_DATABASE, NULL); }
show(A) ::= JOB string(S). {
    A = build_show(p, SHOW_JOB, NULL);
    A->job = S;
}
show(A) ::= PARTITIONS name(N). { A = build_show(p, SHOW_PARTITIONS, N); }
show(A) ::= PARTITIONS name(N) partition(P). {
    A = build_show(p, SHOW_PARTITIONS, N);
    A->partition = (AstPartition *)P;
}
show(A) ::= CREATE TABLE name(N). { A = build_show(p, SHOW_CREATE_TABLE, N); }
show(A) ::= CREATE VIEW name(N). { A = build_show(p, SHOW_CREATE_VIEW, N); }
show(A) ::= CREATE CATALOG name(N). { A = build_show(p, SHOW_CREATE_CATALOG, N); }
show(A) ::= CREATE DATABASE name(N). { A = build_show(p, SHOW_CREATE_DATABASE, N); }
show(A) ::= CREATE MODEL name(N). { A = build_show(p, SHOW_CREATE_MODEL, N); }
show(A) ::= CREATE FUNCTION name(N). { A = build_show(p, SHOW_CREATE_FUNCTION, N); }
show(A) ::= CREATE MATERIALIZED TABLE name(N). {
    A = build_show(p, SHOW_CREATE_MATERIALIZED_TABLE, N);
}
show(A) ::= CREATE MATERIALIZED VIEW name(N). { A = build_show(p, SHOW_CREATE_VIEW, N); }
%type show_list {int}
show_list(A) ::= CATALOGS. { A = SHOW_CATALOGS; }
show_list(A) ::= DATABASES. { A = SHOW_DATABASES; }
show_list(A) ::= TABLES. { A = SHOW_TABLES; }
show_list(A) ::= MATERIALIZED TABLES. { A = SHOW_MATERIALIZED_TABLES; }
show_list(A) ::= VIEWS. { A = SHOW_VIEWS; }
show_list(A) ::= MATERIALIZED VIEWS. { A = SHOW_MATERIALIZED_VIEWS; }
show_list(A) ::= COLUMNS. { A = SHOW_COLUMNS; }
show_list(A) ::= FUNCTIONS. { A = SHOW_FUNCTIONS; }
show_list(A) ::= USER FUNCTIONS. { A = SHOW_USER_FUNCTIONS; }
show_list(A) ::= PROCEDURES. { A = SHOW_PROCEDURES; }
show_list(A) ::= MODULES. { A = SHOW_MODULES; }
show_list(A) ::= FULL MODULES. { A = SHOW_FULL_MODULES; }
show_list(A) ::= MODELS. { A = SHOW_MODELS; }
show_list(A) ::= JARS. { A = SHOW_JARS; }
show_list(A) ::= JOBS. { A = SHOW_JOBS; }
%type show_from {AstShow *}
show_from(A) ::= . { A = build_show(p, SHOW_TABLES, NULL); }
show_from(A) ::= FROM name(N). { A = build_show(p, SHOW_TABLES, N); }
show_from(A) ::= IN name(N). {
    A = build_show(p, SHOW_TABLES, N);
    A->is_in = true;
}

statement(A) ::= describe_word(T) extended(X) name(N). {
    A = build_describe(p, T, DESCRIBE_TABLE, X, N, NULL);
}
statement(A) ::= describe_word(T) CATALOG extended(X) name(N). {
    A = build_describe(p, T, DESCRIBE_CATALOG, X, N, NULL);
}
statement(A) ::= describe_word(T) DATABASE extended(X) name(N). {
    A = build_describe(p, T, DESCRIBE_DATABASE, X, N, NULL);
}
statement(A) ::= describe_word(T) FUNCTION extended(X) name(N). {
    A = build_describe(p, T, DESCRIBE_FUNCTION, X, N, NULL);
}
statement(A) ::= describe_word(T) MODEL extended(X) name(N). {
    A = build_describe(p, T, DESCRIBE_MODEL, X, N, NULL);
}
statement(A) ::= describe_word(T) JOB string(S). {
    A = build_describe(p, T, DESCRIBE_JOB, false, NULL, S);
}
%type describe_word {Tok}
describe_word(A) ::= DESCRIBE(T). { A = T; }
describe_word(A) ::= DESC(T). { A = T; }
%type extended {int}
extended(A) ::= . { A = 0; }
extended(A) ::= EXTENDED. { A = 1; }

statement(A) ::= USE(T) name(N). { A = build_use(p, T, USE_DATABASE, N, NULL); }
statement(A) ::= USE(T) CATALOG name(N). { A = build_use(p, T, USE_CATALOG, N, NULL); }
statement(A) ::= USE(T) MODULES ids(L). { A = build_use(p, T, USE_MODULES, NULL, L); }
statement(A) ::= LOAD(T) MODULE id(N) options_opt(L). {
    AstModule *module = NEW(AstModule, AST_MODULE, T->pos);
    module->name = ident_of(N);
    module->options = vec_list(L);
    A = DONE(module);
}
statement(A) ::= UNLOAD(T) MODULE id(N). {
    AstModule *module = NEW(AstModule, AST_MODULE, T->pos);
    module->is_unload = true;
    module->name = ident_of(N);
    A = DONE(module);
}

/* -- settings, jobs, jars, procedures -- */
statement(A) ::= SET(T). { A = build_set(p, T, false, NULL, NULL); }
statement(A) ::= SET(T) STRING(K) EQ STRING(V). { A = build_set(p, T, false, K, V); }
statement(A) ::= RESET(T). { A = build_set(p, T, true, NULL, NULL); }
statement(A) ::= RESET(T) STRING(K). { A = build_set(p, T, true, K, NULL); }

statement(A) ::= ANALYZE(T) TABLE name(N) analyze_partition(P) COMPUTE STATISTICS
                 analyze_columns(C). {
    AstAnalyze *analyze = C;
    analyze->ast.pos = T->pos;
    analyze->table = N;
    analyze->partition = (AstPartition *)P;
    A = DONE(analyze);
}
%type analyze_partition {Ast *}
analyze_partition(A) ::= . { A = NULL; }
analyze_partition(A) ::= partition(P). { A = P; }
%type analyze_columns {AstAnalyze *}
analyze_columns(A) ::= . { A = NEW(AstAnalyze, AST_ANALYZE, 0); }
analyze_columns(A) ::= FOR ALL COLUMNS. {
    A = NEW(AstAnalyze, AST_ANALYZE, 0);
    A->mode = ANALYZE_ALL_COLUMNS;
}
analyze_columns(A) ::= FOR COLUMNS ids(L). {
    A = NEW(AstAnalyze, AST_ANALYZE, 0);
    A->mode = ANALYZE_COLUMNS;
    A->columns = idents_list(L);
}

statement(A) ::= STOP(T) JOB string(S) with_savepoint(X) with_drain(Y). {
    AstJob *job = NEW(AstJob, AST_JOB, T->pos);
    job->job = S;
    job->with_savepoint = X;
    job->with_drain = Y;
    A = DONE(job);
}
%type with_savepoint {int}
with_savepoint(A) ::= . { A = 0; }
with_savepoint(A) ::= WITH SAVEPOINT. { A = 1; }
%type with_drain {int}
with_drain(A) ::= . { A = 0; }
with_drain(A) ::= WITH_DRAIN DRAIN. { A = 1; }

statement(A) ::= ADD(T) JAR string(S). {
    AstJar *jar = NEW(AstJar, AST_JAR, T->pos);
    jar->path = S;
    A = DONE(jar);
}
statement(A) ::= REMOVE(T) JAR string(S). {
    AstJar *jar = NEW(AstJar, AST_JAR, T->pos);
    jar->is_remove = true;
    jar->path = S;
    A = DONE(jar);
}
statement(A) ::= CALL(T) plain_call(C). {
    AstCallStmt *call = NEW(AstCallStmt, AST_CALL_STMT, T->pos);
    build_call_done(p, C);
    call->call = C;
    A = DONE(call);
}

statement(A) ::= SUBSCRIBE(T) to_opt name(N) options_opt(L). {
    AstSubscribe *subscribe = NEW(AstSubscribe, AST_SUBSCRIBE, T->pos);
    subscribe->name = N;
    subscribe->options = vec_list(L);
    A = DONE(subscribe);
}
statement(A) ::= SUBSCRIBE(T) to_opt any_query(Q) options_opt(L). {
    AstSubscribe *subscribe = NEW(AstSubscribe, AST_SUBSCRIBE, T->pos);
    subscribe->query = Q;
    subscribe->options = vec_list(L);
    A = DONE(subscribe);
}
to_opt ::= .
to_opt ::= TO.
