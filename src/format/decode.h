/* decode.h -- what the decoders of this directory share: reporting a bad record.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_DECODE_H
#define WEIR_DECODE_H

#include "format/format.h"

/* Hands a bad record to the owner of the decoder, or raises it when there is none. */
Status decode_bad(const Decoder *decoder, const BadRecord *bad, Err *err) WARN_UNUSED;

#endif
