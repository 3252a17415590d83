/* expr.h -- typed expressions: built by the binder, compiled into programs that run over whole
 * batches; the tables of scalar functions and aggregates.
 *
 * A scalar function is one kernel and one table row (fn_x.c exports `const Fn fns_x[]`, ended
 * by a NULL name); an aggregate is one row with its kernels (agg_*.c export `const Agg
 * aggs_<file>[]`). Operators ("+", "=", "LIKE", "IS NULL") are functions under those names. Only
 * what decides by itself which arguments are computed is a special form.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_EXPR_H
#define WEIR_EXPR_H

#include "data/data.h"
#include "expr/regex.h"

typedef struct Fn Fn;
typedef struct Agg Agg;
typedef struct Expr Expr;

/* ---- environment ---- */

typedef struct Zone
    Zone; /* a time zone from the system's database, safe to share between threads */
/* "UTC", "Europe/Berlin", "GMT+01:00", "+05:30"; 22023 with the nearest name when unknown. Kept for
 * the process's life. */
Status zone_find(Span name, const Zone **out, Err *err) WARN_UNUSED;
int64_t zone_to_local(const Zone *zone,
                      int64_t utc_us); /* wall clock as if it were UTC microseconds */
int64_t zone_to_utc(const Zone *zone,
                    int64_t local_us); /* gaps and overlaps as java.time resolves them */

/* What functions may know besides their arguments. One value a step: equal rows of a step get equal
 * answers. */
typedef struct ExprEnv {
    const Zone *zone;    /* table.local-time-zone */
    int64_t now_us;      /* processing time of the step, UTC microseconds */
    int64_t query_us;    /* start of the query: CURRENT_TIMESTAMP in a bounded (batch mode) run */
    int64_t watermark;   /* of the operator's input: CURRENT_WATERMARK */
    uint64_t rand_state; /* for RAND() and UUID() */
    bool is_batch;
} ExprEnv;

/* ---- expressions ---- */

typedef enum ExprKind {
    EXPR_COLUMN, /* input column `column` */
    EXPR_CONST,  /* *value: a constant column of one row */
    EXPR_CALL,   /* fn(args) */
    EXPR_CAST,   /* args[0] to `type`; is_try: NULL instead of an error */
    EXPR_AND, /* n-ary, three-valued; later arguments are computed only for rows still undecided */
    EXPR_OR,
    EXPR_CASE, /* condition, result, condition, result, ..., [else]; odd count = has else, else NULL
                */
    EXPR_COALESCE, /* n-ary, lazy */
    EXPR_FIELD,    /* field `column` of the ROW args[0] */
    EXPR_ROW       /* constructor; ARRAY and MAP are calls of "ARRAY" and "MAP" */
} ExprKind;

struct Expr {
    ExprKind kind;
    const Type *type; /* of the result, with nullability */
    /* byte offset in the SQL text for errors at run time, -1 when made by the planner */
    int32_t pos;
    bool is_try;     /* CAST */
    uint32_t column; /* COLUMN, FIELD */
    uint32_t n_args;
    Expr **args;
    const Fn *fn;        /* CALL */
    const Column *value; /* CONST */
};

/* Constructors; results live in the arena. */
Expr *expr_column(Arena *arena, uint32_t column, const Type *type, int32_t pos);
Expr *expr_const(Arena *arena, const Column *value, int32_t pos); /* value is copied (shallow) */
Expr *expr_const_i64(Arena *arena, const Type *type, int64_t value,
                     int32_t pos); /* any PHYS_I8..I64 type */
Expr *expr_const_str(Arena *arena, const Type *type, Span text, int32_t pos); /* borrows the text */
Expr *expr_null(Arena *arena, const Type *type, int32_t pos);
Expr *expr_bool(Arena *arena, bool value);
Expr *expr_field(Arena *arena, Expr *row, uint32_t field, int32_t pos); /* field of a ROW */

/* Resolves name(args) to the best overload: inserts the casts that Flink's implicit coercion
 * allows, derives the result type, checks arity and literal-only arguments. 42883 with the
 * candidates and the nearest name when nothing fits.
 *
 * Besides functions these names are known: "AND" "OR" "NOT" "CASE" "COALESCE" "ROW" "ARRAY" "MAP"
 * "[]" (element of an ARRAY or MAP, field of a ROW by number); + - * / % || (also + and - of one
 * argument); = <> < <= > >= "!="; "IS [NOT] NULL | TRUE | FALSE | UNKNOWN | DISTINCT FROM";
 * "[NOT] BETWEEN" and "[NOT] BETWEEN SYMMETRIC" (x, low, high); "[NOT] IN" (x, a, b, ...);
 * "[NOT] LIKE" and "[NOT] SIMILAR TO" (x, pattern [, escape]).
 * Keywords inside a call (EXTRACT(YEAR FROM x), TRIM(BOTH ...), FLOOR(x TO DAY)) are passed as
 * upper-case STRING literals, in the order of Flink's documentation. */
Status expr_call(Arena *arena, Span name, Expr **args, uint32_t n_args, int32_t pos, Expr **out,
                 Err *err) WARN_UNUSED;
/* Explicit CAST or TRY_CAST; 42846 when Flink knows no such cast. */
Status expr_cast(Arena *arena, Expr *arg, const Type *to, bool is_try, int32_t pos, Expr **out,
                 Err *err) WARN_UNUSED;
/* Implicit conversion, as INSERT, UNION and CASE do; 42804 when it would need an explicit CAST. */
Status expr_coerce(Arena *arena, Expr *arg, const Type *to, int32_t pos, Expr **out,
                   Err *err) WARN_UNUSED;
/* The least common type (Flink's leastRestrictive), or NULL when there is none. */
const Type *type_common(Arena *arena, const Type *const *types, uint32_t n);

Expr *expr_copy(Arena *arena, const Expr *expr);
bool expr_eq(const Expr *a, const Expr *b); /* same computation; positions are ignored */
bool expr_is_const(const Expr *expr);       /* no columns and nothing volatile inside */
bool expr_is_deterministic(const Expr *expr);
/* Renumbers columns: old index -> map[old]; a copy. */
Expr *expr_remap(Arena *arena, const Expr *expr, const int32_t *map);
/* Calls visit for every column used, with the path of EXPR_FIELDs directly above it (for nested
 * pruning). */
void expr_visit_columns(const Expr *expr,
                        void (*visit)(void *ctx, uint32_t column, const uint32_t *path,
                                      uint32_t n_path),
                        void *ctx);
/* SQL text, columns by the schema's names; for EXPLAIN and error messages. */
void expr_print(const Expr *expr, const Schema *schema, Buf *out);
/* Evaluates constant parts once; an expression that would fail is left as it is, to fail when a row
 * reaches it. */
Expr *expr_fold(Arena *arena, Expr *expr, const ExprEnv *env);

/* ---- programs ---- */

/* Expressions compiled together (common parts are computed once a batch). Not shared between
 * threads. */
typedef struct Program Program;
Status program_compile(Program **out, Expr *const *exprs, uint32_t n_exprs, Arena *arena,
                       Err *err) WARN_UNUSED;
void program_free(Program *program); /* gives back what is outside the arena (compiled patterns) */
/* Every expression is a constant, a column, or a field of one: computing it moves no value. */
bool program_only_picks(const Program *program);
/* It cannot fail, and computing it for a few rows more costs less than copying columns. */
bool program_is_light(const Program *program);

/* Computes all expressions for the batch's selected rows: outs[i] has in->n_rows dense rows (or is
 * a constant), valid as long as scratch and the batch. A failing row raises with its expression's
 * position. */
Status program_eval(Program *program, const Batch *in, const ExprEnv *env, Arena *scratch,
                    Column *outs, Err *err) WARN_UNUSED;
/* The program's single BOOLEAN expression as a filter: *n_sel physical row indexes in *sel for
 * which it is true. When every row passes, *sel is in->sel and *n_sel is in->n_rows. */
Status program_select(Program *program, const Batch *in, const ExprEnv *env, Arena *scratch,
                      const uint32_t **sel, uint32_t *n_sel, Err *err) WARN_UNUSED;

/* ---- scalar functions ---- */

typedef struct FnCtx {
    Arena *scratch; /* results go here */
    ExprEnv *env;
    const Expr *call; /* the call being run: result type, position, constant arguments */
    void *prepared;   /* what Fn.prepare made of constant arguments (a compiled pattern), or NULL */
    bool owns_valid;  /* for fn_make_null: out->valid is this result's own. false before a kernel */
} FnCtx;

/* Computes n_rows results. Fixed-width results are written to out->data (allocated, zeroed, width
 * of the result type); results of type STR write Str views whose bytes live in scratch, in an
 * argument or in the plan. out->valid: for strict functions the caller has set it to the AND of the
 * arguments' validity (NULL = no NULLs) and the kernel must not fail on rows that are invalid; a
 * kernel that makes new NULLs calls fn_make_null. LIST and ROW results use a ColBuilder and replace
 * *out. Arguments may be constants (is_const). */
typedef Status FnKernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n_rows,
                        Column *out, Err *err);
void fn_make_null(FnCtx *ctx, Column *out, uint32_t row);

typedef enum FnTrait {
    FN_STRICT = 1,   /* NULL in, NULL out: the caller computes validity */
    FN_VOLATILE = 2, /* RAND, UUID: never folded nor shared */
    FN_STABLE = 4,   /* depends on the environment: constant within a step, not folded */
    /* may raise on valid arguments: not computed for rows that a filter would drop */
    FN_CAN_FAIL = 8,
    FN_CAN_NULL = 16, /* may return NULL for arguments that are not */
    FN_OPERATOR = 32  /* printed infix or postfix */
} FnTrait;

struct Fn {
    const char *name;  /* upper case */
    const char *group; /* chapter of the reference: "string", "temporal" ... */
    /* "(STRING, INT [, INT]) -> STRING": type classes and rules in src/expr/signature.c; checked by
     * a unit test. */
    const char *sig;
    FnKernel *kernel;
    uint32_t traits;
    /* Result type when the signature says "-> *"; may refuse with err. NULL otherwise. */
    Status (*derive)(Arena *, Expr *const *args, uint32_t n_args, const Type **out, Err *);
    /* Compiles constant arguments once; NULL when there is nothing to prepare. */
    Status (*prepare)(Arena *, const Expr *call, void **out, Err *);
    void (*unprepare)(void *prepared); /* for what lives outside the arena */
    const char *help;                  /* one sentence */
    const char *example; /* "SUBSTRING('weir' FROM 2 FOR 2) => ei": printed in the docs and run by
                            the tests */
};

/* All functions in reference order; *n = how many. */
const Fn *const *fn_all(uint32_t *n);

/* ---- aggregates ---- */

/* A value of variable size inside an aggregate's fixed-size state. */
typedef struct StateVar {
    char *ptr;
    uint32_t len, cap;
} StateVar;
/* Owns the bytes of StateVars; freed as a whole with stateheap_free, or one by one. */
typedef struct StateHeap StateHeap;
StateHeap *stateheap_new(Mem *mem);
void stateheap_free(StateHeap *heap);
void statevar_set(StateHeap *heap, StateVar *var, const void *bytes, uint32_t len);
void statevar_append(StateHeap *heap, StateVar *var, const void *bytes, uint32_t len);
void statevar_clear(StateHeap *heap, StateVar *var);

typedef enum AggTrait {
    AGG_LINEAR = 1, /* add() takes negative weights: COUNT, SUM, AVG. Else retraction needs the
                       group's values */
    /* the result is the first (or last, AGG_LAST) of the sorted values: MIN, MAX */
    AGG_ORDERED = 2,
    AGG_LAST = 4,
    AGG_MERGEABLE = 8,      /* merge() exists: slices, two phases */
    AGG_DUP_FREE = 16,      /* DISTINCT changes nothing */
    AGG_ARRIVAL_ORDER = 32, /* FIRST_VALUE, LAST_VALUE, LISTAGG: depends on the order of rows */
    AGG_TAKES_ORDER = 64,   /* sorts by AggCall.order; for others ORDER BY changes nothing */
    /* OVER may take out the oldest rows with weight -1; retractions still need the values */
    AGG_SLIDES = 256,
    AGG_WITHIN_GROUP = 128 /* the first argument may be written WITHIN GROUP (ORDER BY x) */
} AggTrait;

typedef struct AggCall AggCall;
typedef struct AggCtx {
    StateHeap *heap;
    ExprEnv *env;
    Arena *scratch;
    const AggCall *call;
} AggCtx;

struct Agg {
    const char *name;
    const char *sig;     /* as in Fn */
    uint32_t traits;     /* AggTrait */
    uint32_t state_size; /* bytes, a multiple of 8; all zero = the state of no rows */
    uint32_t var_slots;  /* bit i set: a StateVar lies at byte 8 * i, for the store to free and to
                            write out */
    Status (*derive)(Arena *, Expr *const *args, uint32_t n_args, const Type **out, Err *);
    /* Adds n rows; row i goes to states[i] (this aggregate's part of the group's state) with
     * weights[i] (NULL = all +1). Rows that a FILTER or DISTINCT excludes are not in here. NULL
     * arguments are: most aggregates skip them. */
    Status (*add)(AggCtx *, char *const *states, const Column *args, const int32_t *weights,
                  uint32_t n, Err *);
    Status (*merge)(AggCtx *, char *into, const char *from, Err *); /* NULL unless AGG_MERGEABLE */
    /* Appends one result a state. */
    Status (*result)(AggCtx *, const char *const *states, uint32_t n, ColBuilder *out, Err *);
    const char *help, *example;
};
const Agg *const *agg_all(uint32_t *n);

/* One aggregate call of a query, resolved. */
struct AggCall {
    const Agg *agg;
    Expr **args; /* over the aggregate's input */
    uint32_t n_args;
    /* ORDER BY inside the call: the last n_order arguments are its keys (AGG_TAKES_ORDER only) */
    uint32_t n_order;
    const KeyOrder *order;
    Expr *filter;     /* FILTER (WHERE ...), or NULL */
    bool is_distinct; /* and the aggregate is not AGG_DUP_FREE */
    const Type *type; /* of the result */
    int32_t pos;
};
bool agg_is_name(Span name);
/* Resolves an aggregate by name and argument types, inserting casts. is_grouped: with GROUP BY keys
 * (a global SUM is nullable). */
Status agg_bind(Arena *arena, Span name, Expr **args, uint32_t n_args, bool is_distinct,
                bool is_grouped, int32_t pos, AggCall *out, Err *err) WARN_UNUSED;

/* ORDER BY inside the call: more arguments for an aggregate that sorts, nothing for others. */
void agg_add_order(Arena *arena, AggCall *call, Expr *const *keys, const KeyOrder *order,
                   uint32_t n);
/* The AGG_WITHIN_GROUP trait of any row of this name. */
bool agg_is_within_group(Span name);

/* ---- text forms ---- */

/* How a value is written. Flink prints `2024-01-05T10:20` but casts to `2024-01-05 10:20:00.000`.
 */
typedef enum TextStyle {
    TEXT_CAST,  /* CAST(x AS STRING) */
    TEXT_PRINT, /* the print connector: toString of Java's external types */
    TEXT_SQL,   /* "yyyy-MM-dd HH:mm:ss.SSS": json and csv with timestamp standard SQL; strings bare
                 */
    TEXT_ISO    /* "yyyy-MM-ddTHH:mm:ss.SSSZ" */
} TextStyle;
void value_print(const Column *col, uint32_t row, TextStyle style, const Zone *zone, Buf *out);
/* Parses text as a value of the type and appends it; shared by casts, csv, json and literals.
 * 22007, 22P02, 22003 with the offending text. TEXT_SQL or TEXT_ISO choose the timestamp form;
 * TEXT_CAST is lenient as CAST is. */
Status value_parse(Span text, const Type *type, TextStyle style, const Zone *zone, ColBuilder *out,
                   Err *err) WARN_UNUSED;

/* The reference, from the tables: Markdown. */
void expr_doc_functions(Buf *out);

#endif
