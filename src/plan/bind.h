/* bind.h -- the binder: from names and syntax to typed expressions over the columns of nodes.
 *
 * A Rel is a node while it is being built up, with the names by which its columns can be reached.
 * An ExprCtx says what an expression may be made of where it stands. For src/plan only.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_BIND_H
#define WEIR_BIND_H

#include "plan/catalog_store.h"
#include "plan/plan.h"

enum { BIND_VIEW_DEPTH_MAX = 32, COLUMN_NONE = -1, REL_NONE = -1 };

/* Columns that do not exist yet, while a SELECT is being bound: of the query around it, result i of
 * its aggregates, of its OVER calls. */
enum {
    COLUMN_MARK = 1 << 26, /* tells the NULLs of GROUPING SETS */
    COLUMN_OUTER = 1 << 27,
    COLUMN_AGG = 1 << 28,
    COLUMN_OVER = 1 << 29,
    COLUMN_SUB = 1 << 30,                   /* of subqueries that are joined behind the aggregate */
    COLUMN_RIGHT = COLUMN_SUB + COLUMN_OVER /* of the subquery, in the condition of its join */
};

typedef struct CteScope CteScope;
typedef struct ViewUse ViewUse;
typedef struct ScanUse ScanUse;
typedef struct Domain Domain;

/* One statement being bound. */
typedef struct Binder {
    const PlanEnv *env;
    Arena *arena;
    /* what positions of the tree count from: DDL parses its own copy of the text */
    int32_t pos_base;
    int32_t pos_override; /* inside a view: where the view is named in the statement; else -1 */
    Span use_catalog, use_database; /* what short names are completed with */
    uint32_t view_depth;
    Domain *domain;  /* of the scope around the query being bound, if that has one */
    bool has_domain; /* the rows of the last query bound end with its columns */
    const CteScope *ctes;
    const AstList *hints; /* of the SELECT being bound */
    /* already bound in this statement: a view is one subgraph, however often used */
    ViewUse *views;
    ScanUse *scans;
} Binder;

void binder_init(Binder *b, const PlanEnv *env);
/* The position to blame: the place in the statement itself. */
int32_t bind_pos(const Binder *b, int32_t pos);
Status bind_unsupported(const Binder *b, int32_t pos, const char *what, const char *hint,
                        Err *err) WARN_UNUSED;

/* ---- scopes ---- */

typedef struct ScopeRel {
    Span alias;
    Span table;             /* its own name, which an alias hides; may be empty */
    Span database, catalog; /* empty when it is not a table named so */
} ScopeRel;

typedef struct ScopeCol {
    Span name;
    int32_t rel;    /* index of its ScopeRel; REL_NONE for columns merged by USING */
    uint32_t index; /* column of the node */
    const Type *type;
    bool is_hidden; /* merged by USING or NATURAL: reached only through its table's name */
    Span origin;    /* of a subquery without a name: the table that it took the column from */
} ScopeCol;

typedef struct Scope Scope;
struct Scope {
    ScopeRel *rels;
    uint32_t n_rels;
    ScopeCol *cols;
    uint32_t n_cols;
    const Scope *outer; /* of a subquery: correlation */
    Domain *domain;     /* NULL, or: the node carries its columns, from this one on */
    uint32_t domain_at;
    const Ast *owner; /* the part of the query that wanted them */
};

typedef struct Rel {
    Node *node;
    Scope scope;
} Rel;

/* The scope of a node under one name. columns (may be NULL) rename the first n_columns. */
Status scope_of_node(Binder *b, const Node *node, Span alias, const AstAlias *columns, Scope *out,
                     Err *err) WARN_UNUSED;
/* Both sides of a join; the right side's columns follow. */
Scope scope_join(Arena *arena, const Scope *left, const Scope *right, uint32_t n_left_cols);
/* The same names over a node whose columns are made anew with the same indexes. */
void scope_retype(Arena *arena, Scope *scope, const Schema *schema);

typedef struct NameMatch {
    const ScopeCol *col;
    bool is_outer;  /* a column of the scope around */
    int32_t n_used; /* parts of the name that lead to the column; the rest are ROW fields */
} NameMatch;
/* a, t.a, db.t.a, a.field ... 42703 or 42702 when nothing or too much fits. */
Status scope_resolve(Binder *b, const Scope *scope, const AstName *name, bool may_outer,
                     NameMatch *out, Err *err) WARN_UNUSED;
/* The table a star or an alias means, or -1. */
int32_t scope_find_rel(const Scope *scope, const AstIdents *parts, int32_t n_parts);

/* ---- domains (bind_domain.c) ---- */

/* A subquery that names columns of the query around it is bound once for all their values: the
 * different values are its domain, every part of it that looks at them carries them along as more
 * columns, and what it gives is joined to the rows around by them. */
struct Domain {
    bool is_collecting; /* first pass: which columns are looked at, and where */
    bool *is_used;      /* columns of the node around */
    uint32_t *place;    /* column of the domain for each of them */
    Node *node;         /* the values; while collecting, the node around itself */
    uint32_t n;         /* its columns */
    Expr **around;      /* each as a column of the node around */
    const Ast **owners; /* parts of the query that look at them */
    uint32_t n_owners, cap_owners;
};

/* Binds a query that may name columns of the rel. *domain is NULL when it does not; else the
 * domain's columns stand behind those of the query. */
Status bind_correlated(Binder *b, const AstQuery *query, const Rel *around, Node **out,
                       Domain **domain, Err *err) WARN_UNUSED;
/* Does this part of a query, below the scope, have to carry the domain? */
bool domain_wants(const Binder *b, const Scope *outer, const Ast *owner);
/* Gives the rel the columns of the binder's domain, unless it has them. */
void domain_carry(Binder *b, Rel *rel, const Scope *outer, const Ast *owner);
/* The node with the domain's columns behind its own. */
Node *domain_append(Binder *b, Node *node);
/* The column of the scope's node for a column of the node around. */
uint32_t domain_column(Binder *b, const Scope *scope, uint32_t around);
/* An aggregate without groups has a row for each value of the domain. */
Status domain_every(Binder *b, const Domain *domain, Node **agg, Err *err) WARN_UNUSED;
/* a = b, or both NULL. */
Status domain_equal(Binder *b, Expr *left, Expr *right, Expr **out, Err *err) WARN_UNUSED;

/* ---- expressions ---- */

typedef struct OverBinding OverBinding;
typedef struct MatchBinding MatchBinding;

/* The aggregates of a SELECT: keys and arguments over its FROM and WHERE. */
typedef struct AggBinding {
    Expr **keys;
    uint32_t n_keys, cap_keys;
    AggCall *calls;
    uint32_t n_calls, cap_calls;
    uint32_t *sets; /* GROUPING SETS: bit masks of keys */
    uint32_t n_sets;
    struct SubJoin *subs; /* subqueries that are joined behind the aggregate, in this order */
    uint32_t n_sub_cols;
} AggBinding;

/* GROUP BY TUMBLE(ts, ...): the window is a node, its bounds are keys. */
typedef struct GroupWindow {
    const AstCall *call; /* NULL = none */
    WindowKind kind;
    uint32_t start_col, end_col, time_col; /* of the node */
} GroupWindow;

typedef struct SubSelect SubSelect;

/* The select list, as bound. */
typedef struct NamedExprs {
    const Span *names;
    Expr *const *exprs;
    uint32_t n;
} NamedExprs;

typedef struct ExprCtx {
    Binder *b;
    Rel *rel;            /* the input; scalar subqueries may add columns to it. NULL: no columns */
    const char *clause;  /* "WHERE": for messages */
    AggBinding *agg;     /* NULL: aggregates are not allowed here */
    OverBinding *over;   /* NULL: OVER is not allowed here */
    GroupWindow *window; /* TUMBLE_START and the like may stand here */
    MatchBinding *match; /* inside MATCH_RECOGNIZE: columns mean rows of the match */
    bool in_agg;         /* inside an aggregate's arguments */
    SubSelect *sub;      /* conditions may name columns of the query around */
    const NamedExprs *named; /* what names may mean that are no columns: QUALIFY */
} ExprCtx;

Status bind_expr(ExprCtx *ctx, const Ast *ast, Expr **out, Err *err) WARN_UNUSED;
/* As bind_expr, and BOOLEAN. */
Status bind_condition(ExprCtx *ctx, const Ast *ast, Expr **out, Err *err) WARN_UNUSED;
Status bind_exprs(ExprCtx *ctx, const AstList *list, Expr ***out, Err *err) WARN_UNUSED;
/* An expression without columns, folded: LIMIT, window sizes. */
Status bind_constant(Binder *b, const Ast *ast, const char *clause, Expr **out,
                     Err *err) WARN_UNUSED;
Status bind_call(ExprCtx *ctx, const AstCall *call, Expr **out, Err *err) WARN_UNUSED;
/* The clauses of a JSON function as more arguments; its RETURNING type. bind_json.c */
Status bind_json_args(ExprCtx *ctx, const AstCall *call, Span name, Expr ***args, uint32_t *n,
                      Err *err) WARN_UNUSED;
/* JSON_OBJECT and JSON_ARRAY, as calls of functions that put JSON texts together. */
bool bind_is_json_constructor(Span name);
Status bind_json_construct(ExprCtx *ctx, const AstCall *call, Span name, Expr ***args, uint32_t *n,
                           Err *err) WARN_UNUSED;
/* Any value as JSON text; a constructor's as it is. */
Status bind_json_value(ExprCtx *ctx, const Ast *ast, Expr **out, Err *err) WARN_UNUSED;
Status bind_json_returning(const Binder *b, const AstCall *call, Expr **out, Err *err) WARN_UNUSED;
Status bind_literal(const Binder *b, const AstLiteral *lit, Expr **out, Err *err) WARN_UNUSED;
/* The type of INTERVAL .. from [TO to]. */
const Type *bind_interval_type(const Binder *b, AstUnit from, AstUnit to);
Status bind_interval(ExprCtx *ctx, const AstInterval *interval, Expr **out, Err *err) WARN_UNUSED;
Status bind_type(const Binder *b, const AstType *ast, const Type **out, Err *err) WARN_UNUSED;
Expr *bind_field(Arena *arena, Expr *row, uint32_t field, int32_t pos);
/* ---- subqueries as values (bind_mark.c) ---- */

/* A node that is joined to the rows (LEFT JOIN): what was a subquery in an expression. */
typedef struct SubJoin {
    Node *right;
    Expr *condition; /* over the rows' columns, and COLUMN_RIGHT and the node's; NULL = none */
    int32_t pos;
    struct SubJoin *next;
} SubJoin;
/* cols: the node's columns as they can be named from now on. Where an aggregate is being bound they
 * are placeholders. */
Status bind_sub_join(ExprCtx *ctx, const SubJoin *join, Expr ***cols, Err *err) WARN_UNUSED;
/* Puts the subqueries of an aggregate's expressions on top of it. */
Status bind_subs_after_agg(ExprCtx *ctx, Node **node, Err *err) WARN_UNUSED;
Status bind_exists(ExprCtx *ctx, const AstExists *ast, Expr **out, Err *err) WARN_UNUSED;
Status bind_in_query(ExprCtx *ctx, const AstIn *ast, Expr **out, Err *err) WARN_UNUSED;
Status bind_quantified_query(ExprCtx *ctx, const AstQuantified *ast, Expr **out,
                             Err *err) WARN_UNUSED;
/* Any subquery as one value. */
Status bind_scalar_any(ExprCtx *ctx, const AstSubquery *ast, Expr **out, Err *err) WARN_UNUSED;
Status bind_scalar_subquery(ExprCtx *ctx, const AstSubquery *ast, Expr **out, Err *err) WARN_UNUSED;
/* name: of the function that the call's name stands for. */
Status bind_agg_call(ExprCtx *ctx, const AstCall *call, Span name, Expr **out,
                     Err *err) WARN_UNUSED;
Status bind_over_call(ExprCtx *ctx, const AstCall *call, Span name, Expr **out,
                      Err *err) WARN_UNUSED;
bool bind_is_over_only(Span name); /* ROW_NUMBER, LAG: window functions that are no aggregates */
/* TUMBLE_START(...) and its kin; *is_handled tells whether it is one. */
Status bind_group_window_call(ExprCtx *ctx, const AstCall *call, Span name, bool *is_handled,
                              Expr **out, Err *err) WARN_UNUSED;
Expr *bind_string_const(const Binder *b, Span text, int32_t pos);

/* A constant's value. False when it is NULL or not that kind. */
bool expr_const_int(const Expr *expr, int64_t *out);
bool expr_is_null_const(const Expr *expr);
/* Types of computed results carry no time attribute. */
Expr *bind_strip_attr(Arena *arena, Expr *expr);
/* The expression with every column replaced by exprs[column]. */
Expr *expr_substitute(Arena *arena, const Expr *expr, Expr *const *exprs);
/* AND of the list, or NULL for none; and its conjuncts. */
Expr *expr_and(Arena *arena, Expr **args, uint32_t n);
void expr_conjuncts(Arena *arena, Expr *expr, Expr ***out, uint32_t *n);

const char *bind_setting(const Binder *b, const char *key); /* NULL when not set */
bool bind_setting_is(const Binder *b, const char *key, const char *value);
int64_t bind_setting_us(const Binder *b, const char *key); /* 0 when not set */
Status bind_hints_check(const Binder *b, const AstList *hints, Err *err) WARN_UNUSED;
Status bind_table_options(Binder *b, const Table *table, const AstList *hints, int32_t pos,
                          const Options **out, Err *err) WARN_UNUSED;

/* ---- aggregates (bind_group.c) ---- */

/* Is there an aggregate in the expression, outside of subqueries and OVER? */
bool bind_has_agg(const Binder *b, const Ast *ast);
Status bind_group_by(ExprCtx *ctx, const AstSelect *select, Err *err) WARN_UNUSED;
Status bind_group_key(ExprCtx *ctx, const Ast *item, uint32_t *index, Err *err) WARN_UNUSED;
Status bind_group_window_item(ExprCtx *ctx, const AstCall *item, Err *err) WARN_UNUSED;
/* GROUPING SETS, ROLLUP, CUBE (bind_sets.c). */
bool bind_has_sets(const AstSelect *select);
Status bind_group_sets(ExprCtx *ctx, const AstSelect *select, Err *err) WARN_UNUSED;
bool bind_key_is_in_all_sets(const AggBinding *agg, uint32_t key);
Status bind_group_id(ExprCtx *ctx, const AstCall *call, Expr **out, Err *err) WARN_UNUSED;
Status bind_grouping_call(ExprCtx *ctx, const AstCall *call, Expr **out, Err *err) WARN_UNUSED;
void bind_agg_add_key(const Binder *b, AggBinding *agg, Expr *key);
/* The NODE_AGGREGATE over ctx->rel. */
Node *bind_agg_node(ExprCtx *ctx, int32_t pos);
/* From an expression over the input to one over the aggregate's output; 42803 for what is no key.
 */
Status bind_after_agg(ExprCtx *ctx, const Expr *expr, Expr **out, Err *err) WARN_UNUSED;

/* The arguments of an aggregate, without the star of COUNT(*). */
Status bind_agg_whole(ExprCtx *ctx, const AstCall *call, Span name, bool is_grouped, AggCall *out,
                      Err *err) WARN_UNUSED;

/* ---- OVER (bind_over.c) ---- */

OverBinding *bind_over_new(Binder *b, const AstList *windows);
bool bind_over_is_used(const OverBinding *over);
/* Every partition is also one of these columns. */
void bind_over_partition_by(Binder *b, OverBinding *over, Expr *const *exprs, uint32_t n);
/* Moves the arguments of all OVER calls behind the aggregates. */
Status bind_over_after_agg(ExprCtx *ctx, Err *err) WARN_UNUSED;
/* Puts NODE_OVERs on top of *node. */
Status bind_over_nodes(ExprCtx *ctx, Node **node, Err *err) WARN_UNUSED;
/* Replaces placeholders by the columns that they have become. */
Expr *bind_after_over(Binder *b, const OverBinding *over, Expr *expr);

/* ---- windows (bind_window.c) ---- */

/* EMIT and ON LATE behind a query; and Flink's settings for GROUP BY TUMBLE(...). */
void bind_emit_settings(Binder *b, Node **node);
Status bind_emit(Binder *b, const AstQuery *query, Node **node, Err *err) WARN_UNUSED;
/* STATE_TTL('t' = '1 d') of the SELECT for the only table of the scope; else `otherwise`. */
int64_t bind_state_ttl(const Binder *b, const Scope *scope, int64_t otherwise);
/* Every key of STATE_TTL names a table of the scope. */
Status bind_state_ttl_check(const Binder *b, const Scope *scope, Err *err) WARN_UNUSED;
/* TO_CHANGELOG and FROM_CHANGELOG. */
bool bind_is_changelog_fn(Span name);
Status bind_changelog_fn(Binder *b, const AstTableFn *fn, Rel *out, Err *err) WARN_UNUSED;
Status bind_window_fn(Binder *b, const AstTableFn *fn, Rel *out, Err *err) WARN_UNUSED;
bool bind_is_window_fn(const AstCall *call);
bool bind_is_group_window(const Ast *ast);
/* Adds the window's node to the rel. */
Status bind_group_window(ExprCtx *ctx, const AstCall *call, Err *err) WARN_UNUSED;

/* UNNEST(list), or TABLE(f(...)) with a function that makes a list (bind_unnest.c). */
bool bind_is_elements(const Ast *from);
/* The rel's rows, each with the elements; join NULL: the first item of FROM. */
Status bind_elements(Binder *b, const AstJoin *join, const Ast *ast, const Scope *outer, Rel *rel,
                     Err *err) WARN_UNUSED;
Status bind_join(Binder *b, const AstJoin *join, const Scope *outer, Rel *out,
                 Err *err) WARN_UNUSED;
/* WHERE with IN (query) and EXISTS as joins; the rest as a filter. */
Status bind_where(ExprCtx *ctx, const Ast *where, Err *err) WARN_UNUSED;

/* ---- queries ---- */

Status bind_query(Binder *b, const AstQuery *query, const Scope *outer, Node **out,
                  Err *err) WARN_UNUSED;
Status bind_select(Binder *b, const AstSelect *select, const AstQuery *tail, const Scope *outer,
                   Node **out, Err *err) WARN_UNUSED;
/* NULLs are the smallest values, unless said otherwise. */
KeyOrder bind_key_order(const AstOrderItem *item);
Status bind_values(Binder *b, const AstValues *values, const Scope *outer, Node **out,
                   Err *err) WARN_UNUSED;
Node *bind_distinct(Binder *b, Node *in);
/* ORDER BY, LIMIT and OFFSET on top; sort[i] are columns of the node. Its last n_domain columns are
 * those of a domain: every value has an order and a limit of its own. */
Status bind_order_limit(Binder *b, const AstQuery *query, const SortKey *sort, uint32_t n_sort,
                        uint32_t n_domain, Node **node, Err *err) WARN_UNUSED;
Status bind_from(Binder *b, const Ast *from, const Scope *outer, Rel *out, Err *err) WARN_UNUSED;
Status bind_table(Binder *b, const AstName *name, const AstList *hints, Node **out,
                  const Table **table, Err *err) WARN_UNUSED;
Status bind_scan(Binder *b, const Table *table, const AstList *hints, int32_t pos, Node **out,
                 Err *err) WARN_UNUSED;
Status bind_view(Binder *b, const Table *view, int32_t pos, Node **out, Err *err) WARN_UNUSED;
Status bind_find_table(const Binder *b, const AstName *name, const Table **out,
                       Err *err) WARN_UNUSED;
/* The node under its alias, or under `name`. */
/* a.b of a ROW expression; 42703 when it has no such field. */
Status bind_field_named(const Binder *b, Expr *row, const AstIdent *name, Expr **out,
                        Err *err) WARN_UNUSED;
/* A table FOR SYSTEM_TIME AS OF: the right side of a join. */
Status bind_versioned(Binder *b, const AstTableRef *ref, Rel *out, Err *err) WARN_UNUSED;
Status bind_match(Binder *b, const AstMatch *ast, const Scope *outer, Rel *out,
                  Err *err) WARN_UNUSED;
/* Names, calls and RUNNING or FINAL inside MATCH_RECOGNIZE. */
Status match_bind_name(ExprCtx *ctx, const AstName *name, Expr **out, Err *err) WARN_UNUSED;
Status match_bind_call(ExprCtx *ctx, const AstCall *call, Span name, bool *is_handled, Expr **out,
                       Err *err) WARN_UNUSED;
Status match_bind_final(ExprCtx *ctx, const Ast *arg, bool is_final, Expr **out,
                        Err *err) WARN_UNUSED;
Status bind_aliased(Binder *b, Node *node, const AstAlias *alias, Span name, Rel *out,
                    Err *err) WARN_UNUSED;
/* A NODE_JOIN with its whole condition (NULL = always) as residual, over left then right columns.
 */
Node *bind_join_node(Binder *b, JoinOp kind, Node *left, Node *right, Expr *condition, int32_t pos);
Status bind_insert(Binder *b, const AstInsert *insert, Node **out, Err *err) WARN_UNUSED;

/* ---- nodes (node.c) ---- */

/* The first n columns. */
Node *node_first(Arena *arena, Node *in, uint32_t n);
/* One row without columns. */
Node *node_one_row(Arena *arena);

Node *node_filter(Arena *arena, Node *in, Expr *condition);
/* names[i] and exprs[i] become the columns; time attributes survive only on plain columns. */
Node *node_project(Arena *arena, Node *in, Expr **exprs, const Span *names, uint32_t n);
/* A reference to column i of a node. */
Expr *node_column(Arena *arena, const Node *node, uint32_t i, int32_t pos);
/* All columns of the node, to be added to. The array has room for `more`. */
Expr **node_columns(Arena *arena, const Node *node, uint32_t more);
void node_set_schema(Arena *arena, Node *node, const Field *fields, uint32_t n);
/* The node with more columns behind its own; names may be NULL: made up. */
Node *node_append(Arena *arena, Node *in, Expr *const *exprs, const Span *names, uint32_t n);
/* Some of its columns. */
Node *node_keep(Arena *arena, Node *in, const uint32_t *cols, uint32_t n);
/* The node under other column names. */
Node *node_rename(Arena *arena, Node *in, const Span *names);
/* Computes the properties of a node from its inputs'. */
void node_properties(Arena *arena, Node *node);

#endif
