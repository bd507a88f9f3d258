#pragma once

#include <cstddef>
#include <ostream>
#include <streambuf>
#include <string>

#include "utility/message.h"

namespace sluice::utility {

/// Shows long output page by page to a person at a terminal: after each page it asks, and "q"
/// throws the rest of this command's output away. No other program is called, so that nobody gets
/// at a shell from here. Without a terminal everything passes.
class PagedOutput final : public std::streambuf {
public:
    /// Both are borrowed.
    PagedOutput(std::ostream& out, Input& input) : out_(out), input_(input) {}

    /// Another command: its output begins with a full page.
    void begin();

protected:
    int_type overflow(int_type c) override;
    std::streamsize xsputn(const char* text, std::streamsize size) override;
    int sync() override;

private:
    void put(char c);
    void ask();

    std::ostream& out_;
    Input& input_;
    std::size_t rows_ = 0;  ///< of a page; 0: no pages
    std::size_t shown_ = 0;
    bool ended_ = false;
};

}  // namespace sluice::utility
