#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Who was promised what, and who got it: the judge of a schedule.
namespace sluice::powercut {

/// A recipient of a message, "u7-2@example.com".
struct Person {
    unsigned message = 0;
    unsigned number = 0;

    [[nodiscard]] std::string address() const;
    /// All persons whose addresses occur in the text, each once.
    static std::vector<Person> in(std::string_view text);
    friend auto operator<=>(const Person&, const Person&) = default;
};

/// What happened in all schedules so far.
struct Counts {
    std::uint64_t schedules = 0, acknowledged = 0, refused = 0, delivered = 0, returned = 0,
                  removed_by_operator = 0, power_cuts = 0, kills = 0, outcomes = 0;
    std::uint64_t lost = 0;
    /// More than one delivery or return: of attempts that the crash interrupted, of removals that
    /// the power cut undid, after calls that failed, and of no such excuse.
    std::uint64_t twice_in_flight = 0, twice_undone = 0, twice_after_faults = 0,
                  twice_without_excuse = 0;
    /// Refused, or cut off before the answer, and there all the same: the client repeats it.
    std::uint64_t without_acknowledgement = 0;

    void add(const Counts& other);
};

/// Copied where one history goes on in more than one way.
class Ledger {
public:
    using Persons = std::vector<Person>;

    /// Everything that happens to this address is printed.
    static void trace(std::string address);
    static void note(const Persons& persons, const std::string& what);

    void acknowledged(const Persons& persons);
    void refused(const Persons& persons);
    void delivered(const Person& person);
    void returned(const Person& person);
    void removed_by_operator(const Persons& persons);

    /// Attempts: from opening the file to what became of it. `begin` returns its number.
    std::size_t begin(Persons persons);
    void end(std::size_t attempt);
    /// A call failed: what is going on now may be repeated, as the log says.
    void trouble();
    /// All removals so far are durable.
    void flushed();

    void killed();
    void power_cut();

    /// All is delivered that ever will be. What is wrong; none: all promises were kept.
    [[nodiscard]] std::optional<std::string> judge(Counts& counts) const;

private:
    struct Fortune {
        bool acknowledged = false;
        bool refused = false;
        bool removed = false;
        bool trouble = false;
        unsigned delivered = 0;
        unsigned returned = 0;
        unsigned in_flight = 0;  ///< at crashes
        unsigned undone = 0;     ///< by power cuts
    };
    [[nodiscard]] static std::optional<std::string> judge_one(
        const Person& person, const Fortune& fortune, Counts& counts
    );
    void excuse_in_flight();

    std::map<Person, Fortune> fortunes_;
    std::map<std::size_t, Persons> in_flight_;
    std::vector<Persons> not_durable_;     ///< finished since the last flush
    std::vector<Persons> left_to_kernel_;  ///< the same, of processes that were killed
    std::size_t next_attempt_ = 0;
};

}  // namespace sluice::powercut
