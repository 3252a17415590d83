/* os.h -- the operating system behind one header: clocks, files, the event loop, directory watching. A simulated
 * implementation can take its place.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_OS_H
#define WEIR_OS_H

#include "base/base.h"

int64_t clock_mono_us(void); /* for intervals */
int64_t clock_wall_us(void); /* UTC */

#endif
