/* test_sql_lex.c -- text to tokens: what is cut where, decoded how, and that positions fit.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/token.h"
#include "sql_util.h"

static void lex_text(Arena *arena, const char *text, SqlTokens *tokens) {
    Span copy = {arena_strdup(arena, text), strlen(text)};
    sql_lex(arena, copy, tokens);
    sql_tokens_fix(arena, copy, tokens);
}

/* The texts of the tokens, separated by bars. */
static const SqlPair token_texts_of[] = {
    {"", ""},
    {" \t\r\n -- comment\n/* more */ // and more", ""},
    {"a/**/b/***/c/* * / */d", "a|b|c|d"},
    {"a--b\n-c", "a|-|c"},
    {"SELECT a.b,c", "SELECT|a|.|b|,|c"},
    {"a<=b<>c!=d>=e=>f", "a|<=|b|<>|c|!=|d|>=|e|=>|f"},
    {"a<b>>c", "a|<|b|>|>|c"},
    {"a||b|c::d:e", "a||||b|||c|::|d|:|e"},
    {"1 1.5 .5 1. 1e5 1.5E-3", "1|1.5|.5|1.|1e5|1.5E-3"},
    {"a[1].b", "a|[|1|]|.|b"},
    {"a.1", "a|.1"},
    {"'it''s' '' 'x\ny'", "it's||x\ny"},
    {"N'x' n'y'", "x|y"},
    {"'a'\n'b'", "ab"},
    {"'a' 'b'", "a|b"},
    {"'k' = 'a'\n'l' = 'b'", "k|=|a|l|=|b"},
    {"U&'\\0041\\\\b' u&'!+01F600' UESCAPE '!'", "A\\b|\xf0\x9f\x98\x80"},
    {"x'4142'", "AB"},
    {"`a b` `x``y` `SELECT`", "a b|x`y|SELECT"},
    {"$1 $ $$T a$1", "1|$|$$T|a$1"},
    {"/*+ OPTIONS('a'='b') */ */", "/*+|OPTIONS|(|a|=|b|)|*/|*|/"},
    {"{-a-}{ 2 , }", "{-|a|-}|{|2|,|}"},
    {"\xc3\xa4\xc3\xb6 \xe4\xbd\xa0", "\xc3\xa4\xc3\xb6|\xe4\xbd\xa0"},
    {"SET a.b-c = x y z ; d", "SET|a.b-c|=|x y z|;|d"},
    {"SET 'a' = 'b'", "SET|a|=|b"},
    {"a;SET b=c--d\n;e", "a|;|SET|b|=|c--d|;|e"},
};

static void tokens_are_cut_and_decoded(void **state) {
    Arena arena;
    Buf out;
    (void)state;
    arena_init(&arena, NULL);
    buf_init(&out, NULL);
    for (size_t i = 0; i < N_OF(token_texts_of); i++) {
        SqlTokens tokens;
        int32_t end = 0;
        buf_reset(&out);
        lex_text(&arena, token_texts_of[i].text, &tokens);
        for (int32_t k = 0; k < tokens.n; k++) {
            const SqlTok *tok = &tokens.items[k];
            if (k) buf_putc(&out, '|');
            buf_span(&out, tok->text);
            assert_true(tok->pos >= end && tok->end > tok->pos);
            end = tok->end;
        }
        assert_string_equal(buf_cstr(&out), token_texts_of[i].other);
        assert_int_equal(tokens.items[tokens.n].kind, 0);
        assert_int_equal(tokens.items[tokens.n].pos, (int)strlen(token_texts_of[i].text));
    }
    buf_deinit(&out);
    arena_deinit(&arena);
}

/* The words of a text that are keywords there, in the order of the text: the others are names. */
static const SqlPair words_of[] = {
    {"select a from b", "SELECT FROM"},
    {"a.select.from", ""},
    {"`select` from", "FROM"},
    {"f(order => 1, limit => 2)", ""},
    {"map[1] map map(a) map(select a)", "MAP MAP SELECT"},
    {"left(a, 1) left join", "LEFT JOIN"},
    {"model model.x f(model m, model)", "MODEL"},
    {"f(over) over (order by over)", "OVER ORDER BY"},
    {"grouping(a) grouping sets", "GROUPING SETS"},
    {"primary primary key key", "PRIMARY KEY KEY"},
    {"emit emit on close", "EMIT ON CLOSE"},
    {"watermark watermark for", "WATERMARK FOR"},
    {"ignore ignore nulls nulls nulls last last", "IGNORE NULLS NULLS LAST LAST"},
    {"if if not exists", "IF NOT EXISTS"},
};

static void words_are_names_where_they_mean_nothing(void **state) {
    Arena arena;
    Buf out;
    (void)state;
    arena_init(&arena, NULL);
    buf_init(&out, NULL);
    for (size_t i = 0; i < N_OF(words_of); i++) {
        SqlTokens tokens;
        buf_reset(&out);
        lex_text(&arena, words_of[i].text, &tokens);
        for (int32_t k = 0; k < tokens.n; k++) {
            const char *word = sql_token_word(tokens.items[k].kind);
            if (word && out.len) buf_putc(&out, ' ');
            if (word) buf_puts(&out, word);
        }
        assert_string_equal(buf_cstr(&out), words_of[i].other);
    }
    buf_deinit(&out);
    arena_deinit(&arena);
}

static void keywords_are_found_in_any_case(void **state) {
    (void)state;
    assert_non_null(sql_keyword_find(SPAN("SELECT")));
    assert_ptr_equal(sql_keyword_find(SPAN("SeLeCt")), sql_keyword_find(SPAN("select")));
    assert_null(sql_keyword_find(SPAN("selec")));
    assert_null(sql_keyword_find(SPAN("selects")));
    assert_null(sql_keyword_find(SPAN("")));
    assert_true(sql_is_reserved(SPAN("order")));
    assert_true(sql_is_reserved(SPAN("Year")));
    assert_false(sql_is_reserved(SPAN("key")));
    assert_false(sql_is_reserved(SPAN("price")));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(tokens_are_cut_and_decoded),
                                       cmocka_unit_test(words_are_names_where_they_mean_nothing),
                                       cmocka_unit_test(keywords_are_found_in_any_case)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
