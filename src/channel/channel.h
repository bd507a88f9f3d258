#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "channel/keyword.h"

namespace sluice::channel {

/// One keyword with its arguments, or one group name, as the configuration gives it.
struct Setting {
    std::optional<Keyword> keyword;  ///< nullopt: `word` is the name of a group
    std::string word;                ///< as written
    std::vector<std::string> arguments;
    SourceLocation where;
};

/// A host line after the official one: a further name of the channel.
struct AdditionalHost {
    std::string name;
    std::string proper_name;  ///< empty where the line gives none
    SourceLocation where;
};

/// What a channel block says. `settings` holds the accumulated `defaults` in front of the channel's
/// own keywords, in order; nothing that was overridden is taken out.
struct ChannelBlock {
    std::string name;
    std::string official_host;
    std::string local_host_alias;  ///< empty where none is given
    std::vector<AdditionalHost> additional_hosts;
    std::vector<Setting> settings;
    SourceLocation where;
};

/// A channel with its effective keywords (spec: the channel table). Immutable.
class Channel {
public:
    explicit Channel(ChannelBlock block);

    [[nodiscard]] const std::string& name() const { return block_.name; }
    [[nodiscard]] const std::string& official_host() const { return block_.official_host; }
    /// Name of the local host for the systems behind this channel; empty where none is given.
    [[nodiscard]] const std::string& local_host_alias() const { return block_.local_host_alias; }
    [[nodiscard]] const std::vector<AdditionalHost>& additional_hosts() const {
        return block_.additional_hosts;
    }
    [[nodiscard]] const SourceLocation& where() const { return block_.where; }
    /// Everything that was given, in order, overridden keywords and group names included.
    [[nodiscard]] const std::vector<Setting>& settings() const { return block_.settings; }
    /// Groups of which a process must be a member to enqueue to this channel; empty: anyone may.
    [[nodiscard]] std::vector<std::string_view> groups() const;

    /// Whether the keyword is in force: it, a synonym, or a short form that includes it was given
    /// and not overridden by a later one of its set; or it is the built-in default and none of its
    /// set was given. Asked for a short form (`maytls`): whether all it stands for is in force.
    /// Defaults that depend on other keywords (`single_sys`, `smtp_crorlf`, `addreturnpath`) are
    /// not seen here: ask channel_settings.h.
    [[nodiscard]] bool has(Keyword keyword) const;
    /// Whether the configuration gives the keyword and nothing later overrides it.
    [[nodiscard]] bool is_given(Keyword keyword) const;

    /// The keyword's arguments, empty where it is not in force.
    [[nodiscard]] std::span<const std::string> arguments(Keyword keyword) const;
    /// The first argument; nullopt where the keyword is not in force.
    [[nodiscard]] std::optional<std::string_view> argument(Keyword keyword) const;
    /// The first argument as a number, `fallback` where the keyword is not in force.
    [[nodiscard]] std::int64_t integer(Keyword keyword, std::int64_t fallback) const;
    /// The first argument as a number, nullopt where the keyword is not in force: no limit.
    [[nodiscard]] std::optional<std::int64_t> limit(Keyword keyword) const;
    /// All arguments as numbers; empty where the keyword is not in force.
    [[nodiscard]] std::vector<std::int64_t> integers(Keyword keyword) const;
    /// All arguments as ISO 8601 periods; empty where the keyword is not in force.
    [[nodiscard]] std::vector<std::chrono::seconds> durations(Keyword keyword) const;

    /// The settings in one line: `logging notices=1,2,4 group:staff`.
    [[nodiscard]] std::string to_debug_string() const;

private:
    [[nodiscard]] const Setting* setting(Keyword keyword) const;
    void apply(const Setting& setting, std::uint16_t place);

    ChannelBlock block_;
    /// Per keyword 1 + the index of the setting that put it in force, 0 where none did.
    std::array<std::uint16_t, keyword_count> given_{};
};

}  // namespace sluice::channel
