#include "containment/job.h"

namespace sluice::containment {

namespace {

constexpr std::size_t length_size = 4;

class Writer {
public:
    void number(std::uint64_t value) {
        for (unsigned shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(value >> shift);
    }
    void text(std::string_view value) {
        number(value.size());
        out_ += value;
    }
    void texts(const std::vector<std::string>& values) {
        number(values.size());
        for (const std::string& value : values) text(value);
    }
    [[nodiscard]] std::string packet() const {
        const auto size = static_cast<std::uint32_t>(out_.size());
        std::string head;
        for (unsigned shift = 0; shift < 32; shift += 8) head += static_cast<char>(size >> shift);
        return head + out_;
    }

private:
    std::string out_;
};

class Reader {
public:
    explicit Reader(std::string_view packet) {
        good_ = packet.size() >= length_size && packet.size() <= max_packet;
        if (good_) rest_ = packet.substr(length_size);
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        const std::string_view octets = take(8);
        for (std::size_t i = octets.size(); i-- > 0;)
            value = value << 8U | static_cast<unsigned char>(octets[i]);
        return value;
    }
    std::string text() { return std::string(take(number())); }
    std::vector<std::string> texts() {
        std::vector<std::string> values;
        for (std::uint64_t left = number(); good_ && left > 0; --left) values.push_back(text());
        return values;
    }
    [[nodiscard]] bool finished() const { return good_ && rest_.empty(); }
    [[nodiscard]] bool good() const { return good_; }

private:
    std::string_view take(std::uint64_t size) {
        if (size > rest_.size()) good_ = false;
        if (!good_) return {};
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    std::string_view rest_;
    bool good_ = false;
};

}  // namespace

std::string encode_job(const Job& job) {
    Writer out;
    out.text(job.command);
    out.texts(job.arguments);
    out.text(job.directory);
    out.number(job.own_directory ? 1 : 0);
    out.number(job.environment.size());
    for (const auto& [name, value] : job.environment) {
        out.text(name);
        out.text(value);
    }
    out.texts(job.readable);
    out.texts(job.writable);
    out.text(job.account);
    out.number(static_cast<std::uint64_t>(job.limits.wall_time.count()));
    out.number(static_cast<std::uint64_t>(job.limits.cpu_time.count()));
    for (const std::uint64_t limit :
         {job.limits.memory, job.limits.file_size, job.limits.disk, job.limits.processes,
          job.limits.open_files})
        out.number(limit);
    out.number(job.network ? 1 : 0);
    out.number(job.strict ? 1 : 0);
    return out.packet();
}

std::optional<Job> decode_job(std::string_view packet) {
    Reader in(packet);
    Job job;
    job.command = in.text();
    job.arguments = in.texts();
    job.directory = in.text();
    job.own_directory = in.number() != 0;
    for (std::uint64_t left = in.number(); in.good() && left > 0; --left) {
        std::string name = in.text();
        job.environment.emplace_back(std::move(name), in.text());
    }
    job.readable = in.texts();
    job.writable = in.texts();
    job.account = in.text();
    job.limits.wall_time = std::chrono::seconds(in.number());
    job.limits.cpu_time = std::chrono::seconds(in.number());
    job.limits.memory = in.number();
    job.limits.file_size = in.number();
    job.limits.disk = in.number();
    job.limits.processes = in.number();
    job.limits.open_files = in.number();
    job.network = in.number() != 0;
    job.strict = in.number() != 0;
    if (!in.finished()) return std::nullopt;
    return job;
}

std::string encode_report(const Report& report) {
    Writer out;
    out.number(static_cast<std::uint64_t>(report.kind));
    out.number(static_cast<std::uint64_t>(report.code));
    out.text(report.text);
    out.text(report.output);
    out.texts(report.applied);
    return out.packet();
}

std::optional<Report> decode_report(std::string_view packet) {
    Reader in(packet);
    Report report;
    const std::uint64_t kind = in.number();
    report.code = static_cast<int>(in.number());
    report.text = in.text();
    report.output = in.text();
    report.applied = in.texts();
    if (!in.finished() || kind > static_cast<std::uint64_t>(Report::Kind::failed))
        return std::nullopt;
    report.kind = static_cast<Report::Kind>(kind);
    return report;
}

}  // namespace sluice::containment
