#include "utility/qm_selector.h"

#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "utility/quantities.h"
#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

Error bad_value(std::string_view name, std::string_view value, std::string_view form) {
    return Error::permanent(
        {5, 5, 4},
        '-' + std::string(name) + '=' + std::string(value) + ": expected " + std::string(form),
        "VALUE"
    );
}

/// Reads the values of switches; the first that cannot be read is kept as the failure.
class ValueReader {
public:
    ValueReader(const CommandLine& line, WallTime now) : line_(line), now_(now) {}

    std::optional<std::string> text(std::string_view name) const {
        const auto value = line_.value(name);
        return value ? std::optional<std::string>(*value) : std::nullopt;
    }
    std::optional<WallTime> moment(std::string_view name) {
        return read(
            name,
            "an age such as 90s, 15m, 4h, 3d, or a time such as "
            "2026-03-02T10:11:07Z",
            [this](std::string_view text) { return parse_moment(text, now_); }
        );
    }
    std::optional<std::uint64_t> size(std::string_view name) {
        return read(name, "a size such as 700, 10k, 2M", parse_size);
    }
    std::optional<std::uint64_t> number(std::string_view name) {
        return read(name, "a number", parse_unsigned);
    }
    std::size_t choice(std::string_view name, const std::vector<std::string_view>& words) {
        const auto value = line_.value(name);
        if (!value) return 0;
        std::string form;
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (equals_ignoring_case(words[i], *value)) return i;
            form += (i == 0 ? "" : ", ") + std::string(words[i]);
        }
        note(bad_value(name, *value, form));
        return 0;
    }
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

private:
    template <class Parse>
    auto read(std::string_view name, std::string_view form, Parse parse)
        -> decltype(parse(std::string_view())) {
        const auto value = line_.value(name);
        if (!value) return std::nullopt;
        auto parsed = parse(*value);
        if (!parsed) note(bad_value(name, *value, form));
        return parsed;
    }
    void note(Error error) {
        if (!failure_) failure_ = std::move(error);
    }

    const CommandLine& line_;
    WallTime now_;
    std::optional<Error> failure_;
};

bool matches_address(std::string_view pattern, std::string_view address) {
    if (pattern == "<>") return address.empty();
    return matches_wildcard(pattern, address);
}

std::string_view without_brackets(std::string_view id) {
    if (id.size() >= 2 && id.front() == '<' && id.back() == '>') return id.substr(1, id.size() - 2);
    return id;
}

}  // namespace

Result<Selector> selector_from(const CommandLine& line, WallTime now) {
    ValueReader values(line, now);
    Selector selector;
    selector.held = line.has("held");
    selector.from = values.text("from");
    selector.to = values.text("to");
    selector.from_and_to = values.choice("match", {"or", "and"}) == 1;
    selector.owner = values.text("owner");
    selector.subject = values.text("subject");
    selector.host = values.text("host");
    selector.reason = values.text("reason");
    selector.message_id = values.text("message_id");
    selector.before = values.moment("older");
    selector.after = values.moment("newer");
    selector.larger = values.size("larger");
    selector.smaller = values.size("smaller");
    selector.min_tries = static_cast<unsigned>(
        std::min<std::uint64_t>(values.number("min_tries").value_or(0), queue::max_attempts + 1)
    );
    selector.sort =
        static_cast<SortKey>(values.choice("sort", {"name", "age", "size", "host", "tries"}));
    selector.limit = values.number("limit");
    if (values.failure()) return *values.failure();
    return selector;
}

bool Selector::narrows() const {
    return needs_files() || before || after || min_tries > 0;
}

bool Selector::needs_files() const {
    return needs_envelope() || host || larger || smaller || sort == SortKey::size ||
           sort == SortKey::host;
}

bool Selector::needs_envelope() const {
    return from || to || owner || subject || reason || message_id;
}

bool Selector::needs_more_than(const QueuedMessage& message) const {
    return needs_envelope() || (needs_files() && !message.is_read);
}

bool Selector::rules_out_sender(std::string_view sender) const {
    return minds_sender() && !matches_address(*from, sender);
}

bool Selector::matches_channel(std::string_view name) const {
    return channel.empty() || matches_wildcard(channel, name);
}

bool Selector::matches_name(const QueuedMessage& message) const {
    if (!any_state && message.is_held() != held) return false;
    if (!matches_channel(message.location.channel)) return false;
    if (message.location.name.attempts < min_tries) return false;
    if (before && message.since >= *before) return false;
    return !after || message.since > *after;
}

bool Selector::matches_content(const QueuedMessage& message) const {
    if (!needs_files()) return true;
    if (!message.is_read) return false;
    if (from || to) {
        const bool sent = from && matches_address(*from, message.sender);
        const bool received =
            to &&
            std::any_of(message.recipients.begin(), message.recipients.end(), [&](const auto& one) {
                return matches_address(*to, one);
            });
        const bool both = from_and_to && from && to;
        if (both ? !(sent && received) : !(sent || received)) return false;
    }
    if (owner && !matches_wildcard(*owner, message.owner)) return false;
    if (subject && !contains_ignoring_case(message.subject, *subject)) return false;
    if (host && !matches_wildcard(*host, message.host)) return false;
    if (reason && !contains_ignoring_case(message.reason, *reason)) return false;
    if (message_id && without_brackets(message.message_id) != without_brackets(*message_id)) {
        return false;
    }
    if (larger && message.size <= *larger) return false;
    return !smaller || message.size < *smaller;
}

void sort_messages(std::vector<QueuedMessage>& messages, SortKey key) {
    const auto less = [key](const QueuedMessage* left, const QueuedMessage* right) {
        const QueuedMessage& a = *left;
        const QueuedMessage& b = *right;
        const int channels = a.location.channel.compare(b.location.channel);
        if (channels != 0) return channels < 0;
        switch (key) {
            case SortKey::age:
                if (a.since != b.since) return a.since < b.since;
                break;
            case SortKey::size:
                if (a.size != b.size) return a.size > b.size;
                break;
            case SortKey::host:
                if (a.host != b.host) return a.host < b.host;
                break;
            case SortKey::tries:
                if (a.location.name.attempts != b.location.name.attempts) {
                    return a.location.name.attempts > b.location.name.attempts;
                }
                break;
            case SortKey::name:
                break;
        }
        // As a descending sort of the file names: fresh messages first.
        if (a.location.name.attempts != b.location.name.attempts) {
            return a.location.name.attempts < b.location.name.attempts;
        }
        return a.location.name.unique > b.location.name.unique;
    };
    // Messages are large: their places are sorted, and each moves once.
    std::vector<QueuedMessage*> order;
    order.reserve(messages.size());
    for (QueuedMessage& message : messages) order.push_back(&message);
    std::sort(order.begin(), order.end(), less);
    std::vector<QueuedMessage> sorted;
    sorted.reserve(messages.size());
    for (QueuedMessage* message : order) sorted.push_back(std::move(*message));
    messages = std::move(sorted);
}

}  // namespace sluice::utility
