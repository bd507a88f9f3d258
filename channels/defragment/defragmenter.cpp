#include "defragmenter.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <system_error>
#include <thread>

#include "base/kill_point.h"
#include "base/log.h"
#include "base/unique_fd.h"
#include "channel/channel_settings.h"
#include "dequeue/age_limits.h"
#include "dequeue/attempt.h"
#include "dequeue/attempt_log.h"
#include "piece.h"
#include "queue/failure.h"
#include "queue/scan.h"

namespace sluice::defragment {

namespace {

using dequeue::Disposition;
using Dispositions = std::vector<Disposition>;

class Defragmenter final : public dequeue::Deliverer {
public:
    Defragmenter(enqueue::Runtime& runtime, const channel::Channel& channel)
        : runtime_(runtime), channel_(channel), requeuer_(runtime, channel) {}

    Dispositions
    deliver(queue::MessageFile& file, const std::vector<std::size_t>& recipients, const std::string&)
        override {
        if (!is_on_its_way(file, recipients))
            return Dispositions(
                recipients.size(),
                Disposition::failed({5, 7, 1}, "only pieces of messages on their way come here")
            );
        const auto piece = read_piece(file);
        if (!piece) return Dispositions(recipients.size(), Disposition::from(piece.error()));
        if (!*piece) return pass_on(file, recipients);
        const UniqueFd alone = take_turn();
        auto others = find_others(file, (*piece)->key);
        if (!others) return Dispositions(recipients.size(), Disposition::from(others.error()));
        std::vector<message::PartialLabels> labels{(*piece)->labels};
        for (const Other& other : *others) labels.push_back(other.piece.labels);
        const auto whole = find_whole(labels);
        if (!whole.empty()) return put_together(file, recipients, *others, whole);
        if (has_waited_enough(file)) return pass_on(file, recipients);
        const auto& own = (*piece)->labels;
        return Dispositions(
            recipients.size(), Disposition::deferred(
                                   {4, 0, 0}, "piece " + std::to_string(own.number) + " of " +
                                                  total_of(labels) + " waits for the others, " +
                                                  std::to_string(labels.size()) + " are here"
                               )
        );
    }

private:
    struct Other {
        queue::MessageLocation location;
        Piece piece;
    };

    /// Who writes to an address of this channel would otherwise have it passed on to anywhere.
    static bool is_on_its_way(
        const queue::MessageFile& file, const std::vector<std::size_t>& recipients
    ) {
        const auto& all = file.envelope().recipients;
        return std::all_of(recipients.begin(), recipients.end(), [&](std::size_t i) {
            return all[i].onward.has_value();
        });
    }

    static std::string total_of(const std::vector<message::PartialLabels>& pieces) {
        for (const message::PartialLabels& piece : pieces) {
            if (piece.total != 0) return std::to_string(piece.total);
        }
        return "?";
    }

    // Two that hold a piece each would wait for each other.
    [[nodiscard]] UniqueFd take_turn() const {
        const std::string path =
            runtime_.configuration().tailor.path(config::TailorEntry::run) + "defragment.lock";
        UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!lock || ::flock(lock.get(), LOCK_EX) != 0)
            diag::warning("cannot lock " + path + ": " + std::generic_category().message(errno));
        return lock;
    }

    /// Files of this channel are written once, so what was read of a name stays true but for the
    /// recipients that are finished; those are asked for again when the piece is taken.
    Result<std::vector<Other>> find_others(const queue::MessageFile& file, const PieceKey& key) {
        std::vector<queue::MessageLocation> locations;
        queue::ScanVisitor visitor;
        visitor.message = [&](const queue::ScannedMessage& message) {
            auto location = message.location();
            if (location.name.state() == queue::MessageState::eligible &&
                location.name.unique != file.location().name.unique)
                locations.push_back(std::move(location));
        };
        const auto scanned = queue::scan_channel(runtime_.store(), channel_.name(), visitor);
        if (!scanned) return scanned.error();
        std::map<std::string, std::optional<Piece>> known;
        std::vector<Other> others;
        for (queue::MessageLocation& location : locations) {
            const std::string unique = location.name.unique;
            const auto seen = seen_.find(unique);
            auto piece = seen != seen_.end() ? seen->second : look_at(location);
            if (piece && piece->key == key) others.push_back({std::move(location), *piece});
            known.emplace(unique, std::move(piece));
        }
        seen_ = std::move(known);
        return others;
    }

    std::optional<Piece> look_at(const queue::MessageLocation& location) {
        auto file = queue::MessageFile::open(runtime_.store(), location, queue::Access::read);
        if (!file) return std::nullopt;
        const auto piece = read_piece(*file);
        return piece ? *piece : std::nullopt;
    }

    [[nodiscard]] bool has_waited_enough(const queue::MessageFile& file) const {
        const auto limits =
            dequeue::age_limits(runtime_.configuration(), channel_, file.envelope());
        const auto first =
            limits.warn_after.empty() ? limits.give_up_after : limits.warn_after.front();
        const auto age = runtime_.store().clock().wall_now() - file.envelope().enqueued;
        return age >= first / 2;
    }

    Dispositions pass_on(queue::MessageFile& file, const std::vector<std::size_t>& recipients) {
        return requeuer_.requeue(file, recipients, [&file]() -> dequeue::Content {
            return [reader = queue::WireReader(file)]() mutable { return reader.next(); };
        });
    }

    Dispositions put_together(
        queue::MessageFile& file,
        const std::vector<std::size_t>& recipients,
        const std::vector<Other>& others,
        const std::vector<std::size_t>& whole
    ) {
        std::vector<queue::MessageFile> taken;
        taken.reserve(whole.size());
        std::vector<queue::MessageFile*> order;
        for (const std::size_t place : whole) {
            if (place == 0) {
                order.push_back(&file);
                continue;
            }
            auto piece = take(others[place - 1]);
            if (!piece) {
                seen_.clear();  // it is not what it was
                return Dispositions(recipients.size(), Disposition::from(piece.error()));
            }
            taken.push_back(std::move(*piece));
            order.push_back(&taken.back());
        }
        kill_point("defragment.pieces_taken");
        auto dispositions =
            requeuer_.requeue(file, recipients, [&] { return whole_content(order); });
        for (queue::MessageFile& piece : taken) {
            finish(std::move(piece), file.envelope(), recipients, dispositions);
            kill_point("defragment.piece_finished");
        }
        return dispositions;
    }

    /// Somebody who just looks, or an attempt that ends, has it for a moment only.
    Result<queue::MessageFile> take(const Other& other) {
        constexpr int tries = 40;
        for (int i = 0;; ++i) {
            auto file =
                queue::MessageFile::open(runtime_.store(), other.location, queue::Access::own);
            if (!file && queue::failure_kind(file.error()) == queue::Failure::busy && i < tries) {
                std::this_thread::sleep_for(std::chrono::milliseconds(25));
                continue;
            }
            if (!file) return not_usable(file.error().detail());
            if (auto verified = file->verify_content(); !verified)
                return not_usable(verified.error().detail());
            const auto now = read_piece(*file);
            const bool same = now && *now && (*now)->key == other.piece.key;
            if (!same || file->location().name.state() != queue::MessageState::eligible)
                return not_usable("it has changed meanwhile");
            return file;
        }
    }
    static Error not_usable(const std::string& why) {
        return Error::temporary({4, 0, 0}, "another piece cannot be used", why);
    }

    /// What became of the recipients becomes of the same addresses in another piece. Whoever had to
    /// be told has been told about the first.
    void finish(
        queue::MessageFile piece,
        const queue::Envelope& first,
        const std::vector<std::size_t>& recipients,
        const Dispositions& dispositions
    ) {
        dequeue::Attempt attempt(std::move(piece));
        attempt.now = runtime_.store().clock().wall_now();
        const queue::Envelope& envelope = attempt.file.envelope();
        for (std::size_t i = 0; i < recipients.size(); ++i) {
            if (dispositions[i].kind == Disposition::Kind::deferred) continue;
            for (std::size_t k = 0; k < envelope.recipients.size(); ++k) {
                if (envelope.recipients[k].address != first.recipients[recipients[i]].address)
                    continue;
                attempt.indexes.push_back(k);
                attempt.recipients.push_back(envelope.recipients[k]);
                attempt.dispositions.push_back(dispositions[i]);
                break;
            }
        }
        if (attempt.indexes.empty()) return;
        attempt.settlement = dequeue::settle(
            attempt.recipients, attempt.dispositions, std::chrono::seconds(0),
            dequeue::age_limits(runtime_.configuration(), channel_, envelope)
        );
        attempt.told.assign(attempt.indexes.size(), true);
        attempt.warned.assign(attempt.indexes.size(), false);
        attempt.held.assign(attempt.indexes.size(), false);
        const auto options = enqueue::log_options_of(runtime_.configuration(), channel_.name());
        if (runtime_.log().has_readers(channel::has_logging(channel_)))
            runtime_.log().write(dequeue::events_of(runtime_, attempt), options);
        remove(attempt, attempt.indexes.size() == recipients.size());
    }

    void remove(dequeue::Attempt& attempt, bool is_finished) {
        const queue::Actor actor{channel_.name(), static_cast<std::uint32_t>(::getpid()), 0};
        if (is_finished) {
            const auto removed = attempt.file.remove();
            const auto options = enqueue::log_options_of(runtime_.configuration(), channel_.name());
            if (removed && runtime_.log().wants(log::EventKind::message_gone, false, options)) {
                const auto event = dequeue::event_of_end(runtime_, attempt.file, attempt.location);
                runtime_.log().write({&event, 1}, options);
            }
            if (removed) return;
            diag::warning("finished piece not removed: " + removed.error().detail());
        }
        for (const queue::Recipient& recipient : attempt.recipients) {
            const auto noted =
                attempt.file.record_done(actor, recipient.address, "went with another piece");
            if (!noted)
                diag::warning(
                    "duplicate possible for " + recipient.address + ": " + noted.error().detail()
                );
        }
    }

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
    dequeue::Requeuer requeuer_;
    std::map<std::string, std::optional<Piece>> seen_;  ///< by unique part
};

}  // namespace

std::unique_ptr<dequeue::Deliverer> make_defragmenter(
    enqueue::Runtime& runtime, const channel::Channel& channel
) {
    return std::make_unique<Defragmenter>(runtime, channel);
}

}  // namespace sluice::defragment
