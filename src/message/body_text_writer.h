#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "message/body_text.h"
#include "message/header_edit.h"
#include "message/mime_scanner.h"

namespace sluice::message {

/// The texts as they stand in the body of one part.
struct BodyTextPlan;

/// Puts a text around the first text part of a message while its content streams by; every other
/// octet stays. That part must be text/plain, no attachment, no part of an embedded message and of
/// nothing that is signed (multipart/signed): otherwise the message stays as it is. The text is
/// written in the part's character set, in utf-8 where the part is plain ASCII; a body in base64 is
/// encoded anew, and a 7-bit one becomes quoted-printable where the text needs it. One message,
/// one thread; not to be moved.
class BodyTextWriter : private MimeSink {
public:
    /// `header`: of the message, with its blank line; it is looked at and not written.
    BodyTextWriter(BodyText text, std::string_view header);
    ~BodyTextWriter() override;
    BodyTextWriter(const BodyTextWriter&) = delete;
    BodyTextWriter& operator=(const BodyTextWriter&) = delete;

    /// What the header of the message must say where its own body takes the text.
    [[nodiscard]] static HeaderEdits header_changes(const BodyText& text, std::string_view header);

    /// Content behind the header, cut anywhere; appends to `out` what becomes of it.
    void feed(std::string_view bytes, std::string& out);
    void finish(std::string& out);

private:
    void piece(PieceKind kind, const MimePart& part, std::string_view bytes) override;
    void header_ended(const MimePart& part) override;
    void part_ended(const MimePart& part) override;
    void take_body(std::string_view bytes);
    void write(std::string_view bytes);
    void encode(std::string_view content);
    [[nodiscard]] bool is_candidate(const MimePart& part) const;
    [[nodiscard]] bool is_signed(const MimePart& part) const;

    BodyText text_;
    std::uint64_t skip_;
    std::string* out_ = nullptr;
    std::string header_;                 ///< of a part that may be the one
    bool is_found_ = false;              ///< the first text part, whether it takes the text or not
    std::size_t part_ = MimePart::none;  ///< that takes it
    std::unique_ptr<BodyTextPlan> plan_;
    bool has_begun_ = false;  ///< its body
    char last_ = '\n';        ///< octet of its body
    bool has_ended_ = false;  ///< its body; what comes next may need a line end in front
    MimeScanner scanner_;     ///< the last: it calls the others
};

}  // namespace sluice::message
