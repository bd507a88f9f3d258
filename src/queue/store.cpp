#include "queue/store.h"

#include <random>
#include <utility>
#include <vector>

#include "queue/failure.h"
#include "queue/segments.h"
#include "queue/storage.h"
#include "queue/traced_storage.h"

namespace sluice::queue {

Store::Store(
    std::string root,
    StoreOptions options,
    Storage& storage,
    const Clock& clock,
    std::uint32_t owner
)
    : root_(std::move(root)),
      options_(options),
      storage_(storage),
      clock_(clock),
      owner_(owner),
      segments_(std::make_unique<Segments>(root_, storage)),
      directory_syncs_(storage, *segments_, options.sync_interval) {}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(
    std::string root, StoreOptions options, Storage& storage, const Clock& clock
) {
    while (root.size() > 1 && root.back() == '/') root.pop_back();
    auto status = storage.status(root);
    if (!status) return std::move(status).error();
    if (status->kind != FileKind::directory) {
        return alien_error("queue root " + root + " is not a directory");
    }
    return std::unique_ptr<Store>(new Store(std::move(root), options, storage, clock, status->owner)
    );
}

Result<std::unique_ptr<Store>> Store::open_traced(
    std::string root, StoreOptions options, std::function<void(std::string_view line)> say
) {
    auto traced = make_traced_storage(posix_storage(), std::move(say));
    auto store = open(std::move(root), options, *traced);
    if (store) (*store)->traced_ = std::move(traced);
    return store;
}

Result<std::string> Store::next_unique() {
    auto made = ids();
    if (!made) return std::move(made).error();
    return (*made)->next(clock_.wall_now());
}

Result<UniqueIds*> Store::ids() {
    const std::lock_guard lock(mutex_);
    if (!ids_) {
        auto node = claim_node();
        if (!node) return std::move(node).error();
        ids_ = std::make_unique<UniqueIds>(*std::move(node));
    }
    return ids_.get();
}

// A process holds the lock on one octet of "<root>/.nodes" while it lives: its node.
Result<std::string> Store::claim_node() {
    auto file = storage_.open(root_ + "/.nodes", Storage::Open::create_or_open);
    if (!file) return std::move(file).error();
    std::random_device random;
    const unsigned start = random() % node_count;
    for (unsigned i = 0; i < node_count; ++i) {
        const unsigned node = (start + i) % node_count;
        auto locked = (*file)->try_lock(node, 1);
        if (!locked) return std::move(locked).error();
        if (!*locked) continue;
        node_claim_ = *std::move(file);
        return node_name(node);
    }
    // More processes than nodes: exclusive creation still keeps names apart.
    return node_name(start);
}

// Directories are synced even where they exist: another process may have made them a moment ago
// and not come to its sync yet.
Result<void> Store::prepare(const std::string& channel, const std::string& sub_directory) {
    if (!is_channel_directory_name(channel) || !is_sub_directory_name(sub_directory)) {
        return Error::from_errno(EINVAL, "channel directory " + channel + '/' + sub_directory);
    }
    const std::string key = channel + '/' + sub_directory;
    const std::lock_guard lock(mutex_);
    if (prepared_.contains(key)) return {};
    const std::string directory = root_ + '/' + channel;
    const std::string inner = directory + '/' + sub_directory;
    for (const std::string& path : {directory, directory + "/tmp", inner}) {
        if (auto made = storage_.make_directory(path); !made) return made;
    }
    for (const std::string& path : {directory, root_}) {
        if (auto synced = storage_.sync_directory(path); !synced) return synced;
    }
    prepared_.insert(key);
    return {};
}

void Store::forget_prepared() {
    const std::lock_guard lock(mutex_);
    prepared_.clear();
}

namespace {

/// Looks through one directory for a unique part.
class Search {
public:
    Search(
        Storage& storage,
        const std::string& root,
        const std::string& channel,
        std::string_view unique
    )
        : storage_(storage), directory_(root + '/' + channel), channel_(channel), unique_(unique) {}

    /// Empty: the channel's own directory, whose sub-directories are noted.
    Result<void> look_in(const std::string& sub_directory) {
        const std::string path =
            sub_directory.empty() ? directory_ : directory_ + '/' + sub_directory;
        auto listed = storage_.list(path, [&](std::string_view name, FileKind kind) {
            if (kind == FileKind::regular) look_at(sub_directory, name);
            if (kind == FileKind::directory && sub_directory.empty() &&
                is_sub_directory_name(name)) {
                sub_directories_.emplace_back(name);
            }
        });
        if (!listed && failure_kind(listed.error()) != Failure::gone) return listed;
        return {};
    }
    Result<void> look_everywhere() {
        if (auto listed = look_in(""); !listed) return listed;
        for (const std::string& sub_directory : sub_directories_) {
            if (found_) break;
            if (auto listed = look_in(sub_directory); !listed) return listed;
        }
        return {};
    }
    [[nodiscard]] const std::optional<MessageLocation>& found() const { return found_; }

private:
    void look_at(const std::string& sub_directory, std::string_view name) {
        const auto parsed = parse_message_name(name);
        if (found_ || !parsed || parsed->unique != unique_) return;
        found_ = MessageLocation{channel_, sub_directory, *MessageName::parse(name)};
    }

    Storage& storage_;
    const std::string directory_;
    const std::string channel_;
    const std::string_view unique_;
    std::vector<std::string> sub_directories_;
    std::optional<MessageLocation> found_;
};

}  // namespace

Result<MessageLocation> Store::find(
    const std::string& channel, std::string_view unique, const std::string& hint
) const {
    auto entry = segments_->find(unique);
    if (!entry) return std::move(entry).error();
    if (*entry && (**entry).slot.channel == channel) {
        auto mark = segments_->mark_of(**entry);
        if (!mark) return std::move(mark).error();
        if (*mark == segment::Mark::live) return (**entry).location();
    }
    Search search(storage_, root_, channel, unique);
    if (!hint.empty()) {
        if (auto looked = search.look_in(hint); !looked) return std::move(looked).error();
    }
    if (!search.found()) {
        if (auto looked = search.look_everywhere(); !looked) return std::move(looked).error();
    }
    if (!search.found()) return gone_error("message " + channel + '/' + std::string(unique));
    return *search.found();
}

}  // namespace sluice::queue
