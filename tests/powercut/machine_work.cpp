// What workers, their peers and operators do on the machine.
#include <algorithm>
#include <array>

#include "defragment/defragmenter.h"
#include "dequeue/reprocess.h"
#include "machine.h"
#include "mail.h"
#include "queue/failure.h"

namespace sluice::powercut {

using dequeue::Disposition;
using queue::MessageLocation;

namespace {

constexpr unsigned deepest = 3;  ///< workers side by side

}  // namespace

/// The far end of every channel but those that enqueue again.
class Machine::Peer final : public dequeue::Deliverer {
public:
    explicit Peer(Machine& machine) : machine_(machine) {}
    std::vector<Disposition> deliver(
        queue::MessageFile& file,
        const std::vector<std::size_t>& recipients,
        const std::string& /*host*/
    ) override {
        return machine_.deliver(file, recipients);
    }

private:
    Machine& machine_;
};

Ledger::Persons Machine::persons_of(queue::MessageFile& file) {
    std::string text;
    for (const auto& recipient : file.envelope().recipients) text += recipient.address + '\n';
    // A notification concerns those it tells about, a split message those whose pieces it has.
    if (file.envelope().sender.empty() || is_split_recipient(text))
        text += test::read_all(file).value_or(std::string());
    return Person::in(text);
}

/// Whose fortune an attempt at the file may change: a piece takes the others along.
Ledger::Persons Machine::concerned_by(queue::MessageFile& file) {
    auto persons = persons_of(file);
    if (file.location().channel != "defragment" || persons.empty()) return persons;
    const unsigned message = persons.front().message;
    persons.clear();
    for (unsigned piece = 1; piece <= pieces_of(message); ++piece)
        persons.push_back({message, piece});
    return persons;
}

std::unique_ptr<dequeue::Deliverer> Machine::deliverer_of(const channel::Channel& channel) {
    if (channel.name() == "process" || channel.name() == "reprocess")
        return dequeue::make_reprocessor(*runtime_, channel);
    if (channel.name() == "defragment") return defragment::make_defragmenter(*runtime_, channel);
    return std::make_unique<Peer>(*this);
}

void Machine::handle(const MessageLocation& location) {
    const auto* channel = site_->imta.channels.find(location.channel);
    if (channel == nullptr) return complain("channel " + location.channel);
    Ledger::Persons persons;
    {
        auto file = queue::MessageFile::open(store(), location, queue::Access::read);
        if (!file) {
            // Who owns what was cut off in flight gives it up.
            (void)queue::MessageFile::open(store(), location, queue::Access::own);
            std::erase(known_, location);
            return;
        }
        persons = concerned_by(*file);
    }
    Ledger::note(persons, "attempt at " + location.relative_path());
    const std::size_t attempt = history_.ledger.begin(std::move(persons));
    const auto deliverer = deliverer_of(*channel);
    jobs::WorkItem item;
    item.file = location.sub_directory + '/' + location.name.to_string();
    const auto done = dequeue::MessageWorker(*runtime_, *channel, *deliverer, 1).handle(item);
    if (!done.reason.empty()) trouble_ = done.reason;
    // Cut off in the middle: the crash finds it in flight.
    if (disk_.power_is_off()) return;
    history_.ledger.end(attempt);
    std::erase(known_, location);
    if (done.new_file.empty()) return;
    if (auto next = MessageLocation::parse(location.channel + '/' + done.new_file))
        known_.push_back(*std::move(next));
}

std::vector<Disposition> Machine::deliver(
    queue::MessageFile& file, const std::vector<std::size_t>& recipients
) {
    check_content(file);
    // Meanwhile others are served.
    if (nests_ && depth_ < deepest) {
        ++depth_;
        while (!disk_.power_is_off() && history_.dice.chance(0.5)) step();
        --depth_;
    }
    std::vector<Disposition> dispositions;
    for (const std::size_t index : recipients)
        dispositions.push_back(answer(file, file.envelope().recipients[index]));
    return dispositions;
}

void Machine::check_content(queue::MessageFile& file) {
    if (file.envelope().sender.empty()) return;
    const auto persons = persons_of(file);
    const auto content = test::read_all(file);
    if (persons.empty() || !content) return;
    const unsigned message = persons.front().message;
    const bool is_split = is_split_recipient(file.envelope().recipients.front().address);
    const bool is_right = is_split ? is_split_content(message, pieces_of(message), *content)
                                   : is_content_of(message, *content);
    if (!is_right) complain("other content than was sent to " + persons.front().address());
}

Disposition Machine::answer(queue::MessageFile& file, const queue::Recipient& recipient) {
    const auto later = Disposition::deferred({4, 2, 0}, "come again");
    if (disk_.power_is_off()) return later;
    if (file.envelope().sender.empty()) {
        if (mood_ != Mood::accepting && history_.dice.chance(0.2)) return later;
        if (!is_sender(recipient.address)) return Disposition::delivered();
        const auto content = test::read_all(file);
        if (!content) return later;
        for (const Person& person : Person::in(*content)) history_.ledger.returned(person);
        return Disposition::delivered();
    }
    constexpr std::array<std::uint64_t, 3> turns = {0, 70, 90};
    std::uint64_t what =
        mood_ == Mood::by_turn ? turns[turn_++ % turns.size()] : history_.dice.below(100);
    if (mood_ == Mood::accepting) what = 0;
    const bool is_split = is_split_recipient(recipient.address);
    if (what < 60) {
        const auto persons = is_split ? persons_of(file) : Person::in(recipient.address);
        if (persons.empty()) return later;  // it could not be read
        for (const Person& person : persons) history_.ledger.delivered(person);
        return Disposition::delivered();
    }
    // Its report would not say which pieces it was about.
    if (what < 80 && is_split) return later;
    if (what < 80) return Disposition::failed({5, 1, 1}, "no such user");
    return what < 95 ? later : Disposition::held("conversion: looks bad");
}

/// qm hold, release and delete.
void Machine::operate() {
    if (known_.empty()) return;
    const MessageLocation location = known_[history_.dice.below(known_.size())];
    auto file = queue::MessageFile::open(store(), location, queue::Access::own);
    if (!file) return;
    const Ledger::Persons persons = persons_of(*file);
    const queue::Actor actor{"qm", 1, 1};
    Ledger::note(persons, "operator at " + location.relative_path());
    std::erase(known_, location);
    if (location.name.state() == queue::MessageState::held) {
        (void)file->release(actor, "operator");
    } else if (history_.dice.chance(0.8) || file->envelope().sender.empty()) {
        if (file->hold(actor, "operator") && !disk_.power_is_off()) {
            const auto found =
                store().find(location.channel, location.name.unique, location.sub_directory);
            if (found && found->name.state() != queue::MessageState::held)
                complain("held and found as " + found->relative_path());
        }
    } else {
        history_.ledger.removed_by_operator(persons);
        (void)file->remove();
        return;
    }
    known_.push_back(file->location());
}

}  // namespace sluice::powercut
