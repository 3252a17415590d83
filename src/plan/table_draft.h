/* table_draft.h -- a table while it is being defined: by CREATE TABLE, LIKE, AS SELECT or ALTER. A
 * draft is made of parts and then checked and sealed as a whole. For src/plan only.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TABLE_DRAFT_H
#define WEIR_TABLE_DRAFT_H

#include "plan/bind.h"

enum { TABLE_COLUMNS_MAX = 4096 };

typedef struct DraftKey {
    Span name;
    int32_t pos;
} DraftKey;

typedef struct TableDraft {
    Binder *b; /* its arena is the catalog's */
    ObjectName name;
    int32_t pos; /* of the name */
    bool is_temporary;
    TableColumn *columns;
    uint32_t n_columns, cap_columns;
    DraftKey *keys; /* PRIMARY KEY */
    uint32_t n_keys;
    DraftKey *partitions;
    uint32_t n_partitions;
    DraftKey watermark_col; /* name.ptr NULL = none */
    const Ast *watermark;
    OptionPair *options;
    uint32_t n_options, cap_options;
    Span comment, sql;
} TableDraft;

TableColumn *draft_add_column(TableDraft *draft);
TableColumn *draft_find_column(const TableDraft *draft, Span name);
/* AST_COLUMN_DEF, AST_CONSTRAINT and AST_WATERMARK as written. */
Status draft_add_item(TableDraft *draft, const Ast *item, Err *err) WARN_UNUSED;
/* One AST_COLUMN_DEF into a column; a PRIMARY KEY on it goes into the draft. */
Status draft_column(TableDraft *draft, const AstColumnDef *def, TableColumn *out,
                    Err *err) WARN_UNUSED;
/* Replaces or adds; pos is the value's place in the statement's text, -1 when unknown. */
void draft_set_option(TableDraft *draft, Span key, Span value, int32_t pos);
void draft_set_options(TableDraft *draft, const AstList *options);
/* Everything a table has, to be changed. */
void draft_from_table(TableDraft *draft, const Table *table);
/* Resolves, checks and makes the table. */
Status draft_seal(TableDraft *draft, const Table **out, Err *err) WARN_UNUSED;

/* Options that belong to no connector and no format: 'connector', 'format', 'scan.watermark...'. */
extern const OptionSpec table_options[];
/* Finds connector and format and checks all options. */
Status table_check_options(const OptionPair *pairs, uint32_t n, int32_t pos, const ConnType **conn,
                           const FormatType **format, Err *err) WARN_UNUSED;
/* Renames options of the form 'connector.type', 'format.type' in place; returns how many remain. */
uint32_t options_modernize(Arena *arena, OptionPair *pairs, uint32_t n);
const OptionPair *pairs_find(const OptionPair *pairs, uint32_t n, const char *key);

#endif
