/* doc_grammar.c -- the statements that weir executes, with their syntax. A unit test parses every
 * example.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/doc.h"

#include <stddef.h>

const StatementForm doc_statements[] = {
    {"SELECT", "A query; its rows go to the terminal, or to the program that uses the library.",
     "[WITH name [(column, ..)] AS (query), ..]\n"
     "SELECT [ALL | DISTINCT] expression [[AS] name], ..\n"
     "FROM table [AS alias [(column, ..)]]\n"
     "   | TABLE(TUMBLE(TABLE t, DESCRIPTOR(time), size [, offset]))\n"
     "   | TABLE(HOP(TABLE t, DESCRIPTOR(time), slide, size [, offset]))\n"
     "   | TABLE(CUMULATE(TABLE t, DESCRIPTOR(time), step, size [, offset]))\n"
     "   | TABLE(SESSION(TABLE t [PARTITION BY column, ..], DESCRIPTOR(time), gap))\n"
     "   | (query) AS alias | UNNEST(array) | LATERAL TABLE(function(..))\n"
     "   [INNER | LEFT | RIGHT | FULL | CROSS] JOIN .. [ON condition | USING (column, ..)]\n"
     "   | t FOR SYSTEM_TIME AS OF time | t MATCH_RECOGNIZE (..)\n"
     "[WHERE condition]\n"
     "[GROUP BY expression, .. | GROUPING SETS (..) | CUBE (..) | ROLLUP (..)] [HAVING condition]\n"
     "[WINDOW name AS (window), ..]\n"
     "[UNION | INTERSECT | EXCEPT [ALL] query]\n"
     "[ORDER BY expression [ASC | DESC] [NULLS FIRST | LAST], ..] [LIMIT n] [OFFSET n]",
     "SELECT window_start, page, COUNT(*) AS views\n"
     "FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '1' MINUTE))\n"
     "GROUP BY window_start, window_end, page"},
    {"INSERT INTO", "A query whose rows go to a table. It runs in the background as a job.",
     "INSERT INTO | OVERWRITE table [PARTITION (column = value, ..)] [(column, ..)]\n"
     "query | VALUES (expression, ..), ..",
     "INSERT INTO alerts SELECT host, cnt FROM per_minute WHERE cnt > 100"},
    {"STATEMENT SET", "Several INSERTs as one job: what they share is computed once.",
     "EXECUTE STATEMENT SET BEGIN insert; .. END",
     "EXECUTE STATEMENT SET BEGIN\n"
     "  INSERT INTO a SELECT * FROM t WHERE x > 0;\n"
     "  INSERT INTO b SELECT * FROM t WHERE x <= 0;\n"
     "END"},
    {"CREATE TABLE", "Declares where rows come from, or go to, and how they are read.",
     "CREATE [TEMPORARY] TABLE [IF NOT EXISTS] name (\n"
     "  column type [NOT NULL] [PRIMARY KEY NOT ENFORCED] [COMMENT 'text'],\n"
     "  column AS expression,\n"
     "  column type METADATA [FROM 'key'] [VIRTUAL],\n"
     "  WATERMARK FOR column AS expression,\n"
     "  PRIMARY KEY (column, ..) NOT ENFORCED\n"
     ") [COMMENT 'text'] [PARTITIONED BY (column, ..)] WITH ('option' = 'value', ..)\n"
     "[LIKE table [(INCLUDING | EXCLUDING | OVERWRITING feature ..)]] [AS query]",
     "CREATE TABLE clicks (\n"
     "  page STRING,\n"
     "  ts TIMESTAMP(3),\n"
     "  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND\n"
     ") WITH ('connector' = 'filesystem', 'path' = 'clicks.json', 'format' = 'json')"},
    {"CREATE VIEW", "Names a query. A view that several queries use is computed once in each job.",
     "CREATE [TEMPORARY] VIEW [IF NOT EXISTS] name [(column, ..)] [COMMENT 'text'] AS query",
     "CREATE VIEW errors AS SELECT * FROM log WHERE level = 'ERROR'"},
    {"CREATE FUNCTION",
     "Another name for a built-in function, as Java class names of Flink "
     "programs are mapped to.",
     "CREATE [TEMPORARY [SYSTEM]] FUNCTION [IF NOT EXISTS] name AS 'class' [LANGUAGE JAVA]", NULL},
    {"CREATE DATABASE, CREATE CATALOG", "Names that tables live under; in memory.",
     "CREATE DATABASE [IF NOT EXISTS] [catalog.]name\n"
     "CREATE CATALOG name [WITH ('type' = 'generic_in_memory')]",
     "CREATE DATABASE shop"},
    {"USE", "Chooses the current catalog or database.", "USE CATALOG name\nUSE [catalog.]database",
     "USE CATALOG default_catalog"},
    {"ALTER", "Changes a table, view or database.",
     "ALTER TABLE name RENAME TO name | RENAME column TO column\n"
     "  | ADD column .. | MODIFY column .. | DROP column | SET ('option' = 'value', ..)\n"
     "  | RESET ('option', ..)\n"
     "ALTER VIEW name RENAME TO name | AS query",
     "ALTER TABLE clicks RENAME TO visits"},
    {"DROP", "Forgets an object. Data outside is left alone.",
     "DROP [TEMPORARY] TABLE | VIEW | FUNCTION | DATABASE | CATALOG [IF EXISTS] name\n"
     "[RESTRICT | CASCADE]",
     "DROP TABLE IF EXISTS clicks"},
    {"SHOW", "Lists objects, or prints the statement that made one.",
     "SHOW CATALOGS | DATABASES | TABLES | VIEWS | FUNCTIONS | MODULES | JOBS\n"
     "  [FROM name] [[NOT] LIKE 'pattern']\n"
     "SHOW CURRENT CATALOG | CURRENT DATABASE\n"
     "SHOW COLUMNS FROM table [[NOT] LIKE 'pattern']\n"
     "SHOW CREATE TABLE | VIEW name",
     "SHOW TABLES LIKE 'c%'"},
    {"DESCRIBE", "The columns of a table or view.", "DESCRIBE | DESC name", "DESCRIBE clicks"},
    {"EXPLAIN",
     "The plan of a query. CHANGELOG_MODE adds the kinds of rows and the keys, PLAN_ADVICE what "
     "is\n"
     "remembered and what bounds it, JSON_EXECUTION_PLAN the graph as JSON. ANALYZE runs the "
     "query\n"
     "(INSERTs write) and adds the rows and the time of each operator.",
     "EXPLAIN [PLAN FOR | ANALYZE | CHANGELOG_MODE, PLAN_ADVICE, JSON_EXECUTION_PLAN ..]\n"
     "  select | insert | statement set",
     "EXPLAIN SELECT 1"},
    {"SET, RESET", "Settings of the session: `weir doc settings`.",
     "SET\nSET 'name' = 'value'\nRESET\nRESET 'name'", "SET 'table.local-time-zone' = 'UTC'"},
    {"STOP JOB", "Stops a job in good order; SHOW JOBS lists them.", "STOP JOB 'id'", NULL},
    {NULL, NULL, NULL, NULL},
};
