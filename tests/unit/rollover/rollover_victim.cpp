// rollover_victim write DIRECTORY NAME: appends numbered lines to DIRECTORY/mail.log_current until
//   it gets SIGTERM, then says how many.
// rollover_victim roll DIRECTORY: one rollover; exit 0, or 1 with the reason.
// rollover_victim finish DIRECTORY: the same of one that was interrupted, if there is one.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "log/log_file.h"
#include "rollover/rollover.h"

namespace {

using namespace sluice;

volatile std::sig_atomic_t stopping = 0;

int write_lines(const std::string& directory, const std::string& name) {
    std::signal(SIGTERM, [](int) { stopping = 1; });
    log::LineWriter writer(
        directory + "/mail.log_current", directory + "/mail.log_lock", 1U << 20U
    );
    unsigned long count = 0;
    while (stopping == 0) {
        writer.post(
            name + ' ' + std::to_string(count) + " xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
        );
        writer.flush();
        ++count;
        if (count % 64 == 0) ::usleep(1000);
    }
    std::printf("%lu\n", count);
    return 0;
}

int roll(const std::string& directory, bool only_finish) {
    auto turn = rollover::RolloverTurn::take(directory + "/mail.log_lock");
    if (!turn) {
        std::printf("%s\n", turn.error().detail().c_str());
        return 1;
    }
    const rollover::LogTriple files{
        directory + "/mail.log_current", directory + "/mail.log_yesterday",
        directory + "/mail.log"};
    const auto report = only_finish ? rollover::finish_interrupted(files, *turn)
                                    : rollover::roll_over(files, *turn);
    if (report) return 0;
    std::printf("%s\n", report.error().detail().c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string verb = argc > 2 ? argv[1] : "";
    if (verb == "write" && argc == 4) return write_lines(argv[2], argv[3]);
    if (verb == "roll" && argc == 3) return roll(argv[2], false);
    if (verb == "finish" && argc == 3) return roll(argv[2], true);
    return 2;
}
