#include "stdin_file.h"

#include "base/file.h"

namespace sluice::pipe {

namespace {

constexpr std::size_t buffer_size = 65536;

}  // namespace

Result<void> StdinFile::append(std::string_view wire) {
    while (!wire.empty()) {
        if (pending_cr_ && wire.front() != '\n') buffer_ += '\r';
        const std::size_t cr = wire.find('\r');
        buffer_.append(wire.substr(0, cr));
        pending_cr_ = cr != std::string_view::npos;
        wire.remove_prefix(pending_cr_ ? cr + 1 : wire.size());
    }
    return buffer_.size() >= buffer_size ? flush() : Result<void>();
}

Result<void> StdinFile::flush() {
    size_ += buffer_.size();
    auto written = write_all(file_.get(), buffer_);
    buffer_.clear();
    return written;
}

Result<std::uint64_t> StdinFile::finish() {
    if (pending_cr_) buffer_ += '\r';
    pending_cr_ = false;
    if (auto written = flush(); !written) return std::move(written).error();
    return size_;
}

}  // namespace sluice::pipe
