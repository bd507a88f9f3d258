// What a header costs: finding its addresses, and taking it through the policy for one destination
// channel.
//   header_bench DIRECTORY...   with the configuration files imta.cnf and mappings and messages
//   *.eml
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "config/configuration.h"
#include "message/address_list.h"
#include "message/header_field.h"
#include "policy/header_rewriting.h"

namespace {

using namespace sluice;
using Clock = std::chrono::steady_clock;

constexpr int rounds = 2000;

std::vector<std::string> headers_in(const std::filesystem::path& directory) {
    std::vector<std::string> headers;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() != ".eml") continue;
        const auto text = read_file(entry.path().string());
        if (text) headers.push_back(text->substr(0, text->find("\r\n\r\n") + 2));
    }
    return headers;
}

template <class Work>
double microseconds_each(const std::vector<std::string>& headers, Work work) {
    const auto begin = Clock::now();
    for (int i = 0; i < rounds; ++i) {
        for (const std::string& header : headers) work(header);
    }
    const std::chrono::duration<double, std::micro> taken = Clock::now() - begin;
    return taken.count() / rounds / static_cast<double>(headers.size());
}

int measure(const std::filesystem::path& directory) {
    const std::vector<std::string> headers = headers_in(directory);
    config::DiskFiles files;
    Diagnostics diagnostics;
    config::AddressFiles trial;
    trial.imta_cnf = (directory / "imta.cnf").string();
    trial.mapping_file = (directory / "mappings").string();
    const auto site = config::load_for_trial({}, trial, files, diagnostics);
    if (site == nullptr || headers.empty()) {
        std::fprintf(stderr, "%s: no configuration or no messages\n", directory.c_str());
        return 1;
    }
    std::size_t found = 0;
    const double parsing = microseconds_each(headers, [&](const std::string& header) {
        for (const message::HeaderField& field : message::split_header(header)) {
            if (!message::address_direction(field.name)) continue;
            if (const auto list = message::parse_address_list(field.raw_value))
                found += list->addresses.size();
        }
    });
    mapping::NoAnswers answers;
    const channel::Channel& channel = *site->imta.channels.find("tcp_local");
    const policy::CopyContext copy{*site, channel, channel, {}, answers};
    std::size_t changed = 0;
    const double rewriting = microseconds_each(headers, [&](const std::string& header) {
        const auto result = policy::rewrite_header(copy, header);
        if (result && *result) ++changed;
    });
    const double each = static_cast<double>(headers.size()) * rounds;
    std::printf(
        "%zu headers, %.1f addresses each: found in %.2f us, rewritten in %.2f us (%.0f%% "
        "change)\n",
        headers.size(), static_cast<double>(found) / each, parsing, rewriting,
        100.0 * static_cast<double>(changed) / each
    );
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    int failures = 0;
    for (int i = 1; i < argc; ++i) failures += measure(argv[i]);
    return failures == 0 && argc > 1 ? 0 : 1;
}
