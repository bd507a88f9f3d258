#include "utility/log_findings.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "support/scratch_directory.h"
#include "support/site.h"

namespace sluice::utility {
namespace {

class LogFindings : public testing::Test {
protected:
    static std::vector<std::string> found(const std::string& options, uid_t user = ::geteuid()) {
        const auto site = test::make_site({{"option.dat", options}});
        if (site == nullptr) return {};
        lint::Findings findings;
        const uid_t before = ::geteuid();
        EXPECT_EQ(::seteuid(user), 0);
        check_log_places(*site, findings);
        EXPECT_EQ(::seteuid(before), 0);
        std::vector<std::string> texts;
        for (const lint::Finding& one : findings.items())
            texts.push_back(one.diagnostic.code + ' ' + one.diagnostic.text);
        return texts;
    }
    static std::vector<std::string> found_in(const std::string& directory) {
        return found("LOG_POSTOFFICE=1\nLOG_POSTOFFICE_DIR=" + directory + '\n');
    }

    test::ScratchDirectory directory_;
};

using Texts = std::vector<std::string>;

TEST_F(LogFindings, WhatCanBeWrittenOrMadeIsNoFinding) {
    EXPECT_EQ(found_in(directory_.path("")), Texts{});
    EXPECT_EQ(found_in(directory_.path("not/there/yet")), Texts{});
}

TEST_F(LogFindings, WhereNobodyWritesNothingIsSaid) {
    EXPECT_EQ(found("LOG_POSTOFFICE_DIR=/proc/none\n"), Texts{});
}

TEST_F(LogFindings, FilesInTheWayAndRelativePathsAreNamed) {
    const std::string file = directory_.path("file");
    std::ofstream(file).close();
    const Texts texts = found_in(file + "/logs");
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_EQ(
        texts[0],
        "L032 directory of the Post.Office log, " + file + "/logs: " + file + " is no directory"
    );
    EXPECT_EQ(
        found_in("logs"),
        Texts{"L032 directory of the Post.Office log, logs: is not an absolute path"}
    );
}

TEST_F(LogFindings, DirectoriesOfOthersAreNamed) {
    const std::string closed = directory_.path("closed");
    ASSERT_EQ(::mkdir(closed.c_str(), 0500), 0);
    constexpr uid_t nobody = 65534;
    const uid_t user = ::geteuid() == 0 ? nobody : ::geteuid();
    const Texts texts = found("LOG_POSTOFFICE=1\nLOG_POSTOFFICE_DIR=" + closed + "/logs\n", user);
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_NE(texts[0].find("/closed/logs: cannot be written to: "), std::string::npos) << texts[0];
}

}  // namespace
}  // namespace sluice::utility
