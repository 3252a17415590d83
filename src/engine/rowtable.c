/* rowtable.c -- the answer of a SELECT as it stands: an insertion-ordered hash table of rows.
 *
 * With a key, a change of a row replaces it in its place, so a live table does not jump; without
 * one, equal rows are counted. Rows are kept as rowcodec bytes. Removed rows leave holes that are
 * closed before the table is read.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

typedef struct TableRow {
    uint64_t hash;
    char *bytes; /* key, then row */
    uint32_t n_key, len;
    int64_t weight; /* 0: a hole */
} TableRow;

struct RowTable {
    Mem *mem;
    const Schema *schema;
    const uint32_t *key;
    uint32_t n_key;
    TableRow *rows; /* in order of arrival */
    uint64_t n_rows, cap_rows, n_live;
    uint64_t *slots; /* row index + 1, 0 = free; a hole keeps its slot until the next rebuild */
    uint64_t n_slots;
    /* The row that a -U took back last, and its key: a +U of the key takes its place. */
    uint64_t taken; /* UINT64_MAX = none */
    Buf taken_key;
    Buf key_bytes, row_bytes;
};

RowTable *rowtable_new(Mem *mem, const Schema *schema, const uint32_t *key, uint32_t n_key) {
    RowTable *table = mem_zalloc(mem, sizeof *table);
    *table = (RowTable){.mem = mem, .schema = schema, .key = key, .n_key = n_key};
    table->taken = UINT64_MAX;
    buf_init(&table->taken_key, mem);
    buf_init(&table->key_bytes, mem);
    buf_init(&table->row_bytes, mem);
    return table;
}

static void rowtable_drop(RowTable *table, TableRow *row) {
    mem_free(table->mem, row->bytes, row->n_key + row->len);
    row->bytes = NULL;
}

void rowtable_free(RowTable *table) {
    if (!table) return;
    for (uint64_t i = 0; i < table->n_rows; i++)
        if (table->rows[i].weight) rowtable_drop(table, &table->rows[i]);
    mem_free(table->mem, table->rows, sizeof *table->rows * table->cap_rows);
    mem_free(table->mem, table->slots, sizeof *table->slots * table->n_slots);
    buf_deinit(&table->taken_key);
    buf_deinit(&table->key_bytes);
    buf_deinit(&table->row_bytes);
    mem_free(table->mem, table, sizeof *table);
}

/* Closes the holes and makes room for twice the rows. */
static void rowtable_rebuild(RowTable *table) {
    uint64_t n = 0, want = 64;
    table->taken = UINT64_MAX;
    for (uint64_t i = 0; i < table->n_rows; i++)
        if (table->rows[i].weight) table->rows[n++] = table->rows[i];
    table->n_rows = n;
    while (want < n * 4) want *= 2;
    mem_free(table->mem, table->slots, sizeof *table->slots * table->n_slots);
    table->slots = mem_zalloc(table->mem, sizeof *table->slots * want);
    table->n_slots = want;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t at = table->rows[i].hash & (want - 1);
        while (table->slots[at]) at = (at + 1) & (want - 1);
        table->slots[at] = i + 1;
    }
}

/* The live row of this key, or NULL. */
static TableRow *rowtable_find(RowTable *table, uint64_t hash, Span key) {
    if (!table->n_slots) return NULL;
    for (uint64_t at = hash & (table->n_slots - 1); table->slots[at];
         at = (at + 1) & (table->n_slots - 1)) {
        TableRow *row = &table->rows[table->slots[at] - 1];
        if (row->hash != hash || !row->weight || row->n_key != key.len) continue;
        if (!key.len || memcmp(row->bytes, key.ptr, key.len) == 0) return row;
    }
    return NULL;
}

static TableRow *rowtable_add(RowTable *table, uint64_t hash) {
    uint64_t at;
    if (table->n_rows == table->cap_rows) {
        uint64_t cap = table->cap_rows ? table->cap_rows * 2 : 64;
        table->rows = mem_realloc(table->mem, table->rows, sizeof *table->rows * table->cap_rows,
                                  sizeof *table->rows * cap);
        table->cap_rows = cap;
    }
    if ((table->n_rows + 1) * 2 > table->n_slots) rowtable_rebuild(table);
    for (at = hash & (table->n_slots - 1); table->slots[at]; at = (at + 1) & (table->n_slots - 1)) {
    }
    table->slots[at] = ++table->n_rows;
    table->n_live++;
    table->rows[table->n_rows - 1] = (TableRow){.hash = hash};
    return &table->rows[table->n_rows - 1];
}

static void rowtable_store(RowTable *table, TableRow *row, Span key, Span bytes) {
    if (row->bytes) rowtable_drop(table, row);
    row->bytes = mem_alloc(table->mem, key.len + bytes.len);
    if (key.len) memcpy(row->bytes, key.ptr, key.len);
    if (bytes.len) memcpy(row->bytes + key.len, bytes.ptr, bytes.len);
    row->n_key = (uint32_t)key.len;
    row->len = (uint32_t)bytes.len;
}

/* With a key, an update replaces the row in its place. A -U without its +U is a deletion. */
static bool rowtable_is_current(const TableRow *row, Span bytes) {
    return span_eq((Span){row->bytes + row->n_key, row->len}, bytes);
}

static TableRow *rowtable_retake(RowTable *table, Span key) {
    TableRow *row;
    if (table->taken == UINT64_MAX || !span_eq(buf_as_span(&table->taken_key), key)) return NULL;
    row = &table->rows[table->taken];
    table->taken = UINT64_MAX;
    row->weight = 1;
    table->n_live++;
    return row;
}

static void rowtable_change(RowTable *table, RowKind kind, Span key, Span bytes) {
    bool is_minus = kind == ROW_DELETE || kind == ROW_UPDATE_BEFORE;
    uint64_t hash = hash_bytes(key.ptr, key.len, 0);
    TableRow *row = rowtable_find(table, hash, key);
    if (is_minus) {
        if (!row) return;
        if (table->n_key && kind == ROW_UPDATE_BEFORE) {
            if (!rowtable_is_current(row, bytes)) return;
            table->taken = (uint64_t)(row - table->rows);
            buf_reset(&table->taken_key);
            buf_span(&table->taken_key, key);
        }
        row->weight -= table->n_key ? row->weight : 1;
        if (row->weight) return;
        rowtable_drop(table, row);
        table->n_live--;
        return;
    }
    if (!row && kind == ROW_UPDATE_AFTER && (row = rowtable_retake(table, key))) {
        rowtable_store(table, row, key, bytes);
    } else if (!row) {
        row = rowtable_add(table, hash);
        rowtable_store(table, row, key, bytes);
        row->weight = 1;
    } else if (table->n_key) {
        rowtable_store(table, row, key, bytes);
    } else {
        row->weight++;
    }
}

void rowtable_apply(RowTable *table, const Batch *batch, const uint8_t *kinds) {
    Column *cols = mem_alloc(NULL, sizeof *cols * (batch->n_cols + 1));
    uint32_t n_key = table->n_key ? table->n_key : batch->n_cols;
    for (uint32_t i = 0; i < n_key; i++) cols[i] = batch->cols[table->n_key ? table->key[i] : i];
    for (uint32_t row = 0; row < batch->n_rows; row++) {
        buf_reset(&table->key_bytes);
        buf_reset(&table->row_bytes);
        rowkey_encode_row(cols, n_key, NULL, row, &table->key_bytes);
        rowcodec_encode(batch->cols, batch->n_cols, row, &table->row_bytes);
        rowtable_change(table, kinds ? (RowKind)kinds[row] : ROW_INSERT,
                        buf_as_span(&table->key_bytes), buf_as_span(&table->row_bytes));
    }
    mem_free(NULL, cols, sizeof *cols * (batch->n_cols + 1));
}

uint64_t rowtable_count(RowTable *table) {
    if (table->n_live != table->n_rows) rowtable_rebuild(table);
    return table->n_live;
}

Span rowtable_row(const RowTable *table, uint64_t index, int64_t *weight) {
    const TableRow *row = &table->rows[index];
    assert(index < table->n_rows && row->weight);
    *weight = row->weight;
    return (Span){row->bytes + row->n_key, row->len};
}
