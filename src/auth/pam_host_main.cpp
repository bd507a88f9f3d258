// pam_host: asks PAM about one user and password, for a server that must not have foreign modules
// in its own process. The request comes over descriptor 3, the verdict goes back the same way.
#include <security/pam_appl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "auth/pam_request.h"
#include "base/child_program.h"
#include "containment/sandbox.h"

namespace {

using namespace sluice;
using auth::pam::Verdict;

constexpr unsigned longest_life = 60;  ///< seconds

void limit(int resource, rlim_t most) {
    const rlimit limits{most, most};
    ::setrlimit(static_cast<__rlimit_resource>(resource), &limits);
}

// A password passes through: no core, nobody looks in, an end whatever modules do. They are foreign
// code: they read and run what they need, and write nothing but the tally of failures.
void confine() {
    ::prctl(PR_SET_DUMPABLE, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, 20);
    limit(RLIMIT_NOFILE, 64);
    limit(RLIMIT_AS, 512UL << 20U);
    ::alarm(longest_life);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    containment::Job rights;
    rights.directory = "/run/faillock";
    rights.readable = {"/"};
    rights.network = true;  // directories
    containment::Applied applied;
    containment::restrict_files(rights, false, applied);
    containment::restrict_calls(rights.network, applied);
}

/// Answers every question for a hidden text with the password, and no other.
int converse(int count, const pam_message** messages, pam_response** responses, void* data) {
    if (count <= 0 || count > PAM_MAX_NUM_MSG) return PAM_CONV_ERR;
    const auto* password = static_cast<const auth::Secret*>(data);
    auto* answers = static_cast<pam_response*>(
        std::calloc(static_cast<std::size_t>(count), sizeof(pam_response))
    );
    if (answers == nullptr) return PAM_BUF_ERR;
    for (int i = 0; i < count; ++i) {
        if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF)
            answers[i].resp = ::strdup(password->reveal().c_str());
    }
    *responses = answers;  // PAM frees them
    return PAM_SUCCESS;
}

Verdict::Kind kind_of(int result) {
    switch (result) {
        case PAM_SUCCESS:
            return Verdict::Kind::accepted;
        case PAM_AUTH_ERR:
        case PAM_USER_UNKNOWN:
        case PAM_MAXTRIES:
        case PAM_ACCT_EXPIRED:
        case PAM_PERM_DENIED:
        case PAM_CRED_INSUFFICIENT:
        case PAM_NEW_AUTHTOK_REQD:
            return Verdict::Kind::refused;
        default:
            return Verdict::Kind::unavailable;
    }
}

Verdict ask(const auth::pam::Request& request) {
    const pam_conv conversation{converse, const_cast<auth::Secret*>(&request.password)};
    pam_handle_t* handle = nullptr;
    int result =
        request.directory.empty()
            ? ::pam_start(request.service.c_str(), request.user.c_str(), &conversation, &handle)
            : ::pam_start_confdir(
                  request.service.c_str(), request.user.c_str(), &conversation,
                  request.directory.c_str(), &handle
              );
    if (result != PAM_SUCCESS) return {Verdict::Kind::unavailable, "PAM does not start"};
    ::pam_set_item(handle, PAM_RHOST, request.remote.c_str());
    // What a module says by its pause, an empty password or an unknown user, is nobody's business.
    result = ::pam_authenticate(handle, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
    if (result == PAM_SUCCESS) result = ::pam_acct_mgmt(handle, PAM_SILENT);
    Verdict verdict{kind_of(result), ::pam_strerror(handle, result)};
    if (verdict.kind == Verdict::Kind::accepted) {
        const void* user = nullptr;
        ::pam_get_item(handle, PAM_USER, &user);
        verdict.text = user != nullptr ? static_cast<const char*>(user) : request.user;
    }
    ::pam_end(handle, result);
    return verdict;
}

}  // namespace

int main() {
    confine();
    std::array<char, auth::pam::longest_packet> packet{};
    const auto size = ::recv(ChildProgram::channel_fd, packet.data(), packet.size(), 0);
    if (size <= 0) return 64;
    const auto request = auth::pam::decode_request({packet.data(), static_cast<std::size_t>(size)});
    ::explicit_bzero(packet.data(), packet.size());
    if (!request) return 65;
    const std::string verdict = encode(ask(*request));
    return ::send(ChildProgram::channel_fd, verdict.data(), verdict.size(), MSG_NOSIGNAL) < 0 ? 1
                                                                                              : 0;
}
