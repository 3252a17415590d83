/* catalog.h -- catalogs, databases, tables, views and functions, in memory.
 *
 * Objects are immutable: ALTER puts a new one in the place of the old, and what a running query
 * holds stays valid until catalog_free. Names compare byte by byte, as in Flink.
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
    const ConnType *conn;           /* NULL without 'connector': usable for LIKE only */
    const FormatType *format;       /* NULL when the connector makes rows */
    const Ast *query;               /* views: the AST_QUERY */
    Span use_catalog, use_database; /* views: what short names in the query are completed with */
    Span sql; /* text that positions of the expressions and of the query count in */
    Span comment;
    RowFeed *feed; /* connector 'test': the engine's queue */
} Table;

/* What the names of a table's format options begin with: "json.", or "value.json." where the format
 * was given as 'value.format'. */
const char *table_format_prefix(const Table *table, Arena *arena);

/* Which columns of a table stand in a record's key: message.c. */
typedef struct MessageLayout {
    const FormatType *key_format; /* NULL: keys are not looked at */
    Options key_options;
    uint32_t *key_cols; /* columns of the table */
    uint32_t n_key_cols;
    Schema key_schema; /* of the key, names without 'key.fields-prefix' */
    bool is_apart;     /* the value has no key columns: 'value.fields-include' */
    bool is_upsert;
} MessageLayout;
Status message_layout(Arena *arena, const Table *table, const Options *options,
                      MessageLayout *layout, Err *err) WARN_UNUSED;
bool message_in_key(const MessageLayout *layout, uint32_t column);

/* CREATE FUNCTION: another name for a built-in function. */
typedef struct UserFn {
    Span catalog, database, name; /* catalog and database are empty for system functions */
    bool is_temporary, is_system;
    Span class_name, language;
    Span builtin; /* what runs */
} UserFn;

Catalog *catalog_new(Mem *mem); /* with default_catalog.default_database */
void catalog_free(Catalog *catalog);
/* Lives as long as the catalog: for what tables point to. */
Arena *catalog_arena(Catalog *catalog);

Span catalog_current(const Catalog *catalog);
Span catalog_current_database(const Catalog *catalog);
/* The comment of a catalog; 3D000 when there is none of the name. */
Status catalog_get(const Catalog *catalog, Span name, int32_t pos, Span *comment,
                   Err *err) WARN_UNUSED;
Status catalog_use(Catalog *catalog, Span name, int32_t pos, Err *err) WARN_UNUSED;
/* name has 1 or 2 parts. */
Status catalog_use_database(Catalog *catalog, const Span *parts, uint32_t n_parts, int32_t pos,
                            Err *err) WARN_UNUSED;

/* name has 1 to 3 parts; resolved against the current catalog and database; temporary objects hide
 * permanent ones. NULL when there is none. */
const Table *catalog_table(const Catalog *catalog, const Span *parts, uint32_t n_parts);
/* As catalog_table; 42P01 with the nearest name when there is none. */
Status catalog_table_get(const Catalog *catalog, const AstName *name, int32_t pos,
                         const Table **out, Err *err) WARN_UNUSED;
Status catalog_add_table(Catalog *catalog, const Table *table, bool if_not_exists, bool or_replace,
                         Err *err) WARN_UNUSED;
const UserFn *catalog_function(const Catalog *catalog, const Span *parts, uint32_t n_parts);

/* What SHOW lists, in order of name. Empty catalog or database: the current one. */
typedef void CatalogVisit(void *ctx, Span name, const Table *table);
void catalog_each_catalog(const Catalog *catalog, CatalogVisit *visit, void *ctx);
/* False when there is no such catalog, or database. */
bool catalog_each_database(const Catalog *catalog, Span in_catalog, CatalogVisit *visit, void *ctx);
bool catalog_each_table(const Catalog *catalog, Span in_catalog, Span in_database,
                        CatalogVisit *visit, void *ctx);
void catalog_each_function(const Catalog *catalog, void (*visit)(void *ctx, const UserFn *fn),
                           void *ctx);

/* CREATE TABLE or CREATE VIEW, as Flink's SHOW CREATE prints it. */
void table_print_create(const Table *table, Buf *out);
/* The text of a watermark or of a computed column. */
void table_print_expr(const Ast *expr, Buf *out);

#endif
