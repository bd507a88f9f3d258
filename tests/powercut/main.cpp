#include <stdlib.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "machine.h"

// powercut [-seed=N] [-schedules=N] [-messages=N] [-outcomes=N] [-one=N] [-errors=1] [-split=1]
// [-forget=WHAT] [-trace=ADDRESS] Power cuts and kills of an instance on a model of a disk, then:
// was anybody lost, who got it twice? Schedules use one seed after the other; each has up to three
// crashes, after the last of which `outcomes` of the states that the disk may be in are gone on
// from. -one=N: instead, one message with the cut at every storage call of its life and up to N
// states of the disk at each. -errors=1: instead, one message with an error at each of those calls,
// one after the other, for each error that a disk has; its life goes on, and it must leave all the
// same. -split=1: that message comes in pieces, which are put together. -trace=u7-2@example.com
// prints what happens to that recipient. -forget: a disk that forgets one kind of sync; the program
// must find it out. Status 1 where a promise was broken.
namespace {

using namespace sluice;
using powercut::Counts;
using powercut::History;
using powercut::Machine;

struct Plan {
    unsigned messages = 50;
    unsigned outcomes = 3;
    bool split = false;
    test::DiskModel::Forgets forgets;
    config::ConfigurationPtr site;
};

int usage() {
    std::fputs(
        "usage: powercut [-seed=N] [-schedules=N] [-messages=N] [-outcomes=N] [-one=N]\n"
        "                [-errors=1] [-split=1] [-trace=ADDRESS]\n"
        "                [-forget=names|files|segments|segment_names|all]\n",
        stderr
    );
    return 64;
}

test::DiskModel::Forgets forgetting(std::string_view what) {
    const auto is_segment = [](const std::string& path) {
        return path.find("/.young") != std::string::npos;
    };
    if (what == "names") {
        return [=](auto call, const auto& path) {
            return call == "sync_directory" && !is_segment(path);
        };
    }
    if (what == "files")
        return [=](auto call, const auto& path) { return call == "sync" && !is_segment(path); };
    if (what == "segments")
        return [=](auto call, const auto& path) { return call == "sync" && is_segment(path); };
    if (what == "segment_names") {
        return [=](auto call, const auto& path) {
            return call == "sync_directory" && is_segment(path);
        };
    }
    if (what == "all") return [](auto, const auto&) { return true; };
    return {};
}

/// The queue after the crash, delivered to the last message.
std::string judge(const Plan& plan, test::DiskModel& disk, History history, Counts& counts) {
    ++counts.outcomes;
    std::string complaint;
    {
        Machine machine(plan.site, disk, history);
        (void)machine.drain();
        complaint = machine.complaint();
    }
    const auto broken = history.ledger.judge(counts);
    return broken ? *broken : complaint;
}

/// The disk as the next start finds it.
std::unique_ptr<test::DiskModel> crash(
    const Plan& plan, const test::DiskModel& disk, bool kill, std::uint64_t seed
) {
    test::RandomChoices choices(seed);
    auto found = kill ? disk.after_kill(choices) : disk.after_power_cut(choices);
    found->set_forgetful(plan.forgets);
    return found;
}

std::string run_schedule(const Plan& plan, std::uint64_t seed, Counts& counts) {
    ++counts.schedules;
    History history(seed);
    auto disk = std::make_unique<test::DiskModel>("/queue");
    disk->set_forgetful(plan.forgets);
    const std::uint64_t starts = 1 + history.dice.below(3);
    const double faults = history.dice.chance(0.3) ? 0.004 : 0;
    for (std::uint64_t start = 1; start <= starts; ++start) {
        {
            Machine machine(plan.site, *disk, history, faults);
            disk->cut_power_at(disk->calls() + 1 + history.dice.below(plan.messages * 60UL));
            machine.run(plan.messages / static_cast<unsigned>(starts), plan.messages * 8);
            if (!disk->power_is_off()) {
                disk->cut_power_at(disk->calls() + 1);
                (void)disk->status("/queue");
            }
            if (!machine.complaint().empty()) return machine.complaint();
        }
        const bool kill = history.dice.chance(0.25);
        ++(kill ? counts.kills : counts.power_cuts);
        kill ? history.ledger.killed() : history.ledger.power_cut();
        const unsigned outcomes = start < starts || kill ? 1 : plan.outcomes;
        std::unique_ptr<test::DiskModel> next;
        for (unsigned outcome = 0; outcome < outcomes; ++outcome) {
            next = crash(plan, *disk, kill, history.dice.below(~0ULL));
            if (start < starts) break;
            if (auto broken = judge(plan, *next, history, counts); !broken.empty()) return broken;
        }
        disk = std::move(next);
    }
    return {};
}

bool report(const std::string& broken, const std::string& repeat) {
    if (broken.empty()) return true;
    std::printf("BROKEN PROMISE: %s\nrepeat: powercut %s\n", broken.c_str(), repeat.c_str());
    return false;
}

bool run_schedules(const Plan& plan, std::uint64_t first, std::uint64_t count, Counts& counts) {
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const std::string broken = run_schedule(plan, seed, counts);
        const std::string repeat = "-schedules=1 -seed=" + std::to_string(seed) +
                                   " -messages=" + std::to_string(plan.messages) +
                                   " -outcomes=" + std::to_string(plan.outcomes);
        if (!report(broken, repeat)) return false;
    }
    return true;
}

/// One message, the power cut at each storage call of its life, with all states of the disk that
/// are possible then, or, where they are more than `most`, as many at random.
bool run_one(const Plan& plan, std::uint64_t most, Counts& counts) {
    const std::string repeat = "-one=" + std::to_string(most) + (plan.split ? " -split=1" : "");
    for (std::uint64_t cut = 1;; ++cut) {
        ++counts.schedules;
        History history(1);
        test::DiskModel disk("/queue");
        disk.set_forgetful(plan.forgets);
        bool complete = false;
        {
            Machine machine(plan.site, disk, history);
            disk.cut_power_at(disk.calls() + cut);
            machine.run_one(plan.split);
            complete = !disk.power_is_off();
            disk.cut_power_at(disk.calls() + 1);
            if (complete) (void)disk.status("/queue");
        }
        history.ledger.power_cut();
        ++counts.power_cuts;
        test::AllChoices all;
        std::uint64_t outcomes = 0;
        do {
            const auto found = disk.after_power_cut(all);
            if (!report(judge(plan, *found, history, counts), repeat)) return false;
        } while (++outcomes < most && all.next());
        for (std::uint64_t seed = 0; outcomes == most && seed < most; ++seed) {
            const auto found = crash(plan, disk, false, seed);
            if (!report(judge(plan, *found, history, counts), repeat)) return false;
        }
        if (complete) return true;
    }
}

/// One message, and one call of its life that fails.
bool run_errors(const Plan& plan, Counts& counts) {
    for (const int error : {ENOSPC, EIO, EMFILE, EINTR, EDQUOT}) {
        for (std::uint64_t call = 1;; ++call) {
            ++counts.schedules;
            History history(1);
            test::DiskModel disk("/queue");
            bool failed = false;
            std::string broken;
            {
                Machine machine(plan.site, disk, history);
                machine.fail_call(call, error);
                machine.run_one(plan.split);
                failed = machine.has_failed();
                (void)machine.drain();
                broken = machine.complaint();
            }
            if (auto wrong = history.ledger.judge(counts)) broken = *wrong;
            const std::string where =
                " (call " + std::to_string(call) + ", errno " + std::to_string(error) + ')';
            if (!broken.empty())
                return report(broken + where, plan.split ? "-errors=1 -split=1" : "-errors=1");
            if (!failed) break;
        }
    }
    return true;
}

void print(const Counts& counts, double seconds) {
    const auto line = [](const char* what, std::uint64_t count) {
        std::printf("  %-52s %llu\n", what, static_cast<unsigned long long>(count));
    };
    std::printf(
        "%llu schedules in %.1f s\n", static_cast<unsigned long long>(counts.schedules), seconds
    );
    line("power cuts", counts.power_cuts);
    line("kills", counts.kills);
    line("states of the disk judged", counts.outcomes);
    line("recipients acknowledged", counts.acknowledged);
    line("refused", counts.refused);
    line("delivered", counts.delivered);
    line("returned", counts.returned);
    line("removed by an operator", counts.removed_by_operator);
    line("there without an acknowledgement", counts.without_acknowledgement);
    line("LOST", counts.lost);
    line("twice: in flight at the crash", counts.twice_in_flight);
    line("twice: finished, removal not yet durable", counts.twice_undone);
    line("twice: a call had failed", counts.twice_after_faults);
    line("TWICE WITHOUT EXCUSE", counts.twice_without_excuse);
}

/// The logs and counters of the instance.
class Scratch {
public:
    Scratch() {
        std::string name =
            (std::filesystem::temp_directory_path() / "sluice-power-XXXXXX").string();
        if (::mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace

int main(int argc, char** argv) {
    std::map<std::string, std::uint64_t, std::less<>> values{
        {"seed", std::random_device()()},
        {"schedules", 1000},
        {"messages", 50},
        {"outcomes", 3},
        {"one", 0},
        {"errors", 0},
        {"split", 0}};
    Plan plan;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word(argv[i]);
        const std::size_t equals = word.find('=');
        if (!word.starts_with('-') || equals == std::string_view::npos) return usage();
        if (word.substr(1, equals - 1) == "trace") {
            powercut::Ledger::trace(std::string(word.substr(equals + 1)));
            continue;
        }
        if (word.substr(1, equals - 1) == "forget") {
            plan.forgets = forgetting(word.substr(equals + 1));
            if (!plan.forgets) return usage();
            continue;
        }
        const auto value = values.find(word.substr(1, equals - 1));
        const auto number = parse_unsigned(word.substr(equals + 1));
        if (value == values.end() || !number) return usage();
        value->second = *number;
    }
    plan.messages = static_cast<unsigned>(values["messages"]);
    plan.outcomes = static_cast<unsigned>(values["outcomes"]);
    plan.split = values["split"] > 0;
    if (plan.messages == 0 || plan.outcomes == 0) return usage();
    const Scratch scratch;
    plan.site = powercut::make_site(scratch.path());
    if (!plan.site) return 78;
    // What the disk does to files is not news here; the lines of the rooms go to standard error.
    if (std::freopen("/dev/null", "w", stderr) == nullptr) return 74;
    const auto begin = std::chrono::steady_clock::now();
    Counts counts;
    bool kept = false;
    if (values["errors"] > 0) {
        kept = run_errors(plan, counts);
    } else if (values["one"] > 0) {
        kept = run_one(plan, values["one"], counts);
    } else {
        kept = run_schedules(plan, values["seed"], values["schedules"], counts);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    print(counts, took.count());
    return kept ? 0 : 1;
}
