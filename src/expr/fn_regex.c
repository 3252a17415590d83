/* fn_regex.c -- regular expressions: REGEXP and REGEXP_*. A constant pattern is compiled once; an
 * invalid one gives FALSE or NULL, as in Flink. SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"
#include "expr/regex.h"

#define REGEX_KERNEL(kernel)                                                                       \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* What prepare leaves: the pattern, or the knowledge that it is invalid. */
typedef struct RegexPrepared {
    Regex *regex;
} RegexPrepared;

static Status regex_prepare(Arena *arena, const Expr *call, void **out, Err *err) {
    Span pattern;
    if (!fn_const_text(call, 1, &pattern)) return ST_OK;
    RegexPrepared *p = arena_new(arena, RegexPrepared);
    Status status = regex_new(&p->regex, pattern, false, true, err);
    if (status == ST_INVALID) p->regex = NULL;
    if (status == ST_UNSUPPORTED) return status;
    *out = p;
    return ST_OK;
}

static void regex_unprepare(void *prepared) {
    regex_free(((RegexPrepared *)prepared)->regex);
}

/* The pattern of the current row: the prepared one, or the last one compiled when the text is the
 * same. */
typedef struct RegexUse {
    FnCtx *ctx;
    const Column *patterns;
    Regex *own;
    Span own_text;
    bool has_own;
} RegexUse;

static Status regex_use(RegexUse *use, uint32_t row, Regex **out, Err *err) {
    const RegexPrepared *prepared = use->ctx->prepared;
    *out = prepared ? prepared->regex : use->own;
    if (prepared) return ST_OK;
    Span pattern = fn_span(use->patterns, row);
    if (use->has_own && span_eq(pattern, use->own_text)) return ST_OK;
    regex_free(use->own);
    use->own = NULL;
    use->has_own = true;
    use->own_text = pattern;
    Status status = regex_new(&use->own, pattern, false, false, err);
    *out = use->own;
    return status == ST_INVALID ? ST_OK : status;
}

/* Runs `body` for every row that counts, with `regex` NULL when the pattern is invalid. */
typedef Status RegexBody(FnCtx *ctx, const Column *args, uint32_t n_args, Regex *regex, uint32_t i,
                         Column *out, Err *err);

static Status regex_each(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                         RegexBody *body, Err *err) {
    RegexUse use = {.ctx = ctx, .patterns = &args[1]};
    Status status = ST_OK;
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        Regex *regex;
        if (!fn_is_valid(out, i)) continue;
        status = regex_use(&use, i, &regex, err);
        if (status == ST_OK) status = body(ctx, args, n_args, regex, i, out, err);
    }
    regex_free(use.own);
    return status;
}

/* The place behind a match, one character further when it was empty. */
static size_t regex_next(Span text, Span match) {
    size_t end = (size_t)(match.ptr - text.ptr) + match.len;
    if (match.len) return end;
    if (end >= text.len) return text.len + 1;
    return end + utf8_char_len((Span){text.ptr + end, text.len - end});
}

/* ---- REGEXP, REGEXP_EXTRACT, REGEXP_SUBSTR ---- */

static Status regex_test_row(FnCtx *ctx, const Column *args, uint32_t n_args, Regex *regex,
                             uint32_t i, Column *out, Err *err) {
    bool is_match = false;
    (void)ctx, (void)n_args;
    if (regex && fn_span(&args[1], i).len)
        TRY(regex_match(regex, fn_span(&args[0], i), 0, &is_match, err));
    fn_out_i8(out)[i] = is_match;
    return ST_OK;
}
REGEX_KERNEL(regex_test) {
    return regex_each(ctx, args, n_args, n, out, regex_test_row, err);
}

static Status regex_extract_row(FnCtx *ctx, const Column *args, uint32_t n_args, Regex *regex,
                                uint32_t i, Column *out, Err *err) {
    Span text = fn_span(&args[0], i), hit = {NULL, 0};
    int64_t group = n_args > 2 ? fn_int(&args[2], i) : 0;
    bool is_match = false;
    if (regex && group >= 0 && group <= regex_n_groups(regex))
        TRY(regex_match(regex, text, 0, &is_match, err));
    if (is_match) hit = regex_group(regex, text, (uint32_t)group);
    if (hit.ptr) {
        fn_out_str(out)[i] = str_make(hit.ptr, (uint32_t)hit.len);
    } else {
        fn_make_null(ctx, out, i);
    }
    return ST_OK;
}
REGEX_KERNEL(regex_extract) {
    return regex_each(ctx, args, n_args, n, out, regex_extract_row, err);
}

/* ---- REGEXP_INSTR, REGEXP_COUNT ---- */

static Status regex_instr_row(FnCtx *ctx, const Column *args, uint32_t n_args, Regex *regex,
                              uint32_t i, Column *out, Err *err) {
    Span text = fn_span(&args[0], i);
    bool is_match = false;
    (void)n_args;
    if (!regex) {
        fn_make_null(ctx, out, i);
        return ST_OK;
    }
    TRY(regex_match(regex, text, 0, &is_match, err));
    if (is_match) {
        Span hit = regex_group(regex, text, 0);
        size_t before = (size_t)(hit.ptr - text.ptr);
        fn_out_i32(out)[i] = (int32_t)utf8_count((Span){text.ptr, before}) + 1;
    }
    return ST_OK;
}
REGEX_KERNEL(regex_instr) {
    return regex_each(ctx, args, n_args, n, out, regex_instr_row, err);
}

static Status regex_count_row(FnCtx *ctx, const Column *args, uint32_t n_args, Regex *regex,
                              uint32_t i, Column *out, Err *err) {
    Span text = fn_span(&args[0], i);
    int32_t count = 0;
    (void)n_args;
    if (!regex) {
        fn_make_null(ctx, out, i);
        return ST_OK;
    }
    for (size_t from = 0; from <= text.len;) {
        bool is_match;
        TRY(regex_match(regex, text, from, &is_match, err));
        if (!is_match) break;
        count++;
        from = regex_next(text, regex_group(regex, text, 0));
    }
    fn_out_i32(out)[i] = count;
    return ST_OK;
}
REGEX_KERNEL(regex_count) {
    return regex_each(ctx, args, n_args, n, out, regex_count_row, err);
}

/* ---- REGEXP_REPLACE: the replacement is plain text ---- */

static Status regex_replace_text(FnCtx *ctx, Regex *regex, Span text, Span by, Buf *to, Err *err) {
    size_t copied = 0;
    for (size_t from = 0; from <= text.len;) {
        bool is_match;
        TRY(regex_match(regex, text, from, &is_match, err));
        if (!is_match) break;
        Span hit = regex_group(regex, text, 0);
        size_t start = (size_t)(hit.ptr - text.ptr);
        buf_put(to, text.ptr + copied, start - copied);
        buf_span(to, by);
        copied = start + hit.len;
        from = regex_next(text, hit);
        if (to->len > FN_TEXT_MAX) return fn_fail_too_long(ctx, err);
    }
    buf_put(to, text.ptr + copied, text.len - copied);
    return ST_OK;
}

static Status regex_replace_row(FnCtx *ctx, const Column *args, uint32_t n_args, Regex *regex,
                                uint32_t i, Column *out, Err *err) {
    FnText room = {ctx->scratch, NULL, NULL};
    Buf to;
    (void)n_args;
    if (!regex) {
        fn_make_null(ctx, out, i);
        return ST_OK;
    }
    buf_init(&to, NULL);
    Status status =
        regex_replace_text(ctx, regex, fn_span(&args[0], i), fn_span(&args[2], i), &to, err);
    if (status == ST_OK) {
        char *bytes = arena_alloc(room.arena, to.len);
        if (to.len) memcpy(bytes, to.ptr, to.len);
        fn_out_str(out)[i] = str_make(bytes, (uint32_t)to.len);
    }
    buf_deinit(&to);
    return status;
}
REGEX_KERNEL(regex_replace) {
    return regex_each(ctx, args, n_args, n, out, regex_replace_row, err);
}

/* ---- REGEXP_EXTRACT_ALL ---- */

static Status regex_all_row(Regex *regex, Span text, int64_t group, ColBuilder *b, Err *err) {
    uint32_t n_found = 0;
    if (!regex || group < 0 || group > regex_n_groups(regex)) {
        colb_null(b);
        return ST_OK;
    }
    for (size_t from = 0; from <= text.len;) {
        bool is_match;
        TRY(regex_match(regex, text, from, &is_match, err));
        if (!is_match) break;
        Span hit = regex_group(regex, text, (uint32_t)group);
        if (hit.ptr) {
            colb_str_ref(&b->children[0], hit.ptr, hit.len);
        } else {
            colb_null(&b->children[0]);
        }
        n_found++;
        from = regex_next(text, regex_group(regex, text, 0));
    }
    if (n_found) {
        colb_list_end(b);
    } else {
        colb_null(b);
    }
    return ST_OK;
}

REGEX_KERNEL(regex_extract_all) {
    RegexUse use = {.ctx = ctx, .patterns = &args[1]};
    Status status = ST_OK;
    ColBuilder b;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        Regex *regex;
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        status = regex_use(&use, i, &regex, err);
        int64_t group = n_args > 2 ? fn_int(&args[2], i) : 1;
        if (status == ST_OK) status = regex_all_row(regex, fn_span(&args[0], i), group, &b, err);
    }
    regex_free(use.own);
    if (status == ST_OK) colb_finish(&b, out);
    return status;
}

/* ---- REGEXP_MATCH, REGEXP_SPLIT_TO_ARRAY: PostgreSQL's ---- */

static Status regex_match_row(Regex *regex, Span text, ColBuilder *b, Err *err) {
    bool is_match = false;
    uint32_t n_groups = regex ? regex_n_groups(regex) : 0;
    if (regex) TRY(regex_match(regex, text, 0, &is_match, err));
    if (!is_match) {
        colb_null(b);
        return ST_OK;
    }
    for (uint32_t g = n_groups ? 1 : 0; g <= n_groups; g++) {
        Span hit = regex_group(regex, text, g);
        if (hit.ptr)
            colb_str_ref(&b->children[0], hit.ptr, hit.len);
        else
            colb_null(&b->children[0]);
    }
    colb_list_end(b);
    return ST_OK;
}

/* An empty match cuts between characters, not at the ends. */
static Status regex_split_row(Regex *regex, Span text, ColBuilder *b, Err *err) {
    size_t piece = 0;
    if (!regex) {
        colb_null(b);
        return ST_OK;
    }
    for (size_t from = 0; from <= text.len;) {
        bool is_match;
        TRY(regex_match(regex, text, from, &is_match, err));
        if (!is_match) break;
        Span hit = regex_group(regex, text, 0);
        size_t at = (size_t)(hit.ptr - text.ptr);
        if (hit.len || (at > piece && at < text.len)) {
            colb_str_ref(&b->children[0], text.ptr + piece, at - piece);
            piece = at + hit.len;
        }
        from = regex_next(text, hit);
    }
    colb_str_ref(&b->children[0], text.ptr + piece, text.len - piece);
    colb_list_end(b);
    return ST_OK;
}

static Status regex_lists(FnCtx *ctx, const Column *args, uint32_t n, Column *out,
                          Status (*row)(Regex *, Span, ColBuilder *, Err *), Err *err) {
    RegexUse use = {.ctx = ctx, .patterns = &args[1]};
    Status status = ST_OK;
    ColBuilder b;
    colb_init(&b, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        Regex *regex;
        if (!fn_is_valid(out, i)) {
            colb_null(&b);
            continue;
        }
        status = regex_use(&use, i, &regex, err);
        if (status == ST_OK) status = row(regex, fn_span(&args[0], i), &b, err);
    }
    regex_free(use.own);
    if (status == ST_OK) colb_finish(&b, out);
    return status;
}
REGEX_KERNEL(regex_groups) {
    (void)n_args;
    return regex_lists(ctx, args, n, out, regex_match_row, err);
}
REGEX_KERNEL(regex_split) {
    (void)n_args;
    return regex_lists(ctx, args, n, out, regex_split_row, err);
}

#define REGEX_ROW(name, sig, kernel, traits, help, example)                                  \
    {                                                                                        \
        name, "regex", sig, kernel, FN_STRICT | FN_CAN_FAIL | (traits), NULL, regex_prepare, \
            regex_unprepare, help, example                                                   \
    }

const Fn fns_regex[] = {
    REGEX_ROW("REGEXP", "(STRING, STRING) -> BOOLEAN", regex_test, 0,
              "Whether a part of the text matches the regular expression.",
              "REGEXP('weir', '^w.*r$') => TRUE"),
    REGEX_ROW("REGEXP_LIKE", "(STRING, STRING) -> BOOLEAN", regex_test, 0, "Same as REGEXP.",
              "REGEXP_LIKE('weir', 'e.r') => TRUE"),
    REGEX_ROW("REGEXP_EXTRACT", "(STRING, STRING [, INTEGER]) -> STRING?", regex_extract,
              FN_CAN_NULL, "A group (default 0: all) of the first match.",
              "REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2) => bar"),
    REGEX_ROW("REGEXP_SUBSTR", "(STRING, STRING) -> STRING?", regex_extract, FN_CAN_NULL,
              "The first match.", "REGEXP_SUBSTR('a1b22', '[0-9]+') => 1"),
    REGEX_ROW("REGEXP_INSTR", "(STRING, STRING) -> INT", regex_instr, FN_CAN_NULL,
              "Where the first match begins, 0 when there is none.",
              "REGEXP_INSTR('ab12', '[0-9]') => 3"),
    REGEX_ROW("REGEXP_COUNT", "(STRING, STRING) -> INT", regex_count, FN_CAN_NULL,
              "Number of matches.", "REGEXP_COUNT('banana', 'an') => 2"),
    REGEX_ROW("REGEXP_REPLACE", "(STRING, STRING, STRING) -> STRING", regex_replace, FN_CAN_NULL,
              "Replaces every match by a text, which is taken as it is.",
              "REGEXP_REPLACE('foobar', 'oo|ar', '') => fb"),
    REGEX_ROW("REGEXP_EXTRACT_ALL", "(STRING, STRING [, INTEGER]) -> ARRAY<STRING>",
              regex_extract_all, FN_CAN_NULL, "A group (default 1) of every match.",
              "REGEXP_EXTRACT_ALL('100-200, 300-400', '([0-9]+)-([0-9]+)', 1) => [100, 300]"),
    REGEX_ROW("REGEXP_MATCH", "(STRING, STRING) -> ARRAY<STRING>", regex_groups, FN_CAN_NULL,
              "The groups of the first match (without groups all of it); NULL when there is none.",
              "REGEXP_MATCH('foobar', '(o+)(b)') => [oo, b]"),
    REGEX_ROW("REGEXP_SPLIT_TO_ARRAY", "(STRING, STRING) -> ARRAY<STRING>", regex_split,
              FN_CAN_NULL, "The pieces between matches.",
              "REGEXP_SPLIT_TO_ARRAY('a1b22c', '[0-9]+') => [a, b, c]"),
    FN_END};
