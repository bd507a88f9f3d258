#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Looks at a message while it streams past: what routing, logging and loop detection must know of
// its header, found without holding the message. Tolerant: mail is never refused here.
namespace sluice::message {

/// Processing class from the Priority field, lowest first; the number is what LOG_PRIORITY shows.
enum class Priority : std::uint8_t { third_class, second_class, nonurgent, normal, urgent };
enum class Importance : std::uint8_t { low, normal, high };
/// Numbers as LOG_SENSITIVITY shows them.
enum class Sensitivity : std::uint8_t { none, personal, private_, company_confidential };

/// The trace lines that loop detection counts (queue.md section 10).
struct TraceCounts {
    unsigned received = 0;
    unsigned local_received = 0;  ///< of these, those written by this MTA
    unsigned mr_received = 0;
    unsigned x400_received = 0;
    [[nodiscard]] unsigned total() const { return received + mr_received + x400_received; }
};

/// Limits of queue.md section 10; 0 means no limit.
struct TraceLimits {
    unsigned received = 50;
    unsigned local_received = 10;
    unsigned mr_received = 20;
    unsigned x400_received = 50;
    unsigned total = 100;
};
/// Empty when within the limits, else "loop: 51 Received lines, limit 50" for log and hold reason.
[[nodiscard]] std::string loop_reason(const TraceCounts& counts, const TraceLimits& limits);

/// What the scanner found. Values are unfolded and trimmed, as they stand otherwise; of a field
/// that occurs several times the first counts.
struct HeaderFacts {
    std::string message_id;  ///< including <>; empty when absent
    std::string date;
    std::string from;
    std::string subject;
    std::string content_type;
    std::string content_transfer_encoding;
    bool has_message_id = false;
    bool has_subject = false;
    bool has_date = false;
    bool has_from = false;
    bool has_sender = false;
    bool has_recipient = false;  ///< any of To, Cc, Bcc
    bool has_mime_version = false;
    bool has_content_type = false;
    bool has_content_transfer_encoding = false;
    bool has_eight_bit = false;  ///< bytes from 0x80 up in the header
    bool is_automatic = false;   ///< Auto-Submitted other than "no", or List-Id
    Priority priority = Priority::normal;
    Importance importance = Importance::normal;
    Sensitivity sensitivity = Sensitivity::none;
    TraceCounts trace;
    std::uint64_t header_bytes = 0;  ///< up to and including the blank line
    std::size_t fields = 0;
    bool has_priority = false;
    bool has_importance = false;
    bool has_sensitivity = false;
    bool complete = false;   ///< the blank line (or the end) has been seen
    bool malformed = false;  ///< a line that is neither a field nor a continuation ended the header
};

struct ScannerSettings {
    /// Names of this MTA (official host names, RECEIVED_DOMAIN): a Received line that says
    /// "by <name>" is one of ours.
    std::vector<std::string> local_names;
    /// Ceiling on what is remembered of one field's name and value; the rest is passed over.
    std::size_t max_field = 8192;
};

/// Fed with the chunks of a message in CRLF form as they arrive, cut anywhere. A line feed alone
/// ends a line too: what the channel lets in is its own rule. Memory is bounded by max_field
/// whatever comes; after the header each call costs nothing. A line that is neither a field nor a
/// continuation ends the header in front of it. Not thread-safe; one per message.
class HeaderScanner {
public:
    /// Called for each complete field, with its name and its unfolded value as far as remembered.
    using FieldSink = std::function<void(std::string_view name, std::string_view value)>;

    /// `settings` must outlive the scanner (it is part of the configuration snapshot).
    explicit HeaderScanner(const ScannerSettings& settings, FieldSink sink = {})
        : settings_(settings), sink_(std::move(sink)) {}

    void feed(std::string_view bytes);
    /// The message ended; closes a header that had no blank line.
    void finish();
    [[nodiscard]] bool in_header() const { return !facts_.complete; }
    [[nodiscard]] const HeaderFacts& facts() const { return facts_; }

private:
    void take_line(std::string_view line, std::size_t length_on_wire);
    void begin_field(std::string_view line);
    void continue_field(std::string_view line);
    void close_field();
    void end_header(bool malformed);
    void remember(std::string_view piece);

    const ScannerSettings& settings_;
    FieldSink sink_;
    HeaderFacts facts_;
    std::string line_;             // start of a line whose end has not arrived
    std::size_t line_length_ = 0;  // its bytes so far, also those passed over
    std::string name_;             // of the field in progress; empty when there is none
    std::string value_;
};

}  // namespace sluice::message
