// simdjson_oracle.cc -- simdjson's DOM as an independent opinion on JSON: whether it is valid, and
// which values it holds. The form written: objects and arrays with their brackets and commas, keys
// and strings unescaped between angle brackets, integers as they are, other numbers as the 16
// hexadecimal digits of the double.
// SPDX-License-Identifier: Apache-2.0
#include "simdjson_oracle.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <simdjson.h>
#include <string>

using namespace simdjson;

static void put(std::string &to, const dom::element &e) {
    char text[40];
    switch (e.type()) {
    case dom::element_type::OBJECT: {
        bool first = true;
        to += '{';
        for (dom::key_value_pair field : e.get_object()) {
            if (!first) to += ',';
            first = false;
            to += '<';
            to.append(field.key.data(), field.key.size());
            to += ">:";
            put(to, field.value);
        }
        to += '}';
        return;
    }
    case dom::element_type::ARRAY: {
        bool first = true;
        to += '[';
        for (dom::element item : e.get_array()) {
            if (!first) to += ',';
            first = false;
            put(to, item);
        }
        to += ']';
        return;
    }
    case dom::element_type::STRING: {
        std::string_view s = e.get_string();
        to += '<';
        to.append(s.data(), s.size());
        to += '>';
        return;
    }
    case dom::element_type::INT64:
        snprintf(text, sizeof text, "%" PRId64, int64_t(e.get_int64()));
        break;
    case dom::element_type::UINT64:
        snprintf(text, sizeof text, "%" PRIu64, uint64_t(e.get_uint64()));
        break;
    case dom::element_type::DOUBLE: {
        double d = e.get_double();
        uint64_t bits;
        memcpy(&bits, &d, 8);
        snprintf(text, sizeof text, "%016" PRIx64, bits);
        break;
    }
    case dom::element_type::BOOL: snprintf(text, sizeof text, bool(e) ? "true" : "false"); break;
    default: snprintf(text, sizeof text, "null");
    }
    to += text;
}

bool oracle_json(const char *text, size_t len, char *out, size_t cap, size_t *n) {
    static dom::parser parser;
    dom::element root;
    std::string form;
    if (parser.parse(text, len, false).get(root) != SUCCESS) return false;
    if (!root.is_object()) return false;
    put(form, root);
    *n = form.size() < cap ? form.size() : cap;
    memcpy(out, form.data(), *n);
    return true;
}
