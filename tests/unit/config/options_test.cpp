#include "config/options.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

struct Read {
    explicit Read(std::string_view text) : options(parse_options(text, "option.dat", findings)) {}
    [[nodiscard]] std::string first() const {
        return findings.items().empty() ? "" : findings.items()[0].to_string();
    }
    [[nodiscard]] std::string codes() const {
        std::string out;
        for (const auto& item : findings.items()) out += item.code + " ";
        return out;
    }
    Diagnostics findings;
    Options options;
};

TEST(Options, DefaultsAreThoseOfTheTable) {
    const Options options;
    EXPECT_EQ(options.integer(OptionId::block_size), 1024);
    EXPECT_EQ(options.integer(OptionId::log_diagnostics), 1);
    EXPECT_EQ(options.integer(OptionId::alias_domains), 6);
    EXPECT_EQ(options.integer(OptionId::log_buffer_max), 64 << 20);
    EXPECT_EQ(options.text(OptionId::return_personal), "Internet Mail Delivery");
    EXPECT_EQ(options.text(OptionId::error_text_unknown_user), "unknown or illegal user");
    EXPECT_EQ(options.duration(OptionId::tmp_max_age), std::chrono::hours(4));
    EXPECT_DOUBLE_EQ(options.real(OptionId::max_header_block_use), 0.5);
    EXPECT_EQ(
        options.integers(OptionId::log_size_bins), (std::vector<std::int64_t>{2, 10, 50, 100, 500})
    );
    EXPECT_TRUE(options.boolean(OptionId::fsync));
    EXPECT_EQ(options.source(OptionId::block_size), "default");
    EXPECT_FALSE(options.is_set(OptionId::block_size));
}

TEST(Options, ValuesOfTheFileWinAndKnowTheirPlace) {
    const Read read(
        "! house rules\nLog_Filename = 1\nLOG_CONNECTION=16%FF\nRETURN_ADDRESS=pm@x.example\n"
    );
    EXPECT_EQ(read.first(), "");
    EXPECT_TRUE(read.options.bit(OptionId::log_filename, 1));
    EXPECT_EQ(read.options.integer(OptionId::log_connection), 255);
    EXPECT_EQ(read.options.text(OptionId::return_address), "pm@x.example");
    EXPECT_EQ(read.options.source(OptionId::log_filename), "option.dat:2");
    EXPECT_TRUE(read.options.is_set(OptionId::log_filename));
}

TEST(Options, UnknownNameIsAWarningWithASuggestion) {
    const Read read("LOG_FILNAME=1\n");
    EXPECT_EQ(
        read.first(),
        "option.dat:1:1: warning: unknown option LOG_FILNAME, ignored [W405]\n"
        "  LOG_FILNAME=1\n"
        "  ^\n"
        "  hint: did you mean LOG_FILENAME?"
    );
    EXPECT_FALSE(read.findings.has_errors());
}

TEST(Options, MalformedNumberIsAnErrorAndKeepsTheDefault) {
    const Read read("HISTORY_TO_RETURN = twenty\n");
    EXPECT_EQ(
        read.first(),
        "option.dat:1:21: error: HISTORY_TO_RETURN: expected an integer, the default is kept "
        "[E405]\n"
        "  HISTORY_TO_RETURN = twenty\n"
        "                      ^"
    );
    EXPECT_EQ(read.options.integer(OptionId::history_to_return), 20);
}

TEST(Options, LastOfRepeatedSettingsCounts) {
    const Read read("LOG_PROCESS=1\nLOG_PROCESS=0\n");
    EXPECT_EQ(read.codes(), "W401 ");
    EXPECT_EQ(read.options.integer(OptionId::log_process), 0);
}

struct ValidationCase {
    const char* name;
    const char* text;
    OptionId id;
    std::int64_t value;
    const char* codes;
};
void PrintTo(const ValidationCase& row, std::ostream* out) {
    *out << row.name;
}
class OptionValidation : public testing::TestWithParam<ValidationCase> {};

TEST_P(OptionValidation, FollowsTheRulesForValues) {
    const Read read(GetParam().text);
    EXPECT_EQ(read.options.integer(GetParam().id), GetParam().value);
    EXPECT_EQ(read.codes(), GetParam().codes);
}

const ValidationCase validation_cases[] = {
    {"block_size_zero", "BLOCK_SIZE=0\n", OptionId::block_size, 1024, "E407 "},
    {"received_lines_zero", "MAX_RECEIVED_LINES=0\n", OptionId::max_received_lines, 50, "W406 "},
    {"received_lines_negative", "MAX_LOCAL_RECEIVED_LINES=-3\n", OptionId::max_local_received_lines,
     10, "W406 "},
    {"return_units_two", "RETURN_UNITS=2\n", OptionId::return_units, 0, "E406 "},
    {"return_units_one", "RETURN_UNITS=1\n", OptionId::return_units, 1, ""},
    {"log_format_seven", "LOG_FORMAT=7\n", OptionId::log_format, 1, "E406 "},
    {"log_format_json", "LOG_FORMAT=5\n", OptionId::log_format, 5, ""},
    {"history_clamped_up", "HISTORY_TO_RETURN=0\n", OptionId::history_to_return, 1, "W404 "},
    {"history_clamped_down", "HISTORY_TO_RETURN=999\n", OptionId::history_to_return, 200, "W404 "},
    {"alias_hash_clamped", "ALIAS_HASH_SIZE=40000\n", OptionId::alias_hash_size, 32767, "W404 "},
    {"syslog_only", "LOG_MESSAGES_SYSLOG=-1\n", OptionId::log_messages_syslog, -1, "W407 "},
    {"syslog_only_with_notices", "LOG_MESSAGES_SYSLOG=-1\nLOG_SNDOPR=1\n",
     OptionId::log_messages_syslog, -1, ""},
    {"fsync_off", "FSYNC=0\n", OptionId::fsync, 0, "W407 "},
    {"boolean_word", "SEPARATE_CONNECTION_LOG=yes\n", OptionId::separate_connection_log, 1, ""},
    {"boolean_number", "SEPARATE_CONNECTION_LOG=2\n", OptionId::separate_connection_log, 1,
     "W404 "},
    {"boolean_nonsense", "FSYNC=maybe\n", OptionId::fsync, 1, "E405 "},
};
INSTANTIATE_TEST_SUITE_P(
    Rows,
    OptionValidation,
    testing::ValuesIn(validation_cases),
    [](const auto& row) { return row.param.name; }
);

TEST(Options, XmlFormTurnsFieldsOnUnlessTheyAreSet) {
    const Read read("LOG_FORMAT=4\nLOG_PROCESS=0\n");
    EXPECT_EQ(read.options.integer(OptionId::log_filename), 1);
    EXPECT_EQ(read.options.integer(OptionId::log_username), 1);
    EXPECT_EQ(read.options.integer(OptionId::log_process), 0);
    EXPECT_EQ(read.options.source(OptionId::log_filename), "default");
    EXPECT_EQ(Read("LOG_FORMAT=3\n").options.integer(OptionId::log_filename), 0);
}

TEST(Options, FamiliesAreKeptWithoutARowEach) {
    const Read read("LDAP_HOST=ldap.example.com\nSPAMFILTER1_LIBRARY=/x.so\n");
    EXPECT_EQ(read.first(), "");
    EXPECT_EQ(read.options.others().at("ldap_host").value, "ldap.example.com");
}

TEST(Options, FreeSpaceIsTheSmallerOfShareAndAmount) {
    const Read read("QUEUE_MIN_FREE=10%, 1K\n");
    const auto& limit = read.options.free_space(OptionId::queue_min_free);
    EXPECT_EQ(limit.of(1 << 20), 1024);
    EXPECT_EQ(limit.of(1000), 100);
    EXPECT_EQ(parse_free_space("5%")->of(1000), 50);
    EXPECT_EQ(parse_free_space("2K")->of(1000), 2048);
    EXPECT_EQ(parse_free_space("101%"), std::nullopt);
    EXPECT_EQ(parse_free_space("lots"), std::nullopt);
}

TEST(Options, UnhonouredNamesOptionsThatChangeNothing) {
    // MAIL_OFF has no code behind it; table sizes are never missed; a default asks for nothing.
    const Read read("MAIL_OFF=x\nSTRING_POOL_SIZE=90000\nMAX_NOTIFYS=5\n");
    EXPECT_EQ(unhonoured_in_use(read.options), std::vector<OptionId>{OptionId::mail_off});
}

TEST(Options, WithGivesAChangedCopy) {
    const Options options;
    const Options changed = options.with(OptionId::block_size, "512");
    EXPECT_EQ(changed.integer(OptionId::block_size), 512);
    EXPECT_EQ(changed.source(OptionId::block_size), "command line");
    EXPECT_EQ(options.integer(OptionId::block_size), 1024);
    EXPECT_EQ(options.with(OptionId::block_size, "x").integer(OptionId::block_size), 1024);
}

TEST(Options, MissingFileGivesDefaults) {
    MemoryFiles files(std::map<std::string, std::string>{});
    Diagnostics diagnostics;
    EXPECT_EQ(load_options(files, "/x", diagnostics).integer(OptionId::log_format), 1);
    EXPECT_TRUE(diagnostics.items().empty());
}

// The manual page names every option with the default that the table gives it.
TEST(OptionTable, AgreesWithTheManualPage) {
    DiskFiles files;
    const auto page = files.read(SLUICE_SOURCE_DIR "/docs/man/option.dat.5");
    ASSERT_TRUE(page);
    std::map<std::string, std::string> defaults;
    for (const auto line : split(*page, '\n')) {
        if (line == ".Ss Tables of call-outs") break;  // their options are not in the table
        const auto words = split_words(line);
        if (words.size() < 6 || words[0] != ".It" || words[1] != "Cm") continue;
        const auto start = line.find("default ") + 8;
        const bool quoted = line[start] == '"';
        const auto end = quoted ? line.find('"', start + 1) : line.find(' ', start);
        defaults[std::string(words[2])] =
            std::string(line.substr(start + (quoted ? 1 : 0), end - start - (quoted ? 1 : 0)));
    }
    EXPECT_EQ(defaults.size(), option_count);
    for (std::size_t i = 0; i < option_count; ++i) {
        const auto& row = option_row(static_cast<OptionId>(i));
        const std::string expected(row.fallback.empty() ? "none" : row.fallback);
        EXPECT_EQ(defaults[row.name()], expected) << row.name();
    }
}

TEST(OptionTable, NamesAreFoundInAnyCase) {
    EXPECT_EQ(find_option("log_Filename"), OptionId::log_filename);
    EXPECT_EQ(find_option("NO_SUCH"), std::nullopt);
    EXPECT_EQ(option_row(OptionId::log_filename).name(), "LOG_FILENAME");
}

}  // namespace
}  // namespace sluice::config
