/* map_table.h -- what the entries of a map look like: shared by map.c, which finds them, and
 * map_commit.c, which saves them. Not for other files.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_MAP_TABLE_H
#define WEIR_MAP_TABLE_H

#include "store/state.h"

enum {
    SLOTS = 7,
    SEGMENT_LOG_MAX = 10, /* buckets of a segment */
    SEGMENT_LOG_MIN = 2,
    BUCKET_LOG = 6,
    OVER_MAX = 255, /* the count has been too high once: it stays */
    DIRTY_NONE = 0,
    MAP_LINE = 64,
    KEY_LONG = 0xffffff, /* lengths from here on are kept apart */
};

/* The address of an entry, and on top of it, where addresses have nothing, the top of its hash. */
typedef uint64_t MapRef;
enum { REF_ADDRESS_BITS = 48 };

typedef struct MapBucket {
    uint8_t tags[SLOTS]; /* 0 = free, else 0x80 | 7 bits of the hash */
    uint8_t over;        /* entries that passed by here on their way to a later bucket */
    MapRef refs[SLOTS];
} MapBucket;
_Static_assert(sizeof(MapBucket) == 1 << BUCKET_LOG, "a bucket is a cache line");

/* Lies before the value, tight: an entry of a BIGINT key and one number is half a cache line. */
typedef struct MapHead {
    uint8_t key_len[3];      /* KEY_LONG: the length lies in 8 bytes before the key */
    uint32_t dirty : 29;     /* index in the dirty list + 1 */
    uint32_t is_changed : 1; /* in the table's list of what the next commit writes */
    uint32_t is_removed : 1; /* gone; its memory waits for the commit, which needs the key */
    uint32_t is_unsaved : 1; /* no commit holds it */
    uint64_t hash;
} __attribute__((packed)) MapHead;
_Static_assert(sizeof(MapHead) == 15, "a BIGINT key of 9 bytes and the head are 24 bytes");
enum { DIRTY_MAX = (1 << 29) - 1 };

typedef struct MapSegment {
    MapBucket *buckets;
    uint32_t n;
    uint8_t log;   /* of the number of buckets */
    uint8_t depth; /* hash bits that all its entries share */
} MapSegment;

/* One slice, or the whole of a map without slices. */
typedef struct MapTable {
    int64_t slice;
    uint64_t count;
    Slab slab;
    MapSegment **dir; /* 1 << depth segments, neighbours may be the same */
    MapSegment *only; /* the directory of depth 0 */
    uint32_t depth;
    uint32_t order_log; /* of the room in `order` */
    char **order;       /* sliced: entries in order of insertion, NULL where removed */
    uint64_t n_order;
    char **changed; /* durable: what the next commit writes */
    uint32_t n_changed, cap_changed;
    bool is_saved; /* a commit may hold entries of it */
    struct MapTable *next_free;
} MapTable;

/* Before the head of entries of sliced maps. */
typedef struct MapPlace {
    MapTable *table;
    uint64_t index; /* in table->order */
} __attribute__((packed)) MapPlace;

struct StateMap {
    State *state;
    MapSpec spec;
    uint32_t head_size; /* bytes between the key and the value */
    MapTable **tables;  /* by slice, ascending; one when not sliced */
    int64_t *slices;    /* of the tables */
    uint32_t n_tables, cap_tables;
    MapTable *spare; /* table structs to use again */
    uint64_t count;
    char **dirty;
    uint32_t n_dirty, cap_dirty, n_dirty_holes;
    bool is_durable;  /* removals are told to the next commit */
    bool is_tracked;  /* so is every entry that callers were given to change */
    int64_t *dropped; /* slices since the last commit */
    uint32_t n_dropped, cap_dropped;
};

static inline MapHead *map_head(const char *entry) {
    return (MapHead *)(entry - sizeof(MapHead));
}
static inline size_t map_key_len(const StateMap *map, const char *entry) {
    uint32_t word;
    size_t len;
    memcpy(&word, map_head(entry), sizeof word);
    word &= KEY_LONG;
    if (__builtin_expect(word != KEY_LONG, 1)) return word;
    memcpy(&len, entry - map->head_size - sizeof len, sizeof len);
    return len;
}
/* Bytes that a key takes, with its length when that is kept apart. */
static inline size_t map_key_room(size_t len) {
    return len + (len >= KEY_LONG ? sizeof(size_t) : 0);
}
static inline const char *map_key_ptr(const StateMap *map, const char *entry) {
    return entry - map->head_size - map_key_room(map_key_len(map, entry));
}
/* Bytes of the block of an entry: its value ends with it, and both are aligned to 16. */
static inline size_t map_block_size(const StateMap *map, size_t key_len) {
    return (map_key_room(key_len) + map->head_size + map->spec.entry_size + 15) & ~(size_t)15;
}
static inline MapPlace *map_place(const char *entry) {
    return (MapPlace *)(entry - sizeof(MapHead) - sizeof(MapPlace));
}

/* The entry of a key, added when it is not there. Of a sliced map, at place `index` of its slice.
 * */
char *map_restore(StateMap *map, int64_t slice, Span key, uint64_t hash, uint64_t index);
void map_collect(void *table, StateWriter *to);
Status map_load(void *table, Span key, Span value, Err *err);

#endif
