#include "support/mapping_examples.h"

#include <gtest/gtest.h>

#include "config/file_source.h"
#include "config/mapping_file.h"

namespace sluice::test {

namespace {

mapping::TableSet checked(const std::string& path, config::FileSource& files) {
    Diagnostics diagnostics;
    auto tables = config::read_mapping_file(path, files, diagnostics);
    for (const auto& found : diagnostics.items()) {
        if (found.severity == Severity::error) ADD_FAILURE() << found.to_string();
    }
    return tables;
}

}  // namespace

mapping::TableSet load_example(const std::string& name) {
    config::DiskFiles files;
    return checked(SLUICE_TEST_CASES "/mapping/" + name + ".map", files);
}

mapping::TableSet load_text(const std::string& text) {
    config::MemoryFiles files({{"test.map", text}});
    return checked("test.map", files);
}

}  // namespace sluice::test
