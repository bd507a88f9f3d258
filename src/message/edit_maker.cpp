#include "message/edit_maker.h"

#include <algorithm>
#include <utility>

#include "message/mime_labels.h"

namespace sluice::message {

namespace {

/// Of one part's header; it is read into memory to be changed.
constexpr std::uint64_t longest_header = 16UL * 1024 * 1024;
constexpr std::string_view line_end = "\r\n";

std::vector<PartFate> fates_of(const MimeParts& parts, const PartChanges& changes) {
    std::vector<PartFate> fates(parts.size());
    for (const auto& [index, change] : changes)
        fates[index] = {change.drop, change.has_body(), !change.added.empty()};
    return fates;
}

Result<std::string> read_header(ByteSource& source, const ByteRange& range) {
    std::string text;
    if (range.size() > longest_header) {
        return Error::permanent(
            {5, 6, 0}, "message cannot be changed",
            "the header of a part has " + std::to_string(range.size()) + " octets"
        );
    }
    auto done = read_range(source, range, [&](std::string_view bytes) -> Result<void> {
        text += bytes;
        return {};
    });
    if (!done) return std::move(done).error();
    return text;
}

std::vector<std::string> boundaries_around(const MimeParts& parts, const MimePart& part) {
    std::vector<std::string> out;
    for (std::size_t i = part.parent; i != MimePart::none; i = parts[i].parent) {
        if (parts[i].kind == PartKind::multipart) out.emplace_back(boundary_of(parts[i]));
    }
    return out;
}

/// The header as it will be, with its blank line.
Result<std::string> changed_header(
    ByteSource& source, const MimePart& part, const PartChange& change
) {
    auto header =
        change.header ? Result<std::string>(*change.header) : read_header(source, part.header);
    if (!header) return std::move(header).error();
    if (change.change_header) *header = change.change_header(std::move(*header));
    std::string text = apply_labels(*header, part, change.labels);
    text = apply_edits(text, change.header_edits);
    if (!text.empty() && !text.ends_with('\n')) text += line_end;
    const auto blank_line = read_header(source, part.blank_line);
    if (!blank_line) return blank_line.error();
    text += blank_line->empty() ? line_end : std::string_view(*blank_line);
    return text;
}

}  // namespace

EditMaker::EditMaker(
    const MimeParts& parts, PartChanges changes, std::shared_ptr<ByteSource> source
)
    : parts_(parts),
      changes_(std::move(changes)),
      source_(std::move(source)),
      remaining_(parts, fates_of(parts, changes_)) {}

Result<ByteEdits> EditMaker::run() {
    for (const MimePart& part : parts_) {
        if (remaining_.is_inside_of_dropped_or_new(part)) continue;
        if (auto made = take(part); !made) return std::move(made).error();
    }
    // Behind what the parts inside have put at the same place: the innermost first.
    for (std::size_t i = parts_.size(); i-- > 0;) {
        const auto found = changes_.find(i);
        if (found == changes_.end() || remaining_.is_inside_of_dropped_or_new(parts_[i])) continue;
        if (remaining_.is_dropped(i) || found->second.has_body()) continue;
        if (auto made = add_parts(parts_[i], found->second); !made) return std::move(made).error();
    }
    return std::move(edits_);
}

Result<void> EditMaker::take(const MimePart& part) {
    if (remaining_.is_dropped(part.index))
        return part.parent == MimePart::none ? empty_all() : drop(part);
    const auto found = changes_.find(part.index);
    if (found == changes_.end()) return {};
    return change(part, found->second);
}

// Of parts side by side that go the first sees to it that what was in front of them stays apart
// from the next boundary line.
Result<void> EditMaker::drop(const MimePart& part) {
    if (part.delimiter.empty() || !remaining_.is_first_of_dropped(part)) {
        edits_.remove(part.whole());
        return {};
    }
    const std::uint64_t begin = part.delimiter.begin;
    const auto before = begin > 0 ? octet_at(begin - 1) : Result<char>('\0');
    const auto first = octet_at(begin);
    const auto next = octet_at(remaining_.next_boundary(part, source_->size()));
    if (!before) return before.error();
    if (!first) return first.error();
    if (!next) return next.error();
    std::string_view glue;
    // Its line end was the end of this part's header.
    if (*first != '-' && *next == '-') glue = line_end;
    // A CR that is content would become half of the line end, LF alone, that comes next. Where the
    // content in front is a new one, change() sees to it.
    if (*before == '\r' && *next == '\n' && !has_new_end_at(begin)) glue = "\r";
    edits_.replace(part.whole(), std::string(glue));
    return {};
}

bool EditMaker::has_new_end_at(std::uint64_t offset) const {
    return std::any_of(changes_.begin(), changes_.end(), [&](const auto& one) {
        const auto& [index, change] = one;
        return (change.has_body() || !change.behind.empty()) && parts_[index].body.end == offset;
    });
}

Result<void> EditMaker::empty_all() {
    PartChange change;
    change.labels.type = "text/plain";
    change.labels.type_parameters = Parameters();
    change.labels.encoding = TransferEncoding::seven_bit;
    const auto found = changes_.find(0);
    if (found != changes_.end()) {
        change.header = found->second.header;
        change.change_header = found->second.change_header;
        change.header_edits = found->second.header_edits;
    }
    change.body = std::make_shared<TextSource>("");
    return this->change(parts_[0], change);
}

Result<void> EditMaker::change(const MimePart& part, PartChange& change) {
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
        if (*next_kept == '\n' && change.behind.empty())
            body = in_front_of_line_feed(std::move(body));
    }
    if (*next_kept == '\n' && change.behind.ends_with('\r')) change.behind += '\r';
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

Result<ContentProducer> EditMaker::body_of(const MimePart& part, PartChange& change, bool at_end) {
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
        const auto& recoding = std::get<ContentRecoding>(change.body);
        content = decoded_content(source_, part.body, part.encoding);
        if (recoding.change) content = changed_content(std::move(content), recoding.change);
        encoding = recoding.encoding;
        mode = recoding.mode;
    }
    if (!is_transformed(encoding)) {
        const auto collides = has_boundary_line(content, boundaries_around(parts_, part));
        if (!collides) return collides.error();
        if (*collides) {
            encoding = mode == ContentMode::text ? TransferEncoding::quoted_printable
                                                 : TransferEncoding::base64;
        }
    }
    change.labels.encoding = encoding;
    return encoded_body(std::move(content), encoding, mode, at_end);
}

// When it is wanted: headers of many parts are never together in memory.
Result<void> EditMaker::write_header(const MimePart& part, const PartChange& change) {
    std::string in_front;
    // A boundary line at the very end of a message may lack its own line end.
    if (!part.delimiter.empty()) {
        const auto last = octet_at(part.delimiter.end - 1);
        if (!last) return last.error();
        if (*last != '\n') in_front = line_end;
    }
    edits_.replace(
        {part.header.begin, part.blank_line.end},
        [source = source_, &part, change, in_front](const ByteSink& sink) -> Result<void> {
            const auto text = changed_header(*source, part, change);
            return text ? sink(in_front + *text) : Result<void>(text.error());
        }
    );
    return {};
}

Result<void> EditMaker::add_parts(const MimePart& part, const PartChange& change) {
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
Result<char> EditMaker::octet_at(std::uint64_t offset) {
    char octet = 0;
    if (offset >= source_->size()) return octet;
    auto got = source_->read(offset, &octet, 1);
    if (!got) return std::move(got).error();
    return octet;
}

Result<bool> shows_boundary_line(
    const std::shared_ptr<ByteSource>& text, const MimeParts& parts, const MimePart& part
) {
    return has_boundary_line(content_of(text), boundaries_around(parts, part));
}

}  // namespace sluice::message
