#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "rewrite/answers.h"

namespace sluice::rewrite {

/// Answers from memory. Every question is recorded; whole sources can be made silent.
class FakeAnswers final : public Answers {
public:
    using Table = std::map<std::string, std::string, LessIgnoringCase>;

    Answer general_database(std::string_view key) override {
        return look_up(general, "general", key);
    }
    Answer domain_database(std::string_view pattern) override {
        return look_up(domains, "domain", pattern);
    }
    /// A mapping table is a list of (pattern, template), where patterns have at most one asterisk
    /// and templates are $0 for it, text, and the flags $Y and $N.
    Answer mapping(std::string_view table, std::string_view text) override {
        ask("mapping", std::string(table) + ',' + std::string(text));
        if (silent) return Answer::not_now();
        const auto found = mappings.find(std::string(table));
        if (found == mappings.end()) return Answer::not_found();
        for (const auto& [pattern, templ] : found->second) {
            std::string star;
            if (matches(pattern, text, star)) return result(templ, star);
        }
        return Answer::not_found();
    }
    Locality locality(std::string_view domain) override {
        ask("locality", domain);
        if (silent) return Locality::not_now;
        return local_domains.contains(domain) ? Locality::local : Locality::not_local;
    }
    Answer site_routine(std::string_view image, std::string_view routine, std::string_view text)
        override {
        return look_up(
            routines, "routine",
            std::string(image) + ',' + std::string(routine) + ',' + std::string(text)
        );
    }
    Answer ldap(std::string_view url) override { return look_up(directory, "ldap", url); }
    std::string unique_string() override { return "U" + std::to_string(++unique_count_); }

    Table general;
    Table domains;
    Table routines;
    Table directory;
    std::map<std::string, std::vector<std::pair<std::string, std::string>>> mappings;
    std::set<std::string, LessIgnoringCase> local_domains;
    bool silent = false;
    std::vector<std::string> questions;

private:
    void ask(std::string_view source, std::string_view question) {
        questions.push_back(std::string(source) + ' ' + std::string(question));
    }
    Answer look_up(const Table& table, std::string_view source, std::string_view key) {
        ask(source, key);
        if (silent) return Answer::not_now();
        const auto found = table.find(key);
        return found == table.end() ? Answer::not_found() : Answer::found(found->second);
    }
    static bool matches(std::string_view pattern, std::string_view text, std::string& star) {
        const auto place = pattern.find('*');
        if (place == std::string_view::npos) return equals_ignoring_case(pattern, text);
        const auto before = pattern.substr(0, place);
        const auto after = pattern.substr(place + 1);
        if (text.size() < before.size() + after.size()) return false;
        star = text.substr(before.size(), text.size() - before.size() - after.size());
        return equals_ignoring_case(text.substr(0, before.size()), before) &&
               equals_ignoring_case(text.substr(text.size() - after.size()), after);
    }
    static Answer result(std::string_view templ, const std::string& star) {
        std::string out;
        bool yes = false;
        for (std::size_t i = 0; i < templ.size(); ++i) {
            if (templ[i] != '$' || i + 1 == templ.size()) {
                out += templ[i];
                continue;
            }
            ++i;
            if (templ[i] == '0') out += star;
            if (ascii_upper(templ[i]) == 'Y') yes = true;
            if (ascii_upper(templ[i]) == 'N') return Answer::not_found();
        }
        return yes ? Answer::found(out) : Answer::not_found();
    }

    unsigned unique_count_ = 0;
};

}  // namespace sluice::rewrite
