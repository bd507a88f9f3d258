#include "enqueue/inner_headers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/log.h"
#include "policy/header_rewriting.h"

namespace sluice::enqueue {

using channel::Channel;
using message::MimePart;
using message::PieceKind;

bool InnerHeaders::is_wanted(const Channel& source, const Channel& destination) {
    return source.has(channel::Keyword::inner) || destination.has(channel::Keyword::inner);
}

InnerHeaders::InnerHeaders(
    std::unique_ptr<HeaderWork> work,
    std::vector<const Channel*> destinations,
    Write write,
    std::string_view outer
)
    : work_(std::move(work)),
      destinations_(std::move(destinations)),
      write_(std::move(write)),
      scanner_({}, this),
      skip_(outer.size()) {
    work_->answers->begin_anew();
    scanner_.feed(outer);
}

Result<void> InnerHeaders::feed(std::string_view bytes) {
    scanner_.feed(bytes);
    return write_items();
}

Result<void> InnerHeaders::finish() {
    scanner_.finish();
    end_header();
    return write_items();
}

Result<void> InnerHeaders::get_answers() {
    work_->answers->wait_from_now_on();
    pending_ = false;
    auto written = write_items();
    work_->answers->begin_anew();
    return written;
}

void InnerHeaders::piece(PieceKind kind, const MimePart& part, std::string_view bytes) {
    const auto outer = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
    skip_ -= outer;
    bytes.remove_prefix(outer);
    const bool is_inner =
        kind == PieceKind::header && part.is_message_header && part.parent != MimePart::none;
    if (!is_inner) return pass(bytes);
    header_ += bytes;
    if (rewritten_ + header_.size() <= most_octets) return;
    // Part of a header may end within an address.
    rewritten_ = most_octets;
    pass(std::exchange(header_, {}));
}

void InnerHeaders::header_ended(const MimePart&) {
    end_header();
}

void InnerHeaders::end_header() {
    if (header_.empty()) return;
    rewritten_ += header_.size();
    items_.push_back({std::exchange(header_, {}), true});
}

void InnerHeaders::pass(std::string_view bytes) {
    if (bytes.empty() || failure_) return;
    if (auto written = write_items(); !written) return;
    if (items_.empty()) {
        if (auto written = write_all(bytes); !written) failure_ = written.error();
    } else if (items_.back().is_header) {
        items_.push_back({std::string(bytes), false});
    } else {
        items_.back().octets += bytes;
    }
}

Result<void> InnerHeaders::write_items() {
    while (!items_.empty() && !failure_ && !pending_) {
        const Item& item = items_.front();
        auto written = item.is_header ? write_header(item.octets) : write_all(item.octets);
        if (pending_) break;
        if (!written) failure_ = written.error();
        items_.pop_front();
    }
    return failure_ ? Result<void>(*failure_) : Result<void>();
}

Result<void> InnerHeaders::write_all(std::string_view bytes) {
    for (std::size_t i = 0; i < destinations_.size(); ++i) {
        if (auto written = write_(i, bytes); !written) return written;
    }
    return {};
}

// Nothing is written before all versions are known.
Result<void> InnerHeaders::write_header(const std::string& header) {
    work_->answers->begin();
    std::map<const Channel*, std::optional<std::string>> versions;
    for (const Channel* destination : destinations_) {
        if (destination == nullptr) continue;
        const auto [version, is_new] = versions.try_emplace(destination);
        if (!is_new) continue;
        const policy::Origin origin{work_->client_name, work_->authenticated};
        const policy::CopyContext context{
            *work_->configuration, *work_->source, *destination, origin,
            *work_->answers,       nullptr,        &warnings_};
        auto changed = policy::rewrite_header(context, header);
        tell_warnings();
        pending_ = work_->answers->is_pending();
        if (pending_) return {};
        if (!changed) return std::move(changed).error();
        version->second = std::move(*changed);
    }
    for (std::size_t i = 0; i < destinations_.size(); ++i) {
        const auto version = versions.find(destinations_[i]);
        const bool is_changed = version != versions.end() && version->second.has_value();
        auto written = write_(i, is_changed ? *version->second : header);
        if (!written) return written;
    }
    return {};
}

void InnerHeaders::tell_warnings() {
    for (const std::string& warning : std::exchange(warnings_, {})) {
        if (told_.insert(warning).second) diag::warning(warning);
    }
}

}  // namespace sluice::enqueue
