/* plan_util.h -- a planner with a catalog of its own, for tests: SQL in, plans or errors as text
 * out.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_PLAN_UTIL_H
#define WEIR_PLAN_UTIL_H

#include "plan/plan.h"

typedef struct PlanTest {
    Mem mem;
    Arena arena;
    Catalog *catalog;
    ExprEnv expr_env;
    StrMap settings;
    bool is_batch;
    Buf out;
    Err err;
    Plan *plan; /* of the last query or insert */
} PlanTest;

void plan_test_init(PlanTest *t);
void plan_test_deinit(PlanTest *t);
/* Runs the statements: definitions change the catalog; queries and inserts are planned. Stops at
 * the first error. */
Status plan_test_run(PlanTest *t, const char *sql);
/* As plan_test_run; the text is the plan, or the rendered error. Valid until the next call. */
const char *plan_test_explain(PlanTest *t, const char *sql, uint32_t flags);

#endif
