#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "log/event.h"
#include "log/log_options.h"

// Logs as this MTA and its relatives wrote them, read line by line and told as stories: which
// dialect a line has, what it says, which lines belong to one message or connection, and what
// became of it. Nothing here opens a file; src/log_index finds lines, src/utility prints
// (postoffice-and-qmail-features.md sections 3, 5 and 6). Foreign bytes throughout: no line is ever
// an error, only one that is not understood.
namespace sluice::tracking {

enum class Dialect : std::uint8_t {
    unknown,
    sun,          ///< mail.log, LOG_FORMAT 1 to 3, and PMDF's
    xml,          ///< LOG_FORMAT 4
    json,         ///< LOG_FORMAT 5 and 6
    postoffice,   ///< post.office-MMDD.log
    qmail_send,   ///< the queue manager
    qmail_smtpd,  ///< tcpserver, rblsmtpd, jgreylist, qmail-smtpd
    transcript,   ///< recordio: "pid > line"
};
/// "sun", "qmail-send" ...
[[nodiscard]] std::string_view dialect_name(Dialect dialect);
[[nodiscard]] bool is_native(Dialect dialect);

/// When a line was written, as far as it says so.
struct Stamp {
    enum class Form : std::uint8_t {
        none,
        sun,         ///< 19-Jan-1998 19:16:57.64
        readable,    ///< 2005-09-21 23:31:05.997071500, with "T", with an offset
        tai64n,      ///< @40000000433225833b6e1a8c
        unix_time,   ///< 1127359865.997071
        syslog,      ///< Sep 21 23:31:05
        postoffice,  ///< 19970226001320-0800
    };
    Form form = Form::none;
    std::string_view text;  ///< as written, without the blank behind it
    std::optional<WallTime> time;
};

/// A field of a foreign line: a name of ours, the text as it stands there.
struct NamedValue {
    std::string_view name;
    std::string_view value;
};

/// What one line says. Views point into the line that was read, which must outlive the record, or
/// into `made`.
struct Record {
    Dialect dialect = Dialect::unknown;
    std::string_view line;
    /// A foreign line that was read as an object: the line itself; else null.
    std::shared_ptr<const std::string> made;
    /// What syslog put in front of the logger's own text; empty for a plain file.
    std::string_view syslog_prefix;
    Stamp stamp;
    std::string_view body;  ///< behind the stamps
    /// "E", "DS", "SMTP-Accept:Received", "starting delivery".
    std::string_view entry;
    /// What happened, in the words of the transaction log: one for a native line, one for each
    /// recipient of a foreign line that names several, none where the family has no such event.
    std::vector<log::Event> events;
    /// Native lines: the fields that the line has, so that it can be written again as it was.
    log::LogOptions shows;
    /// Foreign lines: everything they say, in their order.
    std::vector<NamedValue> fields;

    [[nodiscard]] bool understood() const { return dialect != Dialect::unknown; }
    /// The value of a field; empty when there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const;
};

}  // namespace sluice::tracking
