/* ast_fields.c -- the table of the tree's structs: one row a kind, naming every member. The kind of
 * a member follows from its C type, so a row is only names; a unit test checks that no member is
 * forgotten. SPDX-License-Identifier: Apache-2.0
 */
#include "sql/ast_fields.h"

/* clang-format off */
#define FIELD_KIND(m) _Generic((m), \
    AstList: FIELD_LIST, AstIdent: FIELD_IDENT, AstIdents: FIELD_IDENTS, Span: FIELD_SPAN, \
    bool: FIELD_BOOL, int32_t: FIELD_INT, unsigned: FIELD_INT, int32_t *: FIELD_INT_PAIR, \
    default: FIELD_NODE)
#define F(T, f) {#f, FIELD_KIND(((T *)0)->f), offsetof(T, f), sizeof(((T *)0)->f), false}
#define P(T, f) {#f, FIELD_INT, offsetof(T, f), sizeof(((T *)0)->f), true}

#define E1(T, f) F(T, f)
#define E2(T, f, ...) F(T, f), E1(T, __VA_ARGS__)
#define E3(T, f, ...) F(T, f), E2(T, __VA_ARGS__)
#define E4(T, f, ...) F(T, f), E3(T, __VA_ARGS__)
#define E5(T, f, ...) F(T, f), E4(T, __VA_ARGS__)
#define E6(T, f, ...) F(T, f), E5(T, __VA_ARGS__)
#define E7(T, f, ...) F(T, f), E6(T, __VA_ARGS__)
#define E8(T, f, ...) F(T, f), E7(T, __VA_ARGS__)
#define E9(T, f, ...) F(T, f), E8(T, __VA_ARGS__)
#define E10(T, f, ...) F(T, f), E9(T, __VA_ARGS__)
#define E11(T, f, ...) F(T, f), E10(T, __VA_ARGS__)
#define E12(T, f, ...) F(T, f), E11(T, __VA_ARGS__)
#define E13(T, f, ...) F(T, f), E12(T, __VA_ARGS__)
#define E14(T, f, ...) F(T, f), E13(T, __VA_ARGS__)
#define PICK(a, b, c, d, e, f, g, h, i, j, k, l, m, n, NAME, ...) NAME
#define FIELDS(T, ...) PICK(__VA_ARGS__, E14, E13, E12, E11, E10, E9, E8, E7, E6, E5, E4, E3, E2, \
                            E1)(T, __VA_ARGS__)
#define ROW(kind, T, ...) [kind] = (const AstFieldInfo[]){FIELDS(T, __VA_ARGS__), {NULL}}
#define END {NULL}

static const AstFieldInfo *const ast_fields_table[AST_N_KINDS] = {
    ROW(AST_LITERAL, AstLiteral, lit, text),
    ROW(AST_INTERVAL, AstInterval, is_negative, text, value, from, to, precision, fraction),
    ROW(AST_NAME, AstName, parts),
    ROW(AST_STAR, AstStar, of),
    ROW(AST_PARAM, AstParam, index),
    ROW(AST_SYMBOL, AstSymbol, text),
    [AST_DEFAULT] = (const AstFieldInfo[]){END},
    ROW(AST_UNARY, AstUnary, op, arg),
    [AST_BINARY] = (const AstFieldInfo[]){F(AstBinary, op), P(AstBinary, op_pos),
                                          F(AstBinary, left), F(AstBinary, right), END},
    ROW(AST_LOGIC, AstLogic, is_or, args),
    ROW(AST_IS, AstIs, is, is_not, arg),
    ROW(AST_BETWEEN, AstBetween, is_not, is_symmetric, arg, low, high),
    ROW(AST_IN, AstIn, is_not, arg, items, query),
    ROW(AST_LIKE, AstLike, like, is_not, arg, pattern, escape),
    ROW(AST_QUANTIFIED, AstQuantified, op, is_all, arg, items, query),
    ROW(AST_EXISTS, AstExists, query),
    ROW(AST_SUBQUERY, AstSubquery, query),
    ROW(AST_CASE, AstCase, operand, whens, otherwise),
    ROW(AST_WHEN, AstWhen, values, result),
    ROW(AST_CAST, AstCast, form, arg, type),
    ROW(AST_CALL, AstCall, name, form, args, quantifier, order_by, within_group, filter, nulls,
        over, json),
    ROW(AST_NAMED_ARG, AstNamedArg, name, value),
    ROW(AST_TABLE_ARG, AstTableArg, table, query, partition_by, order_by),
    ROW(AST_MODEL_ARG, AstModelArg, model),
    ROW(AST_DESCRIPTOR, AstDescriptor, columns),
    ROW(AST_JSON_PAIR, AstJsonPair, key, value),
    ROW(AST_JSON_CLAUSES, AstJsonClauses, returning, wrapper, on_empty, on_error, empty_default,
        error_default, on_null),
    ROW(AST_COLLECTION, AstCollection, collection, items, query),
    ROW(AST_ROW, AstRow, is_explicit, items),
    ROW(AST_INDEX, AstIndex, base, index),
    ROW(AST_FIELD, AstField, base, field),
    ROW(AST_WINDOW_SPEC, AstWindowSpec, base, is_reference, partition_by, order_by, unit, start,
        stop, exclude),
    ROW(AST_FRAME_BOUND, AstFrameBound, bound, offset),
    ROW(AST_ORDER_ITEM, AstOrderItem, expr, is_desc, nulls),
    ROW(AST_TYPE, AstType, name, user, args, from, to, of, fields, strings, nullability),
    ROW(AST_TYPE_FIELD, AstTypeField, name, type, comment),

    ROW(AST_QUERY, AstQuery, is_recursive, with, body, order_by, limit, offset, emit, on_late),
    ROW(AST_CTE, AstCte, name, columns, query),
    ROW(AST_SELECT, AstSelect, hints, quantifier, items, from, where, has_group_by,
        group_quantifier, group_by, having, windows, qualify),
    ROW(AST_SELECT_ITEM, AstSelectItem, expr, alias),
    ROW(AST_SETOP, AstSetOp, op, is_all, left, right),
    ROW(AST_VALUES, AstValues, rows),
    ROW(AST_TABLE_QUERY, AstTableQuery, table),
    ROW(AST_GROUPING, AstGrouping, grouping, items),
    ROW(AST_WINDOW_DEF, AstWindowDef, name, spec),
    ROW(AST_EMIT, AstEmit, early_every, on_close, on_update),
    ROW(AST_ON_LATE, AstOnLate, action, table, within),
    ROW(AST_HINT, AstHint, name, args),
    ROW(AST_ALIAS, AstAlias, name, columns),
    ROW(AST_TABLE_REF, AstTableRef, name, hints, as_of, sample, alias),
    ROW(AST_TABLE_FN, AstTableFn, is_lateral, call, alias),
    ROW(AST_DERIVED, AstDerived, is_lateral, query, sample, alias),
    ROW(AST_UNNEST, AstUnnest, is_lateral, args, with_ordinality, alias),
    ROW(AST_JOIN, AstJoin, join, is_natural, left, right, on, using_columns),
    ROW(AST_SAMPLE, AstSample, is_system, percent, seed),
    ROW(AST_MATCH, AstMatch, input, partition_by, order_by, measures, rows, skip, skip_to, pattern,
        within, subsets, defines, alias),
    ROW(AST_MEASURE, AstMeasure, expr, name),
    ROW(AST_PATTERN, AstPattern, pattern, variable, items, min, max, is_reluctant),
    ROW(AST_SUBSET, AstSubset, name, variables),
    ROW(AST_DEFINE, AstDefine, name, condition),

    [AST_OPTION] = (const AstFieldInfo[]){F(AstOption, key), F(AstOption, value),
                                          F(AstOption, has_value), P(AstOption, value_pos), END},
    ROW(AST_COLUMN_DEF, AstColumnDef, name, column, type, constraint, expr, metadata_key,
        is_virtual, comment, place, after),
    ROW(AST_CONSTRAINT, AstConstraint, name, is_unique, columns, enforced),
    ROW(AST_WATERMARK, AstWatermark, column, expr),
    ROW(AST_DISTRIBUTION, AstDistribution, distribution, columns, n_buckets),
    ROW(AST_TABLE_LIKE, AstTableLike, table, options),
    ROW(AST_LIKE_OPTION, AstLikeOption, mode, feature),
    ROW(AST_PARTITION_ITEM, AstPartitionItem, column, value),
    ROW(AST_PARTITION, AstPartition, items, options),
    [AST_CREATE_TABLE] = (const AstFieldInfo[]){
        FIELDS(AstCreateTable, replace, is_temporary, is_materialized, if_not_exists, name,
               has_columns, columns, comment),
        FIELDS(AstCreateTable, distribution, partitioned_by, options, like, freshness, refresh_mode,
               query), END},
    ROW(AST_CREATE_VIEW, AstCreateView, is_replace, is_temporary, is_materialized, if_not_exists,
        name, columns, comment, options, query),
    ROW(AST_CREATE_FUNCTION, AstCreateFunction, is_temporary, is_system, if_not_exists, name,
        class_name, language, resources, options),
    ROW(AST_CREATE_CATALOG, AstCreateCatalog, if_not_exists, name, comment, options),
    ROW(AST_CREATE_DATABASE, AstCreateDatabase, if_not_exists, name, comment, options),
    ROW(AST_CREATE_MODEL, AstCreateModel, is_temporary, if_not_exists, name, input, output, comment,
        options, query),
    ROW(AST_ALTER, AstAlter, object, is_temporary, is_system, if_exists, name, actions),
    ROW(AST_ALTER_ACTION, AstAlterAction, action, if_exists, items, names, options, text, value,
        language, refresh_mode, distribution, query),
    ROW(AST_DROP, AstDrop, object, is_temporary, is_system, if_exists, name, behavior),
    ROW(AST_USE, AstUse, use, name, modules),
    ROW(AST_MODULE, AstModule, is_unload, name, options),
    ROW(AST_SHOW, AstShow, show, name, is_in, is_not, is_ilike, like, partition, job),
    ROW(AST_DESCRIBE, AstDescribe, describe, is_extended, name, job),
    [AST_SET] = (const AstFieldInfo[]){FIELDS(AstSet, is_reset, has_key, has_value, key, value),
                                       P(AstSet, key_pos), P(AstSet, value_pos), END},
    ROW(AST_INSERT, AstInsert, is_overwrite, is_upsert, table, hints, partition, columns, query,
        on_conflict),
    ROW(AST_UPDATE, AstUpdate, table, alias, assigns, where),
    ROW(AST_ASSIGN, AstAssign, column, value),
    ROW(AST_DELETE, AstDelete, table, alias, where),
    ROW(AST_TRUNCATE, AstTruncate, table),
    ROW(AST_EXECUTE, AstExecute, statement),
    ROW(AST_STATEMENT_SET, AstStatementSet, statements),
    ROW(AST_PLAN, AstPlan, plan, if_not_exists, path, statement),
    ROW(AST_EXPLAIN, AstExplain, is_analyze, is_upgrade, estimated_cost, changelog_mode,
        json_execution_plan, plan_advice, statement),
    ROW(AST_ANALYZE, AstAnalyze, table, partition, mode, columns),
    ROW(AST_JOB, AstJob, job, with_savepoint, with_drain),
    ROW(AST_JAR, AstJar, is_remove, path),
    ROW(AST_CALL_STMT, AstCallStmt, call),
    ROW(AST_SUBSCRIBE, AstSubscribe, name, query, options),
};
#undef FIELD_KIND
#undef F
#undef P
#undef E1
#undef E2
#undef E3
#undef E4
#undef E5
#undef E6
#undef E7
#undef E8
#undef E9
#undef E10
#undef E11
#undef E12
#undef E13
#undef E14
#undef PICK
#undef FIELDS
#undef ROW
#undef END
/* clang-format on */

#define AST_KIND_NAME(kind, type) [kind] = #kind,
static const char *const ast_kind_names[AST_N_KINDS] = {AST_KINDS(AST_KIND_NAME)};
#define AST_KIND_SIZE(kind, type) [kind] = sizeof(type),
static const uint16_t ast_kind_sizes[AST_N_KINDS] = {AST_KINDS(AST_KIND_SIZE)};
#undef AST_KIND_NAME
#undef AST_KIND_SIZE

const AstFieldInfo *ast_fields(AstKind kind) {
    return ast_fields_table[kind];
}

size_t ast_size(AstKind kind) {
    return ast_kind_sizes[kind];
}

const char *ast_kind_name(AstKind kind) {
    return (unsigned)kind < AST_N_KINDS ? ast_kind_names[kind] : "AST_?";
}
