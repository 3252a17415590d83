/* ddl.h -- the parts of DDL that lie in different files. For src/plan only.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_DDL_H
#define WEIR_DDL_H

#include "plan/table_draft.h"

/* Copies the statement's text into the catalog and parses it there; from then on the binder makes
 * what it makes in the catalog's arena, and its positions count from the statement. */
Status ddl_copy(Binder *b, const Ast *statement, Span *text, const Ast **out, Err *err) WARN_UNUSED;
Status ddl_create_table(Binder *b, const Ast *statement, Err *err) WARN_UNUSED;
Status ddl_alter(Binder *b, const Ast *statement, Err *err) WARN_UNUSED;
Status ddl_view_from(Binder *b, const AstCreateView *create, ObjectName name, Span text,
                     const Table **out, Err *err) WARN_UNUSED;

#endif
