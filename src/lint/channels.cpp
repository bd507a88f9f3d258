// L003, L010, L011, L012 and L013: channels, their programs, their services.
#include <algorithm>
#include <array>
#include <set>

#include "access/probes.h"
#include "base/bytes.h"
#include "channel/channel_settings.h"
#include "lint/lint.h"
#include "lint/rule_text.h"
#include "policy/rewriting.h"

namespace sluice::lint {

using channel::Channel;

namespace {

/// Channels that the MTA puts messages into without being told to by a rule.
bool is_internal(std::string_view name) {
    constexpr std::array exact{"l",          "hold",       "bitbucket",
                               "conversion", "defragment", "filter_discard"};
    const bool one_of_them = std::any_of(exact.begin(), exact.end(), [&](std::string_view one) {
        return equals_ignoring_case(name, one);
    });
    return one_of_them || rewrite::is_reprocessing_name(name);
}

/// A name that somebody may write in an address, unlike a label such as tcp_local-daemon.
bool is_real_host(std::string_view host) {
    return host.find('.') != std::string_view::npos && !host.ends_with("-daemon");
}

class Reach {
public:
    explicit Reach(const config::Configuration& configuration) : configuration_(configuration) {
        for (const auto& rule : configuration.imta.rules.rules()) by_rule(*rule);
        for (const Channel& channel : configuration.imta.channels) by_itself(channel);
        for (const config::DispatcherService& service : configuration.dispatcher.services)
            reached_.insert(to_lower(config::channel_of(service)));
        for (const auto& alias : configuration.aliases.all()) {
            for (const alias::Member& member : alias->members)
                host(policy::split_address(member.address).domain);
        }
    }

    [[nodiscard]] bool reaches(const Channel& channel) const {
        return everything_ || reached_.contains(to_lower(channel.name()));
    }

private:
    void by_rule(const rewrite::Rule& rule) {
        const LastPiece piece = last_piece(configuration_, rule);
        if (piece.kind == LastPiece::Kind::anything) everything_ = true;
        if (piece.kind == LastPiece::Kind::constant) host(piece.text);
    }

    void by_itself(const Channel& channel) {
        const auto& hosts = channel.additional_hosts();
        if (is_internal(channel.name()) || is_real_host(channel.official_host()) ||
            std::any_of(hosts.begin(), hosts.end(), [](const auto& additional) {
                return is_real_host(additional.name);
            })) {
            reached_.insert(to_lower(channel.name()));
        }
        // Keywords such as saslswitchchannel name channels.
        for (const channel::Setting& setting : channel.settings()) {
            for (const std::string& argument : setting.arguments)
                reached_.insert(to_lower(argument));
        }
    }

    void host(std::string_view name) {
        if (const auto* entry = configuration_.imta.hosts.find(name))
            reached_.insert(to_lower(entry->channel));
    }

    const config::Configuration& configuration_;
    std::set<std::string, std::less<>> reached_;
    bool everything_ = false;  ///< some routing system is computed
};

bool has_job_controller(const config::Configuration& configuration) {
    return !configuration.job_controller.pools.empty();
}

void check_program(
    const config::Configuration& configuration, const Channel& channel, Findings& findings
) {
    const config::JobChannel& job = configuration.job_controller.channel(channel.name());
    if (channel::has_master(channel) && !job.master_command && !job.never_run) {
        findings.add(
            Code::missing_program, channel.where(),
            "job_controller.cnf names no program for channel " + channel.name() +
                ": its messages stay in the queue"
        );
    }
}

void check_pools(
    const config::Configuration& configuration, const Channel& channel, Findings& findings
) {
    using channel::Priority;
    std::set<std::string, LessIgnoringCase> missing;
    for (const Priority priority :
         {Priority::urgent, Priority::normal, Priority::nonurgent, Priority::second_class,
          Priority::third_class}) {
        const auto pool = channel::pool(channel, priority);
        if (pool && configuration.job_controller.find_pool(*pool) == nullptr)
            missing.emplace(*pool);
    }
    for (const std::string& pool : missing) {
        findings.add(
            Code::missing_pool, channel.where(),
            "channel " + channel.name() + " names the pool " + pool +
                ", which job_controller.cnf does not have"
        );
    }
}

void check_access_tables(const config::Configuration& configuration, Findings& findings) {
    const mapping::TableSet& tables = configuration.mappings;
    const SourceLocation where{
        std::make_shared<const std::string>(
            configuration.tailor.path(config::TailorEntry::mapping_file)
        ),
        0, 0};
    using access::AccessTable;
    if (tables.find(access::table_name(AccessTable::port_access)) == nullptr) {
        findings.add(
            Code::missing_access_table, where,
            "there is no table PORT_ACCESS: everybody may connect, and no connection is known to "
            "be from inside"
        );
    }
    constexpr std::array recipient_tables{
        AccessTable::orig_send_access, AccessTable::send_access, AccessTable::orig_mail_access,
        AccessTable::mail_access};
    const bool any =
        std::any_of(recipient_tables.begin(), recipient_tables.end(), [&](AccessTable table) {
            return tables.find(access::table_name(table)) != nullptr;
        });
    if (any) return;
    findings.add(
        Code::missing_access_table, where,
        "there is no table ORIG_SEND_ACCESS, SEND_ACCESS, ORIG_MAIL_ACCESS or MAIL_ACCESS: "
        "everybody may write to everybody"
    );
}

}  // namespace

void check_channels(const config::Configuration& configuration, Findings& findings) {
    const Reach reach(configuration);
    for (const Channel& channel : configuration.imta.channels) {
        if (!reach.reaches(channel)) {
            findings.add(
                Code::unreached_channel, channel.where(),
                "no rewrite rule leads to channel " + channel.name()
            );
        }
        if (!has_job_controller(configuration)) continue;
        if (reach.reaches(channel)) check_program(configuration, channel, findings);
        check_pools(configuration, channel, findings);
    }
}

void check_services(const config::Configuration& configuration, Findings& findings) {
    for (const config::DispatcherService& service : configuration.dispatcher.services) {
        const std::string name = config::channel_of(service);
        const Channel* channel = configuration.imta.channels.find(name);
        if (channel != nullptr && (channel::is_smtp(*channel) || channel::is_lmtp(*channel)))
            continue;
        findings.add(
            Code::service_channel, service.where,
            "service " + service.name + ": " +
                (channel == nullptr ? "there is no channel " : "no SMTP channel: ") + name
        );
    }
    if (!configuration.dispatcher.services.empty()) check_access_tables(configuration, findings);
}

}  // namespace sluice::lint
