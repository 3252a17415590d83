/* expr_print.c -- expressions as SQL text, for EXPLAIN and messages, with as few parentheses as the
 * precedence of operators allows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/expr.h"
#include "expr/signature.h"

enum {
    PREC_ANY,
    PREC_OR,
    PREC_AND,
    PREC_NOT,
    PREC_COMPARE,
    PREC_SUM,
    PREC_PRODUCT,
    PREC_SIGN,
    PREC_POSTFIX
};

typedef struct Printer {
    const Schema *schema;
    Buf *out;
} Printer;

static void print_expr(const Printer *p, const Expr *expr, int prec);

/* ---- names and constants ---- */

static void print_name(Buf *out, Span name) {
    bool is_plain = name.len > 0 && !(name.ptr[0] >= '0' && name.ptr[0] <= '9');
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        is_plain &= is_letter || (c >= '0' && c <= '9') || c == '$';
    }
    if (is_plain) {
        buf_span(out, name);
        return;
    }
    buf_putc(out, '`');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '`') buf_putc(out, '`');
        buf_putc(out, name.ptr[i]);
    }
    buf_putc(out, '`');
}

static void print_quoted(Buf *out, Span text) {
    buf_putc(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'') buf_putc(out, '\'');
        buf_putc(out, text.ptr[i]);
    }
    buf_putc(out, '\'');
}

static void sql_bytes(Buf *out, Span bytes) {
    buf_puts(out, "X'");
    for (size_t i = 0; i < bytes.len; i++) buf_printf(out, "%02x", (unsigned char)bytes.ptr[i]);
    buf_putc(out, '\'');
}

/* The largest unit that divides the interval; seconds may have a fraction. */
static void print_interval(Buf *out, int64_t us) {
    static const struct {
        int64_t us;
        const char *name;
    } units[] = {{US_PER_DAY, "DAY"}, {US_PER_HOUR, "HOUR"}, {US_PER_MINUTE, "MINUTE"}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (us == 0 || us % units[i].us != 0) continue;
        buf_printf(out, "INTERVAL '%lld' %s", (long long)(us / units[i].us), units[i].name);
        return;
    }
    buf_printf(out, "INTERVAL '%s%lld", us < 0 ? "-" : "", llabs((long long)(us / US_PER_SECOND)));
    if (us % US_PER_SECOND) {
        char digits[8];
        int n = snprintf(digits, sizeof digits, "%06lld", llabs((long long)(us % US_PER_SECOND)));
        while (n > 0 && digits[n - 1] == '0') n--;
        buf_printf(out, ".%.*s", n, digits);
    }
    buf_puts(out, "' SECOND");
}

static void print_months(Buf *out, int32_t months) {
    if (months % 12 == 0)
        buf_printf(out, "INTERVAL '%d' YEAR", months / 12);
    else
        buf_printf(out, "INTERVAL '%d' MONTH", months);
}

static void print_float(Buf *out, const Column *col, uint32_t row) {
    const char *name = col->type->kind == TYPE_FLOAT ? "FLOAT" : "DOUBLE";
    size_t from = out->len;
    bool is_special, has_exponent;
    value_print(col, row, TEXT_CAST, NULL, out);
    is_special = memchr(out->ptr + from, 'N', out->len - from) ||
                 memchr(out->ptr + from, 'I', out->len - from);
    has_exponent = memchr(out->ptr + from, 'E', out->len - from) != NULL;
    if (is_special) {
        double v = col->type->kind == TYPE_FLOAT ? (double)col->f32[row] : col->f64[row];
        out->len = from;
        buf_printf(out, "CAST('%s' AS %s)",
                   v != v  ? "NaN"
                   : v > 0 ? "Infinity"
                           : "-Infinity",
                   name);
    } else if (!has_exponent) {
        buf_puts(out, "E0");
    }
}

static void sql_time(Buf *out, const char *keyword, const Column *col, uint32_t row) {
    static const Type utc = {.kind = TYPE_TIMESTAMP, .precision = 6};
    Column as_utc = *col;
    if (col->type->kind == TYPE_TIMESTAMP_LTZ) as_utc.type = &utc;
    buf_printf(out, "%s '", keyword);
    value_print(&as_utc, row, TEXT_CAST, NULL, out);
    buf_puts(out, col->type->kind == TYPE_TIMESTAMP_LTZ ? "Z'" : "'");
}

static void print_value(Buf *out, const Column *col, uint32_t row);

static void print_nested(Buf *out, const Column *col, uint32_t at) {
    bool is_row = col->type->kind == TYPE_ROW;
    uint32_t from = is_row ? 0 : col->offsets[at];
    uint32_t n = is_row ? col->n_children : col->offsets[at + 1] - from;
    buf_puts(out, is_row                          ? "ROW("
                  : col->type->kind == TYPE_ARRAY ? "ARRAY["
                  : col->type->kind == TYPE_MAP   ? "MAP["
                                                  : "MULTISET[");
    for (uint32_t i = 0; i < n; i++) {
        if (i) buf_puts(out, ", ");
        print_value(out, &col->children[is_row ? i : 0], is_row ? at : from + i);
        if (!is_row && col->n_children > 1) {
            buf_puts(out, ", ");
            print_value(out, &col->children[1], from + i);
        }
    }
    buf_putc(out, is_row ? ')' : ']');
}

static void print_value(Buf *out, const Column *col, uint32_t row) {
    uint32_t at = col_at(col, row);
    if (col_is_null(col, row)) {
        buf_puts(out, "NULL");
        return;
    }
    switch (col->type->kind) {
    case TYPE_CHAR:
    case TYPE_VARCHAR: print_quoted(out, str_span(&col->str[at])); break;
    case TYPE_BINARY:
    case TYPE_VARBINARY: sql_bytes(out, str_span(&col->str[at])); break;
    case TYPE_FLOAT:
    case TYPE_DOUBLE: print_float(out, col, at); break;
    case TYPE_DATE: sql_time(out, "DATE", col, row); break;
    case TYPE_TIME: sql_time(out, "TIME", col, row); break;
    case TYPE_TIMESTAMP: sql_time(out, "TIMESTAMP", col, row); break;
    case TYPE_TIMESTAMP_LTZ: sql_time(out, "TIMESTAMP_LTZ", col, row); break;
    case TYPE_INTERVAL_YM: print_months(out, col->i32[at]); break;
    case TYPE_INTERVAL_DS: print_interval(out, col->i64[at]); break;
    case TYPE_ARRAY:
    case TYPE_MAP:
    case TYPE_MULTISET:
    case TYPE_ROW: print_nested(out, col, at); break;
    case TYPE_BOOLEAN: buf_puts(out, col->i8[at] ? "TRUE" : "FALSE"); break;
    default: value_print(col, row, TEXT_CAST, NULL, out);
    }
}

/* ---- calls ---- */

static void sql_list(const Printer *p, Expr *const *args, uint32_t n, const char *between) {
    for (uint32_t i = 0; i < n; i++) {
        if (i) buf_puts(p->out, between);
        print_expr(p, args[i], PREC_ANY);
    }
}

/* Keyword arguments, which are text literals inside, are printed as keywords. */
static void print_function(const Printer *p, const Expr *expr) {
    Arena arena;
    Sig sig;
    bool is_known;
    arena_init(&arena, NULL);
    is_known = sig_parse(&arena, expr->fn->sig, &sig, NULL) == ST_OK;
    buf_printf(p->out, "%s(", expr->fn->name);
    for (uint32_t i = 0; i < expr->n_args; i++) {
        const Expr *arg = expr->args[i];
        if (i) buf_puts(p->out, ", ");
        if (is_known && i < sig.n_params && sig.params[i].class == SIG_SYMBOL &&
            arg->kind == EXPR_CONST && !col_is_null(arg->value, 0)) {
            buf_span(p->out, str_span(&arg->value->str[0]));
        } else {
            print_expr(p, arg, PREC_ANY);
        }
    }
    buf_putc(p->out, ')');
    arena_deinit(&arena);
}

static int print_binary_prec(const char *name) {
    if (strcmp(name, "+") == 0 || strcmp(name, "-") == 0 || strcmp(name, "||") == 0) {
        return PREC_SUM;
    }
    if (strcmp(name, "*") == 0 || strcmp(name, "/") == 0 || strcmp(name, "%") == 0) {
        return PREC_PRODUCT;
    }
    return PREC_COMPARE;
}

static void paren_open(const Printer *p, int mine, int prec) {
    if (mine < prec) buf_putc(p->out, '(');
}
static void paren_close(const Printer *p, int mine, int prec) {
    if (mine < prec) buf_putc(p->out, ')');
}

static void print_operator(const Printer *p, const Expr *expr, int prec) {
    const char *name = expr->fn->name;
    bool is_test = strncmp(name, "IS ", 3) == 0 && expr->n_args == 1;
    bool is_in = strcmp(name, "IN") == 0;
    bool is_prefix = expr->n_args == 1 && !is_test;
    int mine =
        is_prefix ? strcmp(name, "NOT") == 0 ? PREC_NOT : PREC_SIGN : print_binary_prec(name);
    paren_open(p, mine, prec);
    if (is_prefix) {
        buf_printf(p->out, mine == PREC_NOT ? "%s " : "%s", name);
        print_expr(p, expr->args[0], mine + 1);
    } else {
        /* a = b = c is not SQL; a - b - c is (a - b) - c. */
        print_expr(p, expr->args[0], mine == PREC_COMPARE ? mine + 1 : mine);
        buf_printf(p->out, " %s", name);
        if (is_in) {
            buf_puts(p->out, " (");
            sql_list(p, expr->args + 1, expr->n_args - 1, ", ");
            buf_putc(p->out, ')');
        } else if (!is_test) {
            buf_putc(p->out, ' ');
            print_expr(p, expr->args[1], mine + 1);
        }
        if (!is_in && expr->n_args == 3) {
            buf_puts(p->out, " ESCAPE ");
            print_expr(p, expr->args[2], PREC_POSTFIX);
        }
    }
    paren_close(p, mine, prec);
}

static void print_call(const Printer *p, const Expr *expr, int prec) {
    const char *name = expr->fn->name;
    if (strcmp(name, "[]") == 0) {
        print_expr(p, expr->args[0], PREC_POSTFIX);
        buf_putc(p->out, '[');
        print_expr(p, expr->args[1], PREC_ANY);
        buf_putc(p->out, ']');
    } else if (strcmp(name, "ARRAY") == 0 || strcmp(name, "MAP") == 0) {
        buf_printf(p->out, "%s[", name);
        sql_list(p, expr->args, expr->n_args, ", ");
        buf_putc(p->out, ']');
    } else if ((expr->fn->traits & FN_OPERATOR) && expr->n_args > 0) {
        print_operator(p, expr, prec);
    } else {
        print_function(p, expr);
    }
}

/* ---- forms ---- */

static void print_case(const Printer *p, const Expr *expr) {
    buf_puts(p->out, "CASE");
    for (uint32_t i = 0; i + 1 < expr->n_args; i += 2) {
        buf_puts(p->out, " WHEN ");
        print_expr(p, expr->args[i], PREC_ANY);
        buf_puts(p->out, " THEN ");
        print_expr(p, expr->args[i + 1], PREC_ANY);
    }
    if (expr->n_args % 2 == 1) {
        buf_puts(p->out, " ELSE ");
        print_expr(p, expr->args[expr->n_args - 1], PREC_ANY);
    }
    buf_puts(p->out, " END");
}

static void print_logic(const Printer *p, const Expr *expr, int prec) {
    int mine = expr->kind == EXPR_AND ? PREC_AND : PREC_OR;
    paren_open(p, mine, prec);
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (i) buf_puts(p->out, expr->kind == EXPR_AND ? " AND " : " OR ");
        print_expr(p, expr->args[i], mine + 1);
    }
    paren_close(p, mine, prec);
}

static void print_form(const Printer *p, const char *name, const Expr *expr) {
    buf_puts(p->out, name);
    sql_list(p, expr->args, expr->n_args, ", ");
    buf_putc(p->out, ')');
}

static void print_expr(const Printer *p, const Expr *expr, int prec) {
    switch (expr->kind) {
    case EXPR_COLUMN:
        if (p->schema && expr->column < p->schema->n_fields)
            print_name(p->out, p->schema->fields[expr->column].name);
        else
            buf_printf(p->out, "$%u", expr->column);
        break;
    case EXPR_CONST: print_value(p->out, expr->value, 0); break;
    case EXPR_CALL: print_call(p, expr, prec); break;
    case EXPR_CAST:
        buf_puts(p->out, expr->is_try ? "TRY_CAST(" : "CAST(");
        print_expr(p, expr->args[0], PREC_ANY);
        buf_puts(p->out, " AS ");
        type_print(expr->type, false, p->out);
        buf_putc(p->out, ')');
        break;
    case EXPR_AND:
    case EXPR_OR: print_logic(p, expr, prec); break;
    case EXPR_CASE: print_case(p, expr); break;
    case EXPR_COALESCE: print_form(p, "COALESCE(", expr); break;
    case EXPR_ROW: print_form(p, "ROW(", expr); break;
    case EXPR_FIELD:
        print_expr(p, expr->args[0], PREC_POSTFIX);
        buf_putc(p->out, '.');
        print_name(p->out, expr->args[0]->type->row.fields[expr->column].name);
        break;
    }
}

void expr_print(const Expr *expr, const Schema *schema, Buf *out) {
    Printer p = {schema, out};
    print_expr(&p, expr, PREC_ANY);
}
