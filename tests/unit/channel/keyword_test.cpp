#include "channel/keyword.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"

namespace sluice::channel {
namespace {

const std::map<std::string_view, ArgumentForm>& forms_of_the_table() {
    using enum ArgumentForm;
    static const std::map<std::string_view, ArgumentForm> forms{
        {"", none},           {"int", integer},  {"int...", integers},    {"delta...", periods},
        {"name", name},       {"host", host},    {"host [host2]", hosts}, {"channel", channel},
        {"charset", charset}, {"tag", language}, {"pattern", pattern},    {"string", string},
        {"value", value},     {"list", list},    {"address", address},    {"url", url},
        {"time", time},       {"ip", ip},        {"ip...", ips},
    };
    return forms;
}

TEST(KeywordTable, EqualsTheTableOfTheSpecification) {
    const std::string text =
        read_file(SLUICE_SOURCE_DIR "/tests/unit/channel/channel-keywords.tsv").value();
    std::size_t row = 0;
    for (const std::string_view line : split(text, '\n')) {
        if (line.empty() || line.starts_with("keyword\t")) continue;
        const auto fields = split(line, '\t');
        ASSERT_EQ(fields.size(), 7U) << line;
        ASSERT_LT(row, keyword_count) << line;
        const KeywordInfo& entry = info(static_cast<Keyword>(row++));
        EXPECT_EQ(entry.name, fields[0]);
        EXPECT_EQ(entry.form, forms_of_the_table().at(fields[1])) << entry.name;
        EXPECT_EQ(entry.default_text, fields[2]) << entry.name;
        EXPECT_EQ(static_cast<int>(entry.priority), fields[4][1] - '1') << entry.name;
    }
    EXPECT_EQ(row, keyword_count);
    EXPECT_EQ(keyword_count, 465U);
}

TEST(KeywordTable, EveryNameFindsItsKeyword) {
    for (std::size_t i = 0; i < keyword_count; ++i) {
        const auto keyword = static_cast<Keyword>(i);
        EXPECT_EQ(find_keyword(name_of(keyword)), keyword) << name_of(keyword);
        EXPECT_EQ(find_keyword(to_upper(name_of(keyword))), keyword) << name_of(keyword);
        EXPECT_LE(name_of(keyword).size(), significant_length);
    }
}

// The manual page lists the numbered scanner keywords for the number 1 only.
bool is_later_scanner(std::string_view name) {
    const auto number = name.find_first_of("2345678");
    return number != std::string_view::npos && name.substr(0, number).ends_with("spamfilter");
}

TEST(KeywordTable, EveryKeywordIsInTheManual) {
    const std::string manual = read_file(SLUICE_SOURCE_DIR "/docs/man/imta.cnf.5").value();
    for (std::size_t i = 0; i < keyword_count; ++i) {
        const KeywordInfo& entry = info(static_cast<Keyword>(i));
        if (is_later_scanner(entry.name)) continue;
        const auto at = manual.find("\n.Cm " + std::string(entry.name) + ' ');
        ASSERT_NE(at, std::string::npos) << entry.name;
        const std::string_view line =
            std::string_view(manual).substr(at + 1, manual.find('\n', at + 1) - at - 1);
        EXPECT_EQ(line.find(" Ar ") != std::string_view::npos, entry.form != ArgumentForm::none)
            << line;
        EXPECT_EQ(line.find(" Ns No *") != std::string_view::npos, entry.is_default()) << line;
    }
}

TEST(FindKeyword, IgnoresCaseAndKnowsNumbers) {
    EXPECT_EQ(find_keyword("SMTP"), Keyword::smtp);
    EXPECT_EQ(find_keyword("822"), Keyword::k822);
    EXPECT_EQ(find_keyword("Inline"), Keyword::inline_);
    EXPECT_EQ(find_keyword("SourceSpamFilter8OptIn"), Keyword::sourcespamfilter8optin);
    EXPECT_EQ(find_keyword("sourcespamfilter9"), std::nullopt);
    EXPECT_EQ(find_keyword(""), std::nullopt);
    EXPECT_EQ(find_keyword("smt"), std::nullopt);
}

TEST(FindKeyword, ComparesTheFirst32CharactersOnly) {
    // No keyword is that long, so a word of more than 32 characters never is one.
    EXPECT_EQ(find_keyword("sensitivitycompanyconfidentialxxxxxx"), std::nullopt);
}

struct Misspelling {
    const char* written;
    const char* meant;  ///< empty: too far from everything
};
class NearestKeyword : public testing::TestWithParam<Misspelling> {};

TEST_P(NearestKeyword, NamesWhatWasMeant) {
    const auto nearest = nearest_keyword(GetParam().written);
    EXPECT_EQ(nearest ? name_of(*nearest) : "", std::string_view(GetParam().meant));
}

INSTANTIATE_TEST_SUITE_P(
    Words,
    NearestKeyword,
    testing::Values(
        Misspelling{"loging", "logging"},
        Misspelling{"maxjbos", "maxjobs"},
        Misspelling{"Single-Sys", "single_sys"},
        Misspelling{"switchchanel", "switchchannel"},
        Misspelling{"smpt", "smtp"},
        Misspelling{"staff", ""},
        Misspelling{"many", ""},
        Misspelling{"xy", ""},
        Misspelling{"$U%$H@tcp_local-daemon", ""}
    )
);

}  // namespace
}  // namespace sluice::channel
