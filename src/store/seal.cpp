#include "store/seal.h"

#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming)
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

namespace sluice::store {

namespace {

constexpr std::string_view magic = "SluiceDB";
constexpr std::uint32_t format_version = 1;

template <class Number>
void put(std::string& out, Number number) {
    for (std::size_t i = 0; i < sizeof number; ++i)
        out += static_cast<char>(number >> (8 * i) & 0xffU);
}

template <class Number>
Number get(std::string_view octets) {
    Number number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i)
        number |= static_cast<Number>(static_cast<unsigned char>(octets[i])) << (8 * i);
    return number;
}

Error refusal(std::string detail) {
    return Error::permanent({5, 3, 5}, "database not usable", std::move(detail));
}

}  // namespace

std::string encode_seal(const Seal& seal) {
    std::string out(magic);
    put(out, format_version);
    put(out, std::uint32_t{0});
    put(out, seal.size);
    put(out, seal.hash);
    return out;
}

std::optional<Seal> decode_seal(std::string_view octets) {
    if (octets.size() != seal_size || !octets.starts_with(magic)) return std::nullopt;
    octets.remove_prefix(magic.size());
    if (get<std::uint32_t>(octets) != format_version) return std::nullopt;
    return Seal{get<std::uint64_t>(octets.substr(8)), get<std::uint64_t>(octets.substr(16))};
}

Result<std::uint64_t> hash_of_file(int fd, std::uint64_t size) {
    struct Free {
        void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
    };
    const std::unique_ptr<XXH3_state_t, Free> state(XXH3_createState());
    if (!state) return Error::from_errno(ENOMEM, "hash");
    XXH3_64bits_reset(state.get());
    std::vector<char> buffer(256UL << 10U);
    std::uint64_t at = 0;
    while (at < size) {
        const auto wanted = std::min<std::uint64_t>(buffer.size(), size - at);
        const ssize_t got = ::pread(fd, buffer.data(), wanted, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Error::from_errno(errno, "read database");
        if (got == 0) return refusal("shorter than its seal says");
        XXH3_64bits_update(state.get(), buffer.data(), static_cast<std::size_t>(got));
        at += static_cast<std::uint64_t>(got);
    }
    return XXH3_64bits_digest(state.get());
}

Result<Seal> check_seal(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return Error::from_errno(errno, "look at database");
    if (!S_ISREG(status.st_mode)) return refusal("not a file");
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size < seal_size) return refusal("not a database made by crdb");
    std::string octets(seal_size, '\0');
    const auto at = static_cast<off_t>(size - seal_size);
    if (::pread(fd, octets.data(), octets.size(), at) != static_cast<ssize_t>(octets.size()))
        return refusal("its end cannot be read");
    const auto seal = decode_seal(octets);
    if (!seal) return refusal("not a database made by crdb, or cut short");
    if (seal->size != size - seal_size)
        return refusal("its length is not the one it was made with");
    const auto hash = hash_of_file(fd, seal->size);
    if (!hash) return hash.error();
    if (*hash != seal->hash) return refusal("corrupt: its content is not the one it was made with");
    return *seal;
}

}  // namespace sluice::store
