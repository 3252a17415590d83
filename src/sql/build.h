/* build.h -- what the actions of the grammar use to make nodes.
 *
 * A node's pos comes from its first symbol; its end is where the last consumed token ended, which
 * the driver keeps in prev_end (a rule is reduced before the next token is consumed). Errors found
 * by an action are kept in the context, and the driver stops. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_BUILD_H
#define WEIR_BUILD_H

#include "sql/sql.h"
#include "sql/token.h"

typedef const SqlTok *Tok;

typedef struct SqlParse {
    Arena *arena;
    Span sql;
    const SqlTok *toks; /* of the statement being parsed */
    int32_t n_toks;
    int32_t at;       /* the token being fed */
    int32_t prev_end; /* where the token before it ends */
    Status status;    /* not ST_OK: stop feeding */
    Err *err;
    void *parser; /* the generated parser's stack, kept for the next statement */
    Ast *result;
    AstList results; /* of sql_parse_columns */
} SqlParse;

/* Lists under construction. */
typedef struct AstVec {
    Ast **items;
    int32_t n, cap;
} AstVec;
typedef struct IdentVec {
    AstIdent *items;
    int32_t n, cap;
} IdentVec;

#define NEW(T, kind, pos) ((T *)build_node(p, (kind), (pos)))
#define DONE(node) build_done(p, &(node)->ast)

Ast *build_node(SqlParse *p, AstKind kind, int32_t pos);
Ast *build_done(SqlParse *p, Ast *node); /* sets end and depth; after every change of a child */

AstVec *vec_add(SqlParse *p, AstVec *vec, void *node); /* vec NULL: a new one; node NULL: no item */
AstList vec_list(const AstVec *vec);
IdentVec *idents_add(SqlParse *p, IdentVec *vec, Tok name);
AstIdents idents_list(const IdentVec *vec);
AstIdent ident_of(Tok tok); /* absent when tok is NULL */

/* Records an error at a byte position; the first one stays. */
void build_fail(SqlParse *p, int32_t pos, const char *fmt, ...) PRINTF_LIKE(3, 4);
void build_fail_deep(SqlParse *p, int32_t pos); /* SQLSTATE 54001 */
void build_hint(SqlParse *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* build_expr.c */
AstName *build_name(SqlParse *p, Tok part);
AstName *build_name_add(SqlParse *p, AstName *name, Tok part);
Ast *build_literal(SqlParse *p, AstLiteralKind lit, Tok first, Tok text);
Ast *build_string(SqlParse *p, Tok text);
Ast *build_unary(SqlParse *p, AstUnaryOp op, Tok at, Ast *arg);
Ast *build_binary(SqlParse *p, AstBinaryOp op, Tok at, Ast *left, Ast *right);
Ast *build_logic(SqlParse *p, bool is_or, Ast *left, Ast *right);
Ast *build_is(SqlParse *p, AstIsKind is, bool is_not, Ast *arg);
Ast *build_in(SqlParse *p, bool is_not, Ast *arg, const AstVec *items, Ast *query);
Ast *build_like(SqlParse *p, int op, Ast *arg, Ast *pattern, Ast *escape);
Ast *build_quantified(SqlParse *p, AstBinaryOp op, bool is_all, Ast *arg, const AstVec *items,
                      Ast *query);
Ast *build_collection(SqlParse *p, AstCollectionKind kind, Tok at, const AstVec *items, Ast *query);
Ast *build_interval(SqlParse *p, Tok first, int sign, Tok text, Ast *value, Ast *qualifier);
Ast *build_qualifier(SqlParse *p, Tok from, Tok precision, Tok fraction, Tok to, Tok to_precision);
Ast *build_symbol(SqlParse *p, Tok word);
AstUnit build_unit(SqlParse *p, Tok word);
int32_t build_int(SqlParse *p, Tok number);
Ast *build_parens(SqlParse *p, Tok open, Ast *inner);

/* build_call.c */
AstCall *build_call(SqlParse *p, AstName *name, const AstVec *args);
AstCall *build_call_word(SqlParse *p, Tok word);
AstCall *build_call_from(SqlParse *p, AstName *name, Ast *arg, Ast *from, Ast *for_);
AstCall *build_call_trim(SqlParse *p, AstName *name, Tok side, Ast *chars, Ast *from);
AstCall *build_call_overlay(SqlParse *p, AstName *name, Ast *arg, Ast *placing, Ast *from,
                            Ast *for_);
AstCall *build_call_position(SqlParse *p, AstName *name, Ast *needle, Ast *in, Ast *from);
AstCall *build_call_to(SqlParse *p, AstName *name, Ast *arg, Tok unit);
AstCall *build_call_done(SqlParse *p, AstCall *call);
typedef struct JsonItem { /* one clause */
    int what;             /* JSON_ITEM_* */
    int behavior, on;
    Ast *value;
    int32_t pos;
} JsonItem;
enum { JSON_ITEM_RETURNING, JSON_ITEM_WRAPPER, JSON_ITEM_BEHAVIOR, JSON_ITEM_NULLS };
enum { JSON_ON_EMPTY_CASE, JSON_ON_ERROR_CASE };
AstJsonClauses *build_json(SqlParse *p, AstJsonClauses *json, int32_t pos, int what, int value,
                           int on, Ast *node);

/* build_type.c */
Ast *build_type(SqlParse *p, AstName *name, Tok arg0, Tok arg1);
Ast *build_type_words(SqlParse *p, AstName *name, Tok word, Tok arg);
Ast *build_type_zone(SqlParse *p, Ast *type, int zone);
Ast *build_type_of(SqlParse *p, const char *name, int32_t pos, Ast *of, Ast *value);
Ast *build_type_row(SqlParse *p, const char *name, Tok at, Ast *text, const AstVec *fields);
Ast *build_type_raw(SqlParse *p, AstName *name, Ast *class_name, Ast *snapshot);
Ast *build_type_interval(SqlParse *p, Tok at, Ast *qualifier);
Ast *build_difference(SqlParse *p, Tok first, Ast *difference, Ast *qualifier);
Ast *build_type_null(SqlParse *p, Ast *type, AstNullability nullability);

/* build_query.c: clauses behind a query body, in any order as far as the grammar goes */
typedef struct QueryTail {
    int32_t pos;
    uint32_t seen; /* TAIL_* bits */
    AstVec *order_by;
    Ast *limit, *offset;
    Ast *emit, *on_late;
} QueryTail;
enum {
    TAIL_ORDER = 1,
    TAIL_LIMIT = 2,
    TAIL_OFFSET = 4,
    TAIL_FETCH = 8,
    TAIL_EMIT = 16,
    TAIL_LATE = 32
};
QueryTail *build_tail(SqlParse *p, QueryTail *tail, uint32_t what, Tok at, void *a, void *b);
Ast *build_query(SqlParse *p, AstVec *with, bool is_recursive, int32_t pos, Ast *body,
                 QueryTail *tail);
Ast *build_query_body(Ast *query);
Ast *build_setop(SqlParse *p, AstSetOpKind op, bool is_all, Ast *left, Ast *right);
Ast *build_join(SqlParse *p, int kind, bool is_natural, Ast *left, Ast *right, Ast *on,
                const IdentVec *columns);
Ast *build_pattern(SqlParse *p, AstPatternKind kind, int32_t pos, Ast *left, Ast *right);
Ast *build_pattern_items(SqlParse *p, AstPatternKind kind, int32_t pos, const AstVec *items);
Ast *build_pattern_times(SqlParse *p, Ast *item, int32_t min, int32_t max, bool is_reluctant);
Ast *build_alias(SqlParse *p, Ast *table, Ast *alias);
Ast *build_alias_of(SqlParse *p, Tok name, const IdentVec *columns);
Ast *build_table_fn(SqlParse *p, int32_t pos, bool is_lateral, AstCall *call);
Ast *build_group_item(SqlParse *p, Ast *item);

/* build_stmt.c */
typedef struct TableParts {
    uint32_t seen;
    Ast *comment, *distribution, *freshness;
    IdentVec *partitioned_by;
    AstVec *options;
    AstRefreshMode refresh_mode;
} TableParts;
enum {
    PART_COMMENT = 1,
    PART_DISTRIBUTION = 2,
    PART_PARTITIONED = 4,
    PART_WITH = 8,
    PART_FRESHNESS = 16,
    PART_REFRESH = 32
};
TableParts *build_part(SqlParse *p, TableParts *parts, uint32_t what, Tok at, void *value);
Ast *build_create_table(SqlParse *p, Tok at, int replace, int temporary, bool is_materialized,
                        bool if_not_exists, AstName *name, const AstVec *columns,
                        const TableParts *parts, Ast *like_or_query);
Ast *build_create_view(SqlParse *p, Tok at, int replace, int temporary, bool is_materialized,
                       bool if_not_exists, AstName *name, const AstVec *columns,
                       const TableParts *parts, Ast *query);
enum { CREATE_TEMPORARY = 1, CREATE_SYSTEM = 2, CREATE_MAY_REPLACE = 4, CREATE_MAY_ALTER = 8 };
void build_check_head(SqlParse *p, Tok at, int replace, int temporary, uint32_t allowed);
Ast *build_constraint(SqlParse *p, Tok name, Tok at, bool is_unique, const IdentVec *columns,
                      int enforced);
Ast *build_distribution(SqlParse *p, int32_t pos, int kind, const IdentVec *columns,
                        int32_t n_buckets);
Ast *build_plan(SqlParse *p, Tok at, AstPlanKind kind, Ast *path, bool if_not_exists,
                Ast *statement);
void build_detail(SqlParse *p, AstExplain *explain, Tok detail);
Ast *build_describe(SqlParse *p, Tok at, AstDescribeKind kind, bool is_extended, AstName *name,
                    Ast *job);
Ast *build_use(SqlParse *p, Tok at, AstUseKind kind, AstName *name, const IdentVec *modules);
Ast *build_set(SqlParse *p, Tok at, bool is_reset, Tok key, Tok value);
Ast *build_option(SqlParse *p, Tok key, Tok value);
AstShow *build_show(SqlParse *p, AstShowKind kind, AstName *name);
Ast *build_drop(SqlParse *p, Tok at, int temporary, AstObject object, bool if_exists, AstName *name,
                AstDropBehavior behavior);
AstAlterAction *build_action(SqlParse *p, Tok at, AstAlterKind kind);
Ast *build_alter(SqlParse *p, Tok at, AstObject object, bool if_exists, AstName *name,
                 AstAlterAction *action);

/* parse_error.c */
void build_syntax_error(SqlParse *p, Tok found); /* only stops the parser */
bool sql_refuse(SqlParse *p); /* names what other dialects have; false when it is not that */
void sql_explain_error(SqlParse *p, int start); /* then says what was expected */

/* The generated parser: feeds the context's tokens behind a start token (TK_START_*). */
void sql_grammar_run(SqlParse *p, int start);
void sql_grammar_free(SqlParse *p); /* its stack */
/* True when the first n tokens, without an end behind them, are no error. */
bool sql_grammar_would_take(SqlParse *p, int start, int32_t n);
/* Which tokens could have stood at toks[at]: expected[kind] is set for each. Returns the number of
 * kinds. */
int sql_grammar_expected(SqlParse *p, int start, int32_t at, bool *expected, int n_expected);

#endif
