/* grammar_5_ddl.y -- the SQL grammar, part 5: CREATE, ALTER, DROP.
 * SPDX-License-Identifier: Apache-2.0
 */

%type create {struct CreateHead}
%include {
struct CreateHead { Tok at; int replace; int temporary; }; /* 1 TEMPORARY, 2 TEMPORARY SYSTEM */
}
create(A) ::= CREATE(T) or_replace(R) temporary(Y). { A = (struct CreateHead){T, R, Y}; }
%type or_replace {int}
or_replace(A) ::= . { A = REPLACE_NONE; }
or_replace(A) ::= OR REPLACE. { A = CREATE_OR_REPLACE; }
or_replace(A) ::= OR ALTER. { A = CREATE_OR_ALTER; }
%type temporary {int}
temporary(A) ::= . { A = 0; }
temporary(A) ::= TEMPORARY. { A = 1; }
temporary(A) ::= TEMPORARY SYSTEM. { A = 2; }
%type if_not_exists {int}
if_not_exists(A) ::= . { A = 0; }
if_not_exists(A) ::= IF NOT EXISTS. { A = 1; }
%type if_exists {int}
if_exists(A) ::= . { A = 0; }
if_exists(A) ::= IF EXISTS. { A = 1; }

%type statement {Ast *}
%type definition {Ast *}
statement(A) ::= definition(S). { A = S; }

/* -- CREATE TABLE -- */
definition(A) ::= create(C) TABLE if_not_exists(I) name(N) columns_opt(L) table_parts(P)
                  like_or_as(X). {
    A = build_create_table(p, C.at, C.replace, C.temporary, false, I, N, L, P, X);
}
definition(A) ::= REPLACE(T) TABLE name(N) columns_opt(L) table_parts(P) like_or_as(X). {
    A = build_create_table(p, T, REPLACE_TABLE, 0, false, 0, N, L, P, X);
}
definition(A) ::= create(C) MATERIALIZED TABLE if_not_exists(I) name(N) columns_opt(L)
                  table_parts(P) AS any_query(Q). {
    A = build_create_table(p, C.at, C.replace, C.temporary, true, I, N, L, P, Q);
}
%type columns_opt {AstVec *}
columns_opt(A) ::= . { A = NULL; }
columns_opt(A) ::= LP RP. { A = vec_add(p, NULL, NULL); }
columns_opt(A) ::= LP table_elements(L) RP. { A = L; }
%type table_elements {AstVec *}
table_elements(A) ::= table_element(E). { A = vec_add(p, NULL, E); }
table_elements(A) ::= table_elements(L) COMMA table_element(E). { A = vec_add(p, L, E); }
%type table_element {Ast *}
table_element(A) ::= column_def(D). { A = &D->ast; }
table_element(A) ::= table_constraint(C). { A = C; }
table_element(A) ::= WATERMARK(T) FOR name(N) AS expr(E). {
    AstWatermark *watermark = NEW(AstWatermark, AST_WATERMARK, T->pos);
    watermark->column = N;
    watermark->expr = E;
    A = DONE(watermark);
}
%type column_def {AstColumnDef *}
column_def(A) ::= name(N) comment_opt(C). {
    A = NEW(AstColumnDef, AST_COLUMN_DEF, N->ast.pos);
    A->name = N;
    A->column = COLUMN_BARE;
    A->comment = C;
    DONE(A);
}
column_def(A) ::= name(N) type(Y) column_constraint(K) comment_opt(C). {
    A = NEW(AstColumnDef, AST_COLUMN_DEF, N->ast.pos);
    A->name = N;
    A->type = (AstType *)Y;
    A->constraint = (AstConstraint *)K;
    A->comment = C;
    DONE(A);
}
column_def(A) ::= name(N) type(Y) METADATA metadata_key(K) virtual_opt(V) comment_opt(C). {
    A = NEW(AstColumnDef, AST_COLUMN_DEF, N->ast.pos);
    A->name = N;
    A->column = COLUMN_METADATA;
    A->type = (AstType *)Y;
    A->metadata_key = K;
    A->is_virtual = V;
    A->comment = C;
    DONE(A);
}
column_def(A) ::= name(N) AS expr(E) comment_opt(C). {
    A = NEW(AstColumnDef, AST_COLUMN_DEF, N->ast.pos);
    A->name = N;
    A->column = COLUMN_COMPUTED;
    A->expr = E;
    A->comment = C;
    DONE(A);
}
%type comment_opt {Ast *}
comment_opt(A) ::= . { A = NULL; }
comment_opt(A) ::= COMMENT string(S). { A = S; }
%type metadata_key {Ast *}
metadata_key(A) ::= . { A = NULL; }
metadata_key(A) ::= FROM string(S). { A = S; }
%type virtual_opt {int}
virtual_opt(A) ::= . { A = 0; }
virtual_opt(A) ::= VIRTUAL. { A = 1; }
%type column_constraint {Ast *}
column_constraint(A) ::= . { A = NULL; }
column_constraint(A) ::= constraint_name(N) key_word(K) enforced(E). {
    A = build_constraint(p, N, K.at, K.kind, NULL, E);
}
%type table_constraint {Ast *}
table_constraint(A) ::= constraint_name(N) key_word(K) LP ids(L) RP enforced(E). {
    A = build_constraint(p, N, K.at, K.kind, L, E);
}
%type constraint_name {Tok}
constraint_name(A) ::= . { A = NULL; }
constraint_name(A) ::= CONSTRAINT id(N). { A = N; }
%type key_word {struct CollectionWord}
key_word(A) ::= PRIMARY(T) KEY. { A = (struct CollectionWord){0, T}; }
key_word(A) ::= UNIQUE(T). { A = (struct CollectionWord){1, T}; }
%type enforced {int}
enforced(A) ::= . { A = ENFORCED_DEFAULT; }
enforced(A) ::= ENFORCED. { A = ENFORCED_YES; }
enforced(A) ::= NOT ENFORCED. { A = ENFORCED_NO; }

/* Flink fixes the order COMMENT, DISTRIBUTED, PARTITIONED, WITH; any order is accepted. */
%type table_parts {TableParts *}
table_parts(A) ::= . { A = NULL; }
table_parts(A) ::= table_parts(P) COMMENT(T) string(S). {
    A = build_part(p, P, PART_COMMENT, T, S);
}
table_parts(A) ::= table_parts(P) DISTRIBUTED(T) distribution(D). {
    A = build_part(p, P, PART_DISTRIBUTION, T, D);
}
table_parts(A) ::= table_parts(P) PARTITIONED(T) BY LP ids(L) RP. {
    A = build_part(p, P, PART_PARTITIONED, T, L);
}
table_parts(A) ::= table_parts(P) WITH(T) options(L). {
    A = build_part(p, P, PART_WITH, T, L);
}
table_parts(A) ::= table_parts(P) FRESHNESS(T) EQ expr(E). {
    A = build_part(p, P, PART_FRESHNESS, T, E);
}
table_parts(A) ::= table_parts(P) REFRESH_MODE(T) EQ refresh_mode(M). {
    A = build_part(p, P, PART_REFRESH, T, &M);
}
%type refresh_mode {AstRefreshMode}
refresh_mode(A) ::= CONTINUOUS. { A = REFRESH_CONTINUOUS; }
refresh_mode(A) ::= FULL. { A = REFRESH_FULL; }
%type distribution {Ast *}
distribution(A) ::= BY distribution_kind(K) LP(T) ids(L) RP buckets_opt(B). {
    A = build_distribution(p, T->pos, K, L, B);
}
distribution(A) ::= INTO(T) INTEGER(N) BUCKETS. {
    A = build_distribution(p, T->pos, DISTRIBUTION_UNKNOWN, NULL, build_int(p, N));
}
%type distribution_kind {int}
distribution_kind(A) ::= . { A = DISTRIBUTION_UNKNOWN; }
distribution_kind(A) ::= HASH. { A = DISTRIBUTION_HASH; }
distribution_kind(A) ::= RANGE. { A = DISTRIBUTION_RANGE; }
%type buckets_opt {int}
buckets_opt(A) ::= . { A = -1; }
buckets_opt(A) ::= INTO INTEGER(N) BUCKETS. { A = build_int(p, N); }

%type like_or_as {Ast *}
like_or_as(A) ::= . { A = NULL; }
like_or_as(A) ::= AS any_query(Q). { A = Q; }
like_or_as(A) ::= LIKE(T) name(N). {
    AstTableLike *like = NEW(AstTableLike, AST_TABLE_LIKE, T->pos);
    like->table = N;
    A = DONE(like);
}
like_or_as(A) ::= LIKE(T) name(N) LP like_options(L) RP. {
    AstTableLike *like = NEW(AstTableLike, AST_TABLE_LIKE, T->pos);
    like->table = N;
    like->options = vec_list(L);
    A = DONE(like);
}
%type like_options {AstVec *}
like_options(A) ::= like_option(O). { A = vec_add(p, NULL, O); }
like_options(A) ::= like_options(L) like_option(O). { A = vec_add(p, L, O); }
%type like_option {Ast *}
like_option(A) ::= like_mode(M) like_feature(F). {
    AstLikeOption *option = NEW(AstLikeOption, AST_LIKE_OPTION, M.at->pos);
    option->mode = (AstLikeMode)M.kind;
    option->feature = (AstLikeFeature)F;
    A = DONE(option);
}
%type like_mode {struct CollectionWord}
like_mode(A) ::= INCLUDING(T). { A = (struct CollectionWord){LIKE_INCLUDING, T}; }
like_mode(A) ::= EXCLUDING(T). { A = (struct CollectionWord){LIKE_EXCLUDING, T}; }
like_mode(A) ::= OVERWRITING(T). { A = (struct CollectionWord){LIKE_OVERWRITING, T}; }
%type like_feature {int}
like_feature(A) ::= ALL. { A = FEATURE_ALL; }
like_feature(A) ::= CONSTRAINTS. { A = FEATURE_CONSTRAINTS; }
like_feature(A) ::= DISTRIBUTION. { A = FEATURE_DISTRIBUTION; }
like_feature(A) ::= GENERATED. { A = FEATURE_GENERATED; }
like_feature(A) ::= METADATA. { A = FEATURE_METADATA; }
like_feature(A) ::= OPTIONS. { A = FEATURE_OPTIONS; }
like_feature(A) ::= PARTITIONS. { A = FEATURE_PARTITIONS; }
like_feature(A) ::= WATERMARKS. { A = FEATURE_WATERMARKS; }

%type options {AstVec *}
options(A) ::= LP RP. { A = vec_add(p, NULL, NULL); }
options(A) ::= LP option_list(L) RP. { A = L; }
%type option_list {AstVec *}
option_list(A) ::= option(O). { A = vec_add(p, NULL, O); }
option_list(A) ::= option_list(L) COMMA option(O). { A = vec_add(p, L, O); }
%type option {Ast *}
option(A) ::= STRING(K) EQ STRING(V). { A = build_option(p, K, V); }
%type options_opt {AstVec *}
options_opt(A) ::= . { A = NULL; }
options_opt(A) ::= WITH options(L). { A = L; }
%type keys {AstVec *}
keys(A) ::= STRING(K). { A = vec_add(p, NULL, build_option(p, K, NULL)); }
keys(A) ::= keys(L) COMMA STRING(K). { A = vec_add(p, L, build_option(p, K, NULL)); }

/* -- the other CREATEs -- */
definition(A) ::= create(C) view_word(M) if_not_exists(I) name(N) columns_opt(L) table_parts(P)
                  AS any_query(Q). {
    A = build_create_view(p, C.at, C.replace, C.temporary, M, I, N, L, P, Q);
}
%type view_word {int}
view_word(A) ::= VIEW. { A = 0; }
view_word(A) ::= MATERIALIZED VIEW. { A = 1; }
definition(A) ::= create(C) FUNCTION if_not_exists(I) name(N) AS string(S) language(G)
                  using_opt(U) options_opt(O). {
    AstCreateFunction *create = NEW(AstCreateFunction, AST_CREATE_FUNCTION, C.at->pos);
    build_check_head(p, C.at, C.replace, C.temporary, CREATE_TEMPORARY | CREATE_SYSTEM);
    create->is_temporary = C.temporary != 0;
    create->is_system = C.temporary == 2;
    create->if_not_exists = I;
    create->name = N;
    create->class_name = S;
    create->language = ident_of(G);
    create->resources = vec_list(U);
    create->options = vec_list(O);
    A = DONE(create);
}
%type language {Tok}
language(A) ::= . { A = NULL; }
language(A) ::= LANGUAGE id(N). {
    if (N->is_quoted) build_fail(p, N->pos, "the language is a plain word");
    A = N;
}
%type using_opt {AstVec *}
using_opt(A) ::= . { A = NULL; }
using_opt(A) ::= USING resources(L). { A = L; }
%type resources {AstVec *}
resources(A) ::= resource(R). { A = vec_add(p, NULL, R); }
resources(A) ::= resources(L) COMMA resource(R). { A = vec_add(p, L, R); }
%type resource {Ast *}
resource(A) ::= resource_kind(K) STRING(S). {
    A = build_option(p, K, S);
    ((AstOption *)A)->key = span_of(sql_token_word(K->kind));
}
%type resource_kind {Tok}
resource_kind(A) ::= JAR(T). { A = T; }
resource_kind(A) ::= FILE(T). { A = T; }
resource_kind(A) ::= ARCHIVE(T). { A = T; }
definition(A) ::= create(C) CATALOG if_not_exists(I) name(N) comment_opt(S) options_opt(O). {
    AstCreateCatalog *create = NEW(AstCreateCatalog, AST_CREATE_CATALOG, C.at->pos);
    build_check_head(p, C.at, C.replace, C.temporary, 0);
    create->if_not_exists = I;
    create->name = N;
    create->comment = S;
    create->options = vec_list(O);
    A = DONE(create);
}
definition(A) ::= create(C) DATABASE if_not_exists(I) name(N) comment_opt(S) options_opt(O). {
    AstCreateDatabase *create = NEW(AstCreateDatabase, AST_CREATE_DATABASE, C.at->pos);
    build_check_head(p, C.at, C.replace, C.temporary, 0);
    create->if_not_exists = I;
    create->name = N;
    create->comment = S;
    create->options = vec_list(O);
    A = DONE(create);
}
definition(A) ::= create(C) MODEL if_not_exists(I) name(N) model_columns(X) model_output(Y)
                  comment_opt(S) options_opt(O) like_or_as(Q). {
    AstCreateModel *create = NEW(AstCreateModel, AST_CREATE_MODEL, C.at->pos);
    build_check_head(p, C.at, C.replace, C.temporary, CREATE_TEMPORARY);
    if (Q && Q->kind != AST_QUERY) build_fail(p, Q->pos, "a model has no LIKE");
    create->is_temporary = C.temporary != 0;
    create->if_not_exists = I;
    create->name = N;
    create->input = vec_list(X);
    create->output = vec_list(Y);
    create->comment = S;
    create->options = vec_list(O);
    create->query = Q;
    A = DONE(create);
}
%type model_columns {AstVec *}
model_columns(A) ::= . { A = NULL; }
model_columns(A) ::= INPUT LP table_elements(L) RP. { A = L; }
%type model_output {AstVec *}
model_output(A) ::= . { A = NULL; }
model_output(A) ::= OUTPUT LP table_elements(L) RP. { A = L; }

/* -- DROP -- */
definition(A) ::= DROP(T) temporary(Y) object(O) if_exists(I) name(N) drop_behavior(B). {
    A = build_drop(p, T, Y, (AstObject)O, I, N, (AstDropBehavior)B);
}
%type object {int}
object(A) ::= TABLE. { A = OBJECT_TABLE; }
object(A) ::= VIEW. { A = OBJECT_VIEW; }
object(A) ::= MATERIALIZED TABLE. { A = OBJECT_MATERIALIZED_TABLE; }
object(A) ::= MATERIALIZED VIEW. { A = OBJECT_MATERIALIZED_VIEW; }
object(A) ::= FUNCTION. { A = OBJECT_FUNCTION; }
object(A) ::= CATALOG. { A = OBJECT_CATALOG; }
object(A) ::= DATABASE. { A = OBJECT_DATABASE; }
object(A) ::= MODEL. { A = OBJECT_MODEL; }
%type drop_behavior {int}
drop_behavior(A) ::= . { A = DROP_DEFAULT; }
drop_behavior(A) ::= RESTRICT. { A = DROP_RESTRICT; }
drop_behavior(A) ::= CASCADE. { A = DROP_CASCADE; }

/* -- ALTER -- */
definition(A) ::= ALTER(T) temporary(Y) object(O) if_exists(I) name(N) alter_action(X). {
    A = build_alter(p, T, (AstObject)O, I, N, X);
    ((AstAlter *)A)->is_temporary = Y != 0;
    ((AstAlter *)A)->is_system = Y == 2;
}
%type alter_action {AstAlterAction *}
alter_action(A) ::= RENAME(T) TO name(N). {
    A = build_action(p, T, ALTER_RENAME);
    A->names = vec_list(vec_add(p, NULL, N));
}
alter_action(A) ::= RENAME(T) name(N) TO name(M). {
    A = build_action(p, T, ALTER_RENAME_COLUMN);
    A->names = vec_list(vec_add(p, vec_add(p, NULL, N), M));
}
alter_action(A) ::= SET(T) options(L). {
    A = build_action(p, T, ALTER_SET);
    A->options = vec_list(L);
}
alter_action(A) ::= RESET(T) LP keys(L) RP. {
    A = build_action(p, T, ALTER_RESET);
    A->options = vec_list(L);
}
alter_action(A) ::= COMMENT(T) string(S). {
    A = build_action(p, T, ALTER_COMMENT);
    A->text = S;
}
alter_action(A) ::= AS(T) any_query(Q). {
    A = build_action(p, T, ALTER_AS);
    A->query = Q;
}
alter_action(A) ::= AS(T) string(S) language(G). {
    A = build_action(p, T, ALTER_FUNCTION);
    A->text = S;
    A->language = ident_of(G);
}
alter_action(A) ::= ADD(T) alter_element(E). {
    A = build_action(p, T, ALTER_ADD);
    A->items = vec_list(vec_add(p, NULL, E));
}
alter_action(A) ::= ADD(T) LP alter_elements(L) RP. {
    A = build_action(p, T, ALTER_ADD);
    A->items = vec_list(L);
}
alter_action(A) ::= MODIFY(T) alter_element(E). {
    A = build_action(p, T, ALTER_MODIFY);
    A->items = vec_list(vec_add(p, NULL, E));
}
alter_action(A) ::= MODIFY(T) LP alter_elements(L) RP. {
    A = build_action(p, T, ALTER_MODIFY);
    A->items = vec_list(L);
}
%type alter_elements {AstVec *}
alter_elements(A) ::= alter_element(E). { A = vec_add(p, NULL, E); }
alter_elements(A) ::= alter_elements(L) COMMA alter_element(E). { A = vec_add(p, L, E); }
%type alter_element {Ast *}
alter_element(A) ::= table_element(E). { A = E; }
alter_element(A) ::= column_def(D) FIRST. {
    D->place = PLACE_FIRST;
    A = DONE(D);
}
alter_element(A) ::= column_def(D) AFTER name(N). {
    D->place = PLACE_AFTER;
    D->after = N;
    A = DONE(D);
}
alter_action(A) ::= ADD(T) distribution_word distribution(D). {
    A = build_action(p, T, ALTER_ADD_DISTRIBUTION);
    A->distribution = (AstDistribution *)D;
}
alter_action(A) ::= MODIFY(T) distribution_word distribution(D). {
    A = build_action(p, T, ALTER_MODIFY_DISTRIBUTION);
    A->distribution = (AstDistribution *)D;
}
alter_action(A) ::= DROP(T) distribution_word. {
    A = build_action(p, T, ALTER_DROP_DISTRIBUTION);
}
distribution_word ::= DISTRIBUTION.
distribution_word ::= DISTRIBUTED.
alter_action(A) ::= ADD(T) if_not_exists(I) partitions(L). {
    A = build_action(p, T, ALTER_ADD_PARTITIONS);
    A->if_exists = I;
    A->items = vec_list(L);
}
alter_action(A) ::= DROP(T) if_exists(I) partition_list(L). {
    A = build_action(p, T, ALTER_DROP_PARTITIONS);
    A->if_exists = I;
    A->items = vec_list(L);
}
alter_action(A) ::= DROP(T) name(N). {
    A = build_action(p, T, ALTER_DROP_COLUMNS);
    A->names = vec_list(vec_add(p, NULL, N));
}
alter_action(A) ::= DROP(T) LP names(L) RP. {
    A = build_action(p, T, ALTER_DROP_COLUMNS);
    A->names = vec_list(L);
}
alter_action(A) ::= DROP(T) PRIMARY KEY. { A = build_action(p, T, ALTER_DROP_PRIMARY_KEY); }
alter_action(A) ::= DROP(T) CONSTRAINT name(N). {
    A = build_action(p, T, ALTER_DROP_CONSTRAINT);
    A->names = vec_list(vec_add(p, NULL, N));
}
alter_action(A) ::= DROP(T) WATERMARK. { A = build_action(p, T, ALTER_DROP_WATERMARK); }
alter_action(A) ::= COMPACT(T). { A = build_action(p, T, ALTER_COMPACT); }
alter_action(A) ::= partition(P) COMPACT(T). {
    A = build_action(p, T, ALTER_COMPACT);
    A->items = vec_list(vec_add(p, NULL, P));
}
alter_action(A) ::= SUSPEND(T). { A = build_action(p, T, ALTER_SUSPEND); }
alter_action(A) ::= RESUME(T) options_opt(L). {
    A = build_action(p, T, ALTER_RESUME);
    A->options = vec_list(L);
}
alter_action(A) ::= REFRESH(T). { A = build_action(p, T, ALTER_REFRESH); }
alter_action(A) ::= REFRESH(T) partition(P). {
    A = build_action(p, T, ALTER_REFRESH);
    A->items = vec_list(vec_add(p, NULL, P));
}
alter_action(A) ::= SET(T) FRESHNESS EQ expr(E). {
    A = build_action(p, T, ALTER_SET_FRESHNESS);
    A->value = E;
}
alter_action(A) ::= SET(T) REFRESH_MODE EQ refresh_mode(M). {
    A = build_action(p, T, ALTER_SET_REFRESH_MODE);
    A->refresh_mode = M;
}

%type partitions {AstVec *}
partitions(A) ::= partition_with(P). { A = vec_add(p, NULL, P); }
partitions(A) ::= partitions(L) partition_with(P). { A = vec_add(p, L, P); }
%type partition_with {Ast *}
partition_with(A) ::= partition(P). { A = P; }
partition_with(A) ::= partition(P) WITH options(L). {
    ((AstPartition *)P)->options = vec_list(L);
    A = build_done(p, P);
}
%type partition_list {AstVec *}
partition_list(A) ::= partition(P). { A = vec_add(p, NULL, P); }
partition_list(A) ::= partition_list(L) COMMA partition(P). { A = vec_add(p, L, P); }
%type partition {Ast *}
partition(A) ::= PARTITION(T) LP partition_items(L) RP. {
    AstPartition *partition = NEW(AstPartition, AST_PARTITION, T->pos);
    partition->items = vec_list(L);
    A = DONE(partition);
}
%type partition_items {AstVec *}
partition_items(A) ::= partition_item(I). { A = vec_add(p, NULL, I); }
partition_items(A) ::= partition_items(L) COMMA partition_item(I). { A = vec_add(p, L, I); }
%type partition_item {Ast *}
partition_item(A) ::= id(N). {
    AstPartitionItem *item = NEW(AstPartitionItem, AST_PARTITION_ITEM, N->pos);
    item->column = ident_of(N);
    A = DONE(item);
}
partition_item(A) ::= id(N) EQ expr(E). {
    AstPartitionItem *item = NEW(AstPartitionItem, AST_PARTITION_ITEM, N->pos);
    item->column = ident_of(N);
    item->value = E;
    A = DONE(item);
}
