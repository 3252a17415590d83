/* token_fix.c -- gives words that mean something only beside others their kind.
 *
 * The grammar looks one token ahead and takes any keyword for a name where it expects none. Some
 * words need a longer look: NOT before IN is an infix operator, MAP before [ makes a map and is a
 * name elsewhere, WITH before ORDINALITY belongs to UNNEST. This pass over the tokens decides such
 * cases, so that the grammar stays LALR(1) and the words stay usable as names.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/token.h"
#include "sql_grammar.h"

enum {
    PAREN_POSITION = 1,
    PAREN_JSON = 2,
    PAREN_MATCH = 4,
    PAREN_CASE = 8,
    PAREN_PLAIN = 16,
    PAREN_MINUS = 32
};

typedef struct Fixer {
    Arena *arena;
    Span sql;
    SqlTok *toks;  /* in: as lexed, from `at` on; out: before `n` */
    int32_t at, n; /* n <= at: tokens may vanish */
    uint8_t *parens;
    int32_t depth;
} Fixer;

static int next_kind(const Fixer *f, int32_t ahead) {
    for (int32_t i = 1; i <= ahead; i++) { /* never beyond the end */
        if (f->toks[f->at + i - 1].kind == 0) return 0;
    }
    return f->toks[f->at + ahead].kind;
}

static const SqlTok *prev_tok(const Fixer *f, int32_t back) {
    static const SqlTok none;
    return f->n >= back ? &f->toks[f->n - back] : &none;
}

static bool tok_is(const SqlTok *tok, const char *word) {
    return tok->kind == TK_ID && !tok->is_quoted && span_is_nocase(tok->text, word);
}

/* A bare word: a name or any keyword. */
static bool tok_is_word(const SqlTok *tok) {
    unsigned char c = tok->text.len ? (unsigned char)tok->text.ptr[0] : 0;
    if (tok->kind == TK_STRING || tok->kind == TK_USTRING || tok->kind == TK_BINARY) return false;
    return tok->kind == TK_ID || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool begins_query(const Fixer *f, int32_t ahead) {
    int kind = next_kind(f, ahead); /* not 0: all up to there are tokens */
    for (const SqlTok *tok = &f->toks[f->at + ahead]; kind == TK_LP;) kind = (++tok)->kind;
    return kind == TK_SELECT || kind == TK_VALUES || kind == TK_WITH || kind == TK_TABLE;
}

static int fix_not(const Fixer *f) {
    switch (next_kind(f, 1)) {
    case TK_IN:
    case TK_LIKE:
    case TK_ILIKE:
    case TK_RLIKE:
    case TK_BETWEEN: return TK_NOT_INFIX;
    case TK_SIMILAR: return next_kind(f, 2) == TK_TO ? TK_NOT_INFIX : TK_NOT;
    case TK_MEMBER:
    case TK_SUBMULTISET: return next_kind(f, 2) == TK_OF ? TK_NOT_INFIX : TK_NOT;
    default: return TK_NOT;
    }
}

static int fix_with(const Fixer *f) {
    int next = next_kind(f, 1), then = next_kind(f, 2), prev = prev_tok(f, 1)->kind;
    bool is_cte = then == TK_LP || (then == TK_AS && next_kind(f, 3) == TK_LP);
    if (next == TK_ORDINALITY && !is_cte) return TK_WITH_ORDINALITY;
    if (next == TK_DRAIN && (prev == TK_STRING || prev == TK_SAVEPOINT)) return TK_WITH_DRAIN;
    if (next == TK_LOCAL && next_kind(f, 2) == TK_TIME) return TK_WITH_ZONE;
    if (next == TK_TIME && next_kind(f, 2) == TK_ZONE) return TK_WITH_ZONE;
    return TK_WITH;
}

static int fix_on(const Fixer *f) {
    int next = next_kind(f, 1), then = next_kind(f, 2);
    if (next == TK_CONFLICT && then == TK_DO) return TK_ON_CONFLICT;
    if (next == TK_LATE &&
        (then == TK_DROP || then == TK_INTO || then == TK_REVISE || then == TK_FAIL)) {
        return TK_ON_LATE;
    }
    return TK_ON;
}

static int fix_emit(const Fixer *f) {
    int next = next_kind(f, 1), then = next_kind(f, 2);
    bool is_clause = (next == TK_EARLY && then == TK_EVERY) ||
                     (next == TK_ON && (then == TK_CLOSE || then == TK_UPDATE));
    return is_clause ? TK_EMIT : TK_ID;
}

/* ARRAY[..], ARRAY<..>, ARRAY(query) keep their kind; ARRAY(a, b) is a call. */
static int fix_collection(const Fixer *f, int kind) {
    int next = next_kind(f, 1), then = next_kind(f, 2);
    if (next == TK_LB) return kind;
    if (next == TK_LP) return begins_query(f, 2) ? kind : TK_ID;
    if (kind == TK_MULTISET && (next == TK_UNION || next == TK_INTERSECT || next == TK_EXCEPT)) {
        return TK_MULTISET_OP;
    }
    if (next == TK_LT) {
        bool is_type = then != TK_INTEGER && then != TK_DECIMAL && then != TK_DOUBLE &&
                       then != TK_STRING && then != TK_LP;
        return is_type ? kind : TK_ID;
    }
    return kind == TK_MAP ? TK_ID : kind;
}

/* OVERLAPS and its kin stand between two periods, and are functions elsewhere. */
static int fix_period_op(const Fixer *f, int kind) {
    int prev = prev_tok(f, 1)->kind, next = next_kind(f, 1);
    bool after = prev == TK_RP || prev == TK_RB || prev == TK_ID;
    if (prev == TK_IMMEDIATELY) return kind;
    if (kind == TK_IMMEDIATELY) {
        return after && (next == TK_PRECEDES || next == TK_SUCCEEDS) ? kind : TK_ID;
    }
    return after && (next == TK_LP || next == TK_ID || next == TK_ROW) ? kind : TK_ID;
}

/* (a - b) DAY TO SECOND: a difference in brackets that are no call's, and a unit behind them. */
static bool fix_is_difference(const Fixer *f) {
    static const char *const units[] = {"YEAR", "QUARTER", "MONTH",  "WEEK",
                                        "DAY",  "HOUR",    "MINUTE", "SECOND"};
    const SqlTok *next = &f->toks[f->at + 1];
    uint8_t what = f->depth ? f->parens[f->depth - 1] : 0;
    if ((what & (PAREN_PLAIN | PAREN_MINUS)) != (PAREN_PLAIN | PAREN_MINUS)) return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (tok_is(next, units[i])) return true;
    return false;
}

/* DATE '..', TIMESTAMP '..': literals only before a string. */
static int fix_literal_word(const Fixer *f, const SqlTok *tok) {
    bool is_zoned = next_kind(f, 1) == TK_WITH && next_kind(f, 2) == TK_LOCAL &&
                    next_kind(f, 3) == TK_TIME && next_kind(f, 4) == TK_ZONE &&
                    next_kind(f, 5) == TK_STRING;
    if (tok->is_quoted) return tok->kind;
    if (is_zoned && tok_is(tok, "TIMESTAMP")) return TK_TIMESTAMP_LTZ_LIT;
    if (next_kind(f, 1) != TK_STRING) return tok->kind;
    if (tok->kind == TK_TIME) return TK_TIME_LIT;
    if (tok_is(tok, "DATE")) return TK_DATE_LIT;
    if (tok_is(tok, "TIMESTAMP")) return TK_TIMESTAMP_LIT;
    if (tok_is(tok, "TIMESTAMP_LTZ")) return TK_TIMESTAMP_LTZ_LIT;
    return tok->kind;
}

static int fix_json_key(const Fixer *f) {
    int prev = prev_tok(f, 1)->kind, next = next_kind(f, 1);
    if (!f->depth || !(f->parens[f->depth - 1] & PAREN_JSON)) return TK_KEY;
    if (prev != TK_LP && prev != TK_COMMA) return TK_KEY;
    if (next == TK_VALUE || next == TK_COLON || next == TK_COMMA || next == TK_RP ||
        next == TK_DOT) {
        return TK_KEY;
    }
    return TK_JSON_KEY;
}

static int fix_unique(const Fixer *f) {
    switch (next_kind(f, 1)) {
    case 0:
    case TK_SEMI:
    case TK_LP:
    case TK_RP:
    case TK_NOT:
    case TK_COMMA:
    case TK_COMMENT:
    case TK_ENFORCED: return TK_UNIQUE;
    default: return TK_ID;
    }
}

static int fix_trim_side(const Fixer *f, int kind) {
    return prev_tok(f, 1)->kind == TK_LP && tok_is(prev_tok(f, 2), "TRIM") ? kind : TK_ID;
}

/* MODEL m as an argument, CREATE MODEL and its kin; a name elsewhere. */
static int fix_model(const Fixer *f) {
    int prev = prev_tok(f, 1)->kind, next = next_kind(f, 1), then = next_kind(f, 2);
    switch (prev) {
    case TK_LP:
    case TK_COMMA:
    case TK_ARROW: {
        bool ends = then == TK_COMMA || then == TK_RP || then == TK_DOT;
        return sql_grammar_is_name(next) && ends ? TK_MODEL : TK_ID;
    }
    case TK_CREATE:
    case TK_TEMPORARY:
    case TK_DROP:
    case TK_ALTER:
    case TK_DESCRIBE:
    case TK_DESC: return next == 0 || next == TK_SEMI ? TK_ID : TK_MODEL;
    default: return TK_ID;
    }
}

static int fix_semantics(const Fixer *f, int kind) {
    bool in_match = f->depth && (f->parens[f->depth - 1] & PAREN_MATCH);
    int next = next_kind(f, 1);
    int then = next_kind(f, 2);
    bool is_call = sql_grammar_is_name(next) && next != TK_PATTERN && next != TK_MEASURES &&
                   (then == TK_LP || then == TK_DOT);
    return in_match && (next == TK_ID || is_call) ? kind : TK_ID;
}

static bool fix_empty(int next, int prev) {
    bool before = next == TK_ON || next == TK_ARRAY || next == TK_OBJECT;
    bool behind =
        prev == TK_ON || prev == TK_IS || prev == TK_NOT || prev == TK_SHOW || prev == TK_OMIT;
    return before || behind;
}

/* A word keeps its kind only before (or behind) one of the others. */
static int fix_pair(const Fixer *f, int kind) {
    int next = next_kind(f, 1), prev = prev_tok(f, 1)->kind;
    bool keeps = true;
    switch (kind) {
    case TK_IGNORE:
    case TK_RESPECT: keeps = next == TK_NULLS; break;
    case TK_NULLS:
        keeps = next == TK_FIRST || next == TK_LAST || prev == TK_IGNORE || prev == TK_RESPECT;
        break;
    case TK_A: keeps = next == TK_SET; break;
    case TK_JOB: keeps = next == TK_STRING; break;
    case TK_ABSENT: keeps = next == TK_ON; break;
    case TK_ERROR: keeps = next == TK_ON || prev == TK_ON || prev == TK_DO; break;
    case TK_EMPTY: keeps = fix_empty(next, prev); break;
    case TK_RETURNING: keeps = prev != TK_LP && prev != TK_COMMA; break;
    case TK_IF: keeps = next == TK_NOT || next == TK_EXISTS; break;
    case TK_CATALOG:
    case TK_DATABASE:
    case TK_FUNCTION:
    case TK_MODULES:
    case TK_EXTENDED: { /* USE catalog; DESCRIBE function */
        bool is_first = prev == TK_USE || prev == TK_DESCRIBE || prev == TK_DESC;
        keeps = !is_first || (next != 0 && next != TK_SEMI);
        break;
    }
    case TK_GROUPING: keeps = next == TK_SETS; break;
    case TK_CUBE:
    case TK_ROLLUP: keeps = next == TK_LP; break;
    case TK_STRUCTURED: keeps = next == TK_LT; break;
    case TK_DESCRIPTOR: keeps = next == TK_LP; break;
    case TK_WATERMARK: keeps = next == TK_FOR || prev == TK_DROP; break;
    case TK_PRIMARY: keeps = next == TK_KEY; break;
    case TK_AT: keeps = next == TK_TIME && next_kind(f, 2) == TK_ZONE; break;
    case TK_SIMILAR: keeps = next == TK_TO; break;
    case TK_MEMBER: keeps = next == TK_OF; break;
    case TK_PARTITION: keeps = next == TK_BY || next == TK_LP; break;
    case TK_FILTER: keeps = next == TK_LP && (prev == TK_RP || prev == TK_NULLS); break;
    case TK_OVER: keeps = prev == TK_RP || prev == TK_NULLS; break;
    case TK_LEFT:
    case TK_RIGHT: keeps = next != TK_LP; break;
    case TK_INSERT:
    case TK_NO_PARENS: keeps = next != TK_LP; break;
    default: break;
    }
    return keeps ? kind : TK_ID;
}

static int fix_kind(Fixer *f, const SqlTok *tok) {
    switch (tok->kind) {
    case TK_NOT: return fix_not(f);
    case TK_WITH: return fix_with(f);
    case TK_WITHOUT: return next_kind(f, 1) == TK_TIME ? TK_WITHOUT_ZONE : TK_WITHOUT;
    case TK_ON: return fix_on(f);
    case TK_EMIT: return fix_emit(f);
    case TK_ARRAY:
    case TK_MAP:
    case TK_MULTISET: return fix_collection(f, tok->kind);
    case TK_OVERLAPS:
    case TK_CONTAINS:
    case TK_EQUALS:
    case TK_PRECEDES:
    case TK_SUCCEEDS:
    case TK_IMMEDIATELY: return fix_period_op(f, tok->kind);
    case TK_ID:
    case TK_TIME: return fix_literal_word(f, tok);
    case TK_KEY: return fix_json_key(f);
    case TK_UNIQUE: return fix_unique(f);
    case TK_BOTH:
    case TK_LEADING:
    case TK_TRAILING: return fix_trim_side(f, tok->kind);
    case TK_MODEL: return fix_model(f);
    case TK_FINAL:
    case TK_RUNNING: return fix_semantics(f, tok->kind);
    case TK_ROW: return next_kind(f, 1) == TK_ONLY ? TK_ROWS : TK_ROW;
    case TK_DEFAULT: {
        int next = next_kind(f, 1);
        return next == TK_COMMA || next == TK_RP ? TK_DEFAULT : TK_JSON_DEFAULT;
    }
    case TK_IN:
        return f->depth && (f->parens[f->depth - 1] & PAREN_POSITION) ? TK_POSITION_IN : TK_IN;
    default: return fix_pair(f, tok->kind);
    }
}

static bool is_pair(int kind) {
    return kind == TK_LP || kind == TK_RP || kind == TK_RP_UNIT || kind == TK_LB || kind == TK_RB ||
           kind == TK_CASE || kind == TK_END;
}

/* Remembers what a parenthesis belongs to. Brackets and CASE .. END are pairs too: an IN inside
 * them is not the IN of a POSITION around them. */
static void fix_parens(Fixer *f, int kind) {
    const SqlTok *prev = prev_tok(f, 1);
    bool in_case = f->depth && f->parens[f->depth - 1] & PAREN_CASE;
    uint8_t what = 0;
    if (kind == TK_RP || kind == TK_RP_UNIT || kind == TK_RB || kind == TK_END) {
        if (f->depth && in_case == (kind == TK_END)) f->depth--;
        return;
    }
    if (f->depth) what = f->parens[f->depth - 1] & PAREN_MATCH;
    if (kind == TK_CASE) {
        f->parens[f->depth++] = what | PAREN_CASE;
        return;
    }
    if (kind == TK_LB) {
        f->parens[f->depth++] = what;
        return;
    }
    if (prev->kind != TK_ID && prev->kind != TK_INTERVAL && next_kind(f, 1) != TK_SELECT) {
        what |= PAREN_PLAIN;
    }
    if (tok_is(prev, "POSITION")) what |= PAREN_POSITION;
    if (tok_is(prev, "JSON_OBJECT") || tok_is(prev, "JSON_OBJECTAGG")) what |= PAREN_JSON;
    if (prev->kind == TK_MATCH_RECOGNIZE) what |= PAREN_MATCH;
    f->parens[f->depth++] = what;
}

/* Remembers a minus between two operands. */
static void fix_minus(Fixer *f) {
    int prev = prev_tok(f, 1)->kind;
    bool is_infix = prev == TK_RP || prev == TK_RB || prev == TK_STRING || prev == TK_NO_PARENS ||
                    sql_grammar_is_name(prev);
    if (f->depth && is_infix) f->parens[f->depth - 1] |= PAREN_MINUS;
}

static bool has_newline(const Fixer *f, const SqlTok *from, const SqlTok *to) {
    return memchr(f->sql.ptr + from->end, '\n', (size_t)(to->pos - from->end)) != NULL;
}

bool sql_decode_unicode(Arena *arena, Span body, char escape, Span *out) {
    char *text = arena_alloc(arena, body.len), *at = text;
    for (size_t i = 0; i < body.len;) {
        uint32_t code = 0;
        size_t n_digits = 4;
        if (body.ptr[i] != escape) {
            *at++ = body.ptr[i++];
            continue;
        }
        if (++i < body.len && body.ptr[i] == escape) {
            *at++ = body.ptr[i++];
            continue;
        }
        if (i < body.len && body.ptr[i] == '+') {
            n_digits = 6;
            i++;
        }
        for (size_t k = 0; k < n_digits; k++, i++) {
            char c = i < body.len ? body.ptr[i] : 0;
            if (c >= '0' && c <= '9') {
                code = code * 16 + (uint32_t)(c - '0');
            } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
                code = code * 16 + (uint32_t)((c | 0x20) - 'a' + 10);
            } else {
                return false;
            }
        }
        if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
        at += utf8_encode(at, code);
    }
    *out = (Span){text, (size_t)(at - text)};
    return true;
}

/* U&'..' [UESCAPE 'c'] becomes a string. */
static void fix_unicode(Fixer *f, SqlTok *tok) {
    const SqlTok *next = &f->toks[f->at + 1];
    char escape = '\\';
    if (tok_is(next, "UESCAPE") && next[1].kind == TK_STRING) {
        escape = next[1].text.len == 1 ? next[1].text.ptr[0] : '\0';
        tok->end = next[1].end;
        f->at += 2;
    }
    tok->kind = TK_STRING;
    if (!escape || !sql_decode_unicode(f->arena, tok->text, escape, &tok->text)) {
        tok->kind = TK_ILLEGAL;
    }
}

/* 'a' <newline> 'b' is one string, unless the second one is the key of an option. */
static bool fix_continued(Fixer *f, const SqlTok *tok) {
    SqlTok *prev = f->n ? &f->toks[f->n - 1] : NULL;
    int next = next_kind(f, 1);
    char *text;
    if (!prev || prev->kind != TK_STRING || tok->kind != TK_STRING) return false;
    if (!has_newline(f, prev, tok)) return false;
    if ((next == TK_EQ || next == TK_COLON) && prev_tok(f, 2)->kind == next) return false;
    text = arena_alloc(f->arena, prev->text.len + tok->text.len);
    memcpy(text, prev->text.ptr, prev->text.len);
    memcpy(text + prev->text.len, tok->text.ptr, tok->text.len);
    prev->text = (Span){text, prev->text.len + tok->text.len};
    prev->end = tok->end;
    return true;
}

/* Part of a dotted name, or the name of an argument. */
static bool fix_is_part(const Fixer *f, int kind) {
    int next = next_kind(f, 1);
    if (prev_tok(f, 1)->kind == TK_DOT || next == TK_ARROW) return true;
    return next == TK_DOT && sql_grammar_is_name(kind);
}

void sql_tokens_fix(Arena *arena, Span text, SqlTokens *tokens) {
    Fixer f = {.arena = arena, .sql = text, .toks = tokens->items};
    int32_t n_parens = 0;
    for (int32_t i = 0; i < tokens->n; i++) {
        int kind = tokens->items[i].kind;
        n_parens += is_pair(kind);
    }
    f.parens = arena_alloc(arena, (size_t)n_parens + 1);
    for (f.at = 0; f.at < tokens->n; f.at++) {
        SqlTok tok = f.toks[f.at];
        bool is_word = tok_is_word(&tok) && !tok.is_quoted;
        if (tok.kind == TK_RP && fix_is_difference(&f)) tok.kind = TK_RP_UNIT;
        if (tok.kind == TK_MINUS) fix_minus(&f);
        if (is_pair(tok.kind)) fix_parens(&f, tok.kind);
        if (tok.kind == TK_SEMI) f.depth = 0;
        if (tok.kind == TK_USTRING) {
            fix_unicode(&f, &tok);
        } else if (is_word && fix_is_part(&f, tok.kind)) {
            tok.kind = TK_ID;
        } else if (is_word) {
            tok.kind = fix_kind(&f, &tok);
        }
        if (!fix_continued(&f, &tok)) f.toks[f.n++] = tok;
    }
    f.toks[f.n] = f.toks[tokens->n];
    tokens->n = f.n;
}
