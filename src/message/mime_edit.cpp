#include "message/mime_edit.h"

#include <utility>

#include "message/edit_maker.h"

namespace sluice::message {

struct MimeEdits::Work {
    const MimeParts& parts;
    PartChanges changes;
};

MimeEdits::MimeEdits(const MimeParts& parts) : work_(new Work{parts, {}}) {}
MimeEdits::~MimeEdits() = default;
MimeEdits::MimeEdits(MimeEdits&&) noexcept = default;
MimeEdits& MimeEdits::operator=(MimeEdits&&) noexcept = default;

void MimeEdits::drop(std::size_t part) {
    work_->changes[part].drop = true;
}

void MimeEdits::set_header(std::size_t part, std::string header) {
    work_->changes[part].header = std::move(header);
}

void MimeEdits::change_header(std::size_t part, ChangeHeader change) {
    work_->changes[part].change_header = std::move(change);
}

void MimeEdits::set_labels(std::size_t part, PartLabels labels) {
    work_->changes[part].labels = std::move(labels);
}

void MimeEdits::edit_header(std::size_t part, HeaderEdits edits) {
    work_->changes[part].header_edits = std::move(edits);
}

void MimeEdits::set_body(std::size_t part, std::string body) {
    set_body(part, std::make_shared<TextSource>(std::move(body)));
}

void MimeEdits::set_body(std::size_t part, std::shared_ptr<ByteSource> body) {
    work_->changes[part].body = std::move(body);
}

void MimeEdits::set_content(
    std::size_t part,
    std::shared_ptr<ByteSource> content,
    TransferEncoding encoding,
    ContentMode mode
) {
    work_->changes[part].body = NewContent{std::move(content), encoding, mode};
}

void MimeEdits::recode(
    std::size_t part, TransferEncoding encoding, ContentMode mode, MakeContentFilter change
) {
    work_->changes[part].body = ContentRecoding{encoding, mode, std::move(change)};
}

void MimeEdits::put_before_body(std::size_t part, std::string text) {
    work_->changes[part].before = std::move(text);
}

void MimeEdits::put_behind_body(std::size_t part, std::string text) {
    work_->changes[part].behind = std::move(text);
}

void MimeEdits::add_part(std::size_t multipart, std::string text) {
    work_->changes[multipart].added.push_back(std::move(text));
}

bool MimeEdits::empty() const {
    return work_->changes.empty();
}

Result<ByteEdits> MimeEdits::edits(const std::shared_ptr<ByteSource>& source) const {
    return EditMaker(work_->parts, work_->changes, source).run();
}

Result<void> MimeEdits::write(const std::shared_ptr<ByteSource>& source, const ByteSink& sink)
    const {
    const auto made = edits(source);
    if (!made) return made.error();
    return made->write(*source, sink);
}

Result<void> read_content(ByteSource& source, const MimePart& part, const ByteSink& sink) {
    // Shared with nobody: the producer is gone when this returns.
    const std::shared_ptr<ByteSource> unowned(&source, [](ByteSource*) {});
    return decoded_content(unowned, part.body, part.encoding)(sink);
}

}  // namespace sluice::message
