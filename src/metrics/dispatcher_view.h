#pragma once

#include <memory>

#include "config/configuration.h"
#include "metrics/http_server.h"

namespace sluice::lookup {
class Sources;
}

namespace sluice::metrics {

/// The pages under /dispatcher/: what the dispatcher knows about its services, for whom HTTP_ACCESS
/// permits. One thread, which may wait for a call-out of the table and for the dispatcher.
class DispatcherView {
public:
    explicit DispatcherView(config::ConfigurationPtr configuration);
    ~DispatcherView();
    DispatcherView(const DispatcherView&) = delete;
    DispatcherView& operator=(const DispatcherView&) = delete;

    [[nodiscard]] HttpReply answer(const HttpRequest& request) const;

private:
    [[nodiscard]] bool is_permitted(const HttpRequest& request) const;

    config::ConfigurationPtr configuration_;
    std::unique_ptr<lookup::Sources> outside_;
};

}  // namespace sluice::metrics
