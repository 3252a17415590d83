/* sql_util.c -- helpers of the SQL tests.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql_util.h"

static Status parse_as(Arena *arena, SqlTextKind kind, Span text, Ast **node, Err *err) {
    AstList list;
    if (kind == TEXT_EXPR) return sql_parse_expr(arena, text, node, err);
    if (kind == TEXT_TYPE) return sql_parse_type(arena, text, node, err);
    TRY(sql_parse_script(arena, text, &list, err));
    assert_int_equal(list.n, 1);
    *node = list.items[0];
    return ST_OK;
}

Ast *sql_must_parse(Arena *arena, SqlTextKind kind, const char *text) {
    Err err = ERR_INIT;
    Ast *node = NULL;
    if (parse_as(arena, kind, span_of(text), &node, &err) != ST_OK) {
        Buf out;
        buf_init(&out, NULL);
        err_render(&err, span_of(text), NULL, &out);
        fail_msg("%s", buf_cstr(&out));
    }
    return node;
}

void sql_check_canonical(SqlTextKind kind, const SqlPair *pairs, size_t n) {
    Arena arena;
    Buf out;
    arena_init(&arena, NULL);
    buf_init(&out, NULL);
    for (size_t i = 0; i < n; i++) {
        Ast *tree = sql_must_parse(&arena, kind, pairs[i].text);
        Ast *again = sql_must_parse(&arena, kind, pairs[i].other);
        buf_reset(&out);
        sql_deparse(tree, &out);
        assert_string_equal(buf_cstr(&out), pairs[i].other);
        if (!ast_equal(tree, again)) fail_msg("trees differ: %s", pairs[i].text);
        arena_reset(&arena);
    }
    buf_deinit(&out);
    arena_deinit(&arena);
}
