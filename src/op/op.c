/* op.c -- the registry of operators: which one runs a node.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/op.h"

extern const OpType *const op_registry[]; /* made from the names of the op_*.c files */

const OpType *const *op_all(uint32_t *n) {
    uint32_t count = 0;
    while (op_registry[count]) count++;
    *n = count;
    return op_registry;
}

const OpType *op_for(const Node *node) {
    const OpType *found = NULL;
    for (const OpType *const *type = op_registry; *type; type++) {
        if (!(*type)->fits(node)) continue;
        assert(!found && "two operators claim one node");
        found = *type;
    }
    return found;
}
