/* fn_url.c -- parts of URLs, their encoding, IP addresses as numbers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"

#define URL_KERNEL(kernel)                                                                         \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* ---- PARSE_URL ---- */

/* A part that is absent has no pointer. */
typedef struct UrlParts {
    Span protocol, authority, user, host, path, query, ref, file;
} UrlParts;

static Span url_until(Span text, const char *stops) {
    size_t len = 0;
    while (len < text.len && !strchr(stops, text.ptr[len])) len++;
    return (Span){text.ptr, len};
}

static Span url_behind(Span text, Span head) {
    return (Span){text.ptr + head.len, text.len - head.len};
}

static void url_split_authority(UrlParts *u) {
    Span rest = u->authority;
    for (size_t i = rest.len; i-- > 0;) {
        if (rest.ptr[i] != '@') continue;
        u->user = (Span){rest.ptr, i};
        rest = (Span){rest.ptr + i + 1, rest.len - i - 1};
        break;
    }
    if (rest.len && *rest.ptr == '[') { /* an IPv6 address */
        Span inside = url_until(rest, "]");
        u->host = (Span){rest.ptr, inside.len < rest.len ? inside.len + 1 : inside.len};
    } else {
        u->host = url_until(rest, ":");
    }
}

/* PARSE_URL takes only the protocols that Java knows. */
static bool url_split(Span text, bool any_protocol, UrlParts *u) {
    static const char *const protocols[] = {"http", "https", "ftp", "file", "jar"};
    bool is_known = any_protocol;
    *u = (UrlParts){0};
    u->protocol = url_until(text, ":/?#");
    if (u->protocol.len == text.len || text.ptr[u->protocol.len] != ':') return false;
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        is_known |= span_is_nocase(u->protocol, protocols[i]);
    if (!is_known) return false;
    Span rest = {text.ptr + u->protocol.len + 1, text.len - u->protocol.len - 1};
    Span body = url_until(rest, "#");
    if (body.len < rest.len) u->ref = (Span){rest.ptr + body.len + 1, rest.len - body.len - 1};
    if (span_starts_with(body, "//")) {
        body = (Span){body.ptr + 2, body.len - 2};
        u->authority = url_until(body, "/?");
        body = url_behind(body, u->authority);
        url_split_authority(u);
    }
    u->file = body;
    u->path = url_until(body, "?");
    if (u->path.len < body.len)
        u->query = (Span){body.ptr + u->path.len + 1, body.len - u->path.len - 1};
    return true;
}

static Span url_query_value(Span query, Span key) {
    while (query.ptr) {
        Span pair = url_until(query, "&");
        if (pair.len > key.len && pair.ptr[key.len] == '=' &&
            memcmp(pair.ptr, key.ptr, key.len) == 0)
            return (Span){pair.ptr + key.len + 1, pair.len - key.len - 1};
        if (pair.len == query.len) break;
        query = (Span){query.ptr + pair.len + 1, query.len - pair.len - 1};
    }
    return (Span){0};
}

static Span url_part(const UrlParts *u, Span name) {
    if (span_is(name, "HOST")) return u->host;
    if (span_is(name, "PATH")) return u->path;
    if (span_is(name, "QUERY")) return u->query;
    if (span_is(name, "REF")) return u->ref;
    if (span_is(name, "PROTOCOL")) return u->protocol;
    if (span_is(name, "FILE")) return u->file;
    if (span_is(name, "AUTHORITY")) return u->authority;
    if (span_is(name, "USERINFO")) return u->user;
    return (Span){0};
}

URL_KERNEL(url_parse) {
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        UrlParts parts;
        Span part = {0};
        if (!fn_is_valid(out, i)) continue;
        Span name = fn_span(&args[1], i);
        if (url_split(fn_span(&args[0], i), false, &parts)) {
            if (n_args < 3) {
                part = url_part(&parts, name);
            } else if (span_is(name, "QUERY")) {
                part = url_query_value(parts.query, fn_span(&args[2], i));
            }
        }
        if (part.ptr) {
            fn_out_str(out)[i] = str_make(part.ptr, (uint32_t)part.len);
        } else {
            fn_make_null(ctx, out, i);
        }
    }
    return ST_OK;
}

/* ---- URL_ENCODE, URL_DECODE: the encoding of forms ---- */

static bool url_is_plain(char c) {
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '*' || c == '_';
}

URL_KERNEL(url_encode) {
    static const char digits[] = "0123456789ABCDEF";
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span in = fn_span(&args[0], i);
        if (in.len > FN_TEXT_MAX / 3) return fn_fail_too_long(ctx, err);
        char *to = fn_text_room(&text, 3 * in.len);
        size_t put = 0;
        for (size_t k = 0; k < in.len; k++) {
            unsigned char c = (unsigned char)in.ptr[k];
            if (url_is_plain((char)c)) {
                to[put++] = (char)c;
            } else if (c == ' ') {
                to[put++] = '+';
            } else {
                to[put++] = '%';
                to[put++] = digits[c >> 4];
                to[put++] = digits[c & 15];
            }
        }
        fn_out_str(out)[i] = fn_text_take(&text, put);
    }
    return ST_OK;
}

static bool url_decode_text(Span in, char *to, size_t *len) {
    size_t put = 0;
    for (size_t k = 0; k < in.len; k++) {
        char c = in.ptr[k];
        unsigned char byte = (unsigned char)c;
        if (c == '+') byte = ' ';
        if (c == '%') {
            if (in.len - k < 3 || !hex_decode(&byte, (Span){in.ptr + k + 1, 2})) return false;
            k += 2;
        }
        to[put++] = (char)byte;
    }
    *len = put;
    return utf8_is_valid((Span){to, put});
}

URL_KERNEL(url_decode) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span in = fn_span(&args[0], i);
        size_t len;
        if (url_decode_text(in, fn_text_room(&text, in.len), &len)) {
            fn_out_str(out)[i] = fn_text_take(&text, len);
        } else {
            fn_make_null(ctx, out, i);
        }
    }
    return ST_OK;
}

/* ---- INET_ATON, INET_NTOA ---- */

/* a.b.c.d, or fewer parts of which the last one fills the rest. */
static bool url_inet_aton(Span text, int64_t *out) {
    int64_t parts[4], n = 0, value = 0;
    while (n < 4) {
        Span part = url_until(text, ".");
        if (part.len == 0 || part.len > 10 || !utf8_is_digit((unsigned char)*part.ptr))
            return false;
        if (num_parse_i64(part, &parts[n++]) != NUM_OK) return false;
        if (part.len == text.len) break;
        if (n == 4) return false;
        text = (Span){text.ptr + part.len + 1, text.len - part.len - 1};
    }
    for (int64_t k = 0; k < n - 1; k++) {
        if (parts[k] > 255) return false;
        value |= parts[k] << (24 - 8 * k);
    }
    int64_t limit = INT64_C(1) << (8 * (5 - n));
    if (parts[n - 1] >= limit) return false;
    *out = value | parts[n - 1];
    return true;
}

URL_KERNEL(url_aton) {
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (fn_is_valid(out, i) && !url_inet_aton(fn_span(&args[0], i), &fn_out_i64(out)[i]))
            fn_make_null(ctx, out, i);
    }
    return ST_OK;
}

URL_KERNEL(url_ntoa) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t x = fn_int(&args[0], i);
        if (x < 0 || x > UINT32_MAX) {
            fn_make_null(ctx, out, i);
            continue;
        }
        char *to = fn_text_room(&text, 16);
        int len = snprintf(to, 16, "%d.%d.%d.%d", (int)(x >> 24), (int)(x >> 16 & 255),
                           (int)(x >> 8 & 255), (int)(x & 255));
        fn_out_str(out)[i] = fn_text_take(&text, (size_t)len);
    }
    return ST_OK;
}

/* ---- URL_HOST and its sisters: of URLs of any protocol ---- */

typedef Span UrlTake(const UrlParts *parts);

static Status url_take(FnCtx *ctx, const Column *args, uint32_t n, Column *out, UrlTake *take) {
    for (uint32_t i = 0; i < n; i++) {
        UrlParts parts;
        Span part = {0};
        if (!fn_is_valid(out, i)) continue;
        if (url_split(fn_span(&args[0], i), true, &parts)) part = take(&parts);
        if (part.ptr)
            fn_out_str(out)[i] = str_make(part.ptr, (uint32_t)part.len);
        else
            fn_make_null(ctx, out, i);
    }
    return ST_OK;
}

#define URL_TAKE(name, FIELD)                               \
    static Span url_get_##name(const UrlParts *parts) {     \
        return parts->FIELD;                                \
    }                                                       \
    URL_KERNEL(url_##name) {                                \
        (void)n_args, (void)err;                            \
        return url_take(ctx, args, n, out, url_get_##name); \
    }
URL_TAKE(protocol, protocol)
URL_TAKE(host, host)
URL_TAKE(path, path)
URL_TAKE(query, query)
URL_TAKE(fragment, ref)

URL_KERNEL(url_port) {
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        UrlParts u;
        int64_t port;
        if (!fn_is_valid(out, i)) continue;
        if (url_split(fn_span(&args[0], i), true, &u) && u.host.ptr) {
            const char *behind = u.host.ptr + u.host.len, *end = u.authority.ptr + u.authority.len;
            if (behind < end && *behind == ':' &&
                num_parse_i64((Span){behind + 1, (size_t)(end - behind) - 1}, &port) == NUM_OK &&
                port >= 0 && port <= 65535) {
                fn_out_i32(out)[i] = (int32_t)port;
                continue;
            }
        }
        fn_make_null(ctx, out, i);
    }
    return ST_OK;
}

/* A parameter, decoded. */
URL_KERNEL(url_param) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        UrlParts u;
        Span value = {0};
        size_t len;
        if (!fn_is_valid(out, i)) continue;
        if (url_split(fn_span(&args[0], i), true, &u))
            value = url_query_value(u.query, fn_span(&args[1], i));
        if (value.ptr && url_decode_text(value, fn_text_room(&text, value.len), &len))
            fn_out_str(out)[i] = fn_text_take(&text, len);
        else
            fn_make_null(ctx, out, i);
    }
    return ST_OK;
}

enum { URL_TRAITS = FN_STRICT | FN_CAN_NULL };

const Fn fns_url[] = {
    {"PARSE_URL", "url", "(STRING, STRING [, STRING]) -> STRING?", url_parse, URL_TRAITS, NULL,
     NULL, NULL,
     "A part of a URL: PROTOCOL, HOST, PATH, QUERY, REF, FILE, AUTHORITY, USERINFO; with QUERY a "
     "third argument names a parameter.",
     "PARSE_URL('http://weir.io/a?x=1&y=2#top', 'QUERY', 'y') => 2"},
    {"URL_ENCODE", "url", "(STRING) -> STRING?", url_encode, URL_TRAITS | FN_CAN_FAIL, NULL, NULL,
     NULL, "The text as in a form's parameters.", "URL_ENCODE('a b&ä') => a+b%26%C3%A4"},
    {"URL_DECODE", "url", "(STRING) -> STRING?", url_decode, URL_TRAITS, NULL, NULL, NULL,
     "The text that an encoded one stands for, NULL when it is malformed.",
     "URL_DECODE('a+b%26') => a b&"},
    {"URL_PROTOCOL", "url", "(STRING) -> STRING?", url_protocol, URL_TRAITS, NULL, NULL, NULL,
     "The protocol of a URL; NULL, as with the functions below, when there is none.",
     "URL_PROTOCOL('s3://bucket/key') => s3"},
    {"URL_HOST", "url", "(STRING) -> STRING?", url_host, URL_TRAITS, NULL, NULL, NULL,
     "The host of a URL.", "URL_HOST('https://u@weir.io:8080/a') => weir.io"},
    {"URL_PORT", "url", "(STRING) -> INT?", url_port, URL_TRAITS, NULL, NULL, NULL,
     "The port that a URL names.", "URL_PORT('https://weir.io:8080/a') => 8080"},
    {"URL_PATH", "url", "(STRING) -> STRING?", url_path, URL_TRAITS, NULL, NULL, NULL,
     "The path of a URL.", "URL_PATH('https://weir.io/a/b?x=1') => /a/b"},
    {"URL_QUERY", "url", "(STRING) -> STRING?", url_query, URL_TRAITS, NULL, NULL, NULL,
     "The query of a URL.", "URL_QUERY('https://weir.io/a?x=1#top') => x=1"},
    {"URL_FRAGMENT", "url", "(STRING) -> STRING?", url_fragment, URL_TRAITS, NULL, NULL, NULL,
     "What follows # in a URL.", "URL_FRAGMENT('https://weir.io/a#top') => top"},
    {"URL_PARAM", "url", "(STRING, STRING) -> STRING?", url_param, URL_TRAITS, NULL, NULL, NULL,
     "A parameter of a URL, decoded.", "URL_PARAM('https://weir.io/?q=a%20b&x=1', 'q') => a b"},
    {"INET_ATON", "url", "(STRING) -> BIGINT", url_aton, URL_TRAITS, NULL, NULL, NULL,
     "An IPv4 address as a number.", "INET_ATON('127.0.0.1') => 2130706433"},
    {"INET_NTOA", "url", "(INTEGER) -> STRING?", url_ntoa, URL_TRAITS, NULL, NULL, NULL,
     "A number as an IPv4 address.", "INET_NTOA(2130706433) => 127.0.0.1"},
    FN_END};
