/* doc.h -- tables that only the reference is made of.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_DOC_H
#define WEIR_DOC_H

/* Rows end with a NULL first member. */
typedef struct ErrorCode {
    const char *sqlstate, *name, *help;
} ErrorCode;
extern const ErrorCode doc_error_codes[];

typedef struct StatementForm {
    const char *name, *help, *syntax;
    const char *example; /* parsed by a unit test; may be NULL */
} StatementForm;
extern const StatementForm doc_statements[];

#endif
