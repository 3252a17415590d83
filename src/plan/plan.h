/* plan.h -- from a statement's AST to a graph of nodes that operators can run; the catalog of
 * tables, views and functions.
 *
 *   AST --bind--> logical nodes --rules (rule_*.c)--> physical nodes, ready for flow/graph.c
 *
 * One Node struct serves both: a node's kind says what it computes, its spec how. Plans are
 * read-only once planned. A node with several parents is computed once (shared views). Expressions
 * refer to the input's columns by index; for joins the right input's columns follow the left's.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_PLAN_H
#define WEIR_PLAN_H

#include "conn/conn.h"
#include "plan/catalog.h"
#include "plan/node.h"
#include "sql/sql.h"
#include "store/store.h"

/* What planning needs besides the catalog. */
typedef struct PlanEnv {
    Catalog *catalog;
    /* The text that positions of the statement count in; DDL keeps a copy of its part. May be
     * empty. */
    Span sql;
    ExprEnv *expr_env;      /* zone and mode */
    const StrMap *settings; /* SET 'key' = 'value'; values are NUL-terminated text. May be NULL */
    Arena *arena;           /* the plan lives here */
    bool is_batch;          /* execution.runtime-mode = batch */
    uint32_t n_workers;     /* the plan is for so many; 0 = 1 */
    const StrMap *disabled_rules;      /* names of rules switched off */
    bool (*can_run)(const Node *node); /* is there an operator for it? NULL: for everything */
    /* Told what is understood and has no effect; NULL: nobody is. */
    void (*warn)(void *ctx, const char *text);
    void *warn_ctx;
} PlanEnv;

/* One query or INSERT, or all INSERTs of a statement set: `roots` are sink nodes. */
typedef struct Plan {
    Node **roots;
    uint32_t n_roots;
    Node **nodes; /* every node once, inputs before users */
    uint32_t n_nodes;
    bool is_bounded;      /* every source ends by itself */
    uint32_t n_workers;   /* at least 1; more: exchanges stand where rows must change workers */
    Node **logical_roots; /* as bound, before the rules; for EXPLAIN. May be NULL */
} Plan;

/* A SELECT whose rows go to the caller: the root is a NODE_SINK without a table. */
Status plan_query(const PlanEnv *env, const Ast *query, Plan **out, Err *err) WARN_UNUSED;
/* INSERT statements (one, or those of a statement set) as one graph. */
Status plan_inserts(const PlanEnv *env, const AstList *inserts, Plan **out, Err *err) WARN_UNUSED;
/* CREATE, DROP, ALTER, USE: changes the catalog. */
Status plan_ddl(const PlanEnv *env, const Ast *statement, Err *err) WARN_UNUSED;
/* Resolves without planning: for `weir check` and views. */
Status plan_schema(const PlanEnv *env, const Ast *query, Schema *out, Err *err) WARN_UNUSED;
/* An expression without columns, folded: values that the host program feeds. */
Status plan_constant(const PlanEnv *env, const Ast *ast, Expr **out, Err *err) WARN_UNUSED;

/* The i-th setting that switches a rule off ('false'; it is on by default); a rule that is applied
 * several times has one. false: there is none. */
bool plan_rule_setting(uint32_t i, const char **setting, const char **help);

typedef enum ExplainFlags {
    EXPLAIN_LOGICAL = 1,  /* as bound */
    EXPLAIN_PHYSICAL = 2, /* after the rules */
    EXPLAIN_CHANGELOG = 4,
    EXPLAIN_STATE = 8,
    EXPLAIN_ADVICE = 16,
    EXPLAIN_JSON = 32 /* Flink's JSON_EXECUTION_PLAN */
} ExplainFlags;
void plan_explain(const Plan *plan, uint32_t flags, Buf *out);
/* The physical plan with a note behind each node. */
typedef void PlanNoteFn(void *ctx, const Node *node, Buf *out);
void plan_explain_run(const Plan *plan, PlanNoteFn *note, void *ctx, Buf *out);

/* out[i]: a name for what node i computes, the same in every plan that computes it (meaning.c). */
void plan_meanings(const Plan *plan, uint64_t *out);

#endif
