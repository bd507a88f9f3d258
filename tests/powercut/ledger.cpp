#include "ledger.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <set>

namespace sluice::powercut {

namespace {

constexpr std::string_view domain = "@example.com";

std::optional<unsigned> take_number(std::string_view& text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// With or without the domain: a mailbox is called by its first part.
std::optional<Person> person_at(std::string_view text) {
    if (!take(text, "u")) return std::nullopt;
    const auto message = take_number(text);
    if (!message || !take(text, "-")) return std::nullopt;
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    return Person{*message, *number};
}

std::string traced;

}  // namespace

void Ledger::trace(std::string address) {
    traced = std::move(address);
}

void Ledger::note(const Persons& persons, const std::string& what) {
    if (traced.empty()) return;
    const bool is_meant = std::any_of(persons.begin(), persons.end(), [](const Person& person) {
        return person.address() == traced;
    });
    if (is_meant || persons.empty()) std::printf("%s\n", what.c_str());
}

std::string Person::address() const {
    return "u" + std::to_string(message) + '-' + std::to_string(number) + std::string(domain);
}

std::vector<Person> Person::in(std::string_view text) {
    std::set<Person> found;
    for (std::size_t at = text.find('u'); at != std::string_view::npos; at = text.find('u', at + 1))
        if (const auto person = person_at(text.substr(at))) found.insert(*person);
    return {found.begin(), found.end()};
}

void Counts::add(const Counts& other) {
    schedules += other.schedules;
    acknowledged += other.acknowledged;
    refused += other.refused;
    delivered += other.delivered;
    returned += other.returned;
    removed_by_operator += other.removed_by_operator;
    power_cuts += other.power_cuts;
    kills += other.kills;
    outcomes += other.outcomes;
    lost += other.lost;
    twice_in_flight += other.twice_in_flight;
    twice_undone += other.twice_undone;
    twice_after_faults += other.twice_after_faults;
    twice_without_excuse += other.twice_without_excuse;
    without_acknowledgement += other.without_acknowledgement;
}

void Ledger::acknowledged(const Persons& persons) {
    note(persons, "acknowledged");
    for (const Person& person : persons) fortunes_[person].acknowledged = true;
}

void Ledger::refused(const Persons& persons) {
    for (const Person& person : persons) fortunes_[person].refused = true;
}

void Ledger::delivered(const Person& person) {
    note({person}, "delivered");
    ++fortunes_[person].delivered;
}

void Ledger::returned(const Person& person) {
    note({person}, "returned");
    ++fortunes_[person].returned;
}

void Ledger::removed_by_operator(const Persons& persons) {
    for (const Person& person : persons) fortunes_[person].removed = true;
}

std::size_t Ledger::begin(Persons persons) {
    in_flight_[next_attempt_] = std::move(persons);
    return next_attempt_++;
}

void Ledger::end(std::size_t attempt) {
    const auto ended = in_flight_.find(attempt);
    if (ended == in_flight_.end()) return;
    note(ended->second, "attempt ended");
    not_durable_.push_back(std::move(ended->second));
    in_flight_.erase(ended);
}

void Ledger::trouble() {
    for (const auto& [number, persons] : in_flight_)
        for (const Person& person : persons) fortunes_[person].trouble = true;
    for (const Persons& persons : not_durable_)
        for (const Person& person : persons) fortunes_[person].trouble = true;
}

void Ledger::flushed() {
    note({}, "removals are durable");
    not_durable_.clear();
}

void Ledger::excuse_in_flight() {
    for (const auto& [number, persons] : in_flight_)
        for (const Person& person : persons) ++fortunes_[person].in_flight;
    in_flight_.clear();
}

// The page cache is kept: what was finished stays finished. But nobody knows any more what to sync.
void Ledger::killed() {
    note({}, "killed");
    left_to_kernel_.insert(left_to_kernel_.end(), not_durable_.begin(), not_durable_.end());
    not_durable_.clear();
    excuse_in_flight();
}

void Ledger::power_cut() {
    note({}, "power cut");
    for (auto* finished : {&not_durable_, &left_to_kernel_}) {
        for (const Persons& persons : *finished)
            for (const Person& person : persons) ++fortunes_[person].undone;
        finished->clear();
    }
    excuse_in_flight();
}

std::optional<std::string> Ledger::judge(Counts& counts) const {
    std::optional<std::string> broken;
    for (const auto& [person, fortune] : fortunes_) {
        auto complaint = judge_one(person, fortune, counts);
        if (complaint && !broken) broken = std::move(complaint);
    }
    return broken;
}

std::optional<std::string> Ledger::judge_one(
    const Person& person, const Fortune& fortune, Counts& counts
) {
    const unsigned times = fortune.delivered + fortune.returned;
    counts.delivered += fortune.delivered;
    counts.returned += fortune.returned;
    if (fortune.refused) ++counts.refused;
    if (!fortune.acknowledged) {
        if (times > 0) ++counts.without_acknowledgement;
        return std::nullopt;
    }
    ++counts.acknowledged;
    if (fortune.removed) ++counts.removed_by_operator;
    if (times == 0 && !fortune.removed) {
        ++counts.lost;
        return "lost: " + person.address();
    }
    if (times <= 1) return std::nullopt;
    const unsigned more = times - 1;
    if (more <= fortune.in_flight) {
        counts.twice_in_flight += more;
    } else if (more <= fortune.in_flight + fortune.undone) {
        counts.twice_undone += more;
    } else if (fortune.trouble) {
        counts.twice_after_faults += more;
    } else {
        counts.twice_without_excuse += more;
        return std::to_string(times) + " times: " + person.address() + ", in flight at " +
               std::to_string(fortune.in_flight) + " crashes, undone by " +
               std::to_string(fortune.undone);
    }
    return std::nullopt;
}

}  // namespace sluice::powercut
