#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/system_log.h"
#include "channel/channel.h"
#include "dequeue/disk_notice.h"
#include "enqueue/disk_guard.h"
#include "enqueue/runtime.h"
#include "etrn.h"
#include "filter/session_filters.h"
#include "login.h"
#include "lookup/sources.h"
#include "multilog/log_directory.h"
#include "net/dns.h"
#include "pressure.h"
#include "session_settings.h"
#include "smtp/server_settings.h"
#include "tls/watched_contexts.h"

namespace sluice::smtp_server {

/// What all sessions that began with the same configuration share. Made once, then only read; the
/// parts that change are thread-safe of themselves. Each of those sessions owns a part of it, so
/// that it goes with the last of them.
struct ServerContext {
    /// Everything is computed for every channel: sessions may switch to any.
    ServerContext(
        enqueue::Runtime& its_runtime,
        config::ConfigurationPtr its_snapshot,
        const channel::Channel& its_default_channel,
        std::unique_ptr<net::Resolver> its_resolver
    );

    struct ChannelPlan {
        std::shared_ptr<const smtp::ServerSettings> protocol;  ///< of the rule set DEFAULT
        SourceSettings source;
        log::LogOptions log;  ///< with the channel's own LOG_CONNECTION
    };
    [[nodiscard]] const ChannelPlan& plan_of(const channel::Channel& source) const {
        return plans.at(&source);
    }
    /// What PORT_ACCESS gave a session.
    struct Admission {
        std::string rule_set;           ///< of authentication
        bool private_commands = false;  ///< all of them, whatever the option file says
    };
    /// The protocol's settings on a channel for a session that was admitted like this.
    [[nodiscard]] std::shared_ptr<const smtp::ServerSettings> protocol_of(
        const channel::Channel& source, const Admission& admission
    ) const;
    [[nodiscard]] const config::Configuration& configuration() const { return *snapshot; }

    /// Queue, log and lines to other processes: the process's, whatever configuration it began
    /// with.
    enqueue::Runtime& runtime;
    config::ConfigurationPtr snapshot;
    enqueue::MessageLimits limits;
    const channel::Channel& default_channel;
    ConnectionSettings connection;
    std::string received_by;       ///< RECEIVED_DOMAIN or the official local host name
    std::string received_version;  ///< RECEIVED_VERSION or our own
    std::unique_ptr<net::Resolver> resolver;
    lookup::Sources outside;  ///< what the policy asks for
    dequeue::DiskNotices disk_notices;
    enqueue::DiskGuard disk;
    EtrnMemory etrn_memory;
    filter::ConnectionSlots filter_slots;
    LoginDesk login_desk;
    std::map<const channel::Channel*, ChannelPlan> plans;
    tls::WatchedContexts tls;
    bool traces_recipients = false;      ///< LOG_RCPT_TRACE
    bool full_transcripts = false;       ///< with the content of messages (TRANSCRIPT_FULL)
    multilog::LogDirectory transcripts;  ///< of sessions that are recorded word for word
    /// Where access tables write to with `$<` and `$>`.
    SystemLog* system_log = &sluice::system_log();
    Pressure* pressure = &Pressure::of_process();
};

using ServerContextPtr = std::shared_ptr<ServerContext>;

}  // namespace sluice::smtp_server
