#include "config/imta_cnf_blocks.h"

#include <algorithm>
#include <utility>

namespace sluice::config {

using channel::ChannelBlock;

namespace {

constexpr const char* stray_blank_line_hint =
    "this line looks like a rewrite rule: a blank line above may have ended the rules too early";

bool is_channel_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '$' || c == '-';
    };
    return !name.empty() && name.size() <= max_channel_name &&
           std::all_of(name.begin(), name.end(), allowed);
}

bool looks_like_a_rule(const std::vector<Word>& words) {
    if (words.size() < 2) return false;
    const std::string second = to_upper(words[1].text);
    return std::any_of(second.begin(), second.end(), [&](const char& c) {
        const auto at = static_cast<std::size_t>(&c - second.data());
        return c == '$' && at + 1 < second.size() &&
               std::string_view("UDH").find(second[at + 1]) != std::string_view::npos;
    });
}

std::string first_use(const SourceLocation& where) {
    return "first used at " + where.to_string();
}

}  // namespace

/// A block with its first line taken apart. The words point into the lines.
struct BlockReader::Block {
    std::span<const LogicalLine> lines;
    std::vector<Word> words;
    bool rule_like = false;

    [[nodiscard]] const LogicalLine& first() const { return lines.front(); }
    [[nodiscard]] std::string_view name() const { return words.front().text; }
    [[nodiscard]] SourceLocation place() const {
        return at_column(first().where, words.front().column);
    }
    /// The likely reason is the better hint.
    [[nodiscard]] std::string hint(std::string otherwise) const {
        return rule_like ? stray_blank_line_hint : std::move(otherwise);
    }
};

void BlockReader::add_block(std::span<const LogicalLine> lines) {
    Block block{lines, parse_block_line(lines.front().text)};
    block.rule_like = looks_like_a_rule(block.words);
    if (!add_defaults(block)) add_channel(block);
}

bool BlockReader::add_defaults(const Block& block) {
    const bool forget = equals_ignoring_case(block.name(), "nodefaults");
    if (!forget && !equals_ignoring_case(block.name(), "defaults")) return false;
    if (block.lines.size() > 1) {
        diagnostics_.warning(
            block.lines[1].where, "W304", "lines after the first of a defaults block are ignored",
            block.lines[1].text, "end the line above with a backslash to go on with it"
        );
    }
    if (forget) {
        defaults_.clear();
        if (block.words.size() > 1) {
            diagnostics_.warning(
                at_column(block.first().where, block.words[1].column), "W305",
                "extra words on a nodefaults line, ignored", block.first().text
            );
        }
        return true;
    }
    auto settings = keywords_.read(block.first(), std::span(block.words).subspan(1));
    std::move(settings.begin(), settings.end(), std::back_inserter(defaults_));
    return true;
}

void BlockReader::add_channel(const Block& block) {
    check_name(block);
    ChannelBlock channel;
    channel.name = block.name();
    channel.where = block.place();
    read_settings(block, channel);
    if (block.lines.size() == 1) {
        report(
            block, "E303", "no official host name for channel: " + printable(block.name()),
            block.hint("the second line of a channel block is its official host name")
        );
    } else {
        read_official_host(block, channel);
        for (const LogicalLine& line : block.lines.subspan(2)) {
            read_additional_host(line, block, channel);
        }
    }
    channels_.add(channel::Channel(std::move(channel)));
}

void BlockReader::check_name(const Block& block) {
    const std::string name(block.name());
    if (channels_.empty() && !equals_ignoring_case(name, "l")) {
        report(
            block, "E302", "the first channel is not the local channel l: " + printable(name),
            block.hint("put the block of channel l in front of all others")
        );
    }
    if (!is_channel_name(name)) {
        report(
            block, "E308", "bad channel name: " + printable(name),
            block.hint("lower case letters, digits, \"_\", \"$\" and \"-\", at most 32 characters")
        );
    }
    const auto [first, is_new] = names_.emplace(name, block.place());
    if (!is_new) {
        report(
            block, "E305", "duplicate channel name: " + printable(name), first_use(first->second)
        );
    }
}

void BlockReader::read_settings(const Block& block, ChannelBlock& channel) {
    channel.settings = defaults_;
    auto own = keywords_.read(block.first(), std::span(block.words).subspan(1));
    std::move(own.begin(), own.end(), std::back_inserter(channel.settings));
    if (channel.settings.size() <= max_channel_settings) return;
    channel.settings.resize(max_channel_settings);
    report(block, "E310", "too many keywords for channel: " + printable(block.name()));
}

void BlockReader::read_official_host(const Block& block, ChannelBlock& channel) {
    const LogicalLine& line = block.lines[1];
    const auto words = parse_block_line(line.text);
    const Word& host = words.front();
    channel.official_host = host.text;
    if (host.text.size() > max_host_name) {
        diagnostics_.error(
            at_column(line.where, host.column), "E306", "official host name is too long", line.text
        );
    }
    claim_host(host, line, block);
    check_second_name(words, line);
    if (words.size() > 1) channel.local_host_alias = words[1].text;
}

void BlockReader::read_additional_host(
    const LogicalLine& line, const Block& block, ChannelBlock& channel
) {
    const auto words = parse_block_line(line.text);
    const Word& host = words.front();
    if (host.text.size() > max_host_name) {
        diagnostics_.error(
            at_column(line.where, host.column), "E306", "host name is too long", line.text
        );
    }
    check_second_name(words, line);
    if (!claim_host(host, line, block)) return;
    channel.additional_hosts.push_back(
        {std::string(host.text), std::string(words.size() > 1 ? words[1].text : std::string_view()),
         at_column(line.where, host.column)}
    );
}

bool BlockReader::claim_host(const Word& word, const LogicalLine& line, const Block& block) {
    const SourceLocation place = at_column(line.where, word.column);
    const auto [first, is_new] = hosts_.emplace(std::string(word.text), place);
    if (is_new) return true;
    diagnostics_.error(
        place, "E304", "duplicate host in channel table: " + printable(word.text), line.text,
        block.hint(first_use(first->second))
    );
    return false;
}

void BlockReader::check_second_name(const std::vector<Word>& words, const LogicalLine& line) {
    if (words.size() > 1 && words[1].text.size() > max_host_name) {
        diagnostics_.error(
            at_column(line.where, words[1].column), "E307",
            "local host alias or proper name too long for system", line.text
        );
    }
    if (words.size() > 2) {
        diagnostics_.warning(
            at_column(line.where, words[2].column), "W305", "extra words on a host line, ignored",
            line.text, "each host name of a channel has a line of its own"
        );
    }
}

void BlockReader::report(const Block& block, const char* code, std::string text, std::string hint) {
    diagnostics_.error(block.place(), code, std::move(text), block.first().text, std::move(hint));
}

channel::ChannelTable BlockReader::finish(const SourceLocation& last_line) {
    if (channels_.empty()) {
        diagnostics_.error(
            last_line, "E301", "there is no channel block", {},
            "a blank line ends the rewrite rules; channel blocks come after it"
        );
    }
    for (const ChannelReference& reference : keywords_.references()) {
        if (channels_.find(reference.channel) != nullptr) continue;
        diagnostics_.warning(
            reference.where, "W303",
            reference.keyword +
                " names a channel that does not exist: " + printable(reference.channel),
            reference.line
        );
    }
    return std::move(channels_);
}

}  // namespace sluice::config
