/* utf8.h -- UTF-8: checking, counting, cutting by code points, and upper and lower case.
 *
 * Input that comes from outside is checked once, by its decoder. The functions here are safe on any
 * bytes all the same: a character is a byte that does not continue another one, and what follows
 * it. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_UTF8_H
#define WEIR_UTF8_H

#include "base/span.h"

enum { UTF8_MAX = 4, UTF8_CASE_GROWTH = 3 };

/* How many leading bytes are well-formed (no overlong forms, surrogates or values above U+10FFFF);
 * text.len when all are. */
size_t utf8_valid_len(Span text);
static inline bool utf8_is_valid(Span text) {
    return utf8_valid_len(text) == text.len;
}
bool utf8_is_ascii(Span text);

static inline bool utf8_is_start(char byte) {
    return ((unsigned char)byte & 0xc0) != 0x80;
}
size_t utf8_count(Span text); /* characters */
/* Where character number n (from 0) starts; text.len when there are not so many. */
size_t utf8_offset(Span text, size_t n);
/* The bytes of the character at text.ptr (text is not empty). */
static inline size_t utf8_char_len(Span text) {
    size_t len = 1;
    while (len < text.len && !utf8_is_start(text.ptr[len])) len++;
    return len;
}
/* The character's code point; U+FFFD when it is ill-formed. *len is the bytes it takes. */
uint32_t utf8_decode(Span text, size_t *len);
size_t utf8_encode(char *to, uint32_t code); /* bytes written, at most UTF8_MAX */

/* Unicode's full case mappings, without a language's own rules; to has room for
 * UTF8_CASE_GROWTH * text.len bytes. */
size_t utf8_upper(char *to, Span text);
size_t utf8_lower(char *to, Span text);
bool utf8_is_cased(uint32_t code); /* a letter that has another case */
bool utf8_is_letter(uint32_t code);
bool utf8_is_digit(uint32_t code); /* of any script */

#endif
