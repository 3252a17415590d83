/* fn_json.c -- JSON in texts: JSON_VALUE, JSON_QUERY, JSON_EXISTS, IS JSON.
 *
 * Errors (a text that is no JSON, a missing value in strict mode) give NULL, which is what NULL ON
 * EMPTY and NULL ON ERROR, the defaults, say. SPDX-License-Identifier: Apache-2.0
 */
#include "expr/dom.h"

#define JSON_KERNEL(kernel)                                                                        \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

static Status sqljson_prepare(Arena *arena, const Expr *call, void **out, Err *err) {
    const DomPath *path;
    Span text;
    if (!fn_const_text(call, 1, &text)) return ST_OK;
    Status status = dom_path_compile(arena, text, &path, err);
    if (status != ST_OK) {
        if (err) err->pos = call->args[1]->pos;
        return status;
    }
    *out = (void *)(uintptr_t)path;
    return ST_OK;
}

/* The value at the row's path, or NULL. The tree lives in `arena`. */
static Status sqljson_find(FnCtx *ctx, const Column *args, uint32_t i, Arena *arena,
                           const DomPath **path, const DomNode **found, Err *err) {
    bool is_error;
    *path = ctx->prepared;
    *found = NULL;
    if (!*path) TRY(dom_path_compile(arena, fn_span(&args[1], i), path, err));
    const DomNode *root = dom_parse(arena, fn_span(&args[0], i));
    if (root) *found = dom_path_find(arena, *path, root, &is_error);
    return ST_OK;
}

typedef bool SqlJsonTake(const DomNode *node); /* whether the function gives this value */

/* The value as text where take says so, else NULL. */
static Status sqljson_extract(FnCtx *ctx, const Column *args, uint32_t n, Column *out,
                              SqlJsonTake *take, void (*print)(const DomNode *, Buf *), Err *err) {
    FnText text = {ctx->scratch, NULL, NULL};
    Arena tree;
    Buf buf;
    Status status = ST_OK;
    arena_init(&tree, NULL);
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        const DomPath *path;
        const DomNode *node = NULL;
        if (!fn_is_valid(out, i)) continue;
        arena_reset(&tree);
        status = sqljson_find(ctx, args, i, &tree, &path, &node, err);
        if (node && node->kind != DOM_NULL && take(node)) {
            buf_reset(&buf);
            print(node, &buf);
            fn_out_str(out)[i] = fn_text_copy(&text, buf_as_span(&buf));
        } else {
            fn_make_null(ctx, out, i);
        }
    }
    buf_deinit(&buf);
    arena_deinit(&tree);
    return status;
}

static bool sqljson_is_nested(const DomNode *node) {
    return !dom_is_scalar(node);
}
JSON_KERNEL(sqljson_value) {
    (void)n_args;
    return sqljson_extract(ctx, args, n, out, dom_is_scalar, dom_print_scalar, err);
}
JSON_KERNEL(sqljson_query) {
    (void)n_args;
    return sqljson_extract(ctx, args, n, out, sqljson_is_nested, dom_print, err);
}

JSON_KERNEL(sqljson_exists) {
    Arena tree;
    Status status = ST_OK;
    (void)n_args;
    arena_init(&tree, NULL);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        const DomPath *path;
        const DomNode *node = NULL;
        if (!fn_is_valid(out, i)) continue;
        arena_reset(&tree);
        status = sqljson_find(ctx, args, i, &tree, &path, &node, err);
        fn_out_i8(out)[i] = node && node->kind != DOM_NULL;
    }
    arena_deinit(&tree);
    return status;
}

/* ---- with clauses: the binder passes what is to be done as keywords ----
 *   JSON_VALUE(json, path, on empty, its default, on error, its default): NULL, ERROR, DEFAULT
 *   JSON_QUERY(json, path, wrapper, on empty, on error): WITHOUT, CONDITIONAL, UNCONDITIONAL; NULL,
 *   ERROR, EMPTY ARRAY, EMPTY OBJECT
 *   JSON_EXISTS(json, path, on error): TRUE, FALSE, UNKNOWN, ERROR */

/* How a path ended: with a value of the kind wanted, without one, or in an error. */
typedef enum SqlJsonCase { JSON_FOUND, JSON_EMPTY, JSON_ERROR } SqlJsonCase;

static Status sqljson_case(FnCtx *ctx, const Column *args, uint32_t i, SqlJsonTake *take,
                           const DomNode **node, SqlJsonCase *out, Err *err) {
    const DomPath *path = ctx->prepared;
    bool is_error;
    *node = NULL;
    if (!path) TRY(dom_path_compile(ctx->scratch, fn_span(&args[1], i), &path, err));
    is_error = !dom_path_is_lax(path); /* lax: a text that is no JSON has no value */
    const DomNode *root = dom_parse(ctx->scratch, fn_span(&args[0], i));
    if (root) *node = dom_path_find(ctx->scratch, path, root, &is_error);
    bool is_absent = !*node || (*node)->kind == DOM_NULL;
    bool is_wrong = !is_absent && take && !take(*node);
    *out = is_error || (is_wrong && !dom_path_is_lax(path)) ? JSON_ERROR
           : is_absent || is_wrong                          ? JSON_EMPTY
                                                            : JSON_FOUND;
    return ST_OK;
}

static Status sqljson_fail(FnCtx *ctx, SqlJsonCase what, Err *err) {
    FN_FAIL(ctx, err, what == JSON_EMPTY ? "22035" : "22032", "%s: %s", ctx->call->fn->name,
            what == JSON_EMPTY ? "there is no value at the path"
                               : "the text is not JSON, or the path leads to nothing that fits");
}

JSON_KERNEL(sqljson_value_clauses) {
    FnText text = {ctx->scratch, NULL, NULL};
    Buf buf;
    Status status = ST_OK;
    (void)n_args;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        const DomNode *node = NULL;
        SqlJsonCase what = JSON_EMPTY;
        bool is_null = col_is_null(&args[0], i) || col_is_null(&args[1], i);
        if (!is_null) status = sqljson_case(ctx, args, i, dom_is_scalar, &node, &what, err);
        if (status != ST_OK) break;
        const Column *action = &args[what == JSON_EMPTY ? 2 : 4], *instead = action + 1;
        if (!is_null && what == JSON_FOUND) {
            buf_reset(&buf);
            dom_print_scalar(node, &buf);
            fn_out_str(out)[i] = fn_text_copy(&text, buf_as_span(&buf));
        } else if (!is_null && span_is(fn_span(action, 0), "ERROR")) {
            status = sqljson_fail(ctx, what, err);
        } else if (!is_null && span_is(fn_span(action, 0), "DEFAULT") && !col_is_null(instead, i)) {
            fn_out_str(out)[i] = instead->str[col_at(instead, i)];
        } else {
            fn_make_null(ctx, out, i);
        }
    }
    buf_deinit(&buf);
    return status;
}

static void sqljson_wrap(const DomNode *node, Span wrapper, Buf *out) {
    bool is_wrapped = span_is(wrapper, "UNCONDITIONAL") ||
                      (span_is(wrapper, "CONDITIONAL") && node->kind != DOM_ARRAY);
    if (is_wrapped) buf_putc(out, '[');
    dom_print(node, out);
    if (is_wrapped) buf_putc(out, ']');
}

JSON_KERNEL(sqljson_query_clauses) {
    FnText text = {ctx->scratch, NULL, NULL};
    Span wrapper = fn_span(&args[2], 0);
    SqlJsonTake *take = span_is(wrapper, "WITHOUT") ? sqljson_is_nested : NULL;
    Buf buf;
    Status status = ST_OK;
    (void)n_args;
    buf_init(&buf, NULL);
    for (uint32_t i = 0; i < n && status == ST_OK; i++) {
        const DomNode *node = NULL;
        SqlJsonCase what = JSON_EMPTY;
        bool is_null = col_is_null(&args[0], i) || col_is_null(&args[1], i);
        if (!is_null) status = sqljson_case(ctx, args, i, take, &node, &what, err);
        if (status != ST_OK) break;
        Span action = fn_span(&args[what == JSON_EMPTY ? 3 : 4], 0);
        buf_reset(&buf);
        if (!is_null && what == JSON_FOUND) {
            sqljson_wrap(node, wrapper, &buf);
        } else if (!is_null && span_is(action, "ERROR")) {
            status = sqljson_fail(ctx, what, err);
        } else if (!is_null && span_starts_with(action, "EMPTY")) {
            buf_puts(&buf, span_is(action, "EMPTY ARRAY") ? "[]" : "{}");
        } else {
            fn_make_null(ctx, out, i);
        }
        fn_out_str(out)[i] = fn_text_copy(&text, buf_as_span(&buf));
    }
    buf_deinit(&buf);
    return status;
}

JSON_KERNEL(sqljson_exists_clauses) {
    Span action = fn_span(&args[2], 0);
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        const DomNode *node = NULL;
        SqlJsonCase what = JSON_EMPTY;
        if (!fn_is_valid(out, i)) continue;
        TRY(sqljson_case(ctx, args, i, NULL, &node, &what, err));
        if (what == JSON_ERROR && span_is(action, "ERROR")) return sqljson_fail(ctx, what, err);
        if (what == JSON_ERROR && span_is(action, "UNKNOWN")) fn_make_null(ctx, out, i);
        fn_out_i8(out)[i] = what == JSON_FOUND || (what == JSON_ERROR && span_is(action, "TRUE"));
    }
    return ST_OK;
}

/* ---- IS JSON: a NULL is not JSON ---- */

static Status sqljson_test(const Column *args, uint32_t n, Column *out, int kinds, bool is_not) {
    Arena tree;
    arena_init(&tree, NULL);
    for (uint32_t i = 0; i < n; i++) {
        const DomNode *node = NULL;
        arena_reset(&tree);
        if (!col_is_null(&args[0], i)) node = dom_parse(&tree, fn_span(&args[0], i));
        fn_out_i8(out)[i] = (node && (kinds >> node->kind & 1)) != is_not;
    }
    arena_deinit(&tree);
    return ST_OK;
}

enum {
    JSON_ARRAYS = 1 << DOM_ARRAY,
    JSON_OBJECTS = 1 << DOM_OBJECT,
    JSON_SCALARS = (1 << DOM_ARRAY) - 1,
    JSON_ALL = JSON_SCALARS | JSON_ARRAYS | JSON_OBJECTS
};
#define JSON_TEST(kernel, KINDS, IS_NOT)                  \
    JSON_KERNEL(kernel) {                                 \
        (void)ctx, (void)n_args, (void)err;               \
        return sqljson_test(args, n, out, KINDS, IS_NOT); \
    }
JSON_TEST(sqljson_is_json, JSON_ALL, false)
JSON_TEST(sqljson_is_object, JSON_OBJECTS, false)
JSON_TEST(sqljson_is_array, JSON_ARRAYS, false)
JSON_TEST(sqljson_is_scalar, JSON_SCALARS, false)
JSON_TEST(sqljson_is_not_json, JSON_ALL, true)
JSON_TEST(sqljson_is_not_object, JSON_OBJECTS, true)
JSON_TEST(sqljson_is_not_array, JSON_ARRAYS, true)
JSON_TEST(sqljson_is_not_scalar, JSON_SCALARS, true)

#define JSON_IS_ROW(name, kernel, help, example) \
    { name, "json", "(STRING) -> BOOLEAN!", kernel, FN_OPERATOR, NULL, NULL, NULL, help, example }
#define JSON_PATH_ROW(name, sig, kernel, traits, help, example)                               \
    {                                                                                         \
        name, "json", sig, kernel, FN_STRICT | FN_CAN_FAIL | (traits), NULL, sqljson_prepare, \
            NULL, help, example                                                               \
    }

const Fn fns_json[] = {
    JSON_PATH_ROW("JSON_VALUE", "(STRING, STRING) -> STRING?", sqljson_value, FN_CAN_NULL,
                  "The number, text or boolean at a path, as text; NULL when there is none.",
                  "JSON_VALUE('{\"a\": [1, {\"b\": \"x\"}]}', '$.a[1].b') => x"),
    JSON_PATH_ROW("JSON_QUERY", "(STRING, STRING) -> STRING?", sqljson_query, FN_CAN_NULL,
                  "The object or array at a path, as JSON; NULL when there is none.",
                  "JSON_QUERY('{\"a\": [1, 2]}', '$.a') => [1,2]"),
    JSON_PATH_ROW("JSON_EXISTS", "(STRING, STRING) -> BOOLEAN?", sqljson_exists, 0,
                  "Whether there is a value at a path.",
                  "JSON_EXISTS('{\"a\": 1}', '$.a') => TRUE"),
    {"JSON_VALUE", "json", "(STRING, STRING, SYMBOL, STRING, SYMBOL, STRING) -> STRING?",
     sqljson_value_clauses, FN_CAN_FAIL, NULL, sqljson_prepare, NULL,
     "With RETURNING type and NULL, ERROR or DEFAULT x ON EMPTY and ON ERROR.",
     "JSON_VALUE('{}', 'lax $.a' RETURNING INT DEFAULT 7 ON EMPTY) => 7"},
    {"JSON_QUERY", "json", "(STRING, STRING, SYMBOL, SYMBOL, SYMBOL) -> STRING?",
     sqljson_query_clauses, FN_CAN_FAIL, NULL, sqljson_prepare, NULL,
     "With WITH [CONDITIONAL] WRAPPER, and NULL, ERROR, EMPTY ARRAY or EMPTY OBJECT ON EMPTY and "
     "ON "
     "ERROR.",
     "JSON_QUERY('{\"a\": 1}', '$.a' WITH WRAPPER) => [1]"},
    JSON_PATH_ROW("JSON_EXISTS", "(STRING, STRING, SYMBOL) -> BOOLEAN?", sqljson_exists_clauses,
                  FN_CAN_NULL, "With TRUE, FALSE, UNKNOWN or ERROR ON ERROR.",
                  "JSON_EXISTS('{}', 'strict $.a' TRUE ON ERROR) => TRUE"),
    JSON_IS_ROW("IS JSON", sqljson_is_json, "Whether the text is JSON.",
                "'{\"a\": 1}' IS JSON => TRUE"),
    JSON_IS_ROW("IS JSON OBJECT", sqljson_is_object, "Whether the text is a JSON object.",
                "'[1]' IS JSON OBJECT => FALSE"),
    JSON_IS_ROW("IS JSON ARRAY", sqljson_is_array, "Whether the text is a JSON array.",
                "'[1]' IS JSON ARRAY => TRUE"),
    JSON_IS_ROW("IS JSON SCALAR", sqljson_is_scalar,
                "Whether the text is a JSON number, text, boolean "
                "or null.",
                "'1' IS JSON SCALAR => TRUE"),
    JSON_IS_ROW("IS NOT JSON", sqljson_is_not_json, "Whether the text is not JSON.",
                "'{\"a\"' IS NOT JSON => TRUE"),
    JSON_IS_ROW("IS NOT JSON OBJECT", sqljson_is_not_object, "Whether the text is no JSON object.",
                "'[1]' IS NOT JSON OBJECT => TRUE"),
    JSON_IS_ROW("IS NOT JSON ARRAY", sqljson_is_not_array, "Whether the text is no JSON array.",
                "'[1]' IS NOT JSON ARRAY => FALSE"),
    JSON_IS_ROW("IS NOT JSON SCALAR", sqljson_is_not_scalar, "Whether the text is no JSON scalar.",
                "'[1]' IS NOT JSON SCALAR => TRUE"),
    FN_END};
