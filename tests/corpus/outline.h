#pragma once

#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

// What the walkers write for test_mime.py, one line for each message.
namespace corpus {

/// CRC-32 as zlib has it.
inline std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = ~0U;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return ~crc;
}

/// "1 leaf text/plain 12 3610a686;": depth, kind, type, octets and sum of the decoded content.
inline void write_leaf(unsigned depth, const std::string& type, std::string_view content) {
    std::printf(
        "%u leaf %s %zu %08x;", depth, type.c_str(), content.size(),
        static_cast<unsigned>(crc32(content))
    );
}
inline void write_container(unsigned depth, const char* kind, const std::string& type) {
    std::printf("%u %s %s;", depth, kind, type.c_str());
}

/// The next message of standard input: a decimal length, a line feed, the octets.
inline bool read_message(std::string& message) {
    std::size_t size = 0;
    if (!(std::cin >> size)) return false;
    std::cin.get();
    message.resize(size);
    std::cin.read(message.data(), static_cast<std::streamsize>(size));
    return static_cast<bool>(std::cin);
}

}  // namespace corpus
