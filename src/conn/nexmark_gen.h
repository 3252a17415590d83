/* nexmark_gen.h -- the Nexmark auction house: events as functions of their number and a seed.
 * Private to src/conn.
 *
 * The distributions are those of the benchmark's Flink implementation. Unlike there, every event
 * draws from a random stream of its own, and every text field of an event too: a run can be
 * repeated, and a field that no query asks for costs nothing.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_NEXMARK_GEN_H
#define WEIR_NEXMARK_GEN_H

#include "conn/conn.h"

typedef enum NexmarkKind { NEXMARK_PERSON, NEXMARK_AUCTION, NEXMARK_BID } NexmarkKind;

typedef struct NexmarkConfig {
    uint64_t seed;
    int64_t base_us;                                /* event time of the first event */
    int64_t rate;                                   /* events a second of event time */
    int64_t n_person, n_auction, n_bid;             /* proportions */
    int64_t person_bytes, auction_bytes, bid_bytes; /* average sizes */
    int64_t hot_auctions, hot_bidders, hot_sellers; /* 1 of n goes to a cold one */
} NexmarkConfig;

typedef struct NexmarkEvent {
    NexmarkKind kind;
    uint64_t number; /* 1, 2, ... */
    int64_t time_us;
    int64_t last_person, last_auction;                          /* counted from 0 */
    int64_t id;                                                 /* of the person or auction */
    int64_t seller, category, initial_bid, reserve, expires_us; /* auction */
    int64_t auction, bidder, price;                             /* bid */
    uint32_t channel; /* bid: 0..3 the hot ones, then 4 + i for "channel-i" */
} NexmarkEvent;

typedef struct NexmarkGen NexmarkGen;
NexmarkGen *nexmark_gen_new(Mem *mem, const NexmarkConfig *config);
void nexmark_gen_free(NexmarkGen *gen);
void nexmark_gen_event(const NexmarkGen *gen, uint64_t number, NexmarkEvent *out);
/* Appends one field by its name's index in nexmark_fields[kind]. Long texts borrow the generator's
 * memory. */
typedef struct NexmarkField {
    const char *name;
    TypeKind type; /* VARCHAR, BIGINT or TIMESTAMP */
} NexmarkField;
extern const NexmarkField nexmark_fields[3][11]; /* each ended by a NULL name */
void nexmark_gen_field(const NexmarkGen *gen, const NexmarkEvent *event, uint32_t field,
                       ColBuilder *out);

#endif
