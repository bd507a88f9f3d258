#include "metrics/dispatcher_page.h"

#include <gtest/gtest.h>

namespace sluice::metrics {
namespace {

net::Statistics example() {
    net::Statistics statistics;
    net::ServiceFigures service;
    service.service = "SMTP";
    service.ports = "127.0.0.1:25";
    service.ready = 1;
    service.busy = 2;
    service.shutting = 3;
    service.rejected = 4;
    service.per_hour = {0, 12.25, 40};
    statistics.services.push_back(service);
    net::WorkerFigures worker;
    worker.service = "SMTP";
    worker.pid = 4711;
    worker.state = "ready";
    statistics.workers.push_back(worker);
    net::ConnectionFigures connection;
    connection.service = "<script>\"&\r\n";
    connection.source = "192.0.2.1:25";
    connection.ended = WallTime(std::chrono::seconds(1000000000));
    connection.outcome = "closed";
    statistics.connections.push_back(connection);
    return statistics;
}

TEST(DispatcherPage, HasATableForServicesWorkersAndConnections) {
    const std::string page = dispatcher_page(example(), "mail.example.com", WallTime{}, TimeZone());
    for (const char* part :
         {"<title>Dispatcher of mail.example.com</title>", "<h2>Services</h2>", "<h2>Workers</h2>",
          "<h2>Connections</h2>", "<td>127.0.0.1:25</td>", "<td>1 / 2 / 3</td>",
          "<td>0.0 / 12.2 / 40.0</td>", "<td>4711</td>", "<td>192.0.2.1:25</td>", "<td>closed</td>",
          "Sun, 09 Sep 2001 01:46:40"})
        EXPECT_NE(page.find(part), std::string::npos) << part << " is not in\n" << page;
}

TEST(DispatcherPage, WhatComesFromOutsideIsText) {
    const std::string page = dispatcher_page(example(), "<b>", WallTime{}, TimeZone());
    EXPECT_EQ(page.find("<script>"), std::string::npos);
    EXPECT_EQ(page.find("<b>"), std::string::npos);
    EXPECT_NE(page.find("<td>&lt;script&gt;&quot;&amp;  </td>"), std::string::npos) << page;
}

}  // namespace
}  // namespace sluice::metrics
