/* regex.c -- PCRE2 behind regex.h, and the translation of what Java writes differently.
 *
 * The differences that matter: Java's \p{Alpha} and its sisters are POSIX classes, [a&&b] is an
 * intersection (which PCRE2 would read as letters, so it is refused).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/regex.h"

#include "weir_config.h"

/* ---- Java's syntax ---- */

static const struct RegexClass {
    const char *java, *posix;
} regex_classes[] = {{"Lower", "lower"}, {"Upper", "upper"}, {"ASCII", "ascii"},
                     {"Alpha", "alpha"}, {"Digit", "digit"}, {"Alnum", "alnum"},
                     {"Punct", "punct"}, {"Graph", "graph"}, {"Print", "print"},
                     {"Blank", "blank"}, {"Cntrl", "cntrl"}, {"XDigit", "xdigit"},
                     {"Space", "space"}, {NULL, NULL}};
static const struct RegexClass regex_scripts[] = {{"IsAlphabetic", "L"},   {"IsLetter", "L"},
                                                  {"IsDigit", "Nd"},       {"IsUppercase", "Lu"},
                                                  {"IsLowercase", "Ll"},   {"IsPunctuation", "P"},
                                                  {"IsWhite_Space", "Z"},  {"javaLowerCase", "Ll"},
                                                  {"javaUpperCase", "Lu"}, {NULL, NULL}};

static const char *regex_find_class(const struct RegexClass *classes, Span name) {
    for (; classes->java; classes++) {
        if (span_is(name, classes->java)) return classes->posix;
    }
    return NULL;
}

/* \p{Name} or \P{Name} at text[at] (behind the backslash); bytes taken, 0 when it is none. */
static size_t regex_put_class(Span text, size_t at, bool is_inside, Buf *out) {
    if (at + 2 >= text.len || (text.ptr[at] | 32) != 'p' || text.ptr[at + 1] != '{') return 0;
    const char *name = text.ptr + at + 2;
    const char *close = memchr(name, '}', text.len - at - 2);
    if (!close) return 0;
    Span word = {name, (size_t)(close - name)};
    const char *posix = regex_find_class(regex_classes, word);
    const char *script = regex_find_class(regex_scripts, word);
    const char *negated = text.ptr[at] == 'P' ? "^" : "";
    if (posix) {
        buf_printf(out, is_inside ? "[:%s%s:]" : "[[:%s%s:]]", negated, posix);
    } else if (script || span_starts_with(word, "Is")) {
        if (!script) word = (Span){word.ptr + 2, word.len - 2}; /* IsLatin, IsL */
        buf_printf(out, "\\%c{%.*s}", text.ptr[at], script ? 2 : (int)word.len,
                   script ? script : word.ptr);
    } else {
        return 0;
    }
    return (size_t)(close + 1 - (text.ptr + at));
}

static Status regex_from_java(Span text, Buf *out, Err *err) {
    bool is_inside = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\\' && i + 1 < text.len) {
            size_t taken = regex_put_class(text, i + 1, is_inside, out);
            if (taken == 0) buf_put(out, text.ptr + i, 2);
            i += taken ? taken : 1;
            continue;
        }
        if (is_inside && c == '&' && i + 1 < text.len && text.ptr[i + 1] == '&')
            FAIL(err, ST_UNSUPPORTED, "0A000", -1,
                 "&& in a character class of a regular expression is not supported");
        if (is_inside && c == '[' && i + 1 < text.len && text.ptr[i + 1] != ':')
            FAIL(err, ST_UNSUPPORTED, "0A000", -1,
                 "a character class inside another one is not supported");
        if (c == '[') {
            is_inside = true;
            if (i + 1 < text.len && text.ptr[i + 1] == '^') buf_putc(out, text.ptr[i++]), c = '^';
            if (i + 1 < text.len && text.ptr[i + 1] == ']') { /* a literal one */
                buf_putc(out, c);
                c = text.ptr[++i];
            }
        } else if (c == ']') {
            is_inside = false;
        }
        buf_putc(out, c);
    }
    return ST_OK;
}

/* ---- SIMILAR TO ---- */

static const struct RegexClass similar_classes[] = {{"[:ALPHA:]", "[:alpha:]"},
                                                    {"[:UPPER:]", "[:upper:]"},
                                                    {"[:LOWER:]", "[:lower:]"},
                                                    {"[:DIGIT:]", "[:digit:]"},
                                                    {"[:SPACE:]", " "},
                                                    {"[:WHITESPACE:]", "[:space:]"},
                                                    {"[:ALNUM:]", "[:alnum:]"},
                                                    {"\\w", "\\w"},
                                                    {NULL, NULL}};

/* A bracketed list: copied, with SQL's class names (in either case) as POSIX ones. */
static bool similar_bracket(Span text, size_t *at, int escape, Buf *out) {
    buf_putc(out, '[');
    for ((*at)++; *at < text.len; (*at)++) {
        char c = text.ptr[*at];
        Span rest = {text.ptr + *at, text.len - *at};
        const struct RegexClass *class = similar_classes;
        while (class->java &&
               !(rest.len >= strlen(class->java) &&
                 span_eq_nocase((Span){rest.ptr, strlen(class->java)}, span_of(class->java))))
            class ++;
        if (c == '[' && class->java) {
            buf_puts(out, class->posix);
            *at += strlen(class->java) - 1;
        } else if (c == ']') {
            buf_putc(out, ']');
            return true;
        } else if (escape >= 0 && c == (char)escape && rest.len > 1) {
            buf_putc(out, '\\');
            buf_putc(out, text.ptr[++*at]);
        } else {
            if (c == '\\' || c == '[') buf_putc(out, '\\');
            buf_putc(out, c);
        }
    }
    return false;
}

bool regex_from_similar(Span text, int escape, Buf *out) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (escape >= 0 && c == (char)escape) {
            if (++i == text.len) return false;
            if (!strchr("_%|*+?{}()[]^-", text.ptr[i]) && text.ptr[i] != (char)escape) return false;
            buf_putc(out, '\\');
            buf_putc(out, text.ptr[i]);
        } else if (c == '%') {
            buf_puts(out, "(?s:.*)");
        } else if (c == '_') {
            buf_puts(out, "(?s:.)");
        } else if (c == '[') {
            if (!similar_bracket(text, &i, escape, out)) return false;
        } else {
            if (c == '\\' || c == '$' || c == '^') buf_putc(out, '\\');
            buf_putc(out, c);
        }
    }
    return true;
}

/* ---- PCRE2 ---- */

#if WEIR_HAVE_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    MATCH_STEPS_MAX = 2000000,
    MATCH_DEPTH_MAX = 10000,
    MATCH_HEAP_KB_MAX = 20000,
    PATTERN_LEN_MAX = 100000,
    JIT_STACK_MIN = 32 << 10,
    JIT_STACK_MAX = 1 << 20
};

struct Regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
    uint32_t n_groups;
};

bool regex_is_available(void) {
    return true;
}

static Status regex_compile(Regex *regex, Span pattern, Err *err) {
    int code;
    PCRE2_SIZE at;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context) mem_on_oom(0);
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_max_pattern_length(context, PATTERN_LEN_MAX);
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    const char *text = pattern.len ? pattern.ptr : "";
    regex->code = pcre2_compile((PCRE2_SPTR)text, pattern.len, options, &code, &at, context);
    pcre2_compile_context_free(context);
    if (regex->code) return ST_OK;
    char reason[160];
    pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    FAIL(err, ST_INVALID, "2201B", -1, "the regular expression is not valid: %s", reason);
}

Status regex_new(Regex **out, Span pattern, bool is_whole, bool with_jit, Err *err) {
    Buf text;
    buf_init(&text, NULL);
    if (is_whole) buf_puts(&text, "\\A(?:");
    Status status = regex_from_java(pattern, &text, err);
    if (is_whole) buf_puts(&text, ")\\z");
    Regex *regex = mem_zalloc(NULL, sizeof *regex);
    if (status == ST_OK) status = regex_compile(regex, buf_as_span(&text), err);
    buf_deinit(&text);
    if (status != ST_OK) {
        mem_free(NULL, regex, sizeof *regex);
        return status;
    }
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &regex->n_groups);
    regex->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
    regex->limits = pcre2_match_context_create(NULL);
    if (!regex->data || !regex->limits) mem_on_oom(0);
    pcre2_set_match_limit(regex->limits, MATCH_STEPS_MAX);
    pcre2_set_depth_limit(regex->limits, MATCH_DEPTH_MAX);
    pcre2_set_heap_limit(regex->limits, MATCH_HEAP_KB_MAX);
    /* Without the compiler for this machine PCRE2 interprets: slower, the same answers. */
    if (with_jit && pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) == 0) {
        regex->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
        if (regex->stack) pcre2_jit_stack_assign(regex->limits, NULL, regex->stack);
    }
    *out = regex;
    return ST_OK;
}

void regex_free(Regex *regex) {
    if (!regex) return;
    if (regex->stack) pcre2_jit_stack_free(regex->stack);
    pcre2_match_context_free(regex->limits);
    pcre2_match_data_free(regex->data);
    pcre2_code_free(regex->code);
    mem_free(NULL, regex, sizeof *regex);
}

uint32_t regex_n_groups(const Regex *regex) {
    return regex->n_groups;
}

Status regex_match(Regex *regex, Span text, size_t from, bool *is_match, Err *err) {
    const char *subject = text.ptr ? text.ptr : "";
    int n = pcre2_match(regex->code, (PCRE2_SPTR)subject, text.len, from, 0, regex->data,
                        regex->limits);
    *is_match = n > 0;
    if (n > 0 || n == PCRE2_ERROR_NOMATCH) return ST_OK;
    FAIL(err, ST_LIMIT, "54001", -1,
         "a regular expression took too many steps on a text of %zu bytes", text.len);
}

Span regex_group(const Regex *regex, Span text, uint32_t group) {
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(regex->data);
    if (group > regex->n_groups || ends[2 * group] == PCRE2_UNSET) return (Span){NULL, 0};
    /* \K may set the start behind the end. */
    size_t start = ends[2 * group], end = ends[2 * group + 1];
    return (Span){text.ptr + start, end > start ? end - start : 0};
}

#else

bool regex_is_available(void) {
    return false;
}
Status regex_new(Regex **out, Span pattern, bool is_whole, bool with_jit, Err *err) {
    (void)out, (void)pattern, (void)is_whole, (void)with_jit, (void)regex_from_java;
    err_set(err, ST_UNSUPPORTED, "0A000", -1, __FILE__, __LINE__,
            "this build has no regular expressions");
    return err_hint(err, "build weir with PCRE2 (Debian: libpcre2-dev)");
}
void regex_free(Regex *regex) {
    (void)regex;
}
uint32_t regex_n_groups(const Regex *regex) {
    (void)regex;
    return 0;
}
Status regex_match(Regex *regex, Span text, size_t from, bool *is_match, Err *err) {
    (void)regex, (void)text, (void)from, (void)is_match;
    FAIL(err, ST_UNSUPPORTED, "0A000", -1, "this build has no regular expressions");
}
Span regex_group(const Regex *regex, Span text, uint32_t group) {
    (void)regex, (void)text, (void)group;
    return (Span){NULL, 0};
}
#endif
