#include "policy/list_files.h"

#include <algorithm>
#include <iterator>

#include "alias/member_file.h"
#include "base/bytes.h"
#include "base/file.h"
#include "mapping/matcher.h"

namespace sluice::policy {

namespace {

constexpr std::size_t most_pattern_steps = 10000;

Error cannot_read(const std::string& path) {
    return Error::temporary(
        {4, 3, 5}, "mailing list cannot be expanded now", "cannot read " + path
    );
}

bool fits_pattern(std::string_view pattern_text, std::string_view text) {
    mapping::SyntaxFindings findings;
    const auto pattern = mapping::Pattern::parse(pattern_text, findings);
    return pattern && mapping::Matcher(text).match(*pattern, most_pattern_steps) ==
                          mapping::MatchResult::matched;
}

}  // namespace

bool fits_patterns(std::string_view patterns, std::string_view text) {
    for (const std::string_view pattern : split(patterns, ' ')) {
        if (!trim(pattern).empty() && fits_pattern(trim(pattern), text)) return true;
    }
    return false;
}

Result<std::string> ListFiles::text(const std::string& path) {
    mapping::Answer answer = outside_.ask({mapping::Question::Kind::file_text, path, {}, {}});
    if (answer.kind != mapping::Answer::Kind::found) return cannot_read(path);
    return std::move(answer.text);
}

Result<std::vector<alias::Member>> ListFiles::members(const std::vector<alias::Alias::File>& files
) {
    std::vector<alias::Member> members;
    for (const alias::Alias::File& file : files) {
        if (auto gathered = gather(file, 0, members); !gathered) return std::move(gathered).error();
    }
    return members;
}

Result<void> ListFiles::gather(
    const alias::Alias::File& file, int depth, std::vector<alias::Member>& members
) {
    const auto content = text(file.path);
    if (!content) return content.error();
    alias::MemberFile parsed = alias::parse_member_file(*content, file.syntax);
    for (const auto& problem : parsed.problems) {
        warnings_.insert(
            file.path + ':' + std::to_string(problem.line) + ": left out: " + problem.text
        );
    }
    std::move(parsed.members.begin(), parsed.members.end(), std::back_inserter(members));
    for (const std::string& included : parsed.includes) {
        if (depth == alias::max_member_include_depth) {
            warnings_.insert(file.path + ": included files nest at most three deep");
            return {};
        }
        auto path = configuration_.tailor.resolve(included);
        if (!path) return cannot_read(included);
        if (!path->starts_with('/')) path = directory_of(file.path) + '/' + *path;
        if (auto gathered = gather({*path, file.syntax}, depth + 1, members); !gathered)
            return gathered;
    }
    return {};
}

Result<bool> ListFiles::lists_address(const std::string& path, std::string_view address) {
    const auto listed = members({{path, alias::MemberSyntax::list}});
    if (!listed) return listed.error();
    const std::string_view local_host = configuration_.local_host();
    return std::any_of(listed->begin(), listed->end(), [&](const alias::Member& member) {
        if (equals_ignoring_case(member.address, address)) return true;
        // A name without a host is one of this system.
        const std::size_t at = member.address.size();
        return address.size() == at + 1 + local_host.size() && address[at] == '@' &&
               equals_ignoring_case(address.substr(0, at), member.address) &&
               equals_ignoring_case(address.substr(at + 1), local_host);
    });
}

Result<bool> ListFiles::lists_name(const std::string& path, std::string_view name) {
    const auto content = text(path);
    if (!content) return content.error();
    const auto lines = alias::file_lines(*content);
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
        return fits_patterns(line, name);
    });
}

}  // namespace sluice::policy
