/* fn_misc.c -- random values, tests of texts, TYPEOF, ELT and PRINTF.
 *
 * RAND(seed) gives the numbers of java.util.Random, as Flink does, each call its own sequence.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"

#define MISC_KERNEL(kernel)                                                                        \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* ---- java.util.Random ---- */

#define JAVA_MULTIPLIER UINT64_C(0x5DEECE66D)
#define JAVA_MASK ((UINT64_C(1) << 48) - 1)

typedef struct JavaRandom {
    uint64_t state;
} JavaRandom;

static JavaRandom java_random(int64_t seed) {
    return (JavaRandom){((uint64_t)seed ^ JAVA_MULTIPLIER) & JAVA_MASK};
}
static int32_t java_next(JavaRandom *r, int bits) {
    r->state = (r->state * JAVA_MULTIPLIER + 0xB) & JAVA_MASK;
    return (int32_t)(r->state >> (48 - bits));
}
static double java_next_double(JavaRandom *r) {
    int64_t high = (int64_t)java_next(r, 26) << 27;
    return (double)(high + java_next(r, 27)) * 0x1p-53;
}
static int32_t java_next_int(JavaRandom *r, int32_t bound) {
    int32_t u = java_next(r, 31);
    if ((bound & (bound - 1)) == 0) return (int32_t)((int64_t)bound * u >> 31);
    while ((int64_t)u - u % bound + bound - 1 > INT32_MAX) u = java_next(r, 31);
    return u % bound;
}

/* A constant seed starts one sequence for the whole query. */
static Status random_prepare(Arena *arena, const Expr *call, void **out, Err *err) {
    (void)err;
    if (call->n_args == 0 || call->args[0]->kind != EXPR_CONST ||
        col_is_null(call->args[0]->value, 0))
        return ST_OK;
    JavaRandom *r = arena_new(arena, JavaRandom);
    *r = java_random(fn_int(call->args[0]->value, 0));
    *out = r;
    return ST_OK;
}

static uint64_t random_next(FnCtx *ctx) {
    Rng rng = {ctx->env->rand_state};
    uint64_t value = rng_next(&rng);
    ctx->env->rand_state = rng.state;
    return value;
}

MISC_KERNEL(random_rand) {
    (void)args, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++)
        fn_out_f64(out)[i] = (double)(random_next(ctx) >> 11) * 0x1p-53;
    return ST_OK;
}

MISC_KERNEL(random_rand_seed) {
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        JavaRandom own = java_random(fn_int(&args[0], i));
        fn_out_f64(out)[i] = java_next_double(ctx->prepared ? ctx->prepared : &own);
    }
    return ST_OK;
}

static Status random_check_bound(FnCtx *ctx, int64_t bound, Err *err) {
    if (bound > 0 && bound <= INT32_MAX) return ST_OK;
    FN_FAIL(ctx, err, "22023", "RAND_INTEGER needs a bound of at least 1, not %ld", (long)bound);
}

MISC_KERNEL(random_integer) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t bound = fn_int(&args[0], i);
        TRY(random_check_bound(ctx, bound, err));
        Rng rng = {random_next(ctx)};
        fn_out_i32(out)[i] = (int32_t)rng_below(&rng, (uint64_t)bound);
    }
    return ST_OK;
}

MISC_KERNEL(random_integer_seed) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t bound = fn_int(&args[1], i);
        TRY(random_check_bound(ctx, bound, err));
        JavaRandom own = java_random(fn_int(&args[0], i));
        fn_out_i32(out)[i] = java_next_int(ctx->prepared ? ctx->prepared : &own, (int32_t)bound);
    }
    return ST_OK;
}

enum { UUID_LEN = 36 };

/* Version 4. */
MISC_KERNEL(random_uuid) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)args, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        static const uint8_t dashes[] = {8, 13, 18, 23};
        uint64_t words[2] = {random_next(ctx), random_next(ctx)};
        unsigned char bytes[16];
        char digits[32], *to = fn_text_room(&text, UUID_LEN);
        memcpy(bytes, words, sizeof bytes);
        bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
        hex_encode(digits, bytes, sizeof bytes);
        for (int k = 0, from = 0; k < UUID_LEN; k++) {
            bool is_dash = memchr(dashes, k, sizeof dashes) != NULL;
            to[k] = is_dash ? '-' : digits[from];
            from += !is_dash;
        }
        fn_out_str(out)[i] = fn_text_take(&text, UUID_LEN);
    }
    return ST_OK;
}

/* ---- IS_ALPHA, IS_DIGIT, IS_DECIMAL ---- */

static bool misc_all(Span text, bool (*is_one)(uint32_t code)) {
    for (size_t at = 0, len; at < text.len; at += len) {
        if (!is_one(utf8_decode((Span){text.ptr + at, text.len - at}, &len))) return false;
    }
    return text.len > 0;
}
MISC_KERNEL(misc_is_alpha) {
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++)
        fn_out_i8(out)[i] = misc_all(fn_span(&args[0], i), utf8_is_letter);
    return ST_OK;
}
MISC_KERNEL(misc_is_digit) {
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++)
        fn_out_i8(out)[i] = misc_all(fn_span(&args[0], i), utf8_is_digit);
    return ST_OK;
}
MISC_KERNEL(misc_is_decimal) {
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        Int128 value;
        fn_out_i8(out)[i] =
            decimal_parse(fn_span(&args[0], i), DECIMAL_DIGITS_MAX, 0, &value) != NUM_BAD;
    }
    return ST_OK;
}

/* ---- TYPEOF, ELT ---- */

MISC_KERNEL(misc_typeof) {
    const char *text = "";
    (void)args, (void)n_args, (void)err;
    Buf buf;
    buf_init(&buf, NULL);
    type_print(ctx->call->args[0]->type, true, &buf);
    text = arena_strndup(ctx->scratch, buf.ptr, buf.len);
    for (uint32_t i = 0; i < n; i++) fn_out_str(out)[i] = str_make(text, (uint32_t)buf.len);
    buf_deinit(&buf);
    return ST_OK;
}

/* The argument with the number of the first one; not strict, as only that one counts. */
MISC_KERNEL(misc_elt) {
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        int64_t index = col_is_null(&args[0], i) ? 0 : fn_int(&args[0], i);
        if (index < 1 || index >= n_args || col_is_null(&args[index], i)) {
            fn_make_null(ctx, out, i);
        } else {
            fn_out_str(out)[i] = args[index].str[col_at(&args[index], i)];
        }
    }
    return ST_OK;
}

/* ---- PRINTF ---- */

/* One %[index$][flags][width][.precision]letter of Java's. */
typedef struct PrintfSpec {
    int64_t index; /* from 1; 0 = the next argument */
    char flags[8];
    int64_t width, precision; /* -1: not given */
    char letter;
} PrintfSpec;

static int64_t printf_number(Span text, size_t *at) {
    int64_t value = -1;
    for (; *at < text.len && (unsigned)(text.ptr[*at] - '0') <= 9; (*at)++) {
        if (value < 100000) value = (value < 0 ? 0 : value) * 10 + (text.ptr[*at] - '0');
    }
    return value;
}

static bool printf_spec(Span text, size_t *at, PrintfSpec *spec) {
    *spec = (PrintfSpec){.precision = -1, .width = -1};
    size_t n_flags = 0, from = *at;
    int64_t number = printf_number(text, at);
    if (number > 0 && *at < text.len && text.ptr[*at] == '$') {
        spec->index = number;
        (*at)++;
    } else {
        *at = from;
    }
    while (*at < text.len && strchr("-+ 0,#", text.ptr[*at]) && n_flags < 6)
        spec->flags[n_flags++] = text.ptr[(*at)++];
    spec->width = printf_number(text, at);
    if (*at < text.len && text.ptr[*at] == '.') {
        (*at)++;
        spec->precision = printf_number(text, at);
        if (spec->precision < 0) return false;
    }
    if (*at == text.len || spec->width > 1000 || spec->precision > 1000) return false;
    spec->letter = text.ptr[(*at)++];
    return strchr("sSdxXofeEgGcbn%", spec->letter) != NULL;
}

/* Digits in groups of three, for the flag ','. */
static void printf_group(Buf *digits) {
    char old[64];
    size_t n = digits->len < sizeof old ? digits->len : sizeof old, start = 0;
    memcpy(old, digits->ptr, n);
    while (start < n && (unsigned)(old[start] - '0') > 9) start++;
    size_t end = start;
    while (end < n && (unsigned)(old[end] - '0') <= 9) end++;
    digits->len = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > start && i < end && (end - i) % 3 == 0) buf_putc(digits, ',');
        buf_putc(digits, old[i]);
    }
}

/* The argument's text before it is padded; false when letter and type do not go together. */
static bool printf_value(const Column *arg, uint32_t row, const PrintfSpec *spec, Buf *out) {
    char format[16];
    bool is_real = arg->type->kind == TYPE_FLOAT || arg->type->kind == TYPE_DOUBLE;
    const char *plus = strchr(spec->flags, '+') ? "+" : strchr(spec->flags, ' ') ? " " : "";
    switch (spec->letter) {
    case 's':
    case 'S':
    case 'b':
        value_print(arg, row, TEXT_PRINT, NULL, out);
        if (spec->precision >= 0) {
            Span cut = {out->ptr, out->len};
            out->len = utf8_offset(cut, (size_t)spec->precision);
        }
        return true;
    case 'c':
        if (!type_is_integer(arg->type)) return false;
        out->len += utf8_encode(buf_reserve(out, UTF8_MAX), (uint32_t)fn_int(arg, row));
        return true;
    case 'd':
    case 'x':
    case 'X':
    case 'o':
        if (!type_is_integer(arg->type)) return false;
        snprintf(format, sizeof format, "%%%sl%c", spec->letter == 'd' ? plus : "", spec->letter);
        if (spec->letter == 'd' || phys_width(type_phys(arg->type)) == 8) {
            buf_printf(out, format, (long)fn_int(arg, row));
        } else {
            buf_printf(out, format, (long)(uint32_t)fn_int(arg, row));
        }
        return true;
    default: {
        if (!is_real && arg->type->kind != TYPE_DECIMAL) return false;
        uint32_t at = col_at(arg, row);
        double x = arg->type->kind == TYPE_DECIMAL ? decimal_to_f64(arg->i128[at], arg->type->scale)
                   : arg->type->kind == TYPE_FLOAT ? (double)arg->f32[at]
                                                   : arg->f64[at];
        snprintf(format, sizeof format, "%%%s.*%c", plus, spec->letter);
        buf_printf(out, format, spec->precision < 0 ? 6 : (int)spec->precision, x);
        return true;
    }
    }
}

static void printf_pad(const PrintfSpec *spec, Buf *value, Buf *out) {
    size_t have = utf8_count(buf_as_span(value));
    size_t pad = spec->width > (int64_t)have ? (size_t)spec->width - have : 0;
    bool is_left = strchr(spec->flags, '-') != NULL;
    bool is_zero = strchr(spec->flags, '0') && !is_left && !strchr("sSbc", spec->letter);
    size_t sign = is_zero && value->len && strchr("+- ", value->ptr[0]) ? 1 : 0;
    buf_put(out, value->ptr, sign);
    for (size_t i = 0; i < pad && !is_left; i++) buf_putc(out, is_zero ? '0' : ' ');
    buf_put(out, value->ptr + sign, value->len - sign);
    for (size_t i = 0; i < pad && is_left; i++) buf_putc(out, ' ');
}

static bool printf_row(const Column *args, uint32_t n_args, uint32_t row, Buf *value, Buf *out) {
    Span format = fn_span(&args[0], row);
    int64_t next = 1;
    for (size_t at = 0; at < format.len;) {
        PrintfSpec spec;
        if (format.ptr[at] != '%') {
            buf_putc(out, format.ptr[at++]);
            continue;
        }
        at++;
        if (!printf_spec(format, &at, &spec)) return false;
        buf_reset(value);
        if (spec.letter == '%' || spec.letter == 'n') {
            buf_putc(value, spec.letter == 'n' ? '\n' : '%');
        } else {
            int64_t index = spec.index ? spec.index : next++;
            if (index >= n_args) return false;
            if (col_is_null(&args[index], row)) {
                buf_puts(value, "null");
            } else if (!printf_value(&args[index], row, &spec, value)) {
                return false;
            }
            if (strchr(spec.flags, ',')) printf_group(value);
        }
        printf_pad(&spec, value, out);
        if (out->len > FN_TEXT_MAX) return false;
    }
    return true;
}

MISC_KERNEL(misc_printf) {
    FnText text = {ctx->scratch, NULL, NULL};
    Buf buf, value;
    (void)err;
    buf_init(&buf, NULL);
    buf_init(&value, NULL);
    for (uint32_t i = 0; i < n; i++) {
        buf_reset(&buf);
        if (!col_is_null(&args[0], i) && printf_row(args, n_args, i, &value, &buf)) {
            fn_out_str(out)[i] = fn_text_copy(&text, buf_as_span(&buf));
        } else {
            fn_make_null(ctx, out, i);
        }
    }
    buf_deinit(&value);
    buf_deinit(&buf);
    return ST_OK;
}

#define S FN_STRICT
#define RANDOM (FN_STRICT | FN_VOLATILE | FN_CAN_FAIL)

const Fn fns_misc[] = {
    {"RAND", "math", "() -> DOUBLE!", random_rand, RANDOM, NULL, NULL, NULL,
     "A random number from 0 up to, not including, 1.", "RAND() < 1 => TRUE"},
    {"RAND", "math", "(INTEGER) -> DOUBLE", random_rand_seed, RANDOM, NULL, random_prepare, NULL,
     "Random numbers of a sequence that starts with a seed, the same as Java's.",
     "RAND(1) => 0.7308781907032909"},
    {"RAND_INTEGER", "math", "(INTEGER) -> INT", random_integer, RANDOM, NULL, NULL, NULL,
     "A random integer from 0 to bound - 1.", "RAND_INTEGER(1) => 0"},
    {"RAND_INTEGER", "math", "(INTEGER, INTEGER) -> INT", random_integer_seed, RANDOM, NULL,
     random_prepare, NULL, "RAND_INTEGER(seed, bound): of a sequence that starts with a seed.",
     "RAND_INTEGER(10, 5) => 3"},
    {"UUID", "string", "() -> CHAR(36)!", random_uuid, FN_VOLATILE, NULL, NULL, NULL,
     "A random UUID (version 4).", "CHAR_LENGTH(UUID()) => 36"},
    {"GEN_RANDOM_UUID", "string", "() -> CHAR(36)!", random_uuid, FN_VOLATILE, NULL, NULL, NULL,
     "Same as UUID; PostgreSQL's name.", "CHAR_LENGTH(GEN_RANDOM_UUID()) => 36"},
    {"IS_ALPHA", "string", "(STRING) -> BOOLEAN", misc_is_alpha, S, NULL, NULL, NULL,
     "Whether the text is letters only.", "IS_ALPHA('weir') => TRUE"},
    {"IS_DIGIT", "string", "(STRING) -> BOOLEAN", misc_is_digit, S, NULL, NULL, NULL,
     "Whether the text is digits only.", "IS_DIGIT('12a') => FALSE"},
    {"IS_DECIMAL", "string", "(STRING) -> BOOLEAN", misc_is_decimal, S, NULL, NULL, NULL,
     "Whether the text is a number.", "IS_DECIMAL('-12.5') => TRUE"},
    {"TYPEOF", "type", "(ANY [, BOOLEAN]) -> STRING!", misc_typeof, 0, NULL, NULL, NULL,
     "The type of the expression, as text.", "TYPEOF(1 + 1.5) => DECIMAL(12, 1) NOT NULL"},
    {"ELT", "string", "(INTEGER, T:TEXT...) -> T?", misc_elt, 0, NULL, NULL, NULL,
     "The argument with that number, from 1; NULL when there is none.", "ELT(2, 'a', 'b') => b"},
    {"PRINTF", "string", "(STRING [, ANY...]) -> STRING?", misc_printf, 0, NULL, NULL, NULL,
     "Text by a format like C's and Java's; NULL when format and values do not go together.",
     "PRINTF('%s is %05.2f', 'pi', 3.14159E0) => pi is 03.14"},
    FN_END};
