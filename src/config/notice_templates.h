#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "config/file_source.h"
#include "message/header_trim.h"

// The texts of notifications: one directory of templates, return_*.txt, return_option.opt and
// return_header.opt (docs/man/notification_templates.5; notifications.md sections 3 and 5).
namespace sluice::config {

/// Longest template file; a longer one is not used.
inline constexpr std::size_t max_notice_template = 64UL << 10U;

/// Words that stand in front of what a notification says about a recipient, UTF-8. An empty one
/// leaves its line out.
struct NoticeLabels {
    std::string recipient_address = "Recipient address:";
    std::string original_address = "Original address:";
    std::string reason = "Reason:";
    std::string diagnostic_code = "Diagnostic code:";
    std::string remote_system = "Remote system:";
    std::string connection = "Connection:";
    std::string history = "What has been tried:";
    std::optional<std::string> day = {};   ///< for %U and %u; unset: "Day", "day"
    std::optional<std::string> hour = {};  ///< the same where ages count in hours
};

/// One directory. A plain value. The three texts are octets of `charset` with LF line ends, since a
/// double-byte text doubles its accidental "%"; all else is UTF-8.
struct NoticeTemplates {
    std::string charset = "us-ascii";
    std::string language;  ///< Content-Language; may be empty
    std::string prefix;
    std::map<std::string, std::string, std::less<>> middles;  ///< "failed" of return_failed.txt
    std::string suffix;
    NoticeLabels labels;
    /// What is said for recipients whose status is the key, "5.1.1".
    std::map<std::string, std::string, std::less<>> status_texts;
    std::string subject;  ///< of kinds without one of their own; empty: none
    std::map<std::string, std::string, std::less<>> subjects;  ///< by the names of `middles`
    std::string personal;                 ///< RETURN_PERSONAL; empty: the instance's option
    message::HeaderOptions shown_header;  ///< return_header.opt: what %H shows

    /// "forwarded" stands in for "expanded"; the built-in text for what the directory lacks.
    [[nodiscard]] std::string_view middle(std::string_view kind) const;
    /// The kind's own, else SUBJECT, else the built-in one.
    [[nodiscard]] std::string_view subject_of(std::string_view kind) const;
};

/// The English texts that the product comes with: those of config/locale/C.
const NoticeTemplates& builtin_notice_templates();

/// Reads one directory, which ends in "/". What is missing there, and what cannot be used, is taken
/// from the built-in texts: a notification is sent whatever became of its template. Findings: W460
/// "%x" that is no substitution (stays as it is), W461 line above 78 octets, W462 text that is not
/// in its charset or too long (not used), W463 unknown charset, W464 header line that means nothing
/// here; those of option_file.h and header_options.h. `found`: whether there was any file.
NoticeTemplates load_notice_templates(
    FileSource& files, const std::string& directory, Diagnostics& diagnostics, bool& found
);

/// return_option.opt, or return_option.dat. Values are octets of `templates.charset`.
void parse_notice_options(
    std::string_view text,
    std::string_view file_name,
    NoticeTemplates& templates,
    Diagnostics& diagnostics
);

}  // namespace sluice::config
