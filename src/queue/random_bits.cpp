#include "queue/random_bits.h"

#include <sys/random.h>

#include <cerrno>

namespace sluice::queue {

Result<std::string> random_bits() {
    std::string bits(16, '\0');
    if (::getrandom(bits.data(), bits.size(), 0) != static_cast<ssize_t>(bits.size())) {
        return Error::from_errno(errno, "getrandom");
    }
    return bits;
}

}  // namespace sluice::queue
