#include "alias/member_file.h"
#include "base/bytes.h"
#include "message/header_field.h"
#include "policy/list_access.h"
#include "policy/pipeline.h"
#include "policy/refusal.h"

// An address that turned out to be a mailing list, or an alias with member files: may the posting
// go there, who are the members, what happens to their copies.
namespace sluice::policy {

using config::OptionId;

namespace {

/// The fields of a HEADER_ADDITION file; a line that begins with a blank goes on with the one
/// before.
message::HeaderEdits edits_of(
    const std::string& text, const std::string& path, std::vector<std::string>& warnings
) {
    message::HeaderEdits edits;
    for (const std::string& line : alias::file_lines(text)) {
        if (is_blank(line.front()) && !edits.empty()) {
            edits.back().value += ' ' + std::string(trim(line));
            continue;
        }
        const auto field = message::parse_header_field(line);
        if (!field) {
            warnings.push_back(path + ": not a header field: " + printable(line));
            continue;
        }
        edits.push_back(
            {message::HeaderEdit::Kind::add, std::string(field->name),
             std::string(trim(message::unfold(field->raw_value)))}
        );
    }
    return edits;
}

}  // namespace

Posting Pipeline::posting_to(const std::string& list_address) const {
    Posting posting;
    posting.sender = probe_.sender;
    posting.user = probe_.authenticated_from;
    posting.source_channel = probe_.source->name();
    posting.list_address = list_address;
    posting.session = probe_.session;
    return posting;
}

// Temporary: a list that cannot be expanded must not lose mail. The detail is for the log.
void Pipeline::postpone_list(
    const alias::Worklist::Item& item, const std::string& address, const Error& error
) {
    decision_.warnings.push_back(address + ": " + error.detail());
    fail(item, address, make_refusal(error.status(), error.text(), given()));
}

void Pipeline::expand_list(
    const alias::Worklist::Item& item,
    const std::string& address,
    const alias::Worklist::Outcome& found
) {
    static const alias::MailingList no_parameters;
    const alias::Alias& alias = *found.expansion->alias;
    const alias::MailingList& list = alias.list ? *alias.list : no_parameters;
    if (!list.obstacle.empty())
        return postpone_list(item, address, alias::list_error(alias, list.obstacle));
    decision_.hides_members = decision_.hides_members || list.hides_members;
    ListRuling ruling;
    if (!probe_.only_looking) {
        ListAccess access(
            configuration_, access_options_, list_files_, answers_, trace_, &table_warnings_
        );
        ruling = access.judge(list, posting_to(address));
        note(TraceEntry::Stage::list, address + ": " + ruling.reason);
    }
    switch (ruling.kind) {
        case ListRuling::Kind::not_now:
            return postpone_list(item, address, alias::list_error(alias, ruling.reason));
        case ListRuling::Kind::refused: {
            Refusal refusal =
                make_refusal({5, 7, 1}, "you are not allowed to use this list", given());
            if (!list.error_text.empty()) refusal.text = list.error_text;
            return fail(item, address, std::move(refusal));
        }
        case ListRuling::Kind::moderated:
            note(TraceEntry::Stage::list, address + ": to moderator " + *list.moderator_address);
            return add_members(
                item, address, found, {{*list.moderator_address, false}}, item.effects
            );
        case ListRuling::Kind::permitted:
            break;
    }
    if (list.block_limit != 0 && probe_.message_size &&
        *probe_.message_size > list.block_limit * block_size()) {
        Refusal refusal = make_refusal({5, 2, 3}, "message too large for this list", given());
        refusal.code = 552;
        return fail(item, address, std::move(refusal));
    }
    distribute(item, address, found, list, ruling.is_held);
}

std::uint64_t Pipeline::block_size() const {
    return static_cast<std::uint64_t>(configuration_.options.integer(OptionId::block_size));
}

void Pipeline::distribute(
    const alias::Worklist::Item& item,
    const std::string& address,
    const alias::Worklist::Outcome& found,
    const alias::MailingList& list,
    bool is_held
) {
    const alias::Alias& alias = *found.expansion->alias;
    auto members = list_files_.members(alias.files);
    if (!members) return postpone_list(item, address, members.error());
    members->insert(members->end(), alias.members.begin(), alias.members.end());
    auto edits = list_edits(list);
    if (!edits) return postpone_list(item, address, edits.error());
    const auto text = list_text(list);
    if (!text) return postpone_list(item, address, text.error());
    alias::ListEffects effects = alias::with_list(
        item.effects ? *item.effects : alias::ListEffects(), list, *edits, *text, block_size(),
        !probe_.sender.empty()
    );
    effects.is_held = effects.is_held || is_held;
    // Somebody who asked to hear of success is told that the list has it (RFC 3464 section 2.3.3).
    const bool begins_list = list.envelope_from && !(item.effects && item.effects->is_list_copy);
    if (begins_list && probe_.notify_success) report_list(item, address);
    std::vector<alias::Member> captures;
    for (const std::string& capture : list.captures) captures.push_back({capture, false});
    add_members(item, address, found, captures, item.effects);
    add_members(
        item, address, found, *members,
        std::make_shared<const alias::ListEffects>(std::move(effects))
    );
}

void Pipeline::add_members(
    const alias::Worklist::Item& item,
    const std::string& address,
    const alias::Worklist::Outcome& found,
    const std::vector<alias::Member>& members,
    const std::shared_ptr<const alias::ListEffects>& effects
) {
    const auto added = work_.add(found, item, members, effects);
    if (!added)
        fail(item, address, make_refusal(added.error().status(), added.error().text(), given()));
}

Result<message::BodyText> Pipeline::list_text(const alias::MailingList& list) {
    message::BodyText out;
    for (const auto& [path, text] :
         {std::pair(&list.prefix_file, &out.prefix), std::pair(&list.suffix_file, &out.suffix)}) {
        if (path->empty() || probe_.only_looking) continue;
        auto read = list_files_.text(*path);
        if (!read) return std::move(read).error();
        *text = std::move(*read);
    }
    return out;
}

Result<message::HeaderEdits> Pipeline::list_edits(const alias::MailingList& list) {
    using Kind = message::HeaderEdit::Kind;
    message::HeaderEdits edits;
    if (list.strips_sequence) edits.push_back({Kind::strip_subject_numbers, "Subject", ""});
    edits.insert(edits.end(), list.header_edits.begin(), list.header_edits.end());
    if (!list.header_file.empty()) {
        const auto text = list_files_.text(list.header_file);
        if (!text) return text.error();
        const auto added = edits_of(*text, list.header_file, decision_.warnings);
        edits.insert(edits.end(), added.begin(), added.end());
    }
    if (list.sequence_place == alias::SequencePlace::none || probe_.only_looking) return edits;
    const auto number =
        answers_.ask({mapping::Question::Kind::sequence_number, list.sequence_file, {}, {}});
    if (number.kind != mapping::Answer::Kind::found) {
        return Error::temporary(
            {4, 3, 5}, "mailing list cannot be expanded now",
            "no sequence number from " + list.sequence_file
        );
    }
    const bool in_front = list.sequence_place == alias::SequencePlace::prefix;
    edits.push_back(
        {in_front ? Kind::prefix_subject : Kind::suffix_subject, "Subject", '[' + number.text + ']'}
    );
    return edits;
}

}  // namespace sluice::policy
