#include "policy/header_rewriting.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "channel/keyword.h"
#include "message/address_list.h"
#include "message/header_field.h"
#include "message/header_layout.h"
#include "policy/header_names.h"

namespace sluice::policy {

using channel::Keyword;
using message::AddressDirection;
using message::HeaderField;

namespace {

/// Only an address that reads back as itself may take the place of another: a template can make
/// anything, and a header field must stay one.
bool is_writable(const std::string& address) {
    if (address.empty()) return false;
    const auto list = message::parse_address_list('<' + address + '>');
    return list && list->comments.empty() && list->addresses.size() == 1 &&
           list->addresses[0].address == address;
}

std::size_t size_of(const channel::Channel& channel, Keyword keyword) {
    return static_cast<std::size_t>(std::max<std::int64_t>(channel.integer(keyword, 0), 0));
}

/// Only keywords that are given count: the defaults of the family would lay out every header anew.
message::HeaderLayout layout_for(
    const channel::Channel& source, const channel::Channel& destination
) {
    using message::DateForm;
    message::HeaderLayout layout;
    layout.refold = source.is_given(Keyword::headerfoldremove);
    layout.line_length = size_of(destination, Keyword::headerlinelength);
    layout.label_column = size_of(destination, Keyword::headerlabelalign);
    layout.max_addresses = size_of(destination, Keyword::maxheaderaddrs);
    layout.max_chars = size_of(destination, Keyword::maxheaderchars);
    if (destination.is_given(Keyword::datefour)) layout.dates.year = DateForm::Year::four_digits;
    if (destination.is_given(Keyword::datetwo)) layout.dates.year = DateForm::Year::two_digits;
    if (destination.is_given(Keyword::dayofweek)) layout.dates.day_of_week = DateForm::Day::add;
    if (destination.is_given(Keyword::nodayofweek))
        layout.dates.day_of_week = DateForm::Day::remove;
    return layout;
}

std::int64_t longest_processed(const CopyContext& copy) {
    constexpr std::int64_t no_limit = INT64_MAX;
    return std::min(
        copy.source.limit(Keyword::maxprocchars).value_or(no_limit),
        copy.destination.limit(Keyword::maxprocchars).value_or(no_limit)
    );
}

/// Rewrites the fields of one header.
class HeaderRewriting {
public:
    explicit HeaderRewriting(const CopyContext& copy)
        : copy_(copy),
          treatments_(name_treatments(copy.source, copy.destination)),
          layout_(layout_for(copy.source, copy.destination)),
          longest_(longest_processed(copy)) {}

    Result<std::optional<std::string>> run(std::string_view header) {
        message::SpanEdits edits;
        const std::string_view fields = header.substr(message::mailbox_separator_length(header));
        for (const HeaderField& field : message::split_header(fields)) {
            auto changed = take(field);
            if (!changed) return std::move(changed).error();
            if (!*changed) continue;
            const auto offset = static_cast<std::size_t>(field.raw.data() - header.data());
            edits.replace({offset, field.raw.size()}, std::move(**changed));
        }
        if (edits.empty()) return std::optional<std::string>();
        return std::optional(edits.apply(header));
    }

private:
    using Changed = std::optional<std::string>;  ///< the new field; nullopt: as it is

    Result<Changed> take(const HeaderField& field) {
        if (static_cast<std::int64_t>(field.raw.size()) > longest_) return Changed();
        auto rewritten = rewrite(field);
        if (!rewritten || layout_.keeps_all()) return rewritten;
        const std::string_view now = *rewritten ? std::string_view(**rewritten) : field.raw;
        std::string laid_out = message::lay_out(now, layout_);
        if (laid_out == field.raw) return Changed();
        return Changed(std::move(laid_out));
    }

    Result<Changed> rewrite(const HeaderField& field) {
        message::SpanEdits edits;
        if (const auto direction = message::address_direction(field.name)) {
            const auto list = message::parse_address_list(field.raw_value);
            if (!list) return Changed();
            auto edited = edit_addresses(*list, *direction, field.raw_value, edits);
            if (!edited) return std::move(edited).error();
        } else if (treatments_.all_comments && !equals_ignoring_case(field.name, "Received")) {
            remove_comments(field.raw_value, edits);
        }
        if (edits.empty()) return Changed();
        const auto begin = static_cast<std::size_t>(field.raw_value.data() - field.raw.data());
        const std::string_view line_end = field.raw.substr(begin + field.raw_value.size());
        std::string out(field.raw.substr(0, begin));
        out += edits.apply(field.raw_value);
        out += line_end;
        return Changed(message::within_longest_line(std::move(out)));
    }

    Result<void> edit_addresses(
        const message::AddressList& list,
        AddressDirection direction,
        std::string_view value,
        message::SpanEdits& edits
    ) {
        done_ += list.addresses.size();
        if (done_ > max_header_addresses) return {};
        const AddressKind kind = direction == AddressDirection::forward
                                     ? AddressKind::header_forward
                                     : AddressKind::header_backward;
        std::vector<std::string> addresses;
        for (const message::ListedAddress& listed : list.addresses) {
            auto outgoing = outgoing_address(copy_, kind, listed.address);
            if (!outgoing) return std::move(outgoing).error();
            if (*outgoing == listed.address || !is_writable(*outgoing)) {
                addresses.push_back(listed.address);
                continue;
            }
            addresses.push_back(std::move(*outgoing));
            const std::string& now = addresses.back();
            // A source route is only allowed in brackets (RFC 5322 section 4.4).
            const bool needs_brackets = !listed.in_brackets && now.front() == '@';
            edits.replace(listed.spelling, needs_brackets ? '<' + now + '>' : now);
        }
        if (treatments_.keep_all()) return {};
        return treat_names(copy_, treatments_, value, list, addresses, edits);
    }

    const CopyContext& copy_;
    NameTreatments treatments_;
    message::HeaderLayout layout_;
    std::int64_t longest_;
    std::size_t done_ = 0;
};

}  // namespace

Result<std::optional<std::string>> rewrite_header(
    const CopyContext& copy, std::string_view header
) {
    return HeaderRewriting(copy).run(header);
}

}  // namespace sluice::policy
