#pragma once

#include <string>

#include "tests/support/site.h"

namespace sluice::filter {

/// The shipped configuration with three channels a, b and c of the given keywords, filters 1 and 2,
/// more lines for the option file and mapping tables.
inline config::ConfigurationPtr filter_site(
    const std::string& a,
    const std::string& b,
    const std::string& options = {},
    const std::string& mappings = {},
    const std::string& filter_file = {}
) {
    return test::make_site({
        {"imta.cnf", "example.com $U%$D@mail\n\nl\nmail\n\na " + a + "\na-daemon\n\nb " + b +
                         "\nb-daemon\n\nbitbucket\nbitbucket-daemon\n"},
        {"option.dat",
         "SPAMFILTER1_LIBRARY=milter\nSPAMFILTER1_CONFIG_FILE=IMTA_TABLE:m.opt\n"
         "SPAMFILTER2_LIBRARY=IMTA_LIB:libmilter.so\n"
         "SPAMFILTER2_CONFIG_FILE=IMTA_TABLE:m.opt\n" +
             options},
        {"m.opt", "HOST=127.0.0.1\nPORT=8891\n" + filter_file},
        {"mappings", mappings},
    });
}

}  // namespace sluice::filter
