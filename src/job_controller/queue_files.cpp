#include "job_controller/queue_files.h"

#include <algorithm>
#include <utility>

#include "queue/failure.h"
#include "queue/message_file.h"
#include "queue/scan.h"
#include "queue/store.h"

namespace sluice::job_controller {

namespace {

constexpr std::size_t most_aliens = 20;

bool older(const ScannedFile& a, const ScannedFile& b) {
    return a.enqueued != b.enqueued ? a.enqueued < b.enqueued : a.file < b.file;
}

/// Keeps the oldest files of one channel, so many as were asked for.
class OldestFiles {
public:
    explicit OldestFiles(std::size_t most) : most_(most) {}

    void add(ScannedFile file) {
        if (files_.size() < most_) {
            files_.push_back(std::move(file));
            if (files_.size() == most_) std::make_heap(files_.begin(), files_.end(), older);
            return;
        }
        truncated_ = true;
        if (files_.empty() || !older(file, files_.front())) return;
        std::pop_heap(files_.begin(), files_.end(), older);
        files_.back() = std::move(file);
        std::push_heap(files_.begin(), files_.end(), older);
    }
    std::vector<ScannedFile> take() {
        std::sort(files_.begin(), files_.end(), older);
        return std::move(files_);
    }
    [[nodiscard]] bool truncated() const { return truncated_; }

private:
    std::size_t most_;
    std::vector<ScannedFile> files_;
    bool truncated_ = false;
};

std::optional<ScannedFile> file_of(
    const queue::Store& store, const queue::ScannedMessage& message, std::chrono::seconds least_age
) {
    if (message.name.state() != queue::MessageState::eligible) return std::nullopt;
    const queue::MessageLocation location = message.location();
    ScannedFile file;
    file.file = location.relative_path().substr(location.channel.size() + 1);
    file.attempts = message.name.attempts;
    const auto arrival = queue::arrival_time(message.name.unique);
    if (arrival) file.enqueued = *arrival;
    WallTime changed = file.enqueued;
    if (file.attempts > 0 || !arrival) {
        const auto attempt = queue::last_attempt_time(store, location);
        const bool gone = !attempt && queue::failure_kind(attempt.error()) == queue::Failure::gone;
        if (gone) return std::nullopt;
        // What cannot be looked at is there all the same: as if it had been tried just now.
        file.last_attempt = attempt ? *attempt : store.clock().wall_now();
        if (attempt) changed = *attempt;
        if (!arrival) file.enqueued = file.last_attempt;
    }
    if (least_age.count() > 0 && store.clock().wall_now() - changed < least_age) {
        return std::nullopt;
    }
    return file;
}

jobs::Priority priority_named(std::string_view name) {
    if (name == "urgent") return jobs::Priority::urgent;
    if (name == "nonurgent") return jobs::Priority::nonurgent;
    if (name == "second") return jobs::Priority::second;
    if (name == "third") return jobs::Priority::third;
    return jobs::Priority::normal;
}

std::string destination(const queue::Recipient& recipient) {
    if (recipient.host) return *recipient.host;
    const std::size_t at = recipient.address.rfind('@');
    return at == std::string::npos ? std::string() : recipient.address.substr(at + 1);
}

}  // namespace

ScannedChannel scan_files(const queue::Store& store, const ScanChannel& request) {
    ScannedChannel answer;
    answer.channel = request.channel;
    OldestFiles oldest(request.most);
    queue::ScanVisitor visitor;
    visitor.message = [&](const queue::ScannedMessage& message) {
        if (auto file = file_of(store, message, request.least_age)) oldest.add(std::move(*file));
    };
    visitor.alien = [&](std::string_view path, std::string_view reason) {
        if (answer.aliens.size() < most_aliens) {
            answer.aliens.push_back(std::string(path) + ": " + std::string(reason));
        }
    };
    if (auto scanned = queue::scan_channel(store, request.channel, visitor); !scanned) {
        answer.result = ScanResult::failed;
        answer.aliens.push_back(scanned.error().to_debug_string());
        return answer;
    }
    answer.files = oldest.take();
    if (oldest.truncated()) answer.result = ScanResult::truncated;
    return answer;
}

std::optional<Identity> read_identity(queue::Store& store, const Identify& request) {
    const auto location = queue::MessageLocation::parse(request.channel + '/' + request.file);
    if (!location) return std::nullopt;
    auto file = queue::MessageFile::open(store, *location, queue::Access::read);
    if (!file) return std::nullopt;
    const queue::Envelope& envelope = file->envelope();
    Identity identity;
    if (!envelope.recipients.empty()) identity.host = destination(envelope.recipients.front());
    if (identity.host.size() > jobs::max_host_name) identity.host.clear();
    identity.priority = priority_named(envelope.priority);
    identity.size = file->content_size();
    identity.recipients = static_cast<std::uint32_t>(envelope.recipients.size());
    identity.enqueued = envelope.enqueued;
    return identity;
}

bool is_deliverable_file(std::string_view file) {
    const std::size_t slash = file.find('/');
    if (slash != std::string_view::npos) {
        if (!queue::is_sub_directory_name(file.substr(0, slash))) return false;
        file.remove_prefix(slash + 1);
    }
    const auto name = queue::parse_message_name(file);
    return name && name->state() == queue::MessageState::eligible;
}

}  // namespace sluice::job_controller
