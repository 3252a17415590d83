/* sql.h -- the SQL front end: text to tree, tree to text, errors with a caret. Knows no types and
 * no catalog. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_SQL_H
#define WEIR_SQL_H

#include "base/base.h"
#include "sql/ast.h"
#include "sql/ast_expr.h"
#include "sql/ast_query.h"
#include "sql/ast_stmt.h"
#include "sql/parse.h"

#endif
