// Stands in for the default resource of std::pmr while it lives, and counts what is asked for.
#pragma once

#include <cstddef>
#include <memory_resource>

namespace poolmark::benchmarks {

class counting_resource final : public std::pmr::memory_resource {
public:
    counting_resource() : outer_(std::pmr::set_default_resource(this)) {}
    ~counting_resource() override { std::pmr::set_default_resource(outer_); }
    counting_resource(const counting_resource&) = delete;
    counting_resource& operator=(const counting_resource&) = delete;

    [[nodiscard]] std::size_t made() const noexcept { return made_; }

private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        ++made_;
        return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        std::pmr::new_delete_resource()->deallocate(block, bytes, alignment);
    }
    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }

    std::size_t made_ = 0;
    std::pmr::memory_resource* outer_;
};

} // namespace poolmark::benchmarks
