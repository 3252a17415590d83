/* state.h -- what the tables of one State share. Not for other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_STATE_H
#define WEIR_STATE_H

#include "store/slab.h"
#include "store/store.h"

typedef struct StateTable {
    struct StateTable *next;
    char *name; /* "operator/table" */
    size_t name_size;
    void (*free)(void *table);
    void *table;
} StateTable;

struct State {
    Mem *mem;
    StateHeap *heap;
    Pool pool;
    StateTable *tables;
};

/* Registers a table under "op_name/name"; free gets the table when the state dies. */
void state_add(State *state, const char *op_name, const char *name, void *table,
               void (*free)(void *table));

/* A map that another table is built on: not registered. */
StateMap *map_new(State *state, const MapSpec *spec);
void map_free(void *map);

#endif
