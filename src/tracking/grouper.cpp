#include "tracking/grouper.h"

#include <algorithm>

#include "tracking/progress.h"

namespace sluice::tracking {

struct Grouper::Open {
    std::vector<KeptLine> lines;
    std::vector<std::string> keys;
    Progress progress;
    bool weak = true;
    std::optional<WallTime> last;
    std::uint64_t first_order = 0;
    std::uint64_t last_order = 0;
    std::size_t octets = 0;
};

namespace {

constexpr std::uint64_t sweep_every = 1024;

// A number of qmail is used again once its message has gone: a second birth is another message.
bool is_birth(const Record& record) {
    return record.entry == "new msg" && record.dialect == Dialect::qmail_send;
}
// Known by its addresses only: the next one that is accepted is another message.
bool is_next_of_weak(const Record& record, const std::vector<Key>& keys) {
    return keys.front().weak && !record.events.empty() &&
           record.events.front().kind == log::EventKind::enqueued &&
           !is_hop(record.events.front().source_channel);
}
bool is_arrival(const Record& record) {
    return record.dialect == Dialect::qmail_smtpd && record.entry == "pid";
}

}  // namespace

Grouper::Grouper(GrouperSettings settings, Sink sink)
    : settings_(settings), sink_(std::move(sink)) {}
Grouper::~Grouper() = default;

void Grouper::join(Id into, Id from) {
    Open& target = *groups_.at(into);
    Open& source = *groups_.at(from);
    std::move(source.lines.begin(), source.lines.end(), std::back_inserter(target.lines));
    for (std::string& key : source.keys) {
        keys_[key] = into;
        target.keys.push_back(std::move(key));
    }
    target.progress.join(source.progress);
    target.weak = target.weak && source.weak;
    target.octets += source.octets;
    target.last_order = std::max(target.last_order, source.last_order);
    target.first_order = std::min(target.first_order, source.first_order);
    if (!target.last || (source.last && *source.last > *target.last)) target.last = source.last;
    groups_.erase(from);
}

Grouper::Open& Grouper::group_of(const std::vector<Key>& keys, Id& id) {
    id = 0;
    for (const Key& key : keys) {
        const auto found = keys_.find(key.id);
        if (found == keys_.end() || found->second == id) continue;
        if (id == 0) {
            id = found->second;
        } else {
            join(id, found->second);
        }
    }
    if (id == 0) {
        id = next_id_++;
        groups_.emplace(id, std::make_unique<Open>()).first->second->first_order = order_;
    }
    Open& group = *groups_.at(id);
    for (const Key& key : keys) {
        if (keys_.emplace(key.id, id).second) group.keys.push_back(key.id);
        group.weak = group.weak && key.weak;
    }
    return group;
}

void Grouper::take(Open& group, const Record& record) {
    group.lines.push_back({order_, record.stamp.time, std::string(record.line)});
    group.octets += record.line.size();
    octets_ += record.line.size();
    group.last_order = order_;
    if (record.stamp.time) {
        group.last = record.stamp.time;
        if (!now_ || *record.stamp.time > *now_) now_ = record.stamp.time;
    }
    note_progress(group, record);
}

void Grouper::note_progress(Open& group, const Record& record) const {
    if (settings_.by == GroupBy::message)
        group.progress.note_message(record);
    else
        group.progress.note_connection(record);
}

bool Grouper::add(const Record& record) {
    ++order_;
    if (order_ % sweep_every == 0) sweep();
    // A control record follows the line that it belongs to.
    if (record.dialect == Dialect::postoffice && record.entry == "control") {
        const auto owner = groups_.find(last_postoffice_);
        if (owner == groups_.end()) return false;
        take(*owner->second, record);
        return true;
    }
    const bool by_message = settings_.by == GroupBy::message;
    const auto keys = by_message ? message_keys(record) : connection_keys(record);
    if (record.dialect == Dialect::postoffice) last_postoffice_ = 0;
    if (keys.empty()) return false;
    if (const auto old = keys_.find(keys.front().id); old != keys_.end()) {
        const bool over = groups_.at(old->second)->progress.ended;
        if (is_birth(record) || is_arrival(record) || (over && is_next_of_weak(record, keys)))
            give_out(old->second, false);
    }
    Id id = 0;
    Open& group = group_of(keys, id);
    take(group, record);
    if (record.dialect == Dialect::postoffice) last_postoffice_ = id;
    const bool connection_over = !by_message && group.progress.ended;
    if (connection_over) {
        give_out(id, false);
    } else if (octets_ > settings_.most_octets) {
        make_room();
    }
    return true;
}

void Grouper::give_out(Id id, bool flushed) {
    const auto found = groups_.find(id);
    const std::unique_ptr<Open> open = std::move(found->second);
    groups_.erase(found);
    for (const std::string& key : open->keys) keys_.erase(key);
    octets_ -= open->octets;
    Group group;
    group.lines = std::move(open->lines);
    std::stable_sort(group.lines.begin(), group.lines.end(), [](const auto& a, const auto& b) {
        return a.order < b.order;
    });
    std::stable_sort(group.lines.begin(), group.lines.end(), [](const auto& a, const auto& b) {
        return a.time && b.time && *a.time < *b.time;
    });
    group.begun = open->progress.begun;
    group.ended = open->progress.ended;
    group.guessed = open->weak;
    group.flushed = flushed;
    sink_(std::move(group));
}

void Grouper::sweep() {
    if (!now_) return;
    std::vector<std::pair<std::uint64_t, Id>> due;
    for (const auto& [id, group] : groups_) {
        if (!group->last) continue;
        const bool idle = *group->last + settings_.window < *now_;
        const bool over = group->progress.begun && group->progress.ended &&
                          *group->last + settings_.linger < *now_;
        if (idle || over) due.emplace_back(group->first_order, id);
    }
    std::sort(due.begin(), due.end());
    for (const auto& [order, id] : due) give_out(id, !groups_.at(id)->progress.ended);
}

void Grouper::release() {
    std::vector<Id> due;
    for (const auto& [id, group] : groups_) {
        if (group->progress.begun && group->progress.ended) due.push_back(id);
    }
    std::sort(due.begin(), due.end());
    for (const Id id : due) give_out(id, false);
}

void Grouper::make_room() {
    std::vector<std::pair<std::uint64_t, Id>> by_age;
    by_age.reserve(groups_.size());
    for (const auto& [id, group] : groups_) by_age.emplace_back(group->last_order, id);
    std::sort(by_age.begin(), by_age.end());
    for (const auto& [order, id] : by_age) {
        if (octets_ <= settings_.most_octets / 4 * 3) break;
        give_out(id, !groups_.at(id)->progress.ended);
    }
}

void Grouper::finish() {
    std::vector<std::pair<std::uint64_t, Id>> all;
    for (const auto& [id, group] : groups_) all.emplace_back(group->first_order, id);
    std::sort(all.begin(), all.end());
    for (const auto& [order, id] : all) give_out(id, false);
}

}  // namespace sluice::tracking
