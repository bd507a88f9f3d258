#include "tracking/story.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "tracking/progress.h"

namespace sluice::tracking {

namespace {

using log::Event;
using log::EventKind;

std::string_view state_of(EventKind kind) {
    switch (kind) {
        case EventKind::dequeued:
            return "delivered";
        case EventKind::deferred:
        case EventKind::requeued:
            return "deferred";
        case EventKind::returned:
            return "bounced";
        case EventKind::discarded:
            return "discarded";
        case EventKind::enqueue_refused:
            return "refused";
        case EventKind::aborted:
            return "aborted";
        case EventKind::enqueued:
        case EventKind::delivery_started:
            return "queued";
        default:
            return {};
    }
}

class Teller {
public:
    explicit Teller(Story& story) : story_(story) {}

    void add(const Record& record) {
        story_.steps.push_back(tell_step(record));
        if (record.dialect == Dialect::qmail_send && record.entry == "info msg") {
            note_message(record.events.front());
            return;
        }
        for (const Event& event : record.events) note(event);
    }

private:
    void note(const Event& event) {
        const std::string_view state = state_of(event.kind);
        if (state.empty()) return;
        note_message(event);
        // Notifications have recipients of their own; they are steps, not what the story is about.
        if (is_notification(event)) return;
        Fate& fate = fate_of(event);
        const bool hop = is_hop(event.source_channel);
        if (hop && event.kind == EventKind::dequeued) return;
        const bool requeued_after_try =
            event.kind == EventKind::enqueued && fate.state == "deferred" && !hop;
        if (!requeued_after_try) fate.state = state;
        fate.time = event.time;
        if (event.kind == EventKind::deferred || event.kind == EventKind::requeued) ++fate.attempts;
        if (!event.diagnostic.empty()) fate.reason = event.diagnostic;
    }

    bool is_notification(const Event& event) {
        if (!event.original_message_id.empty()) notifications_.push_back(event.message_id);
        if (event.sender.empty() && story_.has_sender && !story_.sender.empty()) return true;
        return std::find(notifications_.begin(), notifications_.end(), event.message_id) !=
                   notifications_.end() &&
               !event.message_id.empty();
    }

    void note_message(const Event& event) {
        if (!story_.has_sender && event.original_message_id.empty()) {
            story_.sender = event.sender;
            story_.has_sender = true;
            story_.bytes = event.bytes;
        }
        for (const std::string* id : {&event.message_id, &event.original_message_id}) {
            auto& ids = story_.message_ids;
            if (!id->empty() && std::find(ids.begin(), ids.end(), *id) == ids.end())
                ids.push_back(*id);
        }
    }

    // A list's members share the address that was written to: they are told apart by their own.
    Fate& fate_of(const Event& event) {
        const std::string& original =
            event.original_recipient.empty() ? event.recipient : event.original_recipient;
        Fate* same_original = nullptr;
        for (std::size_t i = 0; i < story_.fates.size(); ++i) {
            if (!equals_ignoring_case(originals_[i], original)) continue;
            if (equals_ignoring_case(actives_[i], event.recipient)) return story_.fates[i];
            same_original = &story_.fates[i];
            same_index_ = i;
        }
        // Another form of the address after a hop or at the end: the same recipient, unless an
        // entry says that there is one more.
        const bool one_more = event.kind == EventKind::enqueued && !is_hop(event.source_channel);
        if (same_original != nullptr && !one_more) {
            actives_[same_index_] = event.recipient;
            return *same_original;
        }
        story_.fates.push_back({});
        originals_.push_back(original);
        actives_.push_back(event.recipient);
        story_.fates.back().recipient =
            equals_ignoring_case(original, event.recipient) || event.recipient.empty()
                ? original
                : event.recipient + " (" + original + ')';
        return story_.fates.back();
    }

    Story& story_;
    std::vector<std::string> originals_;
    std::vector<std::string> actives_;
    std::vector<std::string> notifications_;
    std::size_t same_index_ = 0;
};

}  // namespace

std::string Story::state() const {
    constexpr std::array<std::string_view, 7> by_weight = {
        "bounced", "discarded", "refused", "aborted", "deferred", "queued", "delivered"};
    for (const std::string_view state : by_weight) {
        for (const Fate& fate : fates) {
            if (fate.state == state) return std::string(state);
        }
    }
    return "unknown";
}

Story tell_story(const Group& group, const LineReader& reader) {
    Story story;
    story.begun = group.begun;
    story.ended = group.ended;
    story.guessed = group.guessed;
    story.flushed = group.flushed;
    Completion completion;
    Teller teller(story);
    for (const KeptLine& line : group.lines) {
        Record record = reader.read(line.text);
        completion.complete(record);
        teller.add(record);
    }
    return story;
}

}  // namespace sluice::tracking
