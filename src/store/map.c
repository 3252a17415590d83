/* map.c -- the hash table of group-by state.
 *
 *   hash --top bits--> segment --low bits--> bucket (one cache line) --tag--> entry in a slab
 *
 *   bucket   | tag x 7 | over | reference x 7 |    64 bytes
 *   entry    | pad | key | [slice, place in it] | key length, dirty, hash | value ... |
 *                                                                        ^ what callers hold
 *
 * A lookup costs two cache misses: the bucket and the entry (key, header and value are neighbours),
 * and a batch of lookups overlaps them. A bucket that is full sends entries on to the next and
 * counts them in `over`, so a removal leaves no mark behind. A segment holds at most 1,024 buckets;
 * a full one splits in two by the next bit of the hash (extendible hashing), so growing never stops
 * the world. A sliced map is one table a slice, which also knows the order in which its entries
 * came: dropping a slice gives back its slabs as a whole.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/map_table.h"

#include <emmintrin.h>

static inline uint8_t map_tag(uint64_t hash) {
    return (uint8_t)(0x80 | ((hash >> 24) & 0x7f));
}
static inline MapSegment *map_segment(const MapTable *table, uint64_t hash) {
    return table->dir[table->depth ? hash >> (64 - table->depth) : 0];
}
static inline uint32_t map_home(const MapSegment *segment, uint64_t hash) {
    return (uint32_t)hash & ((1u << segment->log) - 1);
}
/* Bit i: slot i has this tag. */
static inline uint32_t map_match(const MapBucket *bucket, uint8_t tag) {
    __m128i tags = _mm_loadl_epi64((const __m128i *)(const void *)bucket);
    __m128i same = _mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag));
    return (uint32_t)_mm_movemask_epi8(same) & ((1u << SLOTS) - 1);
}
static inline bool map_key_is(const StateMap *map, const char *entry, Span key, uint64_t hash) {
    const char *mine;
    uint64_t a, b;
    if (map_head(entry)->hash != hash || map_key_len(map, entry) != key.len) return false;
    mine = map_key_ptr(map, entry);
    if (key.len != 9) return !key.len || memcmp(mine, key.ptr, key.len) == 0;
    memcpy(&a, mine + 1, 8); /* one BIGINT: the commonest key */
    memcpy(&b, key.ptr + 1, 8);
    return a == b && mine[0] == key.ptr[0];
}

/* ---- segments ---- */

static MapSegment *segment_new(StateMap *map, MapTable *table, uint32_t log, uint32_t depth) {
    MapSegment *segment = slab_get(&table->slab, sizeof *segment);
    *segment = (MapSegment){.log = (uint8_t)log, .depth = (uint8_t)depth};
    segment->buckets = pool_get(&map->state->pool, log + BUCKET_LOG);
    memset(segment->buckets, 0, (size_t)1 << (log + BUCKET_LOG));
    return segment;
}

static void segment_free(StateMap *map, MapTable *table, MapSegment *segment) {
    pool_put(&map->state->pool, segment->buckets, (uint32_t)segment->log + BUCKET_LOG);
    slab_put(&table->slab, segment, sizeof *segment);
}

static bool segment_is_full(const MapSegment *segment) {
    return segment->n >= (SLOTS << segment->log) * 4u / 5;
}

static inline MapRef ref_make(char *entry, uint64_t hash) {
    assert((uintptr_t)entry >> REF_ADDRESS_BITS == 0);
    return (uintptr_t)entry | hash >> REF_ADDRESS_BITS << REF_ADDRESS_BITS;
}
static inline char *ref_entry(MapRef ref) {
    return (char *)(uintptr_t)(ref & ((UINT64_C(1) << REF_ADDRESS_BITS) - 1));
}
static inline bool ref_may_be(MapRef ref, uint64_t hash) {
    return (ref ^ hash) >> REF_ADDRESS_BITS == 0;
}

static void segment_put(MapSegment *segment, MapRef ref, uint8_t tag, uint32_t home) {
    uint32_t mask = (1u << segment->log) - 1;
    for (uint32_t at = home;; at = (at + 1) & mask) {
        MapBucket *bucket = &segment->buckets[at];
        uint32_t free_slots = map_match(bucket, 0);
        if (free_slots) {
            uint32_t slot = (uint32_t)__builtin_ctz(free_slots);
            bucket->tags[slot] = tag;
            bucket->refs[slot] = ref;
            segment->n++;
            return;
        }
        if (bucket->over < OVER_MAX) bucket->over++;
    }
}

/* The first entry that looks like one of this hash; NULL when none does. */
static char *segment_guess(const MapSegment *segment, uint64_t hash) {
    uint32_t mask = (1u << segment->log) - 1;
    uint32_t at = map_home(segment, hash);
    for (uint32_t i = 0; i <= mask; i++, at = (at + 1) & mask) {
        const MapBucket *bucket = &segment->buckets[at];
        for (uint32_t m = map_match(bucket, map_tag(hash)); m; m &= m - 1) {
            MapRef ref = bucket->refs[__builtin_ctz(m)];
            if (ref_may_be(ref, hash)) return ref_entry(ref);
        }
        if (!bucket->over) return NULL;
    }
    return NULL;
}

static char *segment_find(const StateMap *map, const MapSegment *segment, Span key, uint64_t hash) {
    uint32_t mask = (1u << segment->log) - 1;
    uint32_t at = map_home(segment, hash);
    for (uint32_t i = 0; i <= mask; i++, at = (at + 1) & mask) {
        const MapBucket *bucket = &segment->buckets[at];
        for (uint32_t m = map_match(bucket, map_tag(hash)); m; m &= m - 1) {
            MapRef ref = bucket->refs[__builtin_ctz(m)];
            if (ref_may_be(ref, hash) && map_key_is(map, ref_entry(ref), key, hash))
                return ref_entry(ref);
        }
        if (!bucket->over) return NULL;
    }
    return NULL;
}

static void segment_remove(MapSegment *segment, const char *entry, uint64_t hash) {
    uint32_t mask = (1u << segment->log) - 1;
    uint32_t home = map_home(segment, hash), at = home;
    for (;; at = (at + 1) & mask) {
        MapBucket *bucket = &segment->buckets[at];
        for (uint32_t m = map_match(bucket, map_tag(hash)); m; m &= m - 1) {
            uint32_t slot = (uint32_t)__builtin_ctz(m);
            if (ref_entry(bucket->refs[slot]) != entry) continue;
            bucket->tags[slot] = 0;
            bucket->refs[slot] = 0;
            segment->n--;
            for (; home != at; home = (home + 1) & mask)
                if (segment->buckets[home].over < OVER_MAX) segment->buckets[home].over--;
            return;
        }
        assert(bucket->over && "the entry is not in the map");
    }
}

/* Doubles a segment: every entry is asked for its hash. */
static void segment_move(const MapSegment *from, MapSegment *to) {
    uint32_t n_buckets = 1u << from->log;
    for (uint32_t i = 0; i < n_buckets; i++) {
        const MapBucket *bucket = &from->buckets[i];
        for (uint32_t s = 0; s < SLOTS; s++) {
            if (!bucket->tags[s]) continue;
            uint64_t hash = map_head(ref_entry(bucket->refs[s]))->hash;
            segment_put(to, bucket->refs[s], bucket->tags[s], map_home(to, hash));
        }
    }
}

/* Moves the entries of `from` to low, or to high where `bit` of the hash is set. All three have as
 * many buckets, so an entry that is at home stays in its bucket; and where none has passed by the
 * bucket before, all are at home. Then the entries themselves need not be touched. */
static void segment_split(const MapSegment *from, MapSegment *low, MapSegment *high, uint64_t bit) {
    uint32_t mask = (1u << from->log) - 1;
    bool is_in_ref = bit >> REF_ADDRESS_BITS != 0;
    for (uint32_t i = 0; i <= mask; i++) {
        const MapBucket *bucket = &from->buckets[i];
        bool is_home = is_in_ref && !from->buckets[(i - 1) & mask].over;
        for (uint32_t s = 0; s < SLOTS; s++) {
            MapRef ref = bucket->refs[s];
            if (!bucket->tags[s]) continue;
            uint64_t hash = is_home ? ref : map_head(ref_entry(ref))->hash;
            segment_put(hash & bit ? high : low, ref, bucket->tags[s],
                        is_home ? i : map_home(from, hash));
        }
    }
}

/* ---- tables ---- */

static void table_double_dir(MapTable *table) {
    uint32_t n = 1u << table->depth;
    MapSegment **dir = slab_get(&table->slab, sizeof(MapSegment *) * 2 * n);
    for (uint32_t i = 0; i < n; i++) dir[2 * i] = dir[2 * i + 1] = table->dir[i];
    if (table->depth) slab_put(&table->slab, table->dir, sizeof(MapSegment *) * n);
    table->dir = dir;
    table->depth++;
}

/* Makes room in the segment of a hash: a small segment doubles, a large one splits. Hashes that
 * collide on purpose cannot blow up the directory: it stays in proportion to the entries. */
static void table_grow(StateMap *map, MapTable *table, uint64_t hash) {
    MapSegment *old = map_segment(table, hash), *low, *high;
    bool can_split = (table->count >> 7) >= (UINT64_C(1) << old->depth);
    uint32_t first, span;
    if (old->log < SEGMENT_LOG_MAX || !can_split) {
        low = high = segment_new(map, table, old->log + 1u, old->depth);
        segment_move(old, low);
    } else {
        if (old->depth == table->depth) table_double_dir(table);
        low = segment_new(map, table, old->log, old->depth + 1u);
        high = segment_new(map, table, old->log, old->depth + 1u);
        segment_split(old, low, high, UINT64_C(1) << (63 - old->depth));
    }
    span = 1u << (table->depth - old->depth);
    first = table->depth ? (uint32_t)(hash >> (64 - table->depth)) & ~(span - 1) : 0;
    for (uint32_t i = 0; i < span; i++)
        table->dir[first + i] = i < span / 2 || span == 1 ? low : high;
    segment_free(map, table, old);
}

static MapTable *table_new(StateMap *map, int64_t slice) {
    MapTable *table = map->spare;
    if (table) {
        map->spare = table->next_free;
    } else {
        table = mem_alloc(map->state->mem, sizeof *table);
    }
    *table = (MapTable){.slice = slice};
    slab_init(&table->slab, &map->state->pool);
    table->only = segment_new(map, table, SEGMENT_LOG_MIN, 0);
    table->dir = &table->only;
    return table;
}

static void table_append(StateMap *map, MapTable *table, char *entry) {
    uint64_t cap = table->order ? ((uint64_t)1 << table->order_log) / sizeof(char *) : 0;
    if (table->n_order == cap) {
        uint32_t log = table->order ? table->order_log + 1 : POOL_MIN_LOG;
        char **order = pool_get(&map->state->pool, log);
        if (table->order) {
            memcpy(order, table->order, sizeof *order * cap);
            pool_put(&map->state->pool, table->order, table->order_log);
        }
        table->order = order;
        table->order_log = log;
    }
    *map_place(entry) = (MapPlace){table, table->n_order};
    table->order[table->n_order++] = entry;
}

static void table_free_vars(StateMap *map, char *entry) {
    for (uint32_t i = 0; i < map->spec.n_var_slots; i++)
        statevar_clear(map->state->heap, (StateVar *)(void *)(entry + map->spec.var_offsets[i]));
}

static void table_each(MapTable *table, void (*visit)(void *ctx, char *entry), void *ctx) {
    uint32_t n = 1u << table->depth;
    const MapSegment *last = NULL;
    for (uint32_t i = 0; i < n; i++) {
        const MapSegment *segment = table->dir[i];
        if (segment == last) continue;
        last = segment;
        for (uint32_t b = 0; b < 1u << segment->log; b++)
            for (uint32_t s = 0; s < SLOTS; s++)
                if (segment->buckets[b].tags[s]) visit(ctx, ref_entry(segment->buckets[b].refs[s]));
    }
}

static void map_free_var_visit(void *ctx, char *entry) {
    table_free_vars(ctx, entry);
}

/* Gives back all memory of the table but its struct, which is kept for the next slice. */
static void table_drop(StateMap *map, MapTable *table) {
    uint32_t n = 1u << table->depth;
    MapSegment *last = NULL;
    if (map->spec.n_var_slots) table_each(table, map_free_var_visit, map);
    for (uint32_t i = 0; i < n; i++) {
        MapSegment *segment = table->dir[i];
        if (segment == last) continue;
        last = segment;
        segment_free(map, table, segment);
    }
    slab_deinit(&table->slab);
    if (table->order) pool_put(&map->state->pool, table->order, table->order_log);
    mem_free(map->state->mem, table->changed, sizeof *table->changed * table->cap_changed);
    map->count -= table->count;
    table->next_free = map->spare;
    map->spare = table;
}

/* ---- maps ---- */

void map_free(void *table) {
    StateMap *map = table;
    Mem *mem = map->state->mem;
    for (uint32_t i = 0; i < map->n_tables; i++) table_drop(map, map->tables[i]);
    while (map->spare) {
        MapTable *spare = map->spare;
        map->spare = spare->next_free;
        mem_free(mem, spare, sizeof *spare);
    }
    mem_free(mem, map->tables, sizeof *map->tables * map->cap_tables);
    mem_free(mem, map->slices, sizeof *map->slices * map->cap_tables);
    mem_free(mem, map->dirty, sizeof *map->dirty * map->cap_dirty);
    mem_free(mem, map->dropped, sizeof *map->dropped * map->cap_dropped);
    mem_free(mem, (void *)(uintptr_t)map->spec.var_offsets,
             sizeof(uint32_t) * map->spec.n_var_slots);
    mem_free(mem, map, sizeof *map);
}

/* Inserts a table at its place in the order of slices. */
static MapTable *map_add_table(StateMap *map, uint32_t at, int64_t slice) {
    if (map->n_tables == map->cap_tables) {
        uint32_t cap = map->cap_tables ? 2 * map->cap_tables : 8, old = map->cap_tables;
        map->tables = mem_realloc(map->state->mem, map->tables, sizeof *map->tables * old,
                                  sizeof *map->tables * cap);
        map->slices = mem_realloc(map->state->mem, map->slices, sizeof *map->slices * old,
                                  sizeof *map->slices * cap);
        map->cap_tables = cap;
    }
    memmove(map->tables + at + 1, map->tables + at, sizeof *map->tables * (map->n_tables - at));
    memmove(map->slices + at + 1, map->slices + at, sizeof *map->slices * (map->n_tables - at));
    map->tables[at] = table_new(map, slice);
    map->slices[at] = slice;
    map->n_tables++;
    return map->tables[at];
}

StateMap *map_new(State *state, const MapSpec *spec) {
    StateMap *map = mem_zalloc(state->mem, sizeof *map);
    uint32_t *offsets = mem_alloc(state->mem, sizeof *offsets * spec->n_var_slots);
    map->state = state;
    map->spec = *spec;
    map->is_durable = map->is_tracked = state->is_durable;
    if (spec->n_var_slots) memcpy(offsets, spec->var_offsets, sizeof *offsets * spec->n_var_slots);
    map->spec.var_offsets = offsets;
    map->head_size = (uint32_t)sizeof(MapHead) + (spec->is_sliced ? (uint32_t)sizeof(MapPlace) : 0);
    if (!spec->is_sliced) map_add_table(map, 0, 0);
    return map;
}

static const StateTableType map_table_type = {map_free, map_collect, map_load};

void map_untrack(StateMap *map) {
    map->is_tracked = false;
}

StateMap *state_map(State *state, const char *op_name, const MapSpec *spec) {
    StateMap *map = map_new(state, spec);
    state_add(state, op_name, spec->name, map, &map_table_type);
    return map;
}

/* The index of the first slice >= slice. */
static uint32_t map_slice_index(const StateMap *map, int64_t slice) {
    uint32_t from = 0, to = map->n_tables;
    if (to && map->slices[to - 1] < slice)
        return to; /* time moves forward: look at the end first */
    while (from < to) {
        uint32_t mid = (from + to) / 2;
        if (map->slices[mid] < slice)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

static MapTable *map_slice_table(const StateMap *map, int64_t slice) {
    uint32_t at = map_slice_index(map, slice);
    return at < map->n_tables && map->slices[at] == slice ? map->tables[at] : NULL;
}

static void map_set_key(const StateMap *map, char *entry, Span key, uint64_t hash) {
    uint32_t len = key.len < KEY_LONG ? (uint32_t)key.len : KEY_LONG;
    MapHead *head = map_head(entry);
    head->hash = hash;
    head->dirty = DIRTY_NONE;
    memcpy(head->key_len, &len, sizeof head->key_len);
    if (len == KEY_LONG) memcpy(entry - map->head_size - sizeof key.len, &key.len, sizeof key.len);
    if (key.len) memcpy(entry - map->head_size - map_key_room(key.len), key.ptr, key.len);
}

static char *map_insert(StateMap *map, MapTable *table, Span key, uint64_t hash) {
    MapSegment *segment = map_segment(table, hash);
    size_t size = map_block_size(map, key.len);
    MapHead *head;
    char *entry;
    while (segment_is_full(segment)) {
        table_grow(map, table, hash);
        segment = map_segment(table, hash);
    }
    entry = (char *)slab_get(&table->slab, size) + size - map->spec.entry_size;
    map_set_key(map, entry, key, hash);
    head = map_head(entry);
    head->is_changed = head->is_removed = false;
    head->is_unsaved = map->is_durable;
    if (map->spec.is_sliced) table_append(map, table, entry);
    memset(entry, 0, map->spec.entry_size);
    segment_put(segment, ref_make(entry, hash), map_tag(hash), map_home(segment, hash));
    table->count++;
    map->count++;
    return entry;
}

/* The tables of n rows; NULL where the slice is absent (made when `add`). */
static void map_tables_of(StateMap *map, const int64_t *slices, uint32_t n, bool add,
                          MapTable **out) {
    if (!map->spec.is_sliced) {
        for (uint32_t i = 0; i < n; i++) out[i] = map->tables[0];
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (i && slices[i] == slices[i - 1]) {
            out[i] = out[i - 1];
            continue;
        }
        out[i] = map_slice_table(map, slices[i]);
        if (!out[i] && add) out[i] = map_add_table(map, map_slice_index(map, slices[i]), slices[i]);
    }
}

/* Lookups run as a pipeline over blocks of rows, so that cache misses overlap with each other and
 * with work: while one block is looked up, the cache lines of the entries of the next and of the
 * buckets of the one after it are on their way. */
enum { MAP_AHEAD = 16, MAP_STAGES = 3 };

typedef struct MapBlock {
    MapTable *tables[MAP_AHEAD];
    char *guesses[MAP_AHEAD]; /* the first entry with the row's tag; NULL = none */
    uint32_t from, n;
} MapBlock;

static const MapBucket *map_bucket(const MapTable *table, uint64_t hash) {
    const MapSegment *segment = map_segment(table, hash);
    return &segment->buckets[map_home(segment, hash)];
}

static void map_stage_buckets(StateMap *map, const RowKeys *keys, const int64_t *slices, bool add,
                              uint32_t from, MapBlock *block) {
    block->from = from;
    block->n = from >= keys->n ? 0 : keys->n - from < MAP_AHEAD ? keys->n - from : MAP_AHEAD;
    if (!block->n) return;
    map_tables_of(map, slices ? slices + from : NULL, block->n, add, block->tables);
    for (uint32_t i = 0; i < block->n; i++)
        if (block->tables[i])
            __builtin_prefetch(map_bucket(block->tables[i], keys->hashes[from + i]));
}

static void map_stage_entries(const RowKeys *keys, MapBlock *block) {
    const uint64_t *hashes = keys->hashes + block->from;
    for (uint32_t i = 0; i < block->n; i++) {
        const char *first, *last;
        block->guesses[i] = NULL;
        if (!block->tables[i]) continue;
        block->guesses[i] = segment_guess(map_segment(block->tables[i], hashes[i]), hashes[i]);
        if (!block->guesses[i]) continue;
        first = block->guesses[i] - sizeof(MapHead) - 9;
        last = block->guesses[i] + 7;
        __builtin_prefetch(first);
        if (((uintptr_t)first ^ (uintptr_t)last) & MAP_LINE) __builtin_prefetch(last);
    }
}

static inline char *map_look(const StateMap *map, const MapTable *table, char *guess, Span key,
                             uint64_t hash) {
    if (guess && map_key_is(map, guess, key, hash)) return guess;
    return segment_find(map, map_segment(table, hash), key, hash);
}

static void map_stage_upsert(StateMap *map, const RowKeys *keys, const MapBlock *block,
                             char **entries, uint8_t *is_new) {
    for (uint32_t i = 0; i < block->n; i++) {
        uint32_t row = block->from + i;
        Span key = rowkey_get(keys, row);
        uint64_t hash = keys->hashes[row];
        char *entry = map_look(map, block->tables[i], block->guesses[i], key, hash);
        if (is_new) is_new[row] = !entry;
        entries[row] = entry ? entry : map_insert(map, block->tables[i], key, hash);
    }
}

static void map_stage_find(const StateMap *map, const RowKeys *keys, const MapBlock *block,
                           char **entries) {
    for (uint32_t i = 0; i < block->n; i++) {
        uint32_t row = block->from + i;
        entries[row] = block->tables[i] ? map_look(map, block->tables[i], block->guesses[i],
                                                   rowkey_get(keys, row), keys->hashes[row])
                                        : NULL;
    }
}

/* The next commit writes the entry (or, when it is removed, its absence). */
static void map_note_change(StateMap *map, MapTable *table, char *entry) {
    MapHead *head = map_head(entry);
    if (head->is_changed) return;
    if (table->n_changed == table->cap_changed) {
        uint32_t cap = table->cap_changed ? 2 * table->cap_changed : 64;
        table->changed =
            mem_realloc(map->state->mem, table->changed,
                        sizeof *table->changed * table->cap_changed, sizeof *table->changed * cap);
        table->cap_changed = cap;
    }
    table->changed[table->n_changed++] = entry;
    head->is_changed = true;
}

static void map_note_changes(StateMap *map, char *const *entries, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (!entries[i] || map_head(entries[i])->is_changed) continue;
        map_note_change(map, map->spec.is_sliced ? map_place(entries[i])->table : map->tables[0],
                        entries[i]);
    }
}

void map_upsert(StateMap *map, const RowKeys *keys, const int64_t *slices, char **entries,
                uint8_t *is_new) {
    MapBlock stages[MAP_STAGES], *ready = &stages[0], *warm = &stages[1], *fresh = &stages[2];
    map_stage_buckets(map, keys, slices, true, 0, ready);
    map_stage_buckets(map, keys, slices, true, MAP_AHEAD, warm);
    map_stage_entries(keys, ready);
    for (uint32_t from = 2 * MAP_AHEAD; ready->n; from += MAP_AHEAD) {
        MapBlock *done = ready;
        map_stage_buckets(map, keys, slices, true, from, fresh);
        map_stage_entries(keys, warm);
        map_stage_upsert(map, keys, ready, entries, is_new);
        ready = warm;
        warm = fresh;
        fresh = done;
    }
    if (map->is_tracked) map_note_changes(map, entries, keys->n);
}

void map_find(StateMap *map, const RowKeys *keys, const int64_t *slices, char **entries) {
    MapBlock stages[MAP_STAGES], *ready = &stages[0], *warm = &stages[1], *fresh = &stages[2];
    map_stage_buckets(map, keys, slices, false, 0, ready);
    map_stage_buckets(map, keys, slices, false, MAP_AHEAD, warm);
    map_stage_entries(keys, ready);
    for (uint32_t from = 2 * MAP_AHEAD; ready->n; from += MAP_AHEAD) {
        MapBlock *done = ready;
        map_stage_buckets(map, keys, slices, false, from, fresh);
        map_stage_entries(keys, warm);
        map_stage_find(map, keys, ready, entries);
        ready = warm;
        warm = fresh;
        fresh = done;
    }
    if (map->is_tracked) map_note_changes(map, entries, keys->n);
}

Span map_key(const StateMap *map, const char *entry) {
    return (Span){map_key_ptr(map, entry), map_key_len(map, entry)};
}

uint64_t map_hash(const char *entry) {
    return map_head(entry)->hash;
}

static void map_undirty(StateMap *map, char *entry) {
    MapHead *head = map_head(entry);
    if (head->dirty == DIRTY_NONE) return;
    map->dirty[head->dirty - 1] = NULL;
    map->n_dirty_holes++;
    head->dirty = DIRTY_NONE;
}

/* Gives an entry's memory back. */
static void map_release(StateMap *map, MapTable *table, char *entry) {
    size_t size = map_block_size(map, map_key_len(map, entry));
    slab_put(&table->slab, entry + map->spec.entry_size - size, size);
}

void map_remove(StateMap *map, char *entry) {
    MapHead *head = map_head(entry);
    MapTable *table = map->spec.is_sliced ? map_place(entry)->table : map->tables[0];
    map_undirty(map, entry);
    if (map->spec.is_sliced) table->order[map_place(entry)->index] = NULL;
    table_free_vars(map, entry);
    segment_remove(map_segment(table, head->hash), entry, head->hash);
    if (map->is_durable) {
        map_note_change(map, table, entry);
        head->is_removed = true;
    } else {
        map_release(map, table, entry);
    }
    table->count--;
    map->count--;
}

uint64_t map_count(const StateMap *map) {
    return map->count;
}

void map_each(StateMap *map, void (*visit)(void *ctx, char *entry), void *ctx) {
    for (uint32_t i = 0; i < map->n_tables; i++) table_each(map->tables[i], visit, ctx);
}

const int64_t *map_slices(const StateMap *map, uint32_t *n) {
    *n = map->n_tables;
    return map->slices;
}

void map_slice_each(StateMap *map, int64_t slice, void (*visit)(void *ctx, char *entry),
                    void *ctx) {
    MapTable *table = map_slice_table(map, slice);
    for (uint64_t i = 0; table && i < table->n_order; i++)
        if (table->order[i]) visit(ctx, table->order[i]);
}

char *const *map_slice_entries(const StateMap *map, int64_t slice, uint64_t *n) {
    const MapTable *table = map_slice_table(map, slice);
    *n = table ? table->n_order : 0;
    return table ? table->order : NULL;
}

static void map_note_drop(StateMap *map, int64_t slice) {
    if (map->n_dropped == map->cap_dropped) {
        uint32_t cap = map->cap_dropped ? 2 * map->cap_dropped : 16;
        map->dropped =
            mem_realloc(map->state->mem, map->dropped, sizeof *map->dropped * map->cap_dropped,
                        sizeof *map->dropped * cap);
        map->cap_dropped = cap;
    }
    map->dropped[map->n_dropped++] = slice;
}

void map_slice_drop(StateMap *map, int64_t slice) {
    uint32_t at = map_slice_index(map, slice);
    if (at == map->n_tables || map->slices[at] != slice) return;
    assert(map->spec.is_sliced);
    for (uint32_t i = 0; i < map->n_dirty; i++)
        if (map->dirty[i] && map_place(map->dirty[i])->table == map->tables[at])
            map_undirty(map, map->dirty[i]);
    if (map->tables[at]->is_saved) map_note_drop(map, slice);
    table_drop(map, map->tables[at]);
    map->n_tables--;
    memmove(map->tables + at, map->tables + at + 1, sizeof *map->tables * (map->n_tables - at));
    memmove(map->slices + at, map->slices + at + 1, sizeof *map->slices * (map->n_tables - at));
}

bool map_mark_dirty(StateMap *map, char *entry) {
    MapHead *head = map_head(entry);
    if (head->dirty != DIRTY_NONE) return false;
    if (map->n_dirty == map->cap_dirty) {
        uint32_t cap = map->cap_dirty ? 2 * map->cap_dirty : 64;
        map->dirty = mem_realloc(map->state->mem, map->dirty, sizeof *map->dirty * map->cap_dirty,
                                 sizeof *map->dirty * cap);
        map->cap_dirty = cap;
    }
    assert(map->n_dirty < DIRTY_MAX);
    map->dirty[map->n_dirty++] = entry;
    head->dirty = map->n_dirty & DIRTY_MAX;
    return true;
}

char *const *map_dirty(const StateMap *map, uint32_t *n) {
    StateMap *self = (StateMap *)(uintptr_t)map;
    if (map->n_dirty_holes) {
        uint32_t kept = 0;
        for (uint32_t i = 0; i < map->n_dirty; i++) {
            if (!map->dirty[i]) continue;
            map->dirty[kept++] = map->dirty[i];
            map_head(map->dirty[kept - 1])->dirty = kept & DIRTY_MAX;
        }
        self->n_dirty = kept;
        self->n_dirty_holes = 0;
    }
    *n = map->n_dirty;
    return map->dirty;
}

void map_clear_dirty(StateMap *map) {
    for (uint32_t i = 0; i < map->n_dirty; i++)
        if (map->dirty[i]) map_head(map->dirty[i])->dirty = DIRTY_NONE;
    map->n_dirty = map->n_dirty_holes = 0;
}

/* ---- commits; what records look like is map_commit.c's business ---- */

void map_take_changed(StateMap *map, MapChangeFn *visit, void *ctx) {
    for (uint32_t t = 0; t < map->n_tables; t++) {
        MapTable *table = map->tables[t];
        for (uint32_t i = 0; i < table->n_changed; i++) {
            char *entry = table->changed[i];
            MapHead *head = map_head(entry);
            visit(ctx, entry, head->is_removed, head->is_unsaved);
            if (head->is_removed) {
                map_release(map, table, entry);
                continue;
            }
            head->is_changed = head->is_unsaved = false;
            table->is_saved = true;
        }
        table->n_changed = 0;
    }
}

char *map_restore(StateMap *map, int64_t slice, Span key, uint64_t hash, uint64_t index) {
    MapTable *table = map->spec.is_sliced ? map_slice_table(map, slice) : map->tables[0];
    uint64_t first;
    char *entry;
    if (!table) table = map_add_table(map, map_slice_index(map, slice), slice);
    first = table->n_order;
    entry = segment_find(map, map_segment(table, hash), key, hash);
    if (!entry) entry = map_insert(map, table, key, hash);
    map_head(entry)->is_unsaved = false;
    table->is_saved = true;
    if (!map->spec.is_sliced) return entry;
    table->n_order = first; /* map_insert put it at the end */
    while (table->n_order <= index) table_append(map, table, entry);
    for (uint64_t i = first; i < index; i++) table->order[i] = NULL;
    *map_place(entry) = (MapPlace){table, index};
    table->order[index] = entry;
    return entry;
}
