#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "message/mime_content.h"
#include "message/mime_edit.h"
#include "message/remaining_parts.h"

// How the changes of MimeEdits become edits of octets. Inside this room only.
namespace sluice::message {

struct NewContent {
    std::shared_ptr<ByteSource> source;
    TransferEncoding encoding = TransferEncoding::seven_bit;
    ContentMode mode = ContentMode::binary;
};
struct ContentRecoding {
    TransferEncoding encoding = TransferEncoding::seven_bit;
    ContentMode mode = ContentMode::binary;
    MakeContentFilter change;
};
using NewBody =
    std::variant<std::monostate, std::shared_ptr<ByteSource>, NewContent, ContentRecoding>;

/// What was asked for one part.
struct PartChange {
    bool drop = false;
    std::optional<std::string> header;
    ChangeHeader change_header;
    PartLabels labels;
    HeaderEdits header_edits;
    NewBody body;
    std::string before;
    std::string behind;
    std::vector<std::string> added;

    [[nodiscard]] bool has_body() const { return !std::holds_alternative<std::monostate>(body); }
    [[nodiscard]] bool touches_content() const {
        return has_body() || !before.empty() || !behind.empty();
    }
    [[nodiscard]] bool touches_header() const {
        return header || change_header || labels != PartLabels() || !header_edits.empty();
    }
};
using PartChanges = std::map<std::size_t, PartChange>;

/// Makes the edits of one source. `parts` outlives what run() returns.
class EditMaker {
public:
    EditMaker(const MimeParts& parts, PartChanges changes, std::shared_ptr<ByteSource> source);
    Result<ByteEdits> run();

private:
    Result<void> take(const MimePart& part);
    Result<void> drop(const MimePart& part);
    Result<void> empty_all();
    Result<void> change(const MimePart& part, PartChange& change);
    Result<ContentProducer> body_of(const MimePart& part, PartChange& change, bool at_end);
    Result<void> write_header(const MimePart& part, const PartChange& change);
    Result<void> add_parts(const MimePart& part, const PartChange& change);
    [[nodiscard]] bool has_new_end_at(std::uint64_t offset) const;
    Result<char> octet_at(std::uint64_t offset);

    const MimeParts& parts_;
    PartChanges changes_;
    std::shared_ptr<ByteSource> source_;
    RemainingParts remaining_;
    ByteEdits edits_;
};

}  // namespace sluice::message
