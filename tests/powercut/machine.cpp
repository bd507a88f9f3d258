#include "machine.h"

#include <algorithm>
#include <array>

#include "dequeue/finished_memory.h"
#include "dequeue/reprocess.h"
#include "queue/commit.h"
#include "queue/failure.h"
#include "queue/unique_ids.h"
#include "support/site.h"

namespace sluice::powercut {

using dequeue::Disposition;
using queue::MessageLocation;

namespace {

const std::string root = "/queue";
constexpr unsigned subdirs = 2;
constexpr unsigned deepest = 3;       ///< workers side by side
constexpr unsigned most_rounds = 40;  ///< of delivering what is left
const std::array<std::string, 3> channels = {"l", "tcp_local", "reprocess"};

std::string body_of(unsigned message) {
    return "number " + std::to_string(message) + "\r\n" +
           std::string(200 + message * 397UL % 3600, static_cast<char>('a' + message % 26)) +
           "\r\nend of " + std::to_string(message) + "\r\n";
}

queue::Envelope envelope_of(const Ledger::Persons& persons, WallTime now) {
    std::vector<std::string> addresses;
    for (const Person& person : persons) addresses.push_back(person.address());
    queue::Envelope envelope = test::sample_envelope(addresses);
    envelope.enqueued = now;
    envelope.sender = "sender@siroe.example";
    return envelope;
}

/// Who is told of failures.
bool is_sender(const std::string& address) {
    return address.starts_with("sender@");
}

}  // namespace

config::ConfigurationPtr make_site(const std::string& directory) {
    std::string imta = read_file(SLUICE_SOURCE_DIR "/config/imta.cnf").value();
    const std::string logging = "defaults logging";
    imta.replace(imta.find(logging), logging.size(), "defaults");
    // The thread that makes removals durable by the machine's clock sleeps through it all.
    return test::make_site(
        {{"imta.cnf", imta},
         {"option.dat", "QUEUE_YOUNG_LIMIT=2048\nQUEUE_SYNC_INTERVAL=60s\n"},
         {"imta_tailor", "IMTA_ROOT=/site/\nIMTA_QUEUE=/queue/\nIMTA_LOG=" + directory +
                             "/\nIMTA_RUN=" + directory + "/\n"}}
    );
}

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

Machine::Machine(
    config::ConfigurationPtr site, test::DiskModel& disk, History& history, double faults
)
    : site_(std::move(site)), disk_(disk), history_(history) {
    history_.age += 60'000'000;
    clock_.advance(std::chrono::microseconds(history_.age));
    // A store takes the first node that is free from a random one on: leave it only one, so that
    // a seed leads to the same names.
    other_nodes_ = std::move(*disk_.open(root + "/.nodes", queue::Storage::Open::create_or_open));
    (void)other_nodes_->try_lock(1, queue::node_count - 1);
    runtime_ = enqueue::Runtime::on(
        site_,
        std::move(*queue::Store::open(root, enqueue::store_options_of(*site_), disk_, clock_)),
        std::chrono::milliseconds(0)
    );
    for (unsigned i = 0; i < 2; ++i)
        committers_.push_back(std::make_unique<queue::SegmentWriter>(store()));
    (void)queue::sweep_temporary_files(store(), queue::default_tmp_max_age);
    // Now, since the search for it takes a random number of calls.
    (void)store().next_unique();
    (void)look();
    if (faults <= 0) return;
    disk_.set_fault([this, faults](std::string_view, const std::string&, std::uint64_t) {
        if (!history_.dice.chance(faults)) return 0;
        history_.ledger.trouble();
        constexpr std::array<int, 4> errors = {EIO, ENOSPC, EMFILE, EDQUOT};
        return errors[history_.dice.below(errors.size())];
    });
}

void Machine::fail_call(std::uint64_t number, int error) {
    const std::uint64_t first = disk_.calls();
    disk_.set_fault([=, this](std::string_view, const std::string&, std::uint64_t call) {
        if (call != first + number) return 0;
        history_.ledger.trouble();
        has_failed_ = true;
        return error;
    });
}

Machine::~Machine() {
    disk_.set_fault({});
    // What a process remembers goes with it. A later one has the same names for other messages.
    dequeue::FinishedMemory::instance().forget_all();
}

void Machine::complain(const std::string& text) {
    if (complaint_.empty()) complaint_ = text;
}

void Machine::run(unsigned messages, unsigned steps) {
    const unsigned last = history_.next_message + messages;
    for (unsigned i = 0; i < steps && !disk_.power_is_off(); ++i) {
        if (history_.next_message < last && history_.dice.chance(0.4)) (void)receive(false);
        step();
    }
}

void Machine::step() {
    history_.age += 3000;
    clock_.advance(std::chrono::microseconds(3000));
    const std::uint64_t what = history_.dice.below(100);
    if (what < 20) return commit_some(0.5);
    if (what < 28) return operate();
    if (what < 33) return flush();
    if (what < 35) {
        (void)queue::sweep_temporary_files(store(), queue::default_tmp_max_age);
        return;
    }
    work();
}

/// As the job controller looks through the queue.
bool Machine::look() {
    std::vector<MessageLocation> found;
    queue::ScanVisitor visitor;
    visitor.message = [&](const queue::ScannedMessage& one) { found.push_back(one.location()); };
    if (auto scanned = queue::scan_queue(store(), visitor); !scanned) {
        trouble_ = scanned.error().detail();
        return false;
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        return a.relative_path() < b.relative_path();
    });
    known_ = std::move(found);
    for (const MessageLocation& location : known_) {
        if (location.name.state() == queue::MessageState::bad)
            complain("set aside as damaged: " + location.relative_path());
    }
    return true;
}

std::unique_ptr<queue::MessageWriter> Machine::write_copy(
    const std::string& channel, const Ledger::Persons& persons, const std::string& content
) {
    const queue::Envelope envelope = envelope_of(persons, clock_.wall_now());
    auto writer = queue::MessageWriter::create(store(), {channel, subdirs, 0, {}}, envelope);
    if (!writer || !writer->append(content)) return nullptr;
    return std::make_unique<queue::MessageWriter>(*std::move(writer));
}

/// One message, on one or two channels, up to the point where the 250 is asked for.
bool Machine::receive(bool small) {
    Incoming message;
    const unsigned number = history_.next_message++;
    const std::string content = "Subject: x\r\n\r\n" + body_of(number);
    const std::size_t copies = small ? 1 : 1 + history_.dice.below(2);
    const std::size_t first = small ? 0 : history_.dice.below(channels.size());
    unsigned next = 0;
    for (std::size_t i = 0; i < copies; ++i) {
        Ledger::Persons persons;
        const std::size_t count = small ? 3 : 1 + history_.dice.below(3);
        for (std::size_t person = 0; person < count; ++person) persons.push_back({number, next++});
        auto writer = write_copy(channels[(first + i) % channels.size()], persons, content);
        if (!writer) return false;
        auto finished = writer->finish();
        if (!finished) return false;
        message.copies.push_back(*std::move(finished));
        message.persons.insert(message.persons.end(), persons.begin(), persons.end());
    }
    incoming_.push_back(std::move(message));
    return true;
}

void Machine::commit_some(double share) {
    std::vector<queue::CommitItem> items;
    std::vector<Incoming> waiting;
    std::vector<Ledger::Persons> owners;
    for (Incoming& message : incoming_) {
        if (!history_.dice.chance(share)) {
            waiting.push_back(std::move(message));
            continue;
        }
        for (const auto& copy : message.copies) known_.push_back(copy.location());
        items.push_back({std::move(message.copies), {}});
        owners.push_back(std::move(message.persons));
    }
    incoming_ = std::move(waiting);
    if (items.empty()) return;
    const auto committer = history_.dice.below(committers_.size());
    queue::commit_batch(store(), no_threads_, items, committers_[committer].get());
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].failure) {
            history_.ledger.refused(owners[i]);
        } else {
            history_.ledger.acknowledged(owners[i]);
        }
    }
}

void Machine::work() {
    if (known_.empty() || history_.dice.chance(0.1)) (void)look();
    if (known_.empty()) return;
    const std::size_t chosen = history_.dice.below(known_.size());
    const MessageLocation location = known_[chosen];
    if (location.name.state() == queue::MessageState::eligible) handle(location);
}

Ledger::Persons Machine::persons_of(queue::MessageFile& file) {
    std::string text;
    for (const auto& recipient : file.envelope().recipients) text += recipient.address + '\n';
    // A notification concerns those it tells about.
    if (file.envelope().sender.empty()) text += test::read_all(file).value_or(std::string());
    return Person::in(text);
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
        persons = persons_of(*file);
    }
    Ledger::note(persons, "attempt at " + location.relative_path());
    const std::size_t attempt = history_.ledger.begin(std::move(persons));
    const bool enqueues = location.channel == "process" || location.channel == "reprocess";
    std::unique_ptr<dequeue::Deliverer> deliverer;
    if (enqueues) {
        deliverer = dequeue::make_reprocessor(*runtime_, *channel);
    } else {
        deliverer = std::make_unique<Peer>(*this);
    }
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
    if (!content->ends_with("\r\n\r\n" + body_of(persons.front().message)))
        complain("other content than was sent to " + persons.front().address());
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
    if (what < 60) {
        for (const Person& person : Person::in(recipient.address))
            history_.ledger.delivered(person);
        return Disposition::delivered();
    }
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

void Machine::flush() {
    if (!store().directory_syncs().flush()) {
        history_.ledger.trouble();
    } else if (depth_ == 0) {
        history_.ledger.flushed();
    }
}

void Machine::run_one() {
    nests_ = false;
    mood_ = Mood::by_turn;
    if (receive(true)) commit_some(1);
    for (unsigned round = 0; round < 2 && !disk_.power_is_off(); ++round) {
        const auto before = known_;
        for (const MessageLocation& location : before) handle(location);
        (void)look();
    }
    for (unsigned i = 0; i < 2 && !disk_.power_is_off(); ++i) operate();
    mood_ = Mood::accepting;
    for (unsigned round = 0; round < 3 && !disk_.power_is_off(); ++round) {
        (void)look();
        const auto before = known_;
        for (const MessageLocation& location : before) handle(location);
    }
    if (!disk_.power_is_off()) flush();
}

bool Machine::drain() {
    nests_ = false;
    mood_ = Mood::accepting;
    std::string left = "the queue cannot be looked through: ";
    for (unsigned round = 0; round < most_rounds; ++round) {
        if (!look()) continue;
        if (known_.empty()) return true;
        const auto all = known_;
        left = "will not leave: " + all.front().relative_path();
        for (const MessageLocation& location : all) {
            if (location.name.state() != queue::MessageState::held) {
                handle(location);
                continue;
            }
            auto file = queue::MessageFile::open(store(), location, queue::Access::own);
            const auto released = file ? file->release({"qm", 1, 1}, "drained") : file.error();
            if (!released) trouble_ = released.error().detail();
        }
    }
    complain(left + ' ' + trouble_);
    return false;
}

}  // namespace sluice::powercut
