#include "log/process_field.h"

#include <unistd.h>

#include <atomic>

namespace sluice::log {

ProcessField& this_thread_process_field() {
    static std::atomic<std::uint64_t> threads{0};
    thread_local ProcessField field(static_cast<std::uint64_t>(::getpid()), ++threads);
    return field;
}

}  // namespace sluice::log
