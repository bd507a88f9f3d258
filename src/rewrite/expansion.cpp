#include "rewrite/expansion.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "rewrite/substitution.h"

namespace sluice::rewrite {

namespace {

constexpr std::string_view source_silent = "an answer from outside is not to be had now";

bool is_scanned_again(TokenKind kind) {
    return is_call_out(kind) && kind != TokenKind::ldap;
}

// Conditions that every expansion of the template will state, whatever comes from outside, are
// looked at first: a rule for recipients must not cost a directory query for every originator.
Unmet unmet_in_advance(const Template& templ, const Subject& subject) {
    Conditions conditions(subject.context, subject.first.position);
    for (const auto& token : templ.tokens) {
        if (is_scanned_again(token.kind) || token.kind == TokenKind::check_channels)
            return Unmet::nothing;
        const bool about_address =
            token.kind >= TokenKind::envelope && token.kind <= TokenKind::bang_position;
        if (about_address) conditions.note(token.kind);
    }
    return conditions.unmet();
}

// A general database entry must not call the general database (spec: no recursion). `limit` is
// where the entry ends in the text that was put together from it.
bool calls_general_database(const Template& templ, std::size_t limit) {
    return std::any_of(templ.tokens.begin(), templ.tokens.end(), [limit](const Token& token) {
        return token.kind == TokenKind::general_database && token.begin < limit;
    });
}

/// One run over a template. The input changes on the way: call-outs put text in front of what is
/// left of it.
class Expander {
public:
    explicit Expander(const Subject& subject)
        : subject_(subject), conditions_(subject.context, subject.first.position) {}

    Expanded run(const Template& templ) {
        input_ = &templ;
        while (!stopped_ && (next_ < input_->tokens.size() || !ended_)) {
            if (next_ < input_->tokens.size()) {
                const std::size_t current = next_++;
                take(input_->tokens[current]);
            } else {
                ended_ = !finish_argument();
            }
        }
        if (!stopped_) finish();
        return std::move(result_);
    }

private:
    void take(const Token& token) {
        if (input_->error_only) return take_error_text(token);
        if (const auto mode = mode_of(token.kind)) {
            mode_ = *mode;
        } else if (token.kind == TokenKind::percent_separator) {
            separate('%');
        } else if (token.kind == TokenKind::at_separator) {
            separate('@');
        } else if (is_call_out(token.kind)) {
            call_out(token);
        } else if (token.kind < TokenKind::general_database) {
            insert(token);
        } else {
            control(token);
        }
    }

    // In a template that is nothing but an error text, controls mean nothing and parts that do not
    // exist are empty: it cannot fail.
    void take_error_text(const Token& token) {
        if (token.kind == TokenKind::set_error && !argument_) {
            open_argument(token);
        } else if (const auto mode = mode_of(token.kind)) {
            mode_ = *mode;
        } else if (token.kind < TokenKind::general_database) {
            emit(substitute(token, subject_).value_or(""));
        }
    }

    void control(const Token& token) {
        if (takes_argument(token.kind)) {
            if (!finish_argument()) open_argument(token);
            return;
        }
        switch (token.kind) {
            case TokenKind::reprocessing:
            case TokenKind::not_reprocessing:
                if (!finish_argument()) conditions_.note(token.kind);
                break;
            case TokenKind::check_channels:
                if (!finish_argument()) check_channels();
                break;
            case TokenKind::set_ldap_fallback:
                ldap_fallback_ = token.text;
                break;
            default:
                conditions_.note(token.kind);
        }
    }

    void check_channels() {
        // Those that do not hold end the template here, with success.
        if (!conditions_.channels_hold()) next_ = input_->tokens.size();
        conditions_.forget_channels();
    }

    // --- text

    void insert(const Token& token) {
        const auto text = substitute(token, subject_);
        if (!text) return fail("a part of the host that does not exist ($& $! $* $#)");
        emit(*text);
    }

    void emit(std::string_view text) {
        append_in_mode(argument_ ? argument_->text : pieces_.back(), text, mode_);
        count(text.size());
    }

    void count(std::size_t octets) {
        expanded_ += octets;
        if (expanded_ > Ceilings::expansion) fail("expansion of the template is too long");
    }

    void separate(char separator) {
        finish_argument();
        separators_ += separator;
        pieces_.emplace_back();
        // No form has more than three; the rest would only use memory.
        constexpr std::size_t most = 3;
        if (separators_.size() > most) fail("template with none of the possible forms");
    }

    std::optional<std::string> argument_of(const Token& call) {
        std::string out;
        TextMode mode = mode_;
        for (const auto& token : call.body) {
            if (const auto changed = mode_of(token.kind)) {
                mode = *changed;
                continue;
            }
            const auto text = substitute(token, subject_);
            if (!text) return std::nullopt;
            append_in_mode(out, *text, mode);
        }
        return out;
    }

    // --- arguments of control sequences

    struct Argument {
        TokenKind kind;
        std::optional<std::uint32_t> number;
        std::string text;
    };

    void open_argument(const Token& token) { argument_ = Argument{token.kind, token.number, {}}; }

    // True where the rest of the input was replaced, because the directory has no answer.
    bool finish_argument() {
        if (!argument_) return false;
        const Argument argument = std::move(*argument_);
        argument_.reset();
        switch (argument.kind) {
            case TokenKind::domain_is_local:
            case TokenKind::domain_is_not_local:
                return ask_locality(argument);
            case TokenKind::set_tag:
                result_.value.tag = argument.text;
                return false;
            case TokenKind::set_error:
                set_error(argument);
                return false;
            default:
                conditions_.note_channel(argument.kind, argument.text);
                return false;
        }
    }

    void set_error(const Argument& argument) {
        constexpr std::uint32_t thousand = 1000;
        constexpr std::uint32_t unknown_host = 5001002;
        const std::uint32_t n = argument.number.value_or(unknown_host);
        const StatusCode status{
            static_cast<std::uint16_t>(n / thousand / thousand),
            static_cast<std::uint16_t>(n / thousand % thousand),
            static_cast<std::uint16_t>(n % thousand)};
        const bool given = !argument.text.empty();
        result_.value.error =
            Failure{status, given ? argument.text : subject_.options.unknown_host_text};
    }

    bool ask_locality(const Argument& argument) {
        const Locality answer = subject_.answers.locality(argument.text);
        if (answer != Locality::not_now) {
            conditions_.note_locality(argument.kind, answer == Locality::local);
            return false;
        }
        if (locality_failed_ || subject_.options.domain_failure.empty()) {
            stop(Verdict::not_now, source_silent);
        } else {
            locality_failed_ = true;
            read_on(subject_.options.domain_failure, {});
        }
        return true;
    }

    // --- call-outs

    void call_out(const Token& call) {
        if (++call_outs_ > Ceilings::call_outs) return fail("too many call-outs");
        const auto text = argument_of(call);
        if (!text) return fail("a part of the host that does not exist ($& $! $* $#)");
        Answer answer = ask(call, *text);
        if (answer.state == Answer::State::found) {
            if (call.kind == TokenKind::ldap) return emit(answer.text);
            return insert_result(call, answer.text);
        }
        if (call.kind == TokenKind::ldap) return ldap_failed(call, answer);
        if (answer.state == Answer::State::not_now) return stop(Verdict::not_now, source_silent);
        fail("nothing found by a call-out");
    }

    Answer ask(const Token& call, const std::string& text) {
        switch (call.kind) {
            case TokenKind::general_database:
                return subject_.answers.general_database(text);
            case TokenKind::mapping:
                return subject_.answers.mapping(call.text, text);
            case TokenKind::site_routine:
                return subject_.answers.site_routine(call.text, call.routine, text);
            default:
                return subject_.answers.ldap(text);
        }
    }

    // Only a template that prepared for it ($.text.) tells a silent directory from an empty one.
    void ldap_failed(const Token& call, const Answer& answer) {
        if (answer.state == Answer::State::not_now && !ldap_fallback_.empty()) {
            return insert_result(call, ldap_fallback_);
        }
        fail("nothing found by an LDAP query");
    }

    void insert_result(const Token& call, const std::string& result) {
        count(result.size());
        if (stopped_) return;
        const bool recursion_barred = call.kind == TokenKind::general_database;
        read_on(result, std::string_view(input_->text).substr(call.end));
        if (stopped_ || !recursion_barred) return;
        if (calls_general_database(*input_, result.size())) fail("$( in a general database entry");
    }

    // Goes on reading in a result, and then in what was left of the input.
    void read_on(std::string_view result, std::string_view remaining) {
        std::string text(result);
        text += remaining;
        auto parsed = parse_template(text);
        if (parsed.problem) return fail("a result from outside is no part of a template");
        // A lone error text must be the whole template, also when it came from outside.
        const bool alone =
            separators_.empty() && pieces_.back().empty() && !argument_ && remaining.empty();
        if (parsed.value.error_only && !alone) parsed = parse_as_part(text);
        texts_.push_back(std::move(parsed.value));
        input_ = &texts_.back();
        next_ = 0;
    }

    // The same text where it is not at the beginning of a template: % and @ separate.
    static ParsedTemplate parse_as_part(const std::string& text) {
        constexpr std::string_view neutral = "$_";
        auto parsed = parse_template(std::string(neutral) + text);
        parsed.value.tokens.erase(parsed.value.tokens.begin());
        parsed.value.text.erase(0, neutral.size());
        for (auto& token : parsed.value.tokens) {
            token.begin -= neutral.size();
            token.end -= neutral.size();
        }
        return parsed;
    }

    // --- the end

    void finish() {
        Expansion& value = result_.value;
        result_.unmet = conditions_.unmet();
        if (result_.unmet != Unmet::nothing) return fail({});
        value.form = input_->error_only ? Form::error_only : form_of(separators_);
        if (value.form == Form::none) return fail("template with none of the possible forms");
        result_.verdict = Verdict::applies;
        if (value.form == Form::error_only) return;
        value.local_part = std::move(pieces_[0]);
        value.host = std::move(pieces_[1]);
        if (value.form == Form::route_is_host) value.routing_system = value.host;
        if (value.form == Form::host_and_route) value.routing_system = std::move(pieces_[2]);
        if (value.form == Form::with_source_route) {
            value.source_route = std::move(pieces_[2]);
            value.routing_system = pieces_.size() > 3 ? std::move(pieces_[3]) : value.source_route;
        }
    }

    void fail(std::string_view reason) { stop(Verdict::fails, reason); }
    void stop(Verdict verdict, std::string_view reason) {
        if (stopped_) return;
        stopped_ = true;
        result_.verdict = verdict;
        result_.reason = reason;
    }

    const Subject& subject_;
    Conditions conditions_;
    const Template* input_ = nullptr;
    std::size_t next_ = 0;
    std::deque<Template> texts_;  // results of call-outs, each with what was left of the input
    bool ended_ = false;
    bool stopped_ = false;
    bool locality_failed_ = false;
    TextMode mode_ = TextMode::keep;
    std::vector<std::string> pieces_ = std::vector<std::string>(1);
    std::string separators_;
    std::optional<Argument> argument_;
    std::string ldap_fallback_;  // empty: none
    std::size_t expanded_ = 0;
    unsigned call_outs_ = 0;
    Expanded result_;
};

}  // namespace

Expanded expand(const Template& templ, const Subject& subject) {
    if (!templ.error_only) {
        const Unmet unmet = unmet_in_advance(templ, subject);
        if (unmet != Unmet::nothing) return {Verdict::fails, {}, unmet, {}};
    }
    return Expander(subject).run(templ);
}

std::string Expansion::to_debug_string() const {
    if (form == Form::error_only) return "error text only";
    std::string out = local_part + '%' + host;
    if (form == Form::repeat) return out + " (again)";
    if (!source_route.empty()) out += " via " + source_route;
    return out + " to " + routing_system;
}

}  // namespace sluice::rewrite
