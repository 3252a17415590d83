/* ast_query.h -- nodes of queries: SELECT, set operations, FROM, MATCH_RECOGNIZE.
 *
 * Wherever a query may stand there is an AST_QUERY; its body is an AST_SELECT, AST_SETOP,
 * AST_VALUES, AST_TABLE_QUERY, or another AST_QUERY when a parenthesised query has clauses of its
 * own. Operands of a set operation are such bodies. In FROM stand AST_TABLE_REF, AST_TABLE_FN,
 * AST_DERIVED, AST_UNNEST, AST_MATCH and AST_JOIN; all of them but the join carry their alias.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_AST_QUERY_H
#define WEIR_AST_QUERY_H

#include "sql/ast_expr.h"

typedef struct AstEmit AstEmit;
typedef struct AstOnLate AstOnLate;

/* [WITH ..] body [ORDER BY ..] [LIMIT ..] [EMIT ..] [ON LATE ..] */
typedef struct AstQuery {
    Ast ast;
    bool is_recursive; /* WITH RECURSIVE */
    AstList with;      /* AST_CTE */
    Ast *body;
    AstList order_by; /* AST_ORDER_ITEM */
    Ast *limit;       /* LIMIT n, FETCH FIRST n ROWS ONLY; NULL also for LIMIT ALL */
    Ast *offset;
    AstEmit *emit;
    AstOnLate *on_late;
} AstQuery;

/* name [(columns)] AS (query) */
typedef struct AstCte {
    Ast ast;
    AstIdent name;
    AstIdents columns;
    Ast *query; /* AST_QUERY */
} AstCte;

typedef struct AstSelect {
    Ast ast;
    AstList hints; /* AST_HINT */
    AstQuantifier quantifier;
    AstList items; /* AST_SELECT_ITEM, at least one */
    Ast *from;     /* NULL: SELECT 1. Commas are AST_JOIN of JOIN_COMMA */
    Ast *where;
    bool has_group_by;              /* GROUP BY () has an empty AST_GROUPING in group_by */
    AstQuantifier group_quantifier; /* GROUP BY DISTINCT .. */
    AstList group_by;               /* expressions and AST_GROUPING */
    Ast *having;
    AstList windows; /* AST_WINDOW_DEF */
    Ast *qualify;
} AstSelect;

typedef struct AstSelectItem {
    Ast ast;
    Ast *expr; /* may be AST_STAR */
    AstIdent alias;
} AstSelectItem;

typedef enum AstSetOpKind { SETOP_UNION, SETOP_INTERSECT, SETOP_EXCEPT } AstSetOpKind;

typedef struct AstSetOp {
    Ast ast;
    AstSetOpKind op; /* MINUS is EXCEPT */
    bool is_all;
    Ast *left, *right;
} AstSetOp;

/* VALUES (1, 'a'), (2, 'b'): each item is an expression, an AST_ROW when it has several columns or
 * parentheses with a comma or the word ROW. */
typedef struct AstValues {
    Ast ast;
    AstList rows;
} AstValues;

/* TABLE t as a query. */
typedef struct AstTableQuery {
    Ast ast;
    AstName *table;
} AstTableQuery;

typedef enum AstGroupingKind {
    GROUPING_SET, /* (a, b) with parentheses, or () */
    GROUPING_SETS,
    GROUPING_CUBE,
    GROUPING_ROLLUP,
} AstGroupingKind;

typedef struct AstGrouping {
    Ast ast;
    AstGroupingKind grouping;
    AstList items; /* expressions and, nested, AST_GROUPING */
} AstGrouping;

/* WINDOW name AS (spec) */
typedef struct AstWindowDef {
    Ast ast;
    AstIdent name;
    AstWindowSpec *spec;
} AstWindowDef;

/* EMIT [EARLY EVERY interval] [, ON CLOSE] | EMIT ON UPDATE. When a window's result is shown. */
struct AstEmit {
    Ast ast;
    Ast *early_every; /* an expression, usually AST_INTERVAL */
    bool on_close, on_update;
};

typedef enum AstLateAction { LATE_DROP, LATE_INTO, LATE_REVISE, LATE_FAIL } AstLateAction;

/* ON LATE DROP | INTO table | REVISE [WITHIN interval] | FAIL. What becomes of rows behind the
 * watermark. */
struct AstOnLate {
    Ast ast;
    AstLateAction action;
    AstName *table; /* INTO */
    Ast *within;    /* REVISE WITHIN */
};

/* One hint of a hint comment: OPTIONS('k' = 'v'), STATE_TTL('a' = '1d'), BROADCAST(a, b),
 * NO_ARGUMENTS. args are AST_OPTION (key = value) or AST_NAME or AST_LITERAL. */
typedef struct AstHint {
    Ast ast;
    AstIdent name;
    AstList args;
} AstHint;

/* [AS] name [(columns)] */
typedef struct AstAlias {
    Ast ast;
    AstIdent name;
    AstIdents columns;
} AstAlias;

/* TABLESAMPLE BERNOULLI|SYSTEM (percent) [REPEATABLE (seed)] */
typedef struct AstSample {
    Ast ast;
    bool is_system;
    Ast *percent, *seed;
} AstSample;

/* name [hints] [FOR SYSTEM_TIME AS OF expr] [sample] [alias] */
typedef struct AstTableRef {
    Ast ast;
    AstName *name;
    AstList hints; /* AST_HINT */
    Ast *as_of;
    AstSample *sample;
    AstAlias *alias;
} AstTableRef;

/* TABLE(f(..)), LATERAL TABLE(f(..)), f(..) */
typedef struct AstTableFn {
    Ast ast;
    bool is_lateral;
    AstCall *call;
    AstAlias *alias;
} AstTableFn;

/* [LATERAL] (query) [alias] */
typedef struct AstDerived {
    Ast ast;
    bool is_lateral;
    Ast *query; /* AST_QUERY */
    AstSample *sample;
    AstAlias *alias;
} AstDerived;

/* [LATERAL] UNNEST(a, b) [WITH ORDINALITY] [alias] */
typedef struct AstUnnest {
    Ast ast;
    bool is_lateral;
    AstList args;
    bool with_ordinality;
    AstAlias *alias;
} AstUnnest;

typedef enum AstJoinKind {
    JOIN_COMMA,
    JOIN_CROSS,
    JOIN_INNER,
    JOIN_LEFT,
    JOIN_RIGHT,
    JOIN_FULL,
} AstJoinKind;

typedef struct AstJoin {
    Ast ast;
    AstJoinKind join;
    bool is_natural;
    Ast *left, *right;
    Ast *on;
    AstIdents using_columns;
} AstJoin;

typedef enum AstMatchRows {
    MATCH_ROWS_DEFAULT, /* not written: one row */
    MATCH_ONE_ROW,
    MATCH_ALL_ROWS,
    MATCH_ALL_ROWS_SHOW_EMPTY,
    MATCH_ALL_ROWS_OMIT_EMPTY,
    MATCH_ALL_ROWS_WITH_UNMATCHED,
} AstMatchRows;

typedef enum AstMatchSkip {
    SKIP_DEFAULT, /* not written: past last row */
    SKIP_PAST_LAST_ROW,
    SKIP_TO_NEXT_ROW,
    SKIP_TO_FIRST,
    SKIP_TO_LAST, /* also SKIP TO variable */
} AstMatchSkip;

typedef struct AstPattern AstPattern;

/* input MATCH_RECOGNIZE (..) [alias] */
typedef struct AstMatch {
    Ast ast;
    Ast *input; /* AST_TABLE_REF or AST_DERIVED or AST_TABLE_FN */
    AstList partition_by;
    AstList order_by; /* AST_ORDER_ITEM */
    AstList measures; /* AST_MEASURE */
    AstMatchRows rows;
    AstMatchSkip skip;
    AstIdent skip_to;
    AstPattern *pattern;
    Ast *within;     /* PATTERN (..) WITHIN INTERVAL .. */
    AstList subsets; /* AST_SUBSET */
    AstList defines; /* AST_DEFINE */
    AstAlias *alias;
} AstMatch;

/* expr AS name; expr may be an AST_UNARY of UNARY_RUNNING or UNARY_FINAL */
typedef struct AstMeasure {
    Ast ast;
    Ast *expr;
    AstIdent name;
} AstMeasure;

typedef enum AstPatternKind {
    PATTERN_VARIABLE,
    PATTERN_SEQUENCE,    /* items one after the other */
    PATTERN_ALTERNATION, /* items: a | b */
    PATTERN_PERMUTE,     /* PERMUTE(a, b) */
    PATTERN_EXCLUDE,     /* {- item -} */
    PATTERN_QUANTIFIED,  /* item {min,max}, reluctant with ? */
    PATTERN_START,       /* ^ */
    PATTERN_END,         /* $ */
    PATTERN_EMPTY,       /* () */
} AstPatternKind;

struct AstPattern {
    Ast ast;
    AstPatternKind pattern;
    AstIdent variable;
    AstList items;    /* AST_PATTERN */
    int32_t min, max; /* of PATTERN_QUANTIFIED; max -1 = no bound */
    bool is_reluctant;
};

/* SUBSET name = (variables) */
typedef struct AstSubset {
    Ast ast;
    AstIdent name;
    AstIdents variables;
} AstSubset;

/* DEFINE name AS condition */
typedef struct AstDefine {
    Ast ast;
    AstIdent name;
    Ast *condition;
} AstDefine;

#endif
