/* state.h -- what the tables of one State share. Not for other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_STATE_H
#define WEIR_STATE_H

#include "store/slab.h"
#include "store/store.h"

/* Records of a table on their way into a commit. */
typedef struct StateWriter {
    KvBatch *batch;
    uint64_t table; /* what all keys of the table begin with */
    Buf key, value; /* of the record being made */
} StateWriter;

/* What every kind of table can do. Keys are given without the table's part. */
typedef struct StateTableType {
    void (*free)(void *table);
    void (*collect)(void *table, StateWriter *to); /* what changed since the last call */
    Status (*load)(void *table, Span key, Span value, Err *err);
} StateTableType;

typedef struct StateTable {
    struct StateTable *next;
    char *name; /* "operator/table" */
    size_t name_size;
    uint64_t id; /* of a durable table: from the job and the name */
    const StateTableType *type;
    void *table;
} StateTable;

struct State {
    Mem *mem;
    StateHeap *heap;
    Pool pool; /* of maps */
    Pool rows; /* of multimaps: written once mostly, so that huge pages do not pay */
    StateTable *tables;
    bool is_durable;
    uint64_t job;
};

/* Registers a table under "op_name/name"; it is freed when the state dies. */
void state_add(State *state, const char *op_name, const char *name, void *table,
               const StateTableType *type);

void statewriter_begin(StateWriter *to);              /* the key becomes the table's part */
void statewriter_time(StateWriter *to, int64_t time); /* in an order that memcmp sees */
int64_t state_read_time(const char *bytes);
Status state_corrupt(const char *table, Err *err);

/* A map that another table is built on: not registered. */
StateMap *map_new(State *state, const MapSpec *spec);
void map_free(void *map);
/* Only removals are told, not changes: for maps whose entries are not kept as such. */
void map_untrack(StateMap *map);
/* Every entry that was changed or removed since the last call; is_unsaved: no call has told of it
 * before. The memory of removed ones is given back. */
typedef void MapChangeFn(void *ctx, char *entry, bool is_removed, bool is_unsaved);
void map_take_changed(StateMap *map, MapChangeFn *visit, void *ctx);

#endif
