/* rowkey.h -- values as bytes whose memcmp order is the SQL order: keys of state tables and sort
 * keys.
 *
 * Per value: 1 byte 0x01 (present) or 0x02 (NULL, so NULLs sort last; NULLS FIRST writes 0x00),
 * then, unless NULL,
 *   integers, times: big-endian with the sign bit flipped, in their own width
 *   floats: big-endian IEEE bits, negative ones inverted, others with the sign flipped; -0 written
 *     as 0, NaN as one value above all
 *   decimals: 16 bytes big-endian with the sign bit flipped (one column has one scale)
 *   strings, bytes: 0x00 escaped as 0x00 0xff, ended by 0x00 0x00 (nothing may sort inside a
 *     prefix)
 *   ROW: its fields; ARRAY: 0x01 before each element, 0x00 at the end; MAP, MULTISET: entries
 *     sorted by key, as an ARRAY of pairs
 * A descending column has all its bytes inverted (and its NULL byte chosen so that NULLs still
 * come where nulls_first says). A key of one BIGINT is 9 bytes, or 1 when NULL.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_ROWKEY_H
#define WEIR_ROWKEY_H

#include "data/batch.h"
#include "data/builder.h"

typedef struct KeyOrder {
    bool is_desc;
    bool nulls_first;
} KeyOrder;

/* Keys of a whole batch, in one buffer of the arena: key i is bytes[starts[i] .. starts[i + 1]). */
typedef struct RowKeys {
    uint32_t n;
    const uint32_t *starts; /* n + 1 */
    const char *bytes;
    const uint64_t *hashes; /* n; rowkey_hash of each key */
} RowKeys;

/* The hash of a key: a function of its bytes alone, the same in every process. Keys of one INT or
 * BIGINT (5 and 9 bytes) take a multiplication instead of a call. */
static inline uint64_t rowkey_hash(Span key) {
    if (key.len == 9) {
        uint64_t word;
        memcpy(&word, key.ptr + 1, 8);
        return hash_u64(word, (unsigned char)key.ptr[0]);
    }
    if (key.len == 5) {
        uint32_t word;
        memcpy(&word, key.ptr + 1, 4);
        return hash_u64(word, (unsigned char)key.ptr[0]);
    }
    return hash_bytes(key.ptr, key.len, 0);
}

static inline Span rowkey_get(const RowKeys *keys, uint32_t i) {
    return (Span){keys->bytes + keys->starts[i], keys->starts[i + 1] - keys->starts[i]};
}

/* Encodes columns cols[0..n_cols) of n rows; orders may be NULL (ascending, NULLs last). No
 * columns: empty keys. */
void rowkey_encode(Arena *arena, const Column *cols, uint32_t n_cols, const KeyOrder *orders,
                   uint32_t n, RowKeys *out);
/* One row, appended to out. */
void rowkey_encode_row(const Column *cols, uint32_t n_cols, const KeyOrder *orders, uint32_t row,
                       Buf *out);
/* Appends the values of one key to the builders; string bytes are copied to their arena. ST_CORRUPT
 * when it is not a key. */
Status rowkey_decode(Span key, ColBuilder *cols, uint32_t n_cols, const KeyOrder *orders,
                     Err *err) WARN_UNUSED;

#endif
