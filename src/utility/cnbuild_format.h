#pragma once

#include "utility/utility.h"

namespace sluice::utility {

/// imsimta cnbuild -format [-check] [file ...]: the files named, else imta.cnf and the mapping file
/// of the instance, in their usual form.
ExitCode format_files(Invocation& invocation);

}  // namespace sluice::utility
