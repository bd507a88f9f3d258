#include <algorithm>

#include "controller.h"
#include "dequeue/age_limits.h"
#include "program.h"
#include "queue/message_file.h"
#include "queue/scan.h"
#include "world.h"

// What happens to the instance from outside: mail, failures, the nightly pass.
namespace sluice::simulation {

using namespace std::chrono_literals;

namespace {

constexpr Duration day = 24h;
constexpr unsigned floods = 10;
constexpr Duration flood_lasts = 1min;

MonoTime end_of_traffic(const World& world) {
    return Timeline::start + (world.plan.days - 6) * day;
}

void new_mail(World& world, const std::string& host) {
    const bool local = world.dice.chance(0.2);
    const bool held = world.dice.chance(0.002);
    ++world.counts["messages offered"];
    submit(world, local ? local_channel : network_channel, local ? "mail.example" : host, held);
}

std::string any_host(World& world) {
    return world.network.hosts()[world.dice.below(world.network.hosts().size())];
}

void flood(World& world, unsigned messages) {
    // Half of it is for a few destinations, which get slow by it.
    std::vector<std::string> hosts;
    for (std::uint64_t i = 1 + world.dice.below(12); i > 0; --i) {
        hosts.push_back(any_host(world));
        world.network.slow_down(hosts.back());
    }
    for (unsigned i = 0; i < messages; ++i) {
        world.timeline.after(world.dice.between(0s, flood_lasts), [&world, hosts] {
            const bool chosen = world.dice.chance(0.5);
            new_mail(world, chosen ? hosts[world.dice.below(hosts.size())] : any_host(world));
        });
    }
}

void steady_mail(World& world, Duration mean) {
    world.timeline.after(world.dice.until_next(mean), [&world, mean] {
        if (world.timeline.mono_now() >= end_of_traffic(world)) return;
        new_mail(world, any_host(world));
        steady_mail(world, mean);
    });
}

void kill_a_program(World& world) {
    std::vector<std::shared_ptr<Program>> busy;
    for (const auto& [process, program] : world.programs) {
        if (program->is_busy()) busy.push_back(program);
    }
    if (!busy.empty()) busy[world.dice.below(busy.size())]->kill();
}

void disk_is_full(World& world) {
    ++world.counts["full disks"];
    world.disk.set_full(true);
    world.timeline.after(world.dice.between(1min, 30min), [&world] { world.disk.set_full(false); });
}

void disk_fails(World& world) {
    ++world.counts["failing disks"];
    world.disk.set_failing(0.02);
    world.timeline.after(world.dice.between(1min, 20min), [&world] { world.disk.set_failing(0); });
}

void clock_jumps(World& world) {
    ++world.counts["jumps of the clock"];
    const Duration by = world.dice.between(1min, 3h);
    const bool ahead = world.dice.chance(0.5);
    (ahead ? world.moved_ahead : world.moved_back) += by;
    world.trace({}, ahead ? "the wall clock is set ahead" : "the wall clock is set back");
    world.timeline.move_wall(ahead ? by : -by);
}

/// As dequeue/ageing.cpp: what is too old is returned, whoever tries it or not.
void return_if_too_old(World& world, const queue::MessageLocation& location) {
    auto file = queue::MessageFile::open(world.disk.store(), location, queue::Access::own);
    if (!file || file->location().name.state() != queue::MessageState::eligible) return;
    const auto unfinished = file->unfinished();
    const auto age = world.timeline.wall_now() - file->envelope().enqueued;
    if (!unfinished || age < world.ages.give_up_after) return;
    for (const std::size_t index : *unfinished) {
        const std::string& address = file->envelope().recipients[index].address;
        if (!file->envelope().sender.empty() && !notify_sender(world)) return;
        world.ledger.returned(Ledger::parse(address));
        world.ledger.only_noted(Ledger::parse(address));
        if (!file->record_done({location.channel, 1, 1}, address, "too old"))
            world.ledger.excuse(Ledger::parse(address));
    }
    ++world.counts["returned by night"];
    (void)file->remove();  // else somebody finds that nobody is left to serve
}

}  // namespace

void begin_traffic(World& world) {
    const Duration time = end_of_traffic(world) - Timeline::start;
    const unsigned in_floods = world.plan.messages * 3 / 10;
    steady_mail(world, time / (world.plan.messages - in_floods));
    for (unsigned i = 0; i < floods; ++i) {
        world.timeline.after(world.dice.between(Duration(0), time), [&world, in_floods] {
            flood(world, in_floods / floods);
        });
    }
}

void begin_trouble(World& world) {
    repeat(world, 18h, [&world] { world.controller->kill(); });
    repeat(world, 2h, [&world] { kill_a_program(world); });
    repeat(world, 40h, [&world] { disk_is_full(world); });
    repeat(world, 40h, [&world] { disk_fails(world); });
    repeat(world, 60h, [&world] { clock_jumps(world); });
    repeat(world, 70h, [&world] { world.disk.cut_power_soon(); });
}

void begin_again_after_power_cut(World& world) {
    ++world.counts["power cuts"];
    world.trace({}, "the power fails");
    const auto programs = world.programs;
    for (const auto& [process, program] : programs) program->kill();
    world.controller->kill();
    world.disk.power_returns();
    world.ledger.power_cut();
    world.pressure.power_cut();
}

void begin_return_job(World& world) {
    world.timeline.after(1min, [&world] {
        if (world.disk.sync()) world.ledger.all_durable();
        const auto minutes = std::chrono::floor<std::chrono::minutes>(world.timeline.elapsed());
        if (minutes.count() % (24 * 60) == 30) {
            std::vector<queue::MessageLocation> files;
            queue::ScanVisitor visitor;
            visitor.message = [&](const auto& one) { files.push_back(one.location()); };
            (void)queue::scan_queue(world.disk.store(), visitor);
            for (const auto& location : files) return_if_too_old(world, location);
        }
        begin_return_job(world);
    });
}

}  // namespace sluice::simulation
