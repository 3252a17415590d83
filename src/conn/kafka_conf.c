/* kafka_conf.c -- a client's configuration and its errors. Options are written as for Flink, in the
 * names of Kafka's Java client; those that librdkafka calls otherwise are translated, those that
 * only make sense in Java are passed over or refused by name.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/kafka.h"

#if WEIR_HAVE_RDKAFKA

/* Java's name, and librdkafka's. NULL: nothing to say to librdkafka. */
typedef struct KafkaName {
    const char *java, *own;
} KafkaName;
static const KafkaName kafka_names[] = {
    {"auto.offset.reset", NULL}, /* kafka_start.c */
    {"buffer.memory", "queue.buffering.max.kbytes"},
    {"fetch.max.wait.ms", "fetch.wait.max.ms"},
    {"key.deserializer", NULL},
    {"key.serializer", NULL},
    {"max.block.ms", NULL},
    {"max.poll.records", NULL},
    {"max.request.size", "message.max.bytes"},
    {"partition.discovery.interval.ms", NULL},
    {"sasl.jaas.config", NULL}, /* kafkaconf_jaas */
    {"value.deserializer", NULL},
    {"value.serializer", NULL},
};

/* Java key stores have no place outside Java. */
static const KafkaName kafka_refused[] = {
    {"ssl.truststore.location", "ssl.ca.location"},
    {"ssl.truststore.password", "ssl.ca.location"},
    {"ssl.truststore.type", "ssl.ca.location"},
};

static const char kafka_prefix[] = "properties.";

Span kafka_property(const Options *options, const char *name) {
    size_t prefix = sizeof kafka_prefix - 1;
    for (uint32_t i = 0; i < options->n; i++) {
        Span key = options->pairs[i].key;
        if (!span_starts_with(key, kafka_prefix)) continue;
        if (span_is((Span){key.ptr + prefix, key.len - prefix}, name))
            return options->pairs[i].value;
    }
    return (Span){NULL, 0};
}

static Status kafkaconf_set(const KafkaLib *lib, rd_kafka_conf_t *conf, const char *name,
                            const char *value, int32_t pos, Err *err) {
    char why[256];
    if (lib->conf_set(conf, name, value, why, sizeof why) == RD_KAFKA_CONF_OK) return ST_OK;
    err_set(err, ST_INVALID, "22023", pos, __FILE__, __LINE__, "'properties.%s': %s", name, why);
    return err_hint(err, "librdkafka's CONFIGURATION.md lists the properties and their values");
}

/* username="..." or password='...' out of a login module's line. */
static bool kafkaconf_jaas_part(Span text, const char *name, char *out, size_t cap) {
    size_t len = strlen(name);
    for (size_t i = 0; i + len + 2 < text.len; i++) {
        char quote = text.ptr[i + len + 1];
        const char *from = text.ptr + i + len + 2, *to;
        if (memcmp(text.ptr + i, name, len) != 0 || text.ptr[i + len] != '=') continue;
        if (quote != '"' && quote != '\'') continue;
        to = memchr(from, quote, (size_t)(text.ptr + text.len - from));
        if (!to || (size_t)(to - from) >= cap) return false;
        memcpy(out, from, (size_t)(to - from));
        out[to - from] = '\0';
        return true;
    }
    return false;
}

static Status kafkaconf_jaas(const KafkaLib *lib, rd_kafka_conf_t *conf, const OptionPair *pair,
                             Err *err) {
    char user[256], password[256];
    if (kafkaconf_jaas_part(pair->value, "username", user, sizeof user) &&
        kafkaconf_jaas_part(pair->value, "password", password, sizeof password)) {
        TRY(kafkaconf_set(lib, conf, "sasl.username", user, pair->pos, err));
        return kafkaconf_set(lib, conf, "sasl.password", password, pair->pos, err);
    }
    err_set(err, ST_UNSUPPORTED, "0A000", pair->pos, __FILE__, __LINE__,
            "'properties.sasl.jaas.config' has no username and password");
    return err_hint(err, "other ways to log in: librdkafka's 'properties.sasl.…' settings");
}

static Status kafkaconf_pair(const KafkaLib *lib, rd_kafka_conf_t *conf, const OptionPair *pair,
                             Err *err) {
    size_t prefix = sizeof kafka_prefix - 1;
    Span key = {pair->key.ptr + prefix, pair->key.len - prefix};
    char name[128], value[1024];
    const char *own = name;
    if (key.len >= sizeof name || pair->value.len >= sizeof value) {
        FAIL(err, ST_INVALID, "22023", pair->pos, "'" SPAN_FMT "' is too long",
             SPAN_ARG(pair->key));
    }
    snprintf(name, sizeof name, SPAN_FMT, SPAN_ARG(key));
    snprintf(value, sizeof value, SPAN_FMT, SPAN_ARG(pair->value));
    if (span_is(key, "sasl.jaas.config")) return kafkaconf_jaas(lib, conf, pair, err);
    for (size_t i = 0; i < sizeof kafka_refused / sizeof *kafka_refused; i++) {
        if (!span_is(key, kafka_refused[i].java)) continue;
        err_set(err, ST_UNSUPPORTED, "0A000", pair->pos, __FILE__, __LINE__,
                "'properties.%s' is for Java only", name);
        return err_hint(err, "give a PEM file with 'properties.%s'", kafka_refused[i].own);
    }
    for (size_t i = 0; i < sizeof kafka_names / sizeof *kafka_names; i++)
        if (span_is(key, kafka_names[i].java)) own = kafka_names[i].own;
    if (!own) return ST_OK;
    if (span_is(key, "buffer.memory")) snprintf(value, sizeof value, "%lld", atoll(value) / 1024);
    return kafkaconf_set(lib, conf, own, value, pair->pos, err);
}

/* ---- callbacks ---- */

static void kafkaclient_quiet(const rd_kafka_t *handle, int level, const char *facility,
                              const char *text) {
    (void)handle, (void)level, (void)facility, (void)text;
}

/* Brokers that cannot be reached are tried again; what was said last explains a timeout. */
static void kafkaclient_problem(rd_kafka_t *handle, int code, const char *reason, void *opaque) {
    KafkaClient *client = opaque;
    (void)handle, (void)code;
    snprintf(client->last_error, sizeof client->last_error, "%s", reason);
}

static void kafkaclient_delivered(rd_kafka_t *handle, const rd_kafka_message_t *message,
                                  void *opaque) {
    KafkaClient *client = opaque;
    (void)handle;
    if (!message->err || client->status != ST_OK) return;
    client->status = ST_IO;
    snprintf(client->last_error, sizeof client->last_error, "%s",
             client->lib->err2str(message->err));
}

/* ---- opening ---- */

static Status kafkaclient_conf(KafkaClient *client, rd_kafka_conf_t *conf, const Options *options,
                               const char *const *defaults, const char *const *fixed, Err *err) {
    const KafkaLib *lib = client->lib;
    for (; defaults[0]; defaults += 2)
        TRY(kafkaconf_set(lib, conf, defaults[0], defaults[1], -1, err));
    for (uint32_t i = 0; i < options->n; i++) {
        const OptionPair *pair = &options->pairs[i];
        if (span_starts_with(pair->key, kafka_prefix)) TRY(kafkaconf_pair(lib, conf, pair, err));
    }
    for (; fixed && fixed[0]; fixed += 2)
        TRY(kafkaconf_set(lib, conf, fixed[0], fixed[1], -1, err));
    return ST_OK;
}

Status kafka_client_open(KafkaClient *client, rd_kafka_type_t type, const Options *options,
                         const char *const *defaults, const char *const *fixed, Err *err) {
    Span servers = kafka_property(options, "bootstrap.servers");
    rd_kafka_conf_t *conf;
    char why[256];
    Status status;
    TRY(kafka_lib(&client->lib, err));
    if (!servers.len) {
        err_set(err, ST_INVALID, "22023", -1, __FILE__, __LINE__,
                "a Kafka table needs 'properties.bootstrap.servers'");
        return err_hint(err, "add 'properties.bootstrap.servers' = 'host:9092'");
    }
    conf = client->lib->conf_new();
    client->lib->conf_set_opaque(conf, client);
    client->lib->conf_set_log_cb(conf, kafkaclient_quiet);
    client->lib->conf_set_error_cb(conf, kafkaclient_problem);
    if (type == RD_KAFKA_PRODUCER) client->lib->conf_set_dr_msg_cb(conf, kafkaclient_delivered);
    status = kafkaclient_conf(client, conf, options, defaults, fixed, err);
    if (status != ST_OK) {
        client->lib->conf_destroy(conf);
        return status;
    }
    client->handle = client->lib->new (type, conf, why, sizeof why);
    if (client->handle) return ST_OK;
    client->lib->conf_destroy(conf); /* still ours when it failed */
    FAIL(err, ST_INVALID, "22023", -1, "the Kafka client refuses its properties: %s", why);
}

void kafka_client_close(KafkaClient *client) {
    if (client->handle) client->lib->destroy(client->handle);
    client->handle = NULL;
}

Status kafka_fail(const KafkaClient *client, rd_kafka_resp_err_t code, const char *what, Err *err) {
    bool is_network =
        code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
        code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__RESOLVE;
    err_set(err, ST_IO, is_network ? "08001" : "58030", -1, __FILE__, __LINE__, "%s: %s", what,
            client->lib->err2str(code));
    if (client->last_error[0]) err_detail(err, "the client says: %s", client->last_error);
    if (!is_network) return ST_IO;
    return err_hint(err, "is a broker listening at 'properties.bootstrap.servers', and may it be "
                         "reached from here?");
}
#endif
