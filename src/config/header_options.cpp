#include "config/header_options.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "config/option_value.h"
#include "message/header_field.h"

namespace sluice::config {

namespace {

using message::HeaderOptions;
using message::LineOptions;

constexpr auto option_names = std::to_array<std::string_view>(
    {"ADD", "FILL", "GROUP", "LINELENGTH", "MAXCHARS", "MAXIMUM", "MAXLINES", "PRECEDENCE",
     "RELABEL"}
);
constexpr IntegerRange limit_range{-1, 1'000'000'000};

bool is_header_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return c > ' ' && c < 127 && c != ':';
    });
}

class Reader {
public:
    Reader(std::string_view file_name, Diagnostics& diagnostics)
        : file_(std::make_shared<const std::string>(file_name)), diagnostics_(diagnostics) {}

    HeaderOptions read(std::string_view text) {
        for (std::string_view line : split(text, '\n')) {
            ++number_;
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (line.starts_with('!') || trim(line).empty()) continue;
            line_ = line;
            if (is_blank(line.front())) {
                if (current_ != nullptr)
                    take_options(0);
                else if (!skipping_)
                    report_no_name();
            } else {
                begin_header();
            }
        }
        return std::move(options_);
    }

private:
    [[nodiscard]] SourceLocation at(std::size_t position) const {
        return {file_, number_, position + 1};
    }
    void error(std::size_t position, std::string code, std::string text, std::string hint = {}) {
        diagnostics_.error(
            at(position), std::move(code), std::move(text), std::string(line_), std::move(hint)
        );
    }

    void report_no_name() {
        error(
            0, "E450", "expected the name of a header line and a colon",
            "write for instance: Received: MAXIMUM=10"
        );
    }

    void begin_header() {
        current_ = nullptr;
        const std::size_t colon = line_.find(':');
        const std::string_view name = trim(line_.substr(0, std::min(colon, line_.size())));
        skipping_ = colon == std::string_view::npos || !is_header_name(name);
        if (skipping_) return report_no_name();
        is_special_ = true;
        if (equals_ignoring_case(name, "Defaults")) {
            current_ = &begin_special(options_.defaults);
        } else if (equals_ignoring_case(name, "Other")) {
            current_ = &begin_special(options_.other);
        } else {
            is_special_ = false;
            const auto [entry, is_new] = options_.lines.try_emplace(std::string(name));
            if (!is_new) warn_repeated();
            current_ = &entry->second;
        }
        take_options(colon + 1);
    }

    LineOptions& begin_special(std::optional<LineOptions>& special) {
        if (special) warn_repeated();
        if (!special) special.emplace();
        return *special;
    }

    void warn_repeated() {
        diagnostics_.warning(
            at(0), "W450", "options of this header line were given before; both count",
            std::string(line_), "write all options of a header line in one place"
        );
    }

    void take_options(std::size_t from) {
        position_ = from;
        for (;;) {
            while (position_ < line_.size() &&
                   (is_blank(line_[position_]) || line_[position_] == ','))
                ++position_;
            if (position_ >= line_.size()) return;
            if (!take_option()) return;
        }
    }

    // "NAME=value" or "NAME="text""; the position is behind it afterwards.
    bool take_option() {
        const std::size_t start = position_;
        const std::size_t equals = line_.find_first_of("=,\"", start);
        if (equals == std::string_view::npos || line_[equals] != '=') {
            error(start, "E451", "expected OPTION=value");
            return false;
        }
        Setting setting;
        setting.name = std::string(trim(line_.substr(start, equals - start)));
        setting.where = at(start);
        setting.line = std::string(line_);
        position_ = equals + 1;
        while (position_ < line_.size() && is_blank(line_[position_])) ++position_;
        setting.value_where = at(position_);
        if (!take_value(setting.value)) return false;
        apply(setting);
        return true;
    }

    bool take_value(std::string& value) {
        if (position_ >= line_.size() || line_[position_] != '"') {
            const std::size_t end = std::min(line_.find(',', position_), line_.size());
            value = trim(line_.substr(position_, end - position_));
            position_ = end;
            return true;
        }
        const std::size_t quote = position_;
        for (++position_; position_ < line_.size(); ++position_) {
            if (line_[position_] == '"') {
                ++position_;
                return ends_here();
            }
            if (line_[position_] == '\\' && position_ + 1 < line_.size()) ++position_;
            value += line_[position_];
        }
        error(quote, "E452", "the quoted text does not end", "close it with a quotation mark");
        return false;
    }

    bool ends_here() {
        while (position_ < line_.size() && is_blank(line_[position_])) ++position_;
        if (position_ >= line_.size() || line_[position_] == ',') return true;
        error(position_, "E451", "expected a comma and the next option");
        return false;
    }

    void apply(const Setting& setting) {
        const std::string name = to_upper(setting.name);
        if (name == "ADD") return take_text(setting, current_->add);
        if (name == "FILL") return take_text(setting, current_->fill);
        if (name == "GROUP") return take_group(setting);
        if (name == "LINELENGTH") return take_line_length(setting);
        if (name == "MAXCHARS") return take_limit(setting, current_->max_chars);
        if (name == "MAXIMUM") return take_maximum(setting);
        if (name == "MAXLINES") return take_limit(setting, current_->max_lines);
        if (name == "PRECEDENCE") return take_precedence(setting);
        if (name == "RELABEL") return take_name(setting);
        report_unknown(setting, "header option", option_names, diagnostics_);
    }

    bool is_for_one_name(const Setting& setting) {
        if (!is_special_) return true;
        diagnostics_.error(
            setting.where, "E453",
            to_upper(setting.name) + " needs the name of a header line; it cannot stand behind " +
                "Defaults or Other",
            setting.line
        );
        return false;
    }

    void take_text(const Setting& setting, std::optional<std::string>& text) {
        if (is_for_one_name(setting)) text = setting.value;
    }

    void take_name(const Setting& setting) {
        if (!is_for_one_name(setting)) return;
        std::string_view name = setting.value;
        if (name.ends_with(':')) name.remove_suffix(1);
        if (!is_header_name(name)) {
            return report_malformed(setting, "the name of a header line", diagnostics_);
        }
        current_->relabel = name;
    }

    void take_limit(const Setting& setting, std::optional<std::size_t>& limit) {
        const auto number = integer_of(setting, limit_range, diagnostics_);
        if (!number) return;
        limit.reset();
        if (*number > 0) limit = static_cast<std::size_t>(*number);
    }

    // The family's numbers: -1 is none at all, 0 any number.
    void take_maximum(const Setting& setting) {
        const auto number = integer_of(setting, limit_range, diagnostics_);
        if (!number) return;
        current_->maximum.reset();
        if (*number > 0) current_->maximum = static_cast<std::size_t>(*number);
        if (*number < 0) current_->maximum = 0;
        if (*number != 0) return;
        diagnostics_.warning(
            setting.value_where, "W452", "MAXIMUM=0 is no limit", setting.line,
            "write MAXIMUM=-1 to remove the lines"
        );
    }

    void take_line_length(const Setting& setting) {
        const auto number = integer_of(setting, {20, 998}, diagnostics_);
        if (number) current_->line_length = static_cast<std::size_t>(*number);
    }

    void take_group(const Setting& setting) {
        const auto number = integer_of(setting, {0, 1}, diagnostics_);
        if (number) current_->group = *number == 1;
    }

    void take_precedence(const Setting& setting) {
        const auto number = integer_of(setting, {-1'000'000, 1'000'000}, diagnostics_);
        if (number) current_->precedence = static_cast<int>(*number);
    }

    std::shared_ptr<const std::string> file_;
    Diagnostics& diagnostics_;
    HeaderOptions options_;
    std::string_view line_;
    std::size_t number_ = 0;
    std::size_t position_ = 0;
    LineOptions* current_ = nullptr;  // of the header line being read
    bool is_special_ = false;         // Defaults or Other
    bool skipping_ = false;           // a header line that was reported: its continuations are not
};

}  // namespace

message::HeaderOptions parse_header_options(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
) {
    return Reader(file_name, diagnostics).read(text);
}

Result<message::HeaderOptions> load_header_options(
    FileSource& files,
    const std::string& path,
    const SourceLocation& asked_for,
    Diagnostics& diagnostics
) {
    const auto text = files.read(path);
    if (text) return parse_header_options(*text, path, diagnostics);
    if (text.error().error_number() != ENOENT) return text.error();
    diagnostics.warning(
        asked_for, "W451", "the header option file is missing, no header is trimmed: " + path
    );
    return HeaderOptions{};
}

}  // namespace sluice::config
