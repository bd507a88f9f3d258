#include "message/charset_converter.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/deleter.h"
#include "message/charset.h"

namespace sluice::message {

namespace {

using Converter = std::unique_ptr<UConverter, Deleter<ucnv_close>>;

Converter open_converter(std::string_view name) {
    if (!is_charset_name(name)) return nullptr;
    UErrorCode status = U_ZERO_ERROR;
    Converter converter(ucnv_open(std::string(name).c_str(), &status));
    return U_SUCCESS(status) ? std::move(converter) : nullptr;
}

/// ICU calls this for what the target set has no octets for.
void substitute(
    const void* context,
    UConverterFromUnicodeArgs* arguments,
    const UChar* units,
    std::int32_t length,
    UChar32 character,
    UConverterCallbackReason reason,
    UErrorCode* status
) {
    if (reason <= UCNV_IRREGULAR)
        ++*static_cast<std::uint64_t*>(const_cast<void*>(context));  // NOLINT: a C interface
    UCNV_FROM_U_CALLBACK_SUBSTITUTE(nullptr, arguments, units, length, character, reason, status);
}

}  // namespace

struct CharsetConverter::Work {
    Converter from;
    Converter to;
    std::array<UChar, 2048> pivot{};
    UChar* pivot_source = pivot.data();
    UChar* pivot_target = pivot.data();
    bool begins = true;
    bool malformed = false;
    std::uint64_t missing = 0;

    void convert(std::string_view bytes, bool is_end, std::string& out);
};

void CharsetConverter::Work::convert(std::string_view bytes, bool is_end, std::string& out) {
    const char* source = bytes.data();
    const char* const end = source + bytes.size();
    std::array<char, 4096> buffer{};
    while (!malformed) {
        char* target = buffer.data();
        UErrorCode status = U_ZERO_ERROR;
        ucnv_convertEx(
            to.get(), from.get(), &target, buffer.data() + buffer.size(), &source, end,
            pivot.data(), &pivot_source, &pivot_target, pivot.data() + pivot.size(),
            static_cast<UBool>(begins), static_cast<UBool>(is_end), &status
        );
        begins = false;
        out.append(buffer.data(), static_cast<std::size_t>(target - buffer.data()));
        if (status == U_BUFFER_OVERFLOW_ERROR) continue;
        malformed = U_FAILURE(status) != 0;
        return;
    }
}

// A name with a slash would be looked for among files, one with a comma has options of ICU's own.
bool is_charset_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_charset_name &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return is_alnum(c) || std::string_view("-_.:+()").find(c) != std::string_view::npos;
           });
}

bool is_known_charset(std::string_view name) {
    return open_converter(name) != nullptr;
}

bool keeps_ascii(std::string_view charset) {
    constexpr std::string_view sample = "Az 09\r\n=?-_.,;";
    return is_known_charset(charset) && from_utf8(charset, sample) == sample;
}

CharsetConverter::CharsetConverter(std::unique_ptr<Work> work) : work_(std::move(work)) {}
CharsetConverter::~CharsetConverter() = default;

std::unique_ptr<CharsetConverter> CharsetConverter::open(
    std::string_view from, std::string_view to
) {
    auto work = std::make_unique<Work>();
    work->from = open_converter(from);
    work->to = open_converter(to);
    if (work->from == nullptr || work->to == nullptr) return nullptr;
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setToUCallBack(
        work->from.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status
    );
    ucnv_setSubstString(work->to.get(), u"?", 1, &status);
    ucnv_setFromUCallBack(work->to.get(), substitute, &work->missing, nullptr, nullptr, &status);
    if (U_FAILURE(status)) return nullptr;
    return std::unique_ptr<CharsetConverter>(new CharsetConverter(std::move(work)));
}

void CharsetConverter::feed(std::string_view bytes, std::string& out) {
    if (!bytes.empty()) work_->convert(bytes, false, out);
}

void CharsetConverter::finish(std::string& out) {
    work_->convert("", true, out);
}

bool CharsetConverter::is_malformed() const {
    return work_->malformed;
}

std::uint64_t CharsetConverter::missing() const {
    return work_->missing;
}

}  // namespace sluice::message
