/* rocks.h -- opening RocksDB as a store. Not for other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_ROCKS_H
#define WEIR_ROCKS_H

#include "store/kv.h"

Status rocks_open(const char *path, bool is_new, Kv **out, Err *err) WARN_UNUSED;

#endif
