#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "qmail_log/send_lines.h"
#include "store/shared_table.h"

namespace sluice::qmail_log {

/// SendCounters of all processes of an instance, in one file (docs/formats/qmail-ledger.md). It is
/// a cache: when it is deleted, deliveries are numbered anew and a message of several files has an
/// `end msg` for each. Opened at first use. Thread-safe; the calls of one object follow one
/// another.
class SendLedger final : public SendCounters {
public:
    explicit SendLedger(std::string path) : path_(std::move(path)) {}

    void reset() override;
    void set_stopping() override;
    std::uint64_t begin_delivery(DeliveryKey key, bool remote) override;
    std::optional<std::uint64_t> end_delivery(DeliveryKey key) override;
    Running running() override;
    void add_files(std::uint64_t message, std::uint64_t files, bool already_known) override;
    bool remove_file(std::uint64_t message) override;

private:
    void change(const std::function<void(store::SharedTable::View&)>& make);

    const std::string path_;
    std::mutex mutex_;  ///< guards what follows
    std::unique_ptr<store::SharedTable> table_;
    bool failed_ = false;  ///< it was said that the file cannot be used
};

}  // namespace sluice::qmail_log
