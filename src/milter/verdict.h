#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

// What filters say, as plain values.
namespace sluice::milter {

/// An SMTP reply that a filter chose.
struct ReplyText {
    int code = 550;
    StatusCode status{5, 7, 1};
    std::vector<std::string> lines;

    friend bool operator==(const ReplyText&, const ReplyText&) = default;
};

struct Verdict {
    enum class Kind : std::uint8_t {
        proceed,  ///< nothing against it so far
        accept,   ///< nothing against it, and no more questions about it
        reject,
        tempfail,
        discard,  ///< take it and throw it away
        failure,  ///< no verdict: the filter cannot be reached, is silent, or talks nonsense
    };
    Kind kind = Kind::proceed;
    ReplyText reply;     ///< of reject and tempfail
    std::string reason;  ///< of failure, for the log

    [[nodiscard]] bool refuses() const { return kind == Kind::reject || kind == Kind::tempfail; }
    friend bool operator==(const Verdict&, const Verdict&) = default;
};
/// "reject 550 5.7.1 text".
std::string to_debug_string(const Verdict& verdict);
std::string_view to_word(Verdict::Kind kind);

/// A change that a filter asks for at the end of a message.
struct AddHeader {
    std::string name;
    std::string value;
    friend bool operator==(const AddHeader&, const AddHeader&) = default;
};
struct InsertHeader {
    std::uint32_t index = 0;  ///< fields that stay in front
    std::string name;
    std::string value;
    friend bool operator==(const InsertHeader&, const InsertHeader&) = default;
};
struct ChangeHeader {
    std::uint32_t index = 1;  ///< among the fields of that name, from 1
    std::string name;
    std::string value;  ///< empty: the field goes
    friend bool operator==(const ChangeHeader&, const ChangeHeader&) = default;
};
struct AddRecipient {
    std::string address;
    std::string parameters;  ///< of RCPT, between blanks; may be empty
    friend bool operator==(const AddRecipient&, const AddRecipient&) = default;
};
struct DeleteRecipient {
    std::string address;
    friend bool operator==(const DeleteRecipient&, const DeleteRecipient&) = default;
};
struct ChangeSender {
    std::string address;
    std::string parameters;  ///< of MAIL, between blanks; may be empty
    friend bool operator==(const ChangeSender&, const ChangeSender&) = default;
};
struct Quarantine {
    std::string reason;
    friend bool operator==(const Quarantine&, const Quarantine&) = default;
};
using Change = std::variant<
    AddHeader,
    InsertHeader,
    ChangeHeader,
    AddRecipient,
    DeleteRecipient,
    ChangeSender,
    Quarantine>;

/// In the order in which the filter sent them.
using Changes = std::vector<Change>;

}  // namespace sluice::milter
