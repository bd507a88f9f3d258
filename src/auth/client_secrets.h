#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/client_exchange.h"
#include "base/result.h"

// The file client_secrets (docs/man/client_secrets.5): with which user and password we log in at
// other hosts. A line for each: host, user, and the rest of the line is the password.
namespace sluice::auth {

class ClientSecrets {
public:
    /// `faults` gets the numbers of lines that are not understood, never their texts.
    static ClientSecrets parse(std::string_view text, std::vector<std::size_t>& faults);

    /// Of the first line that names one of these hosts: a name, ".example.com" for all below it,
    /// or "*".
    [[nodiscard]] std::optional<Credentials> find(const std::vector<std::string_view>& hosts) const;

private:
    struct Line {
        std::string host;
        Credentials credentials;
    };
    std::vector<Line> lines_;
};

/// Reads it anew. A file that is not there has no lines; one that others may read is an Error.
Result<ClientSecrets> load_client_secrets(const std::string& path);
/// Empty: nobody else may read the file. Else what is wrong with it.
std::string exposure_of(const std::string& path);

}  // namespace sluice::auth
