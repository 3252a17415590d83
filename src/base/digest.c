/* digest.c -- MD5, SHA-1 and SHA-2 (RFC 1321, FIPS 180-4), one block function each.
 *
 * All share the frame: whole blocks, then 0x80, zeros and the length in bits.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

static uint32_t rotl32(uint32_t x, int n) {
    return x << n | x >> (32 - n);
}
static uint32_t rotr32(uint32_t x, int n) {
    return x >> n | x << (32 - n);
}
static uint64_t rotr64(uint64_t x, int n) {
    return x >> n | x << (64 - n);
}
static uint32_t load_be32(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static void store_be32(unsigned char *p, uint32_t v) {
    for (int i = 0; i < 4; i++) p[i] = (unsigned char)(v >> (24 - 8 * i));
}

/* ---- MD5 ---- */

static const uint32_t md5_k[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

static void md5_block(uint32_t *h, const unsigned char *p) {
    static const int8_t shifts[16] = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};
    uint32_t w[16];
    memcpy(w, p, 64); /* little-endian words */
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3];
    for (int i = 0; i < 64; i++) {
        uint32_t f;
        int g;
        switch (i / 16) {
        case 0: f = (b & c) | (~b & d), g = i; break;
        case 1: f = (d & b) | (~d & c), g = (5 * i + 1) % 16; break;
        case 2: f = b ^ c ^ d, g = (3 * i + 5) % 16; break;
        default: f = c ^ (b | ~d), g = 7 * i % 16; break;
        }
        uint32_t next = b + rotl32(a + f + md5_k[i] + w[g], shifts[i / 16 * 4 + i % 4]);
        a = d, d = c, c = b, b = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d;
}

/* ---- SHA-1 and SHA-256 ---- */

static void sha1_block(uint32_t *h, const unsigned char *p) {
    uint32_t w[80];
    for (int i = 0; i < 16; i++) w[i] = load_be32(p + 4 * i);
    for (int i = 16; i < 80; i++) w[i] = rotl32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 80; i++) {
        uint32_t f, k;
        switch (i / 20) {
        case 0: f = (b & c) | (~b & d), k = 0x5a827999; break;
        case 1: f = b ^ c ^ d, k = 0x6ed9eba1; break;
        case 2: f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc; break;
        default: f = b ^ c ^ d, k = 0xca62c1d6; break;
        }
        uint32_t next = rotl32(a, 5) + f + e + k + w[i];
        e = d, d = c, c = rotl32(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

/* The upper halves are SHA-256's constants. */
static const uint64_t sha512_k[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817};

static void sha256_block(uint32_t *h, const unsigned char *p) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++) w[i] = load_be32(p + 4 * i);
    for (int i = 16; i < 64; i++) {
        uint32_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (rotr32(x, 7) ^ rotr32(x, 18) ^ x >> 3) + w[i - 7] +
               (rotr32(y, 17) ^ rotr32(y, 19) ^ y >> 10);
    }
    memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; i++) {
        uint32_t e = s[4], a = s[0];
        uint32_t t1 = s[7] + (rotr32(e, 6) ^ rotr32(e, 11) ^ rotr32(e, 25)) +
                      ((e & s[5]) ^ (~e & s[6])) + (uint32_t)(sha512_k[i] >> 32) + w[i];
        uint32_t t2 = (rotr32(a, 2) ^ rotr32(a, 13) ^ rotr32(a, 22)) +
                      ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof s[0]);
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) h[i] += s[i];
}

static void sha512_block(uint64_t *h, const unsigned char *p) {
    uint64_t w[80], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint64_t)load_be32(p + 8 * i) << 32 | load_be32(p + 8 * i + 4);
    for (int i = 16; i < 80; i++) {
        uint64_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (rotr64(x, 1) ^ rotr64(x, 8) ^ x >> 7) + w[i - 7] +
               (rotr64(y, 19) ^ rotr64(y, 61) ^ y >> 6);
    }
    memcpy(s, h, sizeof s);
    for (int i = 0; i < 80; i++) {
        uint64_t e = s[4], a = s[0];
        uint64_t t1 = s[7] + (rotr64(e, 14) ^ rotr64(e, 18) ^ rotr64(e, 41)) +
                      ((e & s[5]) ^ (~e & s[6])) + sha512_k[i] + w[i];
        uint64_t t2 = (rotr64(a, 28) ^ rotr64(a, 34) ^ rotr64(a, 39)) +
                      ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof s[0]);
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) h[i] += s[i];
}

/* ---- the frame ---- */

/* The message's last one or two blocks. Returns how many bytes were laid out. */
static size_t digest_tail(Span data, size_t block, bool is_little, unsigned char *tail) {
    size_t rest = data.len % block, length_bytes = block / 8;
    size_t total = rest + 1 + length_bytes <= block ? block : 2 * block;
    memset(tail, 0, total);
    if (rest) memcpy(tail, data.ptr + data.len - rest, rest);
    tail[rest] = 0x80;
    uint64_t bits = (uint64_t)data.len * 8;
    for (size_t i = 0; i < 8; i++) {
        size_t at = is_little ? total - 8 + i : total - 1 - i;
        tail[at] = (unsigned char)(bits >> (8 * i));
    }
    return total;
}

static void digest_run32(void (*run)(uint32_t *, const unsigned char *), uint32_t *h, Span data,
                         bool is_little) {
    unsigned char tail[128];
    const unsigned char *p = (const unsigned char *)data.ptr;
    for (size_t i = 0; i + 64 <= data.len; i += 64) run(h, p + i);
    size_t total = digest_tail(data, 64, is_little, tail);
    for (size_t i = 0; i < total; i += 64) run(h, tail + i);
}

static size_t digest_sha512(bool is_384, Span data, unsigned char *out) {
    uint64_t h512[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                        0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                        0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
    uint64_t h384[8] = {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17,
                        0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511,
                        0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4};
    uint64_t *h = is_384 ? h384 : h512;
    unsigned char tail[256];
    const unsigned char *p = (const unsigned char *)data.ptr;
    for (size_t i = 0; i + 128 <= data.len; i += 128) sha512_block(h, p + i);
    size_t total = digest_tail(data, 128, false, tail);
    for (size_t i = 0; i < total; i += 128) sha512_block(h, tail + i);
    size_t n = is_384 ? 6 : 8;
    for (size_t i = 0; i < n; i++) {
        store_be32(out + 8 * i, (uint32_t)(h[i] >> 32));
        store_be32(out + 8 * i + 4, (uint32_t)h[i]);
    }
    return 8 * n;
}

size_t digest_of(DigestKind kind, Span data, unsigned char *out) {
    uint32_t short_h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint32_t h256[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    uint32_t h224[8] = {0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939,
                        0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4};
    uint32_t *h = kind == DIGEST_SHA256 ? h256 : kind == DIGEST_SHA224 ? h224 : short_h;
    size_t n = 8;
    switch (kind) {
    case DIGEST_MD5:
        digest_run32(md5_block, h, data, true);
        memcpy(out, h, 16);
        return 16;
    case DIGEST_SHA1:
        digest_run32(sha1_block, h, data, false);
        n = 5;
        break;
    case DIGEST_SHA224:
        digest_run32(sha256_block, h, data, false);
        n = 7;
        break;
    case DIGEST_SHA256: digest_run32(sha256_block, h, data, false); break;
    case DIGEST_SHA384: return digest_sha512(true, data, out);
    case DIGEST_SHA512: return digest_sha512(false, data, out);
    }
    for (size_t i = 0; i < n; i++) store_be32(out + 4 * i, h[i]);
    return 4 * n;
}

/* ---- hexadecimal and base64 ---- */

void hex_encode(char *to, const void *bytes, size_t len) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++) {
        to[2 * i] = digits[p[i] >> 4];
        to[2 * i + 1] = digits[p[i] & 15];
    }
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool hex_decode(unsigned char *to, Span text) {
    if (text.len % 2) return false;
    for (size_t i = 0; i < text.len; i += 2) {
        int high = hex_digit(text.ptr[i]), low = hex_digit(text.ptr[i + 1]);
        if (high < 0 || low < 0) return false;
        to[i / 2] = (unsigned char)(high << 4 | low);
    }
    return true;
}

void base64_encode(char *to, const void *bytes, size_t len) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t word = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
                        (left > 2 ? p[i + 2] : 0);
        *to++ = alphabet[word >> 18];
        *to++ = alphabet[word >> 12 & 63];
        *to++ = left > 1 ? alphabet[word >> 6 & 63] : '=';
        *to++ = left > 2 ? alphabet[word & 63] : '=';
    }
}

static int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(char *to, size_t *len, Span text) {
    size_t n_pad = 0;
    while (n_pad < 2 && text.len > 0 && text.ptr[text.len - 1] == '=') {
        text.len--;
        n_pad++;
    }
    if (text.len % 4 == 1 || (n_pad && (text.len + n_pad) % 4 != 0)) return false;
    uint32_t word = 0;
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = base64_digit(text.ptr[i]);
        if (digit < 0) return false;
        word = word << 6 | (uint32_t)digit;
        if (i % 4 == 0) continue;
        to[n++] = (char)(word >> (6 - 2 * (i % 4)));
    }
    *len = n;
    return true;
}
