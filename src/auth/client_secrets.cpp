#include "auth/client_secrets.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"

namespace sluice::auth {

namespace {

bool names(std::string_view pattern, std::string_view host) {
    if (pattern == "*") return true;
    if (!pattern.starts_with('.')) return equals_ignoring_case(pattern, host);
    return host.size() > pattern.size() &&
           equals_ignoring_case(host.substr(host.size() - pattern.size()), pattern);
}

/// Takes the next word from the front.
std::string_view next_word(std::string_view& rest) {
    rest = trim(rest);
    const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end);
    return word;
}

}  // namespace

ClientSecrets ClientSecrets::parse(std::string_view text, std::vector<std::size_t>& faults) {
    ClientSecrets secrets;
    std::size_t number = 0;
    for (std::string_view line : split(text, '\n')) {
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        std::string_view rest = trim(line);
        if (rest.empty() || rest.front() == '!' || rest.front() == '#') continue;
        const std::string_view host = next_word(rest);
        const std::string_view user = next_word(rest);
        const std::string_view password = trim(rest);
        if (user.empty() || password.empty()) {
            faults.push_back(number);
            continue;
        }
        secrets.lines_.push_back(
            {std::string(host), {std::string(user), Secret(std::string(password))}}
        );
    }
    return secrets;
}

std::optional<Credentials> ClientSecrets::find(const std::vector<std::string_view>& hosts) const {
    for (const Line& line : lines_) {
        const bool fits = std::any_of(hosts.begin(), hosts.end(), [&](std::string_view host) {
            return names(line.host, host);
        });
        if (fits) return line.credentials;
    }
    return std::nullopt;
}

Result<ClientSecrets> load_client_secrets(const std::string& path) {
    if (std::string fault = exposure_of(path); !fault.empty())
        return Error::temporary({4, 7, 0}, "secrets not usable", std::move(fault));
    auto text = read_file(path);
    if (!text && text.error().error_number() == ENOENT) return ClientSecrets();
    if (!text) return std::move(text).error();
    std::vector<std::size_t> faults;
    ClientSecrets secrets = ClientSecrets::parse(*text, faults);
    wipe(*text);
    for (const std::size_t line : faults)
        diag::warning(path + ':' + std::to_string(line) + ": not a host, a user and a password");
    return secrets;
}

std::string exposure_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0)
        return path + " is open to everybody: chmod o-rwx, and have the passwords changed";
    return {};
}

}  // namespace sluice::auth
