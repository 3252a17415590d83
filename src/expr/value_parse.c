/* value_parse.c -- values from text: casts, csv, json and literals.
 *
 * TEXT_CAST is as lenient as CAST: blanks around numbers and times, fractions of integers cut off,
 * dates with one-digit months. The other two styles are what files hold: TEXT_SQL wants a blank
 * between date and time, TEXT_ISO a T, and binary values are base64.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/value.h"

/* ---- numbers ---- */

/* Digits, then perhaps a fraction that is dropped. */
static Span parse_without_fraction(Span text) {
    const char *point = memchr(text.ptr, '.', text.len);
    if (!point) return text;
    for (const char *p = point + 1; p < text.ptr + text.len; p++) {
        if (*p < '0' || *p > '9') return text;
    }
    return (Span){text.ptr, (size_t)(point - text.ptr)};
}

static ParseResult parse_integer(Span text, const Type *type, TextStyle style, Value *out) {
    Span whole = style == TEXT_CAST ? parse_without_fraction(text) : text;
    bool has_fraction = whole.len + 1 < text.len;
    bool is_sign = whole.len == 1 && (*whole.ptr == '-' || *whole.ptr == '+');
    if (has_fraction && (whole.len == 0 || is_sign)) return out->i64 = 0, PARSE_OK; /* ".5" */
    NumResult result = num_parse_i64(whole, &out->i64);
    if (result == NUM_BAD) return PARSE_BAD;
    if (result == NUM_RANGE) return PARSE_RANGE;
    int bits = 8 * (int)phys_width(type_phys(type));
    int64_t limit = bits == 64 ? INT64_MAX : (INT64_C(1) << (bits - 1)) - 1;
    return out->i64 > limit || out->i64 < -limit - 1 ? PARSE_RANGE : PARSE_OK;
}

/* Java's parsers take a trailing d or f. */
static Span parse_without_suffix(Span text) {
    if (text.len < 2) return text;
    char last = (char)(text.ptr[text.len - 1] | 32), before = text.ptr[text.len - 2];
    bool is_suffix =
        (last == 'd' || last == 'f') && ((before >= '0' && before <= '9') || before == '.');
    return (Span){text.ptr, text.len - is_suffix};
}

static ParseResult parse_float(Span text, const Type *type, TextStyle style, Value *out) {
    if (style == TEXT_CAST) text = parse_without_suffix(text);
    NumResult result =
        type->kind == TYPE_FLOAT ? num_parse_f32(text, &out->f32) : num_parse_f64(text, &out->f64);
    return result == NUM_BAD ? PARSE_BAD : result == NUM_RANGE ? PARSE_RANGE : PARSE_OK;
}

static ParseResult parse_decimal(Span text, const Type *type, Value *out) {
    switch (decimal_parse(text, type->precision, type->scale, &out->i128)) {
    case NUM_OK: return PARSE_OK;
    case NUM_RANGE: return PARSE_RANGE;
    default: return PARSE_BAD;
    }
}

static ParseResult parse_boolean(Span text, TextStyle style, Value *out) {
    static const char *const words[] = {"true", "false", "t", "f", "yes", "no", "y", "n", "1", "0"};
    size_t n = style == TEXT_CAST ? 10 : 2;
    for (size_t i = 0; i < n; i++) {
        if (!span_is_nocase(text, words[i])) continue;
        out->i64 = i % 2 == 0;
        return PARSE_OK;
    }
    return PARSE_BAD;
}

/* ---- times ---- */

/* Up to 4 digits, blanks around them skipped. */
static bool parse_date_part(Span text, int32_t *out) {
    int64_t value;
    text = span_trim(text);
    if (num_parse_i64(text, &value) != NUM_OK || value < 0 || value > 9999) return false;
    *out = (int32_t)value;
    return true;
}

/* Flink's dates: y[-m[-d]] with any number of digits, and a blank and a time behind, dropped. */
static bool parse_lenient_date(Span text, int32_t *days) {
    if (civil_parse_date(text, days)) return true;
    Civil c = {.month = 1, .day = 1};
    int32_t *const parts[] = {&c.year, &c.month, &c.day};
    const char *blank = memchr(text.ptr, ' ', text.len);
    if (blank) text.len = (size_t)(blank - text.ptr);
    for (int i = 0; i < 3; i++) {
        const char *dash = i < 2 ? memchr(text.ptr, '-', text.len) : NULL;
        Span part = {text.ptr, dash ? (size_t)(dash - text.ptr) : text.len};
        if (!parse_date_part(part, parts[i])) return false;
        if (!dash) break;
        text = (Span){dash + 1, text.len - part.len - 1};
    }
    if (!civil_is_valid(&c)) return false;
    *days = civil_days(c.year, c.month, c.day);
    return true;
}

static ParseResult parse_time(Span text, const Type *type, TextStyle style, Value *out) {
    int32_t hour;
    if (style == TEXT_CAST && text.len <= 2 && parse_date_part(text, &hour) && hour < 24) {
        out->i64 = hour * US_PER_HOUR;
        return PARSE_OK;
    }
    if (!civil_parse_time(text, &out->i64)) return PARSE_TIME;
    out->i64 = value_floor_us(out->i64, type->precision);
    return PARSE_OK;
}

/* The character between date and time has to be the style's. */
static bool parse_has_separator(Span text, TextStyle style) {
    if (style == TEXT_CAST || style == TEXT_PRINT || text.len <= 10) return true;
    size_t at = 10;
    while (at < text.len && text.ptr[at] != ' ' && text.ptr[at] != 'T') at++;
    return at == text.len || text.ptr[at] == (style == TEXT_SQL ? ' ' : 'T');
}

static ParseResult parse_timestamp(Span text, const Type *type, TextStyle style, const Zone *zone,
                                   Value *out) {
    bool has_offset = false, is_ltz = type->kind == TYPE_TIMESTAMP_LTZ;
    int64_t us;
    if (!parse_has_separator(text, style) || !civil_parse_timestamp_offset(text, &us, &has_offset))
        return PARSE_TIME;
    if (has_offset && !is_ltz) return PARSE_TIME;
    if (is_ltz && !has_offset) us = zone_to_utc(zone, us);
    out->i64 = value_floor_us(us, type->precision);
    return PARSE_OK;
}

static ParseResult parse_date(Span text, TextStyle style, Value *out) {
    int32_t days;
    if (!(style == TEXT_CAST ? parse_lenient_date(text, &days) : civil_parse_date(text, &days)))
        return PARSE_TIME;
    out->i64 = days;
    return PARSE_OK;
}

/* ---- strings and bytes ---- */

Span value_fit_text(Span text, const Type *type, Arena *arena) {
    size_t want = (size_t)type->precision;
    bool is_bytes = type_is_binary(type);
    if (text.len > want) {
        size_t len = is_bytes ? want : utf8_offset(text, want);
        if (len < text.len) return (Span){text.ptr, len};
    }
    if (type->kind != TYPE_CHAR && type->kind != TYPE_BINARY) return text;
    size_t have = is_bytes ? text.len : utf8_count(text);
    if (have >= want) return text;
    char *padded = arena_alloc(arena, text.len + want - have);
    if (text.len) memcpy(padded, text.ptr, text.len);
    memset(padded + text.len, is_bytes ? 0 : ' ', want - have);
    return (Span){padded, text.len + want - have};
}

static ParseResult parse_bytes(Span text, const Type *type, TextStyle style, Arena *arena,
                               Value *out) {
    if (style != TEXT_CAST && type_is_binary(type)) {
        char *bytes = arena_alloc(arena, text.len / 4 * 3 + 3);
        size_t len;
        if (!base64_decode(bytes, &len, text)) return PARSE_BAD;
        out->bytes = (Span){bytes, len};
        return PARSE_OK;
    }
    out->bytes = style == TEXT_CAST ? value_fit_text(text, type, arena) : text;
    return PARSE_OK;
}

/* ---- intervals ---- */

/* [+-]years-months or [+-]months */
static ParseResult parse_interval_ym(Span text, Value *out) {
    bool is_negative = text.len && *text.ptr == '-';
    if (text.len && (*text.ptr == '-' || *text.ptr == '+'))
        text = (Span){text.ptr + 1, text.len - 1};
    const char *dash = memchr(text.ptr, '-', text.len);
    int64_t years = 0, months;
    Span rest = text;
    if (dash) {
        Span head = {text.ptr, (size_t)(dash - text.ptr)};
        if (num_parse_i64(head, &years) != NUM_OK) return PARSE_TIME;
        rest = (Span){dash + 1, text.len - head.len - 1};
    }
    if (num_parse_i64(rest, &months) != NUM_OK || (dash && (months < 0 || months > 11)))
        return PARSE_TIME;
    if (years > INT32_MAX / 12 - 1 || months > INT32_MAX || years < 0 || months < 0)
        return PARSE_RANGE;
    out->i64 = (years * 12 + months) * (is_negative ? -1 : 1);
    return PARSE_OK;
}

/* [+-][days ]HH:mm[:ss[.fraction]] */
static ParseResult parse_interval_ds(Span text, Value *out) {
    bool is_negative = text.len && *text.ptr == '-';
    if (text.len && (*text.ptr == '-' || *text.ptr == '+'))
        text = (Span){text.ptr + 1, text.len - 1};
    const char *blank = memchr(text.ptr, ' ', text.len);
    int64_t days = 0, us = 0;
    Span rest = text;
    if (blank) {
        Span head = {text.ptr, (size_t)(blank - text.ptr)};
        if (num_parse_i64(head, &days) != NUM_OK) return PARSE_TIME;
        rest = (Span){blank + 1, text.len - head.len - 1};
    }
    if (!civil_parse_time(rest, &us)) return PARSE_TIME;
    if (days < 0 || days > INT64_MAX / US_PER_DAY - 1) return PARSE_RANGE;
    us += days * US_PER_DAY;
    out->i64 = is_negative ? -us : us;
    return PARSE_OK;
}

/* ---- all types ---- */

ParseResult value_read(Span text, const Type *type, TextStyle style, const Zone *zone, Arena *arena,
                       Value *out) {
    bool is_text = type_phys(type) == PHYS_STR;
    if (!is_text && !(type->kind == TYPE_BOOLEAN && style == TEXT_CAST)) text = span_trim(text);
    switch ((TypeKind)type->kind) {
    case TYPE_BOOLEAN: return parse_boolean(text, style, out);
    case TYPE_TINYINT:
    case TYPE_SMALLINT:
    case TYPE_INT:
    case TYPE_BIGINT: return parse_integer(text, type, style, out);
    case TYPE_FLOAT:
    case TYPE_DOUBLE: return parse_float(text, type, style, out);
    case TYPE_DECIMAL: return parse_decimal(text, type, out);
    case TYPE_CHAR:
    case TYPE_VARCHAR:
    case TYPE_BINARY:
    case TYPE_VARBINARY: return parse_bytes(text, type, style, arena, out);
    case TYPE_DATE: return parse_date(text, style, out);
    case TYPE_TIME: return parse_time(text, type, style, out);
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_LTZ: return parse_timestamp(text, type, style, zone, out);
    case TYPE_INTERVAL_YM: return parse_interval_ym(text, out);
    case TYPE_INTERVAL_DS: return parse_interval_ds(text, out);
    default: return PARSE_BAD;
    }
}

Status value_fail(ParseResult result, Span text, const Type *type, Err *err) {
    enum { SHOWN_MAX = 100 };
    Arena arena;
    arena_init(&arena, NULL);
    const char *dots = "";
    if (text.len > SHOWN_MAX) {
        size_t len = SHOWN_MAX;
        while (len > 0 && !utf8_is_start(text.ptr[len])) len--;
        text.len = len;
        dots = "...";
    }
    const char *name = type_text(&arena, type);
    if (result == PARSE_RANGE) {
        err_set(err, ST_INVALID, "22003", -1, __FILE__, __LINE__,
                "value '%.*s%s' is out of range for %s", SPAN_ARG(text), dots, name);
    } else {
        err_set(err, ST_INVALID, result == PARSE_TIME ? "22007" : "22P02", -1, __FILE__, __LINE__,
                "'%.*s%s' is not a valid %s", SPAN_ARG(text), dots, name);
    }
    arena_deinit(&arena);
    return ST_INVALID;
}

Status value_parse(Span text, const Type *type, TextStyle style, const Zone *zone, ColBuilder *out,
                   Err *err) {
    Value v;
    if (type->kind >= TYPE_ARRAY)
        FAIL(err, ST_UNSUPPORTED, "0A000", -1, "a nested value cannot be read from text");
    ParseResult result = value_read(text, type, style, zone, out->arena, &v);
    if (result != PARSE_OK) return value_fail(result, text, type, err);
    switch (type_phys(type)) {
    case PHYS_I8: colb_i8(out, (int8_t)v.i64); break;
    case PHYS_I16: colb_i16(out, (int16_t)v.i64); break;
    case PHYS_I32: colb_i32(out, (int32_t)v.i64); break;
    case PHYS_I64: colb_i64(out, v.i64); break;
    case PHYS_F32: colb_f32(out, v.f32); break;
    case PHYS_F64: colb_f64(out, v.f64); break;
    case PHYS_I128: colb_i128(out, v.i128); break;
    default: colb_str(out, v.bytes.ptr, v.bytes.len); break;
    }
    return ST_OK;
}
