#include "message/mime_scanner.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "message/header_field.h"
#include "message/mime_labels.h"

namespace sluice::message {

namespace {

/// As much of a line of a header as is looked at for a colon; the scanner of the outer header
/// remembers as much.
constexpr std::size_t longest_header_line = 8192;

std::string_view without_line_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// The rest of it is not known.
void drop_last_field(std::string& header) {
    std::size_t end = header.rfind('\n');
    while (end != std::string::npos && end > 0 && end + 1 < header.size() &&
           is_blank(header[end + 1])) {
        end = header.rfind('\n', end - 1);
    }
    header.resize(end == std::string::npos ? 0 : end + 1);
}

bool is_encapsulated(const ContentType& type) {
    return type.type == "message" &&
           (type.subtype == "rfc822" || type.subtype == "global" || type.subtype == "news");
}

}  // namespace

// What the next octets are:
//
//   state      line by line?   ends with
//   header     yes             blank line, boundary line, a line that is no field
//   content    as needed       boundary line of an open multipart: only lines with "--" in front
//                              are held back, and the line end in front of a line
//
// `content` is the body of a leaf, the preamble or the epilogue of a multipart.
class MimeScanner::Work {
public:
    Work(const MimeLimits& limits, MimeSink* sink) : limits_(limits), sink_(sink) {
        begin_part(MimePart::none);
        parts_[0].is_message_header = true;
    }

    void feed(std::string_view bytes);
    void finish();
    MimeParts& parts() { return parts_; }

private:
    struct OpenMultipart {
        std::size_t part;
        std::string boundary;  ///< with "--" in front
        bool opened = false;
    };
    struct Boundary {
        std::size_t level;  ///< index into open_
        bool is_last;
    };
    enum class State : std::uint8_t { header, content };

    MimePart& current() { return parts_[current_]; }
    void give(PieceKind kind, std::size_t part, std::string_view bytes);

    // Header.
    std::string_view gather_line(std::string_view bytes, std::size_t longest);
    void take_header_line(std::string_view line);
    void keep_header(std::string_view bytes);
    void end_header(std::string_view blank_line);
    /// None has a blank line: one, or that of an embedded message too, which has no octets.
    void end_headers() {
        while (state_ == State::header) end_header({});
    }
    void open_container();
    [[nodiscard]] PartKind kind_of(MimePart& part) const;
    [[nodiscard]] std::string number_of(const MimePart& part) const;

    // Content.
    std::string_view take_content(std::string_view bytes);
    std::string_view take_line_start(std::string_view bytes);
    void begin_content(PieceKind kind);
    void give_content(std::string_view bytes);
    void give_line_end();

    // Boundaries and parts.
    [[nodiscard]] std::optional<Boundary> boundary_in(std::string_view line) const;
    void take_boundary(const Boundary& boundary, std::string_view line);
    [[nodiscard]] bool repeats_delimiter(const Boundary& boundary) const;
    void extend_delimiter(std::string_view line);
    void open_next_part(std::size_t parent, std::string_view delimiter);
    std::size_t begin_part(std::size_t parent);
    void end_parts_below(std::size_t part);

    MimeLimits limits_;
    MimeSink* sink_;
    MimeParts parts_;
    std::vector<std::size_t> begun_;  ///< parts that have not ended, each in the one before
    std::vector<OpenMultipart> open_;
    std::vector<std::size_t> children_;  ///< how many each part has
    std::size_t current_ = 0;
    State state_ = State::header;
    PieceKind kind_ = PieceKind::body;  ///< of the content
    std::uint64_t offset_ = 0;          ///< octets given away
    std::size_t labels_ = 0;
    std::string line_;      ///< beginning of a line that is not decided
    std::string line_end_;  ///< in front of it, held back: a boundary line would own it
    std::string header_;    ///< of the current part, for its labels
    bool in_line_ = false;  ///< behind the beginning of a line that is decided
    bool has_field_ = false;
};

void MimeScanner::Work::give(PieceKind kind, std::size_t part, std::string_view bytes) {
    if (bytes.empty()) return;
    offset_ += bytes.size();
    if (sink_ != nullptr) sink_->piece(kind, parts_[part], bytes);
}

void MimeScanner::Work::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        if (state_ == State::content) {
            bytes = take_content(bytes);
            continue;
        }
        if (in_line_) {
            const std::size_t end = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
            in_line_ = bytes[end - 1] != '\n';
            keep_header(bytes.substr(0, end));
            bytes.remove_prefix(end);
            continue;
        }
        bytes = gather_line(bytes, longest_header_line);
        if (!line_.ends_with('\n') && line_.size() < longest_header_line) return;
        const std::string line = std::exchange(line_, {});
        take_header_line(line);
    }
}

void MimeScanner::Work::finish() {
    while (state_ == State::header && !line_.empty()) {
        const std::string line = std::exchange(line_, {});
        take_header_line(line);
    }
    // A last line that is decided once more: "--b--" without a line end.
    if (state_ == State::content && !line_.empty()) {
        const auto boundary = boundary_in(line_);
        const std::string line = std::exchange(line_, {});
        if (boundary) {
            take_boundary(*boundary, line);
        } else {
            give_line_end();
            give_content(line);
        }
    }
    end_headers();
    give_line_end();
    for (const OpenMultipart& multipart : open_) {
        PartTrouble& trouble = parts_[multipart.part].trouble;
        (multipart.opened ? trouble.not_closed : trouble.never_opened) = true;
    }
    end_parts_below(MimePart::none);
    open_.clear();
}

// Moves octets to line_ until it has a whole line or `longest` octets.
std::string_view MimeScanner::Work::gather_line(std::string_view bytes, std::size_t longest) {
    const std::size_t room = longest - line_.size();
    const std::size_t end = std::min({bytes.find('\n'), bytes.size() - 1, room - 1}) + 1;
    line_ += bytes.substr(0, end);
    return bytes.substr(end);
}

void MimeScanner::Work::take_header_line(std::string_view line) {
    const std::string_view text = without_line_end(line);
    const bool is_whole = line.ends_with('\n');
    if (text.empty() && is_whole) return end_header(line);
    if (const auto boundary = boundary_in(line)) {
        if (repeats_delimiter(*boundary)) return extend_delimiter(line);
        end_headers();
        return take_boundary(*boundary, line);
    }
    const bool is_separator = current().is_message_header && offset_ == current().header.begin &&
                              mailbox_separator_length(line) > 0;
    const bool goes_on = has_field_ && is_blank(line.front());
    const bool is_field = !goes_on && !is_separator && parse_header_field(line);
    if (goes_on || is_field || is_separator) {
        has_field_ = has_field_ || is_field;
        in_line_ = !is_whole;
        return keep_header(line);
    }
    end_header({});
    // The line belongs to what comes now: a body, or the header of an embedded message.
    feed(line);
}

void MimeScanner::Work::keep_header(std::string_view bytes) {
    const std::size_t room = limits_.header - std::min(limits_.header, header_.size());
    header_ += bytes.substr(0, room);
    if (bytes.size() > room) current().trouble.header_cut = true;
    give(PieceKind::header, current_, bytes);
}

void MimeScanner::Work::end_header(std::string_view blank_line) {
    MimePart& part = current();
    part.header.end = offset_;
    part.blank_line = {offset_, offset_ + blank_line.size()};
    part.trouble.no_blank_line = blank_line.empty();
    const bool in_digest =
        part.parent != MimePart::none && parts_[part.parent].type.is("multipart", "digest");
    if (part.trouble.header_cut) drop_last_field(header_);
    read_labels(header_, in_digest, part);
    header_.clear();
    part.kind = kind_of(part);
    part.number = number_of(part);
    labels_ += label_size(part);
    if (sink_ != nullptr) sink_->header_ended(part);
    give(PieceKind::blank_line, current_, blank_line);
    part.body = part.preamble = {offset_, offset_};
    if (part.kind == PartKind::message) {
        const std::size_t child = begin_part(current_);
        parts_[child].is_message_header = true;
        return;
    }
    if (part.kind == PartKind::multipart)
        open_.push_back({current_, "--" + std::string(boundary_of(part))});
    begin_content(part.kind == PartKind::multipart ? PieceKind::preamble : PieceKind::body);
}

PartKind MimeScanner::Work::kind_of(MimePart& part) const {
    const bool is_message = is_encapsulated(part.type);
    if (!is_message && part.type.type != "multipart") return PartKind::leaf;
    const bool is_encoded =
        is_transformed(part.encoding) || part.encoding == TransferEncoding::unknown;
    if (is_message && is_encoded) {
        part.trouble.encoded_message = true;
    } else if (!is_message && boundary_of(part).empty()) {
        part.trouble.no_boundary = true;
    } else if (part.depth >= limits_.depth) {
        part.trouble.too_deep = true;
    } else if (is_message && parts_.size() >= limits_.parts) {
        part.trouble.too_many_parts = true;
    } else {
        return is_message ? PartKind::message : PartKind::multipart;
    }
    return PartKind::leaf;
}

std::string MimeScanner::Work::number_of(const MimePart& part) const {
    const bool is_multipart = part.kind == PartKind::multipart;
    if (part.parent == MimePart::none) return is_multipart ? "" : "1";
    const MimePart& parent = parts_[part.parent];
    const bool is_embedded = parent.kind == PartKind::message;
    if (is_embedded && is_multipart) return parent.number;
    const std::string place = std::to_string(children_[part.parent]);
    return parent.number.empty() ? place : parent.number + '.' + place;
}

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
    // A CR that ends what was looked at may be half of a line end.
    const std::string_view text = without_line_end(line);
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

MimeScanner::MimeScanner(const MimeLimits& limits, MimeSink* sink)
    : work_(std::make_unique<Work>(limits, sink)) {}
MimeScanner::~MimeScanner() = default;
MimeScanner::MimeScanner(MimeScanner&&) noexcept = default;
MimeScanner& MimeScanner::operator=(MimeScanner&&) noexcept = default;

void MimeScanner::feed(std::string_view bytes) {
    work_->feed(bytes);
}

void MimeScanner::finish() {
    work_->finish();
}

const MimeParts& MimeScanner::parts() const {
    return work_->parts();
}

MimeParts MimeScanner::take_parts() {
    return std::move(work_->parts());
}

MimeParts scan_message(std::string_view message, const MimeLimits& limits) {
    MimeScanner scanner(limits);
    scanner.feed(message);
    scanner.finish();
    return scanner.take_parts();
}

std::vector<std::size_t> children_of(const MimeParts& parts, std::size_t index) {
    std::vector<std::size_t> out;
    for (const MimePart& part : parts) {
        if (part.parent == index) out.push_back(part.index);
    }
    return out;
}

}  // namespace sluice::message
