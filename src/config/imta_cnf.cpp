#include "config/imta_cnf.h"

#include <algorithm>
#include <span>
#include <utility>

#include "config/imta_cnf_blocks.h"
#include "config/imta_cnf_lines.h"
#include "config/imta_cnf_parser.h"

namespace sluice::config {

namespace {

using Lines = std::span<const LogicalLine>;

// The lines up to the next blank one.
Lines next_section(Lines lines) {
    const auto end =
        std::find_if(lines.begin(), lines.end(), [](const auto& line) { return line.blank; });
    return lines.first(static_cast<std::size_t>(end - lines.begin()));
}

rewrite::RuleSet read_rules(Lines lines, Diagnostics& diagnostics) {
    rewrite::RuleSet rules;
    for (const LogicalLine& line : lines) {
        const RuleParts parts = parse_rule_line(line.text);
        const auto column = static_cast<std::size_t>(parts.pattern.data() - line.text.data()) + 1;
        rules.add(
            parts.pattern, parts.template_text, at_column(line.where, column), line.text,
            diagnostics
        );
    }
    return rules;
}

channel::ChannelTable read_channels(
    Lines lines, const SourceLocation& end, Diagnostics& diagnostics
) {
    BlockReader blocks(diagnostics);
    while (!lines.empty()) {
        const Lines block = next_section(lines);
        if (!block.empty()) blocks.add_block(block);
        lines = lines.subspan(std::max<std::size_t>(block.size(), 1));
    }
    return blocks.finish(end);
}

void check_beginning(Lines lines, Diagnostics& diagnostics) {
    if (lines.empty() || !lines.front().blank) return;
    const bool is_first = lines.front().where.line == 1;
    diagnostics.warning(
        lines.front().where, "W101",
        is_first ? "the first line of the file is blank, so there are no rewrite rules"
                 : "a blank line comes before the first rewrite rule, so there are none",
        {}, "remove the blank line if rewrite rules follow it"
    );
}

}  // namespace

rewrite::HostTable host_table_of(const channel::ChannelTable& channels) {
    rewrite::HostTable hosts;
    for (const channel::Channel& channel : channels) {
        rewrite::HostEntry entry;
        entry.channel = channel.name();
        entry.official_host = channel.official_host();
        entry.is_local = &channel == channels.local();
        entry.route_local = channel.has(channel::Keyword::routelocal);
        if (!channel.official_host().empty()) hosts.add(channel.official_host(), entry);
        entry.additional = true;
        for (const channel::AdditionalHost& host : channel.additional_hosts()) {
            entry.proper_name = host.proper_name;
            hosts.add(host.name, entry);
        }
    }
    return hosts;
}

ImtaCnf read_imta_cnf(
    const std::string& path,
    FileSource& files,
    Diagnostics& diagnostics,
    const LogicalNames& logical_names
) {
    Diagnostics found;
    ImtaCnf result;
    const LogicalText text = read_logical_lines(path, files, found, logical_names);
    if (text.last_line.line > 0) {
        const Lines lines(text.lines);
        check_beginning(lines, found);
        const Lines rules = next_section(lines);
        result.rules = read_rules(rules, found);
        result.channels = read_channels(lines.subspan(rules.size()), text.last_line, found);
        result.hosts = host_table_of(result.channels);
        result.rules.check_routing_systems(result.hosts, found);
    }
    found.sort_by_place();
    diagnostics.append(std::move(found));
    return result;
}

}  // namespace sluice::config
