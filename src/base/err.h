/* err.h -- how every function of weir reports failure.
 *
 * A function that can fail returns Status and fills a caller-owned Err (always its last parameter).
 * The Err is meaningful only after a status other than ST_OK; it owns no memory, so it works when
 * memory is exhausted. Bad input is a Status; a broken invariant is an assert.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_ERR_H
#define WEIR_ERR_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum Status {
    ST_OK = 0,
    ST_AGAIN,   /* no data now; not an error, Err is not filled */
    ST_END,     /* no more data ever; not an error, Err is not filled */
    ST_INVALID, /* the user's input is wrong */
    ST_NOT_FOUND,
    ST_CONFLICT,    /* exists already, or used by another process */
    ST_UNSUPPORTED, /* understood, and refused by name */
    ST_LIMIT,       /* a budget is used up */
    ST_IO,
    ST_CORRUPT,
    ST_CANCELED,
    ST_INTERNAL
} Status;

/* One error, complete enough to print with a caret and to send over the PostgreSQL wire. */
typedef struct Err {
    Status status;
    char sqlstate[6];
    int32_t pos;    /* byte offset in the SQL text, -1 when none */
    bool retriable; /* a connector may try again; false stops the pipeline */
    char message[512];
    char detail[512];
    char hint[256];
    const char *file; /* where it was raised */
    int line;
} Err;

#define ERR_INIT \
    { .pos = -1 }
#define WARN_UNUSED __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* Propagates any status but ST_OK. */
#define TRY(call)                                                          \
    do {                                                                   \
        Status try_status_ = (call);                                       \
        if (__builtin_expect(try_status_ != ST_OK, 0)) return try_status_; \
    } while (0)

/* Raises: FAIL(err, ST_INVALID, "42703", pos, "column \"%s\" does not exist", name). pos is a byte
 * offset or -1. */
#define FAIL(err, st, sqlstate, pos, ...) \
    return err_set((err), (st), (sqlstate), (pos), __FILE__, __LINE__, __VA_ARGS__)

/* Fills *err (which may be NULL) and returns status, so that it can stand in a return statement.
 * Long texts are cut. */
Status err_set(Err *err, Status status, const char *sqlstate, int32_t pos, const char *file,
               int line, const char *fmt, ...) PRINTF_LIKE(7, 8);

/* Adds the values that led to the error, or what the user can do about it. Both keep the status and
 * return it. */
Status err_detail(Err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
Status err_hint(Err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts "context: " before the message; once per boundary (connector, operator, statement), not per
 * frame. */
Status err_wrap(Err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
