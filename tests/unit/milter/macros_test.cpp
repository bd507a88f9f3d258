#include "milter/macros.h"

#include <gtest/gtest.h>

namespace sluice::milter {
namespace {

using namespace std::string_literals;

TEST(Macros, OneLetterNamesHaveNoBraces) {
    Macros macros;
    macros.set("{i}", "Q1");
    macros.set("mail_addr", "a@b.example");
    EXPECT_EQ(
        macro_data('M', Stage::mail, MacroLists(), macros), "Mi\0Q1\0{mail_addr}\0a@b.example\0"s
    );
}

TEST(Macros, WithoutValuesThereIsNoPacket) {
    Macros macros;
    macros.set("i", "");
    EXPECT_EQ(macro_data('T', Stage::data, MacroLists(), macros), std::nullopt);
}

TEST(Macros, FilterChoosesItsOwn) {
    Macros macros;
    macros.set("i", "Q1");
    macros.set("{auth_authen}", "adam");
    MacroLists lists;
    lists.choose(Stage::mail, "{auth_authen}, x");
    EXPECT_EQ(macro_data('M', Stage::mail, lists, macros), "M{auth_authen}\0adam\0"s);
    lists.choose(Stage::mail, "");
    EXPECT_EQ(macro_data('M', Stage::mail, lists, macros), std::nullopt);
}

TEST(Macros, MergeReplaces) {
    Macros macros;
    macros.set("i", "old");
    Macros later;
    later.set("{i}", "new");
    macros.merge(later);
    EXPECT_EQ(*macros.find("i"), "new");
}

}  // namespace
}  // namespace sluice::milter
