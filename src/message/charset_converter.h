#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::message {

/// Longest name of a character set that anybody is asked about.
inline constexpr std::size_t longest_charset_name = 60;

/// Whether a text may be the name of one: letters, digits and "-_.:+()".
[[nodiscard]] bool is_charset_name(std::string_view name);
/// Whether the name, as in mail, is that of a character set that can be read and written.
[[nodiscard]] bool is_known_charset(std::string_view name);
/// Whether ASCII text is the same octets in it: not so in UTF-16 and EBCDIC. False for unknown
/// ones.
[[nodiscard]] bool keeps_ascii(std::string_view charset);

/// Text of one character set to another as it streams by. Strict in what it reads: octets that are
/// none of the first set end the conversion. Characters that the other lacks become "?". Memory is
/// that of a few buffers. One text, one thread.
class CharsetConverter {
public:
    /// nullptr where one of the names is not known.
    static std::unique_ptr<CharsetConverter> open(std::string_view from, std::string_view to);
    ~CharsetConverter();
    CharsetConverter(const CharsetConverter&) = delete;
    CharsetConverter& operator=(const CharsetConverter&) = delete;

    /// Appends to `out` what becomes of `bytes`; nothing once is_malformed().
    void feed(std::string_view bytes, std::string& out);
    /// The text is complete: what shift states need, and whether it ended within a character.
    void finish(std::string& out);
    [[nodiscard]] bool is_malformed() const;
    /// Characters that became "?".
    [[nodiscard]] std::uint64_t missing() const;

private:
    struct Work;
    explicit CharsetConverter(std::unique_ptr<Work> work);
    std::unique_ptr<Work> work_;
};

}  // namespace sluice::message
