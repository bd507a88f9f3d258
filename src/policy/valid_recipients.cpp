#include "policy/valid_recipients.h"

#include <algorithm>

#include "base/bytes.h"
#include "policy/pipeline.h"
#include "policy/refusal.h"

namespace sluice::policy {

using mapping::Answer;

namespace {

constexpr std::size_t most_hyphens = 16;

bool is_postmaster(std::string_view local_part) {
    return equals_ignoring_case(local_part, "postmaster");
}

}  // namespace

std::vector<std::string> valid_recipient_keys(
    std::string_view local_part, std::string_view domain
) {
    const std::string at_domain = '@' + std::string(domain);
    std::vector<std::string> keys{std::string(local_part) + at_domain};
    const std::string_view user = local_part.substr(0, local_part.find('+'));
    if (!user.empty() && user != local_part) keys.push_back(std::string(user) + at_domain);
    std::string_view rest = user;
    for (std::size_t i = 0; i < most_hyphens; ++i) {
        const std::size_t hyphen = rest.rfind('-');
        if (hyphen == std::string_view::npos) break;
        rest = rest.substr(0, hyphen);
        keys.push_back(std::string(rest) + "-default" + at_domain);
    }
    keys.push_back(at_domain);
    return keys;
}

// What comes back from a channel was asked about when it came in, our own notifications must
// arrive, and a postmaster everybody has (RFC 5321 section 4.5.1).
bool Pipeline::is_valid_recipient(const alias::Worklist::Item& item, const std::string& address) {
    if (configuration_.options.text(config::OptionId::valid_rcpt_database).empty()) return true;
    const bool is_our_own = probe_.skip_access_tables && !probe_.only_looking;
    const SplitAddress parts = split_address(address);
    if (probe_.reprocessing || is_our_own || is_postmaster(parts.local_part)) return true;
    TraceEntry entry;
    entry.stage = TraceEntry::Stage::user;
    entry.tried.push_back({"VALID_RCPT_DATABASE", {}});
    for (std::string& key : valid_recipient_keys(parts.local_part, parts.domain)) {
        const Answer answer =
            answers_.ask({mapping::Question::Kind::call_out, "abuse", "valid_rcpt", to_lower(key)});
        if (answer.kind == Answer::Kind::found) {
            entry.text = address + " is in VALID_RCPT_DATABASE: " + key;
            entry.key = std::move(key);
            entry.found = true;
            if (trace_ != nullptr) trace_->push_back(std::move(entry));
            return true;
        }
        if (answer.kind != Answer::Kind::not_found) {
            fail(
                item, address,
                make_refusal({4, 3, 0}, "the recipients cannot be looked up now", given())
            );
            return false;
        }
        entry.tried.front().keys.push_back(std::move(key));
    }
    entry.text = address + " is not in VALID_RCPT_DATABASE";
    if (trace_ != nullptr) trace_->push_back(std::move(entry));
    fail(item, address, make_refusal({5, 1, 1}, "unknown or illegal alias", given()));
    return false;
}

}  // namespace sluice::policy
