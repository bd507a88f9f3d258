#include "world.h"

#include <cstdio>

#include "controller.h"
#include "fairness.h"
#include "program.h"
#include "queue/message_file.h"
#include "queue/scan.h"

namespace sluice::simulation {

using namespace std::chrono_literals;

namespace {

constexpr Duration day = 24h;
constexpr Duration quiet_days = 5 * day;

job_controller::ChannelSettings channel(const std::string& name, const std::string& pool) {
    job_controller::ChannelSettings settings;
    settings.name = name;
    settings.pool = pool;
    settings.master_command = "/bin/" + name;
    settings.host_backoff = {};
    return settings;
}

jobs::Priority priority_named(const std::string& name) {
    if (name == "urgent") return jobs::Priority::urgent;
    return name == "nonurgent" ? jobs::Priority::nonurgent : jobs::Priority::normal;
}

/// Far more than ever happen: some 30 steps for a message.
bool is_going_in_circles(const World& world) {
    constexpr std::uint64_t most_for_a_message = 5000;
    constexpr std::uint64_t most_at_once = 100000;
    return world.timeline.steps_at_once() > most_at_once ||
           world.timeline.steps() > most_for_a_message * world.plan.messages;
}

std::string draw_priority(Dice& dice) {
    const auto number = dice.below(20);
    return number == 0 ? "urgent" : number < 3 ? "nonurgent" : "normal";
}

}  // namespace

job_controller::JobControllerSettings settings_of(const Plan& plan) {
    job_controller::JobControllerSettings settings;
    settings.channels = {
        channel(local_channel, "DEFAULT"), channel(network_channel, "SMTP_POOL"),
        channel(process_channel, "DEFAULT")};
    settings.channels[0].max_jobs = 3;
    settings.channels[0].files_per_job = 10;
    settings.channels[1].anon_host = false;
    settings.channels[1].max_jobs = 2;
    settings.channels[2].max_jobs = 2;
    settings.pools = {{"DEFAULT", 3}, {"SMTP_POOL", 4}};
    // Half of the seeds go by the keywords for hosts, the others by the backoff of the messages.
    if (plan.seed % 2 == 0) {
        settings.channels[1].host_backoff = job_controller::default_host_backoff();
        settings.channels[1].host_ramp = 30s;
    }
    settings.max_messages = plan.max_messages;
    return settings;
}

World::World(const Plan& its_plan)
    : plan(its_plan),
      dice(plan.seed),
      network(timeline, dice, plan.hosts, plan.dead_hosts),
      disk(timeline, dice),
      settings(settings_of(plan)),
      pressure(ledger, timeline, settings.channels[1]),
      knowledge(ledger, timeline),
      controller(std::make_unique<Controller>(*this)) {
    ages.warn_after = {24h, 48h};
    ages.give_up_after = 72h;
}

World::~World() = default;

void World::trace(std::string_view unique, const std::string& text) const {
    if (traced.empty() || (!unique.empty() && unique != traced)) return;
    const auto seconds = std::chrono::duration<double>(timeline.elapsed()).count();
    std::printf("%12.3f  %s\n", seconds, text.c_str());
}

void World::run() {
    const MonoTime end = Timeline::start + plan.days * day;
    Fairness fairness(*this);
    fairness.begin();
    begin_traffic(*this);
    begin_trouble(*this);
    begin_operators(*this);
    begin_return_job(*this);
    controller->start();
    timeline.at(end - quiet_days, [this] { network.calm_down(); });
    for (unsigned each = 1; each <= plan.days; ++each) {
        const MonoTime evening = Timeline::start + each * day;
        while (!ledger.complaint() && timeline.step(evening)) {
            if (disk.is_without_power()) begin_again_after_power_cut(*this);
            if (is_going_in_circles(*this)) ledger.complain("it goes in circles");
        }
        if (ledger.complaint()) return;
        if (disk.is_in_trouble()) continue;  // it cannot be read
        // The nightly pass finds what nobody tries; clocks that were set back make it late.
        const Duration most = ages.give_up_after + 66h + moved_back;
        ledger.nobody_is_lost(present(*this), timeline.mono_now(), most);
    }
    counts["longest wait of a host, seconds"] = fairness.longest_wait();
    counts["steps"] = timeline.steps();
    // Where nothing happens every promise is kept.
    const bool is_idle = ledger.acknowledged() < plan.messages / 2 ||
                         ledger.delivered_recipients() < plan.messages / 2 ||
                         counts["kills of programs"] == 0;
    if (is_idle) ledger.complain("hardly anything has happened");
}

void repeat(World& world, Duration mean, const std::function<void()>& action) {
    world.timeline.after(world.dice.until_next(mean), [&world, mean, action] {
        const MonoTime end = Timeline::start + world.plan.days * day - quiet_days;
        if (world.timeline.mono_now() >= end) return;
        action();
        repeat(world, mean, action);
    });
}

std::string relative_file(const queue::MessageLocation& location) {
    return location.sub_directory + '/' + location.name.to_string();
}

std::map<Ledger::Recipient, bool> present(World& world) {
    std::map<Ledger::Recipient, bool> found;
    std::vector<queue::MessageLocation> files;
    queue::ScanVisitor visitor;
    visitor.message = [&](const queue::ScannedMessage& one) { files.push_back(one.location()); };
    if (!queue::scan_queue(world.disk.store(), visitor)) world.ledger.complain("no queue");
    for (const queue::MessageLocation& location : files) {
        auto file = queue::MessageFile::open(world.disk.store(), location, queue::Access::read);
        const auto unfinished = file ? file->unfinished() : std::move(file).error();
        if (!unfinished) {
            world.ledger.complain("unreadable: " + location.relative_path());
            continue;
        }
        const bool held = location.name.state() == queue::MessageState::held;
        for (const std::size_t index : *unfinished)
            found[Ledger::parse(file->envelope().recipients[index].address)] = held;
    }
    return found;
}

jobs::NewMessage news_of(
    const queue::Envelope& envelope, const queue::MessageLocation& location, bool released
) {
    jobs::NewMessage news;
    news.channel = location.channel;
    news.file = relative_file(location);
    news.host = envelope.recipients.front().host.value_or("");
    news.priority = priority_named(envelope.priority);
    news.released = released;
    news.size = 100;
    news.recipients = static_cast<std::uint32_t>(envelope.recipients.size());
    news.attempts = static_cast<std::uint16_t>(location.name.attempts);
    news.enqueued = envelope.enqueued;
    return news;
}

bool submit(World& world, const std::string& channel, const std::string& host, bool held) {
    const std::string priority = draw_priority(world.dice);
    const std::size_t recipients = 1 + world.dice.below(Network::most_recipients);
    const auto id = world.ledger.open(recipients, priority, world.timeline.mono_now());
    queue::Envelope envelope;
    envelope.enqueued = world.timeline.wall_now();
    envelope.owner = "mta";
    envelope.source_channel = "tcp_local";
    envelope.source_host = "mail.example";
    envelope.envelope_id = std::to_string(id);
    envelope.priority = priority;
    envelope.sender = channel == process_channel ? "" : "sender@mail.example";
    if (held) envelope.hold_reason = "operator";
    for (std::size_t i = 0; i < recipients; ++i) {
        queue::Recipient& recipient = envelope.recipients.emplace_back();
        recipient.address = Ledger::address({id, i}, host);
        if (channel == network_channel) recipient.host = host;
    }
    const auto location = world.disk.enqueue(channel, envelope);
    if (!location) {
        ++world.counts["refused for want of a disk"];
        return false;
    }
    world.ledger.acknowledge(id);
    const std::string copy = "c" + std::to_string(id);
    world.trace(copy, location->relative_path() + (held ? ", held" : ""));
    world.trace(location->name.unique, copy + (held ? ", held" : ""));
    // A notification may be lost with its enqueuer.
    if (held || world.dice.chance(0.003)) return true;
    world.timeline.after(
        world.dice.between(0ms, 20ms),
        [&world, news = news_of(envelope, *location, false)] { world.controller->announce(news); }
    );
    return true;
}

bool notify_sender(World& world) {
    return submit(world, process_channel, "mail.example", false);
}

}  // namespace sluice::simulation
