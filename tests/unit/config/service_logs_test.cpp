#include "config/service_logs.h"

#include <gtest/gtest.h>
#include <syslog.h>

namespace sluice::config {
namespace {

using service_log::Level;
using service_log::MessageTrace;

class ServiceLogParameters : public testing::Test {
protected:
    service_log::Settings read(const std::string& text) {
        findings_ = Diagnostics();
        MemoryFiles files({{"msg.conf", text}});
        return read_service_logs("msg.conf", "/logs/", files, findings_);
    }
    std::vector<std::string> codes() const {
        std::vector<std::string> found;
        for (const auto& finding : findings_.items()) found.emplace_back(finding.code);
        return found;
    }
    using Codes = std::vector<std::string>;

    Diagnostics findings_;
};

TEST_F(ServiceLogParameters, WithoutAFileHaveDefaults) {
    MemoryFiles none({});
    const auto settings = read_service_logs("msg.conf", "/logs/", none, findings_);
    EXPECT_EQ(codes(), Codes());
    const auto admin = settings.of("admin");
    EXPECT_EQ(admin.threshold, Level::notice);
    EXPECT_EQ(admin.directory, "/logs/");
    EXPECT_EQ(admin.max_files, 10U);
    EXPECT_EQ(settings.message_trace, MessageTrace::off);
}

TEST_F(ServiceLogParameters, AreReadOneByOne) {
    const auto settings = read(
        "logfile.imta.loglevel = "
        "\"Debug\"\nLOGFILE.Imta.MaxLogFiles=3\nlogfile.imta.logdir=/var/x\n"
        "logfile.imta.maxlogfilesize=1\nlogfile.imta.maxlogsize=2\nlogfile.imta.minfreediskspace="
        "0\n"
        "logfile.imta.rollovertime=4\nlogfile.imta.expirytime=5\nlogfile.imta.buffersize=6\n"
        "logfile.imta.flushinterval=7\nlogfile.imta.syslogfacility=local7\nlogfile.admin.loglevel="
        "nolog\n"
        "local.msgtrace.active=msgtrace\n"
    );
    EXPECT_EQ(codes(), Codes());
    const auto imta = settings.of("imta");
    EXPECT_EQ(imta.threshold, Level::debug);
    EXPECT_EQ(imta.max_files, 3U);
    EXPECT_EQ(imta.directory, "/var/x");
    EXPECT_EQ(imta.max_file_size, 1U);
    EXPECT_EQ(imta.max_total_size, 2U);
    EXPECT_EQ(imta.min_free_space, 0U);
    EXPECT_EQ(imta.rollover_time.count(), 4);
    EXPECT_EQ(imta.expiry_time.count(), 5);
    EXPECT_EQ(imta.buffer_size, 6U);
    EXPECT_EQ(imta.flush_interval.count(), 7);
    EXPECT_EQ(imta.syslog_facility, LOG_LOCAL7);
    EXPECT_FALSE(settings.of("admin").logs(Level::emergency));
    EXPECT_EQ(settings.message_trace, MessageTrace::single);
}

TEST_F(ServiceLogParameters, TraceIsSwitchedByWords) {
    EXPECT_EQ(read("local.msgtrace.active=yes\n").message_trace, MessageTrace::service);
    EXPECT_EQ(read("local.msgtrace.active=0\n").message_trace, MessageTrace::off);
    EXPECT_EQ(read("local.msgtrace.active=maybe\n").message_trace, MessageTrace::off);
    EXPECT_EQ(codes(), Codes{"E405"});
}

TEST_F(ServiceLogParameters, UnknownAndBadOnesAreReported) {
    (void)read("logfile.imta.colour=red\n");
    EXPECT_EQ(codes(), Codes{"W405"});
    (void)read("logfile.news.loglevel=debug\nlogfile.imta=1\nsomething=1\n");
    EXPECT_EQ(codes(), (Codes{"W405", "W405", "W405"}));
    (void)read("logfile.imap.maxlogfiles=3\n");
    EXPECT_EQ(codes(), Codes{"W420"});
    (void)read("logfile.imta.loglevel=loud\nlogfile.imta.logdir=x\nlogfile.imta.syslogfacility=x\n"
    );
    EXPECT_EQ(codes(), (Codes{"E405", "E405", "E405"}));
    EXPECT_EQ(read("logfile.imta.maxlogfiles=0\n").of("imta").max_files, 1U);
    EXPECT_EQ(codes(), Codes{"W404"});
    EXPECT_FALSE(read("logfile.imta.syslogfacility=none\n").of("imta").syslog_facility);
    EXPECT_EQ(codes(), Codes());
}

}  // namespace
}  // namespace sluice::config
