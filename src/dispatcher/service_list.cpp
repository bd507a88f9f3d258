#include "dispatcher/service_list.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"

namespace sluice::dispatcher {

namespace {

/// How long workers have to answer that they took a new configuration.
constexpr std::chrono::seconds answer_patience{10};

}  // namespace

bool ServiceList::bind() {
    for (ServiceSettings& settings : settings_.services) {
        note_settings(settings);
        auto service = make(std::move(settings));
        if (auto bound = service->bind(); !bound) {
            diag::warning(
                "service " + service->settings().name + " not started: " + bound.error().detail()
            );
            continue;
        }
        services_.push_back(std::move(service));
    }
    passed_.report_unused();
    if (services_.empty()) diag::warning("no service could be started");
    return !services_.empty();
}

void ServiceList::note_settings(const ServiceSettings& settings) const {
    debug_.note(debug_bit::configuration, [&] {
        const WorkerLimits& limits = settings.limits;
        return "service " + settings.name + ": " + settings.program + ", log " +
               (settings.log_file.empty() ? "none" : settings.log_file) + ", processes " +
               std::to_string(limits.min_procs) + " to " + std::to_string(limits.max_procs) +
               ", connections " + std::to_string(limits.min_conns) + " to " +
               std::to_string(limits.max_conns) + ", backlog " + std::to_string(settings.backlog);
    });
}

std::unique_ptr<Service> ServiceList::make(ServiceSettings settings) {
    auto service = std::make_unique<Service>(
        std::move(settings), settings_.environment, settings_.debug, passed_
    );
    service->set_number(++last_number_);
    return service;
}

Service* ServiceList::find(ServiceNumber number) const {
    const auto found = std::find_if(services_.begin(), services_.end(), [&](const auto& one) {
        return one->number() == number;
    });
    return found == services_.end() ? nullptr : found->get();
}

bool ServiceList::restart(std::string_view name) {
    const auto found = std::find_if(services_.begin(), services_.end(), [&](const auto& one) {
        return equals_ignoring_case(one->settings().name, name);
    });
    if (found == services_.end()) return false;
    diag::info((*found)->settings().name + ": new workers, as an operator wants");
    (*found)->retire_workers();
    return true;
}

net::Statistics ServiceList::statistics() const {
    const ServiceBook::Times now{system_clock().wall_now(), system_clock().mono_now()};
    net::Statistics statistics;
    for (const auto& service : services_) service->report(now, statistics);
    for (const auto& service : leaving_) service->report(now, statistics);
    return statistics;
}

bool ServiceList::workers_gone() const {
    const auto idle = [](const auto& service) { return service->worker_count() == 0; };
    return std::all_of(services_.begin(), services_.end(), idle) &&
           std::all_of(leaving_.begin(), leaving_.end(), idle);
}

std::string ServiceList::worker_counts() const {
    std::string text = "workers:";
    for (const auto& service : services_)
        text += ' ' + service->settings().name + '=' + std::to_string(service->worker_count());
    return text;
}

bool ServiceList::renew() {
    if (report_) finish_reload();
    report_.emplace();
    report_until_ = system_clock().mono_now() + answer_patience;
    auto fresh = settings_.reload();
    if (!fresh) {
        report_->notes.push_back(fresh.error().detail());
        finish_reload();
        return false;
    }
    report_->taken = true;
    diag::info("new configuration: telling the workers");
    close_missing(*fresh);
    for (ServiceSettings& settings : *fresh) {
        note_settings(settings);
        reconfigure(std::move(settings));
    }
    return true;
}

void ServiceList::close_missing(const std::vector<ServiceSettings>& wanted) {
    for (auto service = services_.begin(); service != services_.end();) {
        const std::string& name = (*service)->settings().name;
        const bool stays =
            std::any_of(wanted.begin(), wanted.end(), [&](const ServiceSettings& settings) {
                return settings.name == name;
            });
        if (stays) {
            ++service;
            continue;
        }
        diag::info("service " + name + " ends");
        (*service)->close();
        leaving_.push_back(std::move(*service));
        service = services_.erase(service);
    }
}

void ServiceList::reconfigure(ServiceSettings settings) {
    const auto found = std::find_if(services_.begin(), services_.end(), [&](const auto& one) {
        return one->settings().name == settings.name;
    });
    if (found != services_.end()) {
        note((*found)->reconfigure(std::move(settings)));
        return;
    }
    auto service = make(std::move(settings));
    note(service->reconfigure(ServiceSettings(service->settings())));
    if (!service->listeners().empty()) services_.push_back(std::move(service));
}

void ServiceList::note(const std::vector<std::string>& failures) {
    for (const std::string& failure : failures) {
        diag::warning(failure);
        report_->notes.push_back(failure);
    }
}

void ServiceList::watch_reload(MonoTime now) {
    std::erase_if(leaving_, [](const auto& service) { return service->worker_count() == 0; });
    if (!report_) return;
    const bool pending = std::any_of(services_.begin(), services_.end(), [](const auto& one) {
        return one->reload_pending();
    });
    if (pending && now < report_until_) return;
    if (pending) report_->notes.emplace_back("a worker has not answered yet");
    finish_reload();
}

void ServiceList::finish_reload() {
    if (settings_.reloaded) settings_.reloaded(*report_);
    report_.reset();
}

}  // namespace sluice::dispatcher
