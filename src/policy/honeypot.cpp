#include "policy/honeypot.h"

#include <string>

#include "policy/guarded.h"
#include "policy/table_probe.h"

namespace sluice::policy {

void watch_honeypots(
    const config::Configuration& configuration,
    const IpAddress& client,
    std::string_view recipient,
    mapping::Answers& answers
) {
    constexpr std::string_view table = "HONEYPOT";
    if (configuration.mappings.find(table) == nullptr) return;
    const auto outcome = probe_table(
        configuration, table, guarded(configuration.options, recipient), {}, answers, {}
    );
    const bool is_one =
        outcome.matched && !outcome.pending && !outcome.flags.has('N') && !outcome.flags.has('F');
    if (!is_one) return;
    const std::string argument = client.to_string() + ',' + std::string(recipient);
    (void)answers.ask({mapping::Question::Kind::call_out, "abuse", "honeypot", argument});
}

}  // namespace sluice::policy
