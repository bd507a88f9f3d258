#include "rewrite/host_table.h"

#include <utility>

namespace sluice::rewrite {

bool HostTable::add(std::string_view host, HostEntry entry) {
    if (find(host) != nullptr) return false;
    if (entry.is_local && !entry.additional && local_host_.empty()) {
        local_host_ = host;
        local_channel_ = entry.channel;
    }
    return entries_.emplace(host, std::move(entry)).second;
}

const HostEntry* HostTable::find(std::string_view host) const {
    const auto found = entries_.find(host);
    return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace sluice::rewrite
