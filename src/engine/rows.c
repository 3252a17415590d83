/* rows.c -- result rows and their getters: a batch of values, or a RowTable whose rows are decoded
 * when they are looked at.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

void rows_init(weir_rows *rows, Mem *mem) {
    *rows = (weir_rows){0};
    arena_init(&rows->arena, mem);
    buf_init(&rows->text, mem);
}

void rows_deinit(weir_rows *rows) {
    arena_deinit(&rows->arena);
    buf_deinit(&rows->text);
}

void rows_begin(weir_rows *rows, const Schema *schema, const Zone *zone) {
    uint32_t n = schema->n_fields;
    arena_reset(&rows->arena);
    rows->schema = schema;
    rows->zone = zone;
    rows->batch = (Batch){.schema = schema, .n_cols = n, .split = SPLIT_NONE};
    rows->kinds = NULL;
    rows->table = NULL;
    rows->order = NULL;
    rows->cached = 0;
    rows->key = NULL;
    rows->n_key = 0;
    rows->names = arena_array(&rows->arena, char *, n);
    rows->type_texts = arena_array(&rows->arena, char *, n);
    for (uint32_t i = 0; i < n; i++)
        rows->names[i] =
            arena_strndup(&rows->arena, schema->fields[i].name.ptr, schema->fields[i].name.len);
}

/* The columns that hold the row, and its number in them. */
static const Column *rows_at(const weir_rows *rows, size_t row, uint32_t *phys) {
    weir_rows *self = (weir_rows *)rows; /* what is cached does not show */
    ColBuilder *cols;
    Span bytes;
    int64_t weight;
    uint32_t n = rows->schema->n_fields;
    if (!rows->table) {
        *phys = (uint32_t)row;
        return rows->batch.cols;
    }
    *phys = 0;
    if (rows->cached == row + 1) return rows->one;
    bytes = rowtable_row(rows->table, rows->order ? rows->order[row] : row, &weight);
    cols = arena_array(&self->arena, ColBuilder, n);
    self->one = arena_array(&self->arena, Column, n);
    for (uint32_t i = 0; i < n; i++)
        colb_init(&cols[i], &self->arena, rows->schema->fields[i].type, 1);
    if (rowcodec_decode(bytes, cols, n, true, NULL) != ST_OK) assert(!"a kept row does not decode");
    for (uint32_t i = 0; i < n; i++) colb_finish(&cols[i], &self->one[i]);
    self->cached = row + 1;
    return self->one;
}

typedef struct RowsSort {
    uint64_t index;
    uint32_t start, len; /* its key in the buffer */
    const Buf *keys;
} RowsSort;

static int rows_compare(const void *a, const void *b) {
    const RowsSort *x = a, *y = b;
    uint32_t n = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->keys->ptr + x->start, y->keys->ptr + y->start, n);
    if (order) return order;
    if (x->len != y->len) return x->len < y->len ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

void rows_sort(weir_rows *rows, const SortKey *keys, uint32_t n_keys) {
    enum { SORTED_MAX = 10000 };
    uint64_t n = rowtable_count(rows->table);
    KeyOrder *orders = arena_array(&rows->arena, KeyOrder, n_keys);
    Column *cols = arena_array(&rows->arena, Column, n_keys);
    RowsSort *sorted;
    uint64_t *order;
    Buf bytes;
    if (!n_keys || n > SORTED_MAX) return;
    buf_init(&bytes, NULL);
    sorted = arena_array(&rows->arena, RowsSort, n + 1);
    order = arena_array(&rows->arena, uint64_t, n + 1);
    for (uint64_t i = 0; i < n; i++) {
        uint32_t at;
        const Column *row = rows_at(rows, i, &at);
        for (uint32_t k = 0; k < n_keys; k++) {
            cols[k] = row[keys[k].col];
            orders[k] = keys[k].order;
        }
        sorted[i] = (RowsSort){.index = i, .start = (uint32_t)bytes.len, .keys = &bytes};
        rowkey_encode_row(cols, n_keys, orders, at, &bytes);
        sorted[i].len = (uint32_t)bytes.len - sorted[i].start;
    }
    qsort(sorted, n, sizeof *sorted, rows_compare);
    for (uint64_t i = 0; i < n; i++) order[i] = sorted[i].index;
    rows->order = order;
    rows->cached = 0;
    buf_deinit(&bytes);
}

size_t weir_rows_count(const weir_rows *rows) {
    return rows->table ? (size_t)rowtable_count(rows->table) : rows->batch.n_rows;
}

size_t weir_rows_columns(const weir_rows *rows) {
    return rows->schema->n_fields;
}

const char *weir_column_name(const weir_rows *rows, size_t column) {
    return column < rows->schema->n_fields ? rows->names[column] : "";
}

weir_type weir_column_type(const weir_rows *rows, size_t column) {
    if (column >= rows->schema->n_fields) return WEIR_TYPE_NULL;
    return (weir_type)rows->schema->fields[column].type->kind;
}

const char *weir_column_type_text(const weir_rows *rows, size_t column) {
    weir_rows *self = (weir_rows *)rows;
    if (column >= rows->schema->n_fields) return "";
    if (!rows->type_texts[column]) {
        Buf text;
        buf_init(&text, NULL);
        type_print(rows->schema->fields[column].type, true, &text);
        self->type_texts[column] = arena_strndup(&self->arena, text.ptr, text.len);
        buf_deinit(&text);
    }
    return rows->type_texts[column];
}

size_t weir_key_columns(const weir_rows *rows) {
    return rows->n_key;
}

size_t weir_key_column(const weir_rows *rows, size_t k) {
    return k < rows->n_key ? rows->key[k] : 0;
}

weir_row_kind weir_row_kind_of(const weir_rows *rows, size_t row) {
    if (rows->table || row >= rows->batch.n_rows) return WEIR_INSERT;
    if (rows->kinds) return (weir_row_kind)rows->kinds[row];
    return weir_row_weight(rows, row) < 0 ? WEIR_DELETE : WEIR_INSERT;
}

int64_t weir_row_weight(const weir_rows *rows, size_t row) {
    int64_t weight = 1;
    if (row >= weir_rows_count(rows)) return 0;
    if (rows->table)
        rowtable_row(rows->table, rows->order ? rows->order[row] : row, &weight);
    else
        weight = batch_weight(&rows->batch, (uint32_t)row);
    return weight;
}

/* NULL when there is no such value, or it is NULL. */
static const Column *rows_value(const weir_rows *rows, size_t row, size_t column, uint32_t *at) {
    const Column *col;
    if (row >= weir_rows_count(rows) || column >= rows->schema->n_fields) return NULL;
    col = &rows_at(rows, row, at)[column];
    if (type_phys(col->type) == PHYS_NULL || col_is_null(col, *at)) return NULL;
    if (type_phys(col->type) != PHYS_ROW || !col->is_const) *at = col_at(col, *at);
    return col;
}

bool weir_value_is_null(const weir_rows *rows, size_t row, size_t column) {
    uint32_t at;
    return rows_value(rows, row, column, &at) == NULL;
}

int64_t weir_value_int64(const weir_rows *rows, size_t row, size_t column) {
    uint32_t at;
    const Column *col = rows_value(rows, row, column, &at);
    if (!col) return 0;
    switch (type_phys(col->type)) {
    case PHYS_I8: return col->i8[at];
    case PHYS_I16: return col->i16[at];
    case PHYS_I32: return col->i32[at];
    case PHYS_I64: return col->i64[at];
    default: return 0;
    }
}

double weir_value_double(const weir_rows *rows, size_t row, size_t column) {
    uint32_t at;
    const Column *col = rows_value(rows, row, column, &at);
    if (!col) return 0;
    if (type_phys(col->type) == PHYS_F64) return col->f64[at];
    return type_phys(col->type) == PHYS_F32 ? (double)col->f32[at] : 0;
}

const char *weir_value_bytes(const weir_rows *rows, size_t row, size_t column, size_t *len) {
    uint32_t at;
    const Column *col = rows_value(rows, row, column, &at);
    *len = 0;
    if (!col || type_phys(col->type) != PHYS_STR) return "";
    *len = col->str[at].len;
    return str_bytes(&col->str[at]);
}

const char *weir_value_text(weir_rows *rows, size_t row, size_t column, size_t *len) {
    uint32_t at;
    const Column *col;
    const char *text;
    if (len) *len = 0;
    if (!rows_value(rows, row, column, &at)) return NULL;
    col = &rows_at(rows, row, &at)[column];
    buf_reset(&rows->text);
    value_print(col, at, TEXT_CAST, rows->zone, &rows->text);
    if (len) *len = rows->text.len;
    text = arena_strndup(&rows->arena, rows->text.ptr ? rows->text.ptr : "", rows->text.len);
    return text;
}

const char *weir_row_print(weir_rows *rows, size_t row, size_t *len) {
    uint32_t at;
    const Column *cols;
    if (len) *len = 0;
    if (row >= weir_rows_count(rows)) return "";
    cols = rows_at(rows, row, &at);
    buf_reset(&rows->text);
    buf_puts(&rows->text, row_kind_text[weir_row_kind_of(rows, row)]);
    buf_putc(&rows->text, '[');
    for (uint32_t i = 0; i < rows->schema->n_fields; i++) {
        if (i) buf_puts(&rows->text, ", ");
        value_print(&cols[i], at, TEXT_PRINT, rows->zone, &rows->text);
    }
    buf_putc(&rows->text, ']');
    if (len) *len = rows->text.len;
    return arena_strndup(&rows->arena, rows->text.ptr, rows->text.len);
}

/* ---- writing ---- */

enum { ROWS_AT_ONCE = 1024 };

typedef struct RowsWriter {
    weir_rows *rows;
    Encoder *encoder;
    Schema schema;     /* what the encoder takes */
    const bool *texts; /* columns that it takes as text */
    Arena arena;       /* of one batch */
    Buf out;
    weir_write_fn *write;
    void *ctx;
} RowsWriter;

/* csv has no form for maps, nor for lists in lists: there they are what CAST makes of them. */
static bool rows_is_text(const FormatType *format, const Type *type) {
    if (strcmp(format->name, "csv") != 0) return false;
    if (type->kind == TYPE_MAP || type->kind == TYPE_MULTISET) return true;
    for (uint32_t i = 0; type->kind >= TYPE_ARRAY && i < type_n_children(type); i++)
        if (type_child(type, i)->kind >= TYPE_ARRAY) return true;
    return false;
}

static void rows_text_column(const RowsWriter *self, const Column *from, Column *to) {
    ColBuilder texts;
    Buf text;
    buf_init(&text, NULL);
    colb_init(&texts, (Arena *)(uintptr_t)&self->arena, &type_string, from->n_rows);
    for (uint32_t i = 0; i < from->n_rows; i++) {
        buf_reset(&text);
        value_print(from, i, TEXT_CAST, self->rows->zone, &text);
        if (col_is_null(from, i))
            colb_null(&texts);
        else
            colb_str(&texts, text.ptr, text.len);
    }
    colb_finish(&texts, to);
    buf_deinit(&text);
}

static Status rows_write_batch(RowsWriter *self, const Batch *batch, const uint8_t *kinds,
                               uint32_t first, uint32_t n, Err *err) {
    Column *cols = arena_array(&self->arena, Column, batch->n_cols + 1);
    Batch out = *batch;
    if (!n) return ST_OK;
    for (uint32_t c = 0; c < batch->n_cols; c++) {
        if (self->texts[c])
            rows_text_column(self, &batch->cols[c], &cols[c]);
        else
            cols[c] = batch->cols[c];
    }
    out.cols = cols;
    out.schema = &self->schema;
    buf_reset(&self->out);
    TRY(self->encoder->type->encode(self->encoder, &out, kinds, first, n, SPAN("\n"), &self->out,
                                    NULL, err));
    if (self->out.len) self->write(self->ctx, self->out.ptr, self->out.len);
    arena_reset(&self->arena);
    return ST_OK;
}

static Status rows_write_table(RowsWriter *self, size_t first, size_t n, Err *err) {
    const weir_rows *rows = self->rows;
    for (size_t done = 0; done < n;) {
        size_t end = done + ROWS_AT_ONCE < n ? done + ROWS_AT_ONCE : n;
        uint32_t n_batch = (uint32_t)(end - done);
        BatchBuilder builder;
        batchb_init(&builder, &self->arena, rows->schema, n_batch);
        for (; done < end; done++) {
            size_t row = first + done;
            int64_t weight;
            Span bytes = rowtable_row(rows->table, rows->order ? rows->order[row] : row, &weight);
            TRY(rowcodec_decode(bytes, builder.cols, rows->schema->n_fields, false, err));
            batchb_row_end(&builder, 1);
        }
        TRY(rows_write_batch(self, batchb_finish(&builder), NULL, 0, n_batch, err));
    }
    return ST_OK;
}

static Status rows_write(weir_rows *rows, const FormatType *format, size_t first, size_t n,
                         weir_write_fn *write, void *ctx, Err *err) {
    Options options = {.prefix = "", .specs = format->options};
    RowsWriter self = {.rows = rows, .write = write, .ctx = ctx};
    EncodeSpec spec = {.schema = &self.schema, .options = &options, .zone = rows->zone};
    bool is_changelog = format->traits & FORMAT_CHANGELOG;
    Arena arena;
    Field *fields;
    bool *texts;
    Status status;
    arena_init(&arena, NULL);
    arena_init(&self.arena, NULL);
    buf_init(&self.out, NULL);
    fields = arena_array(&arena, Field, rows->schema->n_fields);
    self.texts = texts = arena_array(&arena, bool, rows->schema->n_fields);
    self.schema = (Schema){rows->schema->n_fields, fields};
    for (uint32_t c = 0; c < self.schema.n_fields; c++) {
        fields[c] = rows->schema->fields[c];
        texts[c] = rows_is_text(format, fields[c].type);
        if (texts[c]) fields[c].type = &type_string;
    }
    status = encoder_open(format, &spec, &arena, &self.encoder, err);
    if (status == ST_OK && rows->table)
        status = rows_write_table(&self, first, n, err);
    else if (status == ST_OK)
        status = rows_write_batch(&self, &rows->batch, is_changelog ? rows->kinds : NULL,
                                  (uint32_t)first, (uint32_t)n, err);
    if (self.encoder) encoder_close(self.encoder);
    buf_deinit(&self.out);
    arena_deinit(&self.arena);
    arena_deinit(&arena);
    return status;
}

weir_status weir_rows_write(weir_rows *rows, const char *format, size_t first, size_t n,
                            weir_write_fn *write, void *ctx, weir_error *error) {
    Err err = ERR_INIT;
    const FormatType *type = format_find(span_of(format));
    size_t count = weir_rows_count(rows);
    Status status;
    if (first > count) first = count;
    if (n > count - first) n = count - first;
    if (!type || !(type->traits & FORMAT_SINK)) {
        status = err_set(&err, ST_NOT_FOUND, "42704", -1, __FILE__, __LINE__,
                         "there is no format \"%s\" to write", format);
    } else {
        status = rows_write(rows, type, first, n, write, ctx, &err);
    }
    return status == ST_OK ? WEIR_OK : engine_report(error, &err, NULL, NULL);
}
