/* fn_math_real.c -- functions of DOUBLEs: powers, logarithms, trigonometry. IEEE answers, as
 * Java's: SQRT(-1) is NaN, LN(0) is -Infinity; nothing here fails.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"

#include <math.h>

/* A kernel that applies EXPR to x in every row. */
#define REAL_FN(kernel, EXPR)                                                                      \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err) {                                                               \
        double *to = fn_out_f64(out);                                                              \
        uint32_t step = fn_step(&args[0]);                                                         \
        (void)ctx, (void)n_args, (void)err;                                                        \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            double x = args[0].f64[i * step];                                                      \
            to[i] = EXPR;                                                                          \
        }                                                                                          \
        return ST_OK;                                                                              \
    }
#define REAL_FN2(kernel, EXPR)                                                                     \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err) {                                                               \
        double *to = fn_out_f64(out);                                                              \
        uint32_t step_x = fn_step(&args[0]), step_y = fn_step(&args[1]);                           \
        (void)ctx, (void)n_args, (void)err;                                                        \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            double x = args[0].f64[i * step_x], y = args[1].f64[i * step_y];                       \
            to[i] = EXPR;                                                                          \
        }                                                                                          \
        return ST_OK;                                                                              \
    }
#define REAL_CONST(kernel, VALUE)                                                                  \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err) {                                                               \
        double *to = fn_out_f64(out);                                                              \
        (void)ctx, (void)args, (void)n_args, (void)err;                                            \
        for (uint32_t i = 0; i < n; i++) to[i] = VALUE;                                            \
        return ST_OK;                                                                              \
    }

/* The C library's cube root may miss by one in the last place, also for perfect cubes. */
static double exact_cbrt(double x) {
    double r = cbrt(x), whole = rint(r);
    return whole * whole * whole == x ? whole : r;
}

REAL_FN(real_sqrt, sqrt(x))
REAL_FN(real_cbrt, exact_cbrt(x))
REAL_FN(real_exp, exp(x))
REAL_FN(real_ln, log(x))
REAL_FN(real_log10, log10(x))
REAL_FN(real_log2, log(x) / log(2))
REAL_FN(real_sin, sin(x))
REAL_FN(real_cos, cos(x))
REAL_FN(real_tan, tan(x))
REAL_FN(real_cot, 1 / tan(x))
REAL_FN(real_asin, asin(x))
REAL_FN(real_acos, acos(x))
REAL_FN(real_atan, atan(x))
REAL_FN(real_sinh, sinh(x))
REAL_FN(real_cosh, cosh(x))
REAL_FN(real_tanh, tanh(x))
REAL_FN(real_degrees, x *(180 / M_PI))
REAL_FN(real_radians, x *(M_PI / 180))
REAL_FN2(real_power, pow(x, y))
REAL_FN2(real_atan2, atan2(x, y))
REAL_FN2(real_log_base, log(y) / log(x))
REAL_CONST(real_pi, M_PI)
REAL_CONST(real_e, M_E)

#define REAL(name, kernel, help, example) \
    { name, "math", "(DOUBLE) -> DOUBLE", kernel, FN_STRICT, NULL, NULL, NULL, help, example }
#define REAL2(name, kernel, help, example)                                                     \
    {                                                                                          \
        name, "math", "(DOUBLE, DOUBLE) -> DOUBLE", kernel, FN_STRICT, NULL, NULL, NULL, help, \
            example                                                                            \
    }

const Fn fns_math_real[] = {
    REAL2("POWER", real_power, "x raised to the power y.", "POWER(2, 10) => 1024.0"),
    REAL("SQRT", real_sqrt, "Square root; NaN for a negative number.", "SQRT(2.25) => 1.5"),
    REAL("CBRT", real_cbrt, "Cube root.", "CBRT(27) => 3.0"),
    REAL("EXP", real_exp, "e raised to the power x.", "EXP(1) => 2.718281828459045"),
    REAL("LN", real_ln, "Natural logarithm.", "LN(10) => 2.302585092994046"),
    REAL("LOG", real_ln, "Natural logarithm; with two arguments LOG(base, x).", "LOG(1) => 0.0"),
    REAL2("LOG", real_log_base, "Logarithm of the second argument to the base of the first.",
          "LOG(2, 8) => 3.0"),
    REAL("LOG10", real_log10, "Logarithm to base 10.", "LOG10(1000) => 3.0"),
    REAL("LOG2", real_log2, "Logarithm to base 2.", "LOG2(8) => 3.0"),
    REAL("SIN", real_sin, "Sine of an angle in radians.", "SIN(0) => 0.0"),
    REAL("COS", real_cos, "Cosine of an angle in radians.", "COS(0) => 1.0"),
    REAL("TAN", real_tan, "Tangent of an angle in radians.", "TAN(1) => 1.5574077246549023"),
    REAL("COT", real_cot, "Cotangent of an angle in radians.", "COT(1) => 0.6420926159343306"),
    REAL("ASIN", real_asin, "Angle whose sine is x.", "ASIN(0.5) => 0.5235987755982989"),
    REAL("ACOS", real_acos, "Angle whose cosine is x.", "ACOS(1) => 0.0"),
    REAL("ATAN", real_atan, "Angle whose tangent is x.", "ATAN(1) => 0.7853981633974483"),
    REAL2("ATAN2", real_atan2, "Angle of the point (y, x) to the x axis: ATAN2(y, x).",
          "ATAN2(1, 2) => 0.4636476090008061"),
    REAL("SINH", real_sinh, "Hyperbolic sine.", "SINH(0) => 0.0"),
    REAL("COSH", real_cosh, "Hyperbolic cosine.", "COSH(0) => 1.0"),
    REAL("TANH", real_tanh, "Hyperbolic tangent.", "TANH(0) => 0.0"),
    REAL("DEGREES", real_degrees, "Radians as degrees.", "DEGREES(PI()) => 180.0"),
    REAL("RADIANS", real_radians, "Degrees as radians.", "RADIANS(180) => 3.141592653589793"),
    {"PI", "math", "() -> DOUBLE!", real_pi, FN_STRICT, NULL, NULL, NULL, "The number pi.",
     "PI() => 3.141592653589793"},
    {"E", "math", "() -> DOUBLE!", real_e, FN_STRICT, NULL, NULL, NULL,
     "The base of natural logarithms.", "E() => 2.718281828459045"},
    FN_END};
