#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "message/mime_labels.h"
#include "message/mime_scanner_work.h"

namespace sluice::message {

void MimeScanner::Work::begin_content(PieceKind kind) {
    state_ = State::content;
    kind_ = kind;
    in_line_ = false;
}

// Octets up to where the next line begins that could be a boundary line, or all of them.
std::string_view MimeScanner::Work::take_content(std::string_view bytes) {
    if (open_.empty()) {
        give_line_end();
        give_content(bytes);
        return {};
    }
    if (!in_line_) return take_line_start(bytes);
    if (line_end_ == "\r") {
        // Held back since the last call.
        if (bytes.front() == '\n') {
            line_end_ = "\r\n";
            in_line_ = false;
            return bytes.substr(1);
        }
        give_line_end();
    }
    std::size_t at = 0;
    for (;;) {
        const std::size_t end = bytes.find('\n', at);
        if (end == std::string_view::npos) {
            const bool hold = bytes.ends_with('\r');
            give_content(bytes.substr(0, bytes.size() - (hold ? 1 : 0)));
            if (hold) line_end_ = "\r";
            return {};
        }
        at = end + 1;
        if (at + 1 < bytes.size() && bytes.substr(at, 2) != "--") continue;
        const bool with_cr = end > 0 && bytes[end - 1] == '\r';
        give_content(bytes.substr(0, end - (with_cr ? 1 : 0)));
        line_end_ = with_cr ? "\r\n" : "\n";
        in_line_ = false;
        return bytes.substr(at);
    }
}

// At the beginning of a line, its first octets perhaps in line_.
std::string_view MimeScanner::Work::take_line_start(std::string_view bytes) {
    while (line_.size() < 2 && !bytes.empty() && bytes.front() == '-') {
        line_ += '-';
        bytes.remove_prefix(1);
    }
    if (line_.size() < 2 && bytes.empty()) return {};
    bool is_whole = false;
    if (line_.size() >= 2) {
        if (bytes.empty()) return {};
        bytes = gather_line(bytes, longest_boundary_line);
        is_whole = line_.ends_with('\n');
        if (!is_whole && line_.size() < longest_boundary_line) return {};
    }
    const std::string line = std::exchange(line_, {});
    if (is_whole) {
        if (const auto boundary = boundary_in(line)) {
            take_boundary(*boundary, line);
            return bytes;
        }
    }
    give_line_end();
    std::string_view text = without_line_end(line);
    // A CR that ends what was looked at may be half of a line end.
    if (!is_whole && text.ends_with('\r')) text.remove_suffix(1);
    give_content(text);
    in_line_ = !is_whole;
    line_end_ = line.substr(text.size());
    return bytes;
}

void MimeScanner::Work::give_content(std::string_view bytes) {
    give(kind_, current_, bytes);
}

void MimeScanner::Work::give_line_end() {
    give(kind_, current_, std::exchange(line_end_, {}));
}

// RFC 2046 section 5.1.1, with blanks behind it. The innermost multipart comes first; a boundary of
// one further out ends those inside it that were not closed.
std::optional<MimeScanner::Work::Boundary> MimeScanner::Work::boundary_in(std::string_view line
) const {
    if (!line.starts_with("--") || line.size() > longest_boundary_line) return std::nullopt;
    line = without_line_end(line);
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    for (std::size_t level = open_.size(); level-- > 0;) {
        const std::string& boundary = open_[level].boundary;
        if (!line.starts_with(boundary)) continue;
        const std::string_view rest = line.substr(boundary.size());
        if (rest.empty()) return Boundary{level, false};
        if (rest == "--") return Boundary{level, true};
    }
    return std::nullopt;
}

void MimeScanner::Work::take_boundary(const Boundary& boundary, std::string_view line) {
    for (std::size_t i = boundary.level + 1; i < open_.size(); ++i) {
        PartTrouble& trouble = parts_[open_[i].part].trouble;
        (open_[i].opened ? trouble.not_closed : trouble.never_opened) = true;
    }
    open_.resize(boundary.level + 1);
    const std::size_t multipart = open_.back().part;
    if (!open_.back().opened) parts_[multipart].preamble.end = offset_;
    open_.back().opened = true;
    end_parts_below(multipart);
    const std::string in_front = std::exchange(line_end_, {});
    if (!boundary.is_last) return open_next_part(multipart, in_front + std::string(line));
    open_.pop_back();
    const std::string_view text = without_line_end(line);
    MimePart& part = parts_[multipart];
    part.close = {offset_, offset_ + in_front.size() + text.size()};
    give(PieceKind::close, multipart, in_front + std::string(text));
    current_ = multipart;
    parts_[multipart].epilogue = {offset_, offset_};
    begin_content(PieceKind::epilogue);
    line_end_ = line.substr(text.size());
}

// The same boundary line twice opens one part, for everybody who reads mail.
bool MimeScanner::Work::repeats_delimiter(const Boundary& boundary) const {
    const MimePart& part = parts_[current_];
    return !boundary.is_last && part.header.begin == offset_ && !part.delimiter.empty() &&
           open_[boundary.level].part == part.parent;
}

void MimeScanner::Work::extend_delimiter(std::string_view line) {
    give(PieceKind::delimiter, current_, line);
    MimePart& part = current();
    part.delimiter.end = offset_;
    part.header = part.blank_line = {offset_, offset_};
}

void MimeScanner::Work::open_next_part(std::size_t parent, std::string_view delimiter) {
    const bool is_last_one = parts_.size() + 1 >= limits_.parts || labels_ > limits_.labels;
    const std::size_t index = begin_part(parent);
    give(PieceKind::delimiter, index, delimiter);
    MimePart& part = parts_[index];
    part.delimiter.end = offset_;
    part.header = part.blank_line = {offset_, offset_};
    if (!is_last_one) return;
    part.trouble.too_many_parts = true;
    part.number = number_of(part);
    part.body = part.preamble = {offset_, offset_};
    if (sink_ != nullptr) sink_->header_ended(part);
    for (const OpenMultipart& multipart : open_) parts_[multipart.part].trouble.not_closed = true;
    open_.clear();
    begin_content(PieceKind::body);
}

std::size_t MimeScanner::Work::begin_part(std::size_t parent) {
    MimePart part;
    part.index = parts_.size();
    part.parent = parent;
    part.delimiter = part.header = part.blank_line = {offset_, offset_};
    if (parent != MimePart::none) {
        part.depth = parts_[parent].depth + 1;
        ++children_[parent];
    }
    parts_.push_back(std::move(part));
    children_.push_back(0);
    current_ = parts_.size() - 1;
    begun_.push_back(current_);
    state_ = State::header;
    has_field_ = false;
    in_line_ = false;
    if (sink_ != nullptr) sink_->part_begun(parts_.back());
    return current_;
}

// The parts inside `part` are complete; all where it is `none`.
void MimeScanner::Work::end_parts_below(std::size_t part) {
    while (!begun_.empty() && begun_.back() != part) {
        MimePart& ended = parts_[begun_.back()];
        ended.body.end = offset_;
        if (ended.kind == PartKind::multipart) {
            ByteRange& last = ended.close.empty() ? ended.preamble : ended.epilogue;
            if (!ended.close.empty() || children_[ended.index] == 0) last.end = offset_;
        }
        if (ended.close.empty()) ended.close = ended.epilogue = {offset_, offset_};
        begun_.pop_back();
        if (sink_ != nullptr) sink_->part_ended(ended);
    }
}

}  // namespace sluice::message
