#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace sluice::bench {

/// Which of the expected messages have arrived, and how often.
class Census {
public:
    /// Expects `wanted` different ones of the ids first ... first + count - 1; others are
    /// `foreign`.
    Census(std::uint64_t first, std::uint64_t count, std::uint64_t wanted)
        : first_(first), wanted_(wanted), seen_(count) {}

    /// `header`: of one message that has been taken.
    void count(std::string_view header, MonoTime now);

    [[nodiscard]] bool is_complete() const { return distinct_ >= wanted_; }
    [[nodiscard]] std::uint64_t distinct() const { return distinct_; }
    [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
    [[nodiscard]] std::uint64_t foreign() const { return foreign_; }
    [[nodiscard]] MonoTime first_arrival() const { return first_arrival_; }
    /// Of a message that had not been seen before.
    [[nodiscard]] MonoTime last_arrival() const { return last_arrival_; }

private:
    std::uint64_t first_;
    std::uint64_t wanted_;
    std::vector<bool> seen_;
    std::uint64_t distinct_ = 0;
    std::uint64_t duplicates_ = 0;
    std::uint64_t foreign_ = 0;
    MonoTime first_arrival_{};
    MonoTime last_arrival_{};
};

/// A server's side that takes everything, without I/O: bytes in, replies out. Knows as much SMTP as
/// mail servers need of it. Only the beginning of a message is kept, for its id.
class SinkSession {
public:
    explicit SinkSession(Census& census);

    void on_input(std::string_view bytes, MonoTime now);
    [[nodiscard]] bool is_over() const { return over_; }
    std::string& output() { return output_; }

private:
    /// Octets consumed from the front of `rest`; 0 when more must arrive first.
    std::size_t on_command(std::string_view rest);
    std::size_t on_content(std::string_view rest, MonoTime now);
    void keep(std::string_view content);

    Census& census_;
    bool in_content_ = false;
    bool over_ = false;
    std::string input_;
    std::string header_;
    std::string output_;
};

}  // namespace sluice::bench
