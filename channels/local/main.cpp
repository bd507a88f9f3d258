// Master program of channel l: delivers into Maildirs below the store directory.

#include "address/local_part.h"
#include "config/service_logs.h"
#include "dequeue/delivery_header.h"
#include "dequeue/master.h"
#include "maildir.h"
#include "service_log/message_trace.h"

namespace {

using namespace sluice;

class LocalDeliverer final : public dequeue::Deliverer {
public:
    LocalDeliverer(
        enqueue::Runtime& runtime,
        const channel::Channel& channel,
        local::MaildirStore& store,
        service_log::MessageTracer& tracer
    )
        : runtime_(runtime), channel_(channel), store_(store), tracer_(tracer) {}

    std::vector<dequeue::Disposition>
    deliver(queue::MessageFile& file, const std::vector<std::size_t>& recipients, const std::string&)
        override {
        std::vector<dequeue::Disposition> dispositions;
        for (const std::size_t i : recipients) {
            const auto delivered = deliver_to(file, file.envelope().recipients[i]);
            dispositions.push_back(
                delivered ? dequeue::Disposition::delivered()
                          : dequeue::Disposition::from(delivered.error())
            );
        }
        return dispositions;
    }

private:
    Result<void> deliver_to(queue::MessageFile& file, const queue::Recipient& recipient) {
        const config::Options& options = runtime_.configuration().options;
        const char separator = options.text(config::OptionId::subaddress_char).front();
        const std::string user =
            address::unquote_local_part(address::split_subaddress(recipient.address, separator).user
            );
        if (!runtime_.configuration().local_users.contains(user)) {
            return Error::permanent(
                {5, 1, 1}, "unknown or illegal user", "unknown or illegal user: " + user
            );
        }
        auto delivery = store_.begin(user, runtime_.store().clock().wall_now());
        if (!delivery) return std::move(delivery).error();
        const std::string lines = dequeue::delivery_header(channel_, file.envelope(), recipient);
        if (auto written = delivery->append(lines); !written) return written;
        queue::WireReader reader(file);
        while (true) {
            const auto octets = reader.next();
            if (!octets) return octets.error();
            if (octets->empty()) break;
            if (auto written = delivery->append(*octets); !written) return written;
        }
        const auto committed = delivery->commit();
        if (!committed) return committed.error();
        tracer_.appended(
            user, "user/" + user, delivery->size(), file.envelope().message_id.value_or("")
        );
        return {};
    }

    enqueue::Runtime& runtime_;
    const channel::Channel& channel_;
    local::MaildirStore& store_;
    service_log::MessageTracer& tracer_;
};

}  // namespace

int main(int argc, char** argv) {
    std::unique_ptr<local::MaildirStore> store;
    std::unique_ptr<service_log::MessageTracer> tracer;
    return dequeue::master_main(
        argc, argv, [](const config::Configuration&, const channel::Channel&) { return 8U; },
        [&store,
         &tracer](enqueue::Runtime& runtime, const channel::Channel& channel, unsigned number) {
            if (number == 1) {  // the first thread is alone when it asks
                store = std::make_unique<local::MaildirStore>(
                    runtime.configuration().tailor.path(config::TailorEntry::store),
                    runtime.site().node
                );
                tracer = std::make_unique<service_log::MessageTracer>(
                    runtime.configuration().service_logs, "imta",
                    config::service_log_writer(runtime.configuration().tailor, "l_master")
                );
            }
            return std::make_unique<LocalDeliverer>(runtime, channel, *store, *tracer);
        }
    );
}
