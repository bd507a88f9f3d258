#include "mapping/answers.h"

#include "base/bytes.h"

namespace sluice::mapping {

namespace {

std::string_view name_of(Question::Kind kind) {
    switch (kind) {
        case Question::Kind::general_value:
            return "general_value";
        case Question::Kind::sequence_number:
            return "sequence_number";
        case Question::Kind::call_out:
            return "call_out";
        case Question::Kind::directory:
            return "directory";
        case Question::Kind::domain_attribute:
            return "domain_attribute";
        case Question::Kind::chance:
            return "chance";
        case Question::Kind::domain_template:
            return "domain_template";
        case Question::Kind::alias_value:
            return "alias_value";
        case Question::Kind::forward_value:
            return "forward_value";
        case Question::Kind::reverse_value:
            return "reverse_value";
        case Question::Kind::is_local_domain:
            return "is_local_domain";
        case Question::Kind::file_text:
            return "file_text";
        case Question::Kind::day_number:
            return "day_number";
        case Question::Kind::unique_string:
            return "unique_string";
    }
    return "?";
}

}  // namespace

std::string Question::to_debug_string() const {
    std::string text(name_of(kind));
    text += '(' + subject;
    if (kind == Kind::call_out) text += ',' + routine;
    if (kind == Kind::call_out || kind == Kind::domain_attribute) text += ',' + argument;
    return text + ')';
}

std::string image_base_name(std::string_view image) {
    const auto directory = image.find_last_of("/:");
    if (directory != std::string_view::npos) image.remove_prefix(directory + 1);
    std::string name = to_lower(image);
    if (name.size() > 3 && name.ends_with(".so")) name.resize(name.size() - 3);
    if (name.size() > 3 && name.starts_with("lib")) name.erase(0, 3);
    return name;
}

}  // namespace sluice::mapping
