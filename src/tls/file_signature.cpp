#include "tls/file_signature.h"

#include <sys/stat.h>

namespace sluice::tls {

void add_file(FileSignature& signature, const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return signature.push_back(0);
    signature.push_back(static_cast<std::uint64_t>(status.st_ino));
    signature.push_back(static_cast<std::uint64_t>(status.st_size));
    // Of the last change, not of the last writing: who copies may set that, and rights change too.
    signature.push_back(static_cast<std::uint64_t>(status.st_ctim.tv_sec));
    signature.push_back(static_cast<std::uint64_t>(status.st_ctim.tv_nsec));
}

}  // namespace sluice::tls
