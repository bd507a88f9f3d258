#pragma once

#include <string>
#include <string_view>

namespace sluice::mapping {

/// What a template, a rewrite rule or the policy asks the world outside. None of them does I/O,
/// keeps time or rolls dice. Keys of databases are compared without regard to case.
struct Question {
    enum class Kind {
        general_value,     ///< `${key}`: value of `subject` in the general database
        sequence_number,   ///< `$#file...#`: raise the number kept under `subject`, say the new one
        call_out,          ///< `$[image,routine,argument]`
        directory,         ///< `$]url[`: first value found by the LDAP URL `subject`
        domain_attribute,  ///< `$}domain,attribute{`: `argument` of the mail domain `subject`
        chance,            ///< `$?p?`: a decimal number, 0 <= n < 100
        domain_template,   ///< value of `subject` in the domain database
        alias_value,       ///< value of `subject` in the alias database
        forward_value,     ///< value of `subject` in the forward database
        reverse_value,     ///< value of `subject` in the reverse database
        is_local_domain,   ///< whether the directory lists the domain `subject` as handled here
        file_text,         ///< the text of the file `subject`, an absolute path, as it is now
        day_number,        ///< days since 1 January 1970, UTC
        unique_string,     ///< upper case letters and digits, never the same twice
    };
    Kind kind = Kind::general_value;
    std::string subject;  ///< key, file, URL or domain; the image, as written, of a call-out
    std::string routine;  ///< call-outs only
    std::string argument;

    friend bool operator==(const Question&, const Question&) = default;
    /// "general_value(key)", for traces and recordings; equal questions have equal text.
    [[nodiscard]] std::string to_debug_string() const;
};

/// What the world says.
struct Answer {
    enum class Kind {
        found,              ///< `text` counts
        not_found,          ///< nothing there, or the routine says failure: the part fails
        temporary_failure,  ///< could not be found out: the part fails, `$.text.` may step in
        pending,            ///< not known yet: the probe stops at once, see `Outcome::pending`
    };
    Kind kind = Kind::not_found;
    std::string text;
    /// Call-outs only: `text` is template text and is processed in place. A routine never puts
    /// foreign data into it without doubling each `$`. General values always are template text.
    bool is_template = false;
    /// Call-outs only: for logs, what was found out, whatever was answered. No part of the answer.
    std::string remark = {};

    static Answer literal(std::string text) { return {Kind::found, std::move(text), false}; }
    static Answer template_text(std::string text) { return {Kind::found, std::move(text), true}; }
    static Answer none() { return {}; }
    static Answer temporary() { return {Kind::temporary_failure, {}, false}; }
    static Answer wait() { return {Kind::pending, {}, false}; }
};

/// Passed in by whoever makes a probe. A shell that must not block returns `Answer::wait()`, notes
/// the question, and makes the same probe again once it has the answer: evaluation is
/// deterministic, the same questions come in the same order. It then answers the earlier questions
/// from its notes, so that nothing is counted twice. Not shared between threads by the engine.
class Answers {
public:
    Answers() = default;
    Answers(const Answers&) = delete;
    Answers& operator=(const Answers&) = delete;
    virtual ~Answers() = default;
    virtual Answer ask(const Question& question) = 0;
};

/// Knows nothing: every part that needs the outside fails. For installations without databases.
class NoAnswers final : public Answers {
public:
    Answer ask(const Question&) override { return Answer::none(); }
};

/// The name under which a routine's image is registered: without directory, logical prefix
/// ("IMTA_LIB:"), leading "lib" and trailing ".so", in lower case.
std::string image_base_name(std::string_view image);

}  // namespace sluice::mapping
