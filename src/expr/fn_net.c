/* fn_net.c -- IP addresses and networks as texts: tests, prefixes, bounds. Text that is no address
 * gives FALSE or NULL, so that a filter over a log need not know that every line is good.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"

#define NET_KERNEL(kernel)                                                                         \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* 4 or 16 bytes, big-endian. */
typedef struct NetAddr {
    uint8_t bytes[16];
    int len; /* 4 or 16 */
} NetAddr;

/* Strictly four numbers of 0 to 255 without leading zeros. */
static bool net_parse_v4(Span text, uint8_t *to) {
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        uint32_t value = 0;
        size_t from = at;
        if (part && (at == text.len || text.ptr[at++] != '.')) return false;
        from = at;
        while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' && at - from < 4)
            value = value * 10 + (uint32_t)(text.ptr[at++] - '0');
        if (at == from || value > 255 || (at - from > 1 && text.ptr[from] == '0')) return false;
        to[part] = (uint8_t)value;
    }
    return at == text.len;
}

static int net_hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Eight groups; "::" stands for as many zeros as are missing; the end may be an IPv4 address. */
static bool net_parse_v6(Span text, uint8_t *to) {
    uint8_t groups[16];
    int n = 0, gap = -1;
    size_t at = 0;
    if (span_starts_with(text, "::")) {
        gap = 0;
        at = 2;
    }
    while (at < text.len) {
        uint32_t value = 0;
        size_t from = at;
        if (n > 14) return false;
        while (at < text.len && at - from < 4 && net_hex(text.ptr[at]) >= 0)
            value = value << 4 | (uint32_t)net_hex(text.ptr[at++]);
        if (at < text.len && text.ptr[at] == '.') {
            if (n > 12 || !net_parse_v4((Span){text.ptr + from, text.len - from}, groups + n))
                return false;
            n += 4;
            at = text.len;
            break;
        }
        if (at == from) return false;
        groups[n++] = (uint8_t)(value >> 8);
        groups[n++] = (uint8_t)value;
        if (at == text.len) break;
        if (text.ptr[at++] != ':') return false;
        if (at == text.len) return false;
        if (text.ptr[at] != ':') continue;
        if (gap >= 0) return false;
        gap = n;
        at++;
    }
    if (gap < 0 ? n != 16 : n > 14) return false;
    memset(to, 0, 16);
    if (gap < 0) gap = n;
    memcpy(to, groups, (size_t)gap);
    memcpy(to + 16 - (n - gap), groups + gap, (size_t)(n - gap));
    return true;
}

static bool net_parse(Span text, NetAddr *out) {
    bool is_v6 = text.len && memchr(text.ptr, ':', text.len) != NULL;
    out->len = is_v6 ? 16 : 4;
    return is_v6 ? net_parse_v6(text, out->bytes) : net_parse_v4(text, out->bytes);
}

/* "10.0.0.0/8"; an address alone is a network of itself. */
static bool net_parse_cidr(Span text, NetAddr *out, int *bits) {
    const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
    size_t len = slash ? (size_t)(slash - text.ptr) : text.len;
    int64_t value;
    if (!net_parse((Span){text.ptr, len}, out)) return false;
    *bits = 8 * out->len;
    if (!slash) return true;
    if (slash[1] == '-' || slash[1] == '+' ||
        num_parse_i64((Span){slash + 1, text.len - len - 1}, &value) != NUM_OK || value < 0 ||
        value > *bits)
        return false;
    *bits = (int)value;
    return true;
}

/* IPv4 addresses inside IPv6 (::ffff:1.2.3.4) are IPv4 ones. */
static void net_unmap(NetAddr *a) {
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (a->len != 16 || memcmp(a->bytes, prefix, sizeof prefix) != 0) return;
    memmove(a->bytes, a->bytes + 12, 4);
    a->len = 4;
}

static bool net_same_prefix(const NetAddr *a, const NetAddr *b, int bits) {
    int whole = bits / 8, rest = bits % 8;
    if (a->len != b->len || memcmp(a->bytes, b->bytes, (size_t)whole) != 0) return false;
    return rest == 0 || (a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0;
}

/* Sets the bits behind the prefix to zeros or ones. */
static void net_fill(NetAddr *a, int bits, bool ones) {
    for (int i = bits; i < 8 * a->len; i++) {
        uint8_t mask = (uint8_t)(0x80 >> (i % 8));
        if (ones)
            a->bytes[i / 8] |= mask;
        else
            a->bytes[i / 8] &= (uint8_t)~mask;
    }
}

/* As RFC 5952: small letters, the longest run of zeros as "::". */
static size_t net_print(const NetAddr *a, char *to, size_t room) {
    int best = -1, best_n = 1, groups[8];
    size_t len = 0;
    if (a->len == 4)
        return (size_t)snprintf(to, room, "%u.%u.%u.%u", a->bytes[0], a->bytes[1], a->bytes[2],
                                a->bytes[3]);
    for (int i = 0; i < 8; i++) groups[i] = a->bytes[2 * i] << 8 | a->bytes[2 * i + 1];
    for (int i = 0, n; i < 8; i += n + !n) {
        for (n = 0; i + n < 8 && groups[i + n] == 0;) n++;
        if (n <= best_n) continue;
        best = i;
        best_n = n;
    }
    for (int i = 0; i < 8; i++) {
        if (i == best) {
            len += (size_t)snprintf(to + len, room - len, "::");
            i += best_n - 1;
            continue;
        }
        bool has_colon = i && i != best + best_n;
        len += (size_t)snprintf(to + len, room - len, "%s%x",
                                has_colon || (i && best < 0) ? ":" : "", (unsigned)groups[i]);
    }
    return len;
}

/* ---- functions ---- */

NET_KERNEL(net_is_v4) {
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        NetAddr a;
        if (fn_is_valid(out, i))
            fn_out_i8(out)[i] = net_parse(fn_span(&args[0], i), &a) && a.len == 4;
    }
    return ST_OK;
}
NET_KERNEL(net_is_v6) {
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        NetAddr a;
        if (fn_is_valid(out, i))
            fn_out_i8(out)[i] = net_parse(fn_span(&args[0], i), &a) && a.len == 16;
    }
    return ST_OK;
}

static bool net_is_in(Span address, Span network) {
    NetAddr a, b;
    int bits;
    if (!net_parse(address, &a) || !net_parse_cidr(network, &b, &bits)) return false;
    if (a.len != b.len) net_unmap(&a);
    return net_same_prefix(&a, &b, bits);
}

NET_KERNEL(net_in_cidr) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        NetAddr network;
        int bits;
        if (!fn_is_valid(out, i)) continue;
        if (!net_parse_cidr(fn_span(&args[1], i), &network, &bits)) {
            Span text = fn_span(&args[1], i);
            FN_FAIL(ctx, err, "22023", "IP_IN_CIDR: '%.*s' is no network",
                    (int)(text.len > 60 ? 60 : text.len), text.ptr);
        }
        fn_out_i8(out)[i] = net_is_in(fn_span(&args[0], i), fn_span(&args[1], i));
    }
    return ST_OK;
}

/* Private, loopback, link-local, shared and unique local addresses. */
NET_KERNEL(net_is_private) {
    static const char *const networks[] = {"10.0.0.0/8",  "172.16.0.0/12",  "192.168.0.0/16",
                                           "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
                                           "fc00::/7",    "fe80::/10",      "::1/128"};
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        bool is_in = false;
        if (!fn_is_valid(out, i)) continue;
        for (size_t k = 0; k < sizeof networks / sizeof networks[0] && !is_in; k++)
            is_in = net_is_in(fn_span(&args[0], i), span_of(networks[k]));
        fn_out_i8(out)[i] = is_in;
    }
    return ST_OK;
}

static void net_put(FnText *text, const NetAddr *a, int bits, Column *out, uint32_t row) {
    char to[64];
    size_t len = net_print(a, to, sizeof to);
    if (bits >= 0) len += (size_t)snprintf(to + len, sizeof to - len, "/%d", bits);
    fn_out_str(out)[row] = fn_text_copy(text, (Span){to, len});
}

/* IP_PREFIX(ip, bits of IPv4 [, bits of IPv6]) */
NET_KERNEL(net_prefix) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        NetAddr a;
        int64_t bits;
        if (!fn_is_valid(out, i)) continue;
        if (!net_parse(fn_span(&args[0], i), &a)) {
            fn_make_null(ctx, out, i);
            continue;
        }
        bits = fn_int(&args[a.len == 16 && n_args > 2 ? 2 : 1], i);
        if (bits < 0) bits = 0;
        if (bits > 8 * a.len) bits = 8 * a.len;
        net_fill(&a, (int)bits, false);
        net_put(&text, &a, (int)bits, out, i);
    }
    return ST_OK;
}

static Status net_bound(FnCtx *ctx, const Column *args, uint32_t n, Column *out, bool is_last) {
    FnText text = {ctx->scratch, NULL, NULL};
    for (uint32_t i = 0; i < n; i++) {
        NetAddr a;
        int bits;
        if (!fn_is_valid(out, i)) continue;
        if (!net_parse_cidr(fn_span(&args[0], i), &a, &bits)) {
            fn_make_null(ctx, out, i);
            continue;
        }
        net_fill(&a, bits, is_last);
        net_put(&text, &a, -1, out, i);
    }
    return ST_OK;
}
NET_KERNEL(net_first) {
    (void)n_args, (void)err;
    return net_bound(ctx, args, n, out, false);
}
NET_KERNEL(net_last) {
    (void)n_args, (void)err;
    return net_bound(ctx, args, n, out, true);
}

NET_KERNEL(net_normal) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        NetAddr a;
        if (!fn_is_valid(out, i)) continue;
        if (net_parse(fn_span(&args[0], i), &a))
            net_put(&text, &a, -1, out, i);
        else
            fn_make_null(ctx, out, i);
    }
    return ST_OK;
}

#define S FN_STRICT
#define SF (FN_STRICT | FN_CAN_FAIL)
#define SN (FN_STRICT | FN_CAN_NULL)

const Fn fns_net[] = {
    {"IS_IPV4", "network", "(STRING) -> BOOLEAN", net_is_v4, S, NULL, NULL, NULL,
     "Whether the text is an IPv4 address.", "IS_IPV4('192.168.0.256') => FALSE"},
    {"IS_IPV6", "network", "(STRING) -> BOOLEAN", net_is_v6, S, NULL, NULL, NULL,
     "Whether the text is an IPv6 address.", "IS_IPV6('2001:db8::1') => TRUE"},
    {"IP_IN_CIDR", "network", "(STRING, STRING) -> BOOLEAN", net_in_cidr, SF, NULL, NULL, NULL,
     "Whether an address is in a network; FALSE for what is no address, an error for what is no "
     "network.",
     "IP_IN_CIDR('10.1.2.3', '10.0.0.0/8') => TRUE"},
    {"IP_IS_PRIVATE", "network", "(STRING) -> BOOLEAN", net_is_private, S, NULL, NULL, NULL,
     "Whether an address is not reachable from outside: private, loopback, link-local, shared.",
     "IP_IS_PRIVATE('172.31.0.1') => TRUE"},
    {"IP_PREFIX", "network", "(STRING, INTEGER [, INTEGER]) -> STRING?", net_prefix, SN, NULL, NULL,
     NULL, "The network of so many bits (IPv4, IPv6) that an address is in; NULL for none.",
     "IP_PREFIX('192.168.17.5', 24, 48) => 192.168.17.0/24"},
    {"IP_NORMALIZE", "network", "(STRING) -> STRING?", net_normal, SN, NULL, NULL, NULL,
     "The address in its shortest form; NULL for what is none.",
     "IP_NORMALIZE('2001:0DB8:0:0:0:0:0:01') => 2001:db8::1"},
    {"CIDR_FIRST", "network", "(STRING) -> STRING?", net_first, SN, NULL, NULL, NULL,
     "The first address of a network.", "CIDR_FIRST('10.1.2.3/16') => 10.1.0.0"},
    {"CIDR_LAST", "network", "(STRING) -> STRING?", net_last, SN, NULL, NULL, NULL,
     "The last address of a network.", "CIDR_LAST('10.1.2.3/16') => 10.1.255.255"},
    FN_END};
