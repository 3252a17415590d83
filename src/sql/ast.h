/* ast.h -- the syntax tree: what was written, nothing resolved.
 *
 * Every node begins with Ast. Its kind says which struct it is (the table below), so a node is used
 * as `const AstSelect *select = (const AstSelect *)node`. Nodes live in the arena given to the
 * parser and never change after parsing. The parser keeps its own copy of the text there, so spans
 * live as long as the arena. A child pointer is NULL when that part was not written; a list with
 * n == 0 likewise. The structs are in ast_expr.h, ast_query.h and ast_stmt.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_AST_H
#define WEIR_AST_H

#include "base/base.h"

/* X(kind, struct). */
#define AST_KINDS(X)                          \
    /* expressions: ast_expr.h */             \
    X(AST_LITERAL, AstLiteral)                \
    X(AST_INTERVAL, AstInterval)              \
    X(AST_NAME, AstName)                      \
    X(AST_STAR, AstStar)                      \
    X(AST_PARAM, AstParam)                    \
    X(AST_SYMBOL, AstSymbol)                  \
    X(AST_DEFAULT, AstDefault)                \
    X(AST_UNARY, AstUnary)                    \
    X(AST_BINARY, AstBinary)                  \
    X(AST_LOGIC, AstLogic)                    \
    X(AST_IS, AstIs)                          \
    X(AST_BETWEEN, AstBetween)                \
    X(AST_IN, AstIn)                          \
    X(AST_LIKE, AstLike)                      \
    X(AST_QUANTIFIED, AstQuantified)          \
    X(AST_EXISTS, AstExists)                  \
    X(AST_SUBQUERY, AstSubquery)              \
    X(AST_CASE, AstCase)                      \
    X(AST_WHEN, AstWhen)                      \
    X(AST_CAST, AstCast)                      \
    X(AST_CALL, AstCall)                      \
    X(AST_NAMED_ARG, AstNamedArg)             \
    X(AST_TABLE_ARG, AstTableArg)             \
    X(AST_MODEL_ARG, AstModelArg)             \
    X(AST_DESCRIPTOR, AstDescriptor)          \
    X(AST_JSON_PAIR, AstJsonPair)             \
    X(AST_JSON_CLAUSES, AstJsonClauses)       \
    X(AST_COLLECTION, AstCollection)          \
    X(AST_ROW, AstRow)                        \
    X(AST_INDEX, AstIndex)                    \
    X(AST_FIELD, AstField)                    \
    X(AST_WINDOW_SPEC, AstWindowSpec)         \
    X(AST_FRAME_BOUND, AstFrameBound)         \
    X(AST_ORDER_ITEM, AstOrderItem)           \
    X(AST_TYPE, AstType)                      \
    X(AST_TYPE_FIELD, AstTypeField)           \
    /* queries: ast_query.h */                \
    X(AST_QUERY, AstQuery)                    \
    X(AST_CTE, AstCte)                        \
    X(AST_SELECT, AstSelect)                  \
    X(AST_SELECT_ITEM, AstSelectItem)         \
    X(AST_SETOP, AstSetOp)                    \
    X(AST_VALUES, AstValues)                  \
    X(AST_TABLE_QUERY, AstTableQuery)         \
    X(AST_GROUPING, AstGrouping)              \
    X(AST_WINDOW_DEF, AstWindowDef)           \
    X(AST_EMIT, AstEmit)                      \
    X(AST_ON_LATE, AstOnLate)                 \
    X(AST_HINT, AstHint)                      \
    X(AST_ALIAS, AstAlias)                    \
    X(AST_TABLE_REF, AstTableRef)             \
    X(AST_TABLE_FN, AstTableFn)               \
    X(AST_DERIVED, AstDerived)                \
    X(AST_UNNEST, AstUnnest)                  \
    X(AST_JOIN, AstJoin)                      \
    X(AST_SAMPLE, AstSample)                  \
    X(AST_MATCH, AstMatch)                    \
    X(AST_MEASURE, AstMeasure)                \
    X(AST_PATTERN, AstPattern)                \
    X(AST_SUBSET, AstSubset)                  \
    X(AST_DEFINE, AstDefine)                  \
    /* statements: ast_stmt.h */              \
    X(AST_OPTION, AstOption)                  \
    X(AST_COLUMN_DEF, AstColumnDef)           \
    X(AST_CONSTRAINT, AstConstraint)          \
    X(AST_WATERMARK, AstWatermark)            \
    X(AST_DISTRIBUTION, AstDistribution)      \
    X(AST_TABLE_LIKE, AstTableLike)           \
    X(AST_LIKE_OPTION, AstLikeOption)         \
    X(AST_PARTITION_ITEM, AstPartitionItem)   \
    X(AST_PARTITION, AstPartition)            \
    X(AST_CREATE_TABLE, AstCreateTable)       \
    X(AST_CREATE_VIEW, AstCreateView)         \
    X(AST_CREATE_FUNCTION, AstCreateFunction) \
    X(AST_CREATE_CATALOG, AstCreateCatalog)   \
    X(AST_CREATE_DATABASE, AstCreateDatabase) \
    X(AST_CREATE_MODEL, AstCreateModel)       \
    X(AST_ALTER, AstAlter)                    \
    X(AST_ALTER_ACTION, AstAlterAction)       \
    X(AST_DROP, AstDrop)                      \
    X(AST_USE, AstUse)                        \
    X(AST_MODULE, AstModule)                  \
    X(AST_SHOW, AstShow)                      \
    X(AST_DESCRIBE, AstDescribe)              \
    X(AST_SET, AstSet)                        \
    X(AST_INSERT, AstInsert)                  \
    X(AST_UPDATE, AstUpdate)                  \
    X(AST_ASSIGN, AstAssign)                  \
    X(AST_DELETE, AstDelete)                  \
    X(AST_TRUNCATE, AstTruncate)              \
    X(AST_EXECUTE, AstExecute)                \
    X(AST_STATEMENT_SET, AstStatementSet)     \
    X(AST_PLAN, AstPlan)                      \
    X(AST_EXPLAIN, AstExplain)                \
    X(AST_ANALYZE, AstAnalyze)                \
    X(AST_JOB, AstJob)                        \
    X(AST_JAR, AstJar)                        \
    X(AST_CALL_STMT, AstCallStmt)             \
    X(AST_SUBSCRIBE, AstSubscribe)

#define AST_KIND_ENUM(kind, type) kind,
typedef enum AstKind { AST_KINDS(AST_KIND_ENUM) AST_N_KINDS } AstKind;
#undef AST_KIND_ENUM

typedef struct Ast {
    AstKind kind;
    int32_t pos, end; /* the bytes [pos, end) of the SQL text that were parsed into this node */
    int32_t depth;    /* 1 + the deepest child; at most LIMIT_AST_DEPTH, so recursion is safe */
} Ast;

typedef struct AstList {
    Ast **items;
    int32_t n;
} AstList;

/* One identifier, its quotes removed. Names of columns and tables compare byte by byte. An absent
 * identifier has text.ptr == NULL. */
typedef struct AstIdent {
    Span text;
    int32_t pos, end;
    bool is_quoted;
} AstIdent;

typedef struct AstIdents {
    AstIdent *items;
    int32_t n;
} AstIdents;

/* AST_NAME: a, a.b, a.b.c: a table, a function, or (as an expression) a column or a field path. */
typedef struct AstName {
    Ast ast;
    AstIdents parts; /* at least one */
} AstName;

static inline Span ast_name_last(const AstName *name) {
    return name->parts.items[name->parts.n - 1].text;
}

const char *ast_kind_name(AstKind kind); /* "AST_SELECT" */

/* Same tree, whatever the positions. Either may be NULL. */
bool ast_equal(const Ast *a, const Ast *b);

/* Calls visit for each direct child, in the order of the struct's members. */
void ast_each_child(const Ast *node, void (*visit)(const Ast *child, void *arg), void *arg);

/* Appends the node as canonical Flink SQL (no trailing semicolon). Parsing the text gives an equal
 * tree. Works on statements, queries, expressions, types and every other kind of node. */
void sql_deparse(const Ast *node, Buf *out);

/* Appends a name as SQL: in backquotes only when needed. */
void sql_deparse_ident(Span name, Buf *out);
/* Appends 'text' with inner quotes doubled. */
void sql_deparse_string(Span text, Buf *out);

#endif
