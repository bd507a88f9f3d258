#include "queue/storage.h"

namespace sluice::queue {

namespace {

class DirectoryByPath final : public StorageDirectory {
public:
    DirectoryByPath(Storage& storage, std::string path)
        : storage_(storage), path_(std::move(path)) {}

    Result<std::unique_ptr<StorageFile>> open_to_read(const std::string& name) override {
        return storage_.open(path_ + '/' + name, Storage::Open::read);
    }

private:
    Storage& storage_;
    std::string path_;
};

}  // namespace

Result<std::string> StorageFile::read_range(std::uint64_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    auto count = read_at(offset, bytes.data(), size);
    if (!count) return std::move(count).error();
    bytes.resize(*count);
    return bytes;
}

Result<std::unique_ptr<StorageDirectory>> Storage::open_directory(const std::string& path) {
    return std::unique_ptr<StorageDirectory>(std::make_unique<DirectoryByPath>(*this, path));
}

}  // namespace sluice::queue
