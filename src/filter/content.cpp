#include "filter/content.h"

#include <algorithm>

namespace sluice::filter {

namespace {

constexpr std::size_t piece = 64UL * 1024;

std::string_view blank_line_at(std::string_view text) {
    if (text.starts_with("\r\n")) return text.substr(0, 2);
    if (text.starts_with('\n')) return text.substr(0, 1);
    return {};
}

bool has_blank_line(std::string_view text) {
    return !blank_line_at(text).empty() || text.find("\n\r\n") != std::string_view::npos ||
           text.find("\n\n") != std::string_view::npos;
}

}  // namespace

Result<Content> Content::from(Spool spool, std::size_t header_limit) {
    // Most headers are small: read more only where the end is not in sight.
    std::string front;
    while (true) {
        const std::size_t wanted = std::max<std::size_t>(front.size(), piece);
        const std::size_t before = front.size();
        if (auto read = spool.read(before, wanted, front); !read) return std::move(read).error();
        const bool complete = has_blank_line(front) || front.size() == before;
        if (complete) break;
        if (front.size() > header_limit)
            return Error::permanent({5, 6, 0}, "message header too long for the filters");
    }
    milter::HeaderFields header(front);
    const std::string_view rest = std::string_view(front).substr(header.consumed());
    std::string separator(blank_line_at(rest));
    const std::uint64_t offset = header.consumed() + separator.size();
    return Content(std::move(header), std::move(separator), std::move(spool), offset);
}

std::uint64_t Content::size() const {
    return header_.text().size() + separator_.size() + body_size();
}

Result<std::string> Content::read_body(std::uint64_t offset, std::size_t size) const {
    std::string out;
    if (auto read = body_.read(body_offset_ + offset, size, out); !read)
        return std::move(read).error();
    return out;
}

void Content::replace_body(Spool body) {
    body_ = std::move(body);
    body_offset_ = 0;
    if (separator_.empty()) separator_ = "\r\n";
}

Result<std::string> ContentReader::next() {
    if (!header_done_) {
        header_done_ = true;
        std::string front = content_.header_.text() + content_.separator_;
        if (!front.empty()) return front;
    }
    auto octets = content_.read_body(offset_, piece);
    if (octets) offset_ += octets->size();
    return octets;
}

}  // namespace sluice::filter
