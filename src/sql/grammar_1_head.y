/* grammar_1_head.y -- the SQL grammar, part 1: declarations, precedence and the entry points.
 *
 * The parts grammar_*.y are concatenated by the build in the order of their names and given to
 * lemon. The tables are not compressed (lemon -c): then no action is a default, a word that means
 * something in a state is never mistaken for a name there, and everywhere else the fallback below
 * makes it a name. SPDX-License-Identifier: Apache-2.0
 */
%name sql_grammar
%token_prefix TK_
%token_type {Tok}
%extra_argument {SqlParse *p}
%stack_size 10000

%include {
#define NDEBUG 1 /* leaves out lemon's tracing */
#include "sql/build.h"
#define YYNOERRORRECOVERY 1
static_assert(LIMIT_PARSER_STACK == 10000, "the same as %stack_size");
}
%syntax_error { build_syntax_error(p, TOKEN); }
%stack_overflow { build_fail_deep(p, p->toks[p->at].pos); }

/* Operators, weakest first: as in Calcite, where || binds like *, and IS weaker than = . */
%nonassoc LOWEST.
%left OR.
%left AND.
%right NOT.
%left IS.
%left EQ NE LT LE GT GE.
%nonassoc BETWEEN IN LIKE ILIKE RLIKE SIMILAR NOT_INFIX MEMBER SUBMULTISET
          OVERLAPS CONTAINS EQUALS PRECEDES SUCCEEDS IMMEDIATELY.
%nonassoc ESCAPE.
%left MULTISET_OP.
%left PLUS MINUS.
%left STAR SLASH PERCENT CONCAT.
%right UMINUS.
%left AT.

/* Set operations. */
%left UNION EXCEPT SETMINUS.
%left INTERSECT.
%left COMMA.
%left JOIN INNER LEFT RIGHT FULL CROSS NATURAL.

/* Where a longer reading is preferred to a shorter one. */
%nonassoc SHORTER.
%nonassoc RP TO ORDER PARTITION LP DOT IGNORE RESPECT VALUE.

/* Words that are names wherever the grammar does not expect them. */
%fallback ID
    A ABSENT ADD AFTER ANALYZE ARCHIVE ASC AT
    BEGIN BERNOULLI BOTH BUCKETS
    CALL CASCADE CATALOG CATALOGS CHANGELOG_MODE CLOSE COLUMNS COMMENT COMPACT COMPILE COMPUTE
    CONDITIONAL CONFLICT CONSTRAINT CONSTRAINTS CONTAINS CONTINUOUS CUBE CURRENT
    DATABASE DATABASES DATE_LIT DEDUPLICATE DEFINE DESC DESCRIPTOR DISTRIBUTED
    DISTRIBUTION DO DRAIN
    EARLY EMIT EMPTY ENFORCED EQUALS ERROR ESCAPE ESTIMATED_COST EVERY EXCLUDE EXCLUDING
    EXTENDED
    FAIL FILE FILTER FINAL FIRST FOLLOWING FRESHNESS FUNCTION FUNCTIONS
    GENERATED GROUPING GROUPS
    HASH
    IF IGNORE IMMEDIATELY INCLUDING INPUT
    JAR JARS JOB JOBS JSON JSON_EXECUTION_PLAN JSON_KEY
    KEY
    LANGUAGE LAST LATE LEADING LOAD LOCAL
    MATCH MATERIALIZED MEASURES MEMBER METADATA MODEL MODELS MODIFY MODULE MODULES
    NEXT NO NO_PARENS NOTHING NULLS
    OBJECT OF OMIT ONE ONLY OPTIONS ORDINALITY OTHERS OUTPUT OUTER OVER OVERLAPS OVERWRITE
    OVERWRITING
    PARTITION PARTITIONED PARTITIONS PAST PATTERN PER PERMUTE PLACING PLAN PLAN_ADVICE PRECEDES
    PRECEDING PRECISION PRIMARY PROCEDURES
    RANGE RECURSIVE REFRESH REFRESH_MODE REMOVE RENAME REPEATABLE REPLACE RESET RESPECT RESTRICT
    RESUME RETURNING REVISE ROLLUP ROWS RUNNING
    SAVEPOINT SCALAR SETS SHOW SIMILAR SKIP STATEMENT STATISTICS STOP STRUCTURED SUBMULTISET
    SUBSCRIBE SUBSET SUCCEEDS SUSPEND SYMMETRIC ASYMMETRIC SYSTEM SYSTEM_TIME
    TABLES TEMPORARY TIES TIMESTAMP_LIT TIMESTAMP_LTZ_LIT TIME_LIT TIME TRAILING TRUNCATE
    UNBOUNDED UNCONDITIONAL UNIQUE UNLOAD UNMATCHED UPGRADE UPSERT USE USER
    VALUE VARYING VIEW VIEWS VIRTUAL
    WATERMARK WATERMARKS WITHIN WITHOUT WITHOUT_ZONE WRAPPER
    ZONE.

/* Entry points: the driver feeds one of the start tokens first. */
start ::= START_STATEMENT statement(S). { p->result = S; }
start ::= START_EXPR expr(E). { p->result = E; }
start ::= START_TYPE type(T). { p->result = T; }
start ::= START_COLUMNS table_elements(L). { p->results = vec_list(L); }

/* -- names -- */
%type id {Tok}
id(A) ::= ID(T). { A = T; }

%type name {AstName *}
name(A) ::= id(T). { A = build_name(p, T); }
name(A) ::= name(N) DOT id(T). { A = build_name_add(p, N, T); }

%type names {AstVec *}
names(A) ::= name(N). { A = vec_add(p, NULL, N); }
names(A) ::= names(L) COMMA name(N). { A = vec_add(p, L, N); }

%type ids {IdentVec *}
ids(A) ::= id(T). { A = idents_add(p, NULL, T); }
ids(A) ::= ids(L) COMMA id(T). { A = idents_add(p, L, T); }

%type ids_opt {IdentVec *}
ids_opt(A) ::= . { A = NULL; }
ids_opt(A) ::= LP ids(L) RP. { A = L; }

%type string {Ast *}
string(A) ::= STRING(T). { A = build_string(p, T); }

/* Tokens that no rule takes: the driver and token_fix.c deal with them. */
%token ILLEGAL USTRING.
