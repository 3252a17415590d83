/* sql_random.c -- random SQL text from a table of rules.
 *
 * A rule has alternatives, separated by "~"; <name> is another rule, <name?> is there or not, and
 * <name*> is repeated with commas. Where the expansion is deep, the first alternative is taken,
 * which must lead to an end. A blank in a rule becomes any white space or comment, \b
 * stays a blank.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql_random.h"

#include <stdlib.h>

typedef struct Rule {
    const char *name, *alternatives;
} Rule;

static const Rule rules[] = {
    /* -- expressions -- */
    {"expr", "<name>~<primary>~<primary>~<literal>~<expr> OR <expr>~<expr> AND <expr>~NOT <expr>~"
             "- <expr>~+ <expr>~<expr> <arith> <expr>~<expr> <arith> <expr>~"
             "<sum> <compare> <sum>~<sum> <compare> <sum>~<predicate>~<predicate>~"
             "<sum> AT TIME ZONE <primary>~(<expr>)"},
    {"arith", "+~-~*~/~%~||"},
    {"compare", "=~<>~!=~<<~<<=~>~>="},
    {"sum", "<name>~<literal>~<primary>~<sum> <arith> <sum>~- <sum>"},
    {"predicate", "<sum> IS <not?> NULL~<sum> IS <not?> <truth>~<sum> <not?> IN (<expr*>)~"
                  "<sum> <not?> IN <subquery>~<sum> <not?> BETWEEN <symmetry?> <sum> AND <sum>~"
                  "<sum> <not?> <like> <sum>~<sum> <not?> LIKE <sum> ESCAPE '!'~EXISTS <subquery>~"
                  "<sum> IS <not?> DISTINCT FROM <sum>~<sum> <compare> <quantity> (<expr*>)~"
                  "<sum> <compare> <quantity> <subquery>~<sum> IS <not?> JSON <jsonkind?>~"
                  "(<expr>, <expr>) <period> (<expr>, <expr>)~<name> <not?> MEMBER OF <sum>~"
                  "<name> <not?> SUBMULTISET OF <sum>~<name> MULTISET <multiop> <multiq?> <name>~"
                  "<name> IS <not?> A SET~<name> IS <not?> EMPTY"},
    {"not", "NOT"},
    {"truth", "TRUE~FALSE~UNKNOWN"},
    {"symmetry", "SYMMETRIC~ASYMMETRIC"},
    {"like", "LIKE~SIMILAR TO~ILIKE~RLIKE"},
    {"quantity", "ANY~SOME~ALL"},
    {"jsonkind", "VALUE~OBJECT~ARRAY~SCALAR"},
    {"period", "OVERLAPS~CONTAINS~EQUALS~PRECEDES~SUCCEEDS~IMMEDIATELY PRECEDES~"
               "IMMEDIATELY SUCCEEDS"},
    {"multiop", "UNION~INTERSECT~EXCEPT"},
    {"multiq", "ALL~DISTINCT"},
    {"literal", "<int>~<string>~<int>.<int>~<int>.5e<int>~NULL~TRUE~FALSE~x'0aFF'~x''~"
                "DATE '2024-01-31'~TIME '10:20:30.5'~TIMESTAMP '2024-01-31 10:20:30'~"
                "TIMESTAMP WITH LOCAL TIME ZONE '2024-01-31 10:20:30'~TIMESTAMP_LTZ '2024-01-31'~"
                "<interval>~u&'\\00e4 \\+01F600\\\\'~U&'!00e4' UESCAPE '!'~?~$<digit>~('a'\n'b')"},
    {"interval", "INTERVAL '1' DAY~INTERVAL -'1-2' YEAR(3) TO MONTH~INTERVAL '5' SECONDS~"
                 "INTERVAL '1 10:00' DAY TO MINUTE~INTERVAL + '1.5' SECOND(2, 3)~"
                 "INTERVAL '1' DAY(2) TO SECOND(3)~INTERVAL '3' QUARTER~INTERVAL 5 HOUR~"
                 "INTERVAL (<expr>) WEEK~INTERVAL <name> MINUTE~INTERVAL '1' HOUR TO SECOND"},
    {"primary",
     "<name>~<call>~<call>~<aggregate>~<subquery>~CAST(<expr> AS <type>)~TRY_CAST(<expr> AS "
     "<type>)~(<name> - <name>) DAY TO SECOND~"
     "<cast>~<case>~ROW(<expr*>)~ROW()~(<expr>, <expr*>)~ARRAY[<expr*>]~ARRAY[]~"
     "MAP[<expr>, <expr>, <expr>, <expr>]~MULTISET[<expr*>]~ARRAY<subquery>~MAP<subquery>~"
     "<name>[<expr>]~<call>[<expr>].<ident>~(<expr>).<ident>~<name>[<int>][<int>]~CURRENT_DATE~"
     "LOCALTIMESTAMP~<call>.<ident>.<ident>[<expr>]"},
    {"cast", "<name>::<plaintype>~<int>::<plaintype>::<plaintype>~<call>::<plaintype>~"
             "(<expr>)::<plaintype>"},
    {"case",
     "CASE WHEN <expr> THEN <expr> END~CASE <expr> WHEN <expr*> THEN <expr> WHEN <expr> THEN "
     "<expr> ELSE <expr> END~CASE WHEN <expr> THEN <expr> ELSE <expr> END"},
    {"call",
     "<function>()~<function>(<expr*>)~<function>(<arg*>)~<ident>.<ident>(<expr*>)~"
     "EXTRACT(YEAR FROM <expr>)~EXTRACT(dow FROM <name>)~POSITION(<sum> IN <sum>)~"
     "POSITION(<sum> IN <sum> FROM <sum>)~SUBSTRING(<expr> FROM <expr>)~"
     "SUBSTRING(<expr> FROM <expr> FOR <expr>)~SUBSTRING(<expr> FOR <sum>)~"
     "SUBSTRING(<expr>, <expr>)~TRIM(<expr>)~TRIM(BOTH FROM <expr>)~TRIM(LEADING <sum> FROM "
     "<expr>)~"
     "TRIM(<sum> FROM <expr>)~OVERLAY(<sum> PLACING <sum> FROM <sum>)~"
     "OVERLAY(<sum> PLACING <sum> FROM <sum> FOR <sum>)~CEIL(<call> TO DAY)~FLOOR(<name> TO month)~"
     "FLOOR((<interval>) TO MONTH)~TIMESTAMPADD(DAY, <expr>, <expr>)~"
     "TIMESTAMPDIFF(second, <expr>, <expr>)~POSITION(CASE WHEN <name> IN (1, 2) THEN 'a' END IN "
     "<sum>)~"
     "LEFT(<expr>, <int>)~RIGHT(<expr>, <int>)~IF(<expr>, <expr>, <expr>)~REPLACE(<expr*>)~"
     "JSON_VALUE(<name>, '$.a' RETURNING <plaintype> NULL ON EMPTY ERROR ON ERROR)~"
     "JSON_VALUE(<name>, '$.a' DEFAULT <sum> ON EMPTY DEFAULT 1 ON ERROR)~"
     "JSON_QUERY(<name>, '$' RETURNING ARRAY<<STRING> WITHOUT ARRAY WRAPPER EMPTY ARRAY ON EMPTY)~"
     "JSON_QUERY(<name>, '$' WITH CONDITIONAL WRAPPER EMPTY OBJECT ON ERROR)~"
     "JSON_QUERY(<name>, '$' WITH ARRAY WRAPPER)~JSON_EXISTS(<name>, '$.b' TRUE ON ERROR)~"
     "JSON_EXISTS(<name>, '$.b')~JSON_OBJECT(<pair*>)~JSON_OBJECT(<pair*> NULL ON NULL)~"
     "JSON_OBJECT()~JSON_OBJECT(ABSENT ON NULL)~JSON_ARRAY(<expr*> ABSENT ON "
     "NULL)~JSON_ARRAY(NULL, 1)~"
     "JSON_ARRAYAGG(<expr> ABSENT ON NULL)~JSON_OBJECTAGG(KEY <sum> VALUE <sum> NULL ON NULL)~"
     "GROUPING(<name>)~CURRENT_TIMESTAMP(<int>)"},
    {"pair", "KEY <sum> VALUE <expr>~<sum> VALUE <expr>~<sum> : <expr>"},
    {"function",
     "f~my_func~COUNT~SUM~LOWER~ABS~`weird fn`~`order`~COALESCE~JSON_STRING~FIRST~LAST~HOP"},
    {"arg",
     "<expr>~<ident> => <expr>~key => <expr>~<ident> => DEFAULT~TABLE <name>~"
     "TABLE <name> PARTITION BY <name>~TABLE <name> PARTITION BY (<expr*>) ORDER BY <name> DESC~"
     "<ident> => TABLE <name> ORDER BY (<order*>)~DESCRIPTOR(<name*>)~"
     "<ident> => DESCRIPTOR(<name>)~DEFAULT~MODEL <name>~<subquery> PARTITION BY <name>~"
     "model => MODEL <name>~DATA => TABLE <name>"},
    {"aggregate",
     "COUNT(*)~COUNT(DISTINCT <expr*>)~SUM(ALL <expr>)~COUNT(*) FILTER (WHERE <expr>)~"
     "SUM(<expr>) OVER <window>~ROW_NUMBER() OVER <window>~COUNT(DISTINCT <name>) FILTER (WHERE "
     "<expr>) OVER <window>~LAG(<expr>, 1) IGNORE NULLS OVER <window>~"
     "FIRST_VALUE(<expr> RESPECT NULLS) OVER w~ARRAY_AGG(<expr> ORDER BY <order*>)~"
     "LISTAGG(DISTINCT <name>, ',' ORDER BY <name>)~MAX(<expr>) OVER <ident>~"
     "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY <order>)~"
     "LISTAGG(<name>) WITHIN GROUP (ORDER BY <order*>) FILTER (WHERE <expr>)"},
    {"window", "()~(PARTITION BY <expr*>)~(PARTITION BY <expr*> ORDER BY <order*>)~"
               "(ORDER BY <order*> <frame>)~(w ORDER BY <name>)~(PARTITION BY <name> <frame>)"},
    {"frame", "ROWS UNBOUNDED PRECEDING~ROWS BETWEEN <int> PRECEDING AND CURRENT ROW~"
              "RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW~"
              "RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES~"
              "GROUPS BETWEEN CURRENT ROW AND <sum> FOLLOWING EXCLUDE NO OTHERS~"
              "ROWS <sum> PRECEDING EXCLUDE CURRENT ROW~ROWS CURRENT ROW EXCLUDE GROUP"},
    {"order", "<name>~<expr>~<expr> ASC~<expr> DESC~<name> NULLS FIRST~<expr> DESC NULLS LAST"},
    /* -- types -- */
    {"type", "<plaintype>~<plaintype> NOT NULL~<plaintype> NULL~<plaintype> NOT NULL ARRAY~"
             "<plaintype> NULL MULTISET NOT NULL ARRAY"},
    {"plaintype",
     "INT~BIGINT~STRING~BOOLEAN~TINYINT~smallint~INTEGER~FLOAT~DOUBLE~DOUBLE PRECISION~DECIMAL~"
     "DECIMAL(<digit>)~DEC(10, 2)~NUMERIC(38, <digit>)~CHAR~CHAR(<digit>)~CHARACTER "
     "VARYING(<digit>)~"
     "VARCHAR~VARCHAR(<int>)~BINARY(3)~BINARY VARYING~VARBINARY(<digit>)~BYTES~DATE~TIME~TIME(3)~"
     "TIME(0) WITHOUT TIME ZONE~TIMESTAMP~TIMESTAMP(<digit>)~TIMESTAMP(3) WITHOUT TIME ZONE~"
     "TIMESTAMP(3) WITH LOCAL TIME ZONE~TIMESTAMP WITH TIME ZONE~TIMESTAMP_LTZ(3)~TIMESTAMP_LTZ~"
     "INTERVAL DAY~INTERVAL DAY(3) TO SECOND(6)~INTERVAL YEAR TO MONTH~INTERVAL SECOND(2, 3)~"
     "ARRAY<<<type>>~MAP<<<type>, "
     "<type>>~MULTISET<<<type>>~ROW<<<field*>>~ROW(<field*>)~ROW<>~ROW()~"
     "INT ARRAY~VARIANT~RAW('a.B', 'c')~STRUCTURED<<'a.B', <field*>>~STRUCTURED<<'a.B'>~"
     "my_type~cat.db.`my type`~ROW<<a INT, b ROW<<c ARRAY<<STRING>>>~NULL"},
    {"field", "<ident> <type>~<ident> <type> <string>~<ident> DATE 'c'"},
    /* -- queries -- */
    {"subquery", "(<query>)~((<query>))"},
    {"query", "SELECT <item*>~<select>~<select>~<select>~<select> <tail>~<select> <tail>~<with>~"
              "<setop>~<setop> <tail>~VALUES <expr*>~VALUES (<expr>, <expr>), (<expr>, <expr>)~"
              "VALUES ROW(<expr*>)~TABLE <name>~(<query>) ORDER BY <order>~(<query>) LIMIT 3"},
    {"with", "WITH <cte*> <select>~WITH <cte> (<query>)~WITH RECURSIVE <cte*> <setop> <tail>"},
    {"cte", "<ident> AS (<query>)~<ident> (<ident*>) AS (<query>)"},
    {"setop",
     "<operand> UNION <operand>~<operand> UNION ALL <operand>~<operand> INTERSECT <operand>~"
     "<operand> EXCEPT DISTINCT <operand>~<operand> MINUS ALL <operand>~<setop> UNION "
     "<setop>~<operand> INTERSECT ALL <setop>"},
    {"operand", "<select>~<select>~(<query>)~VALUES (1), (2)~TABLE <name>~(<setop>)"},
    {"select", "SELECT <item*> FROM <from>~SELECT <item*> FROM <from> WHERE <expr>~"
               "SELECT <hints?> <quantifier?> <item*> FROM <from> <where?> <group?> <having?> "
               "<windows?> <qualify?>~SELECT <item*> FROM <from> <where?> GROUP BY <group_item*>"},
    {"quantifier", "ALL~DISTINCT"},
    {"item", "<expr>~*~<name>.*~<expr> AS <ident>~<name> <alias>~<expr>~(<expr>).*"},
    {"alias", "x~y1~`select`~\xc3\xa4"},
    {"where", "WHERE <expr>"},
    {"group", "GROUP BY <group_item*>~GROUP BY DISTINCT <group_item*>"},
    {"group_item", "<expr>~()~(<expr>, <expr>)~GROUPING SETS (<group_item*>)~CUBE (<expr*>)~"
                   "ROLLUP (<group_item*>)~TUMBLE(<name>, <interval>)"},
    {"having", "HAVING <expr>"},
    {"windows", "WINDOW <ident> AS <window>, w2 AS (PARTITION BY <name>)"},
    {"qualify", "QUALIFY <expr>"},
    {"tail", "ORDER BY <order*>~LIMIT <int>~ORDER BY <order*> LIMIT <expr> OFFSET <int>~"
             "OFFSET <int> ROWS FETCH NEXT <int> ROWS ONLY~FETCH FIRST ROW ONLY~LIMIT ALL OFFSET 2~"
             "ORDER BY <order> OFFSET 3 ROW~LIMIT 5, 6~EMIT EARLY EVERY INTERVAL '1' SECOND~"
             "EMIT EARLY EVERY INTERVAL '1' SECOND, ON CLOSE~EMIT ON CLOSE ON LATE DROP~"
             "EMIT ON UPDATE~ON LATE INTO <name>~ON LATE REVISE WITHIN INTERVAL '1' HOUR~"
             "ORDER BY <order> LIMIT 3 EMIT ON CLOSE ON LATE REVISE~ON LATE FAIL"},
    {"from", "<source>~<source>~<source>, <source>~<join>~<join>~<join>, <source>"},
    {"join",
     "<source> JOIN <source> ON <expr>~<source> LEFT JOIN <source> ON <expr>~"
     "<source> RIGHT OUTER JOIN <source> USING (<ident*>)~<source> FULL JOIN <source> ON "
     "<expr>~<source> CROSS JOIN <source>~<source> NATURAL LEFT JOIN <source>~"
     "<join> INNER JOIN <source> ON <expr>~<source> JOIN <source> JOIN <source> ON <expr> ON "
     "<expr>~<source> LEFT JOIN (<join>) ON <expr>~<source> NATURAL JOIN <source>~"
     "<source> CROSS JOIN UNNEST(<name>) AS <ident> (<ident>)~"
     "<source> LEFT JOIN LATERAL TABLE(<call>) AS <ident> (<ident*>) ON TRUE"},
    {"source",
     "<name>~<name> AS <ident>~<name> <alias>~<name> AS <ident> (<ident*>)~<subquery>~"
     "<subquery> AS <ident>~LATERAL <subquery> <alias>~TABLE(<tvf>)~TABLE(<tvf>) AS <ident>~"
     "LATERAL TABLE(<call>)~UNNEST(<expr*>)~UNNEST(<name>) WITH ORDINALITY AS <ident> (<ident*>)~"
     "<name> FOR SYSTEM_TIME AS OF <sum> AS <ident>~<name> <hints> AS <ident>~"
     "<name> TABLESAMPLE BERNOULLI (10) REPEATABLE (3)~<name> TABLESAMPLE SYSTEM (<int>) AS "
     "<ident>~"
     "<tvf>~(<name>)~<name> <match>~<subquery> <match> AS <ident>~<name> AS <ident> <match>~"
     "LATERAL UNNEST(<name>)~<name> <hints>"},
    {"tvf",
     "TUMBLE(TABLE <name>, DESCRIPTOR(<ident>), <interval>)~"
     "HOP(DATA => TABLE <name>, TIMECOL => DESCRIPTOR(<ident>), SLIDE => <interval>, SIZE => "
     "<interval>)~SESSION(TABLE <name> PARTITION BY <name>, DESCRIPTOR(<ident>), <interval>)~"
     "TO_CHANGELOG(input => TABLE <name> PARTITION BY <name>, op_mapping => MAP['a', 'b'])~"
     "ML_PREDICT(TABLE <name>, MODEL <name>, DESCRIPTOR(<ident*>))~f(<arg*>)"},
    {"hints", "/*+ OPTIONS('a' = 'b', 'c'='d') */~/*+ STATE_TTL('v1' = '1d'), BROADCAST(a, b.c) */~"
              "/*+ LOOKUP('table'='C', k='v'), NO_ARGS, N('x', 3), E() */"},
    {"match",
     "MATCH_RECOGNIZE (PARTITION BY <expr*> ORDER BY <order*> MEASURES <measure*> ONE ROW PER "
     "MATCH "
     "AFTER MATCH SKIP <skip> PATTERN (<pattern>) DEFINE <define*>)~"
     "MATCH_RECOGNIZE (ORDER BY <name> PATTERN (<pattern>) WITHIN <interval> SUBSET <ident> = "
     "(<ident*>) DEFINE <define>)~"
     "MATCH_RECOGNIZE (ORDER BY <name> MEASURES <measure> ALL ROWS PER MATCH <empties?> AFTER "
     "MATCH "
     "SKIP <skip> PATTERN (<pattern>) DEFINE <define*>)"},
    {"empties", "SHOW EMPTY MATCHES~OMIT EMPTY MATCHES~WITH UNMATCHED ROWS"},
    {"measure", "<expr> AS <ident>~FINAL LAST(A.price, 1) AS <ident>~RUNNING SUM(B.x) AS <ident>~"
                "FINAL A.price AS <ident>~MATCH_NUMBER() AS <ident>"},
    {"skip", "PAST LAST ROW~TO NEXT ROW~TO FIRST <ident>~TO LAST <ident>~TO A"},
    {"define", "<ident> AS <expr>~A AS A.price > LAST(A.price, 1)"},
    {"pattern", "<ident>~<pattern> <pattern>~<pattern> | <pattern>~(<pattern>)~(<pattern>)<times>~"
                "A<times> B<times>~^ <pattern> $ ~PERMUTE(<pattern>, <pattern>)~{- <pattern> -}~"
                "<pattern> ()~{\b- A -\b} B"},
    {"times", "*~+~?~*?~+?~??~{2}~{2,}~{2,3}~{,4}~{0,1}?~{1,}"},
    /* -- DDL -- */
    {"create_table",
     "CREATE TABLE <name> (<column*>) WITH <options>~"
     "CREATE TEMPORARY TABLE IF NOT EXISTS <name> (<column*>, <constraint>, <watermark>) <parts> "
     "WITH "
     "<options>~CREATE OR REPLACE TABLE <name> WITH <options> AS <query>~"
     "REPLACE TABLE <name> (<ident*>) AS <query>~CREATE TABLE <name> AS <query>~"
     "CREATE TABLE <name> (<column*>) WITH <options> LIKE <name> (<like_option> <like_option>)~"
     "CREATE TABLE <name> LIKE <name>~CREATE TABLE <name> () WITH ('a' = 'b') LIKE <name> "
     "(EXCLUDING "
     "ALL)~CREATE TABLE <name> (<column*>) <parts>~"
     "CREATE MATERIALIZED TABLE <name> <parts> WITH <options> FRESHNESS = <interval> REFRESH_MODE "
     "= "
     "FULL AS <query>~CREATE OR ALTER MATERIALIZED TABLE <name> (<column*>) AS <query>~"
     "CREATE MATERIALIZED TABLE <name> REFRESH_MODE = CONTINUOUS AS <query>"},
    {"parts", "COMMENT <string>~PARTITIONED BY (<ident*>)~COMMENT <string> DISTRIBUTED BY HASH "
              "(<ident*>) INTO 4 BUCKETS~DISTRIBUTED BY RANGE(<ident>)~DISTRIBUTED INTO 3 BUCKETS "
              "PARTITIONED BY (<ident>)~DISTRIBUTED BY (<ident>) INTO 2 BUCKETS"},
    {"column",
     "<ident> <type>~<ident> <type> COMMENT <string>~<ident> <type> <key> COMMENT <string>~"
     "<ident> <type> METADATA~<ident> <type> METADATA FROM <string> VIRTUAL~"
     "<ident> <type> METADATA VIRTUAL COMMENT <string>~<ident> AS <expr>~"
     "<ident> AS <expr> COMMENT <string>~<ident> <type> <key>~<watermark>~<constraint>"},
    {"key",
     "PRIMARY KEY NOT ENFORCED~CONSTRAINT <ident> PRIMARY KEY NOT ENFORCED~PRIMARY KEY~UNIQUE~"
     "PRIMARY KEY ENFORCED"},
    {"constraint",
     "PRIMARY KEY (<ident*>) NOT ENFORCED~CONSTRAINT <ident> PRIMARY KEY (<ident*>) NOT "
     "ENFORCED~UNIQUE (<ident*>)~CONSTRAINT <ident> UNIQUE (<ident>) NOT ENFORCED"},
    {"watermark", "WATERMARK FOR <ident> AS <expr>~WATERMARK FOR <ident> AS <name> - <interval>"},
    {"options", "(<option>)~(<option*>)"},
    {"option", "<string> = <string>"},
    {"like_option", "INCLUDING ALL~EXCLUDING CONSTRAINTS~OVERWRITING OPTIONS~INCLUDING GENERATED~"
                    "EXCLUDING PARTITIONS~INCLUDING METADATA~OVERWRITING WATERMARKS~EXCLUDING "
                    "DISTRIBUTION"},
    {"create_other",
     "CREATE VIEW <name> AS <query>~CREATE TEMPORARY VIEW IF NOT EXISTS <name> (<ident*>) COMMENT "
     "<string> AS <query>~CREATE VIEW <name> (a COMMENT 'x', b) AS <query>~"
     "CREATE OR REPLACE VIEW <name> AS <query>~CREATE MATERIALIZED VIEW <name> AS <query>~"
     "CREATE OR REPLACE MATERIALIZED VIEW <name> WITH <options> AS <query>~"
     "CREATE FUNCTION <name> AS <string>~CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS f AS "
     "<string> "
     "LANGUAGE JAVA USING JAR <string>, JAR <string>~CREATE TEMPORARY FUNCTION <name> AS <string> "
     "LANGUAGE PYTHON~CREATE FUNCTION <name> AS <string> USING FILE <string> WITH <options>~"
     "CREATE CATALOG <ident> WITH <options>~CREATE CATALOG IF NOT EXISTS <ident> COMMENT <string>~"
     "CREATE DATABASE <name>~CREATE DATABASE IF NOT EXISTS <name> COMMENT <string> WITH <options>~"
     "CREATE MODEL <name> INPUT (<ident> STRING) OUTPUT (<ident> STRING) COMMENT <string> WITH "
     "<options>~CREATE TEMPORARY MODEL IF NOT EXISTS <name> WITH <options> AS <query>"},
    {"alter",
     "ALTER TABLE <name> RENAME TO <name>~ALTER TABLE IF EXISTS <name> RENAME <name> TO <ident>~"
     "ALTER TABLE <name> SET <options>~ALTER TABLE <name> RESET (<string*>)~"
     "ALTER TABLE <name> ADD <column>~ALTER TABLE <name> ADD (<column*>)~"
     "ALTER TABLE <name> ADD <ident> INT FIRST~ALTER TABLE <name> ADD (<ident> INT AFTER <ident>, "
     "<ident> STRING)~ALTER TABLE <name> MODIFY <ident> <type> COMMENT <string> AFTER <ident>~"
     "ALTER TABLE <name> MODIFY <watermark>~ALTER TABLE <name> ADD DISTRIBUTION BY HASH(<ident>)~"
     "ALTER TABLE <name> MODIFY DISTRIBUTION INTO 5 BUCKETS~ALTER TABLE <name> DROP DISTRIBUTION~"
     "ALTER TABLE <name> DROP <ident>~ALTER TABLE <name> DROP (<name*>)~"
     "ALTER TABLE <name> DROP PRIMARY KEY~ALTER TABLE <name> DROP CONSTRAINT <ident>~"
     "ALTER TABLE <name> DROP WATERMARK~ALTER TABLE <name> ADD IF NOT EXISTS PARTITION (p = 1) "
     "WITH "
     "<options> PARTITION (p = 2, q = 'x')~ALTER TABLE <name> DROP IF EXISTS PARTITION (p = 1), "
     "PARTITION (p = 2)~ALTER TABLE <name> COMPACT~ALTER TABLE <name> PARTITION (p = 1) COMPACT~"
     "ALTER VIEW <name> RENAME TO <name>~ALTER VIEW <name> AS <query>~"
     "ALTER DATABASE <name> SET <options>~ALTER CATALOG <ident> SET <options>~"
     "ALTER CATALOG <ident> RESET (<string>)~ALTER CATALOG <ident> COMMENT <string>~"
     "ALTER FUNCTION <name> AS <string> LANGUAGE SCALA~ALTER TEMPORARY SYSTEM FUNCTION IF EXISTS f "
     "AS "
     "<string>~ALTER MODEL IF EXISTS <name> RENAME TO <name>~ALTER MODEL <name> SET <options>~"
     "ALTER MATERIALIZED TABLE <name> SUSPEND~ALTER MATERIALIZED TABLE <name> RESUME WITH "
     "<options>~"
     "ALTER MATERIALIZED TABLE <name> REFRESH PARTITION (p = 'x')~ALTER MATERIALIZED TABLE <name> "
     "REFRESH~ALTER MATERIALIZED TABLE <name> AS <query>~ALTER MATERIALIZED TABLE <name> SET "
     "FRESHNESS "
     "= <interval>~ALTER MATERIALIZED TABLE <name> SET REFRESH_MODE = FULL"},
    {"drop", "DROP <temporary?> TABLE <exists?> <name>~DROP <temporary?> VIEW <exists?> <name>~"
             "DROP DATABASE <exists?> <name> <behavior?>~DROP CATALOG <exists?> <ident>~"
             "DROP <temporary?> FUNCTION <exists?> <name>~DROP TEMPORARY SYSTEM FUNCTION f~"
             "DROP MATERIALIZED TABLE <name>~DROP MATERIALIZED VIEW <exists?> <name>~"
             "DROP <temporary?> MODEL <name>"},
    {"temporary", "TEMPORARY"},
    {"exists", "IF EXISTS"},
    {"behavior", "RESTRICT~CASCADE"},
    /* -- other statements -- */
    {"insert",
     "INSERT INTO <name> <query>~INSERT INTO <name> (<name*>) <query>~INSERT OVERWRITE <name> "
     "PARTITION (p = 1, q = 'x') <query>~INSERT INTO <name> PARTITION (b = 2) (<ident*>) "
     "<query>~INSERT INTO <name> <hints> <query>~INSERT INTO <name> VALUES (<expr*>)~"
     "INSERT INTO <name> <select> ON CONFLICT DO <conflict>~INSERT INTO <name> (<query>)~"
     "UPSERT INTO <name> <query>"},
    {"conflict", "NOTHING~ERROR~DEDUPLICATE"},
    {"inserts", "<insert>;~<insert>; <insert>;~<insert>; <inserts>"},
    {"statement_set", "STATEMENT SET BEGIN <inserts> END"},
    {"show",
     "SHOW CATALOGS~SHOW CATALOGS LIKE <string>~SHOW CURRENT CATALOG~SHOW DATABASES IN <ident> NOT "
     "ILIKE <string>~SHOW CURRENT DATABASE~SHOW TABLES~SHOW TABLES FROM <name> NOT LIKE <string>~"
     "SHOW TABLES IN <name>~SHOW VIEWS~SHOW VIEWS FROM <name> LIKE <string>~SHOW COLUMNS FROM "
     "<name>~"
     "SHOW COLUMNS IN <name> NOT LIKE <string>~SHOW CREATE TABLE <name>~SHOW CREATE VIEW <name>~"
     "SHOW CREATE CATALOG <ident>~SHOW CREATE MODEL <name>~SHOW CREATE MATERIALIZED TABLE <name>~"
     "SHOW FUNCTIONS~SHOW USER FUNCTIONS FROM <name> ILIKE <string>~SHOW PROCEDURES~SHOW MODULES~"
     "SHOW FULL MODULES~SHOW PARTITIONS <name>~SHOW PARTITIONS <name> PARTITION (p = 1)~SHOW "
     "MODELS~"
     "SHOW JARS~SHOW JOBS~SHOW JOB <string>~SHOW MATERIALIZED TABLES~SHOW MATERIALIZED VIEWS~"
     "SHOW CREATE DATABASE <name>~SHOW CREATE FUNCTION <name>"},
    {"statement",
     "<query>~<query>~<query>~<query>~<insert>~<insert>~<create_table>~<create_table>~<create_"
     "other>~"
     "<alter>~<alter>~<drop>~<show>~EXECUTE <statement_set>~BEGIN STATEMENT SET; <inserts> END~"
     "EXECUTE <insert>~EXECUTE <select>~EXPLAIN <query>~EXPLAIN PLAN FOR <insert>~EXPLAIN "
     "<statement_set>~EXPLAIN ESTIMATED_COST, CHANGELOG_MODE, JSON_EXECUTION_PLAN, PLAN_ADVICE "
     "<query>~EXPLAIN ANALYZE <query>~EXPLAIN UPGRADE <insert>~EXPLAIN <create_table>~"
     "COMPILE PLAN <string> IF NOT EXISTS FOR <insert>~COMPILE PLAN <string> FOR <statement_set>~"
     "COMPILE AND EXECUTE PLAN <string> FOR <insert>~EXECUTE PLAN <string>~"
     "DESCRIBE <name>~DESC EXTENDED <name>~DESCRIBE CATALOG EXTENDED <ident>~DESCRIBE DATABASE "
     "<name>~"
     "DESCRIBE FUNCTION EXTENDED <name>~DESCRIBE MODEL <name>~DESCRIBE JOB <string>~USE <name>~"
     "USE CATALOG <ident>~USE MODULES <ident*>~LOAD MODULE <ident> WITH <options>~LOAD MODULE "
     "<ident>~UNLOAD MODULE <ident>~SET~SET <string> = <string>~SET\ba.b-c\b=\bsome\bvalue~RESET~"
     "RESET <string>~RESET\ba.b~UPDATE <name> SET <ident> = <expr>, <ident> = <expr> WHERE <expr>~"
     "UPDATE <name> AS <ident> SET <ident>.<ident> = <expr>~DELETE FROM <name>~"
     "DELETE FROM <name> AS <ident> WHERE <expr>~TRUNCATE TABLE <name>~ANALYZE TABLE <name> "
     "COMPUTE "
     "STATISTICS~ANALYZE TABLE <name> PARTITION (p = 1, q) COMPUTE STATISTICS FOR COLUMNS <ident*>~"
     "ANALYZE TABLE <name> COMPUTE STATISTICS FOR ALL COLUMNS~STOP JOB <string> WITH SAVEPOINT "
     "WITH "
     "DRAIN~STOP JOB <string>~ADD JAR <string>~REMOVE JAR <string>~CALL <name>(<expr*>)~"
     "CALL <name>()~SUBSCRIBE <name>~SUBSCRIBE TO <query>~SUBSCRIBE TO <name> WITH <options>"},
    /* -- words -- */
    {"name", "<ident>~<ident>~<ident>.<ident>~<ident>.<ident>.<ident>"},
    {"digit", "1~2~3~4~5~6~7~8~9"},
    {"int", "0~1~2~42~<digit><digit>~2147483647"},
};

static const char *const idents[] = {
    "a",           "b",           "c1",
    "price",       "ts",          "user_id",
    "$$T_SOURCE",  "EXPR$0",      "key",
    "name",        "type",        "data",
    "first",       "last",        "input",
    "output",      "`order`",     "`a b`",
    "`select`",    "`x``y`",      "`\xc3\xa4\xe2\x82\xac`",
    "`1st`",       "plan",        "job",
    "level",       "source",      "a",
    "`value`",     "`user`",      "zone",
    "state",       "final",       "object",
    "model",       "path",        "json",
    "desc",        "asc",         "overwrite",
    "`map`",       "metadata",    "load",
    "nulls",       "ignore",      "jar",
    "options",     "view",        "schema",
    "size",        "if",          "virtual",
    "partitions",  "scalar",      "sets",
    "error",       "emit",        "late",
    "early",       "subscribe",   "compact",
    "remove",      "revise",      "fail",
    "columns",     "enforced",    "database",
    "catalog",     "temporary",   "restrict",
    "repeatable",  "add",         "after",
    "analyze",     "archive",     "do",
    "drain",       "excluding",   "file",
    "following",   "generated",   "conflict",
    "descriptor",  "others",      "ordinality",
    "past",        "placing",     "preceding",
    "replace",     "stop",        "ties",
    "unbounded",   "unload",      "unmatched",
    "upgrade",     "wrapper",     "nothing",
    "cascade",     "bernoulli",   "exclude",
    "including",   "immediately", "absent",
    "conditional",
};

static const char *const strings[] = {
    "''",   "'x'",  "'it''s'", "'connector'", "'a.b'", "'line\nbreak'", "'\xe2\x82\xac'",
    "'--'", "'/*'",
};

enum { DEPTH_MAX = 9 };

static const char *pick(Rng *rng, const char *const *items, size_t n) {
    return items[rng_below(rng, n)];
}

static void put_blank(Rng *rng, Buf *out) {
    static const char *const blanks[] = {"\n", "  ", "\t", " /* c * / */ ", " -- c ;\n", " // c\n"};
    buf_puts(out, rng_below(rng, 12) ? " " : pick(rng, blanks, sizeof blanks / sizeof *blanks));
}

static const Rule *find_rule(Span name) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (span_is(name, rules[i].name)) return &rules[i];
    }
    return NULL;
}

/* The alternative to expand: the first one when the text is deep already. */
static Span choose(Rng *rng, const Rule *rule, int depth) {
    const char *at = rule->alternatives, *end;
    uint64_t n = 1, chosen;
    for (const char *c = at; *c; c++) n += *c == '~';
    chosen = depth > DEPTH_MAX ? 0 : rng_below(rng, n);
    while (chosen-- > 0) at = strchr(at, '~') + 1;
    end = strchr(at, '~');
    return (Span){at, end ? (size_t)(end - at) : strlen(at)};
}

static void expand(Rng *rng, Span rule_name, int depth, Buf *out);

static void expand_symbol(Rng *rng, Span symbol, int depth, Buf *out) {
    char last = symbol.ptr[symbol.len - 1];
    int n = 1;
    if (last == '?' || last == '*') symbol.len--;
    if (last == '?' && rng_below(rng, 2)) return;
    if (last == '*') n = depth > DEPTH_MAX - 3 ? 1 : 1 + (int)rng_below(rng, 3);
    for (int i = 0; i < n; i++) {
        if (i) buf_puts(out, ", ");
        expand(rng, symbol, depth + 1, out);
    }
}

static void expand(Rng *rng, Span name, int depth, Buf *out) {
    const Rule *rule;
    Span text;
    if (span_is(name, "ident")) {
        buf_puts(out, pick(rng, idents, sizeof idents / sizeof *idents));
        return;
    }
    if (span_is(name, "string")) {
        buf_puts(out, pick(rng, strings, sizeof strings / sizeof *strings));
        return;
    }
    rule = find_rule(name);
    if (!rule) {
        fprintf(stderr, "sql_random: no rule %.*s\n", (int)name.len, name.ptr);
        abort();
    }
    text = choose(rng, rule, depth);
    for (size_t i = 0; i < text.len; i++) {
        const char *close = memchr(text.ptr + i, '>', text.len - i);
        char c = text.ptr[i];
        bool is_symbol = c == '<' && i + 1 < text.len && text.ptr[i + 1] >= 'a' &&
                         text.ptr[i + 1] <= 'z' && close;
        if (is_symbol) {
            Span symbol = {text.ptr + i + 1, (size_t)(close - text.ptr) - i - 1};
            expand_symbol(rng, symbol, depth, out);
            i += symbol.len + 1;
        } else if (c == '<' && i + 1 < text.len && text.ptr[i + 1] == '<') {
            buf_putc(out, '<'); /* << stands for < */
            i++;
        } else if (c == '\b') {
            buf_putc(out, ' ');
        } else if (c == ' ' && !memchr(text.ptr, '\'', text.len)) {
            put_blank(rng, out);
        } else {
            buf_putc(out, c);
        }
    }
}

void sql_random(Rng *rng, const char *rule, Buf *out) {
    expand(rng, span_of(rule), 0, out);
}
