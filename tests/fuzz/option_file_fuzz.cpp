// The option file reader and every typed reader on top of it: any text is read without harm.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/channel_options.h"
#include "config/dispatcher_cnf.h"
#include "config/job_controller_cnf.h"
#include "config/options.h"
#include "config/tailor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sluice;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Diagnostics findings;
    config::parse_options(text, "option.dat", findings);
    config::parse_tailor(text, "/mta/config/imta_tailor", {}, findings);
    config::parse_job_controller_cnf(text, "job_controller.cnf", findings);
    config::parse_dispatcher_cnf(text, "dispatcher.cnf", findings);
    const auto options = config::parse_tcp_channel_options(text, "tcp_local_option", findings);
    (void)options.data_reply_time(1000, 1000);
    for (const auto& finding : findings.items()) (void)finding.to_string();
    return 0;
}
