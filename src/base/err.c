/* err.c -- fills the caller's Err. No allocation anywhere in this file.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

#include <stdarg.h>

Status err_set(Err *err, Status status, const char *sqlstate, int32_t pos, const char *file,
               int line, const char *fmt, ...) {
    va_list args;
    if (!err) return status;
    err->status = status;
    snprintf(err->sqlstate, sizeof err->sqlstate, "%s", sqlstate);
    err->pos = pos;
    err->retriable = false;
    err->detail[0] = err->hint[0] = '\0';
    err->file = file;
    err->line = line;
    va_start(args, fmt);
    vsnprintf(err->message, sizeof err->message, fmt, args);
    va_end(args);
    return status;
}

Status err_detail(Err *err, const char *fmt, ...) {
    va_list args;
    if (!err) return ST_INTERNAL;
    va_start(args, fmt);
    vsnprintf(err->detail, sizeof err->detail, fmt, args);
    va_end(args);
    return err->status;
}

Status err_hint(Err *err, const char *fmt, ...) {
    va_list args;
    if (!err) return ST_INTERNAL;
    va_start(args, fmt);
    vsnprintf(err->hint, sizeof err->hint, fmt, args);
    va_end(args);
    return err->status;
}

Status err_wrap(Err *err, const char *fmt, ...) {
    char old[sizeof err->message - 64]; /* room for the context */
    va_list args;
    int n;
    if (!err) return ST_INTERNAL;
    snprintf(old, sizeof old, "%.*s", (int)sizeof old - 1, err->message);
    va_start(args, fmt);
    n = vsnprintf(err->message, sizeof err->message, fmt, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof err->message) {
        snprintf(err->message + n, sizeof err->message - (size_t)n, ": %s", old);
    }
    return err->status;
}
