#include "mapping/matcher.h"

#include <algorithm>

#include "base/bytes.h"
#include "mapping/address_run.h"

namespace sluice::mapping {

namespace {

/// Comparisons this short are not worth remembering failures for.
constexpr std::size_t remember_after_steps = 256;
/// Bits of the failure memory; longer texts are left to the step limit.
constexpr std::size_t failure_memory = 8U << 20U;
/// Characters of foreign text shown in an explanation.
constexpr std::size_t excerpt_length = 40;

bool is_run(const Pattern::Element& element) {
    return element.kind == Pattern::Kind::run || element.kind == Pattern::Kind::run_of;
}

bool is_member(const Pattern::Set& set, char folded) {
    return set.test(static_cast<unsigned char>(folded));
}

}  // namespace

void Matcher::set_text(std::string_view text) {
    text_ = text;
    folded_ = to_lower(text);
    last_run_.reset();
}

void Matcher::begin_match(const Pattern& pattern, std::size_t step_limit) {
    pattern_ = &pattern;
    states_.assign(pattern.elements().size(), State{});
    choices_.clear();
    failures_.clear();
    steps_ = 0;
    step_limit_ = step_limit;
    furthest_element_ = 0;
    furthest_position_ = 0;
    furthest_spans_.clear();
}

/// A pattern that ends in literal text is turned away at once if the text does not.
bool Matcher::can_match_at_all() const {
    const auto& elements = pattern_->elements();
    if (elements.empty() || elements.back().kind != Pattern::Kind::literal) return true;
    return folded_.ends_with(pattern_->literal_of(elements.back()));
}

MatchResult Matcher::match(const Pattern& pattern, std::size_t step_limit) {
    begin_match(pattern, step_limit);
    const std::size_t count = pattern.elements().size();
    const bool hopeless = !can_match_at_all();
    std::size_t index = 0;
    std::size_t position = 0;
    while (true) {
        if (++steps_ > step_limit_) return MatchResult::abandoned;
        if (index == count && position == text_.size()) {
            if (explained_) note_furthest(index, position, index);
            return MatchResult::matched;
        }
        if (index < count && take(index, position)) {
            ++index;
            continue;
        }
        note_furthest(index, position, index);
        // The furthest place is only needed for people; a hopeless pattern stops at the first.
        if (hopeless || !back_up(index, position)) return MatchResult::mismatched;
    }
}

/// `placed`: how many elements have their span.
void Matcher::note_furthest(std::size_t element, std::size_t position, std::size_t placed) {
    const bool further = position > furthest_position_ ||
                         (position == furthest_position_ && element > furthest_element_);
    if (!further) return;
    furthest_position_ = position;
    furthest_element_ = element;
    if (!explained_) return;
    furthest_spans_.clear();
    for (std::size_t i = 0; i < placed; ++i) furthest_spans_.push_back(states_[i].span);
}

bool Matcher::take(std::size_t index, std::size_t& position) {
    const auto& element = pattern_->elements()[index];
    Span& span = states_[index].span;
    const auto rest = std::string_view(folded_).substr(position);
    std::size_t length = 0;
    switch (element.kind) {
        case Pattern::Kind::literal: {
            const auto literal = pattern_->literal_of(element);
            if (!rest.starts_with(literal)) return false;
            length = literal.size();
            break;
        }
        case Pattern::Kind::one:
            if (rest.empty()) return false;
            length = 1;
            break;
        case Pattern::Kind::one_of:
            if (rest.empty() || !is_member(pattern_->set_of(element), rest.front())) return false;
            length = 1;
            break;
        case Pattern::Kind::back_reference: {
            const Span& saved = states_[pattern_->element_of_field(element.operand)].span;
            length = saved.end - saved.begin;
            if (rest.substr(0, length) != std::string_view(folded_).substr(saved.begin, length)) {
                return false;
            }
            break;
        }
        case Pattern::Kind::network:
            return take_network(element, position, span);
        case Pattern::Kind::run:
        case Pattern::Kind::run_of:
            return take_run(index, position);
    }
    span = {position, position + length};
    position += length;
    return true;
}

bool Matcher::take_run(std::size_t index, std::size_t& position) {
    if (known_to_fail(index, position)) return false;
    const auto& element = pattern_->elements()[index];
    std::size_t longest = text_.size() - position;
    if (element.kind == Pattern::Kind::run_of) {
        const auto& set = pattern_->set_of(element);
        const auto rest = std::string_view(folded_).substr(position);
        longest = static_cast<std::size_t>(
            std::find_if_not(rest.begin(), rest.end(), [&](char c) { return is_member(set, c); }) -
            rest.begin()
        );
        steps_ += longest / 64;
    }
    const std::size_t failed_from = states_[index].failed_from;
    if (failed_from != std::string::npos) {
        longest = std::min(longest, failed_from - position - 1);
    }
    Choice choice{index, position, element.lazy ? 0 : longest, longest};
    if (!settle(choice)) {
        remember_failure(index, position);
        return false;
    }
    choices_.push_back(choice);
    states_[index].span = {position, position + choice.taken};
    position += choice.taken;
    return true;
}

/// Moves a choice on to the next length that the following element does not rule out at a glance.
bool Matcher::settle(Choice& choice) {
    const auto& elements = pattern_->elements();
    const bool lazy = elements[choice.element].lazy;
    const std::size_t next = choice.element + 1;
    if (next == elements.size()) {
        // The last element takes all that is left or fails.
        if (choice.longest != text_.size() - choice.begin) return false;
        if (!lazy && choice.taken != choice.longest) return false;
        choice.taken = choice.longest;
        return true;
    }
    if (elements[next].kind != Pattern::Kind::literal) return true;
    const char wanted = pattern_->literal_of(elements[next]).front();
    const auto rest = std::string_view(folded_).substr(choice.begin);
    const std::size_t before = choice.taken;
    const auto found = lazy ? rest.find(wanted, before) : rest.rfind(wanted, before);
    if (found == std::string_view::npos || found > choice.longest) {
        note_furthest(next, choice.begin, choice.element);
        return false;
    }
    choice.taken = found;
    steps_ += (lazy ? choice.taken - before : before - choice.taken) / 64;
    return true;
}

bool Matcher::next_choice(Choice& choice) {
    const bool lazy = pattern_->elements()[choice.element].lazy;
    if (choice.taken == (lazy ? choice.longest : 0)) return false;
    choice.taken = lazy ? choice.taken + 1 : choice.taken - 1;
    return settle(choice);
}

bool Matcher::back_up(std::size_t& index, std::size_t& position) {
    while (!choices_.empty()) {
        Choice& choice = choices_.back();
        if (next_choice(choice)) {
            index = choice.element + 1;
            position = choice.begin + choice.taken;
            states_[choice.element].span = {choice.begin, position};
            return true;
        }
        remember_failure(choice.element, choice.begin);
        choices_.pop_back();
    }
    return false;
}

bool Matcher::known_to_fail(std::size_t element, std::size_t position) const {
    if (states_[element].failed_from <= position) return true;
    return !failures_.empty() && failures_[element * (text_.size() + 1) + position];
}

/// All that can follow element `element`, a run that begins at `position`, has failed. That will be
/// so again, unless an element behind it refers to a field, whose text may be another next time.
void Matcher::remember_failure(std::size_t element, std::size_t position) {
    if (pattern_->refers_back_from(element)) return;
    if (pattern_->elements()[element].kind == Pattern::Kind::run) {
        auto& failed_from = states_[element].failed_from;
        failed_from = std::min(failed_from, position);
        return;
    }
    if (failures_.empty()) {
        const std::size_t size = pattern_->elements().size() * (text_.size() + 1);
        if (steps_ < remember_after_steps || size > failure_memory) return;
        failures_.assign(size, false);
    }
    failures_[element * (text_.size() + 1) + position] = true;
}

/// The longest run of address characters at `position`, and the address it is, if it is one.
const Matcher::AddressRun& Matcher::address_run(std::size_t position, bool v6) {
    if (last_run_ && last_run_->begin == position && last_run_->v6 == v6) return *last_run_;
    std::size_t begin = position;
    if (v6 && std::string_view(folded_).substr(position).starts_with("ipv6:")) begin += 5;
    const std::size_t end = address_run_end(folded_, begin, v6);
    steps_ += (end - begin) / 64;
    const auto run = std::string_view(folded_).substr(begin, end - begin);
    auto address = parse_address_run(run, v6);
    last_run_ = AddressRun{position, v6, {begin, end}, address};
    return *last_run_;
}

bool Matcher::take_network(const Pattern::Element& element, std::size_t& position, Span& span) {
    const auto& network = pattern_->network_of(element);
    const AddressRun& run = address_run(position, network.address.is_v6());
    if (!run.address || !run.address->matches_prefix(network.address, network.bits)) return false;
    span = run.span;
    position = run.span.end;
    return true;
}

std::string_view Matcher::field(std::size_t number) const {
    if (pattern_ == nullptr || number >= pattern_->field_count()) return {};
    const Span& span = states_[pattern_->element_of_field(number)].span;
    return std::string_view(text_).substr(span.begin, span.end - span.begin);
}

std::vector<std::string> Matcher::fields() const {
    std::vector<std::string> texts;
    for (std::size_t i = 0; pattern_ != nullptr && i < pattern_->field_count(); ++i) {
        texts.emplace_back(field(i));
    }
    return texts;
}

std::vector<TracePart> Matcher::elements() const {
    std::vector<TracePart> parts;
    for (std::size_t i = 0; i < furthest_spans_.size(); ++i) {
        const auto& element = pattern_->elements()[i];
        const Span& span = furthest_spans_[i];
        parts.push_back(
            {pattern_->text().substr(element.source, element.source_length),
             text_.substr(span.begin, span.end - span.begin),
             element.field < 0 ? "" : "$" + std::to_string(element.field)}
        );
    }
    return parts;
}

std::string Matcher::why_not() const {
    const auto& elements = pattern_->elements();
    const auto rest = std::string_view(text_).substr(furthest_position_);
    std::string found =
        rest.empty() ? "the end" : "`" + std::string(rest.substr(0, excerpt_length));
    if (!rest.empty()) found += rest.size() > excerpt_length ? "...`" : "`";
    std::string place = " at character " + std::to_string(furthest_position_ + 1);
    if (furthest_element_ == elements.size())
        return "expected the end" + place + ", found " + found;
    const auto& element = elements[furthest_element_];
    if (furthest_element_ > 0 && is_run(elements[furthest_element_ - 1])) place += " or later";
    const auto wanted =
        std::string_view(pattern_->text()).substr(element.source, element.source_length);
    return "expected `" + std::string(wanted) + '`' + place + ", found " + found;
}

}  // namespace sluice::mapping
