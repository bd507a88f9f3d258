// The alias file reader, values of the alias database, member files, and look-ups of what was read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "alias/address_key.h"
#include "alias/member_file.h"
#include "alias/worklist.h"
#include "config/aliases_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sluice;
    const std::string text(reinterpret_cast<const char*>(data), size);
    Diagnostics findings;
    config::MemoryFiles files({{"/c/self", text}});
    const auto table = config::parse_aliases(text, "/c/aliases", files, {}, findings);
    for (const auto& finding : findings.items()) (void)finding.to_string();

    std::vector<std::string> problems;
    (void)config::parse_alias_value(text, "name", "/c/aliases", {}, problems).to_debug_string();
    for (const auto syntax : {alias::MemberSyntax::list, alias::MemberSyntax::sendmail})
        (void)alias::parse_member_file(text, syntax);
    (void)alias::file_lines(text);

    constexpr std::size_t enough = 2000;
    std::size_t steps = 0;
    alias::Worklist work(table, {});
    for (const auto& alias : table.all()) work.start(alias->name);
    while (const auto item = work.next()) {
        if (++steps > enough) break;
        const std::string address = alias::with_detail(item->address, item->detail, '+');
        const std::size_t at = std::min(alias::find_at_sign(address), address.size());
        const std::string_view view = address;
        const std::string_view domain = view.substr(std::min(at + 1, view.size()));
        const auto outcome = work.resolve({view.substr(0, at), domain}, *item);
        if (outcome.kind == alias::Worklist::Outcome::Kind::list)
            (void)work.add(outcome, *item, outcome.expansion->alias->members, nullptr);
        work.finish(address);
    }
    return 0;
}
