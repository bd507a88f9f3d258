#include "support/disk_model.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/file.h"

namespace sluice::test {

namespace {

constexpr std::size_t sector_size = 512;
constexpr std::uint32_t owner = 1000;

struct Write {
    std::uint64_t offset;
    std::string bytes;
    bool lost = false;  ///< its sync failed: it may be on disk, and no later sync helps
};

struct Lock {
    std::uint64_t handle;
    std::uint64_t begin;
    std::uint64_t end;
};

void apply(std::string& content, const Write& write) {
    if (content.size() < write.offset + write.bytes.size()) {
        content.resize(write.offset + write.bytes.size(), '\0');
    }
    std::memcpy(content.data() + write.offset, write.bytes.data(), write.bytes.size());
}

std::string_view sector_of(const std::string& content, std::size_t sector) {
    const std::size_t start = std::min(content.size(), sector * sector_size);
    return std::string_view(content).substr(start, sector_size);
}

/// One of the contents a file may have after a power cut: each sector in any of the states it went
/// through, the length too.
std::string survivor(std::string durable, const std::vector<Write>& writes, Choices& choices) {
    if (writes.empty()) return durable;
    std::vector<std::string> versions = {std::move(durable)};
    for (const Write& write : writes) {
        versions.push_back(versions.back());
        apply(versions.back(), write);
    }
    const std::string& length = versions[choices.choose(versions.size())];
    std::string content(length.size(), '\0');
    for (std::size_t sector = 0; sector * sector_size < content.size(); ++sector) {
        std::vector<std::string_view> states;
        for (const std::string& version : versions) {
            const std::string_view state = sector_of(version, sector);
            if (std::find(states.begin(), states.end(), state) == states.end()) {
                states.push_back(state);
            }
        }
        const std::size_t chosen = states.size() > 1 ? choices.choose(states.size()) : 0;
        const std::size_t room = content.size() - sector * sector_size;
        const std::string_view state = states[chosen].substr(0, room);
        std::copy(
            state.begin(), state.end(),
            content.begin() + static_cast<std::ptrdiff_t>(sector * sector_size)
        );
    }
    return content;
}

}  // namespace

std::size_t AllChoices::choose(std::size_t count) {
    if (at_ == digits_.size()) digits_.push_back({0, count});
    return digits_[at_++].value;
}

bool AllChoices::next() {
    at_ = 0;
    while (!digits_.empty() && digits_.back().value + 1 == digits_.back().count) digits_.pop_back();
    if (digits_.empty()) return false;
    ++digits_.back().value;
    return true;
}

struct DiskModel::Inode {
    std::uint64_t number = 0;
    queue::FileKind kind = queue::FileKind::regular;
    WallTime modified{};
    // Regular files: what programs see, what is on disk, and what lies between.
    std::string content;
    std::string durable;
    std::vector<Write> pending;
    std::string before_interruption;  ///< content before the write that a crash came into
    std::vector<Lock> locks;
    bool sync_failed = false;
    std::size_t links = 0;  ///< names that programs see
    // Directories: what programs see, and what is on disk.
    std::map<std::string, InodePtr> names;
    std::map<std::string, InodePtr> durable_names;

    void interrupt_last_write(Choices& choices);
};

// The kernel looks for a fatal signal between pages.
void DiskModel::Inode::interrupt_last_write(Choices& choices) {
    constexpr std::uint64_t page_size = 4096;
    Write& write = pending.back();
    const std::uint64_t first = page_size - write.offset % page_size;
    const std::uint64_t ends = first < write.bytes.size()
                                   ? 1 + (write.bytes.size() - first + page_size - 1) / page_size
                                   : 1;
    // So many pages of it are there.
    const std::size_t pages = choices.choose(ends + 1);
    if (pages == ends) return;
    content = before_interruption;
    if (pages == 0) return pending.pop_back();
    write.bytes.resize(first + (pages - 1) * page_size);
    apply(content, std::as_const(write));
}

/// A name that appeared, moved or went and is not on disk yet.
struct DiskModel::NameChange {
    InodePtr inode;
    InodePtr from;  ///< directory it left; none for a new name
    std::string from_name;
    InodePtr to;  ///< directory it came to; none for a removal
    std::string to_name;

    void apply_durably() const {
        if (from) {
            const auto old = from->durable_names.find(from_name);
            if (old != from->durable_names.end() && old->second == inode) {
                from->durable_names.erase(old);
            }
        }
        if (to) to->durable_names[to_name] = inode;
    }
};

/// An open file of the model.
class ModelFile final : public queue::StorageFile {
public:
    ModelFile(DiskModel& disk, DiskModel::InodePtr inode, std::string path, std::uint64_t number)
        : disk_(disk), inode_(std::move(inode)), path_(std::move(path)), number_(number) {}

    ~ModelFile() override {
        const std::lock_guard lock(disk_.mutex_);
        std::erase_if(inode_->locks, [this](const Lock& one) { return one.handle == number_; });
    }
    ModelFile(const ModelFile&) = delete;
    ModelFile& operator=(const ModelFile&) = delete;

    Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
        const std::lock_guard lock(disk_.mutex_);
        const int error = disk_.begin("write", path_);
        if (error != 0 && disk_.power_off_) return Error::from_errno(error, "write " + path_);
        // A few octets of one page are written at once or not at all.
        if (error != 0) bytes = bytes.substr(0, bytes.size() > 8 ? bytes.size() / 2 : 0);
        if (!bytes.empty()) {
            const Write write{offset, std::string(bytes)};
            if (disk_.power_off_) {
                disk_.interrupted_ = inode_;
                inode_->before_interruption = inode_->content;
            }
            apply(inode_->content, write);
            inode_->pending.push_back(write);
            inode_->modified = disk_.tick();
        }
        if (error != 0) return Error::from_errno(error, "write " + path_);
        return disk_.end("write", path_);
    }

    Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t size) override {
        const std::lock_guard lock(disk_.mutex_);
        if (const int error = disk_.begin("read", path_)) {
            return Error::from_errno(error, "read " + path_);
        }
        if (offset >= inode_->content.size()) return std::size_t{0};
        return inode_->content.copy(to, size, offset);
    }

    Result<void> reserve(std::uint64_t /*offset*/, std::uint64_t /*size*/) override {
        const std::lock_guard lock(disk_.mutex_);
        if (const int error = disk_.begin("reserve", path_)) {
            return Error::from_errno(error, "reserve " + path_);
        }
        return disk_.end("reserve", path_);
    }

    void start_sync() override {}

    Result<void> sync_data() override {
        const std::lock_guard lock(disk_.mutex_);
        if (inode_->sync_failed) ++disk_.forbidden_syncs_;
        if (const int error = disk_.begin("sync", path_)) {
            inode_->sync_failed = true;
            for (Write& write : inode_->pending) write.lost = true;
            return Error::from_errno(error, "sync " + path_);
        }
        if (auto ended = disk_.end("sync", path_); !ended) return ended;
        if (disk_.forgets("sync", path_)) return {};
        for (const Write& write : inode_->pending) {
            if (!write.lost) apply(inode_->durable, write);
        }
        std::erase_if(inode_->pending, [](const Write& write) { return !write.lost; });
        return {};
    }

    Result<queue::FileStatus> status() override {
        const std::lock_guard lock(disk_.mutex_);
        if (const int error = disk_.begin("status", path_)) {
            return Error::from_errno(error, "status " + path_);
        }
        return disk_.status_of(inode_);
    }

    Result<void> set_modified(WallTime time) override {
        const std::lock_guard lock(disk_.mutex_);
        if (const int error = disk_.begin("set_modified", path_)) {
            return Error::from_errno(error, "set_modified " + path_);
        }
        inode_->modified = time;
        return disk_.end("set_modified", path_);
    }

    Result<bool> try_lock(std::uint64_t offset, std::uint64_t size) override {
        const std::lock_guard lock(disk_.mutex_);
        if (const int error = disk_.begin("lock", path_)) {
            return Error::from_errno(error, "lock " + path_);
        }
        const std::uint64_t end = size == 0 ? ~std::uint64_t{0} : offset + size;
        for (const Lock& one : inode_->locks) {
            if (one.handle != number_ && one.begin < end && offset < one.end) return false;
        }
        inode_->locks.push_back({number_, offset, end});
        return true;
    }

    void unlock(std::uint64_t offset, std::uint64_t size) override {
        const std::lock_guard lock(disk_.mutex_);
        const std::uint64_t end = size == 0 ? ~std::uint64_t{0} : offset + size;
        std::vector<Lock> kept;
        for (const Lock& one : inode_->locks) {
            if (one.handle != number_ || end <= one.begin || one.end <= offset) {
                kept.push_back(one);
                continue;
            }
            if (one.begin < offset) kept.push_back({number_, one.begin, offset});
            if (end < one.end) kept.push_back({number_, end, one.end});
        }
        inode_->locks = std::move(kept);
    }

    [[nodiscard]] int descriptor() const override { return -1; }

private:
    DiskModel& disk_;
    DiskModel::InodePtr inode_;
    std::string path_;
    std::uint64_t number_;
};

DiskModel::DiskModel(const std::string& root) : root_path_(root), root_(std::make_shared<Inode>()) {
    root_->kind = queue::FileKind::directory;
    root_->number = next_inode_++;
}

DiskModel::~DiskModel() = default;

void DiskModel::set_fault(Fault fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
}

void DiskModel::set_forgetful(Forgets forgets) {
    const std::lock_guard lock(mutex_);
    forgets_ = std::move(forgets);
}

void DiskModel::cut_power_at(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    cut_at_ = number;
}

bool DiskModel::power_is_off() const {
    const std::lock_guard lock(mutex_);
    return power_off_;
}

std::uint64_t DiskModel::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

unsigned DiskModel::forbidden_syncs() const {
    const std::lock_guard lock(mutex_);
    return forbidden_syncs_;
}

int DiskModel::begin(std::string_view call, const std::string& path) {
    if (power_off_) return EIO;
    ++calls_;
    if (calls_ == cut_at_) power_off_ = true;
    return !power_off_ && fault_ ? fault_(call, path, calls_) : 0;
}

Result<void> DiskModel::end(std::string_view call, const std::string& path) const {
    if (!power_off_) return {};
    return Error::from_errno(EIO, std::string(call) + ' ' + path + ", power is off");
}

WallTime DiskModel::tick() {
    return WallTime(std::chrono::microseconds(++now_));
}

DiskModel::InodePtr DiskModel::find(const std::string& path) const {
    if (path == root_path_) return root_;
    if (!path.starts_with(root_path_ + '/')) return nullptr;
    InodePtr at = root_;
    std::string_view rest = std::string_view(path).substr(root_path_.size() + 1);
    while (at && !rest.empty()) {
        const std::size_t slash = rest.find('/');
        const auto next = at->names.find(std::string(rest.substr(0, slash)));
        at = next == at->names.end() ? nullptr : next->second;
        rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    }
    return at;
}

DiskModel::InodePtr DiskModel::parent_of(const std::string& path) const {
    return find(directory_of(path));
}

queue::FileStatus DiskModel::status_of(const InodePtr& inode) const {
    queue::FileStatus status;
    status.kind = inode->kind;
    status.device = 1;
    status.inode = inode->number;
    status.links = inode->links;
    status.size = inode->content.size();
    status.owner = owner;
    status.mode = 0600;
    status.modified = inode->modified;
    return status;
}

void DiskModel::change_name(NameChange change) {
    if (change.from) change.inode->links -= change.from->names.erase(change.from_name);
    if (change.to && change.to->names.insert_or_assign(change.to_name, change.inode).second)
        ++change.inode->links;
    pending_names_.push_back(std::move(change));
}

std::unique_ptr<queue::StorageFile> DiskModel::handle(
    const InodePtr& inode, const std::string& path
) {
    return std::make_unique<ModelFile>(*this, inode, path, next_handle_++);
}

Result<std::unique_ptr<queue::StorageFile>> DiskModel::create(const std::string& path) {
    const std::lock_guard lock(mutex_);
    int error = begin("create", path);
    const InodePtr parent = parent_of(path);
    if (error == 0 && !parent) error = ENOENT;
    if (error == 0 && find(path)) error = EEXIST;
    if (error != 0) return Error::from_errno(error, "create " + path);
    const auto inode = std::make_shared<Inode>();
    inode->number = next_inode_++;
    inode->modified = tick();
    change_name({inode, nullptr, {}, parent, path.substr(path.rfind('/') + 1)});
    if (auto ended = end("create", path); !ended) return std::move(ended).error();
    return handle(inode, path);
}

Result<std::unique_ptr<queue::StorageFile>> DiskModel::open(const std::string& path, Open mode) {
    if (mode == Open::create_or_open) {
        auto created = create(path);
        if (created || created.error().error_number() != EEXIST) return created;
    }
    const std::lock_guard lock(mutex_);
    int error = begin("open", path);
    const InodePtr inode = find(path);
    if (error == 0 && !inode) error = ENOENT;
    if (error == 0 && inode->kind == queue::FileKind::symlink) error = ELOOP;
    if (error == 0 && inode->kind == queue::FileKind::directory && mode != Open::read) {
        error = EISDIR;
    }
    if (error != 0) return Error::from_errno(error, "open " + path);
    return handle(inode, path);
}

Result<void> DiskModel::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    int error = begin("rename", to);
    const InodePtr inode = find(from);
    const InodePtr directory = parent_of(to);
    if (error == 0 && (!inode || !directory)) error = ENOENT;
    if (error == 0 && find(to)) error = EEXIST;
    if (error != 0) return Error::from_errno(error, "rename " + from + " to " + to);
    change_name(
        {inode, parent_of(from), from.substr(from.rfind('/') + 1), directory,
         to.substr(to.rfind('/') + 1)}
    );
    return end("rename", to);
}

Result<void> DiskModel::unlink(const std::string& path) {
    const std::lock_guard lock(mutex_);
    int error = begin("unlink", path);
    const InodePtr inode = find(path);
    if (error == 0 && !inode) error = ENOENT;
    if (error != 0) return Error::from_errno(error, "unlink " + path);
    change_name({inode, parent_of(path), path.substr(path.rfind('/') + 1), nullptr, {}});
    return end("unlink", path);
}

Result<void> DiskModel::make_directory(const std::string& path) {
    const std::lock_guard lock(mutex_);
    int error = begin("mkdir", path);
    const InodePtr parent = parent_of(path);
    if (error == 0 && !parent) error = ENOENT;
    if (error != 0) return Error::from_errno(error, "mkdir " + path);
    if (!find(path)) {
        const auto inode = std::make_shared<Inode>();
        inode->kind = queue::FileKind::directory;
        inode->number = next_inode_++;
        change_name({inode, nullptr, {}, parent, path.substr(path.rfind('/') + 1)});
    }
    return end("mkdir", path);
}

// A move belongs to the directory it goes to; syncing the one it leaves promises nothing.
Result<void> DiskModel::sync_directory(const std::string& path) {
    const std::lock_guard lock(mutex_);
    int error = begin("sync_directory", path);
    const InodePtr directory = find(path);
    if (error == 0 && !directory) error = ENOENT;
    if (error != 0) return Error::from_errno(error, "sync_directory " + path);
    if (auto ended = end("sync_directory", path); !ended) return ended;
    if (forgets("sync_directory", path)) return {};
    std::vector<bool> durable;
    for (const NameChange& change : pending_names_) {
        durable.push_back(change.to ? change.to == directory : change.from == directory);
    }
    take_predecessors(durable);
    std::vector<NameChange> kept;
    for (std::size_t i = 0; i < durable.size(); ++i) {
        if (durable[i]) {
            pending_names_[i].apply_durably();
        } else {
            kept.push_back(pending_names_[i]);
        }
    }
    pending_names_ = std::move(kept);
    return {};
}

// File systems keep the order of what happens to one file's names: a second move is not on disk
// without the first. Changes of different files know no order.
void DiskModel::take_predecessors(std::vector<bool>& taken) const {
    for (std::size_t later = taken.size(); later-- > 0;) {
        if (!taken[later]) continue;
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            if (pending_names_[earlier].inode == pending_names_[later].inode) taken[earlier] = true;
        }
    }
}

Result<queue::FileStatus> DiskModel::status(const std::string& path) {
    const std::lock_guard lock(mutex_);
    int error = begin("status", path);
    const InodePtr inode = find(path);
    if (error == 0 && !inode) error = ENOENT;
    if (error != 0) return Error::from_errno(error, "status " + path);
    return status_of(inode);
}

Result<void> DiskModel::list(const std::string& path, const Visit& visit) {
    std::vector<std::pair<std::string, queue::FileKind>> entries;
    {
        const std::lock_guard lock(mutex_);
        int error = begin("list", path);
        const InodePtr inode = find(path);
        if (error == 0 && !inode) error = ENOENT;
        if (error != 0) return Error::from_errno(error, "list " + path);
        for (const auto& [name, entry] : inode->names) entries.emplace_back(name, entry->kind);
    }
    for (const auto& [name, kind] : entries) visit(name, kind);
    return {};
}

std::unique_ptr<DiskModel> DiskModel::after_power_cut(Choices& choices) const {
    const std::lock_guard lock(mutex_);
    // Copies of all inodes, with only what the disk has; then some of what was on its way.
    std::map<InodePtr, InodePtr> copies;
    const auto copy_of = [&copies](const InodePtr& inode) {
        InodePtr& copy = copies[inode];
        if (!copy && inode) {
            copy = std::make_shared<Inode>();
            copy->number = inode->number;
            copy->kind = inode->kind;
            copy->modified = inode->modified;
        }
        return copy;
    };
    const std::function<void(const InodePtr&)> copy_names = [&](const InodePtr& inode) {
        for (const auto& [name, entry] : inode->durable_names) {
            copy_of(inode)->durable_names[name] = copy_of(entry);
            copy_names(entry);
        }
    };
    copy_names(root_);
    std::vector<bool> survived;
    for (std::size_t i = 0; i < pending_names_.size(); ++i) {
        survived.push_back(choices.choose(2) == 1);
    }
    take_predecessors(survived);
    for (std::size_t i = 0; i < survived.size(); ++i) {
        const NameChange& change = pending_names_[i];
        copy_names(change.inode);
        if (!survived[i]) continue;
        NameChange{
            copy_of(change.inode), copy_of(change.from), change.from_name, copy_of(change.to),
            change.to_name}
            .apply_durably();
    }
    auto disk = std::make_unique<DiskModel>(root_path_);
    disk->root_ = copy_of(root_);
    disk->next_inode_ = next_inode_;
    disk->now_ = now_;
    // What has no name any more is not asked for.
    std::set<InodePtr> reachable;
    const std::function<void(const InodePtr&)> walk = [&](const InodePtr& inode) {
        reachable.insert(inode);
        for (const auto& [name, entry] : inode->durable_names) {
            ++entry->links;
            walk(entry);
        }
        inode->names = inode->durable_names;
    };
    walk(disk->root_);
    std::vector<std::pair<InodePtr, InodePtr>> in_order(copies.begin(), copies.end());
    std::sort(in_order.begin(), in_order.end(), [](const auto& a, const auto& b) {
        return (a.first ? a.first->number : 0) < (b.first ? b.first->number : 0);
    });
    for (const auto& [inode, copy] : in_order) {
        if (!inode || !reachable.contains(copy)) continue;
        copy->durable = survivor(inode->durable, inode->pending, choices);
        copy->content = copy->durable;
    }
    return disk;
}

std::unique_ptr<DiskModel> DiskModel::after_kill(Choices& choices) const {
    const std::lock_guard lock(mutex_);
    std::map<InodePtr, InodePtr> copies;
    const std::function<InodePtr(const InodePtr&)> copy_of = [&](const InodePtr& inode) {
        if (!inode) return inode;
        if (const auto known = copies.find(inode); known != copies.end()) return known->second;
        const auto twin = std::make_shared<Inode>(*inode);
        copies[inode] = twin;
        twin->locks.clear();
        twin->sync_failed = false;  // those who open it anew are not told
        for (auto& [name, entry] : twin->names) entry = copy_of(entry);
        for (auto& [name, entry] : twin->durable_names) entry = copy_of(entry);
        if (inode == interrupted_) twin->interrupt_last_write(choices);
        return twin;
    };
    auto disk = std::make_unique<DiskModel>(root_path_);
    disk->root_ = copy_of(root_);
    for (const NameChange& change : pending_names_) {
        disk->pending_names_.push_back(
            {copy_of(change.inode), copy_of(change.from), change.from_name, copy_of(change.to),
             change.to_name}
        );
    }
    disk->next_inode_ = next_inode_;
    disk->now_ = now_;
    return disk;
}

std::vector<std::string> DiskModel::files_below(const std::string& directory) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> paths;
    const std::function<void(const InodePtr&, const std::string&)> walk =
        [&](const InodePtr& inode, const std::string& at) {
            for (const auto& [name, entry] : inode->names) {
                if (entry->kind == queue::FileKind::regular) paths.push_back(at + '/' + name);
                walk(entry, at + '/' + name);
            }
        };
    if (const InodePtr start = find(directory)) walk(start, directory);
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::string DiskModel::content(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    const InodePtr inode = find(path);
    return inode ? inode->content : std::string();
}

void DiskModel::plant(const std::string& path, std::string content) {
    const std::lock_guard lock(mutex_);
    const InodePtr parent = parent_of(path);
    const auto inode = std::make_shared<Inode>();
    inode->number = next_inode_++;
    inode->content = content;
    inode->durable = std::move(content);
    inode->links = 1;
    InodePtr& name = parent->names[path.substr(path.rfind('/') + 1)];
    if (name) --name->links;
    name = inode;
    parent->durable_names[path.substr(path.rfind('/') + 1)] = inode;
}

}  // namespace sluice::test
