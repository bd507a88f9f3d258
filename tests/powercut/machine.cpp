#include "machine.h"

#include <algorithm>
#include <array>

#include "dequeue/finished_memory.h"
#include "mail.h"
#include "queue/commit.h"
#include "queue/failure.h"
#include "queue/unique_ids.h"
#include "support/site.h"

namespace sluice::powercut {

using queue::MessageLocation;

namespace {

const std::string root = "/queue";
constexpr unsigned subdirs = 2;
constexpr unsigned most_rounds = 40;  ///< of delivering what is left
/// After so many rounds pieces whose others will not come have waited long enough, though not so
/// long that they are given up.
constexpr unsigned rounds_of_patience = 5;
constexpr std::chrono::hours patience_with_pieces{36};
const std::array<std::string, 3> channels = {"l", "tcp_local", "reprocess"};

}  // namespace

config::ConfigurationPtr make_site(const std::string& directory) {
    std::string imta = read_file(SLUICE_SOURCE_DIR "/config/imta.cnf").value();
    const std::string logging = "defaults logging";
    imta.replace(imta.find(logging), logging.size(), "defaults");
    imta += "\n\ndefragment notices 2\ndefragment-daemon\n";
    // The thread that makes removals durable by the machine's clock sleeps through it all.
    return test::make_site(
        {{"imta.cnf", imta},
         {"option.dat", "QUEUE_YOUNG_LIMIT=2048\nQUEUE_SYNC_INTERVAL=60s\n"},
         {"imta_tailor", "IMTA_ROOT=/site/\nIMTA_QUEUE=/queue/\nIMTA_LOG=" + directory +
                             "/\nIMTA_RUN=" + directory + "/\n"}}
    );
}

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
        if (history_.next_message < last && history_.dice.chance(0.4))
            (void)(history_.dice.chance(0.2) ? receive_split() : receive(false));
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

/// A copy of the content up to where the 250 is asked for.
bool Machine::write_copy(
    const std::string& channel,
    const queue::Envelope& envelope,
    const std::string& content,
    Incoming& message
) {
    auto writer = queue::MessageWriter::create(store(), {channel, subdirs, 0, {}}, envelope);
    if (!writer || !writer->append(content)) return false;
    auto finished = writer->finish();
    if (!finished) return false;
    message.copies.push_back(*std::move(finished));
    return true;
}

/// One message, on one or two channels.
bool Machine::receive(bool small) {
    Incoming message;
    const unsigned number = history_.next_message++;
    const std::size_t copies = small ? 1 : 1 + history_.dice.below(2);
    const std::size_t first = small ? 0 : history_.dice.below(channels.size());
    unsigned next = 0;
    for (std::size_t i = 0; i < copies; ++i) {
        std::vector<std::string> addresses;
        const std::size_t count = small ? 3 : 1 + history_.dice.below(3);
        for (std::size_t person = 0; person < count; ++person) {
            message.persons.push_back({number, next++});
            addresses.push_back(message.persons.back().address());
        }
        const auto envelope = envelope_of(addresses, clock_.wall_now());
        const std::string& channel = channels[(first + i) % channels.size()];
        if (!write_copy(channel, envelope, content_of(number), message)) return false;
    }
    incoming_.push_back(std::move(message));
    return true;
}

/// One message in pieces, each a message that is promised by itself.
bool Machine::receive_split() {
    const unsigned number = history_.next_message++;
    const std::string address = split_recipient(number);
    queue::Envelope envelope = envelope_of({address}, clock_.wall_now());
    envelope.recipients.front().onward =
        channel::Onward{channels[history_.dice.below(2)], address, {}};
    for (unsigned piece = 1; piece <= pieces_of(number); ++piece) {
        Incoming message;
        message.persons = {{number, piece}};
        const std::string content = piece_of(number, piece, pieces_of(number));
        if (!write_copy("defragment", envelope, content, message)) return false;
        incoming_.push_back(std::move(message));
    }
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

void Machine::flush() {
    if (!store().directory_syncs().flush()) {
        history_.ledger.trouble();
    } else if (depth_ == 0) {
        history_.ledger.flushed();
    }
}

void Machine::run_one(bool split) {
    nests_ = false;
    mood_ = Mood::by_turn;
    if (split ? receive_split() : receive(true)) commit_some(1);
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
        if (round == rounds_of_patience) clock_.advance(patience_with_pieces);
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
