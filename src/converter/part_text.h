#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/byte_source.h"
#include "base/result.h"
#include "conversion/environment.h"
#include "message/mime_edit.h"

// What is read of a message and its parts for entries and commands.
namespace sluice::converter {

/// The parts of a message.
Result<message::MimeParts> scan_parts(ByteSource& source);

/// Of a header that a command or an entry looks at.
inline constexpr std::uint64_t longest_header = 1024UL * 1024;

/// The octets of a header, its front where it is longer than longest_header.
Result<std::string> header_text(ByteSource& source, message::ByteRange range);
/// Index of the part whose header is that of the nearest message around, perhaps its own.
std::size_t message_of(const message::MimeParts& parts, const message::MimePart& part);
/// What entries are told of a part; the subject is found by the caller.
conversion::PartFacts facts_of(const message::MimePart& part, std::string subject);
/// Decoded; empty where there is none.
std::string subject_in(std::string_view header);

/// What is written to get from one to the other.
message::PartLabels labels_between(
    const conversion::Labels& before, const conversion::Labels& after
);

/// Subjects of the messages in a message, each read once.
class Subjects {
public:
    Subjects(ByteSource& source, const message::MimeParts& parts)
        : source_(source), parts_(parts) {}
    Result<std::string> of(const message::MimePart& part);

private:
    ByteSource& source_;
    const message::MimeParts& parts_;
    std::map<std::size_t, std::string> known_;  ///< by index of the part; bounded in number
};

}  // namespace sluice::converter
