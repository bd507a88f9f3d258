#include "utility/qm_selector.h"

#include <gtest/gtest.h>

#include "utility/qm_commands.h"

namespace sluice::utility {
namespace {

const WallTime now(std::chrono::seconds(1772446267));

Result<Selector> parse(const std::vector<std::string>& switches) {
    std::vector<std::string> words{"directory"};
    words.insert(words.end(), switches.begin(), switches.end());
    const Command commands[] = {qm_directory_command};
    const auto line = parse_command_line(commands, words);
    EXPECT_TRUE(line);
    return selector_from(*line, now);
}

QueuedMessage sample() {
    QueuedMessage m;
    m.location = *queue::MessageLocation::parse("tcp_local/003/ZX84PHKX1L3Q0A0001.00");
    m.since = now - std::chrono::hours(2);
    m.is_read = true;
    m.size = 5000;
    m.owner = "*adam";
    m.sender = "Adam@sesta.example";
    m.recipients = {"eve@siroe.example", "bob@west.siroe.example"};
    m.host = "siroe.example";
    m.message_id = "<1@sesta.example>";
    m.subject =
        "Gr\xc3\xbc\xc3\x9f"
        "e";
    m.reason = "TCP active open: Failed connect()    Error: no route to host";
    return m;
}

struct Row {
    std::vector<std::string> switches;
    bool selected;
};

class Selection : public testing::TestWithParam<Row> {};

TEST_P(Selection, Decides) {
    const auto selector = parse(GetParam().switches);
    ASSERT_TRUE(selector);
    const auto message = sample();
    EXPECT_EQ(
        selector->matches_name(message) && selector->matches_content(message), GetParam().selected
    ) << testing::PrintToString(GetParam().switches);
}

INSTANTIATE_TEST_SUITE_P(
    Switches,
    Selection,
    testing::Values(
        Row{{}, true},
        Row{{"-held"}, false},
        Row{{"-from=adam@sesta.example"}, true},
        Row{{"-from=*@sesta.example"}, true},
        Row{{"-from=sesta.example"}, false},
        Row{{"-from=<>"}, false},
        Row{{"-to=bob@*"}, true},
        Row{{"-to=carol@*"}, false},
        // -from and -to: one is enough, unless -match=and.
        Row{{"-from=x@y", "-to=eve@*"}, true},
        Row{{"-from=x@y", "-to=eve@*", "-match=and"}, false},
        Row{{"-from=adam@*", "-to=eve@*", "-match=AND"}, true},
        // Others always count all.
        Row{{"-from=adam@*", "-host=other.example"}, false},
        Row{{"-owner=*adam"}, true},
        Row{{"-subject=GR\xc3\xbc"}, true},
        Row{{"-host=siroe.*"}, true},
        Row{{"-older=1h"}, true},
        Row{{"-older=3h"}, false},
        Row{{"-newer=3h"}, true},
        Row{{"-newer=1h"}, false},
        Row{{"-older=2026-03-02T09:00:00Z"}, true},
        Row{{"-larger=4k"}, true},
        Row{{"-larger=5000"}, false},
        Row{{"-smaller=5k"}, true},
        Row{{"-smaller=5000"}, false},
        Row{{"-min_tries=2"}, true},
        Row{{"-min_tries=3"}, false},
        Row{{"-reason=NO ROUTE"}, true},
        Row{{"-message_id=1@sesta.example"}, true},
        Row{{"-message_id=<2@sesta.example>"}, false}
    )
);

TEST(Selector, RefusesBadValues) {
    for (const char* bad :
         {"-older=4", "-newer=x", "-larger=1t", "-smaller=", "-min_tries=x", "-match=xor",
          "-sort=x", "-limit=-1"}) {
        const std::vector<std::string> words{"directory", bad};
        const Command commands[] = {qm_directory_command};
        const auto line = parse_command_line(commands, words);
        EXPECT_TRUE(!line || !selector_from(*line, now)) << bad;
    }
}

TEST(Selector, KnowsWhatNarrows) {
    EXPECT_FALSE(parse({})->narrows());
    EXPECT_FALSE(parse({"-held", "-limit=5"})->narrows());
    EXPECT_TRUE(parse({"-older=1h"})->narrows());
    EXPECT_FALSE(parse({"-older=1h"})->needs_files());
    EXPECT_TRUE(parse({"-from=<>"})->needs_files());
}

TEST(Selector, NothingUnreadIsSelectedByItsContent) {
    auto unread = sample();
    unread.is_read = false;
    EXPECT_TRUE(parse({})->matches_content(unread));
    EXPECT_FALSE(parse({"-from=*"})->matches_content(unread));
}

TEST(SortMessages, ByNamePutsFreshOnesFirst) {
    std::vector<QueuedMessage> messages;
    for (const char* path :
         {"tcp_local/000/ZZA1.00", "l/000/ZYA9.00", "l/000/ZZA2.00", "l/000/ZZA3.00"}) {
        QueuedMessage m;
        m.location = *queue::MessageLocation::parse(path);
        messages.push_back(m);
    }
    sort_messages(messages, SortKey::name);
    std::string order;
    for (const auto& m : messages) order += m.location.relative_path() + ' ';
    EXPECT_EQ(order, "l/000/ZZA3.00 l/000/ZZA2.00 l/000/ZYA9.00 tcp_local/000/ZZA1.00 ");
    sort_messages(messages, SortKey::tries);
    EXPECT_EQ(messages.front().location.name.unique, "A9");
}

}  // namespace
}  // namespace sluice::utility
