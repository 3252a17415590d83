/* base.h -- the bottom layer: errors, memory, bytes, numbers, calendar. Knows nothing of SQL or
 * streams.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_BASE_H
#define WEIR_BASE_H

#include "base/banned.h"
#include "base/buf.h"
#include "base/civil.h"
#include "base/decimal.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/record.h"
#include "base/rng.h"
#include "base/span.h"
#include "base/strmap.h"
#include "base/utf8.h"

#endif
