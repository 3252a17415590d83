/* utf8_case.c -- upper and lower case of all of Unicode, from tables of our own: the answer does
 * not depend on how weir was built or on the machine's language.
 *
 * A range {first, last - first, stride, delta} maps every stride-th code point by delta. The tables
 * hold Unicode 14's simple mappings; case_special its mappings to several characters.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

/* The code points with rules of their own. */
enum { SIGMA = 0x3a3, SIGMA_FINAL = 0x3c2, I_WITH_DOT = 0x130, DOT_ABOVE = 0x307 };

typedef struct CaseRange {
    uint32_t first;
    uint16_t len;
    uint16_t stride;
    int32_t delta;
} CaseRange;
typedef struct CaseSpecial {
    uint32_t code;
    uint32_t to[3];
} CaseSpecial;

/* clang-format off */
static const CaseRange case_upper[] = {
    {0xb5, 0, 1, 743}, {0xe0, 22, 1, -32}, {0xf8, 6, 1, -32}, {0xff, 0, 1, 121},
    {0x101, 46, 2, -1}, {0x131, 0, 1, -232}, {0x133, 4, 2, -1}, {0x13a, 14, 2, -1},
    {0x14b, 44, 2, -1}, {0x17a, 4, 2, -1}, {0x17f, 0, 1, -300}, {0x180, 0, 1, 195},
    {0x183, 2, 2, -1}, {0x188, 0, 1, -1}, {0x18c, 0, 1, -1}, {0x192, 0, 1, -1}, {0x195, 0, 1, 97},
    {0x199, 0, 1, -1}, {0x19a, 0, 1, 163}, {0x19e, 0, 1, 130}, {0x1a1, 4, 2, -1},
    {0x1a8, 0, 1, -1}, {0x1ad, 0, 1, -1}, {0x1b0, 0, 1, -1}, {0x1b4, 2, 2, -1}, {0x1b9, 0, 1, -1},
    {0x1bd, 0, 1, -1}, {0x1bf, 0, 1, 56}, {0x1c5, 0, 1, -1}, {0x1c6, 0, 1, -2}, {0x1c8, 0, 1, -1},
    {0x1c9, 0, 1, -2}, {0x1cb, 0, 1, -1}, {0x1cc, 0, 1, -2}, {0x1ce, 14, 2, -1},
    {0x1dd, 0, 1, -79}, {0x1df, 16, 2, -1}, {0x1f2, 0, 1, -1}, {0x1f3, 0, 1, -2},
    {0x1f5, 0, 1, -1}, {0x1f9, 38, 2, -1}, {0x223, 16, 2, -1}, {0x23c, 0, 1, -1},
    {0x23f, 1, 1, 10815}, {0x242, 0, 1, -1}, {0x247, 8, 2, -1}, {0x250, 0, 1, 10783},
    {0x251, 0, 1, 10780}, {0x252, 0, 1, 10782}, {0x253, 0, 1, -210}, {0x254, 0, 1, -206},
    {0x256, 1, 1, -205}, {0x259, 0, 1, -202}, {0x25b, 0, 1, -203}, {0x25c, 0, 1, 42319},
    {0x260, 0, 1, -205}, {0x261, 0, 1, 42315}, {0x263, 0, 1, -207}, {0x265, 0, 1, 42280},
    {0x266, 0, 1, 42308}, {0x268, 0, 1, -209}, {0x269, 0, 1, -211}, {0x26a, 0, 1, 42308},
    {0x26b, 0, 1, 10743}, {0x26c, 0, 1, 42305}, {0x26f, 0, 1, -211}, {0x271, 0, 1, 10749},
    {0x272, 0, 1, -213}, {0x275, 0, 1, -214}, {0x27d, 0, 1, 10727}, {0x280, 0, 1, -218},
    {0x282, 0, 1, 42307}, {0x283, 0, 1, -218}, {0x287, 0, 1, 42282}, {0x288, 0, 1, -218},
    {0x289, 0, 1, -69}, {0x28a, 1, 1, -217}, {0x28c, 0, 1, -71}, {0x292, 0, 1, -219},
    {0x29d, 0, 1, 42261}, {0x29e, 0, 1, 42258}, {0x345, 0, 1, 84}, {0x371, 2, 2, -1},
    {0x377, 0, 1, -1}, {0x37b, 2, 1, 130}, {0x3ac, 0, 1, -38}, {0x3ad, 2, 1, -37},
    {0x3b1, 16, 1, -32}, {0x3c2, 0, 1, -31}, {0x3c3, 8, 1, -32}, {0x3cc, 0, 1, -64},
    {0x3cd, 1, 1, -63}, {0x3d0, 0, 1, -62}, {0x3d1, 0, 1, -57}, {0x3d5, 0, 1, -47},
    {0x3d6, 0, 1, -54}, {0x3d7, 0, 1, -8}, {0x3d9, 22, 2, -1}, {0x3f0, 0, 1, -86},
    {0x3f1, 0, 1, -80}, {0x3f2, 0, 1, 7}, {0x3f3, 0, 1, -116}, {0x3f5, 0, 1, -96},
    {0x3f8, 0, 1, -1}, {0x3fb, 0, 1, -1}, {0x430, 31, 1, -32}, {0x450, 15, 1, -80},
    {0x461, 32, 2, -1}, {0x48b, 52, 2, -1}, {0x4c2, 12, 2, -1}, {0x4cf, 0, 1, -15},
    {0x4d1, 94, 2, -1}, {0x561, 37, 1, -48}, {0x10d0, 42, 1, 3008}, {0x10fd, 2, 1, 3008},
    {0x13f8, 5, 1, -8}, {0x1c80, 0, 1, -6254}, {0x1c81, 0, 1, -6253}, {0x1c82, 0, 1, -6244},
    {0x1c83, 1, 1, -6242}, {0x1c85, 0, 1, -6243}, {0x1c86, 0, 1, -6236}, {0x1c87, 0, 1, -6181},
    {0x1c88, 0, 1, 35266}, {0x1d79, 0, 1, 35332}, {0x1d7d, 0, 1, 3814}, {0x1d8e, 0, 1, 35384},
    {0x1e01, 148, 2, -1}, {0x1e9b, 0, 1, -59}, {0x1ea1, 94, 2, -1}, {0x1f00, 7, 1, 8},
    {0x1f10, 5, 1, 8}, {0x1f20, 7, 1, 8}, {0x1f30, 7, 1, 8}, {0x1f40, 5, 1, 8}, {0x1f51, 6, 2, 8},
    {0x1f60, 7, 1, 8}, {0x1f70, 1, 1, 74}, {0x1f72, 3, 1, 86}, {0x1f76, 1, 1, 100},
    {0x1f78, 1, 1, 128}, {0x1f7a, 1, 1, 112}, {0x1f7c, 1, 1, 126}, {0x1fb0, 1, 1, 8},
    {0x1fbe, 0, 1, -7205}, {0x1fd0, 1, 1, 8}, {0x1fe0, 1, 1, 8}, {0x1fe5, 0, 1, 7},
    {0x214e, 0, 1, -28}, {0x2170, 15, 1, -16}, {0x2184, 0, 1, -1}, {0x24d0, 25, 1, -26},
    {0x2c30, 47, 1, -48}, {0x2c61, 0, 1, -1}, {0x2c65, 0, 1, -10795}, {0x2c66, 0, 1, -10792},
    {0x2c68, 4, 2, -1}, {0x2c73, 0, 1, -1}, {0x2c76, 0, 1, -1}, {0x2c81, 98, 2, -1},
    {0x2cec, 2, 2, -1}, {0x2cf3, 0, 1, -1}, {0x2d00, 37, 1, -7264}, {0x2d27, 0, 1, -7264},
    {0x2d2d, 0, 1, -7264}, {0xa641, 44, 2, -1}, {0xa681, 26, 2, -1}, {0xa723, 12, 2, -1},
    {0xa733, 60, 2, -1}, {0xa77a, 2, 2, -1}, {0xa77f, 8, 2, -1}, {0xa78c, 0, 1, -1},
    {0xa791, 2, 2, -1}, {0xa794, 0, 1, 48}, {0xa797, 18, 2, -1}, {0xa7b5, 14, 2, -1},
    {0xa7c8, 2, 2, -1}, {0xa7d1, 0, 1, -1}, {0xa7d7, 2, 2, -1}, {0xa7f6, 0, 1, -1},
    {0xab53, 0, 1, -928}, {0xab70, 79, 1, -38864}, {0xff41, 25, 1, -32}, {0x10428, 39, 1, -40},
    {0x104d8, 35, 1, -40}, {0x10597, 10, 1, -39}, {0x105a3, 14, 1, -39}, {0x105b3, 6, 1, -39},
    {0x105bb, 1, 1, -39}, {0x10cc0, 50, 1, -64}, {0x118c0, 31, 1, -32}, {0x16e60, 31, 1, -32},
    {0x1e922, 33, 1, -34},
};
static const CaseRange case_lower[] = {
    {0xc0, 22, 1, 32}, {0xd8, 6, 1, 32}, {0x100, 46, 2, 1}, {0x132, 4, 2, 1}, {0x139, 14, 2, 1},
    {0x14a, 44, 2, 1}, {0x178, 0, 1, -121}, {0x179, 4, 2, 1}, {0x181, 0, 1, 210}, {0x182, 2, 2, 1},
    {0x186, 0, 1, 206}, {0x187, 0, 1, 1}, {0x189, 1, 1, 205}, {0x18b, 0, 1, 1}, {0x18e, 0, 1, 79},
    {0x18f, 0, 1, 202}, {0x190, 0, 1, 203}, {0x191, 0, 1, 1}, {0x193, 0, 1, 205},
    {0x194, 0, 1, 207}, {0x196, 0, 1, 211}, {0x197, 0, 1, 209}, {0x198, 0, 1, 1},
    {0x19c, 0, 1, 211}, {0x19d, 0, 1, 213}, {0x19f, 0, 1, 214}, {0x1a0, 4, 2, 1},
    {0x1a6, 0, 1, 218}, {0x1a7, 0, 1, 1}, {0x1a9, 0, 1, 218}, {0x1ac, 0, 1, 1}, {0x1ae, 0, 1, 218},
    {0x1af, 0, 1, 1}, {0x1b1, 1, 1, 217}, {0x1b3, 2, 2, 1}, {0x1b7, 0, 1, 219}, {0x1b8, 0, 1, 1},
    {0x1bc, 0, 1, 1}, {0x1c4, 0, 1, 2}, {0x1c5, 0, 1, 1}, {0x1c7, 0, 1, 2}, {0x1c8, 0, 1, 1},
    {0x1ca, 0, 1, 2}, {0x1cb, 16, 2, 1}, {0x1de, 16, 2, 1}, {0x1f1, 0, 1, 2}, {0x1f2, 2, 2, 1},
    {0x1f6, 0, 1, -97}, {0x1f7, 0, 1, -56}, {0x1f8, 38, 2, 1}, {0x220, 0, 1, -130},
    {0x222, 16, 2, 1}, {0x23a, 0, 1, 10795}, {0x23b, 0, 1, 1}, {0x23d, 0, 1, -163},
    {0x23e, 0, 1, 10792}, {0x241, 0, 1, 1}, {0x243, 0, 1, -195}, {0x244, 0, 1, 69},
    {0x245, 0, 1, 71}, {0x246, 8, 2, 1}, {0x370, 2, 2, 1}, {0x376, 0, 1, 1}, {0x37f, 0, 1, 116},
    {0x386, 0, 1, 38}, {0x388, 2, 1, 37}, {0x38c, 0, 1, 64}, {0x38e, 1, 1, 63}, {0x391, 16, 1, 32},
    {0x3a3, 8, 1, 32}, {0x3cf, 0, 1, 8}, {0x3d8, 22, 2, 1}, {0x3f4, 0, 1, -60}, {0x3f7, 0, 1, 1},
    {0x3f9, 0, 1, -7}, {0x3fa, 0, 1, 1}, {0x3fd, 2, 1, -130}, {0x400, 15, 1, 80},
    {0x410, 31, 1, 32}, {0x460, 32, 2, 1}, {0x48a, 52, 2, 1}, {0x4c0, 0, 1, 15}, {0x4c1, 12, 2, 1},
    {0x4d0, 94, 2, 1}, {0x531, 37, 1, 48}, {0x10a0, 37, 1, 7264}, {0x10c7, 0, 1, 7264},
    {0x10cd, 0, 1, 7264}, {0x13a0, 79, 1, 38864}, {0x13f0, 5, 1, 8}, {0x1c90, 42, 1, -3008},
    {0x1cbd, 2, 1, -3008}, {0x1e00, 148, 2, 1}, {0x1e9e, 0, 1, -7615}, {0x1ea0, 94, 2, 1},
    {0x1f08, 7, 1, -8}, {0x1f18, 5, 1, -8}, {0x1f28, 7, 1, -8}, {0x1f38, 7, 1, -8},
    {0x1f48, 5, 1, -8}, {0x1f59, 6, 2, -8}, {0x1f68, 7, 1, -8}, {0x1f88, 7, 1, -8},
    {0x1f98, 7, 1, -8}, {0x1fa8, 7, 1, -8}, {0x1fb8, 1, 1, -8}, {0x1fba, 1, 1, -74},
    {0x1fbc, 0, 1, -9}, {0x1fc8, 3, 1, -86}, {0x1fcc, 0, 1, -9}, {0x1fd8, 1, 1, -8},
    {0x1fda, 1, 1, -100}, {0x1fe8, 1, 1, -8}, {0x1fea, 1, 1, -112}, {0x1fec, 0, 1, -7},
    {0x1ff8, 1, 1, -128}, {0x1ffa, 1, 1, -126}, {0x1ffc, 0, 1, -9}, {0x2126, 0, 1, -7517},
    {0x212a, 0, 1, -8383}, {0x212b, 0, 1, -8262}, {0x2132, 0, 1, 28}, {0x2160, 15, 1, 16},
    {0x2183, 0, 1, 1}, {0x24b6, 25, 1, 26}, {0x2c00, 47, 1, 48}, {0x2c60, 0, 1, 1},
    {0x2c62, 0, 1, -10743}, {0x2c63, 0, 1, -3814}, {0x2c64, 0, 1, -10727}, {0x2c67, 4, 2, 1},
    {0x2c6d, 0, 1, -10780}, {0x2c6e, 0, 1, -10749}, {0x2c6f, 0, 1, -10783}, {0x2c70, 0, 1, -10782},
    {0x2c72, 0, 1, 1}, {0x2c75, 0, 1, 1}, {0x2c7e, 1, 1, -10815}, {0x2c80, 98, 2, 1},
    {0x2ceb, 2, 2, 1}, {0x2cf2, 0, 1, 1}, {0xa640, 44, 2, 1}, {0xa680, 26, 2, 1},
    {0xa722, 12, 2, 1}, {0xa732, 60, 2, 1}, {0xa779, 2, 2, 1}, {0xa77d, 0, 1, -35332},
    {0xa77e, 8, 2, 1}, {0xa78b, 0, 1, 1}, {0xa78d, 0, 1, -42280}, {0xa790, 2, 2, 1},
    {0xa796, 18, 2, 1}, {0xa7aa, 0, 1, -42308}, {0xa7ab, 0, 1, -42319}, {0xa7ac, 0, 1, -42315},
    {0xa7ad, 0, 1, -42305}, {0xa7ae, 0, 1, -42308}, {0xa7b0, 0, 1, -42258}, {0xa7b1, 0, 1, -42282},
    {0xa7b2, 0, 1, -42261}, {0xa7b3, 0, 1, 928}, {0xa7b4, 14, 2, 1}, {0xa7c4, 0, 1, -48},
    {0xa7c5, 0, 1, -42307}, {0xa7c6, 0, 1, -35384}, {0xa7c7, 2, 2, 1}, {0xa7d0, 0, 1, 1},
    {0xa7d6, 2, 2, 1}, {0xa7f5, 0, 1, 1}, {0xff21, 25, 1, 32}, {0x10400, 39, 1, 40},
    {0x104b0, 35, 1, 40}, {0x10570, 10, 1, 39}, {0x1057c, 14, 1, 39}, {0x1058c, 6, 1, 39},
    {0x10594, 1, 1, 39}, {0x10c80, 50, 1, 64}, {0x118a0, 31, 1, 32}, {0x16e40, 31, 1, 32},
    {0x1e900, 33, 1, 34},
};
static const CaseSpecial case_special[] = {
    {0xdf, {0x53, 0x53}}, {0x149, {0x2bc, 0x4e}}, {0x1f0, {0x4a, 0x30c}},
    {0x390, {0x399, 0x308, 0x301}}, {0x3b0, {0x3a5, 0x308, 0x301}}, {0x587, {0x535, 0x552}},
    {0x1e96, {0x48, 0x331}}, {0x1e97, {0x54, 0x308}}, {0x1e98, {0x57, 0x30a}},
    {0x1e99, {0x59, 0x30a}}, {0x1e9a, {0x41, 0x2be}}, {0x1f50, {0x3a5, 0x313}},
    {0x1f52, {0x3a5, 0x313, 0x300}}, {0x1f54, {0x3a5, 0x313, 0x301}},
    {0x1f56, {0x3a5, 0x313, 0x342}}, {0x1f80, {0x1f08, 0x399}}, {0x1f81, {0x1f09, 0x399}},
    {0x1f82, {0x1f0a, 0x399}}, {0x1f83, {0x1f0b, 0x399}}, {0x1f84, {0x1f0c, 0x399}},
    {0x1f85, {0x1f0d, 0x399}}, {0x1f86, {0x1f0e, 0x399}}, {0x1f87, {0x1f0f, 0x399}},
    {0x1f88, {0x1f08, 0x399}}, {0x1f89, {0x1f09, 0x399}}, {0x1f8a, {0x1f0a, 0x399}},
    {0x1f8b, {0x1f0b, 0x399}}, {0x1f8c, {0x1f0c, 0x399}}, {0x1f8d, {0x1f0d, 0x399}},
    {0x1f8e, {0x1f0e, 0x399}}, {0x1f8f, {0x1f0f, 0x399}}, {0x1f90, {0x1f28, 0x399}},
    {0x1f91, {0x1f29, 0x399}}, {0x1f92, {0x1f2a, 0x399}}, {0x1f93, {0x1f2b, 0x399}},
    {0x1f94, {0x1f2c, 0x399}}, {0x1f95, {0x1f2d, 0x399}}, {0x1f96, {0x1f2e, 0x399}},
    {0x1f97, {0x1f2f, 0x399}}, {0x1f98, {0x1f28, 0x399}}, {0x1f99, {0x1f29, 0x399}},
    {0x1f9a, {0x1f2a, 0x399}}, {0x1f9b, {0x1f2b, 0x399}}, {0x1f9c, {0x1f2c, 0x399}},
    {0x1f9d, {0x1f2d, 0x399}}, {0x1f9e, {0x1f2e, 0x399}}, {0x1f9f, {0x1f2f, 0x399}},
    {0x1fa0, {0x1f68, 0x399}}, {0x1fa1, {0x1f69, 0x399}}, {0x1fa2, {0x1f6a, 0x399}},
    {0x1fa3, {0x1f6b, 0x399}}, {0x1fa4, {0x1f6c, 0x399}}, {0x1fa5, {0x1f6d, 0x399}},
    {0x1fa6, {0x1f6e, 0x399}}, {0x1fa7, {0x1f6f, 0x399}}, {0x1fa8, {0x1f68, 0x399}},
    {0x1fa9, {0x1f69, 0x399}}, {0x1faa, {0x1f6a, 0x399}}, {0x1fab, {0x1f6b, 0x399}},
    {0x1fac, {0x1f6c, 0x399}}, {0x1fad, {0x1f6d, 0x399}}, {0x1fae, {0x1f6e, 0x399}},
    {0x1faf, {0x1f6f, 0x399}}, {0x1fb2, {0x1fba, 0x399}}, {0x1fb3, {0x391, 0x399}},
    {0x1fb4, {0x386, 0x399}}, {0x1fb6, {0x391, 0x342}}, {0x1fb7, {0x391, 0x342, 0x399}},
    {0x1fbc, {0x391, 0x399}}, {0x1fc2, {0x1fca, 0x399}}, {0x1fc3, {0x397, 0x399}},
    {0x1fc4, {0x389, 0x399}}, {0x1fc6, {0x397, 0x342}}, {0x1fc7, {0x397, 0x342, 0x399}},
    {0x1fcc, {0x397, 0x399}}, {0x1fd2, {0x399, 0x308, 0x300}}, {0x1fd3, {0x399, 0x308, 0x301}},
    {0x1fd6, {0x399, 0x342}}, {0x1fd7, {0x399, 0x308, 0x342}}, {0x1fe2, {0x3a5, 0x308, 0x300}},
    {0x1fe3, {0x3a5, 0x308, 0x301}}, {0x1fe4, {0x3a1, 0x313}}, {0x1fe6, {0x3a5, 0x342}},
    {0x1fe7, {0x3a5, 0x308, 0x342}}, {0x1ff2, {0x1ffa, 0x399}}, {0x1ff3, {0x3a9, 0x399}},
    {0x1ff4, {0x38f, 0x399}}, {0x1ff6, {0x3a9, 0x342}}, {0x1ff7, {0x3a9, 0x342, 0x399}},
    {0x1ffc, {0x3a9, 0x399}}, {0xfb00, {0x46, 0x46}}, {0xfb01, {0x46, 0x49}},
    {0xfb02, {0x46, 0x4c}}, {0xfb03, {0x46, 0x46, 0x49}}, {0xfb04, {0x46, 0x46, 0x4c}},
    {0xfb05, {0x53, 0x54}}, {0xfb06, {0x53, 0x54}}, {0xfb13, {0x544, 0x546}},
    {0xfb14, {0x544, 0x535}}, {0xfb15, {0x544, 0x53b}}, {0xfb16, {0x54e, 0x546}},
    {0xfb17, {0x544, 0x53d}},
};
/* clang-format on */

#define CASE_N_OF(table) (sizeof(table) / sizeof((table)[0]))

/* The mapping of a code point above ASCII; itself when it has none. */
static uint32_t case_map(const CaseRange *table, size_t n, uint32_t code) {
    size_t low = 0;
    while (low < n) {
        size_t mid = (low + n) / 2;
        const CaseRange *range = &table[mid];
        if (code < range->first) {
            n = mid;
        } else if (code > range->first + range->len) {
            low = mid + 1;
        } else if ((code - range->first) % range->stride == 0) {
            return (uint32_t)((int32_t)code + range->delta);
        } else {
            return code;
        }
    }
    return code;
}

static const CaseSpecial *case_find_special(uint32_t code) {
    size_t low = 0, n = CASE_N_OF(case_special);
    while (low < n) {
        size_t mid = (low + n) / 2;
        if (case_special[mid].code == code) return &case_special[mid];
        if (case_special[mid].code < code) {
            low = mid + 1;
        } else {
            n = mid;
        }
    }
    return NULL;
}

static size_t case_upper_char(char *to, Span at, size_t *taken) {
    uint32_t code = utf8_decode(at, taken);
    uint32_t up = case_map(case_upper, CASE_N_OF(case_upper), code);
    if (up != code) return utf8_encode(to, up);
    const CaseSpecial *special = case_find_special(code);
    if (!special) {
        memcpy(to, at.ptr, *taken);
        return *taken;
    }
    size_t n = 0;
    for (int i = 0; i < 3 && special->to[i]; i++) n += utf8_encode(to + n, special->to[i]);
    return n;
}

size_t utf8_upper(char *to, Span text) {
    size_t n = 0;
    for (size_t i = 0; i < text.len;) {
        char c = text.ptr[i];
        if ((unsigned char)c < 0x80) {
            to[n++] = (char)(c - ((c >= 'a' && c <= 'z') ? 32 : 0));
            i++;
            continue;
        }
        size_t taken;
        n += case_upper_char(to + n, (Span){text.ptr + i, text.len - i}, &taken);
        i += taken;
    }
    return n;
}

bool utf8_is_cased(uint32_t code) {
    if (code < 0x80) return (code | 32) >= 'a' && (code | 32) <= 'z';
    if (code == I_WITH_DOT) return true;
    return case_map(case_upper, CASE_N_OF(case_upper), code) != code ||
           case_map(case_lower, CASE_N_OF(case_lower), code) != code || case_find_special(code);
}

static bool case_is_mark(uint32_t code) { /* accents do not end a word */
    return code >= 0x300 && code <= 0x36f;
}

/* A capital sigma at the end of a word becomes the final one. */
static bool case_is_final_sigma(Span text, size_t at) {
    size_t taken, before = at;
    uint32_t code;
    do {
        if (before == 0) return false;
        do before--;
        while (before > 0 && !utf8_is_start(text.ptr[before]));
        code = utf8_decode((Span){text.ptr + before, text.len - before}, &taken);
    } while (case_is_mark(code));
    if (!utf8_is_cased(code)) return false;
    for (size_t after = at + 2; after < text.len; after += taken) {
        code = utf8_decode((Span){text.ptr + after, text.len - after}, &taken);
        if (!case_is_mark(code)) return !utf8_is_cased(code);
    }
    return true;
}

size_t utf8_lower(char *to, Span text) {
    size_t n = 0;
    for (size_t i = 0; i < text.len;) {
        char c = text.ptr[i];
        if ((unsigned char)c < 0x80) {
            to[n++] = (char)(c + ((c >= 'A' && c <= 'Z') ? 32 : 0));
            i++;
            continue;
        }
        size_t taken;
        uint32_t code = utf8_decode((Span){text.ptr + i, text.len - i}, &taken);
        uint32_t low = case_map(case_lower, CASE_N_OF(case_lower), code);
        if (code == SIGMA && case_is_final_sigma(text, i)) low = SIGMA_FINAL;
        if (code == I_WITH_DOT) {
            to[n++] = 'i';
            n += utf8_encode(to + n, DOT_ABOVE);
        } else if (low != code) {
            n += utf8_encode(to + n, low);
        } else {
            memcpy(to + n, text.ptr + i, taken);
            n += taken;
        }
        i += taken;
    }
    return n;
}
