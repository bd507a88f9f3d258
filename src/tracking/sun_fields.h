#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "log/event.h"
#include "log/log_options.h"

// The fields behind the size of a text entry, for sun_reader.cpp.
namespace sluice::tracking {

/// Reads fields from left to right: words between single blanks, or, where the line counts its
/// characters (LOG_FORMAT=3), exactly what it says.
class SunFields {
public:
    explicit SunFields(std::string_view text);

    [[nodiscard]] bool is_counted() const { return counted_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const { return rest_; }
    void set_rest(std::string_view rest) { rest_ = rest; }

    /// Envelope From: may be missing altogether.
    std::string_view sender();
    std::string_view original_recipient();
    /// A word in which blanks may stand between quotation marks.
    std::string_view address();
    /// A rejected command: up to the reply to it.
    std::string_view command();
    /// A field without blanks, or a counted one.
    std::string_view word();
    /// A number; empty, and nothing taken, where something else stands.
    std::string_view number();
    /// "name" or "name (more)".
    std::string_view source();
    /// The word at the end of the line when it begins with one of these; nothing is taken else.
    std::string_view last_word();
    void drop_last_word(std::string_view word);
    /// Everything, or a counted field.
    std::string_view text();

private:
    std::string_view counted_field();
    void skip_separator();

    std::string_view rest_;
    bool counted_ = false;
};

/// Reads the optional fields as the options say. False, and an event to be thrown away, where the
/// line cannot have been written with them.
[[nodiscard]] bool read_expected_fields(
    SunFields& fields, const log::LogOptions& options, log::Event& event, log::LogOptions& shows
);
/// The same for a rejected command and what follows it. A command has blanks of its own: it is
/// taken to end at the last one behind which a whole entry follows. False, and no change, where
/// there is none.
[[nodiscard]] bool read_command_as_expected(
    const SunFields& fields,
    const log::LogOptions& options,
    log::Event& event,
    log::LogOptions& shows
);
/// LOG_SESSION and LOG_TIMING, the last words of a line. False where they are not there.
[[nodiscard]] bool read_measures_at_end(
    SunFields& fields, const log::LogOptions& options, log::Event& event
);
/// The same as the next fields of a line that counts.
void read_counted_measures(SunFields& fields, const log::LogOptions& options, log::Event& event);
/// Reads them by their looks; what cannot be told is part of the diagnostic.
void read_fields_by_looks(SunFields& fields, log::Event& event, log::LogOptions& shows);
/// Transport, application and what follows in a connection entry.
void read_connection_fields(
    SunFields& fields, const log::LogOptions* expected, log::Event& event, log::LogOptions& shows
);

/// Whether a diagnostic may begin here: "dns;", "smtp;", a reply code ...
[[nodiscard]] bool begins_diagnostic(std::string_view text);
/// Where one begins in free text; its size where none does.
[[nodiscard]] std::size_t diagnostic_begin(std::string_view text);
/// Takes a free text in front of the diagnostic, which is free text too.
std::string_view text_before_diagnostic(SunFields& fields);
/// Entries that say where a message came from.
[[nodiscard]] bool has_source(log::EventKind kind);
[[nodiscard]] bool is_host_name(std::string_view word);
[[nodiscard]] bool is_application(std::string_view word);
/// 0 for what is no number.
[[nodiscard]] std::uint64_t field_number(std::string_view digits);

}  // namespace sluice::tracking
