#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "meter/backend.h"

namespace sluice::test {

/// Tables of call-outs in memory, without bounds; or out of reach.
class MemoryMeter final : public meter::Backend {
public:
    explicit MemoryMeter(const Clock& clock) : clock_(clock) {}

    Result<void> update(const meter::TableSettings& table, std::string_view key, const Step& step)
        override {
        if (is_out_of_reach) return out_of_reach();
        auto& entries = tables_[table.name];
        const auto after = step(look_up(entries, key), clock_.wall_now());
        if (after) {
            entries.insert_or_assign(std::string(key), *after);
        } else {
            entries.erase(std::string(key));
        }
        return {};
    }
    Result<std::optional<meter::Record>> find(
        const meter::TableSettings& table, std::string_view key
    ) override {
        if (is_out_of_reach) return out_of_reach();
        return look_up(tables_[table.name], key);
    }
    Result<void> for_each(
        const meter::TableSettings& table,
        const std::function<void(std::string_view, const meter::Record&)>& found
    ) override {
        if (is_out_of_reach) return out_of_reach();
        for (const auto& [key, record] : tables_[table.name]) found(key, record);
        return {};
    }

    bool is_out_of_reach = false;

private:
    using Entries = std::map<std::string, meter::Record, std::less<>>;
    static std::optional<meter::Record> look_up(const Entries& entries, std::string_view key) {
        const auto found = entries.find(key);
        return found != entries.end() ? std::optional(found->second) : std::nullopt;
    }
    static Error out_of_reach() { return Error::temporary({4, 3, 0}, "not now", "out of reach"); }

    const Clock& clock_;
    std::map<std::string, Entries> tables_;
};

}  // namespace sluice::test
