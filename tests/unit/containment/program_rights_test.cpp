#include "containment/program_rights.h"

#include <gtest/gtest.h>

#include <set>

namespace sluice::containment {
namespace {

Rights sample() {
    Rights rights;
    rights.program = "l_master";
    rights.read = {"/opt/mail/config", "/srv/lists/"};
    rights.update = {"/opt/mail/numbers"};
    rights.written = {"/opt/mail/queue", "/opt/mail/run"};
    rights.connects = true;
    rights.hosts = {"/opt/mail/lib/callout_host"};
    return rights;
}

TEST(ProgramRights, RowsAreFoundByName) {
    ASSERT_NE(find_program("l_master"), nullptr);
    EXPECT_EQ(find_program("l_master")->written & place::mail, place::mail);
    EXPECT_EQ(find_program("tcp_smtp_server")->written & place::mail, 0U);
    EXPECT_EQ(find_program("metrics_server")->network, nothing);
    EXPECT_EQ(find_program("site_master"), nullptr);
    EXPECT_EQ(find_program(""), nullptr);
}

TEST(ProgramRights, NoProgramWritesToTheConfigurationOrStartsWhatNobodyNamed) {
    std::set<std::string_view> names;
    for (const ProgramRow& row : all_programs()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_EQ(row.written & place::site, 0U) << row.name;
        EXPECT_TRUE((row.written & place::mail) == 0 || row.name == "l_master") << row.name;
        EXPECT_TRUE((row.hosts & host::passwords) == 0 || row.name == "tcp_smtp_server")
            << row.name;
    }
}

TEST(ProgramRights, TheSameRightsMissNothing) {
    EXPECT_EQ(missing_right(sample(), sample()), "");
    EXPECT_EQ(missing_right(sample(), Rights()), "");
}

TEST(ProgramRights, WhatIsBelowIsHeld) {
    Rights wanted;
    wanted.read = {"/srv/lists/one", "/srv/lists", "/opt/mail/queue/l", "/opt/mail/numbers"};
    wanted.update = {"/opt/mail/run"};
    wanted.written = {"/opt/mail/queue/tcp_local"};
    EXPECT_EQ(missing_right(sample(), wanted), "");
}

TEST(ProgramRights, TheFirstThingThatIsMissingIsNamed) {
    const auto lacks = [](auto change) {
        Rights wanted = sample();
        change(wanted);
        return missing_right(sample(), wanted);
    };
    EXPECT_EQ(
        lacks([](Rights& r) { r.read.emplace_back("/srv/lists2"); }), "/srv/lists2 is not readable"
    );
    EXPECT_EQ(lacks([](Rights& r) { r.read.emplace_back("/srv"); }), "/srv is not readable");
    EXPECT_EQ(
        lacks([](Rights& r) { r.update.emplace_back("/opt/mail/config"); }),
        "/opt/mail/config is not writable"
    );
    EXPECT_EQ(
        lacks([](Rights& r) { r.written.emplace_back("/opt/mail/numbers"); }),
        "/opt/mail/numbers is not writable"
    );
    EXPECT_EQ(
        lacks([](Rights& r) { r.hosts.emplace_back("/opt/mail/lib/pam_host"); }),
        "/opt/mail/lib/pam_host cannot be started"
    );
    Rights without_network = sample();
    without_network.connects = false;
    EXPECT_EQ(missing_right(without_network, sample()), "TCP is not to be used");
}

TEST(ProgramRights, TheRootDirectoryHoldsEverything) {
    Rights held;
    held.read = {"/"};
    Rights wanted;
    wanted.read = {"/etc", "/"};
    EXPECT_EQ(missing_right(held, wanted), "");
}

}  // namespace
}  // namespace sluice::containment
