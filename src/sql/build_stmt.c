/* build_stmt.c -- nodes of statements, and the rules about their parts that are easier said in C
 * than in the grammar. SPDX-License-Identifier: Apache-2.0
 */
#include "sql/build.h"
#include "sql_grammar.h"

void build_check_head(SqlParse *p, Tok at, int replace, int temporary, uint32_t allowed) {
    if (replace == CREATE_OR_REPLACE && !(allowed & CREATE_MAY_REPLACE)) {
        build_fail(p, at->pos, "OR REPLACE cannot be used here");
    } else if (replace == CREATE_OR_ALTER && !(allowed & CREATE_MAY_ALTER)) {
        build_fail(p, at->pos, "OR ALTER is only for materialized tables");
    } else if (temporary == 2 && !(allowed & CREATE_SYSTEM)) {
        build_fail(p, at->pos, "TEMPORARY SYSTEM is only for functions");
    } else if (temporary && !(allowed & CREATE_TEMPORARY)) {
        build_fail(p, at->pos, "TEMPORARY cannot be used here");
    }
}

TableParts *build_part(SqlParse *p, TableParts *parts, uint32_t what, Tok at, void *value) {
    if (!parts) parts = arena_zalloc(p->arena, sizeof *parts);
    if (parts->seen & what) {
        build_fail(p, at->pos, SPAN_FMT " is given twice", SPAN_ARG(at->text));
    }
    parts->seen |= what;
    switch (what) {
    case PART_COMMENT: parts->comment = value; break;
    case PART_DISTRIBUTION: parts->distribution = value; break;
    case PART_PARTITIONED: parts->partitioned_by = value; break;
    case PART_WITH: parts->options = value; break;
    case PART_FRESHNESS: parts->freshness = value; break;
    default: parts->refresh_mode = *(AstRefreshMode *)value; break;
    }
    return parts;
}

/* Columns of CREATE have one-part names, and types unless the table gets its rows from a query. */
static void check_columns(SqlParse *p, const AstVec *columns, bool may_be_bare, bool must_be_bare) {
    for (int32_t i = 0; columns && i < columns->n; i++) {
        const AstColumnDef *column = (const AstColumnDef *)columns->items[i];
        bool is_column = column->ast.kind == AST_COLUMN_DEF;
        if (is_column && column->name->parts.n > 1) {
            build_fail(p, column->ast.pos, "a column's name has no dots");
        } else if (is_column && column->column == COLUMN_BARE && !may_be_bare) {
            build_fail(p, column->name->ast.end, "column \"" SPAN_FMT "\" has no type",
                       SPAN_ARG(ast_name_last(column->name)));
            build_hint(p, "write: " SPAN_FMT " STRING", SPAN_ARG(ast_name_last(column->name)));
        } else if (must_be_bare && (!is_column || column->column != COLUMN_BARE)) {
            build_fail(p, columns->items[i]->pos, "the columns of a view are names only");
        }
    }
}

Ast *build_create_table(SqlParse *p, Tok at, int replace, int temporary, bool is_materialized,
                        bool if_not_exists, AstName *name, const AstVec *columns,
                        const TableParts *parts, Ast *like_or_query) {
    static const TableParts none;
    AstCreateTable *create = NEW(AstCreateTable, AST_CREATE_TABLE, at->pos);
    uint32_t allowed = CREATE_TEMPORARY | CREATE_MAY_REPLACE;
    bool has_query = like_or_query && like_or_query->kind == AST_QUERY;
    if (!parts) parts = &none;
    if (replace != REPLACE_TABLE) {
        build_check_head(p, at, replace, temporary, is_materialized ? CREATE_MAY_ALTER : allowed);
    }
    if (!is_materialized && parts->seen & (PART_FRESHNESS | PART_REFRESH)) {
        build_fail(p, at->pos, "FRESHNESS and REFRESH_MODE are only for materialized tables");
    }
    check_columns(p, columns, has_query, false);
    create->replace = (AstReplace)replace;
    create->is_temporary = temporary != 0;
    create->is_materialized = is_materialized;
    create->if_not_exists = if_not_exists;
    create->name = name;
    create->has_columns = columns != NULL;
    create->columns = vec_list(columns);
    create->comment = parts->comment;
    create->distribution = (AstDistribution *)parts->distribution;
    create->partitioned_by = idents_list(parts->partitioned_by);
    create->options = vec_list(parts->options);
    create->freshness = parts->freshness;
    create->refresh_mode = parts->refresh_mode;
    if (has_query) {
        create->query = like_or_query;
    } else {
        create->like = (AstTableLike *)like_or_query;
    }
    return DONE(create);
}

Ast *build_create_view(SqlParse *p, Tok at, int replace, int temporary, bool is_materialized,
                       bool if_not_exists, AstName *name, const AstVec *columns,
                       const TableParts *parts, Ast *query) {
    static const TableParts none;
    AstCreateView *create = NEW(AstCreateView, AST_CREATE_VIEW, at->pos);
    if (!parts) parts = &none;
    build_check_head(p, at, replace, temporary,
                     CREATE_MAY_REPLACE | (is_materialized ? 0 : CREATE_TEMPORARY));
    if (parts->seen & ~(uint32_t)(PART_COMMENT | PART_WITH)) {
        build_fail(p, at->pos, "a view has only COMMENT and WITH");
    } else if (parts->seen & PART_WITH && !is_materialized) {
        build_fail(p, at->pos, "only a materialized view has options");
    }
    check_columns(p, columns, true, true);
    create->is_replace = replace == CREATE_OR_REPLACE;
    create->is_temporary = temporary != 0;
    create->is_materialized = is_materialized;
    create->if_not_exists = if_not_exists;
    create->name = name;
    create->columns = vec_list(columns);
    create->comment = parts->comment;
    create->options = vec_list(parts->options);
    create->query = query;
    return DONE(create);
}

Ast *build_constraint(SqlParse *p, Tok name, Tok at, bool is_unique, const IdentVec *columns,
                      int enforced) {
    AstConstraint *constraint = NEW(AstConstraint, AST_CONSTRAINT, name ? name->pos : at->pos);
    constraint->name = ident_of(name);
    constraint->is_unique = is_unique;
    constraint->columns = idents_list(columns);
    constraint->enforced = (AstEnforced)enforced;
    return DONE(constraint);
}

Ast *build_distribution(SqlParse *p, int32_t pos, int kind, const IdentVec *columns,
                        int32_t n_buckets) {
    AstDistribution *node = NEW(AstDistribution, AST_DISTRIBUTION, pos);
    node->distribution = (AstDistributionKind)kind;
    node->columns = idents_list(columns);
    node->n_buckets = n_buckets;
    return DONE(node);
}

Ast *build_option(SqlParse *p, Tok key, Tok value) {
    AstOption *option = NEW(AstOption, AST_OPTION, key->pos);
    option->key = key->text;
    if (value) {
        option->value = value->text;
        option->has_value = true;
        option->value_pos = value->pos;
    }
    return DONE(option);
}

AstShow *build_show(SqlParse *p, AstShowKind kind, AstName *name) {
    AstShow *show = NEW(AstShow, AST_SHOW, 0);
    show->show = kind;
    show->name = name;
    return show;
}

Ast *build_drop(SqlParse *p, Tok at, int temporary, AstObject object, bool if_exists, AstName *name,
                AstDropBehavior behavior) {
    AstDrop *drop = NEW(AstDrop, AST_DROP, at->pos);
    bool is_function = object == OBJECT_FUNCTION;
    bool may_be_temporary =
        is_function || object == OBJECT_TABLE || object == OBJECT_VIEW || object == OBJECT_MODEL;
    build_check_head(p, at, 0, temporary,
                     is_function        ? CREATE_TEMPORARY | CREATE_SYSTEM
                     : may_be_temporary ? CREATE_TEMPORARY
                                        : 0);
    drop->object = object;
    drop->is_temporary = temporary != 0;
    drop->is_system = temporary == 2;
    drop->if_exists = if_exists;
    drop->name = name;
    drop->behavior = behavior;
    return DONE(drop);
}

AstAlterAction *build_action(SqlParse *p, Tok at, AstAlterKind kind) {
    AstAlterAction *action = NEW(AstAlterAction, AST_ALTER_ACTION, at->pos);
    action->action = kind;
    return action;
}

static bool alter_fits(AstObject object, AstAlterKind kind) {
    bool is_table = object == OBJECT_TABLE || object == OBJECT_MATERIALIZED_TABLE;
    switch (kind) {
    case ALTER_RENAME:
        return is_table || object == OBJECT_VIEW || object == OBJECT_MATERIALIZED_VIEW ||
               object == OBJECT_MODEL;
    case ALTER_SET:
    case ALTER_RESET: return object != OBJECT_FUNCTION && object != OBJECT_VIEW;
    case ALTER_COMMENT: return object == OBJECT_CATALOG;
    case ALTER_AS:
        return object == OBJECT_VIEW || object == OBJECT_MATERIALIZED_TABLE ||
               object == OBJECT_MATERIALIZED_VIEW;
    case ALTER_FUNCTION: return object == OBJECT_FUNCTION;
    case ALTER_SUSPEND:
    case ALTER_RESUME:
    case ALTER_REFRESH:
        return object == OBJECT_MATERIALIZED_TABLE || object == OBJECT_MATERIALIZED_VIEW;
    case ALTER_SET_FRESHNESS:
    case ALTER_SET_REFRESH_MODE: return object == OBJECT_MATERIALIZED_TABLE;
    default: return is_table;
    }
}

Ast *build_alter(SqlParse *p, Tok at, AstObject object, bool if_exists, AstName *name,
                 AstAlterAction *action) {
    AstAlter *alter = NEW(AstAlter, AST_ALTER, at->pos);
    if (!alter_fits(object, action->action)) {
        build_fail(p, action->ast.pos, "ALTER %s has no such action", ast_object_text(object));
    }
    for (int32_t i = 0; i < action->items.n; i++) {
        const AstColumnDef *column = (const AstColumnDef *)action->items.items[i];
        if (column->ast.kind == AST_COLUMN_DEF && column->column == COLUMN_BARE) {
            build_fail(p, column->ast.end, "the column has no type");
        }
    }
    DONE(action);
    alter->object = object;
    alter->if_exists = if_exists;
    alter->name = name;
    alter->actions = vec_list(vec_add(p, NULL, action));
    return DONE(alter);
}

Ast *build_plan(SqlParse *p, Tok at, AstPlanKind kind, Ast *path, bool if_not_exists,
                Ast *statement) {
    AstPlan *plan = NEW(AstPlan, AST_PLAN, at->pos);
    plan->plan = kind;
    plan->path = path;
    plan->if_not_exists = if_not_exists;
    plan->statement = statement;
    return DONE(plan);
}

void build_detail(SqlParse *p, AstExplain *explain, Tok detail) {
    bool *field = &explain->plan_advice;
    if (detail->kind == TK_ESTIMATED_COST) field = &explain->estimated_cost;
    if (detail->kind == TK_CHANGELOG_MODE) field = &explain->changelog_mode;
    if (detail->kind == TK_JSON_EXECUTION_PLAN) field = &explain->json_execution_plan;
    if (*field) {
        build_fail(p, detail->pos, SPAN_FMT " is given twice", SPAN_ARG(detail->text));
    }
    *field = true;
}

Ast *build_describe(SqlParse *p, Tok at, AstDescribeKind kind, bool is_extended, AstName *name,
                    Ast *job) {
    AstDescribe *describe = NEW(AstDescribe, AST_DESCRIBE, at->pos);
    describe->describe = kind;
    describe->is_extended = is_extended;
    describe->name = name;
    describe->job = job;
    return DONE(describe);
}

Ast *build_use(SqlParse *p, Tok at, AstUseKind kind, AstName *name, const IdentVec *modules) {
    AstUse *use = NEW(AstUse, AST_USE, at->pos);
    use->use = kind;
    use->name = name;
    use->modules = idents_list(modules);
    return DONE(use);
}

Ast *build_set(SqlParse *p, Tok at, bool is_reset, Tok key, Tok value) {
    AstSet *set = NEW(AstSet, AST_SET, at->pos);
    set->is_reset = is_reset;
    if (key) {
        set->has_key = true;
        set->key = key->text;
        set->key_pos = key->pos;
    }
    if (value) {
        set->has_value = true;
        set->value = value->text;
        set->value_pos = value->pos;
    }
    return DONE(set);
}
