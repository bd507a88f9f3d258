#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "message/transfer_encoding.h"

// The two encodings behind TransferDecoder and TransferEncoder. Inside this room only.
namespace sluice::message {

class TransferDecoder::Work {
public:
    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    virtual ~Work() = default;
    virtual void decode(std::string_view bytes, std::string& out) = 0;
    virtual void finish(std::string& out) = 0;

    bool damaged = false;
};

class TransferEncoder::Work {
public:
    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    virtual ~Work() = default;
    virtual void encode(std::string_view bytes, std::string& out) = 0;
    virtual void finish(std::string& out) = 0;
};

std::unique_ptr<TransferDecoder::Work> make_base64_decoder();
std::unique_ptr<TransferDecoder::Work> make_quoted_printable_decoder();
std::unique_ptr<TransferEncoder::Work> make_base64_encoder();
/// In mode text it is given CRLF line ends only.
std::unique_ptr<TransferEncoder::Work> make_quoted_printable_encoder(ContentMode mode);

}  // namespace sluice::message
