#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "timeline.h"

namespace sluice::simulation {

/// What was promised about one recipient of one copy, and what came of it.
struct Promise {
    unsigned delivered = 0;
    unsigned returned = 0;  ///< or thrown away, where nobody may be told
    unsigned excuses = 0;   ///< moments in which the documentation allows one more
    bool deleted = false;   ///< by an operator

    [[nodiscard]] bool is_settled() const { return delivered + returned > 0 || deleted; }
};

struct Copy {
    std::string priority;
    bool acknowledged = false;
    MonoTime since{};
    std::vector<Promise> promises;
};

/// The books: every acknowledged recipient must end in one way, and as a rule in one only. What
/// does not fit is a complaint, and one is enough.
class Ledger {
public:
    using CopyId = std::uint64_t;
    using Recipient = std::pair<CopyId, std::size_t>;

    CopyId open(std::size_t recipients, const std::string& priority, MonoTime now);
    void acknowledge(CopyId id);
    [[nodiscard]] Copy& copy(CopyId id) { return copies_.at(id); }
    [[nodiscard]] std::size_t acknowledged() const;
    [[nodiscard]] std::size_t delivered_recipients() const;

    void delivered(Recipient who);
    void returned(Recipient who);
    void excuse(Recipient who) { promise(who).excuses += 1; }
    /// What its file says about it, or that the file is gone, is not durable before the next
    /// all_durable().
    void settled(Recipient who);
    /// The program died between the one and the other.
    void never_settled(Recipient who);
    /// Only the history of a file that stays says so, and nobody syncs that.
    void only_noted(Recipient who);
    void all_durable() { unsure_.clear(); }
    /// What was not durable, or not even settled, may be tried once more.
    void power_cut();
    void deleted(Recipient who) { promise(who).deleted = true; }
    /// `present`: all recipients for whom there is mail in the queue, and whether it is held. What
    /// is not must be settled within `most`.
    void nobody_is_lost(const std::map<Recipient, bool>& present, MonoTime now, Duration most);

    void complain(const std::string& text);
    [[nodiscard]] const std::optional<std::string>& complaint() const { return complaint_; }
    [[nodiscard]] std::string summary() const;

    /// "r3.c1234@host.example" is recipient 3 of copy 1234.
    static std::string address(Recipient who, const std::string& host);
    static Recipient parse(std::string_view address);

private:
    Promise& promise(Recipient who) { return copies_.at(who.first).promises.at(who.second); }
    void not_too_often(Recipient who);

    std::vector<Copy> copies_;
    std::set<Recipient> in_hand_;  ///< delivered or returned, and the file does not know yet
    std::set<Recipient> unsure_;
    std::set<Recipient> only_noted_;
    std::optional<std::string> complaint_;
};

}  // namespace sluice::simulation
