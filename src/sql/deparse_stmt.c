/* deparse_stmt.c -- all other statements as text. SPDX-License-Identifier: Apache-2.0 */
#include "sql/deparse.h"

static void deparse_put_insert(const AstInsert *insert, Buf *out) {
    static const char *const conflicts[] = {"", " ON CONFLICT DO NOTHING", " ON CONFLICT DO ERROR",
                                            " ON CONFLICT DO DEDUPLICATE"};
    buf_puts(out, insert->is_upsert      ? "UPSERT INTO "
                  : insert->is_overwrite ? "INSERT OVERWRITE "
                                         : "INSERT INTO ");
    deparse_name(insert->table, out);
    if (insert->hints.n) {
        buf_puts(out, " /*+ ");
        deparse_list(insert->hints, out);
        buf_puts(out, " */");
    }
    deparse_options("PARTITION", insert->partition, out);
    if (insert->columns.n) {
        buf_putc(out, ' ');
        deparse_parens(insert->columns, out);
    }
    buf_putc(out, ' ');
    deparse_node(insert->query, out);
    buf_puts(out, conflicts[insert->on_conflict]);
}

static void deparse_put_target(const AstName *table, const AstIdent *alias, Buf *out) {
    deparse_name(table, out);
    if (!alias->text.ptr) return;
    buf_puts(out, " AS ");
    deparse_ident(alias, out);
}

static void deparse_put_statement_set(const AstStatementSet *set, Buf *out) {
    buf_puts(out, "STATEMENT SET BEGIN ");
    for (int32_t i = 0; i < set->statements.n; i++) {
        deparse_node(set->statements.items[i], out);
        buf_puts(out, "; ");
    }
    buf_puts(out, "END");
}

static void deparse_put_plan(const AstPlan *plan, Buf *out) {
    static const char *const heads[] = {"COMPILE PLAN ", "EXECUTE PLAN ",
                                        "COMPILE AND EXECUTE PLAN "};
    buf_puts(out, heads[plan->plan]);
    deparse_node(plan->path, out);
    if (plan->if_not_exists) buf_puts(out, " IF NOT EXISTS");
    deparse_clause("FOR", plan->statement, out);
}

static void deparse_put_explain(const AstExplain *explain, Buf *out) {
    const char *comma = " ";
    buf_puts(out, "EXPLAIN");
    if (explain->is_analyze) buf_puts(out, " ANALYZE");
    if (explain->is_upgrade) buf_puts(out, " UPGRADE");
    if (explain->estimated_cost) {
        buf_printf(out, "%sESTIMATED_COST", comma);
        comma = ", ";
    }
    if (explain->changelog_mode) {
        buf_printf(out, "%sCHANGELOG_MODE", comma);
        comma = ", ";
    }
    if (explain->json_execution_plan) {
        buf_printf(out, "%sJSON_EXECUTION_PLAN", comma);
        comma = ", ";
    }
    if (explain->plan_advice) {
        buf_printf(out, "%sPLAN_ADVICE", comma);
        comma = ", ";
    }
    if (*comma == ' ' && !explain->is_analyze && !explain->is_upgrade) buf_puts(out, " PLAN FOR");
    buf_putc(out, ' ');
    deparse_node(explain->statement, out);
}

static void deparse_put_show(const AstShow *show, Buf *out) {
    static const char *const words[] = {
        [SHOW_CATALOGS] = "CATALOGS",
        [SHOW_CURRENT_CATALOG] = "CURRENT CATALOG",
        [SHOW_DATABASES] = "DATABASES",
        [SHOW_CURRENT_DATABASE] = "CURRENT DATABASE",
        [SHOW_TABLES] = "TABLES",
        [SHOW_MATERIALIZED_TABLES] = "MATERIALIZED TABLES",
        [SHOW_VIEWS] = "VIEWS",
        [SHOW_MATERIALIZED_VIEWS] = "MATERIALIZED VIEWS",
        [SHOW_COLUMNS] = "COLUMNS",
        [SHOW_CREATE_TABLE] = "CREATE TABLE",
        [SHOW_CREATE_VIEW] = "CREATE VIEW",
        [SHOW_CREATE_CATALOG] = "CREATE CATALOG",
        [SHOW_CREATE_DATABASE] = "CREATE DATABASE",
        [SHOW_CREATE_MODEL] = "CREATE MODEL",
        [SHOW_CREATE_MATERIALIZED_TABLE] = "CREATE MATERIALIZED TABLE",
        [SHOW_CREATE_FUNCTION] = "CREATE FUNCTION",
        [SHOW_FUNCTIONS] = "FUNCTIONS",
        [SHOW_USER_FUNCTIONS] = "USER FUNCTIONS",
        [SHOW_PROCEDURES] = "PROCEDURES",
        [SHOW_MODULES] = "MODULES",
        [SHOW_FULL_MODULES] = "FULL MODULES",
        [SHOW_PARTITIONS] = "PARTITIONS",
        [SHOW_MODELS] = "MODELS",
        [SHOW_JARS] = "JARS",
        [SHOW_JOBS] = "JOBS",
        [SHOW_JOB] = "JOB",
    };
    bool is_plain = (show->show >= SHOW_CREATE_TABLE && show->show <= SHOW_CREATE_FUNCTION) ||
                    show->show == SHOW_PARTITIONS;
    buf_printf(out, "SHOW %s", words[show->show]);
    if (show->name) {
        buf_puts(out, is_plain ? " " : show->is_in ? " IN " : " FROM ");
        deparse_name(show->name, out);
    }
    if (show->partition) {
        buf_putc(out, ' ');
        deparse_node(&show->partition->ast, out);
    }
    if (show->job) {
        buf_putc(out, ' ');
        deparse_node(show->job, out);
    }
    if (show->is_not) buf_puts(out, " NOT");
    deparse_clause(show->is_ilike ? "ILIKE" : "LIKE", show->like, out);
}

static void deparse_put_describe(const AstDescribe *describe, Buf *out) {
    static const char *const words[] = {"", "CATALOG ", "DATABASE ", "FUNCTION ", "MODEL ", "JOB "};
    buf_printf(out, "DESCRIBE %s%s", words[describe->describe],
               describe->is_extended ? "EXTENDED " : "");
    deparse_node(describe->name ? &describe->name->ast : describe->job, out);
}

static void deparse_put_use(const AstUse *use, Buf *out) {
    buf_puts(out, use->use == USE_MODULES   ? "USE MODULES "
                  : use->use == USE_CATALOG ? "USE CATALOG "
                                            : "USE ");
    if (use->name) deparse_name(use->name, out);
    for (int32_t i = 0; i < use->modules.n; i++) {
        if (i) buf_puts(out, ", ");
        deparse_ident(&use->modules.items[i], out);
    }
}

static void deparse_put_setting(const AstSet *set, Buf *out) {
    buf_puts(out, set->is_reset ? "RESET" : "SET");
    if (set->has_key) {
        buf_putc(out, ' ');
        sql_deparse_string(set->key, out);
    }
    if (set->has_value) {
        buf_puts(out, " = ");
        sql_deparse_string(set->value, out);
    }
}

static void deparse_put_analyze(const AstAnalyze *analyze, Buf *out) {
    buf_puts(out, "ANALYZE TABLE ");
    deparse_name(analyze->table, out);
    if (analyze->partition) {
        buf_putc(out, ' ');
        deparse_node(&analyze->partition->ast, out);
    }
    buf_puts(out, " COMPUTE STATISTICS");
    if (analyze->mode == ANALYZE_ALL_COLUMNS) buf_puts(out, " FOR ALL COLUMNS");
    if (analyze->mode != ANALYZE_COLUMNS) return;
    buf_puts(out, " FOR COLUMNS ");
    for (int32_t i = 0; i < analyze->columns.n; i++) {
        if (i) buf_puts(out, ", ");
        deparse_ident(&analyze->columns.items[i], out);
    }
}

static void deparse_put_job(const AstJob *job, Buf *out) {
    buf_puts(out, "STOP JOB ");
    deparse_node(job->job, out);
    if (job->with_savepoint) buf_puts(out, " WITH SAVEPOINT");
    if (job->with_drain) buf_puts(out, " WITH DRAIN");
}

static void deparse_put_module(const AstModule *module, Buf *out) {
    buf_puts(out, module->is_unload ? "UNLOAD MODULE " : "LOAD MODULE ");
    deparse_ident(&module->name, out);
    deparse_options("WITH", module->options, out);
}

static void deparse_put_update(const AstUpdate *update, Buf *out) {
    buf_puts(out, "UPDATE ");
    deparse_put_target(update->table, &update->alias, out);
    deparse_clauses("SET", update->assigns, out);
    deparse_clause("WHERE", update->where, out);
}

static void deparse_put_subscribe(const AstSubscribe *subscribe, Buf *out) {
    buf_puts(out, "SUBSCRIBE TO ");
    deparse_node(subscribe->name ? &subscribe->name->ast : subscribe->query, out);
    deparse_options("WITH", subscribe->options, out);
}

static void deparse_put_delete(const AstDelete *node, Buf *out) {
    buf_puts(out, "DELETE FROM ");
    deparse_put_target(node->table, &node->alias, out);
    deparse_clause("WHERE", node->where, out);
}

bool deparse_stmt_node(const Ast *node, Buf *out) {
    switch (node->kind) {
    case AST_INSERT: deparse_put_insert((const AstInsert *)node, out); break;
    case AST_UPDATE: deparse_put_update((const AstUpdate *)node, out); break;
    case AST_ASSIGN:
        deparse_name(((const AstAssign *)node)->column, out);
        deparse_clause("=", ((const AstAssign *)node)->value, out);
        break;
    case AST_DELETE: deparse_put_delete((const AstDelete *)node, out); break;
    case AST_TRUNCATE:
        buf_puts(out, "TRUNCATE TABLE ");
        deparse_name(((const AstTruncate *)node)->table, out);
        break;
    case AST_EXECUTE:
        buf_puts(out, "EXECUTE ");
        deparse_node(((const AstExecute *)node)->statement, out);
        break;
    case AST_STATEMENT_SET: deparse_put_statement_set((const AstStatementSet *)node, out); break;
    case AST_PLAN: deparse_put_plan((const AstPlan *)node, out); break;
    case AST_EXPLAIN: deparse_put_explain((const AstExplain *)node, out); break;
    case AST_SHOW: deparse_put_show((const AstShow *)node, out); break;
    case AST_DESCRIBE: deparse_put_describe((const AstDescribe *)node, out); break;
    case AST_USE: deparse_put_use((const AstUse *)node, out); break;
    case AST_MODULE: deparse_put_module((const AstModule *)node, out); break;
    case AST_SET: deparse_put_setting((const AstSet *)node, out); break;
    case AST_ANALYZE: deparse_put_analyze((const AstAnalyze *)node, out); break;
    case AST_JOB: deparse_put_job((const AstJob *)node, out); break;
    case AST_JAR:
        buf_puts(out, ((const AstJar *)node)->is_remove ? "REMOVE JAR " : "ADD JAR ");
        deparse_node(((const AstJar *)node)->path, out);
        break;
    case AST_CALL_STMT:
        buf_puts(out, "CALL ");
        deparse_node(&((const AstCallStmt *)node)->call->ast, out);
        break;
    case AST_SUBSCRIBE: deparse_put_subscribe((const AstSubscribe *)node, out); break;
    default: return false;
    }
    return true;
}
