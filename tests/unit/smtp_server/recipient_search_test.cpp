#include "channels/tcp_smtp/server/recipient_search.h"

#include <gtest/gtest.h>

namespace sluice::smtp_server {
namespace {

using Stage = policy::TraceEntry::Stage;
using Steps = std::vector<SearchStep>;

policy::TraceEntry entry(Stage stage, std::vector<std::string> tried, std::string key, bool found) {
    policy::TraceEntry made;
    made.stage = stage;
    if (!tried.empty()) made.tried.push_back({"alias file", std::move(tried)});
    made.key = std::move(key);
    made.found = found;
    return made;
}

SearchStep tried(std::string key) {
    return {log::Cause::tried, std::move(key)};
}
SearchStep found(std::string key) {
    return {log::Cause::found, std::move(key)};
}

// postoffice-and-qmail-features.md section 8.4: a name with a detail falls back to the whole
// domain.
TEST(RecipientSearch, TellsKeysInTheOrderInWhichTheyWereTried) {
    const policy::Trace trace{
        entry(Stage::rewriting, {}, "", false),
        entry(Stage::alias, {"mailbox-ext@domain.xyz", "mailbox@domain.xyz"}, "@domain.xyz", true),
    };
    EXPECT_EQ(
        search_steps(trace), (Steps{
                                 tried("mailbox-ext@domain.xyz"), tried("mailbox@domain.xyz"),
                                 tried("@domain.xyz"), found("@domain.xyz")})
    );
}

TEST(RecipientSearch, AMailboxIsLookedForBehindTheAliases) {
    EXPECT_EQ(
        search_steps({entry(Stage::alias, {"eve"}, "", false), entry(Stage::user, {}, "eve", true)}
        ),
        (Steps{tried("eve"), found("eve")})
    );
    EXPECT_EQ(
        search_steps({entry(Stage::alias, {"bad"}, "", false), entry(Stage::user, {}, "bad", false)}
        ),
        Steps{tried("bad")}
    );
}

}  // namespace
}  // namespace sluice::smtp_server
