#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::store {

/// A small table that several processes change together: counters, who does what. A cache: it is
/// not synced, it begins empty after a start of the machine, and whoever finds it removed, cut or
/// unusable begins with an empty one (table_gate.h). Thread-safe; open it after the last fork.
class SharedTable {
public:
    /// What a change sees and does. Valid during the change only.
    class View {
    public:
        View() = default;
        View(const View&) = delete;
        View& operator=(const View&) = delete;
        View(View&&) = delete;
        View& operator=(View&&) = delete;
        virtual ~View() = default;
        [[nodiscard]] virtual std::optional<std::string> get(std::string_view key) = 0;
        virtual void put(std::string_view key, std::string_view value) = 0;
        virtual void erase(std::string_view key) = 0;
        /// The first key in order that begins with `prefix`.
        [[nodiscard]] virtual std::optional<std::string> first(std::string_view prefix) = 0;
        /// Keys that begin with `prefix`, in order, with their values. Must not change the table.
        virtual void for_each(
            std::string_view prefix,
            const std::function<void(std::string_view key, std::string_view value)>& found
        ) = 0;
    };

    /// `room`: octets that the table may have.
    static Result<std::unique_ptr<SharedTable>> open(const std::string& path, std::size_t room);
    ~SharedTable();
    SharedTable(const SharedTable&) = delete;
    SharedTable& operator=(const SharedTable&) = delete;
    SharedTable(SharedTable&&) = delete;
    SharedTable& operator=(SharedTable&&) = delete;

    /// Runs `make` while nobody else changes the table; all of it takes effect, or, where an Error
    /// is returned, nothing.
    Result<void> change(const std::function<void(View&)>& make);

private:
    struct Impl;
    explicit SharedTable(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::store
