// Puts the headers of messages through rewriting for another channel. Fails where anything but the
// addresses of address fields changes, or where a second time changes something again.
#include <cstdio>
#include <cstdlib>
#include <set>

#include "base/bytes.h"
#include "corpus/outline.h"
#include "message/header_field.h"
#include "message/mime_scanner.h"
#include "policy/header_rewriting.h"
#include "support/site.h"

namespace {

using namespace sluice;

const std::set<std::string, LessIgnoringCase> address_fields = {
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Resent-From",
    "Resent-Sender",
    "Resent-Reply-To",
    "Resent-To",
    "Resent-Cc",
    "Resent-Bcc",
    "Errors-To",
    "Warnings-To",
    "Disposition-Notification-To",
    "Return-Receipt-To",
    "Read-Receipt-To",
    "Return-Path",
    "X-Vms-To",
    "X-Vms-Cc"};

void require(bool condition, const char* what, std::string_view where) {
    if (condition) return;
    std::printf("failed: %s: %s\n", what, std::string(where.substr(0, 200)).c_str());
    std::exit(1);
}

class Walk {
public:
    explicit Walk(std::string mappings)
        : site_(test::make_site({{"mappings", std::move(mappings)}})),
          channel_(*site_->imta.channels.find("tcp_local")) {}

    std::string rewritten(const std::string& header) {
        mapping::NoAnswers answers;
        const policy::CopyContext copy{*site_, channel_, channel_, {}, answers};
        const auto changed = policy::rewrite_header(copy, header);
        require(changed.has_value(), "no answer", header);
        return changed->value_or(header);
    }

private:
    config::ConfigurationPtr site_;
    const channel::Channel& channel_;
};

unsigned compare(std::string_view before, std::string_view after) {
    const std::size_t separator = message::mailbox_separator_length(before);
    require(before.substr(0, separator) == after.substr(0, separator), "a separator", before);
    before.remove_prefix(separator);
    after.remove_prefix(separator);
    const auto old_fields = message::split_header(before);
    const auto new_fields = message::split_header(after);
    require(old_fields.size() == new_fields.size(), "other fields", before);
    unsigned changed = 0;
    std::size_t old_end = 0;
    std::size_t new_end = 0;
    for (std::size_t i = 0; i < old_fields.size(); ++i) {
        old_end += old_fields[i].raw.size();
        new_end += new_fields[i].raw.size();
        if (old_fields[i].raw == new_fields[i].raw) continue;
        ++changed;
        require(old_fields[i].name == new_fields[i].name, "another name", old_fields[i].raw);
        require(
            address_fields.contains(std::string(old_fields[i].name)), "no field of addresses",
            old_fields[i].raw
        );
    }
    require(before.substr(old_end) == after.substr(new_end), "what is no field", before);
    return changed;
}

}  // namespace

int main() {
    Walk quiet("");
    Walk hiding("REVERSE\n\n  *@*  $Y$0@hidden.example\n");
    std::string message;
    unsigned messages = 0;
    unsigned changed = 0;
    while (corpus::read_message(message)) {
        const message::MimeParts parts = message::scan_message(message);
        const std::string header = message.substr(0, parts.front().header.end);
        const std::string once = quiet.rewritten(header);
        compare(header, once);
        require(quiet.rewritten(once) == once, "a second time", once);
        changed += compare(header, hiding.rewritten(header));
        ++messages;
    }
    std::printf("%u messages, %u fields changed, everything else kept\n", messages, changed);
    return messages > 1000 && changed > 1000 ? 0 : 1;
}
