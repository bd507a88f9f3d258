#include "utility/qm_targets.h"

#include <algorithm>

#include "queue/scan.h"
#include "utility/quantities.h"
#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";

/// One command's way to its targets; says what is wrong as soon as it is found.
class TargetFinder {
public:
    TargetFinder(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime)
        : line_(invocation.line()),
          console_(invocation.console()),
          session_(session),
          runtime_(runtime) {}

    std::optional<Targets> find(const TargetRules& rules) {
        if (rules.files_are_parameters) return by_files();
        if (line_.value("channel")) channel_ = to_lower(*line_.value("channel"));
        if (has_wildcard(channel_)) return usage("VALUE", "-channel takes no wildcards here");
        Selector nothing_described;
        Result<Selector> selector = rules.named_only
                                        ? Result<Selector>(nothing_described)
                                        : selector_from(line_, runtime_.store().clock().wall_now());
        if (!selector) return usage(selector.error().detail(), selector.error().text());
        selector->channel = channel_;
        if (!rules.reason_selects) selector->reason.reset();
        const bool named = line_.value("file") || line_.value("id");
        const bool described = selector->narrows();
        const bool numbered = !line_.parameters().empty();
        const bool all = line_.has("all");
        if (numbered + named + (described || all) > 1) {
            return usage(
                "CONFLICT",
                "message numbers, -file or -id, and -all or a selection exclude each other"
            );
        }
        if (numbered) return by_number();
        if (named) return by_name();
        if (described) return by_description(std::move(*selector), rules.held_by_default);
        if (all && session_.has_listing) return whole_listing();
        // From the shell: a channel must be named with -all, so that no single word empties a
        // queue.
        if (all && !channel_.empty())
            return by_description(std::move(*selector), rules.held_by_default);
        return usage(
            "MISSING",
            session_.has_listing
                ? "say which: message numbers, or -all"
                : "say which: -file, -id, a selection such as -from, or -all with -channel"
        );
    }
    [[nodiscard]] ExitCode code() const { return code_; }

private:
    std::optional<Targets> fail(ExitCode code, std::string_view ident, std::string text) {
        console_.error(facility, ident, std::move(text));
        code_ = code;
        return std::nullopt;
    }
    std::optional<Targets> usage(std::string_view ident, std::string text) {
        return fail(ExitCode::usage, ident, std::move(text));
    }

    std::optional<Targets> by_number() {
        if (!session_.has_listing) {
            return usage("NOLISTING", "there is no listing yet that the numbers could refer to");
        }
        Targets targets;
        std::vector<bool> taken(session_.listing.size());
        for (const std::string& text : line_.parameters()) {
            const auto numbers = parse_id_list(text);
            if (!numbers) return usage("VALUE", text + " is not a list such as 1,3,20-22");
            for (const std::size_t number : *numbers) {
                if (number > session_.listing.size()) {
                    return fail(
                        ExitCode::not_found, "NOSUCHID",
                        "the last listing has no message " + std::to_string(number)
                    );
                }
                if (taken[number - 1]) continue;
                taken[number - 1] = true;
                add_listed(targets, number);
            }
        }
        if (targets.messages.empty()) return nothing();
        return targets;
    }

    std::optional<Targets> whole_listing() {
        Targets targets;
        targets.is_set = true;
        for (std::size_t number = 1; number <= session_.listing.size(); ++number) {
            add_listed(targets, number);
        }
        if (targets.messages.empty()) return nothing();
        return targets;
    }

    void add_listed(Targets& targets, std::size_t number) {
        const QueuedMessage& message = session_.listing[number - 1];
        if (!channel_.empty() && message.location.channel != channel_) return;
        targets.messages.push_back({message, number});
    }

    std::optional<Targets> by_name() {
        Targets targets;
        if (const auto file = line_.value("file")) {
            const auto location = location_of(*file);
            if (!location) return usage("VALUE", std::string(*file) + " names no message file");
            if (!add_found(targets, location->channel, *location)) return missing(*file);
        }
        if (const auto unique = line_.value("id")) {
            if (!queue::is_unique_part(*unique)) {
                return usage("VALUE", std::string(*unique) + " is not the unique part of a name");
            }
            if (!add_by_unique(targets, to_upper(*unique))) return missing(*unique);
        }
        return targets;
    }

    /// File names with wildcards, as the shell did not expand them.
    std::optional<Targets> by_files() {
        Targets targets;
        const auto channels = queue::list_channels(runtime_.store());
        if (!channels) return fail(ExitCode::failed, "NOTREAD", channels.error().detail());
        for (const std::string& given : line_.parameters()) {
            const std::size_t before = targets.messages.size();
            if (!has_wildcard(given)) {
                const auto location = location_of(given);
                if (location) add_found(targets, location->channel, *location);
            } else {
                for (const std::string& channel : *channels) add_matching(targets, channel, given);
            }
            if (targets.messages.size() == before) return missing(given);
        }
        return targets;
    }

    void add_matching(Targets& targets, const std::string& channel, const std::string& pattern) {
        const std::string& root = runtime_.store().root();
        queue::ScanVisitor visitor;
        visitor.message = [&](const queue::ScannedMessage& scanned) {
            QueuedMessage message;
            message.location = scanned.location();
            if (matches_wildcard(pattern, message.location.relative_path()) ||
                matches_wildcard(pattern, message.location.path(root))) {
                targets.messages.push_back({std::move(message), 0});
            }
        };
        if (auto scanned = queue::scan_channel(runtime_.store(), channel, visitor); !scanned) {
            console_.warning(facility, "NOTREAD", scanned.error().detail());
        }
    }

    /// Relative to the queue root, or with the root in front.
    [[nodiscard]] std::optional<queue::MessageLocation> location_of(std::string_view file) const {
        const std::string root = runtime_.store().root() + '/';
        if (file.starts_with(root)) file.remove_prefix(root.size());
        return queue::MessageLocation::parse(file);
    }

    bool add_found(
        Targets& targets, const std::string& channel, const queue::MessageLocation& location
    ) {
        auto found = runtime_.store().find(channel, location.name.unique, location.sub_directory);
        if (!found) return false;
        QueuedMessage message;
        message.location = std::move(*found);
        read_message(runtime_.store(), message, {});
        targets.messages.push_back({std::move(message), 0});
        return true;
    }

    bool add_by_unique(Targets& targets, const std::string& unique) {
        const auto channels = queue::list_channels(runtime_.store());
        if (!channels) return false;
        queue::MessageLocation location;
        location.name.unique = unique;
        return std::any_of(channels->begin(), channels->end(), [&](const std::string& channel) {
            return (channel_.empty() || channel_ == channel) &&
                   add_found(targets, channel, location);
        });
    }

    std::optional<Targets> by_description(Selector selector, bool held_by_default) {
        if (!line_.is_negated("held")) selector.held = selector.held || held_by_default;
        auto found = gather_messages(session_, console_, selector, {}, false);
        if (!found) return fail(ExitCode::failed, "NOTREAD", found.error().detail());
        Targets targets;
        targets.is_set = true;
        for (QueuedMessage& message : *found) targets.messages.push_back({std::move(message), 0});
        if (targets.messages.empty()) return nothing();
        return targets;
    }

    std::optional<Targets> nothing() {
        console_.warning(facility, "NOMATCH", "no such message is queued");
        code_ = ExitCode::not_found;
        return std::nullopt;
    }
    std::optional<Targets> missing(std::string_view what) {
        console_.warning(facility, "GONE", std::string(what) + " is not queued");
        code_ = ExitCode::not_found;
        return std::nullopt;
    }

    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
    std::string channel_;
    ExitCode code_ = ExitCode::usage;
};

}  // namespace

std::string Target::name() const {
    return number != 0 ? "message " + std::to_string(number) : message.location.relative_path();
}

std::optional<Targets> find_targets(
    Invocation& invocation,
    QmSession& session,
    enqueue::Runtime& runtime,
    const TargetRules& rules,
    ExitCode& code
) {
    TargetFinder finder(invocation, session, runtime);
    auto targets = finder.find(rules);
    if (!targets) code = finder.code();
    return targets;
}

}  // namespace sluice::utility
