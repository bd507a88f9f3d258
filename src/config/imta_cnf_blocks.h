#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "channel/channel_table.h"
#include "config/imta_cnf_keywords.h"
#include "config/imta_cnf_lines.h"

namespace sluice::config {

/// Most settings that one channel may have, defaults included.
inline constexpr std::size_t max_channel_settings = 4096;
/// Octets in host names and aliases; characters in channel names.
inline constexpr std::size_t max_host_name = 128;
inline constexpr std::size_t max_channel_name = 32;

/// Turns the blocks after the rewrite rules into the channel table. Reports E301 to E310, W301 to
/// W305; keeps going after each.
class BlockReader {
public:
    explicit BlockReader(Diagnostics& diagnostics)
        : diagnostics_(diagnostics), keywords_(diagnostics) {}

    /// One group of lines between blank lines.
    void add_block(std::span<const LogicalLine> block);
    /// Checks that need all blocks, and hands the table over. `last_line` is that of the file.
    channel::ChannelTable finish(const SourceLocation& last_line);

private:
    using Places =
        std::unordered_map<std::string, SourceLocation, HashIgnoringCase, EqualIgnoringCase>;
    struct Block;

    bool add_defaults(const Block& block);
    void add_channel(const Block& block);
    void check_name(const Block& block);
    void read_settings(const Block& block, channel::ChannelBlock& channel);
    void read_official_host(const Block& block, channel::ChannelBlock& channel);
    void read_additional_host(
        const LogicalLine& line, const Block& block, channel::ChannelBlock& channel
    );
    bool claim_host(const Word& word, const LogicalLine& line, const Block& block);
    void check_second_name(const std::vector<Word>& words, const LogicalLine& line);
    void report(const Block& block, const char* code, std::string text, std::string hint = {});

    Diagnostics& diagnostics_;
    KeywordReader keywords_;
    std::vector<channel::Setting> defaults_;
    channel::ChannelTable channels_;
    Places hosts_;
    Places names_;
};

}  // namespace sluice::config
