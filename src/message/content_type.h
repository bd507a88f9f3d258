#pragma once

#include <string>
#include <string_view>
#include <vector>

// Fields of the form "value; name=value; ..." (RFC 2045 section 5.1, RFC 2183): Content-Type and
// Content-Disposition, with the continuations and character sets of RFC 2231. Pure, and tolerant:
// whatever comes, something is made of it.
namespace sluice::message {

/// "name=value". The value is unquoted and, where its character set is known, UTF-8.
struct Parameter {
    std::string name;  ///< as spelled, without RFC 2231 section numbers and asterisks
    std::string value;
    std::string charset = {};   ///< as RFC 2231 section 4 gave it; empty elsewhere
    std::string language = {};  ///< the same

    friend bool operator==(const Parameter&, const Parameter&) = default;
};
using Parameters = std::vector<Parameter>;

/// The first of that name, case ignored; nullptr where there is none.
[[nodiscard]] const Parameter* find_parameter(const Parameters& parameters, std::string_view name);
/// Its value; empty where there is none.
[[nodiscard]] std::string_view parameter_value(const Parameters& parameters, std::string_view name);
/// Changes the first of that name, or adds one.
void set_parameter(Parameters& parameters, std::string_view name, std::string value);

/// A field taken apart.
struct StructuredValue {
    std::string value;  ///< "text/plain", "attachment": as spelled, without comments and blanks
    Parameters parameters;

    friend bool operator==(const StructuredValue&, const StructuredValue&) = default;
};

/// Of a field with more parameters than this the rest is passed over.
inline constexpr std::size_t max_parameters = 200;

/// `raw_value`: what stands behind the colon, folded or not. As met in the wild: values without
/// quotes that need them, a missing end quote, blanks around "=", ";" doubled or at the end,
/// parameters separated by blanks alone, RFC 2231 sections in any order or with gaps, encoded words
/// (RFC 2047) in a quoted value, raw UTF-8 (RFC 6532) and other 8-bit text, which stays as it is.
/// Of two parameters of one name the first counts where somebody asks for it; both are listed.
[[nodiscard]] StructuredValue parse_structured_value(std::string_view raw_value);

/// "Name: value; a=b; c="d e"\r\n", folded between parameters within 78 columns where they allow
/// it. Values that are not ASCII, or too long for a line, are written after RFC 2231 (UTF-8).
/// Controls become blanks. Names of parameters that are no tokens are left out.
[[nodiscard]] std::string format_structured_field(
    std::string_view name, const StructuredValue& field
);

/// A media type: lower case, "text/plain" (RFC 2045 section 5.2) where the field says nothing that
/// could be read; a type without subtype is text/plain too, as RFC 2045 section 5.2 suggests.
struct ContentType {
    std::string type = "text";
    std::string subtype = "plain";
    Parameters parameters = {};
    bool is_readable = false;  ///< what the field said was a media type

    [[nodiscard]] bool is(std::string_view type_name, std::string_view subtype_name) const {
        return type == type_name && subtype == subtype_name;
    }
};
[[nodiscard]] ContentType parse_content_type(std::string_view raw_value);

}  // namespace sluice::message
