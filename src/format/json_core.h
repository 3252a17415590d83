/* json_core.h -- the scan itself: objects against their nodes, values into builders, everything
 * else checked and passed. Compiled once for each instruction set: JSON_FN names the copy and
 * JSON_AVX2 chooses the 32-byte blocks. (Included on purpose without a guard WEIR_JSON_CORE_H.)
 *
 * Keys are guessed: after a field comes the one that came last time, compared as one block of
 * `"name":`; only a wrong guess is looked up. Strings are found by blocks of 32 bytes: the closing
 * quote, a backslash and control characters in one mask, bytes above ASCII in another.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json.h"

#ifndef JSON_FN
#define JSON_FN(name) json_##name##_base
#endif

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#if defined(JSON_AVX2)
/* Bit i: byte i ends or interrupts a string. *high: bytes above ASCII. */
static inline uint32_t JSON_FN(special)(const char *p, uint32_t *high) {
    __m256i v = _mm256_loadu_si256((const __m256i *)p);
    __m256i stop = _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')),
                                   _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')));
    __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1f)), v);
    *high = (uint32_t)_mm256_movemask_epi8(v);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(stop, control));
}
static inline bool JSON_FN(is_key)(const char *p, const JsonField *field) {
    __m256i v = _mm256_loadu_si256((const __m256i *)p);
    __m256i lit = _mm256_loadu_si256((const __m256i *)field->lit);
    uint32_t same = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, lit));
    return (same & field->lit_mask) == field->lit_mask;
}
#elif defined(__SSE2__)
static inline uint32_t JSON_FN(special16)(__m128i v) {
    __m128i stop =
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(stop, control));
}
static inline uint32_t JSON_FN(special)(const char *p, uint32_t *high) {
    __m128i a = _mm_loadu_si128((const __m128i *)p);
    __m128i b = _mm_loadu_si128((const __m128i *)(p + 16));
    *high = (uint32_t)_mm_movemask_epi8(a) | (uint32_t)_mm_movemask_epi8(b) << 16;
    return JSON_FN(special16)(a) | JSON_FN(special16)(b) << 16;
}
static inline bool JSON_FN(is_key)(const char *p, const JsonField *field) {
    __m128i a = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p),
                               _mm_loadu_si128((const __m128i *)field->lit));
    __m128i b = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + 16)),
                               _mm_loadu_si128((const __m128i *)(field->lit + 16)));
    uint32_t same = (uint32_t)_mm_movemask_epi8(a) | (uint32_t)_mm_movemask_epi8(b) << 16;
    return (same & field->lit_mask) == field->lit_mask;
}
#else
static inline uint32_t JSON_FN(special)(const char *p, uint32_t *high) {
    *high = 0;
    for (uint32_t i = 0; i < 32; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c == '"' || c == '\\' || c < ' ') return UINT32_C(1) << i;
        if (c >= 0x80) *high |= UINT32_C(1) << i;
    }
    return 0;
}
static inline bool JSON_FN(is_key)(const char *p, const JsonField *field) {
    return memcmp(p, field->lit, field->lit_len) == 0 && field->lit_len;
}
#endif

static inline const char *JSON_FN(blanks)(const char *p) {
    while (FAST_UNLIKELY((unsigned char)*p <= ' ') && (*p == ' ' || *p == '\t' || *p == '\r')) p++;
    return p;
}

/* A view of len bytes at p, of which 16 are readable: without a branch on the length. */
static inline void JSON_FN(view)(Str *out, const char *p, uint32_t len) {
#if defined(__SSE2__)
    static const unsigned char keep[32] = {255, 255, 255, 255, 255, 255, 255,
                                           255, 255, 255, 255, 255, 0};
    uint32_t n = len < STR_INLINE_MAX ? len : STR_INLINE_MAX;
    __m128i mask = _mm_loadu_si128((const __m128i *)(keep + STR_INLINE_MAX - n));
    __m128i bytes = _mm_slli_si128(_mm_and_si128(_mm_loadu_si128((const __m128i *)p), mask), 4);
    uint64_t head = (uint64_t)_mm_cvtsi128_si64(bytes) | len;
    uint64_t rest = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(bytes, bytes));
    rest = len > STR_INLINE_MAX ? (uint64_t)(uintptr_t)p : rest;
    memcpy(out, &head, 8);
    memcpy((char *)out + 8, &rest, 8);
#else
    *out = str_make(p, len);
#endif
}

/* The quote that ends a string without escapes (p behind its first quote). */
static inline const char *JSON_FN(plain_end)(const char *p) {
    const char *start = p;
    uint32_t high, any = 0, stop;
    while (FAST_UNLIKELY((stop = JSON_FN(special)(p, &high)) == 0)) {
        any |= high;
        p += 32;
    }
    any |= high & (stop ^ (stop - 1));
    p += __builtin_ctz(stop);
    if (FAST_UNLIKELY(*p != '"')) return NULL;
    if (FAST_UNLIKELY(any) && !utf8_is_valid((Span){start, (size_t)(p - start)})) return NULL;
    return p;
}

static inline const char *JSON_FN(string)(const char *p, Str *out) {
    const char *end = JSON_FN(plain_end)(p);
    if (FAST_UNLIKELY(!end)) return NULL;
    JSON_FN(view)(out, p, (uint32_t)(end - p));
    return end + 1;
}

/* ---- what is not needed is checked all the same ---- */

static const char *JSON_FN(skip)(JsonScan *s, const char *p);

static const char *JSON_FN(skip_string)(JsonScan *s, const char *p) {
    const char *start = p;
    uint32_t high, any = 0;
    for (;;) {
        uint32_t stop = JSON_FN(special)(p, &high);
        if (stop == 0) {
            any |= high;
            p += 32;
            continue;
        }
        any |= high & (stop ^ (stop - 1));
        p += __builtin_ctz(stop);
        if (*p == '"') break;
        if (*p == '\n') return json_reject(s, p, "the string has no end");
        if (*p != '\\') {
            p++; /* other control characters are let through, as Flink does */
            continue;
        }
        p = json_escape(s, p);
        if (!p) return NULL;
    }
    if (FAST_UNLIKELY(any)) {
        size_t good = utf8_valid_len((Span){start, (size_t)(p - start)});
        if (good != (size_t)(p - start)) return json_reject(s, start + good, "not valid UTF-8");
    }
    return p + 1;
}

static const char *JSON_FN(skip_object)(JsonScan *s, const char *p) {
    if (++s->depth > JSON_DEPTH_MAX) return json_reject(s, p, "nested too deeply");
    p = JSON_FN(blanks)(p);
    while (*p != '}') {
        if (*p != '"') return json_reject(s, p, "expected a key in quotes");
        if (!(p = JSON_FN(skip_string)(s, p + 1))) return NULL;
        p = JSON_FN(blanks)(p);
        if (*p != ':') return json_reject(s, p, "expected ':'");
        if (!(p = JSON_FN(skip)(s, JSON_FN(blanks)(p + 1)))) return NULL;
        p = JSON_FN(blanks)(p);
        if (*p == '}') break;
        if (*p != ',') return json_reject(s, p, "expected ',' or '}'");
        p = JSON_FN(blanks)(p + 1);
        if (*p == '}') return json_reject(s, p, "expected a key in quotes");
    }
    s->depth--;
    return p + 1;
}

static const char *JSON_FN(skip_array)(JsonScan *s, const char *p) {
    if (++s->depth > JSON_DEPTH_MAX) return json_reject(s, p, "nested too deeply");
    p = JSON_FN(blanks)(p);
    if (*p != ']') {
        for (;;) {
            if (!(p = JSON_FN(skip)(s, p))) return NULL;
            p = JSON_FN(blanks)(p);
            if (*p == ']') break;
            if (*p != ',') return json_reject(s, p, "expected ',' or ']'");
            p = JSON_FN(blanks)(p + 1);
        }
    }
    s->depth--;
    return p + 1;
}

static const char *JSON_FN(skip)(JsonScan *s, const char *p) {
    const char *end;
    switch (*p) {
    case '"': return JSON_FN(skip_string)(s, p + 1);
    case '{': return JSON_FN(skip_object)(s, p + 1);
    case '[': return JSON_FN(skip_array)(s, p + 1);
    case 't':
        if (memcmp(p, "true", 4) == 0) return p + 4;
        break;
    case 'f':
        if (memcmp(p, "false", 5) == 0) return p + 5;
        break;
    case 'n':
        if (memcmp(p, "null", 4) == 0) return p + 4;
        break;
    default:
        end = fast_number_end(p);
        if (FAST_LIKELY(end)) return end;
    }
    return json_slow_number(s, p);
}

/* The straight path of skip: strings without escapes and numbers. */
static inline const char *JSON_FN(pass)(JsonScan *s, const char *p) {
    const char *end = NULL;
    if (*p == '"') {
        end = JSON_FN(plain_end)(p + 1);
        if (FAST_LIKELY(end)) return end + 1;
    } else if (*p <= '9') {
        end = fast_number_end(p);
        if (FAST_LIKELY(end)) return end;
    }
    return JSON_FN(skip)(s, p);
}

/* ---- what is needed goes into the builders ---- */

static const char *JSON_FN(value)(JsonScan *s, JsonNode *node, const char *p, uint32_t row);
static const char *JSON_FN(object)(JsonScan *s, JsonNode *node, const char *p, uint32_t row);
static const char *JSON_FN(array)(JsonScan *s, JsonNode *node, const char *p, uint32_t row);
static const char *JSON_FN(map)(JsonScan *s, JsonNode *node, const char *p, uint32_t row);

/* "yyyy-MM-dd HH:mm:ss[.fraction][Z]" in its quotes. */
static inline const char *JSON_FN(time)(JsonScan *s, const JsonNode *node, const char *p,
                                        int64_t *out) {
    char separator = s->time == JSON_TIME_SQL ? ' ' : 'T';
    if (*p != '"') return NULL;
    p = fast_timestamp(&s->date, p + 1, separator, node->precision, out);
    if (FAST_UNLIKELY(!p)) return NULL;
    if (node->kind == JSON_TIMESTAMP_LTZ && *p++ != 'Z') return NULL;
    return *p == '"' ? p + 1 : NULL;
}

/* One value into row `row` of its node. A part of the loop over the fields: a call a field would
 * cost a fifth of the whole. */
static inline __attribute__((always_inline)) const char *JSON_FN(store)(JsonScan *s, JsonNode *node,
                                                                        const char *p,
                                                                        uint32_t row) {
    ColBuilder *b = node->b;
    const char *q = NULL;
    uint32_t depth = s->depth;
    int64_t i;
    if (FAST_UNLIKELY(*p == 'n')) {
        bool is_null = memcmp(p, "null", 4) == 0;
        if (is_null && b->n <= row && !node->is_required) return p + 4;
        return json_slow_value(s, node, p, row);
    }
    if (FAST_UNLIKELY(b->n != row || row >= b->cap)) json_place(node, row);
    switch (node->kind) {
    case JSON_I64: q = fast_int(p, &b->i64[row]); break;
    case JSON_STR:
        if (FAST_LIKELY(*p == '"')) q = JSON_FN(string)(p + 1, &b->str[row]);
        break;
    case JSON_TIMESTAMP:
    case JSON_TIMESTAMP_LTZ: q = JSON_FN(time)(s, node, p, &b->i64[row]); break;
    case JSON_I32:
        q = fast_int(p, &i);
        if (FAST_UNLIKELY(q && i != (int32_t)i)) q = NULL;
        if (q) b->i32[row] = (int32_t)i;
        break;
    case JSON_F64: q = fast_double(p, &b->f64[row]); break;
    case JSON_BOOL:
        b->i8[row] = *p == 't';
        if (memcmp(p, "true", 4) == 0) q = p + 4;
        if (memcmp(p, "false", 5) == 0) q = p + 5;
        break;
    case JSON_ROW:
        if (*p != '{') break;
        if (!(q = JSON_FN(object)(s, node, p + 1, row))) {
            s->depth = depth;
            return json_bad_field(s, node, p, row);
        }
        break;
    case JSON_ARRAY:
        if (*p != '[') break;
        if (!(q = JSON_FN(array)(s, node, p + 1, row))) {
            s->depth = depth;
            return json_bad_field(s, node, p, row);
        }
        break;
    case JSON_MAP:
        if (*p != '{') break;
        if (!(q = JSON_FN(map)(s, node, p + 1, row))) {
            s->depth = depth;
            return json_bad_field(s, node, p, row);
        }
        break;
    default: break;
    }
    if (FAST_UNLIKELY(!q)) return json_slow_value(s, node, p, row);
    if (FAST_UNLIKELY(b->has_null)) bit_set(b->valid, row);
    b->n = row + 1;
    return q;
}

static const char *JSON_FN(object)(JsonScan *s, JsonNode *node, const char *p, uint32_t row) {
    uint16_t *guess = &node->first, f;
    if (FAST_UNLIKELY(++s->depth > JSON_DEPTH_MAX)) return json_reject(s, p, "nested too deeply");
    if (FAST_UNLIKELY(node->is_tracked)) node->stamp++;
    p = JSON_FN(blanks)(p);
    if (FAST_UNLIKELY(*p == '}')) goto end;
    for (;;) {
        JsonField *field = &node->fields[*guess];
        if (FAST_LIKELY(JSON_FN(is_key)(p, field))) {
            p += field->lit_len;
        } else {
            if (!(p = json_slow_key(s, node, p, &f))) return NULL;
            *guess = f;
            field = &node->fields[f];
        }
        p = JSON_FN(blanks)(p);
        if (FAST_UNLIKELY(node->is_tracked)) field->seen = node->stamp;
        p = field->node ? JSON_FN(store)(s, field->node, p, row) : JSON_FN(pass)(s, p);
        if (FAST_UNLIKELY(!p)) return NULL;
        p = JSON_FN(blanks)(p);
        if (FAST_LIKELY(*p == ',')) {
            p = JSON_FN(blanks)(p + 1);
            guess = &field->next;
            continue;
        }
        if (FAST_LIKELY(*p == '}')) break;
        return json_reject(s, p, "expected ',' or '}'");
    }
end:
    s->depth--;
    p++;
    if (FAST_UNLIKELY(node->has_required || node->is_tracked)) {
        return json_check_object(s, node, p, row);
    }
    return p;
}

static const char *JSON_FN(array)(JsonScan *s, JsonNode *node, const char *p, uint32_t row) {
    if (++s->depth > JSON_DEPTH_MAX) return json_reject(s, p, "nested too deeply");
    p = JSON_FN(blanks)(p);
    if (*p != ']') {
        for (;;) {
            if (!(p = JSON_FN(value)(s, node->elem, p, node->n_elems))) return NULL;
            node->n_elems++;
            p = JSON_FN(blanks)(p);
            if (*p == ']') break;
            if (*p != ',') return json_reject(s, p, "expected ',' or ']'");
            p = JSON_FN(blanks)(p + 1);
        }
    }
    node->b->offsets[row + 1] = node->n_elems;
    s->depth--;
    return p + 1;
}

static const char *JSON_FN(map)(JsonScan *s, JsonNode *node, const char *p, uint32_t row) {
    const char *start = p;
    uint32_t first = node->n_elems;
    if (++s->depth > JSON_DEPTH_MAX) return json_reject(s, p, "nested too deeply");
    p = JSON_FN(blanks)(p);
    if (*p != '}') {
        for (;;) {
            if (*p != '"') return json_reject(s, p, "expected a key in quotes");
            if (!(p = JSON_FN(value)(s, node->key, p, node->n_elems))) return NULL;
            p = JSON_FN(blanks)(p);
            if (*p != ':') return json_reject(s, p, "expected ':'");
            p = JSON_FN(blanks)(p + 1);
            if (!(p = JSON_FN(value)(s, node->elem, p, node->n_elems))) return NULL;
            node->n_elems++;
            p = JSON_FN(blanks)(p);
            if (*p == '}') break;
            if (*p != ',') return json_reject(s, p, "expected ',' or '}'");
            p = JSON_FN(blanks)(p + 1);
        }
    }
    if (node->n_elems - first > 1) {
        p = json_map_unique(s, node, start, p, first);
        if (!p) return NULL;
    }
    node->b->offsets[row + 1] = node->n_elems;
    s->depth--;
    return p + 1;
}

static const char *JSON_FN(value)(JsonScan *s, JsonNode *node, const char *p, uint32_t row) {
    return JSON_FN(store)(s, node, p, row);
}

static const char *JSON_FN(lines)(JsonScan *s, JsonNode *top, const char *p, const char *end,
                                  uint32_t *row, uint32_t max_rows) {
    while (p < end && *row < max_rows) {
        const char *q = JSON_FN(blanks)(p);
        s->record = p;
        if (FAST_UNLIKELY(*q != '{')) {
            if (*q != '\n') break;
            p = q + 1;
            s->n_lines++;
            continue;
        }
        s->depth = 0;
        q = JSON_FN(object)(s, top, q + 1, *row);
        if (FAST_UNLIKELY(!q)) break;
        q = JSON_FN(blanks)(q);
        if (FAST_UNLIKELY(*q != '\n')) {
            (void)json_reject(s, q, "text behind the record");
            break;
        }
        p = q + 1;
        s->n_lines++;
        ++*row;
    }
    return p;
}
