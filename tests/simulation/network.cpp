#include "network.h"

namespace sluice::simulation {

using namespace std::chrono_literals;

namespace {

constexpr Duration good_time = 14h;
constexpr Duration bad_time = 3h;

}  // namespace

Network::Network(Timeline& timeline, Dice& dice, unsigned hosts, unsigned dead)
    : timeline_(timeline), dice_(dice) {
    for (unsigned i = 0; i < hosts; ++i) {
        const std::string name = "host" + std::to_string(i) + ".example";
        names_.push_back(name);
        hosts_[name].dead = i < dead;
        if (i < dead) {
            hosts_[name].mood = Mood::silent;
        } else {
            timeline_.after(dice_.until_next(good_time), [this, name] { change_mood(name); });
        }
    }
}

void Network::change_mood(const std::string& name) {
    Host& host = hosts_[name];
    const bool was_good = host.mood == Mood::good;
    host.mood = was_good && !calm_ ? static_cast<Mood>(1 + dice_.below(5)) : Mood::good;
    const Duration mean = host.mood == Mood::good ? good_time : bad_time;
    timeline_.after(dice_.until_next(mean), [this, name] { change_mood(name); });
}

void Network::slow_down(const std::string& name) {
    Host& host = hosts_[name];
    if (!host.dead && !calm_) host.mood = Mood::slow;
}

void Network::calm_down() {
    calm_ = true;
    for (auto& [name, host] : hosts_) {
        if (!host.dead) host.mood = Mood::good;
    }
}

Meeting Network::meet(const std::string& name, std::size_t recipients) {
    const Host& host = hosts_[name];
    Meeting meeting;
    switch (host.mood) {
        case Mood::refusing:
            meeting.reason = "connection refused";
            meeting.took = dice_.between(1ms, 50ms);
            return meeting;
        case Mood::silent:
            meeting.reason = "connection timed out";
            meeting.took = dice_.between(30s, 60s);
            return meeting;
        case Mood::no_name:
            meeting.reason = "no answer from the DNS";
            meeting.took = dice_.between(5s, 10s);
            return meeting;
        case Mood::good:
        case Mood::slow:
        case Mood::greylisting:
            break;
    }
    const bool slow = host.mood == Mood::slow;
    meeting.reached = true;
    meeting.took = slow ? dice_.between(2s, 20s) : dice_.between(20ms, 300ms);
    for (std::size_t i = 0; i < recipients; ++i) {
        meeting.took += slow ? dice_.between(1s, 20s) : dice_.between(5ms, 50ms);
        const bool later = host.mood == Mood::greylisting || dice_.chance(0.02);
        meeting.answers.push_back(
            later                ? Answer::temporary
            : dice_.chance(0.01) ? Answer::permanent
                                 : Answer::accepted
        );
    }
    return meeting;
}

}  // namespace sluice::simulation
