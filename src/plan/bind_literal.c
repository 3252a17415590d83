/* bind_literal.c -- literals as constants of their exact SQL types: 'abc' is CHAR(3) NOT NULL, 1.50
 * is DECIMAL(3, 2) NOT NULL, 42 is INT NOT NULL; INTERVAL '1:30' HOUR TO MINUTE is microseconds.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

#define US_PER_SECOND INT64_C(1000000)

static Expr *bind_const_of(const Binder *b, ColBuilder *col, int32_t pos) {
    Column value;
    colb_finish(col, &value);
    value.is_const = true;
    return expr_const(b->arena, &value, pos);
}

static const Type *bind_not_null(const Binder *b, const Type *type) {
    return type_with_null(b->arena, type, false);
}

static uint32_t bind_utf8_length(Span text) {
    uint32_t n = 0;
    for (size_t i = 0; i < text.len; i++) n += (text.ptr[i] & 0xc0) != 0x80;
    return n;
}

Expr *bind_string_const(const Binder *b, Span text, int32_t pos) {
    const Type *type = type_with_len(b->arena, TYPE_CHAR, (int32_t)bind_utf8_length(text));
    return expr_const_str(b->arena, bind_not_null(b, type), span_copy(b->arena, text),
                          bind_pos(b, pos));
}

/* Digits, without sign, at most 38. */
static Int128 bind_digits(Span text) {
    Int128 value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '.') value = value * 10 + (text.ptr[i] - '0');
    }
    return value;
}

static Status bind_exact(const Binder *b, const AstLiteral *lit, Expr **out, Err *err) {
    const char *point = memchr(lit->text.ptr, '.', lit->text.len);
    Span digits = lit->text;
    int32_t pos = bind_pos(b, lit->ast.pos);
    int scale = point ? (int)(lit->text.ptr + lit->text.len - point - 1) : 0;
    int precision;
    const Type *type;
    Int128 value;
    ColBuilder col;
    if (!point) {
        while (digits.len > 1 && digits.ptr[0] == '0') digits.ptr++, digits.len--;
    }
    precision = (int)digits.len - (point ? 1 : 0);
    if (precision < 1) precision = 1;
    if (precision > DECIMAL_PRECISION_MAX) {
        err_set(err, ST_INVALID, "22003", pos, __FILE__, __LINE__, "the number has %d digits",
                precision);
        return err_hint(err, "exact numbers have at most 38 digits; write it with E0 as DOUBLE");
    }
    value = bind_digits(digits);
    if (!point && value <= INT64_MAX) {
        type = bind_not_null(b, value <= INT32_MAX ? &type_int : &type_bigint);
        *out = expr_const_i64(b->arena, type, (int64_t)value, pos);
        return ST_OK;
    }
    type = bind_not_null(b, type_decimal(b->arena, precision, scale));
    colb_init(&col, b->arena, type, 1);
    colb_i128(&col, value);
    *out = bind_const_of(b, &col, pos);
    return ST_OK;
}

/* Literals whose text the parsers of values read. */
static Status bind_parsed(const Binder *b, const AstLiteral *lit, const Type *type, Span text,
                          Expr **out, Err *err) {
    ColBuilder col;
    Status status;
    int32_t pos = bind_pos(b, lit->ast.pos);
    type = bind_not_null(b, type);
    colb_init(&col, b->arena, type, 1);
    status = value_parse(text, type, TEXT_CAST, b->env->expr_env->zone, &col, err);
    if (status != ST_OK) {
        if (err) err->pos = pos;
        return status;
    }
    *out = bind_const_of(b, &col, pos);
    return ST_OK;
}

static int bind_fraction_digits(Span text) {
    const char *point = memchr(text.ptr, '.', text.len);
    int n = point ? (int)(text.ptr + text.len - point - 1) : 0;
    return n > TIME_PRECISION_MAX ? TIME_PRECISION_MAX : n;
}

static const Type *bind_literal_type(const Binder *b, const AstLiteral *lit) {
    int fraction = bind_fraction_digits(lit->text);
    switch (lit->lit) {
    case LIT_DATE: return &type_date;
    case LIT_TIME: return type_with_len(b->arena, TYPE_TIME, fraction);
    case LIT_TIMESTAMP: return type_with_len(b->arena, TYPE_TIMESTAMP, fraction);
    case LIT_TIMESTAMP_LTZ: return type_with_len(b->arena, TYPE_TIMESTAMP_LTZ, fraction);
    default: return &type_double;
    }
}

Status bind_literal(const Binder *b, const AstLiteral *lit, Expr **out, Err *err) {
    int32_t pos = bind_pos(b, lit->ast.pos);
    switch (lit->lit) {
    case LIT_NULL: *out = expr_null(b->arena, &type_null, pos); return ST_OK;
    case LIT_UNKNOWN: *out = expr_null(b->arena, &type_boolean, pos); return ST_OK;
    case LIT_TRUE:
    case LIT_FALSE:
        *out = expr_const_i64(b->arena, bind_not_null(b, &type_boolean), lit->lit == LIT_TRUE, pos);
        return ST_OK;
    case LIT_INTEGER:
    case LIT_DECIMAL: return bind_exact(b, lit, out, err);
    case LIT_STRING: *out = bind_string_const(b, lit->text, lit->ast.pos); return ST_OK;
    case LIT_BINARY: {
        const Type *type = type_with_len(b->arena, TYPE_BINARY, (int32_t)lit->text.len);
        *out =
            expr_const_str(b->arena, bind_not_null(b, type), span_copy(b->arena, lit->text), pos);
        return ST_OK;
    }
    default: return bind_parsed(b, lit, bind_literal_type(b, lit), lit->text, out, err);
    }
}

/* ---- intervals ---- */

typedef struct IntervalUnit {
    int64_t us; /* of day-time units */
    int32_t months;
    const char *name;
} IntervalUnit;

static const IntervalUnit interval_units[] = {
    [UNIT_NONE] = {0, 0, ""},
    [UNIT_YEAR] = {0, 12, "YEAR"},
    [UNIT_QUARTER] = {0, 3, "QUARTER"},
    [UNIT_MONTH] = {0, 1, "MONTH"},
    [UNIT_WEEK] = {7 * 86400 * US_PER_SECOND, 0, "WEEK"},
    [UNIT_DAY] = {86400 * US_PER_SECOND, 0, "DAY"},
    [UNIT_HOUR] = {3600 * US_PER_SECOND, 0, "HOUR"},
    [UNIT_MINUTE] = {60 * US_PER_SECOND, 0, "MINUTE"},
    [UNIT_SECOND] = {US_PER_SECOND, 0, "SECOND"},
};

const Type *bind_interval_type(const Binder *b, AstUnit from, AstUnit to) {
    static const IntervalField fields[] = {
        [UNIT_NONE] = INTERVAL_ANY,        [UNIT_YEAR] = INTERVAL_YEAR,
        [UNIT_QUARTER] = INTERVAL_QUARTER, [UNIT_MONTH] = INTERVAL_MONTH,
        [UNIT_WEEK] = INTERVAL_WEEK,       [UNIT_DAY] = INTERVAL_DAY,
        [UNIT_HOUR] = INTERVAL_HOUR,       [UNIT_MINUTE] = INTERVAL_MINUTE,
        [UNIT_SECOND] = INTERVAL_SECOND,
    };
    return type_interval(b->arena, fields[to ? to : from]);
}

/* The unit that follows in "d h:m:s" and "y-m". */
static AstUnit interval_next(AstUnit unit) {
    switch (unit) {
    case UNIT_YEAR: return UNIT_MONTH;
    case UNIT_DAY: return UNIT_HOUR;
    case UNIT_HOUR: return UNIT_MINUTE;
    case UNIT_MINUTE: return UNIT_SECOND;
    default: return UNIT_NONE;
    }
}

/* Reads the digits of one field. False when there are none or too many. */
static bool interval_number(Span *text, int64_t *out) {
    size_t n = 0;
    *out = 0;
    while (n < text->len && text->ptr[n] >= '0' && text->ptr[n] <= '9' && n < 12) {
        *out = *out * 10 + (text->ptr[n++] - '0');
    }
    text->ptr += n;
    text->len -= n;
    return n > 0 && !(text->len && text->ptr[0] >= '0' && text->ptr[0] <= '9');
}

static bool interval_fraction(Span *text, int64_t *us) {
    int64_t scale = US_PER_SECOND;
    if (!text->len || text->ptr[0] != '.') return true;
    text->ptr++, text->len--;
    if (!text->len) return false;
    while (text->len && text->ptr[0] >= '0' && text->ptr[0] <= '9') {
        scale /= 10;
        *us += (text->ptr[0] - '0') * scale; /* digits beyond microseconds count nothing */
        text->ptr++, text->len--;
    }
    return true;
}

/* The text of a literal in its units; overflow is a malformed literal. */
static bool interval_parse(Span text, AstUnit from, AstUnit to, int64_t *us, int64_t *months) {
    AstUnit unit = from;
    bool is_negative = false;
    *us = *months = 0;
    text = span_trim(text);
    if (text.len && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        is_negative = text.ptr[0] == '-';
        text.ptr++, text.len--;
    }
    for (;;) {
        int64_t value, part;
        if (!interval_number(&text, &value)) return false;
        if (__builtin_mul_overflow(value, interval_units[unit].us, &part) ||
            __builtin_add_overflow(*us, part, us)) {
            return false;
        }
        *months += value * interval_units[unit].months;
        if (unit == UNIT_SECOND && !interval_fraction(&text, us)) return false;
        if (unit == to || to == UNIT_NONE) break;
        if (!text.len || !strchr(unit == UNIT_DAY    ? " "
                                 : unit == UNIT_YEAR ? "-"
                                                     : ":",
                                 text.ptr[0])) {
            return false;
        }
        text.ptr++, text.len--;
        unit = interval_next(unit);
        if (unit == UNIT_NONE) return false;
    }
    if (is_negative) *us = -*us, *months = -*months;
    return text.len == 0;
}

/* INTERVAL 5 DAY, INTERVAL (a + 1) DAY: the number times one unit. */
static Status bind_interval_value(ExprCtx *ctx, const AstInterval *interval, Expr **out, Err *err) {
    const IntervalUnit *unit = &interval_units[interval->from];
    const Binder *b = ctx->b;
    int32_t pos = bind_pos(b, interval->ast.pos);
    Expr *args[2];
    TRY(bind_expr(ctx, interval->value, &args[0], err));
    if (!type_is_integer(args[0]->type)) {
        FAIL(err, ST_INVALID, "42804", bind_pos(b, interval->value->pos),
             "INTERVAL needs a whole number before %s, not %s", unit->name,
             type_text(b->arena, args[0]->type));
    }
    args[1] =
        expr_const_i64(b->arena, bind_not_null(b, bind_interval_type(b, interval->from, UNIT_NONE)),
                       unit->months ? unit->months : unit->us, pos);
    if (interval->is_negative) {
        TRY(expr_call(b->arena, SPAN("-"), args, 1, pos, &args[0], err));
    }
    return expr_call(b->arena, SPAN("*"), args, 2, pos, out, err);
}

Status bind_interval(ExprCtx *ctx, const AstInterval *interval, Expr **out, Err *err) {
    const Binder *b = ctx->b;
    int64_t us, months;
    int32_t pos = bind_pos(b, interval->ast.pos);
    bool is_months = interval_units[interval->from].months != 0;
    if (interval->value) return bind_interval_value(ctx, interval, out, err);
    if (!interval_parse(interval->text, interval->from, interval->to, &us, &months)) {
        err_set(err, ST_INVALID, "22007", pos, __FILE__, __LINE__,
                "'" SPAN_FMT "' is not an interval in %s%s%s", SPAN_ARG(interval->text),
                interval_units[interval->from].name, interval->to ? " TO " : "",
                interval_units[interval->to].name);
        return err_hint(err, "write INTERVAL '10' SECOND, INTERVAL '1 02:30:00' DAY TO SECOND, "
                             "INTERVAL '1-6' YEAR TO MONTH");
    }
    if (interval->is_negative) us = -us, months = -months;
    *out = expr_const_i64(b->arena,
                          bind_not_null(b, bind_interval_type(b, interval->from, interval->to)),
                          is_months ? months : us, pos);
    return ST_OK;
}
