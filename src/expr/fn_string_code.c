/* fn_string_code.c -- strings as codes and bytes: ASCII, CHR, hexadecimal, base64, character sets,
 * URLs, IP addresses, digests. What is not in the form asked for gives NULL unless a constant
 * argument is at fault. SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"

#define CODE_KERNEL(kernel)                                                                        \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* ---- ASCII, CHR ---- */

/* The first byte as a signed number: Flink's answer for text that is not ASCII too. */
CODE_KERNEL(code_ascii) {
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        Span text = fn_span(&args[0], i);
        fn_out_i32(out)[i] = text.len ? (signed char)*text.ptr : 0;
    }
    return ST_OK;
}

CODE_KERNEL(code_chr) {
    (void)ctx, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        int64_t code = fn_int(&args[0], i);
        char bytes[UTF8_MAX];
        size_t len = code < 0 ? 0 : utf8_encode(bytes, (uint32_t)(code & 0xff));
        fn_out_str(out)[i] = str_make(bytes, (uint32_t)len);
    }
    return ST_OK;
}

/* ---- hexadecimal, binary ---- */

CODE_KERNEL(code_hex_int) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        char *to = fn_text_room(&text, 20);
        size_t len = (size_t)snprintf(to, 20, "%lX", (unsigned long)fn_int(&args[0], i));
        fn_out_str(out)[i] = fn_text_take(&text, len);
    }
    return ST_OK;
}

CODE_KERNEL(code_hex_text) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        Span in = fn_span(&args[0], i);
        if (in.len > FN_TEXT_MAX / 2) return fn_fail_too_long(ctx, err);
        char *to = fn_text_room(&text, 2 * in.len);
        hex_encode(to, in.ptr, in.len);
        for (size_t k = 0; k < 2 * in.len; k++) to[k] = (char)(to[k] >= 'a' ? to[k] - 32 : to[k]);
        fn_out_str(out)[i] = fn_text_take(&text, 2 * in.len);
    }
    return ST_OK;
}

/* Of an odd number of digits the first is dropped and a zero byte put before the rest. */
CODE_KERNEL(code_unhex) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span in = fn_span(&args[0], i);
        size_t odd = in.len % 2;
        unsigned char *to = (unsigned char *)fn_text_room(&text, in.len / 2 + 1), first;
        char pair[2] = {'0', odd ? *in.ptr : '0'};
        to[0] = 0;
        if (!hex_decode(&first, (Span){pair, 2}) ||
            !hex_decode(to + odd, (Span){in.ptr + odd, in.len - odd})) {
            fn_make_null(ctx, out, i);
            continue;
        }
        fn_out_str(out)[i] = fn_text_take(&text, in.len / 2 + odd);
    }
    return ST_OK;
}

CODE_KERNEL(code_bin) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t value = (uint64_t)fn_int(&args[0], i);
        int bits = value ? 64 - __builtin_clzll(value) : 1;
        char *to = fn_text_room(&text, 64);
        for (int k = 0; k < bits; k++) to[k] = (char)('0' + (value >> (bits - 1 - k) & 1));
        fn_out_str(out)[i] = fn_text_take(&text, (size_t)bits);
    }
    return ST_OK;
}

/* ---- base64 ---- */

CODE_KERNEL(code_to_base64) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        Span in = fn_span(&args[0], i);
        size_t len = base64_encoded_len(in.len);
        if (len > FN_TEXT_MAX) return fn_fail_too_long(ctx, err);
        base64_encode(fn_text_room(&text, len), in.ptr, in.len);
        fn_out_str(out)[i] = fn_text_take(&text, len);
    }
    return ST_OK;
}

CODE_KERNEL(code_from_base64) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span in = fn_span(&args[0], i);
        size_t len;
        char *to = fn_text_room(&text, in.len / 4 * 3 + 3);
        if (!base64_decode(to, &len, in))
            FN_FAIL(ctx, err, "22023", "'%.*s' is not base64", (int)(in.len > 60 ? 60 : in.len),
                    in.ptr);
        fn_out_str(out)[i] = fn_text_take(&text, len);
    }
    return ST_OK;
}

/* ---- character sets ---- */

typedef enum Charset { CS_UTF8, CS_ASCII, CS_LATIN1, CS_UTF16BE, CS_UTF16LE, CS_UTF16 } Charset;

static Status code_charset(FnCtx *ctx, Span name, Charset *out, Err *err) {
    static const struct {
        const char *name;
        Charset charset;
    } names[] = {{"UTF-8", CS_UTF8},       {"UTF8", CS_UTF8},         {"US-ASCII", CS_ASCII},
                 {"ASCII", CS_ASCII},      {"ISO-8859-1", CS_LATIN1}, {"LATIN1", CS_LATIN1},
                 {"UTF-16BE", CS_UTF16BE}, {"UTF-16LE", CS_UTF16LE},  {"UTF-16", CS_UTF16}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!span_is_nocase(name, names[i].name)) continue;
        *out = names[i].charset;
        return ST_OK;
    }
    err_set(err, ST_INVALID, "22023", ctx->call->pos, __FILE__, __LINE__,
            "character set '%.*s' is not known", SPAN_ARG(name));
    return err_hint(err, "one of UTF-8, US-ASCII, ISO-8859-1, UTF-16BE, UTF-16LE, UTF-16");
}

static size_t code_put16(char *to, uint32_t unit, bool is_little) {
    to[is_little ? 1 : 0] = (char)(unit >> 8);
    to[is_little ? 0 : 1] = (char)unit;
    return 2;
}

static size_t code_encode_char(char *to, uint32_t code, Charset charset) {
    if (charset == CS_ASCII || charset == CS_LATIN1) {
        *to = code < (charset == CS_ASCII ? 0x80u : 0x100u) ? (char)code : '?';
        return 1;
    }
    bool is_little = charset == CS_UTF16LE;
    if (code < 0x10000) return code_put16(to, code, is_little);
    code -= 0x10000;
    code_put16(to, 0xd800 + (code >> 10), is_little);
    return 2 + code_put16(to + 2, 0xdc00 + (code & 0x3ff), is_little);
}

CODE_KERNEL(code_encode) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        Charset charset = CS_UTF8;
        if (!fn_is_valid(out, i)) continue;
        TRY(code_charset(ctx, fn_span(&args[1], i), &charset, err));
        Span in = fn_span(&args[0], i);
        if (charset == CS_UTF8) {
            fn_out_str(out)[i] = args[0].str[col_at(&args[0], i)];
            continue;
        }
        if (in.len > FN_TEXT_MAX / 2) return fn_fail_too_long(ctx, err);
        char *to = fn_text_room(&text, 2 * in.len + 2);
        size_t put = charset == CS_UTF16 ? code_put16(to, 0xfeff, false) : 0;
        for (size_t at = 0, len; at < in.len; at += len) {
            uint32_t code = utf8_decode((Span){in.ptr + at, in.len - at}, &len);
            put += code_encode_char(to + put, code, charset);
        }
        fn_out_str(out)[i] = fn_text_take(&text, put);
    }
    return ST_OK;
}

static uint32_t code_get16(const unsigned char *p, bool is_little) {
    return is_little ? (uint32_t)p[1] << 8 | p[0] : (uint32_t)p[0] << 8 | p[1];
}

static size_t code_decode_utf16(char *to, Span in, Charset charset) {
    const unsigned char *p = (const unsigned char *)in.ptr;
    bool is_little = charset == CS_UTF16LE;
    size_t put = 0, at = 0;
    if (charset == CS_UTF16 && in.len >= 2 && (p[0] ^ p[1]) == 1 &&
        (p[0] == 0xfe || p[0] == 0xff)) {
        is_little = p[0] == 0xff;
        at = 2;
    }
    for (; at + 1 < in.len; at += 2) {
        uint32_t code = code_get16(p + at, is_little);
        uint32_t low = at + 3 < in.len ? code_get16(p + at + 2, is_little) : 0;
        if (code >= 0xd800 && code < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            at += 2;
        } else if (code >= 0xd800 && code < 0xe000) {
            code = 0xfffd;
        }
        put += utf8_encode(to + put, code);
    }
    if (at < in.len) put += utf8_encode(to + put, 0xfffd);
    return put;
}

static size_t code_decode_bytes(char *to, Span in, Charset charset) {
    size_t put = 0;
    for (size_t at = 0; at < in.len;) {
        unsigned char byte = (unsigned char)in.ptr[at];
        size_t good = charset == CS_UTF8 ? utf8_valid_len((Span){in.ptr + at, in.len - at}) : 0;
        if (good) {
            memcpy(to + put, in.ptr + at, good);
            put += good;
            at += good;
        } else {
            bool is_known = byte < 0x80 || charset == CS_LATIN1;
            put += utf8_encode(to + put, is_known ? byte : 0xfffd);
            at++;
        }
    }
    return put;
}

CODE_KERNEL(code_decode) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        Charset charset = CS_UTF8;
        if (!fn_is_valid(out, i)) continue;
        TRY(code_charset(ctx, fn_span(&args[1], i), &charset, err));
        Span in = fn_span(&args[0], i);
        if (in.len > FN_TEXT_MAX / 3) return fn_fail_too_long(ctx, err);
        char *to = fn_text_room(&text, 3 * in.len + 4);
        size_t len = charset >= CS_UTF16BE ? code_decode_utf16(to, in, charset)
                                           : code_decode_bytes(to, in, charset);
        fn_out_str(out)[i] = fn_text_take(&text, len);
    }
    return ST_OK;
}

/* ---- digests ---- */

static Str code_digest(FnText *text, DigestKind kind, Span in) {
    unsigned char bytes[DIGEST_MAX];
    size_t len = digest_of(kind, in, bytes);
    hex_encode(fn_text_room(text, 2 * len), bytes, len);
    return fn_text_take(text, 2 * len);
}

#define CODE_DIGEST(kernel, KIND)                                                \
    CODE_KERNEL(kernel) {                                                        \
        FnText text = {ctx->scratch, NULL, NULL};                                \
        (void)n_args, (void)err;                                                 \
        for (uint32_t i = 0; i < n; i++)                                         \
            fn_out_str(out)[i] = code_digest(&text, KIND, fn_span(&args[0], i)); \
        return ST_OK;                                                            \
    }
CODE_DIGEST(code_md5, DIGEST_MD5)
CODE_DIGEST(code_sha1, DIGEST_SHA1)
CODE_DIGEST(code_sha224, DIGEST_SHA224)
CODE_DIGEST(code_sha256, DIGEST_SHA256)
CODE_DIGEST(code_sha384, DIGEST_SHA384)
CODE_DIGEST(code_sha512, DIGEST_SHA512)

CODE_KERNEL(code_sha2) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t bits = fn_int(&args[1], i);
        if (bits != 224 && bits != 256 && bits != 384 && bits != 512)
            FN_FAIL(ctx, err, "22023", "SHA2 makes 224, 256, 384 or 512 bits, not %ld", (long)bits);
        DigestKind kind = bits == 224   ? DIGEST_SHA224
                          : bits == 256 ? DIGEST_SHA256
                          : bits == 384 ? DIGEST_SHA384
                                        : DIGEST_SHA512;
        fn_out_str(out)[i] = code_digest(&text, kind, fn_span(&args[0], i));
    }
    return ST_OK;
}

#define S FN_STRICT
#define SN (FN_STRICT | FN_CAN_NULL)
#define SF (FN_STRICT | FN_CAN_FAIL)
#define DIGEST_ROW(name, len, kernel, help, example) \
    { name, "hash", "(TEXT) -> CHAR(" #len ")", kernel, S, NULL, NULL, NULL, help, example }

const Fn fns_string_code[] = {
    {"ASCII", "string", "(STRING) -> INT", code_ascii, S, NULL, NULL, NULL,
     "The first byte as a number.", "ASCII('abc') => 97"},
    {"CHR", "string", "(INTEGER) -> STRING?", code_chr, S, NULL, NULL, NULL,
     "The character with the given code (modulo 256).", "CHR(97) => a"},
    {"BIN", "string", "(INTEGER) -> STRING", code_bin, S, NULL, NULL, NULL, "Binary digits.",
     "BIN(4) => 100"},
    {"HEX", "string", "(INTEGER) -> STRING", code_hex_int, S, NULL, NULL, NULL,
     "Hexadecimal digits of a number.", "HEX(17) => 11"},
    {"HEX", "string", "(TEXT) -> STRING", code_hex_text, SF, NULL, NULL, NULL,
     "Hexadecimal digits of the bytes.", "HEX('abc') => 616263"},
    {"UNHEX", "string", "(STRING) -> BYTES", code_unhex, SN, NULL, NULL, NULL,
     "The bytes that hexadecimal digits stand for.", "DECODE(UNHEX('616263'), 'UTF-8') => abc"},
    {"TO_BASE64", "string", "(TEXT) -> STRING", code_to_base64, SF, NULL, NULL, NULL,
     "The bytes in base64.", "TO_BASE64('hello world') => aGVsbG8gd29ybGQ="},
    {"FROM_BASE64", "string", "(STRING) -> STRING", code_from_base64, SF, NULL, NULL, NULL,
     "The text that base64 stands for.", "FROM_BASE64('aGVsbG8gd29ybGQ=') => hello world"},
    {"ENCODE", "string", "(STRING, STRING) -> BYTES", code_encode, SF, NULL, NULL, NULL,
     "The text in a character set.", "CAST(ENCODE('abc', 'US-ASCII') AS STRING) => abc"},
    {"DECODE", "string", "(BINARY, STRING) -> STRING?", code_decode, SF, NULL, NULL, NULL,
     "The text that bytes of a character set stand for.", "DECODE(x'e4', 'ISO-8859-1') => ä"},
    DIGEST_ROW("MD5", 32, code_md5, "MD5 digest.", "MD5('') => d41d8cd98f00b204e9800998ecf8427e"),
    DIGEST_ROW("SHA1", 40, code_sha1, "SHA-1 digest.",
               "SHA1('') => da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    DIGEST_ROW("SHA224", 56, code_sha224, "SHA-224 digest.",
               "SHA224('') => d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"),
    DIGEST_ROW("SHA256", 64, code_sha256, "SHA-256 digest.",
               "LEFT(SHA256(''), 16) => e3b0c44298fc1c14"),
    DIGEST_ROW("SHA384", 96, code_sha384, "SHA-384 digest.",
               "LEFT(SHA384(''), 16) => 38b060a751ac9638"),
    DIGEST_ROW("SHA512", 128, code_sha512, "SHA-512 digest.",
               "LEFT(SHA512(''), 16) => cf83e1357eefb8bd"),
    {"SHA2", "hash", "(TEXT, INTEGER) -> VARCHAR(128)", code_sha2, SF, NULL, NULL, NULL,
     "SHA-2 digest of 224, 256, 384 or 512 bits.", "LEFT(SHA2('', 256), 16) => e3b0c44298fc1c14"},
    FN_END};
