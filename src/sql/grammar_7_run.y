/* grammar_7_run.y -- the SQL grammar, part 7: C code behind the tables: feeding tokens, and asking
 * the tables what could have come next. SPDX-License-Identifier: Apache-2.0
 */
%code {
bool sql_grammar_is_name(int kind) {
    return kind == TK_ID || (kind > 0 && kind < YYNTOKEN && yyFallback[kind] == TK_ID);
}

void sql_grammar_free(SqlParse *p) {
    mem_free(NULL, p->parser, sizeof(yyParser));
    p->parser = NULL;
}

static yyParser *sql_grammar_start(SqlParse *p, int start) {
    static const SqlTok none;
    yyParser *parser;
    if (!p->parser) p->parser = mem_alloc(NULL, sizeof(yyParser));
    parser = p->parser;
    p->status = ST_OK;
    p->at = 0;
    p->prev_end = p->toks[0].pos;
    sql_grammarInit(parser);
    sql_grammar(parser, start, &none, p);
    return parser;
}

static void sql_grammar_feed(yyParser *parser, SqlParse *p, int32_t n) {
    while (p->at < n) {
        const SqlTok *tok = &p->toks[p->at];
        sql_grammar(parser, tok->kind, tok, p);
        if (p->status != ST_OK) return;
        p->prev_end = tok->end;
        p->at++;
    }
}

void sql_grammar_run(SqlParse *p, int start) {
    yyParser *parser = sql_grammar_start(p, start);
    sql_grammar_feed(parser, p, p->n_toks);
    if (p->status == ST_OK) sql_grammar(parser, 0, &p->toks[p->n_toks], p);
    sql_grammarFinalize(parser);
}

bool sql_grammar_would_take(SqlParse *p, int start, int32_t n) {
    yyParser *parser = sql_grammar_start(p, start);
    sql_grammar_feed(parser, p, n);
    sql_grammarFinalize(parser);
    return p->status == ST_OK;
}

/* Whether the parser, in its present state, would take a token: its reductions are played through
 * on a copy of the stack of states. The fallback is left out, so that a word counts as expected
 * only where it means something. */
static bool sql_grammar_accepts(YYACTIONTYPE *states, int n, int token) {
    while (n > 0 && n + 1 < YYSTACKDEPTH) {
        int state = states[n - 1], i = yy_shift_ofst[state] + token;
        YYACTIONTYPE action = yy_lookahead[i] == token ? yy_action[i] : yy_default[state];
        if (action < YY_ERROR_ACTION || action == YY_ACCEPT_ACTION) return true;
        if (action < YY_MIN_REDUCE) return false;
        action = (YYACTIONTYPE)(action - YY_MIN_REDUCE);
        n += yyRuleInfoNRhs[action]; /* negative */
        states[n] = yy_find_reduce_action(states[n - 1], (YYCODETYPE)yyRuleInfoLhs[action]);
        n++;
        /* The start rule is reduced and accepted in one action. */
        if (states[n - 1] == YY_ACCEPT_ACTION) return true;
    }
    return false;
}

int sql_grammar_expected(SqlParse *p, int start, int32_t at, bool *expected, int n_expected) {
    yyParser *parser = sql_grammar_start(p, start);
    YYACTIONTYPE *states = mem_alloc(NULL, sizeof *states * YYSTACKDEPTH);
    int n, n_found = 0;
    sql_grammar_feed(parser, p, at);
    n = (int)(parser->yytos - parser->yystack) + 1;
    for (int token = 0; token < n_expected && token < YYNTOKEN; token++) {
        for (int i = 0; i < n; i++) states[i] = parser->yystack[i].stateno;
        expected[token] = sql_grammar_accepts(states, n, token);
        n_found += expected[token];
    }
    mem_free(NULL, states, sizeof *states * YYSTACKDEPTH);
    sql_grammarFinalize(parser);
    return n_found;
}
}
