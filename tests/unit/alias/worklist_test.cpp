#include "alias/worklist.h"

#include <gtest/gtest.h>

#include "alias/address_key.h"

namespace sluice::alias {
namespace {

void add(AliasTable& table, const char* name, std::initializer_list<const char*> members) {
    Alias alias{name, {}, {}, {}, {}};
    for (const char* member : members) {
        const bool show_alias = member[0] == ':';
        alias.members.push_back({show_alias ? member + 1 : member, show_alias});
    }
    ASSERT_TRUE(table.add(std::move(alias)));
}

// Expands as a server would that rewrites nothing and has one local domain, here.example.
std::string expand(const AliasTable& table, const char* start, LookupRules rules = {}) {
    Worklist work(table, rules);
    work.start(start);
    std::string out;
    while (const auto item = work.next()) {
        std::string address = item->address;
        if (find_at_sign(address) == std::string::npos) address += "@here.example";
        const std::size_t at = find_at_sign(address);
        const std::string_view view = address;
        if (view.substr(at + 1) == "here.example") {
            address = with_detail(address, item->detail, '+');
            const std::size_t now = find_at_sign(address);
            const Query query{
                std::string_view(address).substr(0, now),
                std::string_view(address).substr(now + 1)};
            const auto outcome = work.resolve(query, *item);
            if (outcome.error) out += address + ": " + outcome.error->text() + "; ";
            if (outcome.kind != Worklist::Outcome::Kind::final) continue;
        }
        if (work.finish(address)) out += address + "; ";
    }
    return out;
}

TEST(Worklist, AddressThatIsNoAliasComesOutAsItWentIn) {
    EXPECT_EQ(expand({}, "amy@here.example"), "amy@here.example; ");
}

TEST(Worklist, ExpandsNestedAliases) {
    AliasTable table;
    add(table, "all", {"staff", "bob@far.example"});
    add(table, "staff", {"amy", "carl"});
    EXPECT_EQ(
        expand(table, "all@here.example"), "bob@far.example; amy@here.example; carl@here.example; "
    );
}

TEST(Worklist, AliasThatNamesItselfIsFinalThere) {
    AliasTable table;
    add(table, "amy", {"amy", "archive@far.example"});
    EXPECT_EQ(expand(table, "amy@here.example"), "amy@here.example; archive@far.example; ");
}

TEST(Worklist, CircleFailsAndTheOthersAreDelivered) {
    AliasTable table;
    add(table, "a", {"b"});
    add(table, "b", {"a", "bob@far.example"});
    EXPECT_EQ(
        expand(table, "a@here.example"),
        "a@here.example: alias expansion loop detected; bob@far.example; "
    );
}

TEST(Worklist, LevelsAreLimited) {
    AliasTable table;
    for (int i = 0; i < 12; ++i) {
        const std::string name = "l" + std::to_string(i);
        const std::string next = "l" + std::to_string(i + 1);
        add(table, name.c_str(), {next.c_str()});
    }
    EXPECT_EQ(
        expand(table, "l1@here.example"), "l11@here.example: alias expansion loop detected; "
    );
    EXPECT_EQ(expand(table, "l2@here.example"), "l12@here.example; ");
}

TEST(Worklist, EachAddressIsDeliveredOnce) {
    AliasTable table;
    add(table, "all", {"amy@FAR.example", "amy@far.example", "Amy@far.example", "one", "two"});
    add(table, "one", {"shared"});
    add(table, "two", {"shared"});
    add(table, "shared", {"bob@far.example"});
    EXPECT_EQ(
        expand(table, "all@here.example"), "amy@FAR.example; Amy@far.example; bob@far.example; "
    );
}

TEST(Worklist, NestingDoesNotMultiplyTheWork) {
    AliasTable table;
    for (int level = 0; level < 9; ++level) {
        Alias alias{"l" + std::to_string(level), {}, {}, {}, {}};
        alias.members.assign(2000, {"l" + std::to_string(level + 1), false});
        ASSERT_TRUE(table.add(std::move(alias)));
    }
    EXPECT_EQ(expand(table, "l0@here.example"), "l9@here.example; ");
}

TEST(Worklist, DetailTravelsToLocalResults) {
    AliasTable table;
    add(table, "amy", {"a.smith", "amy@far.example", "a.smith+own"});
    EXPECT_EQ(
        expand(table, "amy+lists@here.example"),
        "a.smith+lists@here.example; amy@far.example; a.smith+own@here.example; "
    );
}

TEST(Worklist, ListWaitsForItsMembers) {
    AliasTable table;
    Alias friends{"friends", {}, {}, {}, {{"/friends", MemberSyntax::list}}};
    ASSERT_TRUE(table.add(std::move(friends)));
    Worklist work(table, {});
    work.start("friends");
    const auto item = *work.next();
    const auto outcome = work.resolve({"friends", "here.example"}, item);
    ASSERT_EQ(outcome.kind, Worklist::Outcome::Kind::list);
    const auto effects = std::make_shared<const ListEffects>();
    ASSERT_TRUE(work.add(outcome, item, {{"amy", false}}, effects));
    const auto member = work.next();
    EXPECT_EQ(member->address, "amy");
    EXPECT_EQ(member->chain.to_string(), "friends");
    EXPECT_EQ(member->effects, effects);
}

TEST(Worklist, ReportsMayShowTheAlias) {
    AliasTable table;
    add(table, "sales", {":amy@far.example", "bob@far.example", ":inner"});
    add(table, "inner", {"carl@far.example"});
    Worklist work(table, {});
    work.start("sales");
    work.resolve({"sales", "here.example"}, *work.next());
    EXPECT_EQ(work.next()->shown_as, "sales");
    EXPECT_EQ(work.next()->shown_as, "");
    const auto inner = work.next();
    work.resolve({"inner", "here.example"}, *inner);
    const auto carl = work.next();
    EXPECT_EQ(carl->shown_as, "sales");
    EXPECT_EQ(carl->chain.to_string(), "sales -> inner");
}

TEST(Worklist, RunawayAliasFileIsStopped) {
    AliasTable table;
    Alias alias{"huge", {}, {}, {}, {}};
    alias.members.assign(max_expanded_addresses + 1, {"x@far.example", false});
    ASSERT_TRUE(table.add(std::move(alias)));
    EXPECT_EQ(
        expand(table, "huge@here.example"), "huge@here.example: too many addresses in an alias; "
    );
}

}  // namespace
}  // namespace sluice::alias
