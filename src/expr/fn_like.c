/* fn_like.c -- LIKE, ILIKE and SIMILAR TO.
 *
 * A LIKE pattern is cut at its % into pieces of plain text and _. Nearly all patterns are one piece
 * without _, so that the match is a comparison at one end or a search for bytes; the others match
 * piece by piece, each at its leftmost place, which needs no going back.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"
#include "expr/regex.h"

/* A run of the pattern between two %. Any character (_) is the byte 0xff in text, which UTF-8 never
 * has. */
#define LIKE_ANY ((char)0xff)
typedef struct LikePiece {
    Span text;
    bool has_any;
} LikePiece;

typedef struct LikePattern {
    LikePiece *pieces;
    uint32_t n;            /* at least 1 */
    bool is_open_at_start; /* begins with % */
    bool is_open_at_end;
} LikePattern;

/* The pattern without escapes, pieces in the arena; false when an escape is misplaced. */
static bool like_compile(Arena *arena, Span pattern, Span escape, LikePattern *out) {
    char *text = arena_alloc(arena, pattern.len + 1);
    size_t put = 0, start = 0;
    *out = (LikePattern){.pieces = arena_array(arena, LikePiece, pattern.len + 1)};
    bool has_any = false, is_after_percent = false;
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        if (escape.len && pattern.len - i >= escape.len &&
            memcmp(pattern.ptr + i, escape.ptr, escape.len) == 0) {
            i += escape.len;
            Span next = {pattern.ptr + i, pattern.len - i};
            bool is_escape =
                next.len >= escape.len && memcmp(next.ptr, escape.ptr, escape.len) == 0;
            if (next.len == 0 || (!is_escape && *next.ptr != '%' && *next.ptr != '_')) return false;
            size_t len = is_escape ? escape.len : 1;
            memcpy(text + put, next.ptr, len);
            put += len;
            i += len - 1;
            is_after_percent = false;
        } else if (c == '%') {
            if (i == 0) out->is_open_at_start = true;
            if (put > start) {
                out->pieces[out->n++] = (LikePiece){{text + start, put - start}, has_any};
                start = put;
                has_any = false;
            }
            is_after_percent = true;
        } else {
            has_any |= c == '_';
            text[put++] = c == '_' ? LIKE_ANY : c;
            is_after_percent = false;
        }
    }
    if (put > start || out->n == 0)
        out->pieces[out->n++] = (LikePiece){{text + start, put - start}, has_any};
    out->is_open_at_end = is_after_percent;
    return true;
}

/* Bytes of text that the piece takes at its beginning, or SIZE_MAX. */
static size_t like_piece_at(const LikePiece *piece, Span text) {
    if (!piece->has_any) {
        bool is_equal =
            piece->text.len <= text.len && memcmp(text.ptr, piece->text.ptr, piece->text.len) == 0;
        return is_equal ? piece->text.len : SIZE_MAX;
    }
    size_t at = 0;
    for (size_t i = 0; i < piece->text.len; i++) {
        if (at == text.len) return SIZE_MAX;
        if (piece->text.ptr[i] == LIKE_ANY) {
            at += utf8_char_len((Span){text.ptr + at, text.len - at});
        } else if (text.ptr[at] == piece->text.ptr[i]) {
            at++;
        } else {
            return SIZE_MAX;
        }
    }
    return at;
}

/* The piece's first place in text: where it ends, or SIZE_MAX. */
static size_t like_find(const LikePiece *piece, Span text) {
    if (!piece->has_any) {
        if (piece->text.len == 0) return 0;
        const char *hit = memmem(text.ptr, text.len, piece->text.ptr, piece->text.len);
        return hit ? (size_t)(hit - text.ptr) + piece->text.len : SIZE_MAX;
    }
    for (size_t at = 0; at < text.len; at += utf8_char_len((Span){text.ptr + at, text.len - at})) {
        size_t len = like_piece_at(piece, (Span){text.ptr + at, text.len - at});
        if (len != SIZE_MAX) return at + len;
    }
    return SIZE_MAX;
}

/* Whether the piece takes text to its very end. */
static bool like_at_end(const LikePiece *piece, Span text) {
    if (!piece->has_any) {
        return piece->text.len <= text.len &&
               memcmp(text.ptr + text.len - piece->text.len, piece->text.ptr, piece->text.len) == 0;
    }
    size_t n_chars = 0, total = utf8_count(text);
    for (size_t i = 0; i < piece->text.len; i++)
        n_chars += piece->text.ptr[i] == LIKE_ANY || utf8_is_start(piece->text.ptr[i]);
    if (n_chars > total) return false;
    size_t from = utf8_offset(text, total - n_chars);
    Span tail = {text.ptr + from, text.len - from};
    return like_piece_at(piece, tail) == tail.len;
}

static bool like_matches(const LikePattern *p, Span text) {
    uint32_t first = 0, last = p->n;
    if (p->n == 1 && !p->is_open_at_start && !p->is_open_at_end)
        return like_piece_at(&p->pieces[0], text) == text.len;
    if (!p->is_open_at_start) {
        size_t len = like_piece_at(&p->pieces[first++], text);
        if (len == SIZE_MAX) return false;
        text = (Span){text.ptr + len, text.len - len};
    }
    if (!p->is_open_at_end && last > first) last--;
    for (; first < last; first++) {
        size_t end = like_find(&p->pieces[first], text);
        if (end == SIZE_MAX) return false;
        text = (Span){text.ptr + end, text.len - end};
    }
    return last == p->n || like_at_end(&p->pieces[last], text);
}

static Status like_bad_escape(FnCtx *ctx, Span pattern, Err *err) {
    FN_FAIL(ctx, err, "22025", "invalid escape sequence in the pattern '%.*s'",
            (int)(pattern.len > 100 ? 100 : pattern.len), pattern.ptr);
}

static Status like_prepare(Arena *arena, const Expr *call, void **out, Err *err) {
    Span pattern, escape = {NULL, 0};
    if (!fn_const_text(call, 1, &pattern)) return ST_OK;
    if (call->n_args > 2 && !fn_const_text(call, 2, &escape)) return ST_OK;
    LikePattern *compiled = arena_new(arena, LikePattern);
    if (!like_compile(arena, pattern, escape, compiled)) {
        FnCtx ctx = {.call = call};
        return like_bad_escape(&ctx, pattern, err);
    }
    *out = compiled;
    return ST_OK;
}

static Status like_run(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                       Err *err) {
    int8_t *to = fn_out_i8(out);
    const LikePattern *prepared = ctx->prepared;
    for (uint32_t i = 0; i < n; i++) {
        LikePattern own;
        const LikePattern *pattern = prepared;
        if (!fn_is_valid(out, i)) continue;
        if (!pattern) {
            Span escape = n_args > 2 ? fn_span(&args[2], i) : (Span){NULL, 0};
            if (!like_compile(ctx->scratch, fn_span(&args[1], i), escape, &own))
                return like_bad_escape(ctx, fn_span(&args[1], i), err);
            pattern = &own;
        }
        to[i] = like_matches(pattern, fn_span(&args[0], i));
    }
    return ST_OK;
}

/* ---- ILIKE: both sides in lower case ---- */

static Span like_lower(Arena *arena, Span text) {
    char *to = arena_alloc(arena, text.len * UTF8_CASE_GROWTH);
    return (Span){to, utf8_lower(to, text)};
}

static Status like_run_nocase(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n,
                              Column *out, Err *err) {
    LikePattern pattern = {0};
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        if (!pattern.n || !args[1].is_const || (n_args > 2 && !args[2].is_const)) {
            Span escape = n_args > 2 ? fn_span(&args[2], i) : (Span){NULL, 0};
            Span text = like_lower(ctx->scratch, fn_span(&args[1], i));
            if (!like_compile(ctx->scratch, text, escape, &pattern))
                return like_bad_escape(ctx, fn_span(&args[1], i), err);
        }
        fn_out_i8(out)[i] = like_matches(&pattern, like_lower(ctx->scratch, fn_span(&args[0], i)));
    }
    return ST_OK;
}

/* ---- SIMILAR TO ---- */

static Status similar_compile(const Expr *call, Span pattern, Span escape, bool with_jit,
                              Regex **out, Err *err) {
    Buf text;
    buf_init(&text, NULL);
    int code = escape.len == 1 ? (unsigned char)*escape.ptr : -1;
    Status status;
    if (!regex_from_similar(pattern, code, &text)) {
        status = err_set(err, ST_INVALID, "2201B", call->pos, __FILE__, __LINE__,
                         "the pattern '%.*s' is not valid",
                         (int)(pattern.len > 100 ? 100 : pattern.len), pattern.ptr);
    } else {
        status = regex_new(out, buf_as_span(&text), true, with_jit, err);
    }
    buf_deinit(&text);
    return status;
}

static Status similar_prepare(Arena *arena, const Expr *call, void **out, Err *err) {
    Span pattern, escape = {NULL, 0};
    (void)arena;
    if (!fn_const_text(call, 1, &pattern)) return ST_OK;
    if (call->n_args > 2 && !fn_const_text(call, 2, &escape)) return ST_OK;
    Regex *regex = NULL;
    TRY(similar_compile(call, pattern, escape, true, &regex, err));
    *out = regex;
    return ST_OK;
}

static void similar_unprepare(void *prepared) {
    regex_free(prepared);
}

static Status similar_row(FnCtx *ctx, Regex *prepared, Span text, Span pattern, Span escape,
                          int8_t *out, Err *err) {
    Regex *regex = prepared;
    bool is_match = false;
    if (!regex) TRY(similar_compile(ctx->call, pattern, escape, false, &regex, err));
    Status status = regex_match(regex, text, 0, &is_match, err);
    if (!prepared) regex_free(regex);
    *out = is_match;
    return status;
}

static Status similar_run(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                          Err *err) {
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span escape = n_args > 2 ? fn_span(&args[2], i) : (Span){NULL, 0};
        TRY(similar_row(ctx, ctx->prepared, fn_span(&args[0], i), fn_span(&args[1], i), escape,
                        &fn_out_i8(out)[i], err));
    }
    return ST_OK;
}

enum { LIKE_TRAITS = FN_STRICT | FN_OPERATOR | FN_CAN_FAIL };

const Fn fns_like[] = {
    {"LIKE", "comparison", "(STRING, STRING [, STRING]) -> BOOLEAN", like_run, LIKE_TRAITS, NULL,
     like_prepare, NULL,
     "Whether the whole text matches: % stands for any characters, _ for one. There is no escape "
     "character without ESCAPE.",
     "'weir' LIKE 'w%r' => TRUE"},
    {"ILIKE", "comparison", "(STRING, STRING [, STRING]) -> BOOLEAN", like_run_nocase, LIKE_TRAITS,
     NULL, NULL, NULL, "LIKE without regard to case.", "'WEIR' ILIKE 'w%r' => TRUE"},
    {"SIMILAR TO", "comparison", "(STRING, STRING [, STRING]) -> BOOLEAN", similar_run, LIKE_TRAITS,
     NULL, similar_prepare, similar_unprepare,
     "Whether the whole text matches an SQL regular expression: % and _ as in LIKE, and | * + ? {} "
     "() [].",
     "'abc' SIMILAR TO 'a(b|x)%' => TRUE"},
    FN_END};
