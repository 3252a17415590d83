/* fn_geo.c -- places on the earth: distances and geohashes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"

#include <math.h>

#define GEO_KERNEL(kernel)                                                                         \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

#define GEO_EARTH_RADIUS_M 6371008.8 /* mean radius */
#define GEO_RADIANS(degrees) ((degrees)*M_PI / 180)

static double geo_arg(const Column *col, uint32_t row) {
    return col->f64[col_at(col, row)];
}

static Status geo_check(FnCtx *ctx, double latitude, double longitude, Err *err) {
    if (fabs(latitude) <= 90 && fabs(longitude) <= 180) return ST_OK;
    FN_FAIL(ctx, err, "22003", "%s: %g, %g is no latitude and longitude", ctx->call->fn->name,
            latitude, longitude);
}

/* ---- HAVERSINE ---- */

GEO_KERNEL(geo_haversine) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        double lat1 = geo_arg(&args[0], i), lon1 = geo_arg(&args[1], i);
        double lat2 = geo_arg(&args[2], i), lon2 = geo_arg(&args[3], i);
        TRY(geo_check(ctx, lat1, lon1, err));
        TRY(geo_check(ctx, lat2, lon2, err));
        double dlat = sin(GEO_RADIANS(lat2 - lat1) / 2), dlon = sin(GEO_RADIANS(lon2 - lon1) / 2);
        double a = dlat * dlat + cos(GEO_RADIANS(lat1)) * cos(GEO_RADIANS(lat2)) * dlon * dlon;
        fn_out_f64(out)[i] = 2 * GEO_EARTH_RADIUS_M * asin(sqrt(a > 1 ? 1 : a));
    }
    return ST_OK;
}

/* ---- geohashes: bits of longitude and latitude in turn, 5 bits a character ---- */

enum { GEOHASH_MAX = 20, GEOHASH_USUAL = 12 };
static const char geo_digits[] = "0123456789bcdefghjkmnpqrstuvwxyz";

static void geo_encode(double latitude, double longitude, int len, char *to) {
    double low[2] = {-180, -90}, high[2] = {180, 90}, at[2] = {longitude, latitude};
    int axis = 0;
    for (int i = 0; i < len; i++) {
        int digit = 0;
        for (int bit = 0; bit < 5; bit++, axis ^= 1) {
            double mid = (low[axis] + high[axis]) / 2;
            digit = 2 * digit + (at[axis] >= mid);
            *(at[axis] >= mid ? &low[axis] : &high[axis]) = mid;
        }
        to[i] = geo_digits[digit];
    }
}

GEO_KERNEL(geo_geohash) {
    FnText text = {ctx->scratch, NULL, NULL};
    for (uint32_t i = 0; i < n; i++) {
        char hash[GEOHASH_MAX];
        int64_t len = GEOHASH_USUAL;
        if (!fn_is_valid(out, i)) continue;
        double latitude = geo_arg(&args[0], i), longitude = geo_arg(&args[1], i);
        TRY(geo_check(ctx, latitude, longitude, err));
        if (n_args > 2) len = fn_int(&args[2], i);
        if (len < 1 || len > GEOHASH_MAX)
            FN_FAIL(ctx, err, "22003", "GEOHASH has 1 to %d characters", GEOHASH_MAX);
        geo_encode(latitude, longitude, (int)len, hash);
        fn_out_str(out)[i] = fn_text_copy(&text, (Span){hash, (size_t)len});
    }
    return ST_OK;
}

/* The cell of a geohash: low and high of longitude and latitude; false when it is none. */
static bool geo_decode(Span hash, double low[2], double high[2]) {
    int axis = 0;
    low[0] = -180, high[0] = 180, low[1] = -90, high[1] = 90;
    if (!hash.len || hash.len > GEOHASH_MAX) return false;
    for (size_t i = 0; i < hash.len; i++) {
        char c = hash.ptr[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        const char *digit = c ? strchr(geo_digits, c) : NULL;
        if (!digit) return false;
        for (int bit = 4; bit >= 0; bit--, axis ^= 1) {
            double mid = (low[axis] + high[axis]) / 2;
            *((digit - geo_digits) >> bit & 1 ? &low[axis] : &high[axis]) = mid;
        }
    }
    return true;
}

static Status geo_center(FnCtx *ctx, const Column *args, uint32_t n, Column *out, int axis) {
    for (uint32_t i = 0; i < n; i++) {
        double low[2], high[2];
        if (!fn_is_valid(out, i)) continue;
        if (geo_decode(fn_span(&args[0], i), low, high))
            fn_out_f64(out)[i] = (low[axis] + high[axis]) / 2;
        else
            fn_make_null(ctx, out, i);
    }
    return ST_OK;
}
GEO_KERNEL(geo_latitude) {
    (void)n_args, (void)err;
    return geo_center(ctx, args, n, out, 1);
}
GEO_KERNEL(geo_longitude) {
    (void)n_args, (void)err;
    return geo_center(ctx, args, n, out, 0);
}

#define SF (FN_STRICT | FN_CAN_FAIL)
#define SN (FN_STRICT | FN_CAN_NULL)

const Fn fns_geo[] = {
    {"HAVERSINE", "geo", "(DOUBLE, DOUBLE, DOUBLE, DOUBLE) -> DOUBLE", geo_haversine, SF, NULL,
     NULL, NULL,
     "HAVERSINE(lat1, lon1, lat2, lon2): metres between two places on a sphere of the earth's mean "
     "radius.",
     "ROUND(HAVERSINE(52.52, 13.405, 48.8566, 2.3522) / 1000) => 877.0"},
    {"GEOHASH", "geo", "(DOUBLE, DOUBLE [, INTEGER]) -> STRING", geo_geohash, SF, NULL, NULL, NULL,
     "GEOHASH(latitude, longitude, n): the cell of n characters (12) that a place is in; nearby "
     "places mostly share a prefix.",
     "GEOHASH(57.64911, 10.40744, 8) => u4pruydq"},
    {"GEOHASH_LATITUDE", "geo", "(STRING) -> DOUBLE", geo_latitude, SN, NULL, NULL, NULL,
     "The latitude of the middle of a cell; NULL when the text is no geohash.",
     "ROUND(GEOHASH_LATITUDE('u4pruydq'), 3) => 57.649"},
    {"GEOHASH_LONGITUDE", "geo", "(STRING) -> DOUBLE", geo_longitude, SN, NULL, NULL, NULL,
     "The longitude of the middle of a cell; NULL when the text is no geohash.",
     "ROUND(GEOHASH_LONGITUDE('u4pruydq'), 3) => 10.407"},
    FN_END};
