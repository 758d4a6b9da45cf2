// A struct from the standard library's pool resource: what std::pmr makes of compact objects.
//
//   make ──virtual──► unsynchronized_pool_resource ──► blocks of the struct's size class ──► Allocator
//
// Good for: putting structs into a pool without a pool of one's own.
// Bad for:  speed and bytes at once: a virtual call for each object, and size classes that round up.
// Complexity: make and destroy O(1) and a virtual call each. Bytes: the struct rounded up to a size class, and a bit.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/layouts/slotted.hpp"

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <new>

namespace poolmark {

namespace detail {

// An allocator as a memory resource, up to a page's alignment.
template <class Allocator>
class allocator_resource final : public std::pmr::memory_resource {
public:
    explicit allocator_resource(const Allocator& allocator) : allocator_(allocator) {}

private:
    template <std::size_t Bytes>
    struct alignas(Bytes) unit {
        std::byte bytes[Bytes];
    };
    template <class Unit>
    using traits_of = typename std::allocator_traits<Allocator>::template rebind_traits<Unit>;

    template <class Unit>
    [[nodiscard]] void* take(std::size_t bytes) {
        typename traits_of<Unit>::allocator_type from(allocator_);
        return traits_of<Unit>::allocate(from, (bytes + sizeof(Unit) - 1) / sizeof(Unit));
    }
    template <class Unit>
    void give(void* block, std::size_t bytes) {
        typename traits_of<Unit>::allocator_type to(allocator_);
        traits_of<Unit>::deallocate(to, static_cast<Unit*>(block), (bytes + sizeof(Unit) - 1) / sizeof(Unit));
    }

    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        if (alignment > 4096) {
            throw std::bad_alloc();
        }
        return alignment <= 16 ? take<unit<16>>(bytes) : alignment <= 64 ? take<unit<64>>(bytes) : take<unit<4096>>(bytes);
    }
    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        alignment <= 16 ? give<unit<16>>(block, bytes)
        : alignment <= 64 ? give<unit<64>>(block, bytes) : give<unit<4096>>(block, bytes);
    }
    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }

    [[no_unique_address]] Allocator allocator_;
};

} // namespace detail

template <record Record, class Allocator = std::allocator<std::byte>>
class slotted_pmr : public struct_fields<Record> {
public:
    using record_type = Record;
    using allocator_type = Allocator;
    using object = Record;
    static constexpr description about{"slotted_pmr", family::layout,
                                       "a struct from a std::pmr::unsynchronized_pool_resource"};
    static constexpr bool keeps_memory = true;

    slotted_pmr() : slotted_pmr(Allocator()) {}
    explicit slotted_pmr(const Allocator& allocator) : upstream_(allocator), pool_(&upstream_) {}

    [[nodiscard]] object* make(const Record& values) {
        return ::new (pool_.allocate(sizeof(Record), alignof(Record))) Record(values);
    }
    void destroy(object* ended) noexcept { pool_.deallocate(ended, sizeof(Record), alignof(Record)); }

private:
    detail::allocator_resource<Allocator> upstream_;
    std::pmr::unsynchronized_pool_resource pool_;
};

static_assert(record_layout<slotted_pmr<vector2d>, vector2d>);

} // namespace poolmark
