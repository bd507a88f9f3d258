#include "enqueue/header_collector.h"

#include <algorithm>

#include "base/bytes.h"
#include "message/header_field.h"

namespace sluice::enqueue {

namespace {

/// Where the last field that begins within `limit` octets begins.
std::size_t last_field_start(std::string_view text, std::size_t limit) {
    std::size_t end = std::min(text.size(), limit);
    while (end > 0) {
        const std::size_t newline = text.rfind('\n', end - 1);
        if (newline == std::string_view::npos) return 0;
        const bool continues = newline + 1 < text.size() && is_blank(text[newline + 1]);
        if (!continues) return newline + 1;
        end = newline;
    }
    return 0;
}

constexpr std::size_t longest_line_kept = 65536;

bool is_header_line(std::string_view start) {
    return is_blank(start.front()) || message::parse_header_field(start).has_value();
}

}  // namespace

bool HeaderCollector::feed(std::string_view bytes) {
    scanner_.feed(bytes);
    if (over_) {
        passed_.append(bytes);
        return go_on_cutting();
    }
    text_.append(bytes);
    const std::uint64_t known = scanner_.in_header() ? text_.size() : facts().header_bytes;
    if (known > limit_) {
        begin_cut();
        return go_on_cutting();
    }
    if (scanner_.in_header()) return false;
    size_ = std::min<std::size_t>(facts().header_bytes, text_.size());
    return true;
}

void HeaderCollector::finish() {
    scanner_.finish();
    if (over_) {
        go_on_cutting();
    } else {
        size_ = std::min<std::size_t>(facts().header_bytes, text_.size());
    }
}

void HeaderCollector::release() {
    std::string().swap(text_);
    std::string().swap(passed_);
    size_ = 0;
}

void HeaderCollector::begin_cut() {
    over_ = true;
    const std::size_t kept = last_field_start(text_, static_cast<std::size_t>(limit_));
    passed_ = text_.substr(kept);
    passed_start_ = kept;
    text_.resize(kept);
}

// A line that ends the header without being blank belongs to the body: the line in progress is kept
// until it is known what it is.
bool HeaderCollector::go_on_cutting() {
    if (!scanner_.in_header()) {
        const std::uint64_t end = std::max(facts().header_bytes, passed_start_) - passed_start_;
        end_cut(std::string_view(passed_).substr(std::min<std::uint64_t>(end, passed_.size())));
        return true;
    }
    if (const std::size_t line = passed_.rfind('\n') + 1; line > 0) {
        forget(line);
        in_long_line_ = false;
    }
    if (passed_.size() <= longest_line_kept) return false;
    if (!in_long_line_ && !is_header_line(passed_)) {
        end_cut(passed_);
        return true;
    }
    in_long_line_ = true;
    forget(passed_.size());
    return false;
}

void HeaderCollector::forget(std::size_t octets) {
    passed_.erase(0, octets);
    passed_start_ += octets;
}

void HeaderCollector::end_cut(std::string_view rest) {
    text_ += "\r\n";
    size_ = text_.size();
    text_ += rest;
    std::string().swap(passed_);
}

}  // namespace sluice::enqueue
