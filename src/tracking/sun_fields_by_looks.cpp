// The optional fields of a text entry, told by their looks.
#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "tracking/entry_text.h"
#include "tracking/sun_fields.h"

namespace sluice::tracking {

using log::EventKind;
namespace bit = log::connection_bit;

namespace {

bool is_message_id(std::string_view word) {
    return word.starts_with('<') && word.ends_with('>') && word.size() > 2;
}

// What came in and was taken: such entries have no diagnostic.
bool is_taken_in(EventKind kind) {
    return kind == EventKind::enqueued || kind == EventKind::sender_accepted ||
           kind == EventKind::recipient_accepted;
}

class ByLooks {
public:
    ByLooks(SunFields& fields, log::Event& event, log::LogOptions& shows)
        : fields_(fields), event_(event), shows_(shows) {}

    void run() {
        if (fields_.is_counted()) {
            run_counted();
            return;
        }
        take_flags();
        take_names();
        take_tail();
        take_user_and_host();
        event_.diagnostic = trim(fields_.rest());
        fields_.set_rest({});
        shows_.diagnostics = 1;
    }

private:
    // What a field is long is said here, not which one it is. Empty ones are nobody's.
    void run_counted() {
        const std::string_view flags = fields_.number();
        shows_.notary = !flags.empty();
        if (shows_.notary) event_.notary_flags = static_cast<unsigned>(field_number(flags));
        std::vector<std::string_view> texts;
        while (!fields_.at_end()) {
            const std::string_view digits = fields_.number();
            if (digits.empty()) {
                texts.push_back(fields_.text());
            } else if (fields_.at_end()) {
                event_.queue_time = std::chrono::seconds(field_number(digits));
                shows_.queue_time = true;
            }
        }
        std::erase(texts, std::string_view());
        for (std::size_t i = 0; i < texts.size(); ++i) place_counted(texts, i);
        shows_.diagnostics = 1;
    }
    void place_counted(const std::vector<std::string_view>& texts, std::size_t i) {
        const std::string_view text = texts[i];
        const bool is_last = i + 1 == texts.size();
        const bool in_front = event_.message_id.empty() && event_.diagnostic.empty();
        if (const auto transport = parse_transport(text)) {
            event_.transport = transport;
            shows_.connection |= bit::transport;
        } else if (in_front && !shows_.filename && is_queue_file(text)) {
            event_.file_name = text;
            shows_.filename = true;
        } else if (in_front && is_message_id(text)) {
            apply_message_ids(text, event_);
            shows_.message_id = true;
        } else if (in_front && !is_last && is_message_id(texts[i + 1])) {
            event_.envelope_id = text;
            shows_.envelope_id = true;
        } else if (is_application(text) && !begins_diagnostic(text)) {
            event_.application = text;
            shows_.connection |= bit::application;
        } else if (begins_diagnostic(text) || (is_last && text.find(' ') != std::string_view::npos && !is_taken_in(event_.kind))) {
            event_.diagnostic = text;
        } else if (text.find(" (") != std::string_view::npos || is_host_name(text)) {
            place_host(text);
        } else {
            event_.username = text;
            shows_.username = true;
        }
    }
    void place_host(std::string_view host) {
        shows_.connection |= bit::information;
        if (has_source(event_.kind)) {
            event_.source = parse_source(host);
        } else {
            event_.remote_host = host;
            shows_.connection |= bit::sessions;
        }
    }

    [[nodiscard]] std::string_view next_word() const {
        return fields_.rest().substr(0, fields_.rest().find(' '));
    }
    void skip_empty() {
        while (fields_.rest().starts_with(' ')) fields_.set_rest(fields_.rest().substr(1));
    }

    // A number behind the recipient is the NOTARY flags, unless it is the code of a reply.
    void take_flags() {
        SunFields ahead = fields_;
        const std::string_view digits = ahead.number();
        if (digits.empty()) return;
        const bool answers =
            event_.kind == EventKind::enqueue_refused || event_.kind == EventKind::bad_command;
        const std::string_view next = trim(ahead.rest());
        const bool is_reply = digits.size() == 3 && begins_diagnostic(fields_.rest()) &&
                              (parse_status_code(next.substr(0, next.find(' '))) ||
                               (answers && diagnostic_begin(next) == next.size()));
        if (is_reply) return;
        event_.notary_flags = static_cast<unsigned>(field_number(digits));
        shows_.notary = true;
        fields_ = ahead;
    }

    void take_names() {
        skip_empty();
        if (is_queue_file(next_word())) {
            event_.file_name = fields_.word();
            shows_.filename = true;
            skip_empty();
        }
        SunFields ahead = fields_;
        const std::string_view first = ahead.word();
        const std::string_view second = ahead.rest().substr(0, ahead.rest().find(' '));
        if (!first.empty() && !is_message_id(first) && is_message_id(second)) {
            event_.envelope_id = first;
            shows_.envelope_id = true;
            fields_ = ahead;
        }
        if (is_message_id(next_word())) {
            apply_message_ids(fields_.word(), event_);
            shows_.message_id = true;
        }
    }

    // Numbers, transport and application at the end of the line, where no free text stands.
    void take_tail() {
        const bool free_text = begins_diagnostic(fields_.rest());
        const std::string_view last = fields_.last_word();
        const bool is_number = !last.empty() && parse_unsigned(last).has_value();
        std::string_view before = fields_.rest();
        before.remove_suffix(std::min(before.size(), last.size() + 1));
        const std::string_view neighbour = before.substr(before.rfind(' ') + 1);
        const bool behind_transport = neighbour.starts_with("TCP|") || is_application(neighbour);
        if (is_number && (behind_transport || (!free_text && is_taken_in(event_.kind)))) {
            event_.queue_time = std::chrono::seconds(field_number(last));
            shows_.queue_time = true;
            fields_.drop_last_word(last);
        }
        if (is_application(fields_.last_word())) {
            const std::string_view word = fields_.last_word();
            event_.application = word;
            shows_.connection |= bit::application;
            fields_.drop_last_word(word);
        }
        if (const auto transport = parse_transport(fields_.last_word())) {
            event_.transport = transport;
            shows_.connection |= bit::transport;
            fields_.drop_last_word(fields_.last_word());
        }
    }

    void take_user_and_host() {
        skip_empty();
        const std::string_view rest = fields_.rest();
        const std::size_t diagnostic = diagnostic_begin(rest);
        const std::string_view front = trim(rest.substr(0, diagnostic));
        const auto words = split_words(front);
        if (words.empty()) return;
        // A free text that is no known diagnostic is one all the same.
        const bool enqueued = is_taken_in(event_.kind);
        const bool parenthesised = front.find(" (") != std::string_view::npos;
        if (!enqueued && diagnostic == rest.size() && words.size() > 1 && !parenthesised) return;
        if (!parenthesised && words.size() > 2) return;
        fields_.set_rest(rest.substr(diagnostic));
        const bool has_host = parenthesised || words.size() == 2 ||
                              (is_host_name(words.front()) && words.front().front() != '*');
        std::string_view host = front;
        if (!has_host || (words.size() > 1 && !words[1].starts_with('('))) {
            event_.username = words.front();
            shows_.username = true;
            host = trim(front.substr(words.front().size()));
        }
        if (has_host) place_host(host);
    }

    SunFields& fields_;
    log::Event& event_;
    log::LogOptions& shows_;
};

}  // namespace

void read_fields_by_looks(SunFields& fields, log::Event& event, log::LogOptions& shows) {
    ByLooks(fields, event, shows).run();
}

}  // namespace sluice::tracking
