// The first line is a template, the second an address: both parsed, the rule applied to it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rewrite/rewrite.h"

using namespace sluice::rewrite;  // NOLINT(google-build-using-namespace)

namespace {

// Every source answers with a piece of the question, so that results are scanned again.
class Echo final : public Answers {
public:
    Answer general_database(std::string_view key) override { return echo(key); }
    Answer domain_database(std::string_view) override { return Answer::not_found(); }
    Answer mapping(std::string_view, std::string_view text) override { return echo(text); }
    Locality locality(std::string_view domain) override {
        if (domain.size() % 3 == 0) return Locality::not_now;
        return domain.size() % 3 == 1 ? Locality::local : Locality::not_local;
    }
    Answer site_routine(std::string_view, std::string_view, std::string_view text) override {
        return echo(text);
    }
    Answer ldap(std::string_view url) override { return echo(url); }
    std::string unique_string() override { return "U1"; }

private:
    static Answer echo(std::string_view text) {
        if (text.ends_with('-')) return Answer::not_now();
        return text.empty() ? Answer::not_found() : Answer::found(std::string(text));
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto end = input.find('\n');
    const std::string_view templ = input.substr(0, end);
    const std::string_view address =
        end == std::string_view::npos ? "u%b.c@[1.2.3.4]" : input.substr(end + 1);

    sluice::Diagnostics diagnostics;
    RuleSet rules;
    for (const char* pattern : {"$*", "*.c", ".", "[1.2.]", "$%", "t|."}) {
        const std::string line = std::string(pattern) + ' ' + std::string(templ);
        rules.add(pattern, templ, {nullptr, 1, 1}, line, diagnostics);
    }
    for (const auto& item : diagnostics.items()) {
        if (item.to_string().empty()) std::abort();
    }
    HostTable hosts;
    hosts.add("l", {.channel = "l", .is_local = true});
    hosts.add("x", {.channel = "tcp_x", .additional = true});
    rules.check_routing_systems(hosts, diagnostics);

    Echo answers;
    Trace trace;
    Context context;
    context.source.name = "tcp_x";
    const auto traced = rewrite(rules, hosts, {}, context, address, answers, &trace);
    const auto plain = rewrite(rules, hosts, {}, context, address, answers);
    if (traced.to_debug_string() != plain.to_debug_string()) std::abort();
    if (trace.empty() && traced.ok()) std::abort();
    if (to_debug_string(trace).find('\0') != std::string::npos) std::abort();
    return 0;
}
