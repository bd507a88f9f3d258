#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/deleter.h"
#include "containment/sandbox.h"

namespace sluice::containment {

namespace {

using Filter = std::unique_ptr<void, Deleter<seccomp_release>>;

/// Nothing that reads or makes files needs these; each has been a way out of some sandbox.
constexpr std::array forbidden = {
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(open_tree),
    SCMP_SYS(move_mount),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(kexec_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setgroups),
    SCMP_SYS(setreuid),
    SCMP_SYS(setregid),
    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),
    SCMP_SYS(mknod),
    SCMP_SYS(mknodat),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(kcmp),
    SCMP_SYS(syslog),
};

constexpr unsigned long new_spaces = CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
                                     CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

int add_rules(scmp_filter_ctx filter, bool network) {
    const auto refuse = [&](int call) {
        return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
    };
    for (const int call : forbidden) {
        // A call that this machine does not have cannot be made.
        if (const int code = refuse(call); code != 0 && code != -EDOM) return code;
    }
    // clone3 hides its flags from a filter; who is told that it does not exist takes clone.
    if (const int code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0))
        return code;
    for (unsigned long space = 1; space != 0; space <<= 1U) {
        if ((new_spaces & space) == 0) continue;
        if (const int code = seccomp_rule_add(
                filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                SCMP_A0(SCMP_CMP_MASKED_EQ, space, space)
            ))
            return code;
    }
    // Keystrokes into the terminal of whoever started the MTA.
    if (const int code = seccomp_rule_add(
            filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
            SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffU, TIOCSTI)
        ))
        return code;
    if (network) return 0;
    // Sockets between a command's own processes come from socketpair().
    return refuse(SCMP_SYS(socket));
}

}  // namespace

void restrict_calls(bool network, Applied& applied) {
    const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
    int code = filter ? add_rules(filter.get(), network) : -ENOMEM;
    if (code == 0) code = seccomp_load(filter.get());
    applied.push_back(
        code == 0 ? std::string("seccomp") : std::string("no seccomp: ") + std::strerror(-code)
    );
}

}  // namespace sluice::containment
