#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "channel/channel.h"
#include "config/imta_cnf_lines.h"
#include "config/imta_cnf_parser.h"

namespace sluice::config {

/// A keyword argument that must be the name of a channel (W303).
struct ChannelReference {
    std::string keyword;
    std::string channel;
    SourceLocation where;
    std::string line;
};

/// Reads the keywords of channel and defaults lines: which words are arguments, whether they can be
/// used, and which are group names. Reports E309, W301, W302; several E309 of a line in one.
class KeywordReader {
public:
    explicit KeywordReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    /// `words` is the line without its first word.
    std::vector<channel::Setting> read(const LogicalLine& line, std::span<const Word> words);
    /// References to channels in all lines read so far, for when the table is complete.
    [[nodiscard]] const std::vector<ChannelReference>& references() const { return references_; }

private:
    struct Line;
    void read_keyword(Line& line, channel::Keyword keyword);
    void take_argument(Line& line, channel::Setting& setting);
    void add_group(Line& line);
    void report(Line& line);

    Diagnostics& diagnostics_;
    std::vector<ChannelReference> references_;
    std::size_t suggestions_left_ = 50;  ///< looking for the word that was meant takes its time
};

}  // namespace sluice::config
