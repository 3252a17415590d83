/* dom.c -- reads and prints JSON (RFC 8259), strictly, at most 1,000 levels deep.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/dom.h"

enum { DOM_DEPTH_MAX = 1000 };

typedef struct DomReader {
    Arena *arena;
    const char *at, *end;
    int depth;
} DomReader;

static void dom_skip(DomReader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static bool dom_accept(DomReader *r, char c) {
    if (r->at == r->end || *r->at != c) return false;
    r->at++;
    return true;
}

static bool dom_hex4(DomReader *r, uint32_t *out) {
    unsigned char bytes[2];
    if (r->end - r->at < 4 || !hex_decode(bytes, (Span){r->at, 4})) return false;
    *out = (uint32_t)bytes[0] << 8 | bytes[1];
    r->at += 4;
    return true;
}

/* Behind \u: one character, perhaps of two escapes; a lone surrogate becomes U+FFFD. */
static bool dom_unicode(DomReader *r, char *to, size_t *n) {
    uint32_t code, low;
    if (!dom_hex4(r, &code)) return false;
    if (code >= 0xd800 && code < 0xdc00 && r->end - r->at >= 6 && r->at[0] == '\\' &&
        r->at[1] == 'u') {
        const char *before = r->at;
        r->at += 2;
        if (!dom_hex4(r, &low)) return false;
        if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        } else {
            r->at = before;
        }
    }
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    *n += utf8_encode(to + *n, code);
    return true;
}

/* At the character behind the opening quote. Without escapes the text is not copied. */
static bool dom_string(DomReader *r, Span *out) {
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *from = r->at;
    while (r->at < r->end && *r->at != '"' && *r->at != '\\' && (unsigned char)*r->at >= 0x20)
        r->at++;
    *out = (Span){from, (size_t)(r->at - from)};
    if (dom_accept(r, '"')) return true;
    char *to = arena_alloc(r->arena, (size_t)(r->end - from));
    size_t n = out->len;
    memcpy(to, from, n);
    while (r->at < r->end) {
        char c = *r->at++;
        if (c == '"') {
            *out = (Span){to, n};
            return true;
        }
        if ((unsigned char)c < 0x20) return false;
        if (c != '\\') {
            to[n++] = c;
            continue;
        }
        if (r->at == r->end) return false;
        c = *r->at++;
        if (c == 'u') {
            if (!dom_unicode(r, to, &n)) return false;
            continue;
        }
        const char *hit = c ? strchr(escapes, c) : NULL;
        if (!hit) return false;
        to[n++] = meanings[hit - escapes];
    }
    return false;
}

static size_t dom_digits(DomReader *r) {
    const char *from = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') r->at++;
    return (size_t)(r->at - from);
}

static bool dom_number(DomReader *r, Span *out) {
    const char *from = r->at;
    dom_accept(r, '-');
    bool is_zero = r->at < r->end && *r->at == '0';
    size_t n = dom_digits(r);
    if (n == 0 || (is_zero && n > 1)) return false;
    if (dom_accept(r, '.') && dom_digits(r) == 0) return false;
    if (r->at < r->end && (*r->at | 32) == 'e') {
        r->at++;
        if (!dom_accept(r, '-')) dom_accept(r, '+');
        if (dom_digits(r) == 0) return false;
    }
    *out = (Span){from, (size_t)(r->at - from)};
    return true;
}

static DomNode *dom_value(DomReader *r);

static bool dom_members(DomReader *r, DomNode *node) {
    bool is_object = node->kind == DOM_OBJECT;
    char close = is_object ? '}' : ']';
    DomNode **tail = &node->first;
    dom_skip(r);
    if (dom_accept(r, close)) return true;
    do {
        Span key = {0};
        dom_skip(r);
        if (is_object) {
            if (!dom_accept(r, '"') || !dom_string(r, &key)) return false;
            dom_skip(r);
            if (!dom_accept(r, ':')) return false;
        }
        DomNode *child = dom_value(r);
        if (!child) return false;
        child->key = key;
        *tail = child;
        tail = &child->next;
        node->n++;
        dom_skip(r);
    } while (dom_accept(r, ','));
    return dom_accept(r, close);
}

static bool dom_word(DomReader *r, DomNode *node) {
    static const char *const words[] = {"null", "false", "true"};
    for (int i = 0; i < 3; i++) {
        size_t len = strlen(words[i]);
        if ((size_t)(r->end - r->at) < len || memcmp(r->at, words[i], len) != 0) continue;
        r->at += len;
        node->kind = (DomKind)i;
        return true;
    }
    return false;
}

static DomNode *dom_value(DomReader *r) {
    DomNode *node = arena_new(r->arena, DomNode);
    bool is_good;
    dom_skip(r);
    if (r->at == r->end || ++r->depth > DOM_DEPTH_MAX) return NULL;
    if (*r->at == '{' || *r->at == '[') {
        node->kind = *r->at++ == '{' ? DOM_OBJECT : DOM_ARRAY;
        is_good = dom_members(r, node);
    } else if (*r->at == '"') {
        node->kind = DOM_STRING;
        r->at++;
        is_good = dom_string(r, &node->text);
    } else if (*r->at == '-' || (*r->at >= '0' && *r->at <= '9')) {
        node->kind = DOM_NUMBER;
        is_good = dom_number(r, &node->text);
    } else {
        is_good = dom_word(r, node);
    }
    r->depth--;
    return is_good ? node : NULL;
}

const DomNode *dom_parse(Arena *arena, Span text) {
    DomReader r = {arena, text.ptr, text.ptr + text.len, 0};
    DomNode *node = dom_value(&r);
    dom_skip(&r);
    return r.at == r.end ? node : NULL;
}

/* ---- printing ---- */

void dom_print_string(Span text, Buf *out) {
    static const char named[] = "\b\f\n\r\t", letters[] = "bfnrt";
    buf_putc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        const char *hit = c ? strchr(named, c) : NULL;
        if (c == '"' || c == '\\') {
            buf_putc(out, '\\');
            buf_putc(out, c);
        } else if (hit) {
            buf_putc(out, '\\');
            buf_putc(out, letters[hit - named]);
        } else if ((unsigned char)c < 0x20) {
            buf_printf(out, "\\u%04X", (unsigned)c);
        } else {
            buf_putc(out, c);
        }
    }
    buf_putc(out, '"');
}

/* Digits and a scale, as java.math.BigDecimal writes them: what Flink reads fractions as. */
static void dom_print_decimal(bool is_negative, Span digits, int64_t scale, Buf *out) {
    int64_t n = (int64_t)digits.len, exponent = n - 1 - scale;
    if (is_negative && (digits.len > 1 || *digits.ptr != '0')) buf_putc(out, '-');
    if (scale >= 0 && exponent >= -6) {
        for (int64_t i = n - 1; i < scale; i++) buf_puts(out, i == n - 1 ? "0." : "0");
        for (int64_t i = 0; i < n; i++) {
            if (i && i == n - scale) buf_putc(out, '.');
            buf_putc(out, digits.ptr[i]);
        }
        return;
    }
    buf_putc(out, *digits.ptr);
    if (n > 1) {
        buf_putc(out, '.');
        buf_put(out, digits.ptr + 1, digits.len - 1);
    }
    if (exponent) buf_printf(out, "E%+lld", (long long)exponent);
}

static void dom_print_number(Span text, Buf *out) {
    bool is_negative = *text.ptr == '-', has_fraction = false, has_exponent = false;
    int64_t scale = 0, exponent = 0;
    Buf digits;
    Span all;
    size_t i = is_negative;
    buf_init(&digits, NULL);
    for (; i < text.len && (text.ptr[i] | 32) != 'e'; i++) {
        scale += has_fraction;
        if (text.ptr[i] == '.')
            has_fraction = true;
        else if (digits.len || text.ptr[i] != '0')
            buf_putc(&digits, text.ptr[i]);
    }
    if (i < text.len) {
        has_exponent = true;
        i += text.ptr[i + 1] == '+' ? 2 : 1;
        if (num_parse_i64((Span){text.ptr + i, text.len - i}, &exponent) != NUM_OK ||
            exponent > INT32_MAX || exponent < -INT32_MAX) {
            buf_deinit(&digits);
            buf_span(out, text);
            return;
        }
    }
    all = digits.len ? buf_as_span(&digits) : SPAN("0");
    if (digits.len == 0) is_negative = false;
    if (!has_fraction && !has_exponent) {
        if (is_negative) buf_putc(out, '-');
        buf_span(out, all);
    } else {
        dom_print_decimal(is_negative, all, scale - exponent, out);
    }
    buf_deinit(&digits);
}

typedef struct DomMember {
    const DomNode *node;
    uint32_t at; /* of equal keys the last one counts */
} DomMember;

static int dom_member_order(const void *a, const void *b) {
    const DomMember *x = a, *y = b;
    int order = span_cmp(x->node->key, y->node->key);
    return order ? order : (x->at < y->at) - (x->at > y->at);
}

/* Members in order of their keys, as Flink writes objects. */
static void dom_print_object(const DomNode *node, Buf *out) {
    Buf sorted;
    DomMember *members;
    uint32_t n = 0;
    buf_init(&sorted, NULL);
    members = (DomMember *)(void *)buf_reserve(&sorted, sizeof *members * (node->n + 1));
    for (const DomNode *child = node->first; child; child = child->next, n++)
        members[n] = (DomMember){child, n};
    qsort(members, n, sizeof *members, dom_member_order);
    buf_putc(out, '{');
    for (uint32_t i = 0; i < n; i++) {
        if (i && span_eq(members[i].node->key, members[i - 1].node->key)) continue;
        if (i) buf_putc(out, ',');
        dom_print_string(members[i].node->key, out);
        buf_putc(out, ':');
        dom_print(members[i].node, out);
    }
    buf_putc(out, '}');
    buf_deinit(&sorted);
}

void dom_print(const DomNode *node, Buf *out) {
    switch (node->kind) {
    case DOM_NULL: buf_puts(out, "null"); return;
    case DOM_FALSE: buf_puts(out, "false"); return;
    case DOM_TRUE: buf_puts(out, "true"); return;
    case DOM_NUMBER: dom_print_number(node->text, out); return;
    case DOM_STRING: dom_print_string(node->text, out); return;
    case DOM_OBJECT: dom_print_object(node, out); return;
    default: break;
    }
    buf_putc(out, '[');
    for (const DomNode *child = node->first; child; child = child->next) {
        if (child != node->first) buf_putc(out, ',');
        dom_print(child, out);
    }
    buf_putc(out, ']');
}

void dom_print_scalar(const DomNode *node, Buf *out) {
    if (node->kind == DOM_STRING) {
        buf_span(out, node->text);
    } else {
        dom_print(node, out);
    }
}
