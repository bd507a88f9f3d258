#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "policy/recipient.h"
#include "support/site.h"

// A site with a mailing list, for the tests of this room.
namespace sluice::policy {

/// Files and databases of a test; everything asked is remembered.
class Outside final : public mapping::Answers {
public:
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> alias_database;
    bool databases_fail = false;
    int sequence = 41;

    mapping::Answer ask(const mapping::Question& question) override {
        using Kind = mapping::Question::Kind;
        switch (question.kind) {
            case Kind::file_text:
                return found(files, question.subject, mapping::Answer::temporary());
            case Kind::alias_value:
                if (databases_fail) return mapping::Answer::temporary();
                return found(alias_database, question.subject, mapping::Answer::none());
            case Kind::sequence_number:
                return mapping::Answer::literal(std::to_string(++sequence));
            default:
                return mapping::Answer::none();
        }
    }

private:
    static mapping::Answer found(
        const std::map<std::string, std::string>& texts,
        const std::string& key,
        mapping::Answer otherwise
    ) {
        const auto one = texts.find(key);
        return one == texts.end() ? otherwise : mapping::Answer::literal(one->second);
    }
};

class ListTest : public testing::Test {
protected:
    void configure(
        const std::string& aliases, const std::string& mappings = {}, const std::string& option = {}
    ) {
        std::map<std::string, std::string> changes{
            {"aliases", "postmaster: adam\n" + aliases}, {"option.dat", option}};
        if (!mappings.empty()) changes["mappings"] = mappings;
        site_ = test::make_site(changes);
        ASSERT_TRUE(site_);
        probe_.source = site_->imta.channels.find("tcp_intranet");
        probe_.sender = "poster@far.example";
        file("members") = "adam@example.com\neve@example.com\n";
    }
    /// The list with these parameters; members are adam and eve, errors go to its owner.
    void list(
        const std::string& parameters,
        const std::string& mappings = {},
        const std::string& option = {}
    ) {
        configure("list: <members, " + parameters + ", owner@example.com\n", mappings, option);
    }
    /// What a file beside the alias file holds.
    std::string& file(const std::string& name) { return outside_.files["/site/config/" + name]; }
    RecipientDecision decide(const std::string& address = "list@example.com") {
        probe_.address = address;
        return decide_recipient(*site_, probe_, outside_, trace_);
    }
    /// "adam>l eve>l", settled ones as "nobody@x!5.1.1"; or the refusal.
    std::string shown(const std::string& address = "list@example.com") {
        const auto decision = decide(address);
        if (decision.refusal) return decision.refusal->to_string();
        std::string out;
        for (const Destination& one : decision.destinations) {
            if (!out.empty()) out += ' ';
            out += one.address;
            out += one.settled ? '!' + one.settled->status.to_string() : '>' + one.channel;
        }
        return out;
    }

    config::ConfigurationPtr site_;
    RecipientProbe probe_;
    Outside outside_;
    Trace* trace_ = nullptr;
};

}  // namespace sluice::policy
