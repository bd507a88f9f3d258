#include "dequeue/message_header.h"

namespace sluice::dequeue {

std::string header_of(queue::MessageFile& file, std::size_t limit) {
    std::string header;
    queue::WireReader reader(file);
    while (header.size() < limit) {
        const auto octets = reader.next();
        if (!octets || octets->empty()) break;
        header += *octets;
        const std::size_t end = header.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        header.resize(end + 4);
        break;
    }
    return header;
}

}  // namespace sluice::dequeue
