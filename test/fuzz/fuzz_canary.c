/* fuzz_canary.c -- a target with a planted fault, which must be found: it proves that the fuzz
 * smoke run would notice one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size >= 3 && data[0] == 'w' && data[1] == 'e' && data[2] == 'r') __builtin_trap();
    return 0;
}
