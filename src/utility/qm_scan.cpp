#include "utility/qm_scan.h"

#include <atomic>
#include <thread>

#include "base/bytes.h"
#include "message/decoded_text.h"
#include "message/header_field.h"
#include "utility/progress.h"
#include "utility/wildcard.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";
constexpr std::chrono::milliseconds look_at_progress{100};

/// Hands the names out to the threads, and counts.
class Scan {
public:
    Scan(
        queue::Store& store,
        const std::vector<queue::MessageLocation>& names,
        const std::function<void(queue::MessageFile&)>& look
    )
        : store_(store), names_(names), look_(look) {}

    void work() {
        while (true) {
            const std::size_t i = next_.fetch_add(1, std::memory_order_relaxed);
            if (i >= names_.size()) return;
            one(names_[i]);
        }
    }
    [[nodiscard]] std::size_t taken() const {
        return std::min(next_.load(std::memory_order_relaxed), names_.size());
    }
    [[nodiscard]] std::uint64_t opened() const { return opened_; }
    [[nodiscard]] std::uint64_t errors() const { return errors_; }

private:
    void one(const queue::MessageLocation& name) {
        auto file = queue::MessageFile::open(store_, name, queue::Access::read);
        if (file) {
            ++opened_;
            look_(*file);
        } else if (queue::failure_kind(file.error()) != queue::Failure::gone) {
            ++errors_;
        }
    }

    queue::Store& store_;
    const std::vector<queue::MessageLocation>& names_;
    const std::function<void(queue::MessageFile&)>& look_;
    std::atomic<std::size_t> next_{0};
    std::atomic<std::uint64_t> opened_{0};
    std::atomic<std::uint64_t> errors_{0};
};

void run_threads(Scan& scan, unsigned threads, Progress& progress) {
    std::atomic<unsigned> running{threads};
    std::vector<std::thread> workers;
    for (unsigned i = 0; i < threads; ++i) {
        workers.emplace_back([&] {
            scan.work();
            --running;
        });
    }
    std::size_t shown = 0;
    while (running > 0) {
        std::this_thread::sleep_for(look_at_progress);
        const std::size_t taken = scan.taken();
        progress.advance(taken - shown);
        shown = taken;
    }
    for (std::thread& worker : workers) worker.join();
}

}  // namespace

Result<ScanTotals> scan_messages(
    QmSession& session,
    Console& console,
    const ScanPlan& plan,
    const std::function<void(queue::MessageFile&)>& look
) {
    const MonoTime start = system_clock().mono_now();
    const auto runtime = session.runtime();
    if (!runtime) return runtime.error();
    Selector selector;
    selector.channel = plan.channel;
    selector.any_state = plan.also_held;
    GatherDetail names_only;
    names_only.files = false;
    const auto found = gather_messages(session, console, selector, names_only, plan.from_database);
    if (!found) return found.error();
    std::vector<queue::MessageLocation> names;
    for (const QueuedMessage& message : *found) {
        if (plan.ignore_untried && message.location.name.attempts == 0) continue;
        names.push_back(message.location);
    }
    ScanTotals totals;
    totals.files = names.size();
    Scan scan((*runtime)->store(), names, look);
    {
        Progress progress(console, "Scan", names.size());
        run_threads(scan, plan.threads, progress);
    }
    totals.opened = scan.opened();
    totals.errors = scan.errors();
    totals.elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(system_clock().mono_now() - start);
    return totals;
}

std::optional<ScanPlan> scan_plan(
    const CommandLine& line, const QmSession& session, Console& console
) {
    ScanPlan plan;
    if (!line.parameters().empty()) plan.channel = to_lower(line.parameters().front());
    plan.also_held = line.has("held");
    plan.ignore_untried = line.has("ignore_zz");
    plan.from_database =
        line.has("database") || (session.database_view && !line.has("directory_tree"));
    if (plan.also_held && plan.from_database) {
        console.error(facility, "CONFLICT", "the job controller knows no held messages");
        return std::nullopt;
    }
    if (const auto text = line.value("threads")) {
        const auto threads = parse_unsigned(*text);
        if (!threads || *threads == 0 || *threads > most_scan_threads) {
            console.error(
                facility, "VALUE",
                "-threads takes a number from 1 to " + std::to_string(most_scan_threads)
            );
            return std::nullopt;
        }
        plan.threads = static_cast<unsigned>(*threads);
    }
    return plan;
}

std::optional<TextRange> TextRange::parse(
    const std::map<std::string, std::string>& pairs, const TextRange& usual
) {
    TextRange range = usual;
    for (const auto& [key, text] : pairs) {
        const auto number = parse_unsigned(text);
        if (!number || *number == 0) return std::nullopt;
        // Cut to any beginning, as names are.
        if (!key.empty() && std::string_view("START").starts_with(key)) {
            range.start = *number;
        } else if (!key.empty() && std::string_view("LENGTH").starts_with(key)) {
            range.length = *number;
        } else {
            return std::nullopt;
        }
    }
    return range;
}

std::string_view TextRange::of(std::string_view text) const {
    if (start > text.size()) return {};
    return text.substr(start - 1, length);
}

std::string decoded_subject(queue::MessageFile& file) {
    const auto header = read_header(file);
    if (!header) return {};
    return message::decoded_text(message::find_header(*header, "Subject").value_or(""));
}

std::string_view domain_of(std::string_view address) {
    const std::size_t at = address.rfind('@');
    return at == std::string_view::npos ? address : address.substr(at + 1);
}

bool content_contains(queue::MessageFile& file, std::string_view octets) {
    constexpr std::size_t chunk = 256UL << 10U;
    // The end of the last piece stays, so that what lies across two pieces is found.
    const std::size_t overlap = octets.size() - 1;
    std::string window;
    for (std::uint64_t offset = 0; offset < file.content_size();) {
        const std::size_t kept = std::min(window.size(), overlap);
        window.erase(0, window.size() - kept);
        window.resize(kept + chunk);
        const auto count = file.read_content(offset, window.data() + kept, chunk);
        if (!count || *count == 0) return false;
        window.resize(kept + *count);
        offset += *count;
        if (window.find(octets) != std::string::npos) return true;
    }
    return false;
}

}  // namespace sluice::utility
