/* ast_expr.h -- nodes of expressions and types.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_AST_EXPR_H
#define WEIR_AST_EXPR_H

#include "sql/ast.h"

typedef enum AstLiteralKind {
    LIT_NULL,
    LIT_TRUE,
    LIT_FALSE,
    LIT_UNKNOWN,
    LIT_INTEGER,       /* 42: digits only, any length */
    LIT_DECIMAL,       /* 4.2, .5, 4. */
    LIT_DOUBLE,        /* 4.2E1 */
    LIT_STRING,        /* 'it''s', U&'\00e4': text is decoded */
    LIT_BINARY,        /* x'0aff': text holds the decoded bytes */
    LIT_DATE,          /* DATE '2024-01-31' */
    LIT_TIME,          /* TIME '10:20:30' */
    LIT_TIMESTAMP,     /* TIMESTAMP '2024-01-31 10:20:30' */
    LIT_TIMESTAMP_LTZ, /* TIMESTAMP WITH LOCAL TIME ZONE '..' or TIMESTAMP_LTZ '..' */
} AstLiteralKind;

typedef struct AstLiteral {
    Ast ast;
    AstLiteralKind lit;
    Span text; /* digits as written, or the decoded string; empty for NULL and truth values */
} AstLiteral;

typedef enum AstUnit {
    UNIT_NONE,
    UNIT_YEAR,
    UNIT_QUARTER,
    UNIT_MONTH,
    UNIT_WEEK,
    UNIT_DAY,
    UNIT_HOUR,
    UNIT_MINUTE,
    UNIT_SECOND,
} AstUnit;

const char *ast_unit_text(AstUnit unit); /* "YEAR" */

/* INTERVAL [-] 'text' from[(precision)] [TO to[(fraction)]], or INTERVAL value from. */
typedef struct AstInterval {
    Ast ast;
    bool is_negative;
    Span text;        /* the string between quotes; unused with value */
    Ast *value;       /* INTERVAL (a + 1) DAY, INTERVAL 5 DAY; NULL for the literal form */
    AstUnit from, to; /* to is UNIT_NONE for a single unit */
    int32_t precision, fraction; /* -1 when not written */
} AstInterval;

/* *, t.*, db.t.* : in a select list, COUNT(*) and MATCH_RECOGNIZE. */
typedef struct AstStar {
    Ast ast;
    AstName *of; /* NULL for a bare star */
} AstStar;

/* ? or $1. */
typedef struct AstParam {
    Ast ast;
    int32_t index; /* from 1; 0 for ? */
} AstParam;

/* A keyword used as an argument, upper case: the unit of EXTRACT, TIMESTAMPADD, FLOOR .. TO; BOTH,
 * LEADING, TRAILING of TRIM. */
typedef struct AstSymbol {
    Ast ast;
    Span text;
} AstSymbol;

/* DEFAULT as an argument or a value to insert. */
typedef struct AstDefault {
    Ast ast;
} AstDefault;

typedef enum AstUnaryOp {
    UNARY_MINUS,
    UNARY_PLUS,
    UNARY_NOT,
    UNARY_RUNNING, /* RUNNING LAST(a.x), FINAL LAST(a.x): only in MATCH_RECOGNIZE */
    UNARY_FINAL,
} AstUnaryOp;

typedef struct AstUnary {
    Ast ast;
    AstUnaryOp op;
    Ast *arg;
} AstUnary;

typedef enum AstBinaryOp {
    BINARY_ADD,
    BINARY_SUB,
    BINARY_MUL,
    BINARY_DIV,
    BINARY_MOD,    /* % */
    BINARY_CONCAT, /* || */
    BINARY_EQ,
    BINARY_NE,
    BINARY_LT,
    BINARY_LE,
    BINARY_GT,
    BINARY_GE,
    BINARY_IS_DISTINCT, /* IS DISTINCT FROM */
    BINARY_IS_NOT_DISTINCT,
    BINARY_AT_TIME_ZONE,
    BINARY_OVERLAPS, /* of two rows, (start, end) OVERLAPS (start, end) */
    BINARY_CONTAINS,
    BINARY_EQUALS,
    BINARY_PRECEDES,
    BINARY_SUCCEEDS,
    BINARY_IMMEDIATELY_PRECEDES,
    BINARY_IMMEDIATELY_SUCCEEDS,
    BINARY_MEMBER_OF,
    BINARY_SUBMULTISET_OF,
    BINARY_MULTISET_UNION,
    BINARY_MULTISET_UNION_DISTINCT,
    BINARY_MULTISET_INTERSECT,
    BINARY_MULTISET_INTERSECT_DISTINCT,
    BINARY_MULTISET_EXCEPT,
    BINARY_MULTISET_EXCEPT_DISTINCT,
    BINARY_N_OPS
} AstBinaryOp;

const char *ast_binary_op_text(AstBinaryOp op); /* "+", "IS DISTINCT FROM" */

typedef struct AstBinary {
    Ast ast;
    AstBinaryOp op;
    int32_t op_pos; /* where the operator stands: the caret of a type error */
    Ast *left, *right;
} AstBinary;

/* a AND b AND c: chains are flat, so args has at least two items and none of them is an AST_LOGIC
 * of the same operator. */
typedef struct AstLogic {
    Ast ast;
    bool is_or;
    AstList args;
} AstLogic;

typedef enum AstIsKind {
    IS_NULL,
    IS_TRUE,
    IS_FALSE,
    IS_UNKNOWN,
    IS_JSON, /* IS JSON and IS JSON VALUE */
    IS_JSON_OBJECT,
    IS_JSON_ARRAY,
    IS_JSON_SCALAR,
    IS_A_SET,
    IS_EMPTY,
} AstIsKind;

typedef struct AstIs {
    Ast ast;
    AstIsKind is;
    bool is_not;
    Ast *arg;
} AstIs;

typedef struct AstBetween {
    Ast ast;
    bool is_not, is_symmetric;
    Ast *arg, *low, *high;
} AstBetween;

/* arg IN (items) or arg IN (query). */
typedef struct AstIn {
    Ast ast;
    bool is_not;
    Ast *arg;
    AstList items;
    Ast *query; /* AST_QUERY; then items is empty */
} AstIn;

typedef enum AstLikeKind { LIKE_LIKE, LIKE_SIMILAR, LIKE_ILIKE, LIKE_RLIKE } AstLikeKind;

typedef struct AstLike {
    Ast ast;
    AstLikeKind like;
    bool is_not;
    Ast *arg, *pattern, *escape;
} AstLike;

/* arg <op> ANY|ALL (items or query). SOME is ANY. */
typedef struct AstQuantified {
    Ast ast;
    AstBinaryOp op; /* BINARY_EQ .. BINARY_GE */
    bool is_all;
    Ast *arg;
    AstList items;
    Ast *query;
} AstQuantified;

typedef struct AstExists {
    Ast ast;
    Ast *query;
} AstExists;

/* A scalar subquery. */
typedef struct AstSubquery {
    Ast ast;
    Ast *query; /* AST_QUERY */
} AstSubquery;

typedef struct AstCase {
    Ast ast;
    Ast *operand;  /* CASE operand WHEN ..; NULL for CASE WHEN condition .. */
    AstList whens; /* AST_WHEN, at least one */
    Ast *otherwise;
} AstCase;

typedef struct AstWhen {
    Ast ast;
    AstList values; /* one, or several for CASE x WHEN 1, 2 THEN */
    Ast *result;
} AstWhen;

typedef enum AstCastForm { CAST_PLAIN, CAST_TRY, CAST_COLONS, CAST_DIFFERENCE } AstCastForm;

typedef struct AstType AstType;
typedef struct AstCast {
    Ast ast;
    AstCastForm form; /* CAST(x AS t), TRY_CAST(x AS t), x::t, (x - y) DAY */
    Ast *arg;
    AstType *type;
} AstCast;

/* Special syntax is normalised into name + args; form only tells deparse what was written:
 *   EXTRACT(unit FROM x)               EXTRACT     [AST_SYMBOL unit, x]
 *   POSITION(a IN b [FROM n])          POSITION    [a, b, n?]
 *   SUBSTRING(a FROM b [FOR c])        SUBSTRING   [a, b, c?]
 *   OVERLAY(a PLACING b FROM c [FOR d]) OVERLAY    [a, b, c, d?]
 *   TRIM([BOTH|LEADING|TRAILING] [c] FROM x) TRIM  [AST_SYMBOL side, c, x]; c is NULL'ed to ' ' by
 *                                                  the binder when absent: then [side, x]
 *   CEIL(x TO unit), FLOOR(x TO unit)  CEIL, FLOOR [x, AST_SYMBOL unit]
 *   CURRENT_DATE (no parentheses)      CURRENT_DATE []
 *   TIMESTAMPADD(unit, n, x), TIMESTAMPDIFF(unit, a, b): args[0] is AST_SYMBOL */
typedef enum AstCallForm {
    CALL_PLAIN,
    CALL_NO_PARENS,
    CALL_EXTRACT,
    CALL_POSITION,
    CALL_SUBSTRING,
    CALL_OVERLAY,
    CALL_TRIM,
    CALL_ROUND_TO, /* CEIL and FLOOR with TO */
} AstCallForm;

typedef enum AstNulls { NULLS_DEFAULT, NULLS_FIRST, NULLS_LAST } AstNulls;
typedef enum AstNullTreatment { NULL_TREATMENT_NONE, NULLS_IGNORE, NULLS_RESPECT } AstNullTreatment;
typedef enum AstQuantifier { QUANTIFIER_NONE, QUANTIFIER_ALL, QUANTIFIER_DISTINCT } AstQuantifier;

typedef struct AstWindowSpec AstWindowSpec;
typedef struct AstJsonClauses AstJsonClauses;

/* Any function: scalar, aggregate, window, table function, user-defined. */
typedef struct AstCall {
    Ast ast;
    AstName *name;
    AstCallForm form;
    /* expressions, AST_STAR (COUNT(*)), AST_NAMED_ARG, AST_TABLE_ARG, AST_DESCRIPTOR.. */
    AstList args;
    AstQuantifier quantifier; /* COUNT(DISTINCT x) */
    AstList order_by;         /* ARRAY_AGG(x ORDER BY y): AST_ORDER_ITEM */
    AstList within_group;     /* WITHIN GROUP (ORDER BY ..): AST_ORDER_ITEM */
    Ast *filter;              /* FILTER (WHERE filter) */
    AstNullTreatment nulls;
    AstWindowSpec *over;
    AstJsonClauses *json; /* the clauses of JSON_VALUE and its kin */
} AstCall;

/* name => value, in a call. */
typedef struct AstNamedArg {
    Ast ast;
    AstIdent name;
    Ast *value;
} AstNamedArg;

/* TABLE t [PARTITION BY ..] [ORDER BY ..] or (query) [PARTITION BY ..], as an argument. */
typedef struct AstTableArg {
    Ast ast;
    AstName *table; /* or NULL and then */
    Ast *query;     /* AST_QUERY */
    AstList partition_by;
    AstList order_by; /* AST_ORDER_ITEM */
} AstTableArg;

/* MODEL m, as an argument. */
typedef struct AstModelArg {
    Ast ast;
    AstName *model;
} AstModelArg;

/* DESCRIPTOR(a, b). */
typedef struct AstDescriptor {
    Ast ast;
    AstList columns; /* AST_NAME */
} AstDescriptor;

/* One item of JSON_OBJECT: [KEY] key VALUE value, key: value. */
typedef struct AstJsonPair {
    Ast ast;
    Ast *key, *value;
} AstJsonPair;

typedef enum AstJsonWrapper {
    JSON_WRAPPER_NONE, /* not written */
    JSON_WRAPPER_WITHOUT,
    JSON_WRAPPER_CONDITIONAL,
    JSON_WRAPPER_UNCONDITIONAL,
} AstJsonWrapper;

typedef enum AstJsonBehavior {
    JSON_ON_NONE, /* not written */
    JSON_ON_NULL,
    JSON_ON_ERROR,
    JSON_ON_DEFAULT,
    JSON_ON_EMPTY_ARRAY,
    JSON_ON_EMPTY_OBJECT,
    JSON_ON_TRUE,
    JSON_ON_FALSE,
    JSON_ON_UNKNOWN,
} AstJsonBehavior;

typedef enum AstJsonNulls { JSON_NULLS_NONE, JSON_NULL_ON_NULL, JSON_ABSENT_ON_NULL } AstJsonNulls;

/* The clauses inside the parentheses of JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT,
 * JSON_ARRAY, JSON_OBJECTAGG and JSON_ARRAYAGG. */
struct AstJsonClauses {
    Ast ast;
    AstType *returning;
    AstJsonWrapper wrapper;
    AstJsonBehavior on_empty, on_error;
    Ast *empty_default, *error_default; /* DEFAULT x ON EMPTY, DEFAULT x ON ERROR */
    AstJsonNulls on_null;
};

typedef enum AstCollectionKind {
    COLLECTION_ARRAY,
    COLLECTION_MAP, /* MAP[k1, v1, k2, v2]: items alternate */
    COLLECTION_MULTISET,
} AstCollectionKind;

/* ARRAY[..], MAP[..], MULTISET[..]; with parentheses, of a query. */
typedef struct AstCollection {
    Ast ast;
    AstCollectionKind collection;
    AstList items;
    Ast *query; /* AST_QUERY */
} AstCollection;

/* ROW(a, b) or (a, b). */
typedef struct AstRow {
    Ast ast;
    bool is_explicit; /* written with ROW */
    AstList items;
} AstRow;

/* base[index]. */
typedef struct AstIndex {
    Ast ast;
    Ast *base, *index;
} AstIndex;

/* base.field where base is not a plain name: f(x).a, arr[1].b, (expr).c. With field absent:
 * (expr).* */
typedef struct AstField {
    Ast ast;
    Ast *base;
    AstIdent field;
} AstField;

typedef enum AstFrameUnit { FRAME_NONE, FRAME_ROWS, FRAME_RANGE, FRAME_GROUPS } AstFrameUnit;
typedef enum AstFrameBoundKind {
    BOUND_UNBOUNDED_PRECEDING,
    BOUND_PRECEDING,
    BOUND_CURRENT_ROW,
    BOUND_FOLLOWING,
    BOUND_UNBOUNDED_FOLLOWING,
} AstFrameBoundKind;
typedef enum AstFrameExclude {
    EXCLUDE_NONE, /* not written, or EXCLUDE NO OTHERS */
    EXCLUDE_CURRENT_ROW,
    EXCLUDE_GROUP,
    EXCLUDE_TIES,
} AstFrameExclude;

typedef struct AstFrameBound {
    Ast ast;
    AstFrameBoundKind bound;
    Ast *offset; /* of n PRECEDING and n FOLLOWING */
} AstFrameBound;

/* OVER name, OVER (..), WINDOW w AS (..). */
struct AstWindowSpec {
    Ast ast;
    AstIdent base;     /* OVER w, or OVER (w ORDER BY ..); may be absent */
    bool is_reference; /* OVER w, without parentheses: only base is set */
    AstList partition_by;
    AstList order_by; /* AST_ORDER_ITEM */
    AstFrameUnit unit;
    AstFrameBound *start, *stop; /* stop is NULL without BETWEEN */
    AstFrameExclude exclude;
};

typedef struct AstOrderItem {
    Ast ast;
    Ast *expr;
    bool is_desc;
    AstNulls nulls;
} AstOrderItem;

typedef enum AstNullability {
    NULLABILITY_NONE,
    NULLABILITY_NULL,
    NULLABILITY_NOT_NULL
} AstNullability;

/* A type as written. Synonyms are folded, so name is one of: BOOLEAN TINYINT SMALLINT INT BIGINT
 * FLOAT DOUBLE DECIMAL CHAR VARCHAR STRING BINARY VARBINARY BYTES DATE TIME TIMESTAMP TIMESTAMP_LTZ
 * TIMESTAMP_TZ INTERVAL ARRAY MAP MULTISET ROW RAW STRUCTURED VARIANT NULL ..., upper case; or
 * empty for a user's type, named by `user`. */
struct AstType {
    Ast ast;
    Span name;
    AstName *user;    /* a type of another name: mycat.db.point */
    int32_t args[2];  /* DECIMAL(10, 2), VARCHAR(20), TIMESTAMP(3); -1 when not written */
    AstUnit from, to; /* INTERVAL from(args[0]) TO to(args[1]) */
    AstList of;       /* AST_TYPE: the element of ARRAY and MULTISET, key and value of MAP */
    AstList fields;   /* AST_TYPE_FIELD of ROW and STRUCTURED */
    AstList strings;  /* AST_LITERAL: RAW('class', 'snapshot'), STRUCTURED<'class', ..> */
    AstNullability nullability;
};

typedef struct AstTypeField {
    Ast ast;
    AstIdent name;
    AstType *type;
    Ast *comment; /* AST_LITERAL */
} AstTypeField;

#endif
