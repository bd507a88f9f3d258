// The content of copies on its way: texts of mailing lists around it, headers of embedded messages.
#include "enqueue/message_builder_state.h"
#include "enqueue/receipts.h"

namespace sluice::enqueue {

message::HeaderEdits MessageBuilder::State::edits_of(const Copy& copy) const {
    message::HeaderEdits edits = copy.shape->header_edits;
    for (message::HeaderEdit& edit : receipt_edits(copy)) edits.push_back(std::move(edit));
    if (copy.shape->body_text == nullptr) return edits;
    const auto more =
        message::BodyTextWriter::header_changes(*copy.shape->body_text, header.fields());
    edits.insert(edits.end(), more.begin(), more.end());
    return edits;
}

void MessageBuilder::State::begin_texts() {
    for (const Copy& copy : copies) {
        const auto& text = copy.shape->body_text;
        texts.push_back(
            text == nullptr ? nullptr
                            : std::make_unique<message::BodyTextWriter>(*text, header.fields())
        );
    }
}

void MessageBuilder::State::begin_inner_headers() {
    if (headers->work() == nullptr) return;
    std::vector<const channel::Channel*> destinations;
    bool is_wanted = false;
    for (const Copy& copy : copies) {
        const bool wanted = InnerHeaders::is_wanted(*headers->work()->source, *copy.channel);
        destinations.push_back(wanted ? copy.channel : nullptr);
        is_wanted = is_wanted || wanted;
    }
    if (!is_wanted) return;
    inner = std::make_unique<InnerHeaders>(
        headers->take_work(), std::move(destinations),
        [this](std::size_t copy, std::string_view bytes) { return write_to(copy, bytes); },
        header.fields()
    );
}

Result<void> MessageBuilder::State::write(std::string_view bytes) {
    if (inner != nullptr) {
        auto written = inner->feed(bytes);
        waits = inner->is_pending();
        return written;
    }
    for (std::size_t i = 0; i < writers.size(); ++i) {
        if (auto written = write_to(i, bytes); !written) return written;
    }
    return {};
}

Result<void> MessageBuilder::State::write_to(std::size_t copy, std::string_view bytes) {
    if (texts[copy] == nullptr) return writers[copy].append(bytes);
    std::string changed;
    texts[copy]->feed(bytes, changed);
    return writers[copy].append(changed);
}

Result<void> MessageBuilder::State::finish_texts() {
    for (std::size_t i = 0; i < writers.size(); ++i) {
        if (texts[i] == nullptr) continue;
        std::string changed;
        texts[i]->finish(changed);
        if (auto written = writers[i].append(changed); !written) return written;
    }
    return {};
}

// What was held back because it might have been a header.
Result<void> MessageBuilder::State::finish_content() {
    if (inner == nullptr) return {};
    auto written = inner->finish();
    waits = inner->is_pending();
    return written;
}

}  // namespace sluice::enqueue
