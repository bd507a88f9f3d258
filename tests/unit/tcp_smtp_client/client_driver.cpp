// Runs the deliverer of a tcp_* channel on messages that it is told about, without a job
// controller: what dialogue_test.py steers. Environment: IMTA_TAILOR; argument: the channel.
// Input lines, fields between tabs:
//     send  sender  host  recipient,recipient  content-file  [feature,feature]  [notify-flags]
//     retry            the file that the last attempt left behind
//     rest             no more work at the moment
// Answer to each: "outcome host-report new-file".
#include <iostream>

#include "base/bytes.h"
#include "base/file.h"
#include "dequeue/message_worker.h"
#include "queue/commit_group.h"
#include "smtp_deliverer.h"

namespace {

using namespace sluice;

[[noreturn]] void give_up(const Error& error) {
    std::cerr << error.to_debug_string() << '\n';
    std::exit(1);
}

class Driver {
public:
    Driver(enqueue::Runtime& runtime, const channel::Channel& channel)
        : runtime_(runtime),
          channel_(channel),
          context_(runtime, channel),
          deliverer_(context_),
          worker_(runtime, channel, deliverer_, 1) {
        context_.connect_time = std::chrono::seconds(2);
    }

    void run() {
        for (std::string line; std::getline(std::cin, line);) {
            const auto fields = split(line, '\t');
            if (fields[0] == "send" && fields.size() >= 5) {
                item_.host = fields[2];
                item_.file = enqueue(fields);
                attempt();
            } else if (fields[0] == "retry") {
                attempt();
            } else {
                deliverer_.rest();
                std::cout << "rested" << std::endl;
            }
        }
    }

private:
    std::string enqueue(const std::vector<std::string_view>& fields) {
        queue::Envelope envelope;
        envelope.enqueued = runtime_.store().clock().wall_now();
        envelope.owner = "adam";
        envelope.source_channel = "l";
        envelope.source_host = runtime_.configuration().local_host();
        envelope.sender = fields[1];
        envelope.envelope_id = "test+id";
        envelope.message_id = "<driver@example.com>";
        for (const std::string_view address : split(fields[3], ',')) {
            queue::Recipient recipient;
            recipient.address = address;
            recipient.orcpt_type = "rfc822";
            recipient.orcpt = address;
            if (!fields[2].empty()) recipient.host = fields[2];
            if (fields.size() > 6)
                recipient.notify = static_cast<unsigned>(parse_unsigned(fields[6]).value_or(20));
            envelope.recipients.push_back(std::move(recipient));
        }
        if (fields.size() > 5 && !fields[5].empty()) {
            for (const std::string_view feature : split(fields[5], ','))
                envelope.features.emplace_back(feature);
        }
        const auto content = read_file(std::string(fields[4]));
        if (!content) give_up(content.error());
        queue::CopyOptions options;
        options.channel = channel_.name();
        auto writer = queue::MessageWriter::create(runtime_.store(), options, envelope);
        if (!writer) give_up(writer.error());
        if (auto written = writer->append(*content); !written) give_up(written.error());
        auto finished = writer->finish();
        if (!finished) give_up(finished.error());
        const queue::MessageLocation location = finished->location();
        std::vector<queue::FinishedFile> copies;
        copies.push_back(std::move(*finished));
        if (auto committed = queue::commit_now(runtime_.store(), std::move(copies)); !committed)
            give_up(committed.error());
        return location.relative_path().substr(channel_.name().size() + 1);
    }

    void attempt() {
        constexpr std::string_view outcomes[] = {"ok",   "temp",   "renamed", "held",
                                                 "gone", "locked", "untried", "postponed"};
        constexpr std::string_view reports[] = {"none", "reached", "failed"};
        const jobs::DoneItem done = worker_.handle(item_);
        std::cout << outcomes[static_cast<std::size_t>(done.outcome)] << ' '
                  << reports[static_cast<std::size_t>(done.host_report)] << ' ' << done.new_file
                  << std::endl;
        item_.file = done.new_file;
    }

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
    tcp_client::ClientContext context_;
    tcp_client::SmtpDeliverer deliverer_;
    dequeue::MessageWorker worker_;
    jobs::WorkItem item_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const auto tailor = config::tailor_path_from_environment();
    if (!tailor) give_up(tailor.error());
    const auto configuration = config::load_published(*tailor);
    if (!configuration) give_up(configuration.error());
    const channel::Channel* channel = (*configuration)->imta.channels.find(argv[1]);
    if (channel == nullptr) return 2;
    auto runtime = enqueue::Runtime::open(*configuration, std::chrono::milliseconds(0));
    if (!runtime) give_up(runtime.error());
    Driver(**runtime, *channel).run();
    return 0;
}
