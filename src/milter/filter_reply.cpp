#include "milter/filter_reply.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"

namespace sluice::milter {

namespace {

constexpr std::size_t reply_lines_limit = 64;

struct HeaderParts {
    std::string name;
    std::string value;
};

std::optional<HeaderParts> header_parts(DataReader& data) {
    const auto name = data.text();
    if (!name || name->empty()) return std::nullopt;
    return HeaderParts{std::string(*name), std::string(data.text().value_or(""))};
}

/// "<a@b>" or "a@b"; the null address is "<>" and comes out empty.
std::string without_brackets(std::string_view address) {
    address = trim(address);
    if (address.size() >= 2 && address.front() == '<' && address.back() == '>')
        address = address.substr(1, address.size() - 2);
    return std::string(address);
}

std::string without_double_percent(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += text[i];
        if (text[i] == '%' && i + 1 < text.size() && text[i + 1] == '%') ++i;
    }
    return out;
}

/// Takes an enhanced status off the front of `text`, where there is one.
std::optional<StatusCode> take_status(std::string_view& text) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const auto status = parse_status_code(text.substr(0, end));
    if (status) text = text.substr(std::min(end + 1, text.size()));
    return status;
}

}  // namespace

std::optional<Agreement> parse_agreement(std::string_view data) {
    DataReader reader(data);
    const auto version = reader.uint32();
    const auto actions = reader.uint32();
    const auto steps = reader.uint32();
    if (!version || !actions || !steps) return std::nullopt;
    Agreement agreement{*version, *actions, *steps, {}};
    while (!reader.empty() && agreement.macros.size() < stage_count) {
        const auto stage = reader.uint32();
        const auto names = reader.text();
        if (!stage || !names) break;  // nothing that matters is lost
        agreement.macros.emplace_back(*stage, *names);
    }
    return agreement;
}

bool is_change(char code) {
    switch (code) {
        case response::add_header:
        case response::insert_header:
        case response::change_header:
        case response::add_recipient:
        case response::add_recipient_with_parameters:
        case response::delete_recipient:
        case response::change_sender:
        case response::quarantine:
            return true;
        default:
            return false;
    }
}

std::optional<Change> parse_change(const Packet& packet) {
    DataReader data(packet.data);
    switch (packet.code) {
        case response::add_header:
            if (auto parts = header_parts(data))
                return AddHeader{std::move(parts->name), std::move(parts->value)};
            return std::nullopt;
        case response::insert_header:
        case response::change_header: {
            const auto index = data.uint32();
            auto parts = index ? header_parts(data) : std::nullopt;
            if (!parts) return std::nullopt;
            if (packet.code == response::insert_header)
                return InsertHeader{*index, std::move(parts->name), std::move(parts->value)};
            return ChangeHeader{*index, std::move(parts->name), std::move(parts->value)};
        }
        case response::quarantine:
            return Quarantine{std::string(data.text().value_or(""))};
        default:
            break;
    }
    const auto address = data.text();
    if (!address || address->empty()) return std::nullopt;
    std::string clean = without_brackets(*address);
    std::string parameters(data.text().value_or(""));
    if (packet.code == response::change_sender)
        return ChangeSender{std::move(clean), std::move(parameters)};
    if (clean.empty()) return std::nullopt;
    if (packet.code == response::delete_recipient) return DeleteRecipient{std::move(clean)};
    if (packet.code == response::add_recipient) parameters.clear();
    return AddRecipient{std::move(clean), std::move(parameters)};
}

std::optional<ReplyText> parse_reply_text(std::string_view data) {
    data = data.substr(0, data.find('\0'));
    ReplyText reply;
    std::optional<StatusCode> status;
    while (!data.empty() && reply.lines.size() < reply_lines_limit) {
        std::string_view line = data.substr(0, data.find('\n'));
        data.remove_prefix(std::min(data.size(), line.size() + 1));
        while (line.ends_with('\r')) line.remove_suffix(1);
        if (line.size() < 3) return std::nullopt;
        const auto code = parse_unsigned(line.substr(0, 3));
        if (!code || *code < 400 || *code > 599) return std::nullopt;
        if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return std::nullopt;
        std::string_view text = line.substr(std::min<std::size_t>(4, line.size()));
        if (const auto found = take_status(text)) status = found;
        reply.code = static_cast<int>(*code);
        reply.lines.push_back(without_double_percent(text));
    }
    if (reply.lines.empty()) return std::nullopt;
    const auto status_class = static_cast<std::uint16_t>(reply.code / 100);
    reply.status =
        status && status->status_class == status_class ? *status : StatusCode{status_class, 7, 1};
    return reply;
}

}  // namespace sluice::milter
