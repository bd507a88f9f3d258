#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace sluice {

/// An account of the machine.
struct Account {
    uid_t user = 0;
    gid_t group = 0;
    std::string name;  ///< empty where the user id has no name
};

/// The account of the MTA: `user` (IMTA_USER), or, where that is empty, the owner of the tailor
/// file. An unknown name is an Error.
Result<Account> mta_account(const std::string& user, const std::string& tailor_file);

/// Root gives itself up for good and becomes the MTA account, groups too; anybody else stays who
/// they are. An MTA account that is root itself is an Error: no program of ours serves as root. The
/// signal that the process asked for at its parent's death stays in force.
Result<void> give_up_root(const std::string& user, const std::string& tailor_file);

/// Root acts as an account for a while, so that what it makes belongs to that account, and is root
/// again when the object goes. Anybody else stays who they are. One thread, one object at a time.
/// The signal at the parent's death stays in force.
class ActingAs {
public:
    static Result<ActingAs> begin(const Account& account);
    ActingAs(ActingAs&& other) noexcept;
    ActingAs& operator=(ActingAs&&) = delete;
    ~ActingAs();

private:
    explicit ActingAs(bool is_acting) : is_acting_(is_acting) {}
    bool is_acting_;
};

}  // namespace sluice
