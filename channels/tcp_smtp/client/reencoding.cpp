#include "reencoding.h"

#include <algorithm>
#include <utility>

namespace sluice::tcp_client {

using channel::Keyword;

EncodingRules encoding_rules(const channel::Channel& channel) {
    using EightBit = EncodingRules::EightBit;
    EncodingRules rules;
    if (channel.has(Keyword::eightbit)) rules.eight_bit = EightBit::as_is;
    if (channel.has(Keyword::eightstrict)) rules.eight_bit = EightBit::strict;
    if (channel.has(Keyword::sevenbit)) rules.eight_bit = EightBit::never;
    const std::int64_t length = channel.integer(Keyword::linelength, 0);
    rules.line_length = static_cast<std::size_t>(std::max<std::int64_t>(length, 0));
    return rules;
}

bool is_undeclared(const EncodingRules& rules, const ContentFacts& facts, bool smtputf8) {
    return rules.eight_bit == EncodingRules::EightBit::strict && facts.eight_bit_header &&
           !smtputf8;
}

message::WayLimits way_limits(
    const EncodingRules& rules, const ContentFacts& facts, bool peer_takes_eight_bit
) {
    using EightBit = EncodingRules::EightBit;
    message::WayLimits limits;
    const bool is_never = rules.eight_bit == EightBit::never;
    const bool may_encode = rules.eight_bit != EightBit::as_is;
    limits.seven_bit = facts.eight_bit && may_encode && (is_never || !peer_takes_eight_bit);
    limits.line_length = rules.line_length;
    return limits;
}

Result<Encoded> encode_for(
    queue::MessageFile& file, const ContentFacts& facts, const message::WayLimits& limits
) {
    Encoded out{std::nullopt, facts};
    if (!limits.seven_bit && limits.line_length == 0) return out;
    message::RecodingSurvey survey;
    queue::WireReader reader(file);
    while (true) {
        const auto octets = reader.next();
        if (!octets) return octets.error();
        if (octets->empty()) break;
        survey.feed(*octets);
    }
    survey.finish();
    message::Recoding recoding = survey.plan(limits);
    if (!recoding.is_needed) return out;
    // What cannot be encoded still needs 8BITMIME, or goes out without it.
    if (limits.seven_bit && !recoding.is_incomplete) out.facts.eight_bit = false;
    out.recoding = std::move(recoding);
    out.facts.wire_size = 0;
    OutgoingReader encoded(file, out.recoding);
    while (true) {
        const auto octets = encoded.next();
        if (!octets) return octets.error();
        if (octets->empty()) return out;
        out.facts.wire_size += octets->size();
    }
}

OutgoingReader::OutgoingReader(
    queue::MessageFile& file, const std::optional<message::Recoding>& recoding
)
    : reader_(file) {
    if (recoding) recoder_.emplace(*recoding);
}

Result<std::string_view> OutgoingReader::next() {
    if (!recoder_) return reader_.next();
    encoded_.clear();
    while (encoded_.empty() && !at_end_) {
        const auto octets = reader_.next();
        if (!octets) return octets.error();
        at_end_ = octets->empty();
        if (at_end_) {
            recoder_->finish(encoded_);
        } else {
            recoder_->feed(*octets, encoded_);
        }
    }
    return std::string_view(encoded_);
}

}  // namespace sluice::tcp_client
