#include "lint/cycles.h"

#include <algorithm>
#include <cstdint>

namespace sluice::lint {

namespace {

enum class Mark : std::uint8_t { fresh, on_path, done };

struct Step {
    std::size_t node;
    std::size_t next_edge = 0;
};

}  // namespace

// Depth first, without recursion: alias chains may be as long as their file.
std::vector<std::vector<std::size_t>> find_cycles(const Graph& graph, bool self_loops) {
    std::vector<std::vector<std::size_t>> cycles;
    std::vector<Mark> marks(graph.size(), Mark::fresh);
    for (std::size_t start = 0; start < graph.size(); ++start) {
        if (marks[start] != Mark::fresh) continue;
        std::vector<Step> path{{start}};
        marks[start] = Mark::on_path;
        while (!path.empty()) {
            Step& top = path.back();
            if (top.next_edge == graph[top.node].size()) {
                marks[top.node] = Mark::done;
                path.pop_back();
                continue;
            }
            const std::size_t next = graph[top.node][top.next_edge++];
            if (next == top.node) {
                if (self_loops) cycles.push_back({next});
            } else if (marks[next] == Mark::fresh) {
                marks[next] = Mark::on_path;
                path.push_back({next});
            } else if (marks[next] == Mark::on_path) {
                const auto begin = std::find_if(path.begin(), path.end(), [&](const Step& step) {
                    return step.node == next;
                });
                auto& cycle = cycles.emplace_back();
                std::transform(begin, path.end(), std::back_inserter(cycle), [](const Step& step) {
                    return step.node;
                });
            }
        }
    }
    return cycles;
}

}  // namespace sluice::lint
