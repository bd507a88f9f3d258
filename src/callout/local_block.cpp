#include "callout/local_block.h"

#include <array>
#include <cstdio>

#include "base/bytes.h"
#include "base/log.h"
#include "base/time_zone.h"
#include "callout/dns_list.h"

namespace sluice::callout {

using mapping::Answer;
using meter::Record;

namespace {

constexpr std::string_view usual_code = "553 5.7.1";

std::string date_text(WallTime time) {
    const CivilTime civil = civil_time(time, TimeZone::system());
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", civil.year, civil.month, civil.day);
    return text.data();
}

class LocalBlock final : public Routine {
public:
    LocalBlock(const Clock& clock, std::function<meter::Backend&()> backend)
        : clock_(clock), backend_(std::move(backend)) {}

    [[nodiscard]] bool may_block() const override { return true; }

    Answer call(std::string_view argument) override {
        const auto comma = argument.find(',');
        const auto host = IpAddress::parse(trim(argument.substr(0, comma)));
        if (!host) return Answer::none();
        const auto reason = block_reason(backend_(), *host, clock_.wall_now());
        if (!reason || !*reason) return Answer::none();
        std::string_view code;
        if (comma != std::string_view::npos) code = trim(argument.substr(comma + 1));
        return Answer::literal(
            std::string(code.empty() ? usual_code : code) + ' ' + reply_text(**reason)
        );
    }

private:
    const Clock& clock_;
    std::function<meter::Backend&()> backend_;
};

class Honeypot final : public Routine {
public:
    Honeypot(
        std::chrono::seconds duration, const Clock& clock, std::function<meter::Backend&()> backend
    )
        : duration_(duration), clock_(clock), backend_(std::move(backend)) {}

    [[nodiscard]] bool may_block() const override { return true; }

    Answer call(std::string_view argument) override {
        const auto comma = argument.find(',');
        const auto host = IpAddress::parse(trim(argument.substr(0, comma)));
        if (!host || comma == std::string_view::npos) return Answer::none();
        const std::string address = reply_text(trim(argument.substr(comma + 1)));
        const std::string reason =
            "Sent mail to honeypot " + address + " on " + date_text(clock_.wall_now());
        const auto done = block_host(backend_(), *host, reason, duration_);
        if (!done) return Answer::none();
        diag::info(host->to_string() + " is blocked: " + reason);
        return Answer::literal({});
    }

private:
    std::chrono::seconds duration_;
    const Clock& clock_;
    std::function<meter::Backend&()> backend_;
};

}  // namespace

meter::TableSettings local_block_table() {
    meter::TableSettings table;
    table.name = "local_block";
    table.type = meter::TableType::simple;
    table.max_entries = 100'000;
    return table;
}

Result<void> block_host(
    meter::Backend& backend,
    const IpAddress& host,
    std::string_view reason,
    std::chrono::seconds duration
) {
    return backend.update(
        local_block_table(), host.to_string(),
        [&](const std::optional<Record>&, WallTime now) -> std::optional<Record> {
            return Record{Record::Kind::value, now, now + duration, 0, reply_text(reason)};
        }
    );
}

Result<bool> unblock_host(meter::Backend& backend, const IpAddress& host) {
    bool was_there = false;
    const auto done = backend.update(
        local_block_table(), host.to_string(),
        [&](const std::optional<Record>& before, WallTime now) {
            was_there = before && before->due > now;
            return std::optional<Record>();
        }
    );
    if (!done) return done.error();
    return was_there;
}

Result<std::optional<std::string>> block_reason(
    meter::Backend& backend, const IpAddress& host, WallTime now
) {
    auto found = backend.find(local_block_table(), host.to_string());
    if (!found) return std::move(found).error();
    if (!*found || (*found)->due <= now) return std::optional<std::string>();
    return std::optional<std::string>(std::move((*found)->value));
}

void add_block_routines(
    Registry& registry,
    std::chrono::seconds honeypot_duration,
    const Clock& clock,
    std::function<meter::Backend&()> backend
) {
    registry.add(block_image, "local_block", std::make_unique<LocalBlock>(clock, backend));
    registry.add(
        block_image, honeypot_routine,
        std::make_unique<Honeypot>(honeypot_duration, clock, std::move(backend))
    );
}

}  // namespace sluice::callout
