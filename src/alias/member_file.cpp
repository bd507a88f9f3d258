#include "alias/member_file.h"

#include <utility>

#include "alias/alias_address.h"
#include "base/bytes.h"

namespace sluice::alias {

namespace {

bool is_comment(std::string_view line, MemberSyntax syntax) {
    return line.starts_with('!') || (syntax == MemberSyntax::sendmail && line.starts_with('#'));
}

/// Takes the text up to the next comma outside quotes, comments and angle brackets.
std::string_view next_item(std::string_view& rest) {
    bool quoted = false;
    int depth = 0;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        const char c = rest[i];
        if (c == '\\') {
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '(' || c == '<')) {
            ++depth;
        } else if (!quoted && (c == ')' || c == '>')) {
            --depth;
        } else if (!quoted && depth <= 0 && c == ',') {
            const std::string_view item = rest.substr(0, i);
            rest.remove_prefix(i + 1);
            return item;
        }
    }
    return std::exchange(rest, {});
}

class Reader {
public:
    explicit Reader(MemberSyntax syntax) : syntax_(syntax) {}

    void take(std::string_view line, std::size_t number) {
        number_ = number;
        if (line.size() > max_member_line) return problem("line of more than 1024 octets");
        if (is_comment(line, syntax_) || trim(line).empty()) return;
        // "<a@b>" is an address, "<file" includes.
        if (line.starts_with('<') && !trim(line).ends_with('>')) {
            file_.includes.emplace_back(trim(line.substr(1)));
            return;
        }
        if (syntax_ == MemberSyntax::list) return address(trim(line));
        while (!line.empty()) {
            if (const std::string_view item = trim(next_item(line)); !item.empty()) address(item);
        }
    }
    MemberFile take_file() { return std::move(file_); }

private:
    void address(std::string_view item) {
        AliasAddress parsed = parse_alias_address(item);
        if (!parsed.problem.empty()) return problem(parsed.problem);
        file_.members.push_back({std::move(parsed.address), parsed.show_alias});
    }
    void problem(std::string text) {
        if (file_.problems.size() < max_member_problems)
            file_.problems.push_back({number_, std::move(text)});
    }

    MemberSyntax syntax_;
    std::size_t number_ = 0;
    MemberFile file_;
};

std::string_view without_return(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

MemberFile parse_member_file(std::string_view text, MemberSyntax syntax) {
    Reader reader(syntax);
    std::size_t number = 0;
    for (const std::string_view line : split(text, '\n'))
        reader.take(without_return(line), ++number);
    return reader.take_file();
}

std::vector<std::string> file_lines(std::string_view text) {
    std::vector<std::string> lines;
    for (std::string_view line : split(text, '\n')) {
        line = without_return(line);
        if (!trim(line).empty() && !line.starts_with('!')) lines.emplace_back(line);
    }
    return lines;
}

}  // namespace sluice::alias
