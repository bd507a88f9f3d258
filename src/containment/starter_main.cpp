// host_starter: starts the programs named by its arguments for a process of ours that has given up
// its rights. Requests come over descriptor 3.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <cstdio>

#include "base/child_program.h"
#include "containment/starter.h"

int main(int argc, char** argv) {
    using namespace sluice;
    constexpr int usage_error = 2;
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(ChildProgram::channel_fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        type != SOCK_SEQPACKET) {
        std::fprintf(stderr, "%%IMTA-F-NOPARENT, this program is started by other programs\n");
        return usage_error;
    }
    ::prctl(PR_SET_DUMPABLE, 0);
    ::signal(SIGPIPE, SIG_IGN);
    return containment::run_starter(
        ChildProgram::channel_fd, containment::launch_hosts({argv + 1, argv + argc})
    );
}
