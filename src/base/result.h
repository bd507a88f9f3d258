#pragma once

#include <cassert>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"

namespace sluice {

/// Value or Error, with the member names of std::expected so that it can become an alias of it one
/// day. Pass failures on with `return std::move(result).error();`.
template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;

    template <class U = T>
    requires std::is_constructible_v<T, U&&> &&
        (!std::is_same_v<std::remove_cvref_t<U>, Result>)&&(!std::is_same_v<
                                                            std::remove_cvref_t<U>,
                                                            Error>)
        // A value is a result; the constraint keeps this from hiding the copy and move
        // constructors.
        // NOLINTNEXTLINE(google-explicit-constructor,bugprone-forwarding-reference-overload)
        Result(U&& value)
        : state_(std::in_place_index<0>, std::forward<U>(value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor): so is a failure
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    [[nodiscard]] T& value() & { return checked(); }
    [[nodiscard]] const T& value() const& { return const_cast<Result*>(this)->checked(); }
    [[nodiscard]] T&& value() && { return std::move(checked()); }
    [[nodiscard]] T& operator*() & { return checked(); }
    [[nodiscard]] const T& operator*() const& { return value(); }
    [[nodiscard]] T&& operator*() && { return std::move(checked()); }
    [[nodiscard]] T* operator->() { return &checked(); }
    [[nodiscard]] const T* operator->() const { return &value(); }

    template <class U>
    [[nodiscard]] T value_or(U&& fallback) const& {
        return has_value() ? value() : static_cast<T>(std::forward<U>(fallback));
    }

    [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
    [[nodiscard]] Error&& error() && { return std::move(std::get<1>(state_)); }

private:
    T& checked() {
        assert(has_value());
        return std::get<0>(state_);
    }
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): a failure is a result
    Result(Error error) : state_(std::move(error)) {}

    [[nodiscard]] bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
    [[nodiscard]] Error&& error() && { return std::move(std::get<1>(state_)); }

private:
    std::variant<std::monostate, Error> state_;
};

}  // namespace sluice
