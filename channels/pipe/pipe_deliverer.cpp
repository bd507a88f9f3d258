#include "pipe_deliverer.h"

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/file.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "channel/keyword.h"
#include "containment/contained_command.h"
#include "converter/command_files.h"
#include "converter/work_directory.h"
#include "dequeue/delivery_header.h"
#include "program_address.h"
#include "program_end.h"
#include "program_job.h"
#include "stdin_file.h"

namespace sluice::pipe {

using config::DeliveryProgram;
using config::TailorEntry;
using dequeue::Disposition;

namespace {

constexpr std::string_view host_program = "command_host";
constexpr const char* message_name = "message";

std::string home_of(const std::string& account) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    if (::getpwnam_r(account.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
        found == nullptr || entry.pw_dir == nullptr)
        return {};
    return entry.pw_dir;
}

class PipeDeliverer final : public dequeue::Deliverer {
public:
    PipeDeliverer(enqueue::Runtime& runtime, const channel::Channel& channel)
        : runtime_(runtime), channel_(channel) {}

    std::vector<Disposition>
    deliver(queue::MessageFile& file, const std::vector<std::size_t>& recipients, const std::string&)
        override {
        std::vector<Disposition> dispositions;
        for (const std::size_t i : recipients) {
            auto delivered = deliver_to(file, file.envelope().recipients[i]);
            dispositions.push_back(
                delivered ? std::move(*delivered) : Disposition::from(delivered.error())
            );
        }
        return dispositions;
    }

private:
    Result<Disposition> deliver_to(queue::MessageFile& file, const queue::Recipient& recipient) {
        const config::Configuration& configuration = runtime_.configuration();
        const auto target = find_program(
            recipient.address, channel_.official_host(), configuration.local_host(),
            configuration.options.text(config::OptionId::subaddress_char).front(),
            configuration.programs
        );
        if (target.program == nullptr) {
            return Error::permanent(
                {5, 1, 1}, "no such program", "no program " + target.method + " is listed"
            );
        }
        auto directory = converter::WorkDirectory::make(
            configuration.tailor.path(TailorEntry::tmp) + "pipe/" + channel_.name() + '-' +
            file.location().name.unique
        );
        if (!directory) return std::move(directory).error();
        const auto size = write_message(file, recipient, *directory);
        if (!size) return size.error();
        auto job = job_for(file.envelope(), recipient, target, *size, *directory);
        if (!job) return std::move(job).error();
        return run(*job, *target.program, *directory);
    }

    /// Octets written.
    Result<std::uint64_t> write_message(
        queue::MessageFile& file,
        const queue::Recipient& recipient,
        const converter::WorkDirectory& directory
    ) const {
        auto created = directory.create(message_name);
        if (!created) return std::move(created).error();
        StdinFile out(std::move(*created));
        const std::string lines = dequeue::delivery_header(channel_, file.envelope(), recipient);
        if (auto written = out.append(lines); !written) return std::move(written).error();
        queue::WireReader reader(file);
        while (true) {
            const auto octets = reader.next();
            if (!octets) return octets.error();
            if (octets->empty()) return out.finish();
            if (auto written = out.append(*octets); !written) return std::move(written).error();
        }
    }

    Result<containment::Job> job_for(
        const queue::Envelope& envelope,
        const queue::Recipient& recipient,
        const ProgramAddress& target,
        std::uint64_t size,
        const converter::WorkDirectory& directory
    ) const {
        const config::Configuration& configuration = runtime_.configuration();
        const DeliveryProgram& program = *target.program;
        MessageFacts facts;
        facts.sender = envelope.sender;
        facts.recipient = recipient.address;
        facts.original_recipient = recipient.orcpt.value_or("");
        facts.message_id = envelope.message_id.value_or("");
        facts.envelope_id = envelope.envelope_id;
        facts.channel = channel_.name();
        facts.size = size;
        auto arguments = expand_arguments(program, target.parts, facts);
        if (!arguments) return std::move(arguments).error();
        containment::Job job;
        converter::apply(configuration.conversion_options_of(channel_.name()), job);
        const std::string path = configuration.tailor.path(TailorEntry::program) + program.program;
        job.arguments.push_back(path);
        job.arguments.insert(job.arguments.end(), arguments->begin(), arguments->end());
        job.readable.push_back(path);
        job.directory = directory.path();
        job.account = account_of(
            program, target.parts, channel_.argument(channel::Keyword::user).value_or("")
        );
        if (program.as_recipient && job.account.empty()) {
            return Error::permanent(
                {5, 1, 1}, "no such user", "method " + program.method + " needs a user"
            );
        }
        if (!job.account.empty()) {
            // The account owns no directory of ours: it works at home.
            job.directory = home_of(job.account);
            job.own_directory = false;
            if (job.directory.empty()) return unknown_account(program, job.account);
        }
        job.environment = environment_of(program, target.parts, facts, job.directory);
        if (job.own_directory) {
            job.environment.emplace_back("TMPDIR", job.directory);
            job.environment.emplace_back("MESSAGE_FILE", directory.path_of(message_name));
        }
        return job;
    }

    /// The user that a sender named is unknown; an account of the site's file is its mistake.
    static Error unknown_account(const DeliveryProgram& program, const std::string& account) {
        const std::string text = "there is no account " + account;
        if (program.as_recipient) return Error::permanent({5, 1, 1}, "no such user", text);
        return Error::temporary({4, 3, 5}, "program cannot be run", text);
    }

    Result<Disposition> run(
        const containment::Job& job,
        const DeliveryProgram& program,
        const converter::WorkDirectory& directory
    ) const {
        const config::Configuration& configuration = runtime_.configuration();
        const UniqueFd input(
            ::openat(directory.descriptor(), message_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        );
        if (!input) return Error::from_errno(errno, "open " + directory.path_of(message_name));
        kill_point("pipe.before_program");
        const auto report = containment::run_contained(
            configuration.tailor.path(TailorEntry::bin) + std::string(host_program), job,
            input.get()
        );
        if (!report) return report.error();
        kill_point("pipe.after_program");
        for (const std::string& text : report->applied) diag::debug(program.method + ": " + text);
        show_output(program, report->output);
        return disposition_of(
            *report, program.method,
            configuration.conversion_options_of(channel_.name()).limit_action
        );
    }

    /// Into the log of the channel, line by line.
    static void show_output(const DeliveryProgram& program, std::string_view output) {
        constexpr std::size_t most_lines = 50;
        constexpr std::size_t longest_line = 500;
        std::size_t shown = 0;
        for (const std::string_view line : split(output, '\n')) {
            if (trim(line).empty()) continue;
            if (++shown > most_lines) return diag::info(program.method + ": ...");
            diag::info(program.method + ": " + quoted_output(line, longest_line));
        }
    }

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
};

}  // namespace

std::unique_ptr<dequeue::Deliverer> make_pipe_deliverer(
    enqueue::Runtime& runtime, const channel::Channel& channel
) {
    return std::make_unique<PipeDeliverer>(runtime, channel);
}

}  // namespace sluice::pipe
