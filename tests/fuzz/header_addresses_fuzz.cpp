// Addresses of a header must be found where they stand: replacing each by itself changes nothing,
// replacing each by another is read back as that, and laying a field out loses no address.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "message/address_list.h"
#include "message/date_form.h"
#include "message/header_field.h"
#include "message/header_layout.h"

namespace {

using namespace sluice::message;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_identity(std::string_view value, const AddressList& list) {
    SpanEdits edits;
    std::size_t end = 0;
    for (const ListedAddress& one : list.addresses) {
        for (const Pieces* pieces : {&one.phrase, &one.spelling}) {
            for (const Span& piece : *pieces) {
                require(piece.length > 0 && piece.end() <= value.size() && piece.offset >= end);
                end = piece.end();
                edits.replace(piece, std::string(piece.in(value)));
            }
        }
    }
    for (const ListedComment& comment : list.comments) {
        require(comment.where.in(value).starts_with('(') && comment.where.in(value).ends_with(')'));
        require(list.addresses.empty() || comment.address < list.addresses.size());
    }
    require(edits.apply(value) == value);
}

void check_replacement(std::string_view value, const AddressList& list) {
    SpanEdits edits;
    for (const ListedAddress& one : list.addresses) edits.replace(one.spelling, "new@host.example");
    const std::string changed = edits.apply(value);
    const auto again = parse_address_list(changed);
    require(again && again->addresses.size() == list.addresses.size());
    require(again->comments.size() == list.comments.size());
    for (std::size_t i = 0; i < again->addresses.size(); ++i) {
        const bool null_path = list.addresses[i].spelling.empty();
        require(null_path || again->addresses[i].address == "new@host.example");
        require(again->addresses[i].phrase.empty() == list.addresses[i].phrase.empty());
    }
}

std::size_t count_addresses(std::string_view block) {
    std::size_t count = 0;
    for (const HeaderField& field : split_header(block)) {
        if (const auto list = parse_address_list(field.raw_value)) count += list->addresses.size();
    }
    return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    HeaderLayout layout;
    layout.max_addresses = 2;
    layout.max_chars = 60;
    layout.line_length = 40;
    layout.label_column = 10;
    layout.dates = {DateForm::Year::four_digits, DateForm::Day::add};
    for (const HeaderField& field : split_header(text)) {
        (void)lay_out(field.raw, layout);
        const auto list = parse_address_list(field.raw_value);
        if (!list) continue;
        check_identity(field.raw_value, *list);
        check_replacement(field.raw_value, *list);
        const std::string recipients = "To:" + std::string(field.raw_value) + "\r\n";
        const auto one = split_header(recipients);
        if (one.size() == 1 && one[0].raw_value == field.raw_value)
            require(count_addresses(lay_out(recipients, layout)) == list->addresses.size());
    }
    return 0;
}
