#include "callout/check_metermaid.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "support/memory_meter.h"

namespace sluice::callout {
namespace {

using meter::TableSettings;
using meter::TableType;
using std::chrono::seconds;

TableSettings table(std::string name, TableType type, bool addresses = false) {
    TableSettings made;
    made.name = std::move(name);
    made.type = type;
    made.keys_are_addresses = addresses;
    made.quota = 2;
    return made;
}

class CheckMetermaidTest : public testing::Test {
protected:
    CheckMetermaidTest() {
        for (TableSettings made :
             {table("conns", TableType::throttle, true), table("senders", TableType::throttle),
              table("grey", TableType::greylisting), table("notes", TableType::simple),
              table("numbers", TableType::simple)}) {
            made.values_are_numbers = made.name == "numbers";
            tables_.emplace(made.name, made);
        }
        add_meter_routines(registry_, tables_, [this]() -> meter::Backend& { return backend_; });
    }
    /// The text, or "-" where the routine fails.
    std::string call(std::string_view routine, std::string_view argument) {
        const auto answer = registry_.find("IMTA_LIB:check_metermaid.so", routine)->call(argument);
        EXPECT_FALSE(answer.is_template);
        return answer.kind == mapping::Answer::Kind::found ? answer.text : "-";
    }

    test::ManualClock clock_;
    test::MemoryMeter backend_{clock_};
    MeterTables tables_;
    Registry registry_;
};

TEST_F(CheckMetermaidTest, ThrottleSucceedsBeyondTheQuota) {
    EXPECT_EQ(call("throttle", "conns,192.0.2.1"), "-");
    EXPECT_EQ(call("query", "conns,192.0.2.1"), "-");
    EXPECT_EQ(call("throttle", "CONNS, 192.0.2.1"), "-");
    EXPECT_EQ(call("query", "conns,192.0.2.1"), "");
    EXPECT_EQ(call("throttle", "conns,192.0.2.1"), "");
    EXPECT_EQ(call("throttle", "conns,192.0.2.2"), "-");
    clock_.advance(seconds(60));
    EXPECT_EQ(call("throttle", "conns,192.0.2.1"), "-");
}

TEST_F(CheckMetermaidTest, KeysMayHaveCommas) {
    EXPECT_EQ(call("throttle", "senders,\"a,b\"@x.example"), "-");
    EXPECT_EQ(call("throttle", "senders,\"a,c\"@x.example"), "-");
    EXPECT_EQ(call("throttle", "senders,\"a,b\"@x.example"), "-");
    EXPECT_EQ(call("throttle", "senders,\"a,b\"@x.example"), "");
    EXPECT_EQ(call("adjust", "numbers,a,b,3"), "");
    EXPECT_EQ(call("fetch", "numbers,a,b"), "3");
    EXPECT_EQ(call("test", "numbers,a,b,=3"), "");
    EXPECT_EQ(call("adjust_and_test", "numbers,a,b,+1,>3"), "");
}

TEST_F(CheckMetermaidTest, GreylistingSucceedsUntilTheyComeAgain) {
    const std::string key = "grey,192.0.2.1|a@x|b@y";
    EXPECT_EQ(call("greylisting", key), "");
    EXPECT_EQ(call("query", key), "");
    clock_.advance(seconds(100));
    EXPECT_EQ(call("greylisting", key), "");
    clock_.advance(seconds(200));
    EXPECT_EQ(call("query", key), "-");
    EXPECT_EQ(call("greylisting", key), "-");
    EXPECT_EQ(call("greylisting", key + "z"), "");
}

TEST_F(CheckMetermaidTest, ValuesAreKept) {
    EXPECT_EQ(call("fetch", "notes,k"), "-");
    EXPECT_EQ(call("query", "notes,k"), "-");
    EXPECT_EQ(call("store", "notes,k,text, with $N"), "");
    EXPECT_EQ(call("fetch", "notes,k"), "text, with $N");
    EXPECT_EQ(call("query", "notes,k"), "");
    EXPECT_EQ(call("adjust", "notes,k,1"), "-") << "no number";
    EXPECT_EQ(call("fetch", "notes,k"), "text, with $N");
    EXPECT_EQ(call("store", "notes,k,"), "");
    EXPECT_EQ(call("fetch", "notes,k"), "");
    EXPECT_EQ(call("remove", "notes,k"), "");
    EXPECT_EQ(call("fetch", "notes,k"), "-");
    EXPECT_EQ(call("remove", "notes,k"), "");
    EXPECT_EQ(call("store", "notes,k," + std::string(meter::longest_value + 1, 'x')), "-");
}

TEST_F(CheckMetermaidTest, NumbersAreAdjustedAndTested) {
    EXPECT_EQ(call("test", "numbers,k,= 0"), "") << "a missing key counts as 0";
    EXPECT_EQ(call("adjust", "numbers,k,+5"), "");
    EXPECT_EQ(call("adjust", "numbers,k,-2"), "");
    EXPECT_EQ(call("fetch", "numbers,k"), "3");
    EXPECT_EQ(call("store", "numbers,k,abc"), "-");
    EXPECT_EQ(call("store", "numbers,k, 7 "), "");
    EXPECT_EQ(call("fetch", "numbers,k"), "7");
    for (const std::string_view yes : {"=7", "> 6", ">=7", "< 8", "<=7", ">-1"})
        EXPECT_EQ(call("test", "numbers,k," + std::string(yes)), "") << yes;
    for (const std::string_view no : {"=8", ">7", ">=8", "<7", "<=6", "!=3", "7", ">", "> x", ""})
        EXPECT_EQ(call("test", "numbers,k," + std::string(no)), "-") << no;
    EXPECT_EQ(call("adjust_and_test", "numbers,k,1,>8"), "-");
    EXPECT_EQ(call("adjust_and_test", "numbers,k,1,>8"), "");
    EXPECT_EQ(call("adjust_and_test", "numbers,k,1,nonsense"), "-");
    EXPECT_EQ(call("fetch", "numbers,k"), "9") << "what is not understood changes nothing";
}

TEST_F(CheckMetermaidTest, NumbersStayWithinTheirBounds) {
    EXPECT_EQ(call("store", "numbers,k,9223372036854775807"), "");
    EXPECT_EQ(call("adjust", "numbers,k,1"), "");
    EXPECT_EQ(call("fetch", "numbers,k"), "9223372036854775807");
    EXPECT_EQ(call("store", "numbers,k,-9223372036854775808"), "");
    EXPECT_EQ(call("adjust", "numbers,k,-1"), "");
    EXPECT_EQ(call("fetch", "numbers,k"), "-9223372036854775808");
}

TEST_F(CheckMetermaidTest, NonsenseFails) {
    for (const std::string_view routine :
         {"throttle", "greylisting", "query", "fetch", "store", "adjust", "test", "adjust_and_test",
          "remove"}) {
        for (const std::string_view argument :
             {"", ",", "conns", "conns,", "none,k", "none,k,1", "conns,host.example", "grey, "})
            EXPECT_EQ(call(routine, argument), "-") << routine << ' ' << argument;
    }
    EXPECT_EQ(call("throttle", "grey,k"), "-");
    EXPECT_EQ(call("greylisting", "senders,k"), "-");
    EXPECT_EQ(call("store", "senders,k,v"), "-");
    EXPECT_EQ(call("adjust", "grey,k,1"), "-");
    EXPECT_EQ(call("test", "senders,k,=0"), "-");
}

TEST_F(CheckMetermaidTest, OutageRefusesNobody) {
    backend_.is_out_of_reach = true;
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(call("throttle", "conns,192.0.2.1"), "-");
        EXPECT_EQ(call("greylisting", "grey,k"), "-");
        EXPECT_EQ(call("test", "numbers,k,=0"), "-");
        EXPECT_EQ(call("query", "grey,k"), "-");
    }
    EXPECT_EQ(call("store", "notes,k,v"), "-");
    EXPECT_EQ(call("remove", "notes,k"), "-");
}

}  // namespace
}  // namespace sluice::callout
