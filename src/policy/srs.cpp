#include "policy/srs.h"

#include "base/bytes.h"
#include "policy/pipeline.h"
#include "policy/refusal.h"

// The Sender Rewriting Scheme (address/srs.h) in the pipeline: recipients that lead back to the
// sender of mail that was passed on.
namespace sluice::policy {

using config::OptionId;

address::SrsSettings srs_settings(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    address::SrsSettings settings;
    settings.domain = options.text(OptionId::srs_domain);
    settings.max_age = options.integer(OptionId::srs_maxage);
    for (const std::string_view secret : split(options.text(OptionId::srs_secrets), ',')) {
        if (!trim(secret).empty()) settings.secrets.emplace_back(trim(secret));
    }
    return settings;
}

std::optional<std::int64_t> day_number(mapping::Answers& outside) {
    const auto answer = outside.ask({mapping::Question::Kind::day_number, {}, {}, {}});
    if (answer.kind != mapping::Answer::Kind::found) return std::nullopt;
    const auto day = parse_unsigned(answer.text);
    if (!day) return std::nullopt;
    return static_cast<std::int64_t>(*day);
}

// Tables that look at the address as presented have seen it by now; what it stands for goes through
// rewriting and the other tables.
bool Pipeline::decode_srs(const alias::Worklist::Item& item, const std::string& address) {
    const config::Options& options = configuration_.options;
    const std::string& domain = options.text(OptionId::srs_domain);
    if (domain.empty() || !equals_ignoring_case(split_address(address).domain, domain))
        return false;
    const auto refuse_with = [&](const StatusCode& status, std::string_view text) {
        fail(item, address, make_refusal(status, text, given()));
        return true;
    };
    const auto day = day_number(answers_);
    if (!day) return refuse_with({4, 4, 3}, "temporary look-up failure");
    address::SrsDecoding decoded = address::srs_decode(srs_settings(configuration_), address, *day);
    switch (decoded.kind) {
        case address::SrsDecoding::Kind::none:
            return false;
        case address::SrsDecoding::Kind::bad_hash:
            return refuse_with({5, 7, 1}, options.text(OptionId::error_text_srs_badhash));
        case address::SrsDecoding::Kind::timed_out:
            return refuse_with({5, 7, 1}, options.text(OptionId::error_text_srs_timeout));
        case address::SrsDecoding::Kind::decoded:
            break;
    }
    note(TraceEntry::Stage::alias, address + " leads back to " + decoded.address);
    alias::Worklist::Item back = item;
    back.address = std::move(decoded.address);
    ++back.forwards;
    take(back);
    return true;
}

}  // namespace sluice::policy
