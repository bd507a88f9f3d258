#pragma once

#include <string>
#include <vector>

// What a process is kept from cannot be seen from outside: for tests a program tries it itself.
namespace sluice::containment {

/// The environment variable that makes every program try, once it has given up its rights. Its
/// value is a directory of the test's, outside of what the program may use.
inline constexpr const char* probe_variable = "SLUICE_CONTAINMENT_PROBE";

struct Attempt {
    std::string name;    ///< "read secret"
    std::string result;  ///< "done", "EACCES"
};

/// Tries what programs of ours never do. In the directory are the files `secret` and `victim`, and
/// links `configuration`, `queue`, `logs`, `run`, `scratch` and `mail`, to a file and directories
/// of the instance. One thread.
std::vector<Attempt> probe(const std::string& directory);

}  // namespace sluice::containment
