#include "base/starter_link.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sluice {

namespace {

UniqueFd& starter_of_hosts() {
    static UniqueFd socket;
    return socket;
}

bool send_request(int starter, std::string_view request, std::array<int, 2> descriptors) {
    iovec part{const_cast<char*>(request.data()), request.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptors);
    std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof descriptors);
    while (::sendmsg(starter, &message, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) return false;
    }
    return true;
}

}  // namespace

bool receive_note(int lifeline, StarterNote& note) {
    while (true) {
        const ssize_t size = ::recv(lifeline, &note, sizeof note, 0);
        if (size < 0 && errno == EINTR) continue;
        return size == static_cast<ssize_t>(sizeof note);
    }
}

void send_signal(int lifeline, char what) {
    // Where nobody takes it the program has ended.
    static_cast<void>(::send(lifeline, &what, 1, MSG_NOSIGNAL));
}

Result<StartedProgram> ask_starter(int starter, std::string_view request, int descriptor) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return Error::from_errno(errno, "socket pair");
    UniqueFd ours(pair[0]);
    UniqueFd theirs(pair[1]);
    StarterNote note;
    const bool sent = send_request(starter, request, {descriptor, theirs.get()});
    theirs.reset();
    if (!sent || !receive_note(ours.get(), note))
        return Error::from_errno(EPIPE, "whoever starts programs is gone");
    if (note.kind != StarterNote::Kind::started) {
        const std::string_view program = request.substr(0, request.find('\0'));
        return Error::from_errno(note.code, "start " + std::string(program));
    }
    return StartedProgram{note.code, std::move(ours)};
}

void use_starter(UniqueFd socket) {
    starter_of_hosts() = std::move(socket);
}

int starter_socket() {
    return starter_of_hosts().get();
}

}  // namespace sluice
