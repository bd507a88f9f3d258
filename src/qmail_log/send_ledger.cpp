#include "qmail_log/send_ledger.h"

#include <signal.h>

#include <cerrno>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"

namespace sluice::qmail_log {

namespace {

using View = store::SharedTable::View;

/// Sparse: as long as what is in it.
constexpr std::size_t room = 256UL << 20U;
constexpr std::string_view next_key = "next";
constexpr std::string_view stopping_key = "stopping";
constexpr std::string_view delivery_prefix = "delivery/";
constexpr std::string_view remote_word = " remote";

std::string delivery_key(SendCounters::DeliveryKey key) {
    return std::string(delivery_prefix) + std::to_string(key.process) + '.' +
           std::to_string(key.number);
}

std::string message_key(std::uint64_t message) {
    return "message/" + std::to_string(message);
}

std::uint64_t number(const std::optional<std::string>& text, std::uint64_t fallback) {
    return text ? parse_unsigned(*text).value_or(fallback) : fallback;
}

/// The process of a "delivery/1234.5".
std::uint64_t process_of(std::string_view key) {
    key.remove_prefix(delivery_prefix.size());
    return parse_unsigned(key.substr(0, key.find('.'))).value_or(0);
}

bool is_alive(std::uint64_t process) {
    return process != 0 && (::kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM);
}

}  // namespace

void SendLedger::change(const std::function<void(View&)>& make) {
    const std::lock_guard lock(mutex_);
    if (!table_) {
        auto opened = store::SharedTable::open(path_, room);
        if (!opened) {
            if (!std::exchange(failed_, true)) diag::warning(opened.error().detail());
            return;
        }
        table_ = std::move(*opened);
    }
    const auto changed = table_->change(make);
    if (!changed && !std::exchange(failed_, true)) diag::warning(changed.error().detail());
}

void SendLedger::reset() {
    change([](View& view) {
        view.erase(next_key);
        view.erase(stopping_key);
    });
}

void SendLedger::set_stopping() {
    change([](View& view) { view.put(stopping_key, "1"); });
}

std::uint64_t SendLedger::begin_delivery(DeliveryKey key, bool remote) {
    std::uint64_t delivery = 0;
    change([&](View& view) {
        delivery = number(view.get(next_key), 1);
        view.put(next_key, std::to_string(delivery + 1));
        view.put(
            delivery_key(key), std::to_string(delivery) + (remote ? std::string(remote_word) : "")
        );
    });
    return delivery;
}

std::optional<std::uint64_t> SendLedger::end_delivery(DeliveryKey key) {
    std::optional<std::uint64_t> delivery;
    change([&](View& view) {
        const std::string name = delivery_key(key);
        const auto text = view.get(name);
        if (!text) return;
        delivery = parse_unsigned(std::string_view(*text).substr(0, text->find(' ')));
        view.erase(name);
    });
    return delivery;
}

// What a process that was killed had under way is not under way any more.
SendCounters::Running SendLedger::running() {
    Running running;
    change([&](View& view) {
        running = {};
        running.stopping = view.get(stopping_key).has_value();
        std::vector<std::string> orphans;
        std::uint64_t known_alive = 0;
        view.for_each(delivery_prefix, [&](std::string_view key, std::string_view value) {
            const std::uint64_t process = process_of(key);
            if (process != known_alive && !is_alive(process)) {
                orphans.emplace_back(key);
                return;
            }
            known_alive = process;
            ++(value.ends_with(remote_word) ? running.remote : running.local);
        });
        for (const std::string& key : orphans) view.erase(key);
    });
    return running;
}

// A message of which nothing is known has one file, so that most messages leave nothing here.
void SendLedger::add_files(std::uint64_t message, std::uint64_t files, bool already_known) {
    if (files == 0 || (!already_known && files == 1)) return;
    change([&](View& view) {
        const std::string key = message_key(message);
        const std::uint64_t before = already_known ? number(view.get(key), 1) : 0;
        view.put(key, std::to_string(before + files));
    });
}

bool SendLedger::remove_file(std::uint64_t message) {
    bool last = true;
    change([&](View& view) {
        last = true;
        const std::string key = message_key(message);
        const auto text = view.get(key);
        if (!text) return;
        last = false;
        const std::uint64_t left = number(text, 2) - 1;
        if (left <= 1) {
            view.erase(key);
        } else {
            view.put(key, std::to_string(left));
        }
    });
    return last;
}

}  // namespace sluice::qmail_log
