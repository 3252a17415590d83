/* match.h -- what MATCH_RECOGNIZE means once bound: the pattern, and expressions that navigate a
 * match.
 *
 * A condition or measure is an expression over navigations: its column i is the value of navs[i],
 * which finds a row of the match (the last row of A, the first but one, the row before it), or
 * aggregates the rows of some variables.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_MATCH_H
#define WEIR_MATCH_H

#include "expr/expr.h"

enum { MATCH_VARS_MAX = 62 };
#define MATCH_ANY_VAR (~UINT64_C(0))

typedef enum MatchNavKind {
    MATCH_NAV_ROW,        /* a column of one row */
    MATCH_NAV_AGG,        /* an aggregate over rows */
    MATCH_NAV_CLASSIFIER, /* the variable of the row */
    MATCH_NAV_NUMBER,     /* of the match within its partition, from 1 */
    MATCH_NAV_TIME        /* the time of the last row of the match */
} MatchNavKind;

typedef struct MatchNav {
    MatchNavKind kind;
    uint64_t vars;   /* rows of these variables, one bit each */
    bool from_first; /* FIRST instead of LAST */
    bool is_final;   /* over the whole match, also when shown for a row inside it */
    int64_t skip;    /* FIRST(x, skip), LAST(x, skip) */
    int64_t step;    /* then so many rows of the partition on; negative = back */
    uint32_t col;    /* ROW: column of the input */
    AggCall agg;     /* AGG: arguments over the input */
    const Type *type;
} MatchNav;

typedef struct MatchExpr {
    Expr *expr; /* NULL: always true */
    MatchNav *navs;
    uint32_t n_navs, cap_navs;
    Schema schema; /* of the navigations */
} MatchExpr;

typedef enum MatchPatternKind {
    MATCH_VAR,
    MATCH_SEQUENCE,
    MATCH_EITHER,
    MATCH_PERMUTE,
    MATCH_EXCLUDE,
    MATCH_REPEAT,
    MATCH_AT_START,
    MATCH_AT_END,
    MATCH_NOTHING
} MatchPatternKind;
typedef struct MatchPattern {
    MatchPatternKind kind;
    uint32_t var;
    struct MatchPattern **items;
    uint32_t n_items;
    int32_t min, max; /* REPEAT; max < 0: no bound */
    bool is_reluctant;
} MatchPattern;

typedef enum MatchSkip {
    MATCH_SKIP_PAST,
    MATCH_SKIP_NEXT,
    MATCH_SKIP_FIRST,
    MATCH_SKIP_LAST
} MatchSkip;
typedef enum MatchRows {
    MATCH_ROWS_ONE,
    MATCH_ROWS_ALL,
    MATCH_ROWS_ALL_NO_EMPTY,
    MATCH_ROWS_ALL_UNMATCHED
} MatchRows;

typedef struct MatchSpec {
    const uint32_t *partition; /* columns */
    uint32_t n_partition;
    const uint32_t *order_cols;
    const KeyOrder *orders;
    uint32_t n_order; /* the first is the time attribute */
    bool is_proctime;
    const Span *vars; /* names, in order of first use in the pattern */
    uint32_t n_vars;
    MatchExpr *defines; /* one a variable */
    MatchExpr *measures;
    uint32_t n_measures;
    const uint32_t *rest_cols; /* ALL ROWS: columns behind the measures */
    uint32_t n_rest;
    const MatchPattern *pattern;
    MatchSkip skip;
    uint64_t skip_vars;
    MatchRows rows;
    int64_t within_us; /* 0 = no limit */
    int64_t look_back; /* most rows that any PREV goes back */
} MatchSpec;

#endif
