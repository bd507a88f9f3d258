#pragma once

#include <string>

#include "auth/guess_table.h"
#include "base/result.h"

namespace sluice::auth {

/// The table in a file that all servers of an instance map. A file that cannot be had leaves the
/// process a table of its own.
class GuessFile {
public:
    /// Of 64 KiB: 4096 addresses and users that have failed lately.
    static constexpr std::size_t row_count = 4096;

    explicit GuessFile(const std::string& path);
    ~GuessFile();
    GuessFile(const GuessFile&) = delete;
    GuessFile& operator=(const GuessFile&) = delete;

    [[nodiscard]] GuessTable& table() { return table_; }
    /// Empty: the file is shared. Else why not.
    [[nodiscard]] const std::string& fault() const { return fault_; }

private:
    std::string fault_;
    void* memory_;
    GuessTable table_;
};

}  // namespace sluice::auth
