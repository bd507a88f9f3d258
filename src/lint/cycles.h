#pragma once

#include <cstddef>
#include <vector>

namespace sluice::lint {

/// What each node leads to, by number.
using Graph = std::vector<std::vector<std::size_t>>;

/// Cycles of a directed graph: every node on a cycle is in at least one of those returned, nodes in
/// the order of the edges. A node that leads to itself counts only with `self_loops`. Linear.
std::vector<std::vector<std::size_t>> find_cycles(const Graph& graph, bool self_loops);

}  // namespace sluice::lint
