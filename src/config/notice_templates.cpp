#include "config/notice_templates.h"

#include <algorithm>
#include <memory>

#include "config/header_options.h"
#include "config/option_file.h"
#include "message/charset.h"
#include "message/content_type.h"
#include "message/header_field.h"

namespace sluice::config {

namespace {

constexpr std::size_t widest_line = 78;
constexpr std::string_view substitutions = "HCLFSsUuR%";

/// LF line ends, one at the end of what is not empty, no NUL.
std::string with_line_feeds(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != '\r' && c != '\0') out += c;
    }
    if (!out.empty() && out.back() != '\n') out += '\n';
    return out;
}

/// Of mail, and one in which ASCII text stands for itself: substitutions are found by their octets.
bool is_usable_charset(const std::string& charset) {
    constexpr std::string_view ascii = "Delivery %C %u%s <a@b.example>\n";
    constexpr std::size_t longest = 40;
    return charset.size() <= longest &&
           charset.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
               "0123456789-_.:+"
           ) == std::string::npos &&
           message::to_utf8(charset, ascii) == ascii;
}

class DirectoryReader {
public:
    DirectoryReader(FileSource& files, const std::string& directory, Diagnostics& diagnostics)
        : files_(files), directory_(directory), diagnostics_(diagnostics) {}

    NoticeTemplates read() {
        const NoticeTemplates& builtin = builtin_notice_templates();
        read_prefix();
        if (!has_prefix_) templates_.prefix = builtin.prefix;
        if (const auto suffix = text_of("return_suffix.txt", 0)) templates_.suffix = *suffix;
        for (const auto& [kind, text] : builtin.middles) {
            if (const auto own = text_of("return_" + kind + ".txt", 0))
                templates_.middles.emplace(kind, *own);
        }
        read_options();
        read_header_options();
        return std::move(templates_);
    }
    [[nodiscard]] bool found() const { return found_; }

private:
    std::optional<std::string> raw(const std::string& name) {
        auto text = files_.read(directory_ + name);
        if (!text) return std::nullopt;
        found_ = true;
        return std::move(*text);
    }

    void warn(
        std::string_view file,
        unsigned line,
        std::size_t column,
        std::string code,
        std::string text,
        std::string_view quoted = {}
    ) {
        diagnostics_.warning(
            {std::make_shared<const std::string>(directory_ + std::string(file)), line, column},
            std::move(code), std::move(text), std::string(quoted)
        );
    }

    /// A text that can be used, checked. `lines_above`: those of the file before it.
    std::optional<std::string> checked(
        std::string_view file, std::string_view text, unsigned lines_above
    ) {
        if (text.size() > max_notice_template) {
            warn(file, 0, 0, "W462", "template is too long and not used");
            return std::nullopt;
        }
        std::string clean = with_line_feeds(text);
        if (!message::to_utf8(templates_.charset, clean)) {
            warn(
                file, 0, 0, "W462",
                "text is not in the charset " + templates_.charset + " and not used"
            );
            return std::nullopt;
        }
        unsigned number = lines_above;
        for (const std::string_view line : split(clean, '\n')) check_line(file, line, ++number);
        return clean;
    }

    void check_line(std::string_view file, std::string_view line, unsigned number) {
        if (columns_of(line) > widest_line) {
            warn(file, number, widest_line + 1, "W461", "line of more than 78 characters", line);
        }
        for (std::size_t i = 0; i + 1 < line.size(); ++i) {
            if (line[i] != '%') continue;
            ++i;
            if (substitutions.find(line[i]) != std::string_view::npos) continue;
            warn(
                file, number, i, "W460",
                "'%" + printable(line.substr(i, 1)) + "' is no substitution and stays as it is",
                line
            );
        }
    }

    /// Characters; octets where a line by itself is none of the charset.
    [[nodiscard]] std::size_t columns_of(std::string_view line) const {
        const std::string text =
            message::to_utf8(templates_.charset, line).value_or(std::string(line));
        return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        }));
    }

    std::optional<std::string> text_of(const std::string& name, unsigned lines_above) {
        const auto text = raw(name);
        return text ? checked(name, *text, lines_above) : std::nullopt;
    }

    void read_prefix() {
        constexpr std::string_view name = "return_prefix.txt";
        const auto text = raw(std::string(name));
        if (!text) return;
        const std::string clean = with_line_feeds(*text);
        const auto fields = message::split_header(clean);
        std::size_t header_size = 0;
        unsigned lines = 0;
        for (const message::HeaderField& field : fields) {
            header_size += field.raw.size();
            take_field(name, field, lines + 1);
            lines += static_cast<unsigned>(split(field.raw, '\n').size() - 1);
        }
        std::string_view rest = std::string_view(clean).substr(header_size);
        if (header_size > 0 && rest.starts_with('\n')) {
            rest.remove_prefix(1);
            ++lines;
        }
        if (auto usable = checked(name, rest, lines)) {
            templates_.prefix = std::move(*usable);
            has_prefix_ = true;
        }
    }

    void take_field(std::string_view file, const message::HeaderField& field, unsigned line) {
        const std::string value = message::unfold(field.raw_value);
        if (equals_ignoring_case(field.name, "Content-Language")) {
            templates_.language = printable(value);
            return;
        }
        if (!equals_ignoring_case(field.name, "Content-Type")) {
            warn(file, line, 1, "W464", "header line has no effect", field.raw);
            return;
        }
        const auto type = message::parse_content_type(value);
        const std::string charset(message::parameter_value(type.parameters, "charset"));
        if (charset.empty()) return;
        if (!is_usable_charset(charset)) {
            warn(file, line, 1, "W463", "charset " + printable(charset) + " cannot be used here");
            return;
        }
        templates_.charset = to_lower(charset);
    }

    void read_options() {
        for (const char* name : {"return_option.opt", "return_option.dat"}) {
            const auto text = raw(name);
            if (!text) continue;
            parse_notice_options(*text, directory_ + name, templates_, diagnostics_);
            return;
        }
    }

    void read_header_options() {
        constexpr std::string_view name = "return_header.opt";
        const auto text = raw(std::string(name));
        if (!text) {
            templates_.shown_header = builtin_notice_templates().shown_header;
            return;
        }
        templates_.shown_header =
            parse_header_options(*text, directory_ + std::string(name), diagnostics_);
    }

    FileSource& files_;
    const std::string& directory_;
    Diagnostics& diagnostics_;
    NoticeTemplates templates_;
    bool has_prefix_ = false;
    bool found_ = false;
};

}  // namespace

std::string_view NoticeTemplates::middle(std::string_view kind) const {
    if (const auto own = middles.find(kind); own != middles.end()) return own->second;
    if (kind == "expanded") {
        if (const auto near = middles.find("forwarded"); near != middles.end()) return near->second;
    }
    const auto& builtin = builtin_notice_templates().middles;
    const auto text = builtin.find(kind);
    return text != builtin.end() ? std::string_view(text->second) : std::string_view();
}

std::string_view NoticeTemplates::subject_of(std::string_view kind) const {
    if (const auto own = subjects.find(kind); own != subjects.end()) return own->second;
    if (!subject.empty()) return subject;
    const auto& builtin = builtin_notice_templates().subjects;
    const auto text = builtin.find(kind);
    return text != builtin.end() ? std::string_view(text->second) : std::string_view();
}

NoticeTemplates load_notice_templates(
    FileSource& files, const std::string& directory, Diagnostics& diagnostics, bool& found
) {
    DirectoryReader reader(files, directory, diagnostics);
    NoticeTemplates templates = reader.read();
    found = reader.found();
    return templates;
}

}  // namespace sluice::config
