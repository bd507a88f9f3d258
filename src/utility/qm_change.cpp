#include "utility/qm_change.h"

#include <algorithm>
#include <atomic>
#include <set>

#include "base/bytes.h"
#include "base/parallel.h"
#include "utility/operator_log.h"
#include "utility/qm_layout.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";
constexpr std::chrono::seconds default_wait{60};
/// Fewer are done before threads have begun; and what a person follows comes in the order asked
/// for.
constexpr std::size_t worth_threads = 256;
constexpr std::size_t most_threads = 16;

std::uint64_t block_size(const enqueue::Runtime& runtime) {
    return static_cast<std::uint64_t>(
        runtime.configuration().options.integer(config::OptionId::block_size)
    );
}

}  // namespace

std::string counted_text(const std::vector<Target>& targets, std::uint64_t block_size) {
    std::set<std::string_view> channels;
    std::uint64_t blocks = 0;
    bool sizes_known = true;
    for (const Target& target : targets) {
        channels.insert(target.message.location.channel);
        blocks += blocks_of(target.message.size, block_size);
        sizes_known = sizes_known && target.message.is_read;
    }
    const auto counted = [](std::uint64_t count, std::string_view what) {
        return std::to_string(count) + ' ' + std::string(what) + (count == 1 ? "" : "s");
    };
    std::string text =
        counted(targets.size(), "message") + ", " + counted(channels.size(), "channel");
    if (sizes_known) text += ", " + counted(blocks, "block");
    return text;
}

MessageChange::MessageChange(
    Invocation& invocation, QmSession& session, enqueue::Runtime& runtime, Action action
)
    : invocation_(invocation),
      line_(invocation.line()),
      console_(invocation.console()),
      session_(session),
      runtime_(runtime),
      report_(invocation, session, runtime, action) {
    order_.action = action;
    if (action != Action::remove) order_.reason = line_.value("reason").value_or("");
}

ExitCode MessageChange::run(const TargetRules& rules) {
    ExitCode code = ExitCode::done;
    const auto targets = find_targets(invocation_, session_, runtime_, rules, code);
    if (!targets) return code;
    return run(*targets);
}

ExitCode MessageChange::run(const Targets& targets, const std::string& hold_keyword) {
    order_.hold_keyword = hold_keyword;
    if (const auto code = read_wait()) return *code;
    if (line_.has("dry_run")) return only_show(targets);
    if (targets.is_set && !line_.is_negated("confirm") && !line_.has("confirm")) {
        const std::string question = std::string(report_.text().verb) + ' ' +
                                     counted_text(targets.messages, block_size(runtime_)) + '?';
        if (!console_.confirm(question)) return cancelled();
    }
    write_audit(invocation_, session_, runtime_, targets.messages.size());
    Progress progress(console_, std::string(report_.text().verb), targets.messages.size());
    if (may_use_threads(targets)) {
        act_on_many(targets, progress);
    } else {
        act_in_order(targets, progress);
    }
    return exit_code();
}

bool MessageChange::may_use_threads(const Targets& targets) const {
    return targets.messages.size() >= worth_threads && !line_.has("confirm") &&
           order_.action != Action::retry;
}

void MessageChange::act_in_order(const Targets& targets, Progress& progress) {
    MessageChanger changer(invocation_, session_, runtime_, order_, report_);
    for (const Target& target : targets.messages) {
        if (line_.has("confirm") && !confirm_one(target)) {
            ++cancelled_;
        } else {
            count(changer.act_on(target));
        }
        progress.advance();
    }
}

void MessageChange::act_on_many(const Targets& targets, Progress& progress) {
    std::atomic<std::size_t> next{0};
    run_in_parallel(most_threads, [&] {
        MessageChanger changer(invocation_, session_, runtime_, order_, report_);
        for (std::size_t i = next++; i < targets.messages.size(); i = next++) {
            const auto fate = changer.act_on(targets.messages[i]);
            const std::lock_guard lock(session_.voice());
            count(fate);
            progress.advance();
        }
    });
}

std::optional<ExitCode> MessageChange::read_wait() {
    if (!line_.has("wait")) return std::nullopt;
    order_.wait = default_wait;
    const auto value = line_.value("wait");
    if (!value) return std::nullopt;
    const auto seconds = parse_unsigned(*value);
    if (!seconds || *seconds > 86400) {
        console_.error(facility, "VALUE", "-wait takes a number of seconds");
        return ExitCode::usage;
    }
    order_.wait = std::chrono::seconds(*seconds);
    return std::nullopt;
}

// --- asking and accounting ---

ExitCode MessageChange::only_show(const Targets& targets) {
    for (const Target& target : targets.messages) {
        if (line_.has("json")) {
            report_.json_line(target, "dry_run");
        } else {
            console_.line(target.message.location.relative_path());
        }
    }
    if (!line_.has("json")) {
        console_.info(
            facility, "DRYRUN",
            counted_text(targets.messages, block_size(runtime_)) + "; " +
                std::string(report_.text().not_done)
        );
    }
    return ExitCode::done;
}

bool MessageChange::confirm_one(const Target& target) {
    return console_.confirm(
        std::string(report_.text().verb) + ' ' + target.name() + " (" +
        target.message.location.relative_path() + ")?"
    );
}

ExitCode MessageChange::cancelled() {
    console_.warning(
        facility, "CANCELLED",
        console_.can_ask() ? "nothing was done"
                           : "nothing was done: nobody can be asked here, see -noconfirm"
    );
    return ExitCode::cancelled;
}

void MessageChange::count(MessageChanger::Fate fate) {
    if (fate == MessageChanger::Fate::done) ++done_;
    if (fate == MessageChanger::Fate::skipped) ++skipped_;
    if (fate == MessageChanger::Fate::failed) ++failed_;
}

ExitCode MessageChange::exit_code() const {
    if (skipped_ > 0 && failed_ == 0) return ExitCode::partly_done;
    if (skipped_ + failed_ > 0) return done_ == 0 ? ExitCode::failed : ExitCode::partly_done;
    return done_ == 0 && cancelled_ > 0 ? ExitCode::cancelled : ExitCode::done;
}

}  // namespace sluice::utility
