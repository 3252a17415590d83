/* fn_text_pg.c -- text functions of PostgreSQL that Flink has no name for.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"

#define TEXTPG_KERNEL(kernel)                                                                      \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* ---- SPLIT_PART ---- */

/* Piece number k from 0 of the text cut at a separator; false behind the last one. */
static bool textpg_piece(Span text, Span separator, int64_t k, Span *out) {
    for (; separator.len; k--) {
        const char *hit = memmem(text.ptr, text.len, separator.ptr, separator.len);
        size_t len = hit ? (size_t)(hit - text.ptr) : text.len;
        *out = (Span){text.ptr, len};
        if (k == 0) return true;
        if (!hit) return false;
        text = (Span){hit + separator.len, text.len - len - separator.len};
    }
    *out = text;
    return k == 0;
}

static int64_t textpg_count(Span text, Span separator) {
    int64_t n = 1;
    while (separator.len) {
        const char *hit = memmem(text.ptr, text.len, separator.ptr, separator.len);
        if (!hit) break;
        text.len -= (size_t)(hit - text.ptr) + separator.len;
        text.ptr = hit + separator.len;
        n++;
    }
    return n;
}

TEXTPG_KERNEL(textpg_split_part) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        Span text, separator, piece;
        int64_t k;
        if (!fn_is_valid(out, i)) continue;
        text = fn_span(&args[0], i);
        separator = fn_span(&args[1], i);
        k = fn_int(&args[2], i);
        if (k == 0) FN_FAIL(ctx, err, "22023", "SPLIT_PART: the number of a piece is not zero");
        if (k < 0) k += textpg_count(text, separator) + 1;
        if (k < 1 || !textpg_piece(text, separator, k - 1, &piece)) piece = (Span){"", 0};
        fn_out_str(out)[i] = str_make(piece.ptr, (uint32_t)piece.len);
    }
    return ST_OK;
}

/* ---- quoting ---- */

static Status textpg_quote(FnCtx *ctx, const Column *args, uint32_t n, Column *out, char quote) {
    FnText text = {ctx->scratch, NULL, NULL};
    for (uint32_t i = 0; i < n; i++) {
        Span in;
        char *to;
        size_t len = 0;
        if (!fn_is_valid(out, i)) continue;
        in = fn_span(&args[0], i);
        to = fn_text_room(&text, 2 * in.len + 2);
        to[len++] = quote;
        for (size_t k = 0; k < in.len; k++) {
            if (in.ptr[k] == quote) to[len++] = quote;
            to[len++] = in.ptr[k];
        }
        to[len++] = quote;
        fn_out_str(out)[i] = fn_text_take(&text, len);
    }
    return ST_OK;
}
TEXTPG_KERNEL(textpg_quote_literal) {
    (void)n_args, (void)err;
    return textpg_quote(ctx, args, n, out, '\'');
}
TEXTPG_KERNEL(textpg_quote_ident) {
    (void)n_args, (void)err;
    return textpg_quote(ctx, args, n, out, '`');
}

/* ---- numbers, lengths ---- */

TEXTPG_KERNEL(textpg_to_hex) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        char digits[20];
        if (!fn_is_valid(out, i)) continue;
        uint64_t value = (uint64_t)fn_int(&args[0], i);
        if (phys_width(type_phys(args[0].type)) < 8) value &= UINT32_MAX;
        int len = snprintf(digits, sizeof digits, "%llx", (unsigned long long)value);
        fn_out_str(out)[i] = fn_text_copy(&text, (Span){digits, (size_t)len});
    }
    return ST_OK;
}

TEXTPG_KERNEL(textpg_strpos) {
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span in = fn_span(&args[0], i), part = fn_span(&args[1], i);
        const char *hit = part.len ? memmem(in.ptr, in.len, part.ptr, part.len) : in.ptr;
        if (!part.len)
            fn_out_i32(out)[i] = 1;
        else if (hit)
            fn_out_i32(out)[i] = 1 + (int32_t)utf8_count((Span){in.ptr, (size_t)(hit - in.ptr)});
    }
    return ST_OK;
}

TEXTPG_KERNEL(textpg_bit_length) {
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (fn_is_valid(out, i)) fn_out_i32(out)[i] = (int32_t)(8 * fn_span(&args[0], i).len);
    }
    return ST_OK;
}

/* ---- LEVENSHTEIN ---- */

enum { LEVENSHTEIN_MAX = 4096 };

static uint32_t *textpg_codes(Arena *arena, Span text, uint32_t *n) {
    uint32_t *codes = arena_alloc(arena, sizeof *codes * (text.len + 1));
    *n = 0;
    for (size_t at = 0, len; at < text.len; at += len)
        codes[(*n)++] = utf8_decode((Span){text.ptr + at, text.len - at}, &len);
    return codes;
}

static uint32_t textpg_distance(Arena *arena, Span x, Span y) {
    uint32_t n_x, n_y, *a = textpg_codes(arena, x, &n_x), *b = textpg_codes(arena, y, &n_y);
    uint32_t *row = arena_alloc(arena, sizeof *row * (n_y + 1));
    for (uint32_t j = 0; j <= n_y; j++) row[j] = j;
    for (uint32_t i = 1; i <= n_x; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= n_y; j++) {
            uint32_t change = diagonal + (a[i - 1] != b[j - 1]), best = row[j] + 1;
            diagonal = row[j];
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = change < best ? change : best;
        }
    }
    return row[n_y];
}

TEXTPG_KERNEL(textpg_levenshtein) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        ArenaMark mark = arena_mark(ctx->scratch);
        Span a, b;
        if (!fn_is_valid(out, i)) continue;
        a = fn_span(&args[0], i);
        b = fn_span(&args[1], i);
        if (a.len > LEVENSHTEIN_MAX || b.len > LEVENSHTEIN_MAX) {
            FN_FAIL(ctx, err, "54000", "LEVENSHTEIN takes texts of at most %d bytes",
                    LEVENSHTEIN_MAX);
        }
        fn_out_i32(out)[i] = (int32_t)textpg_distance(ctx->scratch, a, b);
        arena_rewind(ctx->scratch, mark);
    }
    return ST_OK;
}

/* ---- STRING_TO_ARRAY ---- */

/* A NULL separator cuts into characters; pieces equal to the third argument are NULL. */
TEXTPG_KERNEL(textpg_string_to_array) {
    ColBuilder list;
    (void)err;
    colb_init(&list, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i)) {
            colb_null(&list);
            continue;
        }
        Span text = fn_span(&args[0], i), separator = {0}, piece;
        bool by_char = col_is_null(&args[1], i), has_null = n_args > 2 && !col_is_null(&args[2], i);
        if (!by_char) separator = fn_span(&args[1], i);
        for (size_t at = 0; at <= text.len && text.len;) {
            Span rest = {text.ptr + at, text.len - at};
            if (by_char) {
                if (!rest.len) break;
                piece = (Span){rest.ptr, utf8_char_len(rest)};
                at += piece.len;
            } else {
                textpg_piece(rest, separator, 0, &piece);
                at += separator.len ? piece.len + separator.len : text.len + 1;
            }
            if (has_null && span_eq(piece, fn_span(&args[2], i)))
                colb_null(&list.children[0]);
            else
                colb_str_ref(&list.children[0], piece.ptr, piece.len);
        }
        colb_list_end(&list);
    }
    colb_finish(&list, out);
    return ST_OK;
}

/* ---- texts that are not UTF-8 ---- */

TEXTPG_KERNEL(textpg_is_valid_utf8) {
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (fn_is_valid(out, i)) fn_out_i8(out)[i] = utf8_is_valid(fn_span(&args[0], i));
    }
    return ST_OK;
}

/* Every byte that is part of no character becomes U+FFFD. */
TEXTPG_KERNEL(textpg_make_valid_utf8) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        Span in;
        char *to;
        size_t len = 0;
        if (!fn_is_valid(out, i)) continue;
        in = fn_span(&args[0], i);
        to = fn_text_room(&text, 3 * in.len + 1);
        while (in.len) {
            size_t good = utf8_valid_len(in);
            if (good) memcpy(to + len, in.ptr, good);
            len += good;
            in = (Span){in.ptr + good, in.len - good};
            if (!in.len) break;
            memcpy(to + len, "\xef\xbf\xbd", 3);
            len += 3;
            in = (Span){in.ptr + 1, in.len - 1};
        }
        fn_out_str(out)[i] = fn_text_take(&text, len);
    }
    return ST_OK;
}

#define S FN_STRICT
#define SF (FN_STRICT | FN_CAN_FAIL)

const Fn fns_text_pg[] = {
    {"SPLIT_PART", "string", "(STRING, STRING, INTEGER) -> STRING", textpg_split_part, SF, NULL,
     NULL, NULL,
     "The n-th piece between separators, from 1, negative from the end; empty when there "
     "is none.",
     "SPLIT_PART('a,b,c', ',', -1) => c"},
    {"STRING_TO_ARRAY", "string", "(STRING, STRING [, STRING]) -> ARRAY<STRING>",
     textpg_string_to_array, FN_CAN_NULL, NULL, NULL, NULL,
     "The pieces between separators (NULL: the characters); those equal to the third text are "
     "NULL.",
     "STRING_TO_ARRAY('a,-,c', ',', '-') => [a, NULL, c]"},
    {"QUOTE_LITERAL", "string", "(STRING) -> STRING", textpg_quote_literal, S, NULL, NULL, NULL,
     "The text as a SQL literal.", "QUOTE_LITERAL('it''s') => 'it''s'"},
    {"QUOTE_IDENT", "string", "(STRING) -> STRING", textpg_quote_ident, S, NULL, NULL, NULL,
     "The text as a quoted name.", "QUOTE_IDENT('a b') => `a b`"},
    {"TO_HEX", "string", "(INTEGER) -> STRING", textpg_to_hex, S, NULL, NULL, NULL,
     "Hexadecimal digits in small letters.", "TO_HEX(255) => ff"},
    {"BIT_LENGTH", "string", "(TEXT) -> INT", textpg_bit_length, S, NULL, NULL, NULL,
     "Number of bits.", "BIT_LENGTH('ab') => 16"},
    {"LEVENSHTEIN", "string", "(STRING, STRING) -> INT", textpg_levenshtein, SF, NULL, NULL, NULL,
     "How many characters have to be inserted, removed or changed.",
     "LEVENSHTEIN('kitten', 'sitting') => 3"},
    {"STRPOS", "string", "(STRING, STRING) -> INT", textpg_strpos, S, NULL, NULL, NULL,
     "Where the second text is in the first, 0 when it is not; PostgreSQL's INSTR.",
     "STRPOS('high', 'ig') => 2"},
    {"IS_VALID_UTF8", "string", "(BINARY) -> BOOLEAN", textpg_is_valid_utf8, S, NULL, NULL, NULL,
     "Whether the bytes are UTF-8.", "IS_VALID_UTF8(x'ff41') => FALSE"},
    {"MAKE_VALID_UTF8", "string", "(BINARY) -> STRING", textpg_make_valid_utf8, S, NULL, NULL, NULL,
     "The text that bytes stand for, with U+FFFD in place of what is not UTF-8.",
     "MAKE_VALID_UTF8(x'ff41') => �A"},
    FN_END};
