/* test_engine_doc.c -- the tables behind the reference: settings have valid defaults, examples of
 * statements parse, chapters are complete.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/doc.h"
#include "engine/engine.h"

static void test_settings_are_sorted_and_valid(void **state) {
    (void)state;
    for (const Setting *setting = engine_settings; setting->name; setting++) {
        Err err = ERR_INIT;
        if (setting != engine_settings) assert_true(strcmp(setting[-1].name, setting->name) < 0);
        assert_ptr_equal(setting_find(span_of(setting->name)), setting);
        assert_true(setting->help && setting->help[0]);
        assert_int_equal(setting->kind == SETTING_ENUM, setting->values != NULL);
        if (setting->fallback && setting_check(setting, span_of(setting->fallback), -1, &err))
            fail_msg("%s: %s", setting->name, err.message);
    }
    assert_null(setting_find(SPAN("no.such.setting")));
}

static void test_setting_values(void **state) {
    static const struct {
        const char *name, *value;
        bool is_good;
    } cases[] = {
        {"table.dml-sync", "TRUE", true},
        {"table.dml-sync", "1", false},
        {"parallelism.default", "-3", true},
        {"parallelism.default", "3x", false},
        {"parallelism.default", "", false},
        {"table.exec.state.ttl", "1 min", true},
        {"table.exec.state.ttl", "1 fortnight", false},
        {"weir.memory-limit", "64 mb", true},
        {"weir.memory-limit", "64 mob", false},
        {"execution.runtime-mode", "BATCH", true},
        {"execution.runtime-mode", "bat", false},
        {"execution.runtime-mode", "streaming|batch", false},
        {"table.local-time-zone", "Europe/Berlin", true},
        {"table.local-time-zone", "Mars/Olympus", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Err err = ERR_INIT;
        Status status =
            setting_check(setting_find(span_of(cases[i].name)), span_of(cases[i].value), 5, &err);
        if ((status == ST_OK) != cases[i].is_good)
            fail_msg("%s = '%s'", cases[i].name, cases[i].value);
        if (status != ST_OK) assert_int_equal(err.pos, 5);
    }
}

static void test_statement_examples_parse(void **state) {
    (void)state;
    for (const StatementForm *form = doc_statements; form->name; form++) {
        Arena arena;
        AstList list;
        Err err = ERR_INIT;
        assert_true(form->help && form->syntax);
        if (!form->example) continue;
        arena_init(&arena, NULL);
        if (sql_parse_script(&arena, span_of(form->example), &list, &err) != ST_OK)
            fail_msg("%s: %s", form->name, err.message);
        assert_int_equal(list.n, 1);
        arena_deinit(&arena);
    }
}

static void add_text(void *ctx, const char *text, size_t len) {
    buf_put(ctx, text, len);
}

static void test_chapters_name_everything(void **state) {
    uint32_t n;
    Buf text;
    (void)state;
    buf_init(&text, NULL);
    for (size_t i = 0; weir_doc_topic(i, NULL); i++)
        assert_int_equal(weir_doc(weir_doc_topic(i, NULL), add_text, &text, NULL), WEIR_OK);
    buf_cstr(&text);
    const ConnType *const *conns = conn_all(&n);
    for (uint32_t i = 0; i < n; i++) {
        char head[64];
        snprintf(head, sizeof head, "\n## %s\n", conns[i]->name);
        assert_non_null(strstr(text.ptr, head));
        assert_true(conns[i]->help && conns[i]->help[0]);
        assert_true(conns[i]->guarantee && conns[i]->guarantee[0]);
    }
    const FormatType *const *formats = format_all(&n);
    for (uint32_t i = 0; i < n; i++) {
        char head[64];
        snprintf(head, sizeof head, "\n## %s\n", formats[i]->name);
        assert_non_null(strstr(text.ptr, head));
        assert_true(formats[i]->help && formats[i]->help[0]);
    }
    for (const Setting *setting = engine_settings; setting->name; setting++)
        assert_non_null(strstr(text.ptr, setting->name));
    buf_deinit(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_are_sorted_and_valid),
        cmocka_unit_test(test_setting_values),
        cmocka_unit_test(test_statement_examples_parse),
        cmocka_unit_test(test_chapters_name_everything),
    };
    return cmocka_run_group_tests_name("engine_doc", tests, NULL, NULL);
}
