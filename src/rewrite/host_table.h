#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"

namespace sluice::rewrite {

/// What rewriting knows about one host name of the channel table.
struct HostEntry {
    std::string channel;
    std::string official_host = {};  ///< of the channel
    std::string proper_name = {};    ///< second word of an additional host line; may be empty
    bool is_local = false;           ///< the channel is the local channel
    bool route_local = false;        ///< the channel has the keyword routelocal
    bool additional = false;         ///< an additional host name, not the official one
};

/// The channel table as rewriting sees it: host name to channel. Names are compared without regard
/// to case, and each belongs to one channel. Immutable once filled; then safe from many threads.
class HostTable {
public:
    /// False where the name is there already; the first owner keeps it (diagnostic E304).
    bool add(std::string_view host, HostEntry entry);
    /// nullptr where no channel owns the name. Valid as long as the table.
    [[nodiscard]] const HostEntry* find(std::string_view host) const;
    /// Official host name of the local channel, "" where there is none.
    [[nodiscard]] const std::string& local_host() const { return local_host_; }
    /// Name of the local channel, "" where there is none.
    [[nodiscard]] const std::string& local_channel() const { return local_channel_; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    std::unordered_map<std::string, HostEntry, HashIgnoringCase, EqualIgnoringCase> entries_;
    std::string local_host_;
    std::string local_channel_;
};

}  // namespace sluice::rewrite
