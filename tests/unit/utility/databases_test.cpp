// imsimta crdb, dumpdb, renamedb, and the databases as imsimta test sees them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/instance_directory.h"
#include "unit/utility/command_run.h"

namespace sluice::utility {
namespace {

using testing::HasSubstr;

class DatabasesTest : public testing::Test {
protected:
    [[nodiscard]] CommandRun run(std::vector<std::string> words) const {
        return CommandRun(std::move(words), instance_.tailor());
    }
    [[nodiscard]] std::string path(const std::string& name) const { return instance_.path(name); }
    /// The entries of a database, a line each.
    [[nodiscard]] std::string dump(const std::string& name) const {
        return run({"dumpdb", path(name)}).out;
    }

    test::InstanceDirectory instance_{"databases_test"};
};

TEST_F(DatabasesTest, BuildsAndDumps) {
    instance_.write("source", "! comment\nKey  the value \na$ b v$$\n$!x y\n");
    const auto built = run({"crdb", "-statistics", path("source"), path("db/one")});
    EXPECT_EQ(built.code, ExitCode::done) << built.err;
    EXPECT_THAT(built.out, HasSubstr("%CRDB-I-READ, 4 lines, 3 entries added"));
    EXPECT_THAT(built.out, HasSubstr("%CRDB-S-WRITTEN, 3 entries"));
    EXPECT_EQ(dump("db/one"), "$!x y\na$ b v$$\nkey the value\n");
    EXPECT_EQ(run({"dumpdb", path("db/one"), path("dumped")}).code, ExitCode::done);
    EXPECT_EQ(run({"crdb", path("dumped"), path("db/two")}).code, ExitCode::done);
    EXPECT_EQ(dump("db/two"), dump("db/one"));
    EXPECT_EQ(
        run({"dumpdb", "-json", path("db/one")}).out,
        "{\"key\":\"!x\",\"value\":\"y\"}\n{\"key\":\"a b\",\"value\":\"v$$\"}\n"
        "{\"key\":\"key\",\"value\":\"the value\"}\n"
    );
}

TEST_F(DatabasesTest, DuplicatesAreAnErrorUnlessAllowed) {
    instance_.write("source", "a 1\nA 2\n");
    instance_.write("first", "old 0\n");
    EXPECT_EQ(run({"crdb", path("first"), path("db/x")}).code, ExitCode::done);
    const auto refused = run({"crdb", path("source"), path("db/x")});
    EXPECT_EQ(refused.code, ExitCode::failed);
    EXPECT_THAT(refused.err, HasSubstr("source:2:1: error: the key stands above already"));
    EXPECT_EQ(dump("db/x"), "old 0\n");
    EXPECT_EQ(run({"crdb", "-duplicates", path("source"), path("db/x")}).code, ExitCode::done);
    EXPECT_EQ(dump("db/x"), "a 1\n");
}

TEST_F(DatabasesTest, ExceptionsGoToTheirFile) {
    instance_.write("source", "a 1\nlonely\na 2\n");
    const auto built =
        run({"crdb", "-json", "-exception_file=" + path("exceptions"), path("source"), path("db/x")}
        );
    EXPECT_EQ(instance_.read("exceptions"), "lonely\na 2\n");
    EXPECT_EQ(dump("db/x"), "a 1\n");
    EXPECT_THAT(
        built.out, HasSubstr("\"lines\":3,\"added\":1,\"replaced\":0,\"duplicates\":1,"
                             "\"exceptions\":2,\"entries\":1}")
    );
}

TEST_F(DatabasesTest, AppendsQuotesColonsCount) {
    instance_.write("one", "a 1\nb 1\n");
    instance_.write("two", "\"a b\": x\nb 2\n");
    EXPECT_EQ(run({"crdb", path("one"), path("db/x")}).code, ExitCode::done);
    EXPECT_EQ(
        run({"crdb", "-append", "-quoted", "-remove", "-strip_colons", "-long_records", path("two"),
             path("db/x")})
            .code,
        ExitCode::done
    );
    EXPECT_EQ(dump("db/x"), "a 1\na$ b x\nb 2\n");
    std::string many;
    for (int i = 0; i < 250; ++i) many += 'k' + std::to_string(i) + " v\n";
    instance_.write("many", many);
    EXPECT_THAT(
        run({"crdb", "-count", path("many"), path("db/y")}).out,
        HasSubstr("%CRDB-I-COUNT, 100 lines\n%CRDB-I-COUNT, 200 lines\n")
    );
}

TEST_F(DatabasesTest, PutsANewDatabaseInPlace) {
    instance_.write("source", "acme $u%eng.example.com@tcp_local-daemon\n");
    EXPECT_EQ(run({"crdb", path("source"), path("db/general.new")}).code, ExitCode::done);
    const auto renamed = run({"renamedb", path("db/general.new"), "IMTA_GENERAL_DATABASE"});
    EXPECT_EQ(renamed.code, ExitCode::done) << renamed.err;
    EXPECT_EQ(dump("db/general"), "acme $u%eng.example.com@tcp_local-daemon\n");
    EXPECT_EQ(run({"dumpdb", "imta_general_database"}).out, dump("db/general"));
    instance_.write("db/bad", "not a database");
    const auto refused = run({"renamedb", path("db/bad"), "IMTA_GENERAL_DATABASE"});
    EXPECT_EQ(refused.code, ExitCode::failed);
    EXPECT_THAT(refused.err, HasSubstr("%RENAMEDB-E-NOTREAD"));
    EXPECT_EQ(run({"dumpdb", path("db/nothing")}).code, ExitCode::failed);
}

TEST_F(DatabasesTest, TestAsksTheDatabasesOfTheInstance) {
    instance_.write("source", "key $Yvalue$ of$ $0\n");
    instance_.append("config/mappings", "\n\nT_LOOKUP\n\n  *  ${$0}\n");
    instance_.write("try.map", "T\n\n  *  tried$ ${$0}\n");
    EXPECT_EQ(run({"crdb", path("source"), "IMTA_GENERAL_DATABASE"}).code, ExitCode::done);
    const auto found = run({"test", "-mapping", "-table=T_LOOKUP", "KEY"});
    EXPECT_EQ(found.out, "match: yes\noutput: value of KEY\nflags: Y\n") << found.err;
    EXPECT_THAT(run({"test", "-mapping", "-table=T_LOOKUP", "other"}).out, HasSubstr("match: no"));
    EXPECT_THAT(
        run({"test", "-mapping", "-mapping_file=" + path("try.map"), "-table=T", "key"}).out,
        HasSubstr("output: tried value of key")
    );
    instance_.append("config/imta.cnf", "");
    instance_.write(
        "trial.cnf",
        ".db.example $($H)\n. $U%$H@tcp_local-daemon\n\nl\nmail.example.com\n\n"
        "tcp_local smtp\ntcp_local-daemon\n"
    );
    instance_.write("rewrite", "acme $u%eng.example.com@tcp_local-daemon\n");
    EXPECT_EQ(run({"crdb", path("rewrite"), "IMTA_GENERAL_DATABASE"}).code, ExitCode::done);
    EXPECT_THAT(
        run({"test", "-rewrite", "-imta_cnf=" + path("trial.cnf"), "u@acme.db.example"}).out,
        HasSubstr("u@eng.example.com")
    );
}

}  // namespace
}  // namespace sluice::utility
