/* ast_stmt.h -- nodes of statements.
 *
 * A statement that is just a query is an AST_QUERY. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_AST_STMT_H
#define WEIR_AST_STMT_H

#include "sql/ast_query.h"

/* 'key' = 'value' in WITH (..), SET (..), hints. */
typedef struct AstOption {
    Ast ast;
    Span key;
    Span value;
    bool has_value; /* false in RESET ('key') */
    int32_t value_pos;
} AstOption;

typedef enum AstColumnKind {
    COLUMN_PHYSICAL,
    COLUMN_COMPUTED,
    COLUMN_METADATA,
    COLUMN_BARE
} AstColumnKind;
typedef enum AstEnforced { ENFORCED_DEFAULT, ENFORCED_YES, ENFORCED_NO } AstEnforced;
typedef enum AstColumnPlace { PLACE_NONE, PLACE_FIRST, PLACE_AFTER } AstColumnPlace;

typedef struct AstConstraint AstConstraint;

/* name type [constraint] [COMMENT 'c'] | name AS expr [COMMENT] | name type METADATA [FROM 'k']
 * [VIRTUAL] [COMMENT] | name alone in CREATE TABLE t (a, b) AS SELECT (COLUMN_BARE). */
typedef struct AstColumnDef {
    Ast ast;
    AstName *name; /* one part, several only in ALTER TABLE .. MODIFY a.b */
    AstColumnKind column;
    AstType *type;             /* NULL for a computed column */
    AstConstraint *constraint; /* PRIMARY KEY on the column; its columns list is empty */
    Ast *expr;                 /* computed */
    Ast *metadata_key;         /* AST_LITERAL of METADATA FROM 'k' */
    bool is_virtual;
    Ast *comment;         /* AST_LITERAL */
    AstColumnPlace place; /* ALTER TABLE .. ADD c INT FIRST | AFTER d */
    AstName *after;
} AstColumnDef;

/* [CONSTRAINT name] PRIMARY KEY|UNIQUE [(columns)] [[NOT] ENFORCED] */
struct AstConstraint {
    Ast ast;
    AstIdent name;
    bool is_unique; /* UNIQUE; else PRIMARY KEY */
    AstIdents columns;
    AstEnforced enforced;
};

/* WATERMARK FOR column AS expr */
typedef struct AstWatermark {
    Ast ast;
    AstName *column;
    Ast *expr;
} AstWatermark;

typedef enum AstDistributionKind {
    DISTRIBUTION_UNKNOWN,
    DISTRIBUTION_HASH,
    DISTRIBUTION_RANGE
} AstDistributionKind;

/* DISTRIBUTED BY [HASH|RANGE] (columns) [INTO n BUCKETS] | DISTRIBUTED INTO n BUCKETS */
typedef struct AstDistribution {
    Ast ast;
    AstDistributionKind distribution;
    AstIdents columns;
    int32_t n_buckets; /* -1 when not written */
} AstDistribution;

typedef enum AstLikeMode { LIKE_INCLUDING, LIKE_EXCLUDING, LIKE_OVERWRITING } AstLikeMode;
typedef enum AstLikeFeature {
    FEATURE_ALL,
    FEATURE_CONSTRAINTS,
    FEATURE_DISTRIBUTION,
    FEATURE_GENERATED,
    FEATURE_METADATA,
    FEATURE_OPTIONS,
    FEATURE_PARTITIONS,
    FEATURE_WATERMARKS,
} AstLikeFeature;

/* LIKE table [(options)] */
typedef struct AstTableLike {
    Ast ast;
    AstName *table;
    AstList options; /* AST_LIKE_OPTION */
} AstTableLike;

typedef struct AstLikeOption {
    Ast ast;
    AstLikeMode mode;
    AstLikeFeature feature;
} AstLikeOption;

/* b = 2, or b alone in ANALYZE TABLE .. PARTITION (b). */
typedef struct AstPartitionItem {
    Ast ast;
    AstIdent column;
    Ast *value;
} AstPartitionItem;

/* PARTITION (a = 1, b = 'x') [WITH (..)] */
typedef struct AstPartition {
    Ast ast;
    AstList items;   /* AST_PARTITION_ITEM */
    AstList options; /* AST_OPTION, in ADD PARTITION */
} AstPartition;

typedef enum AstReplace {
    REPLACE_NONE,
    REPLACE_TABLE,
    CREATE_OR_REPLACE,
    CREATE_OR_ALTER
} AstReplace;
typedef enum AstRefreshMode { REFRESH_DEFAULT, REFRESH_CONTINUOUS, REFRESH_FULL } AstRefreshMode;

/* CREATE [OR REPLACE] [TEMPORARY] TABLE and CREATE [OR ALTER] MATERIALIZED TABLE. */
typedef struct AstCreateTable {
    Ast ast;
    AstReplace replace;
    bool is_temporary, is_materialized, if_not_exists;
    AstName *name;
    bool has_columns; /* () is allowed */
    AstList columns;  /* AST_COLUMN_DEF, AST_CONSTRAINT, AST_WATERMARK as written */
    Ast *comment;     /* AST_LITERAL */
    AstDistribution *distribution;
    AstIdents partitioned_by;
    AstList options; /* AST_OPTION */
    AstTableLike *like;
    Ast *freshness; /* FRESHNESS = INTERVAL ..: materialized tables */
    AstRefreshMode refresh_mode;
    Ast *query; /* AS query */
} AstCreateTable;

/* CREATE [OR REPLACE] [TEMPORARY|MATERIALIZED] VIEW [IF NOT EXISTS] name [(columns)] [COMMENT]
 * [WITH (options)] AS query. OR REPLACE, MATERIALIZED and WITH are weir's. */
typedef struct AstCreateView {
    Ast ast;
    bool is_replace, is_temporary, is_materialized, if_not_exists;
    AstName *name;
    AstList columns; /* AST_COLUMN_DEF of COLUMN_BARE, with comments */
    Ast *comment;
    AstList options;
    Ast *query; /* AST_QUERY */
} AstCreateView;

/* CREATE [TEMPORARY [SYSTEM]] FUNCTION [IF NOT EXISTS] name AS 'class' [LANGUAGE l] [USING JAR 'p',
 * ..] [WITH (options)] */
typedef struct AstCreateFunction {
    Ast ast;
    bool is_temporary, is_system, if_not_exists;
    AstName *name;
    Ast *class_name;   /* AST_LITERAL */
    AstIdent language; /* JAVA, SCALA, PYTHON, ... */
    AstList resources; /* AST_OPTION: key is JAR, FILE or ARCHIVE, value the path */
    AstList options;
} AstCreateFunction;

typedef struct AstCreateCatalog {
    Ast ast;
    bool if_not_exists;
    AstName *name;
    Ast *comment;
    AstList options;
} AstCreateCatalog;

typedef struct AstCreateDatabase {
    Ast ast;
    bool if_not_exists;
    AstName *name;
    Ast *comment;
    AstList options;
} AstCreateDatabase;

typedef struct AstCreateModel {
    Ast ast;
    bool is_temporary, if_not_exists;
    AstName *name;
    AstList input, output; /* AST_COLUMN_DEF */
    Ast *comment;
    AstList options;
    Ast *query;
} AstCreateModel;

typedef enum AstObject {
    OBJECT_TABLE,
    OBJECT_VIEW,
    OBJECT_MATERIALIZED_TABLE,
    OBJECT_MATERIALIZED_VIEW,
    OBJECT_FUNCTION,
    OBJECT_CATALOG,
    OBJECT_DATABASE,
    OBJECT_MODEL,
} AstObject;

const char *ast_object_text(AstObject object); /* "MATERIALIZED VIEW" */

typedef enum AstAlterKind {
    ALTER_ADD,    /* items: AST_COLUMN_DEF, AST_CONSTRAINT, AST_WATERMARK */
    ALTER_MODIFY, /* the same */
    ALTER_ADD_DISTRIBUTION,
    ALTER_MODIFY_DISTRIBUTION,
    ALTER_DROP_DISTRIBUTION,
    ALTER_DROP_COLUMNS, /* names: AST_NAME */
    ALTER_DROP_PRIMARY_KEY,
    ALTER_DROP_CONSTRAINT, /* names[0] */
    ALTER_DROP_WATERMARK,
    ALTER_ADD_PARTITIONS,  /* items: AST_PARTITION; if_exists = IF NOT EXISTS */
    ALTER_DROP_PARTITIONS, /* items: AST_PARTITION; if_exists = IF EXISTS */
    ALTER_RENAME,          /* names[0] = the new name */
    ALTER_RENAME_COLUMN,   /* names[0] TO names[1] */
    ALTER_SET,             /* options */
    ALTER_RESET,           /* options without value */
    ALTER_COMMENT,         /* text: COMMENT 'c' of a catalog */
    ALTER_AS,              /* query: of a view or a materialized table */
    ALTER_FUNCTION,        /* text, language: AS 'class' LANGUAGE l */
    ALTER_COMPACT,         /* items: AST_PARTITION or none */
    ALTER_SUSPEND,
    ALTER_RESUME,        /* options */
    ALTER_REFRESH,       /* items: AST_PARTITION or none */
    ALTER_SET_FRESHNESS, /* text is NULL, value = interval */
    ALTER_SET_REFRESH_MODE,
} AstAlterKind;

/* ALTER object [IF EXISTS] name action. */
typedef struct AstAlter {
    Ast ast;
    AstObject object;
    bool is_temporary, is_system; /* of a function */
    bool if_exists;
    AstName *name;
    AstList actions; /* AST_ALTER_ACTION, one in Flink */
} AstAlter;

typedef struct AstAlterAction {
    Ast ast;
    AstAlterKind action;
    bool if_exists;
    AstList items;
    AstList names; /* AST_NAME */
    AstList options;
    Ast *text;  /* AST_LITERAL */
    Ast *value; /* ALTER_SET_FRESHNESS */
    AstIdent language;
    AstRefreshMode refresh_mode;
    AstDistribution *distribution;
    Ast *query;
} AstAlterAction;

typedef enum AstDropBehavior { DROP_DEFAULT, DROP_RESTRICT, DROP_CASCADE } AstDropBehavior;

typedef struct AstDrop {
    Ast ast;
    AstObject object;
    bool is_temporary, is_system, if_exists;
    AstName *name;
    AstDropBehavior behavior;
} AstDrop;

typedef enum AstUseKind { USE_DATABASE, USE_CATALOG, USE_MODULES } AstUseKind;

typedef struct AstUse {
    Ast ast;
    AstUseKind use;
    AstName *name;     /* catalog or database */
    AstIdents modules; /* USE MODULES a, b */
} AstUse;

/* LOAD MODULE name [WITH (options)], UNLOAD MODULE name */
typedef struct AstModule {
    Ast ast;
    bool is_unload;
    AstIdent name;
    AstList options;
} AstModule;

typedef enum AstShowKind {
    SHOW_CATALOGS,
    SHOW_CURRENT_CATALOG,
    SHOW_DATABASES,
    SHOW_CURRENT_DATABASE,
    SHOW_TABLES,
    SHOW_MATERIALIZED_TABLES,
    SHOW_VIEWS,
    SHOW_MATERIALIZED_VIEWS,
    SHOW_COLUMNS,         /* FROM name */
    SHOW_CREATE_TABLE,    /* name */
    SHOW_CREATE_VIEW,     /* name */
    SHOW_CREATE_CATALOG,  /* name */
    SHOW_CREATE_DATABASE, /* name */
    SHOW_CREATE_MODEL,    /* name */
    SHOW_CREATE_MATERIALIZED_TABLE,
    SHOW_CREATE_FUNCTION,
    SHOW_FUNCTIONS,
    SHOW_USER_FUNCTIONS,
    SHOW_PROCEDURES,
    SHOW_MODULES,
    SHOW_FULL_MODULES,
    SHOW_PARTITIONS, /* name, partition */
    SHOW_MODELS,
    SHOW_JARS,
    SHOW_JOBS,
    SHOW_JOB, /* job: SHOW JOB 'id' */
} AstShowKind;

typedef struct AstShow {
    Ast ast;
    AstShowKind show;
    AstName *name; /* SHOW CREATE TABLE name, SHOW COLUMNS FROM name, SHOW TABLES FROM|IN name */
    bool is_in;    /* IN was written, not FROM */
    bool is_not, is_ilike;
    Ast *like; /* AST_LITERAL of [NOT] LIKE|ILIKE 'pattern' */
    AstPartition *partition;
    Ast *job; /* AST_LITERAL */
} AstShow;

typedef enum AstDescribeKind {
    DESCRIBE_TABLE,
    DESCRIBE_CATALOG,
    DESCRIBE_DATABASE,
    DESCRIBE_FUNCTION,
    DESCRIBE_MODEL,
    DESCRIBE_JOB,
} AstDescribeKind;

typedef struct AstDescribe {
    Ast ast;
    AstDescribeKind describe;
    bool is_extended;
    AstName *name;
    Ast *job; /* AST_LITERAL */
} AstDescribe;

/* SET, SET 'key' = 'value', RESET, RESET 'key'. Unquoted keys and values are accepted. */
typedef struct AstSet {
    Ast ast;
    bool is_reset;
    bool has_key, has_value;
    Span key, value;
    int32_t key_pos, value_pos;
} AstSet;

typedef enum AstOnConflict {
    CONFLICT_NONE,
    CONFLICT_NOTHING,
    CONFLICT_ERROR,
    CONFLICT_DEDUPLICATE
} AstOnConflict;

/* INSERT INTO|OVERWRITE name [hints] [PARTITION (..)] [(columns)] query [ON CONFLICT DO ..] */
typedef struct AstInsert {
    Ast ast;
    bool is_overwrite;
    bool is_upsert; /* UPSERT INTO */
    AstName *table;
    AstList hints;
    AstList partition; /* AST_PARTITION_ITEM */
    AstList columns;   /* AST_NAME */
    Ast *query;        /* AST_QUERY */
    AstOnConflict on_conflict;
} AstInsert;

typedef struct AstUpdate {
    Ast ast;
    AstName *table;
    AstIdent alias;
    AstList assigns; /* AST_ASSIGN */
    Ast *where;
} AstUpdate;

typedef struct AstAssign {
    Ast ast;
    AstName *column;
    Ast *value;
} AstAssign;

typedef struct AstDelete {
    Ast ast;
    AstName *table;
    AstIdent alias;
    Ast *where;
} AstDelete;

typedef struct AstTruncate {
    Ast ast;
    AstName *table;
} AstTruncate;

/* EXECUTE statement; the statement itself for EXECUTE STATEMENT SET is an AST_STATEMENT_SET. */
typedef struct AstExecute {
    Ast ast;
    Ast *statement; /* AST_INSERT, AST_QUERY or AST_STATEMENT_SET */
} AstExecute;

/* [EXECUTE] STATEMENT SET BEGIN .. END, BEGIN STATEMENT SET; .. END */
typedef struct AstStatementSet {
    Ast ast;
    AstList statements; /* AST_INSERT */
} AstStatementSet;

typedef enum AstPlanKind {
    PLAN_COMPILE,             /* COMPILE PLAN 'p' [IF NOT EXISTS] FOR statement */
    PLAN_EXECUTE,             /* EXECUTE PLAN 'p' */
    PLAN_COMPILE_AND_EXECUTE, /* COMPILE AND EXECUTE PLAN 'p' FOR statement */
} AstPlanKind;

typedef struct AstPlan {
    Ast ast;
    AstPlanKind plan;
    bool if_not_exists;
    Ast *path; /* AST_LITERAL */
    Ast *statement;
} AstPlan;

/* EXPLAIN [PLAN FOR | details | ANALYZE | UPGRADE] statement */
typedef struct AstExplain {
    Ast ast;
    bool is_analyze, is_upgrade;
    bool estimated_cost, changelog_mode, json_execution_plan, plan_advice;
    Ast *statement;
} AstExplain;

typedef enum AstAnalyzeColumns {
    ANALYZE_NO_COLUMNS,
    ANALYZE_ALL_COLUMNS,
    ANALYZE_COLUMNS
} AstAnalyzeColumns;

/* ANALYZE TABLE t [PARTITION (..)] COMPUTE STATISTICS [FOR COLUMNS a, b | FOR ALL COLUMNS] */
typedef struct AstAnalyze {
    Ast ast;
    AstName *table;
    AstPartition *partition;
    AstAnalyzeColumns mode;
    AstIdents columns;
} AstAnalyze;

/* STOP JOB 'id' [WITH SAVEPOINT] [WITH DRAIN] */
typedef struct AstJob {
    Ast ast;
    Ast *job; /* AST_LITERAL */
    bool with_savepoint, with_drain;
} AstJob;

/* ADD JAR 'path', REMOVE JAR 'path' */
typedef struct AstJar {
    Ast ast;
    bool is_remove;
    Ast *path; /* AST_LITERAL */
} AstJar;

/* CALL procedure(args) */
typedef struct AstCallStmt {
    Ast ast;
    AstCall *call;
} AstCallStmt;

/* SUBSCRIBE [TO] name | SUBSCRIBE [TO] query [WITH (options)]: a running feed of changes. */
typedef struct AstSubscribe {
    Ast ast;
    AstName *name; /* or NULL and then */
    Ast *query;    /* AST_QUERY */
    AstList options;
} AstSubscribe;

#endif
