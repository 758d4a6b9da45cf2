// Memory resources that are made for one container, or one request, and end with it. What workloads over whole containers compare.
//
//   new_delete_resource       container ──virtual──► operator new
//   monotonic_heap_buffers    container ──virtual──► monotonic ──► buffers from operator new, each time
//   monotonic_new_pages       container ──virtual──► monotonic ──► pages mapped anew, each time
//   monotonic_kept_buffer     container ──virtual──► monotonic ──► a buffer that was touched, the same each time
//   wink_out                  the same, and the container's destructor does not run
//   std_pmr_pool              container ──virtual──► the standard library's pool ──► operator new
//   pool_on_monotonic         container ──virtual──► the standard library's pool ──► monotonic_kept_buffer
//   pool_resource_virtual     container ──virtual──► size_class_pool
//   pool_resource_wink_out    the same, and the container's destructor does not run
//
// A way has an `about`, begin(), which gives the resource, and end(). It is made with the bytes that one container may take
// where nothing is used again: a smaller buffer throws std::bad_alloc.
#pragma once

#include "benchmarks/contenders/resources/catalog.hpp"
#include "benchmarks/contenders/type_list.hpp"
#include "pools/memory/upstream.hpp"

#include <cstddef>
#include <memory_resource>
#include <optional>

namespace poolmark {

// On pages of usual size, so that no way gains by huge ones.
class page_buffer {
public:
    explicit page_buffer(std::size_t bytes) : bytes_(bytes), begin_(small_page_source::allocate(bytes, 1)) {}
    page_buffer(const page_buffer&) = delete;
    page_buffer& operator=(const page_buffer&) = delete;
    ~page_buffer() { small_page_source::deallocate(begin_, bytes_, 1); }

    void make_resident() noexcept { small_page_source::prefault(begin_, bytes_); }
    [[nodiscard]] void* begin() const noexcept { return begin_; }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_; }

private:
    std::size_t bytes_;
    void* begin_;
};

// What most ways have in common.
struct scoped_way {
    static constexpr bool on_heap = false; // takes memory from operator new while the container is built
    static constexpr bool destroys = true; // the container before its memory
    void end() {}
};

struct new_delete_way : scoped_way {
    static constexpr const description& about = new_delete_resource_about;
    static constexpr bool on_heap = true;
    explicit new_delete_way(std::size_t /*bytes*/) {}
    std::pmr::memory_resource* begin() { return std::pmr::new_delete_resource(); }
};

namespace detail {
template <class Resource>
struct made_each_time : scoped_way {
    explicit made_each_time(std::size_t /*bytes*/) {}
    std::pmr::memory_resource* begin() { return &made.emplace(); }
    void end() { made.reset(); }
    std::optional<Resource> made;
};
} // namespace detail

struct std_pool_way : detail::made_each_time<std::pmr::unsynchronized_pool_resource> {
    static constexpr const description& about = std_pool_adapter::about;
    static constexpr bool on_heap = true;
    using made_each_time::made_each_time;
};

struct heap_monotonic_way : detail::made_each_time<std::pmr::monotonic_buffer_resource> {
    static constexpr description about{"monotonic_heap_buffers", family::peer,
                                       "std::pmr::monotonic_buffer_resource, its buffers from operator new each time"};
    static constexpr bool on_heap = true;
    using made_each_time::made_each_time;
};

struct pool_resource_way : detail::made_each_time<pool_resource> {
    static constexpr const description& about = pool_resource_virtual_about;
    using made_each_time::made_each_time;
};

struct pool_resource_wink_out_way : detail::made_each_time<pool_resource> {
    static constexpr description about{"pool_resource_wink_out", family::pool,
                                       "pool_resource ends with its memory; the container's destructor does not run"};
    static constexpr bool destroys = false;
    using made_each_time::made_each_time;
};

class new_pages_way : public scoped_way {
public:
    static constexpr description about{"monotonic_new_pages", family::peer,
                                       "std::pmr::monotonic_buffer_resource over pages mapped anew each time"};
    explicit new_pages_way(std::size_t bytes) : bytes_(bytes) {}
    std::pmr::memory_resource* begin() {
        const page_buffer& pages = pages_.emplace(bytes_);
        return &monotonic_.emplace(pages.begin(), pages.size(), std::pmr::null_memory_resource());
    }
    void end() {
        monotonic_.reset();
        pages_.reset();
    }

private:
    std::size_t bytes_;
    std::optional<page_buffer> pages_;
    std::optional<std::pmr::monotonic_buffer_resource> monotonic_;
};

class kept_buffer_way : public scoped_way {
public:
    static constexpr description about{"monotonic_kept_buffer", family::peer,
                                       "std::pmr::monotonic_buffer_resource over a touched buffer, the same each time"};
    explicit kept_buffer_way(std::size_t bytes) : buffer_(bytes) { buffer_.make_resident(); }
    std::pmr::memory_resource* begin() {
        return &monotonic_.emplace(buffer_.begin(), buffer_.size(), std::pmr::null_memory_resource());
    }
    void end() { monotonic_.reset(); }

private:
    page_buffer buffer_;
    std::optional<std::pmr::monotonic_buffer_resource> monotonic_;
};

struct wink_out_way : kept_buffer_way {
    static constexpr description about{"wink_out", family::pool,
                                       "monotonic_kept_buffer; the container's destructor does not run"};
    static constexpr bool destroys = false;
    using kept_buffer_way::kept_buffer_way;
};

class pool_on_monotonic_way : public scoped_way {
public:
    static constexpr description about{"pool_on_monotonic", family::peer,
                                       "std::pmr::unsynchronized_pool_resource over monotonic_kept_buffer"};
    explicit pool_on_monotonic_way(std::size_t bytes) : buffer_(room * bytes) {}
    std::pmr::memory_resource* begin() { return &pool_.emplace(buffer_.begin()); }
    void end() {
        pool_.reset();
        buffer_.end();
    }

private:
    static constexpr std::size_t room = 3; // chunks of each size double, so up to half of what it takes is unused

    kept_buffer_way buffer_;
    std::optional<std::pmr::unsynchronized_pool_resource> pool_;
};

using scoped_ways = type_list<new_delete_way, heap_monotonic_way, std_pool_way, new_pages_way, kept_buffer_way, pool_on_monotonic_way,
                              wink_out_way, pool_resource_way, pool_resource_wink_out_way>;

} // namespace poolmark
