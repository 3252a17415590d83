/* deparse_ddl.c -- CREATE, ALTER and DROP as text. SPDX-License-Identifier: Apache-2.0 */
#include "sql/deparse.h"

const char *ast_object_text(AstObject object) {
    static const char *const words[] = {
        [OBJECT_TABLE] = "TABLE",
        [OBJECT_VIEW] = "VIEW",
        [OBJECT_MATERIALIZED_TABLE] = "MATERIALIZED TABLE",
        [OBJECT_MATERIALIZED_VIEW] = "MATERIALIZED VIEW",
        [OBJECT_FUNCTION] = "FUNCTION",
        [OBJECT_CATALOG] = "CATALOG",
        [OBJECT_DATABASE] = "DATABASE",
        [OBJECT_MODEL] = "MODEL",
    };
    return words[object];
}

static void deparse_put_option(const AstOption *option, Buf *out) {
    sql_deparse_string(option->key, out);
    if (!option->has_value) return;
    buf_puts(out, " = ");
    sql_deparse_string(option->value, out);
}

static void deparse_put_column(const AstColumnDef *column, Buf *out) {
    deparse_name(column->name, out);
    if (column->type) {
        buf_putc(out, ' ');
        deparse_node(&column->type->ast, out);
    }
    if (column->column == COLUMN_COMPUTED) deparse_clause("AS", column->expr, out);
    if (column->column == COLUMN_METADATA) {
        buf_puts(out, " METADATA");
        deparse_clause("FROM", column->metadata_key, out);
        if (column->is_virtual) buf_puts(out, " VIRTUAL");
    }
    if (column->constraint) {
        buf_putc(out, ' ');
        deparse_node(&column->constraint->ast, out);
    }
    deparse_clause("COMMENT", column->comment, out);
    if (column->place == PLACE_FIRST) buf_puts(out, " FIRST");
    if (column->place == PLACE_AFTER) deparse_clause("AFTER", &column->after->ast, out);
}

static void deparse_put_constraint(const AstConstraint *constraint, Buf *out) {
    static const char *const enforced[] = {"", " ENFORCED", " NOT ENFORCED"};
    if (constraint->name.text.ptr) {
        buf_puts(out, "CONSTRAINT ");
        deparse_ident(&constraint->name, out);
        buf_putc(out, ' ');
    }
    buf_puts(out, constraint->is_unique ? "UNIQUE" : "PRIMARY KEY");
    if (constraint->columns.n) {
        buf_putc(out, ' ');
        deparse_idents(constraint->columns, out);
    }
    buf_puts(out, enforced[constraint->enforced]);
}

/* BY HASH (a) INTO 4 BUCKETS, behind DISTRIBUTED or DISTRIBUTION. */
static void deparse_put_distribution(const AstDistribution *node, Buf *out) {
    static const char *const kinds[] = {"", "HASH", "RANGE"};
    if (node->columns.n) {
        buf_printf(out, "BY %s", kinds[node->distribution]);
        deparse_idents(node->columns, out);
    }
    if (node->columns.n && node->n_buckets >= 0) buf_putc(out, ' ');
    if (node->n_buckets >= 0) buf_printf(out, "INTO %d BUCKETS", node->n_buckets);
}

static void deparse_put_like_option(const AstLikeOption *option, Buf *out) {
    static const char *const modes[] = {"INCLUDING", "EXCLUDING", "OVERWRITING"};
    static const char *const features[] = {"ALL",      "CONSTRAINTS", "DISTRIBUTION", "GENERATED",
                                           "METADATA", "OPTIONS",     "PARTITIONS",   "WATERMARKS"};
    buf_printf(out, "%s %s", modes[option->mode], features[option->feature]);
}

static void deparse_put_table_like(const AstTableLike *like, Buf *out) {
    buf_puts(out, "LIKE ");
    deparse_name(like->table, out);
    if (!like->options.n) return;
    buf_puts(out, " (");
    for (int32_t i = 0; i < like->options.n; i++) {
        if (i) buf_putc(out, ' ');
        deparse_node(like->options.items[i], out);
    }
    buf_putc(out, ')');
}

static void deparse_put_partition(const AstPartition *partition, Buf *out) {
    buf_puts(out, "PARTITION ");
    deparse_parens(partition->items, out);
    deparse_options("WITH", partition->options, out);
}

static void deparse_put_refresh(AstRefreshMode mode, Buf *out) {
    if (mode == REFRESH_CONTINUOUS) buf_puts(out, " REFRESH_MODE = CONTINUOUS");
    if (mode == REFRESH_FULL) buf_puts(out, " REFRESH_MODE = FULL");
}

static void deparse_put_create_table(const AstCreateTable *create, Buf *out) {
    static const char *const heads[] = {"CREATE ", "REPLACE ", "CREATE OR REPLACE ",
                                        "CREATE OR ALTER "};
    buf_puts(out, heads[create->replace]);
    if (create->is_temporary) buf_puts(out, "TEMPORARY ");
    buf_puts(out, create->is_materialized ? "MATERIALIZED TABLE " : "TABLE ");
    if (create->if_not_exists) buf_puts(out, "IF NOT EXISTS ");
    deparse_name(create->name, out);
    if (create->has_columns) {
        buf_putc(out, ' ');
        deparse_parens(create->columns, out);
    }
    deparse_clause("COMMENT", create->comment, out);
    deparse_clause("DISTRIBUTED", create->distribution ? &create->distribution->ast : NULL, out);
    if (create->partitioned_by.n) {
        buf_puts(out, " PARTITIONED BY ");
        deparse_idents(create->partitioned_by, out);
    }
    deparse_options("WITH", create->options, out);
    deparse_clause("FRESHNESS =", create->freshness, out);
    deparse_put_refresh(create->refresh_mode, out);
    if (create->like) {
        buf_putc(out, ' ');
        deparse_node(&create->like->ast, out);
    }
    deparse_clause("AS", create->query, out);
}

static void deparse_put_create_view(const AstCreateView *create, Buf *out) {
    buf_puts(out, create->is_replace ? "CREATE OR REPLACE " : "CREATE ");
    if (create->is_temporary) buf_puts(out, "TEMPORARY ");
    buf_puts(out, create->is_materialized ? "MATERIALIZED VIEW " : "VIEW ");
    if (create->if_not_exists) buf_puts(out, "IF NOT EXISTS ");
    deparse_name(create->name, out);
    if (create->columns.n) {
        buf_putc(out, ' ');
        deparse_parens(create->columns, out);
    }
    deparse_clause("COMMENT", create->comment, out);
    deparse_options("WITH", create->options, out);
    deparse_clause("AS", create->query, out);
}

static void deparse_put_create_function(const AstCreateFunction *create, Buf *out) {
    buf_puts(out, "CREATE ");
    if (create->is_temporary) buf_puts(out, create->is_system ? "TEMPORARY SYSTEM " : "TEMPORARY ");
    buf_puts(out, create->if_not_exists ? "FUNCTION IF NOT EXISTS " : "FUNCTION ");
    deparse_name(create->name, out);
    deparse_clause("AS", create->class_name, out);
    if (create->language.text.ptr) {
        buf_puts(out, " LANGUAGE ");
        buf_span(out, create->language.text);
    }
    for (int32_t i = 0; i < create->resources.n; i++) {
        const AstOption *resource = (const AstOption *)create->resources.items[i];
        buf_puts(out, i ? ", " : " USING ");
        buf_span(out, resource->key);
        buf_putc(out, ' ');
        sql_deparse_string(resource->value, out);
    }
    deparse_options("WITH", create->options, out);
}

static void deparse_put_create_space(const char *word, bool if_not_exists, const AstName *name,
                                     const Ast *comment, AstList options, Buf *out) {
    buf_printf(out, "CREATE %s %s", word, if_not_exists ? "IF NOT EXISTS " : "");
    deparse_name(name, out);
    deparse_clause("COMMENT", comment, out);
    deparse_options("WITH", options, out);
}

static void deparse_put_create_model(const AstCreateModel *create, Buf *out) {
    buf_puts(out, create->is_temporary ? "CREATE TEMPORARY MODEL " : "CREATE MODEL ");
    if (create->if_not_exists) buf_puts(out, "IF NOT EXISTS ");
    deparse_name(create->name, out);
    deparse_options("INPUT", create->input, out);
    deparse_options("OUTPUT", create->output, out);
    deparse_clause("COMMENT", create->comment, out);
    deparse_options("WITH", create->options, out);
    deparse_clause("AS", create->query, out);
}

static void deparse_put_drop(const AstDrop *drop, Buf *out) {
    static const char *const behaviors[] = {"", " RESTRICT", " CASCADE"};
    buf_puts(out, "DROP ");
    if (drop->is_temporary) buf_puts(out, drop->is_system ? "TEMPORARY SYSTEM " : "TEMPORARY ");
    buf_printf(out, "%s %s", ast_object_text(drop->object), drop->if_exists ? "IF EXISTS " : "");
    deparse_name(drop->name, out);
    buf_puts(out, behaviors[drop->behavior]);
}

bool deparse_ddl_node(const Ast *node, Buf *out) {
    switch (node->kind) {
    case AST_OPTION: deparse_put_option((const AstOption *)node, out); break;
    case AST_COLUMN_DEF: deparse_put_column((const AstColumnDef *)node, out); break;
    case AST_CONSTRAINT: deparse_put_constraint((const AstConstraint *)node, out); break;
    case AST_WATERMARK:
        buf_puts(out, "WATERMARK FOR ");
        deparse_name(((const AstWatermark *)node)->column, out);
        deparse_clause("AS", ((const AstWatermark *)node)->expr, out);
        break;
    case AST_DISTRIBUTION: deparse_put_distribution((const AstDistribution *)node, out); break;
    case AST_TABLE_LIKE: deparse_put_table_like((const AstTableLike *)node, out); break;
    case AST_LIKE_OPTION: deparse_put_like_option((const AstLikeOption *)node, out); break;
    case AST_PARTITION_ITEM:
        deparse_ident(&((const AstPartitionItem *)node)->column, out);
        deparse_clause("=", ((const AstPartitionItem *)node)->value, out);
        break;
    case AST_PARTITION: deparse_put_partition((const AstPartition *)node, out); break;
    case AST_CREATE_TABLE: deparse_put_create_table((const AstCreateTable *)node, out); break;
    case AST_CREATE_VIEW: deparse_put_create_view((const AstCreateView *)node, out); break;
    case AST_CREATE_FUNCTION:
        deparse_put_create_function((const AstCreateFunction *)node, out);
        break;
    case AST_CREATE_CATALOG: {
        const AstCreateCatalog *create = (const AstCreateCatalog *)node;
        deparse_put_create_space("CATALOG", create->if_not_exists, create->name, create->comment,
                                 create->options, out);
        break;
    }
    case AST_CREATE_DATABASE: {
        const AstCreateDatabase *create = (const AstCreateDatabase *)node;
        deparse_put_create_space("DATABASE", create->if_not_exists, create->name, create->comment,
                                 create->options, out);
        break;
    }
    case AST_CREATE_MODEL: deparse_put_create_model((const AstCreateModel *)node, out); break;
    case AST_DROP: deparse_put_drop((const AstDrop *)node, out); break;
    default: return false;
    }
    return true;
}

/* -- ALTER -- */

static void deparse_put_items(const char *word, AstList items, Buf *out) {
    buf_puts(out, word);
    buf_putc(out, ' ');
    if (items.n == 1) {
        deparse_node(items.items[0], out);
    } else {
        deparse_parens(items, out);
    }
}

static void deparse_put_partitions(const char *head, const AstAlterAction *action,
                                   const char *between, Buf *out) {
    buf_puts(out, head);
    for (int32_t i = 0; i < action->items.n; i++) {
        if (i) buf_puts(out, between);
        deparse_node(action->items.items[i], out);
    }
}

static void deparse_put_function_class(const AstAlterAction *action, Buf *out) {
    buf_puts(out, "AS ");
    deparse_node(action->text, out);
    if (!action->language.text.ptr) return;
    buf_puts(out, " LANGUAGE ");
    buf_span(out, action->language.text);
}

static void deparse_put_schema_action(const AstAlterAction *action, Buf *out) {
    switch (action->action) {
    case ALTER_ADD: deparse_put_items("ADD", action->items, out); break;
    case ALTER_MODIFY: deparse_put_items("MODIFY", action->items, out); break;
    case ALTER_ADD_DISTRIBUTION:
        buf_puts(out, "ADD DISTRIBUTION ");
        deparse_node(&action->distribution->ast, out);
        break;
    case ALTER_MODIFY_DISTRIBUTION:
        buf_puts(out, "MODIFY DISTRIBUTION ");
        deparse_node(&action->distribution->ast, out);
        break;
    case ALTER_DROP_DISTRIBUTION: buf_puts(out, "DROP DISTRIBUTION"); break;
    case ALTER_DROP_COLUMNS: deparse_put_items("DROP", action->names, out); break;
    case ALTER_DROP_PRIMARY_KEY: buf_puts(out, "DROP PRIMARY KEY"); break;
    case ALTER_DROP_CONSTRAINT:
        buf_puts(out, "DROP CONSTRAINT ");
        deparse_list(action->names, out);
        break;
    case ALTER_DROP_WATERMARK: buf_puts(out, "DROP WATERMARK"); break;
    case ALTER_ADD_PARTITIONS:
        deparse_put_partitions(action->if_exists ? "ADD IF NOT EXISTS " : "ADD ", action, " ", out);
        break;
    case ALTER_DROP_PARTITIONS:
        deparse_put_partitions(action->if_exists ? "DROP IF EXISTS " : "DROP ", action, ", ", out);
        break;
    case ALTER_RENAME:
        buf_puts(out, "RENAME TO ");
        deparse_list(action->names, out);
        break;
    case ALTER_RENAME_COLUMN:
        buf_puts(out, "RENAME ");
        deparse_node(action->names.items[0], out);
        deparse_clause("TO", action->names.items[1], out);
        break;
    default: break;
    }
}

static void deparse_put_action(const AstAlterAction *action, Buf *out) {
    switch (action->action) {
    case ALTER_SET:
        buf_puts(out, "SET ");
        deparse_parens(action->options, out);
        break;
    case ALTER_RESET:
        buf_puts(out, "RESET ");
        deparse_parens(action->options, out);
        break;
    case ALTER_COMMENT:
        buf_puts(out, "COMMENT ");
        deparse_node(action->text, out);
        break;
    case ALTER_AS:
        buf_puts(out, "AS ");
        deparse_node(action->query, out);
        break;
    case ALTER_FUNCTION: deparse_put_function_class(action, out); break;
    case ALTER_COMPACT:
        deparse_put_partitions("", action, "", out);
        buf_puts(out, action->items.n ? " COMPACT" : "COMPACT");
        break;
    case ALTER_SUSPEND: buf_puts(out, "SUSPEND"); break;
    case ALTER_RESUME:
        buf_puts(out, "RESUME");
        deparse_options("WITH", action->options, out);
        break;
    case ALTER_REFRESH:
        buf_puts(out, action->items.n ? "REFRESH " : "REFRESH");
        deparse_put_partitions("", action, "", out);
        break;
    case ALTER_SET_FRESHNESS:
        buf_puts(out, "SET");
        deparse_clause("FRESHNESS =", action->value, out);
        break;
    case ALTER_SET_REFRESH_MODE:
        buf_puts(out, "SET");
        deparse_put_refresh(action->refresh_mode, out);
        break;
    default: deparse_put_schema_action(action, out); break;
    }
}

bool deparse_alter_node(const Ast *node, Buf *out) {
    const AstAlter *alter = (const AstAlter *)node;
    if (node->kind == AST_ALTER_ACTION) {
        deparse_put_action((const AstAlterAction *)node, out);
        return true;
    }
    if (node->kind != AST_ALTER) return false;
    buf_puts(out, "ALTER ");
    if (alter->is_temporary) buf_puts(out, alter->is_system ? "TEMPORARY SYSTEM " : "TEMPORARY ");
    buf_printf(out, "%s %s", ast_object_text(alter->object), alter->if_exists ? "IF EXISTS " : "");
    deparse_name(alter->name, out);
    buf_putc(out, ' ');
    deparse_list(alter->actions, out);
    return true;
}
