#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace sluice::rewrite {

/// What came back from outside. "Not now" is a failure of the source, not of the question.
struct Answer {
    enum class State { found, not_found, not_now };
    State state = State::not_found;
    std::string text;  ///< only where found

    static Answer found(std::string text) { return {State::found, std::move(text)}; }
    static Answer not_found() { return {State::not_found, {}}; }
    static Answer not_now() { return {State::not_now, {}}; }
    friend bool operator==(const Answer&, const Answer&) = default;
};

enum class Locality { local, not_local, not_now };

/// Everything rewriting has to ask somebody else. The engine does no I/O: the server, the test
/// tool, a replay and a fuzzer each bring their own implementation. One object serves one address
/// at a time; it must give the same answer to the same question while that address is rewritten.
class Answers {
public:
    Answers() = default;
    Answers(const Answers&) = delete;
    Answers& operator=(const Answers&) = delete;
    virtual ~Answers() = default;

    /// Entry of the general database, `$(key)`. Keys are compared without regard to case.
    virtual Answer general_database(std::string_view key) = 0;
    /// Template of the domain database for a pattern with its tag. Keys as above.
    virtual Answer domain_database(std::string_view pattern) = 0;
    /// Result of a mapping table, `${table,text}`: found only where the table exists and its result
    /// has the flag $Y; the text is the result without flags.
    virtual Answer mapping(std::string_view table, std::string_view text) = 0;
    /// Whether the directory lists the domain as handled here, `$V` and `$Z`.
    virtual Locality locality(std::string_view domain) = 0;
    /// Result of a site-supplied routine, `$[image,routine,text]`.
    virtual Answer site_routine(
        std::string_view image, std::string_view routine, std::string_view text
    ) = 0;
    /// First value that an LDAP URL finds, `$]url[`.
    virtual Answer ldap(std::string_view url) = 0;
    /// Upper case letters and digits, never the same twice, `$W`.
    virtual std::string unique_string() = 0;
};

}  // namespace sluice::rewrite
