/* keywords.c -- the table of words: which are tokens of the grammar, which Flink reserves.
 *
 * A word that is reserved in Flink is printed in backquotes when it is a name; weir itself accepts
 * most of them bare, because the grammar makes any keyword a name where it means nothing else.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/sql.h"
#include "sql/token.h"
#include "sql_grammar.h"

/* clang-format off */
#define R KEYWORD_RESERVED
#define Q KEYWORD_QUOTED
#define C KEYWORD_CALLABLE

/* Sorted by word. */
static const SqlKeyword keywords[] = {
    {"A", TK_A, 0}, {"ABS", 0, R}, {"ABSENT", TK_ABSENT, 0}, {"ADD", TK_ADD, 0},
    {"AFTER", TK_AFTER, 0}, {"ALL", TK_ALL, R}, {"ALLOCATE", 0, R}, {"ALLOW", 0, R},
    {"ALTER", TK_ALTER, R}, {"ANALYZE", TK_ANALYZE, 0}, {"AND", TK_AND, R}, {"ANY", TK_ANY, R},
    {"ARCHIVE", TK_ARCHIVE, 0}, {"ARE", 0, R}, {"ARRAY", TK_ARRAY, R | C},
    {"ARRAY_MAX_CARDINALITY", 0, R}, {"AS", TK_AS, R}, {"ASC", TK_ASC, 0}, {"ASENSITIVE", 0, R},
    {"ASYMMETRIC", TK_ASYMMETRIC, R}, {"AT", TK_AT, R}, {"ATOMIC", 0, R}, {"AUTHORIZATION", 0, R},
    {"AVG", 0, R}, {"BEGIN", TK_BEGIN, R}, {"BEGIN_FRAME", 0, R}, {"BEGIN_PARTITION", 0, R},
    {"BERNOULLI", TK_BERNOULLI, 0}, {"BETWEEN", TK_BETWEEN, R}, {"BIGINT", 0, R}, {"BINARY", 0, R},
    {"BIT", 0, R}, {"BLOB", 0, R}, {"BOOLEAN", 0, R}, {"BOTH", TK_BOTH, R},
    {"BUCKETS", TK_BUCKETS, R}, {"BY", TK_BY, R}, {"BYTES", 0, R}, {"CALL", TK_CALL, R},
    {"CALLED", 0, R}, {"CARDINALITY", 0, R}, {"CASCADE", TK_CASCADE, 0}, {"CASCADED", 0, R},
    {"CASE", TK_CASE, R}, {"CAST", TK_CAST, R}, {"CATALOG", TK_CATALOG, 0},
    {"CATALOGS", TK_CATALOGS, R}, {"CEIL", 0, R}, {"CEILING", 0, R},
    {"CHANGELOG_MODE", TK_CHANGELOG_MODE, 0}, {"CHAR", 0, R}, {"CHARACTER", 0, R},
    {"CHARACTER_LENGTH", 0, R}, {"CHAR_LENGTH", 0, R}, {"CHECK", 0, R}, {"CLASSIFIER", 0, R},
    {"CLOB", 0, R}, {"CLOSE", TK_CLOSE, R}, {"COALESCE", 0, R}, {"COLLATE", 0, R},
    {"COLLECT", 0, R}, {"COLUMN", 0, R}, {"COLUMNS", TK_COLUMNS, 0}, {"COMMENT", TK_COMMENT, R},
    {"COMMIT", 0, R}, {"COMPACT", TK_COMPACT, 0}, {"COMPILE", TK_COMPILE, 0},
    {"COMPUTE", TK_COMPUTE, 0}, {"CONDITION", 0, R}, {"CONDITIONAL", TK_CONDITIONAL, 0},
    {"CONFLICT", TK_CONFLICT, 0}, {"CONNECT", 0, R}, {"CONNECTIONS", 0, R},
    {"CONSTRAINT", TK_CONSTRAINT, R}, {"CONSTRAINTS", TK_CONSTRAINTS, 0},
    {"CONTAINS", TK_CONTAINS, R | C}, {"CONTINUOUS", TK_CONTINUOUS, R}, {"CONVERT", 0, R},
    {"CORR", 0, R}, {"CORRESPONDING", 0, R}, {"COUNT", 0, R}, {"COVAR_POP", 0, R},
    {"COVAR_SAMP", 0, R}, {"CREATE", TK_CREATE, R}, {"CROSS", TK_CROSS, R}, {"CUBE", TK_CUBE, R},
    {"CUME_DIST", 0, R}, {"CURRENT", TK_CURRENT, R}, {"CURRENT_CATALOG", TK_NO_PARENS, R | C},
    {"CURRENT_DATE", TK_NO_PARENS, R | C}, {"CURRENT_DEFAULT_TRANSFORM_GROUP", 0, R},
    {"CURRENT_PATH", TK_NO_PARENS, R | C}, {"CURRENT_ROLE", TK_NO_PARENS, R | C},
    {"CURRENT_ROW", 0, R}, {"CURRENT_SCHEMA", TK_NO_PARENS, R | C},
    {"CURRENT_TIME", TK_NO_PARENS, R | C}, {"CURRENT_TIMESTAMP", TK_NO_PARENS, R | C},
    {"CURRENT_TRANSFORM_GROUP_FOR_TYPE", 0, R}, {"CURRENT_USER", TK_NO_PARENS, R | C},
    {"CURSOR", 0, R}, {"CYCLE", 0, R}, {"DATABASE", TK_DATABASE, 0},
    {"DATABASES", TK_DATABASES, R}, {"DATE", 0, R}, {"DATETIME", 0, R}, {"DAY", 0, R},
    {"DEALLOCATE", 0, R}, {"DEC", 0, R}, {"DECIMAL", 0, R}, {"DECLARE", 0, R},
    {"DEDUPLICATE", TK_DEDUPLICATE, 0}, {"DEFAULT", TK_DEFAULT, R}, {"DEFINE", TK_DEFINE, R},
    {"DELETE", TK_DELETE, R}, {"DENSE_RANK", 0, R}, {"DEREF", 0, R}, {"DESC", TK_DESC, 0},
    {"DESCRIBE", TK_DESCRIBE, R}, {"DESCRIPTOR", TK_DESCRIPTOR, 0}, {"DETERMINISTIC", 0, R},
    {"DISALLOW", 0, R}, {"DISCONNECT", 0, R}, {"DISTINCT", TK_DISTINCT, R},
    {"DISTRIBUTED", TK_DISTRIBUTED, R}, {"DISTRIBUTION", TK_DISTRIBUTION, R}, {"DO", TK_DO, 0},
    {"DOT", 0, R}, {"DOUBLE", 0, R}, {"DRAIN", TK_DRAIN, 0}, {"DROP", TK_DROP, R},
    {"DYNAMIC", 0, R}, {"EACH", 0, R}, {"EARLY", TK_EARLY, 0}, {"ELEMENT", 0, R},
    {"ELSE", TK_ELSE, R}, {"EMIT", TK_EMIT, 0}, {"EMPTY", TK_EMPTY, R}, {"END", TK_END, R},
    {"END_FRAME", 0, R}, {"END_PARTITION", 0, R}, {"ENFORCED", TK_ENFORCED, 0},
    {"EQUALS", TK_EQUALS, R}, {"ERROR", TK_ERROR, 0}, {"ESCAPE", TK_ESCAPE, R},
    {"ESTIMATED_COST", TK_ESTIMATED_COST, 0}, {"EVERY", TK_EVERY, R | C}, {"EXCEPT", TK_EXCEPT, R},
    {"EXCLUDE", TK_EXCLUDE, 0}, {"EXCLUDING", TK_EXCLUDING, 0}, {"EXEC", 0, R},
    {"EXECUTE", TK_EXECUTE, R}, {"EXISTS", TK_EXISTS, R}, {"EXP", 0, R},
    {"EXPLAIN", TK_EXPLAIN, R}, {"EXTEND", 0, R}, {"EXTENDED", TK_EXTENDED, R}, {"EXTERNAL", 0, R},
    {"EXTRACT", 0, R}, {"FAIL", TK_FAIL, 0}, {"FALSE", TK_FALSE, R}, {"FETCH", TK_FETCH, R},
    {"FILE", TK_FILE, 0}, {"FILTER", TK_FILTER, R}, {"FINAL", TK_FINAL, 0}, {"FIRST", TK_FIRST, 0},
    {"FIRST_VALUE", 0, R}, {"FLOAT", 0, R}, {"FLOOR", 0, R}, {"FOLLOWING", TK_FOLLOWING, 0},
    {"FOR", TK_FOR, R}, {"FOREIGN", 0, R}, {"FRAME_ROW", 0, R}, {"FREE", 0, R},
    {"FRESHNESS", TK_FRESHNESS, R}, {"FRIDAY", 0, R}, {"FROM", TK_FROM, R}, {"FULL", TK_FULL, R},
    {"FUNCTION", TK_FUNCTION, R}, {"FUNCTIONS", TK_FUNCTIONS, R}, {"FUSION", 0, R},
    {"GENERATED", TK_GENERATED, 0}, {"GET", 0, R}, {"GLOBAL", 0, R}, {"GRANT", 0, R},
    {"GROUP", TK_GROUP, R}, {"GROUPING", TK_GROUPING, R | C}, {"GROUPS", TK_GROUPS, R},
    {"HASH", TK_HASH, R}, {"HAVING", TK_HAVING, R}, {"HOLD", 0, R}, {"HOUR", 0, R},
    {"IDENTITY", 0, R}, {"IF", TK_IF, C}, {"IGNORE", TK_IGNORE, 0}, {"ILIKE", TK_ILIKE, R},
    {"IMMEDIATELY", TK_IMMEDIATELY, 0}, {"IMPORT", 0, R}, {"IN", TK_IN, R},
    {"INCLUDING", TK_INCLUDING, 0}, {"INDICATOR", 0, R}, {"INITIAL", 0, R}, {"INNER", TK_INNER, R},
    {"INOUT", 0, R}, {"INPUT", TK_INPUT, 0}, {"INSENSITIVE", 0, R}, {"INSERT", TK_INSERT, R},
    {"INT", 0, R}, {"INTEGER", 0, R}, {"INTERSECT", TK_INTERSECT, R}, {"INTERSECTION", 0, R},
    {"INTERVAL", TK_INTERVAL, R}, {"INTO", TK_INTO, R}, {"IS", TK_IS, R}, {"JAR", TK_JAR, 0},
    {"JARS", TK_JARS, 0}, {"JOB", TK_JOB, 0}, {"JOBS", TK_JOBS, 0}, {"JOIN", TK_JOIN, R},
    {"JSON", TK_JSON, 0}, {"JSON_ARRAY", 0, R}, {"JSON_ARRAYAGG", 0, R},
    {"JSON_EXECUTION_PLAN", TK_JSON_EXECUTION_PLAN, 0}, {"JSON_EXISTS", 0, R},
    {"JSON_OBJECT", 0, R}, {"JSON_OBJECTAGG", 0, R}, {"JSON_QUERY", 0, R}, {"JSON_SCOPE", 0, R},
    {"JSON_VALUE", 0, R}, {"KEY", TK_KEY, 0}, {"LAG", 0, R}, {"LANGUAGE", TK_LANGUAGE, R},
    {"LARGE", 0, R}, {"LAST", TK_LAST, 0}, {"LAST_VALUE", 0, R}, {"LATE", TK_LATE, 0},
    {"LATERAL", TK_LATERAL, R}, {"LEAD", 0, R}, {"LEADING", TK_LEADING, R},
    {"LEFT", TK_LEFT, R | C}, {"LIKE", TK_LIKE, R}, {"LIKE_REGEX", 0, R}, {"LIMIT", TK_LIMIT, R},
    {"LN", 0, R}, {"LOAD", TK_LOAD, 0}, {"LOCAL", TK_LOCAL, R}, {"LOCALTIME", TK_NO_PARENS, R | C},
    {"LOCALTIMESTAMP", TK_NO_PARENS, R | C}, {"LOWER", 0, R}, {"MAP", TK_MAP, Q | C},
    {"MATCH", TK_MATCH, R}, {"MATCHES", 0, R}, {"MATCH_NUMBER", 0, R},
    {"MATCH_RECOGNIZE", TK_MATCH_RECOGNIZE, R}, {"MATERIALIZED", TK_MATERIALIZED, R},
    {"MAX", 0, R}, {"MEASURE", 0, R}, {"MEASURES", TK_MEASURES, R}, {"MEMBER", TK_MEMBER, R},
    {"MERGE", 0, R}, {"METADATA", TK_METADATA, 0}, {"METHOD", 0, R}, {"MIN", 0, R},
    {"MINUS", TK_SETMINUS, R}, {"MINUTE", 0, R}, {"MOD", 0, R}, {"MODEL", TK_MODEL, 0},
    {"MODELS", TK_MODELS, R}, {"MODIFIES", 0, R}, {"MODIFY", TK_MODIFY, R},
    {"MODULE", TK_MODULE, R}, {"MODULES", TK_MODULES, R}, {"MONDAY", 0, R}, {"MONTH", 0, R},
    {"MORE", 0, R}, {"MULTISET", TK_MULTISET, R | C}, {"NATIONAL", 0, R},
    {"NATURAL", TK_NATURAL, R}, {"NCHAR", 0, R}, {"NCLOB", 0, R}, {"NEW", 0, R},
    {"NEXT", TK_NEXT, R | C}, {"NO", TK_NO, R}, {"NONE", 0, R}, {"NORMALIZE", 0, R},
    {"NOT", TK_NOT, R}, {"NOTHING", TK_NOTHING, 0}, {"NTH_VALUE", 0, R}, {"NTILE", 0, R},
    {"NULL", TK_NULL, R}, {"NULLIF", 0, R}, {"NULLS", TK_NULLS, 0}, {"NUMERIC", 0, R},
    {"OBJECT", TK_OBJECT, 0}, {"OCCURRENCES_REGEX", 0, R}, {"OCTET_LENGTH", 0, R},
    {"OF", TK_OF, R}, {"OFFSET", TK_OFFSET, R}, {"OLD", 0, R}, {"OMIT", TK_OMIT, R},
    {"ON", TK_ON, R}, {"ONE", TK_ONE, R}, {"ONLY", TK_ONLY, R}, {"OPEN", 0, R},
    {"OPTIONS", TK_OPTIONS, 0}, {"OR", TK_OR, R}, {"ORDER", TK_ORDER, R}, {"ORDINAL", 0, R},
    {"ORDINALITY", TK_ORDINALITY, 0}, {"OTHERS", TK_OTHERS, 0}, {"OUT", 0, R},
    {"OUTER", TK_OUTER, R}, {"OUTPUT", TK_OUTPUT, 0}, {"OVER", TK_OVER, R},
    {"OVERLAPS", TK_OVERLAPS, R}, {"OVERLAY", 0, R}, {"OVERWRITE", TK_OVERWRITE, 0},
    {"OVERWRITING", TK_OVERWRITING, 0}, {"PARAMETER", 0, R}, {"PARTITION", TK_PARTITION, R},
    {"PARTITIONED", TK_PARTITIONED, 0}, {"PARTITIONS", TK_PARTITIONS, 0}, {"PAST", TK_PAST, 0},
    {"PATTERN", TK_PATTERN, R}, {"PER", TK_PER, R}, {"PERCENT", 0, R}, {"PERCENTILE_CONT", 0, R},
    {"PERCENTILE_DISC", 0, R}, {"PERCENT_RANK", 0, R}, {"PERIOD", 0, R},
    {"PERMUTE", TK_PERMUTE, R}, {"PLACING", TK_PLACING, 0}, {"PLAN", TK_PLAN, 0},
    {"PLAN_ADVICE", TK_PLAN_ADVICE, 0}, {"PORTION", 0, R}, {"POSITION", 0, R},
    {"POSITION_REGEX", 0, R}, {"POWER", 0, R}, {"PRECEDES", TK_PRECEDES, R},
    {"PRECEDING", TK_PRECEDING, 0}, {"PRECISION", TK_PRECISION, R}, {"PREPARE", 0, R},
    {"PREV", 0, R}, {"PRIMARY", TK_PRIMARY, R}, {"PROCEDURE", 0, R},
    {"PROCEDURES", TK_PROCEDURES, R}, {"QUALIFY", TK_QUALIFY, R}, {"RANGE", TK_RANGE, R},
    {"RANK", 0, R}, {"RAW", 0, R}, {"READS", 0, R}, {"REAL", 0, R}, {"RECURSIVE", TK_RECURSIVE, R},
    {"REF", 0, R}, {"REFERENCES", 0, R}, {"REFERENCING", 0, R}, {"REFRESH", TK_REFRESH, R},
    {"REFRESH_MODE", TK_REFRESH_MODE, R}, {"REGR_AVGX", 0, R}, {"REGR_AVGY", 0, R},
    {"REGR_COUNT", 0, R}, {"REGR_INTERCEPT", 0, R}, {"REGR_R2", 0, R}, {"REGR_SLOPE", 0, R},
    {"REGR_SXX", 0, R}, {"REGR_SXY", 0, R}, {"REGR_SYY", 0, R}, {"RELEASE", 0, R},
    {"REMOVE", TK_REMOVE, 0}, {"RENAME", TK_RENAME, R}, {"REPEATABLE", TK_REPEATABLE, 0},
    {"REPLACE", TK_REPLACE, C}, {"RESET", TK_RESET, R}, {"RESPECT", TK_RESPECT, 0},
    {"RESTRICT", TK_RESTRICT, 0}, {"RESULT", 0, R}, {"RESUME", TK_RESUME, R}, {"RETURN", 0, R},
    {"RETURNING", TK_RETURNING, 0}, {"RETURNS", 0, R}, {"REVISE", TK_REVISE, 0}, {"REVOKE", 0, R},
    {"RIGHT", TK_RIGHT, R | C}, {"RLIKE", TK_RLIKE, R}, {"ROLLBACK", 0, R},
    {"ROLLUP", TK_ROLLUP, R}, {"ROW", TK_ROW, R}, {"ROWS", TK_ROWS, R}, {"ROW_NUMBER", 0, R},
    {"RUNNING", TK_RUNNING, R}, {"SAFE_CAST", TK_CAST, R}, {"SAFE_OFFSET", 0, R},
    {"SAFE_ORDINAL", 0, R}, {"SATURDAY", 0, R}, {"SAVEPOINT", TK_SAVEPOINT, R}, {"SCALA", 0, R},
    {"SCALAR", TK_SCALAR, 0}, {"SCOPE", 0, R}, {"SCROLL", 0, R}, {"SEARCH", 0, R},
    {"SECOND", 0, R}, {"SEEK", 0, R}, {"SELECT", TK_SELECT, R}, {"SENSITIVE", 0, R},
    {"SESSION_USER", TK_NO_PARENS, R | C}, {"SET", TK_SET, R}, {"SETS", TK_SETS, 0},
    {"SHOW", TK_SHOW, R}, {"SIMILAR", TK_SIMILAR, R}, {"SKIP", TK_SKIP, R}, {"SMALLINT", 0, R},
    {"SOME", TK_SOME, R}, {"SPECIFIC", 0, R}, {"SPECIFICTYPE", 0, R}, {"SQL", 0, R},
    {"SQLEXCEPTION", 0, R}, {"SQLSTATE", 0, R}, {"SQLWARNING", 0, R}, {"SQRT", 0, R},
    {"START", 0, R}, {"STATEMENT", TK_STATEMENT, R}, {"STATIC", 0, R},
    {"STATISTICS", TK_STATISTICS, 0}, {"STDDEV_POP", 0, R}, {"STDDEV_SAMP", 0, R},
    {"STOP", TK_STOP, 0}, {"STREAM", 0, R}, {"STRING", 0, R}, {"STRUCTURED", TK_STRUCTURED, R},
    {"SUBMULTISET", TK_SUBMULTISET, R}, {"SUBSCRIBE", TK_SUBSCRIBE, 0}, {"SUBSET", TK_SUBSET, R},
    {"SUBSTRING", 0, R}, {"SUBSTRING_REGEX", 0, R}, {"SUCCEEDS", TK_SUCCEEDS, R}, {"SUM", 0, R},
    {"SUNDAY", 0, R}, {"SUSPEND", TK_SUSPEND, R}, {"SYMMETRIC", TK_SYMMETRIC, R},
    {"SYSTEM", TK_SYSTEM, R}, {"SYSTEM_TIME", TK_SYSTEM_TIME, R},
    {"SYSTEM_USER", TK_NO_PARENS, R | C}, {"TABLE", TK_TABLE, R}, {"TABLES", TK_TABLES, R},
    {"TABLESAMPLE", TK_TABLESAMPLE, R}, {"TEMPORARY", TK_TEMPORARY, 0}, {"THEN", TK_THEN, R},
    {"THURSDAY", 0, R}, {"TIES", TK_TIES, 0}, {"TIME", TK_TIME, R | C}, {"TIMESTAMP", 0, R},
    {"TIMESTAMP_LTZ", 0, R}, {"TIMEZONE_HOUR", 0, R}, {"TIMEZONE_MINUTE", 0, R}, {"TINYINT", 0, R},
    {"TO", TK_TO, R}, {"TRAILING", TK_TRAILING, R}, {"TRANSLATE", 0, R}, {"TRANSLATE_REGEX", 0, R},
    {"TRANSLATION", 0, R}, {"TREAT", 0, R}, {"TRIGGER", 0, R}, {"TRIM", 0, R},
    {"TRIM_ARRAY", 0, R}, {"TRUE", TK_TRUE, R}, {"TRUNCATE", TK_TRUNCATE, R | C},
    {"TRY_CAST", TK_CAST, R}, {"TUESDAY", 0, R}, {"UESCAPE", 0, R}, {"UNBOUNDED", TK_UNBOUNDED, 0},
    {"UNCONDITIONAL", TK_UNCONDITIONAL, 0}, {"UNION", TK_UNION, R}, {"UNIQUE", TK_UNIQUE, R},
    {"UNKNOWN", TK_UNKNOWN, R}, {"UNLOAD", TK_UNLOAD, 0}, {"UNMATCHED", TK_UNMATCHED, 0},
    {"UNNEST", TK_UNNEST, R}, {"UPDATE", TK_UPDATE, R}, {"UPGRADE", TK_UPGRADE, 0},
    {"UPPER", 0, R}, {"UPSERT", TK_UPSERT, R}, {"USE", TK_USE, R}, {"USER", TK_USER, R | C},
    {"USING", TK_USING, R}, {"UUID", 0, R}, {"VALUE", TK_VALUE, R}, {"VALUES", TK_VALUES, R},
    {"VALUE_OF", 0, R}, {"VARBINARY", 0, R}, {"VARCHAR", 0, R}, {"VARIANT", 0, R},
    {"VARYING", TK_VARYING, R}, {"VAR_POP", 0, R}, {"VAR_SAMP", 0, R}, {"VERSIONING", 0, R},
    {"VIEW", TK_VIEW, 0}, {"VIEWS", TK_VIEWS, R}, {"VIRTUAL", TK_VIRTUAL, 0},
    {"WATERMARK", TK_WATERMARK, R}, {"WATERMARKS", TK_WATERMARKS, R}, {"WEDNESDAY", 0, R},
    {"WHEN", TK_WHEN, R}, {"WHENEVER", 0, R}, {"WHERE", TK_WHERE, R}, {"WIDTH_BUCKET", 0, R},
    {"WINDOW", TK_WINDOW, R}, {"WITH", TK_WITH, R}, {"WITHIN", TK_WITHIN, R},
    {"WITHOUT", TK_WITHOUT, R}, {"WRAPPER", TK_WRAPPER, 0}, {"YEAR", 0, R}, {"ZONE", TK_ZONE, 0},
};
#undef R
#undef Q
#undef C
/* clang-format on */

enum { N_KEYWORDS = sizeof keywords / sizeof keywords[0], KEYWORD_BYTES_MAX = 32 };

/* Compares as upper case; both sides hold A-Z, 0-9 and _ only, else the word is no keyword. */
static int keyword_compare(Span word, const char *keyword) {
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
        if (c != keyword[i]) return (unsigned char)c < (unsigned char)keyword[i] ? -1 : 1;
    }
    return keyword[word.len] ? -1 : 0;
}

const SqlKeyword *sql_keyword_find(Span word) {
    int low = 0, high = N_KEYWORDS - 1;
    if (word.len > KEYWORD_BYTES_MAX) return NULL;
    while (low <= high) {
        int middle = (low + high) / 2;
        int order = keyword_compare(word, keywords[middle].word);
        if (order == 0) return &keywords[middle];
        if (order < 0) {
            high = middle - 1;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

bool sql_is_reserved(Span word) {
    const SqlKeyword *keyword = sql_keyword_find(word);
    return keyword && keyword->flags & KEYWORD_RESERVED;
}

const char *sql_token_word(int kind) {
    if (kind <= 0 || kind == TK_CAST) return kind <= 0 ? NULL : "CAST";
    for (int i = 0; i < N_KEYWORDS; i++) {
        if (keywords[i].token == kind) return keywords[i].word;
    }
    return NULL;
}
