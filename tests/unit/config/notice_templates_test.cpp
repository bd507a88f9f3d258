#include "config/notice_templates.h"

#include <gtest/gtest.h>

#include "config/notice_locales.h"

namespace sluice::config {
namespace {

const std::string shipped = std::string(SLUICE_SOURCE_DIR) + "/config/locale/";

std::string codes(const Diagnostics& findings) {
    std::string out;
    for (const auto& finding : findings.items()) out += (out.empty() ? "" : " ") + finding.code;
    return out;
}

struct Loaded {
    NoticeTemplates templates;
    std::string findings;
    bool found = false;
};
Loaded load(std::map<std::string, std::string> texts) {
    std::map<std::string, std::string> in_place;
    for (auto& [name, text] : texts) in_place.emplace("/lang/" + name, std::move(text));
    MemoryFiles files(std::move(in_place));
    Diagnostics findings;
    Loaded loaded;
    loaded.templates = load_notice_templates(files, "/lang/", findings, loaded.found);
    loaded.findings = codes(findings);
    return loaded;
}

TEST(NoticeTemplates, ShippedEnglishOnesAreTheBuiltInOnes) {
    DiskFiles files;
    Diagnostics findings;
    bool found = false;
    const auto templates = load_notice_templates(files, shipped + "C/", findings, found);
    EXPECT_TRUE(found);
    EXPECT_EQ(codes(findings), "");
    const NoticeTemplates& builtin = builtin_notice_templates();
    EXPECT_EQ(templates.prefix, builtin.prefix);
    EXPECT_EQ(templates.middles, builtin.middles);
    EXPECT_EQ(templates.suffix, builtin.suffix);
    EXPECT_EQ(templates.charset, builtin.charset);
    EXPECT_EQ(templates.language, builtin.language);
    EXPECT_EQ(templates.shown_header, builtin.shown_header);
}

TEST(NoticeTemplates, GermanOnesAreCompleteAndWithoutFindings) {
    DiskFiles files;
    Diagnostics findings;
    bool found = false;
    const auto templates = load_notice_templates(files, shipped + "de/", findings, found);
    EXPECT_EQ(codes(findings), "");
    EXPECT_EQ(templates.charset, "utf-8");
    EXPECT_EQ(templates.language, "de");
    EXPECT_EQ(templates.middles.size(), builtin_notice_templates().middles.size());
    for (const auto& [kind, subject] : builtin_notice_templates().subjects)
        EXPECT_NE(templates.subject_of(kind), subject) << kind;
}

TEST(NoticeTemplates, NothingThereIsTheBuiltInText) {
    const Loaded loaded = load({});
    EXPECT_FALSE(loaded.found);
    EXPECT_EQ(loaded.findings, "");
    EXPECT_EQ(loaded.templates.prefix, builtin_notice_templates().prefix);
    EXPECT_EQ(loaded.templates.middle("failed"), builtin_notice_templates().middles.at("failed"));
}

TEST(NoticeTemplates, HeaderOfThePrefixIsNoText) {
    const Loaded loaded = load(
        {{"return_prefix.txt",
          "Content-type: text/plain;\r\n charset=ISO-8859-1\r\nContent-language: fr\r\n\r\n"
          "Bonjour %H\xE9\r\n"}}
    );
    EXPECT_EQ(loaded.findings, "");
    EXPECT_EQ(loaded.templates.charset, "iso-8859-1");
    EXPECT_EQ(loaded.templates.language, "fr");
    EXPECT_EQ(loaded.templates.prefix, "Bonjour %H\xE9\n");
}

struct FindingCase {
    const char* file;
    std::string text;
    const char* code;
};
class NoticeFinding : public testing::TestWithParam<FindingCase> {};
TEST_P(NoticeFinding, IsReportedAndTheTemplatesStayUsable) {
    const Loaded loaded = load({{GetParam().file, GetParam().text}});
    EXPECT_EQ(loaded.findings, GetParam().code);
    EXPECT_TRUE(loaded.found);
    EXPECT_FALSE(loaded.templates.middle("failed").empty());
}
INSTANTIATE_TEST_SUITE_P(
    Files,
    NoticeFinding,
    testing::Values(
        FindingCase{"return_failed.txt", "gone: %x\n%R", "W460"},
        FindingCase{"return_failed.txt", std::string(79, 'x') + "\n%R", "W461"},
        FindingCase{"return_failed.txt", "not UTF-8: \xFF\n", "W462"},
        FindingCase{"return_failed.txt", std::string(70000, '\n'), "W462"},
        FindingCase{
            "return_prefix.txt", "Content-type: text/plain; charset=klingon\n\nx\n", "W463"},
        FindingCase{"return_prefix.txt", "Content-type: text/plain; charset=utf-16\n\nx\n", "W463"},
        FindingCase{"return_prefix.txt", "Bcc: me@example.com\n\nx\n", "W464"},
        FindingCase{"return_option.opt", "DAYS=Tage\n", "W405"},
        FindingCase{"return_option.opt", "DAY=\xFF\n", "W462"},
        FindingCase{"return_option.opt", "5.1=x\n", "W405"},
        FindingCase{"return_option.opt", "this is no option\n", "E401"}
    )
);

TEST(NoticeTemplates, OptionsAreReadUnderBothNames) {
    constexpr const char* text =
        "day=Tag\nHOUR=Stunde\nREASON=\nSUBJECT=All alike\nSUBJECT_DELAYED=Later\n5.1.1=No one\n"
        "RETURN_PERSONAL=Mail System\n";
    for (const char* name : {"return_option.opt", "return_option.dat"}) {
        const Loaded loaded = load({{name, text}});
        EXPECT_EQ(loaded.findings, "");
        EXPECT_EQ(loaded.templates.labels.day, "Tag");
        EXPECT_EQ(loaded.templates.labels.hour, "Stunde");
        EXPECT_EQ(loaded.templates.labels.reason, "");
        EXPECT_EQ(loaded.templates.labels.recipient_address, "Recipient address:");
        EXPECT_EQ(loaded.templates.subject_of("failed"), "All alike");
        EXPECT_EQ(loaded.templates.subject_of("delayed"), "Later");
        EXPECT_EQ(loaded.templates.status_texts.at("5.1.1"), "No one");
        EXPECT_EQ(loaded.templates.personal, "Mail System");
    }
    const Loaded both = load({{"return_option.opt", "DAY=a\n"}, {"return_option.dat", "DAY=b\n"}});
    EXPECT_EQ(both.templates.labels.day, "a");
}

class NoticeLocalesTest : public testing::Test {
protected:
    NoticeLocalesTest()
        : files_(
              {{"/t/locale/C/return_suffix.txt", "C\n"},
               {"/t/locale/fr/return_suffix.txt", "fr\n"},
               {"/t/locale/C/external/return_suffix.txt", "external\n"},
               {"/t/locale/README", "nothing\n"},
               {"/elsewhere/de/return_suffix.txt", "de\n"}}
          ),
          tailor_("/t", {{"IMTA_LANG", "/t/locale/C/"}}),
          locales_(load_notice_locales(files_, tailor_, findings_)) {}

    std::string suffix_in(std::string_view name) {
        const NoticeTemplates* found = locales_.find(name);
        return found != nullptr ? found->suffix : "none";
    }
    MemoryFiles files_;
    Tailor tailor_;
    Diagnostics findings_;
    NoticeLocales locales_;
};

TEST_F(NoticeLocalesTest, DirectoriesAreFoundBesideAndBelowTheLanguage) {
    EXPECT_EQ(codes(findings_), "");
    EXPECT_EQ(locales_.standard().suffix, "C\n");
    EXPECT_EQ(suffix_in("fr"), "fr\n");
    EXPECT_EQ(suffix_in("fr/"), "fr\n");
    EXPECT_EQ(suffix_in("external/"), "external\n");
    EXPECT_EQ(suffix_in("C"), "C\n");
    EXPECT_EQ(suffix_in("/t/locale/fr/"), "fr\n");
    EXPECT_EQ(suffix_in("/t/locale/C/"), "C\n");
}

TEST_F(NoticeLocalesTest, NothingIsFoundElsewhere) {
    for (const char* name :
         {"", "xx", "/", "..", "../../elsewhere/de", "/elsewhere/de/", "fr/../fr"})
        EXPECT_EQ(suffix_in(name), "none") << name;
}

TEST(NoticeLocales, EmptyLanguageDirectoryIsReportedWhereSomebodySetIt) {
    MemoryFiles files({});
    Diagnostics findings;
    (void)load_notice_locales(files, Tailor("/t"), findings);
    EXPECT_EQ(codes(findings), "");
    (void)load_notice_locales(files, Tailor("/t", {{"IMTA_LANG", "/x/"}}), findings);
    EXPECT_EQ(codes(findings), "W465");
}

}  // namespace
}  // namespace sluice::config
