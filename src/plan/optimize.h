/* optimize.h -- the rules that make a bound plan cheaper without changing its answer. For src/plan
 * only.
 *
 * A rule is one file, rule_<name>.c, and one line in optimize.c, where the order is visible. Rules
 * see nodes bottom-up, their inputs rewritten already; a node with several users is rewritten once
 * and stays shared.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_OPTIMIZE_H
#define WEIR_OPTIMIZE_H

#include "plan/bind.h"

enum { NODE_NEW = UINT32_MAX }; /* id of a node that a rule has made */

typedef struct RuleCtx {
    const PlanEnv *env;
    Arena *arena;
    Plan *plan;
    uint32_t *n_users; /* of the node with that id */
} RuleCtx;

typedef struct Rule {
    const char *name;    /* "column-pruning" */
    const char *setting; /* "table.optimizer.column-pruning.enabled": 'false' leaves it out */
    void (*apply)(RuleCtx *ctx);
    const char *help;
} Rule;
extern const Rule plan_rules[]; /* in order, ended by a NULL name */

/* Applies the rules that are not in env->disabled_rules. The plan's roots and nodes are replaced.
 */
Status plan_optimize(const PlanEnv *env, Plan *plan, Err *err) WARN_UNUSED;
/* What cannot run whatever the rules made of it is refused by name. */
Status plan_check(const PlanEnv *env, const Plan *plan, Err *err) WARN_UNUSED;
/* With several workers: puts exchanges where rows must meet others of their key. After all
 * rules. */
void plan_distribute(const PlanEnv *env, Plan *plan);
/* The join at which the column stops being a time that the watermark speaks of; NULL: it is one. */
const Node *plan_lost_time(const Node *node, uint32_t col);
/* two_phase.c: may the aggregate be divided? Its first phase; and the node itself made the
 * second one, over `in`, the rows of the first (false: it stays as it is). */
bool two_phase_fits(const Node *node);
Node *two_phase_local(Arena *arena, const Node *node);
bool two_phase_global(Arena *arena, Node *node, Node *in);
/* Lists every node once, inputs first, numbers them, and finds out whether the plan is bounded. */
/* Conditions on the present: rows that leave and come by themselves. */
void plan_temporal_filters(const PlanEnv *env, Plan *plan);
/* Refuses queries whose rows are known by another key than the sink's, or puts a node between. */
Status plan_conflicts(const PlanEnv *env, Plan *plan, Err *err) WARN_UNUSED;
void plan_collect(const PlanEnv *env, Plan *plan);

/* Replaces every node by what the function makes of it. `node` is a copy whose inputs are new, or
 * the old node itself when they did not change; its id is that of the old node. */
typedef Node *RewriteFn(RuleCtx *ctx, Node *node);
void rule_rewrite(RuleCtx *ctx, RewriteFn *fn);
bool rule_is_shared(const RuleCtx *ctx, const Node *node);
/* A copy to be changed, with its own array of inputs. */
Node *node_copy(Arena *arena, const Node *node);
/* Do all columns that it uses lie in [first, first + n)? */
bool expr_uses_only(const Expr *expr, uint32_t first, uint32_t n);
/* Calls change for each expression of the node: outputs, keys, arguments, filters, residuals. */
void node_each_expr(Arena *arena, Node *node, Expr *(*change)(void *ctx, Expr *expr), void *ctx);

void rule_fold(RuleCtx *ctx);
void rule_join(RuleCtx *ctx);
void rule_merge(RuleCtx *ctx);
void rule_pushdown(RuleCtx *ctx);
void rule_prune(RuleCtx *ctx);
void rule_scan_filter(RuleCtx *ctx);
void rule_share(RuleCtx *ctx);
void rule_state_pruning(RuleCtx *ctx);
void rule_timed_join(RuleCtx *ctx);
void rule_topn(RuleCtx *ctx);
void rule_watermark(RuleCtx *ctx);
void rule_window_agg(RuleCtx *ctx);

#endif
