#include "programs/frames.hpp"

#include <pthread.h>
#include <unwind.h>

#include <algorithm>
#include <cstring>

namespace poolmark::programs {

int walk_slowly(const void* caller, const void** into, int limit) noexcept {
    struct walk {
        const void* caller;
        const void** into;
        int count, limit;
    } state{caller, into, 0, limit};
    ::_Unwind_Backtrace([](_Unwind_Context* context, void* passed) {
        auto& to = *static_cast<walk*>(passed);
        const auto* const address = reinterpret_cast<const void*>(::_Unwind_GetIP(context));
        if (address != nullptr && (to.count != 0 || address == to.caller)) { // our own frames come first, and nothing behind the outermost
            to.into[to.count++] = address;
        }
        return to.count < to.limit ? _URC_NO_REASON : _URC_END_OF_STACK;
    }, &state);
    if (state.count == 0) {
        into[state.count++] = caller;
    }
    return state.count;
}

void frame_rules::expect(std::uint32_t unloads) noexcept {
    if (unloads != unloads_) [[unlikely]] {
        forget();
        unloads_ = unloads;
    }
}

void frame_rules::forget() noexcept {
    std::memset(rules_, 0, sizeof rules_);
    std::memset(kept_, 0, sizeof kept_);
    used_ = 0;
}

std::uint32_t frame_rules::same(const frame_record* from) const noexcept {
    const walked& known = kept_[slot_of(from)];
    if (known.from != from || known.record.caller != from->caller || (known.needs_pointer && known.record.frame_pointer != from->frame_pointer)) {
        return 0;
    }
    const auto* const stack = reinterpret_cast<const std::uintptr_t*>(from);
    for (std::uint32_t i = 0; i < known.count; ++i) {
        if (stack[known.at[i]] != known.word[i]) {
            return 0;
        }
    }
    return known.number;
}

void frame_rules::keep(std::uint32_t number) noexcept {
    if (last_.count <= walked::most) {
        last_.number = number;
        kept_[slot_of(last_.from)] = last_;
    }
}

#if defined(__x86_64__)

const frame_rule& frame_rules::rule_of(std::uintptr_t address) noexcept {
    auto slot = static_cast<std::uint32_t>(address * 0x9E3779B97F4A7C15U >> 40U) % slots;
    for (; rules_[slot].address != 0; slot = (slot + 1) % slots) {
        if (rules_[slot].address == address) [[likely]] {
            return rules_[slot];
        }
    }
    if (used_ >= slots / 4 * 3) {
        std::memset(rules_, 0, sizeof rules_);
        used_ = 0;
    }
    ++used_;
    return rules_[slot] = learn_frame_rule(address);
}

int frame_rules::walk(const frame_record* from, const void** into, int limit) noexcept {
    const auto frame = reinterpret_cast<std::uintptr_t>(from);
    last_.count = walked::most + 1;
    if (frame < low_ || frame >= high_) [[unlikely]] { // a stack that the program made
        return walk_slowly(from->caller, into, limit);
    }
    const auto word = [](std::uintptr_t at) { return *reinterpret_cast<const std::uintptr_t*>(at); };
    std::uintptr_t stack_pointer = frame + sizeof(frame_record);
    auto frame_pointer = reinterpret_cast<std::uintptr_t>(from->frame_pointer);
    const auto on_stack = [&](std::uintptr_t at) { return at >= frame && at <= high_ - sizeof(std::uintptr_t) && at % sizeof(std::uintptr_t) == 0; };
    last_.from = from;
    last_.record = *from;
    last_.needs_pointer = false;
    std::uint32_t words = 0;
    const auto note = [&](std::uintptr_t at) {
        const std::uintptr_t distance = (at - frame) / sizeof(std::uintptr_t);
        if (words < walked::most && distance <= 0xFFFF) {
            last_.at[words] = static_cast<std::uint16_t>(distance);
            last_.word[words++] = word(at);
        } else {
            words = walked::most + 1;
        }
    };
    std::uintptr_t pointer_from = 0; // where the frame pointer was read, as long as nobody has needed it
    bool pointer_noted = false;
    const auto need_pointer = [&] {
        if (pointer_from == 0) {
            last_.needs_pointer = true;
        } else if (!pointer_noted) {
            note(pointer_from);
            pointer_noted = true;
        }
    };
    const auto finish = [&](int found) {
        last_.count = static_cast<std::uint16_t>(words);
        return found;
    };
    into[0] = from->caller;
    int count = 1;
    while (count < limit) {
        const frame_rule& known = rule_of(reinterpret_cast<std::uintptr_t>(into[count - 1]));
        std::uintptr_t end = 0;
        switch (known.from) {
        case frame_rule::base::stack_pointer: end = stack_pointer; break;
        case frame_rule::base::frame_pointer:
            need_pointer();
            end = frame_pointer;
            break;
        case frame_rule::base::behind_frame_pointer:
            need_pointer();
            if (const std::uintptr_t at = frame_pointer + static_cast<std::uintptr_t>(std::intptr_t{known.end}); on_stack(at)) {
                note(at);
                end = word(at) - static_cast<std::uintptr_t>(std::intptr_t{known.end});
            }
            break;
        case frame_rule::base::other: return walk_slowly(from->caller, into, limit);
        default: return finish(count);
        }
        end += static_cast<std::uintptr_t>(std::intptr_t{known.end});
        const std::uintptr_t pointer_at = (known.pointer == frame_rule::saved::in_frame ? end : frame_pointer) + static_cast<std::uintptr_t>(std::intptr_t{known.pointer_at});
        if (end <= stack_pointer || !on_stack(end - 8) || (known.pointer != frame_rule::saved::kept && !on_stack(pointer_at))) [[unlikely]] {
            return count; // a table that is not true
        }
        if (known.pointer != frame_rule::saved::kept) {
            if (known.pointer == frame_rule::saved::at_frame_pointer) {
                need_pointer();
            }
            frame_pointer = word(pointer_at);
            pointer_from = pointer_at;
            pointer_noted = false;
        }
        stack_pointer = end;
        note(end - 8);
        const std::uintptr_t caller = word(end - 8);
        if (caller == 0) {
            return finish(count);
        }
        into[count++] = reinterpret_cast<const void*>(caller);
    }
    return finish(count);
}

void frame_rules::learn_stack() noexcept {
    std::memset(kept_, 0, sizeof kept_); // another thread's stack, when its file is taken over
    pthread_attr_t about{};
    void* low = nullptr;
    std::size_t bytes = 0;
    if (::pthread_getattr_np(::pthread_self(), &about) == 0) {
        if (::pthread_attr_getstack(&about, &low, &bytes) == 0) {
            low_ = reinterpret_cast<std::uintptr_t>(low);
            high_ = low_ + bytes;
        }
        ::pthread_attr_destroy(&about);
    }
}

#else

int frame_rules::walk(const frame_record* from, const void** into, int limit) noexcept {
    return walk_slowly(from->caller, into, limit);
}

void frame_rules::learn_stack() noexcept {}

#endif

} // namespace poolmark::programs
