#include "net/service_statistics.h"

#include <charconv>

#include "base/bytes.h"
#include "net/fields.h"

namespace sluice::net {

namespace {

constexpr std::string_view end_mark = "END";

std::string begin(std::string_view kind) {
    return std::string(kind);
}

// Thousandths are enough, and every locale writes them alike.
void append_thousandths(std::string& line, double value) {
    append_field(line, static_cast<std::uint64_t>(value * 1000 + 0.5));
}

void append_spread(std::string& line, const Spread& spread) {
    append_thousandths(line, spread.least);
    append_thousandths(line, spread.average);
    append_thousandths(line, spread.most);
}

void append_time(std::string& line, WallTime time) {
    append_field(line, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

void append_time(std::string& line, const std::optional<WallTime>& time) {
    if (time) return append_time(line, *time);
    append_field(line, std::string_view());
}

std::string line_of(const ServiceFigures& service) {
    std::string line = begin("SERVICE");
    append_field(line, service.service);
    append_field(line, service.ports);
    for (const std::uint64_t number :
         {service.ready, service.busy, service.shutting, service.current, service.peak,
          service.total, service.rejected})
        append_field(line, number);
    append_spread(line, service.concurrent);
    append_spread(line, service.per_hour);
    append_spread(line, service.duration);
    return line;
}

std::string line_of(const WorkerFigures& worker) {
    std::string line = begin("WORKER");
    append_field(line, worker.service);
    append_field(line, worker.pid);
    append_field(line, worker.state);
    for (const std::uint64_t number : {worker.current, worker.peak, worker.total})
        append_field(line, number);
    append_time(line, worker.started);
    append_time(line, worker.ended);
    return line;
}

std::string line_of(const ConnectionFigures& connection) {
    std::string line = begin("CONNECTION");
    append_field(line, connection.service);
    append_field(line, connection.id);
    append_field(line, connection.pid);
    append_field(line, connection.source);
    append_field(line, connection.destination);
    append_time(line, connection.started);
    append_time(line, connection.ended);
    append_field(line, connection.outcome);
    return line;
}

/// The fields of a line, one after the other; the first that is missing or no number spoils it.
class Fields {
public:
    explicit Fields(std::string_view line) : fields_(split(line, '\t')) {}

    std::string text() { return next_ < fields_.size() ? unescaped(fields_[next_++]) : fail(); }
    std::uint64_t number() {
        const auto value = parse_unsigned(text());
        if (!value) fail();
        return value.value_or(0);
    }
    Spread spread() {
        const auto part = [this] { return static_cast<double>(number()) / 1000; };
        Spread out;
        out.least = part();
        out.average = part();
        out.most = part();
        return out;
    }
    WallTime time() {
        return WallTime(std::chrono::microseconds(static_cast<std::int64_t>(number())));
    }
    std::optional<WallTime> time_if_any() {
        if (next_ < fields_.size() && fields_[next_].empty()) {
            ++next_;
            return std::nullopt;
        }
        return time();
    }
    [[nodiscard]] bool good() const { return good_; }

private:
    std::string fail() {
        good_ = false;
        return {};
    }
    std::vector<std::string_view> fields_;
    std::size_t next_ = 0;
    bool good_ = true;
};

ServiceFigures service_of(Fields& fields) {
    ServiceFigures service;
    service.service = fields.text();
    service.ports = fields.text();
    for (std::uint64_t* number :
         {&service.ready, &service.busy, &service.shutting, &service.current, &service.peak,
          &service.total, &service.rejected})
        *number = fields.number();
    service.concurrent = fields.spread();
    service.per_hour = fields.spread();
    service.duration = fields.spread();
    return service;
}

WorkerFigures worker_of(Fields& fields) {
    WorkerFigures worker;
    worker.service = fields.text();
    worker.pid = fields.number();
    worker.state = fields.text();
    for (std::uint64_t* number : {&worker.current, &worker.peak, &worker.total})
        *number = fields.number();
    worker.started = fields.time();
    worker.ended = fields.time_if_any();
    return worker;
}

ConnectionFigures connection_of(Fields& fields) {
    ConnectionFigures connection;
    connection.service = fields.text();
    connection.id = fields.number();
    connection.pid = fields.number();
    connection.source = fields.text();
    connection.destination = fields.text();
    connection.started = fields.time();
    connection.ended = fields.time_if_any();
    connection.outcome = fields.text();
    return connection;
}

Error malformed(std::string_view line) {
    return Error::temporary(
        {4, 3, 0}, "local system error", "malformed statistics: " + printable(line.substr(0, 200))
    );
}

}  // namespace

std::string encode(const Statistics& statistics) {
    std::string text;
    for (const auto& service : statistics.services) text += line_of(service) + '\n';
    for (const auto& worker : statistics.workers) text += line_of(worker) + '\n';
    for (const auto& connection : statistics.connections) text += line_of(connection) + '\n';
    return text + std::string(end_mark) + '\n';
}

Result<Statistics> decode_statistics(std::string_view text) {
    Statistics statistics;
    for (const std::string_view line : split(text, '\n')) {
        if (line == end_mark) return statistics;
        Fields fields(line);
        const std::string kind = fields.text();
        if (kind == "SERVICE") {
            statistics.services.push_back(service_of(fields));
        } else if (kind == "WORKER") {
            statistics.workers.push_back(worker_of(fields));
        } else if (kind == "CONNECTION") {
            statistics.connections.push_back(connection_of(fields));
        }
        if (!fields.good()) return malformed(line);
    }
    return malformed("no end");
}

}  // namespace sluice::net
