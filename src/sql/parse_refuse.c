/* parse_refuse.c -- what other dialects of SQL have and the grammar has not, refused by name.
 *
 * A syntax error asks this table first: when one of its phrases stands where the parser stopped, or
 * shortly before, the error says so, instead of what else could have stood there.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/build.h"
#include "sql_grammar.h"

typedef struct Refusal {
    const char *phrase; /* words and symbols; "|" before what is pointed at */
    const char *name;
    const char *hint;
    int32_t reach; /* tokens from the phrase to where the parser may have stopped */
} Refusal;

static const Refusal refusals[] = {
    {"PIVOT (", "PIVOT", "one aggregate a column: SUM(x) FILTER (WHERE k = 'a') AS a", 6},
    {"UNPIVOT (", "UNPIVOT", "join CROSS JOIN UNNEST(ARRAY[ROW('a', a), ROW('b', b)]) AS t(k, x)",
     6},
    {"->", "the arrow -> (of a lambda, or into JSON)",
     "UNNEST the array, compute, ARRAY_AGG again; into JSON goes JSON_VALUE(j, '$.a')", 1},
    {":", "the operator :", "use ARRAY_SLICE(a, from, to), or JSON_VALUE(j, '$.a')", 0},
    {"<=>", "the operator <=>", "write IS NOT DISTINCT FROM", 1},
    {", | DEFAULT", "DEFAULT as a value", "write NULL, or leave the column out of the list", 1},
    {"( | DEFAULT", "DEFAULT as a value", "write NULL, or leave the column out of the list", 1},
    {"DEFAULT", "DEFAULT of a column", "a reading query may use COALESCE(column, value)", 0},
    {"GENERATED ALWAYS", "GENERATED ALWAYS", "a computed column is written: name AS expression", 1},
    {"FOREIGN KEY", "FOREIGN KEY", "weir does not check other tables; leave it out", 3},
    {"REFERENCES", "REFERENCES", "weir does not check other tables; leave it out", 0},
    {"CHECK (", "CHECK", "filter with WHERE; 'table.exec.sink.not-null-enforcer' checks NULLs", 0},
    {"COLLATE", "COLLATE", "texts are compared by their bytes; compare UPPER(x) to ignore case", 1},
    {"SEMI JOIN", "SEMI JOIN", "write WHERE x IN (SELECT ..) or WHERE EXISTS (SELECT ..)", 0},
    {"ANTI JOIN", "ANTI JOIN", "write WHERE NOT EXISTS (SELECT ..)", 0},
    {"CROSS | APPLY", "APPLY", "write CROSS JOIN LATERAL TABLE(function(x)) or LATERAL (SELECT ..)",
     1},
    {"OUTER | APPLY", "APPLY", "write LEFT JOIN LATERAL TABLE(function(x)) ON TRUE", 1},
    {"ASOF JOIN", "ASOF JOIN", "write JOIN t FOR SYSTEM_TIME AS OF a.time ON ..", 8},
    {"WITH TIES", "FETCH .. WITH TIES",
     "rank with RANK() OVER (ORDER BY ..) and filter on the rank", 1},
    {"WITHIN DISTINCT", "WITHIN DISTINCT", "make the rows distinct in a subquery first", 1},
    {"* | EXCEPT (", "* EXCEPT (..)", "list the columns that you want", 3},
    {"* | EXCLUDE (", "* EXCLUDE (..)", "list the columns that you want", 3},
    {"* | REPLACE (", "* REPLACE (..)", "list the columns that you want", 3},
    {"LIKE | ANY (", "LIKE ANY", "join several LIKEs by OR", 2},
    {"LIKE | SOME (", "LIKE SOME", "join several LIKEs by OR", 2},
    {"LIKE | ALL (", "LIKE ALL", "join several LIKEs by AND", 2},
    {"{", "a JDBC escape ({fn ..}, {d ..})", "write the function or the literal without braces", 0},
    {"FORMAT", "CAST .. FORMAT", "use TO_DATE, TO_TIMESTAMP or DATE_FORMAT with a pattern", 0},
    {"CREATE | INDEX", "CREATE INDEX", "queries keep their own indexes; leave it out", 1},
    {"CREATE | SCHEMA", "CREATE SCHEMA", "write CREATE DATABASE", 1},
    {"CREATE | CONNECTION", "CREATE CONNECTION", "give the options in CREATE TABLE .. WITH", 1},
};

/* Words that begin a statement elsewhere. */
static const Refusal refused_statements[] = {
    {"MERGE", "MERGE", "INSERT INTO a table with PRIMARY KEY .. NOT ENFORCED updates by key", 0},
    {"REPLACE", "REPLACE", "INSERT INTO a table with PRIMARY KEY .. NOT ENFORCED updates by key",
     0},
    {"COPY", "COPY", "a table with 'connector' = 'filesystem' reads and writes files", 0},
    {"GRANT", "GRANT", "whoever may run weir may use its tables", 0},
    {"REVOKE", "REVOKE", "whoever may run weir may use its tables", 0},
    {"COMMIT", "COMMIT", "there are no transactions over several statements", 0},
    {"ROLLBACK", "ROLLBACK", "there are no transactions over several statements", 0},
    {"START", "START TRANSACTION", "there are no transactions over several statements", 0},
    {"REFRESH", "REFRESH", "streaming results are always fresh", 0},
    {"QUIT", "QUIT", "the end of the text ends the program", 0},
    {"EXIT", "EXIT", "the end of the text ends the program", 0},
    {"CLEAR", "CLEAR", "it belongs to an interactive client", 0},
    {"HELP", "HELP", "the shell's `weir doc grammar` lists the statements", 0},
    {"PREPARE", "PREPARE", "weir plans in milliseconds: run the statement itself", 0},
    {"DECLARE", "DECLARE", "there are variables ${NAME}, given with -D NAME=value", 0},
};

static Span refuse_word(const char **at) {
    const char *from = *at;
    size_t len = strcspn(from, " ");
    *at = from + len + (from[len] == ' ');
    return (Span){from, len};
}

/* Whether the token is the word; symbols may go on over several tokens, as "->" does. */
static bool refuse_is(const SqlParse *p, const SqlTok *tok, Span word) {
    bool is_word = word.ptr[0] >= 'A' && word.ptr[0] <= 'Z';
    Span rest = {p->sql.ptr + tok->pos, p->sql.len - (size_t)tok->pos};
    bool is_string = rest.len && (rest.ptr[0] == '\'' || rest.ptr[0] == '`');
    if (is_word) return !is_string && tok->kind != 0 && span_is_nocase(tok->text, word.ptr);
    return rest.len >= word.len && memcmp(rest.ptr, word.ptr, word.len) == 0;
}

/* The index of the token to point at when the phrase begins at token i, else -1. */
static int32_t refuse_match(const SqlParse *p, const char *phrase, int32_t i) {
    int32_t shown = i;
    while (*phrase) {
        Span word = refuse_word(&phrase);
        char text[16];
        if (span_is(word, "|")) {
            shown = i;
            continue;
        }
        memcpy(text, word.ptr, word.len);
        text[word.len] = '\0';
        if (i > p->n_toks || !refuse_is(p, &p->toks[i], span_of(text))) return -1;
        i++;
    }
    return shown;
}

static bool refuse_say(SqlParse *p, int32_t at, const Refusal *refusal) {
    p->status = err_set(p->err, ST_UNSUPPORTED, "0A000", p->toks[at].pos, __FILE__, __LINE__,
                        "%s is not supported", refusal->name);
    (void)err_hint(p->err, "%s", refusal->hint);
    return true;
}

bool sql_refuse(SqlParse *p) {
    const SqlTok *found = &p->toks[p->at];
    bool is_torn = p->at > 0 && found[-1].kind == TK_STRING && found[-1].end == found->pos;
    if (is_torn) return false; /* a quote is missing: what follows is not SQL */
    for (size_t r = 0; p->at == 0 && r < sizeof refused_statements / sizeof *refused_statements;
         r++)
        if (refuse_match(p, refused_statements[r].phrase, 0) == 0)
            return refuse_say(p, 0, &refused_statements[r]);
    for (size_t r = 0; r < sizeof refusals / sizeof *refusals; r++) {
        for (int32_t i = p->at; i >= 0 && i >= p->at - refusals[r].reach; i--) {
            int32_t shown = refuse_match(p, refusals[r].phrase, i);
            if (shown >= 0) return refuse_say(p, shown, &refusals[r]);
        }
    }
    return false;
}
