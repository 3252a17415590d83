/* catalog.c -- the objects by name: catalogs hold databases, databases hold tables and functions;
 * temporary ones live beside, under their full path, and hide the permanent ones.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/catalog_store.h"

typedef struct CatalogDb {
    Span name;
    StrMap tables, functions;
} CatalogDb;

typedef struct CatalogItem {
    Span name, comment;
    StrMap databases;
} CatalogItem;

struct Catalog {
    Mem *mem;
    Arena arena;
    StrMap catalogs;
    StrMap temp_tables, temp_functions; /* by full path */
    StrMap system_functions;
    Span current, current_database;
    struct CatalogFeed *feeds;
};

/* The queue of a table of connector 'test'; outlives the table, since queries may hold it. */
typedef struct CatalogFeed {
    RowFeed *feed;
    struct CatalogFeed *next;
} CatalogFeed;

static CatalogDb *catalog_add_db(Catalog *catalog, CatalogItem *item, Span name) {
    CatalogDb *db = arena_new(&catalog->arena, CatalogDb);
    db->name = span_copy(&catalog->arena, name);
    strmap_init(&db->tables, catalog->mem, false);
    strmap_init(&db->functions, catalog->mem, true);
    strmap_put(&item->databases, db->name, db);
    return db;
}

static CatalogItem *catalog_add_item(Catalog *catalog, Span name, Span comment) {
    CatalogItem *item = arena_new(&catalog->arena, CatalogItem);
    item->name = span_copy(&catalog->arena, name);
    item->comment = span_copy(&catalog->arena, comment);
    strmap_init(&item->databases, catalog->mem, false);
    strmap_put(&catalog->catalogs, item->name, item);
    return item;
}

Catalog *catalog_new(Mem *mem) {
    Catalog *catalog = mem_zalloc(mem, sizeof *catalog);
    CatalogItem *item;
    catalog->mem = mem;
    arena_init(&catalog->arena, mem);
    strmap_init(&catalog->catalogs, mem, false);
    strmap_init(&catalog->temp_tables, mem, false);
    strmap_init(&catalog->temp_functions, mem, true);
    strmap_init(&catalog->system_functions, mem, true);
    item = catalog_add_item(catalog, SPAN("default_catalog"), (Span){0});
    catalog->current = item->name;
    catalog->current_database = catalog_add_db(catalog, item, SPAN("default_database"))->name;
    return catalog;
}

static void catalog_free_db(CatalogDb *db) {
    strmap_deinit(&db->tables);
    strmap_deinit(&db->functions);
}

static void catalog_free_item(CatalogItem *item) {
    for (uint32_t i = 0; i < item->databases.n; i++) {
        catalog_free_db(item->databases.entries[i].value);
    }
    strmap_deinit(&item->databases);
}

void catalog_free(Catalog *catalog) {
    if (!catalog) return;
    for (uint32_t i = 0; i < catalog->catalogs.n; i++) {
        catalog_free_item(catalog->catalogs.entries[i].value);
    }
    strmap_deinit(&catalog->catalogs);
    strmap_deinit(&catalog->temp_tables);
    strmap_deinit(&catalog->temp_functions);
    strmap_deinit(&catalog->system_functions);
    for (CatalogFeed *at = catalog->feeds; at; at = at->next) rowfeed_free(at->feed);
    arena_deinit(&catalog->arena);
    mem_free(catalog->mem, catalog, sizeof *catalog);
}

Arena *catalog_arena(Catalog *catalog) {
    return &catalog->arena;
}
Span catalog_current(const Catalog *catalog) {
    return catalog->current;
}
Span catalog_current_database(const Catalog *catalog) {
    return catalog->current_database;
}

/* ---- names ---- */

ObjectName catalog_qualify(const Catalog *catalog, const Span *parts, uint32_t n_parts) {
    assert(n_parts >= 1 && n_parts <= 3);
    return (ObjectName){.catalog = n_parts > 2 ? parts[0] : catalog->current,
                        .database = n_parts > 1 ? parts[n_parts - 2] : catalog->current_database,
                        .name = parts[n_parts - 1]};
}

Status catalog_qualify_ast(const Catalog *catalog, const AstName *name, ObjectName *out, Err *err) {
    Span parts[3];
    if (name->parts.n > 3) {
        FAIL(err, ST_INVALID, "42601", name->parts.items[3].pos,
             "a name has at most three parts: catalog, database and object");
    }
    for (int32_t i = 0; i < name->parts.n; i++) parts[i] = name->parts.items[i].text;
    *out = catalog_qualify(catalog, parts, (uint32_t)name->parts.n);
    return ST_OK;
}

/* The key of temporary objects: the parts, each ended by a byte that no name contains. */
static Span catalog_temp_key(ObjectName name, Buf *buf) {
    buf_reset(buf);
    buf_span(buf, name.catalog);
    buf_putc(buf, '\0');
    buf_span(buf, name.database);
    buf_putc(buf, '\0');
    buf_span(buf, name.name);
    return buf_as_span(buf);
}

static void *catalog_temp_find(const StrMap *map, ObjectName name) {
    Buf buf;
    void *found;
    if (!map->n) return NULL;
    buf_init(&buf, NULL);
    found = strmap_find(map, catalog_temp_key(name, &buf));
    buf_deinit(&buf);
    return found;
}

static void catalog_temp_put(StrMap *map, ObjectName name, const void *value) {
    Buf buf;
    buf_init(&buf, NULL);
    strmap_put(map, catalog_temp_key(name, &buf), (void *)(uintptr_t)value);
    buf_deinit(&buf);
}

static bool catalog_temp_remove(StrMap *map, ObjectName name) {
    Buf buf;
    bool was_there;
    buf_init(&buf, NULL);
    was_there = strmap_remove(map, catalog_temp_key(name, &buf)) != NULL;
    buf_deinit(&buf);
    return was_there;
}

const char *catalog_path(Arena *arena, ObjectName name) {
    return arena_printf(arena, "`" SPAN_FMT "`.`" SPAN_FMT "`.`" SPAN_FMT "`",
                        SPAN_ARG(name.catalog), SPAN_ARG(name.database), SPAN_ARG(name.name));
}

static CatalogDb *catalog_db(const Catalog *catalog, Span in_catalog, Span database) {
    CatalogItem *item = strmap_find(&catalog->catalogs, in_catalog);
    return item ? strmap_find(&item->databases, database) : NULL;
}

/* Fills err->hint with the nearest of the map's names, if one is near. */
static Status catalog_hint_nearest(const StrMap *map, Span name, Err *err) {
    Span best;
    Span *names = mem_alloc(NULL, (map->n + 1) * sizeof *names);
    for (uint32_t i = 0; i < map->n; i++) names[i] = map->entries[i].key;
    best = span_nearest(name, names, map->n);
    mem_free(NULL, names, (map->n + 1) * sizeof *names);
    if (best.len && err) {
        return err_hint(err, "did you mean `" SPAN_FMT "`?", SPAN_ARG(best));
    }
    return err ? err->status : ST_NOT_FOUND;
}

/* ---- catalogs and databases ---- */

Status catalog_get(const Catalog *catalog, Span name, int32_t pos, Span *comment, Err *err) {
    const CatalogItem *item = strmap_find(&catalog->catalogs, name);
    if (!item) {
        err_set(err, ST_NOT_FOUND, "3D000", pos, __FILE__, __LINE__,
                "catalog `" SPAN_FMT "` does not exist", SPAN_ARG(name));
        return catalog_hint_nearest(&catalog->catalogs, name, err);
    }
    *comment = item->comment;
    return ST_OK;
}

Status catalog_use(Catalog *catalog, Span name, int32_t pos, Err *err) {
    CatalogItem *item = strmap_find(&catalog->catalogs, name);
    if (!item) {
        err_set(err, ST_NOT_FOUND, "3D000", pos, __FILE__, __LINE__,
                "catalog `" SPAN_FMT "` does not exist", SPAN_ARG(name));
        return catalog_hint_nearest(&catalog->catalogs, name, err);
    }
    catalog->current = item->name;
    catalog->current_database =
        item->databases.n ? item->databases.entries[0].key : SPAN("default");
    return ST_OK;
}

static Status catalog_no_database(const Catalog *catalog, ObjectName name, int32_t pos, Err *err) {
    CatalogItem *item = strmap_find(&catalog->catalogs, name.catalog);
    if (!item) {
        err_set(err, ST_NOT_FOUND, "3D000", pos, __FILE__, __LINE__,
                "catalog `" SPAN_FMT "` does not exist", SPAN_ARG(name.catalog));
        return catalog_hint_nearest(&catalog->catalogs, name.catalog, err);
    }
    err_set(err, ST_NOT_FOUND, "3F000", pos, __FILE__, __LINE__,
            "database `" SPAN_FMT "` does not exist in catalog `" SPAN_FMT "`",
            SPAN_ARG(name.database), SPAN_ARG(name.catalog));
    return catalog_hint_nearest(&item->databases, name.database, err);
}

Status catalog_use_database(Catalog *catalog, const Span *parts, uint32_t n_parts, int32_t pos,
                            Err *err) {
    ObjectName name = {.catalog = n_parts > 1 ? parts[0] : catalog->current,
                       .database = parts[n_parts - 1]};
    CatalogItem *item = strmap_find(&catalog->catalogs, name.catalog);
    CatalogDb *db = catalog_db(catalog, name.catalog, name.database);
    if (!db) return catalog_no_database(catalog, name, pos, err);
    catalog->current = item->name;
    catalog->current_database = db->name;
    return ST_OK;
}

Status catalog_create(Catalog *catalog, Span name, Span comment, bool if_not_exists, int32_t pos,
                      Err *err) {
    CatalogItem *item = strmap_find(&catalog->catalogs, name);
    if (item) {
        if (if_not_exists) return ST_OK;
        FAIL(err, ST_CONFLICT, "42P04", pos, "catalog `" SPAN_FMT "` already exists",
             SPAN_ARG(name));
    }
    item = catalog_add_item(catalog, name, comment);
    catalog_add_db(catalog, item, SPAN("default"));
    return ST_OK;
}

Status catalog_drop(Catalog *catalog, Span name, bool if_exists, int32_t pos, Err *err) {
    CatalogItem *item = strmap_find(&catalog->catalogs, name);
    if (!item) {
        if (if_exists) return ST_OK;
        err_set(err, ST_NOT_FOUND, "3D000", pos, __FILE__, __LINE__,
                "catalog `" SPAN_FMT "` does not exist", SPAN_ARG(name));
        return catalog_hint_nearest(&catalog->catalogs, name, err);
    }
    if (span_eq(catalog->current, name)) {
        err_set(err, ST_CONFLICT, "55006", pos, __FILE__, __LINE__,
                "catalog `" SPAN_FMT "` is in use", SPAN_ARG(name));
        return err_hint(err, "change to another with USE CATALOG first");
    }
    strmap_remove(&catalog->catalogs, name);
    catalog_free_item(item);
    return ST_OK;
}

Status catalog_create_database(Catalog *catalog, ObjectName name, bool if_not_exists, int32_t pos,
                               Err *err) {
    CatalogItem *item = strmap_find(&catalog->catalogs, name.catalog);
    if (!item) return catalog_no_database(catalog, name, pos, err);
    if (strmap_find(&item->databases, name.database)) {
        if (if_not_exists) return ST_OK;
        FAIL(err, ST_CONFLICT, "42P06", pos, "database `" SPAN_FMT "` already exists",
             SPAN_ARG(name.database));
    }
    catalog_add_db(catalog, item, name.database);
    return ST_OK;
}

Status catalog_drop_database(Catalog *catalog, ObjectName name, bool if_exists, bool cascade,
                             int32_t pos, Err *err) {
    CatalogItem *item = strmap_find(&catalog->catalogs, name.catalog);
    CatalogDb *db = item ? strmap_find(&item->databases, name.database) : NULL;
    if (!db) return if_exists ? ST_OK : catalog_no_database(catalog, name, pos, err);
    if (span_eq(catalog->current, name.catalog) &&
        span_eq(catalog->current_database, name.database)) {
        err_set(err, ST_CONFLICT, "55006", pos, __FILE__, __LINE__,
                "database `" SPAN_FMT "` is in use", SPAN_ARG(name.database));
        return err_hint(err, "change to another with USE first");
    }
    if (!cascade && (db->tables.n || db->functions.n)) {
        err_set(err, ST_CONFLICT, "2BP01", pos, __FILE__, __LINE__,
                "database `" SPAN_FMT "` is not empty", SPAN_ARG(name.database));
        return err_hint(err, "use DROP DATABASE ... CASCADE to drop what it holds as well");
    }
    strmap_remove(&item->databases, name.database);
    catalog_free_db(db);
    return ST_OK;
}

/* ---- tables ---- */

const Table *catalog_find(const Catalog *catalog, ObjectName name, bool only_temporary,
                          bool only_permanent) {
    const Table *table = only_permanent ? NULL : catalog_temp_find(&catalog->temp_tables, name);
    CatalogDb *db;
    if (table || only_temporary) return table;
    db = catalog_db(catalog, name.catalog, name.database);
    return db ? strmap_find(&db->tables, name.name) : NULL;
}

const Table *catalog_table(const Catalog *catalog, const Span *parts, uint32_t n_parts) {
    if (n_parts < 1 || n_parts > 3) return NULL;
    return catalog_find(catalog, catalog_qualify(catalog, parts, n_parts), false, false);
}

typedef struct CatalogNames {
    Span *names;
    uint32_t n, cap;
} CatalogNames;

static void catalog_collect(void *ctx, Span name, const Table *table) {
    CatalogNames *list = ctx;
    (void)table;
    if (list->n < list->cap) list->names[list->n] = name;
    list->n++;
}

Status catalog_table_get(const Catalog *catalog, const AstName *name, int32_t pos,
                         const Table **out, Err *err) {
    ObjectName full;
    CatalogNames list = {0};
    Span best;
    TRY(catalog_qualify_ast(catalog, name, &full, err));
    *out = catalog_find(catalog, full, false, false);
    if (*out) return ST_OK;
    if (!catalog_db(catalog, full.catalog, full.database)) {
        return catalog_no_database(catalog, full, pos, err);
    }
    err_set(err, ST_NOT_FOUND, "42P01", pos, __FILE__, __LINE__,
            "table `" SPAN_FMT "` does not exist", SPAN_ARG(full.name));
    catalog_each_table(catalog, full.catalog, full.database, catalog_collect, &list);
    list.cap = list.n;
    list.names = mem_alloc(NULL, (list.cap + 1) * sizeof *list.names);
    list.n = 0;
    catalog_each_table(catalog, full.catalog, full.database, catalog_collect, &list);
    best = span_nearest(full.name, list.names, list.n);
    mem_free(NULL, list.names, (list.cap + 1) * sizeof *list.names);
    if (best.len) return err_hint(err, "did you mean `" SPAN_FMT "`?", SPAN_ARG(best));
    return err_hint(err, "create it with CREATE TABLE or CREATE VIEW first");
}

/* Gives a table of connector 'test' its queue; one that was altered keeps its own while the
 * physical columns stay the same. */
static void catalog_give_feed(Catalog *catalog, Table *table) {
    Field *fields = arena_array(&catalog->arena, Field, table->n_columns);
    Schema *physical = arena_new(&catalog->arena, Schema);
    const Schema *old = table->feed ? rowfeed_schema(table->feed) : NULL;
    CatalogFeed *entry;
    for (uint32_t i = 0; i < table->n_columns; i++) {
        const TableColumn *column = &table->columns[i];
        if (column->kind == TABCOL_PHYSICAL)
            fields[physical->n_fields++] = (Field){column->name, column->type};
    }
    physical->fields = fields;
    if (old && old->n_fields == physical->n_fields) {
        uint32_t i = 0;
        while (i < old->n_fields && type_eq_exact(old->fields[i].type, fields[i].type)) i++;
        if (i == old->n_fields) return;
    }
    entry = arena_new(&catalog->arena, CatalogFeed);
    *entry = (CatalogFeed){rowfeed_new(catalog->mem, physical), catalog->feeds};
    catalog->feeds = entry;
    table->feed = entry->feed;
}

Status catalog_add_table(Catalog *catalog, const Table *table, bool if_not_exists, bool or_replace,
                         Err *err) {
    ObjectName name = {table->catalog, table->database, table->name};
    CatalogDb *db = catalog_db(catalog, name.catalog, name.database);
    const Table *old = catalog_find(catalog, name, table->is_temporary, !table->is_temporary);
    if (!db) return catalog_no_database(catalog, name, -1, err);
    if (old && !or_replace) {
        if (if_not_exists) return ST_OK;
        err_set(err, ST_CONFLICT, "42P07", -1, __FILE__, __LINE__,
                "%s `" SPAN_FMT "` already exists", old->is_view ? "view" : "table",
                SPAN_ARG(name.name));
        return err_hint(err, "drop it first, or write IF NOT EXISTS");
    }
    if (table->conn && strcmp(table->conn->name, "test") == 0)
        catalog_give_feed(catalog, (Table *)(uintptr_t)table); /* the creator's, not yet shared */
    if (table->is_temporary) {
        catalog_temp_put(&catalog->temp_tables, name, table);
    } else {
        strmap_put(&db->tables, name.name, (void *)(uintptr_t)table);
    }
    return ST_OK;
}

void catalog_remove_table(Catalog *catalog, const Table *table) {
    ObjectName name = {table->catalog, table->database, table->name};
    CatalogDb *db = catalog_db(catalog, name.catalog, name.database);
    if (table->is_temporary) {
        catalog_temp_remove(&catalog->temp_tables, name);
    } else if (db) {
        strmap_remove(&db->tables, name.name);
    }
}

/* ---- functions ---- */

const UserFn *catalog_function(const Catalog *catalog, const Span *parts, uint32_t n_parts) {
    const UserFn *fn = NULL;
    ObjectName name;
    CatalogDb *db;
    if (n_parts < 1 || n_parts > 3) return NULL;
    name = catalog_qualify(catalog, parts, n_parts);
    if (n_parts == 1) fn = strmap_find(&catalog->system_functions, name.name);
    if (!fn) fn = catalog_temp_find(&catalog->temp_functions, name);
    if (fn) return fn;
    db = catalog_db(catalog, name.catalog, name.database);
    return db ? strmap_find(&db->functions, name.name) : NULL;
}

Status catalog_add_function(Catalog *catalog, const UserFn *fn, bool if_not_exists, int32_t pos,
                            Err *err) {
    ObjectName name = {fn->catalog, fn->database, fn->name};
    CatalogDb *db = fn->is_system ? NULL : catalog_db(catalog, name.catalog, name.database);
    const void *old;
    if (!fn->is_system && !db) return catalog_no_database(catalog, name, pos, err);
    if (fn->is_system) {
        old = strmap_find(&catalog->system_functions, name.name);
    } else if (fn->is_temporary) {
        old = catalog_temp_find(&catalog->temp_functions, name);
    } else {
        old = strmap_find(&db->functions, name.name);
    }
    if (old) {
        if (if_not_exists) return ST_OK;
        FAIL(err, ST_CONFLICT, "42723", pos, "function `" SPAN_FMT "` already exists",
             SPAN_ARG(name.name));
    }
    if (fn->is_system) {
        strmap_put(&catalog->system_functions, name.name, (void *)(uintptr_t)fn);
    } else if (fn->is_temporary) {
        catalog_temp_put(&catalog->temp_functions, name, fn);
    } else {
        strmap_put(&db->functions, name.name, (void *)(uintptr_t)fn);
    }
    return ST_OK;
}

bool catalog_remove_function(Catalog *catalog, ObjectName name, bool is_temporary, bool is_system) {
    CatalogDb *db;
    if (is_system) return strmap_remove(&catalog->system_functions, name.name) != NULL;
    if (is_temporary) return catalog_temp_remove(&catalog->temp_functions, name);
    db = catalog_db(catalog, name.catalog, name.database);
    return db && strmap_remove(&db->functions, name.name) != NULL;
}

/* ---- listing, for SHOW ---- */

typedef struct CatalogEntry {
    Span name;
    const void *value;
} CatalogEntry;

static int catalog_entry_cmp(const void *a, const void *b) {
    return span_cmp(((const CatalogEntry *)a)->name, ((const CatalogEntry *)b)->name);
}

/* Adds the entries of a map; for a map of temporary tables only those of one database. */
static uint32_t catalog_gather(const StrMap *map, bool by_path, ObjectName in, CatalogEntry *out) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < map->n; i++) {
        const Table *table = map->entries[i].value;
        if (!by_path) {
            out[n++] = (CatalogEntry){map->entries[i].key, table};
        } else if (span_eq(table->catalog, in.catalog) && span_eq(table->database, in.database)) {
            out[n++] = (CatalogEntry){table->name, table};
        }
    }
    return n;
}

static void catalog_visit_sorted(CatalogEntry *entries, uint32_t n, bool are_tables,
                                 CatalogVisit *visit, void *ctx) {
    if (n) qsort(entries, n, sizeof *entries, catalog_entry_cmp);
    for (uint32_t i = 0; i < n; i++) {
        /* A temporary table hides the permanent one of its name. */
        if (i && span_eq(entries[i].name, entries[i - 1].name)) continue;
        visit(ctx, entries[i].name, are_tables ? entries[i].value : NULL);
    }
}

static void catalog_each_of(const StrMap *temporary, const StrMap *map, ObjectName in,
                            bool are_tables, CatalogVisit *visit, void *ctx) {
    uint32_t cap = map->n + (temporary ? temporary->n : 0) + 1, n = 0;
    CatalogEntry *entries = mem_alloc(NULL, cap * sizeof *entries);
    if (temporary) n = catalog_gather(temporary, true, in, entries);
    n += catalog_gather(map, false, in, entries + n);
    catalog_visit_sorted(entries, n, are_tables, visit, ctx);
    mem_free(NULL, entries, cap * sizeof *entries);
}

void catalog_each_catalog(const Catalog *catalog, CatalogVisit *visit, void *ctx) {
    catalog_each_of(NULL, &catalog->catalogs, (ObjectName){0}, false, visit, ctx);
}

bool catalog_each_database(const Catalog *catalog, Span in_catalog, CatalogVisit *visit,
                           void *ctx) {
    CatalogItem *item =
        strmap_find(&catalog->catalogs, in_catalog.len ? in_catalog : catalog->current);
    if (!item) return false;
    catalog_each_of(NULL, &item->databases, (ObjectName){0}, false, visit, ctx);
    return true;
}

bool catalog_each_table(const Catalog *catalog, Span in_catalog, Span in_database,
                        CatalogVisit *visit, void *ctx) {
    ObjectName in = {.catalog = in_catalog.len ? in_catalog : catalog->current,
                     .database = in_database.len ? in_database : catalog->current_database};
    CatalogDb *db = catalog_db(catalog, in.catalog, in.database);
    if (!db) return false;
    catalog_each_of(&catalog->temp_tables, &db->tables, in, true, visit, ctx);
    return true;
}

static void catalog_each_fn(const StrMap *map, void (*visit)(void *ctx, const UserFn *fn),
                            void *ctx) {
    for (uint32_t i = 0; i < map->n; i++) visit(ctx, map->entries[i].value);
}

void catalog_each_function(const Catalog *catalog, void (*visit)(void *ctx, const UserFn *fn),
                           void *ctx) {
    CatalogDb *db = catalog_db(catalog, catalog->current, catalog->current_database);
    catalog_each_fn(&catalog->system_functions, visit, ctx);
    catalog_each_fn(&catalog->temp_functions, visit, ctx);
    if (db) catalog_each_fn(&db->functions, visit, ctx);
}
