#include "counters/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

namespace sluice::counters {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

ClientMetric metric_with(Labels labels) {
    ClientMetric metric;
    metric.label = std::move(labels);
    return metric;
}

double seconds_since_1970(WallTime time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

/// Collects the families, one after the other.
class Families {
public:
    explicit Families(const Exposition& exposition) : exposition_(exposition) {}

    std::vector<MetricFamily> collect() {
        messages();
        queue_seconds();
        associations();
        activity();
        if (exposition_.waiting) waiting();
        if (exposition_.hosts) hosts();
        if (exposition_.held) held();
        each(
            "mta_loops_detected_total", "Messages held because they went in circles.",
            MetricType::Counter, [](const ChannelCounts& c) { return c.at(loops_cell); }
        );
        if (exposition_.limits) limits();
        overload();
        machine();
        return std::move(families_);
    }

private:
    MetricFamily& begin(const std::string& name, const std::string& help, MetricType type) {
        MetricFamily& family = families_.emplace_back();
        family.name = name;
        family.help = help;
        family.type = type;
        return family;
    }
    void value(double number, Labels labels) {
        ClientMetric metric = metric_with(std::move(labels));
        MetricFamily& family = families_.back();
        if (family.type == MetricType::Counter) {
            metric.counter.value = number;
        } else {
            metric.gauge.value = number;
        }
        family.metric.push_back(std::move(metric));
    }
    template <class Number>
    void value(Number number, Labels labels) {
        value(static_cast<double>(number), std::move(labels));
    }
    static ClientMetric::Label of(const std::string& channel) { return {"channel", channel}; }

    /// A value for each channel.
    void each(
        const std::string& name,
        const std::string& help,
        MetricType type,
        const std::function<std::int64_t(const ChannelCounts&)>& number
    ) {
        begin(name, help, type);
        for (const ChannelCounts& counts : exposition_.counts)
            value(number(counts), {of(counts.channel)});
    }

    void messages() {
        static constexpr std::pair<const char*, const char*> words[] = {
            {"received", "enqueued to the channel"},
            {"submitted", "enqueued by the channel"},
            {"attempted", "in attempts that failed for now"},
            {"rejected", "refused on the way in"},
            {"failed", "returned to the sender"},
        };
        static constexpr Group groups[] = {
            Group::received, Group::submitted, Group::attempted, Group::rejected, Group::failed};
        for (std::size_t i = 0; i < std::size(groups); ++i) {
            for (const auto& [measure, unit] : units) {
                const Cell where = cell(groups[i], measure);
                each(
                    "mta_channel_" + std::string(words[i].first) + '_' + unit + "_total",
                    capital(unit) + ' ' + words[i].second + '.', MetricType::Counter,
                    [where](const ChannelCounts& c) { return c.at(where); }
                );
            }
        }
        for (const auto& [measure, unit] : units) {
            begin(
                "mta_channel_delivered_" + std::string(unit) + "_total",
                capital(unit) + " that left the queue, delivered or given up.", MetricType::Counter
            );
            for (const ChannelCounts& c : exposition_.counts) {
                value(
                    c.at(Group::delivered_first, measure),
                    {of(c.channel), {"first_attempt", "true"}}
                );
                value(
                    c.at(Group::delivered_later, measure),
                    {of(c.channel), {"first_attempt", "false"}}
                );
            }
        }
    }

    void queue_seconds() {
        begin(
            "mta_channel_queue_seconds", "Time in the queue of messages that left it.",
            MetricType::Histogram
        );
        for (const ChannelCounts& counts : exposition_.counts) {
            histogram(counts, Attempt::first, "true");
            histogram(counts, Attempt::later, "false");
        }
    }
    void histogram(const ChannelCounts& counts, Attempt attempt, const char* first) {
        ClientMetric metric = metric_with({of(counts.channel), {"first_attempt", first}});
        std::uint64_t cumulative = 0;
        for (std::size_t i = 0; i < bucket_count; ++i) {
            cumulative += static_cast<std::uint64_t>(
                std::max<std::int64_t>(counts.at(bucket_cell(attempt, i)), 0)
            );
            ClientMetric::Bucket bucket;
            bucket.cumulative_count = cumulative;
            bucket.upper_bound = i < queue_time_bounds.size()
                                     ? queue_time_bounds[i]
                                     : std::numeric_limits<double>::infinity();
            metric.histogram.bucket.push_back(bucket);
        }
        metric.histogram.sample_count = cumulative;
        metric.histogram.sample_sum = static_cast<double>(counts.at(seconds_cell(attempt)));
        families_.back().metric.push_back(std::move(metric));
    }

    void associations() {
        begin("mta_channel_associations", "Connections open now.", MetricType::Gauge);
        for (const ChannelCounts& c : exposition_.counts) {
            value(c.current_in, {of(c.channel), {"direction", "in"}});
            value(c.current_out, {of(c.channel), {"direction", "out"}});
        }
        both(
            "mta_channel_associations_total", "Connections that came up.", Association::total_in,
            Association::total_out
        );
        both(
            "mta_channel_associations_rejected_total", "Connections that were refused.",
            Association::rejected_in, Association::rejected_out
        );
        each(
            "mta_channel_associations_failed_total", "Connections out that did not come up.",
            MetricType::Counter,
            [](const ChannelCounts& c) { return c.at(association_cell(Association::failed_out)); }
        );
    }
    void both(const char* name, const char* help, Association in, Association out) {
        begin(name, help, MetricType::Counter);
        for (const ChannelCounts& c : exposition_.counts) {
            value(c.at(association_cell(in)), {of(c.channel), {"direction", "in"}});
            value(c.at(association_cell(out)), {of(c.channel), {"direction", "out"}});
        }
    }

    void activity() {
        begin(
            "mta_channel_last_activity_timestamp_seconds", "When a message last came in, went out.",
            MetricType::Gauge
        );
        for (const ChannelCounts& c : exposition_.counts) {
            if (c.last_in) {
                value(seconds_since_1970(*c.last_in), {of(c.channel), {"direction", "in"}});
            }
            if (c.last_out) {
                value(seconds_since_1970(*c.last_out), {of(c.channel), {"direction", "out"}});
            }
        }
    }

    void waiting() {
        const auto gauge = [&](const char* name, const char* help, auto number) {
            begin(name, help, MetricType::Gauge);
            for (const Waiting& w : *exposition_.waiting) value(number(w), {of(w.channel)});
        };
        gauge(
            "mta_channel_stored_messages", "Messages waiting in the queue.",
            [](const Waiting& w) { return w.messages; }
        );
        gauge(
            "mta_channel_stored_recipients", "Recipients of the messages waiting.",
            [](const Waiting& w) { return w.recipients; }
        );
        gauge("mta_channel_stored_bytes", "Octets of the messages waiting.", [](const Waiting& w) {
            return w.octets;
        });
        gauge(
            "mta_channel_oldest_message_age_seconds", "Age of the oldest message waiting.",
            [&](const Waiting& w) {
                if (!w.oldest || *w.oldest > exposition_.now) return 0.0;
                return std::chrono::duration<double>(exposition_.now - *w.oldest).count();
            }
        );
        gauge(
            "mta_channel_stopped", "Whether an operator stopped the channel.",
            [](const Waiting& w) { return w.stopped ? 1 : 0; }
        );
        begin("mta_jobs", "Running channel programs.", MetricType::Gauge);
        for (const Waiting& w : *exposition_.waiting)
            value(w.jobs, {of(w.channel), {"pool", w.pool}});
    }

    void hosts() {
        static constexpr const char* words[] = {"up", "down", "probing"};
        begin("mta_hosts", "Destination hosts that mail waits for.", MetricType::Gauge);
        for (const auto& [key, count] : exposition_.hosts->hosts)
            value(count, {of(key.first), {"state", words[static_cast<std::size_t>(key.second)]}});
        if (exposition_.hosts->busiest.empty()) return;
        begin(
            "mta_host_messages", "Messages that wait for the hosts for which most wait.",
            MetricType::Gauge
        );
        for (const HostLoad& one : exposition_.hosts->busiest)
            value(one.messages, {of(one.channel), {"host", one.host}});
    }

    void held() {
        begin(
            "mta_channel_held_messages", "Messages held until an operator releases them.",
            MetricType::Gauge
        );
        for (const HeldMessages& one : *exposition_.held)
            value(one.count, {of(one.channel), {"reason", one.reason}});
    }

    void limits() {
        begin(
            "mta_limit_hits_total", "How often each limit was reached (docs/limits.md).",
            MetricType::Counter
        );
        for (std::size_t i = 0; i < exposition_.limits->size(); ++i) {
            const auto name = sluice::limits::name_of(static_cast<sluice::limits::Limit>(i));
            value((*exposition_.limits)[i], {{"limit", std::string(name)}});
        }
    }

    void overload() {
        if (exposition_.stress) {
            begin("mta_stress_state", "Whether a service is under stress.", MetricType::Gauge);
            value(exposition_.stress->on ? 1 : 0, {});
            begin(
                "mta_stress_state_changes_total", "Beginnings and ends of stress.",
                MetricType::Counter
            );
            value(exposition_.stress->changes, {});
        }
        if (!exposition_.channels_behind) return;
        begin(
            "mta_inflow_brake", "Channels whose deliveries have fallen behind.", MetricType::Gauge
        );
        for (const std::string& channel : *exposition_.channels_behind) value(1, {of(channel)});
        begin(
            "mta_inflow_brake_changes_total", "Channels that fell behind or caught up.",
            MetricType::Counter
        );
        value(exposition_.inflow_changes, {});
    }

    void machine() {
        if (exposition_.free_room) {
            begin(
                "mta_queue_filesystem_free_bytes", "Free octets of the queue's file system.",
                MetricType::Gauge
            );
            value(exposition_.free_room->octets, {});
            begin(
                "mta_queue_filesystem_free_inodes", "Free inodes of the queue's file system.",
                MetricType::Gauge
            );
            value(exposition_.free_room->inodes, {});
        }
        if (exposition_.room_state) {
            begin(
                "mta_queue_disk_state", "Room for the queue: 0 enough, 1 little, 2 none.",
                MetricType::Gauge
            );
            value(exposition_.room_state->state, {});
            begin(
                "mta_queue_disk_state_changes_total", "Changes between these states.",
                MetricType::Counter
            );
            value(exposition_.room_state->changes, {});
        }
        begin("mta_build_info", "The version that runs.", MetricType::Gauge);
        value(1, {{"version", exposition_.version}});
        begin("mta_config_generation", "Number of the published configuration.", MetricType::Gauge);
        value(exposition_.generation, {});
    }

    static std::string capital(std::string word) {
        word[0] = static_cast<char>(word[0] - 'a' + 'A');
        return word;
    }

    static constexpr std::pair<Measure, const char*> units[] = {
        {Measure::messages, "messages"},
        {Measure::recipients, "recipients"},
        {Measure::octets, "bytes"},
    };

    const Exposition& exposition_;
    std::vector<MetricFamily> families_;
};

}  // namespace

std::string prometheus_text(const Exposition& exposition) {
    return prometheus::TextSerializer().Serialize(Families(exposition).collect());
}

}  // namespace sluice::counters
