#include "rewrite/first_host.h"

namespace sluice::rewrite {

namespace {

constexpr auto npos = std::string_view::npos;

// Walks over the characters of an address that can be separators.
class Separators {
public:
    explicit Separators(std::string_view text) : text_(text) {}

    // The next place that is neither in quotation marks nor in brackets; npos at the end.
    std::size_t next() {
        while (at_ < text_.size()) {
            const std::size_t end = opaque_end();
            if (end == npos) return at_++;
            at_ = end;
        }
        return npos;
    }

private:
    // Where the quoted string or literal that begins here ends; npos if none begins here. An
    // opening mark without its partner is an ordinary character.
    std::size_t opaque_end() {
        if (text_[at_] == '[' && !brackets_spent_) {
            const auto close = text_.find(']', at_);
            brackets_spent_ = close == npos;
            return brackets_spent_ ? npos : close + 1;
        }
        if (text_[at_] != '"' || quotes_spent_) return npos;
        for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
            if (text_[i] == '\\') {
                ++i;
            } else if (text_[i] == '"') {
                return i + 1;
            }
        }
        quotes_spent_ = true;
        return npos;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool brackets_spent_ = false;
    bool quotes_spent_ = false;
};

struct Places {
    std::size_t at = npos;
    std::size_t percent = npos;
    std::size_t bang = npos;
};

bool is_inside(std::string_view text, std::size_t place) {
    return place > 0 && place + 1 < text.size();
}

Places find_places(std::string_view text) {
    Places places;
    Separators separators(text);
    for (auto i = separators.next(); i != npos; i = separators.next()) {
        if (text[i] == '@') places.at = i;
        if (!is_inside(text, i)) continue;
        const bool alone = text[i - 1] != '%' && text[i + 1] != '%';
        if (text[i] == '%' && alone) places.percent = i;
        if (text[i] == '!' && places.bang == npos) places.bang = i;
    }
    return places;
}

std::optional<FirstHost> route_element(std::string_view address) {
    if (address.empty() || address.front() != '@') return std::nullopt;
    Separators separators(address);
    for (auto i = separators.next(); i != npos; i = separators.next()) {
        if (address[i] != ',' && address[i] != ':') continue;
        return FirstHost{
            Position::route, address.substr(1, i - 1), address.substr(i + 1), address[i]};
    }
    return std::nullopt;
}

FirstHost percent_host(std::string_view address, std::size_t place) {
    return {Position::percent, address.substr(place + 1), address.substr(0, place)};
}

FirstHost bang_host(std::string_view address, std::size_t place) {
    return {Position::bang, address.substr(0, place), address.substr(place + 1)};
}

std::optional<FirstHost> next_host(std::string_view address, bool bang_over_percent) {
    if (auto element = route_element(address)) return element;
    const Places places = find_places(address);
    if (places.at != npos) {
        return FirstHost{Position::at, address.substr(places.at + 1), address.substr(0, places.at)};
    }
    const bool bang_first = places.bang != npos && (bang_over_percent || places.percent == npos);
    if (bang_first) return bang_host(address, places.bang);
    if (places.percent != npos) return percent_host(address, places.percent);
    return std::nullopt;
}

}  // namespace

std::string_view to_string(Position position) {
    switch (position) {
        case Position::route:
            return "route";
        case Position::at:
            return "at";
        case Position::percent:
            return "percent";
        case Position::bang:
            break;
    }
    return "bang";
}

std::optional<FirstHost> find_first_host(std::string_view address, bool bang_over_percent) {
    auto found = next_host(address, bang_over_percent);
    while (found && found->host.empty()) found = next_host(found->rest, bang_over_percent);
    return found;
}

}  // namespace sluice::rewrite
