/* value_print.c -- every value as text, in the four styles of expr.h.
 *
 * One function a type kind; styles differ in few places, which are named here:
 *   TEXT_CAST   TRUE, times with their declared digits, nested NULL as NULL, a ROW as (1, z)
 *   TEXT_PRINT  Java's toString: seconds left out when zero, LTZ in UTC with Z, BigDecimal's
 *               exponent, bytes as signed numbers, a ROW as +I[1, z], NULL as null
 *   TEXT_SQL    a blank between date and time, fraction digits as far as needed; LTZ in UTC with Z
 *   TEXT_ISO    the same with a T
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/zone.h"

static void value_print_number(const Column *col, uint32_t at, TextStyle style, Buf *out) {
    char *to = buf_reserve(out, DECIMAL_TEXT_MAX);
    switch (col->type->kind) {
    case TYPE_TINYINT: out->len += num_print_i64(to, col->i8[at]); break;
    case TYPE_SMALLINT: out->len += num_print_i64(to, col->i16[at]); break;
    case TYPE_INT: out->len += num_print_i64(to, col->i32[at]); break;
    case TYPE_BIGINT: out->len += num_print_i64(to, col->i64[at]); break;
    case TYPE_FLOAT: out->len += num_print_f32(to, col->f32[at]); break;
    case TYPE_DOUBLE: out->len += num_print_f64(to, col->f64[at]); break;
    default:
        out->len += style == TEXT_PRINT ? decimal_print_java(to, col->i128[at], col->type->scale)
                                        : decimal_print(to, col->i128[at], col->type->scale);
        break;
    }
}

static void value_print_bytes(Span bytes, Buf *out) {
    buf_putc(out, '[');
    for (size_t i = 0; i < bytes.len; i++) {
        if (i) buf_put(out, ", ", 2);
        char *to = buf_reserve(out, NUM_I64_MAX_LEN);
        out->len += num_print_i64(to, (signed char)bytes.ptr[i]);
    }
    buf_putc(out, ']');
}

/* ---- times ---- */

static void value_print_timestamp(int64_t us, int precision, TextStyle style, Buf *out) {
    char *to = buf_reserve(out, CIVIL_TEXT_MAX);
    switch (style) {
    case TEXT_CAST: out->len += civil_print_timestamp(to, us, ' ', precision); break;
    case TEXT_PRINT: out->len += civil_print_timestamp_java(to, us); break;
    case TEXT_SQL: out->len += civil_print_timestamp(to, us, ' ', civil_fraction_digits(us)); break;
    case TEXT_ISO: out->len += civil_print_timestamp(to, us, 'T', civil_fraction_digits(us)); break;
    }
}

static void value_print_ltz(int64_t us, int precision, TextStyle style, const Zone *zone,
                            Buf *out) {
    if (style == TEXT_CAST) {
        value_print_timestamp(zone_to_local(zone, us), precision, style, out);
        return;
    }
    if (style == TEXT_PRINT) { /* Instant.toString always has seconds, and groups of three digits */
        int digits = (civil_fraction_digits(us) + 2) / 3 * 3;
        char *to = buf_reserve(out, CIVIL_TEXT_MAX);
        out->len += civil_print_timestamp(to, us, 'T', digits);
    } else {
        value_print_timestamp(us, precision, style, out);
    }
    buf_putc(out, 'Z');
}

static void value_print_time(int64_t us, int precision, TextStyle style, Buf *out) {
    char *to = buf_reserve(out, CIVIL_TEXT_MAX);
    switch (style) {
    case TEXT_CAST: out->len += civil_print_time(to, us, precision); break;
    case TEXT_PRINT: out->len += civil_print_time_java(to, us); break;
    default: out->len += civil_print_time(to, us, civil_fraction_digits(us)); break;
    }
}

/* ---- intervals ---- */

/* "+1-03" as SQL writes it; "P15M" as java.time.Period. */
static void value_print_interval_ym(int32_t months, TextStyle style, Buf *out) {
    if (style != TEXT_PRINT) {
        int64_t magnitude = months < 0 ? -(int64_t)months : months;
        buf_printf(out, "%c%ld-%02ld", months < 0 ? '-' : '+', (long)(magnitude / 12),
                   (long)(magnitude % 12));
        return;
    }
    if (months == 0) {
        buf_puts(out, "P0D");
    } else {
        buf_printf(out, "P%dM", months);
    }
}

/* java.time.Duration: "PT26H3M4.5S"; the seconds carry the sign of the whole. */
static void value_print_duration(int64_t us, Buf *out) {
    int64_t hours = us / US_PER_HOUR, minutes = us / US_PER_MINUTE % 60;
    int64_t rest = us % US_PER_MINUTE;
    buf_puts(out, "PT");
    if (us == 0) buf_puts(out, "0S");
    if (hours) buf_printf(out, "%ldH", (long)hours);
    if (minutes) buf_printf(out, "%ldM", (long)minutes);
    if (rest == 0) return;
    int64_t micro = rest % US_PER_SECOND;
    if (rest < 0 && rest > -US_PER_SECOND) buf_putc(out, '-');
    buf_printf(out, "%ld", (long)(rest / US_PER_SECOND));
    if (micro) {
        char digits[8];
        snprintf(digits, sizeof digits, "%06d", (int)(micro < 0 ? -micro : micro));
        size_t n = 6;
        while (digits[n - 1] == '0') n--;
        buf_putc(out, '.');
        buf_put(out, digits, n);
    }
    buf_putc(out, 'S');
}

/* "+1 02:03:04.567" */
static void value_print_interval_ds(int64_t us, TextStyle style, Buf *out) {
    if (style == TEXT_PRINT) {
        value_print_duration(us, out);
        return;
    }
    uint64_t magnitude = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    uint64_t day = (uint64_t)US_PER_DAY;
    buf_printf(out, "%c%lu ", us < 0 ? '-' : '+', (unsigned long)(magnitude / day));
    char *to = buf_reserve(out, CIVIL_TEXT_MAX);
    int64_t rest = (int64_t)(magnitude % day);
    out->len += civil_print_time(to, rest, rest % US_PER_MS ? 6 : 3);
}

/* ---- nested values ---- */

static void value_print_part(const Column *col, uint32_t row, TextStyle style, const Zone *zone,
                             Buf *out) {
    value_print(col, row, style, zone, out);
}

static void value_print_list(const Column *col, uint32_t at, TextStyle style, const Zone *zone,
                             Buf *out) {
    bool is_map = col->type->kind != TYPE_ARRAY;
    buf_putc(out, is_map ? '{' : '[');
    for (uint32_t i = col->offsets[at]; i < col->offsets[at + 1]; i++) {
        if (i > col->offsets[at]) buf_put(out, ", ", 2);
        value_print_part(&col->children[0], i, style, zone, out);
        if (!is_map) continue;
        buf_putc(out, '=');
        value_print_part(&col->children[1], i, style, zone, out);
    }
    buf_putc(out, is_map ? '}' : ']');
}

static void value_print_row(const Column *col, uint32_t at, TextStyle style, const Zone *zone,
                            Buf *out) {
    buf_puts(out, style == TEXT_PRINT ? "+I[" : "(");
    for (uint32_t i = 0; i < col->n_children; i++) {
        if (i) buf_put(out, ", ", 2);
        value_print_part(&col->children[i], at, style, zone, out);
    }
    buf_putc(out, style == TEXT_PRINT ? ']' : ')');
}

void value_print(const Column *col, uint32_t row, TextStyle style, const Zone *zone, Buf *out) {
    const Type *type = col->type;
    uint32_t at = col_at(col, row);
    if (type->kind == TYPE_NULL || col_is_null(col, row)) {
        buf_puts(out, style == TEXT_CAST ? "NULL" : "null");
        return;
    }
    switch ((TypeKind)type->kind) {
    case TYPE_BOOLEAN:
        if (style == TEXT_CAST) {
            buf_puts(out, col->i8[at] ? "TRUE" : "FALSE");
        } else {
            buf_puts(out, col->i8[at] ? "true" : "false");
        }
        break;
    case TYPE_TINYINT:
    case TYPE_SMALLINT:
    case TYPE_INT:
    case TYPE_BIGINT:
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
    case TYPE_DECIMAL: value_print_number(col, at, style, out); break;
    case TYPE_CHAR:
    case TYPE_VARCHAR: buf_span(out, str_span(&col->str[at])); break;
    case TYPE_BINARY:
    case TYPE_VARBINARY:
        if (style == TEXT_PRINT) {
            value_print_bytes(str_span(&col->str[at]), out);
        } else {
            buf_span(out, str_span(&col->str[at]));
        }
        break;
    case TYPE_DATE:
        out->len += civil_print_date(buf_reserve(out, CIVIL_TEXT_MAX), col->i32[at]);
        break;
    case TYPE_TIME: value_print_time(col->i64[at], type->precision, style, out); break;
    case TYPE_TIMESTAMP: value_print_timestamp(col->i64[at], type->precision, style, out); break;
    case TYPE_TIMESTAMP_LTZ:
        value_print_ltz(col->i64[at], type->precision, style, zone, out);
        break;
    case TYPE_INTERVAL_YM: value_print_interval_ym(col->i32[at], style, out); break;
    case TYPE_INTERVAL_DS: value_print_interval_ds(col->i64[at], style, out); break;
    case TYPE_ARRAY:
    case TYPE_MAP:
    case TYPE_MULTISET: value_print_list(col, at, style, zone, out); break;
    case TYPE_ROW: value_print_row(col, at, style, zone, out); break;
    case TYPE_NULL:
    case TYPE_KIND_COUNT: break;
    }
}
