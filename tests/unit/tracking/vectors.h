#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace sluice::tracking {

/// The lines of a file beside the tests: samples that the documents of those systems print.
inline std::vector<std::string> vector_lines(const std::string& name) {
    const std::filesystem::path folder(SLUICE_SOURCE_DIR "/tests/unit/tracking/vectors");
    std::ifstream in(folder / name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        if (!line.empty()) lines.push_back(line);
    }
    EXPECT_FALSE(lines.empty()) << name;
    return lines;
}

}  // namespace sluice::tracking
