#include "utility/command_line.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace sluice::utility {
namespace {

ExitCode nothing(Invocation&) {
    return ExitCode::done;
}

constexpr Switch directory_switches[] = {
    {"held", Switch::Value::none, ""},          {"heading", Switch::Value::none, ""},
    {"node", Switch::Value::none, ""},          {"channel", Switch::Value::required, ""},
    {"context", Switch::Value::negatable, ""},  {"from", Switch::Value::optional, ""},
    {"subject", Switch::Value::structured, ""},
};
constexpr Command qm_commands[] = {
    {"delete", "", "id", {}, 1, any_number, nothing, {}},
    {"directory", "", "[id ...]", directory_switches, 0, 2, nothing, {}},
    {"date", "", "", {}, 0, 0, nothing, {}},
};
constexpr Switch program_switches[] = {
    {"m", Switch::Value::word, ""},
    {"d", Switch::Value::none, ""},
};
constexpr Command utilities[] = {
    {"qm", "", "", {}, 0, 0, nothing, qm_commands},
    {"start", "", "[component]", {}, 0, 1, nothing, {}},
    {"startup", "", "", {}, 0, 0, nothing, {}},
    {"stop", "", "[component]", {}, 0, 1, nothing, {}},
    {"dispatcher", "", "", {}, 0, 0, nullptr, qm_commands},
    {"program", "", "[name]", program_switches, 0, 1, nothing, {}},
};

// "command | -switch=value -noswitch | parameter", or "IDENT: text".
std::string parsed(std::string_view text, CommandLineSyntax syntax = {}) {
    std::vector<std::string> words;
    for (const auto word : split_words(text)) words.emplace_back(word);
    const auto line = parse_command_line(utilities, words, syntax);
    if (!line) return line.error().detail() + ": " + line.error().text();
    std::string out = line->command_name() + " |";
    for (const auto& what : line->command().switches) {
        if (line->is_negated(what.name)) out += " -no" + std::string(what.name);
        if (!line->has(what.name)) continue;
        out += " -" + std::string(what.name);
        if (const auto value = line->value(what.name)) out += '=' + std::string(*value);
    }
    out += " |";
    for (const auto& parameter : line->parameters()) out += ' ' + parameter;
    return out;
}

struct LineCase {
    const char* line;
    const char* expected;
};
void PrintTo(const LineCase& row, std::ostream* out) {
    *out << row.line;
}
class CommandLines : public testing::TestWithParam<LineCase> {};

TEST_P(CommandLines, AreTakenApart) {
    EXPECT_EQ(parsed(GetParam().line), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Good,
    CommandLines,
    testing::Values(
        LineCase{"qm", "qm | |"},
        LineCase{"qm directory", "qm directory | |"},
        LineCase{"QM Dir -HELD", "qm directory | -held |"},
        LineCase{"q dir -hel", "qm directory | -held |"},
        LineCase{"qm -held dir", "qm directory | -held |"},
        LineCase{"qm dir --held a", "qm directory | -held | a"},
        LineCase{"qm dir -noheld", "qm directory | -noheld |"},
        LineCase{"qm dir -held -noheld", "qm directory | -noheld |"},
        LineCase{"qm dir -noheld -held", "qm directory | -held |"},
        LineCase{"qm dir -no", "qm directory | -node |"},
        LineCase{"qm dir -nonode", "qm directory | -nonode |"},
        LineCase{"qm dir -ch=TCP_Local", "qm directory | -channel=TCP_Local |"},
        LineCase{"qm dir -ch=a -ch=b", "qm directory | -channel=b |"},
        LineCase{"qm dir -from", "qm directory | -from |"},
        LineCase{"qm dir -from=", "qm directory | -from= |"},
        LineCase{"qm dir -from=a=b", "qm directory | -from=a=b |"},
        LineCase{"qm dir -nocontext", "qm directory | -nocontext |"},
        LineCase{
            "qm dir -subject=(START=1,LENGTH=20)", "qm directory | -subject=(START=1,LENGTH=20) |"},
        LineCase{"qm dir a -held b", "qm directory | -held | a b"},
        LineCase{"qm dir -- -held", "qm directory | | -held"},
        LineCase{"qm dir -", "qm directory | | -"},
        LineCase{"qm dir /held", "qm directory | | /held"},
        LineCase{"program -m x -d y", "program | -m=x -d | y"},
        LineCase{"program -m=x y", "program | -m=x | y"},
        LineCase{"program -m -d", "program | -m=-d |"},
        LineCase{"program -m= -d", "program | -m= -d |"},
        LineCase{"start", "start | |"},
        LineCase{"start dispatcher", "start | | dispatcher"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    Bad,
    CommandLines,
    testing::Values(
        LineCase{"", "NOVERB: no utility given; imsimta help lists them"},
        LineCase{"zap", "UNKVERB: unknown utility zap; imsimta help lists them"},
        LineCase{"st", "AMBIG: st is ambiguous: start, startup, stop"},
        LineCase{"qm d", "AMBIG: d is ambiguous: delete, directory, date"},
        LineCase{"qm zap", "UNKVERB: unknown sub-command qm zap"},
        LineCase{"dispatcher", "MISSING: dispatcher needs a sub-command"},
        LineCase{"qm dir -he", "AMBIG: -he is ambiguous: held, heading"},
        LineCase{"qm dir -nohe", "AMBIG: -nohe is ambiguous: held, heading"},
        LineCase{"qm dir -zap", "UNKSWITCH: unknown switch -zap for qm directory"},
        LineCase{"qm dir -nochannel", "NOTNEG: -channel has no negation"},
        LineCase{"qm dir -channel", "NOVALUE: -channel needs a value: -channel=value"},
        LineCase{"program -d -m", "NOVALUE: -m needs a value: -m=value"},
        LineCase{"qm dir -channel=", "NOVALUE: -channel needs a value: -channel=value"},
        LineCase{"qm dir -held=1", "VALUE: -held takes no value"},
        LineCase{"qm dir -noheld=1", "VALUE: -noheld takes no value"},
        LineCase{"qm dir -subject=(A=1,B=2", "VALUE: -subject is written -subject=(KEY=n,KEY=n)"},
        LineCase{"qm delete", "MISSING: parameter missing: imsimta qm delete id"},
        LineCase{"qm dir a b c", "TOOMANY: unexpected parameter c"}
    )
);

TEST(CommandLineSwitches, SlashIsASwitchMarkOnlyWhenAskedFor) {
    EXPECT_EQ(parsed("qm dir /held", {.slash_switches = true}), "qm directory | -held |");
}

TEST(CommandLineSwitches, StructuredValuesAreSplit) {
    const std::vector<std::string> words{"qm", "dir", "-subject=(start=1, Length=20,X)"};
    const auto line = parse_command_line(utilities, words);
    ASSERT_TRUE(line);
    const auto pairs = line->pairs("subject");
    EXPECT_EQ(pairs.at("START"), "1");
    EXPECT_EQ(pairs.at("LENGTH"), "20");
    EXPECT_EQ(pairs.at("X"), "");
    EXPECT_EQ(pairs.size(), 3U);
}

TEST(CommandHelp, ShowsSwitchesInTheirShape) {
    const std::string help = command_help(qm_commands[1], "qm directory");
    EXPECT_NE(help.find("imsimta qm directory [-switch ...] [id ...]\n"), std::string::npos);
    EXPECT_NE(help.find("-[no]held"), std::string::npos);
    EXPECT_NE(help.find("-channel=value"), std::string::npos);
    EXPECT_NE(help.find("-subject=(KEY=n,...)"), std::string::npos);
}

}  // namespace
}  // namespace sluice::utility
