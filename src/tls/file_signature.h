#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::tls {

/// Time, size and identity of files: what tells one content from another.
using FileSignature = std::vector<std::uint64_t>;

/// Of a file that is not there it is that, too.
void add_file(FileSignature& signature, const std::string& path);

}  // namespace sluice::tls
