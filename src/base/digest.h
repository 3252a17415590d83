/* digest.h -- digests and the text forms of bytes. The digests are our own, so that the core needs
 * no library for MD5() and SHA2(). SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_DIGEST_H
#define WEIR_DIGEST_H

#include "base/span.h"

enum { DIGEST_MAX = 64 };
typedef enum DigestKind {
    DIGEST_MD5,
    DIGEST_SHA1,
    DIGEST_SHA224,
    DIGEST_SHA256,
    DIGEST_SHA384,
    DIGEST_SHA512
} DigestKind;

/* Writes the digest's bytes (16, 20, 28, 32, 48, 64) and returns how many. */
size_t digest_of(DigestKind kind, Span data, unsigned char *out);

/* Lower-case hexadecimal; 2 * len bytes, no NUL. */
void hex_encode(char *to, const void *bytes, size_t len);
/* Two digits a byte, either case; false when the text is not that. Writes text.len / 2 bytes. */
bool hex_decode(unsigned char *to, Span text);

static inline size_t base64_encoded_len(size_t len) {
    return (len + 2) / 3 * 4;
}
void base64_encode(char *to, const void *bytes, size_t len); /* with padding */
/* Standard alphabet; padding may be absent. false when ill-formed. Room for text.len / 4 * 3 + 3.
 */
bool base64_decode(char *to, size_t *len, Span text);

#endif
