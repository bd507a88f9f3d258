#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "world.h"

// simulation [-seed=N] [-rounds=N] [-messages=N] [-days=N] [-trace=UNIQUE]
// Days of an instance in seconds, with the scheduler, the queue and the settlement of real life and
// everything else as a model. Without -seed, one is drawn; rounds use one after the other. Status 1
// where a promise was broken: the seed printed leads there again, -trace shows what happened to one
// message.
namespace {

using namespace sluice;

int usage() {
    std::fputs(
        "usage: simulation [-seed=N] [-rounds=N] [-messages=N] [-days=N] [-trace=UNIQUE]\n", stderr
    );
    return 64;
}

void print(const simulation::World& world, double seconds) {
    std::printf(
        "%u days in %.1f s: %s\n", world.plan.days, seconds, world.ledger.summary().c_str()
    );
    for (const auto& [what, count] : world.counts)
        std::printf("  %s: %llu\n", what.c_str(), static_cast<unsigned long long>(count));
}

bool run(const simulation::Plan& plan, const std::string& traced) {
    const auto begin = std::chrono::steady_clock::now();
    // First of all: an assertion that does not hold leaves no time for it.
    std::printf("seed %llu\n", static_cast<unsigned long long>(plan.seed));
    std::fflush(stdout);
    simulation::World world(plan);
    world.traced = traced;
    world.run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    print(world, took.count());
    const auto& complaint = world.ledger.complaint();
    std::fflush(stdout);
    if (!complaint) return true;
    const auto hours = std::chrono::duration_cast<std::chrono::minutes>(world.timeline.elapsed());
    std::printf(
        "BROKEN PROMISE after %.2f days: %s\nrepeat: simulation -seed=%llu -messages=%u -days=%u\n",
        static_cast<double>(hours.count()) / (24 * 60), complaint->c_str(),
        static_cast<unsigned long long>(plan.seed), plan.messages, plan.days
    );
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    std::map<std::string, std::uint64_t, std::less<>> values{
        {"seed", std::random_device()()}, {"rounds", 1}, {"messages", 100000}, {"days", 30}};
    std::string traced;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word(argv[i]);
        if (word.starts_with("-trace=")) {
            traced = word.substr(7);
            continue;
        }
        const std::size_t equals = word.find('=');
        if (!word.starts_with('-') || equals == std::string_view::npos) return usage();
        const auto value = values.find(word.substr(1, equals - 1));
        const auto number = parse_unsigned(word.substr(equals + 1));
        if (value == values.end() || !number) return usage();
        value->second = *number;
    }
    if (values["days"] < 8 || values["messages"] < 100) return usage();
    // What the disk does to files is not news here; the lines of the rooms go to standard error.
    if (std::freopen("/dev/null", "w", stderr) == nullptr) return 74;
    for (std::uint64_t round = 0; round < values["rounds"]; ++round) {
        simulation::Plan plan;
        plan.seed = values["seed"] + round;
        plan.messages = static_cast<unsigned>(values["messages"]);
        plan.days = static_cast<unsigned>(values["days"]);
        plan.max_messages = std::max<std::size_t>(100, plan.messages / 67);
        if (!run(plan, traced)) return 1;
    }
    return 0;
}
