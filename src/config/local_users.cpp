#include "config/local_users.h"

#include <algorithm>
#include <cerrno>

namespace sluice::config {

namespace {

/// Octets that the name of a mailbox directory may have. A leading dot would hide it, a slash would
/// leave the store.
bool is_mailbox_name(std::string_view name) {
    if (name.empty() || name.size() > 64 || name.front() == '.') return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '+' || c == '=' ||
               static_cast<unsigned char>(c) >= 0x80;
    });
}

}  // namespace

void LocalUsers::add(std::string_view name) {
    names_.emplace(name);
}
void LocalUsers::add_prefix(std::string_view prefix) {
    prefixes_.emplace_back(prefix);
}

bool LocalUsers::contains(std::string_view local_part) const {
    if (!is_mailbox_name(local_part)) return false;
    if (names_.find(local_part) != names_.end()) return true;
    return std::any_of(prefixes_.begin(), prefixes_.end(), [&](const std::string& prefix) {
        return starts_with_ignoring_case(local_part, prefix);
    });
}

LocalUsers read_local_users(const std::string& path, FileSource& files, Diagnostics& diagnostics) {
    LocalUsers users;
    const auto text = files.read(path);
    const auto file = std::make_shared<const std::string>(path);
    if (!text) {
        if (text.error().error_number() != ENOENT) {
            diagnostics.error(
                {file, 0, 0}, "E600",
                "cannot read the list of local users: " + text.error().detail()
            );
        }
        return users;
    }
    std::size_t number = 0;
    for (std::string_view line : split(*text, '\n')) {
        ++number;
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (!line.empty() && line.front() == '!') continue;
        const std::string_view name = trim(line);
        if (name.empty()) continue;
        const bool prefix = name.back() == '*';
        const std::string_view plain = prefix ? name.substr(0, name.size() - 1) : name;
        if (!(prefix && plain.empty()) && !is_mailbox_name(plain)) {
            const auto column = static_cast<std::size_t>(name.data() - line.data()) + 1;
            diagnostics.error(
                {file, number, column}, "E601", "not the name of a mailbox", std::string(line),
                "letters, digits and . - _ + = are allowed; one name a line, no leading dot"
            );
            continue;
        }
        if (prefix) {
            users.add_prefix(plain);
        } else {
            users.add(plain);
        }
    }
    return users;
}

}  // namespace sluice::config
