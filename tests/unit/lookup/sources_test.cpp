#include "lookup/sources.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/bytes.h"
#include "store/database_writer.h"
#include "support/instance_directory.h"

namespace sluice::lookup {
namespace {

using mapping::Answer;
using mapping::Question;

class SourcesTest : public testing::Test {
protected:
    SourcesTest() { std::filesystem::create_directories(instance_.path("db")); }

    void option(const std::string& line) {
        instance_.append("config/option.dat", '\n' + line + '\n');
    }
    void database(const std::string& name, const store::Entries& entries) {
        ASSERT_TRUE(store::write_database(instance_.path("db/" + name), entries));
    }
    std::string ask(
        Question::Kind kind,
        const std::string& subject,
        const std::string& routine = {},
        const std::string& argument = {}
    ) {
        if (!sources_) {
            auto loaded = config::load_published(instance_.tailor());
            if (!loaded) return loaded.error().detail();
            sources_ = std::make_unique<Sources>(std::move(*loaded));
        }
        const Answer answer = sources_->answer({kind, subject, routine, argument});
        switch (answer.kind) {
            case Answer::Kind::found:
                return answer.text;
            case Answer::Kind::not_found:
                return "-";
            case Answer::Kind::temporary_failure:
                return "temporary";
            case Answer::Kind::pending:
                break;
        }
        return "pending";
    }

    test::InstanceDirectory instance_{"sources"};
    std::unique_ptr<Sources> sources_;
};

using Kind = Question::Kind;

TEST_F(SourcesTest, DatabasesOnDisk) {
    database("general", {{"key", "$Uvalue"}});
    database("domain", {{".x.example", "$U%y.example"}});
    database("aliases", {{"staff", "a@x.example, b@x.example"}});
    database("forward", {{"a@x.example", "b$ c@y.example"}});
    database("reverse", {{"b@x.example", "a@y.example"}});
    EXPECT_EQ(ask(Kind::general_value, "KEY"), "$Uvalue");
    EXPECT_EQ(ask(Kind::general_value, "other"), "-");
    EXPECT_EQ(ask(Kind::domain_template, ".X.example"), "$U%y.example");
    EXPECT_EQ(ask(Kind::alias_value, "Staff"), "a@x.example, b@x.example");
    EXPECT_EQ(ask(Kind::forward_value, "a@x.example"), "b c@y.example");
    EXPECT_EQ(ask(Kind::reverse_value, "b@x.example"), "a@y.example");
}

TEST_F(SourcesTest, WithoutDatabasesNothingIsFound) {
    for (const Kind kind :
         {Kind::general_value, Kind::domain_template, Kind::alias_value, Kind::forward_value,
          Kind::reverse_value, Kind::directory, Kind::domain_attribute, Kind::is_local_domain})
        EXPECT_EQ(ask(kind, "key"), "-");
}

TEST_F(SourcesTest, DamagedDatabaseIsATemporaryFailure) {
    instance_.write("db/general", "this is no database");
    EXPECT_EQ(ask(Kind::general_value, "key"), "temporary");
    database("general", {{"key", "mended"}});
    EXPECT_EQ(ask(Kind::general_value, "key"), "mended");
}

TEST_F(SourcesTest, TextsTakeThePlaceOfDatabases) {
    option("USE_TEXT_DATABASES=3");
    instance_.write("config/general.txt", "key of-text\n");
    instance_.write("config/reverse.txt", "a@x.example of$ text@y.example\n");
    database("general", {{"key", "of-database"}, {"other", "of-database"}});
    database("forward", {{"key", "of-database"}});
    EXPECT_EQ(ask(Kind::general_value, "key"), "of-text");
    EXPECT_EQ(ask(Kind::general_value, "other"), "-");
    EXPECT_EQ(ask(Kind::reverse_value, "a@x.example"), "of text@y.example");
    EXPECT_EQ(ask(Kind::forward_value, "key"), "of-database");
}

TEST_F(SourcesTest, OptionsSwitchDatabasesOff) {
    option("USE_ALIAS_DATABASE=0\nUSE_DOMAIN_DATABASE=0");
    database("aliases", {{"key", "value"}});
    database("domain", {{"key", "value"}});
    EXPECT_EQ(ask(Kind::alias_value, "key"), "-");
    EXPECT_EQ(ask(Kind::domain_template, "key"), "-");
}

TEST_F(SourcesTest, SequenceNumbers) {
    instance_.write("config/number", "41\n");
    EXPECT_EQ(ask(Kind::sequence_number, "IMTA_TABLE:number"), "42");
    EXPECT_EQ(ask(Kind::sequence_number, "number"), "43");
    EXPECT_EQ(ask(Kind::sequence_number, instance_.path("config/number")), "44");
    EXPECT_EQ(ask(Kind::sequence_number, "missing"), "-");
    EXPECT_EQ(ask(Kind::sequence_number, "../config/number"), "-");
    EXPECT_EQ(ask(Kind::sequence_number, "NOWHERE:number"), "-");
    EXPECT_TRUE(sources_->may_block({Kind::sequence_number, "number", {}, {}}));
}

TEST_F(SourcesTest, TextsOfFiles) {
    instance_.write("config/members", "a@x.example\n");
    EXPECT_EQ(ask(Kind::file_text, instance_.path("config/members")), "a@x.example\n");
    // Missing is not empty: a list whose file is gone for a moment keeps its members.
    EXPECT_EQ(ask(Kind::file_text, instance_.path("config/nobody")), "temporary");
    EXPECT_EQ(ask(Kind::file_text, instance_.path("config")), "temporary");
}

TEST_F(SourcesTest, ChanceIsANumberBelowAHundred) {
    std::set<std::string> drawn;
    for (int i = 0; i < 200; ++i) {
        const std::string text = ask(Kind::chance, "");
        EXPECT_GE(std::stod(text), 0.0);
        EXPECT_LT(std::stod(text), 100.0);
        drawn.insert(text);
    }
    EXPECT_GT(drawn.size(), 100U);
}

TEST_F(SourcesTest, UniqueStringsAreUnique) {
    std::set<std::string> made;
    for (int i = 0; i < 1000; ++i) {
        const std::string text = ask(Kind::unique_string, "");
        EXPECT_TRUE(made.insert(text).second);
        EXPECT_EQ(to_upper(text), text);
    }
}

TEST_F(SourcesTest, CallOuts) {
    EXPECT_EQ(ask(Kind::call_out, "IMTA_LIB:conn_throttle.so", "throttle", "192.0.2.1,1"), "-");
    EXPECT_EQ(ask(Kind::call_out, "conn_throttle", "throttle", "192.0.2.1,1"), "");
    EXPECT_EQ(ask(Kind::call_out, "check_metermaid", "throttle", "t,192.0.2.1"), "-");
    EXPECT_EQ(ask(Kind::call_out, SLUICE_SITE_LIBRARY, "site_upper", "abc"), "-");
    EXPECT_FALSE(sources_->may_block({Kind::call_out, "conn_throttle", "throttle", "x"}));
    EXPECT_TRUE(sources_->may_block({Kind::call_out, "dns_verify", "dns_verify", "x"}));
    EXPECT_TRUE(sources_->may_block({Kind::call_out, "site", "routine", "x"}));
}

TEST_F(SourcesTest, TablesOfCallOuts) {
    option("METERMAID.TABLE.T.QUOTA=1");
    std::filesystem::create_directories(instance_.path("run"));
    EXPECT_EQ(ask(Kind::call_out, "check_metermaid", "throttle", "t,192.0.2.1"), "-");
    EXPECT_EQ(ask(Kind::call_out, "check_metermaid", "throttle", "t,192.0.2.1"), "");
    EXPECT_NE(ask(Kind::call_out, "abuse", "greylist_client", "192.0.2.1"), "-");
    EXPECT_TRUE(sources_->may_block({Kind::call_out, "check_metermaid", "throttle", "x"}));
    sources_.reset();
    EXPECT_EQ(ask(Kind::call_out, "check_metermaid", "query", "t,192.0.2.1"), "")
        << "it is the file that remembers";
    EXPECT_TRUE(std::filesystem::exists(instance_.path("run/meter.mdb-saved")));
}

TEST_F(SourcesTest, SiteRoutinesWhereTheOptionAllowsThem) {
    option("SITE_ROUTINES=1");
    std::filesystem::create_symlink(SLUICE_CALLOUT_HOST, instance_.path("lib/callout_host"));
    std::filesystem::create_symlink(SLUICE_SITE_LIBRARY, instance_.path("lib/site.so"));
    EXPECT_EQ(ask(Kind::call_out, SLUICE_SITE_LIBRARY, "site_upper", "abc"), "ABC");
    EXPECT_EQ(ask(Kind::call_out, "IMTA_LIB:site.so", "site_upper", "a$b"), "A$B");
    EXPECT_EQ(ask(Kind::call_out, "site", "site_upper", "abc"), "ABC");
    EXPECT_EQ(ask(Kind::call_out, "site", "site_no", "abc"), "-");
    EXPECT_EQ(ask(Kind::call_out, "NOWHERE:site", "site_upper", "abc"), "-");
}

}  // namespace
}  // namespace sluice::lookup
