#include "message/mime_edit.h"

#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "message/mime_content.h"
#include "message/mime_labels.h"
#include "message/remaining_parts.h"

namespace sluice::message {

namespace {

/// Of one part's header; it is read into memory to be changed.
constexpr std::uint64_t longest_header = 16UL * 1024 * 1024;
constexpr std::string_view line_end = "\r\n";

struct NewContent {
    std::shared_ptr<ByteSource> source;
    TransferEncoding encoding = TransferEncoding::seven_bit;
    ContentMode mode = ContentMode::binary;
};
struct Recoding {
    TransferEncoding encoding = TransferEncoding::seven_bit;
    ContentMode mode = ContentMode::binary;
};
using NewBody = std::variant<std::monostate, std::shared_ptr<ByteSource>, NewContent, Recoding>;

struct Change {
    bool drop = false;
    std::optional<std::string> header;
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
        return header || labels != PartLabels() || !header_edits.empty();
    }
};
using Changes = std::map<std::size_t, Change>;

std::vector<PartFate> fates_of(const MimeParts& parts, const Changes& changes) {
    std::vector<PartFate> fates(parts.size());
    for (const auto& [index, change] : changes)
        fates[index] = {change.drop, change.has_body(), !change.added.empty()};
    return fates;
}

/// Makes the edits of one source.
class EditMaker {
public:
    EditMaker(const MimeParts& parts, Changes changes, std::shared_ptr<ByteSource> source)
        : parts_(parts),
          changes_(std::move(changes)),
          source_(std::move(source)),
          remaining_(parts, fates_of(parts, changes_)) {}

    Result<ByteEdits> run() {
        for (const MimePart& part : parts_) {
            if (remaining_.is_inside_of_dropped_or_new(part)) continue;
            if (auto made = take(part); !made) return std::move(made).error();
        }
        // Behind what the parts inside have put at the same place: the innermost first.
        for (std::size_t i = parts_.size(); i-- > 0;) {
            const auto found = changes_.find(i);
            if (found == changes_.end() || remaining_.is_inside_of_dropped_or_new(parts_[i]))
                continue;
            if (remaining_.is_dropped(i) || found->second.has_body()) continue;
            if (auto made = add_parts(parts_[i], found->second); !made)
                return std::move(made).error();
        }
        return std::move(edits_);
    }

private:
    Result<void> take(const MimePart& part) {
        if (remaining_.is_dropped(part.index))
            return part.parent == MimePart::none ? empty_all() : drop(part);
        const auto found = changes_.find(part.index);
        if (found == changes_.end()) return {};
        return change(part, found->second);
    }

    // The line end in front of the next boundary line may have been the end of this part's header.
    // Of parts side by side that go the first sees to it.
    Result<void> drop(const MimePart& part) {
        const auto first = octet_at(part.delimiter.begin);
        const auto next = octet_at(remaining_.next_boundary(part, source_->size()));
        if (!first) return first.error();
        if (!next) return next.error();
        const bool glued = remaining_.is_first_of_dropped(part) && *first != '-' && *next == '-' &&
                           !part.delimiter.empty();
        edits_.replace(part.whole(), std::string(glued ? line_end : ""));
        return {};
    }

    Result<void> empty_all() {
        Change change;
        change.labels.type = "text/plain";
        change.labels.type_parameters = Parameters();
        change.labels.encoding = TransferEncoding::seven_bit;
        const auto found = changes_.find(0);
        if (found != changes_.end()) {
            change.header = found->second.header;
            change.header_edits = found->second.header_edits;
        }
        change.body = std::make_shared<TextSource>("");
        return this->change(parts_[0], change);
    }

    Result<void> change(const MimePart& part, Change& change) {
        const auto next = octet_at(part.body.end);
        const auto next_kept = octet_at(remaining_.next_boundary(part, source_->size()));
        if (!next) return next.error();
        if (!next_kept) return next_kept.error();
        const bool at_end = part.body.end >= source_->size();
        ContentProducer body;
        if (change.has_body()) {
            auto made = body_of(part, change, at_end);
            if (!made) return std::move(made).error();
            body = std::move(*made);
        }
        const bool needs_blank_line = change.touches_content() && part.blank_line.empty();
        if (change.touches_header() || needs_blank_line) {
            if (auto made = write_header(part, change); !made) return made;
        }
        if (!change.touches_content()) return {};
        if (!change.before.empty()) edits_.insert(part.body.begin, change.before);
        if (body) edits_.replace(part.body, std::move(body));
        if (!change.behind.empty()) edits_.insert(part.body.end, change.behind);
        // No line end stands in front of the boundary line there: it ended the header.
        if (*next == '-' && *next_kept == '-') edits_.insert(part.body.end, std::string(line_end));
        return {};
    }

    Result<ContentProducer> body_of(const MimePart& part, Change& change, bool at_end) {
        if (const auto* source = std::get_if<std::shared_ptr<ByteSource>>(&change.body))
            return content_of(*source);
        ContentProducer content;
        TransferEncoding encoding = TransferEncoding::seven_bit;
        ContentMode mode = ContentMode::binary;
        if (const auto* fresh = std::get_if<NewContent>(&change.body)) {
            content = content_of(fresh->source);
            encoding = fresh->encoding;
            mode = fresh->mode;
        } else {
            const auto& recoding = std::get<Recoding>(change.body);
            content = decoded_content(source_, part.body, part.encoding);
            encoding = recoding.encoding;
            mode = recoding.mode;
        }
        if (!is_transformed(encoding)) {
            const auto collides = has_boundary_line(content, boundaries_around(part));
            if (!collides) return collides.error();
            if (*collides) {
                encoding = mode == ContentMode::text ? TransferEncoding::quoted_printable
                                                     : TransferEncoding::base64;
            }
        }
        change.labels.encoding = encoding;
        return encoded_body(std::move(content), encoding, mode, at_end);
    }

    [[nodiscard]] std::vector<std::string> boundaries_around(const MimePart& part) const {
        std::vector<std::string> out;
        for (std::size_t i = part.parent; i != MimePart::none; i = parts_[i].parent) {
            if (parts_[i].kind == PartKind::multipart) out.emplace_back(boundary_of(parts_[i]));
        }
        return out;
    }

    Result<void> write_header(const MimePart& part, const Change& change) {
        auto header = change.header ? Result<std::string>(*change.header) : read(part.header);
        if (!header) return std::move(header).error();
        std::string text = apply_labels(*header, part, change.labels);
        text = apply_edits(text, change.header_edits);
        if (!text.empty() && !text.ends_with('\n')) text += line_end;
        const auto blank_line = read(part.blank_line);
        if (!blank_line) return blank_line.error();
        text += blank_line->empty() ? line_end : std::string_view(*blank_line);
        // A boundary line at the very end of a message may lack its own line end.
        if (!part.delimiter.empty()) {
            const auto last = octet_at(part.delimiter.end - 1);
            if (!last) return last.error();
            if (*last != '\n') text.insert(0, line_end);
        }
        edits_.replace({part.header.begin, part.blank_line.end}, std::move(text));
        return {};
    }

    Result<void> add_parts(const MimePart& part, const Change& change) {
        if (change.added.empty()) return {};
        const std::uint64_t where = part.close.empty() ? part.body.end : part.close.begin;
        const auto next = octet_at(where);
        if (!next) return next.error();
        const bool is_line_start = *next == '-';
        std::string text;
        for (const std::string& added : change.added) {
            if (!is_line_start) text += line_end;
            text += "--" + std::string(boundary_of(part)) + std::string(line_end) + added;
            if (is_line_start) text += line_end;
        }
        edits_.insert(where, std::move(text));
        return {};
    }

    /// '\0' behind the end.
    Result<char> octet_at(std::uint64_t offset) {
        char octet = 0;
        if (offset >= source_->size()) return octet;
        auto got = source_->read(offset, &octet, 1);
        if (!got) return std::move(got).error();
        return octet;
    }

    Result<std::string> read(const ByteRange& range) {
        std::string text;
        if (range.size() > longest_header) {
            return Error::permanent(
                {5, 6, 0}, "message cannot be changed",
                "the header of a part has " + std::to_string(range.size()) + " octets"
            );
        }
        auto done = read_range(*source_, range, [&](std::string_view bytes) -> Result<void> {
            text += bytes;
            return {};
        });
        if (!done) return std::move(done).error();
        return text;
    }

    const MimeParts& parts_;
    Changes changes_;
    std::shared_ptr<ByteSource> source_;
    RemainingParts remaining_;
    ByteEdits edits_;
};

}  // namespace

struct MimeEdits::Work {
    const MimeParts& parts;
    Changes changes;
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

void MimeEdits::recode(std::size_t part, TransferEncoding encoding, ContentMode mode) {
    work_->changes[part].body = Recoding{encoding, mode};
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
