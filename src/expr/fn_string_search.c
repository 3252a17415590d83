/* fn_string_search.c -- finding, replacing and splitting. Searches run on bytes (UTF-8 keeps them
 * right) and positions are counted in characters afterwards.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"
#include "expr/typing.h"

#define SEARCH_KERNEL(kernel)                                                                      \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* Byte offset of the first occurrence at or behind `from`, or SIZE_MAX. */
static size_t search_find(Span text, Span part, size_t from) {
    if (from > text.len || part.len > text.len - from) return SIZE_MAX;
    if (part.len == 0) return from;
    const char *hit = memmem(text.ptr + from, text.len - from, part.ptr, part.len);
    return hit ? (size_t)(hit - text.ptr) : SIZE_MAX;
}

/* The character position (from 1) of the first occurrence at or behind character `start`; 0 when
 * there is none. */
static int32_t search_position(Span part, Span text, int64_t start) {
    if (part.len == 0) return 1;
    size_t from = start > 1 ? utf8_offset(text, (size_t)start - 1) : 0;
    size_t at = search_find(text, part, from);
    return at == SIZE_MAX ? 0 : (int32_t)utf8_count((Span){text.ptr, at}) + 1;
}

/* POSITION(part IN text), LOCATE(part, text [, start]) */
SEARCH_KERNEL(search_locate) {
    int32_t *to = fn_out_i32(out);
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t start = n_args > 2 ? fn_int(&args[2], i) : 1;
        to[i] = search_position(fn_span(&args[0], i), fn_span(&args[1], i), start);
    }
    return ST_OK;
}

/* Byte offset of the last occurrence that begins at or before `from`, or SIZE_MAX. */
static size_t search_find_last(Span text, Span part, size_t from) {
    if (part.len > text.len) return SIZE_MAX;
    size_t at = from < text.len - part.len ? from : text.len - part.len;
    for (;; at--) {
        if (memcmp(text.ptr + at, part.ptr, part.len) == 0) return at;
        if (at == 0) return SIZE_MAX;
    }
}

/* The nth occurrence from character `start` on, backwards from the end when start is negative. */
static int32_t search_nth(Span text, Span part, int64_t start, int64_t nth) {
    if (start == 0) return 0;
    if (part.len == 0) return 1;
    bool is_back = start < 0;
    int64_t total = (int64_t)utf8_count(text);
    if (is_back && -start > total) return 0;
    size_t at = utf8_offset(text, (size_t)(is_back ? total + start : start - 1));
    for (int64_t k = 1;; k++) {
        at = is_back ? search_find_last(text, part, at) : search_find(text, part, at);
        if (at == SIZE_MAX) return 0;
        if (k == nth) return (int32_t)utf8_count((Span){text.ptr, at}) + 1;
        if (is_back && at == 0) return 0;
        at += is_back ? (size_t)-1 : 1;
    }
}

/* INSTR(text, part [, start [, nth]]) */
SEARCH_KERNEL(search_instr) {
    int32_t *to = fn_out_i32(out);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t start = n_args > 2 ? fn_int(&args[2], i) : 1;
        int64_t nth = n_args > 3 ? fn_int(&args[3], i) : 1;
        if (nth < 1)
            FN_FAIL(ctx, err, "22023", "INSTR looks for occurrence 1 or later, not %ld", (long)nth);
        to[i] = search_nth(fn_span(&args[0], i), fn_span(&args[1], i), start, nth);
    }
    return ST_OK;
}

SEARCH_KERNEL(search_startswith) {
    int8_t *to = fn_out_i8(out);
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        Span text = fn_span(&args[0], i), part = fn_span(&args[1], i);
        to[i] = text.len >= part.len && memcmp(text.ptr, part.ptr, part.len) == 0;
    }
    return ST_OK;
}

SEARCH_KERNEL(search_endswith) {
    int8_t *to = fn_out_i8(out);
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        Span text = fn_span(&args[0], i), part = fn_span(&args[1], i);
        to[i] =
            text.len >= part.len && memcmp(text.ptr + text.len - part.len, part.ptr, part.len) == 0;
    }
    return ST_OK;
}

/* ---- COUNT_CHAR ---- */

/* How often the character occurs; of a longer text only its first character counts. As in the
 * Nexmark benchmark, which brings this function, a NULL text has none. */
SEARCH_KERNEL(search_count_char) {
    int64_t *to = fn_out_i64(out);
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[1], i)) fn_make_null(ctx, out, i);
        if (col_is_null(&args[0], i) || col_is_null(&args[1], i)) continue;
        Span text = fn_span(&args[0], i), c = fn_span(&args[1], i);
        if (c.len == 0) continue;
        c.len = utf8_char_len(c);
        int64_t count = 0;
        if (c.len == 1) {
            char byte = *c.ptr;
            for (size_t k = 0; k < text.len; k++) count += text.ptr[k] == byte;
        } else {
            for (size_t at = 0; (at = search_find(text, c, at)) != SIZE_MAX; at += c.len) count++;
        }
        to[i] = count;
    }
    return ST_OK;
}

/* ---- REPLACE, OVERLAY, TRANSLATE ---- */

/* An empty part is found before every character and at the end, as in Java. */
static Status search_replace_empty(FnCtx *ctx, FnText *text, Span in, Span by, Str *out, Err *err) {
    size_t total = in.len + by.len * (utf8_count(in) + 1), at = 0;
    if (total > FN_TEXT_MAX) return fn_fail_too_long(ctx, err);
    char *room = fn_text_room(text, total);
    for (size_t i = 0; i <= in.len; i++) {
        if (i == in.len || utf8_is_start(in.ptr[i])) {
            memcpy(room + at, by.ptr, by.len);
            at += by.len;
        }
        if (i < in.len) room[at++] = in.ptr[i];
    }
    *out = fn_text_take(text, at);
    return ST_OK;
}

static Status search_replace_row(FnCtx *ctx, FnText *text, Span in, Span part, Span by, Str *out,
                                 Err *err) {
    if (part.len == 0) return search_replace_empty(ctx, text, in, by, out, err);
    size_t n_hits = 0;
    for (size_t at = 0; (at = search_find(in, part, at)) != SIZE_MAX; at += part.len) n_hits++;
    if (n_hits == 0) {
        *out = str_make(in.ptr, (uint32_t)in.len);
        return ST_OK;
    }
    size_t total = in.len - n_hits * part.len + n_hits * by.len, put = 0, from = 0;
    if (total > FN_TEXT_MAX) return fn_fail_too_long(ctx, err);
    char *room = fn_text_room(text, total);
    for (size_t at; (at = search_find(in, part, from)) != SIZE_MAX; from = at + part.len) {
        memcpy(room + put, in.ptr + from, at - from);
        put += at - from;
        if (by.len) memcpy(room + put, by.ptr, by.len);
        put += by.len;
    }
    memcpy(room + put, in.ptr + from, in.len - from);
    *out = fn_text_take(text, total);
    return ST_OK;
}

SEARCH_KERNEL(search_replace) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        TRY(search_replace_row(ctx, &text, fn_span(&args[0], i), fn_span(&args[1], i),
                               fn_span(&args[2], i), &fn_out_str(out)[i], err));
    }
    return ST_OK;
}

/* OVERLAY(text PLACING by FROM start FOR len): a start outside the text changes nothing. */
SEARCH_KERNEL(search_overlay) {
    FnText text = {ctx->scratch, NULL, NULL};
    Str *to = fn_out_str(out);
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span in = fn_span(&args[0], i), by = fn_span(&args[1], i);
        int64_t start = fn_int(&args[2], i), total = (int64_t)utf8_count(in);
        int64_t len = n_args > 3 ? fn_int(&args[3], i) : (int64_t)utf8_count(by);
        if (start < 1 || start > total) {
            to[i] = str_make(in.ptr, (uint32_t)in.len);
            continue;
        }
        size_t head = utf8_offset(in, (size_t)start - 1), tail = in.len;
        if (len > 0 && len <= total - start) tail = utf8_offset(in, (size_t)(start - 1 + len));
        char *room = fn_text_room(&text, in.len + by.len);
        memcpy(room, in.ptr, head);
        if (by.len) memcpy(room + head, by.ptr, by.len);
        memcpy(room + head + by.len, in.ptr + tail, in.len - tail);
        to[i] = fn_text_take(&text, head + by.len + in.len - tail);
    }
    return ST_OK;
}

/* The replacement of character c: from[k] becomes to[k], or nothing when `to` is shorter. */
static bool search_translate_char(Span c, Span from, Span by, Span *out) {
    size_t f = 0, t = 0;
    while (f < from.len) {
        size_t f_len = utf8_char_len((Span){from.ptr + f, from.len - f});
        size_t t_len = t < by.len ? utf8_char_len((Span){by.ptr + t, by.len - t}) : 0;
        if (f_len == c.len && memcmp(from.ptr + f, c.ptr, f_len) == 0) {
            *out = (Span){by.ptr + t, t_len};
            return true;
        }
        f += f_len;
        t += t_len;
    }
    return false;
}

SEARCH_KERNEL(search_translate) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span in = fn_span(&args[0], i), from = fn_span(&args[1], i), by = fn_span(&args[2], i);
        if (in.len > FN_TEXT_MAX / UTF8_MAX) return fn_fail_too_long(ctx, err);
        char *room = fn_text_room(&text, in.len * UTF8_MAX);
        size_t put = 0;
        for (size_t at = 0; at < in.len;) {
            Span c = {in.ptr + at, utf8_char_len((Span){in.ptr + at, in.len - at})}, into = c;
            search_translate_char(c, from, by, &into);
            if (into.len) memcpy(room + put, into.ptr, into.len);
            put += into.len;
            at += c.len;
        }
        fn_out_str(out)[i] = fn_text_take(&text, put);
    }
    return ST_OK;
}

/* ---- splitting ---- */

/* The next piece at *at; false when the text is used up. A separator at the end leaves an empty
 * last piece; an empty separator cuts between characters. */
static bool search_next_piece(Span text, Span separator, size_t *at, Span *piece) {
    if (*at > text.len) return false;
    if (separator.len == 0) {
        if (*at == text.len && text.len > 0) return false;
        size_t len = *at < text.len ? utf8_char_len((Span){text.ptr + *at, text.len - *at}) : 0;
        *piece = (Span){text.ptr + *at, len};
        *at += len ? len : 1;
        return true;
    }
    size_t hit = search_find(text, separator, *at);
    size_t end = hit == SIZE_MAX ? text.len : hit;
    *piece = (Span){text.ptr + *at, end - *at};
    *at = hit == SIZE_MAX ? text.len + 1 : hit + separator.len;
    return true;
}

SEARCH_KERNEL(search_split) {
    ColBuilder b;
    (void)n_args, (void)err;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        Span text = fn_span(&args[0], i), separator = fn_span(&args[1], i), piece;
        for (size_t at = 0; search_next_piece(text, separator, &at, &piece);)
            colb_str_ref(&b.children[0], piece.ptr, piece.len);
        colb_list_end(&b);
    }
    colb_finish(&b, out);
    return ST_OK;
}

static void search_split_index_row(FnCtx *ctx, Column *out, uint32_t i, Span text, Span separator,
                                   int64_t index) {
    Span piece;
    size_t at = 0;
    if (text.len > 0 && index >= 0) {
        if (separator.len == 0) { /* nothing to split at */
            if (index == 0) {
                fn_out_str(out)[i] = str_make(text.ptr, (uint32_t)text.len);
                return;
            }
        } else {
            for (int64_t k = 0; search_next_piece(text, separator, &at, &piece); k++) {
                if (k < index) continue;
                fn_out_str(out)[i] = str_make(piece.ptr, (uint32_t)piece.len);
                return;
            }
        }
    }
    fn_make_null(ctx, out, i);
}

SEARCH_KERNEL(search_split_index) {
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        search_split_index_row(ctx, out, i, fn_span(&args[0], i), fn_span(&args[1], i),
                               fn_int(&args[2], i));
    }
    return ST_OK;
}

/* The separator as the number of an ASCII character. */
SEARCH_KERNEL(search_split_index_code) {
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t code = fn_int(&args[1], i);
        char c[UTF8_MAX];
        if (code < 0 || code > 255) {
            fn_make_null(ctx, out, i);
            continue;
        }
        size_t len = utf8_encode(c, (uint32_t)code);
        search_split_index_row(ctx, out, i, fn_span(&args[0], i), (Span){c, len},
                               fn_int(&args[2], i));
    }
    return ST_OK;
}

#define S FN_STRICT
#define SN (FN_STRICT | FN_CAN_NULL)
#define SF (FN_STRICT | FN_CAN_FAIL)

/* As long as both texts together. */
static Status search_overlay_type(Arena *arena, Expr *const *args, uint32_t n_args,
                                  const Type **out, Err *err) {
    (void)n_args, (void)err;
    *out = type_with_null(
        arena, type_with_len(arena, TYPE_VARCHAR, typing_concat_len(args[0]->type, args[1]->type)),
        false);
    return ST_OK;
}

const Fn fns_string_search[] = {
    {"POSITION", "string", "(STRING, STRING [, INTEGER]) -> INT", search_locate, S, NULL, NULL,
     NULL, "Where the first text begins in the second, 0 when it does not occur.",
     "POSITION('b' IN 'abcb') => 2"},
    {"LOCATE", "string", "(STRING, STRING [, INTEGER]) -> INT", search_locate, S, NULL, NULL, NULL,
     "Where the first text begins in the second, from a position on.",
     "LOCATE('b', 'abcb', 3) => 4"},
    {"INSTR", "string", "(STRING, STRING [, INTEGER [, INTEGER]]) -> INT", search_instr, SF, NULL,
     NULL, NULL,
     "Where the second text begins in the first: from a position (negative: backwards from "
     "the end), the nth occurrence.",
     "INSTR('Corporate Floor', 'or', 3, 2) => 14"},
    {"STARTSWITH", "string", "(STRING, STRING) -> BOOLEAN", search_startswith, S, NULL, NULL, NULL,
     "Whether the first text begins with the second.", "STARTSWITH('weir', 'we') => TRUE"},
    {"STARTSWITH", "string", "(BINARY, BINARY) -> BOOLEAN", search_startswith, S, NULL, NULL, NULL,
     "Whether the first bytes begin with the second.", "STARTSWITH(x'0102', x'01') => TRUE"},
    {"STARTS_WITH", "string", "(STRING, STRING) -> BOOLEAN", search_startswith, S, NULL, NULL, NULL,
     "Same as STARTSWITH; PostgreSQL's name.", "STARTS_WITH('weir', 'ir') => FALSE"},
    {"ENDSWITH", "string", "(STRING, STRING) -> BOOLEAN", search_endswith, S, NULL, NULL, NULL,
     "Whether the first text ends with the second.", "ENDSWITH('weir', 'ir') => TRUE"},
    {"ENDSWITH", "string", "(BINARY, BINARY) -> BOOLEAN", search_endswith, S, NULL, NULL, NULL,
     "Whether the first bytes end with the second.", "ENDSWITH(x'0102', x'02') => TRUE"},
    {"COUNT_CHAR", "string", "(STRING, STRING) -> BIGINT", search_count_char, 0, NULL, NULL, NULL,
     "How often a character occurs in the text.", "COUNT_CHAR('banana', 'a') => 3"},
    {"REPLACE", "string", "(STRING, STRING, STRING) -> STRING", search_replace, SF, NULL, NULL,
     NULL, "Replaces every occurrence of the second text by the third.",
     "REPLACE('hello world', 'world', 'weir') => hello weir"},
    {"OVERLAY", "string", "(STRING, STRING, INTEGER [, INTEGER]) -> *", search_overlay, S,
     search_overlay_type, NULL, NULL,
     "Replaces characters at a position: OVERLAY(x PLACING y FROM n [FOR len]).",
     "OVERLAY('xxxxxtest' PLACING 'xxxx' FROM 6 FOR 2) => xxxxxxxxxst"},
    {"TRANSLATE", "string", "(STRING, STRING, STRING) -> STRING", search_translate, SF, NULL, NULL,
     NULL,
     "Replaces single characters: those of the second text by those at the same place of the "
     "third.",
     "TRANSLATE('abc', 'ab', 'x') => xc"},
    {"TRANSLATE3", "string", "(STRING, STRING, STRING) -> STRING", search_translate, SF, NULL, NULL,
     NULL, "Same as TRANSLATE.", "TRANSLATE3('abc', 'b', '-') => a-c"},
    {"SPLIT", "string", "(STRING, STRING) -> ARRAY<STRING>", search_split, S, NULL, NULL, NULL,
     "The pieces between separators; an empty separator cuts into characters.",
     "SPLIT('a,b,c', ',') => [a, b, c]"},
    {"SPLIT_INDEX", "string", "(STRING, STRING, INTEGER) -> STRING?", search_split_index, SN, NULL,
     NULL, NULL, "The piece with the given number (from 0), NULL when there is none.",
     "SPLIT_INDEX('a,b,c', ',', 1) => b"},
    {"SPLIT_INDEX", "string", "(STRING, INTEGER, INTEGER) -> STRING?", search_split_index_code, SN,
     NULL, NULL, NULL, "The separator given as the code of a character.",
     "SPLIT_INDEX('a,b,c', 44, 2) => c"},
    FN_END};
