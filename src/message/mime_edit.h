#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "message/byte_edit.h"
#include "message/header_edit.h"
#include "message/mime_part.h"

// Changes to parts of a message, as edits of its octets: what is not named stays as it is, so that
// signatures over it hold. Boundary lines are kept with the parts around them.
namespace sluice::message {

/// Labels of a part that are to change; nullopt: as it is. An empty disposition, description or
/// content id removes the field.
struct PartLabels {
    std::optional<std::string> type;  ///< "text/html"
    std::optional<Parameters> type_parameters;
    std::optional<std::string> disposition;
    std::optional<Parameters> disposition_parameters;
    std::optional<std::string> description;  ///< UTF-8; encoded words where it needs them
    std::optional<std::string> content_id;
    std::optional<TransferEncoding> encoding;

    friend bool operator==(const PartLabels&, const PartLabels&) = default;
};
/// The header with the labels changed; fields whose labels do not change keep their octets.
/// `header` is that of the part, with or without its blank line.
[[nodiscard]] std::string apply_labels(
    std::string_view header, const MimePart& part, const PartLabels& labels
);

/// Changes a content as it streams by. One content, one thread.
class ContentFilter {
public:
    ContentFilter() = default;
    ContentFilter(const ContentFilter&) = delete;
    ContentFilter& operator=(const ContentFilter&) = delete;
    virtual ~ContentFilter() = default;

    /// Appends to `out` what becomes of `bytes`.
    virtual void feed(std::string_view bytes, std::string& out) = 0;
    virtual void finish(std::string& out) = 0;
};
/// A new one; a content is read more than once.
using MakeContentFilter = std::function<std::unique_ptr<ContentFilter>()>;
/// From the fields of a header, with their line ends, to others.
using ChangeHeader = std::function<std::string(std::string)>;

/// Collects the changes of one message. Changes to one part, or to one and a container of it that
/// is dropped or gets a new body, may be made in any order; of two for the same thing the later
/// counts. `parts` outlives this
/// and the edits made of it.
class MimeEdits {
public:
    explicit MimeEdits(const MimeParts& parts);
    ~MimeEdits();
    MimeEdits(MimeEdits&&) noexcept;
    MimeEdits& operator=(MimeEdits&&) noexcept;

    /// The part goes, with its boundary line. A multipart that has no part left goes too, and an
    /// embedded message whose content goes, with the part that held it; where that reaches the
    /// outermost part, the message keeps its header and has one empty text part as its body.
    void drop(std::size_t part);
    /// The fields of the header, with their line ends, without the blank line, which is kept or,
    /// where the part had none, added.
    void set_header(std::size_t part, std::string header);
    /// What stands in the header, or what set_header() put there, as `change` has it. Labels and
    /// edits come behind it.
    void change_header(std::size_t part, ChangeHeader change);
    void set_labels(std::size_t part, PartLabels labels);
    /// Fields of the header.
    void edit_header(std::size_t part, HeaderEdits edits);
    /// New octets of the body, encoded as the part's header says or will say. No line of them may
    /// be a boundary line of a multipart around the part.
    void set_body(std::size_t part, std::string body);
    void set_body(std::size_t part, std::shared_ptr<ByteSource> body);
    /// New content, written in `encoding`; sets that label. `content` is decoded. Where a line of
    /// it would be a boundary line around the part, quoted-printable (text) or base64 (binary)
    /// takes the place of an encoding that would show it. A body at the end of a message gets a
    /// line end.
    void set_content(
        std::size_t part,
        std::shared_ptr<ByteSource> content,
        TransferEncoding encoding,
        ContentMode mode
    );
    /// The same content in another encoding, or what `change` makes of it; as set_content()
    /// otherwise.
    void recode(
        std::size_t part, TransferEncoding encoding, ContentMode mode, MakeContentFilter change = {}
    );
    /// Text in front of or behind the body of a leaf, as it stands there (encoded).
    void put_before_body(std::size_t part, std::string text);
    void put_behind_body(std::size_t part, std::string text);
    /// One more part behind the last one of a multipart: header, blank line and body.
    void add_part(std::size_t multipart, std::string text);

    [[nodiscard]] bool empty() const;
    /// The edits on the octets of `source`, the message that `parts` was made of, which is read for
    /// the headers that change and, later, by what write() does.
    Result<ByteEdits> edits(const std::shared_ptr<ByteSource>& source) const;
    /// All of it: the changed message.
    Result<void> write(const std::shared_ptr<ByteSource>& source, const ByteSink& sink) const;

private:
    struct Work;
    std::unique_ptr<Work> work_;
};

/// The content of a leaf, decoded.
Result<void> read_content(ByteSource& source, const MimePart& part, const ByteSink& sink);

/// Whether a line of `text` would be taken for a boundary line of a multipart around the part.
Result<bool> shows_boundary_line(
    const std::shared_ptr<ByteSource>& text, const MimeParts& parts, const MimePart& part
);

}  // namespace sluice::message
