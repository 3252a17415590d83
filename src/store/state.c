/* state.c -- all state tables of one worker's graph: their memory, their names, their end.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/state.h"

#include <stdio.h>

typedef struct StateValue {
    Mem *mem;
    size_t size;
    _Alignas(16) char bytes[];
} StateValue;

State *state_new(Mem *mem) {
    State *state = mem_zalloc(mem, sizeof *state);
    state->mem = mem;
    state->heap = stateheap_new(mem);
    pool_init(&state->pool, mem);
    return state;
}

void state_free(State *state) {
    if (!state) return;
    while (state->tables) {
        StateTable *table = state->tables;
        state->tables = table->next;
        table->free(table->table);
        mem_free(state->mem, table->name, table->name_size);
        mem_free(state->mem, table, sizeof *table);
    }
    stateheap_free(state->heap);
    pool_deinit(&state->pool);
    mem_free(state->mem, state, sizeof *state);
}

StateHeap *state_heap(State *state) {
    return state->heap;
}

void state_add(State *state, const char *op_name, const char *name, void *table,
               void (*free)(void *table)) {
    StateTable *entry = mem_zalloc(state->mem, sizeof *entry);
    entry->name_size = strlen(op_name) + strlen(name) + 2;
    entry->name = mem_alloc(state->mem, entry->name_size);
    snprintf(entry->name, entry->name_size, "%s/%s", op_name, name);
    for (const StateTable *other = state->tables; other; other = other->next)
        assert(strcmp(other->name, entry->name) != 0 && "two tables of one name");
    entry->table = table;
    entry->free = free;
    entry->next = state->tables;
    state->tables = entry;
}

static void state_value_free(void *table) {
    StateValue *value = table;
    mem_free(value->mem, value, sizeof *value + value->size);
}

void *state_value(State *state, const char *op_name, const char *name, uint32_t size) {
    StateValue *value = mem_zalloc(state->mem, sizeof *value + size);
    value->mem = state->mem;
    value->size = size;
    state_add(state, op_name, name, value, state_value_free);
    return value->bytes;
}
