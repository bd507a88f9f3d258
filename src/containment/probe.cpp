#include "containment/probe.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>

#include "base/unique_fd.h"

namespace sluice::containment {

namespace {

std::string in_words(int problem) {
    if (problem == 0) return "done";
    const char* const name = ::strerrorname_np(problem);
    return name != nullptr ? name : std::to_string(problem);
}

/// 0, or errno where the call said that it failed.
int outcome(long result) {
    return result < 0 ? errno : 0;
}

int try_open(const std::string& path, int flags) {
    constexpr mode_t private_file = 0600;
    const UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, private_file));
    return outcome(file.get());
}

int try_making(const std::string& path) {
    const int problem = try_open(path, O_WRONLY | O_CREAT);
    if (problem == 0) ::unlink(path.c_str());
    return problem;
}

int try_listing(const std::string& path) {
    return try_open(path, O_RDONLY | O_DIRECTORY);
}

/// In a process of its own: what would change this one.
int try_apart(const std::function<int()>& action) {
    const pid_t child = ::fork();
    if (child < 0) return errno;
    if (child == 0) ::_exit(action());
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return errno;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

int try_running() {
    std::array<char*, 2> words{const_cast<char*>("true"), nullptr};
    return outcome(::execv("/bin/true", words.data()));
}

int try_reading_memory() {
    int from = 1;
    int to = 0;
    const iovec there{&from, sizeof from};
    const iovec here{&to, sizeof to};
    return outcome(::process_vm_readv(::getpid(), &here, 1, &there, 1, 0));
}

int try_rings() {
    std::array<std::uint32_t, 64> parameters{};
    const UniqueFd ring(static_cast<int>(::syscall(SYS_io_uring_setup, 1, parameters.data())));
    return outcome(ring.get());
}

int try_socket(int family, int type) {
    const UniqueFd socket(::socket(family, type | SOCK_CLOEXEC, 0));
    return outcome(socket.get());
}

using SocketCall = int (*)(int, const sockaddr*, socklen_t);

int try_tcp(SocketCall call, std::uint16_t port) {
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* const plain = reinterpret_cast<const sockaddr*>(&address);
    const int problem = outcome(call(socket.get(), plain, sizeof address));
    return problem == ECONNREFUSED ? 0 : problem;  // it was asked
}

}  // namespace

std::vector<Attempt> probe(const std::string& directory) {
    constexpr std::uint16_t nobody_listens = 1;
    constexpr std::uint16_t port_of_ours = 20'999;
    std::vector<Attempt> attempts;
    const auto add = [&](const char* name, int problem) {
        attempts.push_back({name, in_words(problem)});
    };
    const auto at = [&](const char* name) { return directory + '/' + name; };
    add("list outside", try_listing(directory));
    add("read secret", try_open(at("secret"), O_RDONLY));
    add("write secret", try_open(at("secret"), O_WRONLY));
    add("empty secret", outcome(::truncate(at("secret").c_str(), 0)));
    add("make outside", try_making(at("new")));
    add("remove outside", outcome(::unlink(at("victim").c_str())));
    add("read configuration", try_open(at("configuration"), O_RDONLY));
    add("write configuration", try_open(at("configuration"), O_WRONLY));
    for (const char* const place : {"queue", "logs", "run", "scratch", "mail"}) {
        const std::string path = at(place);
        attempts.push_back({std::string("list ") + place, in_words(try_listing(path))});
        attempts.push_back({std::string("make in ") + place, in_words(try_making(path + "/probe"))}
        );
    }
    add("start a program", try_apart(try_running));
    add("trace", try_apart([] { return outcome(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }));
    add("read memory", try_reading_memory());
    add("name space", try_apart([] { return outcome(::unshare(CLONE_NEWUSER)); }));
    add("mount", outcome(::mount("none", "/proc", "proc", 0, nullptr)));
    add("key ring",
        outcome(::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1)));
    add("io_uring", try_rings());
    add("bpf", outcome(::syscall(SYS_bpf, 0, nullptr, 0)));
    add("change account", outcome(::setuid(::getuid())));
    add("AF_PACKET", try_socket(AF_PACKET, SOCK_RAW));
    add("AF_ALG", try_socket(AF_ALG, SOCK_SEQPACKET));
    add("AF_VSOCK", try_socket(AF_VSOCK, SOCK_STREAM));
    add("AF_UNIX", try_socket(AF_UNIX, SOCK_STREAM));
    add("AF_INET6", try_socket(AF_INET6, SOCK_STREAM));
    add("AF_NETLINK", try_socket(AF_NETLINK, SOCK_RAW));
    add("connect", try_tcp(::connect, nobody_listens));
    add("bind any port", try_tcp(::bind, 0));
    add("bind a port", try_tcp(::bind, port_of_ours));
    add("signal the parent", outcome(::kill(::getppid(), 0)));
    return attempts;
}

}  // namespace sluice::containment
