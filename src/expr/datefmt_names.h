/* datefmt_names.h -- English names that date patterns print and read.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_DATEFMT_NAMES_H
#define WEIR_DATEFMT_NAMES_H

extern const char *const datefmt_months[12];
extern const char *const datefmt_weekdays[7]; /* Monday first */

#endif
