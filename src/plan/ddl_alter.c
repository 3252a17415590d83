/* ddl_alter.c -- ALTER: a table's definition is taken apart, changed and sealed anew, so that every
 * rule of CREATE TABLE holds for the result.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/ddl.h"

/* ---- columns ---- */

/* Moves the last column to its place: FIRST, or AFTER another. */
static Status alter_place(TableDraft *draft, const AstColumnDef *def, uint32_t from, Err *err) {
    TableColumn moved = draft->columns[from];
    uint32_t to = 0;
    if (def->place == PLACE_NONE) return ST_OK;
    for (uint32_t i = from; i + 1 < draft->n_columns; i++)
        draft->columns[i] = draft->columns[i + 1];
    draft->n_columns--;
    if (def->place == PLACE_AFTER) {
        TableColumn *after = draft_find_column(draft, ast_name_last(def->after));
        if (!after) {
            FAIL(err, ST_INVALID, "42703", bind_pos(draft->b, def->after->ast.pos),
                 "column `" SPAN_FMT "` does not exist", SPAN_ARG(ast_name_last(def->after)));
        }
        to = (uint32_t)(after - draft->columns) + 1;
    }
    for (uint32_t i = draft->n_columns; i > to; i--) draft->columns[i] = draft->columns[i - 1];
    draft->columns[to] = moved;
    draft->n_columns++;
    return ST_OK;
}

static Status alter_add(TableDraft *draft, const AstList *items, Err *err) {
    for (int32_t i = 0; i < items->n; i++) {
        TRY(draft_add_item(draft, items->items[i], err));
        if (items->items[i]->kind != AST_COLUMN_DEF) continue;
        TRY(alter_place(draft, (const AstColumnDef *)items->items[i], draft->n_columns - 1, err));
    }
    return ST_OK;
}

static Status alter_no_column(const TableDraft *draft, const AstName *name, Err *err) {
    Span best, *names = arena_array(draft->b->arena, Span, draft->n_columns);
    for (uint32_t i = 0; i < draft->n_columns; i++) names[i] = draft->columns[i].name;
    best = span_nearest(ast_name_last(name), names, draft->n_columns);
    err_set(err, ST_INVALID, "42703", bind_pos(draft->b, name->ast.pos), __FILE__, __LINE__,
            "column `" SPAN_FMT "` does not exist", SPAN_ARG(ast_name_last(name)));
    return best.len ? err_hint(err, "did you mean `" SPAN_FMT "`?", SPAN_ARG(best)) : ST_INVALID;
}

static Status alter_modify(TableDraft *draft, const AstList *items, Err *err) {
    for (int32_t i = 0; i < items->n; i++) {
        const AstColumnDef *def = (const AstColumnDef *)items->items[i];
        TableColumn *old, column;
        if (def->ast.kind == AST_WATERMARK) draft->watermark_col = (DraftKey){0};
        if (def->ast.kind == AST_CONSTRAINT) draft->n_keys = 0;
        if (def->ast.kind != AST_COLUMN_DEF) {
            TRY(draft_add_item(draft, &def->ast, err));
            continue;
        }
        old = draft_find_column(draft, ast_name_last(def->name));
        if (!old) return alter_no_column(draft, def->name, err);
        TRY(draft_column(draft, def, &column, err));
        *old = column;
        TRY(alter_place(draft, def, (uint32_t)(old - draft->columns), err));
    }
    return ST_OK;
}

static Status alter_drop_columns(TableDraft *draft, const AstList *names, Err *err) {
    for (int32_t i = 0; i < names->n; i++) {
        const AstName *name = (const AstName *)names->items[i];
        TableColumn *column = draft_find_column(draft, ast_name_last(name));
        if (!column) return alter_no_column(draft, name, err);
        for (uint32_t at = (uint32_t)(column - draft->columns); at + 1 < draft->n_columns; at++) {
            draft->columns[at] = draft->columns[at + 1];
        }
        draft->n_columns--;
    }
    return ST_OK;
}

static Status alter_rename_column(TableDraft *draft, const AstList *names, Err *err) {
    const AstName *from = (const AstName *)names->items[0], *to = (const AstName *)names->items[1];
    TableColumn *column = draft_find_column(draft, ast_name_last(from));
    if (!column) return alter_no_column(draft, from, err);
    if (draft_find_column(draft, ast_name_last(to))) {
        FAIL(err, ST_CONFLICT, "42701", bind_pos(draft->b, to->ast.pos),
             "column `" SPAN_FMT "` exists already", SPAN_ARG(ast_name_last(to)));
    }
    column->name = ast_name_last(to);
    for (uint32_t i = 0; i < draft->n_keys; i++) {
        if (span_eq(draft->keys[i].name, ast_name_last(from))) draft->keys[i].name = column->name;
    }
    for (uint32_t i = 0; i < draft->n_partitions; i++) {
        if (!span_eq(draft->partitions[i].name, ast_name_last(from))) continue;
        draft->partitions[i].name = column->name;
    }
    return ST_OK;
}

static void alter_reset(TableDraft *draft, const AstList *options) {
    for (int32_t i = 0; i < options->n; i++) {
        const AstOption *option = (const AstOption *)options->items[i];
        uint32_t n = 0;
        for (uint32_t j = 0; j < draft->n_options; j++) {
            if (!span_eq(draft->options[j].key, option->key)) {
                draft->options[n++] = draft->options[j];
            }
        }
        draft->n_options = n;
    }
}

static Status alter_table_action(TableDraft *draft, const AstAlterAction *action, Err *err) {
    switch (action->action) {
    case ALTER_ADD: return alter_add(draft, &action->items, err);
    case ALTER_MODIFY: return alter_modify(draft, &action->items, err);
    case ALTER_DROP_COLUMNS: return alter_drop_columns(draft, &action->names, err);
    case ALTER_RENAME_COLUMN: return alter_rename_column(draft, &action->names, err);
    case ALTER_DROP_PRIMARY_KEY:
    case ALTER_DROP_CONSTRAINT: draft->n_keys = 0; return ST_OK;
    case ALTER_DROP_WATERMARK:
        draft->watermark_col = (DraftKey){0};
        draft->watermark = NULL;
        return ST_OK;
    case ALTER_RENAME:
        draft->name.name =
            span_copy(draft->b->arena, ast_name_last((const AstName *)action->names.items[0]));
        return ST_OK;
    case ALTER_SET: draft_set_options(draft, &action->options); return ST_OK;
    case ALTER_RESET: alter_reset(draft, &action->options); return ST_OK;
    default:
        return bind_unsupported(draft->b, action->ast.pos, "this form of ALTER TABLE",
                                "drop the table and create it anew", err);
    }
}

/* ---- tables ---- */

static Status alter_replace(Binder *b, const Table *old, const Table *table, int32_t pos,
                            Err *err) {
    bool is_renamed = !span_eq(old->name, table->name);
    Status status = catalog_add_table(b->env->catalog, table, false, !is_renamed, err);
    if (status != ST_OK) {
        if (err && err->pos < 0) err->pos = pos;
        return status;
    }
    if (is_renamed) catalog_remove_table(b->env->catalog, old);
    return ST_OK;
}

static Status alter_table(Binder *b, const AstAlter *alter, const Table *old, Span text, Err *err) {
    TableDraft draft = {.b = b,
                        .name = {old->catalog, old->database, old->name},
                        .pos = alter->name->ast.pos,
                        .is_temporary = old->is_temporary,
                        .sql = text};
    const Table *table;
    draft_from_table(&draft, old);
    for (uint32_t i = 0; i < draft.n_columns; i++) {
        const Type *type = draft.columns[i].type;
        if (type_is_rowtime(type)) {
            draft.columns[i].type = type_with_attr(b->arena, type, TIME_ATTR_NONE);
        }
    }
    for (int32_t i = 0; i < alter->actions.n; i++) {
        TRY(alter_table_action(&draft, (const AstAlterAction *)alter->actions.items[i], err));
    }
    TRY(draft_seal(&draft, &table, err));
    return alter_replace(b, old, table, bind_pos(b, draft.pos), err);
}

/* ---- views ---- */

static Status alter_view(Binder *b, const AstAlter *alter, const Table *old, Span text, Err *err) {
    const AstAlterAction *action = (const AstAlterAction *)alter->actions.items[0];
    ObjectName name = {old->catalog, old->database, old->name};
    int32_t pos = bind_pos(b, alter->name->ast.pos);
    const Table *view;
    Table *renamed;
    if (action->action == ALTER_RENAME) {
        renamed = arena_new(b->arena, Table);
        *renamed = *old;
        renamed->name = span_copy(b->arena, ast_name_last((const AstName *)action->names.items[0]));
        return alter_replace(b, old, renamed, pos, err);
    }
    if (action->action != ALTER_AS) {
        return bind_unsupported(b, action->ast.pos, "this form of ALTER VIEW",
                                "use ALTER VIEW v AS SELECT ... or RENAME TO", err);
    }
    AstCreateView *create = arena_new(b->arena, AstCreateView);
    create->ast = alter->ast;
    create->name = alter->name;
    create->is_temporary = old->is_temporary;
    create->query = action->query;
    TRY(ddl_view_from(b, create, name, text, &view, err));
    return alter_replace(b, old, view, pos, err);
}

/* ---- databases and the rest ---- */

static bool alter_is_options_only(const AstAlter *alter) {
    for (int32_t i = 0; i < alter->actions.n; i++) {
        AstAlterKind kind = ((const AstAlterAction *)alter->actions.items[i])->action;
        if (kind != ALTER_SET && kind != ALTER_RESET && kind != ALTER_COMMENT) return false;
    }
    return true;
}

Status ddl_alter(Binder *b, const Ast *statement, Err *err) {
    const AstAlter *alter;
    const Ast *copy;
    const Table *old;
    ObjectName name;
    Span text;
    TRY(ddl_copy(b, statement, &text, &copy, err));
    alter = (const AstAlter *)copy;
    if ((alter->object == OBJECT_DATABASE || alter->object == OBJECT_CATALOG) &&
        alter_is_options_only(alter)) {
        return bind_unsupported(b, copy->pos, "options of databases and catalogs",
                                "they are kept in memory and have none", err);
    }
    if (alter->object != OBJECT_TABLE && alter->object != OBJECT_VIEW) {
        return bind_unsupported(b, copy->pos, "ALTER of this kind of object",
                                "tables and views can be altered", err);
    }
    TRY(catalog_qualify_ast(b->env->catalog, alter->name, &name, err));
    old = catalog_find(b->env->catalog, name, false, false);
    if (!old) {
        if (alter->if_exists) return ST_OK;
        return catalog_table_get(b->env->catalog, alter->name, bind_pos(b, alter->name->ast.pos),
                                 &old, err);
    }
    if (old->is_view != (alter->object == OBJECT_VIEW)) {
        FAIL(err, ST_INVALID, "42809", bind_pos(b, alter->name->ast.pos), "`" SPAN_FMT "` is a %s",
             SPAN_ARG(old->name), old->is_view ? "view" : "table");
    }
    return old->is_view ? alter_view(b, alter, old, text, err)
                        : alter_table(b, alter, old, text, err);
}
