/* netchange.c -- the net change of a step by key: an open-addressing index over keys in order of
 * first touch, each with a short list of its distinct rows. See netchange.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/netchange.h"

void net_init(Net *net, Mem *mem) {
    *net = (Net){.mem = mem};
    arena_init(&net->arena, mem);
    buf_init(&net->row, mem);
}

void net_deinit(Net *net) {
    arena_deinit(&net->arena);
    buf_deinit(&net->row);
    mem_free(net->mem, net->keys, sizeof *net->keys * net->cap_keys);
    mem_free(net->mem, net->slots, sizeof *net->slots * net->n_slots);
    *net = (Net){.mem = net->mem};
}

void net_reset(Net *net) {
    arena_reset(&net->arena);
    memset(net->free, 0, sizeof net->free);
    if (net->n_keys) memset(net->slots, 0, sizeof *net->slots * net->n_slots);
    net->n_keys = net->n_empty = 0;
}

static void net_index(Net *net, uint32_t n_slots) {
    if (n_slots != net->n_slots) {
        mem_free(net->mem, net->slots, sizeof *net->slots * net->n_slots);
        net->slots = mem_alloc(net->mem, sizeof *net->slots * n_slots);
        net->n_slots = n_slots;
    }
    memset(net->slots, 0, sizeof *net->slots * n_slots);
    for (uint32_t i = 0; i < net->n_keys; i++) {
        uint32_t at = (uint32_t)net->keys[i].hash & (n_slots - 1);
        while (net->slots[at]) at = (at + 1) & (n_slots - 1);
        net->slots[at] = i + 1;
    }
}

static NetKey *net_key(Net *net, Span key, uint64_t hash) {
    uint32_t at;
    NetKey *found;
    char *bytes;
    if (2 * (net->n_keys + 1) > net->n_slots) net_index(net, net->n_slots ? 2 * net->n_slots : 64);
    for (at = (uint32_t)hash & (net->n_slots - 1); net->slots[at];
         at = (at + 1) & (net->n_slots - 1)) {
        found = &net->keys[net->slots[at] - 1];
        if (found->hash == hash && found->len == key.len &&
            memcmp(found->bytes, key.ptr, key.len) == 0)
            return found;
    }
    if (net->n_keys == net->cap_keys) {
        uint32_t cap = net->cap_keys ? 2 * net->cap_keys : 32;
        net->keys = mem_realloc(net->mem, net->keys, sizeof *net->keys * net->cap_keys,
                                sizeof *net->keys * cap);
        net->cap_keys = cap;
    }
    net->slots[at] = ++net->n_keys;
    bytes = arena_alloc(&net->arena, key.len);
    if (key.len) memcpy(bytes, key.ptr, key.len);
    found = &net->keys[net->n_keys - 1];
    *found = (NetKey){.hash = hash, .bytes = bytes, .len = (uint32_t)key.len};
    net->n_empty++;
    return found;
}

static uint32_t net_class(size_t room) {
    return room <= 1 ? 0 : 64 - (uint32_t)__builtin_clzll(room - 1);
}

static NetRow *net_row(Net *net, Span bytes, int64_t weight) {
    uint32_t class = net_class(sizeof(NetRow) + bytes.len);
    NetRow *row = net->free[class];
    if (row)
        net->free[class] = row->next;
    else
        row = arena_alloc(&net->arena, (size_t)1 << class);
    *row = (NetRow){.weight = weight, .len = (uint32_t)bytes.len};
    if (bytes.len) memcpy(row->bytes, bytes.ptr, bytes.len);
    return row;
}

static void net_add_row(Net *net, NetKey *key, Span bytes, int64_t weight) {
    NetRow **at = &key->first;
    for (; *at; at = &(*at)->next) {
        NetRow *row = *at;
        if (row->len != bytes.len || memcmp(row->bytes, bytes.ptr, bytes.len) != 0) continue;
        row->weight += weight;
        if (row->weight) return;
        *at = row->next;
        row->next = net->free[net_class(sizeof *row + row->len)];
        net->free[net_class(sizeof *row + row->len)] = row;
        net->n_empty += key->first == NULL;
        return;
    }
    net->n_empty -= key->first == NULL;
    *at = net_row(net, bytes, weight);
}

void net_add(Net *net, const RowKeys *keys, const Batch *batch) {
    for (uint32_t i = 0; i < batch->n_rows; i++) {
        uint32_t row = batch_row(batch, i);
        int32_t weight = batch_weight(batch, row);
        if (!weight) continue;
        buf_reset(&net->row);
        rowcodec_encode(batch->cols, batch->n_cols, row, &net->row);
        net_add_row(net, net_key(net, rowkey_get(keys, i), keys->hashes[i]), buf_as_span(&net->row),
                    weight);
    }
}

void net_add_one(Net *net, Span key, uint64_t hash, Span row, int64_t weight) {
    if (weight) net_add_row(net, net_key(net, key, hash), row, weight);
}

void net_compact(Net *net) {
    Net fresh;
    if (net->n_empty < 1024 || net->n_empty * 2 < net->n_keys) return;
    net_init(&fresh, net->mem);
    for (uint32_t i = 0; i < net->n_keys; i++) {
        NetKey *from = &net->keys[i];
        if (!from->first) continue;
        for (const NetRow *row = from->first; row; row = row->next)
            net_add_row(&fresh, net_key(&fresh, (Span){from->bytes, from->len}, from->hash),
                        (Span){row->bytes, row->len}, row->weight);
    }
    net_deinit(net);
    *net = fresh;
}
