/* json_slow.c -- what the straight path of the JSON scan leaves: keys out of order, escapes, quoted
 * numbers, conversions, and what happens to a value that is no good.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/fieldtext.h"
#include "format/json.h"

/* ---- failure ---- */

const char *json_reject(JsonScan *s, const char *at, const char *reason) {
    s->at = at;
    s->reason = reason;
    s->sqlstate = "22032"; /* invalid JSON text */
    s->column = s->value = (Span){NULL, 0};
    return NULL;
}

static const char *json_field_fail(JsonScan *s, const JsonNode *node, const char *at,
                                   const char *sqlstate, const char *reason) {
    (void)json_reject(s, at, reason);
    s->sqlstate = sqlstate;
    s->column = node->path;
    return NULL;
}

/* The text of the value that starts here, as far as it can be told in a broken record. */
static Span json_value_text(JsonScan *s, const char *start) {
    uint32_t depth = s->depth;
    const char *at = s->at, *reason = s->reason, *sqlstate = s->sqlstate, *end;
    Span column = s->column;
    end = s->ops->skip(s, start);
    s->depth = depth;
    s->at = at;
    s->reason = reason;
    s->sqlstate = sqlstate;
    s->column = column;
    if (!end) end = rawmemchr(start, '\n');
    return (Span){start, (size_t)(end - start)};
}

const char *json_bad_field(JsonScan *s, JsonNode *node, const char *start, uint32_t row) {
    const char *at = s->at, *reason = s->reason, *sqlstate = s->sqlstate, *end;
    Span column = s->column;
    if (column.len && !s->value.ptr) s->value = json_value_text(s, start);
    if (!s->ignores || node->is_required || s->fatal) return NULL;
    end = s->ops->skip(s, start);
    if (!end) return NULL; /* not JSON: the record is lost, and this is the better reason */
    json_truncate(node, row);
    s->at = at;
    s->reason = reason;
    s->sqlstate = sqlstate;
    s->column = column;
    s->value = (Span){start, (size_t)(end - start)};
    s->fatal = json_report(s, rawmemchr(end, '\n'), true);
    if (s->fatal) return NULL;
    s->reason = NULL;
    return end;
}

const char *json_slow_number(JsonScan *s, const char *p) {
    const char *end = fast_number_end(p);
    if (end) return end;
    if (*p == '\n') return json_reject(s, p, "the record ends in the middle");
    if (*p == '-' || fast_is_digit(*p)) return json_reject(s, p, "malformed number");
    return json_reject(s, p, "expected a value");
}

/* ---- strings ---- */

static int json_hex4(const char *p) {
    int code = 0;
    for (int i = 0; i < 4; i++) {
        int c = (unsigned char)p[i], digit;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if ((c | 32) >= 'a' && (c | 32) <= 'f') {
            digit = (c | 32) - 'a' + 10;
        } else {
            return -1;
        }
        code = code * 16 + digit;
    }
    return code;
}

/* \uXXXX, or the two halves of a surrogate pair; p behind the 'u'. */
static const char *json_unicode(JsonScan *s, const char *p, char *to, size_t *len) {
    int code = json_hex4(p), low;
    if (code < 0) return json_reject(s, p, "expected four hexadecimal digits");
    if (code >= 0xd800 && code <= 0xdfff) {
        if (code >= 0xdc00 || p[4] != '\\' || p[5] != 'u') {
            return json_reject(s, p, "half of a surrogate pair");
        }
        low = json_hex4(p + 6);
        if (low < 0xdc00 || low > 0xdfff) return json_reject(s, p, "half of a surrogate pair");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        p += 6;
    }
    *len = utf8_encode(to, (uint32_t)code);
    return p + 4;
}

/* One escape, p at the backslash: its bytes, at most four. */
static const char *json_unescape(JsonScan *s, const char *p, char *to, size_t *len) {
    static const char from[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    const char *found = memchr(from, p[1], sizeof from - 1);
    if (found) {
        *to = bytes[found - from];
        *len = 1;
        return p + 2;
    }
    if (p[1] == 'u') return json_unicode(s, p + 2, to, len);
    return json_reject(s, p, "unknown escape");
}

const char *json_escape(JsonScan *s, const char *p) {
    char bytes[UTF8_MAX];
    size_t len;
    return json_unescape(s, p, bytes, &len);
}

const char *json_text(JsonScan *s, const char *p, Span *out) {
    const char *end = s->ops->skip(s, p - 1), *start = p;
    char *to, *bytes;
    if (!end) return NULL;
    *out = (Span){p, (size_t)(end - 1 - p)};
    if (!memchr(p, '\\', out->len)) return end;
    to = bytes = arena_alloc(s->arena, out->len + UTF8_MAX);
    while (p < end - 1) {
        size_t len;
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        p = json_unescape(s, p, to, &len);
        if (!p)
            return json_reject(s, start, "malformed string"); /* skip() has checked: cannot be */
        to += len;
    }
    *out = (Span){bytes, (size_t)(to - bytes)};
    return end;
}

const char *json_slow_key(JsonScan *s, JsonNode *object, const char *p, uint16_t *field) {
    Span name;
    if (*p != '"') {
        return json_reject(
            s, p, *p == '\n' ? "the record ends in the middle" : "expected a key in quotes");
    }
    p = json_text(s, p + 1, &name);
    if (!p) return NULL;
    *field = json_field_find(object, name);
    if (*field == JSON_UNKNOWN) *field = json_field_learn(object, name);
    while (*p == ' ' || *p == '\t' || *p == '\r') p++;
    if (*p != ':') return json_reject(s, p, "expected ':'");
    return p + 1;
}

/* An object or array as text, without the blanks between its parts. */
static Span json_compact(JsonScan *s, Span text) {
    char *to, *bytes;
    bool is_quoted = false;
    size_t i = 0;
    if (!memchr(text.ptr, ' ', text.len) && !memchr(text.ptr, '\t', text.len) &&
        !memchr(text.ptr, '\r', text.len)) {
        return text;
    }
    to = bytes = arena_alloc(s->arena, text.len);
    while (i < text.len) {
        char c = text.ptr[i++];
        if (!is_quoted && (c == ' ' || c == '\t' || c == '\r')) continue;
        *to++ = c;
        if (c == '"') is_quoted = !is_quoted;
        if (is_quoted && c == '\\') *to++ = text.ptr[i++];
    }
    return (Span){bytes, (size_t)(to - bytes)};
}

/* ---- conversions ---- */

/* One value as text, and of which kind it is. */
typedef struct JsonToken {
    char kind; /* '"' string, '0' number, 't' true or false, '{' object, '[' array */
    Span text; /* of a string: its contents */
} JsonToken;

static const char *json_token(JsonScan *s, const char *p, JsonToken *token) {
    const char *end;
    if (*p == '"') {
        token->kind = '"';
        return json_text(s, p + 1, &token->text);
    }
    end = s->ops->skip(s, p);
    if (!end) return NULL;
    token->kind = *p == '{' || *p == '[' ? *p : *p == 't' || *p == 'f' ? 't' : '0';
    token->text = (Span){p, (size_t)(end - p)};
    return end;
}

static TextError json_to_int(const JsonNode *node, JsonToken token, int64_t *out) {
    bool is_wide = node->kind != JSON_I8 && node->kind != JSON_I16;
    int64_t low, high;
    TextError bad;
    if (token.kind != '0' && token.kind != '"') return TEXT_BAD_INT;
    if (token.kind == '0' && is_wide &&
        (memchr(token.text.ptr, '.', token.text.len) ||
         memchr(token.text.ptr, 'e', token.text.len) ||
         memchr(token.text.ptr, 'E', token.text.len))) {
        bad = text_truncate_int(token.text, out); /* Flink cuts the fraction off */
    } else {
        bad = text_int(token.kind == '"' ? span_trim(token.text) : token.text, out);
    }
    if (bad) return bad;
    high = node->kind == JSON_I8    ? INT8_MAX
           : node->kind == JSON_I16 ? INT16_MAX
           : node->kind == JSON_I32 ? INT32_MAX
                                    : INT64_MAX;
    low = -high - 1;
    return *out < low || *out > high ? TEXT_RANGE : TEXT_OK;
}

static TextError json_to_integer(JsonNode *node, JsonToken token, uint32_t row) {
    ColBuilder *b = node->b;
    int64_t value = 0;
    TextError bad = json_to_int(node, token, &value);
    if (bad) return bad;
    switch (node->kind) {
    case JSON_I8: b->i8[row] = (int8_t)value; break;
    case JSON_I16: b->i16[row] = (int16_t)value; break;
    case JSON_I32: b->i32[row] = (int32_t)value; break;
    case JSON_INTERVAL:
        if (__builtin_mul_overflow(value, US_PER_MS, &value)) return TEXT_RANGE;
        b->i64[row] = value;
        break;
    default: b->i64[row] = value;
    }
    return TEXT_OK;
}

static TextError json_to_number(JsonNode *node, JsonToken token, uint32_t row) {
    ColBuilder *b = node->b;
    Span text = token.kind == '"' ? span_trim(token.text) : token.text;
    if (token.kind != '0' && token.kind != '"') return TEXT_BAD_NUMBER;
    if (node->kind == JSON_F64) return text_f64(text, &b->f64[row]);
    if (node->kind == JSON_F32) return text_f32(text, &b->f32[row]);
    return text_decimal(text, node->type, &b->i128[row]);
}

static TextError json_to_time(JsonScan *s, JsonNode *node, Span text, uint32_t row, bool *is_null) {
    ColBuilder *b = node->b;
    bool is_ltz = node->kind == JSON_TIMESTAMP_LTZ;
    if (node->kind == JSON_DATE) {
        return json_parse_date(text, &b->i32[row]) ? TEXT_OK : TEXT_BAD_DATE;
    }
    if (node->kind == JSON_TIME) {
        if (!json_parse_time(text, &b->i64[row])) return TEXT_BAD_TIME;
    } else if (!json_parse_timestamp(text, s->time, is_ltz, &b->i64[row])) {
        *is_null = s->zero_is_null && text_is_zero_timestamp(text);
        if (*is_null) return TEXT_OK;
        return s->time == JSON_TIME_SQL ? (is_ltz ? TEXT_BAD_LTZ_SQL : TEXT_BAD_TIMESTAMP_SQL)
                                        : (is_ltz ? TEXT_BAD_LTZ_ISO : TEXT_BAD_TIMESTAMP_ISO);
    }
    b->i64[row] = text_cut_fraction(b->i64[row], node->precision);
    return TEXT_OK;
}

static TextError json_to_string(JsonScan *s, JsonNode *node, JsonToken token, uint32_t row) {
    if (token.kind == '{' || token.kind == '[') token.text = json_compact(s, token.text);
    node->b->str[row] = str_make(token.text.ptr, (uint32_t)token.text.len);
    return TEXT_OK;
}

static TextError json_convert(JsonScan *s, JsonNode *node, JsonToken token, uint32_t row,
                              bool *is_null) {
    switch ((JsonKind)node->kind) {
    case JSON_NULL: *is_null = true; return TEXT_OK;
    case JSON_BOOL:
        if (token.kind != 't' && token.kind != '"') return TEXT_BAD_BOOL;
        return text_bool(span_trim(token.text), &node->b->i8[row]);
    case JSON_STR: return json_to_string(s, node, token, row);
    case JSON_F32:
    case JSON_F64:
    case JSON_DECIMAL: return json_to_number(node, token, row);
    case JSON_BYTES:
        if (token.kind != '"') return TEXT_BAD_BASE64;
        return text_base64(token.text, s->arena, &node->b->str[row]);
    case JSON_DATE:
    case JSON_TIME:
    case JSON_TIMESTAMP:
    case JSON_TIMESTAMP_LTZ:
        if (token.kind != '"') return TEXT_BAD_TIME_TOKEN;
        return json_to_time(s, node, token.text, row, is_null);
    case JSON_ROW: return TEXT_BAD_OBJECT;
    case JSON_MAP: return TEXT_BAD_OBJECT;
    case JSON_ARRAY: return TEXT_BAD_ARRAY;
    default: return json_to_integer(node, token, row);
    }
}

const char *json_slow_value(JsonScan *s, JsonNode *node, const char *p, uint32_t row) {
    uint32_t depth = s->depth;
    bool is_null = false;
    JsonToken token;
    const char *end;
    TextError bad;
    if (*p == 'n') {
        if (memcmp(p, "null", 4) != 0) return json_reject(s, p, "expected a value");
        if (node->b->n > row) json_truncate(node, row); /* a second value of the same key */
        if (!node->is_required) return p + 4;
        (void)json_field_fail(s, node, p, "23502", "NULL in a NOT NULL column");
        return json_bad_field(s, node, p, row);
    }
    end = json_token(s, p, &token);
    s->depth = depth;
    if (!end) return NULL;
    bad = json_convert(s, node, token, row, &is_null);
    if (bad) {
        (void)json_field_fail(s, node, p, text_sqlstate(bad), text_reason(bad));
        return json_bad_field(s, node, p, row);
    }
    if (!is_null) json_placed(node, row);
    return end;
}

const char *json_check_object(JsonScan *s, JsonNode *object, const char *p, uint32_t row) {
    for (uint16_t f = 1; f < object->n_fields; f++) {
        const JsonField *field = &object->fields[f];
        const JsonNode *node = field->node;
        if (!node) continue;
        if (object->is_tracked && field->seen != object->stamp) {
            return json_field_fail(s, node, p - 1, "22032", "the field is missing");
        }
        if (node->is_required && node->b->n != row + 1) {
            return json_field_fail(s, node, p - 1, "23502", "no value for a NOT NULL column");
        }
    }
    return p;
}

/* ---- maps ---- */

/* Bit i of the result: entry i is followed by one with the same key. NULL: none is. */
static uint64_t *json_map_repeats(JsonScan *s, const Str *keys, uint32_t n) {
    uint32_t mask = 15;
    uint32_t *slots;
    uint64_t *repeats = NULL;
    while (mask < 2 * n) mask = mask * 2 + 1;
    slots = arena_array(s->arena, uint32_t, mask + 1);
    for (uint32_t i = n; i-- > 0;) {
        uint32_t slot = (uint32_t)hash_bytes(str_bytes(&keys[i]), keys[i].len, 0) & mask;
        while (slots[slot] && !str_eq(&keys[slots[slot] - 1], &keys[i])) slot = (slot + 1) & mask;
        if (!slots[slot]) {
            slots[slot] = i + 1;
            continue;
        }
        if (!repeats) repeats = arena_array(s->arena, uint64_t, bit_words(n));
        bit_set(repeats, i);
    }
    return repeats;
}

const char *json_map_unique(JsonScan *s, JsonNode *node, const char *p, const char *end,
                            uint32_t first) {
    uint32_t n = node->n_elems - first;
    const uint64_t *repeats = json_map_repeats(s, node->key->b->str + first, n);
    if (!repeats) return end;
    json_truncate(node->key, first);
    json_truncate(node->elem, first);
    node->n_elems = first;
    /* The entries again, without those that a later one replaces: rare, so simple. */
    for (uint32_t i = 0; i < n; i++) {
        bool is_kept = !bit_get(repeats, i);
        while (*p != '"') p++;
        p = is_kept ? s->ops->value(s, node->key, p, node->n_elems) : s->ops->skip(s, p);
        if (!p) return NULL;
        while (*p == ' ' || *p == '\t' || *p == '\r' || *p == ':') p++;
        p = is_kept ? s->ops->value(s, node->elem, p, node->n_elems) : s->ops->skip(s, p);
        if (!p) return NULL;
        node->n_elems += is_kept;
    }
    return end;
}
