// CHARSET-CONVERSION: a copy is complete when it is reformatted, before content filters of its
// destination see it; what changes makes another file of it.
#include <algorithm>
#include <utility>

#include "base/byte_source.h"
#include "base/bytes.h"
#include "base/log.h"
#include "enqueue/message_builder_state.h"

namespace sluice::enqueue {

namespace {

using Kind = converter::ReformatChoice::Kind;

/// The content of a file that is not in the queue yet.
class FinishedContent final : public ByteSource {
public:
    explicit FinishedContent(queue::FinishedFile& file) : file_(file) {}
    [[nodiscard]] std::uint64_t size() const override { return file_.content_size(); }
    Result<std::size_t> read(std::uint64_t offset, char* to, std::size_t size) override {
        return file_.read_content(offset, to, size);
    }

private:
    queue::FinishedFile& file_;
};

}  // namespace

converter::ReformatWay MessageBuilder::State::way_of(const Copy& copy) const {
    const auto& onward = copy.shape->onward;
    converter::ReformatWay way{
        submission.source_channel, onward ? onward->channel : copy.channel->name(),
        submission.conversion_tags, onward.has_value()};
    for (const std::string& tag : copy.shape->conversion_tags) way.tags.push_back(tag);
    return way;
}

// Reformatting reads the message again and runs commands perhaps: whether it does is known before.
void MessageBuilder::State::choose_reformats() {
    if (!limits.reformatter) return;
    for (const Copy& copy : copies) {
        const bool is_message =
            !copy.shape->settled && copy.channel->name() != policy::bitbucket_channel;
        reformats.push_back(
            is_message ? limits.reformatter->choose(way_of(copy), false)
                       : converter::ReformatChoice()
        );
    }
}

bool MessageBuilder::State::reformats_any() const {
    return std::any_of(reformats.begin(), reformats.end(), [](const auto& choice) {
        return choice.kind != Kind::none;
    });
}

Result<void> MessageBuilder::State::reformat_copies(std::vector<queue::FinishedFile>& files) {
    for (std::size_t i = 0; i < reformats.size(); ++i) {
        converter::ReformatChoice& choice = reformats[i];
        if (choice.kind == Kind::pending)
            choice = limits.reformatter->choose(way_of(copies[i]), true);
        if (choice.kind == Kind::none) continue;
        if (choice.kind != Kind::reformat) {
            return Error::temporary(
                {4, 3, 0}, "temporary failure", "CHARSET-CONVERSION: " + choice.text
            );
        }
        if (auto done = reformat(choice.keywords, copies[i], files[i]); !done) return done;
    }
    return {};
}

Result<void> MessageBuilder::State::reformat(
    const conversion::ReformatKeywords& keywords, Copy& copy, queue::FinishedFile& file
) {
    converter::OutgoingCopy outgoing;
    outgoing.way = way_of(copy);
    outgoing.envelope_from = copy.sender;
    outgoing.message_id = header.facts().message_id;
    for (const std::size_t i : copy.recipients) {
        const policy::Destination& destination = submission.recipients[i].destination;
        outgoing.recipients.push_back(
            destination.onward ? destination.onward->address : destination.address
        );
    }
    outgoing.unique = file.location().name.unique;
    outgoing.content = std::make_shared<FinishedContent>(file);
    const auto reformatted = limits.reformatter->run(keywords, outgoing);
    if (!reformatted) return reformatted.error();
    tell(outgoing.unique, *reformatted);
    if (reformatted->is_unchanged()) return {};
    copy.needs_eight_bit = reformatted->needs_eight_bit();
    auto writer = writer_for(copy);
    if (!writer) return std::move(writer).error();
    auto written =
        reformatted->write([&](std::string_view octets) { return writer->append(octets); });
    if (!written) return written;
    auto finished = writer->finish();
    if (!finished) return std::move(finished).error();
    file = std::move(*finished);
    return {};
}

void MessageBuilder::State::tell(
    const std::string& unique, const converter::Reformatted& reformatted
) {
    for (const std::string& warning : reformatted.warnings())
        diag::warning(unique + ": " + warning);
    for (const auto& service : reformatted.services()) {
        if (service.shell_text.empty()) continue;
        diag::debug(unique + ": part " + service.facts.number + ": service: " + service.what);
        if (service.report && !service.report->output.empty())
            diag::debug(unique + ": output: " + printable(service.report->output));
    }
    for (const auto& record : reformatted.records())
        diag::debug(unique + ": part " + record.number + ": " + record.what);
}

}  // namespace sluice::enqueue
