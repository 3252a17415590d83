/* statetext.c -- looking into a state directory from outside of any query.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

weir_status weir_state(const char *what, const char *dir, weir_write_fn *write, void *ctx,
                       weir_error *error) {
    static const char *const views[] = {"list", "show", "verify"};
    Err err = ERR_INIT;
    Kv *kv = NULL;
    Buf out;
    Status status = ST_OK;
    uint32_t view = 0;
    while (view < 3 && strcmp(views[view], what) != 0) view++;
    if (view == 3) {
        err_set(&err, ST_NOT_FOUND, "42704", -1, __FILE__, __LINE__,
                "there is no view \"%s\" of a state directory", what);
        err_hint(&err, "list, show or verify");
        return engine_report(error, &err, NULL, NULL);
    }
    if (!file_exists(dir)) {
        err_set(&err, ST_NOT_FOUND, "58P01", -1, __FILE__, __LINE__, "there is no directory \"%s\"",
                dir);
        return engine_report(error, &err, NULL, NULL);
    }
    status = statedir_open(dir, &kv, &err);
    if (status != ST_OK) return engine_report(error, &err, NULL, NULL);
    buf_init(&out, NULL);
    status = state_view(kv, (StateView)view, &out, &err);
    if (out.len) write(ctx, out.ptr, out.len);
    buf_deinit(&out);
    kv_close(kv);
    return status == ST_OK ? WEIR_OK : engine_report(error, &err, NULL, NULL);
}
