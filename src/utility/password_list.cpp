#include "utility/password_list.h"

#include <algorithm>
#include <cerrno>

#include "base/bytes.h"
#include "base/file.h"
#include "base/file_lock.h"
#include "config/option_value.h"
#include "config/security_cnf.h"
#include "utility/printable.h"

namespace sluice::utility {

using auth::PasswordEntry;
using auth::PasswordFile;
using auth::ScramHash;
using auth::Secret;
using config::TailorEntry;

namespace {

constexpr std::string_view facility = "PASSWD";
constexpr std::size_t salt_size = 16;

}  // namespace

PasswordList::PasswordList(Invocation& invocation)
    : console_(invocation.console()),
      line_(invocation.line()),
      tailor_(invocation.instance()->tailor) {}

ExitCode PasswordList::run(std::string_view action) {
    if (auto found = find_file(); found != ExitCode::done) return found;
    if (action == "list" || action == "verify") {
        if (auto loaded = load(); loaded != ExitCode::done) return loaded;
        return action == "list" ? list() : verify();
    }
    // Two who change the file at once would lose one change: the lock is beside it, as the
    // file itself is replaced.
    const auto lock = lock_file(path_ + ".lock");
    if (!lock) return fail("NOTLOCKED", lock.error().detail());
    if (auto loaded = load(); loaded != ExitCode::done) return loaded;
    if (action == "add") return add();
    if (action == "change") return change();
    return remove();
}

ExitCode PasswordList::fail(std::string_view ident, std::string text, ExitCode code) {
    console_.error(facility, ident, std::move(text));
    return code;
}

ExitCode PasswordList::find_file() {
    Diagnostics findings;
    config::DiskFiles disk;
    const auto security =
        config::load_security_cnf(disk, tailor_.path(TailorEntry::security_config_file), findings);
    if (!security) return fail("CONFIG", security.error().detail(), ExitCode::configuration);
    const std::string name(line_.value("source").value_or("PASSWORDS"));
    const config::AuthSource* source = security->find_source(name);
    if (source == nullptr || source->type != config::AuthSource::Type::file)
        return fail("NOSOURCE", "security.cnf has no source " + name + " of type FILE");
    auto path = tailor_.resolve_path(source->file, TailorEntry::table);
    if (!path) return fail("CONFIG", path.error().detail(), ExitCode::configuration);
    path_ = std::move(*path);
    return ExitCode::done;
}

ExitCode PasswordList::load() {
    const auto text = read_file(path_);
    if (!text && text.error().error_number() != ENOENT)
        return fail("NOTREAD", text.error().detail());
    text_ = text ? *text : std::string();
    Diagnostics findings;
    file_ = PasswordFile::parse(text_, path_, findings);
    for (const Diagnostic& finding : findings.items()) console_.explain(finding.to_string());
    return ExitCode::done;
}

ExitCode PasswordList::list() {
    for (const PasswordEntry& entry : file_.entries()) {
        if (line_.has("json")) {
            console_.line(described(entry).to_string());
            continue;
        }
        std::string text = entry.user;
        for (const auth::ScramSecret& secret : entry.secrets)
            text +=
                "  " + std::string(name_of(secret.hash)) + ' ' + std::to_string(secret.iterations);
        if (entry.secrets.empty()) text += "  no password";
        if (!entry.mail.empty()) text += "  " + entry.mail;
        if (entry.disabled) text += "  disabled";
        console_.line(printable_text(text));
    }
    return ExitCode::done;
}

JsonLine PasswordList::described(const PasswordEntry& entry) {
    std::vector<std::string> mechanisms;
    for (const auth::ScramSecret& secret : entry.secrets)
        mechanisms.emplace_back(name_of(secret.hash));
    JsonLine json;
    json.add("user", entry.user).add("mail", entry.mail).add("disabled", entry.disabled);
    json.add("secrets", std::span<const std::string>(mechanisms));
    if (!entry.secrets.empty())
        json.add("iterations", std::uint64_t{entry.secrets.front().iterations});
    return json;
}

ExitCode PasswordList::verify() {
    const PasswordEntry* entry = file_.find(user());
    const auto password = ask("Password: ");
    if (!password) return ExitCode::failed;
    const bool fits =
        entry != nullptr && !entry->disabled && !entry->secrets.empty() &&
        std::all_of(entry->secrets.begin(), entry->secrets.end(), [&](const auto& secret) {
            return matches(secret, password->reveal());
        });
    if (line_.has("json")) {
        JsonLine json;
        json.add("user", user()).add("accepted", fits);
        console_.line(json.to_string());
    }
    if (fits) {
        if (!line_.has("json")) console_.info(facility, "ACCEPTED", user() + " may log in");
        return ExitCode::done;
    }
    const std::string why = entry == nullptr         ? "no such user"
                            : entry->disabled        ? "disabled"
                            : entry->secrets.empty() ? "no password is set"
                                                     : "wrong password";
    return fail("REFUSED", user() + ": " + why, ExitCode::failed);
}

ExitCode PasswordList::add() {
    if (file_.find(user()) != nullptr)
        return fail("EXISTS", user() + " exists; passwd change changes it");
    if (!auth::is_user_name(user()))
        return fail("BADNAME", "a name has no blanks, and no ! # % in front", ExitCode::usage);
    PasswordEntry entry;
    entry.user = user();
    if (auto set = set_password(entry); set != ExitCode::done) return set;
    return put(std::move(entry), "ADDED");
}

ExitCode PasswordList::change() {
    const PasswordEntry* known = file_.find(user());
    if (known == nullptr) return unknown();
    PasswordEntry entry = *known;
    const bool about_others = line_.has("mail") || line_.has("disable") || line_.has("enable");
    // A change of something else leaves the password, unless it is asked for.
    if (!about_others || line_.has("password")) {
        if (auto set = set_password(entry); set != ExitCode::done) return set;
    }
    return put(std::move(entry), "CHANGED");
}

ExitCode PasswordList::remove() {
    if (file_.find(user()) == nullptr) return unknown();
    return write(auth::without_entry(text_, user()), "DELETED");
}

ExitCode PasswordList::unknown() {
    return fail("NOUSER", "there is no user " + user(), ExitCode::not_found);
}

ExitCode PasswordList::put(PasswordEntry entry, std::string_view ident) {
    if (const auto mail = line_.value("mail")) {
        const bool bad = std::any_of(mail->begin(), mail->end(), [](char c) {
            return is_control(c) || c == ' ';
        });
        if (bad) return fail("BADMAIL", "an address without blanks", ExitCode::usage);
        entry.mail = *mail;
    }
    if (line_.has("disable")) entry.disabled = true;
    if (line_.has("enable")) entry.disabled = false;
    return write(auth::with_entry(text_, entry), ident);
}

ExitCode PasswordList::set_password(PasswordEntry& entry) {
    std::uint32_t iterations = auth::usual_iterations;
    if (const auto given = line_.value("iterations")) {
        const auto number = parse_unsigned(*given);
        if (!number || *number < auth::least_iterations || *number > auth::most_iterations)
            return fail(
                "BADCOUNT",
                "-iterations is " + std::to_string(auth::least_iterations) + " to " +
                    std::to_string(auth::most_iterations),
                ExitCode::usage
            );
        iterations = static_cast<std::uint32_t>(*number);
    }
    const auto password = ask("New password: ");
    if (!password) return ExitCode::failed;
    if (console_.can_ask()) {
        const auto again = ask("Again: ");
        if (!again) return ExitCode::failed;
        if (again->reveal() != password->reveal())
            return fail("DIFFERENT", "the two are not the same");
    }
    std::vector<ScramHash> hashes{ScramHash::sha256};
    if (line_.has("sha1")) hashes.push_back(ScramHash::sha1);
    entry.secrets.clear();
    for (const ScramHash hash : hashes) {
        auto secret = auth::make_scram_secret(
            hash, password->reveal(), auth::random_octets(salt_size), iterations
        );
        if (!secret)
            return fail("BADPASSWORD", "a password is not empty and has no control characters");
        entry.secrets.push_back(std::move(*secret));
    }
    return ExitCode::done;
}

std::optional<Secret> PasswordList::ask(std::string_view prompt) {
    auto answer =
        console_.input() != nullptr ? console_.input()->read_secret(prompt) : std::nullopt;
    if (answer) return Secret(std::move(*answer));
    fail("NOPASSWORD", "no password was given");
    return std::nullopt;
}

ExitCode PasswordList::write(const std::string& text, std::string_view ident) {
    constexpr unsigned nobody_else = 0600;
    const auto written = text_.empty() && !file_exists(path_)
                             ? replace_file(path_, text, nobody_else)
                             : rewrite_file(path_, text);
    if (!written) return fail("NOTWRITTEN", written.error().detail());
    console_.info(facility, ident, user());
    return ExitCode::done;
}

}  // namespace sluice::utility
