/* bind_cte.h -- names given by WITH. For src/plan only.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_BIND_CTE_H
#define WEIR_BIND_CTE_H

#include "plan/bind.h"

/* Innermost first. The query was bound once: all uses share its node. */
struct CteScope {
    Span name;
    Node *node;
    const CteScope *next;
};

const CteScope *bind_find_cte(const Binder *b, const AstName *name);

#endif
