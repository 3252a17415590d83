/* nexmark_gen.c -- computes Nexmark events.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/nexmark_gen.h"

#include <math.h>

enum {
    FIRST_PERSON = 1000,
    FIRST_AUCTION = 1000,
    FIRST_CATEGORY = 10,
    N_CATEGORIES = 5,
    ACTIVE_PEOPLE = 1000,
    PERSON_LEAD = 10,
    IN_FLIGHT_AUCTIONS = 100,
    AUCTION_LEAD = 10,
    HOT_EVERY = 100,
    N_CHANNELS = 10000,
    N_HOT_CHANNELS = 4,
    CHANNEL_CAP = 16,
    URL_CAP = 88,
    POOL_BYTES = 1 << 20,
    EXTRA_MAX = 1 << 16
};

struct NexmarkGen {
    Mem *mem;
    NexmarkConfig config;
    int64_t total;                     /* events of one epoch: the sum of the proportions */
    char pool[POOL_BYTES + EXTRA_MAX]; /* random letters; every `extra` is a piece of it */
    char channels[N_CHANNELS][CHANNEL_CAP];
    char urls[N_CHANNELS + N_HOT_CHANNELS][URL_CAP];
    uint8_t url_len[N_CHANNELS + N_HOT_CHANNELS];
};

const NexmarkField nexmark_fields[3][11] = {
    {{"id", TYPE_BIGINT},
     {"name", TYPE_VARCHAR},
     {"emailAddress", TYPE_VARCHAR},
     {"creditCard", TYPE_VARCHAR},
     {"city", TYPE_VARCHAR},
     {"state", TYPE_VARCHAR},
     {"dateTime", TYPE_TIMESTAMP},
     {"extra", TYPE_VARCHAR},
     {NULL, 0}},
    {{"id", TYPE_BIGINT},
     {"itemName", TYPE_VARCHAR},
     {"description", TYPE_VARCHAR},
     {"initialBid", TYPE_BIGINT},
     {"reserve", TYPE_BIGINT},
     {"dateTime", TYPE_TIMESTAMP},
     {"expires", TYPE_TIMESTAMP},
     {"seller", TYPE_BIGINT},
     {"category", TYPE_BIGINT},
     {"extra", TYPE_VARCHAR},
     {NULL, 0}},
    {{"auction", TYPE_BIGINT},
     {"bidder", TYPE_BIGINT},
     {"price", TYPE_BIGINT},
     {"channel", TYPE_VARCHAR},
     {"url", TYPE_VARCHAR},
     {"dateTime", TYPE_TIMESTAMP},
     {"extra", TYPE_VARCHAR},
     {NULL, 0}},
};

static const char *const hot_channels[N_HOT_CHANNELS] = {"Google", "Facebook", "Baidu", "Apple"};
static const char *const first_names[] = {"Peter", "Paul",  "Luke",  "John",   "Saul",  "Vicky",
                                          "Kate",  "Julie", "Sarah", "Deiter", "Walter"};
static const char *const last_names[] = {"Shultz", "Abrams", "Spencer", "White", "Bartels",
                                         "Walton", "Smith",  "Jones",   "Noris"};
static const char *const cities[] = {"Phoenix",  "Los Angeles", "San Francisco", "Boise",
                                     "Portland", "Bend",        "Redmond",       "Seattle",
                                     "Kent",     "Cheyenne"};
static const char *const states[] = {"AZ", "CA", "ID", "OR", "WA", "WY"};
#define N_OF(array) (sizeof(array) / sizeof *(array))

/* An independent stream for each event and field. */
static Rng nexmark_rng(const NexmarkGen *gen, uint64_t number, uint64_t stream) {
    Rng rng = {gen->config.seed * UINT64_C(0x9e3779b97f4a7c15) ^ (number << 5 | stream)};
    rng_next(&rng);
    return rng;
}

/* 3 to max - 1 letters, one in 13 a special character, without white space at the ends; returns the
 * length. */
static size_t nexmark_text(Rng *rng, size_t max, char special, char *out) {
    size_t len = 3 + rng_below(rng, max - 3);
    size_t from = 0;
    for (size_t i = 0; i < len; i++)
        out[i] = rng_below(rng, 13) ? (char)('a' + rng_below(rng, 26)) : special;
    while (len && out[len - 1] == ' ') len--;
    while (from < len && out[from] == ' ') from++;
    memmove(out, out + from, len - from);
    return len - from;
}

static size_t nexmark_url(Rng *rng, char *out) {
    char parts[3][8];
    for (int i = 0; i < 3; i++) parts[i][nexmark_text(rng, 5, '_', parts[i])] = '\0';
    return (size_t)snprintf(out, URL_CAP, "https://www.nexmark.com/%s/%s/%s/item.htm?query=1",
                            parts[0], parts[1], parts[2]);
}

static uint32_t nexmark_bit_reverse(uint32_t x) {
    uint32_t reversed = 0;
    for (int bit = 0; bit < 32; bit++) reversed |= (x >> bit & 1) << (31 - bit);
    return reversed;
}

NexmarkGen *nexmark_gen_new(Mem *mem, const NexmarkConfig *config) {
    NexmarkGen *gen = mem_alloc(mem, sizeof *gen);
    Rng rng;
    gen->mem = mem;
    gen->config = *config;
    gen->total = config->n_person + config->n_auction + config->n_bid;
    rng = nexmark_rng(gen, 0, 0);
    for (size_t i = 0; i < sizeof gen->pool; i++) gen->pool[i] = (char)('a' + rng_below(&rng, 26));
    for (uint32_t i = 0; i < N_CHANNELS + N_HOT_CHANNELS; i++) {
        size_t len = nexmark_url(&rng, gen->urls[i]);
        if (i >= N_HOT_CHANNELS && rng_below(&rng, 10)) {
            uint32_t channel = i - N_HOT_CHANNELS;
            int64_t id = llabs((int64_t)(int32_t)nexmark_bit_reverse(channel));
            len += (size_t)snprintf(gen->urls[i] + len, URL_CAP - len, "&channel_id=%lld",
                                    (long long)id);
        }
        gen->url_len[i] = (uint8_t)len;
    }
    for (uint32_t i = 0; i < N_CHANNELS; i++)
        snprintf(gen->channels[i], CHANNEL_CAP, "channel-%u", i);
    return gen;
}

void nexmark_gen_free(NexmarkGen *gen) {
    if (gen) mem_free(gen->mem, gen, sizeof *gen);
}

/* Cents, log-uniform from 1 to 1,000,000 dollars. */
static int64_t nexmark_price(Rng *rng) {
    return llround(pow(10, rng_f64(rng) * 6) * 100);
}

static int64_t nexmark_some_person(Rng *rng, const NexmarkEvent *event) {
    int64_t n_people = event->last_person + 1;
    int64_t n_active = n_people < ACTIVE_PEOPLE ? n_people : ACTIVE_PEOPLE;
    return n_people - n_active + (int64_t)rng_below(rng, (uint64_t)(n_active + PERSON_LEAD));
}

static void nexmark_auction(const NexmarkGen *gen, Rng *rng, NexmarkEvent *event) {
    const NexmarkConfig *config = &gen->config;
    /* Auctions last up to twice the time in which the next IN_FLIGHT_AUCTIONS auctions open. */
    int64_t horizon_events =
        IN_FLIGHT_AUCTIONS * gen->total / (config->n_auction ? config->n_auction : 1);
    int64_t horizon_ms = horizon_events * 1000 / config->rate;
    bool is_hot = rng_below(rng, (uint64_t)config->hot_sellers) > 0;
    if (horizon_ms < 1) horizon_ms = 1;
    event->id = event->last_auction + FIRST_AUCTION;
    event->seller =
        (is_hot ? event->last_person / HOT_EVERY * HOT_EVERY : nexmark_some_person(rng, event)) +
        FIRST_PERSON;
    event->category = FIRST_CATEGORY + (int64_t)rng_below(rng, N_CATEGORIES);
    event->initial_bid = nexmark_price(rng);
    event->reserve = event->initial_bid + nexmark_price(rng);
    event->expires_us =
        event->time_us + (1 + (int64_t)rng_below(rng, 2 * (uint64_t)horizon_ms)) * 1000;
}

static void nexmark_bid(const NexmarkGen *gen, Rng *rng, NexmarkEvent *event) {
    const NexmarkConfig *config = &gen->config;
    int64_t first =
        event->last_auction > IN_FLIGHT_AUCTIONS ? event->last_auction - IN_FLIGHT_AUCTIONS : 0;
    int64_t span = event->last_auction - first + 1 + AUCTION_LEAD;
    int64_t bidder;
    if (rng_below(rng, (uint64_t)config->hot_auctions) > 0)
        event->auction = event->last_auction / HOT_EVERY * HOT_EVERY;
    else
        event->auction = first + (int64_t)rng_below(rng, (uint64_t)span);
    event->auction += FIRST_AUCTION;
    if (rng_below(rng, (uint64_t)config->hot_bidders) > 0)
        bidder = event->last_person / HOT_EVERY * HOT_EVERY + 1;
    else
        bidder = nexmark_some_person(rng, event);
    /* The benchmark adds the base twice for bidders, so they meet other persons than one would
     * think. Kept: results differ otherwise. */
    event->bidder = bidder + 2 * FIRST_PERSON;
    event->price = nexmark_price(rng);
    event->channel = (uint32_t)(rng_below(rng, 2) ? rng_below(rng, N_HOT_CHANNELS)
                                                  : N_HOT_CHANNELS + rng_below(rng, N_CHANNELS));
}

void nexmark_gen_event(const NexmarkGen *gen, uint64_t number, NexmarkEvent *event) {
    const NexmarkConfig *config = &gen->config;
    int64_t epoch = (int64_t)number / gen->total;
    int64_t offset = (int64_t)number % gen->total;
    Rng rng = nexmark_rng(gen, number, 0);
    int64_t elapsed_us =
        (int64_t)((unsigned __int128)(number - 1) * 1000000 / (uint64_t)config->rate);
    event->number = number;
    event->time_us = config->base_us + elapsed_us / 1000 * 1000;
    event->last_person =
        epoch * config->n_person + (offset < config->n_person ? offset : config->n_person - 1);
    if (offset < config->n_person)
        event->last_auction = epoch * config->n_auction - 1;
    else if (offset < config->n_person + config->n_auction)
        event->last_auction = epoch * config->n_auction + offset - config->n_person;
    else
        event->last_auction = epoch * config->n_auction + config->n_auction - 1;
    if (event->last_auction < 0) event->last_auction = 0;
    if (offset < config->n_person) {
        event->kind = NEXMARK_PERSON;
        event->id = event->last_person + FIRST_PERSON;
    } else if (offset < config->n_person + config->n_auction) {
        event->kind = NEXMARK_AUCTION;
        nexmark_auction(gen, &rng, event);
    } else {
        event->kind = NEXMARK_BID;
        nexmark_bid(gen, &rng, event);
    }
}

/* A piece of the pool that brings the record to its average size, give or take a fifth of the
 * room. */
static void nexmark_extra(const NexmarkGen *gen, Rng *rng, int64_t have, int64_t average,
                          ColBuilder *out) {
    int64_t room = average - have;
    int64_t delta = llround((double)room * 0.2);
    int64_t len;
    if (room <= 0) {
        colb_str_ref(out, gen->pool, 0);
        return;
    }
    len = room - delta + (delta ? (int64_t)rng_below(rng, 2 * (uint64_t)delta + 1) : 0);
    if (len > EXTRA_MAX) len = EXTRA_MAX;
    colb_str_ref(out, gen->pool + rng_below(rng, POOL_BYTES), (size_t)len);
}

static void nexmark_person_field(const NexmarkGen *gen, const NexmarkEvent *event, uint32_t field,
                                 ColBuilder *out) {
    Rng rng = nexmark_rng(gen, event->number, 1 + field);
    char text[64];
    char mail[2][8];
    size_t len = 0;
    switch (field) {
    case 0: colb_i64(out, event->id); return;
    case 1:
        len = (size_t)snprintf(text, sizeof text, "%s %s",
                               first_names[rng_below(&rng, N_OF(first_names))],
                               last_names[rng_below(&rng, N_OF(last_names))]);
        break;
    case 2:
        mail[0][nexmark_text(&rng, 7, ' ', mail[0])] = '\0';
        mail[1][nexmark_text(&rng, 5, ' ', mail[1])] = '\0';
        len = (size_t)snprintf(text, sizeof text, "%s@%s.com", mail[0], mail[1]);
        break;
    case 3:
        for (int i = 0; i < 4; i++) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%04u", i ? " " : "",
                                    (unsigned)rng_below(&rng, 10000));
        }
        break;
    case 4:
        len = (size_t)snprintf(text, sizeof text, "%s", cities[rng_below(&rng, N_OF(cities))]);
        break;
    case 5:
        len = (size_t)snprintf(text, sizeof text, "%s", states[rng_below(&rng, N_OF(states))]);
        break;
    case 6: colb_i64(out, event->time_us); return;
    default:
        nexmark_extra(gen, &rng, 70, gen->config.person_bytes, out);
        return; /* 70: a typical person's other fields */
    }
    colb_str(out, text, len);
}

static void nexmark_auction_field(const NexmarkGen *gen, const NexmarkEvent *event, uint32_t field,
                                  ColBuilder *out) {
    Rng rng = nexmark_rng(gen, event->number, 1 + field);
    char text[128];
    switch (field) {
    case 0: colb_i64(out, event->id); return;
    case 1: colb_str(out, text, nexmark_text(&rng, 20, ' ', text)); return;
    case 2: colb_str(out, text, nexmark_text(&rng, 100, ' ', text)); return;
    case 3: colb_i64(out, event->initial_bid); return;
    case 4: colb_i64(out, event->reserve); return;
    case 5: colb_i64(out, event->time_us); return;
    case 6: colb_i64(out, event->expires_us); return;
    case 7: colb_i64(out, event->seller); return;
    case 8: colb_i64(out, event->category); return;
    default: nexmark_extra(gen, &rng, 120, gen->config.auction_bytes, out); return;
    }
}

static void nexmark_bid_field(const NexmarkGen *gen, const NexmarkEvent *event, uint32_t field,
                              ColBuilder *out) {
    Rng rng;
    switch (field) {
    case 0: colb_i64(out, event->auction); return;
    case 1: colb_i64(out, event->bidder); return;
    case 2: colb_i64(out, event->price); return;
    case 3: {
        const char *name = event->channel < N_HOT_CHANNELS
                               ? hot_channels[event->channel]
                               : gen->channels[event->channel - N_HOT_CHANNELS];
        colb_str_ref(out, name, strlen(name));
        return;
    }
    case 4: colb_str_ref(out, gen->urls[event->channel], gen->url_len[event->channel]); return;
    case 5: colb_i64(out, event->time_us); return;
    default:
        rng = nexmark_rng(gen, event->number, 1 + field);
        nexmark_extra(gen, &rng, 32, gen->config.bid_bytes,
                      out); /* the benchmark counts only the four numbers */
        return;
    }
}

void nexmark_gen_field(const NexmarkGen *gen, const NexmarkEvent *event, uint32_t field,
                       ColBuilder *out) {
    if (event->kind == NEXMARK_BID)
        nexmark_bid_field(gen, event, field, out);
    else if (event->kind == NEXMARK_AUCTION)
        nexmark_auction_field(gen, event, field, out);
    else
        nexmark_person_field(gen, event, field, out);
}
