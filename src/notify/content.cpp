#include "notify/content.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/header_field.h"
#include "message/header_scanner.h"

namespace sluice::notify {

namespace {

constexpr std::size_t max_header = 256UL << 10U;
constexpr std::size_t max_sample = 64UL << 10U;

const message::ScannerSettings scanner_settings;

// Finds a text in a stream that is cut anywhere.
class StreamSearch {
public:
    explicit StreamSearch(std::string_view wanted) : wanted_(wanted) {}
    void feed(std::string_view piece) {
        if (found_ || wanted_.empty()) return;
        // Only the seam needs a copy.
        tail_ += piece.substr(0, wanted_.size() - 1);
        found_ = tail_.find(wanted_) != std::string::npos ||
                 piece.find(wanted_) != std::string_view::npos;
        if (piece.size() >= wanted_.size()) tail_ = piece;
        const std::size_t keep = std::min(tail_.size(), wanted_.size() - 1);
        tail_.erase(0, tail_.size() - keep);
    }
    [[nodiscard]] bool found() const { return found_; }

private:
    std::string wanted_;
    std::string tail_;
    bool found_ = false;
};

// Turns every line end (CRLF, LF, CR) into CRLF.
class LineEnds {
public:
    std::string_view feed(std::string_view piece) {
        out_.clear();
        for (const char c : piece) {
            if (after_cr_ && c == '\n') {
                after_cr_ = false;
                continue;
            }
            after_cr_ = c == '\r';
            if (c == '\r' || c == '\n') {
                out_ += "\r\n";
            } else {
                out_ += c;
            }
        }
        if (!out_.empty()) at_line_start_ = out_.back() == '\n';
        return out_;
    }
    [[nodiscard]] bool at_line_start() const { return at_line_start_; }

private:
    std::string out_;
    bool after_cr_ = false;
    bool at_line_start_ = true;
};

// Lines fit for mail: no NUL, none above the limit. `fold` begins what is cut off.
std::string legal_lines(std::string_view text, std::string_view fold) {
    constexpr std::size_t longest = message::longest_line - 1;
    std::string out;
    while (!text.empty()) {
        const std::size_t end = text.find("\r\n");
        std::string line(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
        std::replace(line.begin(), line.end(), '\0', ' ');
        std::string_view rest = line;
        while (rest.size() > longest) {
            out += rest.substr(0, longest);
            out += "\r\n";
            out += fold;
            rest.remove_prefix(longest);
        }
        out += rest;
        out += "\r\n";
    }
    return out;
}

class Inspector {
public:
    Inspector(Returned returned, unsigned sample_lines, std::string_view boundary)
        : returned_(returned),
          sample_lines_(sample_lines),
          search_(boundary),
          scanner_(scanner_settings) {}

    bool feed(std::string_view raw) {
        const std::string_view piece = ends_.feed(raw);
        search_.feed(piece);
        scanner_.feed(piece);
        note_legality(piece);
        collect(piece);
        return wants_more();
    }

    ContentFacts finish() {
        scanner_.finish();
        const message::HeaderFacts& header = scanner_.facts();
        const auto header_size = std::min<std::size_t>(header.header_bytes, start_.size());
        std::string_view block = std::string_view(start_).substr(0, header_size);
        if (block.ends_with("\r\n\r\n") || block == "\r\n") block.remove_suffix(2);
        facts_.header = legal_lines(block.substr(0, max_header), " ");
        facts_.sample = legal_lines(sample_of(std::string_view(start_).substr(header_size)), "");
        facts_.header_eight_bit = !is_ascii(facts_.header);
        facts_.has_boundary = search_.found();
        facts_.is_plain = is_plain(header);
        return std::move(facts_);
    }

private:
    // Text that a reader can make sense of without decoding.
    static bool is_plain(const message::HeaderFacts& header) {
        const bool text =
            header.content_type.empty() || starts_with_ignoring_case(header.content_type, "text/");
        return text && !equals_ignoring_case(header.content_transfer_encoding, "base64");
    }

    void note_legality(std::string_view piece) {
        for (const char c : piece) {
            line_length_ = c == '\n' ? 0 : line_length_ + 1;
            // The carriage return is counted too.
            if (c == '\0' || line_length_ > message::longest_line + 1) facts_.is_legal = false;
            if (static_cast<unsigned char>(c) >= 0x80) facts_.eight_bit = true;
        }
    }

    void collect(std::string_view piece) {
        if (scanner_.in_header() || start_.size() < scanner_.facts().header_bytes + max_sample) {
            const std::size_t room = max_header + max_sample - start_.size();
            start_ += piece.substr(0, room);
        }
    }

    [[nodiscard]] bool wants_more() const {
        if (returned_ == Returned::full) return true;
        const bool start_full = start_.size() >= max_header + max_sample;
        if (start_full) return false;
        if (scanner_.in_header()) return true;
        return returned_ == Returned::sample &&
               start_.size() < scanner_.facts().header_bytes + max_sample;
    }

    [[nodiscard]] std::string_view sample_of(std::string_view body) const {
        std::size_t end = 0;
        for (unsigned i = 0; i < sample_lines_ && end < body.size(); ++i) {
            const std::size_t line_end = body.find('\n', end);
            end = line_end == std::string_view::npos ? body.size() : line_end + 1;
        }
        return body.substr(0, std::min(end, max_sample));
    }

    Returned returned_;
    unsigned sample_lines_;
    LineEnds ends_;
    StreamSearch search_;
    message::HeaderScanner scanner_;
    ContentFacts facts_;
    std::string start_;
    std::size_t line_length_ = 0;
};

bool is_too_large(const OriginalMessage& original, const NoticeSettings& settings) {
    const auto exceeds = [&](std::uint64_t blocks) {
        return blocks > 0 &&
               original.bytes > blocks * std::max<std::uint64_t>(settings.block_size, 1);
    };
    return exceeds(settings.bounce_block_limit) || exceeds(settings.content_return_block_limit);
}

}  // namespace

Returned choose_returned(
    NoticeKind kind, const OriginalMessage& original, const NoticeSettings& settings
) {
    const bool headers_asked = original.ret == ReturnRequest::headers;
    if (original.no_content && !headers_asked) return Returned::nothing;
    if (headers_asked || settings.headers_only || is_success(kind)) return Returned::headers;
    if (is_too_large(original, settings)) return Returned::headers;
    if (original.ret == ReturnRequest::full || is_failure(kind)) return Returned::full;
    return settings.lines_to_return > 0 ? Returned::sample : Returned::headers;
}

Result<ContentFacts> inspect_content(
    const ContentSource& source, Returned returned, unsigned sample_lines, std::string_view boundary
) {
    if (returned == Returned::nothing || !source) return ContentFacts{};
    Inspector inspector(returned, sample_lines, boundary);
    auto read = source([&](std::string_view piece) { return inspector.feed(piece); });
    if (!read) return std::move(read).error();
    return inspector.finish();
}

Result<void> copy_content(
    const ContentSource& source, const std::function<void(std::string_view)>& sink
) {
    LineEnds ends;
    auto read = source([&](std::string_view piece) {
        const std::string_view lines = ends.feed(piece);
        if (!lines.empty()) sink(lines);
        return true;
    });
    if (!read) return std::move(read).error();
    if (!ends.at_line_start()) sink("\r\n");
    return {};
}

}  // namespace sluice::notify
