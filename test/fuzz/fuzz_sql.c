/* fuzz_sql.c -- any bytes as SQL: no crash, every error stands inside the text, and what parses is
 * deparsed to text that parses to an equal tree.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_check(bool holds) {
    if (!holds) __builtin_trap();
}

static void fuzz_round_trip(Arena *arena, const Ast *statement, Buf *text) {
    AstList again;
    buf_reset(text);
    sql_deparse(statement, text);
    if (sql_parse_script(arena, buf_as_span(text), &again, NULL) != ST_OK) {
        /* A tree at the limits of depth may need one more pair of parentheses. */
        fuzz_check(statement->depth > LIMIT_AST_DEPTH / 4 || text->len > 4096);
        return;
    }
    fuzz_check(again.n == 1 && ast_equal(statement, again.items[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Span text = {(const char *)data, size};
    Arena arena;
    Buf out;
    AstList statements;
    Ast *node;
    Err errs[4];
    int n_errs;
    arena_init(&arena, NULL);
    buf_init(&out, NULL);
    if (sql_parse_all(&arena, text, &statements, errs, 4, &n_errs) != ST_OK) {
        fuzz_check(n_errs > 0);
        for (int i = 0; i < n_errs; i++) {
            fuzz_check(errs[i].pos >= 0 && (size_t)errs[i].pos <= size);
            err_render(&errs[i], text, "fuzz.sql", &out);
        }
    }
    for (int32_t i = 0; i < statements.n; i++) {
        fuzz_round_trip(&arena, statements.items[i], &out);
    }
    if (sql_parse_expr(&arena, text, &node, NULL) == ST_OK) sql_deparse(node, &out);
    if (sql_parse_type(&arena, text, &node, NULL) == ST_OK) sql_deparse(node, &out);
    (void)sql_is_incomplete(text);
    buf_deinit(&out);
    arena_deinit(&arena);
    return 0;
}
