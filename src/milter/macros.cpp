#include "milter/macros.h"

#include <algorithm>

#include "base/bytes.h"
#include "milter/packet.h"

namespace sluice::milter {

namespace {

std::string_view bare(std::string_view name) {
    if (name.size() > 2 && name.front() == '{' && name.back() == '}')
        return name.substr(1, name.size() - 2);
    return name;
}

/// As filters ask for it: one letter alone, longer names in braces.
std::string spelled(std::string_view name) {
    const std::string_view inner = bare(name);
    return inner.size() == 1 ? std::string(inner) : '{' + std::string(inner) + '}';
}

std::vector<std::string> names_in(std::string_view text) {
    std::string blanks(text);
    std::replace(blanks.begin(), blanks.end(), ',', ' ');
    std::vector<std::string> names;
    for (const std::string_view word : split_words(blanks)) names.push_back(spelled(word));
    return names;
}

}  // namespace

void Macros::set(std::string_view name, std::string_view value) {
    const auto same = std::find_if(values_.begin(), values_.end(), [&](const auto& entry) {
        return bare(entry.first) == bare(name);
    });
    if (same != values_.end()) {
        same->second = value;
    } else {
        values_.emplace_back(spelled(name), value);
    }
}

const std::string* Macros::find(std::string_view name) const {
    for (const auto& [known, value] : values_) {
        if (bare(known) == bare(name)) return &value;
    }
    return nullptr;
}

void Macros::merge(const Macros& other) {
    for (const auto& [name, value] : other.values_) set(name, value);
}

MacroLists::MacroLists() {
    choose(
        Stage::connect,
        "j _ v {daemon_name} {daemon_addr} {daemon_port} {if_name} {if_addr} {client_name} "
        "{client_addr} {client_port} {client_ptr} {source_channel} {optin}"
    );
    choose(Stage::helo, "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}");
    choose(
        Stage::mail,
        "i {auth_type} {auth_authen} {auth_author} {auth_ssf} {mail_addr} {mail_host} {mail_mailer}"
    );
    choose(Stage::rcpt, "i {rcpt_addr} {rcpt_host} {rcpt_mailer}");
    choose(Stage::data, "i");
    choose(Stage::end_of_header, "i");
    choose(Stage::end_of_message, "i {msg_id} {destination_channel}");
}

void MacroLists::choose(Stage stage, std::string_view names) {
    lists_[static_cast<std::size_t>(stage)] = names_in(names);
}

std::optional<std::string> macro_data(
    char command, Stage stage, const MacroLists& lists, const Macros& macros
) {
    std::string data(1, command);
    for (const std::string& name : lists.of(stage)) {
        const std::string* value = macros.find(name);
        if (value == nullptr || value->empty()) continue;
        append_text(data, name);
        append_text(data, *value);
    }
    return data.size() > 1 ? std::optional(std::move(data)) : std::nullopt;
}

}  // namespace sluice::milter
