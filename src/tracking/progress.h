#pragma once

#include <map>
#include <string>

#include "tracking/record.h"

namespace sluice::tracking {

/// Counts what is still to come of a message or a connection, line by line. A plain value.
struct Progress {
    bool begun = false;
    bool ended = false;
    /// Recipients under way: queue and original recipient, how many.
    std::map<std::string, int> under_way;

    void note_message(const Record& record);
    void note_connection(const Record& record);
    void join(const Progress& other);

private:
    void note_native(const log::Event& event);
    void note_postoffice(const Record& record);
    void arrive(const std::string& place, int count = 1);
    void leave(const std::string& place, int count = 1);
};

/// Channels that pass a message on to others: conversion, process, reprocess, hold, defragment.
[[nodiscard]] bool is_hop(std::string_view channel);

}  // namespace sluice::tracking
