#include "policy/header_names.h"

#include <algorithm>

#include "base/bytes.h"
#include "channel/keyword.h"
#include "mapping/engine.h"
#include "message/header_field.h"
#include "policy/guarded.h"

namespace sluice::policy {

using channel::Channel;
using channel::Keyword;
using message::Span;

namespace {

struct Words {
    Keyword omit;
    Keyword strip;
    Keyword map;
};

void add_treatment(const Channel& channel, const Words& words, std::vector<NameTreatment>& out) {
    if (channel.has(words.omit)) out.push_back(NameTreatment::omit);
    if (channel.has(words.strip)) out.push_back(NameTreatment::strip);
    if (channel.has(words.map)) out.push_back(NameTreatment::map);
}

bool is_white(char c) {
    return is_blank(c) || c == '\r' || c == '\n';
}

/// Characters of atoms and of what RFC 6532 adds to them.
bool is_atom_char(char c) {
    return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

/// Without line ends, quoting, and everything that no atom may hold; blanks become single.
std::string stripped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_atom_char(c)) {
            out += c;
        } else if (is_white(c) && !out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    return std::string(trim(out));
}

Result<std::string> mapped(
    const CopyContext& copy, std::string_view table, std::string text, const std::string& address
) {
    const config::Options& options = copy.configuration.options;
    const mapping::Outcome outcome = probe_table(
        copy.configuration, table, guarded(options, text) + '|' + guarded(options, address), {},
        copy.answers, {nullptr, copy.warnings}
    );
    if (has_no_answer(outcome)) {
        return Error::temporary(
            {4, 4, 3}, "temporary look-up failure",
            "table " + std::string(table) + " has no answer now"
        );
    }
    if (!outcome.matched || !outcome.flags.has('Y')) return text;
    return outcome.output;
}

/// A comment that is one, whatever a table made of it; empty stays empty.
std::string as_comment(const std::string& text) {
    const std::string_view inside = trim(text);
    if (inside.empty()) return {};
    if (inside.front() == '(') {
        const auto list = message::parse_address_list(inside);
        const bool one = list && list->addresses.empty() && list->comments.size() == 1 &&
                         list->comments[0].where.length == inside.size();
        if (one && std::none_of(inside.begin(), inside.end(), is_control))
            return std::string(inside);
    }
    return '(' + message::comment_text(inside) + ')';
}

Result<std::string> treat_comment(
    const CopyContext& copy, NameTreatment treatment, std::string text, const std::string& address
) {
    switch (treatment) {
        case NameTreatment::keep:
            return text;
        case NameTreatment::omit:
            return std::string();
        case NameTreatment::strip: {
            const std::string inside = stripped(text);
            return inside.empty() ? std::string() : '(' + inside + ')';
        }
        case NameTreatment::map:
            break;
    }
    auto output = mapped(copy, "COMMENT_STRINGS", text, address);
    if (!output || *output == text) return output;
    return as_comment(*output);
}

Result<std::string> treat_personal(
    const CopyContext& copy, NameTreatment treatment, std::string text, const std::string& address
) {
    switch (treatment) {
        case NameTreatment::keep:
            return text;
        case NameTreatment::omit:
            return std::string();
        case NameTreatment::strip:
            return stripped(text);
        case NameTreatment::map:
            break;
    }
    return mapped(copy, "PERSONAL_NAMES", std::move(text), address);
}

/// A personal name as people read it: unfolded, without quotation marks. Encoded words stay.
std::string name_of(std::string_view value, const message::Pieces& phrase) {
    std::string text;
    for (const Span& piece : phrase) {
        if (!text.empty()) text += ' ';
        text += message::unfold(piece.in(value));
    }
    std::string out;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && quoted && i + 1 < text.size()) {
            out += text[++i];
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// A personal name as a phrase: quoted only where it must be, so that encoded words stay such.
std::string as_phrase(const std::string& name) {
    const bool plain =
        std::all_of(name.begin(), name.end(), [](char c) { return is_atom_char(c) || c == ' '; });
    return plain ? std::string(trim(name)) : message::quoted_phrase(name);
}

/// Takes a comment out with the blanks on one side of it; what it kept apart stays apart.
void remove_comment(std::string_view value, const Span& where, message::SpanEdits& edits) {
    const auto at_edge = [&](std::size_t i) {
        return i >= value.size() ||
               std::string_view("<>,;:@.").find(value[i]) != std::string_view::npos;
    };
    const Span before = message::with_blanks_before(value, where);
    const bool blank_behind = where.end() < value.size() && is_white(value[where.end()]);
    const bool blank_in_front = before.offset < where.offset;
    if (before.offset == 0) {
        const Span after = message::with_blanks_after(value, where);
        edits.replace(after, "");
    } else if (blank_behind || at_edge(where.end())) {
        edits.replace(before, "");
    } else {
        const bool apart = blank_in_front || at_edge(where.offset - 1);
        edits.replace(where, apart ? "" : " ");
    }
}

Result<void> treat_comments(
    const CopyContext& copy,
    const std::vector<NameTreatment>& treatments,
    std::string_view value,
    const message::AddressList& list,
    const std::vector<std::string>& addresses,
    message::SpanEdits& edits
) {
    for (const message::ListedComment& comment : list.comments) {
        const std::string old = message::unfold(comment.where.in(value));
        const std::string address =
            comment.address < addresses.size() ? addresses[comment.address] : std::string();
        std::string text = old;
        for (const NameTreatment treatment : treatments) {
            if (text.empty()) break;
            auto treated = treat_comment(copy, treatment, std::move(text), address);
            if (!treated) return std::move(treated).error();
            text = std::move(*treated);
        }
        if (text.empty()) {
            remove_comment(value, comment.where, edits);
        } else if (text != old) {
            edits.replace(comment.where, std::move(text));
        }
    }
    return {};
}

}  // namespace

NameTreatments name_treatments(const Channel& source, const Channel& destination) {
    NameTreatments out;
    add_treatment(
        source,
        {Keyword::sourcecommentomit, Keyword::sourcecommentstrip, Keyword::sourcecommentmap},
        out.comments
    );
    add_treatment(
        source,
        {Keyword::sourcepersonalomit, Keyword::sourcepersonalstrip, Keyword::sourcepersonalmap},
        out.personal
    );
    add_treatment(
        destination, {Keyword::commentomit, Keyword::commentstrip, Keyword::commentmap},
        out.comments
    );
    add_treatment(
        destination, {Keyword::personalomit, Keyword::personalstrip, Keyword::personalmap},
        out.personal
    );
    out.all_comments =
        source.has(Keyword::sourcecommenttotal) || destination.has(Keyword::commenttotal);
    if (out.all_comments) out.comments.push_back(NameTreatment::omit);
    return out;
}

Result<void> treat_names(
    const CopyContext& copy,
    const NameTreatments& treatments,
    std::string_view value,
    const message::AddressList& list,
    const std::vector<std::string>& addresses,
    message::SpanEdits& edits
) {
    for (std::size_t i = 0; i < list.addresses.size() && !treatments.personal.empty(); ++i) {
        const message::Pieces& phrase = list.addresses[i].phrase;
        if (phrase.empty()) continue;
        const std::string old = name_of(value, phrase);
        std::string name = old;
        for (const NameTreatment treatment : treatments.personal) {
            if (name.empty()) break;
            auto treated = treat_personal(copy, treatment, std::move(name), addresses[i]);
            if (!treated) return std::move(treated).error();
            name = std::move(*treated);
        }
        if (trim(name).empty()) {
            for (const Span& piece : phrase)
                edits.replace(message::with_blanks_after(value, piece), "");
        } else if (name != old) {
            edits.replace(phrase, as_phrase(name));
        }
    }
    return treat_comments(copy, treatments.comments, value, list, addresses, edits);
}

void remove_comments(std::string_view value, message::SpanEdits& edits) {
    bool quoted = false;
    std::size_t depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (c == '\\') {
            ++i;
        } else if (c == '"' && depth == 0) {
            quoted = !quoted;
        } else if (c == '(' && !quoted) {
            if (depth++ == 0) begin = i;
        } else if (c == ')' && depth > 0 && --depth == 0) {
            remove_comment(value, {begin, i + 1 - begin}, edits);
        }
    }
}

}  // namespace sluice::policy
