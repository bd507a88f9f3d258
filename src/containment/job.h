#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A command of the site that works on foreign octets, and what it may use up. Plain values, and
// their form on the way between a program and command_host. Pure.
namespace sluice::containment {

/// What a command and all that it starts may take. Sizes in octets.
struct Limits {
    std::chrono::seconds wall_time{300};
    std::chrono::seconds cpu_time{120};      ///< of one process
    std::uint64_t memory = 1024UL << 20U;    ///< of all processes; of one, address space
    std::uint64_t file_size = 256UL << 20U;  ///< of one file
    std::uint64_t disk = 512UL << 20U;       ///< of all files in the directory
    std::uint64_t processes = 64;
    std::uint64_t open_files = 256;  ///< of one process
};

struct Job {
    std::string command;  ///< for /bin/sh -c
    /// Instead of `command`: a program by its complete path, and its arguments. No shell sees them.
    std::vector<std::string> arguments;
    std::string directory;      ///< absolute; where it runs, and may write
    bool own_directory = true;  ///< made for the job: what is in there counts as its use of disk
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<std::string> readable;  ///< files and directories to be read, besides the system's
    std::vector<std::string> writable;  ///< the same to be written to
    /// Name of the account that it runs as; empty, or the caller's own: as the caller. Another one
    /// takes privileges of command_host, and is never root.
    std::string account;
    Limits limits;
    bool network = false;  ///< may use it
    bool strict = false;   ///< not to be run where Landlock or seccomp cannot be applied
};

struct Report {
    enum class Kind : std::uint8_t {
        exited,   ///< `code` is the exit status
        killed,   ///< by the signal `code`
        limited,  ///< killed by us: `text` says what was exceeded
        failed,   ///< not run: `text` says why
    };
    Kind kind = Kind::failed;
    int code = 0;
    std::string text;
    std::string output;                ///< what it wrote to standard output and error, its front
    std::vector<std::string> applied;  ///< "landlock 7", "no seccomp: ..."
};

/// Most octets of output that are kept.
inline constexpr std::size_t max_kept_output = 16384;
inline constexpr std::size_t max_packet = 8UL << 20U;

/// Each begins with its own length, 4 octets. Decoding takes exactly one packet; nullopt: damaged.
std::string encode_job(const Job& job);
std::optional<Job> decode_job(std::string_view packet);
std::string encode_report(const Report& report);
std::optional<Report> decode_report(std::string_view packet);

}  // namespace sluice::containment
