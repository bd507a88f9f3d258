#include "alias/list_parameters.h"

#include <algorithm>

#include "alias/alias_address.h"
#include "base/bytes.h"

namespace sluice::alias {

enum class ListParameter : std::uint8_t {
    access_and,
    access_or,
    auth_channel,
    auth_list,
    auth_mapping,
    auth_username,
    blocklimit,
    cant_channel,
    cant_list,
    cant_mapping,
    cant_username,
    capture,
    comments,
    conversion_tag,
    delay_notifications,
    envelope_from,
    error_text,
    expandable,
    header_addition,
    hold_list,
    hold_mapping,
    importance,
    inert,
    linelimit,
    moderator_address,
    moderator_list,
    moderator_mapping,
    nodelay_notifications,
    nohold_list,
    nohold_mapping,
    nonexpandable,
    precedence,
    prefix_text,
    priority,
    sasl_auth_list,
    sasl_cant_list,
    sasl_moderator_list,
    sensitivity,
    sequence_prefix,
    sequence_strip,
    sequence_suffix,
    suffix_text,
    tag,
    username_auth_list,
    username_cant_list,
    username_moderator_list,
};

namespace {

using Value = ListParameterInfo::Value;
using P = ListParameter;
using Who = ListClause::Who;
using How = ListClause::How;
using Kind = message::HeaderEdit::Kind;

/// What a clause parameter tests; `negated` for the CANT_ and NOHOLD_ forms.
struct ClauseShape {
    P parameter;
    ListClauses MailingList::*clauses;
    Who who;
    How how;
    bool negated = false;
    bool only_authenticated = false;
};

constexpr ClauseShape clause_shapes[] = {
    {P::auth_channel, &MailingList::access, Who::channel, How::patterns},
    {P::cant_channel, &MailingList::access, Who::channel, How::patterns, true},
    {P::auth_list, &MailingList::access, Who::sender, How::file},
    {P::cant_list, &MailingList::access, Who::sender, How::file, true},
    {P::auth_mapping, &MailingList::access, Who::sender, How::table},
    {P::cant_mapping, &MailingList::access, Who::sender, How::table, true},
    {P::auth_username, &MailingList::access, Who::user, How::patterns},
    {P::cant_username, &MailingList::access, Who::user, How::patterns, true},
    {P::username_auth_list, &MailingList::access, Who::user, How::file},
    {P::username_cant_list, &MailingList::access, Who::user, How::file, true},
    {P::sasl_auth_list, &MailingList::access, Who::sender, How::file, false, true},
    {P::sasl_cant_list, &MailingList::access, Who::sender, How::file, true, true},
    {P::hold_list, &MailingList::holds, Who::sender, How::file},
    {P::nohold_list, &MailingList::holds, Who::sender, How::file, true},
    {P::hold_mapping, &MailingList::holds, Who::sender, How::table},
    {P::nohold_mapping, &MailingList::holds, Who::sender, How::table, true},
    {P::moderator_list, &MailingList::moderators, Who::sender, How::file},
    {P::moderator_mapping, &MailingList::moderators, Who::sender, How::table},
    {P::sasl_moderator_list, &MailingList::moderators, Who::sender, How::file, false, true},
    {P::username_moderator_list, &MailingList::moderators, Who::user, How::file},
};

std::string address_of(std::string_view value, std::string& problem) {
    AliasAddress parsed = parse_alias_address(value);
    problem = parsed.problem;
    return parsed.address;
}

/// The last character of a header value says what happens to a field that is there already.
Kind take_modifier(std::string_view& value) {
    if (value.empty()) return Kind::add_or_resent;
    const auto strip = [&](Kind kind) {
        value = trim(value.substr(0, value.size() - 1));
        return kind;
    };
    switch (value.back()) {
        case '*':
            return strip(Kind::add_if_missing);
        case '&':
            return strip(Kind::extend);
        case '^':
            return strip(Kind::replace);
        case '\\':
            return strip(Kind::remove);
        default:
            return Kind::add_or_resent;
    }
}

/// Names that are accepted and do nothing yet.
ListParameterInfo inert(std::string_view name, Value value) {
    return {name, P::inert, value, false};
}

std::vector<ListParameterInfo> make_table() {
    std::vector<ListParameterInfo> table = {
        {"AND", P::access_and, Value::none},
        {"OR", P::access_or, Value::none},
        {"AUTH_CHANNEL", P::auth_channel, Value::patterns},
        {"AUTH_LIST", P::auth_list, Value::file},
        {"AUTH_MAPPING", P::auth_mapping, Value::table},
        {"AUTH_USERNAME", P::auth_username, Value::patterns},
        {"BLOCKLIMIT", P::blocklimit, Value::number},
        {"CANT_CHANNEL", P::cant_channel, Value::patterns},
        {"CANT_LIST", P::cant_list, Value::file},
        {"CANT_MAPPING", P::cant_mapping, Value::table},
        {"CANT_USERNAME", P::cant_username, Value::patterns},
        {"CAPTURE", P::capture, Value::address},
        {"COMMENTS", P::comments, Value::text},
        {"CONVERSION_TAG", P::conversion_tag, Value::text},
        {"DELAY_NOTIFICATIONS", P::delay_notifications, Value::ignored},
        {"ENVELOPE_FROM", P::envelope_from, Value::text},
        {"ERROR_TEXT", P::error_text, Value::text},
        {"EXPANDABLE", P::expandable, Value::ignored},
        {"HEADER_ADDITION", P::header_addition, Value::file},
        {"HEADER_ALIAS", P::inert, Value::ignored},  // aliases in headers stay as they are
        {"HOLD_LIST", P::hold_list, Value::file},
        {"HOLD_MAPPING", P::hold_mapping, Value::table},
        {"IMPORTANCE", P::importance, Value::text},
        {"LINELIMIT", P::linelimit, Value::number},
        {"MODERATOR_ADDRESS", P::moderator_address, Value::address},
        {"MODERATOR_LIST", P::moderator_list, Value::file},
        {"MODERATOR_MAPPING", P::moderator_mapping, Value::table},
        {"NODELAY_NOTIFICATIONS", P::nodelay_notifications, Value::ignored},
        {"NOHOLD_LIST", P::nohold_list, Value::file},
        {"NOHOLD_MAPPING", P::nohold_mapping, Value::table},
        {"NONEXPANDABLE", P::nonexpandable, Value::ignored},
        {"PRECEDENCE", P::precedence, Value::text},
        {"PREFIX_TEXT", P::prefix_text, Value::file},
        {"PRIORITY", P::priority, Value::text},
        {"PRIVATE", P::nonexpandable, Value::ignored},
        {"PUBLIC", P::expandable, Value::ignored},
        {"SASL_AUTH_LIST", P::sasl_auth_list, Value::file},
        {"SASL_CANT_LIST", P::sasl_cant_list, Value::file},
        {"SASL_MODERATOR_LIST", P::sasl_moderator_list, Value::file},
        {"SENSITIVITY", P::sensitivity, Value::text},
        {"SEQUENCE_PREFIX", P::sequence_prefix, Value::file},
        {"SEQUENCE_STRIP", P::sequence_strip, Value::ignored},
        {"SEQUENCE_SUFFIX", P::sequence_suffix, Value::file},
        {"SUFFIX_TEXT", P::suffix_text, Value::file},
        {"TAG", P::tag, Value::text},
        {"USERNAME_AUTH_LIST", P::username_auth_list, Value::file},
        {"USERNAME_CANT_LIST", P::username_cant_list, Value::file},
        {"USERNAME_MODERATOR_LIST", P::username_moderator_list, Value::file},
    };
    for (const char* name : {"DEFERRED", "FILTER", "HEADER_TRIM", "USERNAME"})
        table.push_back(inert(name, Value::text));
    for (const char* name :
         {"HEADER_EXPANSION", "NOORIGINATOR_REPLY", "NORECEIVEDFOR", "NORECEIVEDFROM",
          "ORIGINATOR_REPLY", "RECEIVEDFOR", "RECEIVEDFROM"})
        table.push_back(inert(name, Value::ignored));
    std::sort(table.begin(), table.end(), [](const auto& a, const auto& b) {
        return a.name < b.name;
    });
    return table;
}

}  // namespace

const std::vector<ListParameterInfo>& list_parameters() {
    static const std::vector<ListParameterInfo> table = make_table();
    return table;
}

const ListParameterInfo* find_list_parameter(std::string_view name) {
    for (const ListParameterInfo& info : list_parameters()) {
        if (equals_ignoring_case(info.name, name)) return &info;
    }
    return nullptr;
}

void ListBuilder::add_clause(ListClauses& clauses, ListClause clause) const {
    clause.alternative = alternative_;
    clauses.push_back(std::move(clause));
}

std::string ListBuilder::set_header(std::string_view field, std::string_view value) {
    const Kind kind = take_modifier(value);
    if (value.empty() && kind != Kind::remove) return "a value is missing";
    list_.header_edits.push_back({kind, std::string(field), std::string(value)});
    return {};
}

std::string ListBuilder::set(const ListParameterInfo& info, std::string_view value) {
    used_ = true;
    if (value.empty() && info.value != Value::none && info.value != Value::ignored &&
        info.has_effect)
        return "a value is missing";
    for (const ClauseShape& shape : clause_shapes) {
        if (shape.parameter != info.parameter) continue;
        add_clause(
            list_.*shape.clauses, {shape.who, shape.how, shape.only_authenticated, shape.negated,
                                   false, std::string(value)}
        );
        return {};
    }
    std::string problem;
    const auto number = [&](std::uint64_t& limit) {
        const auto parsed = parse_unsigned(value);
        if (!parsed) problem = "not a number: " + printable(value);
        limit = parsed.value_or(0);
    };
    switch (info.parameter) {
        case P::access_and:
            alternative_ = false;
            break;
        case P::access_or:
            alternative_ = true;
            break;
        case P::blocklimit:
            number(list_.block_limit);
            break;
        case P::linelimit:
            number(list_.line_limit);
            break;
        case P::capture:
            list_.captures.push_back(address_of(value, problem));
            break;
        case P::moderator_address:
            list_.moderator_address = address_of(value, problem);
            break;
        case P::envelope_from:
            list_.envelope_from = value == "/" ? std::string(value) : address_of(value, problem);
            break;
        case P::error_text:
            list_.error_text = value;
            break;
        case P::conversion_tag:
            for (const std::string_view tag : split(value, ' ')) {
                if (!trim(tag).empty()) list_.conversion_tags.emplace_back(trim(tag));
            }
            break;
        case P::comments:
            return set_header("Comments", value);
        case P::importance:
            return set_header("Importance", value);
        case P::precedence:
            return set_header("Precedence", value);
        case P::priority:
            return set_header("Priority", value);
        case P::sensitivity:
            return set_header("Sensitivity", value);
        case P::tag:
            list_.header_edits.push_back({Kind::tag_subject, "Subject", std::string(value)});
            break;
        case P::header_addition:
            list_.header_file = value;
            break;
        case P::prefix_text:
            list_.prefix_file = value;
            break;
        case P::suffix_text:
            list_.suffix_file = value;
            break;
        case P::sequence_prefix:
            list_.sequence_file = value;
            list_.sequence_place = SequencePlace::prefix;
            break;
        case P::sequence_suffix:
            list_.sequence_file = value;
            list_.sequence_place = SequencePlace::suffix;
            break;
        case P::sequence_strip:
            list_.strips_sequence = true;
            break;
        case P::delay_notifications:
            list_.reports_delay = true;
            break;
        case P::nodelay_notifications:
            list_.reports_delay = false;
            break;
        case P::expandable:
            list_.hides_members = false;
            break;
        case P::nonexpandable:
            list_.hides_members = true;
            break;
        default:
            break;
    }
    return problem;
}

std::string ListBuilder::set_position(std::size_t index, std::string_view value) {
    value = trim(value);
    if (value.empty() || value == "*") return {};
    used_ = true;
    static constexpr std::string_view fields[positions] = {
        "Errors-To", "Reply-To", "Errors-To", "Warnings-To", "Comments"};
    if (index != 0) {
        const std::string_view plain =
            value.back() == '*' ? value.substr(0, value.size() - 1) : value;
        if (index == 2 && trim(plain) == error_return_) return {};
        if (index == 2) {
            // One field of that name: this one speaks for the header, the first for the envelope.
            std::erase_if(list_.header_edits, [](const message::HeaderEdit& edit) {
                return edit.name == "Errors-To";
            });
        }
        return set_header(fields[index], value);
    }
    if (value == "/") {
        list_.envelope_from = value;
        return {};
    }
    std::string_view address = value;
    (void)take_modifier(address);
    std::string problem;
    list_.envelope_from = error_return_ = address_of(address, problem);
    if (!problem.empty()) return problem;
    return set_header(fields[0], value);
}

}  // namespace sluice::alias
