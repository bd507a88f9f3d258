#include "recipient_search.h"

#include <set>

namespace sluice::smtp_server {

std::vector<SearchStep> search_steps(const policy::Trace& trace) {
    std::vector<SearchStep> steps;
    std::set<std::string> tried;
    const auto note_tried = [&](const std::string& key) {
        if (tried.insert(key).second) steps.push_back({log::Cause::tried, key});
    };
    for (const policy::TraceEntry& entry : trace) {
        using Stage = policy::TraceEntry::Stage;
        if (entry.stage != Stage::alias && entry.stage != Stage::user) continue;
        for (const policy::TraceEntry::Tried& place : entry.tried) {
            for (const std::string& key : place.keys) note_tried(key);
        }
        if (entry.key.empty()) continue;
        note_tried(entry.key);
        if (entry.found) steps.push_back({log::Cause::found, entry.key});
    }
    return steps;
}

}  // namespace sluice::smtp_server
