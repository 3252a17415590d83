/* fault.h -- named places where a test may end the process, or make a call fail, to see that
 * nothing is lost. Always compiled in: one load and one branch. They are armed by the environment
 * variable WEIR_FAULT, "name", "name:count" or "name:count:error": at the count-th time (1) that
 * the place is reached the process is killed, or the place answers with an error.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_FAULT_H
#define WEIR_FAULT_H

#include "base/err.h"

extern const char *fault_armed; /* NULL: none */

void fault_arm(void); /* from the environment; the first call counts */
void fault_reach(const char *name);
Status fault_reach_error(const char *name, Err *err) WARN_UNUSED;

#define FAULT(name)                                                      \
    do {                                                                 \
        if (__builtin_expect(fault_armed != NULL, 0)) fault_reach(name); \
    } while (0)
/* The same in a function that returns a Status. */
#define FAULT_ERROR(name, err)                                                           \
    do {                                                                                 \
        if (__builtin_expect(fault_armed != NULL, 0)) TRY(fault_reach_error(name, err)); \
    } while (0)

#endif
