// The memory of a bitmap_pool: slabs cut into aligned blocks, and outside of them a record for each block.
//
//   slab ──► │ block │ block │ block │ ...      description ──► │ record │ record │ record │ ...
//            aligned to the block's size                        never moves while the slab is there
//
// Good for: slabs that can go back one by one, once nothing in them is out.
// Bad for:  a few objects of many types: a first slab is 64 KiB of address space, with a page of records beside it.
// Complexity: grow() O(1) a slot, amortised; trim() and free_all() O(blocks). Bytes: 1 bit a slot, 64 to 110 a block.
// Threads:  one at a time.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/memory/poison.hpp"
#include "pools/bitmap/block.hpp"
#include "pools/bitmap/directory.hpp"
#include "pools/memory/upstream.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace poolmark {

template <std::size_t Stride, upstream_source Upstream>
class bitmap_blocks {
public:
    using block = bitmap_block<Stride>;

    explicit bitmap_blocks(std::size_t expected_objects) noexcept : first_slab_bytes_(bytes_for(expected_objects)) {}
    bitmap_blocks(const bitmap_blocks&) = delete;
    bitmap_blocks& operator=(const bitmap_blocks&) = delete;
    ~bitmap_blocks() {
        while (newest_ != nullptr) {
            release(std::exchange(newest_, newest_->older), &detail::deallocate_slab<Upstream>);
        }
    }

    void swap(bitmap_blocks& other) noexcept {
        directory.swap(other.directory);
        std::swap(newest_, other.newest_);
        std::swap(slab_bytes_, other.slab_bytes_);
        std::swap(first_slab_bytes_, other.first_slab_bytes_);
    }

    [[nodiscard]] std::size_t slab_bytes() const noexcept { return slab_bytes_; }

    // Takes a slab; all its slots are free and poisoned. Throws
    // std::bad_alloc and changes nothing where there is none.
    void grow() {
        const std::size_t bytes = Upstream::usable(next_slab_bytes());
        const std::size_t count = bytes / block::bytes;
        directory.make_room_for(directory.size() + count);
        newest_ = take(bytes, count, newest_);
        slab_bytes_ += bytes;
        for (std::size_t i = 0; i != count; ++i) {
            directory.enlist(newest_->blocks()[i]);
        }
    }

    // Every slot is free again. The slabs stay.
    void free_all() noexcept {
        for (std::size_t i = 0; i != directory.size(); ++i) {
            directory[i].free_all();
            directory.open_block(directory[i]);
            detail::poison(directory[i].slots_of(0), block::bytes);
        }
    }

    // Gives back each slab without a live slot. Returns the bytes given back.
    std::size_t trim() noexcept {
        const std::size_t before = slab_bytes_;
        for (slab** at = &newest_; *at != nullptr;) {
            slab* const here = *at;
            if (!here->is_empty()) {
                at = &here->older;
                continue;
            }
            *at = here->older;
            slab_bytes_ -= here->bytes;
            for (std::size_t i = 0; i != here->count; ++i) {
                directory.strike(here->blocks()[i]);
            }
            release(here, &deallocate_for_good<Upstream>);
        }
        if (slab_bytes_ == 0) {
            directory.release(&deallocate_for_good<Upstream>);
        } else if (slab_bytes_ != before) {
            directory.renumber();
        }
        return before - slab_bytes_;
    }

    bitmap_directory<block, Upstream> directory;

private:
    struct slab { // followed by the records of its blocks
        slab* older;
        std::byte* memory;
        std::size_t bytes;
        std::size_t count;

        [[nodiscard]] block* blocks() noexcept { return reinterpret_cast<block*>(this + 1); }
        [[nodiscard]] bool is_empty() noexcept {
            return std::all_of(blocks(), blocks() + count, [](const block& one) { return one.live() == 0; });
        }
        [[nodiscard]] static std::size_t described_bytes(std::size_t blocks) noexcept {
            return Upstream::usable(sizeof(slab) + blocks * sizeof(block));
        }
    };
    static_assert(sizeof(slab) % alignof(block) == 0);

    static constexpr std::size_t cache_line_bytes = 64;
    static constexpr std::size_t smallest_bytes = (std::max)(std::size_t{64} << 10, block::bytes);
    static constexpr std::size_t usual_bytes = (std::max)(std::size_t{2} << 20, block::bytes);

    [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t objects) noexcept {
        const std::size_t blocks = (std::min)(objects, usual_bytes) / block::slot_count + 1;
        return std::clamp(blocks * block::bytes, smallest_bytes, usual_bytes);
    }

    // Twice as much until it is one huge page, then an eighth of what
    // there is: slabs stay few, and yet small enough to fall empty.
    [[nodiscard]] std::size_t next_slab_bytes() const noexcept {
        const std::size_t eighth = slab_bytes_ / 8 / block::bytes * block::bytes;
        return (std::max)({first_slab_bytes_, (std::min)(slab_bytes_, usual_bytes), eighth});
    }

    [[nodiscard]] static slab* take(std::size_t bytes, std::size_t count, slab* older) {
        void* const described = allocate_slab<Upstream>(slab::described_bytes(count), cache_line_bytes);
        std::byte* memory = nullptr;
        POOLMARK_TRY {
            memory = static_cast<std::byte*>(allocate_slab<Upstream>(bytes, block::bytes));
        }
        POOLMARK_CATCH(...) {
            Upstream::deallocate(described, slab::described_bytes(count), cache_line_bytes);
            POOLMARK_RETHROW;
        }
        slab* const fresh = std::construct_at(static_cast<slab*>(described), slab{older, memory, bytes, count});
        for (std::size_t i = 0; i != count; ++i) {
            std::construct_at(fresh->blocks() + i)->base = reinterpret_cast<std::uintptr_t>(memory + i * block::bytes);
        }
        detail::poison(memory, bytes);
        return fresh;
    }

    static void release(slab* gone, detail::slab_deallocation* deallocate) noexcept {
        const std::size_t described = slab::described_bytes(gone->count);
        detail::unpoison(gone->memory, gone->bytes);
        deallocate(gone->memory, gone->bytes, block::bytes);
        deallocate(gone, described, cache_line_bytes);
    }

    slab* newest_ = nullptr;
    std::size_t slab_bytes_ = 0;
    std::size_t first_slab_bytes_;
};

} // namespace poolmark
