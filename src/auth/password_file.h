#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/scram.h"
#include "base/bytes.h"
#include "base/diagnostic.h"

// The password file (docs/man/passwords.5): who may log in, and what of their passwords must be
// kept for that. A line for each user:
//   amy@example.com SCRAM-SHA-256$10000:…$…:… [SCRAM-SHA-1$…] [mail=address] [disabled]
// Pure.
namespace sluice::auth {

struct PasswordEntry {
    std::string user;
    std::vector<ScramSecret> secrets;  ///< one for each hash at most
    std::string mail;                  ///< the address that goes with it; empty: see mail_of()
    bool disabled = false;

    [[nodiscard]] const ScramSecret* find(ScramHash hash) const;
};

class PasswordFile {
public:
    /// Lines that cannot be understood are reported and left out: E460; a second line of a user
    /// E461, weak secrets W460.
    static PasswordFile parse(
        std::string_view text, std::string_view file_name, Diagnostics& diagnostics
    );

    /// Names are compared without regard to case.
    [[nodiscard]] const PasswordEntry* find(std::string_view user) const;
    [[nodiscard]] const std::vector<PasswordEntry>& entries() const { return entries_; }
    /// What decoys are made with: the line "%seed", else the text itself.
    [[nodiscard]] const std::string& seed() const { return seed_; }
    [[nodiscard]] bool has_seed() const { return has_seed_; }
    /// That most entries have: decoys must look the same.
    [[nodiscard]] std::uint32_t iterations() const { return iterations_; }

private:
    std::vector<PasswordEntry> entries_;
    std::unordered_map<std::string, std::size_t, HashIgnoringCase, EqualIgnoringCase> index_;
    std::string seed_;
    bool has_seed_ = false;
    std::uint32_t iterations_ = usual_iterations;
};

/// What a user may be called: printable, without blanks, at most 255 octets, and no sign of
/// comments or directives in front.
bool is_user_name(std::string_view name);

std::string to_line(const PasswordEntry& entry);
/// The text with the entry in the place of the user's, or behind it; everything else, comments too,
/// stays as it is. A text without a seed gets one.
std::string with_entry(std::string_view text, const PasswordEntry& entry);
std::string without_entry(std::string_view text, std::string_view user);

}  // namespace sluice::auth
