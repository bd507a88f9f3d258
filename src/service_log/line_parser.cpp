// Lines of service logs, those of a message store among them, back into values.
#include <array>

#include "base/bytes.h"
#include "service_log/line.h"

namespace sluice::service_log {

namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// What is left of a text while it is read from the left.
class Rest {
public:
    explicit Rest(std::string_view text) : text_(text) {}

    bool skip(std::string_view wanted) {
        if (!text_.starts_with(wanted)) return false;
        text_.remove_prefix(wanted.size());
        return true;
    }
    /// Up to `end`, which is skipped; not empty.
    std::optional<std::string_view> up_to(std::string_view end) {
        const std::size_t at = text_.find(end);
        if (at == 0 || at == std::string_view::npos) return std::nullopt;
        const std::string_view found = text_.substr(0, at);
        text_.remove_prefix(at + end.size());
        return found;
    }
    /// Exactly so many digits.
    std::optional<unsigned> number(std::size_t digits) {
        if (text_.size() < digits) return std::nullopt;
        unsigned value = 0;
        for (const char c : text_.substr(0, digits)) {
            if (!is_digit(c)) return std::nullopt;
            value = value * 10 + static_cast<unsigned>(c - '0');
        }
        text_.remove_prefix(digits);
        return value;
    }
    std::optional<unsigned> month() {
        for (std::size_t i = 0; i < months.size(); ++i) {
            if (skip(months[i])) return static_cast<unsigned>(i + 1);
        }
        return std::nullopt;
    }
    [[nodiscard]] std::string_view all() const { return text_; }

private:
    std::string_view text_;
};

/// "31/Aug/2004:16:33:14 -0700"
std::optional<WallTime> parse_time(Rest& rest) {
    const auto day = rest.number(2);
    if (!day || !rest.skip("/")) return std::nullopt;
    const auto month = rest.month();
    if (!month || !rest.skip("/")) return std::nullopt;
    const auto year = rest.number(4);
    if (!year || !rest.skip(":")) return std::nullopt;
    const auto hour = rest.number(2);
    if (!hour || !rest.skip(":")) return std::nullopt;
    const auto minute = rest.number(2);
    if (!minute || !rest.skip(":")) return std::nullopt;
    const auto second = rest.number(2);
    if (!second) return std::nullopt;
    const bool west = rest.skip(" -");
    if (!west && !rest.skip(" +")) return std::nullopt;
    const auto zone_hours = rest.number(2);
    const auto zone_minutes = rest.number(2);
    if (!zone_hours || !zone_minutes) return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
        std::chrono::day(*day)};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60 || *zone_minutes > 59)
        return std::nullopt;
    const std::chrono::minutes east =
        std::chrono::hours(*zone_hours) + std::chrono::minutes(*zone_minutes);
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second) - (west ? -east : east);
}

}  // namespace

std::optional<Line> parse_line(std::string_view text) {
    Rest rest(text);
    Line line;
    // One sample of the family has lost its first bracket; the last one is there all the same.
    (void)rest.skip("[");
    const auto time = parse_time(rest);
    if (!time) return std::nullopt;
    line.time = *time;
    (void)rest.skip("]");
    if (!rest.skip(" ")) return std::nullopt;
    const auto host = rest.up_to(" ");
    const auto process = rest.up_to("[");
    const auto pid = rest.up_to("]: ");
    const auto category_word = rest.up_to(" ");
    if (!host || !process || !pid || !category_word) return std::nullopt;
    const auto pid_number = parse_unsigned(*pid);
    const auto category = parse_category(*category_word);
    const auto level_word = rest.up_to(":");
    if (!pid_number || !category || !level_word) return std::nullopt;
    const auto level = parse_level(*level_word);
    if (!level || process->find(' ') != std::string_view::npos) return std::nullopt;
    line.host = *host;
    line.process = *process;
    line.pid = *pid_number;
    line.category = *category;
    line.level = *level;
    (void)rest.skip(" ");
    line.message = rest.all();
    return line;
}

}  // namespace sluice::service_log
