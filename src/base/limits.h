/* limits.h -- the bounds that keep hostile or mistaken input from exhausting the process.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_LIMITS_H
#define WEIR_LIMITS_H

enum {
    LIMIT_SQL_BYTES = 16 << 20,     /* one script */
    LIMIT_AST_DEPTH = 1000,         /* levels of one syntax tree: whoever walks it may recurse */
    LIMIT_PARSER_STACK = 10000,     /* symbols: about five a level of nesting */
    LIMIT_IDENTIFIER_BYTES = 512,   /* one identifier */
    LIMIT_NAME_PARTS = 128,         /* a.b.c ... */
    LIMIT_PATTERN_BYTES = 16 << 10, /* the PATTERN of one MATCH_RECOGNIZE */
};

#endif
