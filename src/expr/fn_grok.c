/* fn_grok.c -- GROK: the fields of a log line by named patterns, "%{IP:client} %{WORD:method}".
 *
 * A pattern is written out as a regular expression in which each named field is a group;
 * patterns of the library have no groups of their own, so that the fields are numbered in their
 * order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"
#include "expr/regex.h"

static const struct GrokPattern {
    const char *name, *text;
} grok_library[] = {
    {"WORD", "\\b\\w+\\b"},
    {"NOTSPACE", "\\S+"},
    {"SPACE", "\\s*"},
    {"DATA", ".*?"},
    {"GREEDYDATA", ".*"},
    {"QUOTEDSTRING", "\"(?:[^\"\\\\]|\\\\.)*+\"|'(?:[^'\\\\]|\\\\.)*+'"},
    {"QS", "%{QUOTEDSTRING}"},
    {"INT", "[+-]?[0-9]+"},
    {"POSINT", "\\b[1-9][0-9]*\\b"},
    {"NONNEGINT", "\\b[0-9]+\\b"},
    {"NUMBER", "[+-]?(?:[0-9]+(?:\\.[0-9]+)?|\\.[0-9]+)"},
    {"BASE16NUM", "(?:0[xX])?[0-9a-fA-F]+"},
    {"UUID", "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"},
    {"USERNAME", "[a-zA-Z0-9._-]+"},
    {"USER", "%{USERNAME}"},
    {"EMAIL", "[\\w.!#$&'*+/=?^`{|}~-]+@%{HOSTNAME}"},
    {"IPV4",
     "(?<![0-9])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]"
     "{1,2})(?![0-9])"},
    {"IPV6", "(?:[0-9a-fA-F]{0,4}:){2,7}(?:[0-9a-fA-F]{1,4}|%{IPV4})?"},
    {"IP", "(?:%{IPV6}|%{IPV4})"},
    {"MAC", "(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}"},
    {"HOSTNAME", "\\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*\\b"},
    {"IPORHOST", "(?:%{IP}|%{HOSTNAME})"},
    {"HOSTPORT", "%{IPORHOST}:%{POSINT}"},
    {"PATH", "(?:/[\\w.%!$@:,+~-]*)+|[A-Za-z]:(?:\\\\[^\\\\?*]*)+"},
    {"UNIXPATH", "(?:/[\\w.%!$@:,+~-]*)+"},
    {"URIPROTO", "[A-Za-z][A-Za-z0-9+.-]+"},
    {"URIHOST", "%{IPORHOST}(?::%{POSINT})?"},
    {"URIPATH", "(?:/[\\w.~$&'()*+,;=:@%!-]*)+"},
    {"URIPARAM", "\\?[\\w.~$&'()*+,;=:@%!/?\\[\\]#|<>-]*"},
    {"URIPATHPARAM", "%{URIPATH}(?:%{URIPARAM})?"},
    {"URI", "%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?"},
    {"MONTH", "\\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
              "Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\\b"},
    {"MONTHNUM", "(?:0?[1-9]|1[0-2])"},
    {"MONTHDAY", "(?:0[1-9]|[12][0-9]|3[01]|[1-9])"},
    {"DAY", "(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|"
            "Sun(?:day)?)"},
    {"YEAR", "(?:[0-9]{4}|[0-9]{2})"},
    {"HOUR", "(?:2[0-3]|[01]?[0-9])"},
    {"MINUTE", "[0-5][0-9]"},
    {"SECOND", "(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?"},
    {"TIME", "%{HOUR}:%{MINUTE}(?::%{SECOND})?"},
    {"DATE_US", "%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}"},
    {"DATE_EU", "%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}"},
    {"ISO8601_TIMEZONE", "(?:Z|[+-]%{HOUR}(?::?%{MINUTE})?)"},
    {"TIMESTAMP_ISO8601", "%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?%{"
                          "ISO8601_TIMEZONE}?"},
    {"SYSLOGTIMESTAMP", "%{MONTH} +%{MONTHDAY} %{TIME}"},
    {"HTTPDATE", "%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}"},
    {"PROG", "[\\x21-\\x5a\\x5c\\x5e-\\x7e]+"},
    {"SYSLOGPROG", "%{PROG}(?:\\[%{POSINT}\\])?"},
    {"LOGLEVEL",
     "(?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|"
     "fatal|severe|emerg(?:ency)?)"},
    {"JAVACLASS", "(?:[a-zA-Z$_][a-zA-Z$_0-9]*\\.)*[a-zA-Z$_][a-zA-Z$_0-9]*"},
    {"COMMONAPACHELOG",
     "%{IPORHOST:clientip} %{NOTSPACE:ident} %{NOTSPACE:auth} \\[%{HTTPDATE:timestamp}\\] "
     "\"(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})\" "
     "%{NUMBER:response} (?:%{NUMBER:bytes}|-)"},
    {"COMBINEDAPACHELOG", "%{COMMONAPACHELOG} %{QS:referrer} %{QS:agent}"},
};

enum { GROK_FIELDS_MAX = 64, GROK_DEPTH_MAX = 8, GROK_TEXT_MAX = 64 << 10 };

typedef struct Grok {
    Regex *regex;
    Span fields[GROK_FIELDS_MAX];
    uint32_t n;
} Grok;

static const char *grok_find(Span name) {
    for (size_t i = 0; i < sizeof grok_library / sizeof grok_library[0]; i++)
        if (span_is(name, grok_library[i].name)) return grok_library[i].text;
    return NULL;
}

/* Appends the pattern as a regular expression. A bare group of the user's is made one that does not
 * count; (?<name>...) is a field too. */
static Status grok_expand(Grok *grok, Arena *arena, Span text, int depth, Buf *out, Err *err) {
    for (size_t at = 0; at < text.len; at++) {
        Span rest = {text.ptr + at, text.len - at};
        const char *close =
            rest.len > 2 && span_starts_with(rest, "%{") ? memchr(rest.ptr, '}', rest.len) : NULL;
        bool is_named = span_starts_with(rest, "(?<") && rest.len > 3 && rest.ptr[3] != '=' &&
                        rest.ptr[3] != '!';
        Span field = {0};
        if (*rest.ptr == '\\' && rest.len > 1) {
            buf_put(out, rest.ptr, 2);
            at++;
            continue;
        }
        if (*rest.ptr == '(' && !(rest.len > 1 && rest.ptr[1] == '?')) {
            buf_puts(out, "(?:");
            continue;
        }
        if (!close && !is_named) {
            buf_putc(out, *rest.ptr);
            continue;
        }
        if (is_named) {
            close = memchr(rest.ptr, '>', rest.len);
            if (!close) FAIL(err, ST_INVALID, "2201B", -1, "GROK: a field's name has no end");
            field = (Span){rest.ptr + 3, (size_t)(close - rest.ptr) - 3};
            buf_putc(out, '(');
        } else {
            Span name = {rest.ptr + 2, (size_t)(close - rest.ptr) - 2};
            const char *colon = memchr(name.ptr, ':', name.len), *pattern;
            if (colon) {
                field = (Span){colon + 1, name.len - (size_t)(colon - name.ptr) - 1};
                name.len = (size_t)(colon - name.ptr);
            }
            pattern = grok_find(name);
            if (!pattern)
                FAIL(err, ST_INVALID, "2201B", -1, "GROK: there is no pattern %%{%.*s}",
                     SPAN_ARG(name));
            if (depth == GROK_DEPTH_MAX || out->len > GROK_TEXT_MAX)
                FAIL(err, ST_LIMIT, "54000", -1, "GROK: the pattern is too long");
            buf_puts(out, field.len ? "(" : "(?:");
            if (field.len && grok->n < GROK_FIELDS_MAX)
                grok->fields[grok->n] = span_copy(arena, field);
            grok->n += field.len > 0;
            TRY(grok_expand(grok, arena, span_of(pattern), depth + 1, out, err));
            buf_putc(out, ')');
            field.len = 0;
        }
        if (field.len && grok->n < GROK_FIELDS_MAX) grok->fields[grok->n] = span_copy(arena, field);
        grok->n += field.len > 0;
        if (grok->n > GROK_FIELDS_MAX)
            FAIL(err, ST_LIMIT, "54000", -1, "GROK: at most %d fields", GROK_FIELDS_MAX);
        at += (size_t)(close - rest.ptr);
    }
    return ST_OK;
}

static Status grok_prepare(Arena *arena, const Expr *call, void **out, Err *err) {
    Grok *grok;
    Span text;
    Buf regex;
    Status status;
    if (!fn_const_text(call, 1, &text)) return ST_OK;
    grok = arena_new(arena, Grok);
    buf_init(&regex, NULL);
    status = grok_expand(grok, arena, text, 0, &regex, err);
    if (status == ST_OK) status = regex_new(&grok->regex, buf_as_span(&regex), false, true, err);
    buf_deinit(&regex);
    if (status != ST_OK && err) err->pos = call->args[1]->pos;
    *out = grok;
    return status;
}

static void grok_unprepare(void *prepared) {
    regex_free(((Grok *)prepared)->regex);
}

/* Of fields with one name the first that took part counts. */
static bool grok_is_repeat(const Grok *grok, Span text, uint32_t field) {
    for (uint32_t i = 0; i < field; i++)
        if (span_eq(grok->fields[i], grok->fields[field]) &&
            regex_group(grok->regex, text, i + 1).ptr)
            return true;
    return false;
}

static Status grok_run(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                       Err *err) {
    const Grok *grok = ctx->prepared;
    ColBuilder map;
    (void)n_args;
    colb_init(&map, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        bool is_match = false;
        Span text;
        if (!fn_is_valid(out, i) || !grok) {
            colb_null(&map);
            continue;
        }
        text = fn_span(&args[0], i);
        TRY(regex_match(grok->regex, text, 0, &is_match, err));
        if (!is_match) {
            colb_null(&map);
            continue;
        }
        for (uint32_t f = 0; f < grok->n; f++) {
            Span value = regex_group(grok->regex, text, f + 1);
            if (!value.ptr || grok_is_repeat(grok, text, f)) continue;
            colb_str_ref(&map.children[0], grok->fields[f].ptr, grok->fields[f].len);
            colb_str_ref(&map.children[1], value.ptr, value.len);
        }
        colb_list_end(&map);
    }
    colb_finish(&map, out);
    return ST_OK;
}

const Fn fns_grok[] = {
    {"GROK", "regex", "(STRING, LITERAL STRING) -> MAP<STRING,STRING>?", grok_run,
     FN_STRICT | FN_CAN_FAIL | FN_CAN_NULL, NULL, grok_prepare, grok_unprepare,
     "GROK(line, '%{IP:client} %{WORD:method} %{GREEDYDATA:rest}'): the named fields of a line; "
     "NULL "
     "when it does not match. Patterns as in log tools: IP, HOSTNAME, WORD, NUMBER, DATA, "
     "TIMESTAMP_ISO8601, HTTPDATE, LOGLEVEL, COMBINEDAPACHELOG ...; (?<name>regex) names a field "
     "too.",
     "GROK('10.0.0.1 GET /a', '%{IP:client} %{WORD:method}')['method'] => GET"},
    FN_END};
