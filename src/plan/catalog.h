/* catalog.h -- catalogs, databases, tables, views and functions, in memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_CATALOG_H
#define WEIR_CATALOG_H

#include "conn/conn.h"
#include "sql/sql.h"

typedef struct Catalog Catalog;

typedef enum TabColKind { TABCOL_PHYSICAL, TABCOL_COMPUTED, TABCOL_METADATA } TabColKind;

typedef struct TableColumn {
    Span name;
    const Type *type;
    TabColKind kind;
    const Ast *computed; /* TABCOL_COMPUTED: the expression, as written */
    Span metadata_key;   /* TABCOL_METADATA */
    bool is_virtual;     /* METADATA ... VIRTUAL: not written by INSERT */
    Span comment;
    int32_t pos;
} TableColumn;

/* A table or a view. Immutable; ALTER replaces it. */
typedef struct Table {
    Span catalog, database, name;
    bool is_temporary, is_view, is_materialized;
    uint32_t n_columns;
    const TableColumn *columns; /* in declared order */
    Schema schema;              /* all columns: names and types (with time attributes) */
    const uint32_t *key_cols;   /* PRIMARY KEY NOT ENFORCED */
    uint32_t n_key_cols;
    const uint32_t *partition_cols;
    uint32_t n_partition_cols;
    int32_t rowtime_col;  /* WATERMARK FOR: column index, or -1 */
    const Ast *watermark; /* its expression */
    uint32_t n_options;
    const OptionPair *options;
    const ConnType *conn;
    const FormatType *format; /* NULL when the connector makes rows */
    const Ast *query;         /* views: the SELECT */
    Span sql;                 /* the statement that made it: errors inside views point into it */
    Span comment;
    RowFeed *feed; /* connector 'test': the engine's queue */
} Table;

Catalog *catalog_new(Mem *mem);
void catalog_free(Catalog *catalog);
/* name has 1 to 3 parts; resolved against the current catalog and database; temporary objects hide
 * permanent ones. */
const Table *catalog_table(const Catalog *catalog, const Span *parts, uint32_t n_parts);
Status catalog_add_table(Catalog *catalog, const Table *table, bool if_not_exists, bool or_replace,
                         Err *err) WARN_UNUSED;

#endif
