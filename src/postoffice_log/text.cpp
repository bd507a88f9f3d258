#include "postoffice_log/text.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"
#include "base/utf8.h"
#include "log/message_number.h"
#include "log/sanitise.h"

namespace sluice::postoffice_log {

namespace {

// Letters of the server's own numbering: AAA, AAB, ... for each thousand.
std::string tail_of(std::uint64_t number) {
    const std::uint64_t tail = number % log::message_number_tail;
    std::string text;
    for (std::uint64_t rest = tail / 1000, place = 0; place < 3; ++place, rest /= 26)
        text.insert(text.begin(), static_cast<char>('A' + rest % 26));
    return text + std::to_string(tail % 1000);
}

// U+0080 to U+009F are controls to a terminal; U+2028 and U+2029 end a line for some readers.
bool is_harmful(std::string_view sequence) {
    if (sequence.size() == 2)
        return sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
    return sequence == "\xE2\x80\xA8" || sequence == "\xE2\x80\xA9";
}

class Escaper {
public:
    explicit Escaper(std::size_t limit) : limit_(limit) {}

    void add(std::string_view text, std::string_view special) {
        for (std::size_t i = 0; i < text.size() && out_.size() < limit_;)
            i += add_one(text.substr(i), special);
        if (out_.size() >= limit_) out_ += "...";
    }
    /// Takes one character; returns its length.
    std::size_t add_one(std::string_view rest, std::string_view special) {
        const std::size_t length = utf8_sequence_length(rest);
        if (length > 1 && !is_harmful(rest.substr(0, length))) {
            out_ += rest.substr(0, length);
            return length;
        }
        const char c = rest.front();
        const bool plain = !is_control(c) && static_cast<unsigned char>(c) < 0x80;
        if (plain && special.find(c) == std::string_view::npos) {
            out_ += c;
        } else {
            constexpr std::string_view digits = "0123456789ABCDEF";
            const auto value = static_cast<unsigned char>(c);
            out_ += {'%', digits[value >> 4U], digits[value & 15U]};
        }
        return 1;
    }
    [[nodiscard]] bool is_full() const { return out_.size() >= limit_; }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
    std::size_t limit_;
};

std::string escaped(std::string_view text, std::string_view special, std::size_t limit) {
    Escaper out(limit);
    out.add(text, special);
    return out.take();
}

}  // namespace

std::string date_time(WallTime time, const TimeZone& zone) {
    const CivilTime local = civil_time(time, zone);
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(local.offset).count();
    const long away = std::labs(static_cast<long>(minutes));
    std::array<char, 64> text{};
    std::snprintf(
        text.data(), text.size(), "%04d%02u%02u%02u%02u%02u%c%02ld%02ld", local.year, local.month,
        local.day, local.hour, local.minute, local.second, minutes < 0 ? '-' : '+', away / 60,
        away % 60
    );
    return text.data();
}

std::string client(const IpAddress& address) {
    return (address.is_v6() ? "[IPv6:" : "[") + address.to_string() + ']';
}

std::string client(const log::Event& event) {
    if (event.transport) return client(event.transport->remote.address);
    if (event.source.address) return client(*event.source.address);
    return "[]";
}

std::string message_id(const log::Event& event, std::string_view host) {
    const CivilTime utc = civil_time(event.enqueued, TimeZone());
    std::array<char, 64> text{};
    std::snprintf(
        text.data(), text.size(), "%04d%02u%02u%02u%02u%02u%03u.", utc.year, utc.month, utc.day,
        utc.hour, utc.minute, utc.second, utc.microsecond / 1000
    );
    const std::uint64_t number = log::message_number(event.envelope_id, event.enqueued);
    return text.data() + tail_of(number) + '@' + std::string(host);
}

// RFC 5321 section 4.1.2: a local part in quotes may hold ">".
std::string bracketed(std::string_view address) {
    Escaper out(log::max_address);
    bool quoted = false;
    std::size_t i = 0;
    while (i < address.size() && !out.is_full()) {
        const char c = address[i];
        const bool pair = quoted && c == '\\' && i + 1 < address.size();
        if (c == '"') quoted = !quoted;
        i += out.add_one(address.substr(i), quoted ? "" : ">");
        if (pair) i += out.add_one(address.substr(i), "");
    }
    // A string that never closes protects nothing.
    if (quoted) return '<' + escaped(address, ">", log::max_address) + '>';
    const std::string_view end = out.is_full() ? "...>" : ">";
    return '<' + out.take().append(end);
}

std::string field(std::string_view text) {
    return escaped(text, ":", log::max_diagnostic);
}

std::string last_field(std::string_view text) {
    return escaped(text, "", log::max_diagnostic);
}

std::string account(std::string_view address) {
    return escaped(address.substr(0, address.rfind('@')), ",", log::max_address);
}

}  // namespace sluice::postoffice_log
