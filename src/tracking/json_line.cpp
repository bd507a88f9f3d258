#include <boost/json/src.hpp>

#include "tracking/structured_reader.h"

namespace sluice::tracking {

namespace {

std::string text_of(const boost::json::value& value) {
    switch (value.kind()) {
        case boost::json::kind::string:
            return std::string(value.get_string());
        case boost::json::kind::int64:
            return std::to_string(value.get_int64());
        case boost::json::kind::uint64:
            return std::to_string(value.get_uint64());
        case boost::json::kind::bool_:
            return value.get_bool() ? "1" : "0";
        default:
            return {};
    }
}

bool has_text(const boost::json::value& value) {
    return value.is_string() || value.is_int64() || value.is_uint64() || value.is_bool();
}

}  // namespace

bool parse_json_line(std::string_view text, Element& element) {
    boost::json::error_code failure;
    boost::json::parse_options options;
    options.max_depth = 4;
    const boost::json::value value = boost::json::parse(
        boost::json::string_view(text.data(), text.size()), failure, boost::json::storage_ptr(),
        options
    );
    if (failure || !value.is_object()) return false;
    for (const auto& member : value.get_object()) {
        if (!has_text(member.value())) continue;
        const std::string name(member.key());
        if (name == "el")
            element.name = text_of(member.value());
        else
            element.attributes.emplace_back(name, text_of(member.value()));
    }
    return !element.name.empty();
}

}  // namespace sluice::tracking
