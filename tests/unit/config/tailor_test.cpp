#include "config/tailor.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

struct Read {
    explicit Read(
        std::string_view text,
        const TailorOverrides& overrides = {},
        const std::string& path = "/opt/mta/config/imta_tailor"
    )
        : tailor(parse_tailor(text, path, overrides, findings)) {}
    [[nodiscard]] std::string codes() const {
        std::string out;
        for (const auto& item : findings.items()) out += item.code + " ";
        return out;
    }
    Diagnostics findings;
    Tailor tailor;
};

TEST(Tailor, DefaultsStandUnderTheParentOfTheFilesDirectory) {
    const Read read("! nothing set\n");
    EXPECT_EQ(read.tailor.path(TailorEntry::root), "/opt/mta/");
    EXPECT_EQ(read.tailor.path(TailorEntry::table), "/opt/mta/config/");
    EXPECT_EQ(read.tailor.path(TailorEntry::queue), "/opt/mta/queue/");
    EXPECT_EQ(read.tailor.path(TailorEntry::option_file), "/opt/mta/config/option.dat");
    EXPECT_EQ(read.tailor.path(TailorEntry::primary_log), "/opt/mta/log/mail.log_current");
    EXPECT_EQ(read.tailor.path(TailorEntry::run), "/opt/mta/run/");
    EXPECT_EQ(read.tailor.path(TailorEntry::store), "/opt/mta/store/");
    EXPECT_EQ(read.tailor.number(TailorEntry::version_limit), 5);
    EXPECT_EQ(read.tailor.source(TailorEntry::queue), "default");
    EXPECT_EQ(read.tailor.file(), "/opt/mta/config/imta_tailor");
    EXPECT_EQ(read.codes(), "");
}

TEST(Tailor, FileMovesWhatItNamesAndWhatHangsOnIt) {
    const Read read("IMTA_ROOT=/srv/mail/\nIMTA_LOG=/var/log/mta/\nIMTA_QUEUE=spool/\n");
    EXPECT_EQ(read.tailor.path(TailorEntry::table), "/srv/mail/config/");
    EXPECT_EQ(read.tailor.path(TailorEntry::queue), "/srv/mail/spool/");
    EXPECT_EQ(read.tailor.path(TailorEntry::tertiary_log), "/var/log/mta/mail.log");
    EXPECT_EQ(read.tailor.source(TailorEntry::queue), "/opt/mta/config/imta_tailor:3");
}

TEST(Tailor, RelativeRootStartsAtTheFile) {
    EXPECT_EQ(Read("IMTA_ROOT=./\n").tailor.path(TailorEntry::queue), "/opt/mta/config/queue/");
    EXPECT_EQ(Read("IMTA_ROOT=../../x/\n").tailor.path(TailorEntry::queue), "/opt/x/queue/");
}

TEST(Tailor, PrefixesNameOtherEntries) {
    const Read read(
        "IMTA_LOCAL=IMTA_ROOT:local/\nIMTA_ALIAS_FILE=IMTA_LOCAL:aliases\n"
        "IMTA_OPTION_FILE=imta_table:site.dat\n"
    );
    EXPECT_EQ(read.codes(), "");
    EXPECT_EQ(read.tailor.path(TailorEntry::alias_file), "/opt/mta/local/aliases");
    EXPECT_EQ(read.tailor.path(TailorEntry::option_file), "/opt/mta/config/site.dat");
    EXPECT_EQ(read.tailor.resolve("IMTA_TABLE:general.txt").value(), "/opt/mta/config/general.txt");
    EXPECT_EQ(read.tailor.resolve("IMTA_LOCAL:x").value(), "/opt/mta/local/x");
    EXPECT_EQ(read.tailor.resolve("plain/x").value(), "plain/x");
    EXPECT_EQ(read.tailor.resolve("127.0.0.1:25").value(), "127.0.0.1:25");
    EXPECT_FALSE(read.tailor.resolve("IMTA_NONE:x"));
    EXPECT_EQ(read.tailor.resolve_path("x", TailorEntry::log).value(), "/opt/mta/log/x");
    EXPECT_EQ(read.tailor.resolve_path("/x").value(), "/x");
}

TEST(Tailor, CircleOfPrefixesIsAnError) {
    const Read read("IMTA_QUEUE=IMTA_A:x/\nIMTA_A=IMTA_B:\nIMTA_B=IMTA_A:\n");
    EXPECT_EQ(read.codes(), "E410 E410 E410 ");
    EXPECT_TRUE(read.findings.has_errors());
}

TEST(Tailor, EightLevelsOfPrefixesAreFollowed) {
    std::string text = "IMTA_P0=/base/\n";
    for (int i = 1; i <= 9; ++i) {
        text += "IMTA_P" + std::to_string(i) + "=IMTA_P" + std::to_string(i - 1) + ":\n";
    }
    const Read read(text);
    EXPECT_EQ(read.tailor.resolve("IMTA_P8:x").value(), "/base/x");
    EXPECT_FALSE(read.tailor.resolve("IMTA_P9:x"));
}

TEST(Tailor, DirectoryWithoutSlashGetsOneWithAWarning) {
    const Read read("IMTA_QUEUE=/var/queue\n");
    EXPECT_EQ(read.codes(), "W410 ");
    EXPECT_EQ(read.tailor.path(TailorEntry::queue), "/var/queue/");
}

TEST(Tailor, OverridesWin) {
    const Read read(
        "IMTA_QUEUE=/var/queue/\n", {{"IMTA_QUEUE", "/tmp/q/"}, {"IMTA_LOG", "/tmp/l/"}}
    );
    EXPECT_EQ(read.tailor.path(TailorEntry::queue), "/tmp/q/");
    EXPECT_EQ(read.tailor.source(TailorEntry::queue), "environment");
    EXPECT_EQ(read.tailor.path(TailorEntry::primary_log), "/tmp/l/mail.log_current");
}

TEST(Tailor, MalformedNumberKeepsTheDefault) {
    const Read read("IMTA_VERSION_LIMIT=many\n");
    EXPECT_EQ(read.codes(), "E405 ");
    EXPECT_EQ(read.tailor.number(TailorEntry::version_limit), 5);
}

TEST(Tailor, ForeignNameIsKeptWithAWarning) {
    const Read read("OTHER=x\nIMTA_SITE=y\n");
    EXPECT_EQ(read.codes(), "W411 ");
    EXPECT_EQ(read.tailor.others().at("imta_site"), "y");
}

TEST(Tailor, ManualPageNamesEveryEntry) {
    DiskFiles files;
    const auto page = files.read(SLUICE_SOURCE_DIR "/docs/man/imta_tailor.5");
    ASSERT_TRUE(page);
    for (std::size_t i = 0; i < tailor_entry_count; ++i) {
        const auto name = Tailor::name_of(static_cast<TailorEntry>(i));
        EXPECT_NE(page->find(' ' + std::string(name)), std::string::npos) << name;
    }
}

TEST(Tailor, MissingFileIsAnError) {
    MemoryFiles files(std::map<std::string, std::string>{});
    Diagnostics diagnostics;
    EXPECT_FALSE(load_tailor(files, "/x/imta_tailor", {}, diagnostics));
}

}  // namespace
}  // namespace sluice::config
