/* fn_string.c -- lengths, case, trimming, cutting and joining of strings. Positions count Unicode
 * characters from 1. Results that are part of an argument share its bytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"
#include "expr/typing.h"

#define STRING_KERNEL(kernel)                                                                      \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* ---- lengths ---- */

STRING_KERNEL(string_char_length) {
    int32_t *to = fn_out_i32(out);
    uint32_t step = fn_step(&args[0]);
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) to[i] = (int32_t)utf8_count(str_span(&args[0].str[i * step]));
    return ST_OK;
}

STRING_KERNEL(string_octet_length) {
    int32_t *to = fn_out_i32(out);
    uint32_t step = fn_step(&args[0]);
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) to[i] = (int32_t)args[0].str[i * step].len;
    return ST_OK;
}

/* ---- case ---- */

typedef size_t StringMap(char *to, Span text);

static Status string_map(FnCtx *ctx, const Column *args, uint32_t n, Column *out, StringMap *map) {
    FnText text = {ctx->scratch, NULL, NULL};
    Str *to = fn_out_str(out);
    uint32_t step = fn_step(&args[0]);
    for (uint32_t i = 0; i < n; i++) {
        Span in = str_span(&args[0].str[i * step]);
        char *room = fn_text_room(&text, in.len * UTF8_CASE_GROWTH);
        to[i] = fn_text_take(&text, map(room, in));
    }
    return ST_OK;
}

STRING_KERNEL(string_upper) {
    (void)n_args, (void)err;
    return string_map(ctx, args, n, out, utf8_upper);
}
STRING_KERNEL(string_lower) {
    (void)n_args, (void)err;
    return string_map(ctx, args, n, out, utf8_lower);
}

/* Flink's rule: words are runs of ASCII letters and digits, and only ASCII letters change. */
static size_t string_initcap_map(char *to, Span text) {
    bool is_inside = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_upper = c >= 'A' && c <= 'Z', is_lower = c >= 'a' && c <= 'z';
        if (is_upper && is_inside) c = (char)(c + 32);
        if (is_lower && !is_inside) c = (char)(c - 32);
        to[i] = c;
        is_inside = is_upper || is_lower || (c >= '0' && c <= '9');
    }
    return text.len;
}
STRING_KERNEL(string_initcap) {
    (void)n_args, (void)err;
    return string_map(ctx, args, n, out, string_initcap_map);
}

static size_t string_reverse_map(char *to, Span text) {
    size_t end = text.len;
    for (size_t i = 0; i < text.len;) {
        size_t len = utf8_char_len((Span){text.ptr + i, text.len - i});
        end -= len;
        memcpy(to + end, text.ptr + i, len);
        i += len;
    }
    return text.len;
}
STRING_KERNEL(string_reverse) {
    (void)n_args, (void)err;
    return string_map(ctx, args, n, out, string_reverse_map);
}

/* ---- trimming ---- */

typedef enum TrimSide { TRIM_LEADING = 1, TRIM_TRAILING = 2, TRIM_BOTH = 3 } TrimSide;

static bool string_has_char(Span set, Span c) {
    return c.len <= set.len && memmem(set.ptr, set.len, c.ptr, c.len) != NULL;
}

/* Drops characters of the set from the chosen ends. */
static Span string_trim(Span text, Span set, TrimSide side) {
    if (side & TRIM_LEADING) {
        while (text.len) {
            Span c = {text.ptr, utf8_char_len(text)};
            if (!string_has_char(set, c)) break;
            text = (Span){text.ptr + c.len, text.len - c.len};
        }
    }
    if (side & TRIM_TRAILING) {
        while (text.len) {
            size_t at = text.len - 1;
            while (at > 0 && !utf8_is_start(text.ptr[at])) at--;
            if (!string_has_char(set, (Span){text.ptr + at, text.len - at})) break;
            text.len = at;
        }
    }
    return text;
}

static Status string_trim_column(const Column *in, const Column *set, TrimSide side, uint32_t n,
                                 Column *out) {
    Str *to = fn_out_str(out);
    for (uint32_t i = 0; i < n; i++) {
        Span kept = string_trim(fn_span(in, i), set ? fn_span(set, i) : SPAN(" "), side);
        /* Longer than 12 bytes it points into the argument's bytes, else it is copied. */
        to[i] = str_make(kept.ptr, (uint32_t)kept.len);
    }
    return ST_OK;
}

STRING_KERNEL(string_trim_both) {
    (void)ctx, (void)err;
    return string_trim_column(&args[0], n_args > 1 ? &args[1] : NULL, TRIM_BOTH, n, out);
}
STRING_KERNEL(string_ltrim) {
    (void)ctx, (void)err;
    return string_trim_column(&args[0], n_args > 1 ? &args[1] : NULL, TRIM_LEADING, n, out);
}
STRING_KERNEL(string_rtrim) {
    (void)ctx, (void)err;
    return string_trim_column(&args[0], n_args > 1 ? &args[1] : NULL, TRIM_TRAILING, n, out);
}
/* TRIM(side [, set], text), as the parser writes TRIM(side set FROM text). */
STRING_KERNEL(string_trim_side) {
    Span side = fn_span(&args[0], 0);
    TrimSide which = span_is(side, "LEADING")    ? TRIM_LEADING
                     : span_is(side, "TRAILING") ? TRIM_TRAILING
                                                 : TRIM_BOTH;
    (void)ctx, (void)err;
    return string_trim_column(&args[n_args - 1], n_args > 2 ? &args[1] : NULL, which, n, out);
}

/* ---- cutting ---- */

/* `count` characters from character `start` (from 0). */
static Str string_slice(Span text, int64_t start, int64_t count) {
    size_t from = utf8_offset(text, (size_t)start);
    Span rest = {text.ptr + from, text.len - from};
    size_t len = count >= (int64_t)rest.len ? rest.len : utf8_offset(rest, (size_t)count);
    return str_make(rest.ptr, (uint32_t)len);
}

/* Start 0 means 1, negative counts from the end. A start before the text gives '' (not what would
 * be left of it), a negative length NULL: Flink's rules. */
STRING_KERNEL(string_substring) {
    Str *to = fn_out_str(out);
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span text = fn_span(&args[0], i);
        int64_t start = fn_int(&args[1], i);
        int64_t count = n_args > 2 ? fn_int(&args[2], i) : INT64_MAX;
        if (count < 0) {
            fn_make_null(ctx, out, i);
            continue;
        }
        if (start > 0)
            start--;
        else if (start < 0)
            start += (int64_t)utf8_count(text);
        to[i] = start < 0 ? (Str){0} : string_slice(text, start, count);
    }
    return ST_OK;
}

STRING_KERNEL(string_left) {
    Str *to = fn_out_str(out);
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t count = fn_int(&args[1], i);
        to[i] = count <= 0 ? (Str){0} : string_slice(fn_span(&args[0], i), 0, count);
    }
    return ST_OK;
}

STRING_KERNEL(string_right) {
    Str *to = fn_out_str(out);
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span text = fn_span(&args[0], i);
        int64_t count = fn_int(&args[1], i), total = (int64_t)utf8_count(text);
        int64_t start = count >= total ? 0 : total - count;
        to[i] = count <= 0 ? (Str){0} : string_slice(text, start, INT64_MAX);
    }
    return ST_OK;
}

/* ---- joining ---- */

static size_t string_total(const Column *args, uint32_t n_args, uint32_t row) {
    size_t total = 0;
    for (uint32_t k = 0; k < n_args; k++) total += args[k].str[col_at(&args[k], row)].len;
    return total;
}

STRING_KERNEL(string_concat) {
    FnText text = {ctx->scratch, NULL, NULL};
    Str *to = fn_out_str(out);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        size_t total = string_total(args, n_args, i), at = 0;
        if (total > FN_TEXT_MAX) return fn_fail_too_long(ctx, err);
        char *room = fn_text_room(&text, total);
        for (uint32_t k = 0; k < n_args; k++) {
            Span part = fn_span(&args[k], i);
            if (part.len) memcpy(room + at, part.ptr, part.len);
            at += part.len;
        }
        to[i] = fn_text_take(&text, at);
    }
    return ST_OK;
}

/* Not strict: only a NULL separator makes the result NULL, other NULLs are left out. */
STRING_KERNEL(string_concat_ws) {
    FnText text = {ctx->scratch, NULL, NULL};
    Str *to = fn_out_str(out);
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i)) {
            fn_make_null(ctx, out, i);
            continue;
        }
        Span separator = fn_span(&args[0], i);
        size_t total = 0, at = 0;
        for (uint32_t k = 1; k < n_args; k++) {
            if (!col_is_null(&args[k], i)) total += fn_span(&args[k], i).len + separator.len;
        }
        if (total > FN_TEXT_MAX) return fn_fail_too_long(ctx, err);
        char *room = fn_text_room(&text, total);
        bool is_first = true;
        for (uint32_t k = 1; k < n_args; k++) {
            if (col_is_null(&args[k], i)) continue;
            Span part = fn_span(&args[k], i);
            if (!is_first && separator.len) memcpy(room + at, separator.ptr, separator.len);
            if (!is_first) at += separator.len;
            if (part.len) memcpy(room + at, part.ptr, part.len);
            at += part.len;
            is_first = false;
        }
        to[i] = fn_text_take(&text, at);
    }
    return ST_OK;
}

/* times copies of part into room; returns the bytes written. */
static size_t string_fill(char *room, Span part, size_t len) {
    for (size_t at = 0; at < len; at += part.len)
        memcpy(room + at, part.ptr, len - at < part.len ? len - at : part.len);
    return len;
}

STRING_KERNEL(string_repeat) {
    FnText text = {ctx->scratch, NULL, NULL};
    Str *to = fn_out_str(out);
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span part = fn_span(&args[0], i);
        int64_t times = fn_int(&args[1], i);
        if (times <= 0 || part.len == 0) continue;
        if (times > FN_TEXT_MAX || part.len * (size_t)times > FN_TEXT_MAX)
            return fn_fail_too_long(ctx, err);
        size_t len = part.len * (size_t)times;
        to[i] = fn_text_take(&text, string_fill(fn_text_room(&text, len), part, len));
    }
    return ST_OK;
}

/* Pads with repetitions of `pad` to `width` characters, or cuts to them. NULL when the width is
 * negative or there is nothing to pad with. */
static Status string_pad(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                         bool is_left, Err *err) {
    FnText text = {ctx->scratch, NULL, NULL};
    Str *to = fn_out_str(out);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span in = fn_span(&args[0], i), pad = n_args > 2 ? fn_span(&args[2], i) : SPAN(" ");
        int64_t width = fn_int(&args[1], i), have = (int64_t)utf8_count(in);
        if (width < 0 || pad.len == 0) {
            fn_make_null(ctx, out, i);
            continue;
        }
        if (width <= have) {
            to[i] = string_slice(in, 0, width);
            continue;
        }
        int64_t n_pad = width - have, pad_chars = (int64_t)utf8_count(pad);
        if (n_pad > FN_TEXT_MAX || pad_chars == 0) return fn_fail_too_long(ctx, err);
        size_t len =
            (size_t)(n_pad / pad_chars) * pad.len + utf8_offset(pad, (size_t)(n_pad % pad_chars));
        if (len + in.len > FN_TEXT_MAX) return fn_fail_too_long(ctx, err);
        char *room = fn_text_room(&text, len + in.len);
        string_fill(room + (is_left ? 0 : in.len), pad, len);
        if (in.len) memcpy(room + (is_left ? len : 0), in.ptr, in.len);
        to[i] = fn_text_take(&text, len + in.len);
    }
    return ST_OK;
}

STRING_KERNEL(string_lpad) {
    return string_pad(ctx, args, n_args, n, out, true, err);
}
STRING_KERNEL(string_rpad) {
    return string_pad(ctx, args, n_args, n, out, false, err);
}

#define S FN_STRICT
#define SN (FN_STRICT | FN_CAN_NULL)
#define SF (FN_STRICT | FN_CAN_FAIL)

/* The lengths add up; of two fixed ones the result is fixed. */
static Status string_concat_type(Arena *arena, Expr *const *args, uint32_t n_args, const Type **out,
                                 Err *err) {
    const Type *a = args[0]->type, *b = args[1]->type;
    TypeKind kind = a->kind == TYPE_CHAR && b->kind == TYPE_CHAR ? TYPE_CHAR : TYPE_VARCHAR;
    (void)n_args, (void)err;
    *out = type_with_null(arena, type_with_len(arena, kind, typing_concat_len(a, b)), false);
    return ST_OK;
}

const Fn fns_string[] = {
    {"CHAR_LENGTH", "string", "(STRING) -> INT", string_char_length, S, NULL, NULL, NULL,
     "Number of characters.", "CHAR_LENGTH('Flüsse') => 6"},
    {"CHARACTER_LENGTH", "string", "(STRING) -> INT", string_char_length, S, NULL, NULL, NULL,
     "Same as CHAR_LENGTH.", "CHARACTER_LENGTH('abc') => 3"},
    {"LENGTH", "string", "(STRING) -> INT", string_char_length, S, NULL, NULL, NULL,
     "Same as CHAR_LENGTH.", "LENGTH('abc') => 3"},
    {"OCTET_LENGTH", "string", "(TEXT) -> INT", string_octet_length, S, NULL, NULL, NULL,
     "Number of bytes.", "OCTET_LENGTH('ä') => 2"},
    {"UPPER", "string", "(STRING) -> $1", string_upper, S, NULL, NULL, NULL,
     "All letters as capitals.", "UPPER('straße') => STRASSE"},
    {"LOWER", "string", "(STRING) -> $1", string_lower, S, NULL, NULL, NULL, "All letters small.",
     "LOWER('ÄBC') => äbc"},
    {"UCASE", "string", "(STRING) -> $1", string_upper, S, NULL, NULL, NULL, "Same as UPPER.",
     "UCASE('abc') => ABC"},
    {"LCASE", "string", "(STRING) -> $1", string_lower, S, NULL, NULL, NULL, "Same as LOWER.",
     "LCASE('ABC') => abc"},
    {"INITCAP", "string", "(STRING) -> $1", string_initcap, S, NULL, NULL, NULL,
     "The first letter of each word as a capital, the others small; words are ASCII letters and "
     "digits.",
     "INITCAP('hello world-foo') => Hello World-Foo"},
    {"REVERSE", "string", "(STRING) -> STRING?", string_reverse, S, NULL, NULL, NULL,
     "The characters in reverse order.", "REVERSE('weir') => riew"},
    {"TRIM", "string", "(STRING) -> $1~", string_trim_both, S, NULL, NULL, NULL,
     "Removes blanks at both ends.", "TRIM('  a b ') => a b"},
    {"TRIM", "string", "(SYMBOL, STRING) -> $2~", string_trim_side, S, NULL, NULL, NULL,
     "Removes blanks at the given end: TRIM(LEADING FROM x).", "TRIM(LEADING FROM '  a') => a"},
    {"TRIM", "string", "(SYMBOL, STRING, STRING) -> $3~", string_trim_side, S, NULL, NULL, NULL,
     "Removes the given characters at the given end: TRIM(BOTH 'x' FROM y).",
     "TRIM(BOTH 'x' FROM 'xxabx') => ab"},
    {"BTRIM", "string", "(STRING [, STRING]) -> STRING", string_trim_both, S, NULL, NULL, NULL,
     "Removes blanks, or the given characters, at both ends.", "BTRIM('xyabyx', 'xy') => ab"},
    {"LTRIM", "string", "(STRING [, STRING]) -> $1~", string_ltrim, S, NULL, NULL, NULL,
     "Removes blanks, or the given characters, at the beginning.", "LTRIM('xyab', 'xy') => ab"},
    {"RTRIM", "string", "(STRING [, STRING]) -> $1~", string_rtrim, S, NULL, NULL, NULL,
     "Removes blanks, or the given characters, at the end.", "RTRIM('abxy', 'xy') => ab"},
    {"SUBSTRING", "string", "(STRING, INTEGER [, INTEGER]) -> $1~?", string_substring, SN, NULL,
     NULL, NULL, "Characters from a position on, negative ones count from the end.",
     "SUBSTRING('weir' FROM 2 FOR 2) => ei"},
    {"SUBSTR", "string", "(STRING, INTEGER [, INTEGER]) -> $1~?", string_substring, SN, NULL, NULL,
     NULL, "Same as SUBSTRING.", "SUBSTR('weir', -2) => ir"},
    {"LEFT", "string", "(STRING, INTEGER) -> $1~?", string_left, S, NULL, NULL, NULL,
     "The first n characters.", "LEFT('weir', 2) => we"},
    {"RIGHT", "string", "(STRING, INTEGER) -> $1~?", string_right, S, NULL, NULL, NULL,
     "The last n characters.", "RIGHT('weir', 2) => ir"},
    {"||", "string", "(STRING, STRING) -> *", string_concat, SF | FN_OPERATOR, string_concat_type,
     NULL, NULL, "Joins two strings.", "'a' || 'b' => ab"},
    {"CONCAT", "string", "(STRING...) -> STRING", string_concat, SF, NULL, NULL, NULL,
     "Joins strings; NULL when any is NULL.", "CONCAT('a', 'b', 'c') => abc"},
    {"CONCAT_WS", "string", "(STRING, STRING...) -> STRING", string_concat_ws, FN_CAN_FAIL, NULL,
     NULL, NULL, "Joins strings with a separator between them, leaving out NULLs.",
     "CONCAT_WS('~', 'a', CAST(NULL AS STRING), 'b') => a~b"},
    {"REPEAT", "string", "(STRING, INTEGER) -> STRING", string_repeat, SF, NULL, NULL, NULL,
     "The string n times.", "REPEAT('ab', 3) => ababab"},
    {"LPAD", "string", "(STRING, INTEGER [, STRING]) -> STRING", string_lpad, SF | FN_CAN_NULL,
     NULL, NULL, NULL, "Padded on the left to n characters, or cut to them.",
     "LPAD('hi', 4, '+-') => +-hi"},
    {"RPAD", "string", "(STRING, INTEGER [, STRING]) -> STRING", string_rpad, SF | FN_CAN_NULL,
     NULL, NULL, NULL, "Padded on the right to n characters, or cut to them.",
     "RPAD('hi', 4, '+-') => hi+-"},
    FN_END};
