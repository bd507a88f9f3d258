#include "auth/guess_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "base/unique_fd.h"

namespace sluice::auth {

namespace {

constexpr std::size_t octets = GuessFile::row_count * sizeof(GuessRow);

/// MAP_FAILED: not to be had; errno says why.
void* map_shared(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return MAP_FAILED;
    // Rows of zeros are free; another process that does the same does no harm.
    if (::ftruncate(file.get(), octets) != 0) return MAP_FAILED;
    return ::mmap(nullptr, octets, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
}

void* map_file(const std::string& path, std::string& fault) {
    if (void* memory = map_shared(path); memory != MAP_FAILED) return memory;
    fault = path + ": " + std::strerror(errno);
    void* memory =
        ::mmap(nullptr, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return memory;
}

}  // namespace

GuessFile::GuessFile(const std::string& path)
    : memory_(map_file(path, fault_)),
      table_(std::span(static_cast<GuessRow*>(memory_), row_count)) {}

GuessFile::~GuessFile() {
    ::munmap(memory_, octets);
}

}  // namespace sluice::auth
