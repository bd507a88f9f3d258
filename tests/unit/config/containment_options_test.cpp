#include "config/containment_options.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

using Mode = ContainmentOptions::Mode;
using Paths = std::vector<std::string>;

struct Read {
    explicit Read(const std::string& text) {
        options = read_containment_options(parse_options(text, "option.dat", findings), findings);
    }
    [[nodiscard]] std::string codes() const {
        std::string out;
        for (const auto& item : findings.items())
            out += item.code + "@" + std::to_string(item.where.line) + " ";
        return out;
    }
    Diagnostics findings;
    ContainmentOptions options;
};

TEST(ContainmentOptions, NothingSaidIsTheUsual) {
    const Read read("");
    EXPECT_EQ(read.codes(), "");
    EXPECT_EQ(read.options.mode, Mode::usual);
    EXPECT_EQ(read.options.places_of("l_master").read, Paths());
}

TEST(ContainmentOptions, ModesInAnyCase) {
    EXPECT_EQ(Read("CONTAINMENT.MODE=off").options.mode, Mode::off);
    EXPECT_EQ(Read("CONTAINMENT.MODE=Strict").options.mode, Mode::strict);
    EXPECT_EQ(Read("containment.mode = usual").options.mode, Mode::usual);
    EXPECT_EQ(Read("CONTAINMENT.MODE=on").codes(), "E495@1 ");
}

TEST(ContainmentOptions, PlacesOfAllAndOfOne) {
    const Read read(
        "CONTAINMENT.READ=/srv/lists, /srv/more\n"
        "CONTAINMENT.l_master.WRITE=/mail\n"
        "CONTAINMENT.tcp_smtp_server.read=/srv/own\n"
    );
    EXPECT_EQ(read.codes(), "");
    EXPECT_EQ(read.options.places_of("l_master").read, (Paths{"/srv/lists", "/srv/more"}));
    EXPECT_EQ(read.options.places_of("l_master").written, Paths{"/mail"});
    EXPECT_EQ(
        read.options.places_of("tcp_smtp_server").read,
        (Paths{"/srv/lists", "/srv/more", "/srv/own"})
    );
    EXPECT_EQ(read.options.places_of("tcp_smtp_server").written, Paths());
}

TEST(ContainmentOptions, OnlyCompletePaths) {
    const Read read("CONTAINMENT.WRITE=/srv,relative\n");
    EXPECT_EQ(read.codes(), "E495@1 ");
    EXPECT_EQ(read.options.places_of("reprocess").written, Paths());
}

TEST(ContainmentOptions, WhatHasNoEffectIsReported) {
    const Read read(
        "CONTAINMENT.LEVEL=2\n"
        "CONTAINMENT.no_master.READ=/srv\n"
        "CONTAINMENT.l_master.MODE=off\n"
    );
    EXPECT_EQ(read.codes(), "W495@3 W495@1 W495@2 ");  // by name
    EXPECT_EQ(read.options.mode, Mode::usual);
}

}  // namespace
}  // namespace sluice::config
