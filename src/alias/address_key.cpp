#include "alias/address_key.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::alias {

namespace {

bool is_quoted(std::string_view local_part) {
    return local_part.size() >= 2 && local_part.front() == '"' && local_part.back() == '"';
}

std::string content_of(std::string_view local_part) {
    if (!is_quoted(local_part)) return std::string(local_part);
    std::string content;
    for (std::size_t i = 1; i + 1 < local_part.size(); ++i) {
        if (local_part[i] == '\\' && i + 2 < local_part.size()) ++i;
        content += local_part[i];
    }
    return content;
}

// RFC 5322 section 3.2.3: atext and dots; everything from 0x80 up counts as in RFC 6532.
bool needs_no_quotes(std::string_view content) {
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
    return !content.empty() && std::all_of(content.begin(), content.end(), [&](char c) {
        return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80 ||
               others.find(c) != std::string_view::npos;
    });
}

std::string quoted(std::string_view content) {
    std::string out = "\"";
    for (const char c : content) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

// Only what came in quotes may need them again: other text stays as somebody wrote it.
std::string as_local_part(std::string_view content, bool was_quoted) {
    return was_quoted && !needs_no_quotes(content) ? quoted(content) : std::string(content);
}

}  // namespace

SplitLocalPart split_local_part(std::string_view local_part, char separator) {
    const bool was_quoted = is_quoted(local_part);
    const std::string content = content_of(local_part);
    const std::size_t cut = content.find(separator, 1);
    const std::string_view view = content;
    if (content.empty() || cut == std::string::npos) {
        return {as_local_part(content, was_quoted), std::nullopt};
    }
    return {as_local_part(view.substr(0, cut), was_quoted), std::string(view.substr(cut + 1))};
}

std::string normal_local_part(std::string_view local_part) {
    return as_local_part(content_of(local_part), is_quoted(local_part));
}

std::size_t find_at_sign(std::string_view address) {
    bool in_quotes = false;
    std::size_t found = std::string_view::npos;
    for (std::size_t i = 0; i < address.size(); ++i) {
        if (in_quotes && address[i] == '\\') {
            ++i;
        } else if (address[i] == '"') {
            in_quotes = !in_quotes;
        } else if (address[i] == '@' && !in_quotes) {
            found = i;
        }
    }
    return found;
}

std::string normal_key(std::string_view name) {
    const std::size_t at = find_at_sign(name);
    if (at == std::string_view::npos) return normal_local_part(name);
    return normal_local_part(name.substr(0, at)) + std::string(name.substr(at));
}

std::string with_detail(std::string_view address, std::string_view detail, char separator) {
    const std::size_t at = std::min(find_at_sign(address), address.size());
    const std::string_view local_part = address.substr(0, at);
    if (detail.empty() || split_local_part(local_part, separator).detail) {
        return std::string(address);
    }
    const std::string content = content_of(local_part) + separator + std::string(detail);
    const std::string joined = needs_no_quotes(content) ? content : quoted(content);
    return joined + std::string(address.substr(at));
}

}  // namespace sluice::alias
