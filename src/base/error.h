#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice {

/// Enhanced mail status, "class.subject.detail" (RFC 3463 section 2).
struct StatusCode {
    std::uint16_t status_class = 4;
    std::uint16_t subject = 0;
    std::uint16_t detail = 0;

    friend bool operator==(const StatusCode&, const StatusCode&) = default;
    [[nodiscard]] std::string to_string() const;
};

/// "5.1.1" of the classes 2, 4 and 5; nullopt for anything else.
std::optional<StatusCode> parse_status_code(std::string_view text);

/// A status and the words for it.
struct StatusText {
    StatusCode status;
    std::string text;

    friend bool operator==(const StatusText&, const StatusText&) = default;
};

/// Mail knows two failures: try later and give up. Every expected failure says which, carries an
/// RFC 3463 code, a text fit for a stranger, and a detail fit for the log. What cannot be
/// classified is temporary.
class Error {
public:
    static Error temporary(StatusCode status, std::string text, std::string detail = {}) {
        return {false, status, std::move(text), std::move(detail)};
    }
    static Error permanent(StatusCode status, std::string text, std::string detail = {}) {
        return {true, status, std::move(text), std::move(detail)};
    }
    /// A failed system call: temporary, 4.3.0 (4.3.1 for a full disk). `what` names the call and
    /// its object.
    static Error from_errno(int error_number, std::string_view what);

    [[nodiscard]] bool is_permanent() const { return permanent_; }
    [[nodiscard]] const StatusCode& status() const { return status_; }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::string& detail() const { return detail_; }
    /// errno of the failed call, 0 where none was involved.
    [[nodiscard]] int error_number() const { return error_number_; }
    [[nodiscard]] std::string to_debug_string() const;

private:
    Error(bool permanent, StatusCode status, std::string text, std::string detail)
        : permanent_(permanent),
          status_(status),
          text_(std::move(text)),
          detail_(std::move(detail)) {}

    bool permanent_;
    StatusCode status_;
    std::string text_;
    std::string detail_;
    int error_number_ = 0;
};

}  // namespace sluice
