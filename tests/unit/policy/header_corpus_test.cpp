// The messages of tests/cases/headers: what must change changes, and nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "message/address_list.h"
#include "message/header_field.h"
#include "policy/header_rewriting.h"
#include "support/site.h"

namespace sluice::policy {
namespace {

namespace fs = std::filesystem;

const fs::path& directory() {
    static const fs::path path = fs::path(SLUICE_TEST_CASES) / "headers";
    return path;
}

std::vector<std::string> messages() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory())) {
        if (entry.path().extension() == ".eml") names.push_back(entry.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string text_of(const std::string& file) {
    return read_file((directory() / file).string()).value();
}

class HeaderCorpus : public testing::TestWithParam<std::string> {
protected:
    HeaderCorpus()
        : site_(test::make_site(
              {{"imta.cnf", text_of("imta.cnf")}, {"mappings", text_of("mappings")}}
          )) {}

    /// The message as it leaves for the channel; `source` as the channel it came from.
    std::string out(const std::string& message, const char* source, const char* destination) {
        const std::size_t end = std::min(message.find("\r\n\r\n") + 2, message.size());
        mapping::NoAnswers answers;
        const CopyContext copy{
            *site_,
            *site_->imta.channels.find(source),
            *site_->imta.channels.find(destination),
            {},
            answers};
        const auto header = rewrite_header(copy, message.substr(0, end));
        EXPECT_TRUE(header);
        return header->value_or(message.substr(0, end)) + message.substr(end);
    }

    config::ConfigurationPtr site_;
};

TEST_P(HeaderCorpus, LeavesAsExpected) {
    const std::string result = out(text_of(GetParam() + ".eml"), "tcp_local", "tcp_local");
    const fs::path expected = directory() / (GetParam() + ".out");
    // For whoever adds a message: writes what is, to be read before it is kept.
    if (std::getenv("SLUICE_WRITE_EXPECTED") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        std::ofstream(expected, std::ios::binary) << result;
    }
    EXPECT_EQ(result, read_file(expected.string()).value());
}

TEST_P(HeaderCorpus, SecondTimeChangesNothing) {
    const std::string once = out(text_of(GetParam() + ".eml"), "tcp_local", "tcp_local");
    EXPECT_EQ(out(once, "tcp_local", "tcp_local"), once);
}

// old.example is the one domain with a rule that changes it, and a bang path is read as what it
// means.
TEST_P(HeaderCorpus, NothingChangesWhereNoRuleAsksForIt) {
    std::string message = text_of(GetParam() + ".eml");
    for (const std::string name : {"old.example", "OLD.EXAMPLE", "Old.Example", "old . example"}) {
        for (std::size_t at = message.find(name); at != std::string::npos; at = message.find(name))
            message.replace(at, 3, "far");
    }
    if (const std::size_t at = message.find("host!user"); at != std::string::npos)
        message.replace(at, 9, "user@host");
    EXPECT_EQ(out(message, "tcp_plain", "tcp_plain"), message);
}

TEST_P(HeaderCorpus, ReplacingAnAddressByItselfIsTheIdentity) {
    const std::string message = text_of(GetParam() + ".eml");
    for (const message::HeaderField& field : message::split_header(message)) {
        const auto list = message::parse_address_list(field.raw_value);
        if (!list) continue;
        message::SpanEdits edits;
        for (const message::ListedAddress& one : list->addresses) {
            for (const message::Span& piece : one.spelling)
                edits.replace(piece, std::string(piece.in(field.raw_value)));
            for (const message::Span& piece : one.phrase)
                edits.replace(piece, std::string(piece.in(field.raw_value)));
        }
        EXPECT_EQ(edits.apply(field.raw_value), field.raw_value);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Messages,
    HeaderCorpus,
    testing::ValuesIn(messages()),
    [](const testing::TestParamInfo<std::string>& row) {
        std::string name = row.param;
        std::replace(name.begin(), name.end(), '-', '_');
        return 'm' + name;
    }
);

}  // namespace
}  // namespace sluice::policy
