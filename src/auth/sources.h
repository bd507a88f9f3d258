#pragma once

#include <memory>
#include <vector>

#include "auth/identity_source.h"

namespace sluice::auth {

/// Several sources asked in their order: the first that knows a user has the word. One that cannot
/// be asked now leaves the question open if no other knows the user.
class Sources {
public:
    using List = std::vector<std::shared_ptr<IdentitySource>>;

    explicit Sources(List list) : list_(std::move(list)) {}

    [[nodiscard]] bool serve(std::string_view mechanism) const;
    Answer check_password(
        const Circumstances& circumstances, const std::string& user, const Secret& password
    ) const;
    IdentitySource::Lookup find_secret(ScramHash hash, const std::string& user) const;
    Answer find_user(const std::string& user) const;
    /// The exchange of the first source that serves the mechanism, where it does that by itself;
    /// null: it does not.
    std::unique_ptr<Exchange> begin(std::string_view mechanism, const Circumstances& circumstances)
        const;

private:
    List list_;
};

}  // namespace sluice::auth
