#include "mapping/known_tables.h"

#include <algorithm>
#include <iterator>

#include "base/bytes.h"

namespace sluice::mapping {

namespace {

constexpr std::string_view known_tables[] = {
    "AUTH_ACCESS",
    "AUTH_REWRITE",
    "CHARSET-CONVERSION",
    "COMMENT_STRINGS",
    "CONVERSIONS",
    "DEQUEUE_ACCESS",
    "DISPOSITION_LANGUAGE",
    "DMARC_ACCESS",
    "ERROR_ACTION",
    "ETRN_ACCESS",
    "FORWARD",
    "FROM_ACCESS",
    "HONEYPOT",
    "HTTP_ACCESS",
    "INTERNAL_IP",
    "IP_ACCESS",
    "LOG_ACTION",
    "MAIL_ACCESS",
    "MESSAGE-SAVE-COPY",
    "MILTER_ACCESS",
    "NOTIFICATION_LANGUAGE",
    "ORIG_MAIL_ACCESS",
    "ORIG_SEND_ACCESS",
    "PAGER",
    "PERSONAL_NAMES",
    "PORT_ACCESS",
    "REVERSE",
    "SEND_ACCESS",
};

}  // namespace

bool is_known_table(std::string_view name) {
    // Header and text tables of short-message channels carry the channel's name.
    if (starts_with_ignoring_case(name, "X-")) return true;
    constexpr std::string_view channel_text = "_TEXT";
    if (name.size() > channel_text.size() &&
        equals_ignoring_case(name.substr(name.size() - channel_text.size()), channel_text)) {
        return true;
    }
    return std::any_of(std::begin(known_tables), std::end(known_tables), [&](auto known) {
        return equals_ignoring_case(name, known);
    });
}

}  // namespace sluice::mapping
