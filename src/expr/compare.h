/* compare.h -- loops that compare two columns.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_COMPARE_H
#define WEIR_COMPARE_H

#include "expr/expr.h"

typedef enum CmpOp { CMP_NONE, CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE } CmpOp;

CmpOp compare_op(const char *name); /* of "=", "<>", "<", "<=", ">", ">=" */
CmpOp compare_mirrored(CmpOp op);   /* a op b = b mirrored(op) a */

/* out[i] = a[i] op b[i] for n rows; NULLs are not looked at. Columns of the same Phys, flat or
 * constant; two decimals may differ in scale. */
void compare_rows(CmpOp op, const Column *a, const Column *b, uint32_t n, int8_t *out);

/* Whether compare_select has a loop for these columns: fixed-width or text, b constant. */
bool compare_can_select(const Column *a, const Column *b);
/* Writes to out the i of 0..n for which a[rows[i]] op b is true (rows NULL: a[i]); returns how
 * many. b is a constant that is not NULL. */
uint32_t compare_select(CmpOp op, const Column *a, const Column *b, const uint32_t *rows,
                        uint32_t n, uint32_t *out);

#endif
