/* fn_to_char.c -- TO_CHAR: times and numbers as text by PostgreSQL's patterns.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/temporal.h"

#include <math.h>

#define TOCHAR_KERNEL(kernel)                                                                      \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

static const char *const tochar_months[] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};
static const char *const tochar_days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                          "Friday", "Saturday", "Sunday"};

/* ---- times ---- */

typedef struct ToCharParts {
    Civil c;
    int32_t days;
    bool is_fill; /* FM: without padding */
} ToCharParts;

static void tochar_number(Buf *out, int64_t value, int width, bool is_fill) {
    buf_printf(out, "%0*lld", is_fill ? 0 : width, (long long)value);
}

/* A name in the case of its pattern (MONTH, Month, month), padded to `width`. */
static void tochar_name(Buf *out, const char *name, size_t len, Span pattern, size_t width,
                        bool is_fill) {
    bool is_lower = pattern.ptr[0] >= 'a', is_upper = !is_lower && pattern.ptr[1] < 'a';
    size_t full = strlen(name);
    if (len > full) len = full;
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        if (is_upper && c >= 'a') c = (char)(c - 32);
        if (is_lower && c < 'a') c = (char)(c + 32);
        buf_putc(out, c);
    }
    for (; len < width && !is_fill; len++) buf_putc(out, ' ');
}

static void tochar_meridiem(Buf *out, int32_t hour, Span pattern) {
    bool is_lower = pattern.ptr[0] >= 'a', has_dots = pattern.len == 4;
    char c = hour < 12 ? 'A' : 'P';
    buf_printf(out, "%c%s%c%s", is_lower ? c + 32 : c, has_dots ? "." : "", is_lower ? 'm' : 'M',
               has_dots ? "." : "");
}

static int32_t tochar_iso_year(const ToCharParts *t) {
    int32_t year;
    civil_iso_week(t->days, &year);
    return year;
}

typedef void TocharPut(Buf *out, const ToCharParts *t, Span pattern);
#define TOCHAR_FIELD(name, VALUE, WIDTH)                                \
    static void tochar_##name(Buf *out, const ToCharParts *t, Span p) { \
        (void)p;                                                        \
        tochar_number(out, (VALUE), (WIDTH), t->is_fill);               \
    }
TOCHAR_FIELD(y4, t->c.year, 4)
TOCHAR_FIELD(y3, t->c.year % 1000, 3)
TOCHAR_FIELD(y2, t->c.year % 100, 2)
TOCHAR_FIELD(y1, t->c.year % 10, 1)
TOCHAR_FIELD(iy4, tochar_iso_year(t), 4)
TOCHAR_FIELD(mm, t->c.month, 2)
TOCHAR_FIELD(dd, t->c.day, 2)
TOCHAR_FIELD(ddd, civil_year_day(t->days), 3)
TOCHAR_FIELD(d1, civil_weekday(t->days) % 7 + 1, 1)
TOCHAR_FIELD(id, civil_weekday(t->days), 1)
TOCHAR_FIELD(hh24, t->c.hour, 2)
TOCHAR_FIELD(hh12, t->c.hour % 12 ? t->c.hour % 12 : 12, 2)
TOCHAR_FIELD(mi, t->c.minute, 2)
TOCHAR_FIELD(ss, t->c.second, 2)
TOCHAR_FIELD(ms, t->c.micro / 1000, 3)
TOCHAR_FIELD(us, t->c.micro, 6)
TOCHAR_FIELD(ssss, t->c.hour * 3600 + t->c.minute * 60 + t->c.second, 1)
TOCHAR_FIELD(q, (t->c.month - 1) / 3 + 1, 1)
TOCHAR_FIELD(ww, (civil_year_day(t->days) - 1) / 7 + 1, 2)
TOCHAR_FIELD(w, (t->c.day - 1) / 7 + 1, 1)
TOCHAR_FIELD(iw, civil_iso_week(t->days, NULL), 2)
TOCHAR_FIELD(cc, (t->c.year + 99) / 100, 2)
TOCHAR_FIELD(j, t->days + 2440588, 1)

static void tochar_month(Buf *out, const ToCharParts *t, Span p) {
    tochar_name(out, tochar_months[t->c.month - 1], 9, p, 9, t->is_fill);
}
static void tochar_mon(Buf *out, const ToCharParts *t, Span p) {
    tochar_name(out, tochar_months[t->c.month - 1], 3, p, 3, t->is_fill);
}
static void tochar_day(Buf *out, const ToCharParts *t, Span p) {
    tochar_name(out, tochar_days[civil_weekday(t->days) - 1], 9, p, 9, t->is_fill);
}
static void tochar_dy(Buf *out, const ToCharParts *t, Span p) {
    tochar_name(out, tochar_days[civil_weekday(t->days) - 1], 3, p, 3, t->is_fill);
}
static void tochar_am(Buf *out, const ToCharParts *t, Span p) {
    tochar_meridiem(out, t->c.hour, p);
}

/* Longer patterns before their beginnings. */
static const struct TocharPattern {
    const char *text;
    TocharPut *put;
} tochar_patterns[] = {
    {"MONTH", tochar_month}, {"MON", tochar_mon},  {"DAY", tochar_day}, {"HH24", tochar_hh24},
    {"HH12", tochar_hh12},   {"HH", tochar_hh12},  {"A.M.", tochar_am}, {"P.M.", tochar_am},
    {"AM", tochar_am},       {"PM", tochar_am},    {"YYYY", tochar_y4}, {"YYY", tochar_y3},
    {"YY", tochar_y2},       {"IYYY", tochar_iy4}, {"IW", tochar_iw},   {"ID", tochar_id},
    {"Y", tochar_y1},        {"DDD", tochar_ddd},  {"DD", tochar_dd},   {"DY", tochar_dy},
    {"D", tochar_d1},        {"MM", tochar_mm},    {"MI", tochar_mi},   {"MS", tochar_ms},
    {"SSSS", tochar_ssss},   {"SS", tochar_ss},    {"US", tochar_us},   {"Q", tochar_q},
    {"WW", tochar_ww},       {"W", tochar_w},      {"CC", tochar_cc},   {"J", tochar_j}};

/* The pattern at the beginning of the text, or NULL. */
static const struct TocharPattern *tochar_find(Span text) {
    for (size_t i = 0; i < sizeof tochar_patterns / sizeof tochar_patterns[0]; i++) {
        size_t len = strlen(tochar_patterns[i].text);
        if (text.len >= len &&
            span_eq_nocase((Span){text.ptr, len}, span_of(tochar_patterns[i].text)))
            return &tochar_patterns[i];
    }
    return NULL;
}

static void tochar_time(int64_t local, Span format, Buf *out) {
    ToCharParts t = {.days = civil_us_to_days(local)};
    civil_from_us(local, &t.c);
    for (size_t at = 0; at < format.len;) {
        Span rest = {format.ptr + at, format.len - at};
        const struct TocharPattern *pattern;
        t.is_fill = rest.len > 2 && span_eq_nocase((Span){rest.ptr, 2}, SPAN("FM"));
        if (t.is_fill) rest = (Span){rest.ptr + 2, rest.len - 2};
        pattern = tochar_find(rest);
        if (pattern) {
            size_t len = strlen(pattern->text);
            pattern->put(out, &t, (Span){rest.ptr, len});
            at += len + 2 * t.is_fill;
        } else if (*rest.ptr == '"') { /* taken as it is */
            for (at++; at < format.len && format.ptr[at] != '"'; at++)
                buf_putc(out, format.ptr[at]);
            at++;
        } else {
            buf_putc(out, format.ptr[at++]);
        }
    }
}

TOCHAR_KERNEL(tochar_of_time) {
    FnText text = {ctx->scratch, NULL, NULL};
    Buf buf;
    (void)n_args, (void)err;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        buf_reset(&buf);
        tochar_time(temporal_local(&args[0], i, ctx->env->zone), fn_span(&args[1], i), &buf);
        fn_out_str(out)[i] = fn_text_copy(&text, buf_as_span(&buf));
    }
    buf_deinit(&buf);
    return ST_OK;
}

/* ---- numbers ---- */

/* A pattern of 9 (digit), 0 (digit, zeros shown), . or D, comma or G, S, MI, FM. */
typedef struct NumberPattern {
    Span body;                           /* digits, points and commas */
    int n_whole, n_fraction, first_zero; /* places from the left that show a 0; n_whole = none */
    bool is_fill, sign_before, sign_behind, minus_behind;
} NumberPattern;

static bool tochar_number_pattern(Span text, NumberPattern *p) {
    bool in_fraction = false;
    *p = (NumberPattern){.first_zero = -1};
    if (text.len >= 2 && span_eq_nocase((Span){text.ptr, 2}, SPAN("FM"))) {
        p->is_fill = true;
        text = (Span){text.ptr + 2, text.len - 2};
    }
    if (text.len && (*text.ptr | 32) == 's') {
        p->sign_before = true;
        text = (Span){text.ptr + 1, text.len - 1};
    } else if (text.len && (text.ptr[text.len - 1] | 32) == 's') {
        p->sign_behind = true;
        text.len--;
    } else if (text.len > 1 && span_eq_nocase((Span){text.ptr + text.len - 2, 2}, SPAN("MI"))) {
        p->minus_behind = true;
        text.len -= 2;
    }
    p->body = text;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '9' || c == '0') {
            if (c == '0' && !in_fraction && p->first_zero < 0) p->first_zero = p->n_whole;
            p->n_whole += !in_fraction;
            p->n_fraction += in_fraction;
        } else if (c == '.' || (c | 32) == 'd') {
            if (in_fraction) return false;
            in_fraction = true;
        } else if (c != ',' && (c | 32) != 'g') {
            return false;
        }
    }
    if (p->first_zero < 0) p->first_zero = p->n_whole;
    return p->n_whole + p->n_fraction > 0 && p->n_fraction <= 30 && p->n_whole <= 40;
}

/* FM: a 9 behind the point shows no zero at the end. */
static void tochar_drop_zeros(const NumberPattern *p, Buf *body) {
    for (size_t i = p->body.len; i-- > 0 && p->body.ptr[i] == '9';) {
        if (body->len == 0 || body->ptr[body->len - 1] != '0' || !memchr(body->ptr, '.', body->len))
            return;
        body->len--;
    }
}

/* digits: of the absolute value, with n_fraction of them behind the point. */
static void tochar_put_number(const NumberPattern *p, Span digits, bool is_negative, Buf *out) {
    int n_whole = (int)digits.len - p->n_fraction, at = 0, place = 0;
    bool is_over = n_whole > p->n_whole, in_fraction = false, has_digit = false;
    bool has_minus = is_negative && !p->minus_behind && !p->sign_behind;
    Buf body;
    buf_init(&body, NULL);
    for (size_t i = 0; i < p->body.len; i++) {
        char c = p->body.ptr[i];
        if (c == '.' || (c | 32) == 'd') {
            buf_putc(&body, '.');
            in_fraction = true;
        } else if (c == ',' || (c | 32) == 'g') {
            buf_putc(&body, has_digit ? ',' : ' ');
        } else if (is_over) {
            buf_putc(&body, '#');
            has_digit = true;
        } else if (in_fraction) {
            buf_putc(&body, digits.ptr[at++]);
        } else {
            bool is_shown = place >= p->n_whole - n_whole;
            if (is_shown)
                buf_putc(&body, digits.ptr[at++]);
            else
                buf_putc(&body, place >= p->first_zero ? '0' : ' ');
            has_digit = has_digit || is_shown || place >= p->first_zero;
            place++;
        }
    }
    if (p->is_fill) tochar_drop_zeros(p, &body);
    size_t blanks = 0;
    while (blanks < body.len && body.ptr[blanks] == ' ') blanks++;
    for (size_t i = 0; i < blanks && !p->is_fill; i++) buf_putc(out, ' ');
    if (has_minus)
        buf_putc(out, '-');
    else if (p->sign_before)
        buf_putc(out, '+');
    else if (!p->is_fill && !p->sign_behind && !p->minus_behind)
        buf_putc(out, ' ');
    buf_put(out, body.ptr + blanks, body.len - blanks);
    if (p->sign_behind) buf_putc(out, is_negative ? '-' : '+');
    if (p->minus_behind && (is_negative || !p->is_fill)) buf_putc(out, is_negative ? '-' : ' ');
    buf_deinit(&body);
}

/* The number rounded half up to so many digits behind the point, as digits without it. */
static bool tochar_digits(const Column *col, uint32_t row, int n_fraction, Buf *out,
                          bool *is_negative) {
    char text[400];
    int len;
    double value = 0;
    if (col->type->kind == TYPE_DECIMAL || type_is_integer(col->type)) {
        Int128 wide, part = 1;
        int scale = col->type->kind == TYPE_DECIMAL ? col->type->scale : 0;
        wide = col->type->kind == TYPE_DECIMAL ? col->i128[col_at(col, row)] : fn_int(col, row);
        *is_negative = wide < 0;
        if (wide < 0) wide = -wide;
        for (; scale > n_fraction; scale--) part *= 10;
        wide = (wide + part / 2) / part;
        for (; scale < n_fraction; scale++)
            if (__builtin_mul_overflow(wide, (Int128)10, &wide)) return false;
        len = 0;
        for (; wide; wide /= 10) text[len++] = (char)('0' + (int)(wide % 10));
        while (len <= n_fraction) text[len++] = '0';
        for (int i = len; i-- > 0;) buf_putc(out, text[i]);
    } else {
        value = col->type->kind == TYPE_FLOAT ? (double)col->f32[col_at(col, row)]
                                              : col->f64[col_at(col, row)];
        if (!isfinite(value)) return false;
        *is_negative = signbit(value) && value != 0;
        len = snprintf(text, sizeof text, "%.*f", n_fraction, fabs(value));
        for (int i = 0; i < len; i++)
            if (text[i] != '.') buf_putc(out, text[i]);
    }
    /* A whole part of zero has no digit of its own. */
    if (out->len > (size_t)n_fraction && *out->ptr == '0' && out->len == (size_t)n_fraction + 1 &&
        n_fraction > 0)
        buf_consume(out, 1);
    return true;
}

TOCHAR_KERNEL(tochar_of_number) {
    FnText text = {ctx->scratch, NULL, NULL};
    Buf buf, digits;
    Status status = ST_OK;
    (void)n_args;
    buf_init(&buf, NULL);
    buf_init(&digits, NULL);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        NumberPattern pattern;
        bool is_negative;
        Span format;
        if (!fn_is_valid(out, i)) continue;
        format = fn_span(&args[1], i);
        if (!tochar_number_pattern(format, &pattern)) {
            status = err_set(err, ST_UNSUPPORTED, "0A000", ctx->call->pos, __FILE__, __LINE__,
                             "TO_CHAR: the number pattern '%.*s' is not supported",
                             (int)(format.len > 40 ? 40 : format.len), format.ptr);
            if (err) status = err_hint(err, "patterns are made of 9 0 . D , G S MI FM");
            break;
        }
        buf_reset(&buf);
        buf_reset(&digits);
        if (tochar_digits(&args[0], i, pattern.n_fraction, &digits, &is_negative))
            tochar_put_number(&pattern, buf_as_span(&digits), is_negative, &buf);
        else
            for (size_t k = 0; k < pattern.body.len; k++) buf_putc(&buf, '#');
        fn_out_str(out)[i] = fn_text_copy(&text, buf_as_span(&buf));
    }
    buf_deinit(&buf);
    buf_deinit(&digits);
    return status;
}

const Fn fns_to_char[] = {{"TO_CHAR", "temporal", "(TEMPORAL, STRING) -> STRING", tochar_of_time,
                           FN_STRICT, NULL, NULL, NULL,
                           "A time as text by a pattern of PostgreSQL: YYYY MM DD HH24 HH12 MI SS "
                           "MS US AM Month Mon Day Dy "
                           "D DDD Q WW IW IYYY CC J, FM before one for no padding, \"text\".",
                           "TO_CHAR(TIMESTAMP '2024-02-29 15:04:05', 'Dy, DD Mon YYYY HH12:MI AM') "
                           "=> Thu, 29 Feb 2024 03:04 "
                           "PM"},
                          {"TO_CHAR", "temporal", "(NUMERIC, STRING) -> STRING", tochar_of_number,
                           FN_STRICT | FN_CAN_FAIL, NULL, NULL, NULL,
                           "A number as text by a pattern of PostgreSQL: 9 0 . , D G S MI FM.",
                           "TO_CHAR(1234.5, 'FM9,999.00') => 1,234.50"},
                          FN_END};
