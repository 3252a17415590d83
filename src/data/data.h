/* data.h -- types, columns, batches and their byte forms: what all rows of weir are made of.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_DATA_H
#define WEIR_DATA_H

#include "data/batch.h"
#include "data/builder.h"
#include "data/column.h"
#include "data/rowcodec.h"
#include "data/rowkey.h"
#include "data/type.h"

#endif
