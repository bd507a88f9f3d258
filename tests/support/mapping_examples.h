#pragma once

#include <string>

#include "mapping/table.h"

// Mapping tables for tests. The examples themselves are run by src/cases.
namespace sluice::test {

/// Reads tests/cases/mapping/NAME.map; fails the test on any error.
mapping::TableSet load_example(const std::string& name);
/// Compiles "NAME\n\n entries" held in memory; fails the test on any error.
mapping::TableSet load_text(const std::string& text);

}  // namespace sluice::test
