// How a strategy introduces itself: in tables, charts and cell identities.
#pragma once

#include <cstdint>
#include <string_view>

namespace poolmark {

// What kind of reuse it is. Pages group and colour strategies by it.
enum class family : std::uint8_t {
    fresh,     // new storage from the heap each time
    free_list, // released slots are kept and handed out again
    singleton, // objects built once, before they are asked for, and never given back
    layout,    // how the fields of an object are stored
    pool,      // storage that comes back in bulk
    peer,      // somebody else's library behind the same concept
    limit,     // does less than the question asks; shows what no answer can beat
    control    // work of a known amount: tests the run, answers nothing
};

struct description {
    std::string_view name; // snake_case, stable: it is part of each cell's identity
    family kind = family::fresh;
    std::string_view summary = {}; // one line, no full stop
    std::string_view package = {}; // the Debian package that brings it, for a peer
    bool available = true;         // false: this build lacks it; `package` says what to install
    bool (*present)() = nullptr;   // for what is opened at run time: whether this machine has it
    bool leading = false; // a pool that takes part from the quick preset on: one of the few to consider first

    [[nodiscard]] constexpr bool installed() const { return available && (present == nullptr || present()); }
};

//   static constexpr description about = leading({"slab_pool", ...});
[[nodiscard]] constexpr description leading(description one) noexcept {
    one.leading = true;
    return one;
}

[[nodiscard]] constexpr std::string_view to_string(family kind) noexcept {
    switch (kind) {
    case family::fresh: return "fresh";
    case family::free_list: return "free_list";
    case family::singleton: return "singleton";
    case family::layout: return "layout";
    case family::pool: return "pool";
    case family::peer: return "peer";
    case family::limit: return "limit";
    case family::control: return "control";
    }
    return "unknown";
}

} // namespace poolmark
