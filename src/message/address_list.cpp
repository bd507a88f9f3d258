#include "message/address_list.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace sluice::message {

namespace {

enum class Kind { word, quoted, literal, special, comment };

struct Token {
    Kind kind = Kind::word;
    Span where;
    bool after_blank = false;  ///< blanks or a comment in front of it

    [[nodiscard]] bool is(std::string_view value, char special) const {
        return kind == Kind::special && value[where.offset] == special;
    }
};

bool is_white(char c) {
    return is_blank(c) || c == '\r' || c == '\n';
}

/// RFC 5322 section 3.2.3, the dot among them.
bool is_special(char c) {
    return std::string_view("()<>[]:;@\\,.\"").find(c) != std::string_view::npos;
}

/// Cuts a value into tokens, one at a time.
class Tokens {
public:
    explicit Tokens(std::string_view value) : value_(value) {}

    /// nullopt at the end, or where the text is broken: see failed().
    std::optional<Token> next() {
        bool blank = false;
        while (at_ < value_.size() && is_white(value_[at_])) {
            blank = true;
            ++at_;
        }
        if (at_ == value_.size()) return std::nullopt;
        const std::size_t begin = at_;
        const auto kind = take();
        if (!kind) {
            failed_ = true;
            return std::nullopt;
        }
        return Token{*kind, {begin, at_ - begin}, blank};
    }
    [[nodiscard]] bool failed() const { return failed_; }

private:
    std::optional<Kind> take() {
        const char c = value_[at_];
        if (c == '"') return take_enclosed('"', Kind::quoted);
        if (c == '[') return take_enclosed(']', Kind::literal);
        if (c == '(') return take_comment();
        if (c == ')' || c == ']' || c == '\\' || is_control(c)) return std::nullopt;
        if (is_special(c)) {
            ++at_;
            return Kind::special;
        }
        while (at_ < value_.size() && !is_special(value_[at_]) && !is_white(value_[at_])) {
            if (is_control(value_[at_])) return std::nullopt;
            ++at_;
        }
        return Kind::word;
    }

    std::optional<Kind> take_enclosed(char closing, Kind kind) {
        for (++at_; at_ < value_.size(); ++at_) {
            if (value_[at_] == '\\' && at_ + 1 < value_.size()) {
                ++at_;
            } else if (value_[at_] == closing) {
                ++at_;
                return kind;
            }
        }
        return std::nullopt;
    }

    std::optional<Kind> take_comment() {
        std::size_t depth = 0;
        for (; at_ < value_.size(); ++at_) {
            const char c = value_[at_];
            if (c == '\\' && at_ + 1 < value_.size()) {
                ++at_;
            } else if (c == '(') {
                ++depth;
            } else if (c == ')' && --depth == 0) {
                ++at_;
                return Kind::comment;
            }
        }
        return std::nullopt;
    }

    std::string_view value_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

/// Whether tokens (comments apart) are an address: a source route, a local part, a domain.
class AddressCheck {
public:
    AddressCheck(std::string_view value, const std::vector<Token>& tokens)
        : value_(value), tokens_(tokens) {}

    bool run() {
        if (is('@') && !route()) return false;
        if (!words(true)) return false;
        if (at_ == tokens_.size()) return true;  // a name without a host
        if (!is('@')) return false;
        ++at_;
        return domain() && at_ == tokens_.size();
    }

private:
    [[nodiscard]] bool is(char c) const {
        return at_ < tokens_.size() && tokens_[at_].is(value_, c);
    }

    bool route() {
        while (true) {
            if (!is('@')) return false;
            ++at_;
            if (!domain()) return false;
            if (is(':')) break;
            if (!is(',')) return false;
            while (is(',')) ++at_;  // RFC 5322 section 4.4: empty elements
        }
        ++at_;
        return true;
    }

    bool domain() {
        if (at_ < tokens_.size() && tokens_[at_].kind == Kind::literal) {
            ++at_;
            return true;
        }
        return words(false);
    }

    // Words and dots. Two words with blanks between them are no part of an address.
    bool words(bool quoted_too) {
        const std::size_t begin = at_;
        bool after_dot = true;
        bool any_word = false;
        for (; at_ < tokens_.size(); ++at_) {
            const Token& token = tokens_[at_];
            const bool dot = token.is(value_, '.');
            const bool word =
                token.kind == Kind::word || (quoted_too && token.kind == Kind::quoted);
            if (!dot && !word) break;
            if (word && !after_dot && token.after_blank) return false;
            after_dot = dot;
            any_word = any_word || word;
        }
        return at_ > begin && any_word;
    }

    std::string_view value_;
    const std::vector<Token>& tokens_;
    std::size_t at_ = 0;
};

class ListParser {
public:
    explicit ListParser(std::string_view value) : value_(value), tokens_(value) {}

    std::optional<AddressList> run() {
        while (const auto token = tokens_.next()) {
            if (!take(*token)) return std::nullopt;
        }
        const bool complete = !tokens_.failed() && !in_group_ && !in_brackets_ && close_element();
        if (!complete) return std::nullopt;
        return std::move(list_);
    }

private:
    bool take(const Token& token) {
        if (token.kind == Kind::comment) {
            list_.comments.push_back({token.where, list_.addresses.size()});
            after_comment_ = true;
            return true;
        }
        const bool keep = token.kind != Kind::special || token.is(value_, '.') ||
                          token.is(value_, '@') || in_brackets_;
        if (in_brackets_ && token.is(value_, '>')) return close_brackets();
        if (keep && !token.is(value_, '<')) return add(token);
        switch (value_[token.where.offset]) {
            case '<':
                return open_brackets();
            case ',':
                if (!in_group_) list_.separators.push_back(token.where.offset);
                after_group_ = false;
                return close_element();
            case ':':
                return open_group();
            case ';':
                return close_group();
            default:
                return false;
        }
    }

    bool add(Token token) {
        // After "<...>" and after a group only a separator may come.
        if (done_ || after_group_) return false;
        token.after_blank = token.after_blank || after_comment_;
        Pieces& pieces = in_brackets_ ? spelling_ : words_;
        if (pieces.empty() || after_comment_) {
            pieces.push_back(token.where);
        } else {
            pieces.back().length = token.where.end() - pieces.back().offset;
        }
        after_comment_ = false;
        current_.push_back(token);
        return true;
    }

    bool open_brackets() {
        if (in_brackets_ || done_ || after_group_) return false;
        in_brackets_ = true;
        after_comment_ = false;
        current_.clear();
        spelling_.clear();
        return true;
    }

    bool close_brackets() {
        in_brackets_ = false;
        done_ = true;
        return push_address(std::move(spelling_), true, std::move(words_));
    }

    bool open_group() {
        if (in_group_ || after_group_ || done_ || words_.empty()) return false;
        const bool has_at = std::any_of(current_.begin(), current_.end(), [&](const Token& token) {
            return token.is(value_, '@');
        });
        if (has_at) return false;  // a route outside brackets
        in_group_ = list_.has_groups = true;
        reset();
        return true;
    }

    bool close_group() {
        if (!in_group_ || !close_element()) return false;
        in_group_ = false;
        after_group_ = true;
        return true;
    }

    // An element without brackets is an address by itself, or empty.
    bool close_element() {
        if (in_brackets_) return false;
        const bool bare = !done_ && !current_.empty();
        if (bare && current_.front().is(value_, '@')) return false;
        const bool sound = !bare || push_address(std::move(words_), false, {});
        reset();
        return sound;
    }

    bool push_address(Pieces spelling, bool in_brackets, Pieces phrase) {
        if (!current_.empty() && !AddressCheck(value_, current_).run()) return false;
        std::string text;
        for (const Token& token : current_) {
            for (const char c : token.where.in(value_)) {
                if (c != '\r' && c != '\n') text += c;
            }
        }
        list_.addresses.push_back(
            {std::move(text), std::move(spelling), in_brackets, std::move(phrase)}
        );
        // What was said in front of the address or inside it has this index already; what follows
        // it, up to the separator, is corrected in reset().
        return true;
    }

    // Comments between an address and its separator belong to that address.
    void reset() {
        const std::size_t count = list_.addresses.size();
        for (std::size_t i = attributed_; i < list_.comments.size(); ++i) {
            ListedComment& comment = list_.comments[i];
            if (comment.address >= count && count > 0) comment.address = count - 1;
        }
        attributed_ = list_.comments.size();
        words_.clear();
        spelling_.clear();
        current_.clear();
        done_ = after_comment_ = false;
    }

    std::string_view value_;
    Tokens tokens_;
    AddressList list_;
    std::vector<Token> current_;  ///< of the element, or of what is between its brackets
    Pieces words_;                ///< of the element outside brackets
    Pieces spelling_;             ///< between the brackets
    std::size_t attributed_ = 0;
    bool in_brackets_ = false;
    bool in_group_ = false;
    bool after_group_ = false;
    bool done_ = false;  ///< the element's brackets are closed
    bool after_comment_ = false;
};

struct FieldRow {
    std::string_view name;
    AddressDirection direction;
};

constexpr std::array field_rows = {
    FieldRow{"To", AddressDirection::forward},
    FieldRow{"Cc", AddressDirection::forward},
    FieldRow{"Bcc", AddressDirection::forward},
    FieldRow{"Resent-To", AddressDirection::forward},
    FieldRow{"Resent-Cc", AddressDirection::forward},
    FieldRow{"Resent-Bcc", AddressDirection::forward},
    FieldRow{"Apparently-To", AddressDirection::forward},
    FieldRow{"From", AddressDirection::backward},
    FieldRow{"Sender", AddressDirection::backward},
    FieldRow{"Reply-To", AddressDirection::backward},
    FieldRow{"Resent-From", AddressDirection::backward},
    FieldRow{"Resent-Sender", AddressDirection::backward},
    FieldRow{"Resent-Reply-To", AddressDirection::backward},
    FieldRow{"Errors-To", AddressDirection::backward},
    FieldRow{"Warnings-To", AddressDirection::backward},
    FieldRow{"Return-Receipt-To", AddressDirection::backward},
    FieldRow{"Read-Receipt-To", AddressDirection::backward},
    FieldRow{"Delivery-Receipt-To", AddressDirection::backward},
    FieldRow{"Disposition-Notification-To", AddressDirection::backward},
    FieldRow{"Mail-Reply-To", AddressDirection::backward},
    FieldRow{"Mail-Followup-To", AddressDirection::backward},
};

}  // namespace

std::optional<AddressList> parse_address_list(std::string_view value) {
    return ListParser(value).run();
}

std::optional<AddressDirection> address_direction(std::string_view field_name) {
    for (const FieldRow& row : field_rows) {
        if (equals_ignoring_case(row.name, field_name)) return row.direction;
    }
    return std::nullopt;
}

void SpanEdits::replace(const Pieces& pieces, const std::string& text) {
    for (std::size_t i = 0; i < pieces.size(); ++i) replace(pieces[i], i == 0 ? text : "");
}

std::string SpanEdits::apply(std::string_view text) const {
    std::vector<const Edit*> in_order;
    for (const Edit& edit : edits_) in_order.push_back(&edit);
    std::stable_sort(in_order.begin(), in_order.end(), [](const Edit* a, const Edit* b) {
        return a->where.offset < b->where.offset;
    });
    std::string out;
    std::size_t done = 0;
    for (const Edit* edit : in_order) {
        if (edit->where.offset > done) out += text.substr(done, edit->where.offset - done);
        out += edit->text;
        done = std::max(done, edit->where.end());
    }
    out += text.substr(done);
    return out;
}

Span with_blanks_before(std::string_view value, const Span& span) {
    std::size_t begin = span.offset;
    while (begin > 0 && is_white(value[begin - 1])) --begin;
    return {begin, span.end() - begin};
}

Span with_blanks_after(std::string_view value, const Span& span) {
    std::size_t end = span.end();
    while (end < value.size() && is_white(value[end])) ++end;
    return {span.offset, end - span.offset};
}

}  // namespace sluice::message
