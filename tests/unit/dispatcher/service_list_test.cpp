#include "dispatcher/service_list.h"

#include <gtest/gtest.h>

namespace sluice::dispatcher {
namespace {

/// Services without workers: their ports are the kernel's choice, their program is none.
ServiceSettings service_named(const std::string& name) {
    ServiceSettings settings;
    settings.name = name;
    settings.program = "/nonexistent";
    settings.listen = {{IpAddress::v4({127, 0, 0, 1}), 0}};
    return settings;
}

class ServiceListTest : public testing::Test {
protected:
    ServiceListTest() {
        settings_.services = {service_named("FIRST"), service_named("OTHER")};
        settings_.reload = [this]() -> Result<std::vector<ServiceSettings>> { return next_; };
    }
    ServiceNumber number_of(ServiceList& list, const std::string& name) {
        ServiceNumber number = 0;
        list.for_all([&](const Service& service) {
            if (service.settings().name == name) number = service.number();
        });
        return number;
    }
    void reload(ServiceList& list, std::vector<ServiceSettings> next) {
        next_ = std::move(next);
        ASSERT_TRUE(list.renew());
        list.watch_reload(MonoTime(std::chrono::seconds(1)));
    }

    DispatcherSettings settings_;
    std::vector<ServiceSettings> next_;
};

TEST_F(ServiceListTest, AServiceStaysWhoItIsOverAReload) {
    ServiceList list(settings_);
    ASSERT_TRUE(list.bind());
    const ServiceNumber first = number_of(list, "FIRST");
    reload(list, {service_named("FIRST")});
    ASSERT_NE(list.find(first), nullptr);
    EXPECT_EQ(list.find(first)->settings().name, "FIRST");
}

// A connection that waits while its service goes may not reach one that comes later, not even where
// that one has the name of the old one, or its place in memory.
TEST_F(ServiceListTest, WhoIsGoneIsNotFoundInAnother) {
    ServiceList list(settings_);
    ASSERT_TRUE(list.bind());
    std::vector<ServiceNumber> gone;
    for (int round = 0; round < 20; ++round) {
        gone.push_back(number_of(list, "FIRST"));
        reload(list, {service_named("OTHER")});
        for (const ServiceNumber number : gone) EXPECT_EQ(list.find(number), nullptr);
        reload(list, {service_named("OTHER"), service_named("FIRST")});
        for (const ServiceNumber number : gone) EXPECT_EQ(list.find(number), nullptr);
        EXPECT_NE(list.find(number_of(list, "FIRST")), nullptr);
    }
    EXPECT_EQ(list.find(0), nullptr);
}

}  // namespace
}  // namespace sluice::dispatcher
