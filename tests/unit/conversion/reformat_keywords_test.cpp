#include "conversion/reformat_keywords.h"

#include <gtest/gtest.h>

namespace sluice::conversion {
namespace {

using When = ReformatKeywords::When;
using message::EmbeddedMessages;

TEST(ReformatKeywords, ReadsAListInAnyCase) {
    const auto keywords = parse_reformat_keywords(" yes, LEVEL ,Bottom,quoted-printable,relabel");
    EXPECT_EQ(keywords.when, When::unless_converted);
    EXPECT_TRUE(keywords.fewer_levels);
    EXPECT_TRUE(keywords.relabels);
    EXPECT_EQ(keywords.embedded, EmbeddedMessages::flatten_with_header);
    EXPECT_EQ(keywords.encoding, EncodingWish::quoted_printable);
    EXPECT_TRUE(keywords.not_offered.empty());
}

TEST(ReformatKeywords, TheLastOfTwoCounts) {
    EXPECT_EQ(parse_reformat_keywords("Yes,Always").when, When::always);
    EXPECT_EQ(parse_reformat_keywords("Always,No").when, When::never);
    EXPECT_EQ(parse_reformat_keywords("Bottom,Delete").embedded, EmbeddedMessages::flatten);
    EXPECT_EQ(parse_reformat_keywords("Quoted-Printable,BASE64").encoding, EncodingWish::base64);
}

TEST(ReformatKeywords, OtherWordsAreKeptToBeTold) {
    const auto keywords = parse_reformat_keywords("Yes,Appledouble,,Pathworks");
    EXPECT_EQ(keywords.not_offered, (std::vector<std::string>{"Appledouble", "Pathworks"}));
    EXPECT_EQ(parse_reformat_keywords("").when, When::never);
}

TEST(ReformatKeywords, CharacterSets) {
    EXPECT_EQ(
        parse_charset_change("in-charset = a , OUT-CHARSET=b"), (message::CharsetChange{"a", "b"})
    );
    EXPECT_EQ(parse_charset_change("Yes,charset=x"), message::CharsetChange());
}

}  // namespace
}  // namespace sluice::conversion
