#include "utility/admin_log.h"

#include "base/privilege.h"
#include "config/service_logs.h"
#include "service_log/service_log.h"
#include "utility/operator_log.h"

namespace sluice::utility {

void note_in_admin_log(
    const Instance& instance, const Operator& who, const CommandLine& line, ExitCode code
) {
    const PrivilegeClass privilege = privilege_class_of(line);
    if (privilege == PrivilegeClass::anyone) return;
    const config::Tailor& tailor = instance.tailor;
    const auto account = mta_account(tailor.text(config::TailorEntry::user), tailor.file());
    if (!account) return;
    // Commands that start and stop programs may still be root; its log is the account's.
    const auto acting = ActingAs::begin(*account);
    if (!acting) return;
    config::DiskFiles files;
    Diagnostics findings;  // are cnbuild's to report
    const service_log::Settings settings = config::read_service_logs(
        tailor.path(config::TailorEntry::table) + "msg.conf", tailor.path(config::TailorEntry::log),
        files, findings
    );
    service_log::ServiceLog log(
        "admin", settings.of("admin"), config::service_log_writer(tailor, "imsimta")
    );
    const bool looks_only = privilege == PrivilegeClass::operators;
    log.write(
        service_log::Category::general,
        looks_only ? service_log::Level::information : service_log::Level::notice,
        "command by " + user_name(login_of(who.user_id)) + ", exit " +
            std::to_string(static_cast<int>(code)) + ": " + who.command
    );
}

}  // namespace sluice::utility
