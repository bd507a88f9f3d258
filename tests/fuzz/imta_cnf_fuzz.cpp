// The reader of imta.cnf over any text: the input is the main file, and the file that an include
// line of it can name.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "channel/channel_settings.h"
#include "channel/honoured_keywords.h"
#include "config/imta_cnf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sluice;
    const std::string text(reinterpret_cast<const char*>(data), size);
    config::MemoryFiles files(std::map<std::string, std::string>{{"/c/a", text}, {"/c/b", text}});
    Diagnostics diagnostics;
    const config::ImtaCnf cnf = config::read_imta_cnf("/c/a", files, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.items()) {
        if (diagnostic.to_string().empty() || diagnostic.code.empty()) std::abort();
        if (diagnostic.where.line == 0 || diagnostic.where.column == 0) std::abort();
    }
    for (const channel::Channel& channel : cnf.channels) {
        using channel::Priority;
        if (channel::backoff_schedule(channel, Priority::normal).empty()) std::abort();
        if (channel::notice_ages(channel, Priority::urgent, cnf.channels).empty()) std::abort();
        if (channel::port(channel) == 0) std::abort();
        if (channel.official_host().empty()) continue;
        if (cnf.channels.find_by_host(channel.official_host()) == nullptr) std::abort();
        if (cnf.hosts.find(channel.official_host()) == nullptr) std::abort();
    }
    static_cast<void>(channel::unhonoured_in_use(cnf.channels));
    return 0;
}
