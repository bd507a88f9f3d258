#include "utility/paged_output.h"

#include "base/bytes.h"

namespace sluice::utility {

namespace {

constexpr std::string_view question = "-- more: Return, or q -- ";
constexpr std::size_t least_rows = 3;

}  // namespace

void PagedOutput::begin() {
    // The last row is for the question.
    const std::size_t rows = input_.is_terminal() ? input_.rows() : 0;
    rows_ = rows < least_rows ? 0 : rows - 1;
    shown_ = 0;
    ended_ = false;
}

PagedOutput::int_type PagedOutput::overflow(int_type c) {
    if (!traits_type::eq_int_type(c, traits_type::eof())) put(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
}

std::streamsize PagedOutput::xsputn(const char* text, std::streamsize size) {
    for (std::streamsize i = 0; i < size; ++i) put(text[i]);
    return size;
}

int PagedOutput::sync() {
    out_.flush();
    return out_ ? 0 : -1;
}

void PagedOutput::put(char c) {
    if (ended_) return;
    // Asked when more follows, not after the last line of a page that is the end.
    if (rows_ > 0 && shown_ >= rows_) ask();
    if (ended_) return;
    out_.put(c);
    if (c == '\n') ++shown_;
}

void PagedOutput::ask() {
    shown_ = 0;
    out_.flush();
    const auto answer = input_.read_line(question);
    ended_ = !answer || equals_ignoring_case(trim(*answer), "q") ||
             equals_ignoring_case(trim(*answer), "quit");
}

}  // namespace sluice::utility
