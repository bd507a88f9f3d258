#include "controller.h"
#include "queue/message_file.h"
#include "world.h"

// What operators do, with the programs running.
namespace sluice::simulation {

using namespace std::chrono_literals;

namespace {

const queue::Actor actor{"qm", 1, 1};

struct Chosen {
    queue::MessageFile file;
    std::string host;
};

/// A message that the job controller knows, its file locked.
std::optional<Chosen> any_message(World& world) {
    const auto* scheduler = world.controller->scheduler();
    if (scheduler == nullptr) return std::nullopt;
    std::size_t cursor = 0;
    const auto rows = scheduler->message_rows(
        "", cursor, 100000, world.timeline.mono_now(), world.timeline.wall_now()
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows[world.dice.below(rows.size())];
    const auto location = queue::MessageLocation::parse(row.channel + '/' + row.file);
    auto file = queue::MessageFile::open(world.disk.store(), *location, queue::Access::own);
    if (!file || file->location().name.state() != queue::MessageState::eligible)
        return std::nullopt;
    return Chosen{std::move(*file), row.host};
}

void release(World& world, const queue::MessageLocation& location) {
    auto file = queue::MessageFile::open(world.disk.store(), location, queue::Access::own);
    const bool released = file && file->release(actor, "by hand");
    if (!released && world.disk.is_in_trouble()) {
        // It may have its new name all the same; then a scan finds it.
        world.unannounced.insert(location.name.unique);
        world.timeline.after(1h, [&world, location] { release(world, location); });
    }
    world.pressure.forget(location.name.unique);  // it is tried at once
    world.trace(location.name.unique, released ? "released" : "not released");
    if (!released) return;
    if (world.dice.chance(0.8)) {
        world.controller->announce(news_of(file->envelope(), file->location(), true));
    } else {
        world.unannounced.insert(location.name.unique);
    }
}

/// Not always is there somebody who hears it.
void tell_gone(World& world, const queue::MessageLocation& before, const std::string& host) {
    if (world.dice.chance(0.8))
        world.controller->forget(before.channel, relative_file(before), host);
}

void hold(World& world) {
    auto chosen = any_message(world);
    if (!chosen) return;
    queue::MessageFile* const file = &chosen->file;
    const auto before = file->location();
    if (!file->hold(actor, "operator by hand")) return;
    ++world.counts["held by operators"];
    world.trace(before.name.unique, "held by an operator");
    tell_gone(world, before, chosen->host);
    if (world.dice.chance(0.05)) return;  // for ever
    world.timeline.after(world.dice.between(10min, 30h), [&world, location = file->location()] {
        release(world, location);
    });
}

void remove(World& world) {
    auto chosen = any_message(world);
    if (!chosen) return;
    queue::MessageFile* const file = &chosen->file;
    const auto unfinished = file->unfinished();
    if (!unfinished) return;
    const auto before = file->location();
    if (!file->remove()) return;
    ++world.counts["deleted by operators"];
    world.trace(before.name.unique, "deleted by an operator");
    for (const std::size_t index : *unfinished)
        world.ledger.deleted(Ledger::parse(file->envelope().recipients[index].address));
    tell_gone(world, before, chosen->host);
}

void stop_for_a_while(World& world) {
    const auto& channel = world.settings.channels[world.dice.below(3)].name;
    ++world.counts["stopped channels"];
    world.controller->stop_channel(channel);
    world.timeline.after(world.dice.between(1min, 1h), [&world, channel] {
        world.controller->start_channel(channel);
    });
}

void run_something(World& world) {
    const auto& hosts = world.network.hosts();
    const std::string host =
        world.dice.chance(0.7) ? hosts[world.dice.below(hosts.size())] : std::string();
    world.controller->run({network_channel, host, "", false});
}

}  // namespace

void begin_operators(World& world) {
    repeat(world, 1h, [&world] { hold(world); });
    repeat(world, 3h, [&world] { remove(world); });
    repeat(world, 8h, [&world] { stop_for_a_while(world); });
    repeat(world, 6h, [&world] { run_something(world); });
    repeat(world, 12h, [&world] { world.controller->synchronise(); });
}

}  // namespace sluice::simulation
