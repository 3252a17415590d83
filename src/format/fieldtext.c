/* fieldtext.c -- parsing of single fields, with a reason for each way to be wrong.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/fieldtext.h"

static const struct {
    const char *sqlstate, *reason;
} text_errors[TEXT_ERROR_COUNT] = {
    [TEXT_OK] = {"00000", ""},
    [TEXT_BAD_INT] = {"22P02", "expected an integer"},
    [TEXT_BAD_NUMBER] = {"22P02", "expected a number"},
    [TEXT_RANGE] = {"22003", "out of the column's range"},
    [TEXT_BAD_BOOL] = {"22P02", "expected true or false"},
    [TEXT_BAD_BASE64] = {"22P02", "expected bytes in base64"},
    [TEXT_BAD_DATE] = {"22007", "expected a date as yyyy-MM-dd"},
    [TEXT_BAD_TIME] = {"22007", "expected a time as HH:mm:ss"},
    [TEXT_BAD_TIME_TOKEN] = {"22007", "expected a time in quotes"},
    [TEXT_BAD_TIMESTAMP_SQL] = {"22007", "expected a timestamp as yyyy-MM-dd HH:mm:ss.SSS"},
    [TEXT_BAD_TIMESTAMP_ISO] = {"22007", "expected a timestamp as yyyy-MM-ddTHH:mm:ss.SSS"},
    [TEXT_BAD_LTZ_SQL] = {"22007", "expected a timestamp as yyyy-MM-dd HH:mm:ss.SSSZ"},
    [TEXT_BAD_LTZ_ISO] = {"22007", "expected a timestamp as yyyy-MM-ddTHH:mm:ss.SSSZ"},
    [TEXT_BAD_OBJECT] = {"22032", "expected an object"},
    [TEXT_BAD_ARRAY] = {"22032", "expected an array"},
    [TEXT_BAD_UTF8] = {"22021", "expected UTF-8"},
    [TEXT_BAD_PATTERN] = {"22007", "expected a time in the form of the column's timestamp-format"},
    [TEXT_BAD_EMPTY] = {"22P02", "expected a value, not an empty text"},
    [TEXT_BAD_ROW] = {"22P02", "expected as many elements as the ROW has fields"},
    [TEXT_NULL] = {"23502", "NULL in a NOT NULL column"},
};

const char *text_reason(TextError error) {
    return text_errors[error].reason;
}
const char *text_sqlstate(TextError error) {
    return text_errors[error].sqlstate;
}

static TextError text_number(NumResult result, TextError bad) {
    return result == NUM_OK ? TEXT_OK : result == NUM_RANGE ? TEXT_RANGE : bad;
}

TextError text_int(Span text, int64_t *out) {
    return text_number(num_parse_i64(text, out), TEXT_BAD_INT);
}

TextError text_truncate_int(Span text, int64_t *out) {
    enum { SCALE = 19 };
    Int128 value;
    TextError bad =
        text_number(decimal_parse(text, DECIMAL_DIGITS_MAX, SCALE, &value), TEXT_BAD_NUMBER);
    if (bad) return bad;
    value = decimal_truncate(value, SCALE, 0);
    if (value < INT64_MIN || value > INT64_MAX) return TEXT_RANGE;
    *out = (int64_t)value;
    return TEXT_OK;
}

TextError text_f64(Span text, double *out) {
    return text_number(num_parse_f64(text, out), TEXT_BAD_NUMBER);
}

TextError text_f32(Span text, float *out) {
    return text_number(num_parse_f32(text, out), TEXT_BAD_NUMBER);
}

TextError text_decimal(Span text, const Type *type, Int128 *out) {
    return text_number(decimal_parse(text, type->precision, type->scale, out), TEXT_BAD_NUMBER);
}

TextError text_bool(Span text, int8_t *out) {
    if (span_is_nocase(text, "true")) {
        *out = 1;
    } else if (span_is_nocase(text, "false")) {
        *out = 0;
    } else {
        return TEXT_BAD_BOOL;
    }
    return TEXT_OK;
}

/* ---- base64 ---- */

TextError text_base64(Span text, Arena *arena, Str *out) {
    size_t n;
    char *bytes = arena_alloc(arena, text.len / 4 * 3 + 3);
    if (!base64_decode(bytes, &n, text)) return TEXT_BAD_BASE64;
    *out = str_make(bytes, (uint32_t)n);
    return TEXT_OK;
}

void text_put_base64(Buf *out, Span s) {
    size_t n = base64_encoded_len(s.len);
    base64_encode(buf_reserve(out, n), s.ptr, s.len);
    out->len += n;
}

/* ---- decimals ---- */

void text_put_decimal(Buf *out, Int128 value, int scale, bool is_plain) {
    char *to = buf_reserve(out, DECIMAL_TEXT_MAX + 8);
    size_t n;
    while (value != 0 && value % 10 == 0 && (!is_plain || scale > 0)) {
        value /= 10;
        scale--;
    }
    if (value == 0) scale = 0;
    if (is_plain) {
        n = decimal_print(to, value, scale);
    } else if (scale >= 0) {
        n = decimal_print_java(to, value, scale);
    } else {
        size_t sign = value < 0;
        n = decimal_print(to, value, 0);
        if (n - sign > 1) {
            memmove(to + sign + 2, to + sign + 1, n - sign - 1);
            to[sign + 1] = '.';
            n++;
        }
        memcpy(to + n, "E+", 2);
        n += 2;
        n += num_print_i64(to + n, decimal_digits(value) - 1 - scale);
    }
    out->len += n;
}

/* ---- times ---- */

bool text_is_zero_timestamp(Span text) {
    Span rest;
    if (text.len < 19 || memcmp(text.ptr, "0000-00-00", 10) != 0 ||
        (text.ptr[10] != ' ' && text.ptr[10] != 'T') || memcmp(text.ptr + 11, "00:00:00", 8) != 0) {
        return false;
    }
    rest = (Span){text.ptr + 19, text.len - 19};
    if (rest.len && rest.ptr[rest.len - 1] == 'Z') rest.len--;
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.ptr[i] != (i ? '0' : '.')) return false;
    }
    return true;
}

int64_t text_cut_fraction(int64_t us, int precision) {
    static const int64_t unit[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    return civil_floor_div(us, unit[precision]) * unit[precision];
}
