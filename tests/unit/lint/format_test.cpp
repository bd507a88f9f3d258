#include "lint/format.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include "base/file.h"
#include "config/file_source.h"
#include "config/imta_cnf.h"
#include "config/mapping_file.h"

namespace sluice::lint {

namespace {

std::string formatted(Language language, const std::string& text) {
    const auto result = format(language, text);
    EXPECT_TRUE(result) << text;
    return result.value_or(std::string());
}

TEST(Format, AlignsRulesAndLeavesBlocksAlone) {
    EXPECT_EQ(
        formatted(
            Language::imta_cnf,
            "! rules\n"
            "a.example \t $U%$D@a-daemon  \n"
            "  long.name.example $U%$D@a-daemon\n"
            "<more.rules\n"
            ".   $U%$H@tcp_local-daemon$?no such host  here\n"
            "  \n"
            "tcp_local   smtp  mx \\\n"
            "   single_sys  \n"
            "tcp_local-daemon   \n"
        ),
        "! rules\n"
        "a.example          $U%$D@a-daemon\n"
        "long.name.example  $U%$D@a-daemon\n"
        "<more.rules\n"
        ".                  $U%$H@tcp_local-daemon$?no such host  here\n"
        "\n"
        "tcp_local   smtp  mx \\\n"
        "   single_sys  \n"
        "tcp_local-daemon\n"
    );
}

TEST(Format, AlignsEntriesTableByTable) {
    EXPECT_EQ(
        formatted(
            Language::mappings,
            "A  \n \n a   $Y\n\tlonger|*\t\t$N$ no$ \n! kept  \n\nB\n\n  *   $Y\n  joined \\\n   "
            "$Y\n"
        ),
        "A\n\n  a         $Y\n  longer|*  $N$ no$ \n! kept  \n\nB\n\n  *  $Y\n  joined \\\n   $Y\n"
    );
}

TEST(Format, KeepsLineEnds) {
    EXPECT_EQ(formatted(Language::imta_cnf, "a  $U@b \r\nccc $U@b"), "a    $U@b\r\nccc  $U@b");
    EXPECT_EQ(formatted(Language::mappings, "A\r\n\r\n x  $Y\r\n"), "A\r\n\r\n  x  $Y\r\n");
}

TEST(Format, DoesNotMakeAContinuation) {
    const std::string text = "a  $U@b\\ \nccc $U@b\n";
    EXPECT_EQ(
        meaning(Language::imta_cnf, formatted(Language::imta_cnf, text)),
        meaning(Language::imta_cnf, text)
    );
}

std::string parsed_form(Language language, const std::string& path, const std::string& text) {
    config::DiskFiles disk;
    // Includes are read from where they are; the file itself is the text given.
    class Overlay final : public config::FileSource {
    public:
        Overlay(std::string path, std::string text)
            : path_(std::move(path)), text_(std::move(text)) {}
        Result<std::string> read(const std::string& name) override {
            return name == path_ ? Result<std::string>(text_) : disk_.read(name);
        }

    private:
        std::string path_;
        std::string text_;
        config::DiskFiles disk_;
    } files(path, text);
    Diagnostics diagnostics;
    std::string form;
    if (language == Language::imta_cnf) {
        const auto imta = config::read_imta_cnf(path, files, diagnostics);
        for (const auto& rule : imta.rules.rules()) {
            form += rule->pattern + " | " + rule->templ.text + " | " +
                    rule->where.file_name().data() + ':' + std::to_string(rule->where.line) + '\n';
        }
        for (const auto& channel : imta.channels) {
            form += channel.name() + ' ' + channel.to_debug_string() + ' ' +
                    channel.official_host() + ' ' + channel.local_host_alias() + '\n';
            for (const auto& host : channel.additional_hosts())
                form += "  " + host.name + ' ' + host.proper_name + '\n';
        }
    } else {
        const auto tables = config::read_mapping_file(path, files, diagnostics);
        for (const auto& [name, table] : tables.tables()) {
            form += name + '\n';
            for (const auto& entry : table.entries())
                form += entry.pattern.text() + " | " + entry.result.text() + " | " +
                        std::to_string(entry.where.line) + '\n';
        }
    }
    for (const auto& found : diagnostics.items())
        form += found.code + ' ' + std::to_string(found.where.line) + '\n';
    return form;
}

struct Example {
    std::string path;
    Language language;
};

std::vector<Example> examples() {
    std::vector<Example> found;
    for (const char* folder : {SLUICE_SOURCE_DIR "/config", SLUICE_TEST_CASES}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
            if (!entry.is_regular_file()) continue;
            const std::string extension = entry.path().extension().string();
            const std::string name = entry.path().filename().string();
            if (extension == ".map" || extension == ".mappings" || extension == ".inc" ||
                name == "mappings") {
                found.push_back({entry.path().string(), Language::mappings});
            } else if (name == "imta.cnf" || (extension == ".cnf" && folder[0] != '\0' && name.find("controller") == std::string::npos && name != "dispatcher.cnf")) {
                found.push_back({entry.path().string(), Language::imta_cnf});
            }
        }
    }
    return found;
}

TEST(Format, OfAllExamplesMeansTheSameAndIsIdempotent) {
    const auto all = examples();
    EXPECT_GT(all.size(), 40U);
    for (const Example& example : all) {
        const std::string text = read_file(example.path).value();
        const std::string out = formatted(example.language, text);
        EXPECT_EQ(formatted(example.language, out), out) << example.path;
        EXPECT_EQ(
            parsed_form(example.language, example.path, text),
            parsed_form(example.language, example.path, out)
        ) << example.path;
    }
}

// Whatever a text is, formatting it keeps its meaning and settles at once.
TEST(Format, OfRandomTexts) {
    const char* pieces[] = {"a",    " ",  "\t", "\n", "\n", "!", "$",    "$ ",
                            "\\\n", "\\", "<f", "\"", "@",  "%", "\r\n", "  x  "};
    std::mt19937 random(11);
    for (int round = 0; round < 20000; ++round) {
        std::string text;
        for (auto n = random() % 16; n > 0; --n) text += pieces[random() % std::size(pieces)];
        for (const Language language : {Language::imta_cnf, Language::mappings}) {
            const auto once = format(language, text);
            ASSERT_TRUE(once) << testing::PrintToString(text);
            ASSERT_EQ(format(language, *once).value(), *once) << testing::PrintToString(text);
        }
    }
}

}  // namespace

}  // namespace sluice::lint
