/* datagen.c -- value generators of the datagen connector.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/datagen.h"

enum { DATAGEN_TEXT_LENGTH = 100, DATAGEN_ENTRIES = 4, DATAGEN_LENGTH_MAX = 1 << 20 };

typedef struct GenOption {
    Span value;
    int32_t pos;
} GenOption;

/* The option 'fields.<path>.<name>' as the user gave it. */
static bool genopt_find(const Options *options, Span path, const char *name, GenOption *out) {
    for (uint32_t i = 0; i < options->n; i++) {
        Span key = options->pairs[i].key;
        size_t tail = strlen(name);
        if (key.len != 7 + path.len + 1 + tail || memcmp(key.ptr, "fields.", 7) != 0) continue;
        if (memcmp(key.ptr + 7, path.ptr, path.len) != 0 || key.ptr[7 + path.len] != '.') continue;
        if (memcmp(key.ptr + 8 + path.len, name, tail) != 0) continue;
        *out = (GenOption){options->pairs[i].value, options->pairs[i].pos};
        return true;
    }
    return false;
}

static Status genopt_bad(Span path, const char *name, const GenOption *option, const char *want,
                         Err *err) {
    FAIL(err, ST_INVALID, "22023", option->pos,
         "'fields." SPAN_FMT ".%s' = '" SPAN_FMT "' is not %s", SPAN_ARG(path), name,
         SPAN_ARG(option->value), want);
}

static Status genopt_int(const Options *options, Span path, const char *name, int64_t *value,
                         bool *is_given, Err *err) {
    GenOption option;
    *is_given = genopt_find(options, path, name, &option);
    if (*is_given && num_parse_i64(option.value, value) != NUM_OK)
        return genopt_bad(path, name, &option, "an integer", err);
    return ST_OK;
}

static Status genopt_float(const Options *options, Span path, const char *name, double *value,
                           Err *err) {
    GenOption option;
    if (genopt_find(options, path, name, &option) && num_parse_f64(option.value, value) != NUM_OK) {
        return genopt_bad(path, name, &option, "a number", err);
    }
    return ST_OK;
}

static int64_t pow10_i64(int n) {
    int64_t p = 1;
    while (n-- > 0) p *= 10;
    return p;
}

/* The range that a type has when none is given. */
static void valuegen_range(ValueGen *gen) {
    static const int64_t lows[] = {INT8_MIN, INT16_MIN, INT32_MIN, INT64_MIN};
    static const int64_t highs[] = {INT8_MAX, INT16_MAX, INT32_MAX, INT64_MAX};
    const Type *type = gen->type;
    if (type_is_integer(type)) {
        gen->min = lows[type->kind - TYPE_TINYINT];
        gen->max = highs[type->kind - TYPE_TINYINT];
    } else if (type->kind == TYPE_DECIMAL) {
        gen->max = pow10_i64(type->precision < 18 ? type->precision : 18) - 1;
        gen->min = -gen->max;
    } else if (type->kind == TYPE_INTERVAL_YM) {
        gen->max = 120000;
    } else if (type->kind == TYPE_INTERVAL_DS) {
        gen->max = INT64_C(86400000000);
    } else if (type->kind == TYPE_FLOAT || type->kind == TYPE_DOUBLE) {
        gen->f_max = type->kind == TYPE_FLOAT ? 3.4028234663852886e38 : 1.7976931348623157e308;
        gen->f_min = -gen->f_max;
    }
    gen->length = type->kind >= TYPE_ARRAY ? DATAGEN_ENTRIES : DATAGEN_TEXT_LENGTH;
    if (type->kind >= TYPE_CHAR && type->kind <= TYPE_VARBINARY && type->precision < gen->length)
        gen->length = type->precision;
    if (type->kind == TYPE_CHAR || type->kind == TYPE_BINARY) gen->length = type->precision;
}

/* A bound of a DECIMAL, DATE or number, as the integer that is stored. */
static Status valuegen_bound(ValueGen *gen, const Options *options, Span path, const char *name,
                             int64_t *value, bool *is_given, Err *err) {
    GenOption option;
    Arena arena;
    ColBuilder col;
    Status status;
    if (gen->type->kind != TYPE_DECIMAL)
        return genopt_int(options, path, name, value, is_given, err);
    *is_given = genopt_find(options, path, name, &option);
    if (!*is_given) return ST_OK;
    arena_init(&arena, NULL);
    colb_init(&col, &arena, gen->type, 1);
    status = value_parse(option.value, gen->type, TEXT_CAST, NULL, &col, err);
    if (status == ST_OK) *value = (int64_t)col.i128[0];
    arena_deinit(&arena);
    return status == ST_OK ? ST_OK
                           : genopt_bad(path, name, &option, "a number of the column's type", err);
}

static Status valuegen_sequence(ValueGen *gen, const Options *options, Span path, Err *err) {
    bool has_start;
    bool has_end;
    gen->is_sequence = true;
    TRY(valuegen_bound(gen, options, path, "start", &gen->min, &has_start, err));
    TRY(valuegen_bound(gen, options, path, "end", &gen->max, &has_end, err));
    if (!has_start || !has_end) {
        FAIL(err, ST_INVALID, "22023", -1,
             "the sequence 'fields." SPAN_FMT "' needs both 'start' and 'end'", SPAN_ARG(path));
    }
    if (gen->type->kind >= TYPE_DATE || gen->type->kind == TYPE_BOOLEAN) {
        FAIL(err, ST_INVALID, "22023", -1,
             "'fields." SPAN_FMT ".kind' = 'sequence' works for numbers and strings only",
             SPAN_ARG(path));
    }
    gen->f_min = (double)gen->min;
    return ST_OK;
}

static Status valuegen_children(ValueGen *gen, Arena *arena, Span path, const Options *options,
                                Err *err) {
    const Type *type = gen->type;
    uint32_t n = type->kind == TYPE_ROW ? type->row.n_fields : type->kind == TYPE_MAP ? 2 : 1;
    gen->children = arena_array(arena, ValueGen, n);
    gen->n_children = n;
    for (uint32_t i = 0; i < n; i++) {
        const Type *child = type->kind == TYPE_ROW             ? type->row.fields[i].type
                            : type->kind == TYPE_MAP && i == 0 ? type->key
                                                               : type->elem;
        const char *part = type->kind == TYPE_MAP ? (i ? "value" : "key") : "element";
        Span name = type->kind == TYPE_ROW ? type->row.fields[i].name : span_of(part);
        Span inner =
            span_of(arena_printf(arena, SPAN_FMT "." SPAN_FMT, SPAN_ARG(path), SPAN_ARG(name)));
        TRY(valuegen_init(&gen->children[i], arena, child, inner, options, err));
    }
    return ST_OK;
}

Status valuegen_init(ValueGen *gen, Arena *arena, const Type *type, Span path,
                     const Options *options, Err *err) {
    GenOption option;
    bool is_given;
    *gen = (ValueGen){.type = type};
    valuegen_range(gen);
    if (type->kind >= TYPE_ARRAY) TRY(valuegen_children(gen, arena, path, options, err));
    if (genopt_find(options, path, "kind", &option) && !span_is(option.value, "random")) {
        if (!span_is(option.value, "sequence"))
            return genopt_bad(path, "kind", &option, "random or sequence", err);
        return valuegen_sequence(gen, options, path, err);
    }
    TRY(genopt_int(options, path, "length", &gen->length, &is_given, err));
    if (gen->length < 0 || gen->length > DATAGEN_LENGTH_MAX) {
        FAIL(err, ST_INVALID, "22023", -1, "'fields." SPAN_FMT ".length' must be between 0 and %d",
             SPAN_ARG(path), DATAGEN_LENGTH_MAX);
    }
    if (is_given && (type->kind == TYPE_CHAR || type->kind == TYPE_BINARY) &&
        gen->length != type->precision) {
        FAIL(err, ST_INVALID, "22023", -1,
             "'fields." SPAN_FMT ".length' cannot differ from the length of the type",
             SPAN_ARG(path));
    }
    gen->is_var_len =
        genopt_find(options, path, "var-len", &option) && span_is_nocase(option.value, "true");
    if (genopt_find(options, path, "max-past", &option) &&
        duration_parse(option.value, &gen->max_past_us) != ST_OK) {
        return genopt_bad(path, "max-past", &option, "a duration", err);
    }
    TRY(genopt_float(options, path, "null-rate", &gen->null_rate, err));
    if (type->kind == TYPE_FLOAT || type->kind == TYPE_DOUBLE) {
        TRY(genopt_float(options, path, "min", &gen->f_min, err));
        TRY(genopt_float(options, path, "max", &gen->f_max, err));
    } else {
        TRY(valuegen_bound(gen, options, path, "min", &gen->min, &is_given, err));
        TRY(valuegen_bound(gen, options, path, "max", &gen->max, &is_given, err));
    }
    if (gen->min > gen->max || gen->f_min > gen->f_max) {
        FAIL(err, ST_INVALID, "22023", -1, "'fields." SPAN_FMT "': min is above max",
             SPAN_ARG(path));
    }
    return ST_OK;
}

uint64_t valuegen_rows(const ValueGen *gen) {
    uint64_t rows = UINT64_MAX;
    if (gen->is_sequence) return gen->max < gen->min ? 0 : (uint64_t)(gen->max - gen->min) + 1;
    for (uint32_t i = 0; i < gen->n_children; i++) {
        uint64_t inner = valuegen_rows(&gen->children[i]);
        if (inner < rows) rows = inner;
    }
    return rows;
}

static void valuegen_text(ValueGen *gen, Rng *rng, ColBuilder *out) {
    static const char hex[] = "0123456789abcdef";
    int64_t len =
        gen->is_var_len ? rng_between(rng, 1, gen->length > 1 ? gen->length : 1) : gen->length;
    char *text = arena_alloc(out->arena, (size_t)len + 1);
    bool is_text = type_is_string(gen->type);
    if (gen->is_sequence) {
        int n =
            snprintf(text, (size_t)len + 1, "%lld", (long long)(gen->min + (int64_t)gen->n_made++));
        colb_str_ref(out, text, n < len ? (size_t)n : (size_t)len);
        return;
    }
    for (int64_t i = 0; i < len; i++) {
        uint64_t r = rng_next(rng);
        text[i] = is_text ? hex[r & 15] : (char)r;
    }
    colb_str_ref(out, text, (size_t)len);
}

static void valuegen_number(ValueGen *gen, Rng *rng, ColBuilder *out) {
    int64_t v = gen->is_sequence ? gen->min + (int64_t)gen->n_made++ : 0;
    double f = (double)v;
    if (!gen->is_sequence) {
        v = rng_between(rng, gen->min, gen->max);
        /* Halved twice, so that the width of the full range of DOUBLE does not overflow. */
        f = gen->f_min + 2 * (rng_f64(rng) * (gen->f_max / 2 - gen->f_min / 2));
    }
    switch (type_phys(gen->type)) {
    case PHYS_I8: colb_i8(out, (int8_t)v); break;
    case PHYS_I16: colb_i16(out, (int16_t)v); break;
    case PHYS_I32: colb_i32(out, (int32_t)v); break;
    case PHYS_I128: colb_i128(out, v); break;
    case PHYS_F32: colb_f32(out, (float)f); break;
    case PHYS_F64: colb_f64(out, f); break;
    default: colb_i64(out, v); break;
    }
}

static void valuegen_time(ValueGen *gen, Rng *rng, int64_t now_us, ColBuilder *out) {
    int64_t day_us = INT64_C(86400000000);
    int64_t t = now_us / 1000 * 1000;
    if (gen->max_past_us > 0)
        t -= (int64_t)rng_below(rng, (uint64_t)gen->max_past_us) / 1000 * 1000;
    if (gen->type->kind == TYPE_DATE)
        colb_i32(out, (int32_t)(t / day_us));
    else if (gen->type->kind == TYPE_TIME)
        colb_i64(out, t % day_us);
    else
        colb_i64(out, t);
}

static void valuegen_list(ValueGen *gen, Rng *rng, int64_t now_us, ColBuilder *out) {
    for (int64_t i = 0; i < gen->length; i++) {
        for (uint32_t c = 0; c < gen->n_children; c++)
            valuegen_append(&gen->children[c], rng, now_us, &out->children[c]);
        if (gen->type->kind == TYPE_MULTISET) colb_i32(&out->children[1], 1);
    }
    colb_list_end(out);
}

void valuegen_append(ValueGen *gen, Rng *rng, int64_t now_us, ColBuilder *out) {
    if (gen->null_rate > 0 && rng_f64(rng) < gen->null_rate) {
        colb_null(out);
        return;
    }
    switch (gen->type->kind) {
    case TYPE_BOOLEAN: colb_i8(out, (int8_t)(rng_next(rng) & 1)); break;
    case TYPE_CHAR:
    case TYPE_VARCHAR:
    case TYPE_BINARY:
    case TYPE_VARBINARY: valuegen_text(gen, rng, out); break;
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_LTZ: valuegen_time(gen, rng, now_us, out); break;
    case TYPE_ARRAY:
    case TYPE_MAP:
    case TYPE_MULTISET: valuegen_list(gen, rng, now_us, out); break;
    case TYPE_ROW:
        for (uint32_t i = 0; i < gen->n_children; i++)
            valuegen_append(&gen->children[i], rng, now_us, &out->children[i]);
        colb_row_end(out);
        break;
    default: valuegen_number(gen, rng, out); break;
    }
}
