#include "lint/inclusion.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "mapping/limits.h"
#include "mapping/matcher.h"

// A pattern without alternatives is a chain of atoms, each one octet of a set, any number of octets
// of a set, or an address. Inclusion of the languages is decided by walking through `narrow` while
// keeping the set of places where `wide` may be. An address in `narrow` is one indivisible letter:
// `wide` can take it by an address element of a wider network, or by a run of all octets that
// addresses are written with. Both patterns cut the same text there, since address elements always
// take the longest run. A back-reference counts as any text in `narrow` and as nothing in `wide`.
namespace sluice::lint {

namespace {

using mapping::Pattern;
using Set = Pattern::Set;
using Places = std::vector<std::uint32_t>;  // ascending

/// Pairs of places looked at before giving up, and octets of a pattern.
constexpr std::size_t most_pairs = 20'000;
constexpr std::size_t most_atoms = 600;

struct Atom {
    enum class Kind : std::uint8_t { octet, run, network, nothing };
    Kind kind = Kind::octet;
    Set set;
    const Pattern::Network* network = nullptr;
};

Set all_octets() {
    return Set().set();
}

Set octets_of(std::string_view text) {
    Set set;
    for (const char c : text) set.set(static_cast<unsigned char>(c));
    return set;
}

const Set& address_octets(const Pattern::Network& network) {
    static const Set v4 = octets_of("0123456789.");
    static const Set v6 = octets_of("0123456789abcdef:.ipv");
    return network.address.is_v6() ? v6 : v4;
}

std::vector<Atom> atoms_of(const Pattern& pattern, bool is_wide) {
    std::vector<Atom> atoms;
    for (const Pattern::Element& element : pattern.elements()) {
        switch (element.kind) {
            case Pattern::Kind::literal:
                for (const char c : pattern.literal_of(element))
                    atoms.push_back({Atom::Kind::octet, octets_of({&c, 1})});
                break;
            case Pattern::Kind::one:
                atoms.push_back({Atom::Kind::octet, all_octets()});
                break;
            case Pattern::Kind::run:
                atoms.push_back({Atom::Kind::run, all_octets()});
                break;
            case Pattern::Kind::one_of:
                atoms.push_back({Atom::Kind::octet, pattern.set_of(element)});
                break;
            case Pattern::Kind::run_of:
                atoms.push_back({Atom::Kind::run, pattern.set_of(element)});
                break;
            case Pattern::Kind::back_reference:
                atoms.push_back({is_wide ? Atom::Kind::nothing : Atom::Kind::run, all_octets()});
                break;
            case Pattern::Kind::network:
                atoms.push_back({Atom::Kind::network, {}, &pattern.network_of(element)});
                break;
        }
    }
    return atoms;
}

/// Octets that no set of either pattern tells apart, one of each kind.
std::vector<std::size_t> letters_of(const std::vector<Atom>& a, const std::vector<Atom>& b) {
    std::set<std::vector<bool>> seen;
    std::vector<std::size_t> letters;
    for (std::size_t octet = 0; octet < Set().size(); ++octet) {
        // Texts are compared in lower case.
        if (octet >= 'A' && octet <= 'Z') continue;
        std::vector<bool> signature;
        for (const auto* atoms : {&a, &b}) {
            for (const Atom& atom : *atoms) signature.push_back(atom.set.test(octet));
        }
        if (seen.insert(std::move(signature)).second) letters.push_back(octet);
    }
    return letters;
}

class Walk {
public:
    Walk(const Pattern& wide, const Pattern& narrow)
        : wide_(atoms_of(wide, true)), narrow_(atoms_of(narrow, false)) {}

    bool included() {
        if (wide_.size() > most_atoms || narrow_.size() > most_atoms) return false;
        letters_ = letters_of(wide_, narrow_);
        Places start{0};
        close(start);
        push(0, std::move(start));
        while (good_ && !waiting_.empty()) {
            const auto [at, places] = std::move(waiting_.back());
            waiting_.pop_back();
            expand(at, places);
        }
        return good_;
    }

private:
    /// A run may also be empty.
    void close(Places& places) const {
        for (std::size_t i = 0; i < places.size(); ++i) {
            const std::uint32_t at = places[i];
            if (at < wide_.size() && wide_[at].kind == Atom::Kind::run &&
                std::find(places.begin(), places.end(), at + 1) == places.end()) {
                places.push_back(at + 1);
            }
        }
        std::sort(places.begin(), places.end());
    }

    void push(std::size_t at, Places places) {
        // `narrow` goes on from here to some text, and `wide` cannot follow.
        if (places.empty() || seen_.size() >= most_pairs) {
            good_ = false;
            return;
        }
        if (seen_.emplace(at, places).second) waiting_.emplace_back(at, std::move(places));
    }

    void expand(std::size_t at, const Places& places) {
        if (at == narrow_.size()) {
            good_ = places.back() == wide_.size();
            return;
        }
        const Atom& atom = narrow_[at];
        if (atom.kind == Atom::Kind::network) return push(at + 1, after_network(places, atom));
        const bool run = atom.kind == Atom::Kind::run;
        if (run) push(at + 1, places);
        for (const std::size_t letter : letters_) {
            if (good_ && atom.set.test(letter))
                push(run ? at : at + 1, after_letter(places, letter));
        }
    }

    [[nodiscard]] Places after_letter(const Places& places, std::size_t letter) const {
        Places next;
        for (const std::uint32_t at : places) {
            if (at == wide_.size()) continue;
            const Atom& atom = wide_[at];
            const bool takes = atom.kind == Atom::Kind::octet || atom.kind == Atom::Kind::run;
            if (takes && atom.set.test(letter)) add(next, atom.kind, at);
        }
        close(next);
        return next;
    }

    [[nodiscard]] Places after_network(const Places& places, const Atom& letter) const {
        Places next;
        for (const std::uint32_t at : places) {
            if (at == wide_.size()) continue;
            const Atom& atom = wide_[at];
            const Set& octets = address_octets(*letter.network);
            const bool by_run = atom.kind == Atom::Kind::run && (octets & ~atom.set).none();
            const bool by_network =
                atom.kind == Atom::Kind::network && atom.network->bits <= letter.network->bits &&
                atom.network->address.matches_prefix(letter.network->address, atom.network->bits);
            if (by_run || by_network) add(next, atom.kind, at);
        }
        close(next);
        return next;
    }

    static void add(Places& places, Atom::Kind kind, std::uint32_t at) {
        const std::uint32_t to = kind == Atom::Kind::run ? at : at + 1;
        if (std::find(places.begin(), places.end(), to) == places.end()) places.push_back(to);
    }

    std::vector<Atom> wide_;
    std::vector<Atom> narrow_;
    std::vector<std::size_t> letters_;
    std::set<std::pair<std::size_t, Places>> seen_;
    std::vector<std::pair<std::size_t, Places>> waiting_;
    bool good_ = true;
};

bool is_one_text(const Pattern& pattern) {
    return std::all_of(pattern.elements().begin(), pattern.elements().end(), [](const auto& e) {
        return e.kind == Pattern::Kind::literal;
    });
}

bool matches(const Pattern& pattern, std::string_view text) {
    return mapping::Matcher(text).match(pattern, mapping::limits::comparison_steps) ==
           mapping::MatchResult::matched;
}

char member_of(const Set& set) {
    for (std::size_t octet = 'a'; octet < set.size(); ++octet) {
        if (set.test(octet)) return static_cast<char>(octet);
    }
    for (std::size_t octet = 0; octet < 'a'; ++octet) {
        if (set.test(octet)) return static_cast<char>(octet);
    }
    return 'x';
}

}  // namespace

std::optional<std::string> sample_text(const Pattern& pattern) {
    std::string text;
    std::vector<std::string> fields(pattern.field_count());
    for (const Pattern::Element& element : pattern.elements()) {
        std::string piece;
        switch (element.kind) {
            case Pattern::Kind::literal:
                piece = pattern.literal_of(element);
                break;
            case Pattern::Kind::one:
                piece = "x";
                break;
            case Pattern::Kind::one_of:
                piece = member_of(pattern.set_of(element));
                break;
            case Pattern::Kind::run:
            case Pattern::Kind::run_of:
                break;
            case Pattern::Kind::back_reference:
                piece = fields[element.operand];
                break;
            case Pattern::Kind::network:
                piece = pattern.network_of(element).address.to_string();
                break;
        }
        if (element.field >= 0) fields[static_cast<std::size_t>(element.field)] = piece;
        text += piece;
    }
    if (!matches(pattern, text)) return std::nullopt;
    return text;
}

bool covers(const Pattern& wide, const Pattern& narrow) {
    if (to_lower(wide.text()) == to_lower(narrow.text())) return true;
    if (is_one_text(narrow)) {
        const auto text = sample_text(narrow);
        return text && matches(wide, *text);
    }
    return Walk(wide, narrow).included();
}

}  // namespace sluice::lint
