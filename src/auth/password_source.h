#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "auth/identity_source.h"
#include "auth/password_file.h"
#include "base/text_file_cache.h"

namespace sluice::auth {

/// The password file. It is looked at for each log-in and read again when it has changed.
class PasswordSource final : public IdentitySource {
public:
    PasswordSource(std::string path, std::string domain);
    ~PasswordSource() override;

    [[nodiscard]] bool serves(std::string_view mechanism) const override;
    Answer check_password(
        const Circumstances& circumstances, const std::string& user, const Secret& password
    ) override;
    Lookup find_secret(ScramHash hash, const std::string& user) override;
    Answer find_user(const std::string& user) override;

private:
    Result<std::shared_ptr<const PasswordFile>> current();
    [[nodiscard]] Answer answer_about(const PasswordEntry& entry) const;

    std::string path_;
    std::string domain_;
    TextFileCache texts_;
    std::mutex mutex_;
    std::shared_ptr<const std::string> text_;  ///< that file_ was made of
    std::shared_ptr<const PasswordFile> file_;
};

}  // namespace sluice::auth
