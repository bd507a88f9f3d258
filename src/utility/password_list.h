#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/password_file.h"
#include "auth/secret.h"
#include "utility/json_line.h"
#include "utility/utility.h"

namespace sluice::utility {

/// What `imsimta passwd` works on: the file of users with their SCRAM secrets that a source of
/// security.cnf names. One use for one command, which is told what went wrong.
class PasswordList {
public:
    explicit PasswordList(Invocation& invocation);

    /// `action`: add, change, delete, list or verify. Who changes the file holds its lock
    /// meanwhile.
    ExitCode run(std::string_view action);

private:
    ExitCode fail(std::string_view ident, std::string text, ExitCode code = ExitCode::failed);
    [[nodiscard]] std::string user() const { return line_.parameters().front(); }
    /// The file of the source that -source names: PASSWORDS.
    ExitCode find_file();
    ExitCode load();
    ExitCode list();
    static JsonLine described(const auth::PasswordEntry& entry);
    ExitCode verify();
    ExitCode add();
    ExitCode change();
    ExitCode remove();
    ExitCode unknown();
    ExitCode put(auth::PasswordEntry entry, std::string_view ident);
    ExitCode set_password(auth::PasswordEntry& entry);
    std::optional<auth::Secret> ask(std::string_view prompt);
    ExitCode write(const std::string& text, std::string_view ident);

    Console& console_;
    const CommandLine& line_;
    const config::Tailor& tailor_;
    std::string path_;
    std::string text_;
    auth::PasswordFile file_;
};

}  // namespace sluice::utility
