#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "dice.h"

namespace sluice::simulation {

enum class Mood : std::uint8_t {
    good,
    slow,         ///< answers, after a long time
    refusing,     ///< closes the door at once
    silent,       ///< lets the connection time out
    no_name,      ///< the DNS cannot be asked
    greylisting,  ///< everybody shall come again
};

enum class Answer : std::uint8_t { accepted, temporary, permanent };

/// One session with a host, as it is going to happen.
struct Meeting {
    bool reached = false;
    std::string reason;           ///< where it was not reached
    Duration took{};              ///< until the last answer
    std::vector<Answer> answers;  ///< for each recipient
};

/// The hosts that mail goes to. Their moods come and go; some never answer.
class Network {
public:
    /// No session takes longer than this with so many recipients as messages here have.
    static constexpr Duration longest_meeting = std::chrono::seconds(120);
    static constexpr std::size_t most_recipients = 5;

    Network(Timeline& timeline, Dice& dice, unsigned hosts, unsigned dead);

    [[nodiscard]] const std::vector<std::string>& hosts() const { return names_; }
    Meeting meet(const std::string& host, std::size_t recipients);
    void slow_down(const std::string& host);
    /// From now on all are well, but for the dead.
    void calm_down();

private:
    struct Host {
        Mood mood = Mood::good;
        bool dead = false;
    };
    void change_mood(const std::string& name);

    Timeline& timeline_;
    Dice& dice_;
    std::vector<std::string> names_;
    std::unordered_map<std::string, Host> hosts_;
    bool calm_ = false;
};

}  // namespace sluice::simulation
