/* enforce.c -- what the declared columns of a sink demand of the rows that reach it: NOT NULL, and
 * lengths of CHAR, VARCHAR, BINARY and VARBINARY. table.exec.sink.* decide what a row that breaks
 * them does: stop the query, be dropped, or (a length) be cut and padded.
 *
 * Most batches cost a look at each column's validity: without NULLs, or without lengths to keep,
 * they pass as they are.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "flow/stage.h"

/* One pass over a batch. */
typedef struct Enforce {
    const SinkRules *rules;
    Arena *arena;
    Mem *mem;
    Buf path;       /* "a.ab[0]" of the value under way */
    uint8_t *drops; /* by row, NULL until the first */
    uint32_t n_rows;
    uint32_t n_dropped;
    uint32_t row; /* of the batch, that the value belongs to */
    Err *err;
} Enforce;

/* ---- what there is to do ---- */

static bool enforce_has_length(const Type *type) {
    return (type_is_string(type) || type_is_binary(type)) && type->precision != TYPE_LEN_MAX;
}

/* Could a value of the type break a rule? */
static bool enforce_concerns(const Type *type, const SinkRules *rules, bool is_top) {
    if (!type->is_nullable && (is_top || rules->nested != NESTED_IGNORE)) return true;
    if (rules->length != LENGTH_IGNORE && enforce_has_length(type)) return true;
    if (rules->nested == NESTED_IGNORE) return false;
    for (uint32_t i = 0; i < type->row.n_fields; i++)
        if (enforce_concerns(type->row.fields[i].type, rules, false)) return true;
    if (rules->nested != NESTED_ALL) return false;
    return (type->key && enforce_concerns(type->key, rules, false)) ||
           (type->elem && enforce_concerns(type->elem, rules, false));
}

static bool enforce_in_collection(const Type *type) {
    bool is_any = type->elem != NULL;
    for (uint32_t i = 0; i < type->row.n_fields && !is_any; i++)
        is_any = enforce_in_collection(type->row.fields[i].type);
    return is_any;
}

Status enforce_open(Flow *flow, const Schema *schema, bool *is_needed, Err *err) {
    const SinkRules *rules = &flow->spec.sink_rules;
    *is_needed = false;
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const Type *type = schema->fields[i].type;
        if (!enforce_concerns(type, rules, true)) continue;
        *is_needed = true;
        if (rules->length != LENGTH_TRIM_PAD || rules->nested != NESTED_ALL) continue;
        if (!enforce_in_collection(type)) continue;
        FAIL(err, ST_UNSUPPORTED, "0A000", -1,
             "Trimming and/or padding is not supported if constraint checking is enabled on types "
             "nested in collections.");
    }
    return ST_OK;
}

/* ---- NULLs ---- */

static Status enforce_null(Enforce *e) {
    if (e->rules->drops_nulls) {
        if (!e->drops) e->drops = arena_zalloc(e->arena, e->n_rows);
        e->n_dropped += !e->drops[e->row];
        e->drops[e->row] = 1;
        return ST_OK;
    }
    FAIL(e->err, ST_INVALID, "23502", -1,
         "Column '" SPAN_FMT "' is NOT NULL, however, a null value is being written into it. You "
         "can set job configuration 'table.exec.sink.not-null-enforcer'='DROP' to suppress this "
         "exception and drop such records silently.",
         SPAN_ARG(buf_as_span(&e->path)));
}

static Status enforce_length(Enforce *e, const Type *type, const Str *value) {
    Span text = str_span(value);
    bool is_text = type_is_string(type);
    size_t len = is_text ? utf8_count(text) : text.len, want = (size_t)type->precision;
    bool is_fixed = type->kind == TYPE_CHAR || type->kind == TYPE_BINARY;
    if (len == want || (len < want && !is_fixed)) return ST_OK;
    Buf name;
    buf_init(&name, NULL);
    type_print(type_with_null(e->arena, type, true), false, &name);
    err_set(e->err, ST_INVALID, is_fixed ? "22026" : "22001", -1, __FILE__, __LINE__,
            "Column '" SPAN_FMT "' is " SPAN_FMT ", however, a string of length %zu is being "
            "written into it. You can set job configuration "
            "'table.exec.sink.type-length-enforcer' to control this behaviour.",
            SPAN_ARG(buf_as_span(&e->path)), SPAN_ARG(buf_as_span(&name)), len);
    buf_deinit(&name);
    return ST_INVALID;
}

static Status enforce_value(Enforce *e, const Type *type, const Column *col, uint32_t at,
                            bool is_top);

static Status enforce_fields(Enforce *e, const Type *type, const Column *col, uint32_t at) {
    size_t len = e->path.len;
    for (uint32_t i = 0; i < type->row.n_fields; i++) {
        buf_printf(&e->path, "." SPAN_FMT, SPAN_ARG(type->row.fields[i].name));
        TRY(enforce_value(e, type->row.fields[i].type, &col->children[i], at, false));
        e->path.len = len;
    }
    return ST_OK;
}

static Status enforce_elements(Enforce *e, const Type *type, const Column *col, uint32_t at) {
    size_t len = e->path.len;
    for (uint32_t i = col->offsets[at]; i < col->offsets[at + 1]; i++) {
        buf_printf(&e->path, "[%u]", i - col->offsets[at]);
        if (type->key) TRY(enforce_value(e, type->key, &col->children[0], i, false));
        TRY(enforce_value(e, type->elem, &col->children[type->key != NULL], i, false));
        e->path.len = len;
    }
    return ST_OK;
}

static Status enforce_value(Enforce *e, const Type *type, const Column *col, uint32_t at,
                            bool is_top) {
    if (type_phys(col->type) != PHYS_ROW || !col->is_const) at = col_at(col, at);
    if (type_phys(col->type) == PHYS_NULL || col_is_null(col, at)) {
        if (type->is_nullable || (!is_top && e->rules->nested == NESTED_IGNORE)) return ST_OK;
        return enforce_null(e);
    }
    if (e->rules->length == LENGTH_ERROR && enforce_has_length(type))
        return enforce_length(e, type, &col->str[at]);
    if (type->kind == TYPE_ROW && e->rules->nested != NESTED_IGNORE)
        return enforce_fields(e, type, col, at);
    if (type->elem && e->rules->nested == NESTED_ALL) return enforce_elements(e, type, col, at);
    return ST_OK;
}

/* Nothing in the column can break a rule: no NULL in it, no length to look at, nothing nested. */
static bool enforce_is_clean(const Enforce *e, const Type *type, const Column *col) {
    if (!enforce_concerns(type, e->rules, true)) return true;
    if (e->rules->length == LENGTH_ERROR && enforce_has_length(type)) return false;
    if (e->rules->nested != NESTED_IGNORE && (type->row.n_fields || type->elem)) return false;
    return type->is_nullable || (!col->valid && type_phys(col->type) != PHYS_NULL);
}

/* ---- cutting and padding ---- */

static Str enforce_fit(Enforce *e, const Type *type, const Str *value) {
    Span text = str_span(value);
    bool is_text = type_is_string(type);
    size_t want = (size_t)type->precision, len = is_text ? utf8_count(text) : text.len;
    size_t bytes = is_text ? utf8_offset(text, want) : want;
    char *padded;
    if (len > want) return str_make(text.ptr, (uint32_t)bytes);
    if (len == want || type->kind == TYPE_VARCHAR || type->kind == TYPE_VARBINARY) return *value;
    padded = arena_alloc(e->arena, text.len + want - len);
    if (text.len) memcpy(padded, text.ptr, text.len);
    memset(padded + text.len, is_text ? ' ' : 0, want - len);
    return str_make(padded, (uint32_t)(text.len + want - len));
}

/* The column with its texts fitted; nested ROWs as the rules say. */
static Column enforce_fitted(Enforce *e, const Type *type, const Column *col, uint32_t n) {
    Column out = *col;
    if (enforce_has_length(type)) {
        uint32_t n_values = col->is_const ? 1 : n;
        Str *fitted = arena_alloc(e->arena, sizeof *fitted * (n_values + 1));
        for (uint32_t i = 0; i < n_values; i++)
            fitted[i] = col_is_null(col, i) ? col->str[i] : enforce_fit(e, type, &col->str[i]);
        out.str = fitted;
    } else if (type->kind == TYPE_ROW && e->rules->nested != NESTED_IGNORE) {
        Column *children = arena_array(e->arena, Column, col->n_children);
        for (uint32_t i = 0; i < col->n_children; i++)
            children[i] = enforce_fitted(e, type->row.fields[i].type, &col->children[i], n);
        out.children = children;
    }
    return out;
}

/* ---- a batch ---- */

static void enforce_drop(Enforce *e, Batch *batch, const uint8_t **kinds) {
    uint32_t *sel = arena_alloc(e->arena, sizeof *sel * (e->n_rows + 1));
    uint8_t *kept = arena_alloc(e->arena, e->n_rows + 1);
    uint32_t n = 0;
    Batch narrowed;
    for (uint32_t row = 0; row < e->n_rows; row++) {
        if (e->drops[row]) continue;
        kept[n] = *kinds ? (*kinds)[row] : ROW_INSERT;
        sel[n++] = row;
    }
    narrowed = batch_select(batch, sel, n);
    *batch = *batch_dense(e->arena, &narrowed);
    if (*kinds) *kinds = kept;
}

Status enforce_batch(Drain *drain, Batch *batch, const uint8_t **kinds, Err *err) {
    const Schema *schema = &drain->stage->op->node->schema;
    Enforce e = {.rules = &drain->flow->spec.sink_rules,
                 .arena = &drain->rules_arena,
                 .mem = &drain->flow->mem,
                 .n_rows = batch->n_rows,
                 .err = err};
    Status status = ST_OK;
    arena_reset(e.arena);
    buf_init(&e.path, e.mem);
    for (uint32_t i = 0; i < batch->n_cols && status == ST_OK; i++) {
        const Type *type = schema->fields[i].type;
        if (enforce_is_clean(&e, type, &batch->cols[i])) continue;
        for (e.row = 0; e.row < batch->n_rows && status == ST_OK; e.row++) {
            buf_reset(&e.path);
            buf_span(&e.path, schema->fields[i].name);
            status = enforce_value(&e, type, &batch->cols[i], e.row, true);
        }
    }
    if (status == ST_OK && e.rules->length == LENGTH_TRIM_PAD) {
        Column *cols = arena_array(e.arena, Column, batch->n_cols);
        for (uint32_t i = 0; i < batch->n_cols; i++)
            cols[i] = enforce_fitted(&e, schema->fields[i].type, &batch->cols[i], batch->n_rows);
        batch->cols = cols;
    }
    if (status == ST_OK && e.drops) enforce_drop(&e, batch, kinds);
    drain->flow->rows_dropped += e.n_dropped;
    buf_deinit(&e.path);
    return status;
}
