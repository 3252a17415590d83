/* textcol.c -- one field's text into a column.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/textcol.h"

#include <sys/time.h>

/* ---- options ---- */

static Status textcol_pattern(TextCol *col, const Options *opts, Arena *arena, Err *err) {
    char name[192];
    const char *option = name;
    Span text;
    if (!type_is_datetime(col->type)) return ST_OK;
    snprintf(name, sizeof name, "fields." SPAN_FMT ".timestamp-format", SPAN_ARG(col->name));
    if (!opt_has(opts, name)) option = "timestamp-format";
    text = opt_str(opts, option);
    if (!text.ptr) return ST_OK;
    return timepat_compile(arena, text, opt_pos(opts, option), &col->pattern, err);
}

/* fields.<column>.timestamp-format must name columns that there are. */
static Status textcol_check_fields(const Options *opts, const Schema *table, Err *err) {
    static const char suffix[] = ".timestamp-format";
    size_t prefix_len = strlen(opts->prefix) + strlen("fields.");
    for (uint32_t i = 0; i < opts->n; i++) {
        const OptionPair *pair = &opts->pairs[i];
        Span rest = pair->key;
        if (!span_starts_with(rest, opts->prefix) ||
            !span_starts_with(
                (Span){rest.ptr + strlen(opts->prefix), rest.len - strlen(opts->prefix)},
                "fields.")) {
            continue;
        }
        rest = (Span){rest.ptr + prefix_len, rest.len - prefix_len};
        if (!span_ends_with(rest, suffix)) {
            FAIL(err, ST_INVALID, "22023", pair->pos, "unknown option '" SPAN_FMT "'",
                 SPAN_ARG(pair->key));
        }
        rest.len -= sizeof suffix - 1;
        if (schema_find(table, rest) < 0) {
            FAIL(err, ST_INVALID, "42703", pair->pos,
                 "option '" SPAN_FMT "': there is no column '" SPAN_FMT "'", SPAN_ARG(pair->key),
                 SPAN_ARG(rest));
        }
    }
    return ST_OK;
}

static void textcol_init(TextCol *col, const Type *type, Span name, Arena *arena) {
    *col = (TextCol){.kind = type->kind,
                     .precision = (uint8_t)type->precision,
                     .is_required = !type->is_nullable,
                     .name = name,
                     .type = type};
    if (type->kind == TYPE_ARRAY) {
        col->n_parts = 1;
        col->parts = arena_new(arena, TextCol);
        textcol_init(col->parts, type->elem, name, arena);
    } else if (type->kind == TYPE_ROW) {
        col->n_parts = type->row.n_fields;
        col->parts = arena_array(arena, TextCol, col->n_parts);
        for (uint32_t i = 0; i < col->n_parts; i++) {
            textcol_init(&col->parts[i], type->row.fields[i].type, name, arena);
        }
    }
}

Status textcol_open(TextCol *cols, const Schema *out, const DecodeSpec *spec, TextCtx *ctx,
                    Arena *arena, Err *err) {
    struct timeval now;
    TRY(textcol_check_fields(spec->options, spec->table, err));
    ctx->zone = spec->zone;
    ctx->year.first = (int32_t)opt_int(spec->options, "default-year");
    gettimeofday(&now, NULL);
    ctx->year.now_us = (int64_t)now.tv_sec * US_PER_SECOND + now.tv_usec;
    if (ctx->zone) ctx->year.now_us = zone_to_local(ctx->zone, ctx->year.now_us);
    if (ctx->year.first < 0 || ctx->year.first > CIVIL_YEAR_MAX) {
        FAIL(err, ST_INVALID, "22023", opt_pos(spec->options, "default-year"),
             "default-year must be a year, or 0");
    }
    for (uint32_t i = 0; i < out->n_fields; i++) {
        textcol_init(&cols[i], out->fields[i].type, out->fields[i].name, arena);
        TRY(textcol_pattern(&cols[i], spec->options, arena, err));
    }
    return ST_OK;
}

/* ---- values ---- */

static TextError textcol_int(const TextCol *col, Span text, ColBuilder *b) {
    int64_t value, max = INT64_MAX;
    if (fast_int(text.ptr, &value) != text.ptr + text.len) {
        TextError bad = text_int(span_trim(text), &value);
        if (bad) return bad;
    }
    if (col->kind == TYPE_TINYINT) max = INT8_MAX;
    if (col->kind == TYPE_SMALLINT) max = INT16_MAX;
    if (col->kind == TYPE_INT || col->kind == TYPE_INTERVAL_YM) max = INT32_MAX;
    if (value > max || value < -max - 1) return TEXT_RANGE;
    switch (type_phys(col->type)) {
    case PHYS_I8: colb_i8(b, (int8_t)value); break;
    case PHYS_I16: colb_i16(b, (int16_t)value); break;
    case PHYS_I32: colb_i32(b, (int32_t)value); break;
    default:
        if (col->kind == TYPE_INTERVAL_DS && __builtin_mul_overflow(value, US_PER_MS, &value)) {
            return TEXT_RANGE;
        }
        colb_i64(b, value);
    }
    return TEXT_OK;
}

static TextError textcol_number(const TextCol *col, Span text, ColBuilder *b) {
    TextError bad;
    double f64;
    float f32;
    Int128 decimal;
    if (col->kind == TYPE_DOUBLE) {
        if (fast_double(text.ptr, &f64) != text.ptr + text.len) {
            bad = text_f64(span_trim(text), &f64);
            if (bad) return bad;
        }
        colb_f64(b, f64);
    } else if (col->kind == TYPE_FLOAT) {
        bad = text_f32(span_trim(text), &f32);
        if (bad) return bad;
        colb_f32(b, f32);
    } else {
        bad = text_decimal(span_trim(text), col->type, &decimal);
        if (bad) return bad;
        colb_i128(b, decimal);
    }
    return TEXT_OK;
}

static TextError textcol_timestamp(TextCtx *ctx, const TextCol *col, Span text, ColBuilder *b) {
    const char *end = text.ptr + text.len, *q;
    bool is_ltz = col->kind == TYPE_TIMESTAMP_LTZ, has_offset;
    int64_t us;
    q = text.len >= 19 ? fast_timestamp(&ctx->date, text.ptr, ' ', col->precision, &us) : NULL;
    if (q && is_ltz) q = *q == 'Z' ? q + 1 : NULL;
    if (q != end) {
        text = span_trim(text);
        if (!is_ltz) {
            if (!civil_parse_timestamp(text, &us)) return TEXT_BAD_TIMESTAMP_SQL;
        } else {
            if (!civil_parse_timestamp_offset(text, &us, &has_offset)) return TEXT_BAD_LTZ_SQL;
            if (!has_offset && ctx->zone) us = zone_to_utc(ctx->zone, us);
        }
        us = text_cut_fraction(us, col->precision);
    }
    colb_i64(b, us);
    return TEXT_OK;
}

static TextError textcol_time(TextCtx *ctx, const TextCol *col, Span text, ColBuilder *b) {
    int64_t value;
    int32_t days;
    if (col->pattern) {
        TimeParse how = {ctx->zone, &ctx->year};
        if (!timepat_parse(col->pattern, &how, text, (TypeKind)col->kind, &value)) {
            return TEXT_BAD_PATTERN;
        }
    } else if (col->kind == TYPE_DATE) {
        if (!civil_parse_date(span_trim(text), &days)) return TEXT_BAD_DATE;
        value = days;
    } else if (col->kind == TYPE_TIME) {
        if (!civil_parse_time(span_trim(text), &value)) return TEXT_BAD_TIME;
    } else {
        return textcol_timestamp(ctx, col, text, b);
    }
    if (col->kind == TYPE_DATE) {
        colb_i32(b, (int32_t)value);
    } else {
        colb_i64(b, text_cut_fraction(value, col->precision));
    }
    return TEXT_OK;
}

/* Elements of an ARRAY or fields of a ROW, between delimiters. */
static TextError textcol_parts(TextCtx *ctx, const TextCol *col, Span text, ColBuilder *b) {
    bool is_row = col->kind == TYPE_ROW;
    uint32_t n = 0;
    TextError bad = TEXT_OK;
    while (text.ptr && (text.len || n || is_row)) {
        const char *at = memmem(text.ptr, text.len, ctx->delimiter.ptr, ctx->delimiter.len);
        Span part = {text.ptr, at ? (size_t)(at - text.ptr) : text.len};
        if (is_row && n == col->n_parts) bad = TEXT_BAD_ROW;
        if (!bad) {
            bad = textcol_append(ctx, &col->parts[is_row ? n : 0], part,
                                 &b->children[is_row ? n : 0]);
        }
        if (bad) break;
        n++;
        if (!at) break;
        text.len -= part.len + ctx->delimiter.len;
        text.ptr = at + ctx->delimiter.len;
    }
    if (!bad && is_row && n != col->n_parts) bad = TEXT_BAD_ROW;
    if (bad) {
        colb_truncate(b, b->n);
        return bad;
    }
    if (is_row) {
        colb_row_end(b);
    } else {
        colb_list_end(b);
    }
    return TEXT_OK;
}

TextError textcol_append(TextCtx *ctx, const TextCol *col, Span text, ColBuilder *b) {
    TextError bad;
    int8_t flag;
    Str bytes;
    if (ctx->null_literal.ptr && span_eq(text, ctx->null_literal)) {
        if (col->is_required) return TEXT_NULL;
        colb_null(b);
        return TEXT_OK;
    }
    switch ((TypeKind)col->kind) {
    case TYPE_CHAR:
    case TYPE_VARCHAR:
        if (!ctx->is_ascii && !utf8_is_valid(text)) return TEXT_BAD_UTF8;
        colb_str_ref(b, text.ptr, text.len);
        return TEXT_OK;
    case TYPE_ARRAY:
    case TYPE_ROW: return textcol_parts(ctx, col, text, b);
    case TYPE_BINARY:
    case TYPE_VARBINARY:
        bad = text_base64(text, ctx->arena, &bytes);
        if (bad) return bad;
        colb_str_ref(b, str_bytes(&bytes), bytes.len);
        return TEXT_OK;
    case TYPE_NULL: colb_null(b); return TEXT_OK;
    default: break;
    }
    if (text.len == 0) return TEXT_BAD_EMPTY;
    switch ((TypeKind)col->kind) {
    case TYPE_BOOLEAN:
        bad = text_bool(span_trim(text), &flag);
        if (bad) return bad;
        colb_i8(b, flag);
        return TEXT_OK;
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
    case TYPE_DECIMAL: return textcol_number(col, text, b);
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_LTZ: return textcol_time(ctx, col, text, b);
    default: return textcol_int(col, text, b);
    }
}
