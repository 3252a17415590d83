/* explain.h -- one node as text. For src/plan only.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_EXPLAIN_H
#define WEIR_EXPLAIN_H

#include "plan/bind.h"

typedef struct ExplainNodes ExplainNodes;

/* "Filter", "a SESSION window": for messages. */
const char *explain_kind(const Node *node);
/* "Filter(a > 1)", without a line end. */
void explain_node(const Node *node, Buf *out);
/* ", state=[...]": what the operator remembers and what bounds it. */
void explain_state(const Node *node, Buf *out);
/* The plan's nodes as JSON. */
void explain_json(const Plan *plan, Buf *out);
/* What the user might do about the node; NULL when all is well. */
const char *explain_node_advice(const Node *node);

#endif
