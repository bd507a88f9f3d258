#include "utility/tls_findings.h"

#include <algorithm>
#include <set>

#include "channel/channel_settings.h"
#include "config/tls_settings.h"
#include "tls/client_context.h"
#include "tls/server_contexts.h"

namespace sluice::utility {

namespace {

using channel::Channel;
using lint::Code;

class TlsCheck {
public:
    TlsCheck(const config::Configuration& configuration, lint::Findings& findings)
        : configuration_(configuration), findings_(findings) {}

    void run() {
        for (const config::DispatcherService& service : configuration_.dispatcher.services)
            check_service(service);
        for (const Channel& channel : configuration_.imta.channels) check_client(channel);
    }

private:
    // Sessions may switch to any channel: one that offers TLS needs it on all ports.
    void check_service(const config::DispatcherService& service) {
        const Channel* own = configuration_.imta.channels.find(config::channel_of(service));
        if (own == nullptr || !channel::is_smtp(*own)) return;
        const bool at_once =
            std::any_of(service.listen.begin(), service.listen.end(), [](const auto& address) {
                return address.tls;
            });
        const auto& channels = configuration_.imta.channels;
        const auto offering = std::find_if(channels.begin(), channels.end(), [](const auto& one) {
            return channel::tls_server(one) != channel::Demand::none;
        });
        if (!at_once && offering == channels.end()) return;
        const SourceLocation& where = at_once ? service.where : offering->where();
        const config::ServerTls server = config::server_tls(configuration_, *own);
        report(where, Code::odd_tls_setting, server.faults);
        report(where, tls::examine(server.settings));
    }

    void check_client(const Channel& channel) {
        if (!channel::is_smtp(channel) && !channel::is_lmtp(channel)) return;
        const config::ClientTls client = config::client_tls(configuration_, channel);
        if (client.demand == config::TlsDemand::none && client.hosts.empty() &&
            client.faults.empty())
            return;
        report(channel.where(), Code::odd_tls_setting, client.faults);
        report(channel.where(), tls::examine(client.settings));
    }

    void report(const SourceLocation& where, const tls::Findings& found) {
        report(where, Code::unusable_tls_file, found.errors);
        report(where, Code::faulty_certificate, found.warnings);
    }

    // Several services share files.
    void report(const SourceLocation& where, Code code, const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
            if (reported_.insert(text).second) findings_.add(code, where, text);
        }
    }

    const config::Configuration& configuration_;
    lint::Findings& findings_;
    std::set<std::string> reported_;
};

}  // namespace

void check_tls(const config::Configuration& configuration, lint::Findings& findings) {
    TlsCheck(configuration, findings).run();
}

}  // namespace sluice::utility
