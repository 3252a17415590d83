/* state.c -- all state tables of one worker's graph: their memory, their names, their end.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/state.h"

#include <stdio.h>

typedef struct StateValue {
    Mem *mem;
    size_t size;
    char *saved; /* as the last commit has them; NULL: none has */
    _Alignas(16) char bytes[];
} StateValue;

State *state_new(Mem *mem) {
    State *state = mem_zalloc(mem, sizeof *state);
    state->mem = mem;
    state->heap = stateheap_new(mem);
    pool_init(&state->pool, mem, true);
    pool_init(&state->rows, mem, false);
    return state;
}

void state_free(State *state) {
    if (!state) return;
    while (state->tables) {
        StateTable *table = state->tables;
        state->tables = table->next;
        table->type->free(table->table);
        mem_free(state->mem, table->name, table->name_size);
        mem_free(state->mem, table, sizeof *table);
    }
    stateheap_free(state->heap);
    pool_deinit(&state->pool);
    pool_deinit(&state->rows);
    mem_free(state->mem, state, sizeof *state);
}

StateHeap *state_heap(State *state) {
    return state->heap;
}

void state_add(State *state, const char *op_name, const char *name, void *table,
               const StateTableType *type) {
    StateTable *entry = mem_zalloc(state->mem, sizeof *entry);
    entry->name_size = strlen(op_name) + strlen(name) + 2;
    entry->name = mem_alloc(state->mem, entry->name_size);
    snprintf(entry->name, entry->name_size, "%s/%s", op_name, name);
    entry->table = table;
    entry->type = type;
    entry->id = hash_bytes(entry->name, entry->name_size, state->job);
    for (const StateTable *other = state->tables; other; other = other->next)
        assert(strcmp(other->name, entry->name) != 0 && other->id != entry->id &&
               "two tables of one name");
    entry->next = state->tables;
    state->tables = entry;
}

static void state_value_free(void *table) {
    StateValue *value = table;
    if (value->saved) mem_free(value->mem, value->saved, value->size);
    mem_free(value->mem, value, sizeof *value + value->size);
}

static void state_value_save(StateValue *value) {
    if (!value->saved) value->saved = mem_alloc(value->mem, value->size);
    memcpy(value->saved, value->bytes, value->size);
}

static void state_value_collect(void *table, StateWriter *to) {
    StateValue *value = table;
    if (value->saved && memcmp(value->saved, value->bytes, value->size) == 0) return;
    state_value_save(value);
    statewriter_begin(to);
    kvbatch_put(to->batch, buf_as_span(&to->key), (Span){value->bytes, value->size});
}

static Status state_value_load(void *table, Span key, Span bytes, Err *err) {
    StateValue *value = table;
    if (key.len || bytes.len != value->size) return state_corrupt("value", err);
    memcpy(value->bytes, bytes.ptr, value->size);
    state_value_save(value);
    return ST_OK;
}

static const StateTableType value_table_type = {state_value_free, state_value_collect,
                                                state_value_load};

void *state_value(State *state, const char *op_name, const char *name, uint32_t size) {
    StateValue *value = mem_zalloc(state->mem, sizeof *value + size);
    value->mem = state->mem;
    value->size = size;
    state_add(state, op_name, name, value, &value_table_type);
    return value->bytes;
}

/* ---- commits ---- */

void state_make_durable(State *state, uint64_t job) {
    assert(!state->tables);
    state->is_durable = true;
    state->job = job;
}

bool state_is_durable(const State *state) {
    return state->is_durable;
}

void statewriter_begin(StateWriter *to) {
    uint64_t id = __builtin_bswap64(to->table);
    buf_reset(&to->key);
    buf_put(&to->key, &id, sizeof id);
}

void statewriter_time(StateWriter *to, int64_t time) {
    uint64_t big = __builtin_bswap64((uint64_t)time ^ (UINT64_C(1) << 63));
    buf_put(&to->key, &big, sizeof big);
}

int64_t state_read_time(const char *bytes) {
    uint64_t big;
    memcpy(&big, bytes, sizeof big);
    return (int64_t)(__builtin_bswap64(big) ^ (UINT64_C(1) << 63));
}

Status state_corrupt(const char *table, Err *err) {
    FAIL(err, ST_CORRUPT, "XX001", -1,
         "a record of state table \"%s\" has not the form that this query gives it", table);
}

void state_collect(State *state, KvBatch *to) {
    StateWriter writer = {.batch = to};
    buf_init(&writer.key, state->mem);
    buf_init(&writer.value, state->mem);
    for (const StateTable *table = state->tables; table; table = table->next) {
        writer.table = table->id;
        table->type->collect(table->table, &writer);
    }
    buf_deinit(&writer.key);
    buf_deinit(&writer.value);
}

static Status state_load_record(void *ctx, Span key, Span value, Err *err) {
    const StateTable *table = ctx;
    key = (Span){key.ptr + sizeof table->id, key.len - sizeof table->id};
    return table->type->load(table->table, key, value, err);
}

Status state_load(State *state, Kv *kv, Err *err) {
    for (StateTable *table = state->tables; table; table = table->next) {
        uint64_t id = __builtin_bswap64(table->id);
        TRY(kv_scan(kv, (Span){(const char *)&id, sizeof id}, state_load_record, table, err));
    }
    return ST_OK;
}

bool state_has_tables(const State *state, const char *op_name) {
    size_t len = strlen(op_name);
    for (const StateTable *table = state->tables; table; table = table->next)
        if (strncmp(table->name, op_name, len) == 0 && table->name[len] == '/') return true;
    return false;
}

const char *state_table(const State *state, uint32_t index, uint64_t *id) {
    const StateTable *table = state->tables;
    while (table && index--) table = table->next;
    if (table) *id = table->id;
    return table ? table->name : NULL;
}
