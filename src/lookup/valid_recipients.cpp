#include "lookup/valid_recipients.h"

#include <unistd.h>

#include "base/log.h"
#include "store/lookup_table.h"

namespace sluice::lookup {

using mapping::Answer;

namespace {

constexpr std::chrono::milliseconds new_file_noticed{250};

class ValidRecipients final : public callout::Routine {
public:
    explicit ValidRecipients(std::string path) : table_(std::move(path), new_file_noticed) {}

    [[nodiscard]] bool may_block() const override { return false; }

    Answer call(std::string_view key) override {
        if (table_.path().empty()) return Answer::temporary();
        auto found = table_.find(key);
        if (found && found->has_value()) return Answer::literal(std::move(**found));
        const bool is_there = found && ::access(table_.path().c_str(), R_OK) == 0;
        if (!is_there) diag::warning("VALID_RCPT_DATABASE: " + table_.path() + " cannot be used");
        return is_there ? Answer::none() : Answer::temporary();
    }

private:
    store::LookupTable table_;
};

}  // namespace

std::string valid_recipients_path(const config::Configuration& configuration) {
    const std::string& name = configuration.options.text(config::OptionId::valid_rcpt_database);
    if (name.empty() || configuration.tailor.file().empty()) return {};
    const auto path = configuration.tailor.resolve_path(name, config::TailorEntry::table);
    if (path) return *path;
    diag::warning("VALID_RCPT_DATABASE: " + path.error().detail());
    return {};
}

void add_valid_recipients(callout::Registry& registry, const std::string& path) {
    registry.add("abuse", "valid_rcpt", std::make_unique<ValidRecipients>(path));
}

}  // namespace sluice::lookup
