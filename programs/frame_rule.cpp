#include "programs/frames.hpp"

#if defined(__x86_64__)

#include <cstddef>
#include <cstring>

namespace poolmark::programs {
namespace {

// Runs what a table says of one function, up to one address.
struct frame_program {
    using base = frame_rule::base;
    using saved = frame_rule::saved;

    static constexpr std::uint64_t frame_pointer = 6, stack_pointer = 7, return_address = 16; // numbers of the System V ABI

    frame_rule now{};
    bool ends = false; // no return address: the outermost frame
    const unsigned char* at = nullptr;
    std::uintptr_t here = 0, wanted = 0;
    std::uint64_t code_factor = 1;
    std::int64_t data_factor = 1;

    template <class T>
    T fixed() noexcept {
        T value{};
        std::memcpy(&value, at, sizeof value);
        at += sizeof value;
        return value;
    }
    std::uint64_t unsigned_number() noexcept {
        std::uint64_t value = 0;
        unsigned shift = 0;
        for (unsigned char byte = 0x80; (byte & 0x80U) != 0; shift += 7) {
            byte = *at++;
            value |= std::uint64_t{byte & 0x7FU} << (shift & 63U);
        }
        return value;
    }
    std::int64_t signed_number() noexcept {
        std::uint64_t value = 0;
        unsigned shift = 0;
        unsigned char byte = 0x80;
        for (; (byte & 0x80U) != 0; shift += 7) {
            byte = *at++;
            value |= std::uint64_t{byte & 0x7FU} << (shift & 63U);
        }
        return static_cast<std::int64_t>(shift < 64 && (byte & 0x40U) != 0 ? value | ~std::uint64_t{0} << shift : value);
    }

    void set_end(std::uint64_t reg, std::int64_t offset) noexcept {
        now.from = reg == stack_pointer ? base::stack_pointer : reg == frame_pointer ? base::frame_pointer : base::other;
        now.end = static_cast<std::int32_t>(offset);
    }
    void save(std::uint64_t reg, std::int64_t offset) noexcept {
        if (reg == frame_pointer) {
            now.pointer = saved::in_frame;
            now.pointer_at = static_cast<std::int16_t>(offset);
        } else if (reg == return_address && offset != -8) {
            now.from = base::other;
        }
    }
    // `breg6 n` with a deref behind it or without: how functions that align their stack say where their frame is. False: another one.
    bool behind_frame_pointer(std::int64_t& offset, bool deref) noexcept {
        const std::uint64_t bytes = unsigned_number();
        const unsigned char* const end = at + bytes;
        bool known = bytes >= 2 && *at++ == 0x76;
        if (known) {
            offset = signed_number();
            known = at + (deref ? 1 : 0) == end && (!deref || *at == 0x06);
        }
        at = end;
        return known;
    }

    // False: something that this does not know.
    bool run(const unsigned char* end, const frame_rule& initial) noexcept {
        struct state {
            frame_rule kept;
            bool ends;
        } stack[8];
        std::size_t depth = 0;
        while (at < end && here <= wanted) {
            const unsigned char code = *at++;
            const std::uint64_t low = code & 0x3FU;
            std::uint64_t reg = 0;
            std::int64_t offset = 0;
            switch (code & 0xC0U) {
            case 0x40: here += low * code_factor; continue;
            case 0x80: save(low, static_cast<std::int64_t>(unsigned_number()) * data_factor); continue;
            case 0xC0: restore(low, initial); continue;
            default: break;
            }
            switch (code) {
            case 0x00: break;
            case 0x02: here += fixed<std::uint8_t>() * code_factor; break;
            case 0x03: here += fixed<std::uint16_t>() * code_factor; break;
            case 0x04: here += fixed<std::uint32_t>() * code_factor; break;
            case 0x05: reg = unsigned_number(); save(reg, static_cast<std::int64_t>(unsigned_number()) * data_factor); break;
            case 0x06: restore(unsigned_number(), initial); break;
            case 0x07: // undefined
                reg = unsigned_number();
                ends = ends || reg == return_address;
                break;
            case 0x08: restore(unsigned_number(), {}); break; // same value
            case 0x0A:
                if (depth == sizeof stack / sizeof *stack) {
                    return false;
                }
                stack[depth++] = {now, ends};
                break;
            case 0x0B:
                if (depth == 0) {
                    return false;
                }
                now = stack[--depth].kept;
                ends = stack[depth].ends;
                break;
            case 0x0C: reg = unsigned_number(); set_end(reg, static_cast<std::int64_t>(unsigned_number())); break;
            case 0x0D: set_end(unsigned_number(), now.end); break;
            case 0x0E: now.end = static_cast<std::int32_t>(unsigned_number()); break;
            case 0x0F:
                now.from = behind_frame_pointer(offset, true) ? base::behind_frame_pointer : base::other;
                now.end = static_cast<std::int32_t>(offset);
                break;
            case 0x10:
                reg = unsigned_number();
                if (const bool known = behind_frame_pointer(offset, false); reg == frame_pointer && known) {
                    now.pointer = saved::at_frame_pointer;
                    now.pointer_at = static_cast<std::int16_t>(offset);
                } else if (reg == frame_pointer || reg == return_address) {
                    return false;
                }
                break;
            case 0x11: reg = unsigned_number(); save(reg, signed_number() * data_factor); break;
            case 0x12: reg = unsigned_number(); set_end(reg, signed_number() * data_factor); break;
            case 0x13: now.end = static_cast<std::int32_t>(signed_number() * data_factor); break;
            case 0x2E: unsigned_number(); break; // bytes of arguments
            default: return false;
            }
        }
        return true;
    }
    void restore(std::uint64_t reg, const frame_rule& initial) noexcept {
        if (reg == frame_pointer) {
            now.pointer = initial.pointer;
            now.pointer_at = initial.pointer_at;
        }
    }
};

} // namespace

extern "C" const void* _Unwind_Find_FDE(void* address, void* bases); // of libgcc; what its own unwinder asks

frame_rule learn_frame_rule(std::uintptr_t address) noexcept {
    frame_rule unusual{address, 0, 0, frame_rule::base::other, frame_rule::saved::kept};
    struct {
        void *text, *data, *function;
    } bases{};
    const auto* const entry = static_cast<const unsigned char*>(_Unwind_Find_FDE(reinterpret_cast<void*>(address - 1), &bases));
    if (entry == nullptr) { // code without a table: nobody knows who called it
        unusual.from = frame_rule::base::outermost;
        return unusual;
    }
    frame_program program;
    program.at = entry;
    const auto entry_bytes = program.fixed<std::uint32_t>();
    const unsigned char* const back = program.at;
    const unsigned char* const common = back - program.fixed<std::int32_t>();
    const unsigned char* const instructions = program.at;
    program.at = common;
    const auto common_bytes = program.fixed<std::uint32_t>();
    if (entry_bytes == 0xFFFFFFFFU || common_bytes == 0xFFFFFFFFU) {
        return unusual;
    }
    program.at += 4; // its identifier
    if (const auto version = program.fixed<std::uint8_t>(); version != 1) {
        return unusual;
    }
    const char* const features = reinterpret_cast<const char*>(program.at);
    program.at += std::strlen(features) + 1;
    program.code_factor = program.unsigned_number();
    program.data_factor = program.signed_number();
    program.at += 1; // the number of the return address
    if (features[0] != 'z' || std::strchr(features, 'S') != nullptr) { // a frame that the kernel made for a signal
        return unusual;
    }
    unsigned char pointers = 0;
    const std::uint64_t feature_bytes = program.unsigned_number();
    const unsigned char* const start = program.at + feature_bytes;
    for (const char* feature = features + 1; *feature != '\0'; ++feature) {
        if (*feature == 'R') {
            pointers = *program.at++;
        } else if (*feature == 'L') {
            ++program.at;
        } else if (*feature == 'P' && (*program.at & 0x0FU) != 0 && *program.at != 0x50) {
            const unsigned form = *program.at & 0x07U;
            program.at += 1 + (form == 2 ? 2 : form == 3 ? 4 : 8);
        } else {
            return unusual;
        }
    }
    program.wanted = address - 1;
    program.here = 0; // before the function: all of this is run
    program.at = start;
    if (!program.run(common + 4 + common_bytes, {})) {
        return unusual;
    }
    const frame_rule initial = program.now;
    const unsigned form = pointers & 0x07U; // two pointers: the function's begin and length
    program.at = instructions + 2 * (form == 2 ? 2 : form == 3 ? 4 : 8);
    const std::uint64_t more = program.unsigned_number();
    program.at += more;
    program.here = reinterpret_cast<std::uintptr_t>(bases.function);
    if (!program.run(entry + 4 + entry_bytes, initial)) {
        return unusual;
    }
    program.now.address = address;
    program.now.from = program.ends ? frame_rule::base::outermost : program.now.from;
    return program.now;
}

} // namespace poolmark::programs

#endif
