/* store.h -- state tables: operators declare them and use them; they never write, read or expire
 * anything themselves.
 *
 *   map      key bytes -> one fixed-size entry (with StateVars inside, if declared)
 *   multimap key bytes -> rows sorted by sort-key bytes, each with a value and a count
 *   value    one fixed-size entry for the operator
 *
 * They are resident in memory. In a durable run every table also knows which of its entries changed
 * since the last commit: an entry counts as changed when upsert or find has given it out, so what
 * is changed in a step must be looked up in it. An entry's address is stable until it is removed.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_STORE_H
#define WEIR_STORE_H

#include "expr/expr.h"
#include "store/kv.h"

/* Keys are divided into groups by hash: the unit that a worker owns. */
enum { KEY_GROUPS = 256 };
static inline uint32_t key_group(uint64_t hash) {
    return (uint32_t)(hash >> 32) & (KEY_GROUPS - 1);
}
/* Each worker has a range of them. */
static inline uint32_t key_group_worker(uint32_t group, uint32_t n_workers) {
    return group * n_workers / KEY_GROUPS;
}

typedef struct State State; /* all tables of one worker's graph */
State *state_new(Mem *mem);
void state_free(State *state);
StateHeap *state_heap(State *state);

/* ---- commits ---- */
/* Before the first table is declared: changes are gathered for commits. job: what the keys of all
 * tables are told apart by when one directory holds several queries. */
void state_make_durable(State *state, uint64_t job);
bool state_is_durable(const State *state);
/* Appends what changed since the last call. */
void state_collect(State *state, KvBatch *to);
/* Reads all declared tables. */
Status state_load(State *state, Kv *kv, Err *err) WARN_UNUSED;
/* The index-th table's "operator/name" and what its keys begin with; NULL behind the last. */
const char *state_table(const State *state, uint32_t index, uint64_t *id);
bool state_has_tables(const State *state, const char *op_name);

/* ---- map ---- */
typedef struct StateMap StateMap;
typedef struct MapSpec {
    const char *name;     /* unique within the operator: "groups" */
    uint32_t entry_size;  /* bytes of the value, a multiple of 8; of 16: so is its address */
    uint32_t n_var_slots; /* StateVars in the entry, to free with it */
    const uint32_t *var_offsets;
    bool is_sliced; /* the key is (slice, key): entries are dropped by slice */
} MapSpec;
StateMap *state_map(State *state, const char *op_name, const MapSpec *spec);

/* Finds or adds n keys; entries[i] = the address, zeroed when new; is_new (may be NULL) gets one
 * byte a row. Lookups are prefetched, so one call a batch beats n calls. Equal keys within the call
 * give the same entry, and only the first of them is new. slices[i] (NULL unless is_sliced) is the
 * slice the key belongs to, e.g. its end in microseconds. */
void map_upsert(StateMap *map, const RowKeys *keys, const int64_t *slices, char **entries,
                uint8_t *is_new);
void map_find(StateMap *map, const RowKeys *keys, const int64_t *slices,
              char **entries); /* NULL where absent */
Span map_key(const StateMap *map,
             const char *entry);      /* the key bytes of an entry, valid as long as the entry */
uint64_t map_hash(const char *entry); /* of its key, as it was given */
void map_remove(StateMap *map, char *entry); /* frees its StateVars */
uint64_t map_count(const StateMap *map);
/* Every entry in no order; removing the visited entry inside is allowed. */
void map_each(StateMap *map, void (*visit)(void *ctx, char *entry), void *ctx);
/* Sliced maps: the slices present, ascending (valid until the next change), and all entries of one,
 * in the order in which they were added. */
const int64_t *map_slices(const StateMap *map, uint32_t *n);
void map_slice_each(StateMap *map, int64_t slice, void (*visit)(void *ctx, char *entry), void *ctx);
/* The same as an array, with NULL where an entry was removed; valid until the slice changes. */
char *const *map_slice_entries(const StateMap *map, int64_t slice, uint64_t *n);
void map_slice_drop(StateMap *map, int64_t slice);

/* Marks an entry as touched: true the first time since the last map_clear_dirty. The dirty entries
 * come in the order of their first touch. A removed entry leaves the list. */
bool map_mark_dirty(StateMap *map, char *entry);
char *const *map_dirty(const StateMap *map, uint32_t *n);
void map_clear_dirty(StateMap *map);

/* ---- multimap ---- */
/* key -> rows ordered by sort-key bytes (memcmp), each with a 64-bit count (weight) and value
 * bytes. Small groups are sorted arrays, large ones trees. Used by joins (sort key = the row
 * itself), Top-N, MIN and MAX with retraction. */
typedef struct MultiMap MultiMap;
typedef struct MultiGroup MultiGroup;
typedef struct MultiSpec {
    const char *name;
    uint32_t extra_size; /* bytes of operator data kept with each group, zeroed at first */
} MultiSpec;
MultiMap *state_multimap(State *state, const char *op_name, const MultiSpec *spec);
void multi_upsert(MultiMap *multi, const RowKeys *keys,
                  MultiGroup **groups);                                     /* adds empty groups */
void multi_find(MultiMap *multi, const RowKeys *keys, MultiGroup **groups); /* NULL where absent */
Span multi_key(const MultiMap *multi, const MultiGroup *group);
void *multi_extra(MultiGroup *group);
void multi_remove(MultiMap *multi, MultiGroup *group);
void multi_each(MultiMap *multi, void (*visit)(void *ctx, MultiGroup *group), void *ctx);
uint64_t multi_count(const MultiMap *multi); /* groups */

typedef struct MultiRow {
    Span sort, value;
    int64_t count;
} MultiRow;
/* Adds `weight` to the count of the row with this sort key; a count that reaches 0 removes it.
 * Returns the new count. The value is stored when the row is new, and replaced when replace is set.
 * *position (may be NULL): its index. */
int64_t multi_add(MultiMap *multi, MultiGroup *group, Span sort, Span value, int64_t weight,
                  bool replace, uint64_t *position);
uint64_t multi_rows(const MultiGroup *group);
/* The row at an index of the order; false when out of range. O(log n). Spans live until the group
 * changes. */
bool multi_at(const MultiGroup *group, uint64_t index, MultiRow *out);
bool multi_get(const MultiGroup *group, Span sort, MultiRow *out);
uint64_t multi_lower_bound(const MultiGroup *group,
                           Span sort); /* index of the first row with sort >= key */
void multi_erase(MultiMap *multi, MultiGroup *group, uint64_t from,
                 uint64_t to); /* rows [from, to) of the order */

/* ---- value ---- */
void *state_value(State *state, const char *op_name, const char *name, uint32_t size);

#endif
