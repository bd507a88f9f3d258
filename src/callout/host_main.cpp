// callout_host: calls routines of shared libraries of the site for another program. Such a routine
// may crash, hang, or write where it must not; then this process ends and the other goes on.
#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "callout/site_protocol.h"

namespace sluice::callout {

namespace {

/// The other side gives up after five seconds and kills; this is for when there is no other side.
constexpr unsigned seconds_for_a_call = 10;
constexpr int usage_error = 2;

using Function = int (*)(char* argument, long* argument_size, char* result, long* result_size);

/// A buffer that ends where the process may not write: who writes too much is stopped at once.
class GuardedBuffer {
public:
    GuardedBuffer() {
        const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        const std::size_t usable = (site_buffer_size + page - 1) / page * page;
        void* memory = ::mmap(
            nullptr, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
        );
        if (memory == MAP_FAILED) ::_exit(1);
        char* const guard = static_cast<char*>(memory) + usable;
        if (::mprotect(guard, page, PROT_NONE) != 0) ::_exit(1);
        data_ = guard - site_buffer_size;
    }
    [[nodiscard]] char* data() const { return data_; }

private:
    char* data_;
};

class Libraries {
public:
    /// Null: `why` says why not. Libraries stay loaded.
    Function find(const SiteCall& call, std::string& why) {
        auto [at, is_new] = handles_.try_emplace(call.library, nullptr);
        if (at->second == nullptr) at->second = ::dlopen(call.library.c_str(), RTLD_NOW);
        if (at->second == nullptr) return failure(why);
        void* const symbol = ::dlsym(at->second, call.routine.c_str());
        if (symbol == nullptr) return failure(why);
        return reinterpret_cast<Function>(symbol);
    }

private:
    static Function failure(std::string& why) {
        const char* const text = ::dlerror();  // NOLINT(concurrency-mt-unsafe): one thread
        why = text != nullptr ? text : "not found";
        if (why.size() > site_buffer_size) why.resize(site_buffer_size);
        return nullptr;
    }

    std::map<std::string, void*> handles_;
};

SiteReply answer(Libraries& libraries, const SiteCall& call) {
    static const GuardedBuffer argument;
    static const GuardedBuffer result;
    SiteReply reply;
    if (call.argument.size() >= site_buffer_size) {
        reply.text = "the argument is too long";
        return reply;
    }
    const Function routine = libraries.find(call, reply.text);
    if (routine == nullptr) return reply;
    std::memset(argument.data(), 0, site_buffer_size);
    std::memset(result.data(), 0, site_buffer_size);
    std::memcpy(argument.data(), call.argument.data(), call.argument.size());
    auto argument_size = static_cast<long>(call.argument.size());
    auto result_size = static_cast<long>(site_buffer_size);
    const int said = routine(argument.data(), &argument_size, result.data(), &result_size);
    if (said != -1) {
        reply.kind = SiteReply::Kind::failure;
    } else if (result_size < 0 || result_size > static_cast<long>(site_buffer_size)) {
        reply.text = "the routine says that its result has " + std::to_string(result_size) +
                     " octets, which its buffer has not";
    } else {
        reply.kind = SiteReply::Kind::success;
        reply.text.assign(result.data(), static_cast<std::size_t>(result_size));
    }
    return reply;
}

int serve() {
    Libraries libraries;
    std::string packet(most_packet_octets, '\0');
    while (true) {
        const ssize_t size = ::recv(host_channel_fd, packet.data(), packet.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return 0;
        const auto call = decode_call({packet.data(), static_cast<std::size_t>(size)});
        if (!call) return 1;
        ::alarm(seconds_for_a_call);
        const std::string reply = encode_reply(answer(libraries, *call));
        ::alarm(0);
        if (::send(host_channel_fd, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) return 1;
    }
}

}  // namespace

}  // namespace sluice::callout

int main() {
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(sluice::callout::host_channel_fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        type != SOCK_SEQPACKET) {
        std::fprintf(stderr, "%%IMTA-F-NOPARENT, this program is started by other programs\n");
        return sluice::callout::usage_error;
    }
    return sluice::callout::serve();
}
