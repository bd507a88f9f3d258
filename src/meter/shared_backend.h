#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "meter/backend.h"

namespace sluice::meter {

/// The tables of an instance, in a file that its processes share (store/shared_table.h). Nothing is
/// synced when something is counted: an event costs a few microseconds, and a loss of power costs
/// what was counted. What is worth more than minutes - who is known to greylisting, what was stored
/// - is written down, synced, every `save_interval` in which it changed and when a process ends;
/// where the file begins anew it begins with that. All files may be removed at any time.
/// Thread-safe. Opens its files when it is first asked.
class SharedBackend final : public Backend {
public:
    struct Settings {
        std::string path;                   ///< beside it: `-gate` and `-saved`
        std::vector<TableSettings> tables;  ///< which entries of a saved file are taken
        std::chrono::seconds save_interval{300};
    };
    SharedBackend(Settings settings, const Clock& clock);
    ~SharedBackend() override;

    Result<void> update(const TableSettings& table, std::string_view key, const Step& step)
        override;
    Result<std::optional<Record>> find(const TableSettings& table, std::string_view key) override;
    Result<void> for_each(
        const TableSettings& table,
        const std::function<void(std::string_view key, const Record& record)>& found
    ) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::meter
