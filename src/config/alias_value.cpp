#include "config/alias_value.h"

#include <algorithm>
#include <memory>

#include "alias/alias_address.h"
#include "alias/mailing_list.h"
#include "base/bytes.h"
#include "config/aliases_file.h"

namespace sluice::config {

namespace {

using ValueKind = alias::ListParameterInfo::Value;

constexpr std::string_view include_mark = ":include:";

bool is_directory_url(std::string_view text) {
    return starts_with_ignoring_case(text, "ldap:") || starts_with_ignoring_case(text, "ldaps:");
}

/// Text in double quotes without them; other text as it is.
std::string unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '\\' && i + 2 < text.size()) ++i;
        out += text[i];
    }
    return out;
}

}  // namespace

AliasValue::Place AliasValue::Place::behind(std::size_t count) const {
    const std::size_t next = std::min(text.find_first_not_of(" \t", count), text.size());
    return {text.substr(next), offset + next};
}

void AliasValue::error(const Place& place, const char* code, std::string text, std::string hint) {
    settings_.report({true, place.offset, code, std::move(text), std::move(hint)});
}

void AliasValue::break_list(
    const Place& place, const char* code, std::string text, std::string hint
) {
    error(place, code, std::move(text), std::move(hint));
    obstacle_ = "its definition has errors";
}

void AliasValue::directory(const Place& place) {
    settings_.report(
        {false, place.offset, "W_DIRECTORY",
         "there is no directory yet; mail for this list will wait", ""}
    );
    obstacle_ = "there is no directory yet";
}

void AliasValue::take(std::string_view item, std::size_t offset) {
    Place place = Place{item, offset}.behind(0);
    place.text = trim(place.text);
    if (part_ == Part::positions) return take_position(place);
    place = take_parameters(place);
    if (place.text.empty() || take_file(place)) return;
    part_ = Part::addresses;
    take_address(place);
}

AliasValue::Place AliasValue::take_parameters(Place place) {
    while (place.text.starts_with('[')) {
        const std::size_t end = place.text.find(']');
        const std::string_view name =
            trim(place.text.substr(1, std::min(end, place.text.size()) - 1));
        const alias::ListParameterInfo* info = alias::find_list_parameter(name);
        if (end == std::string_view::npos || info == nullptr || part_ != Part::parameters) {
            const bool late = info != nullptr && part_ != Part::parameters;
            break_list(
                place, "E_PARAMETER",
                late ? "parameters stand in front of the addresses"
                     : "no such list parameter: " + printable(name),
                end == std::string_view::npos ? "a parameter is written [NAME] value" : ""
            );
            return {};
        }
        if (!info->has_effect) {
            settings_.report(
                {false, place.offset, "W_PARAMETER",
                 "list parameter " + std::string(info->name) + " has no effect yet", ""}
            );
        }
        const Place value = place.behind(end + 1);
        if (info->value == ValueKind::none || info->value == ValueKind::ignored) {
            builder_.set(*info, {});
            place = value;
            // Such parameters are written with the word NONE as their value, or without any.
            if (info->value == ValueKind::ignored && equals_ignoring_case(value.text, "none"))
                return {};
            continue;
        }
        set_value(*info, value);
        return {};
    }
    return place;
}

void AliasValue::set_value(const alias::ListParameterInfo& info, const Place& place) {
    std::string value = unquoted(place.text);
    if (info.value == ValueKind::file && !value.empty()) {
        if (value.front() == '<') value.erase(0, 1);
        if (is_directory_url(value)) return directory(place);
        auto path = settings_.resolve(value);
        if (!path) return break_list(place, "E_PARAMETER", path.error().detail());
        value = std::move(path).value();
    }
    std::string problem = builder_.set(info, value);
    if (!problem.empty())
        break_list(place, "E_PARAMETER", std::string(info.name) + ": " + std::move(problem));
}

// "<a@b>" alone is an address in angle brackets, "<file" the members of a list.
bool AliasValue::take_file(const Place& place) {
    if (starts_with_ignoring_case(place.text, include_mark)) {
        add_file(place.behind(include_mark.size()), alias::MemberSyntax::sendmail);
        part_ = Part::addresses;
        return true;
    }
    if (part_ != Part::parameters || !place.text.starts_with('<')) return false;
    Place name = place.behind(1);
    name.text = trim(name.text);
    const std::string text = unquoted(name.text);
    const bool is_url = is_directory_url(text);
    if (!is_url && name.text.ends_with('>')) return false;
    part_ = Part::positions;
    if (is_url) {
        directory(place);
    } else {
        name.text = text;
        add_file(name, alias::MemberSyntax::list);
    }
    return true;
}

void AliasValue::add_file(const Place& place, alias::MemberSyntax syntax) {
    if (place.text.empty()) return break_list(place, "E_MEMBER_FILE", "a file name is missing");
    auto path = settings_.resolve(place.text);
    if (!path) return break_list(place, "E_MEMBER_FILE", path.error().detail());
    alias_.files.push_back({std::move(path).value(), syntax});
}

void AliasValue::take_position(const Place& place) {
    if (place.text.starts_with('[')) {
        // Between the file and the positional parameters.
        if (position_ == 0) {
            part_ = Part::parameters;
            const Place rest = take_parameters(place);
            part_ = Part::positions;
            if (!rest.text.empty()) take_position(rest);
            return;
        }
        return break_list(
            place, "E_PARAMETER", "named parameters stand in front of the error return address"
        );
    }
    if (position_ == alias::ListBuilder::positions) {
        return break_list(
            place, "E_POSITION", "more than five positional parameters",
            "quote a comment that has commas"
        );
    }
    std::string problem = builder_.set_position(position_++, unquoted(place.text));
    if (!problem.empty()) break_list(place, "E_POSITION", std::move(problem));
}

void AliasValue::take_address(const Place& place) {
    alias::AliasAddress parsed = alias::parse_alias_address(place.text);
    if (!parsed.problem.empty()) return error(place, "E_BAD_ADDRESS", parsed.problem, parsed.hint);
    if (parsed.address.size() > max_alias_address)
        return error(place, "E_ADDRESS_LONG", "address of more than 256 octets");
    alias_.members.push_back({std::move(parsed.address), parsed.show_alias});
}

void AliasValue::finish() {
    if (builder_.is_empty() && obstacle_.empty()) return;
    alias::MailingList list = builder_.take();
    list.obstacle = obstacle_;
    alias_.list = std::make_shared<const alias::MailingList>(std::move(list));
}

}  // namespace sluice::config
