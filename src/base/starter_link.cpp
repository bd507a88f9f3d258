#include "base/starter_link.h"

#include <utility>

namespace sluice {

namespace {

UniqueFd& starter() {
    static UniqueFd socket;
    return socket;
}

}  // namespace

void use_starter(UniqueFd socket) {
    starter() = std::move(socket);
}

int starter_socket() {
    return starter().get();
}

}  // namespace sluice
