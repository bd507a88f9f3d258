#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::pipe {

/// A file with a message as programs read it: LF for CRLF; all other octets as they are.
class StdinFile {
public:
    explicit StdinFile(UniqueFd file) : file_(std::move(file)) {}

    Result<void> append(std::string_view wire);
    /// Octets of the file.
    Result<std::uint64_t> finish();

private:
    Result<void> flush();
    UniqueFd file_;
    std::string buffer_;
    bool pending_cr_ = false;
    std::uint64_t size_ = 0;
};

}  // namespace sluice::pipe
