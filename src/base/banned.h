/* banned.h -- calls that have no bounds or hidden global state are compile errors.
 * Must come after the system headers that declare them, so it includes those itself.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_BANNED_H
#define WEIR_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets localtime gmtime ctime asctime strncpy

#endif
