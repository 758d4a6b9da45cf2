#include "programs/events.hpp"

namespace poolmark::programs {

events_of::events_of(const std::filesystem::path& path) : words(path) { advance(); }

std::uint64_t events_of::word() {
    if (at_ == part_.size()) {
        part_ = words.next();
        at_ = 0;
    }
    return part_.empty() ? 0 : part_[at_++];
}

void events_of::advance() {
    more_ = false;
    std::uint64_t time = 0; // none is written
    for (;;) {
        const std::uint64_t first = word();
        if (part_.empty()) {
            return;
        }
        now.how = operation_of(first);
        now.block = first & low_48;
        switch (now.how) {
        case operation::none: continue; // what was left of a block
        case operation::time: time = first & low_60; continue;
        case operation::stack:
            now.stack = static_cast<std::uint32_t>((first & low_60) >> 8U);
            now.frames.resize(first & 0xFFU);
            for (std::uint64_t& frame : now.frames) {
                frame = word();
            }
            break;
        case operation::thread: break;
        default:
            now.time = time != 0 ? time : now.time + 1;
            if (allocates(now.how)) {
                const std::uint64_t request = word();
                now.align_log2 = align_log2_of(first);
                now.bytes = bytes_of(request);
                now.stack = stack_of(request);
            }
        }
        more_ = true;
        return;
    }
}

} // namespace poolmark::programs
