#pragma once

#include <string>
#include <string_view>

#include "rewrite/context.h"
#include "rewrite/first_host.h"
#include "rewrite/template.h"

namespace sluice::rewrite {

/// Conditions of the same kind, of which one has to hold. Satisfied where none was given.
class Alternatives {
public:
    void add(bool holds) {
        given_ = true;
        met_ = met_ || holds;
    }
    [[nodiscard]] bool hold() const { return !given_ || met_; }

private:
    bool given_ = false;
    bool met_ = false;
};

/// The first group of conditions that does not hold.
enum class Unmet {
    nothing,
    kind,
    direction,
    place,
    source,
    source_excluded,
    destination,
    destination_excluded,
    locality,
};

/// What does not hold and how things are, in words; "" for nothing.
std::string explain(Unmet unmet, const Context& context, Position position);

/// The conditions a template has stated so far, for one address. Refers to the context it was made
/// with.
class Conditions {
public:
    Conditions(const Context& context, Position position)
        : context_(context), position_(position) {}

    /// A condition without an argument; other kinds are ignored.
    void note(TokenKind kind);
    /// $M, $N, $Q or $C.
    void note_channel(TokenKind kind, std::string_view channel);
    /// $V or $Z, with what the directory said.
    void note_locality(TokenKind kind, bool is_local);

    [[nodiscard]] bool channels_hold() const;
    /// Forgets $M, $N, $Q and $C: they were checked by $1~.
    void forget_channels();
    [[nodiscard]] Unmet unmet() const;

private:
    const Context& context_;
    Position position_;
    Alternatives kind_;
    Alternatives direction_;
    Alternatives place_;
    Alternatives sources_;
    Alternatives destinations_;
    bool source_excluded_ = false;
    bool destination_excluded_ = false;
    bool wrong_locality_ = false;
};

}  // namespace sluice::rewrite
