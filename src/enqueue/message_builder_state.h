#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "channel/channel_settings.h"
#include "converter/reformatter.h"
#include "enqueue/alternate.h"
#include "enqueue/copy_envelope.h"
#include "enqueue/enqueue_entries.h"
#include "enqueue/header_collector.h"
#include "enqueue/inner_headers.h"
#include "enqueue/message_builder.h"
#include "filter/copy_filters.h"
#include "message/body_text_writer.h"
#include "queue/message_writer.h"

// What a MessageBuilder is made of. Inside this room only.
namespace sluice::enqueue {

/// Octets of header that are kept. What the site says counts for all channels.
[[nodiscard]] std::uint64_t header_limit(
    const channel::ChannelTable& channels, const MessageLimits& limits, const Submission& submission
);

struct MessageBuilder::State {
    Site& site;
    const channel::ChannelTable& channels;
    MessageLimits limits;
    Submission submission;
    log::LogOptions log_options;
    HeaderCollector header;  ///< what came before the copies were opened
    std::unique_ptr<HeaderWork> header_work;
    std::string own_envelope_id;
    bool opened = false;  ///< the header is complete, and `copies` and `discarded` with it
    bool ended = false;
    bool waits = false;  ///< for an answer: `header` is not written yet, or `inner` holds back
    std::string unique;
    std::string loop;  ///< why the copies are held for going in circles; empty: they are not
    std::optional<CopyHeaders> headers;  ///< refers to `header`
    std::vector<Copy> copies;
    std::vector<queue::MessageWriter> writers;
    std::unique_ptr<InnerHeaders> inner;  ///< where a copy wants it; writes to `writers`
    /// Of each copy; null where no list puts a text around its body.
    std::vector<std::unique_ptr<message::BodyTextWriter>> texts;
    /// Of each copy, once the content has ended; empty where nothing is ever reformatted.
    std::vector<converter::ReformatChoice> reformats;
    std::vector<std::size_t> discarded;  ///< recipients for the bitbucket of a site that has none
    std::uint64_t trace_size = 0;
    std::optional<Error> failure;
    std::uint64_t size = 0;
    std::vector<std::string> logged_headers;  ///< LOG_HEADER
    bool wants_lines = false;
    std::uint64_t line_count = 0;
    WallTime now{};

    State(
        Site& site_,
        const channel::ChannelTable& channels_,
        const MessageLimits& limits_,
        Submission submission_,
        const log::LogOptions& log_options_,
        std::unique_ptr<HeaderWork> header_work_
    )
        : site(site_),
          channels(channels_),
          limits(limits_),
          submission(std::move(submission_)),
          log_options(log_options_),
          header(limits_.local_names, header_limit(channels_, limits_, submission)),
          header_work(std::move(header_work_)) {
        for (SubmittedRecipient& recipient : submission.recipients) begin_redistribution(recipient);
    }

    Result<void> open_copies();
    Result<void> make_headers();
    Result<void> try_headers();
    Result<void> write_copies();
    Result<void> go_on();
    // looping.cpp
    Result<void> meet_loop();
    void find_discarded();
    [[nodiscard]] Result<void> check_all_placed() const;
    [[nodiscard]] std::string trace_line(const std::string& id) const;
    [[nodiscard]] Result<queue::MessageWriter> writer_for(const Copy& copy) const;
    Result<void> write_headers(const std::string& trace);
    [[nodiscard]] const std::string& envelope_id_of(const Copy& copy) const;
    // reformatted_copies.cpp
    [[nodiscard]] converter::ReformatWay way_of(const Copy& copy) const;
    void choose_reformats();
    [[nodiscard]] bool reformats_any() const;
    Result<void> reformat_copies(std::vector<queue::FinishedFile>& files);
    Result<void> reformat(
        const conversion::ReformatKeywords& keywords, Copy& copy, queue::FinishedFile& file
    );
    static void tell(const std::string& unique, const converter::Reformatted& reformatted);

    // filtered_copies.cpp
    struct RefusedCopy {
        std::size_t index = 0;  ///< of the copy
        milter::ReplyText reply;
        std::vector<std::size_t> recipients;
    };
    [[nodiscard]] filter::Plan filters_of(const Copy& copy) const;
    [[nodiscard]] filter::CopyFacts filter_facts(const Copy& copy) const;
    Result<void> filter_copies(std::vector<queue::FinishedFile>& files);
    Result<void> filter_copy(
        const filter::Plan& plan,
        std::size_t index,
        std::vector<queue::FinishedFile>& files,
        std::vector<RefusedCopy>& refused
    );
    Result<void> apply(const filter::CopyOutcome& outcome, Copy& copy);
    Result<void> rewrite(
        const Copy& copy,
        const std::string& front,
        const filter::Content& content,
        const message::HeaderEdits& edits,
        queue::FinishedFile& file
    );
    Result<void> report(const RefusedCopy& refused, std::vector<queue::FinishedFile>& files);
    void drop_empty_copies(std::vector<queue::FinishedFile>& files);

    Result<void> divert(std::vector<queue::FinishedFile>& files);
    Result<std::vector<queue::FinishedFile>> cut(const Copy& copy, queue::FinishedFile whole);
    [[nodiscard]] message::HeaderEdits edits_of(const Copy& copy) const;
    void note_logged_headers();
    void begin_texts();
    Result<void> finish_texts();
    void begin_inner_headers();
    Result<void> write(std::string_view bytes);
    Result<void> write_to(std::size_t copy, std::string_view bytes);
    Result<void> finish_content();
    void describe(
        const Copy& copy,
        const queue::FinishedFile& file,
        PreparedMessage::Announcement& announcement
    ) const;
    void describe_discarded(PreparedMessage::Announcement& announcement) const;
    [[nodiscard]] bool source_logs() const;
    [[nodiscard]] log::Event common_entry() const;
};

}  // namespace sluice::enqueue
