// imsimta qm export, import: messages on their way to another system.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/bytes.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "queue/exported_message.h"
#include "utility/json_line.h"
#include "utility/qm_commands.h"
#include "utility/qm_one_message.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";

std::string text_of(const Error& error) {
    return error.detail().empty() ? error.text() : error.detail();
}

/// A new file, durable with its name, or none.
class NewFile {
public:
    explicit NewFile(std::string path)
        : path_(std::move(path)),
          fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)),
          error_(fd_ ? 0 : errno) {}
    ~NewFile() {
        if (fd_ && !kept_) ::unlink(path_.c_str());
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    Result<void> write(std::string_view octets) {
        if (!fd_) return Error::from_errno(error_, "create " + path_);
        return write_all(fd_.get(), octets);
    }
    Result<void> keep() {
        if (::fsync(fd_.get()) != 0) return Error::from_errno(errno, "sync " + path_);
        if (auto synced = sync_directory(directory_of(path_)); !synced) return synced;
        kept_ = true;
        return {};
    }

private:
    std::string path_;
    UniqueFd fd_;
    int error_;
    bool kept_ = false;
};

class Export : public OneMessage {
public:
    using OneMessage::OneMessage;

    ExitCode run() {
        const std::string to(line_.value("to").value_or(""));
        if (to.empty()) return usage("VALUE", "-to needs the name of a file that is not there yet");
        return with_message([&](const Target& target, OwnedMessage& message) -> ExitCode {
            NewFile file(to);
            auto written = queue::export_message(message.file, [&](std::string_view octets) {
                return file.write(octets);
            });
            if (written) written = file.keep();
            if (!written) {
                console_.error(
                    facility, "FAILED", target.name() + " not exported: " + text_of(written.error())
                );
                return ExitCode::failed;
            }
            return tell(message, to);
        });
    }

private:
    ExitCode tell(const OwnedMessage& message, const std::string& to) {
        if (line_.has("json")) {
            JsonLine json;
            json.add("outcome", "exported")
                .add("file", message.before.relative_path())
                .add("to", to);
            console_.line(json.to_string());
        } else {
            console_.info(
                facility, "EXPORTED",
                "copied the message file " + message.before.path(runtime_.store().root()) + " to " +
                    to + "; it is still queued here"
            );
        }
        return ExitCode::done;
    }
};

/// A file that stays open as long as it is read.
class OpenFile : public ByteSource {
public:
    OpenFile(UniqueFd fd, std::uint64_t size) : fd_(std::move(fd)), source_(fd_.get(), 0, size) {}
    [[nodiscard]] std::uint64_t size() const override { return source_.size(); }
    Result<std::size_t> read(std::uint64_t offset, char* to, std::size_t size) override {
        return source_.read(offset, to, size);
    }

private:
    UniqueFd fd_;
    FileSource source_;
};

Result<std::unique_ptr<ByteSource>> open_source(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) return Error::from_errno(errno, "open " + path);
    if (!S_ISREG(status.st_mode)) return Error::from_errno(EINVAL, path + " is no file");
    return std::unique_ptr<ByteSource>(
        std::make_unique<OpenFile>(std::move(fd), static_cast<std::uint64_t>(status.st_size))
    );
}

ExitCode import(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    Console& console = invocation.console();
    const CommandLine& line = invocation.line();
    const std::string& path = line.parameters().front();
    const auto failed = [&](const Error& error) {
        console.error(facility, "FAILED", path + " not imported: " + text_of(error));
        return ExitCode::failed;
    };
    auto source = open_source(path);
    if (!source) return failed(source.error());
    const auto message = queue::ExportedMessage::open(*std::move(source));
    if (!message) return failed(message.error());
    const std::string channel =
        line.value("channel") ? to_lower(*line.value("channel")) : message->channel();
    if (runtime.configuration().imta.channels.find(channel) == nullptr) {
        console.error(
            facility, "NOCHANNEL", "no channel " + channel + " is configured here: see -channel"
        );
        return ExitCode::not_found;
    }
    write_audit(invocation, session, runtime, 1);
    MessageActs acts(session, runtime, user_name(login_of(invocation.who().user_id)));
    const auto location = acts.import_message(*message, channel, line.has("hold"));
    if (!location) return failed(location.error());
    if (line.has("json")) {
        JsonLine json;
        json.add("outcome", "imported").add("file", location->relative_path()).add("from", path);
        console.line(json.to_string());
    } else {
        console.info(
            facility, "IMPORTED",
            path + " is now the message file " + location->path(runtime.store().root())
        );
    }
    return ExitCode::done;
}

ExitCode export_one(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    return Export(invocation, session, runtime).run();
}

constexpr std::array export_own = {
    Switch{"to", Switch::Value::required, "the file to be made"},
};
constexpr auto export_switches = joined(one_message_switches, export_own);
constexpr Switch import_switches[] = {
    {"channel", Switch::Value::required,
     "into the queue of this channel, not of the one it was in"},
    {"hold", Switch::Value::none, "held, to be looked at and released"},
    {"json", Switch::Value::none, "one JSON object a line"},
};

}  // namespace

const Command qm_export_command = {
    .name = "export",
    .summary = "copy a message into a file for another system",
    .parameters = "[id]",
    .switches = export_switches,
    .most_parameters = 1,
    .run = with_queue<export_one>,
};

const Command qm_import_command = {
    .name = "import",
    .summary = "queue a message that export made a file of",
    .parameters = "file",
    .switches = import_switches,
    .least_parameters = 1,
    .most_parameters = 1,
    .run = with_queue<import>,
};

}  // namespace sluice::utility
