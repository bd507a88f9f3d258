#pragma once

#include <string>
#include <vector>

#include "net/service_statistics.h"

namespace sluice::utility {

/// A table of the services, one of their workers, one of recent connections. Pure.
std::vector<std::string> text_lines(const net::Statistics& statistics);
/// The same, an object for each row: "kind" is service, worker or connection. Pure.
std::vector<std::string> json_lines(const net::Statistics& statistics);

}  // namespace sluice::utility
