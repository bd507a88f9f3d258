#include "utility/operator_log.h"

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <limits>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "utility/printable.h"
#include "utility/qm_layout.h"

namespace sluice::utility {

std::string format_operator_act(const OperatorAct& act, const TimeZone& zone) {
    const CivilTime local = civil_time(act.time, zone);
    char hundredths[8];
    std::snprintf(hundredths, sizeof hundredths, ".%02u", local.microsecond / 10000 % 100);
    return qm_date(act.time, zone) + hundredths + ' ' + printable_text(act.user) + ' ' +
           std::to_string(act.user_id) + " messages=" + std::to_string(act.messages) + ' ' +
           printable_text(act.command) + '\n';
}

Result<void> log_operator_act(
    const std::string& log_directory, const OperatorAct& act, const TimeZone& zone
) {
    std::string path = log_directory;
    if (!path.ends_with('/')) path += '/';
    path += "operator.log";
    const UniqueFd fd(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640)
    );
    if (!fd) return Error::from_errno(errno, "open " + path);
    return write_all(fd.get(), format_operator_act(act, zone));
}

std::uint32_t login_of(std::uint32_t user_id) {
    const auto text = read_file("/proc/self/loginuid", 64);
    if (!text) return user_id;
    const auto login = parse_unsigned(trim(std::string_view(*text).substr(0, text->find('\n'))));
    // All ones: nobody has logged in on the way here.
    if (!login || *login >= std::numeric_limits<std::uint32_t>::max()) return user_id;
    return static_cast<std::uint32_t>(*login);
}

std::string user_name(std::uint32_t user_id) {
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    ::getpwuid_r(user_id, &entry, buffer.data(), buffer.size(), &found);
    return found != nullptr ? found->pw_name : std::to_string(user_id);
}

}  // namespace sluice::utility
