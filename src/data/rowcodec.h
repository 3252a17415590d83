/* rowcodec.h -- rows as compact bytes: values of state tables. Not ordered; self-contained given
 * the schema.
 *
 * NULL bitmap ((n + 7) / 8 bytes), then each value that is not NULL: fixed-width values in native
 * order, strings as a 4-byte length and bytes, LIST as a 4-byte count and its elements (with their
 * own bitmap), ROW as a nested row.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_ROWCODEC_H
#define WEIR_ROWCODEC_H

#include "data/builder.h"

/* Appends row `row` of the columns. */
void rowcodec_encode(const Column *cols, uint32_t n_cols, uint32_t row, Buf *out);
/* Appends the row's values to n_cols builders. borrow: strings point into `bytes`, which must
 * outlive the column; else they are copied. Bytes that do not form a row of these types are
 * ST_CORRUPT. */
Status rowcodec_decode(Span bytes, ColBuilder *cols, uint32_t n_cols, bool borrow,
                       Err *err) WARN_UNUSED;

#endif
