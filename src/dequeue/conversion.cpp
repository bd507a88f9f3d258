#include "dequeue/conversion.h"

#include <algorithm>
#include <map>

#include "base/byte_source.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "converter/converter.h"
#include "converter/work_directory.h"
#include "dequeue/passing_on.h"
#include "enqueue/copy_envelope.h"
#include "policy/conversion_choice.h"

namespace sluice::dequeue {

namespace {

using conversion::Directive;

/// Recipients that go to one channel afterwards: one message of its own.
struct Group {
    std::vector<enqueue::SubmittedRecipient> recipients;
    std::vector<std::size_t> places;  ///< in the list of dispositions
};
using Groups = std::map<std::string, Group>;

constexpr std::string_view host_program = "command_host";

class Converter final : public Deliverer {
public:
    Converter(enqueue::Runtime& runtime, const channel::Channel& channel)
        : runtime_(runtime), channel_(channel) {}

    std::vector<Disposition>
    deliver(queue::MessageFile& file, const std::vector<std::size_t>& recipients, const std::string&)
        override {
        dispositions_.clear();
        groups_.clear();
        effects_ = {};
        for (const std::size_t i : recipients) resolve(file, file.envelope().recipients[i]);
        if (!groups_.empty()) {
            if (auto done = convert_all(file); !done) stop_all(Disposition::from(done.error()));
        }
        return std::move(dispositions_);
    }

private:
    /// What happens to everybody who was to get the message, because of one of them.
    void stop_all(const Disposition& disposition) {
        for (const auto& [channel, group] : groups_) {
            for (const std::size_t place : group.places) dispositions_[place] = disposition;
        }
    }

    [[nodiscard]] bool leads_back(const policy::Destination& destination) const {
        return equals_ignoring_case(destination.channel, channel_.name()) &&
               destination.hold_reason.empty() && !destination.settled;
    }

    [[nodiscard]] PassingChannel passing() const { return {runtime_, channel_, channel_}; }

    policy::RecipientDecision decide(
        const queue::MessageFile& file, const queue::Recipient& recipient, std::string address
    ) {
        policy::RecipientProbe probe = probe_for(passing(), file, recipient);
        probe.address = std::move(address);
        // Who writes to the channel itself gets no further than with the address behind it.
        if (!recipient.onward) probe.access_source = file.envelope().source_channel;
        return dequeue::decide(passing(), probe);
    }

    void resolve(const queue::MessageFile& file, const queue::Recipient& recipient) {
        const std::size_t place = dispositions_.size();
        auto decision = decide(file, recipient, recipient.address);
        const auto back = [this](const policy::Destination& one) { return leads_back(one); };
        if (!decision.refusal &&
            std::any_of(decision.destinations.begin(), decision.destinations.end(), back))
            decision = decide(
                file, recipient,
                beyond_conversion(recipient.address, runtime_.configuration().local_host())
            );
        dequeue::tell(decision);
        dispositions_.push_back(disposition_of(file.envelope(), recipient, decision));
        if (dispositions_.back().kind != Disposition::Kind::delivered) return;
        effects_.add(decision.effects);
        for (const policy::Destination& destination : decision.destinations)
            take_on(recipient, destination, place);
    }

    Disposition disposition_of(
        const queue::Envelope& envelope,
        const queue::Recipient& recipient,
        const policy::RecipientDecision& decision
    ) {
        if (const auto disposition = refused(passing(), envelope, recipient, decision))
            return *disposition;
        // RFC 3463 section 3.5: routing loop detected.
        for (const policy::Destination& destination : decision.destinations) {
            if (leads_back(destination))
                return Disposition::failed(
                    {5, 4, 6}, "address leads back to channel " + channel_.name()
                );
        }
        Disposition disposition = passed_on();
        if (!decision.destinations.empty())
            disposition.delivered_to = decision.destinations.front().address;
        return disposition;
    }

    void take_on(
        const queue::Recipient& recipient, const policy::Destination& destination, std::size_t place
    ) {
        enqueue::SubmittedRecipient submitted = submitted_recipient(recipient, destination);
        if (recipient.onward && recipient.intermediate)
            submitted.destination.intermediate = *recipient.intermediate;
        const bool diverted = destination.onward.has_value();
        Group& group = groups_[diverted ? destination.onward->channel : destination.channel];
        group.recipients.push_back(std::move(submitted));
        if (group.places.empty() || group.places.back() != place) group.places.push_back(place);
    }

    /// All copies are made and none, or all of them, are enqueued: who is served twice by the next
    /// attempt would be served twice.
    Result<void> convert_all(queue::MessageFile& file) {
        auto directory = converter::WorkDirectory::make(
            runtime_.configuration().tailor.path(config::TailorEntry::tmp) + "conversion/" +
            channel_.name() + '-' + file.location().name.unique
        );
        if (!directory) return std::move(directory).error();
        auto message = source_of(file, *directory);
        if (!message) return std::move(message).error();
        std::vector<enqueue::PreparedMessage> prepared;
        for (auto& [channel, group] : groups_) {
            auto goes_on = convert(file, *message, *directory, channel, group, prepared);
            if (!goes_on) return std::move(goes_on).error();
            if (!*goes_on) return {};
        }
        if (prepared.empty()) return {};
        kill_point("conversion.prepared");
        auto enqueued =
            enqueue::PreparedMessage::commit_together(std::move(prepared), runtime_.site());
        kill_point("conversion.enqueued");
        return enqueued;
    }

    /// Its octets as on the wire.
    static Result<std::shared_ptr<ByteSource>> source_of(
        queue::MessageFile& file, const converter::WorkDirectory& directory
    ) {
        if (file.envelope().encoding != queue::ContentEncoding::lf)
            return std::shared_ptr<ByteSource>(std::make_shared<FileSource>(
                file.descriptor(), file.descriptor_offset(), file.content_size()
            ));
        const auto copy = directory.create("message");
        if (!copy) return copy.error();
        queue::WireReader reader(file);
        while (true) {
            const auto octets = reader.next();
            if (!octets) return octets.error();
            if (octets->empty()) break;
            if (auto written = write_all(copy->get(), *octets); !written)
                return std::move(written).error();
        }
        return directory.source("message");
    }

    // False: everybody waits because of this group.
    Result<bool> convert(
        queue::MessageFile& file,
        const std::shared_ptr<ByteSource>& message,
        const converter::WorkDirectory& directory,
        const std::string& channel,
        Group& group,
        std::vector<enqueue::PreparedMessage>& prepared
    ) {
        const config::Configuration& configuration = runtime_.configuration();
        const queue::Envelope& envelope = file.envelope();
        lookup::BlockingAnswers answers(runtime_.sources());
        converter::Task task{
            configuration.conversions,
            configuration.conversion_options_of(channel_.name()),
            {envelope.source_channel, channel, envelope.conversion_tags, envelope.sender,
             envelope.message_id.value_or("")},
            {},
            message,
            directory.path_of("to-" + channel),
            configuration.tailor.path(config::TailorEntry::bin) + std::string(host_program),
            converter::ask_tables_of(configuration, answers)};
        for (const auto& recipient : group.recipients) {
            const auto& onward = recipient.destination.onward;
            task.recipients.push_back(onward ? onward->address : recipient.destination.address);
        }
        auto converted = converter::Conversion::run(std::move(task));
        if (!converted) return std::move(converted).error();
        tell(file, *converted);
        switch (converted->directive()) {
            case Directive::again:
                stop_all(Disposition::deferred({4, 3, 0}, converted->text()));
                return false;
            case Directive::force_hold:
                stop_all(Disposition::held(converted->text()));
                return false;
            case Directive::force_return:
                settle(group, Disposition::failed({5, 7, 1}, returned_text(converted->text())));
                return true;
            case Directive::force_discard: {
                Disposition discarded = Disposition::delivered("discarded by a conversion command");
                discarded.peer_reports = true;
                settle(group, discarded);
                return true;
            }
            default:
                break;
        }
        auto message_made = prepare(file, *converted, std::move(group.recipients));
        if (!message_made) return std::move(message_made).error();
        prepared.push_back(std::move(*message_made));
        return true;
    }

    static std::string returned_text(const std::string& text) {
        return text.empty() ? "message refused by a conversion command" : text;
    }

    void settle(const Group& group, const Disposition& disposition) {
        for (const std::size_t place : group.places) dispositions_[place] = disposition;
    }

    /// The component log; what a command printed, and how it was confined, is for debugging.
    static void tell(const queue::MessageFile& file, const converter::Conversion& converted) {
        const std::string name = file.location().relative_path() + ": ";
        for (const std::string& warning : converted.warnings()) diag::warning(name + warning);
        for (const converter::PartRecord& record : converted.records()) {
            diag::debug(name + "part " + record.facts.number + ": " + record.what);
            if (!record.report) continue;
            std::string applied;
            for (const std::string& text : record.report->applied) applied += ' ' + text + ';';
            diag::debug(
                name + "command: " + printable(record.shell_text) + ", confined by" + applied
            );
            if (!record.report->output.empty())
                diag::debug(name + "output: " + printable(record.report->output));
            using Kind = containment::Report::Kind;
            if (record.report->kind == Kind::limited || record.report->kind == Kind::failed)
                diag::warning(
                    name + "part " + record.facts.number +
                    ": command stopped or not run: " + record.report->text
                );
        }
    }

    Result<enqueue::PreparedMessage> prepare(
        const queue::MessageFile& file,
        const converter::Conversion& converted,
        std::vector<enqueue::SubmittedRecipient> recipients
    ) {
        enqueue::Submission submission = submission_for(passing(), file.envelope());
        if (converted.needs_eight_bit()) enqueue::declare_eight_bit(submission.features);
        submission.recipients = std::move(recipients);
        apply(effects_, submission);
        return dequeue::prepare(
            passing(), std::move(submission), header_work_for(passing(), file.envelope()),
            [&](const auto& append) { return converted.write(append); }
        );
    }

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
    // Of the message in hand.
    std::vector<Disposition> dispositions_;
    Groups groups_;
    access::MessageEffects effects_;
};

}  // namespace

std::string beyond_conversion(std::string_view address, std::string_view local_host) {
    const std::string_view local = address.substr(0, std::min(address.rfind('@'), address.size()));
    const std::size_t percent = local.rfind('%');
    if (percent == std::string_view::npos || local.starts_with('"'))
        return std::string(local) + '@' + std::string(local_host);
    return std::string(local.substr(0, percent)) + '@' + std::string(local.substr(percent + 1));
}

std::unique_ptr<Deliverer> make_converter(
    enqueue::Runtime& runtime, const channel::Channel& channel
) {
    return std::make_unique<Converter>(runtime, channel);
}

}  // namespace sluice::dequeue
