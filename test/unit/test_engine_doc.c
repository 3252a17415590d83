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

static void test_settings_are_valid_and_listed_once(void **state) {
    Setting setting, found;
    (void)state;
    for (uint32_t i = 0; setting_at(i, &setting); i++) {
        Err err = ERR_INIT;
        assert_true(setting_find(span_of(setting.name), &found));
        assert_ptr_equal(found.help, setting.help);
        for (uint32_t k = 0; k < i; k++) {
            assert_true(setting_at(k, &found));
            assert_string_not_equal(found.name, setting.name);
        }
        assert_true(setting.help && setting.help[0]);
        assert_int_equal(setting.kind == SETTING_ENUM, setting.values != NULL);
        if (setting.fallback && setting_check(&setting, span_of(setting.fallback), -1, &err))
            fail_msg("%s: %s", setting.name, err.message);
    }
    assert_false(setting_find(SPAN("no.such.setting"), &found));
}

static void test_own_settings_are_sorted(void **state) {
    Setting before, setting;
    (void)state;
    assert_true(setting_at(0, &before));
    for (uint32_t i = 1; setting_at(i, &setting); i++, before = setting) {
        const char *first;
        const char *help;
        assert_true(plan_rule_setting(0, &first, &help));
        if (strcmp(setting.name, first) == 0) return; /* the rules follow in their order */
        assert_true(strcmp(before.name, setting.name) < 0);
    }
    fail_msg("no setting switches a rule off");
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
        {"table.optimizer.merge.enabled", "false", true},
        {"table.optimizer.merge.enabled", "off", false},
        {"table.local-time-zone", "Europe/Berlin", true},
        {"table.local-time-zone", "Mars/Olympus", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Err err = ERR_INIT;
        Setting setting;
        assert_true(setting_find(span_of(cases[i].name), &setting));
        Status status = setting_check(&setting, span_of(cases[i].value), 5, &err);
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
    Setting setting;
    for (uint32_t i = 0; setting_at(i, &setting); i++)
        assert_non_null(strstr(text.ptr, setting.name));
    buf_deinit(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_are_valid_and_listed_once),
        cmocka_unit_test(test_own_settings_are_sorted),
        cmocka_unit_test(test_setting_values),
        cmocka_unit_test(test_statement_examples_parse),
        cmocka_unit_test(test_chapters_name_everything),
    };
    return cmocka_run_group_tests_name("engine_doc", tests, NULL, NULL);
}
