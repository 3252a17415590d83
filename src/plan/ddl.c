/* ddl.c -- statements that change the catalog. The catalog keeps its own copy of a statement's text
 * and parses it again there, so that definitions outlive the script that they came from.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/ddl.h"

Status ddl_copy(Binder *b, const Ast *statement, Span *text, const Ast **out, Err *err) {
    const PlanEnv *env = b->env;
    AstList list;
    b->arena = catalog_arena(env->catalog);
    if ((size_t)statement->end <= env->sql.len && statement->pos >= 0) {
        *text = span_copy(b->arena, (Span){env->sql.ptr + statement->pos,
                                           (size_t)(statement->end - statement->pos)});
        b->pos_base = statement->pos;
    } else {
        Buf buf;
        buf_init(&buf, NULL);
        sql_deparse(statement, &buf);
        *text = span_copy(b->arena, buf_as_span(&buf));
        buf_deinit(&buf);
        b->pos_override = statement->pos;
    }
    TRY(sql_parse_script(b->arena, *text, &list, err));
    assert(list.n == 1 && list.items[0]->kind == statement->kind);
    *out = list.items[0];
    return ST_OK;
}

static Span ddl_text(const Ast *literal) {
    return literal ? ((const AstLiteral *)literal)->text : (Span){0};
}

/* Adding an object fails at its name. */
static Status ddl_at(Status status, int32_t pos, Err *err) {
    if (status != ST_OK && err && err->pos < 0) err->pos = pos;
    return status;
}

/* ---- views ---- */

static Status ddl_view_columns(Binder *b, const AstCreateView *create, const Schema *schema,
                               Table *view, Err *err) {
    uint32_t n = schema->n_fields;
    TableColumn *columns = arena_array(b->arena, TableColumn, n);
    Field *fields = arena_array(b->arena, Field, n);
    if (create->columns.n && (uint32_t)create->columns.n != n) {
        FAIL(err, ST_INVALID, "42P10", bind_pos(b, create->name->ast.pos),
             "the query of the view has %u columns, but the list names %d", n,
             (int)create->columns.n);
    }
    for (uint32_t i = 0; i < n; i++) {
        const AstColumnDef *def =
            create->columns.n ? (const AstColumnDef *)create->columns.items[i] : NULL;
        columns[i] = (TableColumn){.name = def ? ast_name_last(def->name) : schema->fields[i].name,
                                   .type = type_copy(b->arena, schema->fields[i].type),
                                   .kind = TABCOL_PHYSICAL,
                                   .comment = def ? ddl_text(def->comment) : (Span){0},
                                   .pos = def ? def->ast.pos : -1};
        columns[i].name = span_copy(b->arena, columns[i].name);
        fields[i] = (Field){columns[i].name, columns[i].type};
        for (uint32_t j = 0; j < i; j++) {
            if (!span_eq(columns[i].name, columns[j].name)) continue;
            FAIL(err, ST_INVALID, "42701", bind_pos(b, create->name->ast.pos),
                 "the view has two columns `" SPAN_FMT "`", SPAN_ARG(columns[i].name));
        }
    }
    view->n_columns = n;
    view->columns = columns;
    view->schema = (Schema){.n_fields = n, .fields = fields};
    return ST_OK;
}

Status ddl_view_from(Binder *b, const AstCreateView *create, ObjectName name, Span text,
                     const Table **out, Err *err) {
    Table *view = arena_new(b->arena, Table);
    Arena *catalog = b->arena;
    Node *node;
    *view = (Table){.catalog = span_copy(catalog, name.catalog),
                    .database = span_copy(catalog, name.database),
                    .name = span_copy(catalog, name.name),
                    .is_temporary = create->is_temporary,
                    .is_view = true,
                    .rowtime_col = COLUMN_NONE,
                    .query = create->query,
                    .use_catalog = b->use_catalog,
                    .use_database = b->use_database,
                    .sql = text,
                    .comment = ddl_text(create->comment)};
    b->arena = b->env->arena; /* what binding makes is not kept */
    TRY(bind_query(b, (const AstQuery *)create->query, NULL, &node, err));
    b->arena = catalog;
    TRY(ddl_view_columns(b, create, &node->schema, view, err));
    *out = view;
    return ST_OK;
}

static Status ddl_create_view(Binder *b, const Ast *statement, Err *err) {
    const AstCreateView *create;
    const Ast *copy;
    const Table *view;
    ObjectName name;
    Span text;
    TRY(ddl_copy(b, statement, &text, &copy, err));
    create = (const AstCreateView *)copy;
    if (create->is_materialized) {
        return bind_unsupported(b, copy->pos, "CREATE MATERIALIZED VIEW",
                                "create a view and INSERT INTO a table from it", err);
    }
    if (create->options.n) {
        return bind_unsupported(b, create->options.items[0]->pos, "options of a view", NULL, err);
    }
    TRY(catalog_qualify_ast(b->env->catalog, create->name, &name, err));
    TRY(ddl_view_from(b, create, name, text, &view, err));
    return ddl_at(
        catalog_add_table(b->env->catalog, view, create->if_not_exists, create->is_replace, err),
        bind_pos(b, create->name->ast.pos), err);
}

/* ---- functions ---- */

typedef struct KnownClass {
    const char *class_name, *builtin;
} KnownClass;

/* Java classes of published benchmarks and examples that weir has built in. */
static const KnownClass known_classes[] = {
    {"com.github.nexmark.flink.udf.CountChar", "COUNT_CHAR"},
};

static Status ddl_create_function(Binder *b, const AstCreateFunction *create, Err *err) {
    Arena *arena = catalog_arena(b->env->catalog);
    Span class_name = ddl_text(create->class_name);
    UserFn *fn = arena_new(arena, UserFn);
    ObjectName name;
    TRY(catalog_qualify_ast(b->env->catalog, create->name, &name, err));
    *fn = (UserFn){.catalog = span_copy(arena, name.catalog),
                   .database = span_copy(arena, name.database),
                   .name = span_copy(arena, name.name),
                   .is_temporary = create->is_temporary,
                   .is_system = create->is_system,
                   .class_name = span_copy(arena, class_name),
                   .language = span_copy(arena, create->language.text)};
    for (size_t i = 0; i < sizeof known_classes / sizeof *known_classes; i++) {
        if (span_is(class_name, known_classes[i].class_name)) {
            fn->builtin = span_of(known_classes[i].builtin);
        }
    }
    if (!fn->builtin.ptr) {
        err_set(err, ST_UNSUPPORTED, "0A000",
                bind_pos(b, create->class_name ? create->class_name->pos : create->ast.pos),
                __FILE__, __LINE__, "class '" SPAN_FMT "' is not known: Java cannot be run",
                SPAN_ARG(class_name));
        return err_hint(err, "use a built-in function: `weir doc functions` lists them");
    }
    return catalog_add_function(b->env->catalog, fn, create->if_not_exists,
                                bind_pos(b, create->name->ast.pos), err);
}

/* ---- catalogs and databases ---- */

static Status ddl_database_name(const Catalog *catalog, const AstName *name, ObjectName *out,
                                Err *err) {
    if (name->parts.n > 2) {
        FAIL(err, ST_INVALID, "42601", name->ast.pos,
             "a database's name has at most two parts: catalog and database");
    }
    *out = (ObjectName){.catalog = name->parts.n > 1 ? name->parts.items[0].text
                                                     : catalog_current(catalog),
                        .database = ast_name_last(name)};
    return ST_OK;
}

static Status ddl_create_catalog(Binder *b, const AstCreateCatalog *create, Err *err) {
    for (int32_t i = 0; i < create->options.n; i++) {
        const AstOption *option = (const AstOption *)create->options.items[i];
        bool is_memory =
            span_is(option->key, "type") && span_is_nocase(option->value, "generic_in_memory");
        if (is_memory || span_is(option->key, "default-database")) continue;
        if (span_is(option->key, "type")) {
            err_set(err, ST_UNSUPPORTED, "0A000", bind_pos(b, option->value_pos), __FILE__,
                    __LINE__, "catalogs of type '" SPAN_FMT "' are not supported",
                    SPAN_ARG(option->value));
            return err_hint(err, "use 'type' = 'generic_in_memory'");
        }
        FAIL(err, ST_INVALID, "22023", bind_pos(b, option->ast.pos),
             "a catalog in memory has no option '" SPAN_FMT "'", SPAN_ARG(option->key));
    }
    return catalog_create(b->env->catalog, ast_name_last(create->name), ddl_text(create->comment),
                          create->if_not_exists, bind_pos(b, create->name->ast.pos), err);
}

static Status ddl_use(Binder *b, const AstUse *use, Err *err) {
    Catalog *catalog = b->env->catalog;
    Span parts[2];
    int32_t pos;
    if (use->use == USE_MODULES) {
        return bind_unsupported(b, use->ast.pos, "USE MODULES", "all functions are built in", err);
    }
    pos = bind_pos(b, use->name->ast.pos);
    if (use->use == USE_CATALOG) return catalog_use(catalog, ast_name_last(use->name), pos, err);
    if (use->name->parts.n > 2) {
        FAIL(err, ST_INVALID, "42601", pos, "a database's name has at most two parts");
    }
    for (int32_t i = 0; i < use->name->parts.n; i++) parts[i] = use->name->parts.items[i].text;
    return catalog_use_database(catalog, parts, (uint32_t)use->name->parts.n, pos, err);
}

/* ---- DROP ---- */

static Status ddl_drop_table(Binder *b, const AstDrop *drop, Err *err) {
    Catalog *catalog = b->env->catalog;
    bool is_view = drop->object == OBJECT_VIEW;
    int32_t pos = bind_pos(b, drop->name->ast.pos);
    const Table *table;
    ObjectName name;
    TRY(catalog_qualify_ast(catalog, drop->name, &name, err));
    table = catalog_find(catalog, name, drop->is_temporary, false);
    if (!table) {
        if (drop->if_exists) return ST_OK;
        if (drop->is_temporary) {
            FAIL(err, ST_NOT_FOUND, "42P01", pos, "temporary %s `" SPAN_FMT "` does not exist",
                 is_view ? "view" : "table", SPAN_ARG(name.name));
        }
        return catalog_table_get(catalog, drop->name, pos, &table, err);
    }
    if (table->is_temporary && !drop->is_temporary) {
        err_set(err, ST_INVALID, "42809", pos, __FILE__, __LINE__, "`" SPAN_FMT "` is temporary",
                SPAN_ARG(name.name));
        return err_hint(err, "write DROP TEMPORARY %s", table->is_view ? "VIEW" : "TABLE");
    }
    if (table->is_view != is_view) {
        err_set(err, ST_INVALID, "42809", pos, __FILE__, __LINE__, "`" SPAN_FMT "` is a %s",
                SPAN_ARG(name.name), table->is_view ? "view" : "table");
        return err_hint(err, "write DROP %s", table->is_view ? "VIEW" : "TABLE");
    }
    catalog_remove_table(catalog, table);
    return ST_OK;
}

static Status ddl_drop_function(Binder *b, const AstDrop *drop, Err *err) {
    ObjectName name;
    TRY(catalog_qualify_ast(b->env->catalog, drop->name, &name, err));
    if (catalog_remove_function(b->env->catalog, name, drop->is_temporary, drop->is_system) ||
        drop->if_exists) {
        return ST_OK;
    }
    FAIL(err, ST_NOT_FOUND, "42883", bind_pos(b, drop->name->ast.pos),
         "%sfunction `" SPAN_FMT "` does not exist", drop->is_temporary ? "temporary " : "",
         SPAN_ARG(name.name));
}

static Status ddl_drop(Binder *b, const AstDrop *drop, Err *err) {
    Catalog *catalog = b->env->catalog;
    int32_t pos = bind_pos(b, drop->name->ast.pos);
    ObjectName name;
    switch (drop->object) {
    case OBJECT_TABLE:
    case OBJECT_VIEW: return ddl_drop_table(b, drop, err);
    case OBJECT_FUNCTION: return ddl_drop_function(b, drop, err);
    case OBJECT_CATALOG:
        return catalog_drop(catalog, ast_name_last(drop->name), drop->if_exists, pos, err);
    case OBJECT_DATABASE:
        TRY(ddl_database_name(catalog, drop->name, &name, err));
        return catalog_drop_database(catalog, name, drop->if_exists, drop->behavior == DROP_CASCADE,
                                     pos, err);
    default:
        return bind_unsupported(b, drop->ast.pos, "DROP of this kind of object",
                                "tables, views, functions, databases and catalogs can be dropped",
                                err);
    }
}

/* ---- dispatch ---- */

Status plan_ddl(const PlanEnv *env, const Ast *statement, Err *err) {
    Binder b;
    ObjectName name;
    binder_init(&b, env);
    switch (statement->kind) {
    case AST_CREATE_TABLE: return ddl_create_table(&b, statement, err);
    case AST_CREATE_VIEW: return ddl_create_view(&b, statement, err);
    case AST_CREATE_FUNCTION:
        return ddl_create_function(&b, (const AstCreateFunction *)statement, err);
    case AST_CREATE_CATALOG:
        return ddl_create_catalog(&b, (const AstCreateCatalog *)statement, err);
    case AST_CREATE_DATABASE: {
        const AstCreateDatabase *create = (const AstCreateDatabase *)statement;
        TRY(ddl_database_name(env->catalog, create->name, &name, err));
        return catalog_create_database(env->catalog, name, create->if_not_exists,
                                       bind_pos(&b, create->name->ast.pos), err);
    }
    case AST_DROP: return ddl_drop(&b, (const AstDrop *)statement, err);
    case AST_ALTER: return ddl_alter(&b, statement, err);
    case AST_USE: return ddl_use(&b, (const AstUse *)statement, err);
    default: return bind_unsupported(&b, statement->pos, "this statement", NULL, err);
    }
}
