/* bind.c -- what all parts of the binder share.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

void binder_init(Binder *b, const PlanEnv *env) {
    *b = (Binder){.env = env,
                  .arena = env->arena,
                  .pos_override = -1,
                  .use_catalog = catalog_current(env->catalog),
                  .use_database = catalog_current_database(env->catalog)};
}

int32_t bind_pos(const Binder *b, int32_t pos) {
    if (b->pos_override >= 0) return b->pos_override;
    return pos < 0 ? -1 : pos + b->pos_base;
}

Status bind_unsupported(const Binder *b, int32_t pos, const char *what, const char *hint,
                        Err *err) {
    err_set(err, ST_UNSUPPORTED, "0A000", bind_pos(b, pos), __FILE__, __LINE__,
            "%s is not supported", what);
    return hint ? err_hint(err, "%s", hint) : ST_UNSUPPORTED;
}

const char *bind_setting(const Binder *b, const char *key) {
    return b->env->settings ? strmap_find(b->env->settings, span_of(key)) : NULL;
}

bool bind_setting_is(const Binder *b, const char *key, const char *value) {
    const char *text = bind_setting(b, key);
    return text && span_is_nocase(span_of(text), value);
}

int64_t bind_setting_us(const Binder *b, const char *key) {
    const char *text = bind_setting(b, key);
    int64_t us;
    return text && duration_parse(span_of(text), &us) == ST_OK ? us : 0;
}
