#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "base/file.h"
#include "config/configuration.h"

namespace sluice::test {

/// The shipped configuration with some files put in place of, or added to, its own: what a site
/// would load, without touching the disk beyond reading config/.
inline config::ConfigurationPtr make_site(const std::map<std::string, std::string>& changes = {}) {
    std::map<std::string, std::string> texts;
    for (const auto& entry : std::filesystem::directory_iterator(SLUICE_SOURCE_DIR "/config")) {
        if (!entry.is_regular_file()) continue;
        texts["/site/config/" + entry.path().filename().string()] =
            read_file(entry.path().string()).value();
    }
    texts["/site/config/imta_tailor"] = "IMTA_ROOT=/site/\n";
    texts["/site/config/local_users"] = "adam\neve\npostmaster\nu*\n";
    for (const auto& [name, text] : changes) texts["/site/config/" + name] = text;
    config::MemoryFiles files(std::move(texts));
    Diagnostics diagnostics;
    auto configuration = config::load_configuration("/site/config/imta_tailor", files, diagnostics);
    for (const Diagnostic& finding : diagnostics.items()) {
        EXPECT_TRUE(configuration != nullptr) << finding.to_string();
    }
    return configuration;
}

}  // namespace sluice::test
