// Writes, delivers, holds and re-queues messages until it is killed; tells on standard output what
// it has promised: "ack NUMBER" after a commit, "done NUMBER RECIPIENT" before the delivery is
// recorded. kill_test starts it with SLUICE_KILL_POINT set and judges what it left.
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>

#include "support/queue_support.h"

namespace {

using namespace sluice;
using namespace sluice::queue;

constexpr unsigned message_count = 12;
const Actor actor{"l", 1, 1};

void say(const std::string& text) {
    const std::string line = text + '\n';
    if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        std::abort();
    }
}

void write_message(
    Store& store,
    CommitGroup& group,
    unsigned number,
    std::initializer_list<const char*> channels = {"l", "tcp_local"}
) {
    // Every third is larger than the writer's buffer.
    const std::string content =
        std::to_string(number) + "\r\n" + std::string(number % 3 == 0 ? 200'000 : 2'000, 'x');
    std::vector<FinishedFile> copies;
    for (const char* channel : channels) {
        auto writer = MessageWriter::create(
            store, {channel, 3, 0, {}}, test::sample_envelope({"a@x", "b@x", "c@x"})
        );
        if (!writer || !writer->append(content)) std::abort();
        auto finished = writer->finish();
        if (!finished) std::abort();
        copies.push_back(*std::move(finished));
    }
    std::mutex mutex;
    std::condition_variable answered;
    bool over = false;
    group.submit(std::move(copies), [&](const Result<void>& outcome) {
        if (outcome) say("ack " + std::to_string(number));
        const std::lock_guard lock(mutex);
        over = true;
        answered.notify_one();
    });
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return over; });
}

std::string number_of(MessageFile& file) {
    const std::string content = test::read_all(file).value();
    return content.substr(0, content.find('\r'));
}

void finish_recipient(MessageFile& file, std::size_t index) {
    const std::string& address = file.envelope().recipients[index].address;
    say("done " + number_of(file) + ' ' + address);
    (void)file.record_done(actor, address, "delivered");
}

/// One of the ways an attempt can end.
void attempt(MessageFile& file, unsigned turn) {
    switch (turn % 4) {
        case 0:
            // The first without a record of each, as with one recipient.
            for (std::size_t i = 0; turn == 0 && i < file.envelope().recipients.size(); ++i) {
                say("done " + number_of(file) + ' ' + file.envelope().recipients[i].address);
            }
            for (std::size_t i = 0; turn > 0 && i < file.envelope().recipients.size(); ++i) {
                finish_recipient(file, i);
            }
            if (!file.remove()) std::abort();
            return;
        case 1: {
            finish_recipient(file, 1);
            if (!file.replace_with_remaining(file.unfinished().value(), 3)) std::abort();
            return;
        }
        case 2:
            file.append_history({});
            if (!file.rename_attempt()) std::abort();
            return;
        default:
            if (!file.hold(actor, "operator") || !file.release(actor, "operator")) std::abort();
    }
}

/// Messages that come and go at once: what held them goes too.
void pass_through(Store& store, unsigned first) {
    for (unsigned number = first; number < first + 2; ++number) {
        {
            CommitGroup group(store);
            write_message(store, group, number, {"l"});
        }
        for (const MessageLocation& location : test::queued(store)) {
            auto file = MessageFile::open(store, location, Access::own);
            if (!file) std::abort();
            if (number_of(*file) == std::to_string(number)) attempt(*file, 0);
        }
        if (!store.directory_syncs().flush()) std::abort();
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    StoreOptions options;
    if (std::string_view(argv[2]) == "segments") options.young_limit = test::young_limit;
    auto store = Store::open(argv[1], options);
    if (!store) return 3;
    {
        CommitGroup group(**store);
        for (unsigned number = 1; number <= message_count; ++number) {
            write_message(**store, group, number);
        }
    }
    unsigned turn = 0;
    for (const MessageLocation& location : test::queued(**store)) {
        if (location.channel != "l") continue;
        auto file = MessageFile::open(**store, location, Access::own);
        if (!file) return 4;
        attempt(*file, turn++);
    }
    pass_through(**store, message_count + 1);
    say("end");
    return 0;
}
