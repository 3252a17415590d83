/* conn.c -- finding, opening and closing connectors. The registry is generated from the names of
 * the conn_*.c files.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/conn.h"

extern const ConnType *const conn_registry[];

const ConnType *const *conn_all(uint32_t *n) {
    *n = 0;
    while (conn_registry[*n]) ++*n;
    return conn_registry;
}

const ConnType *conn_find(Span name) {
    for (const ConnType *const *type = conn_registry; *type; type++) {
        if (span_is(name, (*type)->name)) return *type;
    }
    return NULL;
}

Status source_open(const ConnType *type, const SourceSpec *spec, Source **out, Err *err) {
    Source *source = arena_alloc(spec->arena, type->source->size);
    Status status;
    memset(source, 0, type->source->size);
    source->type = type;
    source->spec = *spec;
    status = type->source->open(source, err);
    if (status != ST_OK) {
        if (type->source->close) type->source->close(source);
        return status;
    }
    *out = source;
    return ST_OK;
}

void source_close(Source *source) {
    if (source && source->type->source->close) source->type->source->close(source);
}

bool conn_has_lookup(const ConnType *type, const Options *options) {
    return type->lookup && (!type->has_lookup || type->has_lookup(options));
}

Status lookup_open(const ConnType *type, const LookupSpec *spec, Lookup **out, Err *err) {
    Lookup *lookup = arena_zalloc(spec->arena, type->lookup->size);
    lookup->type = type;
    lookup->spec = *spec;
    *out = lookup;
    return type->lookup->open ? type->lookup->open(lookup, err) : ST_OK;
}

void lookup_close(Lookup *lookup) {
    if (lookup && lookup->type->lookup->close) lookup->type->lookup->close(lookup);
}

Status sink_open(const ConnType *type, const SinkSpec *spec, Sink **out, Err *err) {
    Sink *sink = arena_alloc(spec->arena, type->sink->size);
    Status status;
    memset(sink, 0, type->sink->size);
    sink->type = type;
    sink->spec = *spec;
    status = type->sink->open ? type->sink->open(sink, err) : ST_OK;
    if (status != ST_OK) {
        if (type->sink->close) type->sink->close(sink);
        return status;
    }
    *out = sink;
    return ST_OK;
}

void sink_close(Sink *sink) {
    if (sink && sink->type->sink->close) sink->type->sink->close(sink);
}
