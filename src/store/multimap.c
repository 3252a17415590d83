/* multimap.c -- groups of rows in the order of their sort bytes, each row with a count.
 *
 * A group grows with its rows: one row is a pointer in the group, a few are one sorted array
 * (leaf), many are a B+tree whose inner nodes know how many rows lie below each child, so that a
 * row's index and the row at an index cost O(log n). Rows are pieces of a slab and do not move, so
 * an inner node can name the first row below each child.
 *
 *   group -> row | leaf | inner -> ... -> leaf -> rows
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/map_table.h"

enum { LEAF_MAX = 64, LEAF_MIN = 4, INNER_MAX = 32, HEIGHT_MAX = 16, VALUE_MAX = (1 << 29) - 1 };

typedef struct MultiRowData {
    int64_t count;
    uint32_t sort_len;
    uint32_t value_len : 29;
    uint32_t is_changed : 1; /* in the list of what the next commit writes */
    uint32_t is_removed : 1; /* gone; its memory waits for the commit, which needs the key */
    uint32_t is_unsaved : 1; /* no commit holds it */
    char bytes[];            /* sort, value */
} MultiRowData;

typedef struct MultiLeaf {
    uint32_t n, cap;
    MultiRowData *rows[];
} MultiLeaf;

typedef struct MultiInner {
    uint32_t n;
    uint64_t counts[INNER_MAX]; /* rows below */
    MultiRowData *low[INNER_MAX];
    void *children[INNER_MAX]; /* MultiInner, or MultiLeaf on the lowest level */
} MultiInner;

struct MultiGroup {
    uint64_t n;
    void *root;      /* height 0: the row if !is_leaf, else a leaf; above: an inner node */
    uint32_t height; /* of inner nodes */
    bool is_leaf;
    _Alignas(16) char extra[];
};

/* What the next commit writes. */
typedef struct MultiChange {
    MultiGroup *group;
    MultiRowData *row;
} MultiChange;

struct MultiMap {
    State *state;
    StateMap *groups;
    Slab slab;
    uint32_t extra_size;
    bool is_durable;
    MultiChange *changes;
    uint64_t n_changes, cap_changes;
};

/* The way from the root to a place in a leaf. */
typedef struct MultiPath {
    MultiInner *inner[HEIGHT_MAX];
    uint32_t child[HEIGHT_MAX];
    MultiLeaf *leaf;
    uint32_t at;
    uint64_t rank; /* rows before it */
} MultiPath;

/* ---- groups ---- */

static void multimap_free(void *table) {
    MultiMap *multi = table;
    slab_deinit(&multi->slab);
    map_free(multi->groups);
    mem_free(multi->state->mem, multi->changes, sizeof *multi->changes * multi->cap_changes);
    mem_free(multi->state->mem, multi, sizeof *multi);
}

static void multi_collect(void *table, StateWriter *to);
static Status multi_load(void *table, Span key, Span value, Err *err);
static const StateTableType multi_table_type = {multimap_free, multi_collect, multi_load};

MultiMap *state_multimap(State *state, const char *op_name, const MultiSpec *spec) {
    MultiMap *multi = mem_zalloc(state->mem, sizeof *multi);
    MapSpec groups = {.name = spec->name,
                      .entry_size =
                          (uint32_t)sizeof(MultiGroup) + ((spec->extra_size + 15) & ~15u)};
    multi->state = state;
    multi->extra_size = spec->extra_size;
    multi->groups = map_new(state, &groups);
    slab_init(&multi->slab, &state->rows);
    multi->is_durable = state->is_durable;
    if (!spec->extra_size) map_untrack(multi->groups); /* they are remade from their rows */
    state_add(state, op_name, spec->name, multi, &multi_table_type);
    return multi;
}

void multi_upsert(MultiMap *multi, const RowKeys *keys, MultiGroup **groups) {
    map_upsert(multi->groups, keys, NULL, (char **)groups, NULL);
}

void multi_find(MultiMap *multi, const RowKeys *keys, MultiGroup **groups) {
    map_find(multi->groups, keys, NULL, (char **)groups);
}

Span multi_key(const MultiMap *multi, const MultiGroup *group) {
    return map_key(multi->groups, (const char *)group);
}

void *multi_extra(MultiGroup *group) {
    return group->extra;
}

uint64_t multi_rows(const MultiGroup *group) {
    return group->n;
}

uint64_t multi_count(const MultiMap *multi) {
    return map_count(multi->groups);
}

typedef struct MultiVisit {
    void (*visit)(void *ctx, MultiGroup *group);
    void *ctx;
} MultiVisit;

static void multi_visit_entry(void *ctx, char *entry) {
    const MultiVisit *visit = ctx;
    visit->visit(visit->ctx, (MultiGroup *)(void *)entry);
}

void multi_each(MultiMap *multi, void (*visit)(void *ctx, MultiGroup *group), void *ctx) {
    MultiVisit each = {visit, ctx};
    map_each(multi->groups, multi_visit_entry, &each);
}

/* ---- rows and nodes ---- */

static size_t row_size(const MultiRowData *row) {
    return sizeof *row + row->sort_len + row->value_len;
}

static MultiRowData *row_new(MultiMap *multi, Span sort, Span value, int64_t count) {
    MultiRowData *row = slab_get(&multi->slab, sizeof *row + sort.len + value.len);
    assert(value.len <= VALUE_MAX);
    row->count = count;
    row->sort_len = (uint32_t)sort.len;
    row->value_len = (uint32_t)value.len & VALUE_MAX;
    row->is_changed = row->is_removed = false;
    row->is_unsaved = multi->is_durable;
    if (sort.len) memcpy(row->bytes, sort.ptr, sort.len);
    if (value.len) memcpy(row->bytes + sort.len, value.ptr, value.len);
    return row;
}

/* The next commit writes the row (or, when it is removed, its absence). */
static void row_note_change(MultiMap *multi, MultiGroup *group, MultiRowData *row) {
    if (!multi->is_durable || row->is_changed) return;
    if (multi->n_changes == multi->cap_changes) {
        uint64_t cap = multi->cap_changes ? 2 * multi->cap_changes : 64;
        multi->changes =
            mem_realloc(multi->state->mem, multi->changes,
                        sizeof *multi->changes * multi->cap_changes, sizeof *multi->changes * cap);
        multi->cap_changes = cap;
    }
    multi->changes[multi->n_changes++] = (MultiChange){group, row};
    row->is_changed = true;
}

/* The row is in the group no more. */
static void row_drop(MultiMap *multi, MultiGroup *group, MultiRowData *row) {
    if (multi->is_durable) {
        row_note_change(multi, group, row);
        row->is_removed = true;
    } else {
        slab_put(&multi->slab, row, row_size(row));
    }
}

static int row_cmp(const MultiRowData *row, Span sort) {
    size_t len = row->sort_len < sort.len ? row->sort_len : sort.len;
    int order = len ? memcmp(row->bytes, sort.ptr, len) : 0;
    return order ? order : (row->sort_len > sort.len) - (row->sort_len < sort.len);
}

static size_t leaf_size(uint32_t cap) {
    return sizeof(MultiLeaf) + sizeof(MultiRowData *) * cap;
}

static MultiLeaf *leaf_new(MultiMap *multi, uint32_t cap) {
    MultiLeaf *leaf = slab_get(&multi->slab, leaf_size(cap));
    leaf->n = 0;
    leaf->cap = cap;
    return leaf;
}

static MultiLeaf *leaf_resize(MultiMap *multi, MultiLeaf *leaf, uint32_t cap) {
    MultiLeaf *other = leaf_new(multi, cap);
    memcpy(other->rows, leaf->rows, sizeof leaf->rows[0] * leaf->n);
    other->n = leaf->n;
    slab_put(&multi->slab, leaf, leaf_size(leaf->cap));
    return other;
}

/* The first place in the leaf whose row is not below sort. */
static uint32_t leaf_bound(const MultiLeaf *leaf, Span sort) {
    uint32_t from = 0, to = leaf->n;
    if (to && row_cmp(leaf->rows[to - 1], sort) < 0) return to; /* rows often come in order */
    while (from < to) {
        uint32_t mid = (from + to) / 2;
        if (row_cmp(leaf->rows[mid], sort) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

static void inner_insert(MultiInner *inner, uint32_t at, void *child, MultiRowData *low,
                         uint64_t count) {
    uint32_t n = inner->n - at;
    memmove(inner->children + at + 1, inner->children + at, sizeof inner->children[0] * n);
    memmove(inner->low + at + 1, inner->low + at, sizeof inner->low[0] * n);
    memmove(inner->counts + at + 1, inner->counts + at, sizeof inner->counts[0] * n);
    inner->children[at] = child;
    inner->low[at] = low;
    inner->counts[at] = count;
    inner->n++;
}

static void inner_erase(MultiInner *inner, uint32_t at) {
    uint32_t n = --inner->n - at;
    memmove(inner->children + at, inner->children + at + 1, sizeof inner->children[0] * n);
    memmove(inner->low + at, inner->low + at + 1, sizeof inner->low[0] * n);
    memmove(inner->counts + at, inner->counts + at + 1, sizeof inner->counts[0] * n);
}

static uint64_t inner_total(const MultiInner *inner) {
    uint64_t total = 0;
    for (uint32_t i = 0; i < inner->n; i++) total += inner->counts[i];
    return total;
}

/* ---- ways through a tree ---- */

/* To the first row that is not below sort; `rank` rows lie before it. */
static void path_to_sort(const MultiGroup *group, Span sort, MultiPath *path) {
    void *node = group->root;
    path->rank = 0;
    for (uint32_t level = 0; level < group->height; level++) {
        MultiInner *inner = node;
        uint32_t from = 0, to = inner->n - 1; /* the last child whose first row is <= sort */
        if (row_cmp(inner->low[to], sort) <= 0) from = to; /* rows often come in order */
        while (from < to) {
            uint32_t mid = (from + to + 1) / 2;
            if (row_cmp(inner->low[mid], sort) <= 0)
                from = mid;
            else
                to = mid - 1;
        }
        for (uint32_t i = 0; i < from; i++) path->rank += inner->counts[i];
        path->inner[level] = inner;
        path->child[level] = from;
        node = inner->children[from];
    }
    path->leaf = node;
    path->at = leaf_bound(path->leaf, sort);
    path->rank += path->at;
}

/* To the row at an index below the number of rows. */
static void path_to_index(const MultiGroup *group, uint64_t index, MultiPath *path) {
    void *node = group->root;
    path->rank = index;
    for (uint32_t level = 0; level < group->height; level++) {
        MultiInner *inner = node;
        uint32_t child = 0;
        while (index >= inner->counts[child]) index -= inner->counts[child++];
        path->inner[level] = inner;
        path->child[level] = child;
        node = inner->children[child];
    }
    path->leaf = node;
    path->at = (uint32_t)index;
}

/* Writes the first row of the leaf into the inner nodes above it that lead to it first. */
static void path_fix_low(const MultiGroup *group, const MultiPath *path) {
    for (uint32_t level = group->height; level-- > 0;) {
        path->inner[level]->low[path->child[level]] = path->leaf->rows[0];
        if (path->child[level] != 0) return;
    }
}

/* Puts a new child behind path->child[level] of the inner node at `level`; full nodes split. */
static void path_add_child(MultiMap *multi, MultiGroup *group, MultiPath *path, uint32_t level,
                           void *child, MultiRowData *low, uint64_t count) {
    for (;;) {
        MultiInner *inner = path->inner[level], *right;
        uint32_t at = path->child[level] + 1, keep;
        if (inner->n < INNER_MAX) {
            inner_insert(inner, at, child, low, count);
            return;
        }
        keep = at == INNER_MAX ? INNER_MAX : INNER_MAX / 2; /* rows in order fill nodes up */
        right = slab_get(&multi->slab, sizeof *right);
        right->n = 0;
        for (uint32_t i = keep; i < INNER_MAX; i++)
            inner_insert(right, right->n, inner->children[i], inner->low[i], inner->counts[i]);
        inner->n = keep;
        if (at > keep || keep == INNER_MAX)
            inner_insert(right, at - keep, child, low, count);
        else
            inner_insert(inner, at, child, low, count);
        if (level == 0) {
            MultiInner *root = slab_get(&multi->slab, sizeof *root);
            root->n = 0;
            inner_insert(root, 0, inner, inner->low[0], inner_total(inner));
            inner_insert(root, 1, right, right->low[0], inner_total(right));
            group->root = root;
            group->height++;
            assert(group->height < HEIGHT_MAX);
            return;
        }
        level--;
        path->inner[level]->counts[path->child[level]] = inner_total(inner);
        child = right;
        low = right->low[0];
        count = inner_total(right);
    }
}

/* Splits the full leaf of the path in two and leads the path to the half that takes the new row. */
static void path_split_leaf(MultiMap *multi, MultiGroup *group, MultiPath *path) {
    MultiLeaf *left = path->leaf, *right = leaf_new(multi, LEAF_MAX);
    uint32_t keep = path->at == left->n ? left->n - 1 : left->n / 2;
    right->n = left->n - keep;
    memcpy(right->rows, left->rows + keep, sizeof left->rows[0] * right->n);
    left->n = keep;
    if (group->height == 0) {
        MultiInner *root = slab_get(&multi->slab, sizeof *root);
        root->n = 0;
        inner_insert(root, 0, left, left->rows[0], left->n);
        inner_insert(root, 1, right, right->rows[0], right->n);
        group->root = root;
        group->height = 1;
        return;
    }
    path->inner[group->height - 1]->counts[path->child[group->height - 1]] = left->n;
    path_add_child(multi, group, path, group->height - 1, right, right->rows[0], right->n);
}

/* Inserts a row that is not there at the path's place (a tree, or a leaf). */
static void path_insert(MultiMap *multi, MultiGroup *group, MultiPath *path, MultiRowData *row) {
    MultiLeaf *leaf = path->leaf;
    if (leaf->n == leaf->cap && leaf->cap < LEAF_MAX) {
        leaf = leaf_resize(multi, leaf, 2 * leaf->cap);
        if (group->height == 0)
            group->root = leaf;
        else
            path->inner[group->height - 1]->children[path->child[group->height - 1]] = leaf;
        path->leaf = leaf;
    }
    if (leaf->n == LEAF_MAX) {
        Span sort = {row->bytes, row->sort_len};
        path_split_leaf(multi, group, path);
        path_to_sort(group, sort, path);
        leaf = path->leaf;
    }
    memmove(leaf->rows + path->at + 1, leaf->rows + path->at,
            sizeof leaf->rows[0] * (leaf->n - path->at));
    leaf->rows[path->at] = row;
    leaf->n++;
    group->n++;
    for (uint32_t level = 0; level < group->height; level++)
        path->inner[level]->counts[path->child[level]]++;
    if (path->at == 0) path_fix_low(group, path);
}

/* Takes empty nodes out of the tree, from the leaf upwards; a root with one child goes too. */
static void path_prune(MultiMap *multi, MultiGroup *group, MultiPath *path) {
    uint32_t level = group->height;
    slab_put(&multi->slab, path->leaf, leaf_size(path->leaf->cap));
    while (level > 0) {
        MultiInner *inner = path->inner[--level];
        inner_erase(inner, path->child[level]);
        if (inner->n) {
            MultiRowData *low = inner->low[0];
            if (path->child[level] == 0)
                while (level > 0) {
                    level--;
                    path->inner[level]->low[path->child[level]] = low;
                    if (path->child[level]) break;
                }
            break;
        }
        slab_put(&multi->slab, inner, sizeof *inner);
        if (level == 0) {
            group->root = NULL;
            group->height = 0;
            group->is_leaf = false;
            return;
        }
    }
    while (group->height > 0 && ((MultiInner *)group->root)->n == 1) {
        MultiInner *root = group->root;
        group->root = root->children[0];
        group->height--;
        slab_put(&multi->slab, root, sizeof *root);
    }
}

/* Joins a leaf that has become small with its right neighbour when both fit into one. */
static void path_merge_leaf(MultiMap *multi, const MultiGroup *group, const MultiPath *path) {
    MultiInner *inner = path->inner[group->height - 1];
    uint32_t at = path->child[group->height - 1];
    MultiLeaf *left, *right;
    if (at + 1 >= inner->n) return;
    left = path->leaf;
    right = inner->children[at + 1];
    if (left->n + right->n > LEAF_MAX * 3 / 4) return;
    if (left->cap < left->n + right->n) left = leaf_resize(multi, left, LEAF_MAX);
    memcpy(left->rows + left->n, right->rows, sizeof right->rows[0] * right->n);
    left->n += right->n;
    inner->children[at] = left;
    inner->counts[at] = left->n;
    slab_put(&multi->slab, right, leaf_size(right->cap));
    inner_erase(inner, at + 1);
}

static void path_remove(MultiMap *multi, MultiGroup *group, MultiPath *path) {
    MultiLeaf *leaf = path->leaf;
    MultiRowData *row = leaf->rows[path->at];
    row_drop(multi, group, row);
    leaf->n--;
    group->n--;
    memmove(leaf->rows + path->at, leaf->rows + path->at + 1,
            sizeof leaf->rows[0] * (leaf->n - path->at));
    for (uint32_t level = 0; level < group->height; level++)
        path->inner[level]->counts[path->child[level]]--;
    if (leaf->n == 0 && group->height == 0) {
        slab_put(&multi->slab, leaf, leaf_size(leaf->cap));
        group->root = NULL;
        group->is_leaf = false;
    } else if (leaf->n == 0) {
        path_prune(multi, group, path);
    } else {
        if (path->at == 0) path_fix_low(group, path);
        if (group->height && leaf->n < LEAF_MAX / 4) path_merge_leaf(multi, group, path);
        if (!group->height && leaf->cap > LEAF_MIN && leaf->n < leaf->cap / 4)
            group->root = leaf_resize(multi, leaf, leaf->cap / 2);
    }
}

/* ---- rows of a group ---- */

/* The row of a group that is a single row; NULL when it is empty. */
static MultiRowData *group_single(const MultiGroup *group) {
    return group->root;
}

static void group_to_leaf(MultiMap *multi, MultiGroup *group) {
    MultiLeaf *leaf = leaf_new(multi, LEAF_MIN);
    leaf->rows[0] = group_single(group);
    leaf->n = 1;
    group->root = leaf;
    group->is_leaf = true;
}

static MultiRowData *row_update(MultiMap *multi, MultiGroup *group, MultiRowData *row, Span value,
                                int64_t weight, bool replace) {
    bool is_unsaved = row->is_unsaved;
    row->count += weight;
    row_note_change(multi, group, row);
    if (!replace) return row;
    if (value.len == row->value_len) {
        if (value.len) memcpy(row->bytes + row->sort_len, value.ptr, value.len);
        return row;
    }
    MultiRowData *other = row_new(multi, (Span){row->bytes, row->sort_len}, value, row->count);
    row_drop(multi, group, row);
    other->is_unsaved = is_unsaved;
    row_note_change(multi, group, other);
    return other;
}

static int64_t group_add_single(MultiMap *multi, MultiGroup *group, Span sort, Span value,
                                int64_t weight, bool replace) {
    MultiRowData *row = group_single(group);
    if (!row) {
        row = row_new(multi, sort, value, weight);
        row_note_change(multi, group, row);
        group->root = row;
        group->n = 1;
        return weight;
    }
    row = row_update(multi, group, row, value, weight, replace && row->count + weight != 0);
    group->root = row;
    if (row->count) return row->count;
    row_drop(multi, group, row);
    group->root = NULL;
    group->n = 0;
    return 0;
}

int64_t multi_add(MultiMap *multi, MultiGroup *group, Span sort, Span value, int64_t weight,
                  bool replace, uint64_t *position) {
    MultiPath path;
    MultiRowData *row;
    uint64_t ignored;
    if (!position) position = &ignored;
    *position = 0;
    if (!group->is_leaf) {
        row = group_single(group);
        if (!row && !weight) return 0;
        if (!row || row_cmp(row, sort) == 0)
            return group_add_single(multi, group, sort, value, weight, replace);
        if (!weight) return 0;
        group_to_leaf(multi, group);
    }
    path_to_sort(group, sort, &path);
    *position = path.rank;
    if (path.at == path.leaf->n || row_cmp(path.leaf->rows[path.at], sort) != 0) {
        if (!weight) return 0;
        row = row_new(multi, sort, value, weight);
        row_note_change(multi, group, row);
        path_insert(multi, group, &path, row);
        return weight;
    }
    row = path.leaf->rows[path.at];
    if (row->count + weight == 0) {
        path_remove(multi, group, &path);
        return 0;
    }
    row = row_update(multi, group, row, value, weight, replace);
    path.leaf->rows[path.at] = row;
    if (path.at == 0) path_fix_low(group, &path);
    return row->count;
}

static void group_row(const MultiRowData *row, MultiRow *out) {
    out->sort = (Span){row->bytes, row->sort_len};
    out->value = (Span){row->bytes + row->sort_len, row->value_len};
    out->count = row->count;
}

bool multi_at(const MultiGroup *group, uint64_t index, MultiRow *out) {
    MultiPath path;
    if (index >= group->n) return false;
    if (!group->is_leaf) {
        group_row(group_single(group), out);
        return true;
    }
    path_to_index(group, index, &path);
    group_row(path.leaf->rows[path.at], out);
    return true;
}

bool multi_get(const MultiGroup *group, Span sort, MultiRow *out) {
    MultiPath path;
    const MultiRowData *row;
    if (!group->n) return false;
    if (group->is_leaf) {
        path_to_sort(group, sort, &path);
        row = path.at < path.leaf->n ? path.leaf->rows[path.at] : NULL;
    } else {
        row = group_single(group);
    }
    if (!row || row_cmp(row, sort) != 0) return false;
    group_row(row, out);
    return true;
}

uint64_t multi_lower_bound(const MultiGroup *group, Span sort) {
    MultiPath path;
    if (!group->n) return 0;
    if (!group->is_leaf) return row_cmp(group_single(group), sort) < 0;
    path_to_sort(group, sort, &path);
    return path.rank;
}

void multi_erase(MultiMap *multi, MultiGroup *group, uint64_t from, uint64_t to) {
    if (to > group->n) to = group->n;
    for (; from < to; to--) {
        MultiPath path;
        if (!group->is_leaf) {
            row_drop(multi, group, group_single(group));
            group->root = NULL;
            group->n = 0;
            return;
        }
        path_to_index(group, to - 1, &path);
        path_remove(multi, group, &path);
    }
}

void multi_remove(MultiMap *multi, MultiGroup *group) {
    multi_erase(multi, group, 0, group->n);
    map_remove(multi->groups, (char *)group);
}

/* ---- commits ----
 *
 * Rows: key group, 'r', length of the group's key, the key, sort bytes -> hash, count, value.
 * Groups, when the operator keeps data with them: key group, 'g', key -> hash, data. */

static void multi_group_key(StateWriter *to, const MultiMap *multi, const MultiGroup *group) {
    statewriter_begin(to);
    buf_putc(&to->key, (char)key_group(map_hash((const char *)group)));
    buf_putc(&to->key, 'g');
    buf_span(&to->key, multi_key(multi, group));
}

static void multi_row_key(StateWriter *to, const MultiMap *multi, const MultiChange *change) {
    Span key = multi_key(multi, change->group);
    uint32_t len = __builtin_bswap32((uint32_t)key.len);
    statewriter_begin(to);
    buf_putc(&to->key, (char)key_group(map_hash((const char *)change->group)));
    buf_putc(&to->key, 'r');
    buf_put(&to->key, &len, sizeof len);
    buf_span(&to->key, key);
    buf_put(&to->key, change->row->bytes, change->row->sort_len);
}

typedef struct MultiCollect {
    MultiMap *multi;
    StateWriter *to;
} MultiCollect;

static void multi_collect_group(void *ctx, char *entry, bool is_removed, bool is_unsaved) {
    const MultiCollect *collect = ctx;
    const MultiMap *multi = collect->multi;
    StateWriter *to = collect->to;
    MultiGroup *group = (MultiGroup *)(void *)entry;
    uint64_t hash = map_hash(entry);
    if (!multi->extra_size || (is_removed && is_unsaved)) return;
    multi_group_key(to, multi, group);
    if (is_removed) {
        kvbatch_delete(to->batch, buf_as_span(&to->key));
        return;
    }
    buf_reset(&to->value);
    buf_put(&to->value, &hash, sizeof hash);
    buf_put(&to->value, group->extra, multi->extra_size);
    kvbatch_put(to->batch, buf_as_span(&to->key), buf_as_span(&to->value));
}

static void multi_collect(void *table, StateWriter *to) {
    MultiMap *multi = table;
    MultiCollect collect = {multi, to};
    for (uint64_t i = 0; i < multi->n_changes; i++) {
        const MultiChange *change = &multi->changes[i];
        MultiRowData *row = change->row;
        uint64_t hash = map_hash((const char *)change->group);
        if (row->is_removed) {
            if (!row->is_unsaved) {
                multi_row_key(to, multi, change);
                kvbatch_delete(to->batch, buf_as_span(&to->key));
            }
            slab_put(&multi->slab, row, row_size(row));
            continue;
        }
        multi_row_key(to, multi, change);
        buf_reset(&to->value);
        buf_put(&to->value, &hash, sizeof hash);
        buf_put(&to->value, &row->count, sizeof row->count);
        buf_put(&to->value, row->bytes + row->sort_len, row->value_len);
        kvbatch_put(to->batch, buf_as_span(&to->key), buf_as_span(&to->value));
        row->is_changed = row->is_unsaved = false;
    }
    multi->n_changes = 0;
    map_take_changed(multi->groups, multi_collect_group, &collect);
}

static Status multi_load_row(MultiMap *multi, Span key, Span value, uint64_t hash, Err *err) {
    MultiGroup *group;
    uint32_t len;
    int64_t count;
    Span sort;
    if (key.len < sizeof len || value.len < sizeof count) return state_corrupt("rows", err);
    memcpy(&len, key.ptr, sizeof len);
    len = __builtin_bswap32(len);
    key = (Span){key.ptr + sizeof len, key.len - sizeof len};
    if (key.len < len) return state_corrupt("rows", err);
    sort = (Span){key.ptr + len, key.len - len};
    key.len = len;
    memcpy(&count, value.ptr, sizeof count);
    value = (Span){value.ptr + sizeof count, value.len - sizeof count};
    if (!count || value.len > VALUE_MAX) return state_corrupt("rows", err);
    group = (MultiGroup *)(void *)map_restore(multi->groups, 0, key, hash, 0);
    multi->is_durable = false; /* it is in the store already */
    multi_add(multi, group, sort, value, count, false, NULL);
    multi->is_durable = true;
    return ST_OK;
}

static Status multi_load(void *table, Span key, Span value, Err *err) {
    MultiMap *multi = table;
    MultiGroup *group;
    uint64_t hash;
    char kind;
    if (key.len < 2 || value.len < sizeof hash) return state_corrupt("rows", err);
    kind = key.ptr[1];
    key = (Span){key.ptr + 2, key.len - 2};
    memcpy(&hash, value.ptr, sizeof hash);
    value = (Span){value.ptr + sizeof hash, value.len - sizeof hash};
    if (kind == 'r') return multi_load_row(multi, key, value, hash, err);
    if (kind != 'g' || value.len != multi->extra_size) return state_corrupt("groups", err);
    group = (MultiGroup *)(void *)map_restore(multi->groups, 0, key, hash, 0);
    memcpy(group->extra, value.ptr, value.len);
    return ST_OK;
}
