/* catalog_store.h -- what DDL may do to a catalog beyond reading it. For src/plan only.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_CATALOG_STORE_H
#define WEIR_CATALOG_STORE_H

#include "plan/catalog.h"

/* A name of 1 to 3 parts with what was left out filled in. */
typedef struct ObjectName {
    Span catalog, database, name;
} ObjectName;
ObjectName catalog_qualify(const Catalog *catalog, const Span *parts, uint32_t n_parts);
/* The same for a name as written; parts beyond three are refused. */
Status catalog_qualify_ast(const Catalog *catalog, const AstName *name, ObjectName *out,
                           Err *err) WARN_UNUSED;

Status catalog_create(Catalog *catalog, Span name, Span comment, bool if_not_exists, int32_t pos,
                      Err *err) WARN_UNUSED;
Status catalog_drop(Catalog *catalog, Span name, bool if_exists, int32_t pos, Err *err) WARN_UNUSED;
Status catalog_create_database(Catalog *catalog, ObjectName name, bool if_not_exists, int32_t pos,
                               Err *err) WARN_UNUSED;
Status catalog_drop_database(Catalog *catalog, ObjectName name, bool if_exists, bool cascade,
                             int32_t pos, Err *err) WARN_UNUSED;

const Table *catalog_find(const Catalog *catalog, ObjectName name, bool only_temporary,
                          bool only_permanent);
void catalog_remove_table(Catalog *catalog, const Table *table);
Status catalog_add_function(Catalog *catalog, const UserFn *fn, bool if_not_exists, int32_t pos,
                            Err *err) WARN_UNUSED;
/* False when there is none. */
bool catalog_remove_function(Catalog *catalog, ObjectName name, bool is_temporary, bool is_system);

/* "`cat`.`db`.`t`" for messages. */
const char *catalog_path(Arena *arena, ObjectName name);

#endif
