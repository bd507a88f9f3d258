#pragma once

#include "log/sink.h"
#include "postoffice_log/daily_file.h"
#include "postoffice_log/render.h"

// LOG_POSTOFFICE: the log of the server that Post.Office was, one file a day, beside mail.log
// (postoffice-and-qmail-features.md sections 2.6 and 3).
namespace sluice::postoffice_log {

class PostOfficeSink final : public log::EventSink {
public:
    PostOfficeSink(RenderOptions options, DailyFileSettings files)
        : options_(std::move(options)), file_(std::move(files)) {}

    [[nodiscard]] bool wants(log::EventKind kind) const override {
        return is_wanted(kind, options_.switches);
    }
    void post(std::span<const log::Event> events, const log::LogOptions& options) override;
    void flush() override { file_.flush(); }

private:
    const RenderOptions options_;
    DailyFile file_;
};

}  // namespace sluice::postoffice_log
