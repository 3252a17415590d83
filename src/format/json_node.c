/* json_node.c -- compiles a schema into the tree that the JSON scan follows, and keeps the tree's
 * builders in step with row numbers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json.h"

/* ---- compiling ---- */

static JsonKind json_kind(const Type *type) {
    static const uint8_t kind_of[TYPE_KIND_COUNT] = {
        [TYPE_NULL] = JSON_NULL,
        [TYPE_BOOLEAN] = JSON_BOOL,
        [TYPE_TINYINT] = JSON_I8,
        [TYPE_SMALLINT] = JSON_I16,
        [TYPE_INT] = JSON_I32,
        [TYPE_BIGINT] = JSON_I64,
        [TYPE_FLOAT] = JSON_F32,
        [TYPE_DOUBLE] = JSON_F64,
        [TYPE_DECIMAL] = JSON_DECIMAL,
        [TYPE_CHAR] = JSON_STR,
        [TYPE_VARCHAR] = JSON_STR,
        [TYPE_BINARY] = JSON_BYTES,
        [TYPE_VARBINARY] = JSON_BYTES,
        [TYPE_DATE] = JSON_DATE,
        [TYPE_TIME] = JSON_TIME,
        [TYPE_TIMESTAMP] = JSON_TIMESTAMP,
        [TYPE_TIMESTAMP_LTZ] = JSON_TIMESTAMP_LTZ,
        [TYPE_INTERVAL_YM] = JSON_I32,
        [TYPE_INTERVAL_DS] = JSON_INTERVAL,
        [TYPE_ARRAY] = JSON_ARRAY,
        [TYPE_MAP] = JSON_MAP,
        [TYPE_MULTISET] = JSON_MAP,
        [TYPE_ROW] = JSON_ROW,
    };
    return (JsonKind)kind_of[type->kind];
}

Status json_check_type(const Type *type, Span column, bool is_writing, Err *err) {
    if (type->kind == TYPE_MAP || type->kind == TYPE_MULTISET) {
        const Type *key = type->kind == TYPE_MAP ? type->key : type->elem;
        if (!type_is_string(key)) {
            err_set(err, ST_UNSUPPORTED, "0A000", -1, __FILE__, __LINE__,
                    "column '" SPAN_FMT "': JSON format doesn't support non-string as key type of "
                    "map",
                    SPAN_ARG(column));
            return err_hint(err, "the keys of a JSON object are strings");
        }
    }
    if (type->elem) TRY(json_check_type(type->elem, column, is_writing, err));
    for (uint32_t i = 0; i < type->row.n_fields; i++) {
        TRY(json_check_type(type->row.fields[i].type, column, is_writing, err));
    }
    return ST_OK;
}

static bool json_name_is_plain(Span name) {
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c == '"' || c == '\\' || c < ' ') return false;
    }
    return name.len + 3 <= JSON_LIT_LEN;
}

static void json_field_init(JsonField *field, Span name) {
    field->name = name;
    if (json_name_is_plain(name)) {
        field->lit[0] = '"';
        memcpy(field->lit + 1, name.ptr, name.len);
        memcpy(field->lit + 1 + name.len, "\":", 2);
        field->lit_len = (uint16_t)(name.len + 3);
        field->lit_mask = (uint32_t)((UINT64_C(1) << field->lit_len) - 1);
    } else {
        memset(field->lit, 0xff, sizeof field->lit);
        field->lit_len = 0;
        field->lit_mask = UINT32_MAX;
    }
}

static void json_slot_put(JsonNode *object, uint16_t index) {
    Span name = object->fields[index].name;
    uint32_t slot = (uint32_t)hash_bytes(name.ptr, name.len, 0);
    while (object->slots[slot & object->slot_mask]) slot++;
    object->slots[slot & object->slot_mask] = index;
}

uint16_t json_field_find(const JsonNode *object, Span name) {
    uint32_t slot = (uint32_t)hash_bytes(name.ptr, name.len, 0);
    for (;; slot++) {
        uint16_t index = object->slots[slot & object->slot_mask];
        if (index == 0) return JSON_UNKNOWN;
        if (span_eq(object->fields[index].name, name)) return index;
    }
}

uint16_t json_field_learn(JsonNode *object, Span name) {
    JsonField *field;
    uint16_t index = object->n_fields;
    if (index == object->cap_fields || !json_name_is_plain(name)) return JSON_UNKNOWN;
    field = &object->fields[index];
    json_field_init(field, name);
    field->name = (Span){field->lit + 1, name.len}; /* the input goes, the literal stays */
    object->n_fields++;
    json_slot_put(object, index);
    return index;
}

static JsonNode *json_node_new(Arena *arena, const Type *table, const Type *out, Span path,
                               bool is_tracked) {
    JsonNode *node;
    if (out->kind == TYPE_ROW) {
        node = json_node_object(arena, &table->row, &out->row, NULL, path, is_tracked);
    } else {
        node = arena_new(arena, JsonNode);
    }
    node->kind = (uint8_t)json_kind(out);
    node->is_required = !out->is_nullable;
    node->type = out;
    node->path = path;
    node->precision = (uint8_t)out->precision;
    if (out->kind == TYPE_ARRAY) {
        node->elem = json_node_new(arena, table->elem, out->elem, path, is_tracked);
    } else if (out->kind == TYPE_MAP) {
        node->key = json_node_new(arena, table->key, out->key, path, is_tracked);
        node->elem = json_node_new(arena, table->elem, out->elem, path, is_tracked);
    } else if (out->kind == TYPE_MULTISET) {
        node->key = json_node_new(arena, table->elem, out->elem, path, is_tracked);
        node->elem = json_node_new(arena, &type_int, &type_int, path, is_tracked);
    }
    if (node->key) node->key->is_required = true;
    return node;
}

/* Which field of `out` comes from field `field` of the table; -1: none. */
static int32_t json_out_index(const Schema *out, const int32_t *indexes, uint32_t field,
                              Span name) {
    if (!indexes) return schema_find(out, name);
    for (uint32_t i = 0; i < out->n_fields; i++) {
        if (indexes[i] == (int32_t)field) return (int32_t)i;
    }
    return -1;
}

JsonNode *json_node_object(Arena *arena, const Schema *table, const Schema *out,
                           const int32_t *indexes, Span path, bool is_tracked) {
    JsonNode *object = arena_new(arena, JsonNode);
    uint32_t n = table->n_fields + 1, n_slots = 16;
    object->n_fields = 1;
    object->kind = JSON_ROW;
    object->is_tracked = is_tracked;
    object->path = path;
    object->cap_fields = (uint16_t)(n + JSON_LEARN_MAX);
    object->fields = arena_array(arena, JsonField, object->cap_fields);
    while (n_slots < 2u * object->cap_fields) n_slots *= 2;
    object->slots = arena_array(arena, uint16_t, n_slots);
    object->slot_mask = n_slots - 1;
    memset(object->fields[JSON_UNKNOWN].lit, 0xff, JSON_LIT_LEN);
    object->fields[JSON_UNKNOWN].lit_mask = UINT32_MAX;
    for (uint32_t j = 1; j < n; j++) {
        Field column = table->fields[j - 1];
        JsonField *field = &object->fields[j];
        int32_t at = json_out_index(out, indexes, j - 1, column.name);
        json_field_init(field, column.name);
        field->next = (uint16_t)(j + 1 < n ? j + 1 : JSON_UNKNOWN);
        if (at >= 0) {
            Span full = column.name;
            if (path.len) {
                full = span_of(arena_printf(arena, SPAN_FMT "." SPAN_FMT, SPAN_ARG(path),
                                            SPAN_ARG(column.name)));
            }
            field->node = json_node_new(arena, column.type, out->fields[at].type, full, is_tracked);
            field->node->column = (uint32_t)at;
            object->has_required |= field->node->is_required;
        }
        object->n_fields = (uint16_t)(j + 1);
        if (json_field_find(object, column.name) == JSON_UNKNOWN) {
            json_slot_put(object, (uint16_t)j);
        }
    }
    object->first = object->n_fields > 1 ? 1 : JSON_UNKNOWN;
    return object;
}

/* ---- builders ---- */

void json_bind_node(JsonNode *node, ColBuilder *b) {
    node->b = b;
    if (node->kind == JSON_ROW) {
        for (uint16_t f = 1; f < node->n_fields; f++) {
            JsonNode *child = node->fields[f].node;
            if (child) json_bind_node(child, &b->children[child->column]);
        }
    } else if (node->kind == JSON_ARRAY) {
        json_bind_node(node->elem, &b->children[0]);
        node->n_elems = b->children[0].n;
    } else if (node->kind == JSON_MAP) {
        json_bind_node(node->key, &b->children[0]);
        json_bind_node(node->elem, &b->children[1]);
        node->n_elems = b->children[0].n;
    }
}

void json_bind(JsonNode *top, ColBuilder *builders) {
    for (uint16_t f = 1; f < top->n_fields; f++) {
        JsonNode *node = top->fields[f].node;
        if (node) json_bind_node(node, &builders[node->column]);
    }
}

void json_truncate_fields(JsonNode *object, uint32_t row) {
    for (uint16_t f = 1; f < object->n_fields; f++) {
        if (object->fields[f].node) json_truncate(object->fields[f].node, row);
    }
}

void json_truncate(JsonNode *node, uint32_t row) {
    ColBuilder *b = node->b;
    if (b->n > row) b->n = row;
    if (node->kind == JSON_ROW) {
        json_truncate_fields(node, row);
    } else if (node->kind == JSON_ARRAY || node->kind == JSON_MAP) {
        node->n_elems = b->offsets[b->n];
        json_truncate(node->elem, node->n_elems);
        if (node->key) json_truncate(node->key, node->n_elems);
    }
}

static void json_clear_bits(uint64_t *bits, uint32_t from, uint32_t to) {
    while (from < to && from % 64) bit_clear(bits, from++);
    for (; from + 64 <= to; from += 64) bits[from / 64] = 0;
    while (from < to) bit_clear(bits, from++);
}

/* Rows [b->n, row) had no value. */
static void json_fill_nulls(JsonNode *node, uint32_t row) {
    ColBuilder *b = node->b;
    if (!b->has_null) {
        b->has_null = true;
        b->valid = arena_array(b->arena, uint64_t, bit_words(b->cap));
        for (uint32_t i = 0; i < b->n; i++) bit_set(b->valid, i);
    }
    json_clear_bits(b->valid, b->n, row); /* an undone row may have set them */
    if (node->kind == JSON_ARRAY || node->kind == JSON_MAP) {
        for (uint32_t i = b->n; i < row; i++) b->offsets[i + 1] = b->offsets[b->n];
    } else if (b->width) {
        memset((char *)b->data + (size_t)b->n * b->width, 0, (size_t)(row - b->n) * b->width);
    }
    b->n = row;
}

void json_place(JsonNode *node, uint32_t row) {
    ColBuilder *b = node->b;
    while (row >= b->cap) colb_grow(b);
    if (b->n > row) json_truncate(node, row); /* the key came twice: the last one counts */
    if (b->n < row) json_fill_nulls(node, row);
}

void json_finish(JsonNode *node, uint32_t n) {
    ColBuilder *b = node->b;
    while (n > b->cap) colb_grow(b);
    if (b->n < n) json_fill_nulls(node, n);
    if (node->kind == JSON_ROW) {
        json_finish_fields(node, n);
    } else if (node->kind == JSON_ARRAY || node->kind == JSON_MAP) {
        json_finish(node->elem, node->n_elems);
        if (node->key) json_finish(node->key, node->n_elems);
    }
}

void json_finish_fields(JsonNode *object, uint32_t n) {
    for (uint16_t f = 1; f < object->n_fields; f++) {
        if (object->fields[f].node) json_finish(object->fields[f].node, n);
    }
}
