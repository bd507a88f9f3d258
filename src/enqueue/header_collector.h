#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "message/header_scanner.h"

namespace sluice::enqueue {

/// Keeps the header of a message while it comes, and tells when it is complete. What a header has
/// over the limit is thrown away, whole fields from the end (HEADER_LIMIT, keyword headerlimit), so
/// that memory is bounded whatever is sent. One message, one thread; not to be moved.
class HeaderCollector {
public:
    /// `limit` in octets.
    HeaderCollector(std::vector<std::string> local_names, std::uint64_t limit)
        : settings_{std::move(local_names)}, scanner_(settings_), limit_(limit) {}
    HeaderCollector(const HeaderCollector&) = delete;
    HeaderCollector& operator=(const HeaderCollector&) = delete;

    /// Content as it comes; true once the header is complete. Not to be called any more then.
    bool feed(std::string_view bytes);
    /// The message ended within its header.
    void finish();

    /// The header up to and including the blank line.
    [[nodiscard]] std::string_view fields() const {
        return std::string_view(text_).substr(0, size_);
    }
    /// What came with the end of the header.
    [[nodiscard]] std::string_view rest() const { return std::string_view(text_).substr(size_); }
    /// It was over its limit.
    [[nodiscard]] bool was_cut() const { return over_; }
    /// Frees both; they are empty afterwards.
    void release();
    [[nodiscard]] const message::HeaderFacts& facts() const { return scanner_.facts(); }

private:
    void begin_cut();
    bool go_on_cutting();
    void forget(std::size_t octets);
    void end_cut(std::string_view rest);

    message::ScannerSettings settings_;  // the scanner refers to them
    message::HeaderScanner scanner_;
    std::uint64_t limit_;
    std::string text_;
    std::size_t size_ = 0;       // of the header in `text_`, once it is complete
    bool over_ = false;          // the header is over its limit: `text_` is what is kept of it
    std::string passed_;         // the line in progress of what is not kept
    bool in_long_line_ = false;  // a field of which too little is kept to see its end in `passed_`
    std::uint64_t passed_start_ = 0;  // where in the message `passed_` begins
};

}  // namespace sluice::enqueue
