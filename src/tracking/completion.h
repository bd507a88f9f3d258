#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "tracking/record.h"

namespace sluice::tracking {

/// Fills in what a line of qmail's queue manager leaves to those before it: the sender of a
/// message, message and recipient of a delivery. Needs the lines in their order. Remembers a
/// bounded number of each; what it has forgotten stays empty.
class Completion {
public:
    explicit Completion(std::size_t most = 100'000) : most_(most) {}

    void complete(Record& record);

private:
    struct Message {
        std::string sender;
        std::uint64_t bytes = 0;
    };
    struct Delivery {
        std::string message;
        std::string recipient;
        std::string channel;
    };
    void learn(const Record& record);
    void fill(log::Event& event) const;
    void forget(const Record& record);

    std::size_t most_;
    std::unordered_map<std::string, Message> messages_;
    std::unordered_map<std::uint64_t, Delivery> deliveries_;
    std::deque<std::string> message_order_;
    std::deque<std::uint64_t> delivery_order_;
};

}  // namespace sluice::tracking
