#pragma once

#include <string_view>

#include "mapping/engine.h"

namespace sluice::test {

/// The mapping operation as the manual writes it down: every entry is compared, in its order, with
/// no index and no memory between entries. Templates are run by the engine's own code. Limits other
/// than that of restarts are left out.
mapping::Outcome naive_probe(
    const mapping::TableSet& tables,
    std::string_view table,
    std::string_view input,
    const mapping::InputFlags& flags,
    mapping::Answers& answers
);

}  // namespace sluice::test
