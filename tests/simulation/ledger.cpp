#include "ledger.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::simulation {

Ledger::CopyId Ledger::open(std::size_t recipients, const std::string& priority, MonoTime now) {
    Copy& copy = copies_.emplace_back();
    copy.priority = priority;
    copy.since = now;
    copy.promises.resize(recipients);
    return copies_.size() - 1;
}

void Ledger::acknowledge(CopyId id) {
    copies_.at(id).acknowledged = true;
}

std::size_t Ledger::acknowledged() const {
    return static_cast<std::size_t>(std::count_if(
        copies_.begin(), copies_.end(), [](const Copy& copy) { return copy.acknowledged; }
    ));
}

std::size_t Ledger::delivered_recipients() const {
    std::size_t count = 0;
    for (const Copy& copy : copies_) {
        count += static_cast<std::size_t>(std::count_if(
            copy.promises.begin(), copy.promises.end(),
            [](const Promise& one) { return one.delivered > 0; }
        ));
    }
    return count;
}

void Ledger::power_cut() {
    for (auto* some : {&in_hand_, &unsure_, &only_noted_}) {
        for (const Recipient& who : *some) excuse(who);
        some->clear();
    }
}

void Ledger::settled(Recipient who) {
    in_hand_.erase(who);
    unsure_.insert(who);
}

void Ledger::only_noted(Recipient who) {
    in_hand_.erase(who);
    only_noted_.insert(who);
}

void Ledger::never_settled(Recipient who) {
    in_hand_.erase(who);
    excuse(who);
}

void Ledger::delivered(Recipient who) {
    in_hand_.insert(who);
    ++promise(who).delivered;
    not_too_often(who);
}

void Ledger::returned(Recipient who) {
    in_hand_.insert(who);
    ++promise(who).returned;
    not_too_often(who);
}

void Ledger::not_too_often(Recipient who) {
    const Promise& one = promise(who);
    if (one.delivered + one.returned <= 1 + one.excuses) return;
    complain(
        address(who, "") + " was delivered " + std::to_string(one.delivered) + " times, returned " +
        std::to_string(one.returned) + " times, with " + std::to_string(one.excuses) + " excuses"
    );
}

void Ledger::nobody_is_lost(const std::map<Recipient, bool>& present, MonoTime now, Duration most) {
    for (CopyId id = 0; id < copies_.size(); ++id) {
        Copy& copy = copies_[id];
        if (!copy.acknowledged) continue;
        for (std::size_t i = 0; i < copy.promises.size(); ++i) {
            if (copy.promises[i].is_settled()) continue;
            const auto found = present.find({id, i});
            if (found == present.end()) {
                complain(address({id, i}, "") + " is lost");
            } else if (found->second) {
                copy.since = now;  // held mail waits for an operator
            } else if (now - copy.since > most) {
                complain(address({id, i}, "") + " waits for ever");
            }
        }
    }
}

void Ledger::complain(const std::string& text) {
    if (!complaint_) complaint_ = text;
}

std::string Ledger::summary() const {
    std::size_t acknowledged = 0;
    std::size_t recipients = 0;
    std::size_t delivered = 0;
    std::size_t returned = 0;
    std::size_t again = 0;
    for (const Copy& copy : copies_) {
        if (!copy.acknowledged) continue;
        ++acknowledged;
        for (const Promise& one : copy.promises) {
            ++recipients;
            if (one.delivered > 0) ++delivered;
            if (one.returned > 0) ++returned;
            again += one.delivered + one.returned > 1 ? one.delivered + one.returned - 1 : 0;
        }
    }
    return std::to_string(acknowledged) + " messages acknowledged for " +
           std::to_string(recipients) + " recipients, " + std::to_string(delivered) +
           " delivered, " + std::to_string(returned) + " returned, " + std::to_string(again) +
           " duplicates";
}

std::string Ledger::address(Recipient who, const std::string& host) {
    return "r" + std::to_string(who.second) + ".c" + std::to_string(who.first) + "@" + host;
}

Ledger::Recipient Ledger::parse(std::string_view address) {
    const std::size_t dot = address.find('.');
    const std::size_t at = address.find('@');
    const auto recipient = parse_unsigned(address.substr(1, dot - 1));
    const auto copy = parse_unsigned(address.substr(dot + 2, at - dot - 2));
    return {copy.value(), recipient.value()};
}

}  // namespace sluice::simulation
