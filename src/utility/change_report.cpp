#include "utility/change_report.h"

#include "base/bytes.h"
#include "utility/json_line.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";

}  // namespace

const ActionText& text_of(Action action) {
    static constexpr ActionText texts[] = {
        {"Delete", "deleted", "not deleted", "DELETED"},
        {"Return", "returned", "not returned", "RETURNED"},
        {"Expire", "expired", "not expired", "EXPIRED"},
        {"Hold", "held", "not held", "HELD"},
        {"Release", "released", "not released", "RELEASED"},
        {"Retry", "made ready", "not retried", "READY"},
    };
    return texts[static_cast<std::size_t>(action)];
}

ChangeReport::ChangeReport(
    Invocation& invocation, QmSession& session, enqueue::Runtime& runtime, Action action
)
    : line_(invocation.line()),
      console_(invocation.console()),
      session_(session),
      runtime_(runtime),
      action_(action) {}

void ChangeReport::json_line(
    const Target& target, std::string_view outcome, const std::string& explanation
) {
    const std::lock_guard lock(session_.voice());
    write_json(target, outcome, explanation);
}

void ChangeReport::write_json(
    const Target& target, std::string_view outcome, const std::string& explanation
) {
    JsonLine json;
    json.add("action", to_lower(text().verb))
        .add("file", target.message.location.relative_path())
        .add("outcome", outcome);
    if (target.number != 0) json.add("id", std::uint64_t{target.number});
    if (!explanation.empty()) json.add("text", explanation);
    console_.line(json.to_string());
}

void ChangeReport::warn(const Target& target, std::string_view ident, std::string explanation) {
    const std::lock_guard lock(session_.voice());
    if (line_.has("json")) {
        write_json(target, to_lower(ident), explanation);
    } else {
        console_.warning(facility, ident, std::move(explanation));
    }
}

void ChangeReport::failed(const Target& target, const Error& error) {
    std::string explanation = target.name() + ' ' + std::string(text().not_done) + ": " +
                              (error.detail().empty() ? error.text() : error.detail());
    const std::lock_guard lock(session_.voice());
    if (line_.has("json")) {
        write_json(target, "failed", explanation);
    } else {
        console_.error(facility, "FAILED", std::move(explanation));
    }
}

void ChangeReport::marked(const Target& target, std::string explanation) {
    const std::lock_guard lock(session_.voice());
    if (line_.has("json")) {
        write_json(target, "marked", explanation);
    } else {
        console_.info(facility, "MARKED", std::move(explanation));
    }
}

void ChangeReport::done(const Target& target, const OwnedMessage& message) {
    if (!line_.has("json") && line_.is_negated("log")) return;
    const std::lock_guard lock(session_.voice());
    if (line_.has("json")) return write_json(target, text().done, {});
    console_.info(
        facility, text().ident,
        std::string(text().done) + " the message file " +
            message.before.path(runtime_.store().root())
    );
}

void ChangeReport::no_controller() {
    const std::lock_guard lock(session_.voice());
    if (said_no_controller_) return;
    said_no_controller_ = true;
    console_.info(
        facility, "NOJBC",
        "the job controller does not answer; it will find released messages itself"
    );
}

bool ChangeReport::confirm(const std::string& question) {
    const std::lock_guard lock(session_.voice());
    return console_.confirm(question);
}

}  // namespace sluice::utility
