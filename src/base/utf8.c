/* utf8.c -- checking, counting and cutting. ASCII, which is nearly everything, goes eight bytes at
 * a time. SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

static uint64_t utf8_load8(const char *p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

/* Bytes of the well-formed character at p, or 0. */
static size_t utf8_check_char(const unsigned char *p, size_t left) {
    unsigned char c = p[0];
    if (c < 0x80) return 1;
    if (c < 0xc2) return 0; /* a continuation, or an overlong form */
    if (c < 0xe0) return left >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (c < 0xf0) {
        if (left < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80) return 0;
        if (c == 0xe0 && p[1] < 0xa0) return 0;
        if (c == 0xed && p[1] >= 0xa0) return 0; /* surrogates */
        return 3;
    }
    if (c > 0xf4 || left < 4) return 0;
    if ((p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 || (p[3] & 0xc0) != 0x80) return 0;
    if (c == 0xf0 && p[1] < 0x90) return 0;
    if (c == 0xf4 && p[1] >= 0x90) return 0;
    return 4;
}

size_t utf8_valid_len(Span text) {
    size_t at = 0;
    while (at < text.len) {
        if (text.len - at >= 8 && (utf8_load8(text.ptr + at) & HIGH_BITS) == 0) {
            at += 8;
            continue;
        }
        size_t n = utf8_check_char((const unsigned char *)text.ptr + at, text.len - at);
        if (n == 0) return at;
        at += n;
    }
    return at;
}

bool utf8_is_ascii(Span text) {
    size_t at = 0;
    uint64_t seen = 0;
    for (; text.len - at >= 8; at += 8) seen |= utf8_load8(text.ptr + at);
    for (; at < text.len; at++) seen |= (uint64_t)(unsigned char)text.ptr[at];
    return (seen & HIGH_BITS) == 0;
}

size_t utf8_count(Span text) {
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) n += utf8_is_start(text.ptr[i]);
    return n;
}

size_t utf8_offset(Span text, size_t n) {
    size_t at = 0;
    while (n >= 8 && text.len - at >= 8 && (utf8_load8(text.ptr + at) & HIGH_BITS) == 0) {
        at += 8;
        n -= 8;
    }
    for (; at < text.len; at++) {
        if (!utf8_is_start(text.ptr[at])) continue;
        if (n-- == 0) return at;
    }
    return text.len;
}

uint32_t utf8_decode(Span text, size_t *len) {
    const unsigned char *p = (const unsigned char *)text.ptr;
    size_t n = utf8_check_char(p, text.len);
    *len = n ? n : utf8_char_len(text);
    switch (n) {
    case 1: return p[0];
    case 2: return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
    case 3: return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    case 4:
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
               (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
    default: return 0xfffd;
    }
}

size_t utf8_encode(char *to, uint32_t code) {
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xc0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xe0 | code >> 12);
        to[1] = (char)(0x80 | (code >> 6 & 0x3f));
        to[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 0x3f));
    to[2] = (char)(0x80 | (code >> 6 & 0x3f));
    to[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}
