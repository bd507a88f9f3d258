#include "base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>

#include "base/bytes.h"

namespace sluice::diag {

namespace {

constexpr const char* line_pattern = "%H:%M:%S.%e: %^%L%$ %v";

std::shared_ptr<spdlog::logger>& current() {
    static std::shared_ptr<spdlog::logger> logger = [] {
        auto to_stderr = std::make_shared<spdlog::logger>(
            "stderr", std::make_shared<spdlog::sinks::stderr_sink_mt>()
        );
        to_stderr->set_pattern(line_pattern);
        return to_stderr;
    }();
    return logger;
}

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
    }
    return spdlog::level::warn;
}

}  // namespace

void open_log(const std::string& path, Level least) {
    if (!path.empty()) {
        try {
            auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
            current() = std::make_shared<spdlog::logger>("file", std::move(sink));
            current()->set_pattern(line_pattern);
            current()->flush_on(spdlog::level::info);
        } catch (const spdlog::spdlog_ex& problem) {
            warning(
                std::string("component log not opened, using standard error: ") + problem.what()
            );
        }
    }
    set_level(least);
}

void set_level(Level least) {
    current()->set_level(spdlog_level(least));
}

void write(Level level, std::string_view text) {
    if (!current()->should_log(spdlog_level(level))) return;
    current()->log(spdlog_level(level), "{}", printable(text));
}

void fatal(std::string_view text) {
    current()->error("fatal: {}", printable(text));
    current()->flush();
    std::exit(75);  // NOLINT(concurrency-mt-unsafe): the end of the process is meant
}

void panic(std::string_view text) {
    current()->critical("panic: {}", printable(text));
    current()->flush();
    std::abort();
}

}  // namespace sluice::diag
