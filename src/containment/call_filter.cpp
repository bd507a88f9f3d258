#include "containment/call_filter.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/deleter.h"

namespace sluice::containment {

namespace {

using Filter = std::unique_ptr<void, Deleter<seccomp_release>>;

/// Nothing that reads or makes files needs these; each has been a way out of some sandbox.
constexpr std::array forbidden = {
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
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(fspick),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(lookup_dcookie),
    SCMP_SYS(vhangup),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(modify_ldt),
    SCMP_SYS(move_pages),
    SCMP_SYS(migrate_pages),
    SCMP_SYS(process_madvise),
    SCMP_SYS(setfsuid),
    SCMP_SYS(setfsgid),
    SCMP_SYS(capset),
};

constexpr unsigned long new_spaces = CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
                                     CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

/// Families beyond which nobody who speaks TCP and UDP needs a socket.
constexpr std::array usual_families = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
/// Socket families end here; one number more stands for all that follow.
constexpr int first_unknown_family = AF_MAX;

/// Adds rules until one fails.
class Rules {
public:
    explicit Rules(scmp_filter_ctx filter) : filter_(filter) {}

    template <typename... Conditions>
    void refuse(int error, int call, Conditions... conditions) {
        if (code_ != 0) return;
        const int code = seccomp_rule_add(
            filter_, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, sizeof...(conditions),
            conditions...
        );
        // A call that this machine does not have cannot be made.
        if (code != 0 && code != -EDOM) code_ = code;
        ++count_;
    }
    [[nodiscard]] int code() const { return code_; }
    [[nodiscard]] std::size_t count() const { return count_; }

private:
    scmp_filter_ctx filter_;
    int code_ = 0;
    std::size_t count_ = 0;
};

void refuse_sockets(Rules& rules, const CallRights& rights) {
    // Sockets between a program's own processes come from socketpair().
    if (!rights.opens_sockets) return rules.refuse(EPERM, SCMP_SYS(socket));
    if (!rights.usual_sockets_only) return;
    for (int family = 0; family < first_unknown_family; ++family) {
        const bool is_usual =
            std::find(usual_families.begin(), usual_families.end(), family) != usual_families.end();
        if (!is_usual)
            rules.refuse(
                EPERM, SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family))
            );
    }
    rules.refuse(
        EPERM, SCMP_SYS(socket),
        SCMP_A0(SCMP_CMP_GE, static_cast<scmp_datum_t>(first_unknown_family))
    );
}

void add_rules(Rules& rules, const CallRights& rights) {
    for (const int call : forbidden) rules.refuse(EPERM, call);
    if (!rights.traces_itself) rules.refuse(EPERM, SCMP_SYS(ptrace));
    // clone3 hides its flags from a filter; who is told that it does not exist takes clone.
    rules.refuse(ENOSYS, SCMP_SYS(clone3));
    for (unsigned long space = 1; space != 0; space <<= 1U) {
        if ((new_spaces & space) != 0)
            rules.refuse(EPERM, SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, space, space));
    }
    // Keystrokes into the terminal of whoever started the MTA.
    rules.refuse(EPERM, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffU, TIOCSTI));
    if (!rights.starts_programs) {
        rules.refuse(EPERM, SCMP_SYS(execve));
        rules.refuse(EPERM, SCMP_SYS(execveat));
    }
    refuse_sockets(rules, rights);
}

}  // namespace

CallFilter filter_calls(const CallRights& rights) {
    const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
    CallFilter result;
    int code = -ENOMEM;
    if (filter) {
        // A few comparisons for each call, however many are refused.
        seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
        Rules rules(filter.get());
        add_rules(rules, rights);
        result.calls = rules.count();
        code = rules.code() != 0 ? rules.code() : seccomp_load(filter.get());
    }
    if (code != 0) result.problem = std::strerror(-code);
    return result;
}

}  // namespace sluice::containment
