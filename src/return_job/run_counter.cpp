#include "return_job/run_counter.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/file.h"

namespace sluice::return_job {

bool is_due(std::uint64_t run, std::int64_t period) {
    return run % static_cast<std::uint64_t>(std::max<std::int64_t>(period, 1)) == 0;
}

Result<std::uint64_t> count_run(const std::string& path) {
    std::uint64_t run = 1;
    if (const auto text = read_file(path, 64)) {
        const auto last = parse_unsigned(std::string_view(*text).substr(0, text->find('\n')));
        if (last && *last < ~std::uint64_t{0}) run = *last + 1;
    }
    if (auto written = replace_file(path, std::to_string(run) + '\n'); !written)
        return std::move(written).error();
    return run;
}

}  // namespace sluice::return_job
