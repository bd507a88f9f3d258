#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "config/aliases_file.h"
#include "config/dispatcher_cnf.h"
#include "config/job_controller_cnf.h"
#include "config/options.h"
#include "config/service_logs.h"
#include "config/tailor.h"

// What a new site starts with must load without a word.
namespace sluice::config {
namespace {

const std::string shipped = std::filesystem::canonical(SLUICE_SOURCE_DIR "/config").string() + '/';

class ShippedFiles : public testing::Test {
protected:
    void TearDown() override {
        for (const auto& finding : findings.items()) ADD_FAILURE() << finding.to_string();
    }
    DiskFiles files;
    Diagnostics findings;
};

TEST_F(ShippedFiles, OptionsLogWhatNewcomersNeed) {
    ASSERT_TRUE(files.read(shipped + "option.dat"));
    const auto options = load_options(files, shipped + "option.dat", findings);
    EXPECT_EQ(options.integer(OptionId::log_message_id), 1);
    EXPECT_EQ(options.integer(OptionId::log_filename), 1);
    EXPECT_EQ(options.integer(OptionId::log_connection), 3);
}

TEST_F(ShippedFiles, CommentedOptionsAreValidToo) {
    // Take the "!" from every line that is a setting without it.
    const auto text = files.read(shipped + "option.dat");
    ASSERT_TRUE(text);
    std::string active;
    std::size_t count = 0;
    for (const auto line : split(*text, '\n')) {
        const auto content = line.starts_with("! ") ? line.substr(2) : line;
        const auto name = content.substr(0, content.find('='));
        if (name.size() == content.size() || !find_option(name)) continue;
        active += std::string(content) + '\n';
        ++count;
    }
    EXPECT_GT(count, 5U);
    parse_options(active, "option.dat", findings);
}

TEST_F(ShippedFiles, JobControllerHasAProgramForEveryShippedChannel) {
    const auto jobs = load_job_controller_cnf(files, shipped + "job_controller.cnf", findings);
    ASSERT_TRUE(jobs);
    for (const char* channel :
         {"l", "tcp_local", "tcp_intranet", "process", "reprocess", "hold", "bitbucket"}) {
        EXPECT_TRUE(jobs->channel(channel).master_command) << channel;
    }
    EXPECT_EQ(jobs->default_pool().name, "DEFAULT");
    EXPECT_NE(jobs->find_pool("SMTP_POOL"), nullptr);
    EXPECT_FALSE(jobs->channel("tcp_local").anon_host);
}

TEST_F(ShippedFiles, ReturnJobRunsEveryNight) {
    const auto jobs = load_job_controller_cnf(files, shipped + "job_controller.cnf", findings);
    ASSERT_TRUE(jobs);
    const auto& all = jobs->periodic_jobs;
    const auto nightly = std::find_if(all.begin(), all.end(), [](const auto& job) {
        return job.command == "IMTA_BIN:return";
    });
    ASSERT_NE(nightly, all.end());
    EXPECT_EQ(nightly->time.first, std::chrono::minutes(30));
}

TEST_F(ShippedFiles, ServiceLogParametersInCommentsAreValidToo) {
    const auto text = files.read(shipped + "msg.conf");
    ASSERT_TRUE(text);
    std::string active;
    for (const auto line : split(*text, '\n')) {
        if (line.starts_with("! logfile.") || line.starts_with("! local."))
            active += std::string(line.substr(2)) + '\n';
    }
    MemoryFiles memory({{"msg.conf", active}});
    const auto settings = read_service_logs("msg.conf", "/logs/", memory, findings);
    EXPECT_EQ(settings.message_trace, service_log::MessageTrace::single);
    EXPECT_EQ(settings.of("admin").max_files, service_log::ServiceSettings().max_files);
}

TEST_F(ShippedFiles, DispatcherServesSmtp) {
    const auto dispatcher = load_dispatcher_cnf(files, shipped + "dispatcher.cnf", findings);
    ASSERT_TRUE(dispatcher);
    const auto* smtp = dispatcher->find("SMTP");
    ASSERT_NE(smtp, nullptr);
    EXPECT_EQ(smtp->listen.at(0).port, 25);
    EXPECT_EQ(smtp->image, "IMTA_BIN:tcp_smtp_server");
    EXPECT_EQ(smtp->parameter, "CHANNEL=tcp_local");
}

TEST_F(ShippedFiles, PostmasterAndRootHaveAMailbox) {
    const auto aliases = load_aliases(files, shipped + "aliases", {}, findings);
    ASSERT_TRUE(aliases);
    ASSERT_NE(aliases->find("postmaster"), nullptr);
    EXPECT_EQ(aliases->find("postmaster")->to_debug_string(), "postmaster: postmaster");
    EXPECT_EQ(aliases->find("root")->to_debug_string(), "root: postmaster");
}

TEST_F(ShippedFiles, TailorFileMakesAnInstanceOfItsParentDirectory) {
    const auto tailor = load_tailor(files, shipped + "imta_tailor", {}, findings);
    ASSERT_TRUE(tailor);
    EXPECT_EQ(tailor->path(TailorEntry::option_file), shipped + "option.dat");
}

}  // namespace
}  // namespace sluice::config
