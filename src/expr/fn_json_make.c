/* fn_json_make.c -- making JSON: JSON_STRING, JSON_OBJECT, JSON_ARRAY, JSON, quoting; and what
 * kind of value a JSON text is.
 *
 * The binder hands JSON_OBJECT and JSON_ARRAY their values as JSON texts already (a plain value
 * inside JSON_STRING, another constructor as it is), so that they only have to be put together.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/dom.h"
#include "expr/list.h"

#define MAKE_KERNEL(kernel)                                                                        \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

static void sqljson_put(Arena *arena, const Column *col, uint32_t row, Buf *out);

/* The members of an object on their way out: keys sorted by their bytes, as Flink writes them; of
 * equal keys the last one counts. */
typedef struct JsonMember {
    Span key;
    uint32_t at;
} JsonMember;

static int sqljson_member_order(const void *a, const void *b) {
    const JsonMember *x = a, *y = b;
    int order = span_cmp(x->key, y->key);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

static void sqljson_sort(JsonMember *members, uint32_t *n) {
    uint32_t kept = 0;
    qsort(members, *n, sizeof *members, sqljson_member_order);
    for (uint32_t i = 0; i < *n; i++) {
        if (i + 1 < *n && span_eq(members[i].key, members[i + 1].key)) continue;
        members[kept++] = members[i];
    }
    *n = kept;
}

static void sqljson_put_array(Arena *arena, const Column *col, uint32_t row, Buf *out) {
    ListRange range = list_range(col, row);
    buf_putc(out, '[');
    for (uint32_t k = range.from; k < range.from + range.n; k++) {
        if (k > range.from) buf_putc(out, ',');
        sqljson_put(arena, &col->children[0], k, out);
    }
    buf_putc(out, ']');
}

/* MAP and MULTISET. */
static void sqljson_put_map(Arena *arena, const Column *col, uint32_t row, Buf *out) {
    ListRange range = list_range(col, row);
    JsonMember *members = arena_alloc(arena, sizeof *members * (range.n + 1));
    uint32_t n = range.n;
    for (uint32_t i = 0; i < range.n; i++) {
        Buf key;
        buf_init(&key, NULL);
        value_print(&col->children[0], range.from + i, TEXT_SQL, NULL, &key);
        members[i] = (JsonMember){span_copy(arena, buf_as_span(&key)), range.from + i};
        buf_deinit(&key);
    }
    sqljson_sort(members, &n);
    buf_putc(out, '{');
    for (uint32_t i = 0; i < n; i++) {
        if (i) buf_putc(out, ',');
        dom_print_string(members[i].key, out);
        buf_putc(out, ':');
        sqljson_put(arena, &col->children[1], members[i].at, out);
    }
    buf_putc(out, '}');
}

static void sqljson_put_row(Arena *arena, const Column *col, uint32_t row, Buf *out) {
    JsonMember *members = arena_alloc(arena, sizeof *members * (col->n_children + 1));
    uint32_t n = col->n_children;
    for (uint32_t i = 0; i < n; i++) members[i] = (JsonMember){col->type->row.fields[i].name, i};
    sqljson_sort(members, &n);
    buf_putc(out, '{');
    for (uint32_t i = 0; i < n; i++) {
        if (i) buf_putc(out, ',');
        dom_print_string(members[i].key, out);
        buf_putc(out, ':');
        sqljson_put(arena, &col->children[members[i].at], col_at(col, row), out);
    }
    buf_putc(out, '}');
}

static void sqljson_put_bytes(Span bytes, Buf *out) {
    size_t len = base64_encoded_len(bytes.len);
    buf_putc(out, '"');
    base64_encode(buf_reserve(out, len), bytes.ptr, bytes.len);
    out->len += len;
    buf_putc(out, '"');
}

/* Numbers and booleans bare, all else quoted; times in ISO form. */
static void sqljson_put(Arena *arena, const Column *col, uint32_t row, Buf *out) {
    TypeKind kind = (TypeKind)col->type->kind;
    uint32_t at = col_at(col, row);
    if (kind == TYPE_NULL || col_is_null(col, row)) {
        buf_puts(out, "null");
    } else if (kind <= TYPE_DECIMAL) {
        value_print(col, row, TEXT_SQL, NULL, out);
    } else if (kind <= TYPE_VARCHAR) {
        dom_print_string(str_span(&col->str[at]), out);
    } else if (kind <= TYPE_VARBINARY) {
        sqljson_put_bytes(str_span(&col->str[at]), out);
    } else if (kind == TYPE_ROW) {
        sqljson_put_row(arena, col, row, out);
    } else if (kind == TYPE_ARRAY) {
        sqljson_put_array(arena, col, row, out);
    } else if (kind > TYPE_ARRAY) {
        sqljson_put_map(arena, col, row, out);
    } else {
        buf_putc(out, '"');
        value_print(col, row, TEXT_ISO, NULL, out);
        buf_putc(out, '"');
    }
}

MAKE_KERNEL(sqljson_string) {
    FnText text = {ctx->scratch, NULL, NULL};
    Buf buf;
    (void)n_args, (void)err;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        buf_reset(&buf);
        sqljson_put(ctx->scratch, &args[0], i, &buf);
        fn_out_str(out)[i] = fn_text_copy(&text, buf_as_span(&buf));
    }
    buf_deinit(&buf);
    return ST_OK;
}

/* Only ASCII, the slash escaped too, as Flink does. */
MAKE_KERNEL(sqljson_quote) {
    static const char special[] = "\b\f\n\r\t\"\\/", letters[] = "bfnrt\"\\/";
    FnText text = {ctx->scratch, NULL, NULL};
    Buf buf;
    (void)n_args, (void)err;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span in = fn_span(&args[0], i);
        buf_reset(&buf);
        buf_putc(&buf, '"');
        for (size_t at = 0, len; at < in.len; at += len) {
            uint32_t code = utf8_decode((Span){in.ptr + at, in.len - at}, &len);
            const char *hit = code && code < 0x80 ? strchr(special, (int)code) : NULL;
            if (hit) {
                buf_putc(&buf, '\\');
                buf_putc(&buf, letters[hit - special]);
            } else if (code >= 0x20 && code < 0x7f) {
                buf_putc(&buf, (char)code);
            } else if (code < 0x10000) {
                buf_printf(&buf, "\\u%04x", code);
            } else {
                code -= 0x10000;
                buf_printf(&buf, "\\u%04x\\u%04x", 0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff));
            }
        }
        buf_putc(&buf, '"');
        fn_out_str(out)[i] = fn_text_copy(&text, buf_as_span(&buf));
    }
    buf_deinit(&buf);
    return ST_OK;
}

/* What is no JSON string stays as it is. */
MAKE_KERNEL(sqljson_unquote) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span in = fn_span(&args[0], i);
        const DomNode *node = in.len && *in.ptr == '"' ? dom_parse(ctx->scratch, in) : NULL;
        Span plain = node && node->kind == DOM_STRING ? node->text : in;
        fn_out_str(out)[i] = fn_text_copy(&text, plain);
    }
    return ST_OK;
}

/* ---- constructors ---- */

/* (null treatment, key, json, key, json ...) */
MAKE_KERNEL(sqljson_object) {
    bool keeps_nulls = span_is(fn_span(&args[0], 0), "NULL");
    FnText text = {ctx->scratch, NULL, NULL};
    JsonMember *members = arena_alloc(ctx->scratch, sizeof *members * (n_args + 1));
    Buf buf;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t n_members = 0;
        for (uint32_t a = 1; a + 1 < n_args; a += 2) {
            if (col_is_null(&args[a], i)) {
                buf_deinit(&buf);
                FN_FAIL(ctx, err, "22030", "a key of JSON_OBJECT is NULL");
            }
            if (!keeps_nulls && col_is_null(&args[a + 1], i)) continue;
            members[n_members++] = (JsonMember){fn_span(&args[a], i), a + 1};
        }
        sqljson_sort(members, &n_members);
        buf_reset(&buf);
        buf_putc(&buf, '{');
        for (uint32_t m = 0; m < n_members; m++) {
            const Column *value = &args[members[m].at];
            if (m) buf_putc(&buf, ',');
            dom_print_string(members[m].key, &buf);
            buf_putc(&buf, ':');
            buf_span(&buf, col_is_null(value, i) ? SPAN("null") : fn_span(value, i));
        }
        buf_putc(&buf, '}');
        fn_out_str(out)[i] = fn_text_copy(&text, buf_as_span(&buf));
    }
    buf_deinit(&buf);
    return ST_OK;
}

/* (null treatment, json, json ...) */
MAKE_KERNEL(sqljson_array) {
    bool keeps_nulls = span_is(fn_span(&args[0], 0), "NULL");
    FnText text = {ctx->scratch, NULL, NULL};
    Buf buf;
    (void)err;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        buf_reset(&buf);
        buf_putc(&buf, '[');
        for (uint32_t a = 1; a < n_args; a++) {
            bool is_null = col_is_null(&args[a], i);
            if (is_null && !keeps_nulls) continue;
            if (buf.len > 1) buf_putc(&buf, ',');
            buf_span(&buf, is_null ? SPAN("null") : fn_span(&args[a], i));
        }
        buf_putc(&buf, ']');
        fn_out_str(out)[i] = fn_text_copy(&text, buf_as_span(&buf));
    }
    buf_deinit(&buf);
    return ST_OK;
}

MAKE_KERNEL(sqljson_raw) {
    FnText text = {ctx->scratch, NULL, NULL};
    Buf buf;
    (void)n_args;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        Span in = span_trim(fn_span(&args[0], i));
        const DomNode *node = in.len ? dom_parse(ctx->scratch, in) : NULL;
        if (!in.len) {
            fn_make_null(ctx, out, i);
            continue;
        }
        if (!node) {
            buf_deinit(&buf);
            FN_FAIL(ctx, err, "22032", "JSON: '%.*s' is not JSON", (int)(in.len > 80 ? 80 : in.len),
                    in.ptr);
        }
        buf_reset(&buf);
        dom_print(node, &buf);
        fn_out_str(out)[i] = fn_text_copy(&text, buf_as_span(&buf));
    }
    buf_deinit(&buf);
    return ST_OK;
}

/* The elements of a JSON array: scalars as text, the rest as JSON. NULL when it is no array. */
MAKE_KERNEL(sqljson_elements) {
    ColBuilder list;
    Buf buf;
    (void)n_args, (void)err;
    buf_init(&buf, NULL);
    colb_init(&list, ctx->scratch, ctx->call->type, n);
    for (uint32_t i = 0; i < n; i++) {
        const DomNode *node = NULL;
        if (!col_is_null(&args[0], i)) node = dom_parse(ctx->scratch, fn_span(&args[0], i));
        if (!node || node->kind != DOM_ARRAY) {
            colb_null(&list);
            continue;
        }
        for (const DomNode *child = node->first; child; child = child->next) {
            if (child->kind == DOM_NULL) {
                colb_null(&list.children[0]);
                continue;
            }
            buf_reset(&buf);
            dom_print_scalar(child, &buf);
            colb_str(&list.children[0], buf.ptr, buf.len);
        }
        colb_list_end(&list);
    }
    buf_deinit(&buf);
    colb_finish(&list, out);
    return ST_OK;
}

/* ---- kinds and sizes ---- */

/* The value at the path of argument 1 (or the whole text), when there is exactly one. */
static Status sqljson_one(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t i,
                          const DomNode **out, Err *err) {
    const DomPath *path = ctx->prepared;
    bool is_error;
    *out = dom_parse(ctx->scratch, fn_span(&args[0], i));
    if (!*out || n_args < 2) return ST_OK;
    if (!path) TRY(dom_path_compile(ctx->scratch, fn_span(&args[1], i), &path, err));
    *out = dom_path_find(ctx->scratch, path, *out, &is_error);
    if (*out && !dom_path_is_definite(path)) *out = (*out)->n == 1 ? (*out)->first : NULL;
    return ST_OK;
}

MAKE_KERNEL(sqljson_type) {
    static const char *const names[] = {"null",   "boolean", "boolean", "number",
                                        "string", "array",   "object"};
    for (uint32_t i = 0; i < n; i++) {
        const DomNode *node;
        if (!fn_is_valid(out, i)) continue;
        TRY(sqljson_one(ctx, args, n_args, i, &node, err));
        if (node)
            fn_out_str(out)[i] = str_make(names[node->kind], (uint32_t)strlen(names[node->kind]));
        else
            fn_make_null(ctx, out, i);
    }
    return ST_OK;
}

MAKE_KERNEL(sqljson_length) {
    for (uint32_t i = 0; i < n; i++) {
        const DomNode *node;
        if (!fn_is_valid(out, i)) continue;
        TRY(sqljson_one(ctx, args, n_args, i, &node, err));
        if (node)
            fn_out_i32(out)[i] = dom_is_scalar(node) ? 1 : (int32_t)node->n;
        else
            fn_make_null(ctx, out, i);
    }
    return ST_OK;
}

static Status sqljson_one_prepare(Arena *arena, const Expr *call, void **out, Err *err) {
    const DomPath *path;
    Span text;
    if (call->n_args < 2 || !fn_const_text(call, 1, &text)) return ST_OK;
    TRY(dom_path_compile(arena, text, &path, err));
    *out = (void *)(uintptr_t)path;
    return ST_OK;
}

const Fn fns_json_make[] = {
    {"JSON_STRING", "json", "(ANY) -> STRING", sqljson_string, FN_STRICT, NULL, NULL, NULL,
     "Any value as JSON.", "JSON_STRING(ARRAY[1, 2]) => [1,2]"},
    {"JSON_QUOTE", "json", "(STRING) -> STRING", sqljson_quote, FN_STRICT, NULL, NULL, NULL,
     "The text as a JSON string of ASCII characters.", "JSON_QUOTE('ä\"') => \"\\u00e4\\\"\""},
    {"JSON_UNQUOTE", "json", "(STRING) -> STRING", sqljson_unquote, FN_STRICT, NULL, NULL, NULL,
     "The text that a JSON string stands for.", "JSON_UNQUOTE('\"\\u0041\"') => A"},
    {"JSON_OBJECT", "json", "(SYMBOL [, STRING...]) -> STRING!", sqljson_object, FN_CAN_FAIL, NULL,
     NULL, NULL,
     "A JSON object of keys and values, sorted by key: JSON_OBJECT(KEY k VALUE v, ... [NULL | "
     "ABSENT "
     "ON NULL]). Values made by JSON_OBJECT, JSON_ARRAY and JSON are put in as they are.",
     "JSON_OBJECT('b' VALUE 1, 'a' VALUE JSON_ARRAY('x', TRUE)) => {\"a\":[\"x\",true],\"b\":1}"},
    {"JSON_ARRAY", "json", "(SYMBOL [, STRING...]) -> STRING!", sqljson_array, 0, NULL, NULL, NULL,
     "A JSON array of values: JSON_ARRAY(v, ... [NULL | ABSENT ON NULL]); NULLs are left out "
     "unless "
     "NULL ON NULL is said.",
     "JSON_ARRAY(1, 'a', CAST(NULL AS INT) NULL ON NULL) => [1,\"a\",null]"},
    {"JSON", "json", "(STRING) -> STRING?", sqljson_raw, FN_STRICT | FN_CAN_FAIL | FN_CAN_NULL,
     NULL, NULL, NULL, "A JSON text as a value of JSON_OBJECT or JSON_ARRAY; stands only there.",
     "JSON_OBJECT('k' VALUE JSON('{\"b\": 1}')) => {\"k\":{\"b\":1}}"},
    {"JSON_ELEMENTS", "json", "(STRING) -> ARRAY<STRING>?", sqljson_elements, FN_CAN_NULL, NULL,
     NULL, NULL,
     "The elements of a JSON array: scalars as text, the rest as JSON; NULL for no array.",
     "JSON_ELEMENTS('[1,\"a\",{\"b\":2}]') => [1, a, {\"b\":2}]"},
    {"JSON_TYPE", "json", "(STRING [, STRING]) -> STRING?", sqljson_type,
     FN_STRICT | FN_CAN_FAIL | FN_CAN_NULL, NULL, sqljson_one_prepare, NULL,
     "object, array, string, number, boolean or null: what the text, or the value at a path, is.",
     "JSON_TYPE('{\"a\": [1]}', '$.a') => array"},
    {"JSON_LENGTH", "json", "(STRING [, STRING]) -> INT?", sqljson_length,
     FN_STRICT | FN_CAN_FAIL | FN_CAN_NULL, NULL, sqljson_one_prepare, NULL,
     "How many members or elements the text, or the value at a path, has; 1 for a scalar.",
     "JSON_LENGTH('{\"a\": [1, 2]}', '$.a') => 2"},
    FN_END};
