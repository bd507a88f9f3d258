#include "mapping/entry_index.h"

#include <algorithm>
#include <string>

#include "mapping/pattern.h"

namespace sluice::mapping {

namespace {

constexpr std::size_t long_length = 8;
constexpr std::size_t short_length = 4;

std::uint64_t packed(std::string_view piece) {
    std::uint64_t value = 0;
    for (const char c : piece) value = value << 8U | static_cast<unsigned char>(c);
    return value;
}

/// Calls `use` with every piece of `length` octets that a text must contain to match `pattern`.
template <class Use>
void for_each_piece(const Pattern& pattern, std::size_t length, Use use) {
    for (const auto& element : pattern.elements()) {
        if (element.kind != Pattern::Kind::literal) continue;
        const auto literal = pattern.literal_of(element);
        for (std::size_t i = 0; i + length <= literal.size(); ++i) {
            use(packed(literal.substr(i, length)));
        }
    }
}

/// What an entry can be filed under, and how many entries of the table demand the same.
struct Place {
    enum class Kind : std::uint8_t { always, long_piece, short_piece, network };
    Kind kind = Kind::always;
    std::uint64_t piece = 0;
    Pattern::Network network;
    std::uint32_t count = 0xffffffff;
};

/// How many times each piece and each network is demanded in the whole table.
class Census {
public:
    explicit Census(const std::vector<const Pattern*>& patterns) {
        for (const auto* pattern : patterns) {
            for_each_piece(*pattern, long_length, [&](auto piece) { ++long_pieces_[piece]; });
            for_each_piece(*pattern, short_length, [&](auto piece) { ++short_pieces_[piece]; });
            for_each_network(*pattern, [&](const auto& network) {
                ++networks_[NetworkIndex::key(network.address, network.bits)];
            });
        }
    }

    /// The rarest demand of `pattern`; a long piece rather than a short one.
    [[nodiscard]] Place rarest(const Pattern& pattern) const {
        Place best;
        const auto offer = [&](Place::Kind kind, std::uint32_t count) {
            if (count >= best.count) return false;
            best.kind = kind;
            best.count = count;
            return true;
        };
        for_each_piece(pattern, long_length, [&](auto piece) {
            const auto count = long_pieces_.find(piece)->second;
            if (offer(Place::Kind::long_piece, count)) best.piece = piece;
        });
        for_each_piece(pattern, short_length, [&](auto piece) {
            const auto count = short_pieces_.find(piece)->second;
            if (offer(Place::Kind::short_piece, count)) best.piece = piece;
        });
        for_each_network(pattern, [&](const auto& network) {
            const auto key = NetworkIndex::key(network.address, network.bits);
            if (offer(Place::Kind::network, networks_.find(key)->second)) best.network = network;
        });
        return best;
    }

private:
    template <class Use>
    static void for_each_network(const Pattern& pattern, Use use) {
        for (const auto& element : pattern.elements()) {
            if (element.kind == Pattern::Kind::network) use(pattern.network_of(element));
        }
    }

    std::unordered_map<std::uint64_t, std::uint32_t> long_pieces_;
    std::unordered_map<std::uint64_t, std::uint32_t> short_pieces_;
    std::unordered_map<std::string, std::uint32_t> networks_;
};

}  // namespace

EntryIndex::EntryIndex(const std::vector<const Pattern*>& patterns)
    : in_use_(patterns.size() >= worthwhile) {
    if (!in_use_) return;
    const Census census(patterns);
    for (std::uint32_t i = 0; i < patterns.size(); ++i) {
        const Place place = census.rarest(*patterns[i]);
        switch (place.kind) {
            case Place::Kind::always:
                always_.push_back(i);
                break;
            case Place::Kind::long_piece:
                long_pieces_[place.piece].push_back(i);
                break;
            case Place::Kind::short_piece:
                short_pieces_[place.piece].push_back(i);
                break;
            case Place::Kind::network:
                networks_.add(place.network.address, place.network.bits, i);
                break;
        }
    }
}

void EntryIndex::candidates(std::string_view folded, std::vector<std::uint32_t>& entries) const {
    entries = always_;
    const auto collect = [&](const Pieces& pieces, std::size_t length) {
        if (pieces.empty()) return;
        for (std::size_t i = 0; i + length <= folded.size(); ++i) {
            const auto found = pieces.find(packed(folded.substr(i, length)));
            if (found == pieces.end()) continue;
            entries.insert(entries.end(), found->second.begin(), found->second.end());
        }
    };
    collect(long_pieces_, long_length);
    collect(short_pieces_, short_length);
    networks_.collect(folded, entries);
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
}

}  // namespace sluice::mapping
